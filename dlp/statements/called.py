"""People whom a sentence calls by one name only, where it would tell something of them.

Takes what was read, the people known so far, which sentences tell something, and the directory; gives the people with those
whom a first or last name means, given who writes to whom: the one student of that name whom the sender or a reader teaches or
advises. Names are looked for in the text first, so mail that has none of them costs little. Fails only as the directory does
(Unavailable).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address, folded_name
from dlp.campus.identity import CONFIDENCE, KIND, person_digest
from dlp.campus.mentions import Form
from dlp.campus.people import Context, Identified, People, Place, Strength
from dlp.campus.places import Places
from dlp.campus.signs import MASKS
from dlp.statements.concepts import is_of_records
from dlp.statements.sentences import STUDENT, Sign, sentences, tokens
from dlp.statements.stating import Candidate, context, is_list
from dlp.values import Channel, Finding, Role, Texts

Telling = Callable[[Candidate], bool]

_LOOKED_AT = 10_000  # sentences of one text
MOST_WORDS = 200  # of one text that are looked at
_WORD = re.compile(r"(?<![\w.@/-])(?<!\b[A-Z]\. )[^\W\d_a-z][^\W\d_]+(?:[-'\u2019][^\W\d_]+)*(?![\w@/])")


def with_called(
    texts: Texts, people: People, telling: Telling, directory: Directory, digest: Callable[[str], str], envelope: Context
) -> People:
    """People with those added whom one word names, where the sentence tells something."""
    known: dict[str, set[str]] = {}
    for address in dict.fromkeys(map(folded_address, (envelope.sender, *envelope.recipients))):
        for word, students in directory.called_near(address).items():
            known.setdefault(word, set()).update(students)
    if not known:
        return people
    findings, met, places = list(people.findings), {one.person: one for one in people.identified}, dict(people.places)
    taken: dict[int, list[tuple[int, int]]] = {}
    for each in people.findings:
        if each.role is Role.IDENTIFIES:
            taken.setdefault(each.view, []).append((each.start, each.end))
    for index, view in enumerate(texts.views):
        if view.again or view.grid is not None or view.channel is Channel.HEADERS:
            continue
        where = Places(view)
        for start, end, one in _words(view.text, sorted(taken.get(index, ())), known, telling):
            person = directory.student(one)
            if person is None or where.place(start, end) is not Place.TEXT:
                continue
            who = person_digest(digest, person)
            before = met.get(who, Identified(who, person, Strength.STRONG, ()))
            met[who] = replace(before, strength=Strength.STRONG, findings=(*before.findings, len(findings)))
            places[len(findings)] = Place.TEXT
            findings.append(_finding(index, start, end, where.where(start), who))
    return replace(people, findings=tuple(findings), identified=tuple(met.values()), places=places)


def _words(
    text: str, taken: Sequence[tuple[int, int]], known: Mapping[str, Collection[str]], telling: Telling
) -> Iterator[tuple[int, int, str]]:
    """Words that name one student, and the ID, in sentences that tell something if they do."""
    found = ((word, known.get(folded_name(word[0]), ())) for word in _WORD.finditer(text))
    named = [(word, next(iter(students))) for word, students in found if len(students) == 1]
    if not named:
        return
    begins = list(islice(sentences(text), _LOOKED_AT))
    for word, student in named[:MOST_WORDS]:
        at = bisect_left(taken, (word.end(), 0))
        if at and taken[at - 1][1] > word.start():
            continue
        start, end = begins[max(0, bisect_right(begins, (word.start(), len(text))) - 1)]
        if not start <= word.start() < end or is_list(text, start, end, ()):
            continue
        said = tuple(tokens(text, start, end, [Sign(word.start(), word.end(), STUDENT)]))
        each = Candidate(0, start, end, (), said, tuple(context(said, 1, 0, addressed=False)))
        if is_of_records(said) and telling(each):
            yield word.start(), word.end(), student


def _finding(view: int, start: int, end: int, where: str, who: str) -> Finding:
    return Finding(
        kind=KIND,
        detector="name",
        pattern=Form.SINGLE.value,
        role=Role.IDENTIFIES,
        where=where,
        view=view,
        start=start,
        end=end,
        confidence=CONFIDENCE[Strength.STRONG],
        masked=MASKS[Form.SINGLE],
        digest=who,
    )
