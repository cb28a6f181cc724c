"""The Postfix of docs/install.md, run with the very lines of that page: each way delivers, holds, and changes nothing else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dlp.sink import Sink
from tests.e2e.bench import Bench, body, eventually
from tests.e2e.client import hand_over
from tests.e2e.loopback import HOST, free_ports, open_folder
from tests.e2e.postfix import MAIN, MASTER, PostfixPorts, PrivatePostfix
from tests.e2e.relay import Relay, RelayPorts
from tests.e2e.tap import Tap
from tests.generate.messages import disclosing

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("needs_postfix")]

PAGE = (Path(__file__).parent.parent.parent / "docs" / "install.md").read_text(encoding="utf-8")
SENDER, INSIDE, OUTSIDE = "a.mori@campus.example", "b.okafor@campus.example", "c.lindt@elsewhere.example"
ALIAS, MEMBERS = "office@campus.example", ["d.reyes@campus.example", "e.sato@campus.example"]
WAYS = ("After-queue", "Before-queue", "Milter", "Plain relay")

# What a Postfix has anyway; everything the page sets, or means to be without, comes from the page.
_OURS = re.compile(r"(?m)^(message_size_limit|filter_destination|smtpd_authorized_xforward|smtpd_proxy|relayhost)[^\n]*\n")
BASE = _OURS.sub("", MAIN) + f"virtual_alias_maps = inline:{{{{ {{{{ {ALIAS} = {', '.join(MEMBERS)} }}}} }}}}\n"
SERVICES = MASTER[MASTER.index("pickup unix") :].replace("  -o smtp_send_xforward_command=yes\n", "")
MILTER = '[milter]\nlisten = "unix:/var/spool/postfix/dlp/milter"\n'
TCP = '`listen = "127.0.0.1:8891"`, `inet:127.0.0.1:8891` in Postfix'
OPTION = "  -o receive_override_options="


def blocks(way: str) -> tuple[str, str]:
    """What the page says for main.cf and for master.cf."""
    (section,) = re.findall(rf"(?ms)^### {way}\n(.*?)^##", PAGE)
    indented = [re.sub(r"(?m)^ {4}", "", block) for block in re.findall(r"(?m)(?:^ {4}.*\n)+", section)]
    main = "".join(block for block in indented if re.match(r"[a-z_]+ = ", block))
    master = "".join(block for block in indented if re.match(r"\S+ +(?:inet|unix) |  -o ", block))
    return main, master


def configuration(way: str) -> tuple[str, str]:
    """main.cf and master.cf of a private Postfix, with the ports left open."""
    main, master = blocks(way)
    _, other = blocks("After-queue")
    if way == "Milter":
        master += other[other.index("127.0.0.1:10026") :]
    if way == "Before-queue":  # its listener is that of the other way, with the one option it names
        changed = re.search(rf"(?m)^{OPTION}(.*)\n", master)
        assert changed is not None
        listener = re.sub(rf"(?m)^{OPTION}.*", changed[0].rstrip(), other[other.index("127.0.0.1:10026") :])
        master = master.replace(changed[0], "") + listener
    if way == "Plain relay":
        master = "smtp inet n - y - - smtpd\n"
    else:
        main += "relayhost = [127.0.0.1]:{relay}\n"
    front = "submission" if way != "Before-queue" else "proxied"
    master = re.sub(
        r"(?m)^smtp +inet +n +- +y", f"{{{front}}} inet n - n", master
    )  # no chroot: it needs files in the queue folder
    ports = {"127.0.0.1:10026 inet": "{reinjection} inet", "127.0.0.1:10025": "127.0.0.1:{smtp}"}
    for told, port in (ports | {"[127.0.0.1]:10024": "[127.0.0.1]:{lmtp}", "[127.0.0.1]:10025": "[127.0.0.1]:{smtp}"}).items():
        main, master = main.replace(told, port), master.replace(told, port)
    return BASE + main, master + SERVICES


@asynccontextmanager
async def documented(way: str, more_main: str = "", more: str = "", *, tcp: bool = False) -> AsyncIterator[Bench]:
    """`more_main` goes over what main.cf has; `more` is further configuration of the milter, with the ports left open."""
    lmtp, smtp, front, reinjection, last, asked = free_ports(6)
    sink = Sink(where=f"{HOST}:{last}")
    await sink.start()
    relayed, proxied = way == "Plain relay", way == "Before-queue"
    ports = PostfixPorts(
        submission=0 if proxied else front,
        proxied=front if proxied else 0,
        reinjection=0 if relayed else reinjection,
        lmtp=lmtp,
        smtp=smtp,
        relay=last,
    )
    main, master = configuration(way)
    for name in re.findall(r"(?m)^(\w+) =", more_main):
        main = re.sub(rf"(?m)^{name} =.*\n", "", main)
    main += more_main
    try:
        with open_folder("postfix") as spool, open_folder("relay") as folder:
            hop = sink.hop if relayed else f"{HOST}:{reinjection}"
            (spool / "queue/dlp").mkdir(parents=True)
            more = (
                (MILTER + more).replace("/var/spool/postfix", f"{spool}/queue").format(front=front) if way == "Milter" else ""
            )
            if tcp:
                assert TCP in PAGE
                more = more.replace(f"unix:{spool}/queue/dlp/milter", f"{HOST}:{asked}")
                main, master = (text.replace("unix:dlp/milter", f"inet:{HOST}:{asked}") for text in (main, master))
            with Relay(RelayPorts(lmtp, smtp), folder, next_hop=hop, more=more) as relay:
                postfix = PrivatePostfix(ports, spool, main=main, master=master)
                try:
                    await asyncio.to_thread(postfix.start)
                    yield Bench(sink, relay, Tap(last, last), postfix)  # a tap on no wire
                finally:
                    await asyncio.to_thread(postfix.stop)
    finally:
        await sink.close()


async def given(servers: Bench, recipients: list[str], raw: bytes) -> None:
    """Hand a message to the page's own listener and wait until nothing is queued."""
    ports = servers.postfix.ports
    replies = await hand_over(ports.submission or ports.proxied, SENDER, recipients, raw)
    assert {reply[:3] for reply in replies.values()} == {"250"}, servers.postfix.log()
    assert await asyncio.to_thread(servers.postfix.drained), servers.postfix.log()


@pytest.mark.parametrize("way", WAYS)
async def test_each_way_delivers_holds_and_expands_aliases_once(way):
    raw = disclosing(1, 1)
    async with documented(way) as servers:
        await given(servers, [INSIDE, OUTSIDE, ALIAS], raw)
        everybody = sorted([INSIDE, *MEMBERS])
        assert await eventually(lambda: servers.reached() == everybody), servers.postfix.log()  # the clerk sends what is owed
        assert await servers.held_for() == [OUTSIDE]
        assert {body(delivery.raw) for delivery in servers.delivered()} == {body(raw)}
        assert "warning" not in servers.postfix.log()


@pytest.mark.parametrize("way", WAYS)
async def test_the_way_in_is_known_by_its_queue_id(way):
    """XFORWARD reaches the filter, so that a retry of the same message is known; before the queue there is no id."""
    async with documented(way) as servers:
        await given(servers, [OUTSIDE], disclosing(2, 1))
        (copy,) = await servers.held()
        (story,) = [
            line for line in servers.relay.log().splitlines() if str(copy["reference"]) in line and "message.judged" in line
        ]
        assert ('"queue_id": ""' in story) == (way == "Before-queue")


@pytest.mark.parametrize("way", WAYS[:3])
async def test_the_second_pass_adds_its_received_field_and_nothing_else(way):
    """An address without a domain, no Date, no Message-ID: a Postfix that completes header fields would change all three."""
    raw = b"From: a.mori\r\nTo: office\r\nSubject: lunch\r\n\r\nShall we?\r\n"
    async with documented(way) as servers:
        replies = await hand_over(servers.postfix.ports.reinjection, SENDER, [INSIDE], raw)
        assert replies[INSIDE].startswith("250")
        assert await asyncio.to_thread(servers.postfix.drained)
        (delivery,) = servers.delivered()
        fields = re.sub(rb"(?m)^Received: .*\r\n(?:[ \t].*\r\n)*", b"", delivery.raw)
        assert fields == raw
