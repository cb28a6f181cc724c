"""The weekly summary for a department names reasons and references, never people."""

from datetime import UTC, datetime, timedelta

import pytest

from dlp.notices.departments import UNNAMED, Item, departments

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HELD = Item("H7K2-9QMD", datetime(2026, 11, 17, 15, 42, tzinfo=UTC), "hold", ("FAQ:email-batch", "FAQ:need-to-know"))
TIP = Item("AAAA-BBBB", NOW - timedelta(days=2), "warn", ("FAQ:need-to-know",))
STEWARD = "physics-office@campus.example"


def test_counts_reasons_and_references(site, reader) -> None:
    read = reader(departments([TIP, HELD], "Physics", STEWARD, site, NOW))
    assert (read.message["To"], read.message["Reply-To"]) == (STEWARD, "privacy@campus.example")
    assert read.message["Subject"] == "Mail from your department: 2 messages that needed care [2026-11-17 to 2026-11-21]"
    assert "2 messages from people of your department needed care: Physics." in read.flat
    assert "Put on hold, for some or all: 1 - Delivered, with a tip: 1" in read.flat
    often = read.flat.index("2 times, need to know: We have no record")
    assert often < read.flat.index("1 time, no batches by email: It gives details about three or more people.")
    assert "(AAAA-BBBB, H7K2-9QMD)" in read.flat
    assert "changed header" not in read.flat


def test_a_message_that_was_held_for_one_and_passed_with_a_tip_to_another_is_one(site, reader) -> None:
    read = reader(
        departments([HELD, Item(HELD.reference, HELD.at, "warn", ("FAQ:email-batch",))], "Physics", STEWARD, site, NOW)
    )
    assert "1 message from people" in read.flat


def test_a_reason_that_may_not_be_named_is_a_general_one(site, reader) -> None:
    read = reader(departments([Item("H7K2-9QMD", NOW, "hold", (UNNAMED,))], "Physics", STEWARD, site, NOW))
    assert "1 time, personal details: It gives details about a person that we may not share this way." in read.flat


def test_many_references_are_cut_with_a_count(site, reader) -> None:
    many = [Item(f"AAAA-{number:04}", NOW, "hold", ("FAQ:email-batch",)) for number in range(50)]
    assert "AAAA-0019 and 30 more" in reader(departments(many, "Physics", STEWARD, site, NOW)).flat


def test_nothing_that_comes_in_starts_a_line_of_its_own(site, reader) -> None:
    read = reader(departments([HELD], "Physics\r\nBcc: x@y.example", STEWARD, site, NOW))
    assert read.message["Bcc"] is None


def test_an_empty_summary_is_never_sent(site) -> None:
    with pytest.raises(ValueError, match="needs an item"):
        departments([], "Physics", STEWARD, site, NOW)
