"""A short run of `make fidelity`; and a difference is seen when there is one."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import dkim
import pytest

from tests.rigs.fidelity import Sent, Tally, _faults, fidelity
from tests.rigs.shapes import Signer, message


@pytest.mark.servers
@pytest.mark.timeout(300)
def test_hundreds_of_messages_arrive_as_they_were_sent() -> None:
    tally = Tally()
    fidelity(400, tally)
    assert tally.sent.total() == 400
    assert tally.signed > 30
    assert +tally.wrong == {}


SENT = Sent("plain", "h", signed=True, reply="250 2.0.0 forwarded")
COPY = {"hash": "h", "traced": True, "verified": True}


@pytest.mark.parametrize(
    ("sent", "copies", "expected"),
    [
        (SENT, [COPY], []),
        (SENT, [], ["lost"]),
        (SENT, [COPY, COPY], ["doubled"]),
        (SENT, [COPY | {"hash": "x"}], ["bytes differ"]),
        (SENT, [COPY | {"traced": False}], ["not one trace field of ours"]),
        (SENT, [COPY | {"verified": False}], ["signature broken"]),
        (Sent("plain", "h", signed=True, reply="451 4.3.0"), [], ["not accepted"]),
    ],
)
def test_each_difference_has_its_name(sent, copies, expected):
    assert _faults(sent, copies) == expected


def test_a_number_gives_the_same_message_each_time(monkeypatch):
    monkeypatch.setattr(dkim, "time", SimpleNamespace(time=lambda: 1_700_000_000))  # a signature says when it was made
    signer = Signer.make()
    made = [hashlib.sha256(message(number, signer)[1]).hexdigest() for number in (3, 10, 199, 3, 10, 199)]
    assert made[:3] == made[3:]
