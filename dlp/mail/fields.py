"""Header fields that no reader is shown: what in them is worth a look all the same.

Takes a field's name and decoded value; gives the value where it may hold a long number, addresses only where words stand beside
it. Fields that mail servers write are left out: their numbers are nobody's. Linear; never fails.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_DIGIT = re.compile("[0-9]")
_NUMBER = re.compile(r"[0-9](?:[^0-9]{0,3}[0-9]){8}")
_WORD_AND_NUMBER = re.compile(r"[^\W\d_]{2}[^@<>]{0,20}[0-9](?:[^0-9@]{0,3}[0-9]){8}")
_ADDRESSES = frozenset(
    {"from", "to", "cc", "bcc", "reply-to", "sender", "resent-from", "resent-to", "resent-cc", "resent-sender"}
)
_WORDS = 4  # that a display name has which is a sentence
_SAYS = re.compile(r"(?<!\w)[a-z0-9]")  # names are written with capitals
_BRACKETS = re.compile(r"\([^()]*+\)")
_FEW = 2  # names that are sentences
# written on the way, or by programs for programs
_TRACE = re.compile(
    r"received|x-received|return-path|date|resent-date|dkim-.*|domainkey-.*|arc-.*|authentication-results|received-spf|delivered-to"
    r"|x-(?:ms|google|gm|forefront|microsoft|originatororg|spam|virus|barracuda|proofpoint|mimecast|ironport|sg|mailgun|ses|amazon).*"
    r"|thread-index|content-.*|mime-version|autocrypt|face|x-face|feedback-id|list-unsubscribe-post|dkim|user-agent|x-mailer"
)


def sentences(names: str) -> str:
    """Display names, one a line: those that say more than who somebody is.

    Brackets hold pronouns and years. Where several names are that long ("in physics") it is how people are listed, and of them
    only those with figures tell.
    """
    said = [
        (line, bare) for line in names.split("\n") if line.count(" ") >= _WORDS - 1 and _says(bare := _BRACKETS.sub("", line))
    ]
    return "\n".join(line for line, bare in said if len(said) <= _FEW or _DIGIT.search(bare))


def _says(bare: str) -> bool:
    return len(bare.split()) >= _WORDS and bool(_SAYS.search(bare))


def told(name: str, value: str) -> str:
    """What of a field (its name in lower case) is looked through; "" = nothing."""
    if not _DIGIT.search(value) or _TRACE.fullmatch(name):
        return ""
    if name in _ADDRESSES:
        return value if _WORD_AND_NUMBER.search(value) else ""
    said = unquote(value, errors="replace")
    return said if _NUMBER.search(said) else ""
