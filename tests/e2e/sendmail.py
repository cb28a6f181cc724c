"""A Sendmail of our own, set up with the very lines of docs/install.md: its configuration, maps and queue in one folder.

Debian's package conflicts with Postfix's, so scripts/test-packages.sh unpacks it in var/sendmail. It runs as root, in a host
name of its own: with one that is not full it sleeps a minute, which no setting can forbid. `missing()` says why it cannot run;
`sendmail` raises RuntimeError or TimeoutError when it does not come up.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.loopback import HOST, answers

ROOT = Path(__file__).parents[2] / "var/sendmail"
PROGRAM = ROOT / "usr/libexec/sendmail/sendmail"
MAKEMAP = ROOT / "usr/libexec/sendmail/makemap"
PAGE = (Path(__file__).parents[2] / "docs/install.md").read_text(encoding="utf-8")
_LIBRARIES = ":".join(str(folder) for folder in sorted((*ROOT.glob("lib/*-linux-gnu*"), *ROOT.glob("usr/lib/*-linux-gnu*"))))
_ENVIRONMENT = {**os.environ, "LD_LIBRARY_PATH": _LIBRARIES}

# What a Sendmail has anyway, in a folder of its own; the lines of the page come after it.
_BASE = """\
divert(0)dnl
OSTYPE(`linux')dnl
define(`MAIL_SETTINGS_DIR', `{folder}/')dnl
define(`QUEUE_DIR', `{folder}/queue')dnl
define(`confPID_FILE', `{folder}/pid')dnl
define(`STATUS_FILE', `{folder}/statistics')dnl
define(`confHOST_STATUS_DIRECTORY', `')dnl
define(`confCONTROL_SOCKET_NAME', `')dnl
define(`confDOMAIN_NAME', `mx.campus.example')dnl
define(`confTO_IDENT', `0')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confREFUSE_LA', `100000')dnl
define(`confQUEUE_LA', `100000')dnl
define(`SMART_HOST', `relay:[{host}]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {last}')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`no_default_msa')dnl
DAEMON_OPTIONS(`Name=MTA, Addr={host}, Port={front}')dnl
"""
_MAILERS = "MAILER(`local')dnl\nMAILER(`smtp')dnl\n"


def missing() -> str:
    """Why no Sendmail can run here; "" when one can."""
    if os.geteuid() != 0:
        return "Sendmail runs as root only"
    if not PROGRAM.exists():
        return "no Sendmail in var/sendmail, where scripts/test-packages.sh unpacks it as root where there is apt"
    if subprocess.run(["unshare", "--uts", "true"], capture_output=True, check=False).returncode != 0:
        return "Sendmail needs a host name of its own, which this machine does not let us make (unshare --uts)"
    return ""


@dataclass(frozen=True, slots=True)
class Ports:
    """The listener in front, the one that asks nobody, and where all that leaves goes."""

    front: int
    back: int
    last: int


@contextmanager
def sendmail(folder: Path, ports: Ports, more: str = "", maps: Mapping[str, str] | None = None) -> Iterator[None]:
    """A daemon, until the end. `more` are further lines of sendmail.mc; `maps` the texts of files in /etc/mail."""
    (folder / "queue").mkdir(mode=0o700)
    ours = lines_of("Sendmail") + more
    for told, here in (("/run/dlp/milter", f"{folder}/milter"), ("Port=10026", f"Port={ports.back}")):
        ours = ours.replace(told, here)
    mc, cf = folder / "sendmail.mc", folder / "sendmail.cf"
    mc.write_text(_BASE.format(folder=folder, host=HOST, last=ports.last, front=ports.front) + ours + _MAILERS)
    macros = f"{ROOT}/usr/share/sendmail/cf/"
    m4 = shutil.which("m4", path=f"{ROOT}/usr/bin:{os.environ['PATH']}")
    cf.write_text(_run([m4, f"-D_CF_DIR_={macros}", f"{macros}m4/cf.m4", mc], cwd=f"{macros}cf"))
    for name, text in {"aliases": "", **(maps or {})}.items():
        (folder / name).write_text(text)
        if name != "aliases":
            _run([MAKEMAP, "-C", cf, "hash", folder / name], text)
    hostname = ["unshare", "--uts", "sh", "-c", 'hostname mx.campus.example && exec "$@"', "-"]
    _run([*hostname, PROGRAM, "-C", cf, "-bi"])
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen([*hostname, PROGRAM, "-C", cf, "-bD", "-q1s"], env=_ENVIRONMENT, stdout=log, stderr=log)
    try:
        answers(ports.front)
        answers(ports.back)
        yield
    finally:
        running.terminate()
        running.wait(30)


def lines_of(way: str) -> str:
    """What the page says for sendmail.mc."""
    (section,) = re.findall(rf"(?ms)^###+ {way}\n(.*?)^##", PAGE)
    return "".join(
        f"{line}\n"
        for line in re.findall(r"(?m)^ {4}((?:INPUT_MAIL_FILTER|define|DAEMON_OPTIONS|FEATURE|[A-Z_]+_DOMAIN)\(.*)$", section)
    )


def map_of(way: str, file: str) -> str:
    """What the page says for a file in /etc/mail."""
    (section,) = re.findall(rf"(?ms)^###+ {way}\n(.*?)^##", PAGE)
    (lines,) = re.findall(rf"(?m)^`/etc/mail/{file}`.*:\n\n((?: {{4}}.*\n)+)", section)
    return re.sub(r"(?m)^ {4}", "", lines)


@contextmanager
def spool_folder() -> Iterator[Path]:
    """Below /run: no folder above a socket may be open to all."""
    folder = Path(tempfile.mkdtemp(prefix="dlp-sendmail-", dir="/run"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _run(command: list[object], text: str = "", cwd: str | None = None) -> str:
    line = [str(word) for word in command]
    done = subprocess.run(line, input=text, capture_output=True, text=True, env=_ENVIRONMENT, cwd=cwd, timeout=60, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{Path(line[0]).name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout
