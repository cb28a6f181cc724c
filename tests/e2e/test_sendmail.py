"""Sendmail asks the relay as a milter, set up with the very lines of docs/install.md."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from dlp.sink import Sink
from tests.e2e.bench import Bench, body, eventually
from tests.e2e.client import hand_over
from tests.e2e.loopback import HOST, free_ports, open_folder
from tests.e2e.relay import Relay, RelayPorts
from tests.e2e.sendmail import PAGE, Ports, lines_of, map_of, missing, sendmail, spool_folder
from tests.e2e.tap import Tap
from tests.generate.messages import disclosing

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600), pytest.mark.skipif(bool(missing()), reason=missing())]

SENDER, INSIDE, OUTSIDE = "a.mori@campus.example", "b.okafor@campus.example", "c.lindt@elsewhere.example"
REMOVING = "Removing held recipients, with Sendmail"
ALIAS, MEMBERS = "office@campus.example", ["d.reyes@elsewhere.campus.example", "e.sato@elsewhere.campus.example"]
MAPS = {name: map_of(REMOVING, name) for name in ("virtusertable", "aliases", "mailertable")}
MAPS["virtusertable"] += f"{ALIAS} office\n"
MAPS["aliases"] += f"office: {', '.join(MEMBERS)}\n"


@asynccontextmanager
async def documented(
    config: str = "", lines: str = "", maps: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Bench, int, int]]:
    """The bench, and the ports of the listener in front and of the one that asks nobody. `config` is more for [milter]."""
    lmtp, smtp, front, back, last = free_ports(5)
    async with Sink(where=f"{HOST}:{last}") as sink:
        with spool_folder() as spool, open_folder("relay") as folder:
            more = f'[milter]\nlisten = "unix:{spool}/milter"\n' + config.replace(f"{HOST}:25", f"{HOST}:{front}")
            relay = Relay(RelayPorts(lmtp, smtp), folder, next_hop=f"{HOST}:{back}", more=more)
            with relay, sendmail(spool, Ports(front, back, last), lines, maps):
                yield Bench(sink, relay, Tap(last, last), None), front, back


@asynccontextmanager
async def removing(maps: Mapping[str, str] = MAPS) -> AsyncIterator[tuple[Bench, int]]:
    """With the page's lines for recipients that are dropped."""
    (returns,) = free_ports(1)
    (section,) = re.findall(r"(?ms)^### Removing held recipients\n(.*?)^##", PAGE)
    (config,) = re.findall(r"(?ms)^ {4}\[milter\]\n(.*?)^$", section)
    config = re.sub(r"(?m)^ {4}", "", config).replace("10027", str(returns))
    async with documented(config, lines_of(REMOVING).replace("10027", str(returns)), maps) as (servers, front, _):
        yield servers, front


def told(servers: Bench, standing: str, why: str = ""):
    return lambda: any(f'"status": "{standing}"' in line and why in line for line in servers.relay.log().splitlines())


CASES = [(0, [INSIDE, OUTSIDE], [INSIDE, OUTSIDE]), (1, [OUTSIDE], []), (1, [INSIDE, OUTSIDE], [INSIDE])]


async def test_what_passes_is_delivered_and_what_is_held_is_not():
    async with documented() as (servers, front, _):
        expected: list[str] = []
        for serial, (ids, recipients, delivered) in enumerate(CASES):
            raw = disclosing(serial, ids)
            assert {reply[:3] for reply in (await hand_over(front, SENDER, recipients, raw)).values()} == {"250"}
            expected = sorted([*expected, *delivered])
            assert await eventually(lambda expected=expected: servers.reached() == expected)
        sent = {body(disclosing(serial, ids)) for serial, (ids, _, delivered) in enumerate(CASES) if delivered}
        assert {body(each.raw) for each in servers.delivered()} == sent
        assert await servers.held_for() == [OUTSIDE, OUTSIDE]
        judged = [line for line in servers.relay.log().splitlines() if "message.judged" in line]
        assert len(judged) == len(CASES)
        assert not any('"queue_id": ""' in line for line in judged)


async def test_a_filter_that_is_down_means_try_again():
    async with documented() as (servers, front, back):
        await asyncio.to_thread(servers.relay.stop)
        replies = await hand_over(front, SENDER, [INSIDE], disclosing(9, 0))
        assert replies[INSIDE].startswith("451")
        assert servers.delivered() == []
        assert (await hand_over(back, SENDER, [INSIDE], disclosing(9, 0)))[INSIDE].startswith("250")  # asks nobody


async def test_a_released_copy_goes_out_and_an_edited_subject_is_all_that_changes():
    telling = disclosing(10, 1, subject="Financial hold and grades")
    async with documented() as (servers, front, _):
        assert (await hand_over(front, SENDER, [OUTSIDE], disclosing(11, 1)))[OUTSIDE].startswith("250")
        (copy,) = await servers.held()
        await asyncio.to_thread(
            servers.relay.command, "held", "release", str(copy["reference"]), "--word-of", "senior", "--reason", "a test"
        )
        assert await eventually(lambda: servers.reached() == [OUTSIDE])
        assert (await hand_over(front, SENDER, [INSIDE], telling))[INSIDE].startswith("250")
        assert await eventually(lambda: servers.reached() == [INSIDE, OUTSIDE])
        edited = servers.delivered()[-1].raw
        assert b"Financial hold" not in edited
        assert body(edited) == body(telling)


async def test_whom_it_is_held_for_is_dropped_and_the_others_get_it_from_sendmail():
    """Whoever is written first stays or goes; what an alias of those who stay leads to gets it too."""
    raw = disclosing(12, 1)
    async with removing() as (servers, front):
        assert await eventually(told(servers, "proven"), within=120), servers.relay.log()
        replies = await hand_over(front, SENDER, [OUTSIDE, INSIDE, ALIAS], raw)
        assert {reply[:3] for reply in replies.values()} == {"250"}
        assert await eventually(lambda: servers.reached() == sorted([INSIDE, *MEMBERS]))
        assert await servers.held_for() == [OUTSIDE]
        for delivery in servers.delivered():
            assert body(delivery.raw) == body(raw)
            assert b"by relay.campus.example" not in delivery.raw  # no copy was owed
