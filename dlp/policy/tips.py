"""What in a message is worth a tip, if there is a notice: asking for personal details without a reason, private notes.

Takes the sender's own words; says yes or no. Tables of English phrases; a tip decides nothing, so a miss does no harm. Pure.
"""

from __future__ import annotations

import re

# personal details that somebody may be asked for
_DETAILS = (
    r"(?:student |campus |university |employee )?id(?: number| no\.?)?",
    r"date of birth",
    r"birth ?date",
    r"birthday",
    r"place of birth",
    r"social security number",
    r"ssn",
    r"passport(?: number)?",
    r"citizenship",
    r"nationality",
    r"home address",
    r"bank (?:account|details)(?: number)?",
    r"gender",
)
_THEIRS = rf"your (?:(?:[\w']+ ){{0,3}}?[\w']+(?:,| and) )?(?:full |own )?(?:{'|'.join(_DETAILS)})\b"
_YOURS = re.compile(_THEIRS)  # in small letters: it begins with a literal, so that most text costs nothing
_ASKS = re.compile(
    r"\b(?:send|give|provide|tell|email|e-mail|mail|submit|enter|fill in|include|confirm|state|bring|reply with"
    rf"|let (?:me|us) have|what is|need|require)\b[^.!?]{{0,60}}?\b{_THEIRS}",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"\b(?:because|so that|in order to|purpose|needed (?:to|for)|(?:is|are) used (?:to|for)|(?:use|need) (?:it|them|this|these)"
    r" (?:to|for)|required (?:by|for|to)|to (?:verify|process|pay|register|enrol|enroll|issue|book|check|prove|identify))\b",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(
    r"\b(?:voluntary|optional|if you (?:do not|don't|decline|would rather not|prefer not|choose not)|without (?:it|them|this)"
    r"|otherwise|you need not|you do not have to|you don't have to)\b",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"\b(?:my (?:own )?(?:private|personal|confidential) notes?|my own notes?|notes? to (?:self|myself)"
    r"|(?:private|personal) notes? (?:on|about|of)|notes? (?:for|are) (?:my|only my|just my) (?:own )?(?:use|eyes)"
    r"|notes? (?:that )?i keep for myself|sole possession notes?)\b",
    re.IGNORECASE,
)


def asks_without_reason(text: str) -> bool:
    """Whether it asks the reader for such details and does not say both why, and what happens without them (R16)."""
    if not _YOURS.search(text.casefold()) or not _ASKS.search(text):
        return False
    return not (_WHY.search(text) and _OTHERWISE.search(text))


def mails_private_notes(text: str) -> bool:
    """Whether it speaks of notes that the writer keeps alone (R61)."""
    return "note" in text.casefold() and _NOTES.search(text) is not None
