"""A listener on a real socket with a fake intake behind it, and clients of it, for the length of one test."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from tests.receive.fakes import FakeIntake, listening


@pytest.fixture
async def intake():
    return FakeIntake()


@pytest.fixture
async def serve(intake, tmp_path):
    """`await serve(unix=True, **options)` starts a listener; all are stopped in the end."""
    async with AsyncExitStack() as stack:

        async def starter(*, unix=False, **options):
            path = str(tmp_path / "lmtp") if unix else ""
            return await stack.enter_async_context(listening(intake, unix=path, **options))

        yield starter


@pytest.fixture
async def client(serve):
    """A client of a plain SMTP listener."""
    return await (await serve()).connect()
