"""What shows that an MTA drops whom it is told to drop, and what shows that it does not, or shows nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dlp import standings
from dlp.keys import derive
from dlp.probing import (
    PACE,
    ROUNDS,
    Arrival,
    Finding,
    Standing,
    Trip,
    Verdict,
    answered,
    arrivals,
    composed,
    listener_of,
    proves,
    verdict,
)

KEYS, OTHERS = derive(bytes(32)), derive(bytes(range(32)))
PAIR = ("split-1@campus.example", "split-2@campus.example")
BACK = ("split-1@returns.example", "Split-2@returns.example")
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
FIRST, SECOND = TRIPS = (Trip("a" * 32, 0), Trip("b" * 32, 1))
MX = "mx.campus.example:25"


def asked(trip: Trip = FIRST) -> bytes:
    return composed(KEYS, trip, PAIR, NOW)


def done(trip: Trip = FIRST, listener: str = MX) -> bytes:
    found = answered(asked(trip), PAIR, PAIR, KEYS, listener)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("trip", TRIPS)
def test_a_test_message_is_known_and_says_whom_to_drop(trip):
    found = answered(asked(trip), PAIR, PAIR, KEYS, MX)
    assert found is not None
    assert found[1] == trip.gone
    assert found[0].splitlines()[:6] == asked(trip).splitlines()[:6]
    assert found[0] != asked(trip)


NONE_OF_OURS = {
    "another-seal": (asked().replace(b" 0 ", b" 1 "), PAIR),
    "another-site": (composed(OTHERS, FIRST, PAIR, NOW), PAIR),
    "somebody-else-too": (asked(), (*PAIR, "b.okafor@campus.example")),
    "somebody-else": (asked(), (PAIR[0], "b.okafor@campus.example")),
    "one-alone": (asked(), PAIR[:1]),
    "the-same-twice": (asked(), (PAIR[0], PAIR[0])),
    "answered-before": (done(), PAIR),
    "in-the-body": (b"Subject: x\r\n\r\n" + asked(), PAIR),
    "two-fields": (asked().replace(b"\r\n\r\n", b"\r\nX-DLP-Split-Probe: asked x 0 y\r\n\r\n"), PAIR),
    "no-end-of-header": (asked().partition(b"\r\n\r\n")[0], PAIR),
    "no-field": (b"Subject: x\r\n\r\n", PAIR),
    "no-words": (b"X-DLP-Split-Probe: hello\r\n\r\n", PAIR),
}


@pytest.mark.parametrize("how", NONE_OF_OURS)
def test_nobody_else_makes_one(how):
    raw, recipients = NONE_OF_OURS[how]
    assert answered(raw, recipients, PAIR, KEYS, MX) is None


def test_what_comes_back_says_of_whom_and_by_which_listener():
    assert arrivals(done(SECOND), BACK, PAIR, KEYS) == (Arrival(SECOND, 0, MX, True), Arrival(SECOND, 1, MX, True))
    assert arrivals(done(), PAIR[1:], PAIR, KEYS) == (Arrival(FIRST, 1, MX, False),)
    assert arrivals(done(listener=""), BACK[1:], PAIR, KEYS) == (Arrival(FIRST, 1, "", True),)
    assert arrivals(asked(), BACK[1:], PAIR, KEYS) == (Arrival(FIRST, 1, None, True),)
    assert arrivals(b"Subject: x\r\n\r\n", BACK, PAIR, KEYS) == ()
    assert arrivals(done(), ["split-both@returns.example"], PAIR, KEYS) == (Arrival(FIRST, None, MX, True),)


def test_with_a_received_field_on_top_it_is_the_same():
    assert arrivals(b"Received: by mx\r\n\tfor x\r\n" + done(), BACK[1:], PAIR, KEYS) == (Arrival(FIRST, 1, MX, True),)


OWN = [Arrival(FIRST, 1, MX, True), Arrival(SECOND, 0, MX, True)]
SHARED = [Arrival(FIRST, None, MX, True), Arrival(SECOND, None, MX, True)]
GOOD = [*OWN, *SHARED]
LEAK = Arrival(FIRST, 0, MX, True)
SEEN = {  # copies, seconds since they were sent and since the last came: what that shows
    "both": (GOOD, 12.0, 10.0, Finding.PROVEN),
    "one-twice": ([*GOOD, GOOD[0]], 12.0, 10.0, Finding.PROVEN),
    "leaked": ([*GOOD, LEAK], 12.0, 10.0, Finding.DISPROVEN),
    "leaked-alone": ([LEAK], 0.1, 0.0, Finding.DISPROVEN),
    "leaked-as-it-was-named": ([replace(LEAK, rewritten=False, listener="")], 0.1, 0.0, Finding.DISPROVEN),
    "not-asked": ([replace(each, listener=None) for each in (*GOOD, LEAK)], 12.0, 10.0, Finding.UNPROVEN),
    "one-not-asked": ([*GOOD[1:], replace(GOOD[0], listener=None)], 12.0, 10.0, Finding.UNPROVEN),
    "not-named": ([replace(each, listener="") for each in GOOD], 12.0, 10.0, Finding.UNPROVEN),
    "two-listeners": ([*GOOD[1:], replace(GOOD[0], listener="mx2.campus.example:25")], 12.0, 10.0, Finding.UNPROVEN),
    "not-rewritten": ([*GOOD[1:], replace(GOOD[0], rewritten=False)], 12.0, 10.0, Finding.UNPROVEN),
    "lost": ([*OWN, SHARED[0]], PACE.patience, 30.0, Finding.DISPROVEN),
    "not-shared": (OWN, PACE.patience, 30.0, Finding.UNPROVEN),
    "late-but-shared": ([*SHARED, OWN[0]], PACE.patience, 30.0, None),
    "late": (GOOD[:1], PACE.patience, 30.0, None),
    "silence": ([], PACE.patience, 0.0, None),
}


@pytest.mark.parametrize("how", SEEN)
def test_what_the_copies_show(how):
    came, waited, quiet, finding = SEEN[how]
    found = verdict(TRIPS, came, waited, quiet)
    assert found is not None
    assert found.finding is finding
    assert bool(found.why) == (finding is not Finding.PROVEN)


@pytest.mark.parametrize(("came", "waited", "quiet"), [([], 1.0, 0.0), (OWN, 59.0, 58.0), (GOOD, 70.0, 9.9)])
def test_before_its_time_they_show_nothing(came, waited, quiet):
    assert verdict(TRIPS, came, waited, quiet) is None


WELL, ILL = Verdict(Finding.PROVEN, "", MX), Verdict(Finding.DISPROVEN, "a removed recipient got a copy", MX)
DOUBT, NOTHING = Verdict(Finding.UNPROVEN, "the MTA does not ask about them"), Verdict(None, "they do not come back")
HISTORIES = {
    "": Finding.UNPROVEN,
    "W": Finding.PROVEN,
    "WN": Finding.PROVEN,  # until it is too old
    "N": Finding.UNPROVEN,
    "WD": Finding.UNPROVEN,
    "WDW": Finding.PROVEN,
    "WI": Finding.DISPROVEN,
    "I" + "N" * 9: Finding.DISPROVEN,
    "I" + "W" * (ROUNDS - 1): Finding.DISPROVEN,
    "I" + "W" * ROUNDS: Finding.PROVEN,
    "IWWIWW": Finding.DISPROVEN,
    "IDW": Finding.UNPROVEN,
}


@pytest.mark.parametrize("history", HISTORIES)
def test_how_it_stands_after_some_rounds(history):
    standing = Standing("127.0.0.1:25")
    for number, sign in enumerate(history):
        standing = standing.after({"W": WELL, "I": ILL, "D": DOUBT, "N": NOTHING}[sign], float(number))
    assert standing.finding is HISTORIES[history]


@pytest.mark.parametrize(
    ("age", "listener", "proven"),
    [
        (0.0, MX, True),
        (PACE.lasts, MX, True),
        (PACE.lasts + 1, MX, False),
        (-1.0, MX, False),
        (5.0, "mx.campus.example:587", False),
        (5.0, "", False),
    ],
)
def test_a_proof_is_of_one_listener_and_has_its_time(age, listener, proven):
    known = Standing("127.0.0.1:25").after(WELL, 1000.0)
    assert proves([known], listener, 1000.0 + age) is proven
    assert proves([known, Standing("127.0.0.1:26").after(ILL, 1000.0)], MX, 1000.0) is False
    assert not proves([], listener, 1000.0)


def test_rounds_come_every_ten_minutes_and_sooner_after_one_that_showed_nothing():
    assert [PACE.pause(barren) for barren in (0, 1, 2, 6, 7, 1000)] == [600, 10, 20, 320, 600, 600]


def test_an_unnamed_listener_is_no_listener():
    nameless = Standing("127.0.0.1:25", Finding.PROVEN, "", "", 1000.0)
    assert not proves([nameless], "", 1000.0)
    assert [
        listener_of(*told)
        for told in [("mx.campus.example", "25"), ("MTA", ""), ("", "25"), ("two words", "25"), ("mx", "2 5")]
    ] == [
        MX,
        "MTA:",
        "",
        "",
        "",
    ]


def test_the_file_says_what_was_written_and_a_broken_one_nothing(tmp_path):
    file = tmp_path / "split"
    known = (Standing("127.0.0.1:25").after(WELL, 5.0), Standing("127.0.0.1:26"))
    assert standings.read(file) == ()
    standings.write(file, known)
    assert standings.read(file) == known
    assert file.stat().st_mode & 0o077 == 0
    for broken in ("", "[", "{}", "[1]", "[{}]", '[{"finding": "sure"}]', file.read_text().replace("since", "until")):
        file.write_text(broken)
        assert standings.read(file) == ()
    standings.forget(file)
    standings.forget(file)
