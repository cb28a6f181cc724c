"""Rows of a decision table that nothing reaches: planted ones are found, with what hides them; others are left alone."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.campus.records import Consent
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.pipeline import Known, survey
from dlp.policy.evidence import Fit
from dlp.policy.facts import Facts, KnownConsent, Source
from dlp.policy.reach import DEFAULTS, FACTS, UNASKED, hidden
from dlp.policy.situation import Situation, fits
from dlp.ruleset import Row
from dlp.values import Action, Client, Envelope, Origin, Recipient
from tests.campus.imported import small_university
from tests.test_cases import NOW, SLUGS, verdict
from tests.upstream import shipped_rules

Planted = tuple[dict[str, Any], dict[str, Any]]

# name, (when, unless) of each row in order, the rows that hide the last one, a word of the fact that helps, if one does
IN, OUT, RECORD = ({"scope": "inside"}, {}), ({"scope": "outside"}, {}), ({"record": True}, {})
PRESS, COURT = ({"contact": "press"}, {}), ({"contact": "court"}, {})
PLANTED: list[tuple[str, list[Planted], list[str] | None, str]] = [
    ("same", [IN, IN], ["0"], ""),
    ("wider", [IN, ({"scope": "inside", "record": True}, {})], ["0"], ""),
    ("narrower", [({"scope": "inside", "record": True}, {}), IN], None, ""),
    ("two-halves", [RECORD, ({"record": False}, {}), IN], ["0", "1"], ""),
    ("halves-of-a-text", [IN, OUT, ({"legal": True}, {})], ["0", "1"], ""),
    ("three-quarters", [({"legal": True}, {}), RECORD, IN], None, ""),
    ("what-hides-is-named-alone", [({"legal": True}, {}), RECORD, RECORD], ["1"], ""),
    ("other-stage-of-a-word", [({"people": 3}, {}), ({"people": 4}, {})], ["0"], ""),
    ("lower-number", [({"people": 4}, {}), ({"people": 3}, {})], None, ""),
    ("list-within-list", [({"contact": ["press", "court"]}, {}), COURT], ["0"], ""),
    ("list-beyond-list", [({"contact": ["press", "court"]}, {}), ({"contact": ["court", "agency"]}, {})], None, ""),
    ("list-by-list", [PRESS, COURT, ({"contact": ["press", "court"]}, {})], ["0", "1"], ""),
    ("two-contacts-are-no-contradiction", [({"contact": "press"}, {"contact": "court"}), PRESS], None, ""),
    ("exception-leaves-some", [({"scope": "inside"}, {"record": True}), IN], None, ""),
    ("exception-taken", [({"scope": "inside"}, {"record": True}), RECORD, IN], ["0", "1"], ""),
    ("own-exception", [RECORD, ({"scope": "inside"}, {"record": False})], ["0"], ""),
    ("own-exception-is-all", [({"scope": "inside"}, {"scope": "inside"})], [], ""),
    ("empty-list", [({"contact": []}, {})], [], ""),
    ("strangers-own-record", [({"own": "campus", "person": "unknown"}, {})], [], "an own record is that of somebody known"),
    ("employees-other-address", [({"own": "alternate", "person": "employee"}, {})], [], "only students have other addresses"),
    ("unknown-person-consents", [({"consent": "covers", "person": "unknown"}, {})], [], "given by somebody known"),
    ("outsider-inside", [({"scope": "inside", "reader": "outsider"}, {})], [], "an outsider is outside"),
    ("outside-in-two", [({"reader": "outsider"}, {}), ({"reader": "student"}, {}), OUT], ["0", "1"], "outside"),
    ("unread-is-not-said-of-a-person", [({"unread": "broken"}, {})], [], "unread is asked of the whole message only"),
    ("waived-comes-after", [({"waived": True}, {})], [], "waived is known once every statement is judged"),
]  # fmt: skip


def row(name: str, when: dict[str, Any], unless: dict[str, Any], stage: str = "statement") -> Row:
    return Row(name, 1, int(name), stage, when, Action.PASS, None, "none", "R0", unless)


@pytest.mark.parametrize(("rows", "by", "fact"), [pytest.param(*planted[1:], id=planted[0]) for planted in PLANTED])
def test_a_row_nothing_reaches_is_found_with_what_hides_it(rows: list[Planted], by: list[str] | None, fact: str) -> None:
    table = [row(str(order), *each) for order, each in enumerate(rows)]
    found = list(hidden(table))
    if by is None:
        assert found == []
        return
    [last] = found
    assert last.row is table[-1]
    assert [each.id for each in last.rows] == by
    assert fact in " ".join(last.facts)
    assert bool(fact) == bool(last.facts)


def test_rows_on_the_whole_message_hide_nothing_for_all_of_them_count() -> None:
    assert not list(hidden([row("0", {}, {}, "message"), row("1", {"listing": True}, {}, "message")]))


def test_a_row_on_the_whole_message_cannot_ask_what_is_asked_of_statements() -> None:
    [found] = hidden([row("0", {"kind": "grades", "people": 2}, {}, "message")])
    assert found.facts == ("kind is asked of statements only",)


def test_every_row_of_the_shipped_table_is_reached(shipped: tuple[Row, ...]) -> None:
    assert not list(hidden(shipped))


WORDS: dict[str, list[Any]] = {
    "scope": ["inside", "outside"],
    "reader": ["staff", "student", "outsider", ["student", "list"], ["staff", "unknown", "list"]],
    "people": [2, 3],
    "legal": [True, False],
    "contact": ["press", ["press", "court"], ["court", "agency"]],
}
READERS = {"inside": ("staff", "student", "list", "unknown"), "outside": ("student", "outsider")}


def situations() -> Iterator[Situation]:
    contacts = [frozenset(chosen) for count in range(4) for chosen in combinations(("press", "court", "agency"), count)]
    for people, legal, contact in product((0, 2, 3), (True, False), contacts):
        for scope, readers in READERS.items():
            for reader in readers:
                yield Situation(scope, reader=reader, people=people, legal=legal, contact=contact)


def test_trying_every_situation_comes_to_the_same() -> None:
    chance, every = random.Random(7), list(situations())
    found = 0
    for _ in range(150):
        conditions = [
            [{word: chance.choice(WORDS[word]) for word in chance.sample(sorted(WORDS), count)} for count in counts]
            for counts in [(chance.randint(1, 3), chance.choice((0, 0, 1, 2))) for _ in range(6)]
        ]
        table = [row(str(order), *each) for order, each in enumerate(conditions)]
        reached = {next((each.id for each in table if fits(each, at)), "") for at in every}
        unreached = [each.id for each in table if each.id not in reached]
        assert [each.row.id for each in hidden(table)] == unreached
        found += len(unreached)
    assert found > 50


SENTENCES = (
    "Hana Kim got a grade of B+ on the second problem set.",
    "Student ID 912345680 is on academic probation.",
    "Esther Nakamura will come to the open day.",
    "My student Zora Quell has a financial hold on the account.",
    "Rolf Bauer has a salary of $80,000 a year.",
    "Astrid Lind was told so by Klara Brandt.",
    "This is a letter of recommendation for Dario Ferro.",
    "Dear Hana,",
    "Students in 8.01:\r\nHana Kim\r\nIvo Marek\r\nJana Petrova\r\nBen Okoro\r\n",
    "I can confirm that Hana Kim was awarded the degree of Bachelor of Science.",
)
ADDRESSES = (
    *("h.kim@campus.example", "hana.kim@freemail.example", "b.okoro@campus.example", "d.ferro@campus.example"),
    *("bursar@campus.example", "a.lind@campus.example", "library@campus.example", "left@campus.example"),
    *(
        "nobody@campus.example",
        "hr@acme.example",
        "r.kim@freemail.example",
        "visa@ministry.example",
        "stranger@elsewhere.example",
    ),
    *("8.01-staff@campus.example", "juniors@campus.example", "events@campus.example", "registrar@campus.example"),
)
PEOPLE = ("912345678", "912345681", "bursar@campus.example")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4, unique=True),
    st.sampled_from(ADDRESSES),
    st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=5, unique=True),
    st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ADDRESSES), st.sampled_from(("grades", "salary"))), max_size=3),
    st.sampled_from(Origin),
)
def test_what_is_said_never_to_be_is_in_no_message(
    sentences: list[str], sender: str, to: list[str], agreed: list[tuple[str, str, str]], origin: Origin
) -> None:
    raw = "".join(f"{each}\r\n" for each in (f"From: {sender}", "Subject: x", "", *sentences)).encode()
    envelope = Envelope("", "", sender, (), tuple(map(Recipient, to)), Client(), NOW, origin)
    consents = tuple(
        KnownConsent(str(number), Consent(str(number), person, frozenset({kind}), reader, date(2026, 9, 1)), Source.HAND)
        for number, (person, reader, kind) in enumerate(agreed)
    )
    known = Known(small_university(), str, Facts(consents))
    surveyed = survey(envelope, read(raw, Limits()), shipped_rules(), raw, known)
    for address in to:
        for _, fitting in surveyed.readings(address):
            assert wrongly_never(fitting) == []


def wrongly_never(fitting: Iterable[Fit]) -> list[object]:
    """What happened though the module says that it never does."""
    never = [Row(said, 1, 0, "statement", when, Action.PASS, None, "", "", unless) for said, when, unless in FACTS]
    found: list[object] = [(each.id, fit.at) for fit in fitting for each in never if fits(each, fit.at)]
    for stage, words, why in UNASKED:
        at = [fit.at for fit in fitting if fit.row.stage == stage]
        found += [(why, word) for word in words if any(getattr(each, word) != DEFAULTS[word] for each in at)]
    return found


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_said_never_to_be_is_nowhere_in_the_cases(slug: str) -> None:
    checked = verdict(slug)
    for ruling in checked.judgement.rulings:
        for _, fitting in checked.survey.readings(ruling.recipient):
            assert wrongly_never(fitting) == []
