"""Fields of study in whose classes and work something is said to be: "failed his history paper" is nothing of mechanics.

Takes the texts and what is found in them; gives the fields in sentences that tell something, as beginnings of their words, and
whether a subject may be of them. What is told of the work or class of a field is apart from what only stands beside it: a
lecture hall, an exam that is the reason of an absence, the seminar behind which somebody talks to him. Linear in the text;
nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
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
_CLASS = r"(?:class|classes|course|exam|exams|final|lab|labs|lectures?|midterm|professor|recitations?|seminar|teacher|tutorial)"
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
_NUMBERED = re.compile(r"(?<![\w.])(?:[6-9]|[12]\d)[A-Z]{0,2}\.[A-Z]?\d{2,4}\b|\b[A-Z]{2,4} ?\d{3}\b")
_CLAUSE = re.compile(r"[;:]|[.!?](?![\w.])|,? (?:and|but)\b")  # not within 18.06
_REACH = 400  # characters around what is told
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
    for sentence in islice(dict.fromkeys(_sentences(texts, findings)), _MOST):
        beside.update(_stems(_BESIDE, sentence))
        told.update(chain.from_iterable(_stems(_TOLD, each) for each in _CLAUSE.split(sentence) if not _NUMBERED.search(each)))
    return Fields(frozenset(told), frozenset(beside))


def _sentences(texts: Texts, findings: Iterable[Finding]) -> Iterator[str]:
    for each in findings:
        if each.role is Role.STATES:
            text = texts.views[each.view].text
            start, end = sentence_around(text, each.start, min(each.end, each.start + _REACH), _REACH)
            yield " ".join(text[start:end].split())


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


def _stems(pattern: re.Pattern[str], said: str) -> Iterable[str]:
    found = (next(filter(None, match.groups())) for match in islice(pattern.finditer(said), _MOST))
    return (field.casefold()[:_STEM] for field in found)
