"""From a message that was read to its dispositions: what becomes a rewrite, what a hold, and what an edit must prove."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.pipeline import alike, edits_of, hold_rewrites, judge_message, proven
from dlp.rewrite.apply import apply
from dlp.rules import load_rules
from dlp.ruleset import Campus, PolicySettings, Rules
from dlp.values import Action, Client, Envelope, Judgement, Origin, Recipient, Release, Ruling

INSIDE, OUTSIDE = "t.ames@campus.example", "p.lane@freemail.example"
ABOUT_ONE = "The student ID is 912345678."
ABOUT_NOBODY = "The form opens on Monday."


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules(campus=Campus(("campus.example",)), policy=PolicySettings(), digest=str)


def message(subject: str, text: str = ABOUT_ONE, *fields: str) -> bytes:
    return "\r\n".join(["From: a.lind@campus.example", f"Subject: {subject}", *fields, "", text, ""]).encode()


def with_file(subject: str, filename: str) -> bytes:
    lines = [
        f"Subject: {subject}",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="b"',
        "",
        "--b",
        "",
        ABOUT_ONE,
        "--b",
        "Content-Type: text/plain",
        f'Content-Disposition: attachment; filename="{filename}"',
        "",
        "empty",
        "--b--",
        "",
    ]
    return "\r\n".join(lines).encode()


def signed_file(subject: str, filename: str) -> bytes:
    return with_file(subject, filename).replace(b"multipart/mixed", b"multipart/signed")


def signature(domain: str, names: str = "from:subject") -> str:
    return f"DKIM-Signature: v=1; d={domain}; s=mail; h={names}; bh=YQ==; b=YQ=="


def envelope(*addresses: str) -> Envelope:
    recipients = tuple(Recipient(address) for address in addresses)
    at = datetime(2026, 10, 5, tzinfo=UTC)
    return Envelope("", "", "a.lind@campus.example", (), recipients, Client(), at, Origin.SUBMISSION)


def judged(raw: bytes, rules: Rules, *addresses: str) -> Judgement:
    return judge_message(envelope(*(addresses or (INSIDE,))), read(raw, Limits()), rules, raw)


def answers(judgement: Judgement) -> list[tuple[str, str | None]]:
    return [(each.action.word, each.release.word if each.release else None) for each in judgement.rulings]


REWRITES = [
    ("word-in-subject", message("Grades"), ("rewrite", None)),
    ("word-in-file-name", with_file("Section", "grades.txt"), ("rewrite", None)),
    ("words-in-both", with_file("Grades", "grades.txt"), ("rewrite", None)),
    ("file-name-under-a-signature", signed_file("Section", "grades.txt"), ("hold", "sender")),
    (
        "own-signature-over-the-body",
        f"{signature('campus.example', 'from:to')}\r\n".encode() + with_file("Section", "grades.txt"),
        ("hold", "sender"),
    ),
    ("word-in-subject-harmless-file", with_file("Grades", "notes.txt"), ("rewrite", None)),
    ("own-signature", message("Grades", ABOUT_ONE, signature("campus.example")), ("hold", "sender")),
    ("own-sub-domain-signature", message("Grades", ABOUT_ONE, signature("mail.campus.example")), ("hold", "sender")),
    ("own-signature-elsewhere", message("Grades", ABOUT_ONE, signature("campus.example", "from:to")), ("rewrite", None)),
    ("foreign-signature", message("Grades", ABOUT_ONE, signature("lists.example")), ("rewrite", None)),
    (
        "both-signatures",
        message("Grades", ABOUT_ONE, signature("lists.example"), signature("campus.example")),
        ("hold", "sender"),
    ),
    ("about-nobody", message("Grades", ABOUT_NOBODY), ("pass", None)),
]


@pytest.mark.parametrize(("raw", "expected"), [pytest.param(*case[1:], id=case[0]) for case in REWRITES])
def test_a_rewrite_that_cannot_be_made_whole_is_held(rules: Rules, raw: bytes, expected: tuple[str, str | None]) -> None:
    judgement = judged(raw, rules)
    assert answers(judgement) == [expected]
    assert [bool(each.edits) for each in judgement.dispositions] == [expected[0] == "rewrite"]


def test_a_hold_instead_of_a_rewrite_keeps_its_reason(rules: Rules) -> None:
    (ruling,) = judged(signed_file("Section", "grades.txt"), rules).rulings
    assert [reason.row for reason in ruling.reasons] == ["T1"]


def test_only_those_rewritten_get_the_edits(rules: Rules) -> None:
    judgement = judged(message("Grades"), rules, OUTSIDE, INSIDE, "x@campus.example")
    assert [(each.recipients, each.held, len(each.edits)) for each in judgement.dispositions] == [
        ((1, 2), False, 1),
        ((0,), True, 0),
    ]


def test_what_leaves_unchanged_comes_first_and_what_is_held_last(rules: Rules) -> None:
    """Inbound mail passes unread to one, and is judged for the other."""
    inbound = replace(envelope(OUTSIDE, INSIDE), origin=Origin.INBOUND)
    judgement = judge_message(inbound, read(message("Grades"), Limits()), rules, message("Grades"))
    assert [(each.recipients, each.held) for each in judgement.dispositions] == [((1,), False), ((0,), True)]


def test_an_edited_copy_proves_clean(rules: Rules) -> None:
    raw = message("Re: grades of student 912345678")
    before = judged(raw, rules)
    edits = before.dispositions[0].edits
    again = judged(apply(raw, read(raw, Limits()).fields, edits), rules)
    assert edits[0].shown == "Re: course matter of student [number removed]"
    assert proven(before, again)
    assert answers(again) == [("warn", None)]


def test_a_copy_that_still_tells_does_not_prove(rules: Rules) -> None:
    before = judged(message("Grades"), rules)
    assert not proven(before, judged(message("Grades, changed"), rules))


FORMS = [
    ("Subject", "{}", "Re: {} of 8.01"),
    ("From", "{} Office <a.lind@campus.example>", '"{}, Office" <a.lind@campus.example>'),
    ("Cc", "List: {} <x@campus.example>, =?iso-8859-1?Q?B=FCro_{}?= <grades@campus.example>;", "x@campus.example ({})"),
    ("Content-Disposition", 'attachment; filename="{}_8.01.txt"', "attachment; filename*=iso-8859-1''B%FCro-{}.txt"),
    ("Content-Disposition", "attachment; filename*0*=utf-8''{}; filename*1=.txt", 'attachment; filename="=?utf-8?Q?{}?="'),
    ("Content-Type", 'text/plain; name="{}.txt"', "text/plain; name=My{}.txt"),
    ("Content-Description", "{}", "=?utf-8?Q?the_{}?="),
]
WORDS = ["Grades", "grades", "GPA", "Probation", "912345678", "Hearing", "notes", "final-grades", "Grades=2C=20GPA"]
FIELDS = st.lists(st.tuples(st.sampled_from(FORMS), st.sampled_from(WORDS), st.booleans()), max_size=4)


def headers_of(chosen: list[tuple[tuple[str, str, str], str, bool]], names: set[str]) -> list[str]:
    told = [(name, (two if second else one).replace("{}", word)) for (name, one, two), word, second in chosen]
    return [f"{name}: {value}" for name, value in told if name in names]


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(top=FIELDS, part=FIELDS, nested=FIELDS)
def test_what_was_rewritten_needs_no_edit_and_everything_else_is_as_it_was(rules: Rules, top, part, nested) -> None:
    """Whatever the headers hold: no hold for want of an edit, two readings agree, and the edits leave nothing to edit."""
    seen, of_parts = {"Subject", "From", "Cc"}, {"Content-Disposition", "Content-Type", "Content-Description"}
    lines = [
        *headers_of(top, seen), 'Content-Type: multipart/mixed; boundary="b"', "", "--b", "", ABOUT_ONE,
        "--b", *headers_of(part, of_parts), "", "file", "--b", "Content-Type: message/rfc822", "", *headers_of(nested, seen),
        "", "inner", "--b--", "",
    ]  # fmt: skip
    raw = "\r\n".join(lines).encode()
    before = judged(raw, rules)
    edits = edits_of(before)
    assert before.rulings[0].action in (Action.WARN, Action.REWRITE)
    assert bool(edits) is (before.rulings[0].action is Action.REWRITE)
    texts = read(raw, Limits())
    edited = apply(raw, (*texts.fields, *texts.part_fields), edits)
    again = judged(edited, rules)
    assert alike(raw, edited, edits)
    assert proven(before, again)
    assert edits_of(again) == ()


PROOFS = [
    ("rewritten-now-warned", Action.REWRITE, Action.WARN, True),
    ("rewritten-now-passed", Action.REWRITE, Action.PASS, True),
    ("rewritten-still-rewritten", Action.REWRITE, Action.REWRITE, False),
    ("rewritten-now-held", Action.REWRITE, Action.HOLD, False),
    ("held-is-not-asked", Action.HOLD, Action.HOLD, True),
    ("warned-is-not-asked", Action.WARN, Action.HOLD, True),
]


def of(*actions: Action) -> Judgement:
    rulings = tuple(
        Ruling(str(number), action, Release.OFFICER if action is Action.HOLD else None, ())
        for number, action in enumerate(actions)
    )
    return Judgement("r", (), (), rulings, ())


@pytest.mark.parametrize(("then", "now", "expected"), [pytest.param(*case[1:], id=case[0]) for case in PROOFS])
def test_a_proof_asks_for_the_rewritten_only(then: Action, now: Action, *, expected: bool) -> None:
    assert proven(of(then), of(now)) is expected


def test_one_unproven_copy_of_several_is_no_proof() -> None:
    assert not proven(of(Action.REWRITE, Action.REWRITE), of(Action.WARN, Action.REWRITE))


def test_holding_the_rewrites_leaves_the_others_alone() -> None:
    held = hold_rewrites(of(Action.PASS, Action.REWRITE, Action.HOLD, Action.WARN))
    assert [each.action for each in held.rulings] == [Action.PASS, Action.HOLD, Action.HOLD, Action.WARN]
    assert [each.release for each in held.rulings] == [None, Release.SENDER, Release.OFFICER, None]
    assert [(each.recipients, each.held, each.edits) for each in held.dispositions] == [((0, 3), False, ()), ((1, 2), True, ())]


@given(actions=st.lists(st.sampled_from(Action), max_size=8))
def test_dispositions_share_out_every_recipient_once(actions: list[Action]) -> None:
    judgement = hold_rewrites(of(*actions))
    assert sorted(index for each in judgement.dispositions for index in each.recipients) == list(range(len(actions)))
    for each in judgement.dispositions:
        assert all((judgement.rulings[index].action is Action.HOLD) is each.held for index in each.recipients)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    to=st.lists(st.sampled_from((INSIDE, OUTSIDE, "x@campus.example", "a%b@campus.example")), min_size=1, max_size=6),
    subject=st.sampled_from(("Grades", "Section two", "Probation of student 912345678")),
    text=st.sampled_from((ABOUT_ONE, ABOUT_NOBODY)),
    observe=st.booleans(),
)
def test_every_recipient_has_one_disposition_that_suits_its_ruling(
    rules: Rules, to: list[str], subject: str, text: str, *, observe: bool
) -> None:
    judgement = judged(message(subject, text), replace(rules, policy=PolicySettings(observe=observe)), *to)
    assert sorted(index for each in judgement.dispositions for index in each.recipients) == list(range(len(to)))
    for each in judgement.dispositions:
        for index in each.recipients:
            action = judgement.rulings[index].action
            assert (action is Action.HOLD, action is Action.REWRITE) == (each.held, bool(each.edits))


OBSERVED = [
    ("rewrite", message("Grades"), INSIDE, ("rewrite", None)),
    ("hold", message("Section two"), OUTSIDE, ("hold", "officer")),
    ("rewrite-that-would-be-held", signed_file("Section", "grades.txt"), INSIDE, ("hold", "sender")),
]


@pytest.mark.parametrize(("raw", "address", "expected"), [pytest.param(*case[1:], id=case[0]) for case in OBSERVED])
def test_observe_mode_passes_everything_and_keeps_what_would_be(
    rules: Rules, raw: bytes, address: str, expected: tuple[str, str | None]
) -> None:
    judgement = judged(raw, replace(rules, policy=PolicySettings(observe=True)), address)
    assert answers(judgement) == [("pass", None)]
    assert answers(replace(judgement, rulings=judgement.would_be)) == [expected]
    assert [(each.held, each.edits) for each in judgement.dispositions] == [(False, ())]
    assert judgement.rulings[0].reasons


def test_enforcing_has_no_second_rulings(rules: Rules) -> None:
    assert judged(message("Grades"), rules).would_be == ()


def test_a_pattern_that_only_observes_changes_nothing(rules: Rules) -> None:
    """The finding is there for the count; no ruling rests on it."""
    texts = read(message("Grades"), Limits())

    class Watching:
        def find(self, seen: object) -> tuple[object, ...]:
            return tuple(replace(each, enforced=False) for each in rules.matcher.find(texts))

    judgement = judge_message(envelope(OUTSIDE), texts, replace(rules, matcher=Watching()), message("Grades"))
    assert judgement.findings
    assert answers(judgement) == [("pass", None)]
