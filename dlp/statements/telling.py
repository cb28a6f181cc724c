"""What a message tells of whom: fields of the directory, labels, and, where there are weights, sentences.

Takes what was read, the people in it, the rules, and whom the message goes from and to; gives what is told with whom it is
about, and whom a listed word in a header may be about. Fails only as the directory does (Unavailable).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

from dlp.campus.directory import Directory
from dlp.campus.fields import with_fields
from dlp.campus.greeting import each_spoken_to, spoken_to
from dlp.campus.identity import person_digest
from dlp.campus.labelled import Labelled, labelled
from dlp.campus.own_fields import with_studies
from dlp.campus.people import Context, Identified, People, Strength, children
from dlp.policy.headed import headed
from dlp.policy.relate import counts
from dlp.ruleset import Rules, Weighing
from dlp.statements.called import with_called
from dlp.statements.candidate import Candidate
from dlp.statements.of_himself import tells_of_himself
from dlp.statements.stating import To, with_statements
from dlp.values import Role, Texts

# confidence from which a sentence means by one word who is near neither writer nor reader; and one in which a pattern finds
# something, which may be said of anything ("the book on depression")
_ALONE, _KNOWN = 0.98, 0.9


@dataclass(frozen=True, slots=True)
class Near:
    """Who is on file, the keyed digest, whom the message goes from and to, and the addresses in its To and Cc."""

    directory: Directory
    digest: Callable[[str], str]
    envelope: Context
    shown: tuple[str, ...]


def what_is_told(texts: Texts, people: People, rules: Rules, near: Near) -> tuple[Labelled, frozenset[str] | None]:
    """What is told, and of whom below a listed word; None for these where sentences are not weighed."""
    weights, act_at = rules.weights, rules.policy.act_at
    if weights is None:
        return labelled(texts, with_studies(texts, with_fields(texts, people))), None

    stated = sorted((one.view, one.start) for one in people.findings if one.role is Role.STATES and counts(one, act_at))

    def telling(each: Candidate, *, near: bool = True) -> bool:
        first = bisect_left(stated, (each.view, each.start))
        known = first < bisect_left(stated, (each.view, each.end))  # a pattern knows a word in it
        return weights.confidence(each.found) >= (act_at if near else max(act_at, _KNOWN if known else _ALONE))

    people = with_called(texts, people, telling, near.directory, near.digest, near.envelope, weights.knows)
    speaks_to = spoken_to(texts, near.envelope, near.shown, near.directory, near.digest)
    told = labelled(texts, with_studies(texts, with_fields(texts, people)))
    to = To(speaks_to, each_spoken_to(near.envelope, near.shown, near.directory, near.digest), only_child(near))
    told = with_statements(texts, told, weights, act_at, to, rules.verifier)
    listed = any(one.role is Role.HEADER_WORD for one in told.people.findings)
    writer = _writer(texts, weights, near) if listed else ""
    return told, headed(texts, told.people, told.about, speaks_to, writer)


def _writer(texts: Texts, weights: Weighing, near: Near) -> str:
    """The student who writes, if something is told of himself."""
    students = near.directory.students_at(near.envelope.sender)
    return person_digest(near.digest, students[0]) if len(students) == 1 and tells_of_himself(texts, weights) else ""


def only_child(near: Near) -> Identified | None:
    """Of whom "she" means without a name: whose parent, and nobody else's, the letter goes to."""
    found = {child.id: child for child in children(near.directory, near.envelope.recipients)}
    if len(found) != 1:
        return None
    child = found.popitem()[1]
    return Identified(person_digest(near.digest, child), child, Strength.STRONG, ())
