"""People whom a sentence calls by one name only, where it would tell something of them.

Takes what was read, the people known so far, which sentences tell something, and the directory; gives the people with those
whom a first or last name means, given who writes to whom: a student the sender or a reader teaches or advises, surely; the only
one of that family name on campus, perhaps. Names are looked up only where a sentence would tell something of a student of that
name, and MOST of them. Fails only as the directory does (Unavailable).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from string import ascii_lowercase

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_name
from dlp.campus.identity import CONFIDENCE, KIND, person_digest
from dlp.campus.mentions import Form
from dlp.campus.name_words import BREAKS, COMMON_FAMILY, ORDINARY, TITLES
from dlp.campus.names import first_initial_key, given_and_family, initial_last_key
from dlp.campus.people import Company, Context, Identified, People, Place, Strength, company, identity, is_ours
from dlp.campus.places import Places
from dlp.campus.records import Student
from dlp.campus.signs import MASKS
from dlp.statements.concepts import is_of_records
from dlp.statements.sentences import STUDENT, Sign, sentences, tokens
from dlp.statements.stating import Candidate, context, is_list
from dlp.values import Channel, Finding, Role, Texts

Telling = Callable[[Candidate], bool]

MOST = 40  # different words of one message that are looked up
_WORD = re.compile(r"(?<![\w.@/-])(?<!\b[A-Z]\. )[^\W\d_a-z][^\W\d_]+(?:[-'\u2019][^\W\d_]+)*(?![\w@/])")
_NO_NAME = BREAKS | ORDINARY | TITLES


def with_called(
    texts: Texts, people: People, telling: Telling, directory: Directory, digest: Callable[[str], str], envelope: Context
) -> People:
    """People with those added whom one word names, where the sentence tells something."""
    around = company(directory, envelope)
    findings, met = list(people.findings), {one.person: one for one in people.identified}
    places, answers = dict(people.places), dict[str, tuple[Student, Strength] | None]()
    for index, view in enumerate(texts.views):
        if view.again or view.grid is not None or view.channel is Channel.HEADERS:
            continue
        taken = sorted(
            (each.start, each.end) for each in people.findings if each.view == index and each.role is Role.IDENTIFIES
        )
        where = Places(view)
        for start, end in _words(view.text, taken, telling):
            if where.place(start, end) is not Place.TEXT:
                continue
            word = folded_name(view.text[start:end])
            if word not in answers and len(answers) < MOST:
                answers[word] = _meant(word, directory, around)
            if found := answers.get(word):
                person, strength = found
                who = person_digest(digest, person)
                places[len(findings)] = Place.TEXT
                before = met.get(who, Identified(who, person, strength, ()))
                met[who] = replace(before, strength=max(before.strength, strength), findings=(*before.findings, len(findings)))
                findings.append(_finding(index, start, end, where.where(start), who, strength))
    return replace(people, findings=tuple(findings), identified=tuple(met.values()), places=places)


def _words(text: str, taken: Sequence[tuple[int, int]], telling: Telling) -> Iterator[tuple[int, int]]:
    """Words with a capital in sentences that tell something, if the word names a student."""
    for start, end in sentences(text):
        if is_list(text, start, end, ()):
            continue
        for word in _WORD.finditer(text, start, end):
            at = bisect_left(taken, (word.end(), 0))
            if (at and taken[at - 1][1] > word.start()) or folded_name(word[0]) in _NO_NAME:
                continue
            found = tuple(tokens(text, start, end, [Sign(word.start(), word.end(), STUDENT)]))
            each = Candidate(0, start, end, (), found, tuple(context(found, 1, 0, addressed=False)))
            if is_of_records(found) and telling(each):
                yield word.span()


def _meant(word: str, directory: Directory, around: Company) -> tuple[Student, Strength] | None:
    """Whom a word names: a student the sender or a reader has to do with, else the only person of that family name."""
    keys = [first_initial_key(word, initial) for initial in ascii_lowercase]
    keys += [initial_last_key(initial, word) for initial in ascii_lowercase]
    people = {identity(each): each for key in keys for each in directory.named(key)}
    students = {who: each for who, each in people.items() if isinstance(each, Student)}
    near = [each for each in students.values() if is_ours(each, around, directory)]
    if len(near) == 1:
        return near[0], Strength.STRONG
    of_family = [who for who, each in people.items() if word in given_and_family(each)[1]]
    if not near and len(of_family) == 1 and word not in COMMON_FAMILY and of_family[0] in students:
        return students[of_family[0]], Strength.WEAK
    return None


def _finding(view: int, start: int, end: int, where: str, who: str, strength: Strength) -> Finding:
    return Finding(
        kind=KIND,
        detector="name",
        pattern=Form.SINGLE.value,
        role=Role.IDENTIFIES,
        where=where,
        view=view,
        start=start,
        end=end,
        confidence=CONFIDENCE[strength],
        masked=MASKS[Form.SINGLE],
        digest=who,
    )
