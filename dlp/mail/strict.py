"""The strict reading of a message: the standard library's parser, which shares no code with ours and forgives other things.

Takes what was read so far and adds the text of bodies that nobody had yet. It reads no message that is too large or too deep
for it, and what it cannot follow is told by our own reading. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from dlp.mail import leaf
from dlp.mail.collected import COMPARED, Collected
from dlp.mail.entity import Buffer, Description
from dlp.mail.fold import fold
from dlp.values import Channel, PartStatus, Span, View

_DEEPEST = 40  # levels of parts; deeper than we read
_PARSER = BytesParser(policy=compat32)
_BLANK, _DELIMITS, _END, _MARK = b"\r\n\r\n", b"\r\n--", b"\r\n", b"\1"
_MARKED = re.compile("\1([0-9]+)\1")
_HEADERS_INSIDE = re.compile(rb"message/|digest", re.IGNORECASE)


def differs(collected: Collected, *, parts: int) -> bool:
    """Add the text only this reading has; true where it has some, and nothing told so far that readers may differ.

    One part without doubts is read alike by both. Of `parts` there were so many.
    """
    doubtful = bool(collected.doubts - {""})
    if (parts == 1 and not doubtful) or any(part.status is PartStatus.TRUNCATED for part in collected.parts):
        return False
    seen = [view.text for view in collected.views]
    found: list[str] = []
    for body, declared in _leaves_of(collected.raw, collected.undone):
        if collected.is_new(body):
            reading = leaf.read_leaf(body, declared, "", collected.open_file)
            found += (*reading.texts, *(fold(shown.text) for shown in reading.shown))
    new = leaf.unseen("\n".join(found), seen) if found else ""
    if new:
        collected.add(View(Channel.TEXT, "", "another reading of the message", new))
    if not new or doubtful:
        return False
    collected.doubts.add("readings-differ")
    return True


def _leaves_of(raw: Buffer, undone: Collection[Span] = ()) -> tuple[tuple[bytes, Description], ...]:
    """The bodies. Those `undone` may be missing: nothing in them is left to be read."""
    if len(raw) > COMPARED:
        return ()
    found: list[tuple[bytes, Description]] = []
    with suppress(RecursionError, LookupError, ValueError, TypeError, AttributeError):  # its own on what it did not expect
        found.extend(_leaves(_parsed(bytes(raw), undone), 0))
    return tuple(found)


def _parsed(raw: bytes, undone: Collection[Span] = ()) -> Message:
    """As the parser sees it. It looks at every line and character, and finds nothing in a body: it is given a mark for each.

    The parts get their bodies back, but for those `undone` already: of them nobody needs the bytes. Not in bytes the parser
    shows only decoded.
    """
    if _MARK in raw or not raw.isascii():
        return _PARSER.parsebytes(raw)
    known = {span.start: span.end for span in undone}
    pieces = tuple(_pieces(raw, known))
    if any(_HEADERS_INSIDE.search(raw, *piece) for piece in pieces[::2]):
        return _PARSER.parsebytes(raw)
    marked = {
        nth: b"\1%d\1" % nth
        for nth, (start, end) in enumerate(pieces)
        if nth % 2 and (known.get(start) == end or _is_plain(raw[start:end]))
    }
    message = _PARSER.parsebytes(b"".join(marked.get(nth) or raw[slice(*piece)] for nth, piece in enumerate(pieces)))
    for part in message.walk():
        payload = part.get_payload()
        if isinstance(payload, str) and "\1" in payload:
            mark = _MARKED.fullmatch(payload)
            start, end = pieces[int(mark[1])] if mark else (-1, -1)
            if known.get(start) == end and str(part.get("content-transfer-encoding", "")).lower() == "base64":
                part.set_payload([])
            else:
                part.set_payload(_MARKED.sub(lambda mark: raw[slice(*pieces[int(mark[1])])].decode("ascii"), payload))
    return message


def _pieces(raw: bytes, known: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """From where to where a header and a body reach, in turn: what stands between an empty line and what may be a delimiter.

    Or the end. Where no header tells of headers inside a body there are none. Of bodies `known` it is so where they end.
    """
    at = 0
    while (blank := raw.find(_BLANK, at)) >= 0:
        begins = blank + len(_BLANK)
        ends = known.get(begins, -1)
        if ends < 0 or not raw.startswith(_DELIMITS, ends):
            ends = raw.find(_DELIMITS, begins - len(_END))
            ends = ends if ends >= 0 else len(raw.removesuffix(_END))
        yield at, min(begins, ends)
        yield begins, max(begins, ends)
        at = ends
    yield at, len(raw)


def _is_plain(body: bytes) -> bool:
    """Whether there is something, in lines that all end in CRLF."""
    return bool(body) and body.count(_END) == body.count(b"\r") == body.count(b"\n")


def _leaves(part: Message, depth: int) -> Iterator[tuple[bytes, Description]]:
    payload = part.get_payload()
    if isinstance(payload, list):
        for each in payload if depth < _DEEPEST else ():
            if isinstance(each, Message):
                yield from _leaves(each, depth + 1)
        return
    data = part.get_payload(decode=True)
    if isinstance(data, bytes):
        name = part.get_filename() or ""
        charset = part.get_content_charset() or ""
        says = {each: str(part.get_param(each, "")).lower() for each in ("format", "delsp")}
        yield (
            data,
            Description(
                part.get_content_type(),
                charset=charset,
                filenames=(name,) if name else (),
                flowed=says["format"] == "flowed",
                delsp=says["delsp"] == "yes",
            ),
        )
