"""MAIL and RCPT arguments: the path and its ESMTP parameters (RFC 5321 4.1.2, 3461, 4954, 6152, 6531).

Takes the text after the verb and what the next hop announced; gives the address exactly as written, without brackets
("" for the null reverse-path), and the parameters in order, case kept. Whatever cannot be passed on is refused, never
dropped: a parameter nobody announced is 555, a malformed one 501, a malformed address 553, all raised as Rejection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dlp.intake import Features
from dlp.receive import replies
from dlp.receive.replies import Rejection
from dlp.values import Reply

_COMMAND = re.compile(r'(FROM|TO):[ ]*<((?:[^<>"]|"(?:[^"\\]|\\.)*")*)>(?:[ ]+(.*))?', re.IGNORECASE)
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\x00-\x20\x7f=]+))?")

_ATOM = r'[^\x00-\x20\x7f()<>\[\]:;@\\,"]'
# No "@" outside quotes but the one: a source route (RFC 5321 F.2) is refused, because we would have to change it.
_MAILBOX = re.compile(
    rf'(?:{_ATOM}+|"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])+")'
    r"@(?:[A-Za-z0-9_\u00a1-\U0010ffff][A-Za-z0-9._\u00a1-\U0010ffff-]{0,254}|\[[A-Za-z0-9.:]{1,64}\])"
)

_XTEXT = r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})"
_UNITEXT = r"(?:[!-*,-<>-~\u00a1-\U0010ffff]|\+[0-9A-F]{2})"
_CONDITION = r"(?:SUCCESS|FAILURE|DELAY)"


@dataclass(frozen=True, slots=True)
class Path:
    """One parsed MAIL or RCPT argument."""

    address: str
    parameters: tuple[str, ...]
    smtputf8: bool = False  # of MAIL: its recipients may be written in UTF-8 too


@dataclass(frozen=True, slots=True)
class _Rule:
    offered: Callable[[Features], bool]
    value: re.Pattern[str] | None  # None: the parameter takes no value


def _rule(offered: Callable[[Features], bool], value: str | None) -> _Rule:
    return _Rule(offered, None if value is None else re.compile(value, re.IGNORECASE))


_OF_MAIL: Mapping[str, _Rule] = {
    "SIZE": _rule(lambda _: True, r"[0-9]{1,20}"),
    "BODY": _rule(lambda features: features.eight_bit, "7BIT|8BITMIME"),
    "SMTPUTF8": _rule(lambda features: features.smtputf8, None),
    "RET": _rule(lambda features: features.dsn, "FULL|HDRS"),
    "ENVID": _Rule(lambda features: features.dsn, re.compile(f"{_XTEXT}{{1,100}}")),
    "AUTH": _Rule(lambda features: features.auth_param, re.compile(f"{_XTEXT}{{1,500}}")),
}
_OF_RCPT: Mapping[str, _Rule] = {
    "NOTIFY": _rule(lambda features: features.dsn, f"NEVER|{_CONDITION}(?:,{_CONDITION}){{0,2}}"),
    "ORCPT": _Rule(
        lambda features: features.dsn,
        re.compile(f"[Uu][Tt][Ff]-8;{_UNITEXT}{{1,500}}|[A-Za-z0-9-]{{1,64}};{_XTEXT}{{1,500}}"),
    ),
}


def parse_mail(argument: str, features: Features, size: int) -> Path:
    """The argument of MAIL. `size` is the number of bytes we announced. Raises Rejection."""
    address, given = _split(argument, "FROM", replies.SYNTAX_MAIL)
    values = _checked(given, _OF_MAIL, features)
    if int(values.get("SIZE") or 0) > size:
        raise Rejection(replies.TOO_BIG)
    smtputf8 = "SMTPUTF8" in values
    _check_script(argument, smtputf8=smtputf8)
    if address and not _is_mailbox(address):
        raise Rejection(replies.BAD_SENDER)
    return Path(address, given, smtputf8)


def parse_rcpt(argument: str, features: Features, *, smtputf8: bool) -> Path:
    """The argument of RCPT. Raises Rejection."""
    address, given = _split(argument, "TO", replies.SYNTAX_RCPT)
    _checked(given, _OF_RCPT, features)
    _check_script(argument, smtputf8=smtputf8)
    if not _is_mailbox(address) and address.lower() != "postmaster":  # RFC 5321 4.5.1
        raise Rejection(replies.BAD_RECIPIENT)
    return Path(address, given, smtputf8)


def _split(argument: str, keyword: str, syntax: Reply) -> tuple[str, tuple[str, ...]]:
    match = _COMMAND.fullmatch(argument)
    if match is None or match[1].upper() != keyword:
        raise Rejection(syntax)
    return match[2], tuple(filter(None, (match[3] or "").split(" ")))


def _checked(given: tuple[str, ...], rules: Mapping[str, _Rule], features: Features) -> dict[str, str | None]:
    values: dict[str, str | None] = {}
    for parameter in given:
        match = _PARAMETER.fullmatch(parameter)
        if match is None:
            raise Rejection(replies.BAD_PARAMETER)
        keyword, value = match[1].upper(), match[2]
        rule = rules.get(keyword)
        if rule is None or not rule.offered(features):
            raise Rejection(replies.UNKNOWN_PARAMETER)
        if keyword in values or not _fits(rule, value):
            raise Rejection(replies.BAD_PARAMETER)
        values[keyword] = value
    return values


def _fits(rule: _Rule, value: str | None) -> bool:
    if rule.value is None:
        return value is None
    return value is not None and rule.value.fullmatch(value) is not None


def _check_script(argument: str, *, smtputf8: bool) -> None:
    if not smtputf8 and not argument.isascii():
        raise Rejection(replies.NOT_ASCII)


def _is_mailbox(address: str) -> bool:
    # isprintable() keeps out the controls and line separators of Unicode, which the pattern does not list.
    return _MAILBOX.fullmatch(address) is not None and address.isprintable()
