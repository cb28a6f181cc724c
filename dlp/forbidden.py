"""The jail's self-test: fourteen acts no reading child may do, each tried in a child of its own.

Takes what shuts a child in (or nothing, to see that an act is possible at all); gives the names of the acts that were not
prevented. An act counts as prevented only if it was refused or ended its process: one that fails otherwise proves nothing.
Needs a process without threads; it makes a temporary folder and sockets on loopback, and takes them away again.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import socket
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from dlp.jail import CALLS

_LIBC = ctypes.CDLL(None, use_errno=True)
_PTRACE_TRACEME = 0
_KEYCTL_JOIN_SESSION_KEYRING = 1
_DONE, _PREVENTED, _UNPROVEN = 0, 1, 2  # exit statuses of a child
_GIGABYTE = 1 << 30
_WRITABLE_BY_ALL = 0o777


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the acts are tried on."""

    folder: str
    tcp: tuple[str, int]
    udp: tuple[str, int]
    unix: str
    parent: int

    def within(self, name: str) -> str:
        return f"{self.folder}/{name}"


def _read_a_secret(grounds: Grounds) -> None:
    os.read(os.open(grounds.within("secret"), os.O_RDONLY), 1)


def _write_a_file(grounds: Grounds) -> None:
    os.write(os.open(grounds.within("written"), os.O_WRONLY | os.O_CREAT, 0o600), b"x")


def _connect_by_tcp(grounds: Grounds) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(grounds.tcp)


def _send_by_udp(grounds: Grounds) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", grounds.udp)


def _connect_to_a_unix_socket(grounds: Grounds) -> None:
    socket.socket(socket.AF_UNIX).connect(grounds.unix)


def _fork(_grounds: Grounds) -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _run_a_program(_grounds: Grounds) -> None:
    os.execv("/bin/true", ["true"])  # noqa: S606  that is the act


def _trace(_grounds: Grounds) -> None:
    _called(_LIBC.ptrace(_PTRACE_TRACEME, 0, None, None))


def _signal_the_parent(grounds: Grounds) -> None:
    os.kill(grounds.parent, 0)


def _raise_limits(_grounds: Grounds) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _mount(grounds: Grounds) -> None:
    _called(_LIBC.mount(b"none", grounds.folder.encode(), b"tmpfs", 0, None))
    _LIBC.umount(grounds.folder.encode())


def _make_a_keyring(_grounds: Grounds) -> None:
    keyctl = CALLS[platform.machine()].deadly["keyctl"]
    _called(_LIBC.syscall(keyctl, _KEYCTL_JOIN_SESSION_KEYRING, None))


def _open_the_store(grounds: Grounds) -> None:
    try:
        with closing(sqlite3.connect(grounds.within("store.db"))) as store:
            store.execute("SELECT * FROM held").fetchall()
    except sqlite3.Error as error:
        raise OSError from error


def _take_a_gigabyte(_grounds: Grounds) -> None:
    bytearray(_GIGABYTE)


def _called(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


ACTS: Mapping[str, Callable[[Grounds], None]] = MappingProxyType(
    {
        "read a secret file": _read_a_secret,
        "write a file": _write_a_file,
        "connect by TCP": _connect_by_tcp,
        "send by UDP": _send_by_udp,
        "connect to a Unix socket": _connect_to_a_unix_socket,
        "fork": _fork,
        "run a program": _run_a_program,
        "trace a process": _trace,
        "signal its parent": _signal_the_parent,
        "raise its limits": _raise_limits,
        "mount": _mount,
        "make a keyring": _make_a_keyring,
        "open the store": _open_the_store,
        "take a gigabyte": _take_a_gigabyte,
    }
)


def not_refused(shut_in: Callable[[], object]) -> tuple[str, ...]:
    """The acts a child still can do after `shut_in`; all of them where that raises."""
    with ExitStack() as held:
        folder = held.enter_context(tempfile.TemporaryDirectory(prefix="dlp-jail-"))
        grounds = _lay_out(folder, held)
        return tuple(name for name, act in ACTS.items() if not _prevented(act, grounds, shut_in))


def _lay_out(folder: str, held: ExitStack) -> Grounds:
    """Files and sockets that anybody may use, so that nothing but the jail can be in the way."""
    path = Path(folder)
    path.chmod(_WRITABLE_BY_ALL)
    (path / "secret").write_bytes(b"x")
    with closing(sqlite3.connect(path / "store.db")) as store:
        store.execute("CREATE TABLE held (message)")
    tcp, udp, unix = (
        held.enter_context(socket.socket(family, kind))
        for family, kind in (
            (socket.AF_INET, socket.SOCK_STREAM),
            (socket.AF_INET, socket.SOCK_DGRAM),
            (socket.AF_UNIX, socket.SOCK_STREAM),
        )
    )
    tcp.bind(("127.0.0.1", 0))
    udp.bind(("127.0.0.1", 0))
    unix.bind(str(path / "socket"))
    for each in (tcp, unix):
        each.listen()
    for name in ("secret", "store.db", "socket"):
        (path / name).chmod(_WRITABLE_BY_ALL)
    return Grounds(folder, tcp.getsockname(), udp.getsockname(), str(path / "socket"), os.getpid())


def _prevented(act: Callable[[Grounds], None], grounds: Grounds, shut_in: Callable[[], object]) -> bool:
    pid = os.fork()
    if pid == 0:
        _try(act, grounds, shut_in)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code in (_PREVENTED, -signal.SIGSYS)


def _try(act: Callable[[Grounds], None], grounds: Grounds, shut_in: Callable[[], object]) -> None:
    """In a child: never returns."""
    status = _UNPROVEN
    try:
        shut_in()
        try:
            act(grounds)
            status = _DONE
        except (PermissionError, BlockingIOError, MemoryError):  # a limit on processes says: try again
            status = _PREVENTED
        except OSError as error:
            status = _PREVENTED if error.errno is None else _UNPROVEN
    finally:
        os._exit(status)
