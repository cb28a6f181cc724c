"""Characters in bytes nobody can read: the quick search finds what the expressions alone find."""

from __future__ import annotations

import random
import re
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlp.extractors.runs import runs, telling
from tests.accuracy.world import World

_PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"abcde", b"abcdef", b"\t\n\r ~", b"a\0" * 5, b"a\0" * 6, b"\0a" * 7, b"\0", b"\x7f", b"\x1f", b"a\0b\0\0c\0" * 4]
    ),
)


@given(st.lists(_PIECES, max_size=30).map(b"".join))
def test_runs_are_those_the_expressions_find(data):
    narrow = [each.strip() for each in re.findall(rb"[\t\n\r -~]{6,}", data)]
    wide = [each.replace(b"\0", b"").strip() for each in re.findall(rb"(?:[\t\n\r -~]\0){6,}", data)]
    assert runs(data) == b"\n".join(narrow + wide).decode("ascii")


def test_every_byte_prints_or_does_not():
    assert [len(runs(bytes([byte]) * 6)) > 0 for byte in range(256)] == [0x20 < byte < 0x7F for byte in range(256)]


@given(st.lists(_PIECES, max_size=30).map(b"".join))
def test_what_is_left_out_of_what_tells_is_short_and_leaves_an_empty_line(data):
    every, left = runs(data).split("\n"), telling(data).split("\n")
    assert all(line in left for line in every if len(line) > 8)
    in_order = iter(every)
    assert all(line in in_order for line in left if line)
    assert max((len(list(same)) for line, same in groupby(left) if not line), default=0) <= 1


PEOPLE = World(0).students[:200]
WRITTEN = {
    "given family": "{0} {1}",
    "family, given": "{1}, {0}",
    "in lower case": "{2}.{3}",
    "initial": "{0[0]}. {1}",
    "first and initial": "{0} {1[0]}.",
    "alone": "{1}: B+",
}


@pytest.mark.parametrize("how", WRITTEN.values(), ids=WRITTEN)
def test_names_are_kept_however_short(how):
    for each in (*((one.name.given, one.name.family) for one in PEOPLE), ("Li", "Wu"), ("Bo", "Ek"), ("D'Or", "Ng")):
        name = how.format(*each, *map(str.lower, each))
        if name.isascii() and len(name) >= 6 and (how != WRITTEN["alone"] or len(each[1]) > 2):
            assert name in telling(b"\0\1" + name.encode() + b"\xff\2")


@pytest.mark.parametrize(
    "said", ["912345678", "12-34-56", "9l2E4S67", "a1@b.co", "GPA 3.1", "Grade F", "H. K. 9", "9|1|2|3", "2001-2-3", "x,Ann,Li"]
)
def test_numbers_words_and_addresses_are_kept(said):
    assert said in telling(b"\0\1" + said.encode() + b"\xff\2")
    assert said in telling(b"\0\1\0" + said.encode("utf-16-le") + b"\xff\xff\2")


def test_of_chance_little_is_left():
    data = random.Random(1).randbytes(200_000)
    assert len(telling(data[:50_000])) < len(runs(data[:50_000])) * 0.4
    assert len(telling(data)) < len(runs(data)) * 0.2
    assert telling(b"\0#%&/(+\0") == ""


def test_in_chance_what_is_long_is_kept_and_of_what_is_short_records_are():
    chance, twice = random.Random(2).randbytes(100_000), b"Okonkwo\0\0\1Adaeze"
    between = b"\1" * 60
    every = [telling(chance + between + said + between + chance) for said in (b"912345678", b"Okonkwo", twice)]
    assert ["912345678" in every[0], "Okonkwo" in every[1]] == [True, False]
    assert "Okonkwo\nAdaeze" in every[2]


@pytest.mark.parametrize("run", [b"   912", b"9 1 2 ", b"a9__1_2"])
def test_a_piece_of_a_number_is_kept(run):
    assert telling(b"\1\2" + run + b"\1\2") == run.decode().strip()
