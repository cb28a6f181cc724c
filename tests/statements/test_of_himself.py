"""Whether a writer tells something of himself, in his own words and not in those of others."""

from __future__ import annotations

import pytest

from dlp.statements.of_himself import tells_of_himself
from dlp.statements.weights import Weights
from dlp.values import Channel, Texts, View

WEIGHTS = Weights({"w failed": 9_000, "b PRO failed": 9_000}, -4.0, ("grades",), {}, 1.0, 0.0, "")


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("Dear Theo,\n\nI failed the exam.", True),
        ("The pump failed.", False),
        ("I came late.", False),
        ("See below.\n\nOn Tuesday Theo Ames wrote:\n> I failed the exam.\n", False),
    ],
)
def test_a_sentence_that_says_i_tells_of_the_writer(text: str, tells: bool) -> None:  # noqa: FBT001  the expectation
    assert tells_of_himself(Texts((), (), (View(Channel.TEXT, "1", "part 1", text),)), WEIGHTS) is tells
