"""Which figures and letters of a letter are marks, below a listed word in its Subject."""

from __future__ import annotations

import time

import pytest

from dlp.policy.headed import tells_a_mark


@pytest.mark.parametrize(
    "text",
    [
        "You got 13 of 20.",
        "I have your quiz here: 13 out of 20",
        "You have 12/20 on quiz 2.",
        "Midterm: 41/100",
        "Dear Hana,\n\n25 of 40, the second task was only half there.",
        "Your exam is 41/100.",
        "10 of 12 problems are right",
        "You earned an A in 8.01.",
        "You got\nB for the lab",
        "They are posted. B for the paper and C overall.",
        "Your grade is B+.",
        "Your average is 3.41 now.",
        "You are at 2.01 overall.",
        "Fall term: 1.95",
    ],
)
def test_what_somebody_got_is_a_mark(text: str) -> None:
    assert tells_a_mark(text)


@pytest.mark.parametrize(
    "text",
    [
        "please read section 2.1 for the exam",
        "10 of 12 people have signed up for the test",
        "The paper, 3 of 12 pages, is attached.",
        "plan B for the trip",
        "Group A in the morning, group B in the afternoon",
        "It costs 3.50 euros, the bus leaves at 3.15.",
        "version 3.2 of the report is 3.5 MB",
        "The quiz is on 11/25, the deadline for the paper is 12/11.",
        "Office hours: see page 3 of 12, 11/25 and 12/2.",
        "vitamin C in oranges",
    ],
)
def test_what_things_are_numbered_by_is_none(text: str) -> None:
    assert not tells_a_mark(text)


@pytest.mark.parametrize("piece", ["got a 1", "1 of 10 ", "average ", "2.1 ", "exam 1 is "])
def test_whatever_stands_there_is_read_at_once(piece: str) -> None:
    start = time.process_time()
    tells_a_mark(piece * 20_000)
    assert time.process_time() - start < 1
