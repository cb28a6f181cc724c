"""PatternSet: one pass says what can hit, a canary says that the pass ran, findings say where and how sure."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.detectors import patterns, surroundings
from dlp.detectors.patterns import PatternSet, masked
from dlp.errors import Unavailable
from dlp.rules import load_patterns
from dlp.ruleset import Pattern
from dlp.values import Channel, Finding, Role, Texts, View

EVERYWHERE = frozenset(Channel)
SHIPPED = load_patterns()


def pattern(regex: str = "badge [0-9]{4}", **others: object) -> Pattern:
    given = {"id": "badge", "title": "Badge", "kind": "id", "role": Role.IDENTIFIES, "channels": EVERYWHERE, "confidence": 0.9}
    return Pattern(regex=regex, **(given | others))


def texts(*contents: str, channel: Channel = Channel.TEXT) -> Texts:
    views = tuple(View(channel, str(number), f"part {number}", content) for number, content in enumerate(contents, 1))
    return Texts((), (), views)


def find(found: Pattern | tuple[Pattern, ...], *contents: str, channel: Channel = Channel.TEXT) -> tuple[Finding, ...]:
    listed = found if isinstance(found, tuple) else (found,)
    return PatternSet(listed, lambda value: f"<{value}>").find(texts(*contents, channel=channel))


def test_says_what_where_and_how_sure() -> None:
    [finding] = find(pattern(), "first\nsee badge 1234 here")
    assert (finding.kind, finding.detector, finding.pattern, finding.role) == ("id", "pattern", "badge", Role.IDENTIFIES)
    assert finding.where == "part 1, line 2"
    assert (finding.start, finding.end, finding.confidence) == (10, 20, 0.9)
    assert finding.digest == "<1234>"
    assert finding.enforced


def test_header_views_are_named_by_their_label_alone() -> None:
    [finding] = find(pattern(), "badge 1234", channel=Channel.HEADERS)
    assert finding.where == "part 1"


def test_findings_come_in_the_order_of_views_and_text() -> None:
    other = pattern("[a-z]at", id="at", kind="grades")
    found = find((pattern(), other), "a cat, badge 1234, a hat", "rat")
    assert [(finding.view, finding.pattern) for finding in found] == [(0, "at"), (0, "badge"), (0, "at"), (1, "at")]


@pytest.mark.parametrize("text", ["żółć badge 1234", "\U0001f600 badge 1234", "a\ud800b badge 1234", "badge 1234 é badge 5678"])
def test_places_are_counted_in_characters(text: str) -> None:
    for finding in find(pattern(), text):
        assert text[finding.start : finding.end].startswith("badge ")


def test_a_pattern_only_runs_where_it_applies() -> None:
    headers_only = pattern(channels=frozenset({Channel.HEADERS}))
    assert not find(headers_only, "badge 1234")
    assert find(headers_only, "badge 1234", channel=Channel.HEADERS)


def test_an_observing_pattern_says_so() -> None:
    [finding] = find(pattern(enforced=False), "badge 1234")
    assert not finding.enforced


def test_a_shared_border_hides_no_hit() -> None:
    word = pattern(r"(?:^|[^a-z])(?P<hit>abc)(?:$|[^a-z])")
    assert [(each.start, each.end) for each in find(word, "abc abc abc")] == [(0, 3), (4, 7), (8, 11)]


MASKS = {
    "an id shows two digits": ("id", "912 345 627", "•••••••27"),
    "a short id shows none": ("id", "A-12", "Badge"),
    "a word is never shown": ("grades", "failed", "Badge"),
}


@pytest.mark.parametrize(("kind", "value", "expected"), MASKS.values(), ids=MASKS.keys())
def test_masks(kind: str, value: str, expected: str) -> None:
    assert masked(pattern(kind=kind), value) == expected


def test_one_number_has_one_digest_however_written() -> None:
    number = pattern(r"9(?:[ -]?[0-9]){8}")
    found = find(number, "912345678, 912-345-678, 912 345 678")
    assert {finding.digest for finding in found} == {"<912345678>"}
    assert len(found) == 3


def test_words_differ_in_case_only_once() -> None:
    found = find(pattern("(?i)on  ?leave", kind="standing"), "On Leave, on  leave")
    assert {finding.digest for finding in found} == {"<on leave>"}


def test_without_the_canary_nothing_is_clean() -> None:
    """An exhausted matcher answers None or leaves patterns out; either must not read as "no hit"."""
    for answer in (None, [0], []):
        matcher = PatternSet((pattern(),), str)
        for gate in matcher._gates.values():
            gate._set = SimpleNamespace(Match=lambda data, answer=answer: answer)
        with pytest.raises(Unavailable, match="scan"):
            matcher.find(texts("nothing here"))


def test_the_canary_hits_the_empty_text() -> None:
    assert find(pattern(), "") == ()


def test_too_many_hits_are_not_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "MOST_HITS", 3)
    assert len(find(pattern(), "badge 1234 " * 3)) == 3
    with pytest.raises(Unavailable, match="scan"):
        find(pattern(), "badge 1234 " * 4)


class TestBacktracking:
    look_behind = pattern(r"(?<=badge )[0-9]{4}", backtracking=True, prefilter="badge")

    def test_looks_around(self) -> None:
        [finding] = find(self.look_behind, "badge 1234, 5678")
        assert (finding.start, finding.end) == (6, 10)

    def test_runs_only_when_its_prefilter_hits(self) -> None:
        assert not find(replace(self.look_behind, prefilter="locker"), "badge 1234")

    def test_over_its_time_is_not_clean(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(patterns, "BACKTRACKING_SECONDS", 0.001)
        with pytest.raises(Unavailable, match="scan"):
            find(self.look_behind, "badge 1234 " * 100_000)


def test_a_rejected_place_is_a_trial_and_no_finding() -> None:
    matcher = PatternSet((pattern("[0-9]{9}", validate=("student-id",)),), str)
    text = texts("812345678 912345678")
    assert [trial.rejected_by for trial in matcher.trials(text)] == ["student-id", ""]
    assert [finding.start for finding in matcher.find(text)] == [10]


LARGE = {
    "prose": "the class met in the river room and the order was late\n" * 18_000,
    "no line end": "meadow lantern copper " * 45_000,
    "accents": "rivière Größe señal and the class " * 29_000,
    "one digit for ever": "9" * 1_000_000,
    "half of every pattern": "grade of the MIT_ID, " * 48_000,
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE.keys())
def test_a_megabyte_against_200_patterns_takes_less_than_a_second(text: str) -> None:
    many = tuple(replace(each, id=f"{each.id}-{copy}") for copy in range(6) for each in SHIPPED)[:200]
    matcher = PatternSet(many, str)
    matcher.find(texts("warm up"))
    started = time.process_time()
    matcher.find(texts(text))
    assert time.process_time() - started < 1


def test_time_grows_with_the_text_and_no_faster() -> None:
    """Eight times the hits may take some twelve times as long, not sixty-four."""
    matcher = PatternSet(SHIPPED, str)
    line = "Mori,student,912345678,912-345-679,B+\n"

    def seconds(lines: int) -> float:
        started = time.process_time()
        assert len(matcher.find(texts(line * lines))) >= lines
        return time.process_time() - started

    seconds(100)
    assert seconds(8_000) < 20 * max(seconds(1_000), 0.01)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.sampled_from('9123 -.,;\t|\n"/#studenIDgravoc+é•'), max_size=120))
def test_any_text_gives_findings_inside_it(text: str) -> None:
    for finding in PATTERN_SET.find(texts(text)):
        assert 0 <= finding.start < finding.end <= len(text)
        assert 0 < finding.confidence <= 1


PATTERN_SET = PatternSet(SHIPPED, str)
