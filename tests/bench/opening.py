"""What opening files costs: the bare library, our reading of the file, the whole message, and a child with and without jail.

Takes nothing; gives a table of CPU milliseconds. A child's figure holds the server's fork, the wire both ways and what the
caller does with the answer; a file of 20 bytes costs little else. A file that is not read whole is a RuntimeError.
"""

from __future__ import annotations

import csv
import io
import os
import resource
import signal
import socket
import sys
import tempfile
import time
import zipfile
from base64 import encodebytes
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from types import MappingProxyType

import magic
import pypdfium2
from lxml import etree
from python_calamine import CalamineWorkbook

from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail.entity import Description
from dlp.mail.reading import read
from dlp.mail.wire import decode_texts
from dlp.reader import BEGUN, HEADER, ChildLimits, Ending, serve
from dlp.values import PartStatus, Texts
from tests.bench.attachments import attachments
from tests.bench.thread_time import milliseconds
from tests.rigs.document import markdown

REPEATS, NOTES, ROUNDS = 9, 100, 3
_HEAD = """\
From: Ann Mori <ann.mori@campus.example>
To: Ben Okoro <ben.okoro@campus.example>
Subject: The file
MIME-Version: 1.0
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="{name}"

{encoded}"""
_SNIFF = magic.Magic(mime=True).from_buffer


@dataclass(frozen=True, slots=True)
class _Free(ChildLimits):
    """A child that may do what it likes."""

    def shut_in(self, *keep: int) -> None:
        """It stays as it is."""


def costs() -> str:
    """The table, in Markdown."""
    rows: list[list[object]] = [
        ["slow lane", "KB", "bare library", "our reading", "ratio", "the whole message", "in a child", "in a jailed child"]
    ]
    rows += [[what, *_row(name, data)] for what, (name, data) in attachments().items()]
    rows.append(["20 bytes of text", *[""] * 5, *_figures(_in_children(_attached("note.txt", b"See you on Thursday."), NOTES))])
    return markdown(rows)


def _row(name: str, data: bytes) -> list[str]:
    raw = _attached(name, data)
    bare, ours, whole = milliseconds(
        REPEATS, partial(_BARE[Path(name).suffix], data), partial(_open, name, data), partial(_read, raw)
    )
    return [
        f"{len(data) / 1000:.0f}",
        *_figures((bare, ours)),
        f"{ours / bare:.1f}",
        *_figures((whole, *_in_children(raw, REPEATS))),
    ]


def _attached(name: str, data: bytes) -> bytes:
    return _HEAD.format(name=name, encoded=encodebytes(data).decode()).replace("\n", "\r\n").encode("ascii")


def _figures(taken: tuple[float, ...]) -> list[str]:
    return [f"{each:.1f}" for each in taken]


def _workbook(data: bytes) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()


def _pages(data: bytes) -> None:
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            page.get_textpage().get_text_range()


def _document(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        "".join(etree.fromstring(archive.read("word/document.xml")).itertext())


def _tables(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith(".zip"):
                _tables(archive.read(name))
            else:
                list(csv.reader(io.StringIO(archive.read(name).decode("ascii"))))


_BARE: Mapping[str, Callable[[bytes], None]] = MappingProxyType(
    {".xlsx": _workbook, ".pdf": _pages, ".docx": _document, ".zip": _tables}
)


def _open(name: str, data: bytes) -> None:
    opened = opener(Limits(), len(data), _SNIFF)(data, Description("application/octet-stream", filenames=(name,)))
    if opened.status is not PartStatus.READ or opened.shut:
        raise RuntimeError("a file was not read")


def _read(raw: bytes) -> None:
    _check(read(raw, Limits(), open_file=opener(Limits(), len(raw), _SNIFF)))


def _check(texts: Texts) -> None:
    if texts.unread:
        raise RuntimeError("a file was not read")


def _in_children(raw: bytes, count: int) -> tuple[float, float]:
    """CPU milliseconds of one message read in a child, without and with the jail."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for bounds, kept in zip((_Free(), ChildLimits()), taken, strict=True):
            start = _served(raw, bounds, 1)
            kept.append((_served(raw, bounds, count + 1) - start) / count * 1000)
    return median(taken[0]), median(taken[1])


def _served(raw: bytes, bounds: ChildLimits, count: int) -> float:
    """CPU seconds of a reader server that reads this so many times, of its children and of who asks."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.thread_time()
    with _server(bounds) as path:
        for _ in range(count):
            _check(_asked(path, raw))
        time.sleep(0.1)  # until it has waited for the last child, whose time would be lost
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    theirs = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return theirs + time.thread_time() - began


@contextmanager
def _server(bounds: ChildLimits) -> Iterator[str]:
    """A reader server in a process of its own; gives its socket's path."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listening:
        path = str(Path(folder) / "reader")
        listening.bind(path)
        listening.listen()
        pid = os.fork()
        if pid == 0:
            _serve(listening, bounds)
        try:
            yield path
        finally:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)


def _serve(listening: socket.socket, bounds: ChildLimits) -> None:
    try:
        told: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
        serve(listening, Limits(), bounds, lambda: bool(told))
    finally:
        sys.stderr.flush()
        os._exit(0)


def _asked(path: str, raw: bytes) -> Texts:
    """What a child answers, taken as the slow lane takes it."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(60)
        asking.connect(path)
        asking.sendall(bytes([Ending.NONE]) + HEADER.pack(len(raw)) + raw)
        with asking.makefile("rb") as answer:
            if answer.read(len(BEGUN)) != BEGUN:
                raise ConnectionError("this is no reading child")
            (size,) = HEADER.unpack(answer.read(HEADER.size))
            return decode_texts(answer.read(size), size=len(raw))
