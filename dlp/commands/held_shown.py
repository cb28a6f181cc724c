"""A copy on hold as `dlp held` shows it: a row of the list, a block for a person, an object for a program.

Takes copies as the store has them; gives words. What was found often in one place is told once, with its number; a program gets
each. Never shown: text, subject, matched values. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from dlp.commands import found, shared
from dlp.commands.listing import minute
from dlp.store.records import HeldCopy
from dlp.store.states import State, sources

COLUMNS = ("reference", "since", "from", "to", "why", "on the word of", "until", "state")
_OVER = frozenset({State.RELEASED, State.DENIED, State.RETURNED, State.SENT})
_WAITING = sources(State.RETURNED)
_OF_REASON = ("row", "code", "requirement", "missing", "refer_to")


def cells(copy: HeldCopy, zone: str) -> tuple[str, ...]:
    """A row of the list."""
    return (
        copy.reference,
        minute(copy.created, zone),
        copy.sender,
        copy.recipient.address,
        ", ".join(copy.codes),
        copy.release.word if copy.release else "-",
        f"next try {minute(again, zone)}" if (again := _next_try(copy)) else _until(copy, zone),
        copy.state.value,
    )


def document(copy: HeldCopy) -> dict[str, object]:
    """For a program."""
    again = _next_try(copy)
    return {
        "reference": copy.reference,
        "state": copy.state.value,
        "release": copy.release.word if copy.release else None,
        "since": copy.created.isoformat(),
        "until": copy.deadline.isoformat() if copy.deadline and copy.state in _WAITING else None,
        "next_try": again.isoformat() if again else None,
        "sender": copy.sender,
        "recipient": copy.recipient.address,
        "codes": list(copy.codes),
        "kinds": list(copy.kinds),
        "reasons": [{name: getattr(reason, name) for name in _OF_REASON} for reason in copy.reasons],
        "findings": [{"kind": item.kind, "where": item.where, "masked": item.masked} for item in copy.evidence],
        "unread": [{"part": each.section, "status": each.status, "why": each.why} for each in copy.unread],
        "acts": [asdict(past) | {"at": past.at.isoformat()} for past in copy.acts],
        "damaged": copy.damaged,
    }


def readable(copy: HeldCopy, zone: str) -> str:
    """A block of lines for a person."""
    over = copy.state in _OVER
    how = f"; {shared.RELEASE[copy.release]}" if copy.release and not over else ""
    since = minute(copy.updated if over else copy.created, zone)
    lines = [
        f"{copy.reference}  {copy.state.value} since {since}{how}",
        *([f"  until  {_until(copy, zone)}, then it is returned, never sent"] if copy.state in _WAITING else []),
        *_again(copy, zone),
        f"  from   {copy.sender or '<>'}",
        f"  to     {copy.recipient.address}",
    ]
    lines += [f"  why    {each}" for each in found.reasons(copy.reasons)]
    seen = (found.Seen.at(each.where, each.kind, each.masked) for each in copy.evidence)
    lines += [f"  found  {each}" for each in found.together(seen)]
    lines += [f"  unread {said}" for said in map(shared.unread_part, copy.unread)]
    lines += [f"  done   {minute(past.at, zone)} {past.event} by {past.actor}: {past.reason or '-'}" for past in copy.acts]
    if copy.damaged:
        lines.append("  the stored copy is damaged and will not be sent")
    return "\n".join(lines)


def _again(copy: HeldCopy, zone: str) -> Iterator[str]:
    if again := _next_try(copy):
        now = shared.typed(f'dlp held release {copy.reference} --to {copy.recipient.address} --reason "..."')
        yield f"  again  {minute(again, zone)}: it was released, and the MTA did not take it. At once: {now}"


def _next_try(copy: HeldCopy) -> datetime | None:
    """When what was released and not taken is tried again."""
    return copy.not_before if copy.state is State.HELD_RETRY else None


def _until(copy: HeldCopy, zone: str) -> str:
    return minute(copy.deadline, zone) if copy.deadline and copy.state in _WAITING else "-"
