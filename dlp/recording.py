"""What is written down beside the reply, once a message is settled: losing it changes little.

Takes the store and a settled message: what observe mode would have done, test strings seen, how one of a series went, and what
the steward of the sender's department is told of. Trouble with the store is logged, and nobody waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from dlp.errors import Unavailable
from dlp.events import failure
from dlp.notices.departments import UNNAMED
from dlp.policy.facts import Series
from dlp.settlement import Work
from dlp.store import Store
from dlp.store.records import Message
from dlp.values import Action, HeaderField, Judgement, Role

_LOG = logging.getLogger("dlp.recording")
_PROBE = "probe"  # a code


@dataclass(frozen=True, slots=True)
class Aside:
    """What is known of a message beside its judgement: the series it may be one of, and its sender's department."""

    series: Series | None = None
    department: str = ""  # "" = no steward is told


def to_record(store: Store, work: Work, aside: Aside) -> tuple[Callable[[], None], ...]:
    """What is to be written, mostly nothing. Of a try that has settled nothing, nothing is known aside."""
    return tuple(_to_record(store, work, aside))


async def record(writes: Iterable[Callable[[], None]], reference: str) -> None:
    """Write it down."""
    try:
        for each in writes:
            await asyncio.to_thread(each)
    except Unavailable as error:
        failure(_LOG, "record.lost", error, ref=reference)


def _to_record(store: Store, work: Work, aside: Aside) -> Iterator[Callable[[], None]]:
    judgement, reference = work.judgement, work.envelope.reference
    if aside.series:
        yield partial(store.count_astray, aside.series)
    if aside.department and (done := _done(judgement)):
        yield partial(store.add_incident, Message(work.key, work.envelope), aside.department, done)
    if judgement.observed or any(ruling.action is not Action.PASS for ruling in judgement.would_be):
        yield partial(store.observe, reference, judgement)
    if any(finding.role is Role.PROBE for finding in judgement.findings):
        action = max(ruling.action for ruling in judgement.would_be or judgement.rulings)
        yield partial(store.record_probe, first(work.fields, "message-id"), action, reference)


def _done(judgement: Judgement) -> Mapping[str, set[str]]:
    """The reason codes of each action, but for those that may not be named, and for test strings."""
    done: dict[str, set[str]] = {}
    for ruling in judgement.rulings:
        codes = {UNNAMED if reason.neutral else reason.code for reason in ruling.reasons} - {_PROBE}
        if ruling.action is not Action.PASS and codes:
            done.setdefault(ruling.action.word, set()).update(codes)
    return done


def first(fields: tuple[HeaderField, ...], name: str) -> str:
    """The value of the first field of that name, "" without one."""
    return next((each.value for each in fields if each.name.lower() == name), "")
