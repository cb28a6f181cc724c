"""Our own program as a test starts it: `dlp init`, `dlp serve` with a configuration for the bench, and commands beside it.

`Relay(ports, folder, next_hop=...)` is started and stopped like the real service, by its signals. As root it serves as
`nobody` when that user can reach the program, else as root. The environment variable DLP names another command to test.
`start` raises RuntimeError with the log when it does not become ready, and with what each of its processes was doing.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from tests.rigs import tree

PROGRAM = os.environ.get("DLP") or str(Path(sys.executable).with_name("dlp"))
READY = '"event": "serve.ready"'

CONFIGURATION = """\
[site]
domains = ["campus.example"]
user = "{user}"
data_dir = "{folder}/var"

[receive]
lmtp = "127.0.0.1:{lmtp}"
smtp = "127.0.0.1:{smtp}"
hostname = "relay.campus.example"
submission_clients = ["127.0.0.0/8"]

[forward]
next_hop = "{next_hop}"

[metrics]
listen = "{metrics}"

[workers]
receivers = {receivers}
"""


@dataclass(frozen=True, slots=True)
class RelayPorts:
    lmtp: int
    smtp: int
    metrics: int = 0  # 0 = off


class Relay:
    """Start it, use it, stop it; a context manager."""

    def __init__(
        self,
        ports: RelayPorts,
        folder: Path,
        *,
        next_hop: str,
        receivers: int = 2,
        overrides: Sequence[str] = (),
        more: str = "",
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`overrides` are texts for `--set`, as in "policy.mode=observe", for commands as well; `more` are further sections
        of the file, `environment` further variables.
        """
        self.ports = ports
        self._overrides = [word for text in overrides for word in ("--set", text)]
        self._folder = folder
        self._user = serving_user()
        values = {"user": self._user, "folder": folder, "lmtp": ports.lmtp, "smtp": ports.smtp}
        values["metrics"] = f"127.0.0.1:{ports.metrics}" if ports.metrics else ""
        self._configuration = CONFIGURATION.format(next_hop=next_hop, receivers=receivers, **values) + more
        self._environment = {**os.environ, "PYTHONFAULTHANDLER": "1", **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Relay:
        self.initialise()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def initialise(self) -> None:
        """Keys and folders as `dlp init` makes them, then our configuration in place of the one it wrote."""
        shutil.copytree(_initialised(), self._folder, dirs_exist_ok=True)
        self._file.write_text(self._configuration)
        if os.geteuid() == 0:
            for path in (self._folder, *self._folder.rglob("*")):
                shutil.chown(path, self._user)

    def start(self, within: float = 90.0) -> None:
        with self._log_file.open("ab") as log:
            started_at = log.tell()
            self._process = subprocess.Popen(
                [PROGRAM, "serve", "--config", str(self._file), *self._overrides],
                stdout=log,
                stderr=log,
                env=self._environment,
            )
        deadline = time.monotonic() + within
        while READY not in self.log()[started_at:]:
            if self._process.poll() is not None or time.monotonic() > deadline:
                if self._process.poll() is None:
                    _tell_what_they_do(self._process.pid)
                self.stop()
                raise RuntimeError(f"the relay did not become ready:\n{self.log()[started_at:]}")
            time.sleep(0.05)

    def stop(self, within: float = 60.0) -> int:
        """SIGTERM, and wait; the exit status."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(within)
        finally:
            self._process.kill()
            self._process = None

    def gone(self, within: float = 60.0) -> None:
        """Wait for one that was killed; then it may be started again."""
        assert self._process is not None, "not started"
        self._process.wait(within)
        self._process = None

    @property
    def pid(self) -> int:
        """Of the supervisor, whose children do the work."""
        assert self._process is not None, "not started"
        return self._process.pid

    def log(self) -> str:
        return self._log_file.read_text(errors="replace") if self._log_file.exists() else ""

    def command(self, *words: str) -> str:
        """Standard output of `dlp WORDS --config FILE`; RuntimeError with its last words when it fails."""
        line = [PROGRAM, *words, "--config", str(self._file), *self._overrides]
        done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"dlp {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def held(self) -> list[dict[str, object]]:
        """Every held copy, as `dlp held list --json` prints it."""
        return [json.loads(line) for line in self.command("held", "list", "--json", "--limit", "100000").splitlines()]

    @property
    def _file(self) -> Path:
        return self._folder / "config.toml"

    @property
    def _log_file(self) -> Path:
        return self._folder / "relay.log"


@cache
def _initialised() -> Path:
    """A folder by `dlp init`, once for all relays of this process; removed when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="dlp-init-"))
    atexit.register(shutil.rmtree, folder)
    subprocess.run([PROGRAM, "init", str(folder / "site")], check=True, capture_output=True, timeout=60)
    return folder / "site"


def _tell_what_they_do(supervisor: int) -> None:
    """Each process writes its stack to its log, by faulthandler, and ends."""
    for pid in (*tree.descendants(supervisor), supervisor):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGABRT)
    time.sleep(1.0)


def serving_user() -> str:
    """`nobody` when we are root and it can reach the interpreter and the program, else the user we are."""
    me = pwd.getpwuid(os.geteuid()).pw_name
    needed = (Path(sys.executable).resolve(), Path(__file__).resolve(), Path(sys.prefix).resolve() / "bin")
    reachable = all(folder.stat().st_mode & 0o001 for path in needed for folder in path.parents)
    return "nobody" if os.geteuid() == 0 and reachable else me
