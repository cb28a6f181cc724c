"""Whom a listed word in a header may be about (T1): mail that tells of somebody, not a notice that only names or greets.

Takes what was read, the people in it, whom its findings are about and to whom it speaks; gives persons. A letter to a student
below such a word is mostly about it, and taking a word out of a header costs little: of who is spoken to it is enough that
something is told with the confidence LIKELY, or that a mark stands in the letter. What is told of others counts as it does
everywhere. Pure; nothing fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dlp.campus.greeting import UNKNOWN
from dlp.campus.people import Identified, People, Place, Strength
from dlp.policy.relate import counts
from dlp.values import Channel, Role, Texts

LIKELY = 0.12
_YOU = re.compile(r"\byou(?:rs?|'re|'ve|'ll)?\b", re.IGNORECASE)
_MARK = re.compile(
    r"(?<![\w+-])[A-DF](?:[+-](?![\w+-])|(?= (?:for|in|on|overall)\b))"
    r"|(?<![\w.$:-])[0-4]\.\d{1,2}(?![\w.:%]|\s?(?:[ap]\.?m\b|[kMG]B))"
    r"|(?<![\w./-])\d{1,3}(?: ?/ ?| (?:out )?of )\d{2,3}(?![\w./-])"
)
_LOOKED_AT = 5_000  # characters of a text


def headed(texts: Texts, people: People, about: Mapping[int, str], reader: str | None, writer: str = "") -> frozenset[str]:
    """Students whom a header names or says "you" to, who is spoken to and likely told about, and the `writer` who tells of
    himself.
    """
    listed = {one.view for one in people.findings if one.role is Role.HEADER_WORD}
    if not listed:
        return frozenset()
    named = {one.person for one in people.students if one.strength > Strength.WEAK and _stands_in(one, people, Place.HEADER)}
    spoken_to = {one.person for one in people.students if _stands_in(one, people, Place.GREETING)} or {reader or UNKNOWN}
    told = {about[at] for at, one in enumerate(people.findings) if at in about and counts(one, LIKELY)}
    if any(texts.views[each].channel is Channel.HEADERS and _YOU.search(texts.views[each].text) for each in listed):
        told |= spoken_to
    if any(view.channel is Channel.TEXT and not view.again and _MARK.search(view.text[:_LOOKED_AT]) for view in texts.views):
        told |= spoken_to
    return frozenset(named | (told & spoken_to) | {writer}) - {UNKNOWN}


def _stands_in(one: Identified, people: People, place: Place) -> bool:
    return any(people.places.get(at) is place for at in one.findings)
