"""The reader server: one child for each message, confined, killed when late; the server itself lives on."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dlp import reader
from dlp.errors import Unavailable
from dlp.extractors import opening
from dlp.extractors.content import Budget, Piece, Source, Stop, Text
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.mail.wire import decode_texts
from dlp.reader import BEGUN, HEADER, ChildLimits, Ending, read_apart, serve
from dlp.values import Texts

MAIL = b"Subject: hello\r\n\r\ntext\r\n"

Start = Callable[..., str]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`path = start(bounds, reading)`: a reader server in a process of its own; `reading` stands in for reading a message."""
    running: list[int] = []

    def forked(bounds: ChildLimits | None = None, reading: Callable[..., Texts] | None = None) -> str:
        path = str(tmp_path / "reader")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path)
            listening.listen(64)
            pid = os.fork()
            if pid == 0:
                _serve(listening, bounds or ChildLimits(), reading)
            running.append(pid)
        return path

    yield forked
    for pid in running:
        os.kill(pid, signal.SIGTERM)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, "the server died"


def _serve(listening: socket.socket, bounds: ChildLimits, reading: Callable[..., Texts] | None) -> None:
    status = 1
    try:
        told: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
        if reading is not None:
            reader.read = reading
        serve(listening, Limits(), bounds, lambda: bool(told))
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


def ask(path: str, raw: bytes, *, size: int | None = None, files: Ending = Ending.NONE) -> bytes:
    """What comes back over one connection after BEGUN, b"" when it is closed without an answer."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(20)
        asking.connect(path)
        try:
            asking.sendall(bytes([files]) + HEADER.pack(len(raw) if size is None else size) + raw)
            asking.shutdown(socket.SHUT_WR)
            answer = bytearray()
            while block := asking.recv(65_536):
                answer += block
        except ConnectionError:
            return b""
        return bytes(answer).removeprefix(BEGUN)


def texts(answer: bytes) -> Texts:
    (size,) = HEADER.unpack(answer[: HEADER.size])
    assert size == len(answer) - HEADER.size
    return decode_texts(answer[HEADER.size :])


def test_a_child_reads_as_this_process_does(start):
    assert texts(ask(start(), MAIL)) == read(MAIL, Limits())


def ended(how: Ending) -> bytes:
    """What the server says for a child that died."""
    return HEADER.pack(0) + bytes([how])


def die(*_: object, **__: object) -> Texts:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def hang(raw: bytes, limits: Limits, **_: object) -> Texts:
    if b"hang" in raw:
        time.sleep(60)
    return read(raw, limits)


def burn(raw: bytes, limits: Limits, **_: object) -> Texts:
    while b"burn" in raw:
        pass
    return read(raw, limits)


def swell(raw: bytes, limits: Limits, **_: object) -> Texts:
    if b"swell" in raw:
        bytearray(1 << 30)
    return read(raw, limits)


def fault(raw: bytes, limits: Limits, **_: object) -> Texts:
    if b"fault" in raw:
        ctypes.string_at(0)
    return read(raw, limits)


def write(raw: bytes, limits: Limits, **_: object) -> Texts:
    if b"write" in raw:
        with tempfile.TemporaryFile() as file:  # SIGXFSZ or OSError
            file.write(b"x" * 100_000)
            file.flush()
    return read(raw, limits)


def fail(raw: bytes, limits: Limits, **_: object) -> Texts:
    if b"fail" in raw:
        raise ValueError("a bug")
    return read(raw, limits)


@pytest.mark.parametrize(
    ("reading", "word", "bounds", "how"),
    [
        (hang, b"hang", ChildLimits(wall=0.3), Ending.TIME),
        (burn, b"burn", ChildLimits(cpu=1), Ending.TIME),
        (swell, b"swell", ChildLimits(memory=64 << 20), Ending.MEMORY),
        (write, b"write", ChildLimits(), Ending.CRASHED),
        (fail, b"fail", ChildLimits(), Ending.CRASHED),
        (fault, b"fault", ChildLimits(), Ending.CRASHED),
    ],
    ids=["hangs", "burns-cpu", "takes-memory", "writes-a-file", "has-a-bug", "segmentation-fault"],
)
def test_of_a_child_out_of_bounds_its_end_is_told_and_the_next_one_answers(start, reading, word, bounds, how):
    path = start(bounds, reading)
    assert ask(path, word) == ended(how)
    assert texts(ask(path, MAIL)).fields


def test_of_a_killed_child_its_end_is_told(start):
    path = start(ChildLimits(), die)
    assert [ask(path, MAIL) for _ in range(3)] == [ended(Ending.CRASHED)] * 3


@pytest.mark.parametrize("size", [len(MAIL) + 1, 1 << 40, (1 << 64) - 1], ids=["one-more", "terabyte", "largest"])
def test_a_message_shorter_than_announced_gives_no_answer(start, size):
    path = start(ChildLimits(memory=64 << 20))
    assert ask(path, MAIL, size=size) in (ended(Ending.CRASHED), ended(Ending.MEMORY), b"")
    assert texts(ask(path, MAIL)).fields


def test_of_a_child_that_nobody_asks_no_end_is_told(start):
    """Another `dlp serve` looks so whether somebody listens; nothing has failed."""
    path = start()
    with socket.socket(socket.AF_UNIX) as looking:
        looking.settimeout(20)
        looking.connect(path)
        looking.shutdown(socket.SHUT_WR)
        heard = bytearray()
        while block := looking.recv(100):
            heard += block
    assert bytes(heard) == BEGUN
    assert texts(ask(path, MAIL)).fields


def test_a_silent_caller_holds_a_place_for_its_time_only(start):
    path = start(ChildLimits(wall=0.5, children=1))
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(path)
        began = time.monotonic()
        assert texts(ask(path, MAIL)).fields
        assert time.monotonic() - began < 5


def test_no_more_children_than_allowed(start, tmp_path):
    """Eight callers, two places: each is served in its turn."""
    path = start(ChildLimits(children=2))
    answers: list[bytes] = []
    callers = [threading.Thread(target=lambda: answers.append(ask(path, MAIL))) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(answers) == 8
    assert all(texts(answer).fields for answer in answers)


def test_it_refuses_to_fork_beside_threads():
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with socket.socket(socket.AF_UNIX) as listening, pytest.raises(RuntimeError, match="single-threaded"):
            serve(listening, Limits(), ChildLimits(), lambda: True)
    finally:
        done.set()
        thread.join()


def test_a_message_read_apart_is_read_as_the_server_reads_it():
    assert read_apart(MAIL, Limits(), ChildLimits()) == read(MAIL, Limits())


def test_a_message_read_apart_that_kills_its_child_twice_is_unavailable(monkeypatch):
    monkeypatch.setattr(reader, "read", die)
    with pytest.raises(Unavailable, match="scan"):
        read_apart(MAIL, Limits(), ChildLimits())


TWO_FILES = (
    b'Subject: two files\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nsee the files\r\n'
    b"--b\r\nContent-Type: application/octet-stream; name=a.bin\r\n\r\n\x01bomb\r\n"
    b"--b\r\nContent-Type: application/octet-stream; name=b.bin\r\n\r\n\x01other\r\n--b--\r\n"
)


_SHORT = 0.2  # seconds: for files that take longer


def loops() -> None:
    while True:
        pass


def loops_in_c() -> None:
    hashlib.pbkdf2_hmac("sha256", b"", b"", 1 << 30)


def loops_and_catches() -> None:
    while True:
        with contextlib.suppress(Stop):
            loops()


@pytest.fixture
def bomb(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Texts]:
    """`texts = bomb(does)`: what is read, in `files` seconds, of two files of which one gives a text, then does something."""

    def read_it(does: Callable[[], object], files: float = 5.0) -> Texts:
        def extractor(source: Source, _budget: Budget) -> Iterator[Piece]:
            yield Text(f"begin of {source.names[0]}")
            if b"bomb" in source.data:
                does()

        monkeypatch.setattr(opening, "kinds", lambda *_: ("bomb",))
        monkeypatch.setattr(opening, "EXTRACTORS", {"bomb": extractor})
        monkeypatch.setattr(reader, "_GRACE", 0.3)
        return read_apart(TWO_FILES, Limits(), ChildLimits(wall=10, files=files, memory=128 << 20))

    return read_it


def unread(found: Texts) -> list[tuple[str, str, str]]:
    return [(part.section, part.status.value, part.why) for part in found.unread]


def shown(found: Texts) -> str:
    return "\n".join(view.text for view in found.views)


def test_a_file_that_takes_too_long_keeps_what_was_read_and_no_other_is_opened(bomb):
    found = bomb(loops, files=_SHORT)
    assert unread(found) == [("2", "truncated", "time"), ("3", "truncated", "time")]
    assert "begin of a.bin" in shown(found)
    assert "see the files" in shown(found)


def test_a_file_that_takes_too_much_memory_costs_only_itself(bomb):
    found = bomb(lambda: bytearray(1 << 30))
    assert unread(found) == [("2", "truncated", "memory")]
    assert "begin of b.bin" in shown(found)


@pytest.mark.parametrize(
    ("does", "status", "why"),
    [
        (loops_in_c, "truncated", "time"),
        (loops_and_catches, "truncated", "time"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "broken", "broken"),
        (lambda: ctypes.string_at(0), "broken", "crashed"),
        (lambda: os._exit(1), "broken", "crashed"),
    ],
    ids=["loops-in-c", "does-not-stop", "signals", "segmentation-fault", "exits"],
)
def test_a_decoder_that_ends_its_child_is_unread_and_the_text_beside_it_is_read(bomb, does, status, why):
    found = bomb(does, files=_SHORT if why == "time" else 5.0)
    assert unread(found)[0] == ("2", status, why)
    assert "see the files" in shown(found)


def test_where_files_are_not_to_be_opened_each_is_unread_with_the_word(start):
    found = texts(ask(start(), TWO_FILES, files=Ending.MEMORY))
    assert unread(found) == [("2", "truncated", "memory"), ("3", "truncated", "memory")]
    assert "see the files" in shown(found)
