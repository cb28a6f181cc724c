"""Letters that recommend somebody: by how their loudest sentences sound together, outside, and where nothing else is told."""

from __future__ import annotations

import pytest

from dlp.campus.identity import identify_people
from dlp.campus.labelled import Labelled
from dlp.campus.people import Context
from dlp.campus.records import Student
from dlp.statements.stating import with_statements
from dlp.statements.weights import Weights, lanes
from dlp.values import Channel, Texts, View
from tests.campus.people import people

HANA = Student("912345678", "Hana", "Kim")
CAMPUS = people(HANA)
WEIGHTS = Weights(
    tells={"w failed": 9_000},
    bias=-4.0,
    names=("grades", "evaluation"),
    kinds={"w failed": lanes((500, 0))},
    scale=0.4,
    shift=-2.0,
    digest="",
    praises={"w kind": 6_000, "w patient": 3_000},
    praise_bias=-3.0,
)
CASES = {
    "loud": ("Hana Kim is kind.", {HANA.id}),
    "two that are fairly so": ("Hana Kim is patient. Hana is so patient.", {HANA.id}),
    "one that is": ("Hana Kim is patient.", set()),
    "of nobody": ("Hana Kim came. It was kind of the weather.", set()),
    "beside what is told": ("Hana Kim is kind. She failed.", set()),
}


@pytest.mark.parametrize("case", CASES)
def test_a_letter_recommends_as_it_sounds(case: str) -> None:
    text, whom = CASES[case]
    assert recommended(text) == whom


def test_many_quiet_sentences_are_no_recommendation() -> None:
    assert recommended("Hana Kim came. " + "She did so. " * 60) == set()


def recommended(text: str) -> set[str]:
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    found = identify_people(texts, (), CAMPUS, str, Context())
    told = with_statements(texts, Labelled(found), WEIGHTS, 0.7)
    return {told.about[at] for at, each in enumerate(told.people.findings) if each.kind == "recommendation"}
