"""A fake intake, a listener on a real socket with it behind, and a client that sends bytes as they are."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import asynccontextmanager
from ipaddress import ip_network

from dlp.intake import Features
from dlp.receive.data import Budget
from dlp.receive.listener import start
from dlp.receive.service import ListenerOptions
from dlp.values import Reply

EVERYTHING = Features(
    size=1_000_000, eight_bit=True, smtputf8=True, dsn=True, auth_param=True,
    xforward=("NAME", "ADDR", "PORT", "PROTO", "HELO", "SOURCE", "IDENT"),
)  # fmt: skip
OK = Reply(250, "2.0.0", "ok")


class FakeTransaction:
    """Remembers what it was given; answers or raises what the intake says."""

    def __init__(self, intake, conversation):
        self.intake, self.conversation = intake, conversation
        self.sender = self.parameters = self.raw = None
        self.recipients, self.refused, self.closed = [], [], 0

    async def mail(self, sender, parameters, ahead=()):
        self.sender, self.parameters, self.ahead = sender, parameters, ahead
        return self.intake.answer("mail")

    async def rcpt(self, recipient):
        self.intake.asking.set()
        await self.intake.may_rcpt.wait()
        reply = self.intake.answer("rcpt", recipient.address)
        (self.recipients if reply.accepted else self.refused).append(recipient)
        return reply

    def facts(self):
        return {"queue_id": self.conversation.upstream_id}

    async def accept(self, raw):
        self.intake.accepting.set()
        await self.intake.may_accept.wait()
        reply = self.intake.answer("accept")
        self.raw = bytes(raw)
        self.intake.accepted.set()
        if isinstance(reply, tuple):
            return reply
        return (reply,) * (len(self.recipients) if self.conversation.lmtp else 1)

    async def close(self):
        self.closed += 1
        self.intake.closed.set()
        self.intake.answer("close")


class FakeIntake:
    """`replies` maps "mail", "rcpt", "rcpt:ADDRESS", "accept", "features", "close" to a Reply, a tuple or an exception."""

    def __init__(self):
        self.announced = EVERYTHING
        self.replies = {}
        self.transactions = []
        self.accepting, self.accepted, self.may_accept = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.closed, self.asking, self.may_rcpt = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.may_accept.set()
        self.may_rcpt.set()

    def answer(self, step, detail=""):
        reply = self.replies.get(f"{step}:{detail}", self.replies.get(step, OK))
        if isinstance(reply, BaseException):
            raise reply.with_traceback(None)  # else it grows with each use
        return reply

    async def features(self):
        self.answer("features")
        return self.announced

    def open(self, conversation):
        self.transactions.append(FakeTransaction(self, conversation))
        return self.transactions[-1]

    @property
    def messages(self):
        return [transaction.raw for transaction in self.transactions if transaction.raw is not None]


class RawClient:
    """Sends bytes, reads replies: one string for each, lines joined by \\n."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def send(self, data):
        self.writer.write(data)

    async def reply(self):
        lines = []
        while True:
            line = await asyncio.wait_for(self.reader.readline(), 20)
            if not line:
                raise EOFError
            assert line.endswith(b"\r\n"), line
            lines.append(line[:-2].decode("ascii"))
            if lines[-1][3:4] != "-":
                return "\n".join(lines)

    async def command(self, line):
        self.send(line.encode("utf-8", "surrogateescape") + b"\r\n")
        return await self.reply()

    async def commands(self, *lines):
        return [await self.command(line) for line in lines]

    async def envelope(self, *recipients, greeting="EHLO client.example"):
        """Greeting, MAIL and RCPT, all of which must be taken."""
        for line in (greeting, "MAIL FROM:<a@campus.example>", *(f"RCPT TO:<{one}>" for one in recipients)):
            assert (await self.command(line)).startswith("250"), line

    async def data(self, body):
        """DATA with the body as it is, its end included."""
        assert (await self.command("DATA")).startswith("354")
        self.send(body)
        return await self.reply()

    async def rest(self):
        """Everything until the server hangs up."""
        try:
            return await asyncio.wait_for(self.reader.read(), 20)
        except ConnectionError:
            return b""

    def close(self):
        self.writer.close()

    def reset(self):
        """Leave with a TCP reset."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Serving:
    """One running listener."""

    def __init__(self, listener, address, budget):
        self.listener, self.address, self.budget, self.clients = listener, address, budget, []

    async def connect(self, *, greeted=True):
        if isinstance(self.address, str):
            streams = await asyncio.open_unix_connection(self.address, limit=1 << 20)
        else:
            streams = await asyncio.open_connection(*self.address[:2], limit=1 << 20)
        client = RawClient(*streams)
        self.clients.append(client)
        if greeted:
            assert (await client.reply()).startswith("220 ")
        return client


@asynccontextmanager
async def listening(intake, *, unix="", in_flight=1 << 28, **options):
    """A listener for SMTP on loopback, or for what the options say."""
    if unix:
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        bound.bind(unix)
    else:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.bind(("127.0.0.1", 0))
    bound.setblocking(False)
    budget = Budget(in_flight)
    settings = {
        "hostname": "filter.campus.example",
        "lmtp": False,
        "trusted": (ip_network("127.0.0.0/8"),),
        "size": 1_000_000,
        "in_flight": budget,
    }
    listener = await start([bound], intake, ListenerOptions(**(settings | options)))
    serving = Serving(listener, bound.getsockname(), budget)
    try:
        yield serving
    finally:
        for client in serving.clients:
            client.close()
        await listener.stop(grace=2)
