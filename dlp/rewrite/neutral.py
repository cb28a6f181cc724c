"""Sensitive words out of the headers a reader sees (R77, decision table T1).

Takes what was read, the findings that count, the neutral word of each pattern and `Headers`, which knows what each field
shows and how to write it anew; gives the edits, and which findings no edit can reach (within what is signed or encoded).
Reply prefixes, list tags, addresses and everything else around a finding stay as they are. Fails on nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dlp.values import ChangeHeader, ChangePartHeader, Channel, Edit, Finding, HeaderField, PartField, Role, Texts, View

NEUTRAL_WORD = "details"
NUMBER_REMOVED = "[number removed]"
TEST_REMOVED = "[test string removed]"
REWRITE_PROBE = "probe-rewrite"
_LINE_ENDS = re.compile(r"[\r\n]+")
_MAILBOXES = frozenset({"from", "sender", "reply-to", "to", "cc"})
_FILE_NAMES = frozenset({"content-type", "content-disposition"})
_WORDS = ("subject", "keywords", "comments", "thread-topic", "display-name")
# what an edit can change, in words for people and programs
WHAT = frozenset({"file-name", "description", *_WORDS, *(f"nested-{word}" for word in _WORDS)})
_TOP_SECTIONS = frozenset({"0", "1"})  # of a message that is one part, or of its outermost multipart

Field = HeaderField | PartField


class Headers(Protocol):
    """The fields of one message, as dlp.mail.writing reads and writes them."""

    def shows(self, field: Field) -> tuple[str, ...]:
        """The folded texts a reader sees in the field."""

    def write(self, field: Field, texts: Mapping[str, str]) -> str | None:
        """Its new value with each of these texts replaced, encoded and folded; None when that cannot be."""


@dataclass(frozen=True, slots=True)
class Neutralised:
    """The edits, and the findings (indices into those given) that stay in a header all the same.

    With `left_over`, or without `edits`, the message cannot be delivered as a rewrite.
    """

    edits: tuple[Edit, ...]
    left_over: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    finding: int
    start: int
    end: int
    text: str
    removed: str


@dataclass(slots=True)
class _Place:
    """The fields that can show a view, with what each shows, and what is to change: by text, the changes in it."""

    shown: dict[Field, tuple[str, ...]]
    wanted: dict[str, list[_Change]] = field(default_factory=dict)


def neutralise(texts: Texts, findings: Iterable[Finding], neutral_words: Mapping[str, str], headers: Headers) -> Neutralised:
    """Replace listed words and ID numbers in subjects, file names, display names, Keywords, Comments and Thread-Topic.

    `findings` are those that count (confident enough); observing patterns are ignored. `neutral_words` maps a pattern
    id to its word, else "details".
    """
    places: dict[tuple[str, str, int], _Place] = {}
    must_go: set[int] = set()
    for index, finding in enumerate(findings):
        view = texts.views[finding.view]
        if view.channel is not Channel.HEADERS or not _concerns(finding):
            continue
        if finding.role is not Role.IDENTIFIES:
            must_go.add(index)
        key = (view.section, view.field, view.occurrence)
        if key not in places:
            places[key] = _Place({each: headers.shows(each) for each in _fields(view, texts)})
        _want(places[key], view, finding, _change(index, finding, view.text, neutral_words))
    edits, done = [], set()
    for place in places.values():
        for each, shown in place.shown.items():
            wanted = {text: place.wanted[text] for text in shown if text in place.wanted}
            edit = _edit(each, wanted, headers) if wanted else None
            if edit is not None:
                edits.append((each.span.start, edit))
                done |= {change.finding for changes in wanted.values() for change in changes}
    ordered = tuple(edit for _, edit in sorted(edits, key=lambda pair: pair[0]))
    return Neutralised(ordered, tuple(sorted(must_go - done)))


def _concerns(finding: Finding) -> bool:
    if finding.role is Role.PROBE:
        return finding.pattern == REWRITE_PROBE
    numbered = finding.role is Role.IDENTIFIES and finding.kind != "directory"  # names stay: who writes to whom is to be seen
    return finding.enforced and (finding.role is Role.HEADER_WORD or numbered)


def _fields(view: View, texts: Texts) -> Iterator[Field]:
    """The fields a view may have been read from. A text is in all that show it: `name` and `filename` say it twice."""
    for top in texts.fields:
        name = top.name.lower()
        same = (name, top.occurrence) == (view.field, view.occurrence)
        if same if view.field else name.startswith("content-") and view.section in _TOP_SECTIONS:
            yield top
    if not view.field:
        yield from (each for each in texts.part_fields if each.section == view.section)


def _change(index: int, finding: Finding, text: str, neutral_words: Mapping[str, str]) -> _Change:
    new = _replacement(finding, text, neutral_words)
    return _Change(index, finding.start, finding.end, new, text[finding.start : finding.end])


def _want(place: _Place, view: View, finding: Finding, change: _Change) -> None:
    """Put a change where its text is shown: as it is, as one line of several names, or without the blanks set in it."""
    shown = {text for texts in place.shown.values() for text in texts}
    begin = view.text.rfind("\n", 0, finding.start) + 1
    line = view.text[begin:].partition("\n")[0]
    for text, moved in ((view.text, change), (line, _moved(change, -begin))):
        if text in shown:
            place.wanted.setdefault(text, []).append(moved)
            return
    for text in shown:
        if text.replace(" ", "") == view.text.replace(" ", "") and (onto := _onto(text, view.text, change)):
            place.wanted.setdefault(text, []).append(onto)


def _moved(change: _Change, by: int) -> _Change:
    return _Change(change.finding, change.start + by, change.end + by, change.text, change.removed)


def _onto(text: str, spaced: str, change: _Change) -> _Change | None:
    """The change in `text`, of which `spaced` is a reading with blanks between words run together."""
    places: list[int] = []
    at = 0
    for sign in spaced:
        places.append(at)
        if at < len(text) and text[at] == sign:
            at += 1
        elif sign != " ":
            return None
    start, end = places[change.start], places[change.end - 1] + 1
    return _Change(change.finding, start, end, change.text, text[start:end])


def _replacement(finding: Finding, text: str, neutral_words: Mapping[str, str]) -> str:
    if finding.role is Role.PROBE:
        return TEST_REMOVED
    if finding.role is Role.IDENTIFIES:
        return NUMBER_REMOVED
    word = neutral_words.get(finding.pattern) or NEUTRAL_WORD
    if text[finding.start].isupper() and text[finding.start + 1 : finding.start + 2].islower():
        return word[:1].upper() + word[1:]
    return word


def _edit(each: Field, wanted: Mapping[str, list[_Change]], headers: Headers) -> Edit | None:
    name = each.name.lower()
    new = {text: _changed(text, changes, file=name in _FILE_NAMES) for text, changes in wanted.items()}
    value = headers.write(each, new)
    if value is None:
        return None
    shown = ", ".join(dict.fromkeys(new.values()))
    removed = tuple(dict.fromkeys(change.removed for changes in wanted.values() for change in changes))
    if isinstance(each, PartField):
        return ChangePartHeader(each.section, each.name, each.span, value, _what(name, nested=True), shown, removed)
    return ChangeHeader(each.name, each.occurrence, value, _what(name, nested=False), shown, removed)


def _what(name: str, *, nested: bool) -> str:
    """One of WHAT."""
    if name.startswith("content-"):
        return "file-name" if name in _FILE_NAMES else "description"
    word = "display-name" if name in _MAILBOXES else name
    return f"nested-{word}" if nested else word


def _changed(text: str, changes: list[_Change], *, file: bool) -> str:
    position, pieces = 0, []
    for change in _joined(text, changes):
        new = change.text
        if file and " " not in text:  # a name without blanks stays one
            new = new.strip("[]").replace(" ", "_")
        pieces += [text[position : change.start], new]
        position = change.end
    return _LINE_ENDS.sub(" ", "".join([*pieces, text[position:]]))


def _joined(text: str, changes: list[_Change]) -> list[_Change]:
    """Changes in order, without overlap: "grades / GPA" becomes one "details", and the longer of two overlapping wins."""
    result: list[_Change] = []
    for change in sorted(changes, key=lambda each: (each.start, -each.end)):
        last = result[-1] if result else None
        if last is not None and change.start < last.end:
            wider = last if last.end - last.start >= change.end - change.start else change
            result[-1] = _Change(last.finding, last.start, max(last.end, change.end), wider.text, "")
        elif last is not None and _same_list(text[last.end : change.start]) and change.text.lower() == last.text.lower():
            result[-1] = _Change(last.finding, last.start, change.end, last.text, "")
        else:
            result.append(change)
    return result


def _same_list(between: str) -> bool:
    return between.strip(" \t,/&+-") in {"", "and", "or"}
