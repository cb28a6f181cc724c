"""What a label says its values are: "Midterm grade" grades, "Term phone" directory information, "Locker" nothing we know.

Takes the label of a column or of a line of a form; gives a kind of information, NAMES for who is meant, PLAIN for directory
information and for what says nothing of a person. A label nobody listed is UNLISTED: record information by default (R7), of
UNLISTED_KIND. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NAMES, PLAIN, UNLISTED = "names", "", "unlisted"
UNLISTED_KIND = "biographical"  # that no teacher's and hardly an office's need to know covers
_WORD = re.compile(r"[^\W\d_]+")
_ASIDE = re.compile(r"\([^()]*\)")

_PLAIN_PHRASES = (
    "dates of attendance", "attendance dates", "attended from", "attended to", "registration type", "type of registration",
    "subject line", "e mail", "point of contact", "points of contact",
)  # fmt: skip
_KINDS: Mapping[str, str] = {
    "grades": "grade grd grde score mark midterm final exam quiz test point result percent percentage rank",
    "gpa": "gpa",
    "standing": "standing stnd astd probation warning dismissal",
    "coursework": "homework assignment pset problem essay paper thesis project group team lab topic submission draft exercise",
    "attendance": "attendance absence absent attended late",
    "enrolment": "section enrolled enrolment enrollment unit credit dropped",
    "financial": "balance aid tuition fee debt owed owes hold loan payment amount due stipend",
    "health": "health diagnosis medical illness disability allergy allergies treatment medication therapist doctor counselling",
    "accommodation": "accommodation",
    "excuse": "excuse excused",
    "conduct": "conduct discipline disciplinary sanction violation hearing",
    "integrity": "integrity plagiarism",
    "advising": "advisor adviser advising",
    "admission": "admission admitted",
    "immigration": "visa passport citizenship nationality immigration",
    "photo": "photo picture photograph",
    "biographical": "birth birthday born dob gender sex race ethnicity religion ssn age",
}
_OTHER: Mapping[str, str] = {
    NAMES: "name student surname first last given family preferred candidate applicant participant member attendee who id sid"
    " requester requested submitted reported",
    "directory": "email mail phone telephone tel mobile address year course major department dept degree programme program"
    " school office honour honor level class extension",
    "nothing": "no nr row date time day when where room place location link url seat slot week term semester from to of the a"
    " an s for and or in cc bcc sent re subject campus full by on deadline hour zoom meeting passcode agenda duration website"
    " version attachment signature page instructor teacher professor ta ps nb ticket priority category reference ref"
    " author commit fixes closes",
}
_LISTED = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_NAMING, _DIRECTORY, _NOTHING = (frozenset(words.split()) for words in _OTHER.values())
_WHEN = frozenset({"date", "dates", "day", "time", "room", "place", "link"})
_DATED = frozenset({"grades", "coursework", "financial"})  # when an exam is, or a fee is due, is nobody's grade or debt


def meaning(label: str) -> str:
    """The kind of information under a label, NAMES or PLAIN."""
    words = [word.casefold() for word in _WORD.findall(_ASIDE.sub(" ", label))]
    if any(phrase in " ".join(words) for phrase in _PLAIN_PHRASES):
        return PLAIN
    known = [word if word in _LISTED else word.removesuffix("s") for word in words]
    kinds = [_LISTED[word] for word in known if word in _LISTED]
    if kinds:
        return PLAIN if words[-1] in _WHEN and kinds[0] in _DATED else kinds[0]
    either = {*words, *known}
    if either & _NAMING:
        return NAMES
    said = either & _DIRECTORY or words[-1:] == ["by"] or all(word in _NOTHING for word in words)  # by whom something was done
    return PLAIN if said else UNLISTED
