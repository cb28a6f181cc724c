"""What a message tells of whom: sentences count where there are weights, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlp.campus.identity import identify_people
from dlp.campus.people import Context
from dlp.campus.records import Advising, Staff, Student
from dlp.policy.worth import WEIGHED
from dlp.rules import load_rules
from dlp.ruleset import Campus, PolicySettings
from dlp.statements.telling import Near, what_is_told
from dlp.values import Channel, Texts, View
from tests.campus.people import people

CAMPUS = people(Student("912345678", "Hana", "Kim"))
SAID = Texts((), (), (View(Channel.TEXT, "1", "part 1", "Hana Kim did not make it through the final."),))


@pytest.mark.parametrize("weighed", [True, False])
def test_sentences_are_weighed_where_the_site_wants_it(weighed: bool) -> None:  # noqa: FBT001  the parameter
    rules = load_rules(campus=Campus(()), policy=PolicySettings(sentences=weighed), digest=str)
    found = identify_people(SAID, (), CAMPUS, str, Context())
    told, heads = what_is_told(SAID, found, rules, Near(CAMPUS, str, Context(), ()))
    assert [each.detector for each in told.people.findings].count(WEIGHED) == weighed
    assert (heads is None) is not weighed


class Unsure:
    """Weights that are as sure of every sentence."""

    digest = ""

    def __init__(self, confidence: float) -> None:
        self._confidence = confidence

    def confidence(self, found):
        return self._confidence

    def praise(self, found):
        return 0.0

    def leanings(self, found):
        return (0.0,)

    def kinds_of(self, leanings, others=()):
        return ("grades",)

    def may_be(self, leanings):
        return frozenset()

    def knows(self, word):
        return False


@pytest.mark.parametrize(("confidence", "met"), [(0.97, {"Ivo"}), (0.99, {"Ivo", "Hana"})])
def test_one_word_means_somebody_who_is_near_nobody_where_it_is_surer(confidence, met):
    campus = people(
        Student("912345678", "Hana", "Kim"),
        Student("912345685", "Ivo", "Marek"),
        Staff("a.lind@campus.example"),
        Advising("a.lind@campus.example", "912345685", "advisor"),
    )
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", "I hear Hana failed the final. So did Ivo fail his final."),))
    rules = replace(load_rules(campus=Campus(()), policy=PolicySettings(), digest=str), weights=Unsure(confidence))
    envelope = Context("a.lind@campus.example", ("hr@acme.example",))
    told, _ = what_is_told(texts, identify_people(texts, (), campus, str, envelope), rules, Near(campus, str, envelope, ()))
    assert {one.record.given_name for one in told.people.students} == met


@pytest.mark.parametrize(("confidence", "met"), [(0.85, set()), (0.93, {"Hana"})])
def test_one_word_beside_what_a_pattern_knows_means_somebody_far_where_it_is_sure(confidence, met):
    campus = people(Student("912345678", "Hana", "Kim"), Staff("a.lind@campus.example"))
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", "I hear Hana is on academic probation."),))
    rules = replace(load_rules(campus=Campus(()), policy=PolicySettings(), digest=str), weights=Unsure(confidence))
    envelope = Context("a.lind@campus.example", ("hr@acme.example",))
    found = identify_people(texts, rules.matcher.find(texts), campus, str, envelope)
    told, _ = what_is_told(texts, found, rules, Near(campus, str, envelope, ()))
    assert {one.record.given_name for one in told.people.students} == met
