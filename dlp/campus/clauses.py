"""What a sentence tells of the classes and the work of a field of study: "failed the quiz because of a history exam" is none.

Takes a sentence, what stands behind it, and the numbers of the subjects the message is about; gives the fields of which it
tells how somebody did. A sentence is read clause by clause. Where a clause tells something, it is of the field in it; where it
speaks of other work as well ("the quiz"), only of a field that is joined to that. A clause that tells and names no work is of
what was named last ("took the history exam and failed"), and what is dishonest is of whatever the sentence names, unless that
is ours. Linear in the text; never fails.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from dlp.campus.folding import folded_word

_NAMES = frozenset(
    ("accounting", "algebra", "anthropology", "architecture", "art", "astronomy", "biochemistry", "biology", "botany",
     "calculus", "chemistry", "chinese", "drama", "economics", "engineering", "english", "finance", "french", "geography",
     "geology", "geometry", "german", "greek", "history", "italian", "japanese", "journalism", "latin", "linguistics",
     "literature", "marketing", "math", "mathematics", "maths", "mechanics", "music", "nursing", "optics", "philosophy",
     "physics", "poetry", "politics", "programming", "psychology", "religion", "robotics", "russian", "sociology", "spanish",
     "statistics", "theology", "thermodynamics", "topology", "writing", "zoology")
)  # fmt: skip
_FIELDS = rf"(?:{'|'.join(sorted(_NAMES))})\b"
FIELD = re.compile(rf"\b{_FIELDS}", re.IGNORECASE)
_END = r"(?<!\b[DM]r)(?<!\bM[sx])(?<!\bMrs)(?<!\bProf)[.!?](?![\w.])"  # of a sentence, and not within 18.06
STOP = re.compile(_END)
_WORD = re.compile(r"[a-z]+")
_OURS = "\ue000"  # stands for the number of a subject the message is about
_NUMBER = re.compile(r"(?<![\w.@-])(?:[A-Za-z]{1,5}[ .-]?)?(\d[\w.]{0,9}(?<!\.))")

_TEACHER = r"(?:instructor|professor|teacher)"
_CLASS = r"(?:class(?:es)?|courses?|exams?|finals?|labs?|lectures?|midterms?|recitations?|seminars?|tutorials?)"
_WORK = r"(?:assignments?|essays?|homeworks?|papers?|projects?|problem sets?|psets?|quiz|quizzes|tests?)"
_SCORE = r"(?:grade|mark)s?"
_NO_ROOM = r"\b(?! (?:building|center|hall|office|room|table)\b)"
# of any subject there may be a part that is calculated, programmed or written
_TOOL = r"(?:algebra|calculus|geometry|maths?|mathematics|programming|statistics|writing)\b"
_PART = rf"(?!{_TOOL} {_WORK}\b)(?P<field>{_FIELDS}) (?:{_CLASS}|{_SCORE}|{_WORK}|(?P<teacher>{_TEACHER})){_NO_ROOM}"
# a class or a piece of work: of a field, or ours
_OBJECT = re.compile(rf"(?i)(?:\b{_PART}|\b(?:{_CLASS}|{_WORK}){_NO_ROOM}|{_OURS})")
_BESIDE = re.compile(
    rf"(?i)\b({_FIELDS}) (?:{_CLASS}|{_SCORE}|{_WORK}|section|{_TEACHER}){_NO_ROOM}"
    rf"|\b(?:fail(?:ed|ing|s)|miss(?:ed|ing)|passed|skipped) ({_FIELDS})"
)
_SMALL = (
    r"(?:(?:a|all|an|another|any|both|every|final|first|her|his|last|most|my|our|own|second|summer|that|the|their|this|whole|your"
    r"|[\w-]+day|[\w-]+['\u2019]s|dr\.|prof\.) ){0,4}"
)

_PASSED = r"(?:(?<!without )fail(?:ed|ing|s|ures?)?|flunk\w*|pass(?:ed|es|ing))"
_LETTER = (  # 11/23 may be a day, and A an article
    r"(?<!Building )(?<!Group )(?<!group )(?<!Part )(?<!Room )(?<!Section )(?<!section )"
    r"\b(?:[B-DF](?:[+-]|s\b|['\u2019]s (?=for|in|on)|\b(?!['\u2019]|\. ?[A-Z]))"
    r"|A(?:[+-]|\b(?! (?!for|in|on)[a-z]|['\u2019]|\. ?[A-Z]))|(?<=[a-z,] )As\b|(?<=\ban )[AF]\b)"
)
_FIGURE = (
    r"\b\d{1,3}(?: ?%|/(?:3[2-9]|[4-9]\d|\d{3})\b|/\d+ (?:for|in|on|points)| (?:(?:out )?of \d|points))"
    r"|(?<=got )\d{1,3}\b|(?<=scored )\d{1,3}\b|(?<=with )\d{1,3}/\d|\b[Zz]ero (?:for|in|on|points)"
)
_DISHONEST = (
    r"(?:accus\w+|cheat\w*|copied|copying|dishonest\w*|fraud\w*|plagiari\w+|stole|stolen"
    r"|caught (?:by|her|him|them|with)|(?:been|got|is|was|were) caught)"
)
_WENT = (
    r"(?:badly|(?:is|so|too|was) bad|bad (?:at|in)|behind (?:in|with)|disast\w+|excel(?:led|lent\w*|ling|s)|poor(?:ly)?"
    r"|struggl\w*|terrible|terribly|weak|(?:did|does|doing|done|perform(?:ed|ing|s)?) (?:\w+ )?well|worse)"
)
_SURE = rf"(?:{_LETTER}|{_FIGURE}|(?i:\b{_PASSED}\b|\bscored?\b))"  # said of a tool, it is of a class
_TELLS = re.compile(rf"{_SURE}|(?i:\b(?:{_DISHONEST}|{_WENT}|{_SCORE}(?! (?:my|our|papers|the)\b))\b)")
_LIES = re.compile(rf"(?i)\b{_DISHONEST}\b")
_UNDONE = re.compile(
    r"(?i)\b(?:absent|dropped|drops|miss(?:ed|es|ing)|skip(?:ped|s)"
    r"|(?:did not|didn['\u2019]t|never) (?:(?:hand(?:ed)?|turn(?:ed)?) in|submit(?:ted)?))"
    rf" (?:(?:from|in) )?{_SMALL}$"
)

# where a clause ends; "as" and "than" before a verb compare
_BREAK = re.compile(
    r";|,(?!\d)|(?: [-\u2013\u2014])? (?=(?:although|and|because|but|if|or|since|so|though|unless|when|where"
    r"|whereas|which|while|who|whose)\b|(?:after|as|before|once|until) (?:he|she|there|they)\b|as (?:her|his|the|their)\b"
    r"|(?<!as )(?<!than )(?:he|she|there|they) (?:attend|ha[ds]|have|is|must|s[ai]ts?|takes?|took|was|were)\b)"
    r"|(?<=says) |(?<=said) (?!a\b)"
)
_ASIDE = re.compile(r"\(([^()]{0,200})\)")
_ALSO = re.compile(
    r"(?i)(?:and |but |or )?(?:also |even |not |so |then |too )?(?:at |for |in |of |on )?"
    rf"{_SMALL}(?:(?:{_FIELDS} )?(?:{_CLASS}|{_WORK})|{_OURS}|(?!{_TOOL})(?P<field>{_FIELDS}))"
    r"(?: (?:again|as well|in|last|on|this|today|too|twice|with|yesterday)\b.*)?"
)
_AT_FIRST = re.compile(
    rf"(?i)(?:and |but )?(?:at|during|for|in|on) {_SMALL}({_FIELDS})(?: (?:{_CLASS}|{_WORK}))?(?: [\w-]+day)?"
)
# joined to other work: "the quiz in her history class", "the lab of the history class", "failed her history class"
_JOINED = re.compile(rf"(?i)(?:\b(?:at|during|for|in|like|on|than)|\b(?:{_CLASS}|{_WORK}) of) {_SMALL}$")
_DIRECTLY = re.compile(rf"(?i)(?: \w+ly)?(?: all of| at| during| for| from| in| of| on| to take| with)? {_SMALL}")
_IS = re.compile(r":?(?: (?:got|had|has|is|was|went|were))?(?: an?| as| only| so| too| very)? ")
_NOT_DONE = re.compile(r"late\b|missing\b|unfinished\b")
# what is to come, or what somebody works on: "recommend her for", "studied for", "an assistant in"
_PLANNED = re.compile(
    r"(?i)\b(?:appl|assist|enrol|help|prepar|ready|recommend|regist|seat|sign|stud[iy]|teach|time|train|work)\w*"
    rf"(?: \w+){{0,2}} (?:at|for|in|on|to) {_SMALL}$"
)
# when, and what waits: whoever did badly did so elsewhere
_MEANWHILE = re.compile(rf"(?i)\b(?:after|before|from|has|have|of|to|until) {_SMALL}$")
_REASON = re.compile(r"(?i)(?:as|because|if|since|when|while) ")
_BACK = re.compile(r"(?:also|where|which|with|an?)\b")
_REPORTS = (
    rf"{_TEACHER} (?:\w+ )?(?:caught|found|gave|gives|giving|reports?|reported|said|says|saw|tells|told|thinks|writes|wrote)"
)
_SAYS = re.compile(rf"(?i)(?:\b(?:according to|by|from|said|says) |^){_SMALL}({_FIELDS}) {_TEACHER}\b|({_FIELDS}) {_REPORTS}\b")
_ITSELF = re.compile(
    rf"(?:(?P<sure>{_SURE})|(?i:\b(?:{_DISHONEST}|{_SCORE}|{_WENT})\b))"
    rf"(?i:(?: {_SMALL}(?:{_CLASS}|{_WORK}))?(?: all of| at| for| from| in| of| on| with)?"
    rf" {_SMALL}(?:(?P<tool>{_TOOL})|(?P<field>{_FIELDS}))(?:(?! [^\W\d])| (?:again|twice|with)\b))"
)
_ALONE = re.compile(rf"(?i:\b({_FIELDS})(?:: | (?:is|was) (?:an? )?))(?:{_LETTER}|{_FIGURE})")
# "in 8.01 he failed the lab", and "the lab of 8.01": what is of a number of ours is of no other subject
_OURS_FIRST, _ELSEWHERE = re.compile(rf"(?i)(?:for|in|on) {_OURS}"), re.compile(rf" (?:as|in|like|than) |{_OURS}")
_OURS_BEHIND = re.compile(rf"(?: (?:for|from|in|of))?(?: (?:my|our))? \(?{_OURS}")
# behind what is told: "It was her history class", "Her history teacher saw it"
_GOES_ON = re.compile(
    r"(?i)(?:(?:and|so) )?"
    r"(?:(?:(?:it|that|this)(?: time)?(?: (?:happened|is|was|were))?|the \w+ (?:is|was)"
    r"|(?:he|she|they) (?:did|does) (?:it|so|that|this))"
    rf"(?: (?:at|during|for|from|in|on))? {_SMALL}({_FIELDS})(?: (?:{_CLASS}|{_WORK}){_NO_ROOM}|(?! \w))"
    rf"|{_SMALL}({_FIELDS}) (?:{_REPORTS}|(?:{_CLASS}|{_WORK}) (?:is|was) (?:it|that|the one))\b)"
)
_NEAR = 60  # characters beside a field
_MOST = 300  # of a sentence


class _Clause(NamedTuple):
    text: str
    parts: tuple[re.Match[str], ...]  # the work of a field
    ours: bool  # whether other work stands there, or a number of ours
    tells: bool


_NO_CLAUSE = _Clause("", (), ours=False, tells=False)


def speaks_of_a_field(text: str) -> bool:
    """Whether a text names one: words are compared, which of a whole sheet takes less than looking for each."""
    return not _NAMES.isdisjoint(_WORD.findall(text.lower()))


def told_in(sentence: str, behind: str = "", numbers: Collection[str] = ()) -> frozenset[str]:
    """The fields of which one sentence tells how somebody did, or what stands behind it says so."""
    if not speaks_of_a_field(f"{sentence} {behind}"):
        return frozenset()
    said = _with_ours(sentence, numbers)
    asides = [each[1] for each in _ASIDE.finditer(said) if " " in each[1]]
    said = _ASIDE.sub(lambda each: " " if " " in each[1] else each[0], said)
    pieces = [" ".join(each.split()) for text in (said, *asides) for each in islice(STOP.split(text), _MOST)]
    told = {field for each in pieces for field in _told(each)}
    told.update(field for each, more in pairwise([*pieces, behind]) for field in _goes_on(each, more))
    return frozenset(map(str.casefold, told))


def _goes_on(piece: str, behind: str) -> Iterator[str]:
    """The field of what stands behind, where that says of what is told where it was."""
    if speaks_of_a_field(behind) and _TELLS.search(piece) and (found := _GOES_ON.match(behind)):
        yield next(filter(None, found.groups()))


def fields_beside(sentence: str) -> frozenset[str]:
    """The fields whose classes or work a sentence names."""
    return frozenset((each[1] or each[2]).casefold() for each in islice(_BESIDE.finditer(sentence), _MOST))


def _with_ours(sentence: str, numbers: Collection[str]) -> str:
    """The sentence with one sign for each number of a subject the message is about."""

    def sign(match: re.Match[str]) -> str:
        if folded_word(match[0]) in numbers:
            return _OURS
        return match[0].removesuffix(match[1]) + _OURS if folded_word(match[1]) in numbers else match[0]

    return _NUMBER.sub(sign, sentence.replace(_OURS, " "))


def _told(sentence: str) -> Iterator[str]:
    clauses = tuple(_clause(each.strip()) for each in islice(_BREAK.split(sentence), _MOST) if each.strip())
    yield from _dishonest(sentence, clauses)
    before, named, also = _NO_CLAUSE, _NO_CLAUSE, False
    for each in clauses:
        listed = _ALSO.fullmatch(each.text) if also else None  # told as what stands before is
        told = [part for part in each.parts if listed or _is_told(each, part, before)]
        if listed and listed["field"]:
            yield listed["field"]
        yield from (part["field"] for part in told)
        if each.tells:
            yield from _by_itself(each, before)
            yield from _before(each, before, named)
        also = (each.tells or bool(listed)) and (not each.parts or each.parts[-1] in told)
        before, named = each, each if each.parts or each.ours else named


def _clause(text: str) -> _Clause:
    objects = tuple(islice(_OBJECT.finditer(text), _MOST))
    parts = tuple(each for each in objects if each["field"])
    return _Clause(text, parts, len(parts) < len(objects), bool(_TELLS.search(text)))


def _is_told(clause: _Clause, part: re.Match[str], before: _Clause) -> bool:
    """Whether a clause tells of the work of a field in it."""
    ahead, behind = clause.text[max(0, part.start() - _NEAR) : part.start()], clause.text[part.end() : part.end() + _NEAR]
    if _is_numbered(clause.text, part, before):
        return False
    if _UNDONE.search(ahead) or (
        (is_ := _IS.match(behind)) and (_TELLS.match(behind, is_.end()) or _NOT_DONE.match(behind, is_.end()))
    ):
        return True
    if not clause.tells or _PLANNED.search(ahead):
        return False
    return (
        not clause.ours
        or bool(_JOINED.search(ahead))
        or any(_DIRECTLY.fullmatch(ahead, each.end()) for each in _TELLS.finditer(ahead))
    )


def _is_numbered(text: str, match: re.Match[str], before: _Clause) -> bool:
    """Whether a field stands beside the number of a subject of ours, which it is of."""
    first = _OURS_FIRST.match(text)
    begins = first.end() if first else 0
    return bool(
        ((first or _OURS_FIRST.fullmatch(before.text)) and not _ELSEWHERE.search(text, begins, match.start()))
        or _OURS_BEHIND.match(text, match.end())
    )


def _by_itself(clause: _Clause, before: _Clause) -> Iterator[str]:
    """A field that is named as a class is: a D in history."""
    if len(FIELD.findall(clause.text)) == len(clause.parts):
        return
    for each in islice(_ITSELF.finditer(clause.text), _MOST):
        if (each["field"] or each["sure"]) and not _is_numbered(clause.text, each, before):
            yield each["field"] or each["tool"]
    if alone := _ALONE.search(clause.text):
        yield alone[1]


def _before(clause: _Clause, before: _Clause, named: _Clause) -> Iterator[str]:
    """What stands before a clause that tells, and is told by it: in history class, she got a D."""
    if at_first := _AT_FIRST.fullmatch(before.text):
        yield at_first[1]
    if named.parts and not (clause.parts or clause.ours):
        last = named.parts[-1]
        excused = _REASON.match(named.text) or _MEANWHILE.search(named.text[max(0, last.start() - _NEAR) : last.start()])
        if _OBJECT.search(named.text, last.end()) is None and (not excused or _BACK.match(clause.text)):
            yield last["field"]


def _dishonest(sentence: str, clauses: Sequence[_Clause]) -> Iterator[str]:
    """What is dishonest without saying where, and what a teacher of a field says of somebody."""
    if _LIES.search(sentence) and not any(each.ours for each in clauses):
        yield from (part["field"] for each in clauses for part in each.parts)
    if any(each.tells for each in clauses) and any(part["teacher"] for each in clauses for part in each.parts):
        yield from (each[1] or each[2] for each in islice(_SAYS.finditer(sentence), _MOST))
