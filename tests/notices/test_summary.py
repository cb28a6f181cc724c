"""The summary in place of many notices: counts first, short whatever the number, and nothing repeated."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from dlp.notices.summary import Told, summary

NOW = datetime(2026, 11, 21, 16, 45, tzinfo=UTC)
NEVER = re.compile(
    r"quarantine|blocked|violat|incident|offender|policy conflict|forbidden|illegal|invalid|sensitive information type"
    r"|\bdlp\b|sorry|oops|urgent|immediately|click here|\bplease\b|student|https?:",
    re.IGNORECASE,
)
ACTIONS = {"delivered": "warn", "changed": "rewrite"}
LONGEST = 250  # words, of which the references are many


@pytest.fixture
def told(facts, cause):
    """Messages a minute apart, in these states; what is held waits for 7 days."""

    def build(states: str, count: int, code: str = "FAQ:outside-consent") -> list[Told]:
        made = []
        for number in range(count):
            state = states.split()[number % len(states.split())]
            received = datetime(2026, 11, 21, 15, 0, tzinfo=UTC) + timedelta(seconds=number)
            each = facts(
                {f"person{number}@partner.example": state, "q@partner.example": "delivered"},
                *([] if state == "refused" else [cause(code, ACTIONS.get(state, "hold"))]),
                reference=f"AAAA-{number:04}",
                received_at=received,
            )
            made.append(Told(each, received + timedelta(days=7) if state == "held" else None))
        return made

    return build


def test_it_begins_with_how_many_and_counts_each_fate(told, site, reader) -> None:
    read = reader(summary(told("held delivered held changed returned", 10), site, NOW))
    assert read.message["Subject"] == "Summary of 10 messages: 10:00 today to 10:00 today"
    assert read.flat.startswith(
        "Here is one summary in place of 10 notices. Your messages are from 10:00 today to 10:00 today."
    )
    assert (
        "- Delivered, with a tip: 2 - Delivered, with a changed header line: 2"
        " - On hold, not sent: 4 - No longer on hold, not sent: 2" in read.flat
    )
    assert "- AAAA-0000, 10:00 today: not with person0@partner.example" in read.flat
    assert "Also: AAAA-0001, AAAA-0003," in read.flat


def test_the_seven_answers(told, site, reader) -> None:
    flat = reader(summary(told("held", 4), site, NOW)).flat
    for answer in (
        "not with person1@partner.example",
        "We saw an ID number.",
        "Where: part 1, line 6.",
        'Why, for 4 of 4: It gives an outside reader details about a person. We know of no written permission. Rule: "written',
        "Look at your list before you send more. Send it again without these details.",
        "If nobody decides by Saturday 28 November, 10:00 EST, the first one on hold is cancelled.",
        "Write to privacy@campus.example with a reference from above.",
    ):
        assert answer in flat


@pytest.mark.parametrize(
    "states", ["held", "delivered", "changed", "denied returned", "refused", "held delivered changed denied"]
)
@pytest.mark.parametrize("count", [1, 2, 14, 300])
def test_short_and_without_words_people_should_not_see(told, site, reader, html_words, states, count) -> None:
    read = reader(summary(told(states, count), site, NOW))
    assert len(read.text.split()) <= LONGEST
    assert not NEVER.search(read.everything.replace("=_", "")), read.text
    words, tags = html_words(read.html)
    assert words == [word for word in read.text.split() if word != "-"]
    assert tags <= {"body", "div", "p", "ul", "li", "span"}
    assert not re.search(r"src=|href=|url\(|https?:", read.html)


def test_where_nothing_is_to_be_done_it_says_so(told, site, reader) -> None:
    assert "You do not need to do anything." in reader(summary(told("delivered", 12), site, NOW)).flat


def test_canaries_reach_no_summary(facts, cause, site, reader) -> None:
    planted = []
    for number in range(200):
        canary = (f"Zqx{number}canary", f"9{number:08}", f"grades_of_zqx{number}.xlsx")[number % 3]
        one = cause(canary, "hold", requirement=canary, wheres=(canary,), kinds=(canary,), refer_to=canary, release=canary)
        planted.append(Told(facts({f"p{number}@x.example": "held"}, one, changed=(canary,)), None))
    everything = reader(summary(planted, site, NOW)).everything
    assert not re.search(r"zqx|9000000\d\d|xlsx", everything, re.IGNORECASE)


def test_a_number_in_an_address_is_masked(facts, cause, site, reader) -> None:
    one = Told(facts({"912345678@x.example": "held"}, cause()), None)
    assert "912345678" not in reader(summary([one, one], site, NOW)).everything


def test_the_same_messages_make_the_same_summary(told, site) -> None:
    messages = told("held delivered", 12)
    assert summary(messages, site, NOW) == summary(messages[::-1], site, NOW)


def test_an_empty_summary_is_never_sent(site) -> None:
    with pytest.raises(ValueError, match="needs a message"):
        summary([], site, NOW)
