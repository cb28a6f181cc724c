"""What is explained in a text is remembered as a set of its characters would remember it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dlp.campus.taken import Taken

SPANS = st.lists(st.tuples(st.integers(0, 29), st.integers(1, 6), st.booleans()), max_size=12)


@given(SPANS)
def test_spans_are_free_until_one_they_meet_is_taken(spans: list[tuple[int, int, bool]]) -> None:
    taken, explained = Taken(), set[int]()
    text = "x" * 36
    for start, length, always in spans:
        covered = range(start, start + length)
        if always:
            taken.of(1, text).add(start, start + length)
        else:
            assert taken.of(1, text).take(start, start + length) == explained.isdisjoint(covered)
        explained |= set(covered) if always or explained.isdisjoint(covered) else set()
        assert [at for at in range(-1, len(text) + 1) if at in taken.of(1, text)] == sorted(explained)
    assert 0 not in taken.of(2, text)
