"""Fields of study in whose classes and work something is said to be: "failed his history paper" is nothing of mechanics.

Takes the texts, what is found in them, and the subjects they name by number; gives the fields in sentences that tell how
somebody did, and those that only stand beside it. dlp.campus.clauses says how a sentence is read. A table's row is read with
its headings. Linear in the text; nothing here fails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from dlp.campus.clauses import STOP, fields_beside, speaks_of_a_field, told_in
from dlp.campus.directory import Directory
from dlp.campus.places import sentence_around
from dlp.values import Finding, Role, Texts, View

# the beginnings of the words that name a field, where its first letters do not; art is no artificial intelligence
_STEM = 6  # letters: geology is no geography, history no histology, statistics no state
_SPELT: Mapping[str, tuple[str, ...]] = {
    "botany": ("botan",),
    "chemistry": ("chemi",),
    "maths": ("math",),
    "mathematics": ("math",),
    "optics": ("optic",),
    "poetry": ("poet",),
}
# what a subject is called, or its department, that may teach another field; beginnings as well
_AKIN: Mapping[str, tuple[str, ...]] = {
    "accounting": ("business", "financ", "manage"),
    "algebra": ("math",),
    "astronomy": ("physic",),
    "biochemistry": ("biolog", "chemi"),
    "botany": ("biolog",),
    "calculus": ("math",),
    "drama": ("english", "literat", "theat"),
    "english": ("literat", "writing"),
    "finance": ("account", "business", "econom", "manage"),
    "geometry": ("math",),
    "literature": ("english", "writing"),
    "marketing": ("business", "manage"),
    "mechanics": ("engineer", "physic"),
    "optics": ("physic",),
    "poetry": ("english", "literat", "writing"),
    "politics": ("governm",),
    "programming": ("algorithm", "comput", "eecs", "informat", "software"),
    "religion": ("theolog",),
    "robotics": ("comput", "engineer", "mechan"),
    "statistics": ("math", "probab"),
    "theology": ("religi",),
    "thermodynamics": ("chemi", "engineer", "mechan", "physic"),
    "topology": ("math",),
    "writing": ("english", "literat"),
    "zoology": ("biolog",),
}
_REACH = 400  # characters around what is told
_MOST = 300  # sentences


class Fields(NamedTuple):
    """The fields of which something is told, and those that stand beside it."""

    told: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()


NO_FIELDS = Fields()


def fields_named(texts: Texts, findings: Iterable[Finding], numbers: Collection[str] = ()) -> Fields:
    """The fields in the sentences in which something is found that tells of somebody; the numbers are folded subjects."""
    told: set[str] = set()
    beside: set[str] = set()
    spoken = (each for each in dict.fromkeys(_sentences(texts, findings)) if speaks_of_a_field(" ".join(each)))
    for sentence, behind in islice(spoken, _MOST):
        beside.update(fields_beside(sentence))
        told.update(told_in(sentence, behind, numbers))
    return Fields(frozenset(told), frozenset(beside))


def _sentences(texts: Texts, findings: Iterable[Finding]) -> Iterator[tuple[str, str]]:
    """What tells something, and the sentence behind it, in texts that speak of any field."""
    spoken = {nth for nth, view in enumerate(texts.views) if speaks_of_a_field(view.text)}
    for each in findings:
        if each.role is Role.STATES and each.view in spoken:
            view = texts.views[each.view]
            yield _row(view, each.start) if view.grid else _sentence(view.text, each)


def _sentence(text: str, finding: Finding) -> tuple[str, str]:
    start, end = sentence_around(text, finding.start, min(finding.end, finding.start + _REACH), _REACH)
    behind = STOP.split(" ".join(text[end : end + _REACH].lstrip(" .!?\n").split()), maxsplit=1)[0]
    return " ".join(text[start:end].split()), behind


def _row(view: View, at: int) -> tuple[str, str]:
    """The headings of a table and the row that tells something, cell by cell."""
    start = view.text.rfind("\n", 0, at) + 1
    row = view.text[start : start + 2 * _REACH].partition("\n")[0]
    heads = view.text[:_REACH].partition("\n")[0] if start else ""
    return ", ".join(" ".join(cell.split()) for cell in f"{heads}\t{row}".split("\t") if cell), ""


def may_be_of(subject: str, fields: Iterable[str], directory: Directory) -> frozenset[str]:
    """Those of these fields of which a subject may be, by title or department; of one without these anything may be so."""
    words = [word for each in directory.offerings(subject) for word in f"{each.title} {each.department}".casefold().split()]
    return frozenset(field for field in fields if not words or is_of(field, words, words))


def is_of(field: str, words: Collection[str], akin: Collection[str]) -> bool:
    """Whether a field is named by one of these words, or one like it by one of those that are akin."""
    if field == "art":
        return not {"art", "arts"}.isdisjoint(words)  # and not in "department"
    return _is_in(_SPELT.get(field, (field[:_STEM],)), words) or _is_in(_AKIN.get(field, ()), akin)


def _is_in(stems: Iterable[str], words: Collection[str]) -> bool:
    """Economics is in "microeconomics", too."""
    return any(stem in word for stem in stems for word in words)
