"""Messages with their labels: each letter of an author, cast with people of a world, in each situation of its intent.

Gives Messages: the bytes, the envelope, the consents on record, what must become of each copy, and whom it tells what of
(accuracy's label schema, `Message.label`). The same for the same author, world and seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.accuracy import mails
from tests.accuracy.forms import FILES, PASTED, forms_of, in_form
from tests.accuracy.frames import LISTS, Frame, frames
from tests.accuracy.letters import Cast, Letter, write
from tests.accuracy.lists import Layout, drawn, layouts_of
from tests.accuracy.situations import PURVIEWS, Expected, Situation, expected, situations
from tests.accuracy.world import Person, Subject, World

_SHAPES_OF_LISTS = ("plain", "plain", "wrapped", "signed", "quoted", "forwarded")
_OF_A_CLASS = re.compile(
    r"\b(?:class(?! year)|section|recitation|seminar|tutorial|lab|registered|registration|enrol|roster|subject|course)",
    re.IGNORECASE,
)
_OWN_WORDS = {"about-myself", "own-record", "subject-word", "refusal", "parent"}


@dataclass(frozen=True, slots=True)
class Copy:
    """One recipient."""

    situation: Situation
    address: str
    expected: Expected


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    frame: Frame
    raw: bytes
    sender: str
    copies: tuple[Copy, ...]
    consents: tuple[dict[str, str], ...]
    students: tuple[Person, ...]  # told about
    shape: str
    letter: Letter
    layout: str = ""
    form: str = ""

    def label(self, split: str, world: World) -> dict[str, object]:
        """The label that stands beside the message."""
        intent = self.frame.intent
        told = intent.tells and not self.copies[0].situation.nameless
        return {
            "id": self.id,
            "split": split,
            "author": self.frame.author,
            "intent": intent.id,
            "twin_of": self.copies[0].situation.twin_of or None,
            "world": f"{world.split}/{world.students_wanted}/{world.seed}",
            "lang": "en",
            "shape": self.shape,
            "layout": self.layout or None,
            "form": self.form or None,
            "spans": [
                {"part": part, "start": span.start, "end": span.end, "type": span.type, "student": span.student or None}
                for part, text in (("subject", self.letter.subject), ("body", self.letter.body), ("rest", self.letter.rest))
                for span in text.spans
            ],
            "disclosures": [
                {"student": each.id, "category": kind} for each in self.students if told for kind in self.frame.kinds
            ],
            "sender": self.sender,
            "context": {"consents": list(self.consents)},
            "expect": {
                copy.address: {
                    "action": copy.expected.action,
                    "reasons": list(copy.expected.codes),
                    "also_ok": list(copy.expected.also),
                    "situation": copy.situation.id,
                }
                for copy in self.copies
            },
            "hard_negative": not intent.tells or self.copies[0].situation.nameless,
        }


def messages(author: str, world: World, seed: int = 1, only: Collection[str] = ()) -> Iterator[Message]:
    """Every letter of an author, or of some intents `only`, once in each of its situations."""
    for frame in (each for each in frames(author) if not only or each.intent.id in only):
        rows = situations()[frame.intent.id]
        for nth, situation in enumerate(rows):
            chance = random.Random(f"{seed} {world.split} {frame.id} {situation.setting}")
            made = _message(frame, situation, rows[nth + 1 :], world, chance)
            if made:
                yield made


def plain_letters(author: str, world: World, seed: int) -> Iterator[Message]:
    """Every letter of an author once, to the first of its readers and in no shape of mail: what weights are fitted to."""
    for frame in frames(author):
        chance = random.Random(f"{seed} {world.split} {frame.id}")
        made = _message(frame, situations()[frame.intent.id][0], (), world, chance, shape="plain")
        if made:
            yield made


def list_messages(
    authors: Sequence[str], world: World, seed: int = 1, draws: int = 1, only: Collection[str] = ()
) -> Iterator[Message]:
    """Every layout of lists in every form it travels in, in letters of these authors, to all its readers at once."""
    written = [frame for author in authors for frame in frames(author)]
    for layout in (each for each in layouts_of(world.split) if not only or each.id in only):
        first, *others = situations()[layout.what]
        for form in forms_of(layout):
            fitting = [each for each in written if each.intent.id == layout.what]
            saying = [each for each in fitting if ("{rows}" in each.text) == (form in PASTED)]
            for draw in range(draws):
                chance = random.Random(f"{seed} {world.split} {layout.id} {form} {draw}")
                shape = "html" if form == "html" else chance.choice(_SHAPES_OF_LISTS)
                frame = chance.choice(saying or fitting)
                made = _message(frame, first, others, world, chance, shape, (layout, form))
                if made:
                    yield replace(made, id=f"{layout.id}-{form}-{draw}")


def _message(
    frame: Frame,
    situation: Situation,
    others: Sequence[Situation],
    world: World,
    chance: random.Random,
    shape: str = "",
    brings: tuple[Layout, str] | None = None,
) -> Message | None:
    """One letter to the reader of a situation, and to others; with `brings`, a list and its form, to all the others."""
    student, subject = _student(world, situation, chance)
    intent = frame.intent
    students = (student, *chance.sample([each for each in subject.students if each is not student], 3))
    sender = student if intent.sender == "student" else _sender(frame, student, subject, world, chance)
    employees = chance.sample(world.others(world.teachers, sender), 2)
    found = _reader(situation.reader, frame, student, world, chance)
    if found is None:
        return None
    reader, address = found
    letter = write(frame, Cast(sender, reader, students, (employees[0], employees[1]), subject, situation.nameless), chance)
    shape = shape or mails.drawn(chance, own_words=intent.id in _OWN_WORDS)
    readers = [(reader, address, situation)]
    more = [each for each in others if each.setting == situation.setting]
    if not brings:
        alone = not more or intent.id in _OWN_WORDS or chance.random() >= 0.25
        more = [] if alone else [chance.choice(more)]
    for second in more:
        added = _reader(second.reader, frame, student, world, chance)
        if added and added[1] != address:
            readers.append((*added, second))
    draft = mails.Draft(
        letter.subject.text,
        letter.body.text,
        sender,
        tuple((person, to) for person, to, _ in readers),
        employees[1],
        **({"rest": letter.rest.text} if letter.lists or intent.id != "thread" else {"earlier": letter.rest.text}),
    )
    told = students[: intent.students] if intent.about == "student" else ()
    layout, form = brings or (None, "")
    if intent.id in LISTS:
        layout, form = brings or _some_list(intent.id, shape, letter, world, chance)
        table, told = drawn(layout, subject, world, chance)
        draft = in_form(draft, table, form)
    return Message(
        f"{frame.id}-{situation.id}",
        frame,
        mails.message(draft, shape, chance),
        sender.email,
        tuple(Copy(each, to, _expected(each, letter, layout)) for _, to, each in readers),
        _consents(frame, situation, told, address, sender),
        told,
        shape,
        letter,
        layout.id if layout else "",
        form,
    )


def _expected(situation: Situation, letter: Letter, layout: Layout | None) -> Expected:
    """What must become of a copy; of some lists something else than of others."""
    if layout and layout.action:
        return Expected(layout.action, ("FAQ:weak-identification",), layout.also)
    found = expected(situation, letter)
    if layout and layout.what == "roster" and situation.reader == "uncovered" and not _speaks_of_a_class(letter):
        return replace(found, also=("pass",))  # names and years alone are directory information
    return found


def _speaks_of_a_class(letter: Letter) -> bool:
    """Whether a letter says that people are in a subject."""
    return any(_OF_A_CLASS.search(text.text) for text in (letter.subject, letter.body, letter.rest))


def _student(world: World, situation: Situation, chance: random.Random) -> tuple[Person, Subject]:
    """Somebody with one subject; nobody who withholds anything, where the situation does not want that."""
    return world.enrolled("all" if situation.student == "withheld" else "", chance)


def _sender(frame: Frame, student: Person, subject: Subject, world: World, chance: random.Random) -> Person:
    """Who writes. Whoever names a student by one name only has to do with the student: nobody else could be understood."""
    if frame.intent.sender == "instructor":
        return subject.instructor
    known = frame.intent.sender == "advisor" or not _NAMED.search(frame.subject + frame.text)
    return world.advisor_of[student.id] if known else chance.choice(world.advisors)


_NAMED = re.compile(r"\{student(?:\.id|\.email)?\}")


def _reader(word: str, frame: Frame, student: Person, world: World, chance: random.Random) -> tuple[Person, str] | None:
    """Who a word of situations.toml is, and the address the copy goes to. None where nobody is that."""
    if word in _OF_STUDENT:
        return _OF_STUDENT[word](student, world, chance)
    if word == "covered":
        needed = {PURVIEWS[kind] for kind in frame.kinds if kind in PURVIEWS} or {"academic"}
        if len(needed) > 1:
            return None
        word = needed.pop()
    found = world.stranger(chance) if word == "stranger" else chance.choice(world.with_purview(_BLANK.get(word, word)))
    return found, found.email


_Reader = Callable[[Person, World, random.Random], tuple[Person, str]]
_BLANK = {"undetermined": "", "uncovered": "housing"}


def _other_student(student: Person, world: World, chance: random.Random) -> tuple[Person, str]:
    found = chance.choice(world.others(world.students, student))
    return found, found.email


_OF_STUDENT: Mapping[str, _Reader] = {
    "self": lambda student, _world, _chance: (student, student.email),
    "self-alternate": lambda student, _world, _chance: (student, student.alternate),
    "greeted-wrongly": lambda student, world, chance: (student, _other_student(student, world, chance)[1]),
    "other-student": _other_student,
    "parent": lambda student, world, chance: (world.stranger(chance), student.parent),
    "press": lambda _student, world, chance: (world.stranger(chance), "desk@courier.example"),
}


def _consents(
    frame: Frame, situation: Situation, told: Sequence[Person], address: str, sender: Person
) -> tuple[dict[str, str], ...]:
    if not situation.consent:
        return ()
    kinds = ("photo",) if situation.consent == "another-kind" else (*frame.kinds, "enrolment")
    return tuple(
        {
            "consent_id": f"C{nth}",
            "student_id": each.id,
            "kinds": ";".join(dict.fromkeys(kinds)),
            "recipient": "someone@else.example" if situation.consent == "another-reader" else address,
            "strength": "written",
            "mail_risk": "no" if situation.consent == "no-mail-risk" else "yes",
            "given_on": "2026-03-01",
            "expires_on": "2026-06-30" if situation.consent == "expired" else "",
        }
        for nth, each in enumerate(told)
    )


def _some_list(what: str, shape: str, letter: Letter, world: World, chance: random.Random) -> tuple[Layout, str]:
    """A layout and a form it travels in: in the text where the author put it, else as a file."""
    kind = FILES if not letter.lists else PASTED
    fitting = [each for each in layouts_of(world.split, what) if not kind.keys().isdisjoint(forms_of(each))]
    layout = chance.choice(fitting)
    form = chance.choice([each for each in forms_of(layout) if each in kind])
    return layout, "html" if letter.lists and shape in {"html", "alternative"} else form
