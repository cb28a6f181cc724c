"""A PostgreSQL of our own: one server in a temporary folder, reached by a socket in it and by a loopback port.

`PrivatePostgres(folder)` makes the cluster, starts and stops it, kills or pauses its postmaster. As root it runs as
`postgres` or `nobody`. The machine's own cluster, if any, and /etc are never touched. `start` raises RuntimeError with the
log when it does not come up; `missing()` says why it cannot run here at all.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg

from tests.e2e.loopback import HOST, free_ports

PLACES = Path("/usr/lib/postgresql")  # Debian's; elsewhere the programs are on the path
ROLE = "dlp"

# Real durability, small buffers: what is tested is behaviour.
CONFIGURATION = """\
listen_addresses = '{host}'
port = {port}
unix_socket_directories = '{folder}'
max_connections = 120
shared_buffers = 32MB
autovacuum = off
fsync = on
max_wal_size = 256MB
log_destination = stderr
logging_collector = off
"""


def programs() -> Path | None:
    """The folder with `initdb` and `postgres`, of the newest version here."""
    on_path = shutil.which("initdb")
    found = sorted(PLACES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def missing() -> str:
    """Why no private PostgreSQL can run here; "" when one can."""
    return "" if programs() else "PostgreSQL is not installed; scripts/test-packages.sh installs it"


class PrivatePostgres:
    """Start it, use it, stop it; a context manager. Cut off or paused servers are brought back by `start` and `resume`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._user = _user()
        (self.port,) = free_ports(1)

    def __enter__(self) -> PrivatePostgres:
        self.initialise()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def folder(self) -> Path:
        """Everything of the cluster, its log included."""
        return self._folder

    def initialise(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._folder, self._user)
        self._run("initdb", "--auth=trust", f"--username={ROLE}", "--encoding=UTF8", "--no-locale", "-D", str(self._data))
        values = {"host": HOST, "port": self.port, "folder": self._folder}
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION.format(**values))

    def start(self, within: float = 60.0) -> None:
        """Returns when it takes connections, after recovery where there was something to recover."""
        with (self._folder / "log").open("ab") as log:
            command = [str(_program("postgres")), "-D", str(self._data)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, user=self._user, cwd=self._folder)
        deadline = time.monotonic() + within
        while True:
            try:
                return psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise RuntimeError(f"PostgreSQL did not start:\n{self.log()}") from None
            time.sleep(0.05)

    def stop(self) -> None:
        self._end(signal.SIGINT)  # fast: does not wait for clients

    def kill(self) -> None:
        """As by a power cut, but for the kernel's memory: an immediate shutdown, nothing is finished."""
        self._end(signal.SIGQUIT)

    def become_standby(self) -> None:
        """From now on it only repeats what a primary does; there is none, so nothing happens."""
        self.stop()
        (self._data / "standby.signal").touch()
        self.start()

    def pause(self) -> None:
        """Neither postmaster nor sessions do anything until `resume`."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal_all(signal.SIGCONT)

    def url(self, database: str, port: int = 0) -> str:
        return f"postgresql://{ROLE}@{HOST}:{port or self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """One statement on its own, as the server's administrator."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def log(self) -> str:
        path = self._folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(30)
        finally:
            self._process.kill()
            self._process = None

    def _signal_all(self, number: int) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)  # the postmaster first: it would replace a session that ends
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), number)

    def _run(self, name: str, *arguments: str) -> None:
        line = [str(_program(name)), *arguments]
        done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False, user=self._user, cwd=self._folder)
        if done.returncode != 0:
            raise RuntimeError(f"{name} failed:\n{done.stderr}")


def _program(name: str) -> Path:
    folder = programs()
    assert folder is not None
    return folder / name


def _user() -> str:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    return "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
