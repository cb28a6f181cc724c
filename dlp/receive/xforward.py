"""XFORWARD: what an MTA we trust tells of the original client (Postfix XFORWARD_README).

Takes the argument of one command and what earlier commands said; gives all attributes decoded, empty where the MTA does
not know. Malformed, unknown or repeated attributes and anything that could break a header line are refused as
Rejection (501), and then nothing of that command counts.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping

from dlp.receive import replies
from dlp.receive.replies import Rejection
from dlp.values import Client

_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-Fa-f]{2})+")
_ESCAPE = re.compile(rb"\+([0-9A-Fa-f]{2})")
_UNKNOWN = frozenset({"[UNAVAILABLE]", "[TEMPUNAVAIL]"})
_LONGEST = 255


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(_bare(value))
    except ValueError:
        return False
    return True


def _is_port(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= 5 and 0 < int(value) <= 65535


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "NAME": lambda _: True,
    "ADDR": _is_address,
    "PORT": _is_port,
    "PROTO": lambda value: value.isascii() and value.isalnum(),
    "HELO": lambda _: True,
    "SOURCE": lambda value: value.upper() in {"LOCAL", "REMOTE"},
    "IDENT": lambda _: True,
}

ATTRIBUTES = tuple(_CHECKS)


def parse(argument: str, known: Mapping[str, str]) -> Mapping[str, str]:
    """`known` with the attributes of this command, by upper-case name. Raises Rejection."""
    attributes: dict[str, str] = {}
    for pair in argument.split():
        name, equals, value = pair.partition("=")
        name = name.upper()
        if not equals or name not in _CHECKS or name in attributes:
            raise Rejection(replies.SYNTAX)
        attributes[name] = _decoded(name, value)
    if not attributes:
        raise Rejection(replies.SYNTAX)
    return {**known, **attributes}


def client(attributes: Mapping[str, str]) -> Client:
    """The original client; what was not told is empty, never guessed from the peer."""
    return Client(
        address=_bare(attributes.get("ADDR", "")),
        port=attributes.get("PORT", ""),
        name=attributes.get("NAME", ""),
        helo=attributes.get("HELO", ""),
        protocol=attributes.get("PROTO", ""),
        source=attributes.get("SOURCE", "").upper(),
    )


def _decoded(name: str, value: str) -> str:
    if _XTEXT.fullmatch(value) is None:
        raise Rejection(replies.SYNTAX)
    if value.upper() in _UNKNOWN:
        return ""
    octets = _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), value.encode("ascii"))
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        raise Rejection(replies.SYNTAX) from None
    if len(octets) > _LONGEST or not text.isprintable() or not _CHECKS[name](text):
        raise Rejection(replies.SYNTAX)
    return text


def _bare(address: str) -> str:
    return address[5:] if address[:5].upper() == "IPV6:" else address
