"""People and rows in words, for a tree that is read at a terminal: never a value that was found, never a name.

Takes what a decision was made by; gives short phrases. What the campus files say of an address is told of it, for that
address was asked about. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dlp.campus.records import Staff, Student
from dlp.policy.evidence import Evidence, Surroundings
from dlp.policy.readers import Reader
from dlp.policy.situation import Situation
from dlp.ruleset import Row


def sender(around: Surroundings) -> str:
    if around.directory is None:
        return "nobody is known"
    return reader(around.sender) if around.sender else "nobody vouches for the address: read as staff unknown"


def names(evidence: Evidence) -> Mapping[str, str]:
    return {item.person: f"person {number}" for number, item in enumerate(evidence.disclosures, start=1)}


def person(evidence: Evidence, digest: str) -> str:
    known = evidence.people.get(digest)
    how = "by a hint only" if digest in evidence.weak else "for certain"
    if isinstance(known, Staff):
        return f"an employee, {how}"
    if isinstance(known, Student):
        held = "; has withheld everything" if "all" in known.suppress else ""
        return f"a {known.status or 'current'} student{f' ({known.level})' if known.level else ''}, {how}{held}"
    return f"somebody in no file, {how}"


def lists(evidence: Evidence) -> Iterator[str]:
    """What the message says of people by listing them."""
    if evidence.chosen:
        yield f"those listed were chosen by {', '.join(sorted(evidence.chosen))}"
    if roll := evidence.class_list:
        subjects = sorted(f"{subject} ({term.upper()})" if term else subject for subject, term in roll.subjects)
        how = "as the text says" if roll.called else "as they are enrolled"
        other = "; for another use" if roll.other_use else ""
        yield f"{'a class list' if roll.is_list else 'members'} of {' or '.join(subjects)}, {how}{other}"


def reader(one: Reader) -> str:
    """What the campus files say of an address."""
    told = ["inside" if one.inside else "outside"]
    if one.listed:
        told.append(f"by a list ({one.listed})")
    if one.staff:
        told.append(f"staff{f' of {one.staff.department}' if one.staff.department else ''}")
        told.append(f"purview {', '.join(sorted(one.staff.purview)) or 'not recorded'}")
    told += [f"{each.role.replace('_', ' ')} of {each.subject}" for each in one.assignments]
    if one.advising:
        told.append(f"advises {len(one.advising)}")
    if one.students:
        told.append("a student")
    told += [f"contact: {each.type}" for each in one.contacts]
    return f"{one.address}: {'; '.join(told if len(told) > 1 else [*told, 'in no file'])}"


def word(value: object) -> str:
    """What a word of a row is here, or should be."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset | list):
        return " or ".join(sorted(map(str, value))) or "none"
    return str(value) or "none"


def because(row: Row, at: Situation) -> str:
    """The words of the row and what they are here."""
    words = [f"{name} = {word(getattr(at, name))}" for name in row.when]
    words += [f"not {name} = {word(wanted)}" for name, wanted in row.unless.items()]
    return ", ".join(words) or "no other row fits"
