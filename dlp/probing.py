"""Whether an MTA drops the recipients it is told to drop: test messages, what came back of them, and what that proves.

Takes keys, two addresses of the site and what arrived; gives messages, verdicts and Standings. A round is two messages to both
addresses; of each another one is to be dropped, so that both are seen to arrive. Both also lead to one further address: an MTA
that sends there once loses the copy of who stays. Each carries a seal nobody else can make. Pure; what is not ours is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum

from dlp.keys import Keys

FIELD = "X-DLP-Split-Probe"
ROUNDS = 3  # that must go well after one that did not
_FIELD = re.compile(rb"(?mi)^%s: ([!-~]+(?: [!-~]+)*)\r\n" % FIELD.encode())
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds."""

    every: float = 600.0  # from one round to the next
    again: float = 10.0  # after one that showed nothing; twice as long after each further one
    patience: float = 60.0  # for the copies of a round
    quiet: float = 10.0  # after the last of them, for one that should not come

    @property
    def lasts(self) -> float:
        """How long a round proves anything."""
        return self.every + 2 * self.patience

    def pause(self, barren: int) -> float:
        """After so many rounds in a row that showed nothing."""
        return self.every if barren == 0 else min(self.every, self.again * 2 ** min(barren - 1, 20))


PACE = Pace()


class Finding(StrEnum):
    PROVEN = "proven"
    UNPROVEN = "unproven"
    DISPROVEN = "disproven"  # somebody who was removed got a copy


@dataclass(frozen=True, slots=True)
class Trip:
    """One test message; `gone` is the place in the pair of whom the MTA is to drop."""

    nonce: str
    gone: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """A copy that came back. `listener` is the MTA's by its own words, None when it did not ask us about the message."""

    trip: Trip
    whose: int | None  # of the pair; None: at an address both lead to
    listener: str | None
    rewritten: bool  # its address is another than we named


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a round shows; None: nothing, neither well nor ill. `why` is a closed word."""

    finding: Finding | None
    why: str = ""
    listener: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one listener of an MTA that is probed. `since` is when the last good round began, on a steady clock."""

    target: str
    finding: Finding = Finding.UNPROVEN
    why: str = "no round yet"
    listener: str = ""
    since: float = 0.0
    good: int = ROUNDS  # rounds since one went ill

    def after(self, verdict: Verdict, began: float) -> Standing:
        """A round that shows nothing leaves an earlier proof to its age."""
        if verdict.finding is None:
            return self if self.finding is not Finding.UNPROVEN else replace(self, why=verdict.why)
        good = self.good + 1 if verdict.finding is Finding.PROVEN else 0 if verdict.finding is Finding.DISPROVEN else self.good
        finding, why = verdict.finding, verdict.why
        if finding is Finding.PROVEN and good < ROUNDS:
            finding, why = (Finding.DISPROVEN if self.finding is Finding.DISPROVEN else Finding.UNPROVEN), "proving again"
        return Standing(self.target, finding, why, verdict.listener or self.listener, began, good)

    def at(self, now: float) -> Finding:
        """What counts now: a proof has its time."""
        if self.finding is Finding.PROVEN and not 0.0 <= now - self.since <= PACE.lasts:
            return Finding.UNPROVEN
        return self.finding


def proves(standings: Iterable[Standing], listener: str, now: float) -> bool:
    """Whether this listener is known to drop whom it is told to."""
    of_it = [each.at(now) for each in standings if listener and each.listener == listener]
    return Finding.PROVEN in of_it and Finding.DISPROVEN not in of_it


def listener_of(name: str, port: str) -> str:
    """One listener of one MTA, as its macros {daemon_name} and {daemon_port} tell; "" when nobody can tell."""
    return f"{name}:{port}" if _NAME.fullmatch(name) and (not port or _NAME.fullmatch(port)) else ""


def composed(keys: Keys, trip: Trip, pair: Pair, now: datetime) -> bytes:
    """The message to both."""
    lines = (
        f"From: {pair[1 - trip.gone]}",
        f"To: {pair[0]}, {pair[1]}",
        "Subject: Test of the mail filter",
        f"Date: {format_datetime(now)}",
        f"Message-ID: <split-{keys.seal('split id', trip.nonce)}@{pair[0].rpartition('@')[2]}>",
        "Auto-Submitted: auto-generated",
        f"{FIELD}: {_sealed(keys, 'asked', trip)}",
        "",
        "This is a test of the mail filter. Nobody needs to do anything.",
    )
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def answered(raw: bytes, recipients: Sequence[str], pair: Pair, keys: Keys, listener: str) -> tuple[bytes, int] | None:
    """What becomes of a test message an MTA asks about: another content, and the place of whom to drop. None: it is none.

    It goes to the two addresses alone, whatever it holds.
    """
    if len(recipients) != 2 or [*map(_plain, recipients)] != [*map(_plain, pair)]:
        return None
    trip, said = _read(raw, keys)
    if trip is None or said[0] != "asked":
        return None
    start, end = next(_FIELD.finditer(_head(raw))).span(1)
    return raw[:start] + _sealed(keys, "done", trip, listener or "-").encode("ascii") + raw[end:], trip.gone


def arrivals(raw: bytes, recipients: Iterable[str], pair: Pair, keys: Keys) -> tuple[Arrival, ...]:
    """Whose copies these are. The MTA has another domain for the two, and the same local part."""
    trip, said = _read(raw, keys)
    if trip is None:
        return ()
    listener = None if said[0] == "asked" else said[3].removeprefix("-")
    found = []
    for address in recipients:
        local = _plain(address).rpartition("@")[0]
        place = next((place for place, named in enumerate(pair) if _plain(named).rpartition("@")[0] == local), None)
        found.append(Arrival(trip, place, listener, place is None or _plain(address) != _plain(pair[place])))
    return tuple(found)


def verdict(trips: Sequence[Trip], came: Sequence[Arrival], waited: float, quiet: float, pace: Pace = PACE) -> Verdict | None:
    """What the copies show, `waited` seconds after they were sent and `quiet` after the last came; None: it is too early."""
    listeners = {each.listener for each in came}
    doubts = {
        "the MTA does not ask about them": None in listeners,
        "the MTA does not name its listener": len(listeners) > 1 or "" in listeners,
        "the MTA does not rewrite the addresses": not all(each.rewritten for each in came),
    }
    if wrong := [each for each in came if each.listener is not None and each.whose == each.trip.gone]:
        return leaked(wrong[0])
    if doubt := next((why for why, there in doubts.items() if there), ""):
        return Verdict(Finding.UNPROVEN, doubt)
    own = {each.trip for each in came if each.whose is not None}
    shared = {each.trip for each in came if each.whose is None}
    if own == shared == set(trips):
        return Verdict(Finding.PROVEN, "", came[0].listener or "") if quiet >= pace.quiet else None
    if waited < pace.patience:
        return None
    return _short(shared) if own == set(trips) else Verdict(None, "the test messages do not come back")


def _short(shared: AbstractSet[Trip]) -> Verdict:
    """Not all that should come has come, although each of the pair got its own copy."""
    if shared:
        return Verdict(Finding.DISPROVEN, "with a removed recipient another one's copy was lost")
    return Verdict(Finding.UNPROVEN, "there is no address to which both lead")


def leaked(copy: Arrival) -> Verdict:
    """What a copy shows that should not be."""
    return Verdict(Finding.DISPROVEN, "a removed recipient got a copy", copy.listener or "")


def _sealed(keys: Keys, *said: str | Trip) -> str:
    words = [word for each in said for word in ((each.nonce, str(each.gone)) if isinstance(each, Trip) else (each,))]
    return " ".join([*words, keys.seal("split", *words)])


def _read(raw: bytes, keys: Keys) -> tuple[Trip | None, list[str]]:
    """The sealed words of the one field that has any."""
    found = [value.decode("ascii").split(" ") for value in _FIELD.findall(_head(raw))]
    if len(found) != 1 or len(found[0]) != {"asked": 4, "done": 5}.get(found[0][0]):
        return None, []
    *words, seal = found[0]
    if not keys.sealed(seal, "split", *words):
        return None, []
    return Trip(words[1], int(words[2])), words


def _head(raw: bytes) -> bytes:
    end = raw.find(b"\r\n\r\n")
    return raw[: end + 2] if end >= 0 else b""


def _plain(address: str) -> str:
    return address.lower()
