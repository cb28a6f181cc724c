"""Random stacks of two to four tricks that compose."""

from __future__ import annotations


def stack(seed: int) -> tuple[str, bytes]:
    """What was stacked, and the message."""
    raise NotImplementedError(seed)
