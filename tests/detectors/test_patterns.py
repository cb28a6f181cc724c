"""PatternSet: one pass says what can hit, a canary says that the pass ran, findings say where and how sure."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.detectors import enough, patterns
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


class TestVeryMany:
    """A message with more hits than can be kept gets the verdict it would get with all of them."""

    numbers = pattern("[0-9]{4}", near=("badge",), not_near=("invoice",), confidence=0.5, near_distance=9)
    failed = pattern("failed", id="failed", kind="grades", role=Role.STATES)

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(enough, "MOST_KEPT", 10)
        monkeypatch.setattr(enough, "LEAST_KEPT", 4)
        monkeypatch.setattr(patterns, "MOST_WEIGHED", 40)

    def digests(self, *contents: str) -> set[str]:
        return {finding.digest for finding in find(self.numbers, *contents) if finding.confidence > 0.5}

    def test_only_some_are_kept(self) -> None:
        assert len(find(self.numbers, "".join(f"badge {number}\n" for number in range(1000, 2000)))) == 10

    def test_repetitions_hide_nobody(self) -> None:
        assert self.digests("badge 1111\n" * 30 + "badge 2222\n" + "badge 3333\n") == {"<1111>", "<2222>", "<3333>"}

    def test_places_that_do_not_count_make_no_repetition(self) -> None:
        unsure = "2222 xxxxxxxxxxxx\n" * 20
        assert self.digests(unsure + "badge 1111\n" * 15 + "badge 2222\n") == {"<1111>", "<2222>"}

    def test_what_does_not_count_hides_nobody(self) -> None:
        assert "<2222>" in self.digests("".join(f"invoice {number}\n" for number in range(1000, 1030)) + "badge 2222\n")

    def test_what_can_no_longer_be_weighed_counts(self) -> None:
        assert len(self.digests("invoice 1111\n" * 40 + "".join(f"invoice {number}\n" for number in range(2000, 2010)))) == 10

    def test_each_further_view_keeps_a_batch(self) -> None:
        views = ["badge 1111\n" * 20, "".join(f"badge {number}\n" for number in range(2000, 2010))]
        assert len(find(self.numbers, *views)) == 14
        assert len(self.digests(*views)) == 5

    def test_what_is_said_on_a_persons_line_is_kept(self) -> None:
        found = find((self.failed, self.numbers), "failed\n" * 30 + "badge 2222\nbadge 3333 has failed\n" + "failed\n" * 9)
        assert [finding.where for finding in found if finding.pattern == "failed"][10:] == ["part 1, line 32"]

    def test_words_alone_do_not_matter_how_many(self) -> None:
        [finding] = find(self.numbers, "badge " * 100_000 + "1234")
        assert finding.confidence == 0.9


def test_a_message_of_ids_is_weighed_in_seconds() -> None:
    matcher = PatternSet(SHIPPED, str)
    lines = "".join(f"student ID {number}\n" for number in range(912_000_001, 912_200_001))
    started = time.process_time()
    assert len(matcher.find(texts(lines))) == enough.MOST_KEPT
    assert time.process_time() - started < 10


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


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.sampled_from('9123 -.,;\t|\n"/#studenIDgravoc+é•'), max_size=120))
def test_any_text_gives_findings_inside_it(text: str) -> None:
    for finding in PATTERN_SET.find(texts(text)):
        assert 0 <= finding.start < finding.end <= len(text)
        assert 0 < finding.confidence <= 1


PATTERN_SET = PatternSet(SHIPPED, str)
