"""The reader server: forks one child for each message of the slow lane and lets it read there.

Takes connections on a Unix socket (a child says BEGUN, then a length-prefixed message is its request), gives the encoded
Texts back over the same connection, never a verdict. It is forked first, single-threaded and warm, so a child costs a
fork. A child that dies or outlives its limits is killed and its connection closed: the caller sees a lost answer,
which is never "clean".
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

import magic

from dlp.errors import ProtocolError, Unavailable
from dlp.events import event
from dlp.extractors.content import Recognise
from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail.opened import OpenFile
from dlp.mail.reading import read
from dlp.mail.wire import decode_texts, encode_texts, largest_answer
from dlp.values import Texts

_LOG = logging.getLogger("dlp.reader")

HEADER = struct.Struct("!Q")  # length of what follows, in bytes
BEGUN = b"\x06"  # a child's first word: from now on what goes wrong may be the message's doing


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What one reading may take: seconds of wall and CPU time, bytes of memory above the size at the fork."""

    wall: float = 40.0
    cpu: int = 20
    memory: int = 512 << 20
    children: int = 2


def serve(
    listening: socket.socket,
    limits: Limits,
    bounds: ChildLimits,
    stopped: Callable[[], bool],
    recognise: Recognise | None = None,
) -> None:
    """Serve until `stopped()`; children still at work are killed then, their callers answer 451.

    Raises RuntimeError when the process has threads: a fork would copy locks nobody will ever release.
    """
    if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208  names are all that is wanted
        raise RuntimeError("the reader server must be single-threaded")
    sniffer = magic.Magic(mime=True)

    def open_for(size: int) -> OpenFile:
        return opener(limits, size, sniffer.from_buffer, recognise=recognise)

    running: dict[int, float] = {}
    listening.settimeout(0.2)
    while not stopped():
        _reap(running)
        if len(running) >= bounds.children:
            select.select([], [], [], 0.005)
            continue
        try:
            connection, _ = listening.accept()
        except TimeoutError:
            continue
        with connection:
            pid = os.fork()
            if pid == 0:
                listening.close()
                _child(connection, limits, bounds, open_for)
        running[pid] = time.monotonic() + bounds.wall
    for pid in running:
        _kill(pid)


def _reap(running: dict[int, float]) -> None:
    for pid, deadline in list(running.items()):
        late = time.monotonic() > deadline
        if late:
            _kill(pid)
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            del running[pid]
            if status:
                event(_LOG, "child.died", level=logging.WARNING, what=_ending(os.waitstatus_to_exitcode(status), late=late))


def _ending(code: int, *, late: bool) -> str:
    """How a child that did not finish ended: late (we ended it), killed (CPU time, memory), crashed, or failed by itself."""
    if code > 0:
        return "failed"
    return "late" if late else "killed" if -code in (signal.SIGKILL, signal.SIGXCPU) else "crashed"


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def read_apart(
    raw: bytes, limits: Limits, bounds: ChildLimits, passwords: tuple[str, ...] = (), recognise: Recognise | None = None
) -> Texts:
    """One message read in a child of this process, which has no threads. Raises Unavailable("scan") when it does not end."""
    sniffer = magic.Magic(mime=True)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        pid = os.fork()
        if pid == 0:
            ours.close()
            _child(theirs, limits, bounds, lambda size: opener(limits, size, sniffer.from_buffer, passwords, recognise))
        theirs.close()
        ours.settimeout(bounds.wall)
        try:
            _receive(ours, len(BEGUN))
            ours.sendall(HEADER.pack(len(raw)))
            ours.sendall(raw)
            (size,) = HEADER.unpack(_receive(ours, HEADER.size))
            if size > largest_answer(limits):
                raise Unavailable("scan")
            return decode_texts(_receive(ours, size), size=len(raw))
        except (OSError, EOFError, ProtocolError):
            raise Unavailable("scan") from None
        finally:
            _kill(pid)
            os.waitpid(pid, 0)


def _child(connection: socket.socket, limits: Limits, bounds: ChildLimits, open_for: Callable[[int], OpenFile]) -> None:
    """Read one message and leave; whatever happens, this process never returns to the server's loop."""
    status = 1
    try:
        connection.settimeout(bounds.wall)
        _confine(bounds)
        connection.sendall(BEGUN)
        (size,) = HEADER.unpack(_receive(connection, HEADER.size))
        raw = _receive(connection, size)
        answer = encode_texts(read(raw, limits, open_file=open_for(len(raw))))
        connection.sendall(HEADER.pack(len(answer)))
        connection.sendall(answer)
        status = 0
    finally:
        os._exit(status)


def _confine(bounds: ChildLimits) -> None:
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123  pathlib would import more in the child
        size = int(statm.read().split()[0]) * resource.getpagesize()
    for what, value in (
        (resource.RLIMIT_AS, size + bounds.memory),
        (resource.RLIMIT_CPU, bounds.cpu),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        resource.setrlimit(what, (value, value))


def _receive(connection: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        got = connection.recv_into(view)
        if not got:
            raise EOFError
        view = view[got:]
    return bytes(data)
