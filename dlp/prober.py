"""Probes the MTA's listeners every ten minutes: does it drop whom we tell it to drop? (probing.py, decision 34)

Takes the site's probe addresses and the listeners; sends two small messages to each and takes what comes back on a listener of
our own. Gives a file of Standings (standings.py), and events when one changes. Own trouble proves nothing and is never raised:
the next round comes all the same, and a proof that is not renewed ends by its age.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dlp import standings
from dlp.errors import Unavailable
from dlp.events import event
from dlp.forward import Forwarder
from dlp.intake import Conversation, Features
from dlp.keys import Keys
from dlp.probing import PACE, Arrival, Finding, Pace, Pair, Standing, Trip, Verdict, arrivals, composed, leaked, verdict
from dlp.values import Clock, Recipient, Reply

_LOG = logging.getLogger("dlp.prober")
SIZE = 1 << 20  # bytes of a message that may come back: a report about one of ours
_TAKEN = Reply(250, "2.0.0", "taken")
_NOT_OURS = Reply(550, "5.7.1", "only test messages of the mail filter are taken here")
_LEVELS = {Finding.PROVEN: logging.INFO, Finding.UNPROVEN: logging.WARNING, Finding.DISPROVEN: logging.ERROR}
_Noted = Callable[[Arrival], None]


@dataclass(frozen=True, slots=True)
class Returns:
    """Takes what comes back (dlp.intake.Intake)."""

    keys: Keys
    pair: Pair
    noted: _Noted

    async def features(self) -> Features:
        return Features(size=SIZE, eight_bit=True, smtputf8=False, dsn=False)

    def open(self, _conversation: Conversation) -> _Return:
        return _Return(self)


@dataclass(slots=True)
class _Return:
    """One message that comes back, or pretends to."""

    returns: Returns
    sender: str = ""
    recipients: list[str] = field(default_factory=list)

    async def mail(self, sender: str, _parameters: tuple[str, ...], _ahead: tuple[Recipient, ...] = ()) -> Reply:
        self.sender = sender
        return _TAKEN

    async def rcpt(self, recipient: Recipient) -> Reply:
        self.recipients.append(recipient.address)
        return _TAKEN

    async def accept(self, raw: bytes | memoryview) -> tuple[Reply, ...]:
        """A report that a test message could not be delivered is taken, and tells nothing."""
        found = arrivals(bytes(raw), self.recipients, self.returns.pair, self.returns.keys)
        for each in found:
            self.returns.noted(each)
        return (_TAKEN if found or not self.sender else _NOT_OURS,)

    def facts(self) -> Mapping[str, object]:
        return {}

    async def close(self) -> None:
        pass


@dataclass(slots=True)
class Prober:
    """One node's."""

    keys: Keys
    pair: Pair
    file: Path
    hop: Callable[[str], Forwarder]  # to one of the listeners
    clock: Clock
    pace: Pace = PACE
    standings: dict[str, Standing] = field(default_factory=dict)  # by listener as configured
    came: dict[Trip, list[tuple[float, Arrival]]] = field(default_factory=dict)  # in the rounds under way

    def returns(self) -> Returns:
        return Returns(self.keys, self.pair, self._arrived)

    def begin(self, targets: Iterable[str]) -> None:
        """From now on nothing is proven of these, whatever another process has found."""
        self.standings = {target: Standing(target) for target in targets}
        self._write()

    async def run(self, stopping: asyncio.Event) -> None:
        """Rounds until `stopping` is set; the listeners beside each other."""
        async with asyncio.TaskGroup() as group:
            probing = [group.create_task(self._probe(target)) for target in self.standings]
            await stopping.wait()
            for task in probing:
                task.cancel()

    async def _probe(self, target: str) -> None:
        barren = 0
        while True:
            began = time.monotonic()
            found = await self._round(target)
            self._note(target, found, began)
            barren = 0 if found.finding in (Finding.PROVEN, Finding.DISPROVEN) else barren + 1
            await asyncio.sleep(self.pace.pause(barren))

    async def _round(self, target: str) -> Verdict:
        """Two messages, of which each must drop another of the two."""
        trips = [Trip(secrets.token_hex(16), gone) for gone in (0, 1)]
        self.came |= {trip: [] for trip in trips}
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.pace.patience):
                await self._send(target, trips)
            while (found := self._seen(trips, began)) is None:  # noqa: ASYNC110  time passing is what is looked at
                await asyncio.sleep(min(self.pace.quiet, 0.2))
        except (Unavailable, TimeoutError):
            return Verdict(None, "the MTA does not take the test messages")
        else:
            return found
        finally:
            for trip in trips:
                del self.came[trip]

    def _seen(self, trips: Sequence[Trip], began: float) -> Verdict | None:
        now = time.monotonic()
        came = [each for trip in trips for each in self.came[trip]]
        last = max((at for at, _ in came), default=now)
        return verdict(trips, [each for _, each in came], now - began, now - last, self.pace)

    async def _send(self, target: str, trips: Sequence[Trip]) -> None:
        """Raises Unavailable when the MTA does not take them."""
        hop = self.hop(target)
        try:
            for trip in trips:
                session = await hop.acquire()
                try:
                    content = composed(self.keys, trip, self.pair, self.clock())
                    sender, to = self.pair[1 - trip.gone], tuple(map(Recipient, self.pair))
                    (reply,) = await session.deliver(sender, (), to, (content,))
                finally:
                    await session.release()
                if not reply.accepted:
                    raise Unavailable("next_hop")
        finally:
            hop.close()

    def _arrived(self, arrival: Arrival) -> None:
        """A copy that should not be disproves what was proven, however late it comes."""
        now = time.monotonic()
        if arrival.trip in self.came:
            self.came[arrival.trip].append((now, arrival))
        elif arrival.listener is not None and arrival.whose == arrival.trip.gone:
            for target, standing in self.standings.items():
                if standing.listener == arrival.listener:
                    self._note(target, leaked(arrival), now)

    def _note(self, target: str, found: Verdict, began: float) -> None:
        before = self.standings[target]
        after = self.standings[target] = before.after(found, began)
        if (after.finding, after.why) != (before.finding, before.why):
            level = _LEVELS[after.finding]
            event(_LOG, "split.changed", level=level, peer=target, status=after.finding.value, what=after.why)
        self._write()

    def _write(self) -> None:
        """Without a file nothing is proven."""
        try:
            standings.write(self.file, self.standings.values())
        except OSError:
            standings.forget(self.file)
