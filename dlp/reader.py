"""The reader server: forks one child for each message of the slow lane, jails it and lets it read there.

Takes connections on a Unix socket: a child says BEGUN, then a request is what to do with files and a length-prefixed
message. Gives the encoded Texts back over the same connection, never a verdict. It is forked first, single-threaded and
warm, so a child costs a fork. For a child that dies or outlives its limits the server answers with the word for its end:
the caller sees a lost answer, which is never "clean", and may ask again for a reading in which no file is opened.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

import magic

from dlp import jail, recogniser
from dlp.config import Settings
from dlp.errors import ProtocolError, Unavailable
from dlp.events import event
from dlp.extractors.content import Recognise, Stop
from dlp.extractors.kinds import Sniff
from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail.entity import Description
from dlp.mail.opened import Opened, OpenFile
from dlp.mail.reading import read
from dlp.mail.wire import decode_texts, encode_texts, largest_answer
from dlp.values import PartStatus, Texts

_LOG = logging.getLogger("dlp.reader")

HEADER = struct.Struct("!Q")  # length of what follows, in bytes; of an answer 0 says that an Ending follows
BEGUN = b"\x06"  # a child's first word: from now on what goes wrong may be the message's doing
_OUT_OF_MEMORY = 3  # exit status
_TIME_OVER = (signal.SIGXCPU, signal.SIGVTALRM)
_GRACE = 3.0  # seconds of CPU time a decoder that does not listen has more than its file
_AGAIN = 0.1  # seconds until one that went on is told once more


class Ending(IntEnum):
    """How a child ended that gave no answer; in a request: what is said of every file, instead of opening it."""

    NONE = 0
    TIME = 1
    MEMORY = 2
    CRASHED = 3

    @property
    def unread(self) -> Opened:
        """What becomes of a file."""
        return Opened(PartStatus.BROKEN if self is Ending.CRASHED else PartStatus.TRUNCATED, self.name.lower())


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What one reading may take: seconds of wall and CPU time, of CPU time for its files, bytes above the size at the fork."""

    wall: float = 40.0
    cpu: int = 20
    files: float = 6.0
    memory: int = 512 << 20
    children: int = 2
    weak: bool = False  # jailed as far as the machine can

    @classmethod
    def of(cls, settings: Settings, children: int = 1) -> ChildLimits:
        """As the site's `[limits]` and `[workers] jail` say."""
        limits = settings.limits
        weak = settings.workers.jail == "weak"
        return cls(limits.child_seconds, limits.child_cpu, limits.files_cpu, limits.child_memory, children, weak)

    def shut_in(self, *keep: int) -> None:
        """Put this process into the jail, with these files open. Raises OSError."""
        jail.confine(memory=self.memory, cpu=self.cpu, keep=keep, weak=self.weak)


@dataclass(frozen=True, slots=True)
class _Child:
    pid: int
    connection: socket.socket
    deadline: float
    ended: int  # a pidfd


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
    opening = _Opening(limits, magic.Magic(mime=True).from_buffer, recognise=recognise)
    opening.sniff(b"text")  # the first question costs libmagic milliseconds, in each child anew
    gc.freeze()
    running: list[_Child] = []
    listening.settimeout(0.2)
    while not stopped():
        running = [child for child in running if not _reaped(child)]
        if not _asked(listening, running, bounds.children):
            continue
        try:
            connection, _ = listening.accept()
        except TimeoutError:
            continue
        pid = os.fork()
        if pid == 0:
            _child(connection, opening, bounds)
        running.append(_Child(pid, connection, time.monotonic() + bounds.wall, os.pidfd_open(pid)))
    for child in running:
        _kill(child.pid)


def _asked(listening: socket.socket, running: list[_Child], most: int) -> bool:
    """Wait a little until a child ends or, where there is room, somebody asks: whether somebody does."""
    waiting = select.poll()
    for child in running:
        waiting.register(child.ended, select.POLLIN)
    if len(running) < most:
        waiting.register(listening, select.POLLIN)
    nearest = min((child.deadline - time.monotonic() for child in running), default=1.0)
    return any(number == listening.fileno() for number, _ in waiting.poll(max(0.0, min(nearest, 0.2)) * 1000))


def _reaped(child: _Child) -> bool:
    """Whether it is gone; its caller is told when it went without an answer."""
    late = time.monotonic() > child.deadline
    if late:
        _kill(child.pid)
    ended, status = os.waitpid(child.pid, 0 if late else os.WNOHANG)
    if not ended:
        return False
    os.close(child.ended)
    with child.connection as connection:
        if status:
            code = os.waitstatus_to_exitcode(status)
            event(_LOG, "child.died", level=logging.WARNING, what=_ending(code, late=late))
            with contextlib.suppress(OSError):  # the caller has gone, or does not listen
                connection.send(HEADER.pack(0) + bytes([_why(code, late=late)]), socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
    return True


def _ending(code: int, *, late: bool) -> str:
    """How a child that did not finish ended: late (we ended it), killed (CPU time, memory), crashed, or failed by itself."""
    if code > 0:
        return "failed"
    return "late" if late else "killed" if -code in (signal.SIGKILL, *_TIME_OVER) else "crashed"


def _why(code: int, *, late: bool) -> Ending:
    if late or -code in _TIME_OVER:
        return Ending.TIME
    return Ending.MEMORY if code in (_OUT_OF_MEMORY, -signal.SIGKILL) else Ending.CRASHED


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def read_apart(
    raw: bytes, limits: Limits, bounds: ChildLimits, passwords: tuple[str, ...] = (), recognise: Recognise | None = None
) -> Texts:
    """One message read in a child of this process, which has no threads; once more without files where that dies.

    Raises Unavailable("scan") when that dies too.
    """
    opening = _Opening(limits, magic.Magic(mime=True).from_buffer, passwords, recognise)
    files = Ending.NONE
    for _ in range(2):
        answer = _asked_apart(raw, opening, bounds, files)
        if not isinstance(answer, Ending):
            return answer
        files = answer
    raise Unavailable("scan")


def _asked_apart(raw: bytes, opening: _Opening, bounds: ChildLimits, files: Ending) -> Texts | Ending:
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        _child(theirs, opening, bounds)
    theirs.close()
    late, answer = False, None
    with ours:
        ours.settimeout(bounds.wall)
        try:
            _receive(ours, len(BEGUN))
            ours.sendall(bytes([files]) + HEADER.pack(len(raw)))
            ours.sendall(raw)
            (size,) = HEADER.unpack(_receive(ours, HEADER.size))
            if size <= largest_answer(opening.limits):
                answer = decode_texts(_receive(ours, size), size=len(raw))
        except TimeoutError:
            late = True
            _kill(pid)
        except (OSError, EOFError, ProtocolError):
            pass
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return answer or _why(code, late=late)


@dataclass(frozen=True, slots=True)
class _Opening:
    """What opening the files of a message takes."""

    limits: Limits
    sniff: Sniff
    passwords: tuple[str, ...] = ()
    recognise: Recognise | None = None

    def read(self, raw: bytes, seconds: float, files: Ending) -> Texts:
        """One message, whose files have so many seconds, or are not opened."""
        if files:
            return read(raw, self.limits, open_file=lambda _data, _declared: files.unread)
        allowed = _FileTime(seconds + (recogniser.SECONDS if self.recognise else 0))
        open_file = opener(self.limits, len(raw), self.sniff, self.passwords, self.recognise, late=lambda: allowed.over)
        return read(raw, self.limits, open_file=allowed.opening(open_file))


def _child(connection: socket.socket, opening: _Opening, bounds: ChildLimits) -> None:
    """Read one message and leave; whatever happens, this process never returns to the server's loop."""
    status = 1
    try:
        connection.settimeout(bounds.wall)
        bounds.shut_in(connection.fileno())
        try:
            connection.sendall(BEGUN)
            files = Ending(_receive(connection, 1)[0])
        except (EOFError, ConnectionError):  # whoever called has gone, or only looked whether somebody listens
            os._exit(0)
        (size,) = HEADER.unpack(_receive(connection, HEADER.size))
        raw = _receive(connection, size)
        answer = encode_texts(opening.read(raw, bounds.files, files))
        connection.sendall(HEADER.pack(len(answer)))
        connection.sendall(answer)
        status = 0
    except MemoryError:
        status = _OUT_OF_MEMORY
    finally:
        os._exit(status)


@dataclass(slots=True)
class _FileTime:
    """CPU time for all files of a message. When it is over, what was read is kept; a decoder that goes on ends the child."""

    left: float
    over: bool = False
    inside: bool = False

    def opening(self, open_file: OpenFile) -> OpenFile:
        """The same within the time there is."""
        signal.signal(signal.SIGPROF, self._ring)
        signal.signal(signal.SIGVTALRM, signal.SIG_DFL)  # the end, in the middle of whatever is done

        def open_part(data: bytes, declared: Description) -> Opened:
            if self.over:
                return Ending.TIME.unread
            try:
                self.inside = True
                signal.setitimer(signal.ITIMER_PROF, self.left, _AGAIN)
                signal.setitimer(signal.ITIMER_VIRTUAL, self.left + _GRACE)
                opened = open_file(data, declared)
                self.inside = False
            except Stop:
                self.inside = False
                opened = Ending.TIME.unread
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            self.left, _ = signal.setitimer(signal.ITIMER_PROF, 0)
            if self.over and opened.status is PartStatus.READ:  # somebody caught it
                opened = replace(opened, status=PartStatus.TRUNCATED, why=Ending.TIME.name.lower())
            return opened

        return open_part

    def _ring(self, _number: int, _frame: object) -> None:
        self.over = True
        if self.inside:
            raise Stop(PartStatus.TRUNCATED, Ending.TIME.name.lower())


def _receive(connection: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        got = connection.recv_into(view)
        if not got:
            raise EOFError
        view = view[got:]
    return bytes(data)
