"""Sensitive words out of the headers a reader sees (R77, decision table T1).

Takes what was read, the findings that count, the neutral word of each pattern and an RFC 2047 encoder; gives the
edits, and which findings no edit can reach (a word in a file name, a display name or a nested subject). Reply
prefixes, list tags and everything else around a finding stay as they are. Fails on nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dlp.values import ChangeHeader, Channel, Finding, Role, Texts, View

EDITABLE = frozenset({"subject", "keywords", "comments", "thread-topic"})  # unstructured, RFC 5322 3.6.5
NEUTRAL_WORD = "details"
NUMBER_REMOVED = "[number removed]"
TEST_REMOVED = "[test string removed]"
REWRITE_PROBE = "probe-rewrite"
_LINE_ENDS = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True)
class Neutralised:
    """The edits, and the findings (indices into those given) that stay in a header all the same.

    With `left_over`, or without `edits`, the message cannot be delivered as a rewrite.
    """

    edits: tuple[ChangeHeader, ...]
    left_over: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    start: int
    end: int
    text: str


def neutralise(
    texts: Texts, findings: Iterable[Finding], neutral_words: Mapping[str, str], encode: Callable[[str], str]
) -> Neutralised:
    """Replace listed words and ID numbers in Subject, Keywords, Comments and Thread-Topic.

    `findings` are those that count (confident enough); observing patterns are ignored. `neutral_words` maps a pattern
    id to its word, else "details". `encode` makes an RFC 2047 encoded, folded field value of a text.
    """
    names = {(field.name.lower(), field.occurrence): field.name for field in texts.fields}
    changes: dict[int, list[_Change]] = {}
    left_over = []
    for index, finding in enumerate(findings):
        view = texts.views[finding.view]
        if view.channel is not Channel.HEADERS or not _concerns(finding):
            continue
        if not view.section and view.field in EDITABLE and (view.field, view.occurrence) in names:
            change = _Change(finding.start, finding.end, _replacement(finding, view.text, neutral_words))
            changes.setdefault(finding.view, []).append(change)
        elif finding.role is not Role.IDENTIFIES:
            left_over.append(index)
    edits = tuple(_edit(texts.views[view], changes[view], names, encode) for view in sorted(changes))
    return Neutralised(edits, tuple(left_over))


def _concerns(finding: Finding) -> bool:
    if finding.role is Role.PROBE:
        return finding.pattern == REWRITE_PROBE
    return finding.enforced and finding.role in {Role.HEADER_WORD, Role.IDENTIFIES}


def _replacement(finding: Finding, text: str, neutral_words: Mapping[str, str]) -> str:
    if finding.role is Role.PROBE:
        return TEST_REMOVED
    if finding.role is Role.IDENTIFIES:
        return NUMBER_REMOVED
    word = neutral_words.get(finding.pattern) or NEUTRAL_WORD
    if text[finding.start].isupper() and text[finding.start + 1 : finding.start + 2].islower():
        return word[:1].upper() + word[1:]
    return word


def _edit(
    view: View, changes: list[_Change], names: Mapping[tuple[str, int], str], encode: Callable[[str], str]
) -> ChangeHeader:
    text, position, pieces = view.text, 0, []
    for change in _joined(text, changes):
        pieces += [text[position : change.start], change.text]
        position = change.end
    shown = _LINE_ENDS.sub(" ", "".join([*pieces, text[position:]]))
    return ChangeHeader(names[view.field, view.occurrence], view.occurrence, encode(shown), shown)


def _joined(text: str, changes: list[_Change]) -> list[_Change]:
    """Changes in order, without overlap: "grades / GPA" becomes one "details", and the longer of two overlapping wins."""
    result: list[_Change] = []
    for change in sorted(changes, key=lambda each: (each.start, -each.end)):
        last = result[-1] if result else None
        if last is not None and change.start < last.end:
            wider = last if last.end - last.start >= change.end - change.start else change
            result[-1] = _Change(last.start, max(last.end, change.end), wider.text)
        elif last is not None and _same_list(text[last.end : change.start]) and change.text.lower() == last.text.lower():
            result[-1] = _Change(last.start, change.end, last.text)
        else:
            result.append(change)
    return result


def _same_list(between: str) -> bool:
    return between.strip(" \t,/&+-") in {"", "and", "or"}
