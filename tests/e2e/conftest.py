"""What the end-to-end tests share: a test that needs Postfix says why it cannot run."""

from __future__ import annotations

import pytest

from tests.e2e import postfix


@pytest.fixture
def needs_postfix() -> None:
    """Skip, with the reason, where Postfix's master cannot run."""
    reason = postfix.missing()
    if reason:
        pytest.skip(reason)
