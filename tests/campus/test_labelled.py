"""Labelled values: which tables, lists and forms give a student something, whose it is, and which look like them and do not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.campus.identity import identify_people
from dlp.campus.labelled import UNLISTED_LABEL, Labelled, labelled
from dlp.campus.labels import NAMES, PLAIN, UNLISTED, UNLISTED_KIND, meaning
from dlp.campus.people import Context
from dlp.campus.records import Staff
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.policy.relate import relate_people
from dlp.values import Channel, Finding, Role, Texts, View
from tests.campus.imported import small_university
from tests.campus.people import people
from tests.upstream import shipped_rules

HANA, IVO, JANA, BEN = "912345678", "912345685", "912345686", "912345679"

MEANINGS = [
    ("Name", NAMES),
    ("Student ID", NAMES),
    ("Last name (family)", NAMES),
    ("E-mail", PLAIN),
    ("Term address", PLAIN),
    ("Dates of attendance", PLAIN),
    ("Degrees", PLAIN),
    ("Date and time", PLAIN),
    ("#", PLAIN),
    ("Exam date", PLAIN),
    ("Zoom meeting", PLAIN),
    ("Point of contact", PLAIN),
    ("Requested by", NAMES),
    ("Signed-off-by", PLAIN),
    ("Fixes", PLAIN),
    ("Hearing date", "conduct"),
    ("Midterm 1", "grades"),
    ("Final Grades", "grades"),
    ("GPA", "gpa"),
    ("Absences", "attendance"),
    ("Project name", "coursework"),
    ("Advisor", "advising"),
    ("Date of birth", "biographical"),
    ("Locker", UNLISTED),
    ("Emergency contact", UNLISTED),
    ("Büchernummer", UNLISTED),
]


@pytest.mark.parametrize(("label", "expected"), MEANINGS, ids=[label for label, _ in MEANINGS])
def test_what_a_label_says(label: str, expected: str) -> None:
    assert meaning(label) == expected


def look(text: str, kind: str = "plain") -> Labelled:
    raw = f"Subject: x\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{text}".encode()
    texts = read(raw, Limits())
    findings = shipped_rules().matcher.find(texts)
    return labelled(texts, identify_people(texts, findings, small_university(), str, Context()))


def told(found: Labelled) -> set[tuple[str, str]]:
    """Who is told what by a label."""
    return {(found.about[at], one.kind) for at, one in enumerate(found.people.findings) if one.detector == "label"}


GRADED = {(one, "grades") for one in (HANA, IVO, JANA)}
BOTH = {(HANA, UNLISTED_KIND), (IVO, UNLISTED_KIND)}
# name, text, who is told what, who has a row
SEEN = [
    ("commas", "Name,Locker\nHana Kim,12\nIvo Marek,14\n", BOTH, {HANA, IVO}),
    ("semicolons", "Name;Locker\nHana Kim;12\nIvo Marek;14\n", BOTH, {HANA, IVO}),
    ("tabs", "Who\tLocker\nHana Kim\t12\nIvo Marek\t14\n", BOTH, {HANA, IVO}),
    ("bars", "| Name | Locker |\n|---|---|\n| Hana Kim | 12 |\n| Ivo Marek | 14 |\n", BOTH, {HANA, IVO}),
    ("quoted-text", "> Name,Locker\n> Hana Kim,12\n> Ivo Marek,14\n", BOTH, {HANA, IVO}),
    ("names-in-quotes", 'Name,Locker\n"Kim, Hana",12\n"Marek, Ivo",14\n', BOTH, {HANA, IVO}),
    ("names-in-two-columns", "Last name,First name,Locker\nKim,Hana,12\nMarek,Ivo,14\n", BOTH, {HANA, IVO}),
    ("id-numbers", f"Student ID,Locker\n{HANA},12\n{IVO},14\n", BOTH, {HANA, IVO}),
    ("empty-cells", "Name,Locker\nHana Kim,12\nIvo Marek,\n", {(HANA, UNLISTED_KIND)}, set()),
    ("listed-and-plain", "Name,Year,Grade\nHana Kim,3,B\nIvo Marek,3,C\n", {(HANA, "grades"), (IVO, "grades")}, {HANA, IVO}),
    ("plain-alone", "Name,Year\nHana Kim,3\nIvo Marek,3\n", set(), {HANA, IVO}),
    ("names-alone", "Name\tStudent\nHana Kim\t\nIvo Marek\t\n", set(), set()),
    ("most-are-strangers", "Name,Lap\nHana Kim,12\nPaula Stone,11\nAdam Wood,10\n", set(), set()),
    ("employees", "Name,Locker\nKlara Brandt,12\nMaame Osei,14\n", set(), set()),
    ("no-heading", "Hana Kim,12\nIvo Marek,14\n", set(), {HANA, IVO}),
    ("label-below-a-name", "Hana Kim\nGrade: B+\n\nIvo Marek\nGrade: C\n", {(HANA, "grades"), (IVO, "grades")}, set()),
    ("labels-below-a-name", "> * Hana Kim *\n> Year: 3\n> Absences: 4\n", {(HANA, "attendance")}, set()),
    ("form-below-a-name", "Hana Kim\nStudent: Hana Kim\nRemark: suspended\n", {(HANA, UNLISTED_KIND)}, set()),
    ("form-below-a-name-and-a-blank-line", "Hana Kim\n\nAbsences: 4\n", {(HANA, "attendance")}, set()),
    ("labels-below-a-signature", "Hana Kim\nPhone: 5551\nDiscord: hana\n\nIvo Marek\nDiscord: ivo\n", set(), set()),
    ("links-below-a-name",
     "Hana\n\n-- \nHana Kim          http://www.kim.example\nIllustrations     http://draw.example\n", set(), set()),
    ("label-below-a-line-with-a-name", "Hana Kim will come\nGrade: B+\n", set(), set()),
    ("label-below-two-names", "Hana Kim, Ivo Marek\nAbsences: 4\n", set(), set()),
    ("list-with-colons", "- Hana Kim: violin\n- Ivo Marek: piano\n", set(), {HANA, IVO}),
    ("list-with-dashes", "1. Hana Kim - violin\n2. Ivo Marek - piano\n", set(), {HANA, IVO}),
    ("list-of-one", "- Hana Kim: violin\n", set(), set()),
    ("list-of-names", "- Hana Kim\n- Ivo Marek\n", set(), set()),
    ("prose-with-commas", "We met Hana Kim, and\nthen Ivo Marek, who\nplayed well, too.\n", set(), set()),
    ("wrapped-prose", "Hana Kim, who came with a friend of hers\nIvo Marek, whom you know from last year\n", set(), set()),
    ("greeting-above", "Hello all, thanks\nHana Kim, violin\n", set(), set()),
    ("form", "Student: Hana Kim\nLocker: 12\n", {(HANA, UNLISTED_KIND)}, set()),
    ("form-name-below", "Locker: 12\n\nName: Hana Kim\n", {(HANA, UNLISTED_KIND)}, set()),
    ("form-with-plain-labels", "Student: Hana Kim\nYear: 3\nRoom: 4-231\n", set(), set()),
    ("form-of-an-employee", "Name: Klara Brandt\nLocker: 12\n", set(), set()),
    ("form-with-the-number-under-a-name-of-the-site-s", f"Student: Hana Kim\nUniv. no.: {HANA}\nRoom: 3\n", set(), set()),
    ("form-with-somebody-else-s-number", f"Student: Hana Kim\nBuddy no.: {IVO}\n", {(HANA, UNLISTED_KIND)}, set()),
    ("form-interrupted", "Student: Hana Kim\nThe lecture is in the big hall.\nLocker: 12\n", set(), set()),
    ("two-forms", "Name: Hana Kim\nLocker: 12\n\nName: Ivo Marek\nGrade: C\n", {(HANA, UNLISTED_KIND), (IVO, "grades")}, set()),
    ("quoted-header", "From: Hana Kim <h.kim@campus.example>\nSent: Monday\nTo: Ivo Marek\nLocker: 12\n", set(), set()),
    ("name-in-another-line", "Hana Kim will come.\n\nLocker: 12\nShelf: 3\n", set(), set()),
    ("blanks", "Name        Locker\nHana Kim    12\nIvo Marek   14\n", BOTH, {HANA, IVO}),
    ("title-above", "Autumn\t\t\nName\tLocker\t\nHana Kim\t12\t\nIvo Marek\t14\t\n", BOTH, {HANA, IVO}),
    ("side-by-side", "Name\tHana Kim\tIvo Marek\tJana Petrova\nMidterm\t71\t64\t90\n", GRADED, {HANA, IVO, JANA}),
    ("side-by-side-no-labels", "Hana Kim,Ivo Marek,Jana Petrova\nB,C,A\n71,64,90\n", GRADED, {HANA, IVO, JANA}),
    ("two-in-a-row", "Name\tGrade\tName\tGrade\nHana Kim\tB\tIvo Marek\tC\nJana Petrova\tA\tBen Okoro\tB\n",
     {*GRADED, (BEN, "grades")}, {HANA, IVO, JANA, BEN}),
    ("grades-no-heading", "Hana Kim\t71\nIvo Marek\t64\nJana Petrova\t90\n", GRADED, {HANA, IVO, JANA}),
    ("rooms-no-heading", "Hana Kim\t4-231\nIvo Marek\t4-233\nJana Petrova\t8-110\n", set(), {HANA, IVO, JANA}),
    ("years-no-heading", "Hana Kim\t3\nIvo Marek\t3\nJana Petrova\t2\n", set(), {HANA, IVO, JANA}),
    ("leaders", "Hana Kim ......... 14/20\nIvo Marek ........ 17/20\nJana Petrova ..... 9/20\n", GRADED, {HANA, IVO, JANA}),
    ("run-on", "Hana Kim 14; Ivo Marek 17; Jana Petrova 9", GRADED, set()),
    ("run-on-brackets", "Hana Kim (B+), Ivo Marek (C), Jana Petrova (A)", GRADED, set()),
    ("sentence", "The results: Hana Kim got 71, Ivo Marek 64, and Jana Petrova 90.", GRADED, set()),
    ("numbered", "1. Hana Kim: B\n2. Ivo Marek: C+\n3. Jana Petrova: A\n", GRADED, {HANA, IVO, JANA}),
    ("by-grade", "A: Hana Kim, Ivo Marek\nB+: Jana Petrova\n", GRADED, set()),
    ("two-of-a-list", "Hana Kim 14; Ivo Marek 17", set(), set()),
    ("row-numbers", "Hana Kim 1; Ivo Marek 2; Jana Petrova 3", set(), set()),
    ("days", "Hana Kim 9/22, Ivo Marek 9/24, Jana Petrova 10/1", set(), set()),
    ("times", "Hana Kim 9:15, Ivo Marek 9:30, Jana Petrova 9:45", set(), set()),
    ("things", "Hana Kim 2 pies, Ivo Marek 3 salads, Jana Petrova 12 cups", set(), set()),
    ("places", "Hana Kim\t1\nIvo Marek\t2\nJana Petrova\t3\n", set(), {HANA, IVO, JANA}),
    ("export-of-strangers-and-one",
     "STU_ID|NAME|ACAD_STND_CD|HOLD_IND\nK1|WOOD, ADAM|PR|N\nK2|KIM, HANA|PR|N\nK3|LUND, ROSA|GS|N\n",
     {(HANA, "standing"), (HANA, "financial")}, set()),
    ("capitals-in-columns",
     "NAME           RESULT\nKIM, HANA      PASS\nMAREK, IVO     FAIL\nPETROVA, JANA  PASS\n", GRADED, {HANA, IVO, JANA}),
    ("mostly-strangers", "Hana Kim 14; Adam Wood 17; Paula Stone 9; Ivo Marek 8; Rosa Lund 7; Piet Holm 9", set(), set()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "values", "rows"), [pytest.param(*each[1:], id=each[0]) for each in SEEN])
def test_who_is_told_what(text: str, values: set[tuple[str, str]], rows: set[str]) -> None:
    found = look(text)
    assert told(found) == values
    assert found.rows == rows


def test_a_table_of_an_html_message_is_one() -> None:
    cells = [("Name", "Locker"), ("Hana Kim", "12"), ("Ivo Marek", "14")]
    rows = "".join(f"<tr><td>{one}</td><td>{other}</td></tr>" for one, other in cells)
    assert told(look(f"<table>{rows}</table>", "html")) == BOTH


def test_what_patterns_find_in_one_of_two_forms_is_about_that_student() -> None:
    found = look("Student: Hana Kim\nResult: a grade of B+\n\nStudent: Ivo Marek\nResult: passed, with a GPA of 3.9\n")
    kinds = {item.person: item.kinds for item in relate_people(found.people, 0.7, about=found.about).disclosures}
    assert "gpa" in kinds[IVO]
    assert "gpa" not in kinds[HANA]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("Employee: Theo Ames\nHome address we hold: 22 Quince Street\n", True),
        ("Employee\tTheo Ames\nBase pay\t$171,400\n", True),
        ("Employee: Theo Ames\nHome address: 22 Quince Street\nReviewer: Astrid Lind\n", True),
        ("Theo Ames\nHome address: 22 Quince Street\nReviewer: Astrid Lind\n", False),
        ("Theo Ames works here.\nHome address and pay we do not give out.\n", False),
    ],
)
def test_what_a_form_gives_of_an_employee_is_about_him(body: str, told: bool) -> None:  # noqa: FBT001  the expectation
    theo = Staff("t.ames@campus.example", given_name="Theo", family_name="Ames")
    astrid = Staff("a.lind@campus.example", given_name="Astrid", family_name="Lind")
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", body),))
    at = body.casefold().index("home address" if "ome address" in body else "base pay")
    found = Finding("salary", "pattern", "x", Role.STATES, "part 1, line 2", 0, at, at + 8, 0.75, "words", "")
    about = labelled(texts, identify_people(texts, (found,), people(theo, astrid), str, Context())).about
    assert about == ({0: theo.email} if told else {})


def test_a_finding_says_where_and_never_what() -> None:
    [value] = [one for one in look("Hello,\n\nStudent: Hana Kim\nLocker: 12\n").people.findings if one.detector == "label"]
    assert (value.where, value.masked, value.role) == ("part 1, line 4", "a labelled value", Role.STATES)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["Name", "Hana Kim", "Ivo Marek", "Locker", ",", "\t", "|", ";", ":", '"', "\n", " ", "12", "> "]))
)
def test_whatever_stands_in_a_text_it_is_read(pieces: list[str]) -> None:
    found = look("".join(pieces))
    assert all(person in {HANA, IVO} for person in found.about.values())
    assert len(found.rows) != 1


def test_a_table_of_thousands_of_rows_is_one_value_for_each_row_and_kind() -> None:
    rows = "".join(f"Hana Kim,{number},{number}\n" for number in range(3000))
    found = look(f"Name,Locker,Shelf\n{rows}")
    assert sum(one.detector == "label" for one in found.people.findings) <= 3000


def test_rows_of_a_sheet_may_end_early_and_are_named_as_the_sheet_counts_them() -> None:
    text = f"Student ID\tLocker\tNote\n{HANA}\t17\n{IVO}\t18\tx"
    texts = Texts((), (), (View(Channel.ATTACHMENTS, "1", "part 1, sheet 1", text, grid=(3, 2)),))
    findings = shipped_rules().matcher.find(texts)
    found = labelled(texts, identify_people(texts, findings, small_university(), str, Context()))
    values = [each for each in found.people.findings if each.pattern == UNLISTED_LABEL]
    assert [each.where for each in values] == ["part 1, sheet 1, row 4", "part 1, sheet 1, row 5"]
    assert len(found.rows) == 2
