"""What the fuzz targets do with one input, and what must hold then.

Each reader takes bytes and raises when a property does not hold. Extractors are called without the opener that catches
everything, so that what they raise is seen; what they give is counted and looked at as the opener would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from unittest import mock

import magic

from dlp.extractors import (
    ber,
    exif,
    number_formats,
    office_locks,
    pdf_filters,
    pdf_leftovers,
    rar_blocks,
    seven_zip_locks,
    xmp,
    zip_records,
)
from dlp.extractors.content import Budget, Extractor, File, Grid, Piece, Source, Stop, Text
from dlp.extractors.kinds import kinds
from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail import (
    addresses,
    authentication,
    charset,
    entity,
    fields,
    filenames,
    headers,
    html,
    parameters,
    rendering,
    transfer,
    zones,
)
from dlp.mail.entity import AMBIGUITIES, Description
from dlp.mail.fold import fold, origins, turned, unmixed
from dlp.mail.reading import read, read_small
from dlp.mail.split import split
from dlp.mail.sweep import sweep
from dlp.mail.wire import decode_texts, encode_texts
from dlp.values import PartStatus

LIMITS = Limits(expanded=4_000_000, members=200, text=1_000_000, cells=100_000, elements=100_000, pixels=4_000_000, pages=20)
SMALL = Limits(depth=3, parts=5, header_block=400, header=100, header_parameters=2, encoded_words=2, addresses=2, text=100)
_PLACE = re.compile(r"[A-Za-z0-9 ,:/'()-]{0,120}")
_COUNTED = ("expanded", "members", "cells", "pages", "pixels", "text", "elements")


def checked(pieces: Iterable[Piece], budget: Budget) -> None:
    """Takes from the budget what the opener would take, and looks at each piece."""
    for piece in pieces:
        if isinstance(piece, File):
            budget.take("members")
            budget.take("expanded", len(piece.data))
            piece.name.encode()
            assert (piece.status is PartStatus.READ) == (not piece.why), "an end without its word"
            assert isinstance(piece.data, bytes)
            continue
        assert _PLACE.fullmatch(piece.place), "a place that is no words of ours"
        if isinstance(piece, Grid):
            assert min(piece.row, piece.column) > 0, "a cell outside its sheet"
            budget.take("cells", sum(map(len, piece.rows)))
        for text in (piece.text,) if isinstance(piece, Text) else (cell for row in piece.rows for cell in row):
            budget.take("text", len(text))
            text.encode()


def extracting(extractor: Extractor, *, names: tuple[str, ...] = ()) -> Callable[[bytes], None]:
    def reading(data: bytes) -> None:
        budget = Budget.of(LIMITS, len(data), ("secret",))
        status, why = PartStatus.READ, ""
        try:
            checked(extractor(Source(data, names), budget), budget)
        except Stop as stop:
            status, why = stop.status, stop.why
        assert (status is PartStatus.READ) == (not why), "an end without its word"
        assert all(getattr(budget, what) >= 0 for what in _COUNTED), "less than nothing left"

    return reading


def pieces_of(given: Callable[[bytes, Budget], Iterable[Piece]]) -> Callable[[bytes], None]:
    """Of a part of an extractor that takes bytes."""
    return extracting(lambda source, budget: iter(given(source.data, budget)))


def text_of(given: Callable[[bytes, Budget], object]) -> Callable[[bytes], None]:
    """The same of one that gives something else."""

    def piece(data: bytes, budget: Budget) -> Iterable[Piece]:
        found = given(data, budget)
        return (Text(found if isinstance(found, str) else ""),)

    return pieces_of(piece)


def locked(extractor: Extractor) -> Callable[[bytes], None]:
    """With one round of the older key instead of fifty thousand, which open nothing and take all the time; so with 7z."""

    def reading(data: bytes) -> None:
        no_key = mock.patch.object(seven_zip_locks, "key", return_value=bytes(32))
        with mock.patch.object(office_locks, "_STANDARD_ROUNDS", 1), no_key:
            extracting(extractor)(data)

    return reading


def unlocked(data: bytes) -> None:
    """With the key that opens the seeds, which takes half a million rounds, found once."""
    budget = Budget.of(LIMITS, len(data))
    with mock.patch.object(seven_zip_locks, "key", return_value=_seeds_key()):
        clear = seven_zip_locks.unlocked(data, "letmein", budget)
    assert clear is None or not seven_zip_locks.is_locked(clear, budget), "still locked"


@cache
def _seeds_key() -> bytes:
    return seven_zip_locks.key(19, "letmein".encode("utf-16-le"), Budget.of(Limits(), 0))


def mail(raw: bytes) -> None:
    limits = (Limits(), SMALL)[len(raw) % 2]
    found = read(raw, limits)
    assert read_small(raw, limits) in {None, found}, "the lanes differ"
    assert decode_texts(encode_texts(found), size=len(raw)) == found, "the wire changed the texts"


def splitter(raw: bytes) -> None:
    structure = split(raw, (Limits(), SMALL)[len(raw) % 2])
    for each in structure.entities:
        assert 0 <= each.header.start <= each.header.end <= each.body.start <= each.body.end <= len(raw)
        assert set(each.doubts) <= set(AMBIGUITIES), "a doubt that has no word"
    assert all(0 <= span.start <= span.end <= len(raw) for _, span in structure.loose)


def header(raw: bytes) -> None:
    value = headers.decode(raw, 5)
    value.text.encode()
    headers.decode_words(headers.encode(headers.plain(value.text)))
    parameters.parse(headers.unfold(raw), 5)
    filenames.named(value.text, "filename")
    filenames.renamed(value.text, "filename", {fold('b"c.txt'): "x"})
    fields.told("x-note", value.text)
    addresses.addresses(value.text, 5)
    list(addresses.mailboxes(value.text))
    authentication.results_of([value.text], "x.example")
    block = b"Content-Type: " + raw
    found = entity.read_header(block, 0, SMALL)
    entity.describe(block, found, "text/plain", SMALL)


def page(data: bytes) -> None:
    found = html.read(data.decode("utf-8", "replace"))
    "".join((found.visible, found.source, *found.shown)).encode()


def coded(data: bytes) -> None:
    for encoding in ("base64", "quoted-printable", "8bit", "x"):
        first, *_ = transfer.readings(data, encoding, text=True)
        assert first == transfer.decode(data, encoding)
        assert first.doubt in {"", *AMBIGUITIES}
    transfer.undeclared(data)


def swept(data: bytes) -> None:
    for markup in (False, True):
        found = sweep(data, markup=markup)
        assert len(found.text) <= 100 * len(data) + 1000, "more was found than could be there"


def folded(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    found, from_ = fold(text), list(origins(text))
    assert len(found) == sum(each.size for each in from_), "characters without an origin"
    assert [each.end for each in from_[:-1]] == [each.start for each in from_[1:]], "a stretch is missing"
    "".join((found, turned(text), unmixed(found))).encode()


def decoded(data: bytes) -> None:
    for declared in ("", "utf-8", "utf-16", "utf-7", "iso-2022-jp", "gb18030", "windows-1252", "hz", "idna"):
        for text in charset.readings(data, *filter(None, [declared])):
            text.encode()


def zoned(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    at = 0
    for each in zones.zones(text):
        assert each.start == at < each.end, "a stretch is missing"
        at = each.end
    assert at == len(text)


def rendered(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for media_type in ("text/calendar", "text/vcard", "text/rfc822-headers", "text/enriched", "text/html"):
        "".join(rendering.renderings(text, media_type, ("a.ics", "b.html"))).encode()


def wired(data: bytes) -> None:
    decode_texts(data, size=len(data))


def sorted_out(data: bytes) -> None:
    """Every kind has a word of the table, and there is one."""
    assert kinds(Source(data, ("a.ics", "b.json")), _sniffer().from_buffer)


def opened(data: bytes) -> None:
    found = opener(LIMITS, len(data), _sniffer().from_buffer)(data, Description("application/octet-stream"))
    assert all((end.status is PartStatus.READ) == (not end.why) for end in (found, *found.shut)), "an end without its word"


def records(data: bytes) -> None:
    for one in zip_records.directories(data):
        for record in one.records:
            list(zip_records.extra_fields(record.extra))
            zip_records.peek(data, record, 1000)
    zip_records.local(data, 0)


def filtered(data: bytes, budget: Budget) -> None:
    names, _, body = data.partition(b"\n")
    _, *chosen = names.split(b" ")
    given = {"Predictor": names[:1], "Columns": names[1:2], "Colors": names[2:3], "BitsPerComponent": names[3:4]}
    numbers = {key.encode(): value[0] - 32 for key, value in given.items() if value}
    pdf_filters.decode(body, chosen, numbers, budget)


def numbers(data: bytes, _budget: Budget) -> str:
    number, _, code = data.decode("utf-8", "replace").partition("\n")
    return number_formats.shown(number, code)


def tags(data: bytes, budget: Budget) -> object:
    at = max(data.find(b"II*\0"), data.find(b"MM\0*"))
    return exif.read(data[at:], budget) if at >= 0 else None


def leftovers(data: bytes, budget: Budget) -> Iterable[Piece]:
    return pdf_leftovers.read(data, lambda text: text == "student ID", budget)


def octets(data: bytes, _budget: Budget) -> bytes:
    return ber.Ber(data).octets(ber.Ber(data).element(0, len(data)))


def comments(data: bytes, _budget: Budget) -> str:
    return "\n".join(rar_blocks.read(data).comments)


def packets(data: bytes, _budget: Budget) -> str:
    return "\n".join(map(xmp.words, xmp.packets(data)))


@cache
def _sniffer() -> magic.Magic:
    return magic.Magic(mime=True)
