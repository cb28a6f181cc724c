"""Thousands of random conversations: one well-formed reply for each command, as a model of its own expects it (S3)."""

from __future__ import annotations

import asyncio
import random

import pytest

from dlp.errors import Unavailable
from tests.fuzz.smtp_commands import SECRET, Model, answered, converse
from tests.receive.fakes import RawClient

STEPS = ("features", "mail", "rcpt", "accept", "close")
CONVERSATIONS = 1_000


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
async def test_random_conversations(intake, serve, lmtp):
    serving = await serve(lmtp=lmtp, sessions_per_peer=1000)
    chance = random.Random(20_261_126)
    for number in range(CONVERSATIONS):
        broken = frozenset(step for step in STEPS if chance.random() < 0.06)
        intake.replies = {step: chance.choice((RuntimeError(SECRET), Unavailable("next_hop"))) for step in broken}
        client = await serving.connect(greeted=False)
        try:
            await converse(client, chance, Model(lmtp, broken))
        except (AssertionError, EOFError, TimeoutError) as error:
            raise AssertionError(f"conversation {number}") from error
        assert all(transaction.closed for transaction in intake.transactions), number
        assert serving.budget.used == 0
        intake.transactions.clear()
    intake.replies = {}
    assert await (await serving.connect()).command("NOOP") == "250 2.0.0 ok"


RCPT = b"RCPT TO:<b@x.example>\r\n"
WRONG = {
    "not in this state": b"250 2.0.0 ok\r\n",
    "twice": b"503 5.5.1 no\r\n503 5.5.1 no\r\n",
    "an exception's text": b"503 zebra\r\n",
    "half": b"503-half\r\n",
    "two codes": b"503-one\r\n250 two\r\n",
    "no code": b"what\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_the_model_sees_a_wrong_answer(wrong):
    """To RCPT without MAIL."""
    reader = asyncio.StreamReader()
    reader.feed_data(wrong)
    reader.feed_eof()
    client = RawClient(reader, None)
    if wrong.count(b"\r\n503 "):
        await answered(client, Model(lmtp=False, greeted=True), RCPT)
        assert await client.rest() != b""  # `converse` ends with this
        return
    with pytest.raises((AssertionError, EOFError)):
        await answered(client, Model(lmtp=False, greeted=True), RCPT)
