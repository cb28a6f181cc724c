"""Mailboxes of an address header: who is named, and at which address.

Takes an unfolded value (RFC 2047 words still in it, or already decoded); gives (display name, addr-spec) pairs, at
most `cap`. Comments count as names, a group's name is a pair without address, quoting and source routes are
tolerated (RFC 5322 3.4, 4.4). One linear pass; never fails: text without an address is a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dlp.mail import headers

_TOKEN = re.compile(  # an encoded word may wrongly hold a comma
    r"""("(?:[^"\\]|\\.)*+"?)|(<[^<>]*+>?)|([(),:;])|(=\?[^?\s]{1,80}\?[bq]\?[^?]*+\?=|[^"<(),:;=]++)|(.)""",
    re.DOTALL | re.IGNORECASE,
)
_NAME_AND_ADDRESS = re.compile(r"""([^\s"<(),:;=]++(?:[ ][^\s"<(),:;=]++)*+)[ ]<([^\s<>@][^\s<>]*+)>""")  # as most are written
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ONE_WORD = re.compile(r"""(?:"[^"]*+"|[^\s"])++""")
_BLANKS = re.compile(r"\s+")
_PARENTHESIS = re.compile(r"[()\\]")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The pairs in order; either half may be "". `cut` is true when there were more than the cap."""

    pairs: tuple[tuple[str, str], ...]
    cut: bool = False


@dataclass(slots=True)
class Mailbox:
    """One mailbox as it is written at value[start:end]; a group's name is one that ends at its colon."""

    start: int = 0
    end: int = 0
    written: str = ""  # the angle brackets and what is in them
    words: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angle: str = ""

    def pair(self) -> tuple[str, str]:
        phrase = _BLANKS.sub(" ", "".join(self.words)).strip()
        comment = " ".join(self.comments)
        if self.angle:
            return _shown(" ".join(filter(None, (phrase, comment)))), self.angle
        if "@" in phrase and _ONE_WORD.fullmatch(phrase):
            return _shown(comment), phrase
        return _shown(" ".join(filter(None, (phrase, comment)))), ""


def addresses(value: str, cap: int = 1000) -> Addresses:
    """All mailboxes of a From, To, Cc, Reply-To or Sender value."""
    if plain := _NAME_AND_ADDRESS.fullmatch(value):
        return Addresses(((plain[1], plain[2]),))
    pairs: list[tuple[str, str]] = []
    for mailbox in mailboxes(value):
        pair = mailbox.pair()
        if pair == ("", ""):
            continue
        if len(pairs) == cap:
            return Addresses(tuple(pairs), cut=True)
        pairs.append(pair)
    return Addresses(tuple(pairs))


def mailboxes(value: str) -> Iterator[Mailbox]:
    """Every mailbox and group name of a value, empty ones between two commas included."""
    box = Mailbox()
    at = 0
    while match := _TOKEN.match(value, at):
        at = match.end()
        quoted, angle, sign, text, stray = match.groups()
        if sign == "(":
            end = _comment_end(value, at)
            box.comments.append(_ESCAPED.sub(r"\1", value[at:end]).strip())
            at = end + 1
        elif sign in {",", ";", ":"}:
            box.end = match.start()
            yield box
            box = Mailbox(start=at)
        elif angle is not None and not box.angle:
            box.angle, box.written = _route_free(angle), angle
        elif quoted is not None and not value.startswith("@", at):  # a quoted local part keeps its quotes
            box.words.append(_ESCAPED.sub(r"\1", quoted[1:].removesuffix('"')))
        else:
            box.words.append(quoted or angle or text or stray or "")
    box.end = len(value)
    yield box


def _comment_end(value: str, at: int) -> int:
    """Index of the parenthesis that closes the comment opened before `at`, or the end of the value."""
    depth = 1
    while match := _PARENTHESIS.search(value, at):
        at = match.end()
        if match[0] == "\\":
            at += 1
        else:
            depth += 1 if match[0] == "(" else -1
        if not depth:
            return match.start()
    return len(value)


def _route_free(angle: str) -> str:
    """<@relay.example:ann@a.example> is ann@a.example (RFC 5322 4.4)."""
    inner = _BLANKS.sub("", angle[1:].removesuffix(">"))
    return inner.partition(":")[2] if inner.startswith("@") else inner


def _shown(name: str) -> str:
    return headers.decode_words(name).text.strip()
