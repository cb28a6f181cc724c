"""The spellings that look-ups compare: addresses, IDs, and the names of subjects and departments.

Takes a text as it is written in a file or in mail; gives the one spelling that all its spellings share, "" for one that can
match nothing. Whoever implements `Directory` folds both what is looked for and what is there. Never fails.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_NOT_A_DIGIT = re.compile(r"[^0-9]+")
# in a name an apostrophe joins, a hyphen and a dot part; the letters are those that are no other letter with a mark
_NAME_SIGNS = str.maketrans(
    dict.fromkeys("'\u2019\u2018\u02bc\u02bb`\u00b4\u02b9\u2032\u0640", "")
    | dict.fromkeys('-\u2010\u2011\u2013."()/_\u201c\u201d\u00b7\u30fb', " ")
    | {"æ": "a", "œ": "o", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "\u0131": "i", "ħ": "h", "ŋ": "n", "þ": "th"}
    | {"\u0649": "\u064a", "\u0629": "\u0647"}
)
_SPELT_DOUBLE = ("ae", "oe", "ue", "aa")
_MAC = re.compile(r"\bma?c ?(?=[a-z]{3})")


def folded_address(address: str) -> str:
    """Without regard to case in either half: no campus gives two people addresses that differ only there.

    A domain in other letters is as DNS has it (RFC 5890 2.3.2.1), and the dot of the root is left out: both ways of writing
    reach the same mailbox. Letters that DNS keeps apart stay apart: ß is not ss.
    """
    address = address.strip()
    if address.isascii() and not address.endswith("."):
        return address.lower()
    local, at, domain = address.rpartition("@")
    domain = unicodedata.normalize("NFKC", domain).lower().removesuffix(".")
    return unicodedata.normalize("NFC", local).lower() + at + ".".join(map(_as_in_dns, domain.split(".")))


def folded_id(student_id: str) -> str:
    """Its digits; one without any is compared as a word is."""
    if student_id.isdecimal() and student_id.isascii():
        return student_id
    return _NOT_A_DIGIT.sub("", student_id) or folded_word(student_id)


def folded_word(name: str) -> str:
    """Without case and blanks, as subjects are compared: "18.06 " is "18.06", "Media Lab" is "medialab"."""
    return "".join(name.split()).casefold()


def domains_above(address: str) -> list[str]:
    """ "@domain" of an address and of each domain above its own, the nearest first; for "@domain" those above it."""
    above, domain = [], folded_address(address).rpartition("@")[2]
    while domain:
        if domain[0] != ".":
            above.append(f"@{domain}")
        domain = domain.partition(".")[2]
    return above


def folded_name(name: str) -> str:
    """`name` without case, accents and what is spelt in two ways: Müller, Mueller and Muller are one. Words stay apart."""
    folded = name.casefold()
    if not folded.isascii():
        apart = unicodedata.normalize("NFKD", folded)
        folded = unicodedata.normalize("NFC", "".join(filter(_stands_alone, apart)))
    folded = _once(folded if folded.isascii() and folded.isalpha() else folded.translate(_NAME_SIGNS))
    if "mc" in folded or "mac" in folded:
        folded = _MAC.sub("mc", folded)
    return folded


def closed_up(words: Iterable[str]) -> str:
    """Folded words written as one: Ha-eun is Haeun."""
    return _once("".join(words))


def _as_in_dns(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def _once(folded: str) -> str:
    for double in _SPELT_DOUBLE:
        if double in folded:
            folded = folded.replace(double, double[0])
    return folded


def _stands_alone(letter: str) -> bool:
    return not unicodedata.combining(letter)
