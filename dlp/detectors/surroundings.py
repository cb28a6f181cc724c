"""One view made ready to search: its UTF-8 bytes, its lines, and where an expression hits, counted in characters.

Takes a view, its place in Texts.views and the message's Subject; gives spans, line numbers and the words "part 1, line 6".
The bytes and line ends are made when first asked for, because most views have no hit. Linear in the view's length.
Nothing here fails.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from dlp.values import Channel, View

HIT = b"hit"  # the group that holds the match itself where borders are part of the expression

Span = tuple[int, int]


class Surroundings:
    """What stands around a hit in one view. `patience` is how many seconds a backtracking expression may take in it."""

    def __init__(self, view: View, index: int = 0, subject: str = "", patience: float = 0.0) -> None:
        self.view = view
        self.index = index
        self.subject = subject
        self.patience = patience
        self.text = view.text

    @cached_property
    def data(self) -> bytes:
        return self.text.encode("utf-8", "replace")  # a lone surrogate becomes one "?", so characters still count right

    @cached_property
    def _line_ends(self) -> list[int]:
        ends = []
        at = self.text.find("\n")
        while at >= 0:
            ends.append(at)
            at = self.text.find("\n", at + 1)
        return ends

    def line(self, at: int) -> int:
        """The line of a character, counted from 0."""
        return bisect_left(self._line_ends, at)

    def line_span(self, line: int) -> Span:
        """The characters of one line, without its end."""
        ends = self._line_ends
        return (ends[line - 1] + 1 if line else 0), (ends[line] if line < len(ends) else len(self.text))

    def where(self, at: int) -> str:
        """The place in words: a header view's label, else label and cell ("B7"), or label and line counted from 1."""
        if self.view.channel is Channel.HEADERS:
            return self.view.label
        line = self.line(at)
        if self.view.grid is None:
            return f"{self.view.label}, line {line + 1}"
        row, column = self.view.grid
        cells_before = self.text.count("\t", self.line_span(line)[0], at)
        return f"{self.view.label}, {column_name(column + cells_before)}{row + line}"

    def spans(self, expression: Any) -> Iterator[Span]:
        """Where a compiled google-re2 expression hits, first to last. A hit may share its border with the next one."""
        spans = byte_spans(expression, self.data)
        if len(self.data) == len(self.text):
            yield from spans
            return
        characters = bytes_read = 0
        for start, end in spans:
            first = characters + len(self.data[bytes_read:start].decode("utf-8", "ignore"))
            characters = first + len(self.data[start:end].decode("utf-8", "ignore"))
            bytes_read = end
            yield first, characters


def column_name(number: int) -> str:
    """The letters of a column counted from 1: 1 is "A", 28 is "AB"."""
    letters = ""
    while number > 0:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def byte_spans(expression: Any, data: bytes) -> Iterator[Span]:
    """Where a compiled google-re2 expression hits in UTF-8 bytes."""
    group = expression.groupindex.get(HIT, 0)
    at = 0
    while match := expression.search(data, at):
        start, end = match.span(group)
        at = end if end > start else _next_character(data, match.end())
        if end > start:
            yield start, end
        if at > len(data):
            return


def _next_character(data: bytes, at: int) -> int:
    at += 1
    while at < len(data) and data[at] & 0xC0 == 0x80:  # UTF-8 continuation
        at += 1
    return at
