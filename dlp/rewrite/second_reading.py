"""The second of the two readings that prove a rewrite: the standard library's, which shares no code with ours.

Takes the message before and after and its edits; gives whether the same parts with the same bodies are still there, as many
fields differ as were edited, and no removed word is left in any field of their names. What that parser cannot follow
counts as no. Never raises.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value, getaddresses
from hashlib import sha256

from dlp.values import Edit

_MAILBOXES = frozenset({"from", "sender", "reply-to", "to", "cc"})
_BULK = re.compile(rb"(?:[A-Za-z0-9+/]{60,76}\r?\n){200,}+")  # of a file: no header, no boundary; parsing it costs a second
_DEEPEST = 40  # levels of parts; deeper than we read


def agrees(before: bytes | memoryview, after: bytes | memoryview, edits: Collection[Edit]) -> bool:
    """Whether an independent reading finds `after` to be `before` without the words of these edits, and nothing else."""
    parser = BytesParser(policy=compat32)
    removed = [word for edit in edits for word in edit.removed]
    names = {edit.name.lower() for edit in edits}
    try:
        old, new = (parser.parsebytes(_BULK.sub(_digest, raw)) for raw in (before, after))
        pairs = list(_fields(old, new, 0))
        shown = [text for name, _, value in pairs if name in names for text in _shown(name, value)]
        return sum(before != after for _, before, after in pairs) == len(edits) and not any(
            _left(removed, text) for text in shown
        )
    except (_Differs, RecursionError, LookupError, ValueError):
        return False


def _digest(bulk: re.Match[bytes]) -> bytes:
    return sha256(bulk[0]).hexdigest().encode() + b"\n"


class _Differs(Exception):  # noqa: N818  a finding, not a fault
    """The two messages are not built alike."""


def _fields(old: Message, new: Message, depth: int) -> Iterator[tuple[str, str, str]]:
    """Each field's name, old and new value, parts included. Raises _Differs where more than a value does."""
    for (name, value), (new_name, new_value) in zip(old.raw_items(), new.raw_items(), strict=True):
        if name != new_name:
            raise _Differs
        yield name.lower(), str(value), str(new_value)
    if depth > _DEEPEST or _build(old) != _build(new):
        raise _Differs
    if not old.is_multipart():
        if old.get_payload() != new.get_payload():
            raise _Differs
        return
    for old_part, new_part in zip(old.get_payload(), new.get_payload(), strict=True):
        yield from _fields(old_part, new_part, depth + 1)


def _build(part: Message) -> tuple[object, ...]:
    """All about a part that an edit must leave alone."""
    declared = (part.get_content_type(), part.get_content_charset(), part.get_boundary(), part.get_content_disposition())
    defects = [type(defect) for defect in part.defects]
    return (*declared, part.is_multipart(), part.preamble, part.epilogue, part.get_unixfrom(), defects)


def _shown(name: str, value: str) -> tuple[str, ...]:
    if name in _MAILBOXES:
        return tuple(_decoded(found) for found, _ in getaddresses([value]))
    if name in {"content-type", "content-disposition"}:
        field: Message = Message()
        field[name] = value
        parameters = field.get_params([], header=name)[1:]
        return tuple(_decoded(collapse_rfc2231_value(content)) for _, content in parameters)
    return (_decoded(value),)


def _decoded(text: str) -> str:
    with suppress(HeaderParseError, LookupError, ValueError):  # what cannot be decoded is read as it stands
        text = str(make_header(decode_header(text)))
    return unicodedata.normalize("NFKC", text)


def _left(removed: Collection[str], text: str) -> bool:
    """Whether one of the words stands in `text`, letters around it making it another word."""
    return any(re.search(rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])", text) for word in removed if word)
