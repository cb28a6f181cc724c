"""Does a letter go to the student it names? And may it be one of many that differ only in whom they name?

Takes the greeted name, who is told about, and the addresses a letter goes to; gives the readers who are greeted by somebody
else's name, and the series it may belong to. What cannot be told is not guessed. Pure; nothing fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address
from dlp.campus.greeting import answers, greeted, is_on_file
from dlp.campus.people import people_at
from dlp.campus.records import Student
from dlp.policy.evidence import Evidence, Person, Surroundings
from dlp.policy.facts import Series
from dlp.policy.kinds import is_record
from dlp.policy.likeness import likeness
from dlp.policy.readers import is_student
from dlp.policy.relate import counts
from dlp.values import Role, Texts

_MOST = 50  # recipients that are looked at; an MTA sends more of them in another transaction


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, and whom it goes to."""

    texts: Texts
    sender: str
    recipients: tuple[str, ...]  # of the envelope
    mailboxes: Sequence[tuple[str, str]]  # names and addresses of To and Cc


def states_something(evidence: Evidence, around: Surroundings, act_at: float) -> bool:
    """Whether it matters to whom a message goes: it states record information, and no student wrote it."""
    if around.sender is not None and is_student(around.sender):
        return False
    states = any(one.role is Role.STATES and counts(one, act_at) for one in evidence.findings)
    return states or any(is_record(kind) for item in evidence.disclosures for kind in item.kinds)


def with_addressing(evidence: Evidence, letter: Letter, directory: Directory, digest: Callable[[str], str]) -> Evidence:
    """With whether a letter goes to the student it names, and the series it may be one of."""
    told = [item.person for item in evidence.disclosures if item.person not in evidence.weak]
    about = tuple(map(evidence.people.get, told))
    wrong = misgreeted(letter, directory)
    return replace(evidence, misgreeted=wrong, series=series(letter, about, wrong, directory, digest))


def misgreeted(letter: Letter, directory: Directory) -> frozenset[str]:
    """The addresses, those they forward to included, of students who are greeted by the name of somebody else on file.

    None while somebody on file among those it goes to answers to the name, or may. Who is on no file changes nothing: one more
    recipient must not let through what another would not get.
    """
    name = greeted(letter.texts)
    sender = folded_address(letter.sender)
    addresses = {*letter.recipients[:_MOST], *(address for _, address in letter.mailboxes[:_MOST])}
    near = {folded_address(address) for address in addresses if address} - {sender}
    if not name or any(_may_answer(name, address, letter, directory) for address in near):
        return frozenset()
    wrong = {folded_address(each) for each in letter.recipients if directory.students_at(each)}
    if not wrong or not is_on_file(name, directory):
        return frozenset()
    return frozenset(wrong | {folded_address(each.target) for address in wrong for each in directory.forwards_of(address)})


def series(
    letter: Letter, about: Sequence[Person | None], wrong: frozenset[str], directory: Directory, digest: Callable[[str], str]
) -> Series | None:
    """The series a letter may be one of: it tells about one person or greets one, and not only employees read it.

    `about` are those told about, None for somebody in no file; `wrong` the addresses greeted by another's name.
    """
    name = greeted(letter.texts)
    readers = {folded_address(each) for each in letter.recipients[:_MOST]} - {folded_address(letter.sender)}
    readers = {each for each in readers if directory.students_at(each) or not directory.staff_at(each)}
    if not readers or len(about) > 1 or not (name or about):
        return None
    people = [each for each in about if isinstance(each, Student)]
    went = [_goes_astray(each, name, people, wrong, directory) for each in sorted(readers)]
    astray = True if True in went else None if None in went else False
    return Series(digest(f"series|{folded_address(letter.sender)}|{likeness(letter.texts)}"), astray)


def _goes_astray(
    reader: str, name: tuple[str, ...], about: Sequence[Student], wrong: frozenset[str], directory: Directory
) -> bool | None:
    students = directory.students_at(reader)
    own = {each.id for each in students}
    if not students:
        return None
    if reader in wrong or any(each.id not in own for each in about):
        return True
    return False if about or any(answers(name, each) for each in students) else None


def _may_answer(name: tuple[str, ...], address: str, letter: Letter, directory: Directory) -> bool:
    """Whether somebody at an address on file answers to a name, or has none there, as an office."""
    people = [person for each in _opened(address, directory) for person in people_at(directory, each)]
    shown = [display for display, shown_for in letter.mailboxes if folded_address(shown_for) == address]
    shown.append(address.partition("@")[0].replace(".", " "))
    return any(answers(name, each, shown) or not (each.given_name or each.family_name or each.full_name) for each in people)


def _opened(address: str, directory: Directory) -> Sequence[str]:
    found = directory.list_at(address)
    return found.members[:_MOST] if found else (address,)
