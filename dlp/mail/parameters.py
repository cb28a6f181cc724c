"""Parameters of a structured MIME field: Content-Type, Content-Disposition, Content-Transfer-Encoding.

Takes an unfolded value; gives its first word and its parameters in order, RFC 2231 sections joined and decoded,
RFC 2047 words decoded where clients wrongly put them. One linear pass, at most `cap` parameters. Never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from dlp.mail import charset, headers

_MAIN = re.compile(r"\s*([^;\s]*)")
_PARAMETER = re.compile(r"""[;\s]*+([^=;"]*+)(?:=\s*+("(?:[^"\\]|\\.)*+"?|[^;]*+)[^;]*+)?""", re.DOTALL)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,5}))?(\*)?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMMENT_SIGN = re.compile(r'["()\\]')


@dataclass(frozen=True, slots=True)
class Structured:
    """`main` is the lower-case word before the parameters; `doubts` are words of entity.AMBIGUITIES."""

    main: str
    parameters: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    doubts: tuple[str, ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """Every different value of one parameter, in order."""
        return tuple(dict.fromkeys(value for key, value in self.parameters if key == name))

    def get(self, name: str) -> str:
        return next(iter(self.all(name)), "")


@dataclass(frozen=True, slots=True)
class _Piece:
    number: int  # -1: not one of several sections
    extended: bool
    value: str


def parse(value: str, cap: int = 64) -> Structured:
    """Read "word; name=value; ..." (RFC 2045 5.1, RFC 2231), comments dropped, blanks instead of a semicolon tolerated."""
    bare = without_comments(value)
    main = _MAIN.match(bare)
    assert main is not None
    pieces: dict[str, list[_Piece]] = {}
    count = 0
    for name, text in _raw_parameters(bare, main.end()):
        count += 1
        if count > cap:
            break
        section = _SECTION.fullmatch(name)
        if section is None:
            pieces.setdefault(name, []).append(_Piece(-1, extended=False, value=text))
            continue
        number = int(section[2]) if section[2] else -1
        pieces.setdefault(section[1], []).append(_Piece(number, bool(section[3]), text))
    doubts = tuple(sorted({"parameter-section-twice" for found in pieces.values() if _has_twins(found)}))
    joined = tuple((name, text) for name, found in pieces.items() for text in _values(name, found))
    return Structured(main[1].lower(), joined, count > cap, doubts)


def without_comments(value: str) -> str:
    """`value` with each RFC 5322 comment (nested too) turned into a blank; an open one runs to the end."""
    if "(" not in value:
        return value
    out: list[str] = []
    depth = at = 0
    quoted = False
    position = 0
    while match := _COMMENT_SIGN.search(value, position):
        position = match.end()
        sign = match[0]
        if sign == "\\":
            position += 1
        elif sign == '"' and not depth:
            quoted = not quoted
        elif sign == "(" and not quoted:
            if not depth:
                out += [value[at : match.start()], " "]
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
            at = match.end()
    if not depth:
        out.append(value[at:])
    return "".join(out)


def _raw_parameters(text: str, at: int) -> Iterator[tuple[str, str]]:
    while at < len(text):
        match = _PARAMETER.match(text, at)
        assert match is not None
        if match.end() == at:  # a stray quote: nothing to name
            at += 1
            continue
        at = match.end()
        name = match[1].strip().lower()
        if name and match[2] is not None:
            yield name, _unquoted(match[2])


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value.strip()
    inner = value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:]
    return _ESCAPED.sub(r"\1", inner)


def _has_twins(pieces: list[_Piece]) -> bool:
    numbers = [piece.number for piece in pieces if piece.number >= 0]
    return len(numbers) != len(set(numbers))


def _values(name: str, pieces: list[_Piece]) -> Iterator[str]:
    """RFC 2231 values first: a client that knows them prefers them. A boundary is never taken for encoded words."""
    sections = sorted((piece for piece in pieces if piece.number >= 0), key=lambda piece: piece.number)
    if sections:
        yield _extended(sections)
    yield from (_extended([piece]) for piece in pieces if piece.number < 0 and piece.extended)
    plain = [piece.value for piece in pieces if piece.number < 0 and not piece.extended]
    yield from (value if name == "boundary" else headers.decode_words(value).text for value in plain)


def _extended(sections: list[_Piece]) -> str:
    """Join sections; the charset stands in the first one: charset'language'text (RFC 2231 4)."""
    name = ""
    data: list[bytes] = []
    for index, piece in enumerate(sections):
        text = piece.value
        if index == 0 and piece.extended and text.count("'") >= 2:
            name, _, text = text.split("'", 2)
        raw = text.encode("utf-8", "replace")
        data.append(unquote_to_bytes(raw) if piece.extended else raw)
    return headers.decode_words(charset.decode(b"".join(data), name)).text
