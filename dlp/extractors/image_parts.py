"""The parts of a picture's file beside its pixels: comments, captions, properties, and where the file goes on behind it.

Takes bytes; gives texts and what stands behind the end. PNG (W3C PNG, 11.3), JPEG (ITU-T T.81, annex B), GIF (89a), WebP
and TIFF; of other pictures the packets of XMP and EXIF wherever they stand. Linear; raises Stop at a limit.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from dlp.extractors import exif, pdf_filters, xmp
from dlp.extractors.content import Budget, Stop
from dlp.extractors.runs import runs
from dlp.values import PartStatus

_MOST_BLOCKS = 400_000  # of one file: a film's worth
_DEEPEST = 2  # previews in previews
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # within a scan: no stuffed zero, no restart, no fill
_WORDS = re.compile(rb"[ -~]{6}")
_PADDING = b"\0\t\n\r \xff"
_MOST_PADDING = 64
# what phones put behind a picture: more pictures, a film (ISO base media), notes of their own
_PICTURE, _FILM, _NOTES = b"\xff\xd8\xff", re.compile(rb"....ftyp", re.DOTALL), b"SEFT"

Blob = tuple[str, bytes]
"""A part of a file and what it is: a word of `_TEXTS`, "exif", "extended" (XMP), or "behind"."""


@dataclass(slots=True)
class Parts:
    """`behind` is what no viewer of pictures shows."""

    texts: list[str] = field(default_factory=list)
    behind: bytes = b""


def read(data: bytes, budget: Budget) -> Parts:
    """Everything but the pixels."""
    found = Parts()
    _read(data, found, budget, 0)
    return found


def _read(data: bytes, found: Parts, budget: Budget, depth: int) -> None:
    walk = next((walk for head, walk in _WALKS if data.startswith(head)), _any)
    extended = b""
    for kind, blob in walk(data, budget):
        if kind == "exif":
            _exif(blob, found, budget, depth)
        elif kind == "extended":
            extended += blob
        elif kind == "behind":
            _behind(blob, found, budget, depth)
        else:
            found.texts += _TEXTS[kind](blob)
    found.texts += map(xmp.words, (*xmp.packets(data), extended))


def _exif(data: bytes, found: Parts, budget: Budget, depth: int) -> None:
    if not exif.is_tiff(data):
        return
    tags = exif.read(data, budget)
    found.texts += tags.texts
    found.texts += [text for blob in tags.iptc for text in _iptc(blob)]
    found.texts += [text for blob in tags.photoshop for text in _photoshop(blob)]
    for preview in tags.previews if depth < _DEEPEST else ():
        _read(preview, found, budget, depth + 1)


def _behind(data: bytes, found: Parts, budget: Budget, depth: int) -> None:
    if data.startswith(_PICTURE) and depth < _DEEPEST:
        _read(data, found, budget, depth + 1)
    elif not _FILM.match(data) and not data.endswith(_NOTES):
        rest = data.strip(_PADDING)
        if len(rest) > _MOST_PADDING or _WORDS.search(rest):
            found.behind = data


def _steps() -> Iterator[int]:
    yield from range(_MOST_BLOCKS)
    raise Stop(PartStatus.TRUNCATED, "members")


def _png(data: bytes, budget: Budget) -> Iterator[Blob]:
    at = 8
    for _ in _steps():
        if at + 8 > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        at += length + 12
        if name == b"eXIf":
            yield "exif", body
        elif name in _PNG_TEXTS:
            yield from _PNG_TEXTS[name](body, budget)
        elif name == b"IEND":
            yield "behind", data[at:]
            return


def _png_text(body: bytes, _budget: Budget) -> Iterator[Blob]:
    yield "text", body.replace(b"\0", b": ", 1)


def _png_packed(body: bytes, budget: Budget) -> Iterator[Blob]:
    name, _, rest = body.partition(b"\0")
    yield "text", name + b": " + (pdf_filters.decode(rest[1:], [b"Fl"], {}, budget) or b"")


def _png_wide(body: bytes, budget: Budget) -> Iterator[Blob]:
    """Keyword, two flags, language, keyword again, text (11.3.3.4)."""
    name, _, rest = body.partition(b"\0")
    _, _, rest_of_it = rest[2:].partition(b"\0")
    translated, _, text = rest_of_it.partition(b"\0")
    if rest[:1] == b"\1":
        text = pdf_filters.decode(text, [b"Fl"], {}, budget) or b""
    yield "text", name + b" " + translated
    yield "xml" if text.lstrip().startswith(b"<") else "text", text


def _jpeg(data: bytes, _budget: Budget) -> Iterator[Blob]:
    at = 2
    for _ in _steps():
        match = _MARKER.search(data, at)
        if not match:
            return
        code, at = match[0][1], match.end()
        if code == 0xD9:
            yield "behind", data[at:]
            return
        if code in (0x01, 0xD8):
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        body = data[at + 2 : at + max(length, 2)]
        at += max(length, 2)
        yield from _segment(code, body)


def _segment(code: int, body: bytes) -> Iterator[Blob]:
    """What a marker segment holds (B.2.4; EXIF, XMP part 3 1.1.3, Photoshop)."""
    if code == 0xFE:
        yield "text", body
    elif code == 0xE1 and body.startswith(b"Exif\0"):
        yield "exif", body[6:]
    elif code == 0xE1 and body.startswith(b"http://ns.adobe.com/xmp/extension/\0"):
        yield "extended", body[75:]
    elif code == 0xED and body.startswith(b"Photoshop 3.0\0"):
        yield "photoshop", body[14:]
    elif 0xE0 <= code <= 0xEF and not body.startswith((b"ICC_PROFILE", b"http://ns.adobe.com/xap", b"MPF\0")):
        yield "runs", body


def _gif(data: bytes, _budget: Budget) -> Iterator[Blob]:
    flags = data[10] if len(data) > 10 else 0
    at = 13 + _colours(flags)
    steps = _steps()
    while at < len(data):
        next(steps)
        kind, label = data[at], data[at + 1 : at + 2]
        if kind == 0x3B:
            yield "behind", data[at + 1 :]
            return
        if kind == 0x2C:
            at += 11 + _colours(data[at + 9] if at + 9 < len(data) else 0)
        elif kind == 0x21:
            at += 2
        else:
            return
        blocks = []
        while at < len(data) and (length := data[at]):
            next(steps)
            if kind == 0x21:
                blocks.append(data[at + 1 : at + 1 + length])
            at += length + 1
        at += 1
        if label in (b"\xfe", b"\x01", b"\xff") and kind == 0x21:
            yield "text" if label == b"\xfe" else "runs", b"".join(blocks)


def _colours(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _webp(data: bytes, _budget: Budget) -> Iterator[Blob]:
    size = int.from_bytes(data[4:8], "little")
    end = 8 + size + size % 2
    at = 12
    for _ in _steps():
        if at + 8 > min(end, len(data)):
            break
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"EXIF":
            yield "exif", data[at + 8 : at + 8 + length].removeprefix(b"Exif\0\0")
        at += 8 + length + length % 2
    yield "behind", data[end:]


def _any(data: bytes, _budget: Budget) -> Iterator[Blob]:
    """A TIFF file, or one of a format that keeps EXIF somewhere in it (HEIF)."""
    at = data.find(b"Exif\0\0")
    yield "exif", data if exif.is_tiff(data) else data[at + 6 :] if at >= 0 else b""


def _metafile(data: bytes, _budget: Budget) -> Iterator[Blob]:
    """Windows metafiles draw their texts from strings (MS-EMF 2.3.5, MS-WMF 2.3.3)."""
    yield "runs", data


def _text(blob: bytes) -> list[str]:
    return [exif.text(blob)]


def _xml(blob: bytes) -> list[str]:
    return [xmp.words(blob)]


def _runs(blob: bytes) -> list[str]:
    return [runs(blob)]


def _iptc(blob: bytes) -> list[str]:
    """Datasets of an IPTC record (IIM 4, 1.5)."""
    texts = []
    at = blob.find(b"\x1c")
    while 0 <= at <= len(blob) - 5 and blob[at] == 0x1C:
        length = int.from_bytes(blob[at + 3 : at + 5], "big")
        value = blob[at + 5 : at + 5 + length]
        if blob[at + 1] != 1 and _WORDS.search(value):
            texts.append(exif.text(value))
        at += 5 + length
    return texts


def _photoshop(blob: bytes) -> list[str]:
    """Image resource blocks: IPTC among them, of the others the runs that print."""
    texts = []
    at = blob.find(b"8BIM")
    while at >= 0 and blob[at : at + 4] == b"8BIM" and at + 12 <= len(blob):
        number = int.from_bytes(blob[at + 4 : at + 6], "big")
        name = blob[at + 6] + 1
        at += 6 + name + name % 2
        length = int.from_bytes(blob[at : at + 4], "big")
        value = blob[at + 4 : at + 4 + length]
        texts += _iptc(value) if number == 0x0404 else _runs(value) if number == 0x03F0 else []
        at += 4 + length + length % 2
    return texts


_PNG_TEXTS: dict[bytes, Callable[[bytes, Budget], Iterator[Blob]]] = {
    b"tEXt": _png_text,
    b"zTXt": _png_packed,
    b"iTXt": _png_wide,
}
_TEXTS: dict[str, Callable[[bytes], list[str]]] = {
    "text": _text,
    "xml": _xml,
    "runs": _runs,
    "iptc": _iptc,
    "photoshop": _photoshop,
}
_WALKS: tuple[tuple[bytes, Callable[[bytes, Budget], Iterator[Blob]]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8", _jpeg),
    (b"GIF8", _gif),
    (b"RIFF", _webp),
    (b"\x01\0\0\0", _metafile),
    (b"\xd7\xcd\xc6\x9a", _metafile),
    (b"\x01\0\x09\0\0", _metafile),
)
