"""The lines of the ledgers and the rows they are compared with: frozen values.

Times are seconds since 1970 by one machine's clock; a hash is that of a message's bytes below our own trace field.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one recipient. `reply` is the class of the answer, "" when there was none."""

    id: str
    upstream: str
    recipient: str
    fate: str  # deliver, hold, or notice: the recipient is then the sender, who is to be told of a hold
    reply: str
    began: float
    ended: float
    hash: str  # of what is to arrive, or to be kept
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One copy at the sink. `live`: sent by a receiver while the client waited."""

    id: str
    recipient: str
    hash: str
    time: float
    live: bool
    reference: str = ""
    notice: bool = False


@dataclass(frozen=True, slots=True)
class Kill:
    time: float
    target: str


@dataclass(frozen=True, slots=True)
class Row:
    """One copy in the store. `hash` is that of its bytes, "" when it has none."""

    id: str
    recipient: str
    state: str
    reference: str
    hash: str = ""
    released: bool = False  # somebody's word to release it is on record


@dataclass(frozen=True, slots=True)
class Kept:
    """The store after recovery."""

    rows: tuple[Row, ...] = ()
    orphans: tuple[str, ...] = ()  # bytes without a copy, copies without their bytes, copies nobody will ever finish
    told: frozenset[str] = frozenset()  # references somebody was, or will be, told of
    chain: str = ""  # what is wrong with the audit chain
