"""Where something stands in a TOML file, so that every complaint can name its line.

Takes the text of a file that `tomllib` has read (or refused) and gives 1-based line numbers. It only splits the text into
statements; what they mean is tomllib's business. Nothing here fails: what is not found gives the line of what holds
it, or 0.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

_PIECE = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|'
    r"'''.*?'''|"
    r'"(?:[^"\\\n]|\\.)*"|'
    r"'[^'\n]*'|"
    r"#[^\n]*|\n|[\[\]{}=]|[^\s\[\]{}=\"'#]+|[\"']",
    re.DOTALL,
)
_REFUSED_AT = re.compile(r"\(at line (\d+)")


@dataclass(frozen=True, slots=True)
class _Statement:
    """A header (`[a.b]`, `[[a]]`) or a `key = value`, and the lines of the strings in its value."""

    name: str
    is_header: bool
    line: int
    strings: tuple[int, ...] = ()


def error_line(error: tomllib.TOMLDecodeError) -> int:
    """The line tomllib complains about, 0 when it does not say (end of document)."""
    found = _REFUSED_AT.search(str(error))
    return int(found.group(1)) if found else 0


def table_lines(text: str, header: str) -> tuple[int, ...]:
    """The lines of every `[header]` or `[[header]]`, in order."""
    return tuple(statement.line for statement in _statements(text) if statement.is_header and statement.name == header)


def table_line(text: str, header: str, index: int = 0) -> int:
    """The line of the nth (from 0) `[header]` or `[[header]]`, else 0."""
    lines = table_lines(text, header)
    return lines[index] if 0 <= index < len(lines) else 0


def key_line(text: str, section: str, key: str, index: int = 0) -> int:
    """The line of `key` in the nth table called `section` ("" = before any header), else that table's line, else 0."""
    found = _find(text, section, key, index)
    return found.line if found else table_line(text, section, index)


def item_line(text: str, section: str, key: str, item: int, index: int = 0) -> int:
    """The line of the nth string (from 0) in the value of `key`, else the key's line."""
    found = _find(text, section, key, index)
    if found and 0 <= item < len(found.strings):
        return found.strings[item]
    return key_line(text, section, key, index)


def _find(text: str, section: str, key: str, index: int) -> _Statement | None:
    current, seen, wanted = "", {"": 0}, f"{section}.{key}".removeprefix(".")
    for statement in _statements(text):
        if statement.is_header:
            current = statement.name
            seen[current] = seen.get(current, -1) + 1
        elif f"{current}.{statement.name}".removeprefix(".") == wanted and seen.get(section, 0) == index:
            return statement
    return None


def _statements(text: str) -> list[_Statement]:
    """Split into statements: a new one begins on the first line after all brackets have closed."""
    found: list[_Statement] = []
    pieces: list[tuple[str, int]] = []
    depth = 0
    line = 1
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece == "\n" and depth <= 0:
            _close(pieces, found)
            pieces, depth = [], 0
        elif piece != "\n" and not piece.startswith("#"):
            pieces.append((piece, line))
            depth += (piece in "[{") - (piece in "]}")
        line += piece.count("\n")
    _close(pieces, found)
    return found


def _close(pieces: list[tuple[str, int]], found: list[_Statement]) -> None:
    if not pieces:
        return
    words = [piece for piece, _ in pieces]
    line = pieces[0][1]
    if words[0] == "[":
        found.append(_Statement(_name(words), True, line))
    elif "=" in words:
        equals = words.index("=")
        strings = tuple(at for piece, at in pieces[equals + 1 :] if piece[0] in "\"'")
        found.append(_Statement(_name(words[:equals]), False, line, strings))


def _name(words: list[str]) -> str:
    return "".join(word.strip("\"'") for word in words if word not in ("[", "]"))
