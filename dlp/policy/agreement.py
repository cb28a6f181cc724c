"""Whether a person's own words agree that something is told: what `dlp consent ingest` may record (R34, R35).

Takes the texts, and what is to be told to whom; gives why nothing may be recorded, or None. It records a right, so every
sentence of the message has to be one of agreeing.py, from its first word to its last: one that agrees, or one that can change
nothing. Any other message somebody reads, and records by hand: a list of what refuses, limits or mocks is never complete.

Commas and brackets do not count; any other sign within a sentence makes it one that nobody knows. Pure; linear in the length
of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from dlp.campus.names import words
from dlp.policy.agreeing import at_the_end, known
from dlp.policy.asked import A_CLASS, A_DOMAIN, A_NAME, A_RECIPIENT, A_THING, AN_ADDRESS, AN_OWN_NAME, marked, speaks_of


class Doubt(Enum):
    """Why nothing may be recorded, for whoever typed the command: "the message ..."."""

    REFUSES = "may refuse, forbid or take back something"
    LIMITS = "may agree to a part only, or on a condition"
    ASKS = "asks something, or leaves something open"
    PAST = "may speak of what was agreed before, and of what became of it"
    QUOTES = "quotes something, and it is not sure whose words count"
    SILENT = "has no sentence of the person's own that agrees, in plain words known here, to telling this to this recipient"
    MORE = "agrees, and says something more, which somebody has to weigh"


# why nobody knows a sentence, as far as its words tell: for the answer alone, it is not taken whatever they are
_TELLING = {
    Doubt.REFUSES: r"\b(?:no|not|never|none|\w+n't|without|with(?:hold|draw)\w*|revoke|cancel|stop|deny|refuse|against|back)\b",
    Doubt.LIMITS: r"\b(?:only|except|but|if|unless|until|once|when|after|before|first|other than|half|part)\b",
    Doubt.ASKS: r"\?|\[ ?\]|\u2610|___",
    Doubt.PAST: r"\b(?:was|were|had|said|wrote|earlier|consented|agreed|allowed|permitted|authori[sz]ed)\b",
    Doubt.QUOTES: r'["\u201c\u201d\u201e\u201f\u00ab\u00bb]',
}
_ASKED_FOR = {A_RECIPIENT, A_DOMAIN, A_CLASS}
# --- a text into sentences
_SHORT = {"'m": " am", "'d": " would", "'ve": " have"}
_SHORTENED = re.compile(r"(?<=\b[Ii])'(?:m|d|ve)\b")
_ABBREVIATED = re.compile(r"\b(mr|ms|mrs|dr|prof|inc|ltd)\.", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")
_LISTED = re.compile(rf",(?: and)?(?= (?:my )?(?:\w+ )?{A_THING}(?![A-Z][a-z]))")  # but for "I, Mark Lee,"
_END = re.compile(r"(?<=[.!?;])\s+|\n\s*\n")
_LINE = re.compile(r"(?<=[.!?])\s+|[,!:]?\s*\n\s*|,\s*|!")  # or what stands for one, beside a greeting or a name
_ASKING = re.compile(r"\?[!.]*\s*$")
_NO_SIGN = re.compile(rf"[,()]|:(?= ?[\w{A_THING}])|<(?= ?_)|(?<=_) ?>")
_NO_NAME = re.compile(  # whoever writes such a word with a capital: it turns what is said
    r"no|not|nor|never|none|nobody|nothing|only|but|bar|except|save|unless|if|without|until|after|when|the|of|to|or|and|i|my|an?"
    r"|any(?:body|one)?|every(?:body|one)?|all|instead|others?|rather|than|against|via|through"
    r"|cancel\w*|void|denied|declined?|refused?|revoked?|stop\w*|withdrawn?|\w+n't|\w+ing|cannot|cant|dont|wont|neither|beside\w*"
    r"|beyond|minus|ignored?|disregard\w*|mistake\w*|drafts?|joke\w*|this|that|it|please"
)
_IN_CAPITALS = frozenset(("HR", "IT", "LLC", "INC", "LTD", "MIT", "UK", "USA"))  # else somebody raises the voice


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be recorded. `once`, `until`: an option says how often, or how long. `writer`: folded words of who agrees."""

    kinds: Collection[str]
    recipient: str
    once: bool = False
    until: bool = False
    writer: Collection[str] = ()


def doubt(texts: Iterable[str], wanted: Wanted) -> Doubt | None:
    """Why nothing may be recorded of these texts, the gravest reason first; None where they agree."""
    agreed: list[str] = []
    before, unknown = "", []
    for sentence in (each for text in texts for each in _sentences(text, wanted)):
        if what := _agreed(sentence, before, wanted):
            agreed += what
        elif _is("THEY", sentence):
            before = sentence + " ".join(_ASKED_FOR.intersection(before.split()))
        elif _is("REASON", sentence) or (not agreed and _is("HEADED", sentence)):
            before = sentence
        elif not _is("COURTESY", sentence):
            unknown.append(sentence)
    if not unknown and agreed and all(any(speaks_of(each, kind) for each in agreed) for kind in wanted.kinds):
        return None
    told = (each for each, signs in _TELLING.items() if re.search(signs, "\n".join(unknown), re.IGNORECASE))
    return next(told, Doubt.MORE if agreed and unknown else Doubt.SILENT)


def _agreed(sentence: str, before: str, wanted: Wanted) -> list[str]:
    """What it agrees is told to the one wanted; "them" and "it" are those of the sentence before. Nothing where it does not."""
    said = at_the_end("ONCE").sub("", sentence) if wanted.once else sentence
    said = at_the_end("UNTIL").sub("", said) if wanted.until else said
    said = at_the_end("FOR").sub("", said)
    used = set(said.split())
    whom = used if AN_ADDRESS in used or used.isdisjoint({"them", "him", "her"}) else used.union(before.split())
    if not _is("AGREES", said) or whom.isdisjoint(_ASKED_FOR):
        return []
    own = known("MINE").findall(said)
    mine = own if own or used.isdisjoint({"it", "them"}) else known("MINE").findall(before)
    return known("ONE").findall("".join(mine))


def _is(name: str, sentence: str) -> bool:
    return known(name).fullmatch(sentence) is not None


def _sentences(text: str, wanted: Wanted) -> Iterator[str]:
    """Each as agreeing.py takes it, without the greeting above and the name below."""
    plain = _ABBREVIATED.sub(r"\1", _SHORTENED.sub(lambda found: _SHORT[found[0]], text.replace("\u2019", "'")))
    own = _unframed(marked(_BLANKS.sub(" ", plain).strip(), wanted.recipient, wanted.kinds).strip(), wanted)
    for each in (_words(part, wanted) for part in _END.split(_LISTED.sub(" and", own))):
        begun = each.removeprefix(A_NAME).removeprefix(AN_OWN_NAME)  # any sentence begins with a capital
        if begun:
            yield begun[0].lower() + begun[1:]


def _unframed(text: str, wanted: Wanted) -> str:
    """Without the greeting, and without a last line that is the writer's name, or good wishes with that below."""
    first = _LINE.search(text)
    if first and _is("HELLO", _words(text[: first.start()], wanted)):
        text = text[first.end() :]
    end = len(text)
    for line in reversed(list(_LINE.finditer(text))):
        below = _words(text[line.end() : end], wanted)
        if _is("BYE", below):
            return text[: line.start()]
        if not _is("SIGNED", below):
            break
        end = line.start()
    rest, _, last = text.rpartition("\n")
    return rest if known("OWN").match(name := _words(last, wanted)) and _is("SIGNED", name) else text


def _words(text: str, wanted: Wanted) -> str:
    """With a blank behind each, and a mark before what may be a name."""
    plain = _NO_SIGN.sub(" ", _ASKING.sub(" ?", text).strip().rstrip(".!;")).split()
    return "".join(f"{_mark(each, wanted)}{each} " for each in plain)


def _mark(word: str, wanted: Wanted) -> str:
    bare = word.removeprefix(A_THING)  # Mark and Bill are words for a kind, too
    if any(map(_NO_NAME.fullmatch, bare.casefold().split("-"))):
        return ""
    named = words(bare)
    if named and wanted.writer and all(each in wanted.writer for each in named) and (bare == word or bare[0].isupper()):
        return AN_OWN_NAME
    loud = word.isupper() and len(word) > 1 and word not in _IN_CAPITALS and word.casefold() not in wanted.recipient.casefold()
    return A_NAME * (word[0].isupper() and not loud)
