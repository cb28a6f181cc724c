"""What was promised, against what arrived and what is kept: the definitions of loss, leak and the rest as code.

Takes a folder with `client.jsonl` (each attempt and recipient as the client saw it), `sink.jsonl` (each delivered copy),
`kills.jsonl` and the store's rows; gives the broken rules, each with the message's id. `python -m tests.rigs.ledger FOLDER`
opens the store that FOLDER/config.toml names, waits until it is at rest, prints JSON and exits 1 when a rule is broken.
It knows nothing of how the program works.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tests.rigs.kept import at_rest
from tests.rigs.records import Arrival, Attempt, Kept, Kill, Row

SLACK = 2.0  # seconds between an event and its mark in another process's ledger, on a busy machine
RECORDED = (
    10.0  # seconds from a copy's arrival until the clerk has written that it went, while it waits for a core and its turn
)
AVERAGE = 20  # deaths that make an average: one death doubles what its process had in flight, mostly nothing, at times four
# whose death can come between our dot and what is said or written about it
LIVE = frozenset({"receiver", "tree", "supervisor", "point"})
LATER = frozenset({"clerk", "tree", "supervisor", "command", "point"})
DURABLE = frozenset(
    {"held", "releasing", "held-retry", "release-failed", "denied", "returned", "expired", "owed", "sending", "refused"}
)
GONE_OUT = frozenset({"released", "sent"})
T = TypeVar("T")
Key = tuple[str, str]  # message id, recipient


@dataclass(frozen=True, slots=True)
class Broken:
    rule: str
    id: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is compared."""

    attempts: Sequence[Attempt]
    arrivals: Sequence[Arrival]
    kills: Sequence[Kill]
    kept: Kept


def compare(evidence: Evidence) -> list[Broken]:
    """Every broken rule; empty when all is as promised."""
    attempts = _by_key(each for each in evidence.attempts if each.fate != "notice")
    copies = _by_key(each for each in evidence.arrivals if not each.notice)
    rows = _by_key(evidence.kept.rows)
    broken = [*_misclassified(evidence.attempts), *_kept_badly(evidence.kept)]
    for key, tries in attempts.items():
        broken += _one(tries, copies.get(key, []), rows.get(key, []), evidence.kills)
    broken += [Broken("PHANTOM", key[0]) for key in {*rows, *copies} - set(attempts)]
    broken += _notices(evidence)
    if len(evidence.kills) >= AVERAGE and len(doubles(evidence)) > len(evidence.kills):
        broken += [Broken("DUP", "more than one for each kill")]
    return sorted(set(broken), key=lambda each: (each.rule, each.id))


def doubles(evidence: Evidence) -> frozenset[str]:
    """Messages of which somebody got more than one copy, allowed or not."""
    copies = Counter((each.id, each.recipient) for each in evidence.arrivals if not each.notice)
    return frozenset(key[0] for key, count in copies.items() if count > 1)


def _one(tries: Sequence[Attempt], copies: Sequence[Arrival], rows: Sequence[Row], kills: Sequence[Kill]) -> Iterator[Broken]:
    """The rules for one recipient of one message."""
    expected = tries[0]
    broken = partial(Broken, id=expected.id)
    accepted = any(each.reply == "2" for each in tries)
    durable = any(row.state in DURABLE for row in rows)
    if (accepted and not copies and not durable) or (any(row.state in GONE_OUT for row in rows) and not copies):
        yield broken("LOST")
    if expected.fate == "hold" and copies and not any(row.released for row in rows):
        yield broken("LEAKED")
    if not accepted:
        yield broken("PHANTOM" if rows else "STUCK")
    if {each.hash for each in (*copies, *rows)} - {expected.hash, ""}:
        yield broken("ALTERED")
    if not all(_excused(copy, tries, kills) for copy in copies[:-1]):
        yield broken("DUP")
    # without an upstream id a further try is another message, to hold as well as to forward
    unanswered = 0 if expected.upstream else sum(not each.reply for each in tries)
    if len(rows) > 1 + unanswered:
        yield broken("DUP")


def _excused(copy: Arrival, tries: Sequence[Attempt], kills: Sequence[Kill]) -> bool:
    """Whether a death between our dot and our reply (or our own record of it) explains that this copy was sent again."""
    if not copy.live and any(kill.target in LATER and -SLACK <= kill.time - copy.time <= RECORDED for kill in kills):
        return True
    unanswered = [each for each in tries if not each.reply and each.began <= copy.time]
    if copy.live:
        return any(copy.time <= each.ended + SLACK and _died(copy.time - SLACK, each.ended, kills) for each in unanswered)
    # without an upstream id the next try owes another copy, under another reference
    owed_anew = not tries[0].upstream and copy.reference not in {each.reference for each in tries}
    return owed_anew and any(_died(each.began, each.ended, kills) for each in unanswered)


def _died(since: float, until: float, kills: Sequence[Kill]) -> bool:
    return any(kill.target in LIVE and since <= kill.time <= until + SLACK for kill in kills)


def _misclassified(attempts: Iterable[Attempt]) -> Iterator[Broken]:
    """Nothing in the load deserves a 5xx."""
    return (Broken("MISCLASS", each.id) for each in attempts if each.reply == "5")


def _kept_badly(kept: Kept) -> Iterator[Broken]:
    yield from (Broken("ORPHAN", identity) for identity in kept.orphans)
    if kept.chain:
        yield Broken("CHAIN", kept.chain)


def _notices(evidence: Evidence) -> Iterator[Broken]:
    """Nobody is told of what the client was never answered 250 for, and of a hold somebody is told.

    Without an upstream id a try that was written down and never answered has a reference of its own: the message counts.
    """
    taken = {each.id for each in evidence.attempts if each.reply == "2"}
    accepted = {each.reference for each in evidence.attempts if each.reply == "2"}
    accepted |= {row.reference for row in evidence.kept.rows if row.id in taken}
    yield from (
        Broken("PHANTOM", each.reference)
        for each in evidence.arrivals
        if each.notice and each.reference not in accepted and each.id not in taken
    )
    arrived = {each.reference for each in evidence.arrivals if each.notice}
    owed = (each for each in evidence.attempts if each.fate == "notice" and each.reply == "2")
    yield from (Broken("UNTOLD", each.id) for each in owed if each.reference not in arrived | evidence.kept.told)


def _by_key(each: Iterable[Any]) -> dict[Key, list[Any]]:
    """By message and recipient, in order of time."""
    grouped: dict[Key, list[Any]] = defaultdict(list)
    for one in each:
        grouped[one.id, one.recipient].append(one)
    for group in grouped.values():
        group.sort(key=lambda one: getattr(one, "ended", None) or getattr(one, "time", 0))
    return grouped


def named(rows: Iterable[Row], evidence: Evidence) -> tuple[Row, ...]:
    """Rows whose bytes are gone get their message's id by the reference that the client was told, or that arrived."""
    ids = {each.reference: each.id for each in (*evidence.attempts, *evidence.arrivals) if each.reference and each.id}
    return tuple(row if row.id else replace(row, id=ids.get(row.reference, row.reference)) for row in rows)


def read_lines(path: Path, kind: type[T]) -> list[T]:
    """A ledger's whole lines; a last one without its line end was being written when its writer died."""
    if not path.exists():
        return []
    names = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    whole = path.read_text(encoding="utf-8").rpartition("\n")[0]
    return [kind(**{name: value for name, value in json.loads(line).items() if name in names}) for line in whole.splitlines()]


def report(evidence: Evidence) -> dict[str, Any]:
    """Figures and broken rules."""
    first = {(each.id, each.recipient): each for each in evidence.attempts if each.fate != "notice"}
    answered = {(each.id, each.recipient) for each in evidence.attempts if each.reply == "2"}
    return {
        "messages": len({each.id for each in evidence.attempts}),
        "recipients": len(first),
        "tries": len(evidence.attempts),
        "unanswered": sum(not each.reply for each in evidence.attempts),
        "given_up": len(set(first) - answered),
        "delivered": sum(not each.notice for each in evidence.arrivals),
        "notices": sum(each.notice for each in evidence.arrivals),
        "states": dict(sorted(Counter(row.state for row in evidence.kept.rows).items())),
        "kills": dict(sorted(Counter(each.target for each in evidence.kills).items())),
        "doubled": len(doubles(evidence)),
        "broken": [asdict(each) for each in compare(evidence)],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wait", type=float, default=0.0, help="seconds to wait for the store to come to rest")
    options = parser.parse_args()
    folder: Path = options.folder
    store = at_rest(folder / "config.toml", options.wait)
    attempts = read_lines(folder / "client.jsonl", Attempt)
    arrivals = read_lines(folder / "sink.jsonl", Arrival)
    evidence = Evidence(attempts, arrivals, read_lines(folder / "kills.jsonl", Kill), store)
    found = report(replace(evidence, kept=replace(store, rows=named(store.rows, evidence))))
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
