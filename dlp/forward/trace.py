"""The one header field we add to mail that passes, and the count of such fields that stops loops.

Takes what is known of the conversation, gives the Received field (RFC 5321 4.4) as bytes with its CRLF; no recipient
is named in it. What a client said of itself is reduced to harmless characters. Pure; nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime

from dlp.values import Client, HeaderField

MARK = "(campus-dlp)"
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9.:_\[\]-]")  # also keeps comments, folding and encoded words out
_NAME_LIMIT = 255


def trace_field(helo: str, client: Client, host: str, protocol: str, reference: str, now: datetime) -> bytes:
    """`Received: from helo (name [address]) by host (campus-dlp) with protocol id reference; date`, folded.

    `protocol` is an RFC 3848 word: SMTP, ESMTP, LMTP, ESMTPS ... `now` must be aware.
    """
    address = _plain(client.address.removeprefix("IPV6:"))  # as XFORWARD writes it
    literal = f" [IPv6:{address}]" if ":" in address else f" [{address}]" if address else ""
    return (
        f"Received: from {_plain(helo) or 'unknown'} ({_plain(client.name) or 'unknown'}{literal})\r\n"
        f"\tby {host} {MARK} with {protocol} id {reference};\r\n"
        f"\t{format_datetime(now)}\r\n"
    ).encode("ascii")


def hops(fields: Iterable[HeaderField], host: str) -> tuple[int, int]:
    """Received fields that this host wrote as ours, and all of them; too many of either is a loop (g.1)."""
    received = [field.value for field in fields if field.name.lower() == "received"]
    return sum(_is_ours(value, host) for value in received), len(received)


def _is_ours(value: str, host: str) -> bool:
    words = value.lower().split()
    return ("by", host.lower(), MARK) in zip(words, words[1:], words[2:], strict=False)


def _plain(text: str) -> str:
    return _NOT_PLAIN.sub("?", text[:_NAME_LIMIT])
