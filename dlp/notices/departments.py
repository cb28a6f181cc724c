"""The weekly summary to a department's steward: how much mail of its people was held, changed or had a tip, and why (R5).

Takes the department's items without any personal data, the site and the time; gives the finished message. It names references
and reasons, no person, address or subject, and no reason that may not be named. Without items it is a programming error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dlp.notices import reasons, words
from dlp.notices.compose import NoticeSite
from dlp.notices.rendering import Block, Heading, clean, message

UNNAMED = "unnamed"  # in place of a code that may not be named
_SHOWN_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Item:
    """What was done with one message, and its reason codes."""

    reference: str
    at: datetime
    action: str
    codes: tuple[str, ...]


def departments(items: Sequence[Item], department: str, steward: str, site: NoticeSite, now: datetime) -> bytes:
    """The summary for one department. ValueError without items."""
    if not items:
        raise ValueError("a summary needs an item")
    local = now.astimezone(site.timezone)
    days = sorted(item.at.astimezone(site.timezone).date() for item in items)
    first, last = f"{days[0]:%Y-%m-%d}", f"{days[-1]:%Y-%m-%d}"
    count = len({item.reference for item in items})
    messages = "1 message" if count == 1 else f"{count} messages"
    done = Counter(item.action for item in items)
    heading = Heading(
        sender_name=words.SENDER_NAME.format(site=site.name),
        sender=site.sender,
        addressee=steward,
        reply_to=site.contact,
        subject=words.DEPARTMENT_SUBJECT.format(messages=messages, first=first, last=last),
        label="department",
        date=local,
    )
    blocks = (
        Block((words.DEPARTMENT_OPENING.format(messages=messages, department=clean(department), first=first, last=last),)),
        Block(tuple(row.format(count=done[kind]) for kind, row in words.DEPARTMENT_ROWS.items() if done[kind]), listed=True),
        Block(tuple(_reasons(items)), listed=True),
        Block((words.DEPARTMENT_CLOSING.format(contact=clean(site.contact)),)),
    )
    return message(heading, blocks)


def _reasons(items: Sequence[Item]) -> list[str]:
    """Each reason with how many messages had it, the most frequent first, and which they were."""
    found: dict[reasons.Wording, set[str]] = {}
    for item in items:
        for code in item.codes:
            found.setdefault(reasons.wording(code, neutral=code == UNNAMED), set()).add(item.reference)
    lines = []
    for wording, references in sorted(found.items(), key=lambda each: (-len(each[1]), each[0].rule)):
        times = "1 time" if len(references) == 1 else f"{len(references)} times"
        shown = ", ".join(map(clean, sorted(references)[:_SHOWN_REFERENCES]))
        if len(references) > _SHOWN_REFERENCES:
            shown = words.SUMMARY_MORE.format(references=shown, count=len(references) - _SHOWN_REFERENCES)
        lines.append(words.DEPARTMENT_REASON.format(times=times, rule=wording.rule, why=wording.why, references=shown))
    return lines
