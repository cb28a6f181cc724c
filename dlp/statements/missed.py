"""Whether a sentence tells that somebody missed something of the studies, and whether the reason is no more than an excuse.

Takes the tokens of a sentence. That an absence was a medical one is less than the illness: staff of the subject may know it.
Pure; never fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dlp.statements.concepts import topics
from dlp.statements.grave import named
from dlp.statements.studies import SUBJECT, WORK

_ABSENT = frozenset(("absence", "absences", "absent", "excuse", "excused", "extension", "miss", "missed", "misses", "missing"))
_MISSES = frozenset(("miss", "missed", "misses", "missing"))
# an absence for one of these says no more than that it was a medical one, or that somebody else died
_PLAIN = frozenset(
    ("back", "better", "bereaved", "bereavement", "clinic", "death", "died", "doctor", "doctor's", "dying", "funeral", "grief",
     "grieving", "health", "ill", "illness", "infirmary", "leave", "medical", "medically", "nurse", "physician", "poorly",
     "recover", "recovered", "recovering", "recovery", "sick", "sickness", "unwell")
)  # fmt: skip
# with a day to it: off until Monday, on leave from November 30 to December 11
_GONE = frozenset(("away", "leave", "off", "out"))
_NOT_GONE = frozenset(("brought", "came", "comes", "coming", "figured", "found", "moved", "pointed", "ran", "thrown", "turned"))
_TO = frozenset(("for", "from", "since", "through", "till", "until"))
_DATES = frozenset(
    ("XDAY", "XMONTH", "XORDINAL", "day", "days", "month", "months", "next", "today", "tomorrow", "week", "weeks")
)
_MORE = frozenset(("chronically", "head", "incurably", "mentally", "seriously", "terminally"))  # than a medical absence
_BEREAVED = frozenset(("bereavement", "buried", "burial", "funeral", "funerals", "memorial"))  # nobody's own health
_MEDICAL = frozenset(("doctor", "doctor's", "ill", "illness", "infirmary", "medical", "medically", "sick", "unwell"))
_CANNOT = frozenset(("can't", "cannot", "cant", "couldn't", "couldnt", "unable"))
_DO = frozenset(
    ("attend", "come", "complete", "do", "finish", "hand", "join", "make", "present", "sit", "submit", "take", "turn", "write")
)
_OCCASIONS = SUBJECT | WORK | frozenset(  # what is missed
    ("XDAY", "XNUMBER", "XORDINAL", "checkpoint", "days", "deadline", "exam", "exams", "final", "finals", "meeting",
     "meetings", "midterm", "midterms", "practice", "presentation", "pset", "rehearsal", "session", "sessions", "talk", "test",
     "tests", "today", "tomorrow", "training", "week", "weeks", "work", "yesterday")
)  # fmt: skip
_EXCUSES = frozenset(("excuse", "extension"))
_AWAY = _ABSENT - _MISSES - _EXCUSES
# excuse my spelling, call me on extension 4411, which is no excuse
_OF_OTHERS = frozenset(("XID", "XNUMBER", "any", "is", "me", "my", "our", "the", "us"))
_NOT_HIS = frozenset(("my", "no", "our"))
_PEOPLE = frozenset(("PRO", "STU", "THEY", "me", "us", "you"))  # who is missed
_NO_THING = frozenset(("", "already", "and", "badly", "but", "here", "now", "so", "today", "too", "very"))
_AT = frozenset(("after", "around", "at", "before", "from", "till", "until"))
_HOURS = frozenset(
    ("XNUMBER", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "midnight",
     "noon")
)  # fmt: skip
_UNITS = frozenset(("days", "months", "semesters", "terms", "units", "weeks", "years"))  # two years: no hour
_STUDIES = SUBJECT | WORK | frozenset(
    ("exam", "exams", "final", "finals", "midterm", "midterms", "practice", "practices", "recitations", "sections", "seminars",
     "session", "sessions", "test", "tests", "tutorials")
)  # fmt: skip
# who does one of these does it for good, or not for the first time
_FOR_GOOD = frozenset(
    ("XORDINAL", "absence", "absent", "again", "change", "degree", "dropped", "drops", "major", "second", "third", "transfer",
     "transferred", "transferring", "transfers", "withdraw", "withdrawing", "withdrawn", "withdraws", "withdrew")
)  # fmt: skip
_MAKES_UP = frozenset((("make", "up"), ("makes", "up"), ("making", "up"), ("redo", "the"), ("retake", "the")))
_REACH = 5  # tokens behind a verb
_NEXT = 4  # tokens behind "cannot" among which the verb is


def is_excuse(tokens: Sequence[str]) -> bool:
    """Whether an absence is told with no more than that it was a medical one, which is less than health, or for a funeral.

    >>> is_excuse("STU was ill on XDAY and is excused from the quiz".split())
    True
    """
    medical = not _MEDICAL.isdisjoint(tokens) and (not _ABSENT.isdisjoint(tokens) or _is_gone(tokens))
    bereaved = not _BEREAVED.isdisjoint(tokens) and _MEDICAL.isdisjoint(tokens)
    told = any("HEALTH" in of and token not in _PLAIN for token, of in zip(tokens, topics(tokens), strict=True))
    return (medical or bereaved) and not told and _MORE.isdisjoint(tokens) and "health" not in named(tokens, excused=True)


def excuses(tokens: Sequence[str]) -> bool:
    """Whether somebody is said to have missed something of the studies, whatever for.

    >>> excuses("PRO was in hospital so PRO couldnt do pset XNUMBER".split()), excuses("everybody is missing PRO".split())
    (True, False)
    """
    pairs = tuple(pairwise((*tokens, "")))
    if not _AWAY.isdisjoint(tokens) or _is_gone(tokens):
        return True
    before = ("", *tokens)
    if any(one in _EXCUSES and other not in _OF_OTHERS and before[at] not in _NOT_HIS for at, (one, other) in enumerate(pairs)):
        return True
    missed = [
        at for at, (one, other) in enumerate(pairs) if one in _MISSES and other not in _PEOPLE and not _are(tokens, at + 1)
    ]
    cannot = [at for at, token in enumerate(tokens) if token in _CANNOT and not _DO.isdisjoint(tokens[at + 1 : at + _NEXT])]
    done = (
        at for at, (one, _) in enumerate(pairs) if one in _DO and not _CANNOT.isdisjoint(tokens[max(0, at - _NEXT + 1) : at])
    )
    if any(pairs[at][1] == "it" for at in (*missed, *done)):
        return True
    return any(not _OCCASIONS.isdisjoint(tokens[at + 1 : at + 1 + _REACH]) for at in (*missed, *cannot))


def _is_gone(tokens: Sequence[str]) -> bool:
    """Whether somebody is away until a day: off XCOURSE with the flu until Monday."""
    gone = next((at for at, token in enumerate(tokens) if token in _GONE), len(tokens))
    if not _NOT_GONE.isdisjoint(tokens[max(0, gone - 2) : gone]):
        return False
    behind = tokens[gone + 1 :]
    return any(token in _TO and not _DATES.isdisjoint(behind[at + 1 : at + 3]) for at, token in enumerate(behind))


def _are(tokens: Sequence[str], at: int) -> bool:
    """Whether "her" there is she, and has nothing behind it: everybody is missing her today."""
    return tuple(tokens[at : at + 1]) == ("PROS",) and not _NO_THING.isdisjoint((*tokens[at + 1 : at + 2], "")[:1])


def is_of_hours(tokens: Sequence[str]) -> bool:
    """Whether a sentence says at what time somebody is where, and nothing of studies.

    >>> is_of_hours("STU leaves at noon on XDAY".split()), is_of_hours("PRO left the exam at ten".split())
    (True, False)
    """
    three = zip(tokens, tokens[1:], (*tokens[2:], ""), strict=False)
    hour = any(one in _AT and other in _HOURS and unit not in _UNITS for one, other, unit in three) or "XTIME" in tokens
    return hour and _STUDIES.isdisjoint(tokens) and _FOR_GOOD.isdisjoint(tokens)


def makes_up(tokens: Sequence[str]) -> bool:
    """Whether somebody is to do later what was missed.

    >>> makes_up("STU should get to make up labs XNUMBER and XNUMBER".split()), makes_up("STU can make up the bed".split())
    (True, False)
    """
    at = next((at for at, pair in enumerate(pairwise(tokens)) if pair in _MAKES_UP), len(tokens))
    return not _OCCASIONS.isdisjoint(tokens[at + 2 : at + 2 + _REACH])
