"""What a person's own message speaks of, as far as its words say (R34, R35).

Takes the text; says whether it names a recipient and whether it speaks of a kind; whether it agrees to anything is for
agreement.py. A human reads the message and confirms; this only keeps anybody from recording more than was asked. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from dlp.policy.phrases import Said

_CLASS = "class:"
_UNBROKEN = re.compile(r"\S+")
_OF_A_PLACE = ("@", "://", "www.")
_BEHIND = ",:;)>"  # an address, and not of it
AN_ADDRESS = "_address_"  # stands for one
A_RECIPIENT, A_DOMAIN, A_CLASS = "_whom_", "_domain_", "_class_"  # and these for the one asked for
# before a word for a kind, the subject a kind is narrowed to, a name, and the writer's own
A_THING, A_SUBJECT, A_NAME, AN_OWN_NAME = "#", "\u00a7", "~", "\u00b6"
_LIKE_A_MARK = re.compile(rf"[{A_THING}{A_SUBJECT}{A_NAME}{AN_OWN_NAME}]|{A_RECIPIENT}|{A_DOMAIN}|{A_CLASS}|{AN_ADDRESS}")
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
    return _address(named).search(text) is not None


def marked(text: str, recipient: str, kinds: Collection[str]) -> str:
    """The text with marks instead of addresses and the recipient, and before words for a kind and subjects that are wanted."""
    text = _LIKE_A_MARK.sub("*", text)
    named = recipient.strip().casefold()
    if not named.startswith(_CLASS):
        text = _address(named).sub(f" {A_DOMAIN if named.startswith('@') else A_RECIPIENT} ", text)
    text = without_addresses(text.replace(f"<mailto: {A_RECIPIENT} >", " "))
    if named.startswith(_CLASS):
        text = _words(_class_words(named)).sub(A_CLASS, text)
    for subject in filter(None, (each.partition(":")[2] for each in kinds)):
        text = _whole(subject).sub(A_SUBJECT + subject.replace(" ", ""), text)
    return _OF_A_KIND.sub(lambda found: A_THING + found[0].replace(" ", "-"), text)


def _whole(subject: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(subject)}(?![\w-]|\.\w)", re.IGNORECASE)


def _words(phrases: Iterable[str]) -> re.Pattern[str]:
    each = "|".join(re.escape(phrase.rstrip("*")) + r"\w*" * phrase.endswith("*") for phrase in phrases)
    return re.compile(rf"(?<![\w'{A_SUBJECT}-])(?:{each})(?![\w'-])", re.IGNORECASE)


def _class_words(named: str) -> tuple[str, ...]:
    kind = named.removeprefix(_CLASS)
    return _CLASS_WORDS.get(kind, (kind.replace("_", " "),))


def _address(named: str) -> re.Pattern[str]:
    before = r"(?<![\w.+-])(?<![\w.+-]@)@?" if named.startswith("@") else r"(?<![\w.+-])"
    return re.compile(rf"{before}{re.escape(named.removeprefix('@'))}(?![\w-]|\.\w)", re.IGNORECASE)


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


_OF_A_KIND = _words(
    sorted({each for name, words in KIND_WORDS.items() if name != "all" for each in words}, key=len, reverse=True)
)
