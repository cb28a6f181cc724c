"""What a PDF file holds beside its pages: fields, notes, properties, scripts, files, and objects nothing refers to.

Takes the file's bytes and a look at what its pages show; gives every string of every object under the place its key names, the
text streams no page has shown, and the files within. Raises Stop at a limit; what was found before is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from dlp.extractors import pdf_content, pdf_objects, xmp
from dlp.extractors.content import Budget, File, Piece, Stop, Text
from dlp.extractors.pdf_objects import Found
from dlp.values import PartStatus

Shown = Callable[[str], bool]

_FIELD = (b"T", b"TU", b"TM", b"V", b"DV", b"Opt")  # in the order a person would say them
# Where the strings under a key belong (ISO 32000-2: 12.5.2, 12.7.4, 14.3.3, 12.3.3, 12.6.4, 14.9, 7.11.3, 12.4.2)
_PLACES: Mapping[bytes, str] = MappingProxyType(
    {
        **dict.fromkeys((*_FIELD, b"CA", b"AC", b"RC"), "form"),
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
    names = _file_names(found)
    for each in found:
        if each.is_a(b"EmbeddedFile") or each.number in names:
            yield from _file(each, names.get(each.number, ""), budget)
        elif each.stream and not each.is_a(*_NO_TEXT) and not each.keys & _NO_TEXT_KEYS:
            yield from _stream(each, shown, budget)
    if end:
        raise end


def _strings(found: list[Found]) -> Iterator[Text]:
    lines: dict[str, dict[str, None]] = {}
    for each in found:
        if each.keys >= _ENCRYPTION:
            continue
        form: dict[bytes, list[str]] = {}
        for key, value in each.strings:
            text = pdf_objects.characters(value)
            if key in _UNSEEN or _is_binary(value) or _DATE.fullmatch(text):
                continue
            if key in _FIELD and b"Contents" not in each.keys:
                form.setdefault(key, []).append(text)
            else:
                lines.setdefault(_PLACES.get(key, "objects"), {})[text] = None
        if form:
            said = " ".join(text for key in _FIELD for text in form.get(key, ()))
            lines.setdefault("form", {})[said] = None
    for place, texts in lines.items():
        yield Text("\n".join(texts), place)


def _file_names(found: list[Found]) -> dict[int, str]:
    """The names of embedded files by the number of their stream."""
    names: dict[int, str] = {}
    for each in found:
        if b"EF" in each.keys:
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


def _stream(found: Found, shown: Shown, budget: Budget) -> Iterator[Text]:
    data = found.decoded(budget)
    if not data or b"begincmap" in data:
        return
    if pdf_content.is_content(data):
        text = pdf_content.shown(data)
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
