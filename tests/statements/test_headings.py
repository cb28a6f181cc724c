"""Headings and whom they list: what is told of each, and which lists tell nothing."""

from __future__ import annotations

import pytest

from dlp.campus.identity import identify_people
from dlp.campus.people import Context
from dlp.campus.records import Student
from dlp.fitted import weights
from dlp.statements.candidates import signs_of
from dlp.statements.headings import below_headings
from dlp.values import Channel, Texts, View
from tests.campus.people import people

HANA = Student("912345678", "Hana", "Kim", email="h.kim@campus.example")
BEN = Student("912345679", "Ben", "Okoro", email="b.okoro@campus.example")
CAMPUS = people(HANA, BEN)
BOTH = "Hana Kim\nBen Okoro"
SHEET = "Name\tYear\nHana Kim\t3\nBen Okoro\t2"
TELLS = {
    "did not pass": ("Hi,\n\nthe following did not pass:\n\n" + BOTH, ""),
    "with bullets": ("The following have extra time:\n- Hana Kim\n- Ben Okoro", ""),
    "in one line": ("Students who failed: Hana Kim, Ben Okoro", ""),
    "with numbers, and more behind": ("These students are on leave:\n1. Hana Kim\n2. Ben Okoro\n\nBest,\nAstrid", ""),
    "in the Subject": (BOTH, "Students on warning"),
    "in what was not done": ("Did not hand in the lab report:\n" + BOTH, ""),
}
TELLS_NOT = {
    "who volunteered": ("The following volunteered:\n\n" + BOTH, ""),
    "who speaks where failures are talked of": ("Speakers:\n\n" + BOTH, "Workshop on failure"),
    "an order": (BOTH, "Order of talks"),
    "where no name is listed": ("The following did not pass:\n\nHana Kim will tell you about them", ""),
    "another's heading": ("Those who failed:\n\nnobody.\n\nCome to lunch:\n\n" + BOTH, ""),
    "a question": ("Did the following fail?\n\n" + BOTH, ""),
    "another matter": ("The following have paid for the trip:\n" + BOTH, ""),
    "who signs": ("Probation is discussed on Monday.\n\nHana Kim", "Probation list"),
    "of a band": ("On leave from the band:\n" + BOTH, ""),
}


def told(text: str, subject: str, *more: View) -> set[str]:
    views = (View(Channel.HEADERS, "", "subject line", subject), View(Channel.TEXT, "1", "part 1", text), *more)
    texts = Texts((), (), views)
    found = identify_people(texts, (), CAMPUS, str, Context())
    return {who for each in below_headings(texts, signs_of(found), weights()) for who in each.people}


@pytest.mark.parametrize("case", TELLS)
def test_a_heading_tells_of_everybody_below_it(case: str) -> None:
    assert told(*TELLS[case]) == {HANA.id, BEN.id}


@pytest.mark.parametrize("case", TELLS_NOT)
def test_a_heading_of_no_record_tells_nothing(case: str) -> None:
    assert told(*TELLS_NOT[case]) == set()


@pytest.mark.parametrize(
    ("text", "subject", "name", "tells"),
    [
        ("Attached are those who owe tuition.", "accounts", "list.csv", True),
        ("As discussed.", "list", "probation-list.csv", True),
        ("As discussed.", "Students on probation", "list.csv", True),
        ("Attached are those who come to the picnic.", "picnic", "list.csv", False),
        ("Tuition is due. The picnic list is attached.", "picnic", "list.csv", False),
    ],
)
def test_a_sheet_lists_whom_its_name_the_subject_or_the_letter_says(text, subject, name, tells):
    sheet = View(Channel.ATTACHMENTS, "2", "part 2", SHEET, grid=(1, 1))
    file = View(Channel.HEADERS, "2", "file name of part 2", name)
    assert told(text, subject, sheet, file) == ({HANA.id, BEN.id} if tells else set())
