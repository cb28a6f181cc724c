"""What a person's own message asks to be told about him or her, as far as its words say (R34, R35).

Takes the text; says whether it names a recipient, whether it speaks of a kind, and whether it seems to refuse. A human reads
the message and confirms; this only keeps anybody from recording more than was asked. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dlp.policy.phrases import Said

_CLASS = "class:"
_PLACE = re.compile(r"\S*@\S*|\S*://\S*|www\.\S*", re.IGNORECASE)  # the words of an address say nothing
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


_SENTENCE_ENDS = re.compile(r"[.!?;]+(?=\s|$)|\n\s*\n")
_WORD = re.compile(r"\w+(?:'\w+)?")
_TELLING = re.compile(
    r"send\w*|sent|shar(?:e|es|ed|ing)|tell\w*|told|disclos\w*|releas\w*|giv(?:e|es|en|ing)|gave|provid\w*|forward\w*|pass(?:ed|ing)?"
    r"|show\w*|let|inform\w*|report(?:ed|ing)?|reveal\w*|hand(?:ed|ing)?|e?mail(?:ed|ing)?|discuss\w*|talk\w*|speak\w*|answer\w*|see|know"
    r"|consent\w*|agree\w*|allow\w*|permi(?:t|ts|tted|ssion|ssions)|authori[sz]\w*|approv\w*"
)
_REFUSING = re.compile(
    r"not|never|cannot|nor|neither|dont|wont|\w+n't|nobody|stop\w*|ceas\w*|refrain\w*|forb[ia]d\w*|refus\w*|object(?:s|ed)?|prohibit\w*|declin\w*"
)
_ENDING = re.compile(r"never|nobody|withdr[ae]w\w*|cancel\w*|retract\w*|no_\w+")  # before or behind what it ends
_REVOKING = re.compile(r"revo[ck]\w*|rescind\w*")  # of nothing else is this said
_NO = re.compile(r"\bno (longer|more|one|need|circumstances?|way)\b")
_NEAR = 12  # words
_SHORT = 4  # words of an answer: "No, please don't."


def refuses(text: str) -> bool:
    """Whether it seems to refuse, forbid or take back: such a word stands near one for telling, or is the whole answer.

    In doubt it does: then somebody reads it, and records by hand what it agrees to.
    """
    return any(map(_is_refusal, _SENTENCE_ENDS.split(text.casefold().replace("\u2019", "'"))))


def _is_refusal(sentence: str) -> bool:
    words = _WORD.findall(_NO.sub(r"no_\1", _PLACE.sub(" ", sentence)))
    if len(words) <= _SHORT and any(word == "no" or _REFUSING.fullmatch(word) for word in words):
        return True
    telling = [at for at, word in enumerate(words) if _TELLING.fullmatch(word)]
    for at, word in enumerate(words):
        before = _REFUSING.fullmatch(word) and any(0 < each - at <= _NEAR for each in telling)
        if (
            before
            or _REVOKING.fullmatch(word)
            or (_ENDING.fullmatch(word) and any(abs(each - at) <= _NEAR for each in telling))
        ):
            return True
    return False


def names_recipient(text: str, recipient: str) -> bool:
    """Whether the text names this address, this domain for itself, or this class of contacts."""
    folded, named = text.casefold(), recipient.strip().casefold()
    if named.startswith(_CLASS):
        kind = named.removeprefix(_CLASS)
        return _said(text).has_one(_CLASS_WORDS.get(kind, (kind.replace("_", " "),)))
    before = r"(?<![\w.+-])(?<![\w.+-]@)@?" if named.startswith("@") else r"(?<![\w.+-])"
    return re.search(rf"{before}{re.escape(named.removeprefix('@'))}(?![\w-]|\.\w)", folded) is not None


def speaks_of(text: str, kind: str) -> bool:
    """Whether the text has a word for this kind, and names the subject it is narrowed to."""
    name, _, subject = kind.partition(":")
    if subject and subject.casefold().replace(" ", "") not in text.casefold().replace(" ", ""):
        return False
    return _said(text).has_one(KIND_WORDS.get(name, ()))


def _said(text: str) -> Said:
    return Said.of(_PLACE.sub(" ", text))
