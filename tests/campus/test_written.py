"""What is left out early is what would have been nobody's: the short way finds what the long way finds."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from dlp.campus.capitals import capitals
from dlp.campus.mentions import mentions
from dlp.campus.single_names import _names
from dlp.campus.written import Dull

PIECES = (
    *(
        "Hana",
        "Kim",
        "Jo",
        "Maeve",
        "MacDonald",
        "O'Brien",
        "Al-Sayed",
        "Kim's",
        "K",
        "St",
        "Dr",
        "Dear",
        "Jr",
        "The",
        "iPhone",
    ),
    *(
        "was",
        "van",
        "de",
        "student",
        "named",
        "x",
        "12",
        "B",
        "H\u00e1na",
        "\u2019s",
        " ",
        " ",
        " ",
        ". ",
        ", ",
        ",",
        "\n",
        "\t",
        "|",
    ),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
FAMILIAR = st.sets(st.sampled_from(("hana", "kim", "mave", "mcdonald", "obrien", "alsayed", "sayed", "st")))


class Never(Dull):
    """Every word is looked at."""

    def __missing__(self, written: str) -> bool:
        return False


@given(TEXTS, FAMILIAR)
def test_what_is_dull_hides_no_name(text: str, familiar: set[str]) -> None:
    assert list(mentions(text, Dull(familiar))) == list(mentions(text, Never(familiar)))


@given(TEXTS)
def test_single_names_are_among_the_words_that_may_end_a_cell(text: str) -> None:
    ends = array("L")
    list(capitals(text, Dull(()), ends))
    assert [match.span() for match in _names(text, (), ends)] == [match.span() for match in _names(text, (), None)]
