"""The part of a delivery report that programs read: the fields of RFC 3464, ASCII, CRLF.

Takes the facts and our host name; gives the fields, or "" when there is nobody to report. What may hold somebody's number
is left out, as it is masked in the text. A third part, with the message or its header, is never made: it would repeat
what was kept back (docs/decisions/0014).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import format_datetime

from dlp.notices.facts import Failure, NoticeFacts
from dlp.notices.places import has_number

_PRINTABLE = re.compile(r"[ -~]{1,500}")
_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", re.ASCII)
_REPLY = re.compile(r"[2-5][0-9]{2}", re.ASCII)


def delivery_status(facts: NoticeFacts, reporting_mta: str) -> str:
    """The fields about the message, then a group for each recipient."""
    groups = [group for failure in facts.failures if (group := _group(failure))]
    if not groups:
        return ""
    message = [("Original-Envelope-Id", facts.envelope_id)] if _PRINTABLE.fullmatch(facts.envelope_id) else []
    message += [("Reporting-MTA", f"dns; {reporting_mta}"), ("Arrival-Date", format_datetime(facts.received_at))]
    return "\r\n".join(map(_lines, [message, *groups]))


def _group(failure: Failure) -> list[tuple[str, str]]:
    """The fields about one recipient; none when the address may be somebody's number."""
    if has_number(failure.recipient):
        return []
    original = failure.original if _PRINTABLE.fullmatch(failure.original) and not has_number(failure.original) else ""
    status = failure.status if _STATUS.fullmatch(failure.status) else "5.0.0"
    reply = f"smtp; {failure.reply} {status}" if _REPLY.fullmatch(failure.reply) else ""
    fields = [
        ("Original-Recipient", original),
        ("Final-Recipient", _typed(failure.recipient)),
        ("Action", "failed"),
        ("Status", status),
        ("Diagnostic-Code", reply),
    ]
    return [(name, value) for name, value in fields if value]


def _typed(address: str) -> str:
    """ "rfc822; a@b.example", or RFC 6533's form in ASCII for an address that is not."""
    if _PRINTABLE.fullmatch(address):
        return f"rfc822; {address}"
    escaped = "".join(sign if "!" <= sign <= "~" and sign != "\\" else f"\\x{{{ord(sign):02X}}}" for sign in address)
    return f"utf-8; {escaped}"


def _lines(fields: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in fields)
