"""People and rows in words, for a tree that is read at a terminal: never a value that was found, never a name.

Takes what a decision was made by; gives short phrases. What the campus files say of an address is told of it, for that
address was asked about. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_id, folded_word
from dlp.campus.records import Staff, Student
from dlp.policy.evidence import Evidence, Fit, Surroundings
from dlp.policy.facts import Facts
from dlp.policy.readers import Reader


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


def need(fit: Fit, one: Reader, evidence: Evidence, directory: Directory | None) -> Iterator[str]:
    """By what a reader needs to know something of a person, where that lets it pass."""
    person = evidence.people.get(fit.person)
    if fit.at.need != "covered" or not isinstance(person, Student) or directory is None:
        return
    taken = {folded_word(each.subject) for each in directory.enrolments_of(person.id)}
    for each in one.assignments:
        if folded_word(each.subject) in taken:
            yield f"on record: {each.role.replace('_', ' ')} of {each.subject}, which this student takes"
    if any(folded_id(each.student_id) == folded_id(person.id) for each in one.advising):
        yield "on record: advises this student"
    if one.staff and one.staff.purview:
        yield f"on record: purview {', '.join(sorted(one.staff.purview))}"


def consent(fit: Fit, facts: Facts) -> Iterator[str]:
    """What the consent on record says. Of approvals nothing is said: what is told of some would show which are sealed."""
    for given in (known.consent for known in facts.consents if fit.permit and known.permit == fit.permit.name):
        ends = f" until {given.expires_on}" if given.expires_on else ""
        purpose = f", for {given.purpose}" if given.purpose else ""
        kinds = ", ".join(sorted(given.kinds))
        strength = given.strength or "strength not said"
        yield f"on record: {strength}, from {given.given_on}{ends}, to {given.recipient}, {kinds}{purpose}"
