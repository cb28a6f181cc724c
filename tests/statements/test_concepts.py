"""Words to topics: plain inflections too, two words that say something together, and what is no word of records."""

from __future__ import annotations

import pytest

from dlp.statements.concepts import is_of_records, topics

OF = {
    "flunked": "DID-BADLY", "flunks": "DID-BADLY", "copying": "INTEGRITY", "dropped": "ENROL", "applied": "ADMIT",
    "owes": "MONEY", "seizures": "HEALTH", "XSCORE": "FIGURE", "STU": "STU",
}  # fmt: skip


@pytest.mark.parametrize("word", OF)
def test_a_word_has_its_topic(word):
    assert OF[word] in topics([word])[0]


@pytest.mark.parametrize("text", ["has been kicked out", "kicked out of it", "was let back in"])
def test_two_words_say_something_together(text):
    assert "STANDING" in {topic for each in topics(text.split()) for topic in each}


@pytest.mark.parametrize("text", ["STU brings the violin", "STU says hello", "STU and STU of XCOURSE"])
def test_without_a_word_of_records_nothing_is_told(text):
    assert not is_of_records(text.split())
    assert is_of_records([*text.split(), "failed"])
