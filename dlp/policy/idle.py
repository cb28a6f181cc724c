"""Why a consent counts nowhere, whatever message asks for it: what was recorded by mistake, and nobody would notice.

Takes a consent, the directory in force (None: there is none yet) and the campus domains; gives words, "" where it may count
somewhere. Said is only what is certain: a class of contacts may have somebody inside. Pure; nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address
from dlp.campus.records import ALL, Consent
from dlp.campus.vocabulary import FIELDS
from dlp.policy.consent import is_investigation
from dlp.policy.facts import person_name, reader_names
from dlp.ruleset import Campus

_CLASS = "class:"
ONLY_WRITTEN = "outside only what is written counts"


def idle(consent: Consent, people: Directory | None, campus: Campus) -> str:
    """Why it covers nobody and nothing. Its days, uses and end are told elsewhere, but for days that can never be."""
    if why := mistaken(consent, people):
        return why
    return ONLY_WRITTEN if consent.strength != "written" and _is_outside(consent.recipient, people, campus) else ""


def mistaken(consent: Consent, people: Directory | None) -> str:
    """The same, but for its strength, which depends on where the reader is."""
    if consent.expires_on is not None and consent.expires_on < consent.given_on:
        return "its last day lies before the day it was given"
    if names_nobody(consent.recipient):
        return "it names nobody in particular"
    if people and "@" in consent.person and not people.staff_at(consent.person) and people.students_at(consent.person):
        return "a student's address is no person here, give the student ID"
    kinds = idle_kinds(consent, people)
    return next(iter(kinds.values()), "") if kinds.keys() >= consent.kinds else ""


def idle_kinds(consent: Consent, people: Directory | None) -> Mapping[str, str]:
    """The kinds of it that cover nothing, and why."""
    found = {kind: _idle_kind(kind, consent, people) for kind in sorted(consent.kinds)}
    return {kind: why for kind, why in found.items() if why}


def names_nobody(recipient: str) -> bool:
    """A top-level domain, or the class of all others."""
    return recipient == f"{_CLASS}other" or (recipient.startswith("@") and "." not in recipient)


def _idle_kind(kind: str, consent: Consent, people: Directory | None) -> str:
    name, narrowed, what = kind.partition(":")
    if name == "directory" and narrowed:
        return "" if kind in FIELDS else "the directory has no such field"
    if narrowed and people and not (people.offerings(what) or people.assigned_to(what) or people.enrolled_in(what)):
        return "no subject in the directory has this number"
    if kind == ALL and not is_investigation(consent) and not _may_be_own(consent, people):
        return "all is only for an investigation form, or an address of the person's own"
    return ""


def _may_be_own(consent: Consent, people: Directory | None) -> bool:
    """Whether the recipient may be an address of the person's own."""
    named = folded_address(consent.recipient)
    if named.startswith(_CLASS):
        return False
    return people is None or any(named in reader_names(address) for address in _addresses(consent.person, people))


def _addresses(person: str, people: Directory) -> Iterator[str]:
    if "@" in person:
        yield person_name(person)
    elif student := people.student(person):
        yield from filter(None, (student.email, *student.alternate_emails))


def _is_outside(recipient: str, people: Directory | None, campus: Campus) -> bool:
    """Whether nobody who reads there can be inside: no list, and no domain that is the campus' or has it below."""
    if recipient.startswith(_CLASS) or (people and people.list_at(recipient)):
        return False
    domain = folded_address(recipient).rpartition("@")[2]
    above = recipient.startswith("@") and any(each.casefold().endswith(f".{domain}") for each in campus.domains)
    return not (above or campus.is_inside_domain(domain))
