"""Who a message identifies: the values, and how several people of one name become fewer.

Takes candidates, the addresses a message goes from and to, and the directory; gives those who are meant, as far as the company
they are in says so. Nothing is guessed: who stays ambiguous stays so. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address, folded_id, folded_name, folded_word
from dlp.campus.name_words import BREAKS, ORDINARY, TITLES
from dlp.campus.names import given_and_family, pair_key, word_key
from dlp.campus.near import NOBODY, Near, near
from dlp.campus.records import ALL, Staff, Student
from dlp.values import Finding

Person = Student | Staff
_MOST_ADVISEES = 500  # of all senders and recipients
_FEW = 60
MOST_NEAR = 500
_BEARING = 3  # one, with a row among the staff, and another
_WHOLE = frozenset({"full-name", "last-first"})
NO_NAME = BREAKS | ORDINARY | TITLES
CALLED_SO = frozenset(word for word in ORDINARY - BREAKS - TITLES if len(word) > 2)


class Strength(IntEnum):
    """How surely somebody is meant."""

    WEAK = 1  # a name that may be another's, or no name
    STRONG = 2  # a full name, or a weaker sign that leads to one person in this company
    CERTAIN = 3  # an ID or an address of theirs


class Place(StrEnum):
    """Where in a letter a sign stands: only what is in the text or a header line makes it one about somebody."""

    TEXT = "text"
    HEADER = "header"  # a header line or file name a reader sees
    GREETING = "greeting"
    SIGNATURE = "signature"
    THREAD = "thread"  # a mailbox of the header, or of a header quoted in the text


@dataclass(frozen=True, slots=True)
class Identified:
    """One person. `record` is None for somebody who is in no file: suppressed, therefore."""

    person: str  # keyed digest
    record: Person | None
    strength: Strength
    findings: tuple[int, ...]  # indices into People.findings, in their order; none for a mailbox of the header


@dataclass(slots=True)
class Met:
    """What is known of one person so far, while a message is searched."""

    record: Person | None
    strength: Strength
    findings: list[int]


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """One sign that several people share. One of them may also be Identified by another."""

    candidates: tuple[Person, ...]
    findings: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Everybody a message identifies. `findings` are those of the patterns, weighed again, and behind them those of people."""

    findings: tuple[Finding, ...]
    identified: tuple[Identified, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
    on_thread: tuple[Identified, ...] = ()  # by an address in a From, To, Cc, Reply-To or Sender field
    places: Mapping[int, Place] = field(default_factory=dict)  # of findings that show a person
    cut: bool = False  # more names than were looked up: there may be further people

    @property
    def students(self) -> tuple[Identified, ...]:
        """Students, and people in no file."""
        return tuple(one for one in self.identified if not isinstance(one.record, Staff))

    @property
    def staff(self) -> tuple[Identified, ...]:
        return tuple(one for one in self.identified if isinstance(one.record, Staff))


@dataclass(frozen=True, slots=True)
class Context:
    """Whom a message comes from and goes to: envelope addresses; those of the header are added by whoever reads it."""

    sender: str = ""
    recipients: tuple[str, ...] = ()
    thread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Company:
    """The people a message is likely to mean by less than a full name."""

    near: Mapping[str, Person] = field(default_factory=dict)  # at an address of the thread, or a parent's child; by identity
    children: tuple[Student, ...] = ()  # of those parents
    advised: frozenset[str] = frozenset()  # identities of the sender's and recipients' advisees
    subjects: frozenset[str] = frozenset()  # which the sender and recipients staff
    correspondents: tuple[str, ...] = ()  # sender and recipients
    at: Mapping[str, tuple[Person, ...]] = field(default_factory=dict)  # whose an address of the thread is


def identity(person: Person) -> str:
    """What a person is told apart by: the ID of a student, the address of an employee."""
    return folded_id(person.id) if isinstance(person, Student) else folded_address(person.email)


def people_at(directory: Directory, address: str) -> tuple[Person, ...]:
    """Whose address this is. An employee who studies is the student: it is a student's record that may be told."""
    students = directory.students_at(address)
    staff = None if students else directory.staff_at(address)
    return students if staff is None else (staff,)


def company(directory: Directory, context: Context) -> Company:
    """Everybody around a message."""
    correspondents = tuple(dict.fromkeys(map(folded_address, filter(None, (context.sender, *context.recipients)))))
    addresses = dict.fromkeys((*correspondents, *map(folded_address, filter(None, context.thread))))
    at = {address: people_at(directory, address) for address in addresses}
    near = {identity(person): person for people in at.values() for person in people}
    of_parents = {identity(child): child for child in children(directory, addresses)}
    advised: list[str] = []
    subjects: set[str] = set()
    for address in correspondents:
        if len(advised) < _MOST_ADVISEES:
            advised += [folded_id(row.student_id) for row in directory.advising_by(address)]
        subjects.update(folded_word(row.subject) for row in directory.assignments_of(address))
    few = frozenset(advised[:_MOST_ADVISEES])
    return Company(near | of_parents, tuple(of_parents.values()), few, frozenset(subjects), correspondents, at)


def children(directory: Directory, addresses: Iterable[str]) -> Iterator[Student]:
    """Whose parents are at these addresses."""
    for address in addresses:
        for contact in directory.contacts_at(address):
            child = directory.student(contact.student_id) if contact.type == "parent" and contact.student_id else None
            if child is not None:
                yield child


def narrow(
    candidates: Collection[Person],
    around: Company,
    directory: Directory,
    known: Collection[str] = frozenset(),
    in_full: Collection[str] = frozenset(),
) -> tuple[Person, ...]:
    """Those of one name who are meant: correspondents, else people the message identifies otherwise (`known`), else students
    whom sender or recipient advises or teaches, else those of just this last name and not of a longer one (`in_full`), else, of
    staff and students of that name, the staff. All of them when nothing tells them apart.

    >>> kim, other = Student("912345678", "Hana", "Kim"), Student("923456780", "Hana", "Kim")
    >>> narrow((kim, other), Company(near={"923456780": other}), directory)
    (Student(id='923456780', given_name='Hana', ...),)
    """
    people = _one_record_each(candidates)
    signs = (
        lambda person: identity(person) in around.near,
        lambda person: identity(person) in known,
        lambda person: is_ours(person, around, directory),
        lambda person: identity(person) in in_full,
        lambda person: isinstance(person, Staff),
    )
    for sign in signs:
        if len(people) < 2:
            break
        people = tuple(filter(sign, people)) or people
    return people


def is_whole(one: Identified, people: People) -> bool:
    """Whether somebody is met by a full name, if of ordinary words: a field of the directory beside it is the second sign."""
    return any(people.findings[index].pattern in _WHOLE for index in one.findings)


def surer(one: Identified, fields: Sequence[int]) -> Identified:
    """With fields of the directory (indices of findings) that are told of somebody."""
    return Identified(one.person, one.record, max(one.strength, Strength.STRONG), (*one.findings, *fields))


def namesakes(student: Student, directory: Directory) -> tuple[Student, ...]:
    """Other students of the same first and last name."""
    name = folded_name(student.given_name), folded_name(student.family_name)
    alike = directory.named(pair_key(*name)) if all(name) else ()
    students = (each for each in alike if isinstance(each, Student) and each.id != student.id)
    return tuple(each for each in students if (folded_name(each.given_name), folded_name(each.family_name)) == name)


def one_of_namesakes(people: tuple[Person, ...]) -> tuple[Person, ...]:
    """Of students of one full name the one who withheld most, or comes first: about one of them something is told."""
    students = [each for each in people if isinstance(each, Student)]
    if len(students) < max(2, len(people)):
        return people
    return (min(students, key=lambda each: (ALL not in each.suppress, folded_id(each.id))),)


def _one_record_each(candidates: Collection[Person]) -> tuple[Person, ...]:
    """Without the staff rows of people who are here as students, and rows of one identity."""
    addresses = {
        folded_address(address)
        for person in candidates
        if isinstance(person, Student)
        for address in (person.email, *person.alternate_emails)
    }
    kept = [person for person in candidates if isinstance(person, Student) or folded_address(person.email) not in addresses]
    return tuple({identity(person): person for person in kept}.values())


def is_ours(person: Person, around: Company, directory: Directory) -> bool:
    """Whether sender or recipient advises or teaches somebody."""
    if identity(person) in around.advised:
        return True
    if not around.subjects or isinstance(person, Staff):
        return False
    return any(folded_word(row.subject) in around.subjects for row in directory.enrolments_of(person.id))


def only_bearer(word: str, directory: Directory) -> Student | None:
    """The student who alone, of everybody on file, has a word in the name."""
    bearing = _one_record_each(directory.named(word_key(word), _BEARING))
    return bearing[0] if len(bearing) == 1 and isinstance(bearing[0], Student) else None


def called_near(directory: Directory, address: str) -> Near:
    """By which words the students are called whom the person at an address advises or teaches.

    Nobody for somebody who has to do with more than MOST_NEAR: there a first name tells nothing. Of words that are ordinary
    ones as well only first names stay, apart.
    """
    rows = [row.student_id for row in directory.advising_by(address)]
    for assignment in directory.assignments_of(address):
        rows += (row.student_id for row in directory.enrolled_in(assignment.subject))
    students = dict.fromkeys(map(folded_id, rows))
    found: dict[str, tuple[str, ...]] = {}
    ordinary: dict[str, tuple[str, ...]] = {}
    for one in students if len(students) <= MOST_NEAR else ():
        if (student := directory.student(one)) is not None:
            given, family = given_and_family(student)
            initials = {f"{first[0]}.{last[0]}." for first in given for last in family}  # dotted, for some are called Jo
            alone = (one,)  # one value for all their words: these are kept
            for word in (given | family | initials) - NO_NAME:
                found[word] = (*found[word], one) if word in found else alone
            for word in given & CALLED_SO:
                ordinary[word] = (*ordinary.get(word, ()), one)
    return near(found, ordinary) if found or ordinary else NOBODY


def advisees(around: Company, directory: Directory) -> list[Person]:
    """The sender's and recipients' advisees, unless they are so many that a first name tells nothing."""
    few = around.advised if len(around.advised) <= _FEW else ()
    return [student for one in sorted(few) if (student := directory.student(one)) is not None]


def called(people: Iterable[Person]) -> dict[str, list[Person]]:
    """Single words, and initials run together, to those of `people` whom they may mean."""
    found: dict[str, list[Person]] = {}
    for person in people:
        given, family = given_and_family(person)
        initials = {one[0] + other[0] for one in given for other in family}
        for word in {*given, *family, *initials}:
            found.setdefault(word, []).append(person)
    return found
