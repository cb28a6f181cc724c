"""What a purpose in free words comes to: the closed list of purposes, by a table of words.

Takes the text of a consent, or the words of a message, and a table; gives the purposes it names, none for a blank text and
"other" for one that names none. Pure; a site may pass its own table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from dlp.policy.phrases import Said

PURPOSES = ("employment", "admission", "scholarship", "award", "payments", "investigation", "correspondence", "other")
OTHER = "other"

# purpose -> words that name it, several words for words in a row; "employ*" stands for every word that begins so, at the end
Words = Mapping[str, tuple[str, ...]]

PURPOSE_WORDS: Words = {
    "employment": ("employ*", "job", "jobs", "hire", "hired", "hiring", "internship*", "recruit*", "position", "career*"),
    "admission": ("admission*", "admit*", "graduate school", "graduate program*", "transfer application"),
    "scholarship": ("scholarship*", "fellowship*", "grant", "grants", "stipend*", "bursar*"),
    "award": ("award*", "prize*", "nominat*", "medal*", "honor society", "honour society"),
    "payments": ("payment*", "tuition", "billing", "invoice*", "insurance", "reimburse*", "loan", "loans"),
    "investigation": ("investigat*", "background check", "background checks", "security clearance"),
    "correspondence": ("correspond*",),
}
# what a class list is not for: uses beside instruction and its administration (R68)
OTHER_USES: Words = {
    "events": (
        *("for the party", "for a party", "for the dinner", "for a dinner", "for the concert", "for the event", "for an event"),
        *(
            "our event",
            "social event*",
            "invite them to",
            "invite all",
            "invitation list",
            "guest list",
            "open house",
            "open day",
        ),
        *("barbecue", "banquet", "movie night"),
    ),
    "alumni": ("alumn*", "reunion*", "donor*", "donation*", "fundrais*", "fund raising"),
    "research": (
        *(
            "study participant*",
            "research participant*",
            "participants for",
            "research subject*",
            "subjects for",
            "research study",
        ),
        *("recruit*", "volunteers for", "for my research", "for our research", "for her research", "for his research"),
    ),
    "business": (
        "job offer*",
        "internship*",
        "career fair",
        "for our newsletter",
        "for the newsletter",
        "for our mailing list",
    ),
}
# what those of a purview do with what they are sent; of the other words nothing is known
OFFICE_PURPOSES: Mapping[str, frozenset[str]] = {
    "financial": frozenset({"payments", "scholarship", "award"}),
    "health": frozenset({"payments"}),  # insurance
    "conduct": frozenset({"investigation"}),
    "immigration": frozenset({"employment", "admission"}),
    "housing": frozenset({"payments"}),
    "media": frozenset({"award"}),
    "counsel": frozenset({"investigation", "employment", "payments"}),
    **dict.fromkeys(
        (
            "academic",
            "standing",
            "advising",
            "enrolment",
            "registrar",
            "dean_undergraduate",
            "dean_graduate",
            "department_office",
        ),
        frozenset({"admission", "scholarship", "award", "employment"}),
    ),
}
_DECLARED = re.compile(r"\bpurposes?(?: of [^.:\n]{1,40}?)?(?: is| are| of|:|=)\s*([^.;\n]{1,80})", re.IGNORECASE)
_LEGAL = (
    "subpoena*",
    "court order*",
    "search warrant*",
    "warrant",
    "summons",
    "deposition",
    "discovery request*",
    "legal process",
)
_CASE = re.compile(
    r"\b(?i:case|investigation|inquiry|enquiry|docket|file|matter)(?i: (?:no|nr|number|id))?\.?[ :#]{0,3}"
    r"((?i:(?=[\w/-]*\d)[A-Z0-9][A-Z0-9/-]{2,30}))\b"
)


def purposes_of(text: str, words: Words = PURPOSE_WORDS) -> frozenset[str]:
    """Every purpose that the text names."""
    return purposes_said(Said.of(text), words)


def purposes_said(said: Said, words: Words = PURPOSE_WORDS) -> frozenset[str]:
    """The same of a text whose words are known."""
    if not said:
        return frozenset()
    named = {purpose for purpose, phrases in words.items() if said.has_one(phrases)}
    return frozenset(named | set(filter(said.has, PURPOSES))) or frozenset({OTHER})


def other_use(text: str, words: Words = OTHER_USES) -> bool:
    """Whether the text names a use that a class list is not for."""
    return any(map(Said.of(text).has_one, words.values()))


def declared(text: str) -> frozenset[str]:
    """The purposes a text gives for itself: "Purpose: scholarship", "for the purpose of hiring"."""
    found = (purposes_of(match[1]) for match in _DECLARED.finditer(text)) if "urpose" in text else ()
    return frozenset().union(*found) - {OTHER}


def misfits(purview: Iterable[str], purposes: frozenset[str]) -> bool:
    """Whether none of the purposes is the work of an office with these purview words, as far as that is known (R14)."""
    known = [OFFICE_PURPOSES.get(word) for word in purview if word != "id"]
    return bool(known and purposes) and all(works is not None and works.isdisjoint(purposes) for works in known)


def names_legal_process(said: Said) -> bool:
    """Whether a text speaks of a demand by a court or a public body (11.2.7)."""
    return said.has_one(_LEGAL)


def stated_case(text: str) -> str:
    """The number of the case a text speaks of, "" when it names none."""
    found = _CASE.search(text)
    return found[1] if found else ""
