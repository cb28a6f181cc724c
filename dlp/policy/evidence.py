"""What is known of one message before any recipient is looked at, and what came of looking at one.

Takes nothing, does nothing: frozen values. Evidence is what the message says about whom; Surroundings what is known beside it;
a Fit is one row of the decision table that applies to one reader. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from dlp.campus.directory import Directory
from dlp.campus.people import Context
from dlp.campus.records import Staff, Student
from dlp.campus.study_fields import NO_FIELDS, Fields
from dlp.policy.class_lists import ClassList
from dlp.policy.facts import Facts, Series
from dlp.policy.readers import Reader
from dlp.policy.situation import Situation
from dlp.ruleset import Row
from dlp.values import Action, Disclosure, Finding, Part, Reason

Person = Student | Staff


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the message before any recipient is looked at."""

    findings: tuple[Finding, ...]
    disclosures: tuple[Disclosure, ...]
    unread: tuple[Part, ...]
    people: Mapping[str, Person] = field(default_factory=dict)  # who the persons of the disclosures are, where known
    weak: frozenset[str] = frozenset()  # persons who are identified by a hint only
    greeted: frozenset[str] = frozenset()  # persons who are only greeted
    headed: frozenset[str] | None = None  # persons whom a listed word in a header may be about; None = all that are named
    subjects: frozenset[str] = frozenset()  # the message names
    fields: Fields = NO_FIELDS  # of study
    more_subjects: bool = False  # than these, or of none than the likely ones: by number, or by a mark in one
    purposes: frozenset[str] = frozenset()  # its words show
    case: str = ""  # of an investigation, as the text states it
    legal: bool = False  # they speak of a court order or the like
    addressed: frozenset[str] = frozenset()  # persons named by the addresses of To and Cc
    joint: frozenset[str] = frozenset()  # persons of whom one result is told that they have together
    visible: int = 0  # students who see each other's address there
    chosen: frozenset[str] = frozenset()  # kinds by which it chose a group of people
    class_list: ClassList | None = None  # or prose about members of a subject
    quoted: Mapping[int, str] = field(default_factory=dict)  # findings in quotations, and the address whose words they are
    refers: bool = False  # the sender's own words only refer to an office
    declared: frozenset[str] = frozenset()  # purposes the text gives for itself
    asks: bool = False  # for personal details, without a reason
    notes: bool = False  # it speaks of private notes
    rows: frozenset[str] = frozenset()  # persons whom a table or list gives an attribute
    misgreeted: frozenset[str] = frozenset()  # addresses of students who are greeted by somebody else's name
    series: Series | None = None  # it may be one of
    instead: Mapping[int, frozenset[str]] = field(default_factory=dict)  # kinds a finding may be of as well as of its own


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside the message. Without a directory nothing is known of anybody."""

    directory: Directory | None = None
    sender: Reader | None = None  # None = nobody knows who it is
    stale: bool = False
    facts: Facts = Facts()  # noqa: RUF009  frozen
    zone: tzinfo = UTC  # days are counted in
    context: Context = Context()  # noqa: RUF009  frozen


@dataclass(frozen=True, slots=True)
class Permit:
    """The consent or approval something rests on: what people call it, and the store's name for it."""

    label: str
    name: str
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """A row that applies to one reader, and what it was tried with; `person` is whom a statement is about."""

    row: Row
    action: Action
    reason: Reason
    at: Situation
    person: str = ""
    permit: Permit | None = None
