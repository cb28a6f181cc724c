"""A person's own message as evidence of a consent: who wrote it, and how that is known (R34, 34 CFR 99.30).

Takes the message as saved, the campus domains, and where public DKIM keys are found (DNS, or a file); gives Evidence. A
message that nobody vouches for is Refused, with what to do. Believed are a DKIM signature of the From domain that verifies
(RFC 6376) and covers all that is read, and the "dkim=pass" of our own MTA (RFC 8601) where no key could be had.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import dkim
from dkim.asn1 import ASN1FormatError
from dkim.canonicalization import InvalidCanonicalizationPolicyError
from dkim.crypto import DigestTooLargeError, UnparsableKeyError
from dkim.dnsplug import get_txt
from dkim.util import InvalidTagValueList, parse_tag_value

from dlp.campus.folding import folded_address
from dlp.errors import ConfigError, Refused
from dlp.mail.addresses import addresses
from dlp.mail.authentication import results_of
from dlp.mail.zones import Zone, zones
from dlp.ruleset import Campus
from dlp.values import HeaderField, View

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
_RESULT = re.compile(r"dkim ?(?:/ ?1 ?)?= ?(\w+)")
_OF_DOMAIN = re.compile(r"\bheader\. ?(?:d ?= ?|i ?= ?[^\s;@]*@ ?)([a-z0-9.-]+)")
_TESTING = re.compile(rb"(?:^|;)\s*t\s*=[^;]*\by\b")
_READ = ("from", "subject", "message-id")  # fields that count here; not every signer covers Content-Type
_OLD = frozenset({"rsa-sha1"})  # RFC 8301 3.1
_FROM_A_LIST = frozenset({"list-id", "list-post", "mailing-list", "resent-from", "resent-sender"})


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
    values: dict[str, list[str]] = {}
    for field in fields:
        values.setdefault(field.name.lower(), []).append(field.value)
    sender = _author(values)
    if not campus.is_inside(sender):
        raise Refused(
            "its author does not write from a campus address; a consent by mail comes from the person's campus address"
        )
    signer = _signer(raw)
    good, doubtful = _signatures(signer, sender, campus)
    how = _signed(signer, good, keys_of)
    if not how and good and not doubtful:
        how = _vouched(values.get("authentication-results", []), {tags["d"].casefold() for tags in good.values()}, authserv_id)
    if not how:
        raise Refused(
            "nobody vouches for this message: it has no DKIM signature of the author's domain whose key can be had here\n"
            "and that covers its subject, its Message-ID and its whole text\n"
            "save it as it arrived, headers included; without DNS give the keys: --dkim-keys FILE"
        )
    message_id = values.get("message-id", [""])[0].strip()
    return Evidence(sender, message_id, hashlib.sha256(raw).hexdigest(), how)


def own_words(view: View) -> str:
    """The text without what it quotes or forwards, and without signature and disclaimer."""
    return "".join(view.text[each.start : each.end] for each in zones(view.text, view.marked) if each.zone is Zone.NEW)


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


def _author(values: Mapping[str, list[str]]) -> str:
    """The one address that wrote it, and itself: not a list, a programme, or somebody else on its behalf."""
    written = [address for value in values.get("from", ()) for _, address in addresses(value).pairs]
    if len(values.get("from", ())) != 1 or len(written) != 1:
        raise Refused("the message has not exactly one author in its From field; ask for one that has")
    senders = {folded_address(address) for value in values.get("sender", ()) for _, address in addresses(value).pairs}
    if senders - {folded_address(written[0])} or _FROM_A_LIST & values.keys():
        raise Refused("it came by way of a list or of somebody else; ask the person to write to you directly")
    if any(value.strip().casefold() != "no" for value in values.get("auto-submitted", ())):
        raise Refused("a programme wrote it, not the person; ask the person to write")
    return written[0]


def _signer(raw: bytes) -> dkim.DKIM:
    try:
        return dkim.DKIM(re.sub(rb"\r?\n", b"\r\n", raw), logger=_QUIET)
    except (dkim.DKIMException, LookupError):
        raise Refused("its header does not read as mail's; save the message as it arrived") from None


def _signatures(signer: dkim.DKIM, sender: str, campus: Campus) -> tuple[dict[int, dict[str, str]], bool]:
    """Those of the author's domain that cover all that is read, by place; and whether there are some that do not."""
    names = [name.decode("ascii", "replace").lower() for name, _ in signer.headers]
    good, doubtful = {}, False
    for index in range(names.count("dkim-signature")):
        tags = _tags(signer, index)
        if not _speaks_for(tags.get("d", "").casefold(), sender, campus):
            continue
        covered = [name.strip().lower() for name in tags.get("h", "").split(":")]
        whole = all(covered.count(name) >= names.count(name) for name in _READ)
        by = folded_address(tags.get("i", "")).rpartition("@")  # the user it was signed for, where it says
        own = not by[0] or "@".join((by[0], by[2])) == folded_address(sender)
        if whole and own and "l" not in tags and tags.get("a", "").lower() not in _OLD:  # with l= the text may go on
            good[index] = tags
        else:
            doubtful = True
    return good, doubtful


def _signed(signer: dkim.DKIM, good: Mapping[int, Mapping[str, str]], keys_of: KeysOf) -> str:
    """How a signature shows who wrote it; "" when no key could be had. Refused when none of those with a key verifies."""
    had_key = False

    def answer(name: bytes, timeout: int = _SECONDS) -> bytes | None:  # noqa: ARG001  dkimpy's signature
        nonlocal had_key
        record = keys_of(name.decode("ascii", "replace"))
        if record is not None and _TESTING.search(record):  # RFC 6376 3.6.1: as if it were not signed
            return None
        had_key = had_key or record is not None
        return record

    for index, tags in good.items():
        try:
            if signer.verify(idx=index, dnsfunc=answer):
                return f"dkim d={tags['d'].casefold()} s={tags.get('s', '')}"
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


def _vouched(values: list[str], domains: AbstractSet[str], authserv_id: str) -> str:
    """Whether our own MTA found one of these domains' signatures to be good when the message came.

    Its first field that speaks of DKIM counts alone: one below it came with the message. What is quoted or in comments is
    the sender's.
    """
    begun = False
    for value in values if authserv_id else ():
        results = results_of([value], authserv_id).bare
        if begun and not results:
            break
        begun = bool(results)
        verdicts = [(found[1], set(_OF_DOMAIN.findall(each))) for each in results if (found := _RESULT.match(each))]
        if verdicts:
            passed = any(verdict == "pass" and named and named <= domains for verdict, named in verdicts)
            return f"authentication-results of {authserv_id}" if passed else ""
    return ""


def _speaks_for(domain: str, sender: str, campus: Campus) -> bool:
    """A domain of ours that is the author's, or above it."""
    theirs = sender.rpartition("@")[2].casefold()
    return bool(domain) and campus.is_inside_domain(domain) and (theirs == domain or theirs.endswith(f".{domain}"))
