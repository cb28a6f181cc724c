"""The shipped pattern files: every example, one test each, and what every shipped pattern must have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlp.rules import Example, load_patterns, run_examples
from dlp.ruleset import Pattern
from dlp.values import Channel, Role

PATTERNS = load_patterns()
EXAMPLES = [
    pytest.param(example, id=f"{example.pattern.id}-{example.list_name}-{example.item + 1}")
    for example in run_examples(PATTERNS)
    if example.counts
]
BY_ID = [pytest.param(pattern, id=pattern.id) for pattern in PATTERNS]


@pytest.mark.parametrize("example", EXAMPLES)
def test_example(example: Example) -> None:
    assert example.as_expected


@pytest.mark.parametrize("pattern", BY_ID)
def test_has_examples_and_references(pattern: Pattern) -> None:
    assert len(pattern.match) >= 5
    assert len(pattern.no_match) >= 5
    assert pattern.references


@pytest.mark.parametrize(
    "pattern", [pattern for pattern in PATTERNS if pattern.role is Role.HEADER_WORD], ids=lambda each: each.id
)
def test_header_words_concern_headers_and_have_a_harmless_stand_in(pattern: Pattern) -> None:
    """The neutral word must not itself be a listed word, or a changed Subject would be held."""
    assert pattern.channels == {Channel.HEADERS}
    assert pattern.neutral
    listed = [each for each in PATTERNS if each.role is Role.HEADER_WORD]
    assert not any(example.trial for each in listed for example in run_examples([replaced_examples(each, pattern.neutral)]))


def replaced_examples(pattern: Pattern, text: str) -> Pattern:
    return replace(pattern, match=(), no_match=(text,), todo_match=(), todo_no_match=())


def test_the_words_of_the_policy_are_there() -> None:
    """R77 and the decision table name them; each must hit a Subject by itself."""
    words = (
        "grades",
        "academic difficulty",
        "financial hold",
        "disciplinary action",
        "CAP",
        "COD",
        "GPA",
        "probation",
        "academic warning",
        "required leave",
        "medical leave",
        "hearing",
    )
    listed = [pattern for pattern in PATTERNS if pattern.role is Role.HEADER_WORD]
    for word in words:
        assert any(
            example.trial for pattern in listed for example in run_examples([replaced_examples(pattern, f"about {word}")])
        ), word
