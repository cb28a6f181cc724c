"""A mixed message over Postfix that drops recipients when told to, proven by a probe; and over one that does not."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.e2e.bench import Bench, eventually
from tests.e2e.loopback import free_ports
from tests.e2e.test_documented import PAGE, blocks, documented
from tests.e2e.test_milter import INSIDE, OUTSIDE, SENDER, fields, given
from tests.generate.messages import disclosing

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("needs_postfix")]

WAY = "Removing held recipients"
# A Postfix that sends once to an address of two recipients, and drops it with the first; one that rewrites no address.
BLIND = "enable_original_recipient = no\n"
PLAIN = (
    "virtual_alias_maps =\ntransport_maps = "
    "inline:{{ {{ split-1@campus.example = smtp:[127.0.0.1]:{back} }}, "
    "{{ split-2@campus.example = smtp:[127.0.0.1]:{back} }} }}\n"
)


@asynccontextmanager
async def removing(more_main: str = "", unproven: str = "store") -> AsyncIterator[Bench]:
    """The page's own lines."""
    (back,) = free_ports(1)
    (section,) = re.findall(rf"(?ms)^### {WAY}\n(.*?)^##", PAGE)
    (config,) = re.findall(r"(?ms)^    \[milter\]\n(.*?)^$", section)
    config = re.sub(r"(?m)^ {4}", "", config).replace("127.0.0.1:25", "127.0.0.1:{front}").replace("10027", str(back))
    main = blocks(WAY)[0].replace("{", "{{").replace("}", "}}").replace("10027", str(back))
    config = config.replace('unproven = "store"', f'unproven = "{unproven}"')
    async with documented("Milter", main + more_main.replace("{back}", str(back)), config) as servers:
        yield servers


SETTLED = {  # what is done in doubt: the answer, whom it reaches, for whom it is held
    "store": ("250", [INSIDE], [OUTSIDE]),
    "hold": ("250", [], [INSIDE, OUTSIDE]),
    "tempfail": ("451", [], []),
}


def told(servers: Bench, standing: str, why: str = ""):
    return lambda: any(f'"status": "{standing}"' in line and why in line for line in servers.relay.log().splitlines())


@pytest.mark.timeout(600)
async def test_whom_it_is_held_for_is_dropped_and_the_others_get_it_from_the_mta():
    raw = disclosing(1, 1)
    async with removing() as servers:
        assert await eventually(told(servers, "proven"), within=120), servers.postfix.log() + servers.relay.log()
        assert (await given(servers, [INSIDE, OUTSIDE], raw)).startswith("250")
        assert servers.reached() == [INSIDE]  # at once: no copy is owed
        assert await servers.held_for() == [OUTSIDE]
        (delivery,) = servers.delivered()
        assert fields(delivery.raw) == raw
        assert not re.findall(rb"(?m)^\tby relay\.campus\.example", delivery.raw)
        assert "warning" not in servers.postfix.log()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("unproven", SETTLED)
async def test_a_postfix_that_drops_too_much_is_not_told_to(unproven):
    answer, reached, held = SETTLED[unproven]
    async with removing(BLIND, unproven) as servers:
        assert await eventually(told(servers, "disproven", "another one's copy was lost"), within=120)
        assert (await given(servers, [INSIDE, OUTSIDE], disclosing(2, 1))).startswith(answer)
        assert await eventually(lambda: servers.reached() == reached)
        assert await servers.held_for() == held


@pytest.mark.timeout(600)
async def test_addresses_that_are_not_rewritten_prove_nothing():
    async with removing(PLAIN) as servers:
        assert await eventually(told(servers, "unproven", "does not rewrite"), within=120)
        assert (await given(servers, [INSIDE, OUTSIDE], disclosing(3, 1))).startswith("250")
        assert await eventually(lambda: servers.reached() == [INSIDE])
        assert await servers.held_for() == [OUTSIDE]


@pytest.mark.timeout(600)
async def test_of_a_message_from_elsewhere_than_the_probed_listener_nothing_is_proven():
    """A local program's mail comes by another way through the same Postfix."""
    async with removing() as servers:
        assert await eventually(told(servers, "proven"), within=120)
        command = ["sendmail", "-C", str(servers.postfix.queue_folder.parent / "etc"), "-f", SENDER, INSIDE, OUTSIDE]
        await asyncio.to_thread(
            subprocess.run, command, input=disclosing(4, 1).replace(b"\r\n", b"\n"), check=True, timeout=60, capture_output=True
        )
        assert await eventually(lambda: servers.reached() == [INSIDE], within=60)
        (delivery,) = servers.delivered()
        assert b"by relay.campus.example" in delivery.raw  # it was owed, and we have sent it
        assert await servers.held_for() == [OUTSIDE]
