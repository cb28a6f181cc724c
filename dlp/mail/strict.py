"""The strict reading of a message: the standard library's parser, which shares no code with ours and forgives other things.

Takes what was read so far and adds the text of bodies that nobody had yet. It reads no message that is too large or too deep
for it, and what it cannot follow is told by our own reading. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from dlp.mail import leaf
from dlp.mail.collected import Collected
from dlp.mail.entity import Buffer, Description
from dlp.mail.fold import fold
from dlp.values import Channel, PartStatus, View

_LARGEST = 4 << 20  # bytes: it makes an object of each line
_DEEPEST = 40  # levels of parts; deeper than we read
_PARSER = BytesParser(policy=compat32)
_ENCODED = re.compile(rb"(?<=\n)(?:[A-Za-z0-9+/]{40,76}+\r\n){8,}+(?=[A-Za-z0-9+/])")  # neither fields nor delimiters
_MARK = "\1"


def differs(collected: Collected, *, parts: int) -> bool:
    """Add the text only this reading has; true where it has some, and nothing told so far that readers may differ.

    One part without doubts is read alike by both. Of `parts` there were so many.
    """
    doubtful = bool(collected.doubts - {""})
    if (parts == 1 and not doubtful) or any(part.status is PartStatus.TRUNCATED for part in collected.parts):
        return False
    seen = [view.text for view in collected.views]
    found: list[str] = []
    for body, declared in _leaves_of(collected.raw):
        if collected.is_new(body):
            reading = leaf.read_leaf(body, declared, "", collected.open_file)
            collected.closed = collected.closed or reading.closed
            found += (*reading.texts, *(fold(shown.text) for shown in reading.shown))
    new = leaf.unseen("\n".join(found), seen) if found else ""
    if new:
        collected.add(View(Channel.TEXT, "", "another reading of the message", new))
    if not new or doubtful:
        return False
    collected.doubts.add("readings-differ")
    return True


def _leaves_of(raw: Buffer) -> tuple[tuple[bytes, Description], ...]:
    if len(raw) > _LARGEST:
        return ()
    found: list[tuple[bytes, Description]] = []
    with suppress(RecursionError, LookupError, ValueError, TypeError, AttributeError):  # its own on what it did not expect
        found.extend(_leaves(_parsed(bytes(raw)), 0))
    return tuple(found)


def _parsed(raw: bytes) -> Message:
    """As the parser sees it. It looks at every line, and finds nothing in those of base64: they are given as one.

    Marks stand where they ended, and the parts get their lines back. Not in bytes the parser shows only decoded.
    """
    mark = _MARK.encode()
    if mark in raw or not raw.isascii():
        return _PARSER.parsebytes(raw)
    message = _PARSER.parsebytes(_ENCODED.sub(lambda lines: lines[0].replace(b"\r\n", mark), raw))
    for part in message.walk():
        payload = part.get_payload()
        if isinstance(payload, str) and _MARK in payload:
            part.set_payload(payload.replace(_MARK, "\r\n"))
    return message


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
        yield data, Description(part.get_content_type(), charset=charset, filenames=(name,) if name else ())
