"""Types of single configuration values: domains, addresses, networks, listeners, times.

Takes what TOML gave for one key; gives it in the one spelling the rest of the program compares. A wrong value raises
pydantic's custom error, whose context carries the remedy an administrator reads; config.py adds file and line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from dlp.endpoints import parse_endpoint

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_AGE = re.compile(r"[1-9][0-9]{0,5}[smhdw]")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST_WAIT = timedelta(days=3650)
_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_MODE = re.compile(r"0?[0-7]{3}")


def wrong(what: str, remedy: str) -> PydanticCustomError:
    """What is wrong with one value, and what to write instead."""
    return PydanticCustomError("value", "{what}", {"what": what, "remedy": remedy})


def _hostname(text: str) -> str:
    folded = text.lower().removesuffix(".")
    labels = folded.split(".")
    if len(labels) < 2:
        raise wrong("a domain needs a dot", 'write it whole, as in "campus.example"')
    if len(folded) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise wrong("not a domain name", "letters, digits and hyphens between dots; international names as xn--")
    return folded


def _address(text: str) -> str:
    local, _, domain = text.rpartition("@")
    if not _LOCAL_PART.fullmatch(local):
        raise wrong("not a mail address", 'write one plain address, as in "privacy@campus.example"')
    return f"{local}@{_hostname(domain)}"


def _listen(text: str) -> str:
    try:
        return str(parse_endpoint(text))
    except ValueError as error:
        raise wrong(str(error), 'write "host:port", "[::1]:port" or "unix:/path"') from None


def _hop(text: str) -> str:
    place = text.removeprefix("smtp:")
    lmtp = "lmtp:" if place.startswith("lmtp:") else ""
    return lmtp + _listen(place.removeprefix("lmtp:"))


def _network(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError:
        raise _not_a_network(text) from None
    if network.prefixlen == 0:
        raise wrong("this is the whole Internet", "list your own networks only")
    return text


def _not_a_network(text: str) -> PydanticCustomError:
    try:
        suggestion = f'did you mean "{ip_network(text, strict=False)}"?'
    except ValueError:
        suggestion = 'write "192.0.2.0/24", "192.0.2.7" or "2001:db8::/32"'
    return wrong("not an IP network", suggestion)


def length(text: str) -> timedelta:
    """An `Age` as a length of time."""
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})


def _wait(text: str) -> str:
    if length(text) > _LONGEST_WAIT:
        raise wrong("longer than ten years", 'write a shorter time, as in "7d"')
    return text


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong(
            "unknown time zone", 'write a name such as "Europe/Berlin"; when it is right, install the package tzdata'
        ) from None
    return text


def _selector(text: str) -> str:
    if not _SELECTOR.fullmatch(text):
        raise wrong("not a selector", 'letters, digits and hyphens, as in "mail2026"')
    return text


def _selector_and_file(text: str) -> str:
    selector, colon, file = text.partition(":")
    if not colon or not file:
        raise wrong("a selector and a file belong here", 'write "selector:path", as in "ed2026:keys/ed2026.pem"')
    return f"{_selector(selector)}:{file}"


def _matching(pattern: re.Pattern[str], what: str, remedy: str) -> AfterValidator:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise wrong(what, remedy)
        return text

    return AfterValidator(check)


def _socket_mode(text: str) -> str:
    if not _MODE.fullmatch(text):
        raise wrong("not a file mode", 'write it in octal and in quotes, as in "0660"')
    if int(text, 8) & 0o002:
        raise wrong("every local user could relay mail", 'a Unix peer is trusted by file mode: write "0660"')
    return text


def _or_empty(check: Callable[[str], str]) -> AfterValidator:
    return AfterValidator(lambda text: check(text) if text else "")


Domain = Annotated[str, AfterValidator(_hostname)]
DomainOrNone = Annotated[str, _or_empty(_hostname)]
Address = Annotated[str, AfterValidator(_address)]
Listen = Annotated[str, _or_empty(_listen)]  # "" = off
Hop = Annotated[str, AfterValidator(_hop)]
HopOrNone = Annotated[str, _or_empty(_hop)]
Networks = tuple[Annotated[str, AfterValidator(_network)], ...]
SelectorOrNone = Annotated[str, _or_empty(_selector)]
SelectorAndFile = Annotated[str, AfterValidator(_selector_and_file)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Age = Annotated[str, _matching(_AGE, "not a length of time", 'a number and s, m, h, d or w, as in "7d"')]
Wait = Annotated[Age, AfterValidator(_wait)]
ClockTime = Annotated[str, _matching(_CLOCK_TIME, "not a time of day", 'hours and minutes, as in "07:00"')]
SocketMode = Annotated[str, AfterValidator(_socket_mode)]
