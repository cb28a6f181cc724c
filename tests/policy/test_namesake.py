"""Of two students of one name the one is meant who named the reader in a consent, where nothing but the name is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_word
from dlp.campus.people import Context
from dlp.campus.records import Advising, Assignment, Consent, Enrolment, Student
from dlp.policy.evidence import Evidence, Surroundings
from dlp.policy.facts import Facts, KnownConsent, Source
from dlp.policy.namesake import meant_by_consent, of_that_name
from dlp.values import Channel, Disclosure, Finding, Role, Texts, View
from tests.campus.people import people

ONE, OTHER = Student("912345678", "Hana", "Kim"), Student("912345679", "Hana", "Kim")
IVO = Student("912345685", "Ivo", "Marek")
CAMPUS = people(ONE, OTHER, IVO)
READER, DAY, SENDER = "hr@acme.example", date(2026, 11, 25), "a.lind@campus.example"
NEAR = Context(SENDER, (READER,))
WRITTEN = Texts((), (), (View(Channel.TEXT, "1", "part 1", "Hana Kim failed."),))
KNOWN = Surroundings(CAMPUS, context=NEAR)
GIVEN = {
    "by the other": ([(OTHER, "hr@acme.example")], OTHER),
    "by the other, to the reader's domain": ([(OTHER, "@acme.example")], OTHER),
    "by the other, to somebody else": ([(OTHER, "hr@there.example")], ONE),
    "by both": ([(OTHER, "hr@acme.example"), (ONE, "@acme.example")], ONE),
    "by the first": ([(ONE, "hr@acme.example")], ONE),
    "by nobody of that name": ([(IVO, "hr@acme.example")], ONE),
}


@pytest.mark.parametrize(("given", "meant"), GIVEN.values(), ids=GIVEN)
def test_whom_a_consent_means(finding: Callable[..., Finding], given: list[tuple[Student, str]], meant: Student) -> None:
    evidence = told(finding)
    assert of_that_name(evidence, WRITTEN, KNOWN) == (OTHER.id,)
    assert who(evidence, facts(given)) == meant


def test_two_others_of_that_name_leave_it_open(finding: Callable[..., Finding]) -> None:
    third = Student("912345680", "Hana", "Kim")
    given = facts([(OTHER, READER), (third, READER)])
    assert who(told(finding), given, people(ONE, OTHER, third)) == ONE


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"ended": datetime(2026, 11, 1, tzinfo=UTC)}, ONE),
        ({"uses_left": 0}, ONE),
        ({"uses_left": 1}, OTHER),
    ],
    ids=["ended", "used up", "for once"],
)
def test_where_a_consent_stands(finding: Callable[..., Finding], where: dict[str, object], expected: Student) -> None:
    given = replace(facts([(OTHER, READER)]).consents[0], **where)
    assert who(told(finding), Facts((given,))) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({"given_on": date(2026, 11, 26)}, ONE),
        ({"expires_on": date(2026, 11, 24)}, ONE),
        ({"given_on": DAY, "expires_on": DAY}, OTHER),
    ],
    ids=["of tomorrow", "expired", "of this day"],
)
def test_a_consent_means_somebody_on_its_days(
    finding: Callable[..., Finding], days: dict[str, date], expected: Student
) -> None:
    known = facts([(OTHER, READER)]).consents[0]
    given = replace(known, consent=replace(known.consent, **days))
    assert who(told(finding), Facts((given,))) == expected


def test_every_reader_must_be_named(finding: Callable[..., Finding]) -> None:
    readers = (READER, "x@else.example")
    assert who(told(finding), facts([(OTHER, READER)]), readers=readers) == ONE
    assert who(told(finding), facts([(OTHER, each) for each in readers]), readers=readers) == OTHER


@pytest.mark.parametrize(
    "sign",
    [{"kind": "id"}, {"pattern": "address"}, {"pattern": "last-digits"}],
    ids=["ID", "address", "last digits"],
)
def test_who_is_shown_by_more_than_a_name_is_no_other(finding: Callable[..., Finding], sign: dict[str, str]) -> None:
    evidence = told(finding, **sign)
    assert of_that_name(evidence, WRITTEN, KNOWN) == ()
    assert who(evidence, facts([(OTHER, READER)])) == ONE


@pytest.mark.parametrize("said", ["Hana Kim (xxxxx5678) failed.", "Hana Kim, a junior, failed."])
def test_who_is_shown_by_a_field_or_digits_is_no_other(finding: Callable[..., Finding], said: str) -> None:
    campus = people(replace(ONE, year="3"), replace(OTHER, year="2"))
    evidence = replace(told(finding), people={ONE.id: replace(ONE, year="3")})
    given = facts([(OTHER, READER)])
    assert who(evidence, given, campus, texts=in_text(said)) == replace(ONE, year="3")
    assert who(evidence, given, campus) == replace(OTHER, year="2")


SPOKEN_OF = {  # with the consent of the historian: who is meant
    "Hana Kim failed.": OTHER,
    "Hana Kim (history) failed.": OTHER,
    "Hana Kim failed. She majors in history.": OTHER,
    "Department: Physics\nName: Hana Kim\nfailed": ONE,
    "Our junior of that name, Hana Kim, failed. She is a junior.": ONE,
    "As h.kim wrote, Hana Kim failed.": ONE,
    "5678 (Hana Kim) failed.": ONE,
    "My advisee Hana Kim failed.": ONE,
}


@pytest.mark.parametrize(("said", "meant"), SPOKEN_OF.items())
def test_what_is_so_of_one_alone_says_who_is_meant(finding: Callable[..., Finding], said: str, meant: Student) -> None:
    one = replace(ONE, year="3", department="Physics", email="h.kim@campus.example")
    other = replace(OTHER, year="2", department="History", email="h.kim2@campus.example")
    campus = people(
        one,
        other,
        Advising(SENDER, one.id, "advisor"),
        Assignment("21H.01", SENDER, "instructor"),
        Enrolment("21H.01", other.id),
    )
    evidence = replace(told(finding), people={ONE.id: one})
    assert who(evidence, facts([(OTHER, READER)]), campus, texts=in_text(said)) == (one if meant is ONE else other)


@pytest.mark.parametrize(("subject", "meant"), [("8.01", ONE), ("21H.01", OTHER)])
def test_a_mark_in_a_subject_is_of_who_takes_it(finding: Callable[..., Finding], subject: str, meant: Student) -> None:
    campus = people(ONE, OTHER, Enrolment("8.01", ONE.id), Enrolment("21H.01", OTHER.id))
    evidence = replace(told(finding), subjects=frozenset({folded_word(subject)}))
    assert who(evidence, facts([(OTHER, READER)]), campus) == meant


def test_a_consent_of_the_first_is_none_for_the_other(finding: Callable[..., Finding]) -> None:
    other = replace(OTHER, department="History")
    given = facts([(ONE, READER)])
    assert who(told(finding), given, people(ONE, other), texts=in_text("Hana Kim (history) failed.")) == other


def test_an_advisee_is_no_other(finding: Callable[..., Finding]) -> None:
    campus = people(ONE, OTHER, Advising(SENDER, ONE.id, "advisor"))
    assert who(told(finding), facts([(OTHER, READER)]), campus) == ONE


def test_who_withheld_the_directory_stays_so_where_nothing_else_is_told(finding: Callable[..., Finding]) -> None:
    evidence = told(finding)
    only = replace(evidence, disclosures=(replace(evidence.disclosures[0], kinds=frozenset({"directory"})),))
    assert who(only, facts([(OTHER, READER)])) == ONE


def test_without_a_directory_nobody_has_that_name(finding: Callable[..., Finding]) -> None:
    assert of_that_name(told(finding), WRITTEN, Surroundings()) == ()


def who(
    evidence: Evidence,
    known: Facts,
    campus: Directory = CAMPUS,
    readers: tuple[str, ...] = (READER,),
    texts: Texts = WRITTEN,
) -> object:
    """Who is meant by the one name."""
    around = Surroundings(campus, facts=known, context=NEAR)
    return meant_by_consent(evidence, texts, around, readers, datetime(2026, 11, 25, 12, tzinfo=UTC)).people[ONE.id]


def in_text(said: str) -> Texts:
    return Texts((), (), (View(Channel.TEXT, "1", "part 1", said),))


def told(finding: Callable[..., Finding], **sign: str) -> Evidence:
    shown = replace(finding(Role.IDENTIFIES, kind="directory"), digest=ONE.id, **{"pattern": "full-name"} | sign)
    return Evidence((shown,), (Disclosure(ONE.id, frozenset({"grades"}), (0,)),), (), people={ONE.id: ONE})


def facts(given: list[tuple[Student, str]]) -> Facts:
    consents = (Consent("C1", each.id, frozenset({"grades"}), reader, date(2026, 9, 1)) for each, reader in given)
    return Facts(tuple(KnownConsent("p1", each, Source.IMPORT) for each in consents))
