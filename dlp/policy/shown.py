"""Rows on the whole message: for which situations each is tried, and which findings a reader is shown for it.

Takes a row of the decision table, what is true of the message for one reader, and the evidence; gives situations and the
places of findings. Pure; nothing here fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dlp.policy.evidence import Evidence
from dlp.policy.situation import Situation, why_unread
from dlp.ruleset import Row
from dlp.values import Role

_ABOUT_PEOPLE = frozenset(
    {"about", "tells", "people", "listing", "batch", "others", "visible", "full_and_id", "sensitive", "waived", "class_list"}
)
VARIED = ("unread", "probe")  # words that may have more than one value for one reader
_SHOWN_BY = (
    ("header_word", Role.HEADER_WORD),
    ("export", Role.LISTING),
    ("probe", Role.PROBE),
    ("states", Role.STATES),
)


def variants(whole: Situation, evidence: Evidence) -> Mapping[str, Sequence[Situation]]:
    """By the word a row asks for: the situation once for each reason a part was not read, or each test string; else once."""
    probes = dict.fromkeys(item.pattern for item in evidence.findings if item.role is Role.PROBE)
    return {
        "unread": [whole._replace(unread=why) for why in dict.fromkeys(map(why_unread, evidence.unread))],
        "probe": [whole._replace(probe=pattern.removeprefix("probe-")) for pattern in probes],
        "": [whole],
    }


def shown(row: Row, by_role: Mapping[Role, tuple[int, ...]], about_people: tuple[int, ...]) -> tuple[int, ...]:
    """The findings a reader needs to see for this row, by what the row asks about."""
    asked = set(about_people) if _ABOUT_PEOPLE & row.when.keys() else set()
    for word, role in _SHOWN_BY:
        if word in row.when:
            asked.update(by_role[role])
    return tuple(sorted(asked))
