"""Pictures of rates as SVG: one rate on a line, rates against rates, and how honest confidence is.

Takes rates; gives markup to stand in a page, whose style sheet colours it by class (`page.py`). Pure.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.accuracy.measures import Goal, Rate

_WIDTH, _HEIGHT = 90, 14  # of one rate on its line
_SIDE, _LEFT, _BOTTOM, _TOP = 300, 52, 44, 12  # of a square with axes
_LABELS = 220  # room for words to the right of it
_APART = 15  # lines of labels


def bar(rate: Rate, goal: Goal | None = None) -> str:
    """One rate from 0 to 100 %: its interval, the rate, and a stroke at the goal."""
    low, high = (side * _WIDTH for side in rate.interval)
    middle, share = _HEIGHT / 2, rate.share * _WIDTH
    mark = f'<path class="goal" d="M{goal.share * _WIDTH:.1f} 0v{_HEIGHT}"/>' if goal else ""
    return (
        f'<svg class="bar" viewBox="-3 0 {_WIDTH + 6} {_HEIGHT}" width="{_WIDTH + 6}" height="{_HEIGHT}" aria-hidden="true">'
        f'<path class="axis" d="M0 {middle}h{_WIDTH}"/>{mark}'
        f'<rect class="interval" x="{low:.1f}" y="{middle - 3}" width="{max(high - low, 1):.1f}" height="6" rx="2"/>'
        f'<circle class="point" cx="{share:.1f}" cy="{middle}" r="3"/></svg>'
    )


def against(points: Sequence[tuple[str, Rate, Rate]], across: str, up: str) -> str:
    """Named points, each a rate across and a rate up, with both intervals."""
    square = _Square(_most(x for _, x, _ in points), _most(y for _, _, y in points))
    drawn = [square.cross(x.interval, y.interval, x.share, y.share) for _, x, y in points]
    places = [(square.down(y.share), square.right(x.share), name) for name, x, y in points]
    words = (
        f'<path class="leader" d="M{left + 6:.1f} {at:.1f}L{_LEFT + _SIDE + 6} {top:.1f}"/>'
        f'<text class="label" x="{_LEFT + _SIDE + 10}" y="{top + 4:.1f}">{html.escape(name)}</text>'
        for top, at, left, name in _spread(places)
    )
    return square.drawn((*drawn, *words), across, up, f"{up} against {across}", _LABELS)


def diagram(points: Sequence[tuple[float, Rate]], across: str, up: str) -> str:
    """How often what was said with some confidence was right; on the diagonal the two are the same."""
    square = _Square(1, 1)
    diagonal = f'<path class="goal" d="M{square.right(0)} {square.down(0)}L{square.right(1)} {square.down(1)}"/>'
    crosses = (square.cross((x, x), y.interval, x, y.share) for x, y in points)
    return square.drawn((diagonal, *crosses), across, up, "Reliability diagram", 20)


def _most(rates: Iterable[Rate]) -> float:
    """Where an axis ends."""
    high = max((rate.interval[1] for rate in rates), default=1)
    return next(end for end in (0.1, 0.2, 0.4, 1) if high <= end)


def _spread(labels: Iterable[tuple[float, float, str]]) -> Iterator[tuple[float, float, float, str]]:
    """From the top, none nearer to the one above than a line."""
    above = -_APART * 1.0
    for at, left, name in sorted(labels):
        above = max(at, above + _APART)
        yield above, at, left, name


@dataclass(frozen=True, slots=True)
class _Square:
    """Two axes from 0 to these shares."""

    width: float
    height: float

    def right(self, share: float) -> float:
        return _LEFT + share / self.width * _SIDE

    def down(self, share: float) -> float:
        return _TOP + (1 - share / self.height) * _SIDE

    def cross(self, x: tuple[float, float], y: tuple[float, float], at: float, height: float) -> str:
        across, up = self.right(at), self.down(height)
        lines = (
            f"M{self.right(x[0]):.1f} {up:.1f}H{self.right(x[1]):.1f}M{across:.1f} {self.down(y[0]):.1f}V{self.down(y[1]):.1f}"
        )
        return f'<path class="whisker" d="{lines}"/><circle class="point" cx="{across:.1f}" cy="{up:.1f}" r="4.5"/>'

    def drawn(self, inside: Iterable[str], across: str, up: str, title: str, room: int) -> str:
        ticks = "".join(map(self._tick, (0, 0.25, 0.5, 0.75, 1)))
        width, height = _LEFT + _SIDE + room, _TOP + _SIDE + _BOTTOM
        below, beside = f"translate({_LEFT + _SIDE / 2} {height - 6})", f"translate(12 {_TOP + _SIDE / 2}) rotate(-90)"
        names = (
            f'<text class="label" transform="{where}" text-anchor="middle">{html.escape(name)}</text>'
            for where, name in ((below, across), (beside, up))
        )
        return (
            f'<svg class="plot" viewBox="0 0 {width} {height}" width="{width}" role="img" aria-label="{html.escape(title)}">'
            f"{ticks}{''.join(names)}{''.join(inside)}</svg>"
        )

    def _tick(self, part: float) -> str:
        x, y = part * self.width, part * self.height
        return (
            f'<path class="grid" d="M{self.right(x)} {_TOP + _SIDE}v-{_SIDE}M{_LEFT} {self.down(y)}h{_SIDE}"/>'
            f'<text class="tick" x="{self.right(x)}" y="{_TOP + _SIDE + 16}" text-anchor="middle">{x * 100:g}%</text>'
            f'<text class="tick" x="{_LEFT - 6}" y="{self.down(y) + 4}" text-anchor="end">{y * 100:g}%</text>'
        )
