"""Does a senior officer's approval cover what a message tells a reader (R32, R48, R53, R81)?

Takes approvals as the store knows them and the Ask of a statement, with who sends it; gives the one that covers, None when none
does. Pure; nothing fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dlp.campus.folding import folded_address, folded_word
from dlp.campus.records import Approval
from dlp.policy.consent import Ask, covers_kind
from dlp.policy.facts import KnownApproval, person_name, reader_names

_CLASS = "class:"
_LEGAL = frozenset({"court", "agency", "attorney"})
_GOVERNMENT = "government"
_ARCHIVE = "archive"  # the area of an archivist's grant: leave to see old records, those of students never (R80, R81)


@dataclass(frozen=True, slots=True)
class Asked:
    """The Ask of a statement, whose mail it is ("" while nobody knows), and which officers speak for the Provost."""

    ask: Ask
    sender: str
    provosts: frozenset[str] = frozenset()  # addresses, folded
    case: str = ""  # that the text states


def approves(approvals: Iterable[KnownApproval], asked: Asked) -> KnownApproval | None:
    """The first approval that covers all of it."""
    return next((known for known in approvals if _covers(known, asked)), None)


def _covers(known: KnownApproval, asked: Asked) -> bool:
    approval, ask = known.approval, asked.ask
    return (
        (known.ended is None or known.ended > ask.at)
        and approval.given_on <= ask.day
        and (approval.expires_on is None or ask.day <= approval.expires_on)
        and (folded_word(approval.area) != _ARCHIVE or "@" in ask.person)
        and _is_by(approval, asked)
        and (not approval.student_id or person_name(approval.student_id) == person_name(ask.person))
        and all(covers_kind(approval.kinds, kind, everything=True) for kind in ask.kinds)
        and _is_for(approval, asked)
        and (not asked.case or not approval.case or folded_word(approval.case) == folded_word(asked.case))
    )


def _is_by(approval: Approval, asked: Asked) -> bool:
    """An officer never approves the own mail, so whose it is must be known; to a court only the listed officer speaks."""
    is_officer = folded_address(approval.officer) == folded_address(asked.sender)
    return is_officer if asked.ask.types & _LEGAL else bool(asked.sender) and not is_officer


def _is_for(approval: Approval, asked: Asked) -> bool:
    """Whether it names this reader, and has what such a reader needs beside it: a government, the Provost's five points."""
    ask = asked.ask
    named = folded_address(approval.recipient)
    if named.startswith(_CLASS):
        fits = named.removeprefix(_CLASS) in ask.types
    else:
        fits = bool(named) and named in reader_names(ask.reader, ask.through)
    if ask.types & _LEGAL and not approval.counsel_ref:
        return False
    if _GOVERNMENT in ask.types and not (approval.five_points and folded_address(approval.officer) in asked.provosts):
        return False
    return fits
