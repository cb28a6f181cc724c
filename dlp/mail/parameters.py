"""Parameters of a structured MIME field: Content-Type, Content-Disposition, Content-Transfer-Encoding.

Takes an unfolded value; gives its first word and its parameters in order, RFC 2231 sections joined and decoded,
RFC 2047 words decoded where clients wrongly put them. One linear pass, at most `cap` parameters. Never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote_to_bytes

from dlp.mail import charset, headers

_MAIN = re.compile(r"\s*([^;\s]*)")
_PARAMETER = re.compile(r"""[;\s]*+([^=;"]*+)(?:=\s*+("(?:[^"\\]|\\.)*+"?|[^;]*+)[^;]*+)?""", re.DOTALL)
_REGULAR = re.compile(r"""([^\s;="()]+)((?:;[ \t]*+[A-Za-z-]+=(?:"[^"\\()]*"|[^\s;"()]+))*+)""")  # as most are written
_REGULAR_PARAMETER = re.compile(r"""([A-Za-z-]+)=(?:"([^"]*)"|([^;]+))""")
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,5}))?(\*)?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_FILE_NAME = re.compile(r"""(?<![^\s;,"'])(?:file)?name\s*+=\s*+((?:"(?:[^"\\]|\\.)*+"?|[^;"])*+)""", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"?', re.DOTALL)
_WORD = re.compile(r"[^\s,]*+")
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
class Piece:
    """One parameter as it is written: `name*number*=value`."""

    name: str  # lower case, "" for what is no parameter
    number: int  # -1: not one of several sections
    extended: bool
    value: str  # unquoted, not decoded
    written: str


def parse(value: str, cap: int = 64) -> Structured:
    """Read "word; name=value; ..." (RFC 2045 5.1, RFC 2231), comments dropped, blanks instead of a semicolon tolerated."""
    regular = _REGULAR.fullmatch(value)
    if regular and "=?" not in value:
        found = tuple((name.lower(), quoted or bare) for name, quoted, bare in _REGULAR_PARAMETER.findall(regular[2]))
        if len(found) <= cap and len(dict(found)) == len(found):
            return Structured(regular[1].lower(), found)
    main, written = taken_apart(value)
    pieces: dict[str, list[Piece]] = {}
    count = 0
    for piece in written:
        if not piece.name:
            continue
        count += 1
        if count > cap:
            break
        pieces.setdefault(piece.name, []).append(piece)
    doubts = tuple(sorted({"parameter-section-twice" for same in pieces.values() if _has_twins(same)}))
    joined = tuple((group[0].name, decoded(group)) for same in pieces.values() for group in (*groups(same), *_begun(same)))
    return Structured(main.lower(), joined, count > cap, doubts)


def file_names(value: str) -> Iterator[tuple[str, str]]:
    """File names as readers take them that know no comments and read on behind a quote: all up to the semicolon, and a word."""
    for match in _FILE_NAME.finditer(value):
        text = match[1].strip()
        whole = headers.decode_words(_QUOTED.sub(lambda quoted: _ESCAPED.sub(r"\1", quoted[1]), text)).text
        first = _WORD.match(text)
        yield whole, whole if text.startswith('"') or first is None else first[0]


def taken_apart(value: str) -> tuple[str, Iterator[Piece]]:
    """The first word as written and what follows it, piece by piece, comments dropped.

    Where the word was left out, so that a parameter comes first, it is "".
    """
    bare = without_comments(value)
    main = _MAIN.match(bare)
    assert main is not None
    if "=" in main[1]:
        return "", _pieces(bare, 0)
    return main[1], _pieces(bare, main.end())


def groups(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Pieces of one name by the value they make: RFC 2231 first, for a client that knows it prefers it."""
    sections = sorted((piece for piece in pieces if piece.number >= 0), key=lambda piece: piece.number)
    if sections:
        yield sections
    yield from ([piece] for piece in pieces if piece.number < 0 and piece.extended)
    yield from ([piece] for piece in pieces if piece.number < 0 and not piece.extended)


def _begun(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """The sections before one that is missing: some readers stop there, others go on with the next."""
    numbers = sorted((piece for piece in pieces if piece.number >= 0), key=lambda piece: piece.number)
    gaps = (at for at, (piece, after) in enumerate(pairwise(numbers), 1) if after.number > piece.number + 1)
    if stop := next(gaps, 0):
        yield numbers[:stop]


def decoded(group: list[Piece]) -> str:
    """The value one group makes. A boundary is never taken for encoded words."""
    first = group[0]
    if first.number >= 0 or first.extended:
        return _extended(group)
    return first.value if first.name == "boundary" else headers.decode_words(first.value).text


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


def _pieces(text: str, at: int) -> Iterator[Piece]:
    while at < len(text):
        match = _PARAMETER.match(text, at)
        assert match is not None
        if match.end() == at:  # a stray quote: nothing to name
            at += 1
            continue
        at = match.end()
        name = match[1].strip().lower()
        written = match[0].strip("; \t")
        if not name or match[2] is None:
            if written:
                yield Piece("", -1, extended=False, value="", written=written)
            continue
        section = _SECTION.fullmatch(name)
        number = int(section[2]) if section and section[2] else -1
        name = section[1] if section else name
        yield Piece(name, number, bool(section and section[3]), _unquoted(match[2]), written)


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value.strip()
    inner = value[1:-1] if value.endswith('"') and len(value) > 1 else value[1:]
    return _ESCAPED.sub(r"\1", inner)


def _has_twins(pieces: list[Piece]) -> bool:
    numbers = [piece.number for piece in pieces if piece.number >= 0]
    return len(numbers) != len(set(numbers))


def _extended(sections: list[Piece]) -> str:
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
