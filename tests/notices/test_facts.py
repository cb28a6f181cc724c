"""Facts survive the outbox, and chunks of one message become one set of facts."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from dlp.notices.facts import Outcome, from_json, merge, to_json


@pytest.fixture
def full(facts, cause):
    causes = (
        cause(whom=("ü@x.example",)),
        cause("FAQ:email-subject", "rewrite", release=None, neutral=True, refer_to="registrar"),
    )
    return facts({"a@x.example": "delivered", "ü@x.example": "held"}, *causes, changed=("Subject",), test=True, tips=("oral",))


def test_facts_come_back_from_json_as_they_were(full) -> None:
    assert from_json(json.loads(json.dumps(to_json(full)))) == full


def changed(path: str, value: object):
    def change(stored: dict) -> None:
        *folders, last = path.split(".")
        place = stored
        for folder in folders:
            place = place[int(folder)] if folder.isdigit() else place[folder]
        place[last] = value

    return change


MALFORMED = [
    ("unknown-version", changed("version", 2)),
    ("no-version", lambda stored: stored.pop("version")),
    ("no-outcomes", lambda stored: stored.pop("outcomes")),
    ("outcomes-a-number", changed("outcomes", 7)),
    ("unknown-state", changed("outcomes.0.state", "canary-state")),
    ("recipient-a-number", changed("outcomes.0.recipient", 7)),
    ("outcome-a-text", changed("outcomes", ["canary"])),
    ("time-malformed", changed("received_at", "canary-time")),
    ("time-without-offset", changed("received_at", "2026-11-21T10:42:00")),
    ("wheres-a-text", changed("causes.0.wheres", "canary")),
    ("neutral-a-word", changed("causes.0.neutral", "yes")),
    ("release-a-number", changed("causes.0.release", 1)),
    ("whom-a-text", changed("causes.0.whom", "canary")),
    ("tips-a-text", changed("tips", "canary")),
    ("test-missing", lambda stored: stored.pop("test")),
]


@pytest.mark.parametrize("spoil", [pytest.param(spoil, id=name) for name, spoil in MALFORMED])
def test_malformed_facts_are_refused_without_their_content(full, spoil) -> None:
    stored = json.loads(json.dumps(to_json(full)))
    spoil(stored)
    with pytest.raises(ValueError, match="notice facts") as refusal:
        from_json(stored)
    assert "canary" not in str(refusal.value)


def test_something_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(ValueError, match="malformed"):
        from_json(["version"])


def test_a_later_chunk_adds_its_recipients_and_causes(facts, cause) -> None:
    first = facts({"a@x.example": "delivered"}, cause("FAQ:need-to-know-undetermined", "warn"), changed=("Subject",))
    second = facts(
        {"b@x.example": "held"}, cause(), cause("FAQ:need-to-know-undetermined", "warn"), changed=("Subject", "Keywords")
    )
    both = merge(first, replace(second, received_at=first.received_at + timedelta(seconds=40)))
    assert both.outcomes == (Outcome("a@x.example", "delivered"), Outcome("b@x.example", "held"))
    assert [each.code for each in both.causes] == ["FAQ:need-to-know-undetermined", "FAQ:outside-consent"]
    assert both.changed == ("Subject", "Keywords")
    assert both.received_at == first.received_at


@pytest.mark.parametrize(
    ("earlier", "later", "after"),
    [
        ("delayed", "delivered", "delivered"),
        ("delivered", "delayed", "delivered"),
        ("held", "held", "held"),
        ("delayed", "held", "held"),
        ("delayed", "delayed", "delayed"),
        ("delivered", "refused", "refused"),
    ],
)
def test_the_same_recipient_in_a_retry(facts, earlier: str, later: str, after: str) -> None:
    both = merge(facts({"a@x.example": earlier}), facts({"a@x.example": later}))
    assert both.outcomes == (Outcome("a@x.example", after),)


def test_merging_takes_the_earlier_time_in_either_order(facts) -> None:
    one = facts({"a@x.example": "held"})
    other = replace(one, received_at=one.received_at - timedelta(minutes=1))
    assert merge(one, other).received_at == merge(other, one).received_at == other.received_at


def test_what_an_earlier_release_wrote_has_no_tips(full) -> None:
    stored = to_json(full)
    del stored["tips"]
    assert from_json(json.loads(json.dumps(stored))) == replace(full, tips=())


def test_what_an_earlier_release_wrote_says_of_nobody_whom_a_reason_is_of(full) -> None:
    stored = json.loads(json.dumps(to_json(full)))
    for each in stored["causes"]:
        del each["whom"]
    assert {each.whom for each in from_json(stored).causes} == {()}


@pytest.mark.parametrize(
    ("whom", "both"), [(("b",), ("a", "b")), (("a", "c"), ("a", "c")), ((), ())], ids=["another", "the same", "not known"]
)
def test_one_reason_of_two_chunks_is_of_all_of_both(facts, cause, whom, both) -> None:
    one, other = facts({"a": "held"}, cause(whom=("a",))), facts({"b": "held"}, cause(whom=whom))
    assert [each.whom for each in merge(one, other).causes] == [both]


def test_the_tips_of_two_chunks_are_told_once(facts) -> None:
    one, other = facts({"a@x.example": "held"}, tips=("oral",)), facts({"b@x.example": "held"}, tips=("notes", "oral"))
    assert merge(one, other).tips == ("oral", "notes")


def test_a_merge_is_a_test_only_when_both_are(facts) -> None:
    """A real message is never announced as a test."""
    test, real = facts({"a@x.example": "held"}, test=True), facts({"b@x.example": "held"})
    assert not merge(test, real).test
    assert merge(test, test).test


@pytest.mark.parametrize("other", [{"reference": "AAAA-AAAA"}, {"addressee": "b.teacher@campus.example"}])
def test_facts_of_two_messages_do_not_merge(facts, other: dict) -> None:
    one = facts({"a@x.example": "held"})
    with pytest.raises(ValueError, match="two different messages"):
        merge(one, replace(one, **other))
