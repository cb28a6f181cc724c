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
_WORK = r"(?:assignment|exam|final|grade|homework|lab|mark|midterm|paper|project|quiz|result|score|test)s?"
_GOT = r"(?:earned|gave you|gets?|got|had|has|have|received|scored?|with)"
# a letter where something is given: "plan B for the trip" is none
_LETTER = (
    rf"(?<![\w+-])[A-DF][+-](?![\w+-])|\b(?i:an?|is|{_GOT}|{_WORK}):?[ ][A-DF](?=[ ](?:for|in|on|overall)\b)"
    rf"|(?<!\w )\b[A-DF](?=[ ](?:overall|for[ ](?:the|your)[ ]{_WORK})\b)|\band[ ][A-DF](?=[ ]overall\b)"
)
# an average, by its name: no section, version, price or hour
_AVERAGE = r"(?:average|cumulative|gpa|overall|(?:semester|term|year)(?: is| was| came to| ended at| with|(?=:)))\b"
_FIGURE = r"(?<![\w.$:-])[0-4]\.\d{1,2}(?![\w:%]|\.\w|\s?(?:[ap]\.?m\b|[kMG]B))"
# points of so many, which are no count of things ("10 of 12 people"), and no date where nothing says that somebody got them
_BEHIND = (
    r"(?![\w/-]|\.\w|[ ](?!(?:and|as|at|but|correct|for|from|in|on|overall|points?|possible|problems|questions|right|so)\b)"
    r"[a-z])"
)
_POINTS = rf"(?<![\w./-])\d{{1,3}}(?: ?/ ?| (?:out )?of )\d{{2,3}}{_BEHIND}"
_NO_DATE = r"(?!(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])\b)"
_MARK = re.compile(
    rf"{_LETTER}|(?i:\b{_AVERAGE}[^.!?\n]{{0,30}}{_FIGURE}|{_FIGURE}[^.!?\n]{{0,10}}\b(?:average|cumulative|gpa|overall)\b"
    rf"|\b{_GOT}[ ](?:an?[ ]|just[ ]|only[ ])?{_POINTS}|(?::|\b{_WORK}(?:[ ]\d+)?(?:[ ]is|[ ]was)?)[ ]{_NO_DATE}{_POINTS}"
    rf"|(?:^|[,.;!?][ ]){_NO_DATE}{_POINTS}(?=[,.;:!?]|$)"
    rf"|{_POINTS}[ ](?:marks|points?|problems|questions|(?:for|in|on)[ ](?:\w+[ ]){{0,2}}{_WORK})\b)"
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
    if any(view.channel is Channel.TEXT and not view.again and tells_a_mark(view.text) for view in texts.views):
        told |= spoken_to
    return frozenset(named | (told & spoken_to) | {writer}) - {UNKNOWN}


def tells_a_mark(text: str) -> bool:
    """Whether a mark stands in a text, as it is given to somebody.

    >>> tells_a_mark("You got 13 of 20."), tells_a_mark("Please read section 2.1: 13 of 20 pages.")
    (True, False)
    """
    return _MARK.search(" ".join(text[:_LOOKED_AT].split())) is not None


def _stands_in(one: Identified, people: People, place: Place) -> bool:
    return any(people.places.get(at) is place for at in one.findings)
