"""What kind is meant where the words of a sentence say more than its likeliest kind does.

Takes the tokens of a sentence and the kinds it seems to tell; gives the kinds that are told: an average and no grade, the work
somebody owes and no money, a therapy somebody signed up for and no subject. Pure; never fails.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from dlp.statements.concepts import topics
from dlp.statements.missed import is_excuse, makes_up
from dlp.statements.sentences import STUDENT
from dlp.statements.studies import SUBJECT, WORK

_TERMS = frozenset(("autumn", "fall", "quarter", "semester", "spring", "summer", "term", "year"))
_LEAVING = frozenset(("leave", "withdraw", "withdrawing", "withdrawn", "withdrew"))
_LEAVES = frozenset(
    (("dropped", "out"), ("dropping", "out"), ("drops", "out"), ("left", "college"), ("left", "us"), ("not", "enrolled"))
)
_ENROLLED = frozenset(("enrolled", "registered", "signed", "taking"))
_RESULTS = frozenset(("XLETTER", "XPERCENT", "XPOINTS", "XSCORE", "grade", "grades", "mark", "marks", "score", "scores"))
_REACH = 5  # tokens behind a verb
_OF_TOPIC = {"ACCOMMODATE": "accommodation", "CONDUCT": "conduct", "HEALTH": "health"}
_MORE = frozenset({"CONDUCT", "DID-BADLY", "DID-WELL", "HEALTH", "INTEGRITY", "MONEY", "STANDING", "VISA"})  # than a request
_DOES = frozenset(
    ("dismissed", "expel", "expelled", "fail", "failed", "flunk", "flunked", "sanctioned", "suspend", "suspended")
)
_WHO = frozenset(("board", "committee", "dean", "department", "faculty", "i", "panel", "senate", "we"))
_NOT_DONE = frozenset(("didn't", "if", "might", "never", "not", "nor", "should", "would"))
_NEAR = 4  # tokens before the verb
_WHOSE = ("s",)  # Hana's lamp
_ASKS = frozenset(("asked", "asks", "requested"))
_LETTER = frozenset(("letter", "recommend", "recommendation", "reference", "write"))
_CHARGES = frozenset(("XMONEY", "bill", "charge", "charges", "deposit", "fee", "fees", "fine", "fines", "rent", "tuition"))
_MARKS = frozenset(  # beside one of these a figure is no average
    ("XCOURSE", "XLETTER", "XNAME", "XPERCENT", "XSCORE", "essay", "exam", "final", "homework", "lab", "midterm", "paper",
     "project", "quiz", "test", "thesis")
)  # fmt: skip


def by_words(kinds: Collection[str], words: Sequence[str]) -> Collection[str]:
    """A figure such as 3.12 beside no mark, and no subject in which it was given, is an average; an absence that is medical, an
    excuse; who owes a lab owes no money; who makes one up was absent; who is registered has no grade; a therapy, no subject.
    """
    average = "grades" in kinds and "XPOINTS" in words and _MARKS.isdisjoint(words) and not _of_work(words)
    meant = {"grades": "gpa" if average else "grades", "health": "excuse" if is_excuse(words) else "health"}
    if owes_work(words):
        meant["financial"] = "grades"
    if makes_up(words):
        meant["standing"] = "attendance"
    if "enrolment" in kinds and is_enrolled(words):
        meant["grades"] = "enrolment"
    matters = signed_up_for(words) if "enrolment" in kinds else frozenset()
    return {meant.get(kind, kind) for kind in kinds} - ({"enrolment"} if matters else set()) | matters


def _of_work(words: Sequence[str]) -> bool:
    return any("WORK" in each for each in topics(words))


def leaves(tokens: Sequence[str]) -> bool:
    """Whether somebody leaves for a time or for good, which is more than a subject less.

    >>> leaves("STU is taking the spring off".split()), leaves("STU withdrew from XCOURSE".split())
    (True, False)
    """
    if not SUBJECT.isdisjoint(tokens) or ("from", "XNAME") in pairwise(tokens):
        return False
    off = "off" in tokens and not _TERMS.isdisjoint(tokens)
    return off or not _LEAVING.isdisjoint(tokens) or any(pair in _LEAVES for pair in pairwise(tokens))


def is_done_to_one(tokens: Sequence[str]) -> bool:
    """Whether the writer, or a body of the university, has failed or suspended somebody.

    >>> is_done_to_one("i had to fail STU".split()), is_done_to_one("the pump failed STU".split())
    (True, False)
    """
    places = (at for at, (one, other) in enumerate(pairwise(tokens)) if one in _DOES and other == STUDENT)
    return any(
        not _WHO.isdisjoint(before := tokens[max(0, at - _NEAR) : at])
        and _NOT_DONE.isdisjoint(before)
        and tuple(tokens[at + 2 : at + 3]) != _WHOSE
        for at in places
    )


def asks_for_letter(tokens: Sequence[str]) -> bool:
    """Whether somebody is said to have asked for a letter and nothing else: that is no more than who writes it.

    >>> asks_for_letter("STU has asked me in writing for this letter".split()), asks_for_letter("STU asked me".split())
    (True, False)
    """
    asks = not _ASKS.isdisjoint(tokens) and "me" in tokens and not _LETTER.isdisjoint(tokens)
    return asks and _RESULTS.isdisjoint(tokens) and all(_MORE.isdisjoint(of) or "TERM" in of for of in topics(tokens))


def is_enrolled(tokens: Sequence[str]) -> bool:
    """Whether somebody is said to be in a subject, and nothing of how it goes.

    >>> is_enrolled("registered in XCOURSE : STU STU".split()), is_enrolled("STU registered for XCOURSE with XLETTER".split())
    (True, False)
    """
    return not _ENROLLED.isdisjoint(tokens) and _RESULTS.isdisjoint(tokens) and not any(map(_is_of_results, topics(tokens)))


def _is_of_results(of: Sequence[str]) -> bool:
    return "DID-WELL" in of or "DID-BADLY" in of or "RANK" in of


def signed_up_for(tokens: Sequence[str]) -> frozenset[str]:
    """The kinds of what somebody is enrolled in that is no subject: a therapy, a register of the disabled.

    >>> sorted(signed_up_for("STU is registered as disabled".split())), signed_up_for("STU is enrolled in XCOURSE".split())
    (['accommodation'], frozenset())
    """
    if _ENROLLED.isdisjoint(tokens) or not SUBJECT.isdisjoint(tokens):
        return frozenset()
    return frozenset(_OF_TOPIC[topic] for of in topics(tokens) for topic in of if topic in _OF_TOPIC)


def owes_work(tokens: Sequence[str]) -> bool:
    """Whether somebody owes homework, and no money.

    >>> owes_work("STU still owes me two labs".split()), owes_work("STU owes XMONEY for the lab".split())
    (True, False)
    """
    owed = (tokens[at + 1 : at + _REACH] for at, token in enumerate(tokens) if token in ("owe", "owed", "owes"))
    return _CHARGES.isdisjoint(tokens) and any(not WORK.isdisjoint(what) and "for" not in what for what in owed)
