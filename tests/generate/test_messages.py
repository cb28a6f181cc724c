"""The made-up mail is what the tests that use it rely on."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.generate.messages import SHAPES, Sample, disclosing, every_shape

SAMPLES = list(every_shape(len(SHAPES)))


def test_the_same_seed_gives_the_same_mail() -> None:
    assert list(every_shape(100, seed=5)) == list(every_shape(100, seed=5))
    assert list(every_shape(100, seed=5)) != list(every_shape(100, seed=6))


def test_a_thousand_messages_take_every_shape_in_turn_and_none_twice() -> None:
    samples = list(every_shape(1_000))
    counts = Counter(sample.shape for sample in samples)
    assert set(counts) == set(SHAPES)
    assert max(counts.values()) - min(counts.values()) <= 1
    assert len({sample.raw for sample in samples}) == 1_000


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.shape)
def test_lines_end_in_crlf_and_nothing_looks_like_an_id(sample: Sample) -> None:
    assert not set(sample.raw.replace(b"\r\n", b"")) & set(b"\r\n\0")
    assert not re.search(rb"\d{9}", sample.raw)


def test_a_disclosing_note_holds_as_many_different_ids_as_asked_for() -> None:
    numbers = [re.findall(rb"\b9\d{8}\b", disclosing(serial, ids)) for serial, ids in ((1, 0), (1, 1), (2, 3))]
    assert [len(set(found)) for found in numbers] == [0, 1, 3]
