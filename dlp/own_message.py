"""A person's own message as evidence of a consent: who wrote it, and how that is known (R34, 34 CFR 99.30).

Takes the message as saved, the campus domains, and where public DKIM keys are found (DNS, or a file); gives Evidence. A
message that nobody vouches for is Refused, with what to do. Believed are a DKIM signature of the From domain that verifies
(RFC 6376), and the "dkim=pass" of our own MTA (RFC 8601) where no key could be had.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import dkim
from dkim.asn1 import ASN1FormatError
from dkim.canonicalization import InvalidCanonicalizationPolicyError
from dkim.crypto import DigestTooLargeError, UnparsableKeyError
from dkim.dnsplug import get_txt
from dkim.util import InvalidTagValueList, parse_tag_value

from dlp.errors import ConfigError, Refused
from dlp.mail.addresses import addresses
from dlp.mail.authentication import results_of
from dlp.ruleset import Campus
from dlp.values import HeaderField

KeysOf = Callable[[str], bytes | None]  # the TXT record of a name; None when it cannot be had
_SECONDS = 5  # for one DNS question
_QUIET = logging.getLogger("dlp.own_message.dkim")  # its texts may quote the message
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False
_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,10}\.?")
# what dkimpy raises about a signature or a key that is not well formed
_BROKEN = (
    *(dkim.DKIMException, InvalidTagValueList, InvalidCanonicalizationPolicyError, ASN1FormatError, DigestTooLargeError),
    *(UnparsableKeyError, ValueError, LookupError, TypeError),
)
_LINE = re.compile(r"(\S+)\s+(?:\d+\s+)?(?:IN\s+)?(?:TXT\s+)?(\S.*)", re.IGNORECASE)
_PASSED = re.compile(r"dkim ?(?:/ ?1 ?)?= ?pass\b.*\bheader\.(?:d ?= ?|i ?= ?[^\s;]*@)([a-z0-9.-]+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Who wrote the message, and what to keep of it."""

    sender: str
    message_id: str
    sha256: str
    how: str  # "dkim d=campus.example", or "authentication-results of mx.campus.example"

    @property
    def text(self) -> str:
        return f"message {self.message_id or 'without an ID'}, sha256 {self.sha256}, {self.how}"


def examined(raw: bytes, fields: tuple[HeaderField, ...], campus: Campus, keys_of: KeysOf, authserv_id: str) -> Evidence:
    """What a message is evidence of. Refused when it is not certain that its campus sender wrote it."""
    values: Mapping[str, list[str]] = {
        name: [field.value for field in fields if field.name.lower() == name]
        for name in ("from", "message-id", "authentication-results")
    }
    written = [address for value in values["from"] for _, address in addresses(value).pairs]
    if len(values["from"]) != 1 or len(written) != 1:
        raise Refused("the message has not exactly one author in its From field; ask for one that has")
    (sender,) = written
    if not campus.is_inside(sender):
        raise Refused(
            "its author does not write from a campus address; a consent by mail comes from the person's campus address"
        )
    how = _signed(raw, sender, campus, keys_of) or _vouched(values["authentication-results"], sender, campus, authserv_id)
    if not how:
        raise Refused(
            "nobody vouches for this message: it has no DKIM signature of the author's domain whose key can be had here\n"
            "save it as it arrived, headers included; without DNS give the keys: --dkim-keys FILE"
        )
    message_id = values["message-id"][0].strip() if values["message-id"] else ""
    return Evidence(sender, message_id, hashlib.sha256(raw).hexdigest(), how)


def from_dns(name: str) -> bytes | None:
    """The key as it is published now."""
    if not _NAME.fullmatch(name):
        return None
    try:
        record: bytes | None = get_txt(name.encode("ascii"), timeout=_SECONDS)
    except (dkim.DKIMException, OSError):  # no resolver, or none that answers
        return None
    return record


def from_file(path: Path) -> KeysOf:
    """Keys from lines of "selector._domainkey.domain v=DKIM1; ...", also as a zone file has them."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ConfigError("cannot be read", file=str(path), remedy="give a text file with the DKIM records") from None
    found = {match[1].rstrip(".").casefold(): _unquoted(match[2]) for line in lines if (match := _LINE.fullmatch(line.strip()))}
    return lambda name: found.get(name.rstrip(".").casefold())


def _unquoted(content: str) -> bytes:
    strings = re.findall(r'"([^"]*)"', content)
    return ("".join(strings) if strings else content).encode("ascii", "replace")


def _signed(raw: bytes, sender: str, campus: Campus, keys_of: KeysOf) -> str:
    """How a signature shows who wrote it; "" when no key could be had. Refused when none of those with a key verifies."""
    message = re.sub(rb"\r?\n", b"\r\n", raw)
    try:
        signer = dkim.DKIM(message, logger=_QUIET)
    except dkim.DKIMException:
        raise Refused("its header does not read as mail's; save the message as it arrived") from None
    had_key = False
    for index in range(sum(name.lower() == b"dkim-signature" for name, _ in signer.headers)):
        tags = _tags(signer, index)
        domain = tags.get("d", "").casefold()
        if not _speaks_for(domain, sender, campus) or "l" in tags:  # with l= somebody may have added to the body
            continue

        def answer(name: bytes, timeout: int = _SECONDS) -> bytes | None:  # noqa: ARG001  dkimpy's signature
            nonlocal had_key
            record = keys_of(name.decode("ascii", "replace"))
            had_key = had_key or record is not None
            return record

        try:
            if signer.verify(idx=index, dnsfunc=answer):
                return f"dkim d={domain} s={tags.get('s', '')}"
        except _BROKEN:
            continue
    if had_key:
        raise Refused("its DKIM signature does not verify: it was changed on the way or is not genuine; save it as it arrived")
    return ""


def _tags(signer: dkim.DKIM, index: int) -> dict[str, str]:
    fields = [value for name, value in signer.headers if name.lower() == b"dkim-signature"]
    try:
        tags = parse_tag_value(fields[index])
    except _BROKEN:
        return {}
    return {name.decode("ascii", "replace"): value.decode("ascii", "replace") for name, value in tags.items()}


def _vouched(values: list[str], sender: str, campus: Campus, authserv_id: str) -> str:
    """Whether our own MTA found a signature of the author's domain when the message came."""
    if not authserv_id:
        return ""
    for told in results_of(values, authserv_id).told:
        found = _PASSED.match(told)
        if found and _speaks_for(found[1].casefold(), sender, campus):
            return f"authentication-results of {authserv_id}"
    return ""


def _speaks_for(domain: str, sender: str, campus: Campus) -> bool:
    """A domain of ours that is the author's, or above it."""
    theirs = sender.rpartition("@")[2].casefold()
    return bool(domain) and campus.is_inside_domain(domain) and (theirs == domain or theirs.endswith(f".{domain}"))
