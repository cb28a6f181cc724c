"""Random SMTP and LMTP conversations, and a model of what a server may answer to each line.

`conversation(chance, lmtp)` gives the bytes of one client; `Model` reads the same bytes and names, line by line, the codes
that are allowed in the state the answers so far have led to. It shares no code with the listeners, so neither hides the
other's faults. `converse` plays both over a connection; AssertionError or TimeoutError tells the first reply that is
missing, malformed, not allowed or one too many.
"""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass

from tests.receive.fakes import RawClient

MAIL = (
    b"MAIL FROM:<a@x.example>",
    b"mail from:<>",
    b"MAIL FROM:<a@x.example> BODY=8BITMIME SIZE=100",
    b"MAIL FROM:<\xc3\xa4@x.example> SMTPUTF8",
    b"MAIL FROM:<> RET=FULL ENVID=x",
)
RCPT = (b"RCPT TO:<b@x.example>", b"rcpt to:<B@x.example>", b"RCPT TO:<c@x.example> NOTIFY=NEVER", b'RCPT TO:<"a b"@x.example>')
ODD = (
    b"MAIL", b"MAIL FROM:", b"MAIL FROM:<a@x.example", b"MAIL FROM:a@x.example", b"MAIL FROM:<a@x.example> SIZE=99999999",
    b"MAIL FROM:<a@x.example> SIZE=1 SIZE=2", b"MAIL FROM:<a@x.example> FOO=bar", b"MAIL FROM:<a@x.example>  BODY=BINARYMIME",
    b"MAIL FROM:<\xc3\xa4@x.example>", b"MAIL FROM:<@a,@b:c@x.example>", b"MAIL FROM:<a@x.example> AUTH=",
    b"RCPT", b"RCPT TO:<>", b"RCPT TO:<b@x.example> ORCPT=rfc822;+ZZ", b"RCPT TO:<" + b"a" * 300 + b"@x.example>",
    b"RCPT TO:<b@@x>", b"RCPT TO:<b@x.example> NOTIFY=NEVER,SUCCESS", b"RCPT TO:<postmaster>", b"RCPT FROM:<b@x.example>",
    b"EHLO", b"EHLO a b", b"EHLO (x", b"HELO", b"LHLO", b"DATA x", b"RSET x", b"QUIT now", b"NOOP x y", b"XFORWARD",
    b"XFORWARD NAME", b"XFORWARD ADDR=+0A", b"XFORWARD NAME=a NAME=b", b"XFORWARD PORT=99999", b"XFORWARD HELO=" + b"h" * 400,
)  # fmt: skip
PLAIN = (
    b"NOOP", b"RSET", b"XFORWARD NAME=a.example ADDR=192.0.2.1 IDENT=4XyZ", b"XFORWARD SOURCE=LOCAL", b"VRFY b", b"EXPN list",
    b"HELP", b"AUTH PLAIN AGEAYg==", b"AUTH", b"XCLIENT ADDR=192.0.2.1", b"STARTTLS", b"FOO", b"", b" NOOP", b"MAILFROM:<a@x>",
    b"\xff\xfe", b"NOOP \0", b"NOOP a\rb", b"x" * 5000, b"GET / HTTP/1.1", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 25", b"text",
)  # fmt: skip
ENDS = (b"\r\n",) * 24 + (b"\n", b"\r\r\n")
BODY = (
    b"Subject: x\r\n", b"\r\n", b"text\r\n", b"..\r\n", b". \r\n", b".x\r\n", b"RSET\r\n", b"MAIL FROM:<evil@x.example>\r\n",
    b"\xff\x80\r\n", b"y" * 1500 + b"\r\n",
)  # fmt: skip
SPOILED = (b"a\nb\r\n", b"\n.\n", b"\r.\r\n", b"\0\r\n", b"\n.\r\n")

SECRET = "zebra"  # in the text of every exception behind the listener
_REPLY = re.compile(r"(?:([2-5][0-9]{2})-[ -~]*\n(?:\1-[ -~]*\n)*\1|[2-5][0-9]{2}) [ -~]*")
_LATER = {451, 452}
_ERRORS = 20  # rejected commands a listener bears
_ONE_CODE = {
    b"VRFY": 252, b"EXPN": 502, b"HELP": 502, b"AUTH": 502, b"XCLIENT": 502, b"STARTTLS": 502, b"BDAT": 502, b"NOOP": 250,
}  # fmt: skip


def conversation(chance: random.Random, *, lmtp: bool) -> bytes:
    """What one client sends: often sensible, seldom all the way."""
    hello = b"LHLO c.example" if lmtp else b"EHLO c.example"
    sensible = (lambda: [hello], lambda: [chance.choice(MAIL)], lambda: [chance.choice(RCPT)], lambda: _data(chance))
    wire = bytearray()
    place = 0
    for _ in range(chance.randint(1, 16)):
        if chance.random() < 0.65:
            lines = sensible[place % 4]()
            place += chance.choice((1, 1, 1, 0, 2)) if place % 4 != 2 else chance.choice((0, 1, 1))
        else:
            lines = [chance.choice(chance.choice((MAIL, RCPT, ODD, PLAIN, (hello, b"HELO c.example", b"DATA", b"."))))]
        for line in lines:
            wire += line if line.endswith(b"\n") else line + chance.choice(ENDS)
    if chance.random() < 0.2:
        wire += chance.choice((b"QUIT\r\n", b"BDAT 5 LAST\r\nhello", b"NOO", b"DATA\r\nunfinished"))
    return bytes(wire)


def _data(chance: random.Random) -> list[bytes]:
    body = chance.choices(BODY, k=chance.randint(0, 6))
    if chance.random() < 0.2:
        body.insert(chance.randint(0, len(body)), chance.choice(SPOILED))
    return [b"DATA\r\n", *body, b".\r\n"]


@dataclass
class Model:
    """One connection as the answers so far describe it. `broken`: steps behind the listener that fail."""

    lmtp: bool
    broken: frozenset[str] = frozenset()
    greeted: bool = False
    extended: bool = False  # by EHLO or LHLO
    mail: bool = False
    accepted: int = 0
    body: bytearray | None = None  # of the message being sent
    rejected: int = 0
    over: bool = False

    def expected(self, line: bytes) -> list[set[int]]:
        """The allowed codes of each reply this line is answered with; none within a message."""
        return [self._command(line)] if self.body is None else self._message(line)

    def saw(self, line: bytes, code: int) -> None:
        """Note the answer to a command."""
        verb = line.upper().split(b" ")[0].strip()
        self.rejected += code >= 500 or code == 252
        if code in (221, 421) or (verb == b"BDAT" and code == 502):
            self.over = True
        elif code == 354:
            self.body = bytearray(b"\r\n")
        elif code == 250 and verb in (b"EHLO", b"HELO", b"LHLO", b"RSET"):
            self.mail, self.accepted = False, 0
            if verb != b"RSET":
                self.greeted, self.extended = True, verb != b"HELO"
        elif code == 250 and verb == b"MAIL":
            self.mail = True
        elif code == 250 and verb == b"RCPT":
            self.accepted += 1

    def _message(self, line: bytes) -> list[set[int]]:
        assert self.body is not None
        self.body += line
        if not self.body.endswith(b"\r\n.\r\n"):
            return []
        pairs = self.body.count(b"\r\n")
        spoiled = b"\0" in self.body or {self.body.count(b"\r"), self.body.count(b"\n")} != {pairs}
        replies = [{550} if spoiled else self._or_later({250}, "accept")] * (self.accepted if self.lmtp else 1)
        self.body, self.mail, self.accepted = None, False, 0
        return replies

    def _or_later(self, codes: set[int], *steps: str) -> set[int]:
        """What a working step is answered with; a broken one is never answered for good."""
        return _LATER if steps and steps[0] in self.broken else codes | (_LATER if "features" in self.broken else set())

    def _command(self, line: bytes) -> set[int]:
        text = line[:-2]
        if not line.endswith(b"\r\n") or b"\r" in text or b"\0" in text or len(line) > 4096 or not _is_utf8(text):
            return {500}
        verb, _, rest = text.partition(b" ")
        verb = verb.upper()
        if verb in _ONE_CODE:
            return {_ONE_CODE[verb]}
        if verb in (b"RSET", b"QUIT"):
            return {501} if rest.strip() else {250 if verb == b"RSET" else 221}
        if verb in (b"EHLO", b"HELO", b"LHLO"):
            return self._hello(verb, rest.strip())
        steps = {b"MAIL": self._from, b"RCPT": self._to, b"DATA": self._data, b"XFORWARD": self._forwarded}
        return steps[verb](text) if verb in steps else {500}

    def _hello(self, verb: bytes, name: bytes) -> set[int]:
        if (verb == b"LHLO") != self.lmtp:
            return {500}
        if name != b"c.example":
            return {501}
        return {250} if "features" not in self.broken or verb == b"HELO" else {421, 451}

    def _from(self, text: bytes) -> set[int]:
        if not self.greeted or self.mail:
            return self._or_later({503})
        if text in MAIL and (self.extended or b"> " not in text):
            return self._or_later({250}, "mail")
        return self._or_later({250, 501, 552, 553, 555}) | (_LATER if "mail" in self.broken else set())

    def _to(self, text: bytes) -> set[int]:
        if not self.mail:
            return {503}
        if text in RCPT and (self.extended or b"> " not in text):
            return self._or_later({250}, "rcpt")
        return {250, 501, 553, 555} | (_LATER if "rcpt" in self.broken else set())

    def _data(self, text: bytes) -> set[int]:
        if not self.accepted:
            return self._or_later({503})
        return {354} if text.upper() == b"DATA" else {501}

    def _forwarded(self, text: bytes) -> set[int]:
        if self.mail or not self.greeted:
            return {503} if self.mail or "features" not in self.broken else {503, 250, 501}
        return {250} if text in PLAIN else {501}


async def converse(client: RawClient, chance: random.Random, model: Model) -> None:
    """One conversation from greeting to end; raises when an answer is not as the model has it."""
    wire = conversation(chance, lmtp=model.lmtp)
    sending = asyncio.create_task(_send(client, wire, chance))
    try:
        assert (await client.reply()).startswith("220 ")
        for line in re.findall(rb"[^\n]*\n", wire):
            if model.over:
                break
            await answered(client, model, line)
        await sending
        rest = await client.rest()
        assert rest == b"" or (rest.startswith(b"421 ") and model.rejected >= _ERRORS), "a reply that nobody asked for"
    finally:
        sending.cancel()
        client.close()


async def answered(client: RawClient, model: Model, line: bytes) -> None:
    """Read every reply that this line must get."""
    in_message = model.body is not None
    for allowed in model.expected(line):
        reply = await client.reply()
        assert _REPLY.fullmatch(reply), reply
        assert SECRET not in reply
        code = int(reply[:3])
        if code == 421 and model.rejected >= _ERRORS:
            model.over = True
            return
        assert code in allowed, (line, reply, allowed, model)
        if not in_message:
            model.saw(line, code)


async def _send(client: RawClient, wire: bytes, chance: random.Random) -> None:
    start = 0
    while start < len(wire):
        cut = start + chance.choice((1, 7, 60, 60, 5000))
        client.send(wire[start:cut])
        await asyncio.sleep(0)
        start = cut
    client.writer.write_eof()


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
