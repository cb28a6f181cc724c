"""Single files packed by gzip, bzip2, xz, lzma or zstd, one stream or many behind each other.

Takes a Source; gives the file within, what a gzip header says of it (RFC 1952 2.3), and anything behind the last stream.
Unfolded against the budget, never by a declared size. A stream that is cut or damaged ends as broken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dlp.extractors.content import Budget, Extractor, File, Piece, Source, Text, broken
from dlp.extractors.runs import runs
from dlp.extractors.unfolding import DECOMPRESSORS, unfold
from dlp.mail import charset

_ENDING = re.compile(r"\.(?:gz|bz2|xz|lzma|zst)\Z", re.IGNORECASE)
_EXTRA, _NAME, _COMMENT = 4, 8, 16  # of a gzip header's flags
_FRAME = b"\x28\xb5\x2f\xfd"  # of zstd; what begins otherwise is skipped by readers (RFC 8878 3.1.2)
_MAGIC = {
    "gzip": (b"\x1f\x8b",),
    "bzip2": (b"BZh",),
    "xz": (b"\xfd7zXZ\0",),
    "lzma": (),
    "zstd": (_FRAME, *(bytes([first]) + b"\x2a\x4d\x18" for first in range(0x50, 0x60))),
}
_PADDING = re.compile(rb"\0*")


def _packed_by(method: str) -> Extractor:
    def read(source: Source, budget: Budget) -> Iterator[Piece]:
        packed = memoryview(source.data)
        parts: list[bytes] = []
        whole = True
        at = 0
        while whole and at < len(packed) and (not parts or source.data.startswith(_MAGIC[method], at)):
            budget.take("members")
            if method == "gzip":
                yield from _header(source.data, at)
            if method == "zstd" and not source.data.startswith(_FRAME, at):
                yield Text(runs(source.data[at + 8 : at + 8 + int.from_bytes(packed[at + 4 : at + 8], "little")]), "characters")
            stream = unfold(DECOMPRESSORS[method](), packed[at:], budget)
            budget.take("expanded", len(stream.data))
            parts.append(stream.data)
            whole, at = stream.whole, at + stream.used
            padding = _PADDING.match(packed, at)
            at = padding.end() if padding else at
        budget.expanded += sum(map(len, parts))  # taken again when the file is opened
        yield File(b"".join(parts), _ENDING.sub("", next(iter(source.names), "")))
        if not whole:
            raise broken()
        if bytes(packed[at:]).strip():
            yield File(bytes(packed[at:]))

    return read


def _header(packed: bytes, at: int) -> Iterator[Text]:
    flags = packed[at + 3] if len(packed) > at + 3 else 0
    at += 10
    if flags & _EXTRA:
        size = int.from_bytes(packed[at : at + 2], "little")
        yield Text(charset.decode(packed[at + 2 : at + 2 + size]), "extra field")
        at += 2 + size
    for flag, place in ((_NAME, "name"), (_COMMENT, "comment")):
        if flags & flag:
            end = packed.find(b"\0", at)
            yield Text(charset.decode(packed[at : end if end >= 0 else None]), place)
            at = end + 1 if end >= 0 else len(packed)


gzip = _packed_by("gzip")
bzip2 = _packed_by("bzip2")
xz = _packed_by("xz")
lzma = _packed_by("lzma")
zstd = _packed_by("zstd")
