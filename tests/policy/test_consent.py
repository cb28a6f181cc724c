"""Consent matching: every part is needed, the part that is lacking is named, and less consent never allows more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlp.campus.records import Consent
from dlp.policy.consent import Ask, Missing, Part, consult, covers_kind, match, told
from dlp.policy.evidence import Evidence, Surroundings
from dlp.policy.facts import Facts, KnownConsent, Source
from dlp.policy.permitted import Asking
from dlp.policy.readers import Reader
from dlp.policy.situation import Situation
from dlp.values import Disclosure, Finding, Role

ANN, BEN = "912345670", "912345688"
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
CONSENT = Consent(
    consent_id="C1",
    person=ANN,
    kinds=frozenset({"grades"}),
    recipient="hr@firm.example",
    given_on=date(2026, 9, 1),
    strength="written",
    purpose="a job at the firm",
    expires_on=date(2026, 12, 31),
    case="",
)
KNOWN = KnownConsent("p1", CONSENT, Source.IMPORT)
ASK = Ask(
    person=ANN,
    kinds=frozenset({"grades"}),
    reader="HR@firm.example",
    at=NOW,
    types=frozenset({"employer"}),
    purposes=frozenset({"employment"}),
)


def known(*, uses_left: int | None = None, ended: datetime | None = None, **parts: Any) -> KnownConsent:
    return KnownConsent("p1", replace(CONSENT, **parts), Source.IMPORT, uses_left, ended)


def missing(consent: KnownConsent, ask: Ask) -> list[Part]:
    return [each.part for each in match(consent, ask).missing]


def test_a_consent_with_every_part_covers() -> None:
    assert match(KNOWN, ASK).covers


TWINS: dict[str, tuple[KnownConsent, Ask, Missing]] = {
    "another person": (KNOWN, replace(ASK, person=BEN), Missing(Part.PERSON)),
    "another kind": (KNOWN, replace(ASK, kinds=frozenset({"conduct"})), Missing(Part.KIND, ("grades",), ("conduct",))),
    "one kind more": (KNOWN, replace(ASK, kinds=frozenset({"grades", "health"})), Missing(Part.KIND, ("grades",), ("health",))),
    "another purpose in the text": (
        replace(KNOWN),
        replace(ASK, purposes=frozenset({"admission"})),
        Missing(Part.PURPOSE, ("employment",), ("admission",)),
    ),
    "another purpose by the contact": (
        KNOWN,
        replace(ASK, purposes=frozenset(), types=frozenset({"school"})),
        Missing(Part.PURPOSE, ("employment",), ("admission", "award", "scholarship")),
    ),
    "a purpose nobody knows": (known(purpose="my visa"), ASK, Missing(Part.PURPOSE, ("other",), ("employment",))),
    "another reader": (KNOWN, replace(ASK, reader="hr@other.example"), Missing(Part.RECIPIENT)),
    "a neighbour": (KNOWN, replace(ASK, reader="boss@firm.example"), Missing(Part.RECIPIENT)),
    "a domain that only ends so": (
        known(recipient="@firm.example"),
        replace(ASK, reader="hr@myfirm.example"),
        Missing(Part.RECIPIENT),
    ),
    "a top-level domain": (known(recipient="@example"), ASK, Missing(Part.RECIPIENT)),
    "a domain that is spelt alike": (
        known(recipient="@straße.example"),
        replace(ASK, reader="hr@strasse.example"),
        Missing(Part.RECIPIENT),
    ),
    "a part of the mailbox": (KNOWN, replace(ASK, reader="hr+ann@firm.example"), Missing(Part.RECIPIENT)),
    "a class that is none": (
        known(recipient="class:other"),
        replace(ASK, types=frozenset({"other"})),
        Missing(Part.RECIPIENT),
    ),
    "another class": (known(recipient="class:school"), ASK, Missing(Part.RECIPIENT)),
    "not in writing": (known(strength="explicit"), ASK, Missing(Part.STRENGTH, ("explicit",), ("written",))),
    "given the day after": (known(given_on=date(2026, 11, 21)), ASK, Missing(Part.NOT_BEFORE, ("2026-11-21",))),
    "expired the day before": (known(expires_on=date(2026, 11, 19)), ASK, Missing(Part.EXPIRED, ("2026-11-19",))),
    "used up": (known(uses_left=0), ASK, Missing(Part.USED_UP)),
    "revoked": (known(ended=NOW - timedelta(days=2)), ASK, Missing(Part.REVOKED, ("2026-11-18",))),
}


@pytest.mark.parametrize("name", TWINS)
def test_one_part_that_differs_is_named(name: str) -> None:
    consent, ask, lacking = TWINS[name]
    assert match(consent, ask).missing == (lacking,)


STILL_COVERED: dict[str, tuple[KnownConsent, Ask]] = {
    "the whole domain": (known(recipient="@firm.example"), ASK),
    "the domain with the dot of the root": (known(recipient="@firm.example"), replace(ASK, reader="HR@Firm.Example.")),
    "the domain as DNS has it": (known(recipient="@Bücher.example"), replace(ASK, reader="hr@xn--bcher-kva.example")),
    "a domain below": (known(recipient="@firm.example"), replace(ASK, reader="hr@jobs.firm.example")),
    "the class": (known(recipient="class:employer"), ASK),
    "on its first day": (known(given_on=NOW.date()), ASK),
    "on its last day": (known(expires_on=NOW.date()), ASK),
    "without end": (known(expires_on=None), ASK),
    "one use left": (known(uses_left=1), ASK),
    "revoked later": (known(ended=NOW + timedelta(hours=1)), ASK),
    "no purpose shown": (KNOWN, replace(ASK, purposes=frozenset(), types=frozenset())),
    "no purpose named": (known(purpose=""), ASK),
    "one of two purposes": (
        known(purpose="job; graduate school"),
        replace(ASK, purposes=frozenset({"admission"}), types=frozenset()),
    ),
    "an ID written otherwise": (known(person="9123-45670"), ASK),
    "explicit inside": (
        known(strength="explicit", recipient="desk@campus.example"),
        replace(ASK, reader="desk@campus.example", inside=True, types=frozenset()),
    ),
    "a case where none is stated": (known(case="K-1"), ASK),
    "no case where one is stated": (KNOWN, replace(ASK, case="K-1")),
    "the case, spelled otherwise": (known(case="K 1"), replace(ASK, case="k1")),
}


@pytest.mark.parametrize("name", STILL_COVERED)
def test_what_is_no_difference_is_none(name: str) -> None:
    consent, ask = STILL_COVERED[name]
    assert match(consent, ask).missing == ()


@pytest.mark.parametrize(
    ("given_kinds", "wanted", "covered"),
    [
        ("grades", "grades:18.06", True),
        ("grades", "enrolment", True),
        ("grades", "enrolment:18.06", True),
        ("grades:18.06", "grades:18.06", True),
        ("grades:18.06", "grades: 18.06 ", True),
        ("grades:18.06", "enrolment:18.06", True),
        ("grades:18.06", "grades:18.07", False),
        ("grades:18.06", "grades", False),
        ("grades:18.06", "enrolment", False),
        ("enrolment", "grades", False),
        ("grades", "gpa", False),
        ("grades", "recommendation", False),
        ("recommendation", "recommendation", True),
        ("recommendation", "grades", False),
        ("health", "accommodation", False),
        ("conduct", "integrity", False),
        ("all", "grades", False),
        ("anything", "grades", False),
    ],
)
def test_a_kind_covers_itself_and_little_more(given_kinds: str, wanted: str, *, covered: bool) -> None:
    assert covers_kind({given_kinds}, wanted) is covered


INSTEAD = {"integrity": frozenset({"grades", "conduct"})}
UNSETTLED: dict[str, tuple[frozenset[str], frozenset[str], tuple[str, ...]]] = {  # kinds of the consent, told, lacking
    "what it may be is covered": (frozenset({"grades"}), frozenset({"integrity"}), ()),
    "what it may be, for the subject, is covered": (frozenset({"grades:18.06"}), frozenset({"integrity:18.06"}), ()),
    "what it may be is covered for another subject": (
        frozenset({"grades:6.1"}),
        frozenset({"integrity:18.06"}),
        ("integrity:18.06",),
    ),
    "it may not be what is covered": (frozenset({"health"}), frozenset({"integrity"}), ("integrity",)),
    "another kind is settled": (frozenset({"grades"}), frozenset({"integrity", "conduct"}), ("conduct",)),
}


@pytest.mark.parametrize("name", UNSETTLED)
def test_what_a_sentence_may_tell_as_well_is_covered_by_a_consent_for_that(name: str) -> None:
    agreed, told_kinds, lacking = UNSETTLED[name]
    found = match(known(kinds=agreed), replace(ASK, kinds=told_kinds, instead=INSTEAD)).missing
    assert tuple(each for one in found for each in one.needed) == lacking


POLICE = replace(
    ASK, reader="agent@bureau.example", types=frozenset({"law_enforcement"}), purposes=frozenset(), kinds=frozenset({"conduct"})
)
FORM = known(recipient="agent@bureau.example", purpose="investigation", kinds=frozenset({"all"}), case="K-1")


@pytest.mark.parametrize(
    ("consent", "ask", "lacking"),
    [
        (FORM, POLICE, []),
        (FORM, replace(POLICE, case="K-1"), []),
        (FORM, replace(POLICE, purposes=frozenset({"employment"})), []),
        (FORM, replace(POLICE, purposes=frozenset({"admission"})), [Part.PURPOSE]),
        (FORM, replace(POLICE, case="K-2"), [Part.CASE]),
        (replace(FORM, consent=replace(FORM.consent, case="")), POLICE, []),
        (replace(FORM, consent=replace(FORM.consent, case="")), replace(POLICE, case="K-1"), [Part.CASE]),
        (FORM, replace(POLICE, reader="agent@other.example"), [Part.RECIPIENT]),
        (known(recipient="agent@bureau.example", purpose="", kinds=frozenset({"conduct"})), POLICE, [Part.PURPOSE]),
        (known(recipient="agent@bureau.example", kinds=frozenset({"conduct"})), POLICE, [Part.PURPOSE]),
        (known(recipient="agent@bureau.example", kinds=frozenset({"all"})), POLICE, [Part.KIND, Part.PURPOSE]),
        (replace(FORM, consent=replace(FORM.consent, strength="explicit")), POLICE, [Part.KIND, Part.STRENGTH]),
        (replace(FORM, consent=replace(FORM.consent, recipient="class:law_enforcement")), POLICE, [Part.RECIPIENT]),
        (replace(FORM, consent=replace(FORM.consent, recipient="class:law_enforcement")), replace(POLICE, case="K-1"), []),
    ],
)
def test_an_investigation_needs_its_own_form(consent: KnownConsent, ask: Ask, lacking: list[Part]) -> None:
    assert missing(consent, ask) == lacking


def test_to_the_person_itself_everything_may_be_agreed_and_no_purpose_is_compared() -> None:
    mine = known(recipient="ann@home.example", kinds=frozenset({"all"}), purpose="my own file")
    ask = replace(ASK, reader="ann@home.example", kinds=frozenset({"health"}), types=frozenset({"parent"}), own=True)
    assert missing(mine, ask) == []
    assert missing(replace(mine, consent=replace(mine.consent, purpose="")), ask) == []
    assert missing(mine, replace(ask, own=False)) == [Part.KIND, Part.PURPOSE]


@pytest.mark.parametrize(
    ("moment", "covered"),
    [(datetime(2027, 1, 1, 4, 59, tzinfo=UTC), True), (datetime(2027, 1, 1, 5, 1, tzinfo=UTC), False)],
)
def test_a_day_ends_where_the_site_is(moment: datetime, *, covered: bool) -> None:
    ask = replace(ASK, at=moment, zone=ZoneInfo("America/New_York"))
    assert match(known(expires_on=date(2026, 12, 31)), ask).covers is covered


def test_the_risk_of_mail_counts_only_where_the_consent_covers() -> None:
    risky = known(mail_risk=True)
    assert match(risky, ASK).mail_risk
    assert not match(KNOWN, ASK).mail_risk
    assert not match(risky, replace(ASK, person=BEN)).mail_risk


class TestConsult:
    def test_nothing_of_this_person_is_nothing(self) -> None:
        assert consult([KNOWN], replace(ASK, person=BEN)) is None

    def test_of_several_near_misses_the_nearest_is_told(self) -> None:
        far = known(consent_id="C0", recipient="x@other.example")
        near = known(consent_id="C2", kinds=frozenset({"conduct"}), given_on=date(2027, 1, 1))
        found = consult([far, near], ASK)
        assert found is not None
        assert [each.part for each in found.missing] == [Part.NOT_BEFORE, Part.KIND]

    def test_what_accepts_the_risk_comes_first_then_what_is_not_used_up(self) -> None:
        once, standing = known(consent_id="C0", uses_left=1), known(consent_id="C9")
        risky = known(consent_id="C8", uses_left=1, mail_risk=True)
        assert consult([once, standing], ASK) == match(standing, ASK)
        assert consult([once, standing, risky], ASK) == match(risky, ASK)


def test_what_is_missing_reads_as_a_sentence() -> None:
    consent = known(kinds=frozenset({"grades", "gpa"}), expires_on=date(2026, 5, 31))
    assert told(match(consent, replace(ASK, kinds=frozenset({"home_address"}))).missing) == (
        "expired on 2026-05-31; covers gpa, grades, not home address"
    )
    for part in Part:
        assert told([Missing(part, ("a",), ("b",))])


KINDS = ["grades", "grades:18.06", "gpa", "conduct", "recommendation", "enrolment", "all"]
RECIPIENTS = ["hr@firm.example", "@firm.example", "@example", "class:employer", "class:law_enforcement", "x@other.example"]
DAYS = st.dates(date(2026, 11, 17), date(2026, 11, 23))
CONSENTS = st.builds(
    lambda uses_left, ended, **parts: known(uses_left=uses_left, ended=NOW if ended else None, **parts),
    uses_left=st.sampled_from([None, 0, 1]),
    ended=st.booleans(),
    person=st.sampled_from([ANN, BEN]),
    kinds=st.frozensets(st.sampled_from(KINDS), min_size=1),
    recipient=st.sampled_from(RECIPIENTS),
    given_on=DAYS,
    expires_on=st.none() | DAYS,
    purpose=st.sampled_from(["", "job", "admission", "investigation", "job and admission", "who knows"]),
    strength=st.sampled_from(["written", "explicit"]),
    mail_risk=st.booleans(),
    case=st.sampled_from(["", "K-1", "K-2"]),
)
ASKS = st.builds(
    Ask,
    person=st.just(ANN),
    kinds=st.frozensets(st.sampled_from(KINDS[:-1]), min_size=1),
    reader=st.sampled_from(["hr@firm.example", "x@jobs.firm.example"]),
    at=st.just(NOW),
    types=st.frozensets(st.sampled_from(["employer", "school", "law_enforcement"])),
    inside=st.booleans(),
    own=st.booleans(),
    purposes=st.frozensets(st.sampled_from(["employment", "admission", "investigation"])),
    case=st.sampled_from(["", "K-1"]),
)


def covered(consents: list[KnownConsent], ask: Ask) -> bool:
    found = consult(consents, ask)
    return found is not None and found.covers


@given(consents=st.lists(CONSENTS, min_size=1, max_size=4), ask=ASKS, data=st.data())
def test_removing_a_consent_never_loosens(consents: list[KnownConsent], ask: Ask, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(consents))
    assert covered(consents, ask) or not covered([each for each in consents if each is not gone], ask)


@given(consent=CONSENTS, ask=ASKS, data=st.data())
def test_narrowing_a_consent_never_loosens(consent: KnownConsent, ask: Ask, data: st.DataObject) -> None:
    said = consent.consent
    narrower = [
        replace(consent, consent=replace(said, kinds=frozenset(data.draw(st.sets(st.sampled_from(sorted(said.kinds))))))),
        replace(
            consent,
            consent=replace(said, kinds=frozenset({f"{kind}:18.06" if ":" not in kind else kind for kind in said.kinds})),
        ),
        replace(consent, consent=replace(said, given_on=said.given_on + timedelta(days=1))),
        replace(consent, consent=replace(said, expires_on=NOW.date() - timedelta(days=1))),
        replace(consent, consent=replace(said, strength="explicit")),
        replace(consent, consent=replace(said, mail_risk=False)),
        replace(consent, uses_left=0),
        replace(consent, ended=NOW),
    ]
    for less in narrower:
        assert match(consent, ask).covers or not match(less, ask).covers
        assert match(consent, ask).mail_risk or not match(less, ask).mail_risk


@given(consents=st.lists(CONSENTS, max_size=4), ask=ASKS)
def test_asking_for_more_never_loosens_and_order_is_irrelevant(consents: list[KnownConsent], ask: Ask) -> None:
    more = [
        replace(ask, kinds=ask.kinds | {"health"}),
        replace(ask, inside=False),
        replace(ask, own=False),
        replace(ask, case=ask.case or "K-1") if "law_enforcement" not in ask.types else ask,
    ]
    for greater in more:
        assert covered(consents, ask) or not covered(consents, greater)
    assert covered(consents, ask) == covered(consents[::-1], ask)


SAID = {
    "all that tells it may tell what is covered": ([{"grades"}, {"grades", "conduct"}], "covers"),
    "something that tells it may not": ([{"conduct"}, {"grades"}], "lacking"),
    "something that tells it is settled": ([set(), {"grades"}], "lacking"),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_told_more_than_once_must_be_open_each_time(name: str) -> None:
    open_to, expected = SAID[name]
    found = tuple(
        Finding("integrity", "statement", "", Role.STATES, "line 1", 0, at, at + 1, 0.9, "", "") for at, _ in enumerate(open_to)
    )
    item = Disclosure("somebody", frozenset({"integrity"}), (0, 1))
    evidence = Evidence(found, (item,), (), instead={at: frozenset(kinds) for at, kinds in enumerate(open_to)})
    around = Surroundings(facts=Facts((KNOWN,)))
    asking = Asking(NOW, Reader("hr@firm.example", inside=False), evidence, around)
    at = Situation("outside", kind="integrity", record=True, contact=frozenset({"employer"}))
    assert asking.permitted(ANN, at, item).consent == expected
