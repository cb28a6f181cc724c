"""Bytes of an import file to text, whatever program wrote it: UTF-8 with and without a mark, UTF-16, UTF-32, Windows-1252.

Takes blocks of bytes, gives blocks of text, holding one at a time. UTF-8 is believed until a block is not; what came before
was plain ASCII, so that Windows-1252 may take over where it stands. Octets that are nothing in the encoding become U+FFFD, and
whoever reads the row refuses it; what begins as a file of another sort does is Foreign, with its name.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

DAMAGED = "\ufffd"
_MARKS = (  # the longer one first, where one begins as another does
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FOREIGN = (
    (b"PK\x03\x04", "a workbook or an archive"),
    (b"\xd0\xcf\x11\xe0", "a workbook"),
    (b"\x1f\x8b", "compressed"),
    (b"%PDF", "a PDF"),
)
_EBCDIC = "cp037"  # letters and digits are where all kinds of it have them
_BETWEEN = re.compile(r"[\s,:;|]")  # what stands between names of columns; mainframes end a line by U+0085
_BEGINNING = 64  # octets in which there are names of columns
_SAMPLE = 4096
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")


class Foreign(Exception):  # noqa: N818  the file is, not the program
    """What a file is that is no text of an encoding we read."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def decoded(blocks: Iterable[bytes]) -> Iterator[str]:
    """The text of `blocks`, without the byte order mark. Raises Foreign before it gives any."""
    rest = iter(blocks)
    head = b""
    while len(head) < _SAMPLE and (block := next(rest, None)) is not None:
        head += block
    if what := _foreign(head):
        raise Foreign(what)
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


def _foreign(head: bytes) -> str:
    """What begins so, "" = text."""
    if what := next((what for signs, what in _FOREIGN if head.startswith(signs)), ""):
        return what
    beginning = head[:_BEGINNING].decode(_EBCDIC)
    # what goes beyond ASCII looks like letters there, but hardly ever nine in ten; its blanks and commas look like none
    signs = "".join(beginning.split())
    plain = [sign for sign in signs if sign.isascii()]
    written = signs.isprintable() and len(plain) * 10 > len(signs) * 9 and sum(map(str.isalnum, plain)) * 2 > len(signs)
    return "text in EBCDIC" if written and _BETWEEN.search(beginning) else ""


def _without_mark(head: bytes) -> str:
    """UTF-16 and UTF-32 show by their zeros: of a header line every other octet is one, or two side by side of four."""
    sample = head[:_SAMPLE]
    for encoding, zeros in (("utf-32-le", (2, 3)), ("utf-32-be", (0, 1))):
        if all(sample[place::4].count(0) * 5 > len(sample) for place in zeros):
            return encoding
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 4 <= len(sample) or min(even, odd) * 10 > max(even, odd):
        return "utf-8"
    return "utf-16-le" if odd > even else "utf-16-be"


def _mostly_utf8(block: bytes) -> bool:
    """Whether most octets that are not ASCII belong to UTF-8 characters: then the file is UTF-8 with damage."""
    belonging = sum(len(found) for found in _MULTIBYTE.findall(block))
    return belonging * 2 > len(_HIGH.findall(block))
