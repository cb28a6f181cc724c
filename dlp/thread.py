"""Whose words a finding stands in, and whether the sender's own do no more than refer somebody to an office.

Takes a message that was read, its findings, the envelope, the rules and the directory; gives a Thread. What the asker wrote and
gets back is no new disclosure to that asker; who counts as the asker is decision 22. Pure; linear in the text; in doubt a
quotation is nobody's, and then it is content like any other.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address
from dlp.campus.mentions import addresses as written_addresses
from dlp.mail.addresses import addresses
from dlp.mail.zones import Stretch, Zone, zones
from dlp.policy.readers import person
from dlp.policy.referral import LONGEST, REFERRED, only_refers, says_nothing
from dlp.policy.situation import SMALL_IMAGE, why_unread
from dlp.ruleset import Campus, Rules
from dlp.values import Channel, Envelope, Finding, Texts, View

# the prefixes of a reply's Subject (RFC 5322 3.6.5 knows the first) in the languages of zones
_REPLY = re.compile(r"\s*(?:re|aw|antw|antwort|rif|r|res|sv|vs|odp|ynt|回复|答复)(?:\[\d{1,3}\])?\s*:", re.IGNORECASE)
_ID_DOMAIN = re.compile(r"@([\w.-]+)>")
_ASKED_OF = frozenset({"subject", "thread-topic"})  # what a reply repeats
_BODY = ("part ", "the message")  # labels of what a reader sees as the text
_SHORTEST_NAME = 3
_LARGEST = 262_144  # characters of a text whose zones are looked for
_POSTSCRIPT = re.compile(r"\n\W{0,3}p\.? ?s\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Thread:
    """`quoted`: the address whose words a finding stands in, by its index; "" = quoted, and nobody knows of whom.

    `refers`: the sender's own words only refer.
    """

    quoted: Mapping[int, str] = field(default_factory=dict)
    refers: bool = False


@dataclass(frozen=True, slots=True)
class _Asker:
    """The one correspondent outside to whom this is a reply."""

    address: str
    name: str


def thread(envelope: Envelope, texts: Texts, findings: tuple[Finding, ...], rules: Rules, directory: Directory) -> Thread:
    """Both, for one message; of one that answers nobody and goes to nobody who is referred, neither is looked for."""
    referred = any(_is_referred(recipient.address, directory) for recipient in envelope.recipients)
    if not (referred or (findings and _answers(texts))):
        return Thread()
    asker = _asker(envelope, texts, rules.campus)
    read = {index: _zones(view) for index, view in enumerate(texts.views) if is_body(view)}
    starts = {index: [each.start for each in stretches] for index, stretches in read.items()}
    repeats = asker.address if asker and _REPLY.match(_subject(texts)) else ""
    quoted: dict[int, str] = {}
    for index, finding in enumerate(findings):
        if repeats and texts.views[finding.view].field in _ASKED_OF:
            quoted[index] = repeats
        if finding.view in read:
            stretch = read[finding.view][bisect_right(starts[finding.view], finding.start) - 1]
            if stretch.depth and finding.end <= stretch.end:
                quoted[index] = _whose(stretch, asker)
    return Thread(quoted, referred and _refers(texts, read, rules, directory))


def own_words(texts: Texts) -> str:
    """What the sender wrote in the text, without quotations, signature and disclaimer."""
    return "\n".join(_new(view, _zones(view)) for view in texts.views if is_body(view))


def _zones(view: View) -> tuple[Stretch, ...]:
    """Of a very large text everything counts as the sender's own words."""
    return zones(view.text, view.marked) if len(view.text) <= _LARGEST else (Stretch(Zone.NEW, 0, len(view.text)),)


def _whose(stretch: Stretch, asker: _Asker | None) -> str:
    """Whose words a quotation is: of the one address above it, else, behind marks, the asker's if nobody else is named."""
    if stretch.zone is not Zone.QUOTED:
        return ""
    named = {folded_address(stretch.by[start:end]) for start, end in written_addresses(stretch.by)}
    if named:
        return named.pop() if len(named) == 1 else ""
    fits = not stretch.by or (asker and len(asker.name) >= _SHORTEST_NAME and asker.name in stretch.by.casefold())
    return asker.address if asker and stretch.depth == 1 and fits else ""


def _asker(envelope: Envelope, texts: Texts, campus: Campus) -> _Asker | None:
    """Nobody where several outside are written to, or where the message answers one that was sent from campus."""
    named = {folded_address(address): name for name, address in _mailboxes(texts)}
    everybody = {*named, *(folded_address(recipient.address) for recipient in envelope.recipients)}
    outside = [address for address in everybody if address and not campus.is_inside(address)]
    answered = [each.value for each in texts.fields if each.name.lower() == "in-reply-to"]
    ours = any(campus.is_inside_domain(domain) for value in answered for domain in _ID_DOMAIN.findall(value))
    if len(outside) != 1 or ours or not _answers(texts):
        return None
    return _Asker(outside[0], named.get(outside[0], "").casefold())


def _answers(texts: Texts) -> bool:
    return bool(_REPLY.match(_subject(texts))) or any(each.name.lower() == "in-reply-to" for each in texts.fields)


def _is_referred(address: str, directory: Directory) -> bool:
    """Whether such a correspondent is sent to an office with questions about somebody."""
    return any(contact.type in REFERRED for contact in directory.contacts_at(address))


def _mailboxes(texts: Texts) -> Iterator[tuple[str, str]]:
    for each in texts.fields:
        if each.name.lower() in ("to", "cc"):
            yield from addresses(each.value).pairs


def _subject(texts: Texts) -> str:
    return next((each.value for each in texts.fields if each.name.lower() == "subject"), "")


def _refers(texts: Texts, read: Mapping[int, tuple[Stretch, ...]], rules: Rules, directory: Directory) -> bool:
    """Whether every text only refers, and nothing else goes with it."""
    if any(view.channel is Channel.ATTACHMENTS for view in texts.views) or any(
        why_unread(part) != SMALL_IMAGE for part in texts.unread
    ):
        return False
    subject = _subject(texts)
    if not (_REPLY.match(subject) or says_nothing(subject)):
        return False
    if any(_POSTSCRIPT.search(texts.views[index].text, each.start, each.end) for index, each in _signatures(read)):
        return False
    written = [text for index, stretches in read.items() if (text := _new(texts.views[index], stretches)).strip()]
    if any(len(text) > LONGEST for text in written):
        return False
    return bool(written) and all(only_refers(text, _offices(text, rules, directory)) for text in written)


def _signatures(read: Mapping[int, tuple[Stretch, ...]]) -> Iterator[tuple[int, Stretch]]:
    return ((index, each) for index, stretches in read.items() for each in stretches if each.zone is Zone.SIGNATURE)


def _offices(text: str, rules: Rules, directory: Directory) -> frozenset[str]:
    """The addresses in a text that are those of offices: the site's, and of staff who speak for one."""
    found = {folded_address(text[start:end]) for start, end in written_addresses(text)}
    return frozenset(each for each in found if each in rules.policy.offices or person(each, rules.campus, directory).offices)


def _new(view: View, stretches: tuple[Stretch, ...]) -> str:
    return "".join(view.text[each.start : each.end] for each in stretches if each.zone is Zone.NEW)


def is_body(view: View) -> bool:
    """Whether this is the text of a part as a reader first sees it: no markup, no header, no further reading."""
    return view.channel is Channel.TEXT and view.label.startswith(_BODY) and not view.again
