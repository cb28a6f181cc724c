"""Lists that name people otherwise: in lower case, by last digits of IDs, by keys of another table; and what looks so."""

from __future__ import annotations

import pytest

from dlp.campus import last_digits
from dlp.campus.directory import NAMED_AT_MOST
from dlp.campus.identity import identify_people
from dlp.campus.labelled import labelled
from dlp.campus.names import ending_key
from dlp.campus.people import Context, Strength
from dlp.campus.records import Assignment, Enrolment, Offering, Staff, Student
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.values import Channel, Texts, View
from tests.campus.people import People, people
from tests.upstream import shipped_rules

HANA, IVO, JANA, BEN = "912345678", "912343685", "912349086", "912347713"
STUDENTS = (
    Student(HANA, "Hana", "Kim", email="hana@campus.example"),
    Student(IVO, "Ivo", "Marek", email="ivo@campus.example"),
    Student(JANA, "Jana", "van der Berg", email="jana@campus.example"),
    Student(BEN, "Ben", "Okoro", email="ben@campus.example"),
)
AMES, LUND = Staff("t.ames@campus.example", given_name="Tess", family_name="Ames"), Staff("p.lund@campus.example")
CAMPUS = people(
    *STUDENTS,
    AMES,
    LUND,
    Offering("8.01", "2026FA", "Classical Mechanics"),
    Assignment("8.01", AMES.email, "instructor", "2026FA"),
    *(Enrolment("8.01", each.id, "2026FA") for each in STUDENTS),
)
THREE = {HANA, IVO, JANA}
RULES = shipped_rules()


def of(*texts: str) -> Texts:
    return Texts((), (), tuple(View(Channel.TEXT, str(nth), f"part {nth}", text) for nth, text in enumerate(texts, 1)))


def named(text: str, sender: str = AMES.email) -> set[str]:
    """Whom a text surely identifies."""
    raw = f"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()
    found = identify_people(read(raw, Limits()), (), CAMPUS, str, Context(sender, ("r@other.example",)))
    return {one.person for one in found.students if one.strength > Strength.WEAK}


IN_LOWER_CASE = [
    ("lines", "hana kim\nivo marek\njana van der berg\n", THREE),
    ("scores", "hana kim 14\nivo marek 9\njana vanderberg 17\n", THREE),
    ("letters", "hana kim A\nivo marek B+\njana van der berg C\n", THREE),
    ("last-first", "kim, hana\nmarek, ivo\nokoro, ben\n", {HANA, IVO, BEN}),
    ("bullets", "- hana kim\n- ivo marek\n- ben okoro\n", {HANA, IVO, BEN}),
    (
        "passwd",
        "hk:x:1:1:hana kim:/home/hk:/bin/sh\nim:x:2:1:ivo marek:/home/im:/bin/sh\nbo:x:3:1:ben okoro:/:/\n",
        {HANA, IVO, BEN},
    ),
    ("columns", "no  who           hw\n1   hana kim      3\n2   ivo marek     5\n3   ben okoro     4\n", {HANA, IVO, BEN}),
    ("run-on", "hana kim, ivo marek, jana van der berg, ben okoro\n", {*THREE, BEN}),
    ("two", "hana kim\nivo marek\n", set()),
    ("prose", "then hana kim came\nand ivo marek left\nbut ben okoro stayed\n", set()),
    ("among-others", "red bean\nhana kim\nblue sky\nivo marek\nwhite rice\nhot tea\nben okoro\ncold tea\n", set()),
    ("the-same-one", "hana kim\nhana kim\nhana kim\n", set()),
]


@pytest.mark.parametrize(("text", "found"), [pytest.param(*each[1:], id=each[0]) for each in IN_LOWER_CASE])
def test_words_in_lower_case_are_names_in_a_list_of_three(text: str, found: set[str]) -> None:
    assert named(text) == found


LAST_DIGITS = [
    ("columns", "No    Score\n5678    14\n3685    9\n9086    17\n", True),
    ("commas", "No,Score\n5678,14\n3685,9\n9086,17\n", True),
    ("masked", "xxxxx5678: B\nxxxxx3685: A\nxxxxx9086: C\n", True),
    ("stars", "*****5678 B\n*****3685 A\n*****9086 C\n", True),
    ("five-run-on", "45678 B; 43685 A; 49086 C\n", True),
    ("no-heading", "5678\t14\tB\n3685\t9\tA\n9086\t17\tC\n", True),
    ("two", "5678  14\n3685  9\n", False),
    ("one-number-again", "5678  14\n5678  9\n5678  17\n", False),
    ("among-others", "5678  14\n1111  9\n3685  17\n2222  3\n9086  8\n3333  4\n", False),
    ("money", "$5678\n$3685\n$9086\n", False),
    ("rooms", "Room 5-5678\nRoom 5-3685\nRoom 5-9086\n", False),
    ("in-different-columns", "5678\t1\n1\t3685\n1\t1\t9086\n", False),
]


@pytest.mark.parametrize(("text", "theirs"), [pytest.param(*each[1:], id=each[0]) for each in LAST_DIGITS])
def test_a_column_of_last_digits_of_a_class_is_about_its_students(text: str, theirs: bool) -> None:  # noqa: FBT001
    assert named(text) == (THREE if theirs else set())
    assert named(text, sender=LUND.email) == set()
    assert named(f"The marks of 8.01:\n{text}", sender=LUND.email) == (THREE if theirs else set())


def test_a_long_column_of_last_digits_is_judged_by_those_looked_up():
    many = [Student(f"9{nth:04}{nth + 1000:04}", "Hana", "Kim") for nth in range(260)]
    text = "Last 4 digits of ID,Score\n" + "".join(f"{one.id[-4:]},{nth % 20}\n" for nth, one in enumerate(many))
    told = identify_people(of(text), (), people(*many), str, Context())
    assert len(told.students) == 200


SAID_TO_BE_LAST = [
    ("heading", "Last 4,Score\n5678,14\n3685,9\n9086,17\n", THREE),
    ("in-a-sentence", "I used the last four of your ID:\n\n5678 .... 14\n3685 .... 9\n9086 .... 17\n", THREE),
    ("five", "By the end of your ID:\n45678 14\n43685 9\n49086 17\n", THREE),
    ("final", "Scores by final 4 of student number:\n5678 14\n3685 9\n9086 17\n", THREE),
    ("ends-in", "Scores (ID ends in):\n5678 14\n3685 9\n9086 17\n", THREE),
    ("dots", "Last four digits of the ID:\n...5678 14\n...3685 9\n...9086 17\n", THREE),
    ("dashes", "Last four digits of the ID:\n-5678 14\n-3685 9\n-9086 17\n", THREE),
    ("padded", "Last four digits of the ID:\n1111 3\n5678 14\n3685 9\n9086 17\n2222 0\n", THREE),
    ("mostly-others", "Last four digits of the ID:\n1111 3\n5678 1\n3685 9\n9086 7\n2222 0\n3333 1\n4444 2\n", set()),
    ("extensions", "Extensions, last four digits of the phone number:\n5678 desk\n3685 stacks\n9086 shop\n", set()),
    ("cards", "The lost purchasing cards, last four digits:\n5678 Otto\n3685 Pia\n9086 Klara\n", set()),
    ("whom-to-phone", "By the last four digits:\n5678 hold\n3685 hold\n9086 owes 300\n\nQuestions by phone.\n", THREE),
    ("phone-above", "Questions by phone.\n\nBy the last four digits:\n5678 hold\n3685 hold\n9086 hold\n", THREE),
    ("put-in-order", "By the last four digits, in order:\n5678 yes\n3685 no\n9086 no\n\nPhone me.\n", THREE),
    ("in-this-order", "Last four digits in this order:\n5678 yes\n3685 no\n9086 no\n", THREE),
    ("unpaid-invoices", "Unpaid tuition invoices, by the last four digits:\n5678 300\n3685 20\n9086 100\n", THREE),
    ("parcels-above", "Your parcels are here.\n\nLast four digits and shelf:\n5678 41\n3685 8\n9086 12\n", set()),
    ("orders", "Open orders, by the last four digits:\n5678 paper\n3685 pens\n9086 ink\n", set()),
    ("last-weeks", "Visitors over the last four weeks:\n5678 14\n3685 9\n9086 17\n", set()),
    ("last-years", "The last four years:\n2023 14\n2024 9\n2025 17\n", set()),
    ("mostly-of-nobody", "Last 4 digits\n5678 14\n1111 9\n3685 17\n2222 3\n9086 8\n3333 4\n", set()),
]


@pytest.mark.parametrize(("text", "whose"), [pytest.param(*each[1:], id=each[0]) for each in SAID_TO_BE_LAST])
def test_numbers_that_are_said_to_be_last_digits_are_those_of_any_students(text, whose):
    assert named(text, sender=LUND.email) == whose


def test_whether_numbers_are_last_digits_is_asked_once_of_a_text(monkeypatch):
    asked = []
    monkeypatch.setattr(last_digits, "_says_so", lambda text: bool(asked.append(text)))
    readings = "".join(f"{' '.join(str(number) for number in range(1000 + row, 1008 + row))}\n" for row in range(50))
    assert named(readings, sender=LUND.email) == set()
    assert len(asked) == 1


def test_columns_of_last_digits_look_nobody_up_twice():
    looked_up = []

    class Counting(People):
        def named(self, key: str, at_most: int = NAMED_AT_MOST) -> tuple[Student | Staff, ...]:
            looked_up.append(key)
            return super().named(key, at_most)

    rows = "5678 3685 9086\n" * 50
    identify_people(of(f"Last four digits of the ID:\n{rows}"), (), Counting(STUDENTS), str, Context())
    keys = [ending_key(digits) for digits in ("5678", "3685", "9086")]
    assert [looked_up.count(key) for key in keys] == [1, 1, 1]


def test_last_digits_of_several_are_nobodys_for_certain():
    again = [Student(f"98765{each.id[-4:]}", "Xu", f"Mo{nth}") for nth, each in enumerate(STUDENTS)]
    found = identify_people(of("Last 4,Score\n5678,14\n3685,9\n9086,17\n"), (), people(*STUDENTS, *again), str, Context())
    assert (len(found.students), len(found.ambiguous)) == (0, 3)


BROKEN = [
    ("bare", "IDs:\n91234\n5678\n91234\n3685\n91234\n9086\n", True),
    ("quoted", "> 91\n> 2345678\n> 9123\n> 43685\n> 9123490\n> 86\n", True),
    ("below-another-number", "1\n91234\n5678\n91234\n3685\n91234\n9086\n", True),
    ("two", "IDs:\n91234\n5678\n91234\n3685\n", False),
    ("of-nobody", "IDs:\n91234\n5678\n91234\n1111\n91234\n9086\n12\n13\n91234\n3685\n7\n8\n", False),
    ("with-words", "91234\n5678 a\n91234\n3685 b\n91234\n9086 c\n", False),
]


@pytest.mark.parametrize(("text", "theirs"), [pytest.param(*each[1:], id=each[0]) for each in BROKEN])
def test_a_bare_list_of_ids_over_two_lines_each_is_one(text: str, theirs: bool) -> None:  # noqa: FBT001
    assert named(f"See below.\n{text}", sender=LUND.email) == (THREE if theirs else set())


INVOICES = [
    ("three-of-students", f"Invoice {HANA}\nInvoice {IVO}\nInvoice {JANA}\n", True),
    ("two-of-students", f"Invoice {HANA}\nInvoice {IVO}\n", False),
    ("one-number-again", f"Invoice {HANA}\nInvoice {HANA}\nInvoice {HANA}\n", False),
    (
        "mostly-of-nobody",
        f"Invoice {HANA}\nInvoice {IVO}\nInvoice {JANA}\n" + "".join(f"Invoice 98765431{n}\n" for n in range(4)),
        False,
    ),
]


@pytest.mark.parametrize(("text", "theirs"), [pytest.param(*each[1:], id=each[0]) for each in INVOICES])
def test_three_numbers_of_students_are_theirs_whatever_word_stands_by(text: str, theirs: bool) -> None:  # noqa: FBT001
    texts = of(text)
    found = identify_people(texts, RULES.matcher.find(texts), CAMPUS, str, Context())
    assert {one.person for one in found.students} == (THREE if theirs else set())


WHO = "Seat\tName\nA1\tHana Kim\nB2\tIvo Marek\nC3\tBen Okoro\n"
NUMBERED = "No.\tName\n1\tHana Kim\n2\tIvo Marek\n3\tBen Okoro\n"
KEYED = [
    ("seats", WHO, "Seat\tGrade\nC3\tA\nA1\tB\nB2\tF\n", True),
    ("no-labels", WHO, "B2\tF\nA1\tB\nC3\tA\n", True),
    ("row-numbers", NUMBERED, "No.\tGrade\n1\tA\n2\tB\n3\tF\n", True),
    ("one-row-more", NUMBERED, "No.\tGrade\n1\tA\n2\tB\n3\tF\n4\tC\n", False),
    ("numbers-of-something-else", NUMBERED, "Problem\tPoints\n1\t20\n2\t30\n3\t25\n", False),
    ("other-seats", WHO, "Seat\tGrade\nD3\tA\nE1\tB\nB2\tF\n", False),
    ("nobody-there", "Seat\tName\nA1\tTess Ames\nB2\tA. Person\n", "Seat\tGrade\nA1\tB\nB2\tF\n", False),
]


@pytest.mark.parametrize(("who", "values", "told"), [pytest.param(*each[1:], id=each[0]) for each in KEYED])
@pytest.mark.parametrize("together", [False, True], ids=["two-files", "one-text"])
def test_rows_without_names_are_about_whom_another_table_gives_the_same_key(
    who: str,
    values: str,
    told: bool,  # noqa: FBT001
    together: bool,  # noqa: FBT001
) -> None:
    texts = of(f"{who}\n{values}") if together else of(values, who)
    found = labelled(texts, identify_people(texts, (), CAMPUS, str, Context()))
    kinds = {(found.about[at], one.kind) for at, one in enumerate(found.people.findings) if one.detector == "label"}
    assert kinds == ({(each, "grades") for each in (HANA, IVO, BEN)} if told else set())


REGISTERS = [
    ("dates", "Name\t9/8\t9/10\nHana Kim\tP\tA\nIvo Marek\t\tP\nBen Okoro\tL\tP\n", "attendance"),
    ("no-columns", "Name  9/8  9/10  9/15\nHana Kim  P    \nIvo Marek  P  A  P\nBen Okoro    P  L\n", "attendance"),
    ("points-under-numbers", "Name\t1\t2\nHana Kim\t8\t3\nIvo Marek\t10\t7\nBen Okoro\t0\t9\n", "grades"),
    ("days-and-rooms", "Name\t9/8\t9/10\nHana Kim\t5-134\t5-134\nIvo Marek\t6-120\t\nBen Okoro\t5-134\t1-190\n", ""),
]


@pytest.mark.parametrize(("text", "kind"), [pytest.param(*each[1:], id=each[0]) for each in REGISTERS])
def test_marks_under_dates_are_attendance_and_points_under_numbers_grades(text: str, kind: str) -> None:
    texts = of(text)
    found = labelled(texts, identify_people(texts, (), CAMPUS, str, Context()))
    kinds = {(found.about[at], one.kind) for at, one in enumerate(found.people.findings) if one.detector == "label"}
    assert kinds == ({(each, kind) for each in (HANA, IVO, BEN)} if kind else set())


BEHIND_CELLS = [
    ("rooms", "Room 1-2: Kim, Hana\nRoom 1-3: Marek, Ivo\nRoom 1-5: Okoro, Ben\nRoom 1-6: no one\n", {HANA, IVO, BEN}),
    ("seats", "A1, Kim, Hana\nB2, Marek, Ivo\nC3, Okoro, Ben\nD4, free\n", {HANA, IVO, BEN}),
    ("row-numbers", "1 Kim, Hana\n2 Marek, Ivo\n3 Okoro, Ben\n4 nobody\n", {HANA, IVO, BEN}),
    ("narrow-cells", "Kim, \nHana\n14\nIvo \nMarek\n9\nBen \nOkoro\n17\n", {HANA, IVO, BEN}),
    ("prose", "Thanks to Kim, Hana\nand to Marek, Ivo\nas well as Okoro, Ben\nand all others\n", set()),
    (
        "broken-rows",
        "Kim  Hana  Mechanical Engineering and more  Junior\nMarek  Ivo  Political Science and other  Senior\n",
        {HANA, IVO},
    ),
]


@pytest.mark.parametrize(("text", "found"), [pytest.param(*each[1:], id=each[0]) for each in BEHIND_CELLS])
def test_last_and_first_name_behind_another_cell(text: str, found: set[str]) -> None:
    assert named(text, sender=LUND.email) == found


ORDINARY = tuple(
    Student(f"91234{nth:04}", given, family)
    for nth, (given, family) in enumerate(
        (("May", "Hall"), ("May", "Hall"), ("Rose", "Banks"), ("Dawn", "Fisher"), ("Mark", "Rivers"), ("Joy", "Woods"))
    )
)
ORDINARY_CAMPUS = people(*ORDINARY, AMES)
LISTED_ORDINARY = {
    "rows of cells, one name that two bear": ("R02, Hall, May, mh\nR03, Banks, Rose, rb\nR04, Fisher, Dawn, df\n", 3),
    "five that stand alone": ("May Hall\nRose Banks\nDawn Fisher\nMark Rivers\nJoy Woods\n", 5),
    "four that stand alone": ("May Hall\nRose Banks\nDawn Fisher\nMark Rivers\n", 0),
    "among as many others": (
        "May Hall\nOlive Grove\nRose Banks\nWest Wing\nDawn Fisher\nSouth Lawn\nMark Rivers\nEast Gate\n",
        0,
    ),
}


@pytest.mark.parametrize(("text", "count"), LISTED_ORDINARY.values(), ids=LISTED_ORDINARY)
def test_names_of_ordinary_words_count_in_a_list_of_them(text, count):
    found = identify_people(of(text), (), ORDINARY_CAMPUS, str, Context(AMES.email, ("r@other.example",)))
    assert len([one for one in found.students if one.strength > Strength.WEAK]) == count
