"""A finding in words for a person at a terminal: what it is, in which part it stands and, where it may be shown, its sentence.

Takes findings and the texts they were found in; gives phrases. What kind a part is comes from the message and is shown without
control characters. Only `excerpt` shows text: whoever shows it has it written down who looked. Nothing here fails.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from dlp.notices.reasons import wording
from dlp.notices.rendering import clean
from dlp.notices.words import KINDS
from dlp.statements.sentences import sentences
from dlp.values import Channel, Finding, Reason, Texts, View

_BEGIN, _END = ">>", "<<"  # around what was found
_REACH = 160  # characters on either side

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
