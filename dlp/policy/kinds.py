"""Which kinds of information there are, and which of them a role or a purview covers.

Takes nothing: closed vocabularies of the import contract and the decision table ("Words"). A kind nobody listed is covered
by nobody but `all`.
"""

from __future__ import annotations

from collections.abc import Mapping

DIRECTORY = "directory"
# beyond standard personnel information; contact: where somebody who has left, or whose office is exempt, can be reached
EMPLOYEE = frozenset({"salary", "evaluation", "home_address", "contact"})
OFFICES = frozenset({"registrar", "dean_undergraduate", "dean_graduate", "provost", "counsel", "news"})
_NEWS = "media"  # the purview word of the News Office

_ACADEMIC = frozenset({"grades", "gpa", "standing", "enrolment", "advising", "coursework", "attendance", "admission", "id"})
_WIDER: Mapping[str, frozenset[str]] = {
    "academic": _ACADEMIC,
    "health": frozenset({"health", "accommodation", "excuse"}),
    "conduct": frozenset({"conduct", "integrity"}),
    "immigration": frozenset({"immigration", "biographical"}),
    "department_office": _ACADEMIC,  # for its own students
}
_NO_KIND = frozenset({"housing", "none", _NEWS}) | OFFICES
_ADVISING: Mapping[str, frozenset[str]] = {
    "advisor": _ACADEMIC,
    "registration_officer": _ACADEMIC,
    "supervisor": frozenset({"advising", "standing"}),
    "coach": frozenset({"attendance"}),
    "": frozenset({"advising"}),
}
# what those who teach a subject need of its students
OF_TEACHING = frozenset({"grades", "coursework", "attendance", "accommodation", "excuse", "integrity", "id", "enrolment"})


def covers(word: str, kind: str) -> bool:
    """Whether a purview word covers a kind, for the students it is for."""
    if word == "all":
        return True
    return word not in _NO_KIND and kind in _WIDER.get(word, frozenset({word}))


def advising_covers(role: str, kind: str) -> bool:
    return kind in _ADVISING.get(role, frozenset())


def office(word: str) -> str:
    """The office a purview word lets somebody speak for, or ""."""
    return "news" if word == _NEWS else word if word in OFFICES else ""


def is_record(kind: str) -> bool:
    """Record information: anything but directory information (default deny for unknown kinds, R7)."""
    return kind.partition(":")[0] not in (DIRECTORY, "contact")


def makes_batch(kind: str, *, class_list: bool) -> bool:
    """Being in a subject makes no batch, and no more do the photographs on its class list."""
    return is_record(kind) and kind != "enrolment" and not (class_list and kind == "photo")


def field(kind: str) -> str:
    """The field of the directory that directory information is of: the name unless it says another."""
    return kind.partition(":")[2] or "name"
