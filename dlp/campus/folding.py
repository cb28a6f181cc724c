"""The spellings that look-ups compare: addresses, IDs, and the names of subjects and departments.

Takes a text as it is written in a file or in mail; gives the one spelling that all its spellings share, "" for one that can
match nothing. Whoever implements `Directory` folds both what is looked for and what is there. Never fails.
"""

from __future__ import annotations

import re

_NOT_A_DIGIT = re.compile(r"[^0-9]+")


def folded_address(address: str) -> str:
    """Without regard to case in either half: no campus gives two people addresses that differ only there."""
    return address.strip().casefold()


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
    labels = folded_address(address).rpartition("@")[2].split(".")
    return ["@" + ".".join(labels[n:]) for n in range(len(labels)) if labels[n]]


def name_key(full_name: str) -> str:
    """A full name as it stands; names in their other forms have keys of their own (names.keys_of)."""
    return " ".join(full_name.casefold().split())
