"""What a PDF file holds beside its pages: fields, notes, properties, scripts, files, and objects nothing refers to.

Takes the file's bytes and a look at what its pages show; gives every string of every object under the place its key names, the
text streams no page has shown, and the files within. Raises Stop at a limit; what was found before is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from dlp.extractors import pdf_content, pdf_filters, pdf_objects, xmp
from dlp.extractors.content import Budget, File, Piece, Stop, Text, beside_others, unsupported
from dlp.extractors.pdf_fonts import Fonts
from dlp.extractors.pdf_objects import Found
from dlp.mail import html
from dlp.values import PartStatus

Shown = Callable[[str], bool]

_FIELD = (b"T", b"TU", b"TM", b"V", b"DV", b"Opt")  # in the order a person would say them
# Where the strings under a key belong (ISO 32000-2: 12.5.2, 12.7.4, 14.3.3, 12.3.3, 12.6.4, 14.9, 7.11.3, 12.4.2)
_PLACES: Mapping[bytes, str] = MappingProxyType(
    {
        **dict.fromkeys((*_FIELD, b"CA", b"AC", b"RC", b"RV"), "form"),
        **dict.fromkeys((b"Contents", b"Subj", b"T"), "annotations"),
        **dict.fromkeys((b"Title", b"Author", b"Subject", b"Keywords", b"Creator", b"Producer"), "properties"),
        **dict.fromkeys((b"JS", b"JavaScript"), "scripts"),
        **dict.fromkeys((b"URI", b"Dest", b"D"), "links"),
        **dict.fromkeys((b"Alt", b"ActualText", b"E"), "descriptions"),
        **dict.fromkeys((b"F", b"UF", b"Desc", b"DOS", b"Unix", b"Mac"), "file names"),
        b"P": "page labels",
    }
)
_FILE_KEYS = frozenset({b"F", b"UF", b"DOS", b"Unix", b"Mac"})
_NUMBER = re.compile(rb"[0-9]{6}")
_LABEL = 100_000  # no document has so many pages
_CELL = 4  # signs of a number that is written into several fields
_TOLD = frozenset({b"JS", b"JavaScript", b"XFA", b"Metadata", b"V", b"DV", b"RV", b"RC"})  # streams under these are texts
_UNSEEN = frozenset({b"DA", b"Lang", b"ID"})  # how fields look, the language, the file's own identity
_ENCRYPTION = frozenset({b"O", b"U", b"V", b"P"})  # the dictionary of a file that was encrypted
_NO_TEXT = (b"Image", b"XRef", b"ObjStm", b"Type1C", b"CIDFontType0C", b"OpenType")
_NO_TEXT_KEYS = frozenset({b"Length1", b"Length2", b"FunctionType", b"ShadingType", b"Alternate"})
_PICTURES = frozenset({b"DCTDecode", b"DCT", b"JPXDecode"})  # such a stream is a file as it is
_DATE = re.compile(r"D:[0-9]{4,14}[-+Z0-9']{0,8}")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r"))


def read(data: bytes, shown: Shown, budget: Budget) -> Iterator[Piece]:
    """Everything a page does not show. `shown` says whether all words of a text are on pages."""
    found: list[Found] = []
    end: Stop | None = None
    try:
        found.extend(pdf_objects.objects(data, budget))
    except Stop as stop:
        end = stop
    yield from _strings(found)
    yield from _forms(found, budget)
    names = _file_names(found)
    fonts = Fonts.of(found, budget)
    told = {number for each in found for key, number in each.references if key in _TOLD}
    ends: list[Stop] = [*([end] if end else ()), *_doubted(found)]
    for each in found:
        if each.is_a(b"EmbeddedFile") or each.number in names:
            yield from _file(each, names.get(each.number, ""), budget)
        elif each.stream and each.number in told:
            yield from beside_others(_told(each, shown, fonts, budget), ends)
        elif each.stream and not each.is_a(*_NO_TEXT) and not each.keys & _NO_TEXT_KEYS:
            yield from beside_others(_stream(each, shown, fonts, budget), ends)
    if ends:
        raise ends[0]


def _doubted(found: list[Found]) -> Iterator[Stop]:
    """Filters that stand in an object of their own, where other objects of its number say something else."""
    numbers = {number for each in found if each.stream for key, number in each.references if key == b"Filter"}
    said: dict[int, set[tuple[bytes, ...]]] = {}
    for each in found:
        if each.number in numbers:
            said.setdefault(each.number, set()).add(tuple(each.said))
    if any(len(names) > 1 for names in said.values()):
        yield unsupported()


def _strings(found: list[Found]) -> Iterator[Text]:
    lines: dict[str, dict[str, None]] = {}
    values = [_sorted(each, lines) for each in found if not each.keys >= _ENCRYPTION]
    short = "".join(value if len(value) <= _CELL and value.isalnum() else "\n" for value in filter(None, values))
    if len(short.strip()) > _CELL:  # fields for a few signs each, beside each other
        lines.setdefault("form", {})[short.strip()] = None
    yield from (Text("\n".join(texts), place) for place, texts in lines.items() if texts)


def _sorted(found: Found, lines: dict[str, dict[str, None]]) -> str:
    """Put one object's words where they belong; gives the value of a field."""
    names = [name.decode("utf-8", "replace") for name in (*found.keys, *found.said) if _NUMBER.search(name)]
    lines.setdefault("names", {}).update(dict.fromkeys(names))
    form: dict[bytes, list[str]] = {}
    for key, value in found.strings:
        text = pdf_objects.characters(value)
        if key in _UNSEEN or _is_binary(value) or _DATE.fullmatch(text):
            continue
        place = lines.setdefault(_PLACES.get(key, "objects"), {})
        if text.lstrip().startswith("<"):  # rich text (12.7.4.4)
            place[html.read(text).visible] = None
        if key in _FIELD and b"Contents" not in found.keys:
            form.setdefault(key, []).append(text)
        else:
            place[text] = None
    if found.numbers.get(b"St", 0) >= _LABEL:
        prefix = next((pdf_objects.characters(value) for key, value in found.strings if key == b"P"), "")
        lines.setdefault("page labels", {})[f"{prefix}{found.numbers[b'St']}"] = None
    if form:
        said = " ".join(text for key in _FIELD for text in form.get(key, ()))
        lines.setdefault("form", {})[said] = None
    return "".join(form.get(b"V", ()))


def _forms(found: list[Found], budget: Budget) -> Iterator[Text]:
    """An XFA form whose parts are streams of their own (12.7.8 of ISO 32000-1): one document, which may part anywhere."""
    streams = {each.number: each for each in found if each.stream}
    for each in found:
        parts = [
            streams[number].decoded(budget) or b"" for key, number in each.references if key == b"XFA" and number in streams
        ]
        if len(parts) > 1:
            yield Text(xmp.words(b"".join(parts)), "form")


def _file_names(found: list[Found]) -> dict[int, str]:
    """The names of embedded files by the number of their stream."""
    names: dict[int, str] = {}
    within = {number for each in found for key, number in each.references if key == b"EF"}
    for each in found:
        if each.number in within or not each.keys.isdisjoint((b"EF", b"RF")):
            said = {key: pdf_objects.characters(value) for key, value in each.strings if key in _FILE_KEYS}
            name = said.get(b"UF") or next(iter(said.values()), "")
            names |= {number: name for key, number in each.references if key in _FILE_KEYS}
    return names


def _file(found: Found, name: str, budget: Budget) -> Iterator[File]:
    filters = found.names.get(b"Filter", [])
    if found.stream is None:
        return
    data = found.stream if filters and _PICTURES.issuperset(filters) else found.decoded(budget)
    if data is None:
        yield File(b"", name, status=PartStatus.UNSUPPORTED, why="unsupported")
    else:
        yield File(data, name)


def _told(found: Found, shown: Shown, fonts: Fonts, budget: Budget) -> Iterator[Text]:
    """A stream that stands where a text is due, whatever it says of itself. Raises Stop where it is none."""
    data = found.decoded(budget)
    if data is None or (found.stream and not data) or _is_binary(data):
        raise unsupported()
    yield from _texts(found, data, shown, fonts)


def _stream(found: Found, shown: Shown, fonts: Fonts, budget: Budget) -> Iterator[Text]:
    data = found.decoded(budget)
    if not all(map(pdf_filters.is_known, found.names.get(b"Filter", ()))):
        raise unsupported()
    if data and b"begincmap" not in data:
        yield from _texts(found, data, shown, fonts)


def _texts(found: Found, data: bytes, shown: Shown, fonts: Fonts) -> Iterator[Text]:
    if pdf_content.is_content(data):
        for text in dict.fromkeys(pdf_content.shown(data, tuple(fonts.readings(found)))):
            if text.strip() and not shown(text):
                yield Text(text, "objects")
    elif data.lstrip(b"\xef\xbb\xbf\xfe\xff\0\t\n\r ").startswith(b"<"):
        yield Text(xmp.words(data), "properties" if found.is_a(b"Metadata") else "form")
    elif not _is_binary(data):
        yield Text(pdf_objects.characters(data), "objects")


def _is_binary(value: bytes) -> bool:
    if value.startswith((b"\xfe\xff", b"\xff\xfe")):
        return False
    head = value[:4096]
    return (len(head) - len(head.translate(None, _CONTROLS))) * 20 > len(head)
