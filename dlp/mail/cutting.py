"""Elements that cut a number in two: whoever hides what they hold, by whatever style, the number goes on.

Takes a page's source; gives the elements that stand within numbers and hold a word or other digits, each kind once and few
of them, because each costs one more reading of the page. Linear; never fails.
"""

from __future__ import annotations

import re

from dlp.mail.elements import NEVER_CUT

_CUT_NUMBER = re.compile(r"(<(?<=\d<)[^<>]{0,400}>(?:<[^<>]{0,400}>){0,7})[^<]{0,40}(?:<[^<>]{0,400}>){1,8}\d")
_OPENING = re.compile(r"<([A-Za-z][^\s/>]*+)([^<>]*+)>")
_MOST_KINDS = 6  # of such elements, each of which costs one more reading


def cutting(source: str) -> list[tuple[str, str]]:
    """The elements that stand within numbers and hold more than those, by name and attributes."""
    kinds: dict[tuple[str, str], None] = {}
    at = 0
    while (cut := _CUT_NUMBER.search(source, at)) and len(kinds) < _MOST_KINDS:
        at = cut.end() - 1
        for name, attributes in _OPENING.findall(cut[1])[:1]:
            if (kind := name.lower()) not in NEVER_CUT:
                kinds[kind, attributes] = None
    return list(kinds)[:_MOST_KINDS]
