"""What a message tells of whom: sentences count where there are weights, and only there."""

from __future__ import annotations

import pytest

from dlp.campus.identity import identify_people
from dlp.campus.people import Context
from dlp.campus.records import Student
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
