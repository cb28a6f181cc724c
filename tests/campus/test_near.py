"""By which words students near several addresses are called."""

from __future__ import annotations

from dlp.campus.near import NOBODY, near, together

ONE = near({"hana": ("1",), "konstantin": ("2",)})
OTHER = near({"hana": ("3",), "konstanze": ("4",)})


def test_several_are_asked_as_one():
    both = together([ONE, OTHER])
    assert [both.meant(word) for word in ("hana", "konstantin", "konstanze", "nobody")] == [("1", "3"), ("2",), ("4",), ()]
    assert "hana" in both
    assert "nobody" not in both
    assert len(both) == 3


def test_long_words_are_found_by_their_first_letter_and_length():
    both = together([ONE, OTHER])
    assert both.long == {("k", 10): ("konstantin",), ("k", 9): ("konstanze",)}


def test_nobody_is_near_nobody():
    assert together([]) is NOBODY
    assert together([ONE]) is ONE
    assert not NOBODY
