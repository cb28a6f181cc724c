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
_WHOLE = frozenset(("college", "program", "programme", "school", "university"))  # what is left for good
_OF_ONE = SUBJECT | {"XNAME"}
_ENROLLED = frozenset(("enrolled", "registered", "signed", "taking"))
_RESULTS = frozenset(("XLETTER", "XPERCENT", "XPOINTS", "XSCORE", "grade", "grades", "mark", "marks", "score", "scores"))
_REACH = 5  # tokens behind a verb
_OF_TOPIC = {"ACCOMMODATE": "accommodation", "CONDUCT": "conduct", "HEALTH": "health"}
# than a request
_HANDS_IN = frozenset((verb, "in") for verb in ("hand", "handed", "hands", "turn", "turned", "turns"))
_ACCUSES = frozenset(("accuse", "accused", "accuses", "suspect", "suspected", "suspects"))
_OFFENCES = frozenset({"CONDUCT", "INTEGRITY"})
_MORE = frozenset({"CONDUCT", "DID-BADLY", "DID-WELL", "HEALTH", "INTEGRITY", "MONEY", "RANK", "STANDING", "VISA"})
_DOES = frozenset(
    ("dismissed", "expel", "expelled", "fail", "failed", "flunk", "flunked", "sanctioned", "suspend", "suspended")
)
_WHO = frozenset(("board", "committee", "dean", "department", "faculty", "i", "panel", "senate", "we"))
_NOT_DONE = frozenset(("didn't", "might", "never", "nor", "not", "should", "want", "wanted", "wants", "would"))
_WHETHER = frozenset(("if", "no", "nobody", "unless", "whether"))
_LEFT = frozenset(  # from which somebody is suspended
    ("XCOURSE", "campus", "class", "classes", "college", "course", "courses", "dorm", "hall", "housing", "lab", "program",
     "programme", "residence", "school", "team", "university")
)  # fmt: skip
_FOND = frozenset(
    ("advisee", "brother", "cousin", "daughter", "dear", "friend", "good", "grandson", "her", "his", "my", "nephew", "niece",
     "old", "our", "poor", "PROS", "roommate", "sister", "son", "student", "the", "young", "your")
)  # fmt: skip
_NEAR = 4  # tokens before the verb, and behind it
_BY = frozenset(("by", "s"))  # "we failed Hana by sending it late", "Hana's lamp"
_ASKS = frozenset(("asked", "asks", "requested"))
_LETTER = frozenset(("letter", "recommend", "recommendation", "reference", "write"))
_DID = frozenset(("came", "did", "finished", "got", "had", "has", "is", "stood", "took", "was"))  # and something else
_TROUBLE = frozenset(("appeal", "appeals", "grievance", "hearing", "petition"))
_CHARGES = frozenset(
    ("XMONEY", "balance", "bill", "bucks", "cents", "charge", "charges", "deposit", "dollar", "dollars", "euros", "fee", "fees",
     "fine", "fines", "money", "pounds", "rent", "tuition")
)  # fmt: skip
_MARKS = frozenset(  # beside one of these a figure is no average
    ("XCOURSE", "XLETTER", "XNAME", "XPERCENT", "XSCORE", "essay", "exam", "final", "homework", "lab", "midterm", "paper",
     "project", "quiz", "test", "thesis")
)  # fmt: skip


def by_words(kinds: Collection[str], words: Sequence[str]) -> Collection[str]:
    """A figure such as 3.12 beside no mark, and no subject in which it was given, is an average; an absence that is medical, an
    excuse; who owes a lab owes no money; who makes one up was absent; who leaves for a term does more than drop a subject; who
    is registered has no grade; a therapy, no subject.
    """
    average = "grades" in kinds and "XPOINTS" in words and _MARKS.isdisjoint(words) and not _of_work(words)
    meant = {"grades": "gpa" if average else "grades", "health": "excuse" if is_excuse(words) else "health"}
    if owes_work(words):
        meant["financial"] = "grades"
    if is_not_done(words):
        meant["integrity"] = "grades"
    if makes_up(words):
        meant["standing"] = "attendance"
    if leaves(words):
        meant["enrolment"] = "standing"
        meant["grades"] = "standing" if _RESULTS.isdisjoint(words) else meant["grades"]
    if is_enrolled(words):
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
    if "off" in tokens and not _TERMS.isdisjoint(tokens):
        return True
    verbs = (at for at, pair in enumerate(pairwise(("", *tokens))) if pair[1] in _LEAVING or pair in _LEAVES)
    behind = [what for at in verbs if "PROS" not in (what := tokens[at + 1 : at + _REACH])[:1]]  # leave her cell empty
    return any(
        "all" in what or not _WHOLE.isdisjoint(what) or ("XCOURSE" not in tokens and _OF_ONE.isdisjoint(what))
        for what in behind
    )


def is_done_to_one(tokens: Sequence[str]) -> bool:
    """Whether the writer, or a body of the university, has failed or suspended somebody, or suspects somebody of something.

    >>> is_done_to_one("i had to fail poor STU".split()), is_done_to_one("the pump failed STU".split())
    (True, False)
    """
    for at, verb in enumerate(tokens):
        if verb in _ACCUSES and tuple(tokens[at + 1 : at + 3]) == (STUDENT, "of"):
            return any(not _OFFENCES.isdisjoint(of) for of in topics(tokens[at + 3 :]))
    return any(verb in _DOES and _is_done(tokens, at) and _is_to_one(tokens[at + 1 :]) for at, verb in enumerate(tokens))


def _is_done(tokens: Sequence[str], at: int) -> bool:
    """Whether the verb there says what somebody did who fails people: also "we should never have failed"."""
    who = next((place for place in range(at - 1, max(-1, at - 1 - _NEAR), -1) if tokens[place] in _WHO), None)
    if who is None or not _WHETHER.isdisjoint(tokens[max(0, who - _NEAR) : who]):
        return False
    between = tokens[who + 1 : at]
    return _NOT_DONE.isdisjoint(between) or ("should" in between and tokens[at - 1] == "have")


def _is_to_one(tokens: Sequence[str]) -> bool:
    """Whether these begin with somebody, not with something of his or hers, nor say by what the writer failed somebody."""
    name = next((at for at, token in enumerate(tokens[:_NEAR]) if token not in _FOND), len(tokens))
    then = next(iter(tokens[name + 1 : name + 2]), "")
    off = then == "from" and _LEFT.isdisjoint(tokens[name + 2 : name + 2 + _NEAR])
    return tuple(tokens[name : name + 1]) == (STUDENT,) and then not in _BY and not off


def asks_for_letter(tokens: Sequence[str]) -> bool:
    """Whether somebody is said to have asked for a letter and nothing else: that is no more than who writes it.

    >>> asks_for_letter("STU has asked me in writing for this letter".split()), asks_for_letter("STU asked me".split())
    (True, False)
    """
    asks = not _ASKS.isdisjoint(tokens) and "me" in tokens and not _LETTER.isdisjoint(tokens)
    last = max((at for at, token in enumerate(tokens) if token in _LETTER), default=0)
    more = any(one == "and" and other in _DID for one, other in pairwise(tokens[last:]))
    return (
        asks
        and not more
        and _TROUBLE.isdisjoint(tokens)
        and _RESULTS.isdisjoint(tokens)
        and all(_MORE.isdisjoint(of) or "TERM" in of for of in topics(tokens))
    )


def asks_for_trouble(tokens: Sequence[str]) -> bool:
    """Whether somebody has asked for a letter for an appeal or the like, which tells that there is one.

    >>> asks_for_trouble("STU asked me for a letter of support for PROS appeal".split())
    True
    """
    asks = STUDENT in tokens and not _ASKS.isdisjoint(tokens) and not _LETTER.isdisjoint(tokens)
    return asks and any(one in ("PROS", "an") and other in _TROUBLE for one, other in pairwise(tokens))


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
    behind = [tokens[at + 1 : at + _REACH] for at, token in enumerate(tokens) if token in _ENROLLED]
    if not behind or not all(map(SUBJECT.isdisjoint, behind)):
        return frozenset()
    return frozenset(_OF_TOPIC[topic] for of in topics(tokens) for topic in of if topic in _OF_TOPIC)


def is_not_done(tokens: Sequence[str]) -> bool:
    """Whether work was not handed in, and nothing is said of whose it is.

    >>> is_not_done("STU did not hand in the lab report".split()), is_not_done("STU did not write the essay".split())
    (True, False)
    """
    of = topics(tokens)
    every = {topic for each in of for topic in each}
    handed = (at for at, pair in enumerate(pairwise(tokens)) if pair in _HANDS_IN)
    return (
        "WORK" in every and "INTEGRITY" not in every and any("NOT" in each for at in handed for each in of[max(0, at - 2) : at])
    )


def owes_work(tokens: Sequence[str]) -> bool:
    """Whether somebody owes homework, and no money.

    >>> owes_work("STU still owes me two labs".split()), owes_work("STU owes XMONEY for the lab".split())
    (True, False)
    """
    owed = (tokens[at + 1 : at + _REACH] for at, token in enumerate(tokens) if token in ("owe", "owed", "owes"))
    return _CHARGES.isdisjoint(tokens) and any(not WORK.isdisjoint(what) and "for" not in what for what in owed)
