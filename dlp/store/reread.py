"""What a further reading of a held message found, such as behind a password, put beside why its copy is on hold.

Takes a copy's id and what was found; gives whether there was anything new. Reasons, findings and what would be disclosed are
only added to, and the right to release only rises: a release then asks for it, and the ledger has what went out. A copy that
was released on a lower right and is tried again waits for a decision anew. One that is on hold no more, whose record does not
open, or that is for another recipient stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import select, update

from dlp.store import copies, listing, moves
from dlp.store.records import Act, NewCopy
from dlp.store.schema import copy
from dlp.store.sealing import seal, unseal
from dlp.store.states import ON_HOLD, Damaged, State
from dlp.store.work import Work
from dlp.values import Action

EVENT = "found"
_Record = dict[str, Any]


def add(work: Work, identity: str, found: NewCopy, act: Act) -> bool:
    """Whether something was found that was not known; then it is kept with the hold, and who saw it."""
    chosen = select(copy).where(copy.c.id == identity, copy.c.state.in_(ON_HOLD)).with_for_update()
    row = work.connection.execute(chosen).one_or_none()
    if row is None:
        return False
    place = copies.copy_row(row.id, row.message, row.recipient_key, row.content)
    try:
        kept = cast("_Record", unseal(work.keys, row.record, place))
    except Damaged:
        return False
    if kept["recipient"] != found.recipient.address:
        return False
    held = found.ruling.action is Action.HOLD
    why = copies.why(found)
    fresh = _with_findings(kept, why.reasons if held else (), why.evidence)
    fresh["disclosures"] = _with_disclosures(kept.get("disclosures", []), found)
    known = {*kept.get("about", ()), *(person for person, *_ in fresh["disclosures"])}
    if more := [each for each in found.about if each not in known]:
        fresh["about"] = [*kept.get("about", ()), *more]
    before = listing.RIGHTS[row.release_right]
    rights = [before, found.ruling.release if held else None]
    right = max((each for each in rights if each), default=None)
    now: dict[str, object] = {
        "release_right": right.word if right else "",
        "codes": _joined(row.codes, why.codes if held else ""),
        "kinds": _joined(row.kinds, why.kinds),
    }
    if fresh == kept and all(getattr(row, name) == value for name, value in now.items()):
        return False
    if row.state == State.HELD_RETRY and right is not before:  # the word it was released on is not enough any more
        now |= {"state": State.HELD, "updated": work.stamp, "deadline": work.deadline}
    work.connection.execute(update(copy).where(copy.c.id == identity).values(now | {"record": seal(work.keys, fresh, place)}))
    moves.record_act(work, identity, EVENT, act)
    return True


def _with_findings(kept: _Record, reasons: Sequence[Mapping[str, Any]], evidence: Sequence[Sequence[str]]) -> _Record:
    """The record with these reasons and findings, each once."""
    seen = [list(each) for each in kept["evidence"]]
    seen += [list(each) for each in evidence if list(each) not in seen]
    every = [dict(each) for each in kept["reasons"]]
    for reason in reasons:
        moved = {**reason, "findings": sorted({seen.index(list(evidence[index])) for index in reason["findings"]})}
        same = next((each for each in every if _says(each) == _says(moved)), None)
        if same is None:
            every.append(moved)
        else:
            same["findings"] = sorted({*same["findings"], *moved["findings"]})
    return {**kept, "reasons": every, "evidence": seen}


def _says(reason: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in reason.items() if name != "findings"}


def _with_disclosures(kept: Sequence[Sequence[Any]], found: NewCopy) -> list[list[Any]]:
    """By person, basis, row and whether it is sealed: all kinds that would be told."""
    kinds = {(person, basis, code, sealed): set(told) for person, told, basis, code, sealed in kept}
    for each in found.disclosures:
        kinds.setdefault((each.person, each.basis, each.code, each.sealed), set()).update(each.kinds)
    return [[person, sorted(told), basis, code, sealed] for (person, basis, code, sealed), told in kinds.items()]


def _joined(before: str, more: str) -> str:
    return " ".join(dict.fromkeys((*before.split(), *more.split())))
