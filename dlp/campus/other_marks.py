"""Marks in a text that are none of the one subject it is about: an F in essay writing, Ds in all her other classes.

Takes a text, the words that are the subject's own (numbers, titles, department) and its numbers; says whether such a mark
stands there. What a mark is in is its subject where every word of it is one of the subject's own or of its work: "set" excuses
a problem set, and no set theory. Linear in the text; never fails.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from dlp.campus.clauses import FIELD, STOP, told_in
from dlp.campus.folding import folded_word
from dlp.campus.study_fields import is_of

_LETTER = r"(?:(?<=[a-z0-9,][ ])[A-DF]['\u2019]?s\b|\b[A-DF](?:[+-]|\b(?!['\u2019.]\w)))"
_FIGURE = r"\b\d{1,3}(?:%|[ ]?/[ ]?\d{1,3}\b|[ ](?:out[ ])?of[ ]\d{1,3}\b|[ ]points\b)"
_END = (  # a word that ends what a mark is in
    r"(?:after|also|although|and|are|as|at|because|before|but|by|despite|during|for|from|he|if|in|is|now|on|or|says?|she|since|so"
    r"|than|thanks|then|they|though|to|too|was|we|when|where|which|while|who|with|yesterday)\b"
)
_WORDS = rf"((?:(?!{_END})[^\W_](?:\w|[.'\u2019-](?=\w)){{0,30}}+(?:[ ]|(?!\w))){{1,5}})"  # linear, whatever stands there
_MARKED = re.compile(rf"(?:{_LETTER}|{_FIGURE}|\b(?i:grades?|marks?))[ ]in[ ]{_WORDS}")
_BEFORE_MARK = re.compile(
    rf"\b[Ii]n[ ]{_WORDS},?[ ](?:he|she|they)[ ](?:earned|got|had|has|received)[ ](?:an?[ ])?(?:{_LETTER}|{_FIGURE})"
)
_BRACKETED = re.compile(rf"(?<![\w.]){_WORDS}\({_LETTER}\)")
_FAILED = re.compile(rf"(?i:\b(?:failed|failing|fails|flunked))[ ]{_WORDS}")
_FOR = re.compile(rf"(?:{_LETTER}|{_FIGURE})[ ](?:for|on)[ ]{_WORDS}|(?i:\bpassed)[ ]{_WORDS}")  # another only by its field
_CLASSES = r"(?:classes|courses|subjects)"
# her other classes, whatever is said of them
_OTHERS = re.compile(
    rf"(?i)\b(?:all|both|five|four|her|his|most|their|three|two)[ ]other[ ]{_CLASSES}\b"
    r"|\bevery[ ]other[ ](?:class|course|subject)\b"
)
# all classes, beside a mark: she attends them as well
_ALL = re.compile(
    rf"(?i)(?<!attended )(?<!attending )(?<!attends )(?<!missed )(?<!skipped )(?<!\bto )\b"
    rf"(?:(?:all|both|five|four|half|many|most|other|rest|several|some|three|two)[ ]"
    rf"(?:(?:her|his|of|the|their)[ ]){{0,2}}{_CLASSES}"
    rf"|(?:in|of)[ ](?:her|his|their|other)[ ]{_CLASSES}|every[ ](?:class|course|subject)|(?:all|everything)[ ]else|elsewhere"
    rf"|other[ ](?:grades|marks)|(?:mostly|straight)[ ][a-df](?:['\u2019]?s)?(?![ ](?:for|in|on)\b)"
    r"|fail(?:ed|s|ing)[ ](?:her|his|that|the|this)[ ](?:\w+[ ])?(?:semester|term|year)"
    rf"|rest[ ]of[ ](?:her|his|their|the)[ ](?:grades|marks|record|transcript))\b"
)
_GRADED = re.compile(
    rf"{_LETTER}|{_FIGURE}|(?i:\b(?:averag\w*|bad(?:ly)?|better|dropped|excels?|fail\w*|flunk\w*|gpa|grades?|marks?|pass(?:ed|es|ing)?"
    r"|poor(?:ly)?|same|scored?|struggl\w*|weak|well|worse))\b"
)
_OVERALL = re.compile(
    rf"(?i:\boverall),?[ ](?:(?i:average|gpa|rank|standing)\b"
    rf"|(?i:he|her|his|she|their|they)\b[^.;!?]{{0,40}}(?:{_LETTER}|{_FIGURE}|\b(?i:averag|fail|gpa|rank|stand)))"
)
_AROUND = 200  # characters of a sentence
_ENDS = re.compile(r"[.;!?](?![\w.])")  # not within 18.06
_LOOKED_AT = 20_000  # characters of a text: more are no letter
_MOST = 300  # of a kind
# what a mark is in, or what is failed, that is of the subject that is named
_OF_ONE = frozenset(
    ("a", "all", "an", "assignment", "assignments", "attendance", "autumn", "both", "class", "course", "department", "each",
     "effort", "essay", "essays", "every", "exam", "exams", "fall", "final", "finals", "first", "fourth", "got", "her", "his",
     "homework", "homeworks", "it", "lab", "labs", "last", "me", "midterm", "midterms", "my", "of", "once", "one", "our",
     "paper", "papers", "part", "participation", "presentation", "presentations", "problem", "problems", "project", "projects",
     "quiz", "quizzes", "recitation", "recitations", "second", "section", "sections", "semester", "set", "sets", "spring",
     "subject", "summer", "term", "test", "tests", "that", "the", "their", "them", "third", "this", "three", "time", "times",
     "took", "tutorial", "tutorials", "twice", "two", "us", "week", "weeks", "winter", "work", "year", "years",
     "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
     # how often, where it stands, and parts of it
     "again", "attempt", "attempts", "canvas", "exercise", "exercises", "gradebook", "gradescope", "halves",
     "makeup", "moodle", "oral", "pop", "prelab", "question", "questions", "reexam", "resit", "retake", "total",
     "written",
     "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
     # how hard or what for
     "advanced", "big", "core", "demanding", "difficult", "fact", "general", "graduate", "introductory", "large",
     "required", "short", "small")
)  # fmt: skip


def marks_another(text: str, own: Collection[str], titles: Collection[str], numbers: Collection[str]) -> bool:
    """Whether a mark in something that is not the subject stands in a text, or in classes that are more than that one.

    What a field is akin to is asked of the titles only: a department has other classes, too.
    """
    said = " ".join(text[:_LOOKED_AT].split())
    if _OTHERS.search(said) or _OVERALL.search(said):
        return True
    if any(_GRADED.search(_sentence(said, each)) for each in islice(_ALL.finditer(said), _MOST)):
        return True
    sentences = [each.strip() for each in islice(STOP.split(said), _MOST)]
    told = (told_in(each, behind, numbers) for each, behind in zip(sentences, [*sentences[1:], ""], strict=True))
    if any(not is_of(field, own, titles) for fields in told for field in fields):
        return True
    own = _OF_ONE.union(own)
    if any(not _is_own(words, own, numbers) for words in _in_what(said)):
        return True
    fields = (word for each in _FOR.finditer(said) for word in (each[1] or each[2]).split() if FIELD.fullmatch(word))
    return any(folded_word(word) not in own for word in fields)


def _in_what(said: str) -> Iterator[Sequence[str]]:
    """The words for what a mark is in, and for what is failed."""
    for pattern in (_MARKED, _BEFORE_MARK, _BRACKETED, _FAILED):
        yield from (each[1].split() for each in islice(pattern.finditer(said), _MOST))


def _is_own(words: Sequence[str], own: Collection[str], numbers: Collection[str]) -> bool:
    """Whether all words are the subject's own, its work's or figures, or its number stands first or last."""
    folded = [folded_word(word.removesuffix("'s")) for word in words]
    if folded[0] in numbers or folded[-1] in numbers:
        return True
    return all(word in own or word.isdigit() or word.endswith(("ly", "est")) for word in folded)


def _sentence(said: str, match: re.Match[str]) -> str:
    """What stands around in the same sentence."""
    before = _ENDS.split(said[max(0, match.start() - _AROUND) : match.start()])[-1]
    return before + match[0] + _ENDS.split(said[match.end() : match.end() + _AROUND], maxsplit=1)[0]
