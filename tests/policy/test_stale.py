"""A directory counts only from a day before it is of until it is too old: beyond either end nothing recorded is no answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dlp.campus.directory import Stamp
from dlp.campus.records import Staff, Student
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.pipeline import Known, judge_message
from dlp.values import Action, Client, Envelope, Origin, Recipient
from tests.campus.people import people
from tests.store.samples import START
from tests.upstream import shipped_rules

RAW = b"From: ann@campus.example\r\n\r\nStudent ID 912345678 got a grade of B+ on the second problem set.\r\n"


@pytest.mark.parametrize(
    ("days", "action"),
    [(0, Action.WARN), (7, Action.WARN), (8, Action.HOLD), (-1, Action.WARN), (-2, Action.HOLD)],
    ids=["of-now", "as-old-as-it-may-be", "too-old", "of-tomorrow", "of-days-to-come"],
)
def test_age(days: int, action: Action) -> None:
    stamp = Stamp("one", START - timedelta(days=days))
    directory = people(Student("912345678", "Hana", "Kim"), Staff("t.ames@campus.example"), stamp=stamp)
    recipients = (Recipient("t.ames@campus.example"),)
    envelope = Envelope("", "", "ann@campus.example", (), recipients, Client(), START, Origin.SUBMISSION)
    judgement = judge_message(envelope, read(RAW, Limits()), shipped_rules(), RAW, Known(directory))
    assert judgement.rulings[0].action is action
