"""A short run of `make load`: nobody is answered 5xx, large messages are put off, and growth is seen when there is some."""

from __future__ import annotations

import pytest

from tests.rigs import tree
from tests.rigs.load import MB, SESSIONS, Findings, Samples, Steady, large, overload, steady


@pytest.mark.servers
@pytest.mark.timeout(300)
async def test_a_short_load_is_answered_and_does_not_grow() -> None:
    findings = Findings()
    await steady(findings, Steady(connections=50, messages=500, seconds=20, warm=10, limit=200 * MB))
    assert findings.wrong == []


@pytest.mark.servers
@pytest.mark.timeout(300)
async def test_large_messages_at_once_and_too_many_sessions_are_put_off() -> None:
    findings = Findings()
    await large(findings, count=40, size=5 * MB, in_flight=12 * MB)
    await overload(findings, sessions=2 * SESSIONS + 20, senders=120)
    assert findings.wrong == []


def sampled(*rss: int, threads: int = 9) -> Samples:
    return Samples(0.0, {1: [(float(at), tree.Size(size * MB, 0, 50 + at, threads)) for at, size in enumerate(rss)]})


def test_growth_is_measured_against_the_size_when_warm():
    assert sampled(*[100] * 40).grown(10) == 1.0
    assert sampled(*[100] * 30, *[120] * 10).grown(10) == pytest.approx(1.2)
    assert sampled(*[50] * 5, *[100] * 30).grown(20) == 1.0


def test_descriptors_that_leak_are_seen():
    assert sampled(*[100] * 40).spread("descriptors", 10) == (70, 89)
    assert sampled(*[100] * 40).spread("threads", 10) == (9, 9)


def test_nothing_sampled_after_it_was_warm_is_not_taken_for_flat():
    assert sampled(*[100] * 5).grown(60) == 0.0
