"""Who needs to know, where the files spell one ID in two ways."""

from __future__ import annotations

import pytest

from dlp.campus.records import Advising, Staff, Student
from dlp.policy.readers import person
from dlp.policy.relations import COVERED, UNCOVERED, Matter, need
from dlp.ruleset import Campus
from tests.campus.people import people

KIM = Student("912345678", "Hana", "Kim")
ADVISOR = "k.brandt@campus.example"


@pytest.mark.parametrize(("advised", "expected"), [("912-345-678", COVERED), ("912345678", COVERED), ("912345679", UNCOVERED)])
def test_an_advisee_is_known_however_the_id_is_spelt(advised: str, expected: str) -> None:
    directory = people(KIM, Staff(ADVISOR), Advising(ADVISOR, advised, "advisor"))
    reader = person(ADVISOR, Campus(("campus.example",)), directory)
    assert need(reader, KIM, "standing", Matter(), directory) == expected
