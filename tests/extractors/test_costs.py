"""Files that would take more time or memory than their size: each ends within a bound that is far above what it takes."""

from __future__ import annotations

import contextlib
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from dlp.extractors import archives, pdf_content, pdf_leftovers, seven_zip_locks
from dlp.extractors.content import Budget, File, Source, Stop
from dlp.extractors.pdf_fonts import Fonts
from dlp.extractors.pdf_objects import objects
from dlp.extractors.rtf import rtf
from dlp.limits import Limits
from tests.extractors.pdf_writer import build, page, shown, stream
from tests.extractors.read import FILES, pieces

SECONDS = 10.0  # of CPU time: on a slow machine a tenth of it is taken, square time takes more
PLAIN = build(page(shown(b"hello")))


def budget() -> Budget:
    return Budget.of(Limits(), 0)


def font_map(data: bytes, fonts: int = 1) -> bytes:
    """A file whose fonts share this map."""
    font = b"<< /Type /Font /ToUnicode 6 0 R >>"
    return build(page(b"") | {6: stream(data)} | {7 + number: font for number in range(fonts)})


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.replace(b"xref\n", (b"%1" * 50 + b"\n") * 3_000 + b"xref\n", 1),
        PLAIN + b"5 0 obj 7 endobj\n" * 8_000 + b"6 0 obj << /Length 5 0 R >> stream\nxendstream endobj\n" * 8_000,
        PLAIN
        + b"".join(b"5 0 obj %d endobj 6 0 obj << /Length 5 0 R >> stream\nxendstream endobj\n" % at for at in range(16_000)),
        PLAIN + b"5 0 obj << /ToUnicode 5 0 R /Font 5 0 R >> stream\nBT beginbfchar <41><42> endbf (a) Tj endstream\n" * 1_000,
        font_map(b"beginbfchar" * 20_000),
        font_map(b"beginbfrange" + b"<0><0>[" * 40_000 + b"endbfrange"),
        font_map(b"beginbfrange" + b"<0000><00ff><0041>" * 200_000 + b"endbfrange"),
        build(page(b"") | {7: b"<< /RC (" + b"<p " * 80_000 + b") >>"}),
    ],
    ids=[
        "comments",
        "lengths",
        "lengths-that-differ",
        "fonts-of-one-number",
        "maps-without-end",
        "lists-without-end",
        "ranges",
        "markup",
    ],
)
def test_a_pdf_takes_no_more_time_than_its_size(data):
    start = time.process_time()
    with contextlib.suppress(Stop):
        list(pdf_leftovers.read(data, lambda _: False, budget()))
    assert time.process_time() - start < SECONDS


def test_a_map_that_fonts_share_is_read_once():
    pairs = b"".join(b"<%04X> <%04X>" % (code, code) for code in range(1_000))
    left = budget()
    fonts = Fonts.of(list(objects(font_map(b"beginbfchar" + pairs + b"endbfchar", 40), left)), left)
    assert len(fonts.meant) == 40
    assert len({id(table) for tables in fonts.meant.values() for table, _ in tables}) == 1
    assert left.elements == Limits().elements - 1_000


def members(*_: object, **__: object) -> Iterator[File]:
    for number in range(40):
        yield File(number.to_bytes(1, "big") * (1 << 20))


def read_disc() -> None:
    for _ in archives.iso(Source(bytes(33_000)), budget()):
        pass


@pytest.mark.parametrize(
    "read",
    [
        lambda: pdf_content.shown(b"q " * 200_000),
        lambda: pieces(rtf, Source(rb"{\rtf1{\colortbl " + b";" * 400_000 + b"}}")),
        read_disc,
    ],
    ids=["states", "colours", "disc"],
)
def test_what_is_kept_is_small(monkeypatch: pytest.MonkeyPatch, read: Callable[[], object]):
    monkeypatch.setattr(archives, "_members", members)
    tracemalloc.start()
    try:
        read()
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_the_header_of_a_7z_is_taken_from_what_may_unfold():
    data = (FILES / "archives" / "lzma.7z").read_bytes()
    left = budget()
    before = left.expanded
    assert not seven_zip_locks.is_locked(data, left)
    assert left.expanded < before
