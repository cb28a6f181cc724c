"""A header field written anew with other texts in it: subjects, display names, file names.

Takes a field's name, the bytes of its value and, for each text a reader sees in it, the new one; gives the new value, in
the encoding the old one had: ASCII, folded. Addresses, other parameters and names that do not change stay as they are
written. None when the field shows none of the texts, or cannot say the new ones: whoever asks must not guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from dlp.limits import Limits
from dlp.mail import filenames, headers
from dlp.mail.addresses import Mailbox, mailboxes
from dlp.mail.fold import fold

Texts = Mapping[str, str]  # folded text as a view shows it -> what it becomes

_LINE, _LONGEST_LINE = 78, 998  # RFC 5322 2.1.1
_PIECE = re.compile(r"""[ \t]*(?:"(?:[^"\\]|\\.){0,200}"|[^ \t])+""")  # a quoted string stays on one line when it is short
_SAFE = re.compile(r"[\t -~]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def rewritten(name: str, raw: bytes, texts: Texts, limits: Limits) -> str | None:
    """The new value of the field `name` whose value is `raw`."""
    write = _WRITERS.get(name.lower())
    value = headers.unfold(raw)
    new = write(value, texts, limits) if write else None
    return None if new is None else _folded(new, len(name) + len(": "))


def shows(name: str, raw: bytes, limits: Limits) -> tuple[str, ...]:
    """The folded texts a reader sees in the field, the keys `rewritten` knows."""
    read = _READERS.get(name.lower())
    return tuple(map(fold, read(headers.unfold(raw), limits))) if read else ()


def _unstructured(value: str, texts: Texts, limits: Limits) -> str | None:
    new = texts.get(fold(headers.decode_words(value, limits.encoded_words).text))
    return None if new is None else headers.encode(new, charset=headers.word_charset(value)).replace("\r\n", "")


def _names(value: str, texts: Texts, limits: Limits) -> str | None:
    """Each mailbox whose name changes as `name <address>`, with the brackets as they were written."""
    pieces: list[str] = []
    at = 0
    for box in _boxes(value, limits):
        name, address = box.pair()
        new = texts.get(fold(name)) if name else None
        if new is None:
            continue
        phrase = _phrase(new, headers.word_charset(value[box.start : box.end]))
        angle = box.written or (f"<{address}>" if address else "")
        before = " " if value[box.start : box.start + 1].isspace() else ""
        pieces += [value[at : box.start], before, f"{phrase} {angle}" if angle else phrase]
        at = box.end
    return "".join([*pieces, value[at:]]) if pieces else None


def _boxes(value: str, limits: Limits) -> Iterator[Mailbox]:
    known = (box for box in mailboxes(value) if box.pair() != ("", ""))
    return (box for _, box in zip(range(limits.addresses), known, strict=False))


def _phrase(text: str, charset: str) -> str:
    """A display name (RFC 5322 3.2.5): plain words, a quoted string, or encoded words where there were some."""
    clean = headers.plain(text)
    if charset or not clean.isascii() or "=?" in clean:
        return headers.encode(clean, charset=charset or "utf-8").replace("\r\n", "")
    return clean if _ATOMS.fullmatch(clean) else filenames.quoted(clean)


def _folded(value: str, column: int) -> str | None:
    """`value` on lines of 78 columns where its blanks allow it; None when it is not ASCII or a line would be too long."""
    if not _SAFE.fullmatch(value):
        return None
    lines = [""]
    for piece in _PIECE.findall(value.strip(" \t")):
        room = _LINE - (column if len(lines) == 1 else 0)
        if lines[-1] and len(lines[-1]) + len(piece) > room:
            lines.append("")
        lines[-1] += piece
    return None if max(map(len, lines)) + column > _LONGEST_LINE else "\r\n".join(lines)


_Writer = Callable[[str, Texts, Limits], str | None]
_Reader = Callable[[str, Limits], tuple[str, ...]]


def _text(value: str, limits: Limits) -> tuple[str, ...]:
    return (headers.decode_words(value, limits.encoded_words).text,)


def _display_names(value: str, limits: Limits) -> tuple[str, ...]:
    return tuple(name for name, _ in (box.pair() for box in _boxes(value, limits)) if name)


_UNSTRUCTURED = ("subject", "keywords", "comments", "thread-topic", "content-description")
_MAILBOXES = ("from", "sender", "reply-to", "to", "cc")
_WRITERS: MappingProxyType[str, _Writer] = MappingProxyType(
    dict.fromkeys(_UNSTRUCTURED, _unstructured)
    | dict.fromkeys(_MAILBOXES, _names)
    | {
        "content-disposition": lambda value, texts, _: filenames.renamed(value, "filename", texts),
        "content-type": lambda value, texts, _: filenames.renamed(value, "name", texts),
    }
)
_READERS: MappingProxyType[str, _Reader] = MappingProxyType(
    dict.fromkeys(_UNSTRUCTURED, _text)
    | dict.fromkeys(_MAILBOXES, _display_names)
    | {
        "content-disposition": lambda value, _: filenames.named(value, "filename"),
        "content-type": lambda value, _: filenames.named(value, "name"),
    }
)
