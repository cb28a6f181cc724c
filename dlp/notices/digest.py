"""The daily summary to the policy contact: what is on hold whose sender could not be told.

Takes entries without any personal data, the site and the time; gives the finished message. It names no person,
address or subject; an officer looks each one up with the command shown. An empty digest is a programming error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dlp.notices import words
from dlp.notices.compose import NoticeSite
from dlp.notices.places import headcount, moment
from dlp.notices.rendering import Block, Heading, clean, message

_SHOWN = 200
_CODE = re.compile(r"[A-Za-z0-9.:-]{1,60}")


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """One message on hold or given up: its reference, time, number of recipients, reason codes, and who may release it."""

    reference: str
    received_at: datetime
    held: int
    codes: tuple[str, ...]
    release: str | None
    over: bool = False  # it ended, not sent, and nobody could be told


def digest(entries: Sequence[DigestEntry], site: NoticeSite, now: datetime) -> bytes:
    """The summary, oldest first, at most 200 lines; ValueError without entries."""
    if not entries:
        raise ValueError("a digest needs an entry")
    local = now.astimezone(site.timezone)
    ordered = sorted(entries, key=lambda entry: entry.received_at)
    lines = [_line(entry, site, local) for entry in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        lines.append(words.DIGEST_MORE.format(count=len(ordered) - _SHOWN))
    heading = Heading(
        sender_name=words.SENDER_NAME.format(site=site.name),
        sender=site.sender,
        addressee=site.contact,
        reply_to=site.contact,
        subject=words.DIGEST_SUBJECT.format(messages=_messages(len(ordered)), day=f"{local:%Y-%m-%d}"),
        label="digest",
        date=local,
    )
    opening = words.DIGEST_OPENING.format(messages=_messages(len(ordered)), verb="is" if len(ordered) == 1 else "are")
    return message(heading, (Block((opening,)), Block(tuple(lines), listed=True), Block((words.DIGEST_CLOSING,))))


def _line(entry: DigestEntry, site: NoticeSite, local: datetime) -> str:
    sentence = words.DIGEST_ENDED if entry.over else words.DIGEST_ENTRY
    return sentence.format(
        reference=clean(entry.reference),
        when=moment(entry.received_at.astimezone(site.timezone), local),
        held=headcount(entry.held),
        codes=", ".join(code for code in entry.codes if _CODE.fullmatch(code)) or "-",
        release=entry.release if entry.release in words.RELEASES else "officer",
    )


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"
