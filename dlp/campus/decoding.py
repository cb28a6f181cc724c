"""Bytes of an import file to text, whatever program wrote it: UTF-8 with and without a mark, UTF-16, Windows-1252.

Takes blocks of bytes, gives blocks of text, holding one at a time. UTF-8 is believed until a block is not; what came before
was plain ASCII, so that Windows-1252 may take over where it stands. Never fails: octets that are nothing in the encoding
become U+FFFD, and whoever reads the row refuses it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

DAMAGED = "\ufffd"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SAMPLE = 4096
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")


def decoded(blocks: Iterable[bytes]) -> Iterator[str]:
    """The text of `blocks`, without the byte order mark."""
    rest = iter(blocks)
    head = b""
    while len(head) < _SAMPLE and (block := next(rest, None)) is not None:
        head += block
    mark, encoding = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", _without_mark(head)))
    head = head[len(mark) :]
    decoder = codecs.getincrementaldecoder(encoding)("strict" if encoding == "utf-8" else "replace")
    ascii_so_far = not mark
    for block in _chain(head, rest):
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError:
            block = decoder.getstate()[0] + block  # noqa: PLW2901  with what an earlier block left undecided
            other = ascii_so_far and not _mostly_utf8(block)
            decoder = codecs.getincrementaldecoder("cp1252" if other else "utf-8")("replace")
            text = decoder.decode(block)
        ascii_so_far = ascii_so_far and text.isascii()
        yield text
    try:
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:  # the file ends within a character
        yield decoder.getstate()[0].decode("cp1252" if ascii_so_far else "utf-8", "replace")


def _chain(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _without_mark(head: bytes) -> str:
    """UTF-16 shows by its zeros: every other octet of a header line is one."""
    sample = head[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 4 <= len(sample) or min(even, odd) * 10 > max(even, odd):
        return "utf-8"
    return "utf-16-le" if odd > even else "utf-16-be"


def _mostly_utf8(block: bytes) -> bool:
    """Whether most octets that are not ASCII belong to UTF-8 characters: then the file is UTF-8 with damage."""
    belonging = sum(len(found) for found in _MULTIBYTE.findall(block))
    return belonging * 2 > len(_HIGH.findall(block))
