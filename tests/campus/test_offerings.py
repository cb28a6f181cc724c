"""Subjects a message names: those on file by number or title, and others by what looks like a number."""

from __future__ import annotations

import pytest

from dlp.campus.offerings import names_another
from dlp.campus.records import Offering
from dlp.values import Channel, Texts, View
from tests.campus.people import People
from tests.growth import assert_linear

CAMPUS = People((
    Offering("18.06", "2026FA", "Linear Algebra", "Mathematics"),
    Offering("6.006", "2026FA", "Introduction to Algorithms", "Computer Science"),
))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "another"),
    [
        ("She got an A in 18.06.", False),
        ("She failed the retake in 18.06, and failed again in the fall.", False),
        ("She got a B in 18.06; the grades in Canvas say so.", False),
        ("In 18.06 she has 80 points in total.", False),
        ("She got an A in 18.06. Her history mark is a D.", True),
        ("She got an A in 18.06. In history class, she got a D.", True),
        ("She got an A in 18.06 and a C in 18.03.", True),
        ("She got an A in 18.06 and a C in CS 101.", True),
        ("She got an A in 18.06, her average is 4.35.", False),
        ("She got an A in 18.06 and paid $12.50.", False),
        ("She got 98.50% in 18.06.", False),
        ("She got an A in 18.06, call me at 10.30.", False),
        ("She got an A in 18.06, 19.25 of 20 points. My room is Room NW 300.", False),
        ("She got an A in 18.06 and a C in 6.S191.", True),
        ("She got an A in 18.06 and a C in 21M.011.", True),
        ("She got an A in 18.06 and a B+ in topology.", True),
        ("She got an A in 18.06. In mechanics she got a D.", True),
        ("She took 18.06 (A), French (F).", True),
        ("She got an A in 18.06 and an F in her summer chemistry class.", True),
        ("She got an A in 18.06 and failed two other subjects.", True),
        ("She got an A in 18.06; overall she stands in the bottom third.", True),
        ("She got an A in the final exam of 18.06 and a B in the project.", False),
        ("She got an A in Linear Algebra in spring, an A overall.", False),
        ("She got an A in 18.06 and Ds in all her other classes.", True),
        ("She got a B in 18.06 and fails most of her other courses.", True),
        ("She has C's in both her other classes.", True),
        ("18.06: B. Failed: both other classes.", True),
        ("She got a B in 18.06, as in all her classes.", True),
        ("She got an A in 18.06. It is the same in her other classes.", True),
        ("She passed 18.06 and failed everything else.", True),
        ("She got an A in 18.06, straight Ds otherwise.", True),
        ("She got a B in 18.06, but overall she got mostly D.", True),
        ("She got an A in 18.06 and an F in set design.", True),
        ("She got an A in 18.06 and an F in the poetry tutorial.", True),
        ("She took 18.06 (A), set theory (F).", True),
        ("She got an A in 18.06. In set theory she got an F.", True),
        ("She got an A in 18.06 and a C in abstract algebra.", True),
        ("She got an A in 18.06 and failed essay writing.", True),
        ("She got 92% in 18.06 and 41% in problem based learning.", True),
        ("She got an A in 18.06 and a D on the chemistry final.", True),
        ("She attended all classes and got an A in 18.06.", False),
        ("She came to every class. My other classes meet at 9. She got an A in 18.06.", False),
        ("She got an A in 18.06 thanks to hard work, one of my hardest classes.", False),
        ("She got an A in problem set 3, a B in the second midterm and an A in my class last fall.", False),
        ("She failed the midterm miserably and failed 18.06 twice.", False),
        ("In spring she got a B. She took 18.06 (A), and her final exam (A).", False),
        ("She got As in every quiz of 18.06, and an A for effort.", False),
        ("She got an A in 18.06 and an F in everything she took.", True),
        ("She got an A in 18.06 and failed the year.", True),
        ("She got an A in 18.06 and a C in general style.", True),
        ("She got an A in 18.06. Her math final got 98 points.", False),
        ("She got an A in 18.06. Her calculus final got 98 points.", True),
        ("She got an A in 18.06 and teaches a music class.", False),
        ("She got an A in 18.06 and helped me grade the papers of the music class.", False),
        ("She got an A in 18.06 and 45 points on Dr. Lane's history midterm.", True),
        ("She got an A in 18.06. In 18.06 her chemistry quiz got 98 points.", False),
        ("She got an A in 18.06. She has an F. It was her history class.", True),
        ("She got an A in 18.06. She writes well and edits the poetry project.", False),
        ("She got an A in 18.06. Her history exam (18.06 was easier) got a D.", True),
    ],
)
def test_a_number_that_is_no_subject_on_file_names_another(text: str, another: bool) -> None:  # noqa: FBT001  the expectation
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    assert names_another(texts, {"18.06"}, CAMPUS) is another


def test_what_is_akin_to_the_title_is_of_the_subject() -> None:
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", "He got an A in 6.006. His programming exam got 98 points."),))
    assert not names_another(texts, {"6.006"}, CAMPUS)


@pytest.mark.parametrize("begins", ["", "in ", "A in ", "failed "])
@pytest.mark.parametrize("unit", ["a", "A in ", "In a b c, ", "1.", "failed ", "overall, "])
def test_whatever_repeats_itself_is_read_in_time_as_it_is_long(begins: str, unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dlp.campus.other_marks._LOOKED_AT", 1 << 30)  # else what is squared stops there, after seconds

    def read(length: int) -> None:
        text = begins + unit * (length // len(unit))
        names_another(Texts((), (), (View(Channel.TEXT, "1", "part 1", text),)), {"18.06"}, CAMPUS)

    assert_linear(read)
