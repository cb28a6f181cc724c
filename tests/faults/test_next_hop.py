"""The next hop in every way it can misbehave (F47 to F65) x what is done with the message x both front ends x both hops.

What each cell must give is computed from the definitions by `expected`: when the hop's answer counts for whom (design.md,
Transaction; reliability.md f.3). Letters, one for each recipient: D delivered, H held, O owed (each answered 250), 4 to be
sent again, 5 refused for good. Then the client tries again until it is content, and the promises must hold all the time.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import product

import pytest

from dlp.forward import Hop
from dlp.limits import Limits
from dlp.mail.reading import read_header
from dlp.sink import EXTENSIONS, Fault, Script
from dlp.store.states import State
from dlp.values import Texts
from tests.promises import RAW, SUBJECT, Oracle, the_clerk_sends
from tests.upstream import HOSTNAME, PLACES, QUICK, Post, posted

pytestmark = pytest.mark.usefixtures("by_local_part")

FATES: Mapping[str, tuple[str, str]] = {
    "pass": ("pass1@campus.example", "pass2@campus.example"),
    "hold": ("hold1@out.example", "hold2@out.example"),
    "split": ("pass1@campus.example", "hold1@out.example"),
    "owed": ("pass1@campus.example", "rewrite1@campus.example"),
}
LARGE = RAW + b"some text of a line\r\n" * 500_000  # more than the socket buffers hold
LOOPED = b"".join(b"Received: from a by %s (campus-dlp) with SMTP id x; y\r\n" % HOSTNAME.encode() for _ in range(26)) + RAW
NO, NEVER, BYE = "451 4.3.0 not now", "550 5.7.1 never", "421 4.3.2 going down"
EVER = 9  # times; more than one cell needs


@dataclass(frozen=True, slots=True)
class Row:
    """One misbehaviour. `stage`: when it shows; `code`: what its answer means, 2 when it does no harm.

    hop: nobody can be reached · rcpt: the recipients in `of` are refused live · fresh: a MAIL or RCPT after the live ones ·
    body: whatever is sent fails before the dot · dot: the answer to the message · looped: known before anything is sent.
    """

    stage: str
    code: int
    script: Script
    of: tuple[str, ...] = ()  # whose answer it is; empty = everybody's
    raw: bytes = RAW
    parameters: tuple[str, ...] = ()
    without: str = ""  # what EHLO does not announce
    hop: str = ""  # another place than the sink's
    lost: bool = False  # the hop may have the message without our knowing
    only: str = ""  # the kind of hop that can do this


FIRSTS = ("pass1@campus.example", "hold1@out.example", "rewrite1@campus.example")
FIRST = FIRSTS[:2]
MOST = ("pass1@campus.example",)
LASTS = ("pass2@campus.example", "rewrite1@campus.example")


def _rcpt(answer: str, of: tuple[str, ...]) -> Script:
    return {f"RCPT {address}": answer for address in of}


ROWS: Mapping[str, Row] = {
    "F47 nobody listens": Row("hop", 4, {}, hop="refusing"),
    "F48 connect is never answered": Row("hop", 4, {}, hop="silent"),
    "F49 banner 4xx": Row("hop", 4, {"GREETING": BYE}),
    "F49 banner 5xx": Row("hop", 4, {"GREETING": "554 5.7.1 no service"}),
    "F49 banner never": Row("hop", 4, {"GREETING": Fault.SILENT}),
    "F49 banner is no reply": Row("hop", 4, {"GREETING": b"SSH-2.0-x\r\n"}),
    "F49 banner then closes": Row("hop", 4, {"GREETING": Fault.HANG_UP}),
    "F50 EHLO 4xx": Row("hop", 4, {"EHLO": BYE, "LHLO": BYE}),
    "F50 EHLO 5xx": Row("hop", 4, {"EHLO": "502 5.5.1 what", "LHLO": "502 5.5.1 what"}),
    "F50 lacks 8BITMIME": Row("hop", 4, {}, without="8BITMIME", parameters=("BODY=8BITMIME",)),
    "F50 lacks SMTPUTF8": Row("hop", 4, {}, without="SMTPUTF8", parameters=("SMTPUTF8",)),
    "F50 lacks DSN": Row("hop", 4, {}, without="DSN", parameters=("RET=HDRS",)),
    "F50 lacks SIZE": Row("dot", 2, {}, without="SIZE", parameters=("SIZE=500",)),
    "F51 MAIL 4xx": Row("hop", 4, {"MAIL": NO}),
    "F51 MAIL 5xx": Row("hop", 5, {"MAIL": NEVER}),
    "F52 a RCPT 4xx": Row("rcpt", 4, _rcpt(NO, FIRST), of=FIRST),
    "F53 a RCPT 5xx": Row("rcpt", 5, _rcpt(NEVER, FIRST), of=FIRST),
    "F54 every RCPT 4xx": Row("hop", 4, {"RCPT": NO}),
    "F54 every RCPT 5xx": Row("hop", 5, {"RCPT": NEVER}),
    "F54 fresh MAIL 4xx": Row("fresh", 4, {"MAIL": (None, *[NO] * EVER)}),
    "F54 fresh MAIL 5xx": Row("fresh", 5, {"MAIL": (None, *[NEVER] * EVER)}),
    "F54 fresh RCPT 4xx": Row("fresh", 4, {f"RCPT {each}": (None, *[NO] * EVER) for each in FIRSTS}),
    "F54 fresh RCPT 5xx": Row("fresh", 5, {f"RCPT {each}": (None, *[NEVER] * EVER) for each in FIRSTS}),
    "F55 354 never comes": Row("body", 4, {"DATA": Fault.SILENT}),
    "F55 DATA 4xx": Row("body", 4, {"DATA": NO}),
    "F55 DATA 5xx": Row("body", 5, {"DATA": NEVER}),
    "F55 354 then closes": Row("body", 4, {"DATA": Fault.HANG_UP}),
    "F56 lost in the body": Row("body", 4, {"BODY": Fault.DROP}, raw=LARGE),
    "F56 never reads the body": Row("body", 4, {"BODY": Fault.DEAF}, raw=LARGE),
    "F57 lost after the dot": Row("body", 4, {"DOT": Fault.DROP}, lost=True),
    "F58 dot 4xx": Row("dot", 4, {"DOT": NO}),
    "F58 dot 421": Row("dot", 4, {"DOT": BYE}),
    "F59 dot 5xx": Row("dot", 5, {"DOT": NEVER}),
    "F60 2xx after our deadline": Row("body", 4, {"DOT": Fault.SILENT}, lost=True),
    "F61 byte by byte": Row("dot", 2, dict.fromkeys(("GREETING", "EHLO", "LHLO", "MAIL", "RCPT", "DATA", "DOT"), Fault.DRIP)),
    "F62 answer is no reply": Row("body", 4, {"DOT": b"\x16\x03\x01 no\r\n"}, lost=True),
    "F62 answer without end": Row("body", 4, {"DOT": b"250-" + b"a" * 70_000}, lost=True),
    "F62 MAIL answered twice": Row("hop", 4, {"MAIL": b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n"}),
    "F62 dot answered twice": Row("dot", 2, {"DOT": b"250 2.0.0 ok\r\n250 2.0.0 ok\r\n"}),
    "F62 answers before the dot": Row("body", 4, {"BODY": "552 5.3.4 too much\r\n250 2.0.0 ok"}, raw=LARGE),
    "F64 loops back to us": Row("looped", 5, {}, raw=LOOPED),
    "F65 closes after its 2xx": Row("dot", 2, {"DOT": Fault.HANG_UP}, only="smtp"),
    "F65 closes after its last 2xx": Row("dot", 2, {f"DOT {each}": Fault.HANG_UP for each in LASTS}, only="lmtp"),
    "RSET refused": Row("dot", 2, {"RSET": "500 5.5.1 what"}),
    "LMTP: one 4xx at the dot": Row("dot", 4, {f"DOT {each}": NO for each in MOST}, of=MOST, only="lmtp"),
    "LMTP: one 5xx at the dot": Row("dot", 5, {f"DOT {each}": NEVER for each in MOST}, of=MOST, only="lmtp"),
    "LMTP: lost after the first answer": Row(
        "dot", 4, {"DOT pass2@campus.example": Fault.DROP}, of=("pass2@campus.example",), only="lmtp", lost=True
    ),
}  # fmt: skip


def expected(row: Row, fate: str, *, lmtp: bool, next_lmtp: bool) -> str:
    """The letters of one cell, by definition."""
    addresses = FATES[fate]
    letters = dict.fromkeys(addresses, "")
    if row.stage in ("hop", "looped"):
        return str(row.code) * 2
    if row.stage == "rcpt":
        letters |= {address: str(row.code) for address in addresses if address in row.of}
    live = tuple(address for address in addresses if not letters[address])
    groups = [group for word in ("pass", "rewrite") if (group := tuple(each for each in live if each.startswith(word)))]
    for group in groups if lmtp else groups[:1]:
        letters |= dict(zip(group, _sent(row, group, is_live=group == live, next_lmtp=next_lmtp), strict=True))
    if not lmtp and groups:
        first = [letters[each] for each in groups[0]]
        if "D" not in first:  # one answer for all: nothing else happens either
            return "".join(letters[each] if each not in live else min(first) for each in addresses)
        letters |= {each: "O" for each in groups[0] if letters[each] != "D"}
        letters |= {each: "O" for group in groups[1:] for each in group}
    letters |= {each: "H" for each in live if each.startswith("hold")}
    return "".join(letters.values())


def _sent(row: Row, group: tuple[str, ...], *, is_live: bool, next_lmtp: bool) -> str:
    """The hop's answer for each of a group that is forwarded in one transaction, `is_live`: by the one opened before."""
    if row.code == 2 or row.stage == "rcpt" or (row.stage == "fresh" and is_live):
        return "D" * len(group)
    if row.stage == "fresh" and not next_lmtp:
        return "4" * len(group)  # an SMTP hop that contradicts itself is asked again
    return "".join("D" if row.of and each not in row.of else str(row.code) for each in group)


def cells() -> Iterator[object]:
    """Every cell; those with a large body, and front and hop of different kinds, are the long ones."""
    for name, fate, front, hop in product(ROWS, FATES, ("smtp", "lmtp"), ("smtp", "lmtp")):
        if ROWS[name].only in ("", hop):
            long = ROWS[name].raw is LARGE or front != hop
            yield pytest.param(name, fate, front, hop, marks=[pytest.mark.long_cells] if long else [])


class HeaderOnly:
    """Stands in for the lanes: what is judged is the local part, so no text is needed."""

    limits = Limits()

    async def read(self, raw: bytes, _head: object = None, *, until: float) -> tuple[Texts, str]:
        return Texts(read_header(raw, self.limits), (), ()), "fast"


@asynccontextmanager
async def elsewhere(kind: str) -> AsyncIterator[Hop]:
    """A place where nobody listens, or one whose kernel lets every connection wait."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        waiting: list[asyncio.Task[object]] = []
        if kind == "silent":
            listening.listen(0)
            waiting = [asyncio.create_task(asyncio.open_connection("127.0.0.1", port)) for _ in range(4)]
            await asyncio.sleep(0.05)  # until the backlog is full
        try:
            yield Hop("smtp", "127.0.0.1", port)
        finally:
            for each in waiting:
                each.cancel()
            for ended in await asyncio.gather(*waiting, return_exceptions=True):
                if isinstance(ended, tuple):
                    ended[1].transport.abort()


@asynccontextmanager
async def set_up(folder, row: Row, *, lmtp: bool, next_lmtp: bool) -> AsyncIterator[Post]:
    async with posted(folder, lmtp=lmtp, next_lmtp=next_lmtp) as post:
        post.tools = replace(post.tools, lanes=HeaderOnly())
        post.tools.forwarder.timeouts = replace(QUICK, dot=5)
        if row.raw is LARGE:
            for listening in post.sink._server.sockets:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        yield post


def letter(code: int, address: str, post: Post, rows: Mapping[str, State]) -> str:
    if code != 250:
        return str(code // 100)
    if rows.get(address) is State.HELD:
        return "H"
    return "O" if rows.get(address) is State.OWED else "D" if post.arrived(address) else "LOST"


async def first_try(post: Post, row: Row, fate: str) -> dict[str, int]:
    """The message meets the misbehaviour, which then is over."""
    forwarder = post.tools.forwarder
    hop, patient = forwarder.hop, forwarder.timeouts
    forwarder.timeouts = replace(QUICK, connect=0.2, greeting=0.2, data=0.2, block=0.2)
    post.sink.play(row.script)
    post.sink.extensions = tuple(each for each in EXTENSIONS if not row.without or not each.startswith(row.without))
    if row.hop:
        async with elsewhere(row.hop) as forwarder.hop:
            codes = await post.send(FATES[fate], row.raw, parameters=row.parameters)
    else:
        codes = await post.send(FATES[fate], row.raw, parameters=row.parameters)
    forwarder.hop, forwarder.timeouts = hop, patient
    post.sink.play({})
    post.sink.extensions = EXTENSIONS
    return codes


@pytest.mark.parametrize(("name", "fate", "front", "hop"), list(cells()))
async def test_next_hop(quick_folder, cell, name, fate, front, hop):
    row = ROWS[name]
    lmtp, next_lmtp = front == "lmtp", hop == "lmtp"
    async with set_up(quick_folder, row, lmtp=lmtp, next_lmtp=next_lmtp) as post:
        oracle = Oracle(post, FATES[fate], row.raw)
        codes = await first_try(post, row, fate)
        rows = oracle.rows()
        letters = "".join(letter(codes[address], address, post, rows) for address in FATES[fate])
        cell(f"next hop that speaks {hop.upper()}", name, f"{fate}, {front} front", letters)
        assert letters == expected(row, fate, lmtp=lmtp, next_lmtp=next_lmtp)
        oracle.never()
        oracle.no_phantom(codes)
        assert post.free_places == PLACES, "a session was not given back"
        for _ in range(3):
            again = [address for address, code in codes.items() if code // 100 == 4]
            codes |= await post.send(again, row.raw) if again else {}
            post.clock.forward(minutes=20)
        await the_clerk_sends(post)
        oracle.never()
        rows = oracle.rows()
        for address, code in codes.items():
            assert code // 100 in (2, 5)
            if code == 250 and not address.startswith("hold"):
                assert 1 <= len(post.arrived(address)) <= 1 + row.lost, "LOST or DUP"
            if address.startswith("hold"):
                assert rows.get(address) == (State.HELD if code == 250 else None), "LOST or PHANTOM"


def test_there_are_more_than_thirty_misbehaviours():
    assert len(ROWS) >= 32
    assert SUBJECT in LOOPED
