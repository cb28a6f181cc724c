"""Which characters of each view are explained already: what a sign stands on, no weaker one may stand on.

Takes spans of a view's text; says whether one meets another. A byte a character, for a list of thousands. Nothing here fails.
"""

from __future__ import annotations


class Marks:
    """Of one text of this many characters."""

    def __init__(self, length: int) -> None:
        self._marks = bytearray(length)

    def __contains__(self, at: object) -> bool:
        return isinstance(at, int) and 0 <= at < len(self._marks) and self._marks[at] == 1

    def add(self, start: int, end: int) -> None:
        self._marks[start:end] = b"\1" * (end - start)

    def take(self, start: int, end: int) -> bool:
        """Whether a span was free; it is taken then."""
        if self._marks.find(1, start, end) >= 0:
            return False
        self.add(start, end)
        return True


class Taken:
    """Marks by view."""

    def __init__(self) -> None:
        self._views: dict[int, Marks] = {}

    def of(self, view: int, text: str) -> Marks:
        return self._views.get(view) or self._views.setdefault(view, Marks(len(text)))
