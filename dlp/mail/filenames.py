"""File names in a structured field written anew: each spelling a client may use, kept as it was.

Takes an unfolded Content-Disposition or Content-Type value and, for each file name as a reader sees it, the new one; gives
the value with those parameters changed: plain, quoted, in RFC 2231 form (one value or sections, with their charset) or
as encoded words in quotes. Other parameters stay as written. None when no name matches or the result does not read back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dlp.mail import headers, parameters
from dlp.mail.fold import fold
from dlp.mail.parameters import Piece

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+")
_PLAIN_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~")  # attr-char
_SECTION = 50  # columns of text in one RFC 2231 section
_SPECIAL = re.compile(r'(["\\])')


def named(value: str, parameter: str) -> tuple[str, ...]:
    """Every value the parameter has for one reader or another."""
    return parameters.parse(value).all(parameter)


def renamed(value: str, parameter: str, texts: Mapping[str, str]) -> str | None:
    """`value` with each `parameter` whose folded text is a key of `texts` changed."""
    main, written = parameters.taken_apart(value)
    pieces = list(written)
    ours = [piece for piece in pieces if piece.name == parameter]
    instead: dict[int, list[str]] = {}  # by identity of the piece
    for group in parameters.groups(ours):
        new = texts.get(fold(parameters.decoded(group)))
        if new is not None:
            instead |= {id(piece): [] for piece in group}
            instead[id(group[0])] = _spelled(group, headers.plain(new), alone=len(ours) == len(group))
    if not instead:
        return None
    out = [part for piece in pieces for part in instead.get(id(piece), [piece.written])]
    result = "; ".join(filter(None, [main, *out]))
    wanted = {texts.get(fold(old), old) for old in named(value, parameter)}
    return result if set(map(fold, named(result, parameter))) == set(map(fold, wanted)) else None


def quoted(text: str) -> str:
    """A quoted string (RFC 5322 3.2.4) of text without line breaks."""
    return '"' + _SPECIAL.sub(r"\\\1", text) + '"'


def _spelled(group: list[Piece], new: str, *, alone: bool) -> list[str]:
    """The parameter, or its sections, in the form `group` has."""
    first = group[0]
    simple = new.isascii() and "\\" not in new  # readers differ in what a backslash before a quote ends
    name = first.written.partition("=")[0].strip().partition("*")[0]
    if first.extended:
        return _extended(name, new, *_declared(first.value), sections=first.number >= 0)
    if first.number >= 0:
        if simple and "=?" not in new:
            chunks = [new[at : at + _SECTION] for at in range(0, len(new), _SECTION)] or [""]
            return [f"{name}*{number}={quoted(chunk)}" for number, chunk in enumerate(chunks)]
        return _extended(name, new, "utf-8", "", sections=True)
    charset = headers.word_charset(first.value)
    if charset or "=?" in new or not (simple or alone):
        return [f'{name}="{headers.encode(new, charset=charset or "utf-8")}"'.replace("\r\n", "")]
    if not simple:  # raw bytes were never right here
        return _extended(name, new, "utf-8", "", sections=False)
    bare = '"' not in first.written and _TOKEN.fullmatch(new)
    return [f"{name}={new}" if bare else f"{name}={quoted(new)}"]


def _declared(value: str) -> tuple[str, str]:
    """Charset and language of an extended value (RFC 2231 4)."""
    if value.count("'") < 2:
        return "utf-8", ""
    charset, language, _ = value.split("'", 2)
    return charset or "utf-8", language


def _extended(name: str, text: str, charset: str, language: str, *, sections: bool) -> list[str]:
    """RFC 2231, in sections where it had some or is too long for a line; no section splits a character."""
    try:
        signs = [_percent(sign.encode(charset)) for sign in text]
        if b"".join(sign.encode(charset) for sign in text).decode(charset) != text:
            raise ValueError
    except (LookupError, ValueError):
        charset = "utf-8"
        signs = [_percent(sign.encode("utf-8", "replace")) for sign in text]
    start = f"{charset}'{language}'"
    if not sections and len("".join(signs)) <= _SECTION:
        return [f"{name}*={start}{''.join(signs)}"]
    return [
        f"{name}*{number}*={start if number == 0 else ''}{chunk}" for number, chunk in enumerate(_chunks(signs, len(start)))
    ]


def _chunks(signs: list[str], used: int) -> Iterator[str]:
    chunk = ""
    for sign in signs:
        if chunk and used + len(chunk) + len(sign) > _SECTION:
            yield chunk
            chunk, used = "", 0
        chunk += sign
    yield chunk


def _percent(data: bytes) -> str:
    return "".join(chr(byte) if byte in _PLAIN_BYTES else f"%{byte:02X}" for byte in data)
