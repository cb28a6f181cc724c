"""Words that stand for an illness, an offence or the trouble of a visa, told beside something else.

Takes the tokens of a sentence; gives the kinds such a word stands for. A sentence gives its likeliest kind; one that gives a
grade and the operation behind it tells of the operation as well. A word alone is no sign that anything is told. Never fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

_WORDS = {
    "health": "abortion adhd amputation anorexia anorexic antidepressant antidepressants antipsychotics"
    " appendicitis arthritis asperger's asthma autism bipolar"
    " bronchitis bulimia bulimic cancer chemo chemotherapy colitis concussion covid crohn's dementia depression detox diabetes"
    " dialysis diagnosed diagnosis dyscalculia dysgraphia dyslexia endometriosis epilepsy hepatitis hiv hospitalised"
    " hospitalized influenza insomnia leukaemia leukemia lupus lymphoma measles melanoma"
    " meningitis migraine migraines miscarriage miscarried mononucleosis mumps ocd overdose overdosed pneumonia pregnancy"
    " pregnant psychosis psychotic psychiatric psychiatrist ptsd rehab relapse relapsed schizophrenia sclerosis seizure"
    " seizures self-harm self-harmed suicidal suicide surgery tuberculosis tumor tumour",
    "conduct": "arrested assault assaulted assaulting convicted groped harassed harassing harassment jail jailed"
    " molested prison rape raped shoplifted shoplifting stalked stalking trespassing vandalised vandalism"
    " vandalized",
    "immigration": "asylum deportation deported overstayed sevis undocumented",
}
_WHERE_HAD = frozenset(("medication", "medications", "meds", "transplant"))  # elsewhere: an app, a lab
_HAS = frozenset(("PROS", "had", "having", "need", "needs", "new", "off", "on", "take", "takes", "taking", "took"))
_WHERE_EXCUSED = frozenset(("anxiety", "flu", "mono", "stroke"))  # elsewhere: the flu season, a mono speaker, a stroke of luck
# a paper on depression is about one; the tokens before a word in which that is looked for
_MATTER = frozenset(
    ("article", "book", "class", "course", "dissertation", "essay", "exhibition", "film", "lab", "novel", "paper", "play",
     "poster", "presentation", "problem", "project", "question", "quiz", "report", "research", "seminar", "study", "talk",
     "thesis", "topic", "workshop")
)  # fmt: skip
_ENDS = frozenset(("XDAY", "XMONTH", "XORDINAL", "after", "because", "but", "due", "for", "since", "with"))  # what a matter
_REACH = 5  # tokens
_KINDS: Mapping[str, str] = MappingProxyType({word: kind for kind, words in _WORDS.items() for word in words.split()})


def named(tokens: Sequence[str], *, excused: bool = False) -> frozenset[str]:
    """The kinds that a word of the sentence stands for. `excused`: it tells an absence or an accommodation.

    >>> sorted(named("STU got XLETTER even though PRO had surgery in may".split()))
    ['health']
    """
    found = ((at, kind) for at, token in enumerate(tokens) if (kind := _KINDS.get(token)))
    had = any(token in _WHERE_HAD and not _HAS.isdisjoint(tokens[max(0, at - 2) : at]) for at, token in enumerate(tokens))
    illness = ("health",) if had or (excused and not _WHERE_EXCUSED.isdisjoint(tokens)) else ()
    return frozenset((*illness, *(kind for at, kind in found if not _is_matter(tokens, at))))


def _is_matter(tokens: Sequence[str], at: int) -> bool:
    before = tokens[max(0, at - _REACH) : at]
    said = (place for place, (one, other) in enumerate(pairwise(before)) if one in _MATTER and other in ("on", "about"))
    return any(_ENDS.isdisjoint(before[place + 2 :]) for place in said)
