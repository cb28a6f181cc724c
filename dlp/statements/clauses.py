"""What a sentence tells besides: each of its clauses, as a sentence of its own.

Takes the tokens of a sentence; gives those of its clauses when there are two or more, "he" put before one without a subject.
A sentence gives its likeliest kind; one that gives a grade while seeing a therapist tells of the therapist as well. Never
fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from dlp.statements.sentences import EMPLOYEE, STUDENT

_MOST = 8  # of one sentence
_SHORTEST = 3  # tokens of what stands before a clause that begins with "he", and of a clause
_BETWEEN = frozenset(
    ("after", "although", "and", "because", "besides", "but", "despite", "even", "plus", "since", "though", "until", "when",
     "where", "while", "who", "whose", ";", ":", "(", ")", "\u2013", "\u2014")
)  # fmt: skip
_HE = "PRO"
_SUBJECTS = frozenset({STUDENT, EMPLOYEE, _HE})


def clauses(tokens: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The clauses of a sentence; none of one that is a single clause.

    >>> clauses("STU got XLETTER while seeing a therapist".split())
    (('STU', 'got', 'XLETTER'), ('PRO', 'seeing', 'a', 'therapist'))
    >>> clauses("STU got XLETTER".split())
    ()
    """
    found = tuple(islice((each for each in _cut(tokens) if len(each) >= _SHORTEST), _MOST))
    return found if len(found) > 1 else ()


def _cut(tokens: Sequence[str]) -> Iterator[tuple[str, ...]]:
    begin = 0
    for at, word in enumerate(tokens):
        if word in _BETWEEN:
            yield _with_subject(tokens[begin:at])
            begin = at + 1
        elif word == _HE and at - begin >= _SHORTEST:
            yield _with_subject(tokens[begin:at])
            begin = at
    yield _with_subject(tokens[begin:])


def _with_subject(clause: Sequence[str]) -> tuple[str, ...]:
    return tuple(clause) if not _SUBJECTS.isdisjoint(clause) or not clause else (_HE, *clause)
