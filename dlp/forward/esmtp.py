"""What the next hop announced, and the command lines that follow from it.

Takes EHLO lines, addresses, parameters and the original client; gives command lines without CRLF, or the Reply that
refuses what the next hop has not announced (design.md, Transaction: pass on only then, never drop silently). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dlp.intake import Features
from dlp.values import Client, Recipient, Reply

# We announced it because the next hop did; a hop that has changed its mind is our trouble, and the next greeting tells.
NO_SMTPUTF8 = Reply(451, "4.6.7", "the next hop does not take internationalised mail")
NO_8BITMIME = Reply(451, "4.6.3", "the next hop does not take 8-bit mail")
NO_PARAMETER = Reply(451, "4.5.4", "the next hop does not take this parameter")
NOT_ASCII = Reply(553, "5.6.7", "an internationalised address needs SMTPUTF8")
BAD_SENDER = Reply(501, "5.1.7", "not a usable sender address")
BAD_RECIPIENT = Reply(501, "5.1.3", "not a usable recipient address")

_PLAIN = Features(size=0, eight_bit=False, smtputf8=False, dsn=False)
_UNAVAILABLE = "[UNAVAILABLE]"
_XFORWARD_VALUE = 255  # Postfix's limit of one attribute value
_XFORWARD_LINE = 510  # RFC 5321 4.5.3.1.4 without CRLF
_CONTROL = r"\x00-\x1f\x7f"
_PATH = re.compile(rf'(?:"(?:[^"\\{_CONTROL}]|\\[^{_CONTROL}])*"|[^\s<>"{_CONTROL}])*')
_PARAMETER = re.compile(rf"[^\s{_CONTROL}]+")
_NOT_XTEXT = re.compile(rb"[^!-*,-<>-~]")


@dataclass(frozen=True, slots=True)
class Announcement:
    """One connection's EHLO or LHLO answer. `sized`: SIZE was announced, with or without a limit."""

    features: Features = _PLAIN
    pipelining: bool = False
    sized: bool = False
    starttls: bool = False


_MAIL_PARAMETERS: dict[str, tuple[Callable[[Features], bool], Reply]] = {
    "BODY": (lambda features: features.eight_bit, NO_8BITMIME),
    "SMTPUTF8": (lambda features: features.smtputf8, NO_SMTPUTF8),
    "RET": (lambda features: features.dsn, NO_PARAMETER),
    "ENVID": (lambda features: features.dsn, NO_PARAMETER),
    "AUTH": (lambda features: features.auth_param, NO_PARAMETER),
}
_RCPT_PARAMETERS: dict[str, tuple[Callable[[Features], bool], Reply]] = {
    "NOTIFY": (lambda features: features.dsn, NO_PARAMETER),
    "ORCPT": (lambda features: features.dsn, NO_PARAMETER),
}


def read_announcement(lines: Sequence[str]) -> Announcement:
    """Read the lines of an EHLO or LHLO answer; the first is the peer's name."""
    offered = {words[0].upper(): tuple(words[1:]) for line in lines[1:] if (words := line.replace("=", " ").split())}
    limit = (*offered.get("SIZE", ()), "0")[0]
    features = Features(
        size=int(limit) if re.fullmatch(r"[0-9]{1,20}", limit) else 0,
        eight_bit="8BITMIME" in offered,
        smtputf8="SMTPUTF8" in offered,
        dsn="DSN" in offered,
        auth_param="AUTH" in offered,
        xforward=tuple(name.upper() for name in offered.get("XFORWARD", ())),
    )
    return Announcement(features, "PIPELINING" in offered, "SIZE" in offered, "STARTTLS" in offered)


def declared_size(parameters: Sequence[str]) -> int | None:
    """The bytes a SIZE parameter announces (RFC 1870), None without one."""
    for parameter in parameters:
        found = re.fullmatch(r"SIZE=([0-9]{1,20})", parameter, re.IGNORECASE)
        if found:
            return int(found[1])
    return None


def has_smtputf8(parameters: Sequence[str]) -> bool:
    """Whether this transaction may carry addresses outside ASCII (RFC 6531)."""
    return any(parameter.upper() == "SMTPUTF8" for parameter in parameters)


def mail_line(sender: str, parameters: Sequence[str], size: int | None, announcement: Announcement) -> bytes | Reply:
    """MAIL FROM with every parameter as given but SIZE, which is ours: `size` bytes, None = not known."""
    kept = [parameter for parameter in parameters if _keyword(parameter) != "SIZE"]
    refusal = _refusal(kept, _MAIL_PARAMETERS, announcement.features)
    if refusal:
        return refusal
    if not _PATH.fullmatch(sender):
        return BAD_SENDER
    sizes = [f"SIZE={size}"] if size is not None and announcement.sized else []
    return _line(" ".join([f"MAIL FROM:<{sender}>", *sizes, *kept]), smtputf8=has_smtputf8(kept))


def rcpt_line(recipient: Recipient, features: Features, *, smtputf8: bool) -> bytes | Reply:
    """RCPT TO with its parameters as given."""
    refusal = _refusal(recipient.parameters, _RCPT_PARAMETERS, features)
    if refusal:
        return refusal
    if not recipient.address or not _PATH.fullmatch(recipient.address):
        return BAD_RECIPIENT
    return _line(" ".join([f"RCPT TO:<{recipient.address}>", *recipient.parameters]), smtputf8=smtputf8)


def xforward_lines(client: Client, ident: str, offered: Sequence[str]) -> list[bytes]:
    """XFORWARD commands with the attributes the peer offers, xtext encoded, as many lines as their length needs."""
    is_ipv6 = ":" in client.address and not client.address.upper().startswith("IPV6:")
    known = {
        "NAME": client.name,
        "ADDR": f"IPV6:{client.address}" if is_ipv6 else client.address,
        "PORT": client.port,
        "PROTO": client.protocol,
        "HELO": client.helo,
        "IDENT": ident,
        "SOURCE": client.source,
    }
    lines: list[str] = []
    for attribute in (f" {name}={_attribute(known[name])}" for name in known if name in offered):
        if not lines or len(lines[-1]) + len(attribute) > _XFORWARD_LINE:
            lines.append("XFORWARD")
        lines[-1] += attribute
    return [line.encode("ascii") for line in lines]


def _attribute(value: str) -> str:
    encoded = _NOT_XTEXT.sub(lambda byte: b"+%02X" % byte[0][0], value.encode("utf-8", "replace")).decode("ascii")
    return encoded if 0 < len(encoded) <= _XFORWARD_VALUE else _UNAVAILABLE


def _keyword(parameter: str) -> str:
    return parameter.partition("=")[0].upper()


def _refusal(
    parameters: Sequence[str], table: dict[str, tuple[Callable[[Features], bool], Reply]], features: Features
) -> Reply | None:
    for parameter in parameters:
        if _keyword(parameter) not in table or not _PARAMETER.fullmatch(parameter):
            return NO_PARAMETER
        announced, refusal = table[_keyword(parameter)]
        if not announced(features):
            return refusal
    return None


def _line(text: str, *, smtputf8: bool) -> bytes | Reply:
    try:
        return text.encode("utf-8" if smtputf8 else "ascii")
    except UnicodeEncodeError:
        return NOT_ASCII
