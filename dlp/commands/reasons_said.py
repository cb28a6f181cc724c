"""Why a row of the decision table fits, in words a registrar reads: what each word of a row means where it has its value.

Takes a row and the situation it was tried with; gives one phrase. A word and a value without a phrase are shown as they are.
Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dlp.notices.words import KINDS
from dlp.policy.situation import Situation
from dlp.ruleset import Row

_YES_NO: Mapping[str, tuple[str, str]] = {  # true, false
    "listed": ("the copy goes to a list", "the copy goes to no list"),
    "mine": ("it tells of this reader", "it does not tell of this reader"),
    "partner": ("the reader's site may get encrypted mail", "the reader's site is no partner for encrypted mail"),
    "record": ("it is more than directory information", "it is directory information"),
    "withheld": ("it was withheld, or the student is in no file", "it was not withheld"),
    "weak": ("only a hint says who is meant", "who is meant is certain"),
    "chosen": ("those named were chosen by it", "nobody was chosen by it"),
    "letter": ("it is said in a letter of recommendation", "it is said in no letter of recommendation"),
    "mail_risk": ("the risk of e-mail was accepted", "the risk of e-mail was not accepted"),
    "directory": ("a campus directory is known", "no campus directory is known"),
    "stale": ("the campus directory is old or incomplete", "the campus directory is up to date"),
    "about_sender": ("it tells of nobody but the sender", "it tells of others than the sender"),
    "from_fellow": ("a student writes about fellow students", "the sender does not write as a fellow student"),
    "from_student": ("the sender is a student", "the sender is no student"),
    "about": ("it is about somebody", "it is about nobody"),
    "tells": ("it tells something of somebody, or a header names somebody", "it tells nothing of anybody"),
    "listing": (
        "so many students are named, or in such rows, that they make a listing, by the institution's own count",
        "they make no listing, by the institution's own count",
    ),
    "states": ("it states something beyond directory information", "it states nothing beyond directory information"),
    "legal": ("the text speaks of a legal demand", "the text speaks of no legal demand"),
    "refers": ("it states nothing and only says whom to ask", "it says more than whom to ask"),
    "named_before": ("the reader named this person first", "the reader did not name this person"),
    "off_purpose": ("the stated purpose is not the work of this office", "no purpose is stated that does not fit"),
    "asks": ("it asks for personal details without saying why", "it asks for nothing without saying why"),
    "notes": ("it speaks of private notes", "it speaks of no private notes"),
    "recommends": ("it is a letter of recommendation", "it is no letter of recommendation"),
    "risk": ("it goes by a consent without the risk of e-mail", "no risk of e-mail is open"),
    "misgreeted": ("somebody else than the reader is greeted", "nobody else than the reader is greeted"),
    "waived": ("the reader gave up the right to see this letter", "the reader gave up no right to see it"),
    "full_and_id": ("it has both full name and ID of somebody else", "it has not both full name and ID of anybody else"),
    "sensitive": (
        "health, conduct or money is told beside full name and ID",
        "no health, conduct or money is told with them",
    ),
    "excused": (
        "it is told with an absence or accommodation the reader needs to know of",
        "it is told with no absence or accommodation the reader needs to know of",
    ),
    "export": ("it looks like a list from a records system", "it does not look like a list from a records system"),
    "header_word": ("a listed word stands in a header", "no listed word stands in a header"),
}
_TEXTS: Mapping[str, Mapping[str, str]] = {
    "scope": {"inside": "the reader is inside the institution", "outside": "the reader is outside"},
    "reader": {
        "staff": "the reader is employed here",
        "student": "the reader is a student",
        "list": "nobody knows who reads this list",
        "unknown": "the reader is in no file",
        "outsider": "the reader is an outsider",
    },
    "person": {
        "student": "it is about a student",
        "employee": "it is about an employee",
        "unknown": "it is about somebody in no file",
        "nobody": "it is about nobody",
    },
    "own": {
        "": "it is about somebody else than the reader",
        "campus": "it is the reader's own, at the campus address",
        "alternate": "it is the reader's own, at another address on file",
        "elsewhere": "the student is greeted, at an address on no file",
    },
    "need": {
        "covered": "a need to know it is on record",
        "uncovered": "no need of this reader to know it is on record",
        "unrecorded": "the reader's purview is not recorded, and nothing else on record covers it",
    },
    "international": {
        "": "it is about no student",
        "yes": "the student is from abroad",
        "no": "the student is a citizen",
        "maybe": "the file does not say whether the student is from abroad",
    },
    "consent": {
        "": "no consent is on record",
        "covers": "a consent on record covers it",
        "lacking": "the consent on record does not cover it",
    },
    "approval": {"": "no approval is on record", "covers": "a senior officer's approval covers it"},
    "class_list": {
        "": "it is no class list",
        "shared": "it is a class list, from who may share it",
        "elsewhere": "it is a class list, and the reader is not of the subject's staff",
        "passed_on": "it is a class list, and the sender is not in charge of the subject",
        "other_use": "it is a class list, for another use than teaching or administration",
    },
}
_NUMBERS: Mapping[str, str] = {
    "people": "{} are named beside the sender, the reader and those in To and Cc",
    "batch": "it gives details of {} beside the reader and those in To and Cc; three are a batch by the institution's count",
    "others": "it gives details of {} beside the reader",
    "visible": "{} would see each other's addresses in To and Cc",
    "astray": "in this mailing, letters to the wrong person outnumber those to the right one by {}",
}
_SETS = {"contact": "the reader is on file as {}", "speaks": "the sender speaks for {}"}
_NO_SETS = {"contact": "the reader is on file as nothing special", "speaks": "the sender speaks for no office"}
_STANDARD = "it is standard personnel information of somebody employed here"
_UNSAID = frozenset({("T4", "sensitive")})  # it only keeps a row apart from one before it
_LEGAL = "no release by the sender as an authorized officer, after consultation with counsel, is on record"
_OF_ROWS: Mapping[str, str] = {"O10a": _LEGAL, "O10a-words": _LEGAL}
_PLAIN = {"kind": "it is {}", "unread": "a part was not read: {}", "probe": "it has the test string for {}"}


def because(row: Row, at: Situation) -> str:
    """Why the row fits, each of its words as it is here."""
    words = list(row.when)
    if row.stage == "statement" and row.when:
        words += _asked_silently(row, at)
    said = [said_of(word, getattr(at, word), row.when.get(word)) for word in words if (row.id, word) not in _UNSAID]
    said += [said_of(word, getattr(at, word), wanted) for word, wanted in row.unless.items()]
    said += [_OF_ROWS[row.id]] if row.id in _OF_ROWS else []
    if at.person == "employee":  # the directory's words are those of students
        said = [each.replace("directory information", "standard personnel information") for each in said] or [_STANDARD]
    return "; ".join(dict.fromkeys(said)) or "nobody is named in it who could be identified"


def _asked_silently(row: Row, at: Situation) -> Iterator[str]:
    """What a row need not ask, because rows before it did."""
    if not {"about_sender", "from_fellow", "refers"}.isdisjoint(row.when):
        return
    if not at.record:
        yield from ("withheld",) if row.when.get("record") is False and at.person == "student" else ()
        return
    if at.scope == "outside" and "consent" not in row.when and "approval" not in row.when and not at.own:
        yield "consent"
    if at.scope == "inside" and "reader" not in row.when and not at.own:
        yield "reader"
        if at.need == "unrecorded" and "need" not in row.when:  # what is not covered is told in full beside the row
            yield "need"


def said_of(word: str, value: object, wanted: object = None) -> str:
    """One word of a situation with its value."""
    if word in _YES_NO:
        return _YES_NO[word][0 if value else 1]
    if word in _NUMBERS:
        counted = "one student" if value == 1 else f"{value} students"
        return _NUMBERS[word].format(value if word == "astray" else counted)
    if isinstance(value, frozenset):
        shown = value & set(wanted if isinstance(wanted, list) else [wanted]) or value
        return _SETS[word].format(" and ".join(sorted(each.replace("_", " ") for each in shown))) if value else _NO_SETS[word]
    if word in _PLAIN:
        return _PLAIN[word].format(KINDS.get(str(value), str(value) or "none"))
    return _TEXTS[word].get(str(value), f"{word} = {value}")
