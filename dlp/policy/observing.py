"""Which rows of the decision table are acted on for one sender, and which are only counted.

Takes the rules, what is known of the sender, the address and what digests it; gives the rules without the rows that
are observed. The same sender is always on the same side of a share, on every node. Pure; nothing fails.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace
from hashlib import blake2b

from dlp.campus.folding import folded_address, folded_word
from dlp.policy.readers import Reader
from dlp.ruleset import Observed, Rules
from dlp.values import Ruling


def acted_on(rules: Rules, sender: Reader | None, address: str, digest: Callable[[str], str]) -> Rules:
    """The rules as mail from this address is decided by; the very same ones when no row is observed for it."""
    if all(row.observed is None for row in rules.table):
        return rules
    departments, place = _departments(sender), _place(digest(folded_address(address)))
    table = tuple(row for row in rules.table if row.observed is None or not _is_for(row.observed, departments, place))
    return rules if len(table) == len(rules.table) else replace(rules, table=table)


def differing(acted: tuple[Ruling, ...], whole: tuple[Ruling, ...]) -> tuple[Ruling, ...]:
    """What the observed rows as well would have decided, for the recipients for whom that is something else."""
    return tuple(would for does, would in zip(acted, whole, strict=True) if _answer(does) != _answer(would))


def _answer(ruling: Ruling) -> tuple[object, ...]:
    return ruling.action, ruling.release, ruling.reasons


def _departments(sender: Reader | None) -> frozenset[str]:
    if sender is None:
        return frozenset()
    names = [sender.staff.department] if sender.staff else [each.department for each in sender.students]
    return frozenset(filter(None, map(folded_word, names)))


def _place(digest: str) -> float:
    """Where a sender stands among all senders, from 0 up to 1."""
    return int.from_bytes(blake2b(digest.encode(), digest_size=6).digest(), "big") / (1 << 48)


def _is_for(observed: Observed, departments: Set[str], place: float) -> bool:
    """Whether the row is observed for a sender of these departments."""
    if observed.departments and not departments & observed.departments:
        return False
    return not departments & observed.enforce_departments and place >= observed.enforce_share
