"""What a person's own message speaks of, as far as its words say (R34, R35).

Takes the text; says whether it names a recipient and whether it speaks of a kind; whether it agrees to anything is for
agreement.py. A human reads the message and confirms; this only keeps anybody from recording more than was asked. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dlp.policy.phrases import Said

_CLASS = "class:"
_UNBROKEN = re.compile(r"\S+")
_OF_A_PLACE = ("@", "://", "www.")
_BEHIND = ",:;)>"  # an address, and not of it
AN_ADDRESS = "_address_"  # stands for one
A_RECIPIENT = "_whom_"  # and this for the one asked for
# words a person uses for a kind; "grade*" is every word that begins so, several words are words in a row
KIND_WORDS: Mapping[str, tuple[str, ...]] = {
    "grades": ("grade*", "mark", "marks", "score*", "transcript*", "result", "results"),
    "gpa": ("gpa", "grade point*", "average", "transcript*"),
    "standing": ("standing", "probation", "rank*", "warning"),
    "enrolment": ("enrol*", "regist*", "course*", "subject*", "class", "classes", "attend*", "transcript*"),
    "advising": ("advis*", "degree progress", "progress"),
    "financial": ("financ*", "tuition", "balance", "bill*", "aid", "loan*", "fee", "fees"),
    "health": ("health", "medical", "illness", "diagnos*"),
    "accommodation": ("accommodat*", "disabilit*"),
    "conduct": ("conduct", "disciplin*"),
    "integrity": ("integrity", "plagiari*", "cheat*", "disciplin*"),
    "admission": ("admission*", "application*"),
    "immigration": ("immigration", "visa*", "citizen*"),
    "biographical": ("birth*", "biograph*", "citizen*", "nationalit*", "gender"),
    "coursework": ("coursework", "work", "paper*", "essay*", "exam*", "homework", "thesis", "project*"),
    "attendance": ("attend*", "absen*"),
    "excuse": ("excus*", "absen*"),
    "recommendation": ("recommend*", "reference*", "letter*", "work", "performance"),
    "photo": ("photo*", "picture*"),
    "id": ("id", "number"),
    "contact": ("contact*", "address*", "phone", "mail", "email"),
    "directory": ("directory", "name", "address*", "degree*", "dates"),
    "salary": ("salar*", "pay", "wage*", "income"),
    "evaluation": ("evaluat*", "review*", "performance"),
    "home_address": ("home", "address*"),
    "all": ("all", "any", "anything", "everything", "whole", "entire", "record", "records"),
}
_CLASS_WORDS: Mapping[str, tuple[str, ...]] = {
    "employer": ("employer*", "compan*", "firm*"),
    "school": ("school*", "universit*", "college*", "program*"),
    "parent": ("parent*", "mother", "father", "famil*"),
    "insurer": ("insur*",),
    "foundation": ("foundation*",),
}


def names_recipient(text: str, recipient: str) -> bool:
    """Whether the text names this address, this domain for itself, or this class of contacts."""
    named = recipient.strip().casefold()
    if named.startswith(_CLASS):
        return _said(text).has_one(_class_words(named))
    return _address(named).search(text.casefold()) is not None


def recipient_marked(text: str, recipient: str) -> str:
    """The text with A_RECIPIENT wherever it names the recipient, so that what stands around it can be looked at."""
    named = recipient.strip().casefold()
    if not named.startswith(_CLASS):
        return _address(named).sub(f" {A_RECIPIENT} ", text.casefold())
    words = "|".join(re.escape(each.rstrip("*")) + r"\w*" * each.endswith("*") for each in _class_words(named))
    return re.sub(rf"\b(?:{words})\b", A_RECIPIENT, without_addresses(text).casefold())


def _class_words(named: str) -> tuple[str, ...]:
    kind = named.removeprefix(_CLASS)
    return _CLASS_WORDS.get(kind, (kind.replace("_", " "),))


def _address(named: str) -> re.Pattern[str]:
    before = r"(?<![\w.+-])(?<![\w.+-]@)@?" if named.startswith("@") else r"(?<![\w.+-])"
    return re.compile(rf"{before}{re.escape(named.removeprefix('@'))}(?![\w-]|\.\w)")


def speaks_of(text: str, kind: str) -> bool:
    """Whether the text has a word for this kind, and names the subject it is narrowed to."""
    name, _, subject = kind.partition(":")
    if subject and subject.casefold().replace(" ", "") not in text.casefold().replace(" ", ""):
        return False
    return _said(text).has_one(KIND_WORDS.get(name, ()))


def _said(text: str) -> Said:
    return Said.of(without_addresses(text, " "))


def without_addresses(text: str, instead: str = AN_ADDRESS) -> str:
    """The text with something else for each address and link: their words say nothing."""

    def sub(found: re.Match[str]) -> str:
        if not any(each in found[0].casefold() for each in _OF_A_PLACE):
            return found[0]
        return instead + found[0][len(found[0].rstrip(_BEHIND)) :]

    return _UNBROKEN.sub(sub, text)
