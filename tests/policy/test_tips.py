"""What is worth a tip."""

from __future__ import annotations

import time

import pytest

from dlp.policy.tips import asks_without_reason, mails_private_notes

ASKS = [
    "Please send me your student ID number.",
    "We need your name, your date of birth and your home address by Friday.",
    "Reply with your full name and ID.",
    "Please confirm your citizenship, because the form asks for it.",
    "Please bring your passport. If you do not, come another day.",
    "What is your social security number?",
]
NO_NEED = [
    "Please send me your address book.",
    "Your ID card is ready.",
    "Send me your draft. The ID of the room is on the door.",
    "Please send us your date of birth. We use it to book the flight; if you do not want to tell it, come to the desk instead.",
    "Give us your ID number so that the door opens. It is optional.",
    "I need your help with the citizenship course.",
]


@pytest.mark.parametrize("text", ASKS)
def test_asking_needs_a_reason_and_a_way_without(text: str) -> None:
    assert asks_without_reason(text)


@pytest.mark.parametrize("text", NO_NEED)
def test_nothing_is_asked_or_all_is_said(text: str) -> None:
    assert not asks_without_reason(text)


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("Here are my private notes on the meeting.", True),
        ("These are notes I keep for myself.", True),
        ("a note to self", True),
        ("my lecture notes", False),
        ("Please note my own address.", False),
        ("private lessons", False),
    ],
)
def test_notes_kept_alone(text: str, private: bool) -> None:  # noqa: FBT001
    assert mails_private_notes(text) is private


@pytest.mark.parametrize("piece", ["send your ", "your a, ", "send " * 5, "need your a and your b ", "my private ", "notes "])
def test_long_texts_take_no_time(piece: str) -> None:
    start = time.process_time()
    text = piece * 20_000
    asks_without_reason(text)
    mails_private_notes(text)
    assert time.process_time() - start < 20  # quadratic would be minutes
