"""The daily summary for the policy contact names messages, never people."""

from datetime import UTC, datetime, timedelta

import pytest

from dlp.notices.digest import DigestEntry, digest

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ENTRY = DigestEntry(
    "H7K2-9QMD", datetime(2026, 11, 21, 15, 42, tzinfo=UTC), 2, ("FAQ:email-batch", "unscannable:encrypted"), "senior"
)


def test_one_line_for_each_message_oldest_first(site, reader) -> None:
    younger = DigestEntry("AAAA-BBBB", NOW - timedelta(hours=1), 1, ("FAQ:outside-consent",), None)
    read = reader(digest([younger, ENTRY], site, NOW))
    assert read.message["To"] == "privacy@campus.example"
    assert read.message["Subject"] == "On hold, sender not told: 2 messages [2026-11-22]"
    assert read.flat.startswith("2 messages are on hold whose sender we could not tell.")
    first = "H7K2-9QMD, 10:42 yesterday: on hold for 2 people. Reason: FAQ:email-batch, unscannable:encrypted. Release: senior."
    second = "AAAA-BBBB, 06:00 today: on hold for 1 person. Reason: FAQ:outside-consent. Release: officer."
    assert read.flat.index(f"{first} Look: dlp held show H7K2-9QMD") < read.flat.index(
        f"{second} Look: dlp held show AAAA-BBBB"
    )


def test_one_message(site, reader) -> None:
    read = reader(digest([ENTRY], site, NOW))
    assert "1 message is on hold" in read.flat
    assert read.message["Subject"] == "On hold, sender not told: 1 message [2026-11-22]"


def test_a_long_summary_is_cut_with_a_count(site, reader) -> None:
    read = reader(digest([ENTRY] * 230, site, NOW))
    assert read.flat.count("H7K2-9QMD, ") == 200
    assert "And 30 more. See them all: dlp held list" in read.flat


def test_only_codes_and_rights_of_known_shape_are_shown(site, reader) -> None:
    planted = DigestEntry("H7K2-9QMD", NOW, 1, ("jane doe", "a@x.example", "grades_of_jane.xlsx"), "jane")
    read = reader(digest([planted], site, NOW))
    assert "jane" not in read.everything
    assert "x.example" not in read.everything
    assert "Reason: -. Release: officer." in read.flat


def test_both_alternatives_hold_the_same_words(site, reader, html_words) -> None:
    read = reader(digest([ENTRY, ENTRY], site, NOW))
    words, tags = html_words(read.html)
    assert words == [word for word in read.text.split() if word != "-" or "Reason: -" in read.flat]
    assert tags <= {"body", "div", "p", "ul", "li", "span"}


def test_an_empty_summary_is_never_sent(site) -> None:
    with pytest.raises(ValueError, match="needs an entry"):
        digest([], site, NOW)
