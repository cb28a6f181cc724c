"""Fast and slow lane: the same Texts by both, and nothing but Unavailable when a child does not answer as it should."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.breakers import State
from dlp.errors import Unavailable
from dlp.lanes import Lanes
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.mail.wire import encode_texts, largest_answer
from dlp.reader import BEGUN, HEADER, ChildLimits, Ending, serve

PLAIN = b"Subject: hello\r\n\r\ntext\r\n"
ATTACHED = (
    b'Subject: hello\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\ntext\r\n'
    b"--b\r\nContent-Type: application/octet-stream; name=list.bin\r\n\r\n\x1f\x8b\x02\r\n--b--\r\n"
)
UNKNOWN = ATTACHED.replace(b"\x1f\x8b", b"\x01\x02")
LIMITS = Limits()
SLOW = Limits(fast_message=1)  # sends everything to the slow lane

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]


@pytest.fixture(scope="module")
def reader_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = str(tmp_path_factory.mktemp("run") / "reader")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(64)
        pid = os.fork()
        if pid == 0:
            try:
                told: list[int] = []
                signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
                serve(listening, LIMITS, ChildLimits(), lambda: bool(told))
            finally:
                os._exit(0)
    yield path
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)


async def test_a_file_that_has_a_reader_is_opened_by_a_child_and_the_rest_is_read_here(reader_path):
    lanes = Lanes(LIMITS, reader_path)
    assert (await lanes.read(PLAIN))[1] == "fast"
    texts, lane = await lanes.read(UNKNOWN)
    assert (lane, [part.why for part in texts.parts]) == ("fast", ["", "unsupported"])
    texts, lane = await lanes.read(ATTACHED)
    assert lane == "slow"
    assert [part.section for part in texts.parts]


@pytest.mark.parametrize("wrap", [bytes, memoryview], ids=["bytes", "view"])
@pytest.mark.parametrize(
    "raw",
    [
        *(PLAIN, b"", b"\r\n", b"no header at all", b"Subject: =?utf-8?q?caf=C3=A9?=\r\n\r\n\xff\xfe\r\n", b"A: b\r\n" * 100),
        UNKNOWN,
    ],
    ids=["plain", "empty", "one-line-break", "no-header", "8-bit", "header-only", "unknown file"],
)
async def test_both_lanes_give_the_same_texts(reader_path, raw, wrap):
    fast, _ = await Lanes(LIMITS, reader_path).read(wrap(raw))
    slow = await Lanes(SLOW, reader_path)._ask(wrap(raw), asyncio.Event())
    assert slow == encode_texts(fast) == encode_texts(read(raw, LIMITS))


async def test_twenty_messages_at_once_keep_their_own_texts(reader_path):
    lanes = Lanes(LIMITS, reader_path)
    mails = [ATTACHED.replace(b"hello", f"message {n}".encode()) for n in range(20)]
    given_back = await asyncio.gather(*(lanes.read(raw) for raw in mails))
    assert [texts.fields[0].value for texts, _ in given_back] == [f"message {n}" for n in range(20)]


async def test_a_message_over_the_fast_limit_goes_through_whole(reader_path):
    raw = b"Subject: long\r\n\r\n" + b"a line of text\r\n" * 200_000
    texts, lane = await Lanes(LIMITS, reader_path).read(memoryview(raw))
    assert lane == "slow"
    assert len(texts.views[-1].text) > 2_000_000


async def test_the_longest_text_allowed_comes_back(reader_path):
    """Two bytes for each character, and more characters than are read: the part is cut, the message is judged."""
    limits = Limits(text=3_000_000)
    raw = b"Subject: s\r\n\r\n" + ("\u0441\u0442\u0443\u0434\n" * 700_000).encode()
    texts, lane = await Lanes(LIMITS, reader_path).read(raw)
    assert lane == "slow"
    assert len(texts.views[-1].text) == 3_500_000
    assert not texts.unread
    cut = read(raw, limits)
    assert [part.why for part in cut.unread] == ["size"]
    assert len(encode_texts(cut)) < largest_answer(limits)


@pytest.mark.parametrize("sign", ["\U0001f600", "\\", '"', "\n", "\u0441"], ids=ascii)
def test_every_text_within_the_limit_fits_the_answer(sign):
    limits = Limits(text=1_000)
    rows = len(encode_texts(read(b"Subject: s\r\n\r\nx", limits)))
    raw = b"Subject: s\r\n\r\n" + b"x" + sign.encode() * 2_000
    assert len(encode_texts(read(raw, limits))) <= 4 * limits.text + rows + 20


HTML = b"Subject: s\r\nContent-Type: text/html\r\n\r\n"
HEAVY = {
    "a page of a megabyte": HTML + b"<p>Hello <b>you</b>\r\n" * 50_000,
    "a page of the fast lane": HTML + b"<b>" * 80_000,
    "two thousand parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\n\n\n" * 2_600,
    "lines of dashes": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--\n" * 100_000,
    "a header of fields": b"a:\n" * 85_000 + b"\nx",
    "four megabytes of a file nobody reads": ATTACHED.replace(b"\x1f\x8b", bytes(5) + b"#$%&/(\xff" * 590_000),
    "ten megabytes of letters of two bytes": b"Subject: s\r\n\r\n" + "\u0441\u0442 ".encode() * 2_000_000,
}


@pytest.mark.parametrize("raw", HEAVY.values(), ids=HEAVY)
async def test_reading_one_message_does_not_hold_up_the_others(reader_path, raw):
    reading = asyncio.create_task(Lanes(LIMITS, reader_path).read(raw))
    longest, turns = 0.0, 0
    while not reading.done():
        before = time.thread_time()  # a busy machine holds everything up
        await asyncio.sleep(0)
        longest, turns = max(longest, time.thread_time() - before), turns + 1
    await reading
    assert turns > 5
    assert longest < 0.3


async def asked(tmp_path: Path, answer: Answer, *, patience: float = 5.0, raw: bytes = ATTACHED) -> str:
    """The cause of the Unavailable a reader server that answers in this way leads to."""

    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(BEGUN)
        (size,) = HEADER.unpack((await reader.readexactly(1 + HEADER.size))[1:])
        await reader.readexactly(size)
        result = answer(reader, writer)
        if asyncio.iscoroutine(result):
            await result
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
        gone.set()

    gone = asyncio.Event()
    path = str(tmp_path / "r")
    server = await asyncio.start_unix_server(answering, path)
    try:
        with pytest.raises(Unavailable) as caught:
            await Lanes(LIMITS, path, patience).read(raw)
    finally:
        await gone.wait()
        server.close()
        await server.wait_closed()
    return caught.value.cause


def framed(answer: bytes) -> bytes:
    return HEADER.pack(len(answer)) + answer


BEYOND = encode_texts(read(PLAIN + b"x" * 5_000, LIMITS))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\0",
        HEADER.pack(10) + b"short",
        HEADER.pack(largest_answer(LIMITS) + 1),
        HEADER.pack((1 << 64) - 1),
        framed(b""),
        framed(b"no JSON"),
        framed(b"[" * 100_000),
        framed(b"\xff\xfe"),
        framed(b"{}"),
        framed(b"null"),
        framed(BEYOND),
    ],
    ids=[
        "nothing",
        "half-size",
        "cut",
        "too-large",
        "huge",
        "empty",
        "no-json",
        "deep",
        "no-text",
        "no-keys",
        "null",
        "beyond",
    ],
)
async def test_a_wrong_answer_is_unavailable(tmp_path, answer):
    """`beyond`: spans that end after the message did."""
    assert await asked(tmp_path, lambda _, writer: writer.write(answer)) == "scan"


@given(answer=st.binary(max_size=200))
@settings(max_examples=30, suppress_health_check=list(HealthCheck))
async def test_garbage_is_unavailable(tmp_path, answer):
    (tmp_path / "r").unlink(missing_ok=True)
    assert await asked(tmp_path, lambda _, writer: writer.write(framed(answer))) == "scan"


async def test_a_silent_child_is_waited_for_no_longer_than_patience(tmp_path):
    assert await asked(tmp_path, lambda reader, _writer: reader.read(1), patience=0.1) == "deadline"


async def test_a_message_nobody_began_to_read_is_not_blamed(tmp_path):
    with socket.socket(socket.AF_UNIX) as nobody_accepts:
        nobody_accepts.bind(str(tmp_path / "r"))
        nobody_accepts.listen()
        with pytest.raises(Unavailable, match="reader"):
            await Lanes(LIMITS, str(tmp_path / "r"), patience=0.1).read(ATTACHED)


async def test_no_message_opens_the_breaker(tmp_path):
    """Its child dies, and others do not."""

    async def child(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(BEGUN)
        (size,) = HEADER.unpack((await reader.readexactly(1 + HEADER.size))[1:])
        raw = await reader.readexactly(size)
        if b"kill" not in raw:
            writer.write(framed(encode_texts(read(raw, LIMITS))))
        writer.close()

    async with await asyncio.start_unix_server(child, str(tmp_path / "r")):
        lanes = Lanes(SLOW, str(tmp_path / "r"))
        for _ in range(4):
            with pytest.raises(Unavailable, match="scan"):
                await lanes.read(ATTACHED + b"kill")
        assert lanes.breaker.state is State.CLOSED


@pytest.mark.parametrize("ends", [1, 2], ids=["once", "twice"])
async def test_where_a_child_died_another_reads_all_but_the_files(tmp_path, ends):
    asked: list[int] = []

    async def child(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(BEGUN)
        files = (await reader.readexactly(1))[0]
        (size,) = HEADER.unpack(await reader.readexactly(HEADER.size))
        raw = await reader.readexactly(size)
        if raw == ATTACHED:
            asked.append(files)
        if raw == ATTACHED and len(asked) <= ends:
            writer.write(HEADER.pack(0) + bytes([Ending.TIME]))
        else:
            writer.write(framed(encode_texts(read(raw, LIMITS))))
        writer.close()

    async with await asyncio.start_unix_server(child, str(tmp_path / "r")):
        lanes = Lanes(SLOW, str(tmp_path / "r"))
        if ends == 1:
            assert await lanes.read(ATTACHED) == (read(ATTACHED, LIMITS), "slow")
        else:
            with pytest.raises(Unavailable, match="scan"):
                await lanes.read(ATTACHED)
        assert lanes.breaker.state is State.CLOSED
    assert asked == [Ending.NONE, Ending.TIME]


@pytest.mark.parametrize("word", [0, 9, 255])
async def test_an_end_nobody_knows_is_unavailable(tmp_path, word):
    assert await asked(tmp_path, lambda _, writer: writer.write(HEADER.pack(0) + bytes([word]))) == "scan"


async def test_no_reader_server_is_unavailable(tmp_path):
    with pytest.raises(Unavailable) as caught:
        await Lanes(LIMITS, str(tmp_path / "nobody")).read(ATTACHED)
    assert caught.value.cause == "reader"


async def test_a_probe_opens_the_breaker_where_nobody_reads_and_closes_it_where_somebody_does(reader_path):
    lanes = Lanes(LIMITS, reader_path)
    nobody = replace(lanes, socket_path=f"{reader_path}-nobody")
    for _ in range(3):
        with pytest.raises(Unavailable, match="scan"):
            await nobody.probe()
    assert lanes.breaker.state is not State.CLOSED
    await asyncio.sleep(0)
    lanes.breaker.allows(asyncio.get_running_loop().time() + 60)
    await lanes.probe()
    assert lanes.breaker.state is State.CLOSED
