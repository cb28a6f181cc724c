"""A Postfix of our own: its configuration, queue, log and ports in one temporary folder.

`PrivatePostfix(ports, folder)` gives three listeners: `submission` hands accepted mail to the filter over LMTP (after-queue),
`proxied` hands it over SMTP before accepting (before-queue), `reinjection` takes it back and relays all of it to one
next hop. The machine's own Postfix, if any, and /etc are never touched. `start` raises RuntimeError with the log when
Postfix does not come up; `missing()` says why it cannot run here at all.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.loopback import answers

_DATAGRAMS, _ENOUGH = Path("/proc/sys/net/unix/max_dgram_qlen"), 512
# Timers of seconds where the defaults are minutes, so a deferred message is tried again within a test.
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.campus.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
smtp_dns_support_level = disabled
lmtp_host_lookup = native
smtp_host_lookup = native
relayhost = [127.0.0.1]:{relay}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_authorized_xforward_hosts = 127.0.0.0/8
smtputf8_enable = yes
strict_smtputf8 = no
message_size_limit = 51200000
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
smtp_connect_timeout = 5s
smtpd_proxy_timeout = 100s
filter_destination_recipient_limit = 50
"""

MASTER = """\
{submission} inet n - n - - smtpd
  -o syslog_name=postfix/submission
  -o content_filter=filter:[127.0.0.1]:{lmtp}
  -o receive_override_options=no_address_mappings
  -o message_size_limit=50000000
  -o smtpd_forbid_bare_newline=normalize
  -o smtpd_forbid_bare_newline_exclusions=
{proxied} inet n - n - 50 smtpd
  -o syslog_name=postfix/proxied
  -o smtpd_proxy_filter=127.0.0.1:{smtp}
  -o smtpd_client_connection_count_limit=50
  -o message_size_limit=50000000
  -o smtpd_forbid_bare_newline=normalize
  -o smtpd_forbid_bare_newline_exclusions=
{reinjection} inet n - n - 160 smtpd
  -o syslog_name=postfix/reinjection
  -o content_filter=
  -o smtpd_proxy_filter=
  -o receive_override_options=no_unknown_recipient_checks,no_header_body_checks,no_milters
  -o local_header_rewrite_clients=
  -o smtpd_tls_security_level={second_pass_tls}
  -o smtpd_sasl_auth_enable=no
  -o smtpd_client_connection_count_limit=0
  -o smtpd_client_restrictions=permit_mynetworks,reject
  -o smtpd_helo_restrictions=
  -o smtpd_sender_restrictions=
  -o smtpd_recipient_restrictions=permit_mynetworks,reject
  -o smtpd_data_restrictions=
  -o smtpd_end_of_data_restrictions=
filter unix - - n - 10 lmtp
  -o lmtp_send_xforward_command=yes
  -o lmtp_data_done_timeout=600s
  -o disable_dns_lookups=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
  -o smtp_send_xforward_command=yes
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
showq unix n - n - - showq
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class PostfixPorts:
    """Its own three listeners (0 = there is none), the filter's two, and the next hop's one."""

    submission: int
    proxied: int
    reinjection: int
    lmtp: int
    smtp: int
    relay: int


@dataclass(frozen=True, slots=True)
class PostfixTls:
    """Encryption on its way to the filter, and back. `trusted`: CAs the filter's certificate, for `name`, is checked by."""

    trusted: Path | None = None
    name: str = ""
    own: Path | None = None  # key and certificate of the second pass, which then insists on TLS

    @property
    def main(self) -> str:
        """Lines of main.cf."""
        lines = []
        if self.trusted is not None:
            lines = ["lmtp_tls_security_level = verify", f"lmtp_tls_CAfile = {self.trusted}", "lmtp_tls_loglevel = 1"]
            lines.append(f"lmtp_tls_verify_cert_match = {self.name}")
        if self.own is not None:
            lines.append(f"smtpd_tls_chain_files = {self.own}")
        return "".join(f"{line}\n" for line in lines)


def missing() -> str:
    """Why no private Postfix can run here; "" when one can."""
    if shutil.which("postfix", path=_PATH) is None:
        return "Postfix is not installed"
    if os.geteuid() != 0:
        return "Postfix's master runs only as root; run this test as root"
    return ""


def _lengthen_queues() -> None:
    """As systemd does at boot. With the kernel's ten, more lines than that before postlogd runs make master, which would
    start it, wait for itself: nothing greets, and `postfix stop` hangs.
    """
    if int(_DATAGRAMS.read_text()) < _ENOUGH:
        _DATAGRAMS.write_text(str(_ENOUGH))


class PrivatePostfix:
    """Start it, use it, stop it; a context manager."""

    def __init__(
        self,
        ports: PostfixPorts,
        folder: Path,
        *,
        main: str = MAIN,
        master: str = MASTER,
        services: str = "",
        tls: PostfixTls | None = None,
    ) -> None:
        """`services` are further lines of master.cf."""
        self.ports = ports
        self._main, self._master, self._services = main, master, services
        self._tls = tls or PostfixTls()
        self._folder = folder
        self._configuration = folder / "etc"

    def __enter__(self) -> PrivatePostfix:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Write the configuration and start; returns when all three listeners greet (the filter may still be down)."""
        _lengthen_queues()
        self._configuration.mkdir(mode=0o755)
        (self._folder / "queue").mkdir(mode=0o755, exist_ok=True)
        (self._folder / "data").mkdir(mode=0o700)
        shutil.chown(self._folder / "data", "postfix", "postfix")
        values = {name: getattr(self.ports, name) for name in self.ports.__slots__}
        insists = "encrypt" if self._tls.own else "none"
        (self._configuration / "main.cf").write_text(self._main.format(folder=self._folder, **values) + self._tls.main)
        master = self._master.format(second_pass_tls=insists, **values)
        (self._configuration / "master.cf").write_text(master + self._services)
        started = self._run("postfix", "start")
        if started.returncode != 0:
            raise RuntimeError(f"Postfix did not start:\n{started.stderr}{self.log()}")
        for port in filter(None, (self.ports.submission, self.ports.reinjection, self.ports.proxied)):
            answers(port)

    def stop(self) -> None:
        self._run("postfix", "stop")

    def reload(self) -> None:
        self._run("postfix", "reload")

    def log(self) -> str:
        path = self._folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def queue_folder(self) -> Path:
        return self._folder / "queue"

    @property
    def pid(self) -> int:
        """Of master, whose children do the work."""
        return int((self.queue_folder / "pid/master.pid").read_text())

    def queue(self) -> list[dict[str, object]]:
        """What is still queued, as `postqueue -j` says it: queue_id, sender, recipients with their delay_reason."""
        return [json.loads(line) for line in self._run("postqueue", "-j").stdout.splitlines()]

    def flush(self) -> None:
        """Try everything deferred again now."""
        self._run("postqueue", "-f")

    def drained(self, within: float = 30.0) -> bool:
        """Whether the queue became empty in time."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if not self.queue():
                return True
            time.sleep(0.1)
        return False

    def flushed(self) -> bool:
        """Whether the queue becomes empty by trying again; what is asked of it while it reloads, it forgets."""
        for _ in range(6):
            self.flush()
            if self.drained(within=5.0):
                return True
        return False

    def deferred(self, within: float = 30.0) -> bool:
        """Whether something was put off, with a reason, in time."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if any(recipient.get("delay_reason") for item in self.queue() for recipient in item["recipients"]):  # type: ignore[attr-defined]
                return True
            time.sleep(0.1)
        return False

    def _run(self, program: str, command: str) -> subprocess.CompletedProcess[str]:
        line = (program, "-c", str(self._configuration), command)
        environment = {"PATH": _PATH, "LC_ALL": "C"}
        return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, env=environment)


_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
