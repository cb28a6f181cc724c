"""Who the sender is: how a message entered, whether a login is known, and who may be told.

Takes the conversation's facts and the message's own header; gives origin, login and the address a notice may go to.
Pure. Anything doubtful counts as unknown: no login, no notice, no row that favours a sender (design.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address

from dlp.ruleset import Campus
from dlp.values import Client, Envelope, HeaderField, Origin

Network = IPv4Network | IPv6Network

_USER = re.compile(r"[^\s()]+")
# Postfix writes its comment last before its own "by"; a client's HELO may hold the same words, but never there.
_AUTHENTICATED = re.compile(r"\(Authenticated sender: ([^\s()]+)\)\s+by\s+(?!.*\sby\s)", re.DOTALL)
# An encoded word that a HELO opens can swallow the MTA's own "by", but not without leaving what the MTA never writes.
_AS_WRITTEN = re.compile(r"[\t -~]*")
_BY_A_PERSON = re.compile(r"no\s*(?:[;(]|\Z)")  # RFC 3834 5: the keyword, then a comment or parameters


class SenderIdentity(StrEnum):
    """Where a login may be learned from: `[receive] sender_identity`."""

    NONE = "none"
    LISTENER = "listener"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """What the site says about its clients."""

    how: SenderIdentity
    submission: tuple[Network, ...]
    campus: Campus


def identify(
    sender: str, client: Client, fields: tuple[HeaderField, ...], rules: IdentityRules, told: str = ""
) -> tuple[Origin, str]:
    """Origin and login ("" when unknown) of a message with this envelope sender, client and header.

    `told` is the authenticated user as the MTA itself named it.
    """
    login = _address(told, rules.campus) if _USER.fullmatch(told) else _login(sender, fields, rules)
    if login or _is_submission(client, rules.submission):
        return Origin.SUBMISSION, login
    if client.source == "LOCAL" and not client.address:
        return Origin.LOCAL, ""  # the MTA's own sendmail command: no network client at all
    return (Origin.RELAY if rules.campus.is_inside(sender) else Origin.INBOUND), ""


def notice_address(envelope: Envelope, fields: tuple[HeaderField, ...], campus: Campus) -> str:
    """Where a notice about this message may go, or "" when nobody may be told (R13, W41)."""
    if not envelope.sender or _is_automatic(fields):
        return ""
    if campus.is_inside(envelope.login):
        return envelope.login
    known = envelope.origin in (Origin.SUBMISSION, Origin.LOCAL)
    return envelope.sender if known and campus.is_inside(envelope.sender) else ""


def _login(sender: str, fields: tuple[HeaderField, ...], rules: IdentityRules) -> str:
    if rules.how is SenderIdentity.LISTENER:
        return sender if rules.campus.is_inside(sender) else ""
    if rules.how is SenderIdentity.RECEIVED:
        topmost = next((field.value for field in fields if field.name.lower() == "received"), "")
        found = _AUTHENTICATED.search(topmost)
        if found and _AS_WRITTEN.fullmatch(topmost):
            return _address(found[1], rules.campus)
    return ""


def _address(user: str, campus: Campus) -> str:
    return user if "@" in user else f"{user}@{campus.domains[0]}"


def _is_submission(client: Client, networks: tuple[Network, ...]) -> bool:
    try:
        address = ip_address(client.address.lower().removeprefix("ipv6:"))
    except ValueError:
        return False
    return any(address in network for network in networks)


def _is_automatic(fields: tuple[HeaderField, ...]) -> bool:
    """RFC 3834 and the older list and bulk marks: nobody sits behind such mail."""
    for field in fields:
        name, value = field.name.lower(), field.value.strip().lower()
        if name == "auto-submitted" and not _BY_A_PERSON.match(value):
            return True
        if name.startswith("list-") or (name == "precedence" and value in {"bulk", "list", "junk"}):
            return True
    return False
