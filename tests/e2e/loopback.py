"""Loopback ports and folders for servers a test starts.

`free_ports` gives TCP ports nobody listens on now; `answers` waits until a server sends its greeting; `open_folder` makes
a folder another user may enter. TimeoutError when nothing answers in time.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

HOST = "127.0.0.1"
_FIRST, _EACH = 10_240, 2_500  # ports; nine workers fit below 32768


def free_ports(count: int) -> tuple[int, ...]:
    """`count` different ports, all bound at once so that none is given twice, then let go.

    Below those the kernel gives to clients, and for each worker of a parallel run a range of its own: until the server
    listens, nobody else takes them.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = _FIRST + worker * _EACH
    candidates = iter(random.sample(range(first, first + _EACH), _EACH))
    with ExitStack() as stack:
        found: list[int] = []
        while len(found) < count:
            port = next(candidates)
            bound = stack.enter_context(socket.socket())
            with suppress(OSError):
                bound.bind((HOST, port))
                found.append(port)
        return tuple(found)


def answers(port: int, within: float = 20.0) -> None:
    """Return once `port` greets with 220."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((HOST, port), timeout=within) as peer:
                if peer.recv(4) == b"220 ":
                    peer.sendall(b"QUIT\r\n")
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"nothing greeted on port {port} within {within:.0f} s")


@contextmanager
def open_folder(name: str) -> Iterator[Path]:
    """A folder with a short path (Unix sockets allow about 100 characters) that every user may enter; removed after."""
    folder = Path(tempfile.mkdtemp(prefix=f"dlp-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
