"""Fuzzes the listeners' commands: `make fuzz TARGET=smtp MINUTES=n`, or `python -m tests.fuzz.fuzz_smtp SECONDS [SEED]`.

Random conversations against a listener on loopback with a made-up intake behind it, each checked reply by reply against a
model (smtp_commands.py). The first answer that is not as it should be stops it with a traceback and the seed.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sys
import time

from dlp.errors import Unavailable
from tests.fuzz.smtp_commands import SECRET, Model, converse
from tests.receive.fakes import FakeIntake, listening

STEPS = ("features", "mail", "rcpt", "accept", "close")
AT_ONCE = 8


async def conversations(seed: int, lmtp: bool, end: float) -> int:  # noqa: FBT001
    """Until the time is over; how many there were."""
    chance = random.Random(seed)
    intake = FakeIntake()
    count = 0
    async with listening(intake, lmtp=lmtp) as serving:
        while time.monotonic() < end:
            broken = frozenset(step for step in STEPS if chance.random() < 0.06)
            intake.replies = {step: chance.choice((RuntimeError(SECRET), Unavailable("next_hop"))) for step in broken}
            await converse(await serving.connect(greeted=False), chance, Model(lmtp, broken))
            if serving.budget.used or not all(transaction.closed for transaction in intake.transactions):
                raise ValueError("something of the conversation was left behind")
            intake.transactions.clear()
            serving.clients.clear()
            count += 1
    return count


async def fuzz(seconds: float, seed: int) -> int:
    end = time.monotonic() + seconds
    return sum(await asyncio.gather(*(conversations(seed + n, bool(n % 2), end) for n in range(AT_ONCE))))


def main() -> None:
    seconds = float(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    print(f"seed {seed}", flush=True)
    logging.getLogger("dlp").addHandler(logging.NullHandler())  # each failure behind the listener is an event
    print(f"{asyncio.run(fuzz(seconds, seed))} conversations, no failure")


if __name__ == "__main__":
    main()
