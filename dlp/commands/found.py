"""A finding in words for a person at a terminal: what it is, in which part it stands and, where it may be shown, its sentence.

Takes findings and the texts they were found in; gives phrases. What kind a part is comes from the message and is shown without
control characters. What is found often in one part is told once. Only `excerpts` shows text: whoever shows it has it written
down who looked. Nothing here fails.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from dlp.notices.reasons import wording
from dlp.notices.rendering import clean
from dlp.notices.words import KINDS
from dlp.statements.sentences import sentences
from dlp.values import Channel, Finding, Reason, Texts, View

_BEGIN, _END = ">>", "<<"  # around what was found
_REACH = 160  # characters on either side
_NONE = "none is on record"
MANY = 3  # findings of one kind in one part that are told one by one

_Piece = tuple[int, int]  # characters of a sentence or a row


def kind(word: str) -> str:
    """ "an ID number (id)", and "grades" where the words are the same."""
    said = KINDS.get(word, word)
    return said if said == word else f"{said} ({word})"


def why(reason: Reason) -> str:
    """What the sender reads of it."""
    return wording(reason.code, row=reason.row, neutral=reason.neutral).why


def told(reason: Reason) -> str:
    """What a pass rests on, what is missing, and the office to go to."""
    parts = (reason.basis if reason.code != "none" else None, reason.missing, reason.refer_to and f"refer to {reason.refer_to}")
    return "".join(f"; {each}" for each in parts if each)


def reasons(
    given: Iterable[Reason], of_whom: Callable[[Reason], str] = lambda _reason: "", *, stops: bool = True
) -> Iterator[str]:
    """Each in a line, with what the sender reads of it where it `stops` something.

    Those that differ only in what is missing are in one line, with whom each part is of where that is known.
    """
    alike: dict[Reason, list[Reason]] = {}
    for reason in given:
        alike.setdefault(replace(reason, missing=None, findings=()), []).append(reason)
    for one, rows in alike.items():
        lacks = (
            dict.fromkeys(f"{each.missing or _NONE}{of_whom(each)}" for each in rows) if len(rows) > 1 else [rows[0].missing]
        )
        missing = "; ".join(filter(None, lacks))
        if len(lacks) > 1 and not of_whom(rows[0]):
            missing = f"not the same of all it tells of: {missing}"
        said = f": {why(one)}" if stops else ""
        yield f"{one.code} (row {one.row}, {one.requirement}){told(replace(one, missing=missing))}{said}"


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding to be told: its kind, the part and the spot in it, what is shown of it, and by what it was found."""

    kind: str
    part: str
    spot: str  # "" where the part is all there is of the place
    masked: str
    pattern: str = ""
    confidence: float = 0.0

    @classmethod
    def at(cls, where: str, kind: str, masked: str) -> Seen:
        """One that is kept with a hold: of its place no more than the words is known."""
        part, _, spot = where.rpartition(", ")
        return cls(kind, part or spot, spot if part else "", masked)

    @classmethod
    def of(cls, finding: Finding, texts: Texts) -> Seen:
        """One of a message that is there."""
        where, spot = place(finding, texts), finding.where.rpartition(", ")[2] if ", " in finding.where else ""
        part = where.removesuffix(f", {spot}") if spot else where
        return cls(finding.kind, part, spot, finding.masked, finding.pattern, finding.confidence)


def together(seen: Iterable[Seen], most: int = MANY) -> Iterator[str]:
    """Each in a line; of more than `most` of one kind in one part the first and the last spot, and how many there are."""
    alike: dict[tuple[str, str, str], list[Seen]] = {}
    for each in seen:
        alike.setdefault((each.kind, each.part, each.pattern), []).append(each)
    for group in alike.values():
        if len(group) > most:
            yield f"{_begun(group)}, {len(group)} times"
        else:
            yield from (f"{_begun([each])}, {each.masked}" for each in group)


def _begun(group: Sequence[Seen]) -> str:
    one = group[0]
    spots = " to ".join(dict.fromkeys(each.spot for each in (one, group[-1]) if each.spot))
    surest = [min(each.confidence for each in group), max(each.confidence for each in group)]
    sure = " to ".join(dict.fromkeys(f"{bound:.2f}" for bound in surest))
    by = f"pattern {one.pattern}, confidence {sure}" if one.pattern else ""
    return ", ".join(filter(None, (kind(one.kind), one.part, spots, by)))


def place(finding: Finding, texts: Texts) -> str:
    """ "part 2 (an attached file, text/csv), line 3": which part that is, beside its number."""
    view = texts.views[finding.view]
    if view.channel is Channel.HEADERS:
        return finding.where
    first, comma, rest = finding.where.partition(", ")
    declared = next((part.media_type for part in texts.parts if part.section == view.section), "")
    sort = "the text" if view.channel is Channel.TEXT else f"an attached file{f', {clean(declared)}' if declared else ''}"
    return f"{first} ({sort}){comma}{rest}"


def excerpts(findings: Sequence[Finding], views: Sequence[View]) -> Iterator[str]:
    """For each its sentence, or its row of a table, on one line, with what was found marked."""
    pieces: dict[int, list[_Piece]] = {}
    for finding in findings:
        view = views[finding.view]
        if finding.view not in pieces:
            pieces[finding.view] = list(_rows(view) if view.grid else sentences(view.text))
        yield _excerpt(view.text, finding, pieces[finding.view])


def _rows(view: View) -> Iterator[_Piece]:
    at = 0
    for line in view.text.split("\n"):
        yield at, at + len(line)
        at += len(line) + 1


def _excerpt(text: str, finding: Finding, pieces: Sequence[_Piece]) -> str:
    start, end = finding.start, finding.end
    piece = pieces[max(bisect_right(pieces, (start, len(text))) - 1, 0)] if pieces else (start, end)
    begin, until = max(min(piece[0], start), start - _REACH), min(max(piece[1], end), end + _REACH)
    marked = f"{text[begin:start]}{_BEGIN}{text[start:end]}{_END}{text[end:until]}".replace("\t", " | ")
    plain = "".join(sign if sign.isprintable() else " " for sign in marked)
    cut = ("\u2026" if begin > piece[0] else "", "\u2026" if until < piece[1] else "")
    return " ".join(plain.split()).join(cut)
