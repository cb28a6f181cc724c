"""The filter dies in front of an MTA that asks it: nothing is lost, nothing held leaves, and a further try is no second hold.

The MTA is played: it does what docs/install.md sets. When we hang up it says "try again" to its client (milter_default_action =
tempfail), and the client's next try has another queue id.
"""

from __future__ import annotations

import asyncio
from itertools import count, product

import pytest

from dlp.failpoints import VARIABLE
from dlp.sink import Sink
from milter import commands, replies
from tests.e2e.bench import body, eventually
from tests.e2e.loopback import HOST, free_ports, open_folder
from tests.e2e.relay import Relay, RelayPorts
from tests.generate.messages import disclosing
from tests.milter.peer import GREETING, Kept, Mta, message
from tests.rigs.asking import CONFIGURATION, seen_to_drop
from tests.rigs.points import arm

pytestmark = pytest.mark.servers

SENDER, INSIDE, OUTSIDE = "a.mori@campus.example", "b.okafor@campus.example", "c.lindt@elsewhere.example"
POINTS = ("recv.dot", "hold.commit", "reply.before", "reply.written")
FATES = {"pass": (0, [INSIDE, OUTSIDE]), "hold": (1, [OUTSIDE]), "split": (1, [INSIDE, OUTSIDE])}

SENDS = {  # what the MTA sends to whom itself
    "pass": lambda raw, recipients: (raw, recipients),
    "hold": lambda *_: (b"", []),
    "split": lambda *_: (b"", []),
}


async def asked(path: str, raw: bytes, recipients: list[str], queue_id: str) -> tuple[bool, bytes, list[str]]:
    """One try: whether the MTA may say 250 to its client, and what it then sends to whom itself."""
    try:
        mta = Mta(*await asyncio.open_unix_connection(path))
    except OSError:
        return False, b"", []
    try:
        await mta.negotiate()
        named = tuple(b"<%s>" % each.encode() for each in recipients)
        frames = message(raw, *named, sender=b"<%s>" % SENDER.encode(), macros=False)
        told = commands.Macros(b"T", {b"i": queue_id.encode()})
        mta.send(*GREETING, *(told if isinstance(each, commands.Macros) else each for each in frames))
        kept = Kept(raw, list(named))
        last = kept.take(await mta.settled())
        mta.send(commands.Quit())
        await mta.rest()  # the filter is past its last point for this message, so the next that is armed is not for it
    except (OSError, EOFError):
        return False, b"", []
    finally:
        mta.close()
    stay = [each.decode()[1:-1] for each in kept.recipients]
    return isinstance(last, replies.Accept | replies.Discard), *(
        (kept.content(), stay) if isinstance(last, replies.Accept) else (b"", [])
    )


async def accepted(path: str, raw: bytes, recipients: list[str], serial: int) -> tuple[bytes, list[str]]:
    """The client tries until it hears 250; gives what the MTA then sends to whom."""
    async with asyncio.timeout(60):
        for number in count():
            taken, *sends = await asked(path, raw, recipients, f"4X{serial}n{number}")
            if taken:
                return sends[0], sends[1]
            await asyncio.sleep(0.1)
    raise AssertionError


def arrived(sink: Sink, raw: bytes) -> list[str]:
    """Whom we have sent this message to."""
    mail = [each for each in sink.messages if each.sender and body(each.raw) == body(raw)]
    return sorted(recipient.address for each in mail for recipient in each.recipients)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", ["store", "remove"])
async def test_a_death_at_any_moment_loses_nothing_and_lets_nothing_held_leave(way):
    lmtp, smtp, last, back = free_ports(4)
    sends = SENDS | ({"split": lambda raw, _: (raw, [INSIDE])} if way == "remove" else {})
    async with Sink(where=f"{HOST}:{last}") as sink:
        with open_folder("killed") as folder:
            points, path = folder / "points", f"{folder}/milter"
            points.mkdir()
            points.chmod(0o777)
            more = CONFIGURATION.format(socket=path, back=back).replace('split = "remove"', f'split = "{way}"')
            believing = asyncio.create_task(seen_to_drop(folder / "var"))  # from before the relay is ready
            with Relay(
                RelayPorts(lmtp, smtp), folder, next_hop=sink.hop, more=more, environment={VARIABLE: str(points)}
            ) as relay:
                for serial, (point, fate) in enumerate(product(POINTS, FATES)):
                    ids, recipients = FATES[fate]
                    raw, hit = disclosing(serial, ids), arm(points, point)
                    sent = await accepted(path, raw, recipients, serial)
                    commits = fate != "pass" or point != "hold.commit"  # what passes is written down nowhere
                    assert not commits or await eventually(hit.exists, within=10), (point, fate)
                    (hit if commits else points / point).unlink()
                    assert sent == sends[fate](raw, recipients), (point, fate)
                    owed = [INSIDE] if fate == "split" and way == "store" else []
                    assert await eventually(lambda raw=raw, owed=owed: arrived(sink, raw) == owed), (point, fate)
                held = await asyncio.to_thread(relay.held)
            believing.cancel()
        assert [copy["recipient"] for copy in held] == [OUTSIDE] * 2 * len(POINTS)  # each hold and each split once
        assert not [copy for copy in sink.messages if OUTSIDE in str(copy.recipients)]
