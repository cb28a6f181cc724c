"""Dot-stuffing in blocks gives the same bytes as doing it at once, and copies no whole message."""

from __future__ import annotations

import re
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.forward.wire import BLOCK, stuffed

STUFFED = {
    "empty": (b"", b".\r\n"),
    "plain": (b"a\r\n", b"a\r\n.\r\n"),
    "no-final-newline": (b"a", b"a\r\n.\r\n"),
    "only-a-dot": (b".", b"..\r\n.\r\n"),
    "dot-line": (b".\r\n", b"..\r\n.\r\n"),
    "dots-at-line-starts": (b"a\r\n.b\r\n..c\r\n", b"a\r\n..b\r\n...c\r\n.\r\n"),
    "bare-newlines-are-no-line-starts": (b"a\n.b\r.c\r\n", b"a\n.b\r.c\r\n.\r\n"),
    "ends-in-bare-return": (b"a\r", b"a\r\r\n.\r\n"),
}


def plainly(body: bytes) -> bytes:
    whole = re.sub(rb"(\A|\r\n)\.", rb"\1..", body)
    return whole + (b".\r\n" if not body or body.endswith(b"\r\n") else b"\r\n.\r\n")


@pytest.mark.parametrize(("body", "sent"), STUFFED.values(), ids=STUFFED)
def test_dots_are_stuffed_after_crlf_only(body, sent):
    assert b"".join(stuffed([body])) == sent


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"a\x00\xff"]), max_size=6).map(b"".join)))
def test_pieces_are_sent_like_their_sum(pieces):
    assert b"".join(stuffed(pieces)) == plainly(b"".join(pieces))


@pytest.mark.parametrize("offset", range(-3, 3))
def test_a_dot_line_across_a_block_border_is_stuffed(offset):
    body = b"a" * (BLOCK + offset) + b"\r\n.b\r\n"
    assert b"".join(stuffed([memoryview(body)])) == plainly(body)


def test_a_large_message_is_not_copied_whole():
    body = b"some text\r\n" * 1_000_000
    tracemalloc.start()
    total = sum(len(block) for block in stuffed([memoryview(body)]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == len(body) + 3
    assert peak < 20 * BLOCK
