"""Rows that are observed: counted and not acted on, for the senders they are observed for and nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlp.campus.records import Staff, Student
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.pipeline import Known, judge_message
from dlp.policy.observing import acted_on
from dlp.policy.readers import Reader
from dlp.policy.table import load_table
from dlp.ruleset import Row, Rules
from dlp.values import Action, Client, Envelope, Judgement, Origin, Recipient, Release
from tests.campus.imported import AS_OF, small_university
from tests.test_cases import TABLE
from tests.upstream import shipped_rules

SHIPPED = TABLE.read_text(encoding="utf-8")
COLLEAGUE, OUTSIDE = "t.ames@campus.example", "hr@acme.example"
TEXT = b"Subject: Your question\r\n\r\nHana Kim got a grade of B+ on the second problem set.\r\n"


def rules(overlay: str) -> Rules:
    return replace(shipped_rules(), table=load_table(overlay, "table.toml", SHIPPED))


def observing(**keys: object) -> str:
    written = {"rows": '["I3"]'} | {name: str(value).replace("'", '"') for name, value in keys.items()}
    return "[[observe]]\n" + "".join(f"{name} = {value}\n" for name, value in written.items())


def judged(loaded: Rules, sender: str = "a.lind@campus.example", *addresses: str, raw: bytes = TEXT) -> Judgement:
    envelope = Envelope(
        "", "", sender, (), tuple(map(Recipient, addresses or (COLLEAGUE,))), Client(), AS_OF, Origin.SUBMISSION
    )
    return judge_message(envelope, read(raw, Limits()), loaded, raw, Known(small_university(), str))


def row_of(judgement: Judgement) -> str:
    return judgement.rulings[0].reasons[0].row


def test_the_next_row_that_fits_decides_and_the_observed_one_is_told() -> None:
    judgement = judged(rules(observing()))
    assert (row_of(judgement), judgement.rulings[0].action) == ("I2", Action.HOLD)
    [would] = judgement.observed
    assert (would.recipient, would.action, would.reasons[0].row) == (COLLEAGUE, Action.WARN, "I3")
    assert judged(shipped_rules()).observed == ()


def test_only_recipients_for_whom_it_changes_something_are_told() -> None:
    judgement = judged(rules(observing()), "a.lind@campus.example", OUTSIDE, COLLEAGUE)
    assert [ruling.recipient for ruling in judgement.observed] == [COLLEAGUE]


def test_a_row_on_the_whole_message_that_is_observed_does_not_count() -> None:
    listing = b"Subject: Thursday\r\n\r\nHana Kim, Ivo Marek, Jana Petrova and Cara Lindqvist will come.\r\n"
    judgement = judged(rules(observing(rows=["O6"])), "a.lind@campus.example", OUTSIDE, raw=listing)
    assert judgement.rulings[0].action is Action.PASS
    [would] = judgement.observed
    assert (would.action, would.release, [reason.row for reason in would.reasons]) == (Action.HOLD, Release.SENIOR, ["O6"])


SENDERS = [
    ("everybody", {}, "a.lind@campus.example", True),
    ("of-the-department", {"departments": ["Physics"]}, "a.lind@campus.example", True),
    ("however-it-is-written", {"departments": ["PHYSICS "]}, "a.lind@campus.example", True),
    ("of-another", {"departments": ["Chemistry"]}, "a.lind@campus.example", False),
    ("of-none", {"departments": ["Physics"]}, "registrar@campus.example", False),
    ("of-one-where-it-is-enforced", {"enforce_departments": ["Physics"]}, "a.lind@campus.example", False),
    ("elsewhere-it-is-not", {"enforce_departments": ["Physics"]}, "m.osei@campus.example", True),
]


@pytest.mark.parametrize(("keys", "sender", "observed"), [pytest.param(*each[1:], id=each[0]) for each in SENDERS])
def test_for_whom(keys: dict[str, object], sender: str, observed: bool) -> None:  # noqa: FBT001
    judgement = judged(rules(observing(**keys)), sender)
    assert (row_of(judgement), bool(judgement.observed)) == (("I2", True) if observed else ("I3", False))


def test_a_student_is_of_the_department_that_students_csv_names() -> None:
    loaded = rules(observing(rows=["S8"], departments=["Physics"]))
    assert row_of(judged(loaded, "i.marek@campus.example")) == "I3"
    assert row_of(judged(loaded, "c.lindqvist@campus.example")) == "S8"


def test_a_share_of_senders_is_about_that_and_always_the_same() -> None:
    loaded = rules(observing(enforce_share=0.25))
    enforced = [number for number in range(2000) if acted_on(loaded, None, f"{number}", str) is loaded]
    assert 400 < len(enforced) < 600
    assert enforced == [number for number in range(2000) if acted_on(loaded, None, f"{number}", str) is loaded]
    wider = rules(observing(enforce_share=0.5))
    assert all(acted_on(wider, None, f"{number}", str) is wider for number in enforced)


def test_rules_without_observed_rows_are_not_touched() -> None:
    loaded = shipped_rules()
    sender = Reader("a@campus.example", inside=True, staff=Staff("a@campus.example"), students=(Student("1"),))
    assert acted_on(loaded, sender, "x", str) is loaded


def test_in_observe_mode_both_are_told() -> None:
    loaded = rules(observing())
    judgement = judged(replace(loaded, policy=replace(loaded.policy, observe=True)))
    assert judgement.rulings[0].action is Action.PASS
    assert [each.reasons[0].row for each in (*judgement.would_be, *judgement.observed)] == ["I2", "I3"]


def test_another_overlay_is_another_revision(shipped: tuple[Row, ...]) -> None:
    assert load_table(observing(enforce_share=0.5), "table.toml", SHIPPED) != shipped
