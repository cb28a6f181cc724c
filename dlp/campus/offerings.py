"""Which subjects a message names, by number or by title.

Takes the texts, the directory and the subjects that are likely (those sender and readers have to do with); gives folded
subject numbers, and whether others are named beside them. A number is looked up wherever it stands, a title only for the
likely ones. Bounded; nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import islice

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_word
from dlp.values import Texts

# with letters before it ("CS 101"), and without: they may be a word of the sentence ("in 18.06")
_NUMBER = re.compile(r"(?<![\w.@-])(?:[A-Za-z]{1,5}[ .-]?)?(\d[\w.]{0,9}(?<!\.))")
# what looks like a number of a subject, wherever it is given
_SHAPED = re.compile(
    r"(?<![\w.@$-])(?<!\bat )(?<!\bRoom )(?<!\bBuilding )(?<!\bBldg )"
    r"(?:[A-Z]{2,4}[ .-]?(\d{3})[A-Z]?|(?:[6-9]|[12]\d)[A-Z]{0,2}\.[A-Z]?\d{2,4})"
    r"(?![\w%]|\.\d| ?(?:[ap]\.?m\b|dollars|euros|hours|marks|of\b|points))"
)
_MARK = r"\b[A-DF](?:[+-]|\b)(?!['\u2019.]\w)"
_WORDS = r"((?:(?!(?:and|but|for|in|with)\b)[^\W_](?:\w|\.(?=\w)){0,30}+(?:[ ]|(?!\w))){1,3})"  # linear, whatever stands there
# a mark in something, or "her other classes", which are more than one subject
_MARKED = re.compile(
    rf"{_MARK}[ \n]in[ \n](?:his[ ]|her[ ]|the[ ])?{_WORDS}|(?<![\w.]){_WORDS}\({_MARK}\)"
    rf"|\b[Ii]n[ ]{_WORDS},?[ ](?:he|she|they)[ ](?:earned|got|had|has|received)[ ](?:an?[ ])?{_MARK}"
    r"|\b(?:dropped|failed|failing|grades?|marks?|passed|passing)\b[^.;\n]{0,30}"
    r"\b(?:all|both|every|most|other|two|three|four)[ ](?:(?:his|her|of|other|the|their)[ ]){0,2}"
    r"(?:classes|courses|subjects?)\b"
    r"|\boverall,?[ ](?:average|gpa|rank|standing|(?:he|she|they)[ ](?:rank|stand)s?)\b"
)
_FIELDS = (
    r"(algebra|anthropology|architecture|art|astronomy|biochemistry|biology|calculus|chemistry|economics|engineering|english"
    r"|french|geography|geology|german|greek|history|italian|japanese|latin|linguistics|literature|maths?|mathematics|mechanics"
    r"|music|philosophy|physics|politics|programming|psychology|religion|russian|sociology|spanish|statistics|theology)"
)
_OF_A_FIELD = re.compile(
    rf"(?i)\b{_FIELDS}[ \n](?:assignment|class|classes|course|essay|exam|exams|final|homework|lab|labs|lectures?|midterm|paper"
    rf"|professor|project|quiz|quizzes|recitations?|section|seminar|teacher|test|tests)\b"
    rf"|\b(?:failed|fails|failing|missed|missing|passed|skipped)[ \n]{_FIELDS}\b"
)
_FIELD = re.compile(_FIELDS, re.IGNORECASE)
_STEM = 4  # letters: math, mathematics
# a mark in one of these is one in the subject that is named
_OF_ONE = frozenset(
    ("assignment", "assignments", "attendance", "autumn", "class", "course", "december", "essay", "exam", "exams", "fall",
     "final", "first", "homework", "it", "lab", "last", "may", "midterm", "my", "our", "paper", "participation", "presentation",
     "problem", "project", "quiz", "recitation", "second", "section", "set", "spring", "subject", "summer", "term", "test",
     "that", "this", "tutorial", "week", "winter")
)  # fmt: skip
_LOOKED_AT = 20_000  # characters of a text in which a field or a mark in something is looked for: more are no letter
_LOOKED_UP = 300  # different numbers of one message


def named(texts: Texts, directory: Directory, likely: Iterable[str]) -> frozenset[str]:
    """The subjects this message is about, as far as it says so."""
    found: dict[str, None] = {}
    for view in texts.views:
        for match in _NUMBER.finditer(view.text):
            found.update(dict.fromkeys((folded_word(match[0]), folded_word(match[1]))))
            if len(found) >= _LOOKED_UP:
                break
    numbers = {number for number in found if directory.offerings(number)}
    plain = [" ".join(view.text.casefold().split()) for view in texts.views]
    titled = {subject for subject in likely if any(title in text for title in _titles(subject, directory) for text in plain)}
    return frozenset(numbers | set(map(folded_word, titled)))


def names_another(texts: Texts, subjects: Iterable[str], directory: Directory) -> bool:
    """Whether a message names by its number a subject that is none of these, on file or not, or has a mark in another."""
    known = frozenset(map(folded_word, subjects))
    numbers = (match for view in texts.views for match in islice(_SHAPED.finditer(view.text), _LOOKED_UP))
    if any(known.isdisjoint(map(folded_word, (match[0], match[1] or match[0]))) for match in numbers):
        return True
    offered = [each for subject in known for each in directory.offerings(subject)]
    titles = " ".join(f"{each.title} {each.department}" for each in offered)
    own = _OF_ONE.union(known, map(folded_word, titles.split()))
    marked = (match for view in texts.views for match in islice(_MARKED.finditer(view.text[:_LOOKED_AT]), _LOOKED_UP))
    in_what = (match[match.lastindex].split() if match.lastindex else () for match in marked)
    return any(
        own.isdisjoint(map(folded_word, words))
        or any(_FIELD.fullmatch(word) and folded_word(word) not in own for word in words)
        for words in in_what
    )


def fields_named(texts: Texts) -> frozenset[str]:
    """The beginnings of the fields of study in whose classes and work something is said to be: a history paper."""
    found = (match for view in texts.views for match in islice(_OF_A_FIELD.finditer(view.text[:_LOOKED_AT]), _LOOKED_UP))
    return frozenset((match[1] or match[2]).casefold()[:_STEM] for match in found)


def is_of_field(subject: str, fields: Collection[str], directory: Directory) -> bool:
    """Whether a subject may be of one of these fields, by title or department; of one without these anything may be so."""
    words = [word for each in directory.offerings(subject) for word in f"{each.title} {each.department}".casefold().split()]
    return not words or any(word.startswith(field) for word in words for field in fields)


def _titles(subject: str, directory: Directory) -> set[str]:
    return {" ".join(offering.title.casefold().split()) for offering in directory.offerings(subject)} - {""}
