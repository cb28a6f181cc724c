"""Elements that show other words than stand in them: fields worked out anew, controls bound to data.

Takes where each begins and ends among the others, what it may show, and the characters between; gives what it shows besides
these. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_LONGEST = 10_000  # characters of an element in which its value is looked for


@dataclass(slots=True)
class _Aside:
    depth: int
    at: int  # among the texts
    values: dict[str, None]


@dataclass(slots=True)
class Asides:
    """Those of one part that are open."""

    _open: list[_Aside] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)

    def begin(self, depth: int, values: Iterable[str]) -> None:
        """One that stands so deep; it may begin several times, with other values."""
        if not self._open or self._open[-1].depth != depth:
            self._open.append(_Aside(depth, len(self._texts), {}))
        self._open[-1].values.update(dict.fromkeys(values))

    def text(self, text: str) -> None:
        """Characters, as they stand in the file."""
        if self._open:
            self._texts.append(text)

    def ended(self, depth: int) -> Iterator[str]:
        """What those show besides their text that stand so deep or deeper; they end here."""
        while self._open and self._open[-1].depth >= depth:
            closed = self._open.pop()
            text = "".join(self._texts[closed.at :])[:_LONGEST]
            self._texts[closed.at :] = [text] if self._open else []
            yield from (value for value in closed.values if value not in text)
