"""Lists without columns: what stands beside names is found in time that grows as the text does."""

from __future__ import annotations

from itertools import chain

from dlp.campus.beside import ATTENDANCE, lists
from dlp.campus.grids import Lines, Said, Sign
from tests.growth import assert_linear

_WIDTH = 10  # characters for each person


def page(*lines: str) -> Lines:
    """Words of digits are the people, each a student."""
    starts, signs, at = [], {}, 0
    for nth, line in enumerate(lines):
        starts.append(at)
        begins = (place for place in range(0, len(line), _WIDTH) if line[place].isdigit())
        signs[nth] = [Sign(at + place, at + place + 9, line[place : place + 9]) for place in begins]
        at += len(line) + 1
    return Lines(lines, starts, signs, frozenset(sign.person for each in signs.values() for sign in each))


def test_a_line_of_a_register_is_what_stands_behind_its_last_name():
    told = set(chain(*lists(page("912345670 x x", "912345671 x -", "912345672 x x"))))
    assert told == {Said(line, f"91234567{line}", ATTENDANCE) for line in range(3)}
    assert not set(chain(*lists(page("912345670 912345671 912345672 x x"))))


def test_thousands_named_in_one_line_take_time_as_the_line_is_long():
    def run(length: int) -> None:
        list(lists(page("".join(f"{912000000 + nth} " for nth in range(length // _WIDTH)))))

    assert_linear(run, 25_000)
