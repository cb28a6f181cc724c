"""People and rows in words, for a tree that is read at a terminal: never a value that was found, never a name.

Takes what a decision was made by; gives short phrases. What the campus files say of an address is told of it, for that
address was asked about. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address, folded_id, folded_word
from dlp.campus.labelled import UNLISTED_LABEL
from dlp.campus.records import Staff, Student
from dlp.commands.found import Seen, together
from dlp.mail.addresses import addresses
from dlp.policy.evidence import Evidence, Fit, Person, Surroundings
from dlp.policy.facts import Facts
from dlp.policy.kinds import OF_TEACHING, advising_covers, covers, is_record
from dlp.policy.readers import Reader
from dlp.policy.situation import Situation
from dlp.values import Action, Disclosure, Role, Texts

_STANDARD = "standard personnel information"
_PUBLIC = "a public site, or a list that goes outside, as the institution has recorded it"
NOBODY = "no student is named for certain, and no private detail of an employee is told"
_SITES = "FAQ question 10"
_OF_NEED = frozenset({"I2", "I11-chosen"})  # rows that hold because nothing on record covers it


def sender(around: Surroundings) -> str:
    if around.directory is None:
        return "nobody is known"
    return reader(around.sender) if around.sender else "nobody vouches for the address: read as staff unknown"


def numbers(evidence: Evidence) -> Mapping[str, int]:
    return {item.person: number for number, item in enumerate(evidence.disclosures, start=1)}


def names(evidence: Evidence) -> Mapping[str, str]:
    return {one: f"person {number}" for one, number in numbers(evidence).items()}


def people(given: Iterable[int]) -> str:
    """ "person 3"; "12 people (1 to 9, 11, 14, 15)"."""
    every = sorted(set(given))
    if len(every) == 1:
        return f"person {every[0]}"
    runs: list[list[int]] = []
    for number in every:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return f"{len(every)} people ({', '.join(told)})"


def person(evidence: Evidence, digest: str) -> str:
    known = evidence.people.get(digest)
    how = "by a hint only" if digest in evidence.weak else "by a name, an ID or an address"
    if isinstance(known, Staff):
        return f"an employee, {how}"
    if isinstance(known, Student):
        held = "; has withheld everything" if "all" in known.suppress else ""
        return f"a {known.status or 'current'} student{f' ({known.level})' if known.level else ''}, {how}{held}"
    return f"somebody in no file, {how}"


def seen(evidence: Evidence, index: int, person: str = "") -> Seen:
    """One finding, without its value; whose words it stands in where that is another's."""
    one = evidence.findings[index]
    kind = _STANDARD if one.kind == "directory" and isinstance(evidence.people.get(person), Staff) else one.kind
    quoted = ", in words of another that are quoted" if index in evidence.quoted else ""
    unlisted = " in no list, so not directory information" if one.pattern == UNLISTED_LABEL else ""
    return Seen.at(one.where, f"{kind} by {one.detector} {one.pattern}{unlisted}{quoted}", one.masked)


def by_being_listed(evidence: Evidence, item: Disclosure) -> Iterator[str]:
    """What the text says of a person by nothing but listing him or her."""
    said = {evidence.findings[index].kind for index in item.findings}
    yield from (f"{each}, by being listed" for each in sorted((item.kinds & evidence.chosen) - said))


def of_nobody(evidence: Evidence) -> Iterator[str]:
    """What is said while nobody is identified: of those a letter greets or calls "you"."""
    if not evidence.disclosures:
        told = (number for number, each in enumerate(evidence.findings) if each.role is Role.STATES and is_record(each.kind))
        yield from together(seen(evidence, index) for index in told)


def worth_telling(fits: Sequence[Fit]) -> Iterator[Fit]:
    """Without the line that nobody is told about, where the message as a whole is stopped."""
    stopped = any(fit.row.stage == "message" and fit.action is not Action.PASS for fit in fits)
    yield from (fit for fit in fits if not (stopped and fit.at.person == "nobody" and fit.row.id == "O18"))


def kind(at: Situation) -> str:
    return _STANDARD if at.person == "employee" and not at.record else at.kind


def sources(at: Situation, passages: Sequence[str], one: Reader) -> Sequence[str]:
    """The FAQ is about students: of an employee the policy alone speaks; and what is public has a question of its own."""
    if at.about_sender:
        return ("neither document, which restrict nobody in what they tell of themselves",)
    if at.person == "employee":
        return [each for each in passages if each.startswith("policy")] or passages
    return (*passages, _SITES) if one.listed == "public" and _SITES not in passages else passages


def is_shown(address: str, texts: Texts) -> bool:
    """Whether To or Cc name a recipient."""
    named = (field.value for field in texts.fields if field.name.lower() in ("to", "cc"))
    shown = {folded_address(each) for value in named for _, each in addresses(value).pairs}
    return folded_address(address) in shown


def hint(fit: Fit, one: Reader) -> Iterator[str]:
    """What would mend it, where that is not the sender's to know."""
    if fit.row.id == "O1" and fit.at.person == "student" and one.address and not (one.inside or one.contacts or one.listed):
        yield "if this is the student's own private address: write to the campus address"


def lists(evidence: Evidence) -> Iterator[str]:
    """What the message says of people by listing them."""
    if evidence.chosen:
        yield f"those listed were chosen by {', '.join(sorted(evidence.chosen))}, so being listed tells it of each"
    if roll := evidence.class_list:
        subjects = sorted(f"{subject} ({term.upper()})" if term else subject for subject, term in roll.subjects)
        how = "as the text says" if roll.called else "as they are enrolled"
        other = "; for another use" if roll.other_use else ""
        yield f"{'a class list' if roll.is_list else 'members'} of {' or '.join(subjects)}, {how}{other}"


def reader(one: Reader) -> str:
    """What the campus files say of an address."""
    told = ["inside" if one.inside else "outside"]
    if one.listed:
        told.append(_PUBLIC if one.listed == "public" else f"by a list ({one.listed})")
    if one.staff:
        told.append(f"staff{f' of {one.staff.department}' if one.staff.department else ''}")
        told.append(f"purview {', '.join(sorted(one.staff.purview)) or 'not recorded'}")
    told += [f"{each.role.replace('_', ' ')} of {each.subject}" for each in one.assignments]
    if one.advising:
        told.append(_advises(one))
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
    """By what a reader needs to know something of a person, or what there is on record that does not cover it."""
    person = evidence.people.get(fit.person)
    if fit.row.id in _OF_NEED and fit.at.need == "uncovered":
        yield from _uncovered(one, person)
    if fit.at.need != "covered" or not isinstance(person, Student) or directory is None:
        return
    taken = {folded_word(each.subject) for each in directory.enrolments_of(person.id)}
    kind = fit.at.kind
    for each in one.assignments:
        if kind in OF_TEACHING and folded_word(each.subject) in taken:
            yield f"on record: {each.role.replace('_', ' ')} of {each.subject}, which this student takes"
    mine = (each for each in one.advising if folded_id(each.student_id) == folded_id(person.id))
    if any(advising_covers(each.role, kind) for each in mine):
        yield "on record: advises this student"
    if words := sorted(word for word in one.staff.purview if covers(word, kind)) if one.staff else []:
        yield f"on record: purview {', '.join(words)}, which covers it"


def _uncovered(one: Reader, person: Person | None) -> Iterator[str]:
    """Everything on record of a reader, none of which covers it."""
    if one.students and not (one.staff or one.assignments):
        yield "a fellow student has no work here that needs it, and no consent for this reader is on record"
        return
    if one.listed and not one.known:
        yield "who reads this list is not on record, so nobody's need is"
        return
    held = [f"{each.role.replace('_', ' ')} of {each.subject}" for each in one.assignments]
    if one.advising:
        held.append(_advises(one))
    words = sorted(one.staff.purview) if one.staff else []
    held += [f"purview {', '.join(words)}{_of(one)}"] if words else []
    if not held:
        yield "nothing is on record of this reader" + ("" if one.staff else ", not even as employed here")
        return
    other = f"; the student belongs to {person.department}" if isinstance(person, Student) and person.department else ""
    yield f"on record of this reader is only: {'; '.join(held)}{other if 'department_office' in words else ''}"


def _advises(one: Reader) -> str:
    return f"advises {'one student' if len(one.advising) == 1 else f'{len(one.advising)} students'}"


def whose(evidence: Evidence, one: Reader) -> str:
    """Which of the people the reader is."""
    mine = [name for digest, name in names(evidence).items() if evidence.people.get(digest) in one.students]
    return f"; {mine[0]} himself or herself" if mine else ""


def of_you(evidence: Evidence, fit: Fit, sender: Reader | None) -> Iterator[str]:
    """Of mail that names nobody, and says something all the same; of words of another that count."""
    quoted = [index for index in fit.reason.findings if index in evidence.quoted]
    if quoted and fit.action is Action.HOLD and not fit.at.refers:
        yield "the message says more than whom to ask, so what it quotes of the reader's own words counts as well"
    if (
        fit.row.id == "O18"
        and not (evidence.misgreeted or (sender and sender.students))
        and fit.at.person == "nobody"
        and any(True for _ in of_nobody(evidence))
    ):
        yield "what it says is said to whoever reads it, and tells each reader of nobody else"


def _of(one: Reader) -> str:
    return f" ({one.staff.department})" if one.staff and one.staff.department else ""


def consent(fit: Fit, facts: Facts) -> Iterator[str]:
    """What the consent on record says. Of approvals nothing is said: what is told of some would show which are sealed."""
    for given in (known.consent for known in facts.consents if fit.permit and known.permit == fit.permit.name):
        ends = f" until {given.expires_on}" if given.expires_on else ""
        purpose = f", for {given.purpose}" if given.purpose else ", no purpose named"
        if fit.row.id == "O9a":
            purpose += f", case {given.case}" if given.case else ", no case named"
        kinds = ", ".join(sorted(given.kinds))
        strength = given.strength or "strength not said"
        yield f"on record: {given.consent_id}, {strength}, from {given.given_on}{ends}, to {given.recipient}, {kinds}{purpose}"
        if not fit.at.record and not {"all", fit.at.kind} & given.kinds:
            yield "the name goes with what was consented to"
