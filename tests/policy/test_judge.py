"""Evidence to rulings, by the shipped table: whose row fits, which answer wins, and what can never change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.policy.evidence import Evidence
from dlp.policy.judge import judge
from dlp.policy.relate import relate
from dlp.policy.situation import IMAGE, SMALL_IMAGE, unread_code
from dlp.policy.worth import WEIGHED
from dlp.ruleset import PolicySettings, Rules
from dlp.values import Action, Envelope, Finding, Origin, Part, PartStatus, Release, Role, Ruling, Span

INSIDE, OUTSIDE, PARTNER = "t.ames@campus.example", "p.lane@freemail.example", "desk@hospital.example"
MODEST = settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])

addresses = st.sampled_from((INSIDE, OUTSIDE, PARTNER, "desk@physics.campus.example", "x%y@campus.example", "", "no-at-sign"))
patterns = st.sampled_from(("student-id", "probe-warn", "probe-rewrite", "probe-hold"))
findings = st.builds(
    Finding,
    kind=st.sampled_from(("id", "grades")),
    detector=st.just("pattern"),
    pattern=patterns,
    role=st.sampled_from(Role),
    where=st.sampled_from(("part 1, line 1", "part 1, line 2", "subject line")),
    view=st.just(0),
    start=st.just(0),
    end=st.just(9),
    confidence=st.sampled_from((0.5, 0.7, 0.9)),
    masked=st.just("•"),
    digest=st.sampled_from("abcd"),
    enforced=st.booleans(),
).map(lambda item: replace(item, pattern="probe-warn") if item.role is Role.PROBE and item.pattern == "student-id" else item)
parts = st.builds(
    Part,
    section=st.sampled_from(("1", "2")),
    media_type=st.just("application/octet-stream"),
    header=st.just(Span(0, 0)),
    body=st.just(Span(0, 0)),
    filename=st.just(""),
    status=st.sampled_from([status for status in PartStatus if status is not PartStatus.READ]),
    why=st.sampled_from(("", "depth", SMALL_IMAGE, IMAGE)),
)
mails = st.tuples(st.lists(findings, max_size=5).map(tuple), st.lists(parts, max_size=3).map(tuple))


def evidence(found: tuple[Finding, ...], unread: tuple[Part, ...] = ()) -> Evidence:
    return Evidence(found, relate(found, 0.7), unread)


def strictness(ruling: Ruling) -> tuple[int, int]:
    return ruling.action, ruling.release or 0


def rows(ruling: Ruling) -> list[str]:
    return [reason.row for reason in ruling.reasons]


@pytest.fixture
def one(rules: Rules, envelope: Callable[..., Envelope]) -> Callable[..., Ruling]:
    """The ruling for one recipient."""

    def judged(address: str, found: tuple[Finding, ...] = (), unread: tuple[Part, ...] = (), **policy: object) -> Ruling:
        changed = replace(rules, policy=replace(rules.policy, **policy))
        (ruling,) = judge(envelope(address), evidence(found, unread), changed)
        return ruling

    return judged


PEOPLE = [
    ("nobody-inside", 0, INSIDE, ["O18"], Action.PASS, None),
    ("one-inside", 1, INSIDE, ["I3"], Action.WARN, None),
    ("two-inside", 2, INSIDE, ["I3"], Action.WARN, None),
    ("three-inside", 3, INSIDE, ["I6"], Action.HOLD, Release.SENDER),
    ("nobody-outside", 0, OUTSIDE, ["O18"], Action.PASS, None),
    ("one-outside", 1, OUTSIDE, ["O1"], Action.HOLD, Release.OFFICER),
    ("two-outside", 2, OUTSIDE, ["O1"], Action.HOLD, Release.OFFICER),
    ("three-outside", 3, OUTSIDE, ["O1", "O6"], Action.HOLD, Release.SENIOR),
]


@pytest.mark.parametrize(
    ("people", "address", "fitting", "action", "release"), [pytest.param(*case[1:], id=case[0]) for case in PEOPLE]
)
def test_people_by_number_and_place(
    one: Callable[..., Ruling],
    finding: Callable[..., Finding],
    people: int,
    address: str,
    fitting: list[str],
    action: Action,
    release: Release | None,
) -> None:
    ruling = one(address, tuple(finding(digest=str(number)) for number in range(people)))
    assert (rows(ruling), ruling.action, ruling.release) == (fitting, action, release)


UNREAD = [
    ("encrypted-inside", INSIDE, PartStatus.ENCRYPTED, "", ["T6-inside"], Action.WARN),
    ("encrypted-outside", OUTSIDE, PartStatus.ENCRYPTED, "", ["T6-encrypted"], Action.HOLD),
    ("encrypted-partner", PARTNER, PartStatus.ENCRYPTED, "", ["O18", "T6-partner"], Action.PASS),
    ("encrypted-partner-sub-domain", "a@sub.hospital.example", PartStatus.ENCRYPTED, "", ["O18", "T6-partner"], Action.PASS),
    ("broken-inside", INSIDE, PartStatus.BROKEN, "", ["T6-inside"], Action.WARN),
    ("broken-outside", OUTSIDE, PartStatus.BROKEN, "", ["T6-outside"], Action.HOLD),
    ("broken-partner", PARTNER, PartStatus.BROKEN, "", ["T6-outside"], Action.HOLD),
    ("truncated-outside", OUTSIDE, PartStatus.TRUNCATED, "depth", ["T6-outside"], Action.HOLD),
    ("ambiguous-outside", OUTSIDE, PartStatus.AMBIGUOUS, "", ["T6-outside"], Action.HOLD),
    ("small-picture", OUTSIDE, PartStatus.UNSUPPORTED, SMALL_IMAGE, ["O18", "T7-image"], Action.PASS),
    ("picture", OUTSIDE, PartStatus.UNSUPPORTED, IMAGE, ["T7-picture"], Action.WARN),
    ("picture-to-a-partner", PARTNER, PartStatus.UNSUPPORTED, IMAGE, ["T7-picture"], Action.WARN),
    ("unsupported", OUTSIDE, PartStatus.UNSUPPORTED, "unsupported", ["T7"], Action.HOLD),
    ("document-of-pictures", OUTSIDE, PartStatus.UNSUPPORTED, "image-only", ["T7"], Action.HOLD),
]


@pytest.mark.parametrize(
    ("address", "status", "why", "fitting", "action"), [pytest.param(*case[1:], id=case[0]) for case in UNREAD]
)
def test_what_was_not_read(
    one: Callable[..., Ruling],
    part: Callable[..., Part],
    address: str,
    status: PartStatus,
    why: str,
    fitting: list[str],
    action: Action,
) -> None:
    unread = part(status, why)
    ruling = one(address, (), (unread,), encrypted_partners=("hospital.example",))
    assert (rows(ruling), ruling.action) == (fitting, action)
    assert unread_code(unread) in {reason.code for reason in ruling.reasons}


@pytest.mark.parametrize("action", [Action.PASS, Action.WARN, Action.HOLD])
@pytest.mark.parametrize(("setting", "why"), [("unsupported", "unsupported"), ("unsupported", "image-only"), ("images", IMAGE)])
def test_the_settings_give_the_action_for_files_and_pictures_nobody_reads(
    one: Callable[..., Ruling], part: Callable[..., Part], setting: str, why: str, action: Action
) -> None:
    ruling = one(OUTSIDE, (), (part(PartStatus.UNSUPPORTED, why),), **{setting: action})
    assert ruling.action is action
    assert ruling.release is (Release.SENDER if action is Action.HOLD else None)


def test_each_reason_a_part_was_not_read_is_listed_once(one: Callable[..., Ruling], part: Callable[..., Part]) -> None:
    unread = (part(PartStatus.BROKEN), part(PartStatus.AMBIGUOUS), part(PartStatus.BROKEN))
    codes = [reason.code for reason in one(OUTSIDE, (), unread).reasons]
    assert codes == ["unscannable:broken", "unscannable:ambiguous"]


def test_the_hardest_answer_wins_and_the_milder_ones_become_advice(
    one: Callable[..., Ruling], finding: Callable[..., Finding], part: Callable[..., Part]
) -> None:
    found = (finding(), finding(Role.HEADER_WORD))
    ruling = one(INSIDE, found, (part(PartStatus.ENCRYPTED),))
    assert (ruling.action, rows(ruling)) == (Action.REWRITE, ["T1"])
    assert [reason.row for reason in ruling.advice] == ["I3", "T6-inside"]


def test_the_strongest_right_of_all_holds_is_needed(
    one: Callable[..., Ruling], finding: Callable[..., Finding], part: Callable[..., Part]
) -> None:
    ruling = one(OUTSIDE, (finding(),), (part(PartStatus.ENCRYPTED),))
    assert (rows(ruling), ruling.release) == (["O1", "T6-encrypted"], Release.OFFICER)


def test_a_row_that_may_not_be_named_gives_a_reason_that_says_so(
    rules: Rules, envelope: Callable[..., Envelope], finding: Callable[..., Finding]
) -> None:
    silent = replace(rules, table=tuple(replace(row, neutral=row.id == "O1") for row in rules.table))
    found = evidence(tuple(finding(digest=str(number)) for number in range(3)))
    (ruling,) = judge(envelope(OUTSIDE), found, silent)
    assert {reason.row: reason.neutral for reason in ruling.reasons} == {"O1": True, "O6": False}


def _shown(ruling: Ruling) -> list[tuple[object, ...]]:
    return [(reason.row, reason.code, reason.findings) for reason in ruling.reasons]


def test_a_sentence_must_be_surer_for_readers_inside_than_for_those_outside(
    rules: Rules, envelope: Callable[..., Envelope], finding: Callable[..., Finding]
) -> None:
    def ruled(confidence: float) -> list[list[tuple[object, ...]]]:
        said = replace(finding(Role.STATES, kind="grades", pattern="", confidence=confidence), detector=WEIGHED)
        return [_shown(each) for each in judge(envelope(INSIDE, OUTSIDE), evidence((finding(), said)), rules)]

    inside, outside = ruled(0.71)
    assert [inside, outside] == [ruled(0.5)[0], ruled(0.99)[1]]
    assert inside != ruled(0.99)[0]
    assert outside != ruled(0.5)[1]


def test_a_pass_is_never_advice(one: Callable[..., Ruling], part: Callable[..., Part]) -> None:
    ruling = one(PARTNER, (), (part(PartStatus.ENCRYPTED), part(PartStatus.BROKEN)), encrypted_partners=("hospital.example",))
    assert (rows(ruling), ruling.advice) == (["T6-outside"], ())


def test_the_first_statement_that_fits_decides(
    rules: Rules, envelope: Callable[..., Envelope], finding: Callable[..., Finding]
) -> None:
    """The order of statement rows is the site's choice: with the weak row first, the people row is not reached."""
    weak = next(row for row in rules.table if row.id == "L1")
    moved = replace(rules, table=(weak, *(row for row in rules.table if row is not weak)))
    found = evidence((finding(), finding(Role.LISTING)))
    assert rows(judge(envelope(OUTSIDE), found, rules)[0]) == ["O1"]
    assert rows(judge(envelope(OUTSIDE), found, moved)[0]) == ["L1"]


@pytest.mark.parametrize(
    ("role", "shown"),
    [(Role.HEADER_WORD, (0, 1)), (Role.STATES, (0, 1)), (Role.LISTING, (0,))],
    ids=["header-word", "statement", "listing"],
)
def test_a_reason_shows_the_findings_its_row_asks_about(
    one: Callable[..., Ruling], finding: Callable[..., Finding], role: Role, shown: tuple[int, ...]
) -> None:
    assert one(INSIDE, (finding(), finding(role))).reasons[0].findings == shown


@pytest.mark.parametrize(
    ("origin", "inspect", "address", "fitting"),
    [
        (Origin.INBOUND, False, INSIDE, ["inbound"]),
        (Origin.INBOUND, True, INSIDE, ["I3"]),
        (Origin.INBOUND, False, OUTSIDE, ["O1"]),
        (Origin.RELAY, False, INSIDE, ["I3"]),
        (Origin.SUBMISSION, False, INSIDE, ["I3"]),
        (Origin.LOCAL, False, OUTSIDE, ["O1"]),
    ],
)
def test_inbound_mail_to_campus_passes_unread(
    rules: Rules,
    envelope: Callable[..., Envelope],
    finding: Callable[..., Finding],
    origin: Origin,
    *,
    inspect: bool,
    address: str,
    fitting: list[str],
) -> None:
    changed = replace(rules, policy=PolicySettings(inspect_inbound=inspect))
    (ruling,) = judge(envelope(address, origin=origin), evidence((finding(),)), changed)
    assert rows(ruling) == fitting


def test_a_pass_names_its_basis(one: Callable[..., Ruling]) -> None:
    assert all(reason.basis for reason in one(OUTSIDE).reasons)


@MODEST
@given(mail=mails, some=st.lists(addresses, min_size=1, max_size=4), more=st.lists(addresses, max_size=3))
def test_adding_recipients_never_changes_anothers_ruling(
    rules: Rules,
    envelope: Callable[..., Envelope],
    mail: tuple[tuple[Finding, ...], tuple[Part, ...]],
    some: list[str],
    more: list[str],
) -> None:
    alone = [judge(envelope(address), evidence(*mail), rules)[0] for address in some]
    together = judge(envelope(*more, *some), evidence(*mail), rules)
    assert [ruling.recipient for ruling in together] == more + some
    assert list(together[len(more) :]) == alone


@MODEST
@given(mail=mails, extra=findings, address=addresses)
def test_adding_a_finding_never_softens_a_ruling(
    rules: Rules,
    envelope: Callable[..., Envelope],
    mail: tuple[tuple[Finding, ...], tuple[Part, ...]],
    extra: Finding,
    address: str,
) -> None:
    found, unread = mail
    (before,) = judge(envelope(address), evidence(found, unread), rules)
    (after,) = judge(envelope(address), evidence((*found, extra), unread), rules)
    assert strictness(after) >= strictness(before)


@MODEST
@given(mail=mails, extra=parts, address=addresses)
def test_leaving_a_part_unread_never_softens_a_ruling(
    rules: Rules,
    envelope: Callable[..., Envelope],
    mail: tuple[tuple[Finding, ...], tuple[Part, ...]],
    extra: Part,
    address: str,
) -> None:
    found, unread = mail
    (before,) = judge(envelope(address), evidence(found, unread), rules)
    (after,) = judge(envelope(address), evidence(found, (*unread, extra)), rules)
    assert strictness(after) >= strictness(before)


@MODEST
@given(mail=mails, address=addresses, data=st.data())
def test_the_order_of_message_rows_is_irrelevant(
    rules: Rules,
    envelope: Callable[..., Envelope],
    mail: tuple[tuple[Finding, ...], tuple[Part, ...]],
    address: str,
    data: st.DataObject,
) -> None:
    statements = tuple(row for row in rules.table if row.stage == "statement")
    shuffled = data.draw(st.permutations([row for row in rules.table if row.stage == "message"]))
    (given_order,) = judge(envelope(address), evidence(*mail), rules)
    (other_order,) = judge(envelope(address), evidence(*mail), replace(rules, table=(*statements, *shuffled)))
    assert strictness(other_order) == strictness(given_order)
    assert set(other_order.reasons) == set(given_order.reasons)
    assert set(other_order.advice) == set(given_order.advice)


@MODEST
@given(mail=mails, some=st.lists(addresses, min_size=1, max_size=4))
def test_judging_twice_gives_the_same(
    rules: Rules, envelope: Callable[..., Envelope], mail: tuple[tuple[Finding, ...], tuple[Part, ...]], some: list[str]
) -> None:
    assert judge(envelope(*some), evidence(*mail), rules) == judge(envelope(*some), evidence(*mail), rules)


@MODEST
@given(mail=mails, address=addresses)
def test_only_a_hold_has_a_release_right_and_every_ruling_a_reason(
    rules: Rules, envelope: Callable[..., Envelope], mail: tuple[tuple[Finding, ...], tuple[Part, ...]], address: str
) -> None:
    (ruling,) = judge(envelope(address), evidence(*mail), rules)
    assert (ruling.release is not None) == (ruling.action is Action.HOLD)
    assert ruling.reasons
