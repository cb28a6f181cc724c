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
# written on the way, or by programs for programs
_TRACE = re.compile(
    r"received|x-received|return-path|date|resent-date|dkim-.*|domainkey-.*|arc-.*|authentication-results|received-spf|delivered-to"
    r"|x-(?:ms|google|gm|forefront|microsoft|originatororg|spam|virus|barracuda|proofpoint|mimecast|ironport|sg|mailgun|ses|amazon).*"
    r"|thread-index|content-.*|mime-version|autocrypt|face|x-face|feedback-id|list-unsubscribe-post|dkim|user-agent|x-mailer"
)


def told(name: str, value: str) -> str:
    """What of a field (its name in lower case) is looked through; "" = nothing."""
    if not _DIGIT.search(value) or _TRACE.fullmatch(name):
        return ""
    if name in _ADDRESSES:
        return value if _WORD_AND_NUMBER.search(value) else ""
    said = unquote(value, errors="replace")
    return said if _NUMBER.search(said) else ""
