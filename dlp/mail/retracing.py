"""The steps from bytes of a message to text, told stretch by stretch: what the decoders do, and where.

Takes what a step was given and, where that must be compared, what it made of it; gives its stretches. They end early where the
step cannot be followed, which their sizes tell. Slow beside the decoders themselves: for places that are asked for, never for
reading mail. Linear; never fails.
"""

from __future__ import annotations

import codecs
import html as entities
import re
from collections.abc import Iterator

from dlp.mail import headers, html
from dlp.mail.elements import HIDDEN, RAW
from dlp.mail.stretches import Stretch

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_GROUP = re.compile(rb"[A-Za-z0-9+/](?:[^A-Za-z0-9+/=]*+[A-Za-z0-9+/]){1,3}")
_QUOTED_PRINTABLE = re.compile(
    rb"([^=]++)|(=[ \t]*+(?:\r?\n|\r|\Z))|=[0-9A-Fa-f]{2}|=(?![0-9A-Fa-f]?=)"
)  # "==" and "=4=" each decoder reads in its own way
_FOLD = re.compile(rb"[\r\n]+(?=[ \t])")
# a character reference as the HTML standard ends one (section 13.2.5.72), or a word without
_UTF_8 = frozenset({"utf-8", "utf_8"})
_RUN = re.compile(r"[\x00-\x7f]++|([^\x00-\x7f]++)")
_BLANK = re.compile(r"\s*+")
_WORD = re.compile(r"&(?:#[0-9]++;?|#[xX][0-9A-Fa-f]++;?|[^\t\n\f <&#;]{1,32};?)|[^\s&]++|&")


def decoding(body: bytes, encoding: str) -> Iterator[Stretch]:
    """`transfer.decode`: the bytes a transfer encoding stands for."""
    if encoding == "base64":
        for group in _GROUP.finditer(body):
            yield Stretch(len(_NOT_BASE64.sub(b"", group[0])) * 3 // 4, *group.span())
    elif encoding == "quoted-printable":
        at = 0
        while match := _QUOTED_PRINTABLE.match(body, at):
            yield Stretch(len(match[1]) if match[1] else 0 if match[2] else 1, *match.span(), plain=bool(match[1]))
            at = match.end()
    else:
        yield Stretch(len(body), 0, len(body), plain=True)


def characters(data: bytes, text: str, codec: str) -> Iterator[Stretch]:
    """`charset.decode`: the characters that bytes are, shifts and a byte order mark told with the one behind them."""
    if data.isascii() and text == data.decode("ascii"):
        yield Stretch(len(text), 0, len(data), plain=True)
        return
    if codec in _UTF_8:
        yield from _utf_8(text, len(data) - len(text.encode()))
        return
    make = codecs.lookup(codec).incrementaldecoder
    if make is None:
        return
    decoder = make("replace")
    done = start = 0
    for at in range(1, len(data) + 1):
        try:
            signs = decoder.decode(data[at - 1 : at], at == len(data))
        except UnicodeError:  # UTF-16 without a mark, which is read whole all the same
            return
        if signs.startswith("\ufeff") and not done and not text.startswith("\ufeff"):
            signs = signs[1:]
        if not signs:
            continue
        if not text.startswith(signs, done):
            return
        yield Stretch(len(signs), start, at)
        done, start = done + len(signs), at


def _utf_8(text: str, at: int) -> Iterator[Stretch]:
    for run in _RUN.finditer(text):
        for sign in run[0] if run[1] else ():
            yield Stretch(1, at, at := at + len(sign.encode()))
        if not run[1]:
            yield Stretch(len(run[0]), at, at := at + len(run[0]), plain=True)


def showing(source: str, visible: str) -> Iterator[Stretch]:
    """`html.read`: the words of a page stand in its source in their order; what separates them is what stands between."""
    at = last = 0
    for start, end in _runs(source):
        for match in _WORD.finditer(source, start, end):
            for word in entities.unescape(match[0]).split():
                begins = _next(visible, at)
                yield Stretch(begins - at, last, match.start())
                if not visible.startswith(word, begins):
                    return
                yield Stretch(len(word), *match.span(), plain=word == match[0])
                at, last = begins + len(word), match.end()
    if not visible[at:].strip():
        yield Stretch(len(visible) - at, last, len(source))


def _next(text: str, at: int) -> int:
    """Where the next word begins."""
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _runs(source: str) -> Iterator[tuple[int, int]]:
    """Where the text that is shown stands in a page's source."""
    at = 0
    while match := html.TOKEN.match(source, at):
        at = match.end()
        text, _, slash, tag, _, end, _, stray = match.groups()
        if text is not None or stray is not None:
            yield match.span()
        elif tag and end and not slash and (name := tag.lower()) in RAW:
            closed = html.ENDS[name].search(source, at)
            stop = closed.start() if closed else len(source)
            if name not in HIDDEN:
                yield at, stop
            at = stop


def unfolding(value: bytes) -> Iterator[Stretch]:
    """`headers.unfold`: a field's value on one line, without the blanks around it."""
    at = len(value) - len(value.lstrip())
    end = len(value.rstrip())
    for match in _FOLD.finditer(value, at, end):
        yield Stretch(match.start() - at, at, match.start(), plain=True)
        at = match.end()
    yield Stretch(end - at, at, end, plain=True)


def wording(text: str, cap: int) -> Iterator[Stretch]:
    """`headers.decode_words`: encoded words of one charset side by side are one stretch."""
    for piece, start, end, encoded in headers.pieces(text, cap)[0]:
        yield Stretch(len(piece), start, end, plain=not encoded)
