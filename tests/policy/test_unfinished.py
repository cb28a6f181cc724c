"""A message that names more people, or says more of them, than is looked at was not read to its end, so it is not clean."""

from __future__ import annotations

import pytest

from dlp.campus import identity
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.pipeline import UNFINISHED, Known, judge_message
from dlp.statements import candidates, stating
from dlp.values import Action, Client, Envelope, Origin, Recipient
from tests.campus.imported import AS_OF, small_university
from tests.upstream import shipped_rules

OUTSIDE, STAFF = "pal@elsewhere.example", "k.brandt@campus.example"
LETTER = b"From: a.lind@campus.example\r\nTo: pal@elsewhere.example\r\nSubject: x\r\n\r\n%s"
HARMLESS = LETTER % b"Hana Kim will bring the keys. Ben Okoro has the projector. Hana Kim opens the room.\r\n"


def judged(raw: bytes):
    envelope = Envelope(
        "", "", "a.lind@campus.example", (), (Recipient(OUTSIDE), Recipient(STAFF)), Client(), AS_OF, Origin.SUBMISSION
    )
    return judge_message(envelope, read(raw, Limits()), shipped_rules(), raw, Known(small_university(), str))


def test_what_is_looked_at_to_its_end_passes():
    found = judged(HARMLESS)
    assert found.unread == ()
    assert [each.action for each in found.rulings] == [Action.PASS, Action.PASS]


@pytest.mark.parametrize(
    ("modules", "name"), [((identity,), "MOST_LOOK_UPS"), ((candidates, stating), "SENTENCES"), ((candidates,), "LOOKED_AT")]
)
def test_what_is_not_is_unread_to_whoever_it_goes(modules, name, monkeypatch):
    for module in modules:
        monkeypatch.setattr(module, name, 1)
    found = judged(HARMLESS)
    assert found.unread == (UNFINISHED,)
    assert [each.action for each in found.rulings] == [Action.HOLD, Action.WARN]
    assert {reason.code for each in found.rulings for reason in each.reasons} >= {"unscannable:truncated"}
