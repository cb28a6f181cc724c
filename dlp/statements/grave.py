"""What single words settle: an illness, an offence, the trouble of a visa that is told beside something else; what is owed.

Takes the tokens of a sentence; gives the kinds such a word stands for. A sentence gives its likeliest kind; one that gives a
grade and the operation behind it tells of the operation as well. A word alone is no sign that anything is told. Never fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from dlp.statements.concepts import topics

_WORDS = {
    "health": "abortion adhd amputation anorexia anorexic antidepressant antidepressants antipsychotics"
    " appendicitis arthritis asperger's asthma autism bipolar"
    " bronchitis bulimia bulimic cancer chemo chemotherapy colitis concussion covid crohn's dementia depression detox diabetes"
    " dialysis diagnosed diagnosis dyscalculia dysgraphia dyslexia endometriosis epilepsy hepatitis hiv hospitalised"
    " hospitalized influenza insomnia leukaemia leukemia lupus lymphoma measles medication medications meds melanoma"
    " meningitis migraine migraines miscarriage miscarried mononucleosis mumps ocd overdose overdosed pneumonia pregnancy"
    " pregnant psychosis psychotic psychiatric psychiatrist ptsd rehab relapse relapsed schizophrenia sclerosis seizure"
    " seizures self-harm self-harmed suicidal suicide surgery transplant tuberculosis tumor tumour",
    "conduct": "arrested assault assaulted assaulting convicted groped harassed harassing harassment jail jailed"
    " molested prison rape raped shoplifted shoplifting stalked stalking trespassing vandalised vandalism"
    " vandalized",
    "immigration": "asylum deportation deported overstayed sevis undocumented",
}
_WHERE_EXCUSED = frozenset(("anxiety", "flu", "mono", "stroke"))  # elsewhere: the flu season, a mono speaker, a stroke of luck
_ABSENT = frozenset(("absence", "absences", "absent", "excuse", "excused", "extension", "miss", "missed", "missing"))
# an absence for one of these says no more than that it was a medical one, or that somebody else died
_PLAIN = frozenset(
    ("back", "better", "bereaved", "bereavement", "clinic", "death", "died", "doctor", "doctor's", "dying", "funeral", "grief",
     "grieving", "health", "ill", "illness", "infirmary", "medical", "medically", "nurse", "physician", "poorly", "recover",
     "recovered", "recovering", "recovery", "sick", "sickness", "unwell")
)  # fmt: skip
_BEREAVED = frozenset(("bereavement", "buried", "burial", "funeral", "funerals", "memorial"))  # nobody's own health
_CANNOT = frozenset(("can't", "cannot", "cant", "couldn't", "couldnt", "unable"))
_SUBJECT = frozenset(
    ("XCOURSE", "class", "classes", "course", "courses", "elective", "lab", "lecture", "lectures", "module", "recitation",
     "section", "seminar", "subject", "subjects", "tutorial", "workshop")
)  # fmt: skip
_TERMS = frozenset(("autumn", "fall", "quarter", "semester", "spring", "summer", "term", "year"))
_LEAVING = frozenset(("leave", "withdraw", "withdrawing", "withdrawn", "withdrew"))
_LEAVES = frozenset(
    (("dropped", "out"), ("dropping", "out"), ("drops", "out"), ("left", "college"), ("left", "us"), ("not", "enrolled"))
)
_ENROLLED = frozenset(("enrolled", "registered", "signed", "taking"))
_RESULTS = frozenset(("XLETTER", "XPERCENT", "XPOINTS", "XSCORE", "grade", "grades", "mark", "marks", "score", "scores"))
_DO = frozenset(
    ("attend", "come", "complete", "do", "finish", "hand", "join", "make", "present", "sit", "submit", "take", "turn", "write")
)
_MISSES = frozenset(("miss", "missed", "missing"))
_MEDICAL = frozenset(("doctor", "doctor's", "ill", "illness", "infirmary", "medical", "medically", "sick", "unwell"))
# a paper on depression is about one; the tokens before a word in which that is looked for
_MATTER = frozenset(
    ("article", "book", "class", "course", "dissertation", "essay", "exhibition", "film", "lab", "novel", "paper", "play",
     "poster", "presentation", "problem", "project", "question", "quiz", "report", "research", "seminar", "study", "talk",
     "thesis", "topic", "workshop")
)  # fmt: skip
_ENDS = frozenset(("XDAY", "XMONTH", "XORDINAL", "after", "because", "but", "due", "for", "since", "with"))  # what a matter
_REACH = 5
_NEXT = 4  # tokens behind "cannot" among which the verb is
_WORK = frozenset(
    ("assignment", "assignments", "chapter", "chapters", "draft", "drafts", "essay", "essays", "exercise", "exercises",
     "homework", "homeworks", "lab", "labs", "paper", "papers", "problem", "problems", "problem-set", "problem-sets",
     "pset", "psets", "quiz", "quizzes", "report", "reports", "write-up", "write-ups", "writeup")
)  # fmt: skip
_OCCASIONS = _SUBJECT | _WORK | frozenset(  # what is missed
    ("XDAY", "XNUMBER", "XORDINAL", "checkpoint", "days", "deadline", "exam", "exams", "final", "finals", "meeting",
     "meetings", "midterm", "midterms", "practice", "presentation", "pset", "rehearsal", "session", "sessions", "talk", "test",
     "tests", "today", "tomorrow", "training", "week", "weeks", "work", "yesterday")
)  # fmt: skip
_OF_TOPIC = {
    "ACCOMMODATE": "accommodation", "CONDUCT": "conduct", "HEALTH": "health", "MONEY": "financial", "VISA": "immigration",
}  # fmt: skip
_MAKES_UP = frozenset((("make", "up"), ("makes", "up"), ("making", "up"), ("redo", "the"), ("retake", "the")))
_ASKS = frozenset(("asked", "asks", "requested"))
_LETTER = frozenset(("letter", "recommend", "recommendation", "reference", "write"))
_CHARGES = frozenset(("XMONEY", "bill", "charge", "charges", "deposit", "fee", "fees", "fine", "fines", "rent", "tuition"))
_KINDS: Mapping[str, str] = MappingProxyType({word: kind for kind, words in _WORDS.items() for word in words.split()})


def named(tokens: Sequence[str], *, excused: bool = False) -> frozenset[str]:
    """The kinds that a word of the sentence stands for. `excused`: it tells an absence or an accommodation.

    >>> sorted(named("STU got XLETTER even though PRO had surgery in may".split()))
    ['health']
    """
    found = ((at, kind) for at, token in enumerate(tokens) if (kind := _KINDS.get(token)))
    illness = ("health",) if excused and not _WHERE_EXCUSED.isdisjoint(tokens) else ()
    return frozenset((*illness, *(kind for at, kind in found if not _is_matter(tokens, at))))


def is_excuse(tokens: Sequence[str]) -> bool:
    """Whether an absence is told with no more than that it was a medical one, which is less than health, or for a funeral.

    >>> is_excuse("STU was ill on XDAY and is excused from the quiz".split())
    True
    """
    medical = not _ABSENT.isdisjoint(tokens) and not _MEDICAL.isdisjoint(tokens)
    bereaved = not _BEREAVED.isdisjoint(tokens) and _MEDICAL.isdisjoint(tokens)
    told = any("HEALTH" in of and token not in _PLAIN for token, of in zip(tokens, topics(tokens), strict=True))
    return (medical or bereaved) and not told and "health" not in named(tokens, excused=True)


def excuses(tokens: Sequence[str]) -> bool:
    """Whether somebody is said to have missed something of the studies, whatever for.

    >>> excuses("PRO was in hospital so PRO couldnt do pset XNUMBER".split()), excuses("everybody is missing PRO".split())
    (True, False)
    """
    if not (_ABSENT - _MISSES).isdisjoint(tokens):
        return True
    if any(one in _MISSES | _DO and other == "it" for one, other in pairwise(tokens)):
        return True
    missed = (at for at, token in enumerate(tokens) if token in _MISSES)
    cannot = (at for at, token in enumerate(tokens) if token in _CANNOT and not _DO.isdisjoint(tokens[at + 1 : at + _NEXT]))
    return any(not _OCCASIONS.isdisjoint(tokens[at + 1 : at + 1 + _REACH]) for at in (*missed, *cannot))


def is_enrolled(tokens: Sequence[str]) -> bool:
    """Whether somebody is said to be in a subject, and nothing of how it goes.

    >>> is_enrolled("registered in XCOURSE : STU STU".split()), is_enrolled("STU registered for XCOURSE with XLETTER".split())
    (True, False)
    """
    return not _ENROLLED.isdisjoint(tokens) and _RESULTS.isdisjoint(tokens) and not any(map(_is_of_results, topics(tokens)))


def signed_up_for(tokens: Sequence[str]) -> frozenset[str]:
    """The kinds of what somebody is enrolled in that is no subject: a therapy, a register of the disabled.

    >>> sorted(signed_up_for("STU is registered as disabled".split())), signed_up_for("STU is enrolled in XCOURSE".split())
    (['accommodation'], frozenset())
    """
    if _ENROLLED.isdisjoint(tokens) or not _SUBJECT.isdisjoint(tokens):
        return frozenset()
    return frozenset(_OF_TOPIC[topic] for of in topics(tokens) for topic in of if topic in _OF_TOPIC)


def _is_of_results(of: Sequence[str]) -> bool:
    return "DID-WELL" in of or "DID-BADLY" in of or "RANK" in of


def leaves(tokens: Sequence[str]) -> bool:
    """Whether somebody leaves for a time or for good, which is more than a subject less.

    >>> leaves("STU is taking the spring off".split()), leaves("STU withdrew from XCOURSE".split())
    (True, False)
    """
    if not _SUBJECT.isdisjoint(tokens) or ("from", "XNAME") in pairwise(tokens):
        return False
    off = "off" in tokens and not _TERMS.isdisjoint(tokens)
    return off or not _LEAVING.isdisjoint(tokens) or any(pair in _LEAVES for pair in pairwise(tokens))


def owes_work(tokens: Sequence[str]) -> bool:
    """Whether somebody owes homework, and no money.

    >>> owes_work("STU still owes me two labs".split()), owes_work("STU owes XMONEY for the lab".split())
    (True, False)
    """
    owed = (tokens[at + 1 : at + _REACH] for at, token in enumerate(tokens) if token in ("owe", "owed", "owes"))
    return _CHARGES.isdisjoint(tokens) and any(not _WORK.isdisjoint(what) and "for" not in what for what in owed)


def makes_up(tokens: Sequence[str]) -> bool:
    """Whether somebody is to do later what was missed.

    >>> makes_up("STU should get to make up labs XNUMBER and XNUMBER".split()), makes_up("STU can make up the bed".split())
    (True, False)
    """
    at = next((at for at, pair in enumerate(pairwise(tokens)) if pair in _MAKES_UP), len(tokens))
    return not _OCCASIONS.isdisjoint(tokens[at + 2 : at + 2 + _REACH])


def asks_for_letter(tokens: Sequence[str]) -> bool:
    """Whether somebody is said to have asked for a letter: that is no more than who writes it.

    >>> asks_for_letter("STU has asked me in writing for this letter".split()), asks_for_letter("STU asked me".split())
    (True, False)
    """
    return not _ASKS.isdisjoint(tokens) and "me" in tokens and not _LETTER.isdisjoint(tokens)


def _is_matter(tokens: Sequence[str], at: int) -> bool:
    before = tokens[max(0, at - _REACH) : at]
    said = (place for place, (one, other) in enumerate(pairwise(before)) if one in _MATTER and other in ("on", "about"))
    return any(_ENDS.isdisjoint(before[place + 2 :]) for place in said)
