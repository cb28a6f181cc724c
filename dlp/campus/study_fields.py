"""Fields of study in whose classes and work something is said to be: "failed his history paper" is nothing of mechanics.

Takes the texts and what is found in them; gives the fields in sentences that tell something, as beginnings of their words, and
whether a subject may be of them. What is told of the work or class of a field is apart from what only stands beside it: a
lecture hall, an exam that is the reason of an absence, the seminar behind which somebody talks to him. Linear in the text;
nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from dlp.campus.directory import Directory
from dlp.campus.places import sentence_around
from dlp.values import Finding, Role, Texts

_FIELDS = (
    r"(accounting|algebra|anthropology|architecture|art|astronomy|biochemistry|biology|botany|calculus|chemistry|chinese|drama"
    r"|economics|engineering|english|finance|french|geography|geology|geometry|german|greek|history|italian|japanese|journalism"
    r"|latin|linguistics|literature|marketing|maths?|mathematics|mechanics|music|nursing|optics|philosophy|physics|poetry"
    r"|politics|programming|psychology|religion|robotics|russian|sociology|spanish|statistics|theology|thermodynamics|topology"
    r"|writing|zoology)"
)
FIELD = re.compile(_FIELDS, re.IGNORECASE)
_ANY = re.compile(rf"\b{_FIELDS}\b", re.IGNORECASE)
# whose title or department may name another field; by the beginnings of the words
_AKIN: Mapping[str, tuple[str, ...]] = {
    "acco": ("busi", "fina", "mana"),
    "alge": ("math",),
    "astr": ("phys",),
    "bioc": ("biol", "chem"),
    "bota": ("biol",),
    "calc": ("math",),
    "dram": ("engl", "lite", "thea"),
    "engl": ("lite", "writ"),
    "fina": ("acco", "busi", "econ", "mana"),
    "geom": ("math",),
    "lite": ("engl", "writ"),
    "mark": ("busi", "mana"),
    "mech": ("engi", "phys"),
    "opti": ("phys",),
    "poet": ("engl", "lite", "writ"),
    "poli": ("gove",),
    "prog": ("algo", "comp", "info", "soft"),
    "reli": ("theo",),
    "robo": ("comp", "engi", "mech"),
    "stat": ("math", "prob"),
    "theo": ("reli",),
    "ther": ("chem", "engi", "mech", "phys"),
    "topo": ("math",),
    "writ": ("engl", "lite"),
    "zool": ("biol",),
}
_STEM = 4  # letters: math, mathematics
_CLASS = (
    r"(?:class|classes|course|exam|exams|final|grades?|instructor|lab|labs|lectures?|marks?|midterm|professor|recitations?|seminar"
    r"|teacher|tutorial)"
)
_WORK = r"(?:assignment|essay|homework|paper|project|quiz|quizzes|section|test|tests)"
_NO_ROOM = r"(?! (?:building|center|hall|office|room)\b)"
_BESIDE = re.compile(
    rf"(?i)\b{_FIELDS}[ ](?:{_CLASS}|{_WORK})\b{_NO_ROOM}|\b(?:fail(?:ed|ing|s)|miss(?:ed|ing)|passed|skipped)[ ]{_FIELDS}\b"
)
# of any subject there may be a part that is calculated, programmed or written
_TOOL = r"(?:algebra|calculus|geometry|maths?|mathematics|programming|statistics|writing)\b"
_PART_OF = (  # a class or a piece of work, and no lecture hall or section of students
    rf"(?:\b(?!{_TOOL}[ ]{_WORK}\b){_FIELDS}[ ](?:{_CLASS}|(?!section\b){_WORK})\b{_NO_ROOM})"
)
_ITSELF = rf"(?:\b{_FIELDS}(?:(?![ ]\w)|[ ](?:again|twice|with)\b))"
_SMALL = (
    r"(?:(?:a|all|an|both|every|final|first|her|his|last|most|my|our|own|second|summer|that|the|their|this|whole|your)[ ]){0,3}"
)
_MARK = (
    r"(?:(?-i:\b[A-DF](?:[+-]|\b))|\d%|\b\d{1,3}[ ]?(?:/|(?:out[ ])?of)[ ]?\d{1,3}|\bpoints?|\bgot[ ]\d{1,3}"
    r"|\b(?:grades?|marks?|scored?))"
)
_PASSED = r"(?:fail(?:ed|ing|s)|flunk\w*|pass(?:ed|es|ing))"
_WENT = r"(?:bad(?:ly)?|behind|cheat\w*|copied|copying|excel\w*|plagiari[sz]\w*|poorly|struggl\w*|weak|well)"
_MISSED = r"(?:absent|dropped|drops|miss(?:ed|es|ing)|skip(?:ped|s))"
_TOLD = re.compile(
    rf"(?i)(?:{_MARK}[ ](?:for|from|in|of|on)|\b{_PASSED}(?:[ ](?:all of|in))?)[ ]{_SMALL}(?:{_PART_OF}|{_ITSELF})"
    rf"|\b{_WENT}[ ](?:(?:at|from|in|on|with)[ ])?{_SMALL}(?:{_PART_OF}|(?!{_TOOL}){_ITSELF})"
    rf"|\b{_MISSED}[ ](?:(?:from|in)[ ])?{_SMALL}(?:{_PART_OF}|(?!{_TOOL}){_ITSELF})"
    rf"|{_PART_OF}[ ](?:(?:got|had|has|is|was|were)[ ])?(?:an?[ ])?(?:{_MARK}|{_PASSED}|{_WENT}|late|unfinished)"
)
# of how somebody did, wherever it stands in the sentence; 11/23 may be a day, and A an article
_TELLS = re.compile(
    r"(?<!Building )(?<!Group )(?<!Part )(?<!Room )(?<!Section )(?<!section )\b(?:[B-DF](?:[+-]|\b(?!['\u2019]|\. ?[A-Z]))"
    r"|A(?:[+-]|\b(?! [a-z]|['\u2019]|\. ?[A-Z]))|(?<=\ban )[AF]\b|(?<=\ba )[BCD]\b)|\d%|\b\d{1,3} (?:(?:out )?of \d|points)"
    r"|(?<!by )(?<!on )(?<!from )(?<!until )\b\d{1,3}/\d"
    rf"|(?i:\b(?:{_PASSED}|accus\w+|bad(?:ly)?|caught (?:by|her|him|them|with)|cheat\w*|copied|copying|dishonest\w*|excel\w*"
    r"|grades?|marks?|plagiar\w+|poor(?:ly)?|scored?|struggl\w*|weak|(?<!as )well|worse)\b)"
)
# an exam elsewhere is why, or when: a field behind these is beside what is told
_REASON = re.compile(
    r"(?i)\b(?:(?:after|attend(?:ed|ing|s)?|because of|before|behind|due to|(?:collid|conflict)\w* with|for|outside|since"
    r"|to (?:sit|take)|until)"
    rf"|(?:as|because|since) (?:he|she|they) (?:attended|had|has|have|sat|took|(?:is|was|were) (?:at|in))) {_SMALL}$"
)
_HERE = r"(?:(?<![\w.])(?:[6-9]|[12]\d)[A-Z]{0,2}\.[A-Z]?\d{2,4}\b|\b[A-Z]{2,4} ?\d{3}\b)"
# "in 8.01 he failed the lab", "the 8.01 lab", and "the lab of 8.01": what is of a number is of no other subject
_NUMBERED_BEFORE = re.compile(rf"^\W*(?:For|In|On|for|in|on) {_HERE},? [^,]*$|{_HERE}(?: \w+)? $")
_NUMBERED_BEHIND = re.compile(rf" ?\(?(?:\w+ ){{0,2}}{_HERE}")
_GOES_ON = re.compile(rf"(?:(?:It|That|This)\b|(?:Her|His|Their|The) {_FIELDS} (?:instructor|professor|teacher)\b)")
_PART = re.compile(rf"(?i){_PART_OF}")
_CLAUSE = re.compile(r"[;:]|[.!?](?![\w.])|,? (?:and|but)\b")  # not within 18.06
_REACH = 400  # characters around what is told
_NEAR = 60  # characters beside a field
_MOST = 300  # sentences, and fields of one


class Fields(NamedTuple):
    """The fields of which something is told, and those that stand beside it."""

    told: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()


NO_FIELDS = Fields()


def fields_named(texts: Texts, findings: Iterable[Finding]) -> Fields:
    """The fields in the sentences in which something is found that tells of somebody."""
    told: set[str] = set()
    beside: set[str] = set()
    for sentence, behind in islice(dict.fromkeys(_sentences(texts, findings)), _MOST):
        beside.update(_stems(_BESIDE.finditer(sentence)))
        told.update(told_in(sentence))
        if _GOES_ON.match(behind) and _TELLS.search(sentence):
            told.update(_stems(_PART.finditer(behind)))
    return Fields(frozenset(told), frozenset(beside))


def told_in(sentence: str) -> frozenset[str]:
    """The fields of which one sentence tells how somebody did."""
    told = (each for clause in _CLAUSE.split(sentence) for each in _TOLD.finditer(clause) if not _is_numbered(each))
    parts = (each for each in _PART.finditer(sentence) if not _is_beside(each)) if _TELLS.search(sentence) else ()
    return frozenset(_stems(told)).union(_stems(parts))


def _is_numbered(match: re.Match[str]) -> bool:
    """Whether a field stands beside the number of a subject, which it is of."""
    before = _CLAUSE.split(match.string[max(0, match.start() - _REACH) : match.start()])[-1]
    behind = match.string[match.end() : match.end() + _NEAR]
    return bool(_NUMBERED_BEFORE.search(before.lstrip()) or _NUMBERED_BEHIND.match(behind))


def _is_beside(match: re.Match[str]) -> bool:
    return bool(_REASON.search(match.string[max(0, match.start() - _NEAR) : match.start()])) or _is_numbered(match)


def _sentences(texts: Texts, findings: Iterable[Finding]) -> Iterator[tuple[str, str]]:
    """What tells something, and what stands behind it, in texts that speak of any field; cells are read by their labels."""
    spoken = {nth for nth, view in enumerate(texts.views) if view.grid is None and _ANY.search(view.text)}
    for each in findings:
        if each.role is Role.STATES and each.view in spoken:
            text = texts.views[each.view].text
            start, end = sentence_around(text, each.start, min(each.end, each.start + _REACH), _REACH)
            behind = _CLAUSE.split(" ".join(text[end : end + _REACH].lstrip(" .!?\n").split()), maxsplit=1)[0]
            yield " ".join(text[start:end].split()), behind


def may_be_of(subject: str, fields: Iterable[str], directory: Directory) -> frozenset[str]:
    """Those of these fields of which a subject may be, by title or department; of one without these anything may be so."""
    words = [word for each in directory.offerings(subject) for word in f"{each.title} {each.department}".casefold().split()]
    return frozenset(field for field in fields if not words or _is_in(field, words))


def _is_in(field: str, words: Iterable[str]) -> bool:
    """Whether a field, or one akin, is in one of these words: economics in "microeconomics", but art not in "department"."""
    return any(
        word.startswith(stem) or (len(stem) == _STEM and stem in word)
        for stem in (field, *_AKIN.get(field, ()))
        for word in words
    )


def _stems(matches: Iterable[re.Match[str]]) -> Iterable[str]:
    found = (next(filter(None, match.groups())) for match in islice(matches, _MOST))
    return (field.casefold()[:_STEM] for field in found)
