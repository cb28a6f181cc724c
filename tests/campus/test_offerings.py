"""Subjects a message names: those on file by number or title, and others by what looks like a number."""

from __future__ import annotations

import pytest

from dlp.campus.offerings import names_another
from dlp.values import Channel, Texts, View


@pytest.mark.parametrize(
    ("text", "another"),
    [
        ("She got an A in 18.06.", False),
        ("She got an A in 18.06 and a C in 18.03.", True),
        ("She got an A in 18.06 and a C in CS 101.", True),
        ("She got an A in 18.06, her average is 4.35.", False),
        ("She got an A in 18.06 and paid $12.50.", False),
        ("She got 98.50% in 18.06.", False),
    ],
)
def test_a_number_that_is_no_subject_on_file_names_another(text: str, another: bool) -> None:  # noqa: FBT001  the expectation
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    assert names_another(texts, {"18.06"}) is another
