"""The words around a hit: which speak for it and which against it, and how far off they stand.

Takes a pattern's two word lists and the text directly before and behind a hit; gives distances in characters as a reader
sees them. Blanks and leaders that align columns count as one blank, the line that introduces a quotation as none,
StudentID is two words and I.D. is one. Looks at no more than the surroundings of a hit, so a text of nothing but such
words costs no more than another. Nothing here fails.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
from typing import Any

from dlp.detectors.surroundings import Span, byte_spans
from dlp.ruleset import Pattern

_ALIGNING = 400  # characters of blanks and quotation lines that may stand between a word and its hit
# this and the two below begin with one class or letter, so that the search skips to the next of its kind
_BLANKS = re.compile(r"[\s._\u00b7-](?:(?<=\s)|(?<!\s)[._\u00b7-]{3,}+)(?:\s++|[._\u00b7-]{4,}+)*+")
_QUOTATION = re.compile(  # "On Monday, A. Parent wrote:", on one line or two
    r"\n(?:On|Am|Le|El|Il|Op) [^\n]{4,160}(?:\n[^\n]{0,80})?"
    r"(?:wrote|schrieb|\u00e9crit|escribi\u00f3|scritto|schreef)[^\n]{0,80}:\s*\n"
)
_QUOTING = re.compile(r"\n(?:On|Am|Le|El|Il|Op) |wrote|schrieb|\u00e9crit|escribi\u00f3|scritto|schreef")
_RUN_TOGETHER = re.compile(r"[A-Z](?:(?<=[a-z].)|(?<=[A-Z].)(?=[a-z])(?!s(?![a-z])))")  # IDNumber; IDs is one word
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,6}")
_MAY_BE_DOTTED = re.compile(r"\.[A-Za-z]\.")
_WITHOUT_BLANKS = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")  # scripts that write none between words
_CELL, _ROW, _ENDS = b"\0", b"\1", re.compile(rb"[\0\1]")
_APART = "\0"  # between what stands around one hit and the next: no blank, no letter
_AT_ONCE = 256  # hits
_NOWHERE: tuple[list[Span], list[Span]] = ([], [])
_GROWTH = 4  # characters an inflection adds, or a blank within a phrase may take


@dataclass(frozen=True, slots=True)
class NearWords:
    """The compiled word lists of one pattern, None where it has none; `longest` is the length of the longest phrase.

    `naming` are the words for a hit that stand in the pattern's own title: they say what the number is.
    """

    near: Any
    not_near: Any
    naming: Any
    longest: int

    def gaps(self, text: str, hits: Sequence[Span], reach: int) -> Iterator[tuple[int | None, int | None]]:
        """For each hit characters to the nearest word for it and to the nearest against it; None where none is within reach."""
        if self.near is None and self.not_near is None:
            yield from ((None, None) for _ in hits)
            return
        window = reach + 2 * self.longest  # a phrase may begin that far out, and one against it that it lies in
        for first in range(0, len(hits), _AT_ONCE):
            some = hits[first : first + _AT_ONCE]
            before = [seen.encode("utf-8", "replace") for seen in _ahead(text, [start for start, _ in some], window)]
            after = [seen.encode("utf-8", "replace") for seen in _behind(text, [end for _, end in some], window)]
            ahead, behind = self._places_in(before), self._places_in(after)
            for nth in range(len(some)):
                (near, against), (near_behind, against_behind) = ahead.get(nth, _NOWHERE), behind.get(nth, _NOWHERE)
                yield (
                    _nearest(before[nth], near, after[nth], near_behind, reach),
                    _nearest(before[nth], against, after[nth], against_behind, reach),
                )

    def announced(self, subject: str) -> bool:
        """Whether a Subject names what the pattern looks for, and nothing in it speaks against that."""
        seen = as_seen(subject).encode("utf-8", "replace")
        return self.naming is not None and self.naming.search(seen) is not None and not self._places(seen)[1]

    def says(self, cell: str) -> bool | None:
        """True for words for a hit in the text of a cell, None for words against it, False for neither."""
        near, against = self._places(as_seen(cell).encode("utf-8", "replace"))
        return None if against else bool(near)

    def cells(self, rows: str, longest: int) -> Iterator[tuple[int, int, bool | None]]:
        """Of each cell that says anything and is no longer: its row, its column, what it says. NUL ends a cell, SOH a row."""
        data = as_seen(rows).encode("utf-8", "replace")
        near, against = self._places(data)
        found: dict[tuple[int, int], bool | None] = {}
        row = column = at = 0
        for (start, _), says in heapq.merge(
            ((word, True) for word in near), ((word, None) for word in against), key=itemgetter(0)
        ):
            if ended := data.count(_ROW, at, start):
                row, column, at = row + ended, 0, data.rindex(_ROW, at, start)
            column, at = column + data.count(_CELL, at, start), start
            if (says is None or (row, column) not in found) and _is_short(data, start, longest):
                found[row, column] = says
        return ((*cell, says) for cell, says in found.items())

    def _places(self, data: bytes) -> tuple[list[Span], list[Span]]:
        """Where words for and words against stand. "Meeting id" is no "id": a word inside a phrase against is none."""
        against = [] if self.not_near is None else list(byte_spans(self.not_near, data))
        near = [] if self.near is None else list(byte_spans(self.near, data))
        starts = [start for start, _ in against]
        return [word for word in near if not ((at := bisect_right(starts, word[0])) and word[1] <= against[at - 1][1])], against

    def _places_in(self, pieces: Sequence[bytes]) -> dict[int, tuple[list[Span], list[Span]]]:
        """The same for each of these that has any, by its number; they are searched as one, because a search has its price."""
        found: dict[int, tuple[list[Span], list[Span]]] = {}
        starts = [0, *accumulate(len(piece) + 1 for piece in pieces)]
        for which, places in enumerate(self._places(_CELL.join(pieces))):
            for start, end in places:
                nth = bisect_right(starts, start) - 1
                found.setdefault(nth, ([], []))[which].append((start - starts[nth], end - starts[nth]))
        return found


def near_words(pattern: Pattern, ready: Callable[[tuple[str, ...]], Any]) -> NearWords:
    """A pattern's lists, each compiled by `ready`."""
    near, not_near = pattern.near, pattern.not_near
    title = set(pattern.title.lower().split())
    naming = tuple(words for words in near if set(words.lower().split()) <= title)
    longest = max((len(words) + _GROWTH * len(words.split()) for words in (*near, *not_near)), default=0) + 2
    return NearWords(ready(near), ready(not_near), ready(naming), longest)


def as_seen(text: str) -> str:
    """`text` with nothing in it that only lays it out."""
    if "\n" in text:
        text = _QUOTATION.sub("\n", text)
    if not text.isascii():
        text = _WITHOUT_BLANKS.sub(" ", text)
    if _MAY_BE_DOTTED.search(text):
        text = _DOTTED.sub(lambda found: found[0].replace(".", ""), text)
    return _BLANKS.sub(" ", _RUN_TOGETHER.sub(r" \g<0>", text))


def _is_short(data: bytes, at: int, longest: int) -> bool:
    most = 4 * longest  # bytes
    before, after = _ENDS.split(data[max(0, at - most) : at])[-1], _ENDS.split(data[at : at + most], maxsplit=1)[0]
    return len((before + after).decode("utf-8", "replace")) <= longest


def _ahead(text: str, hits: Sequence[int], window: int) -> list[str]:
    """The last `window` characters before each of these places as a reader sees them."""
    close = [text[max(0, at - window) : at] for at in hits]
    seen, quoting = _each_seen(close)
    for nth, at in enumerate(hits):
        if len(seen[nth]) < window < at or (quoting and _QUOTING.search(close[nth])):
            seen[nth] = as_seen(text[max(0, at - window - _ALIGNING) : at])
    return [each[-window:] for each in seen]


def _behind(text: str, hits: Sequence[int], window: int) -> list[str]:
    close = [text[at : at + window] for at in hits]
    seen, quoting = _each_seen(close)
    for nth, at in enumerate(hits):
        if len(seen[nth]) < window < len(text) - at or (quoting and _QUOTING.search(close[nth])):
            seen[nth] = as_seen(text[at : at + window + _ALIGNING])
    return [each[:window] for each in seen]


def _each_seen(texts: Sequence[str]) -> tuple[list[str], bool]:
    """`as_seen` of each, worked out for all at once where none of them can reach into the next, and whether one may quote."""
    joined = _APART.join(texts)
    quoting = _QUOTING.search(joined) is not None
    if quoting or joined.count(_APART) >= len(texts):
        return [as_seen(text) for text in texts], quoting
    return as_seen(joined).split(_APART), False


def _nearest(before: bytes, ahead: list[Span], after: bytes, behind: list[Span], reach: int) -> int | None:
    gaps = [len(before[ahead[-1][1] :].decode())] if ahead else []
    gaps += [len(after[: behind[0][0]].decode())] if behind else []
    return min((gap for gap in gaps if gap <= reach), default=None)
