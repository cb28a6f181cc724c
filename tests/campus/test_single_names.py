"""A class by its last names alone, or its first names, however the list is laid out; and lists that look so."""

from __future__ import annotations

import pytest

from dlp.campus.identity import identify_people
from dlp.campus.people import Context, Strength
from dlp.campus.records import Advising, Assignment, Enrolment, Offering, Staff, Student
from dlp.limits import Limits
from dlp.mail.reading import read
from tests.campus.people import people

CLASS = (
    Student("912345001", "Hana", "Kim", email="h.kim@campus.example"),
    Student("912345002", "Ivo", "Marek"),
    Student("912345003", "Jana", "van der Berg"),
    Student("912345004", "Ben", "Okoro"),
    Student("912345005", "Petra", "Hall"),
    Student("912345006", "Aiko", "Long"),
    Student("912345007", "Eva", "Novak"),
    Student("912345008", "Jan", "Novak"),
    Student("912345009", "Lea", "O\u2019Brien"),
    Student("912345010", "Nia", "Ben"),
)
OTHER_CLASS = (
    Student("912345021", "Mia", "Marek"),
    Student("912345022", "Omar", "Haddad"),
    Student("912345023", "Ida", "Falk"),
)
AMES = Staff("t.ames@campus.example", given_name="Tess", family_name="Ames")
LUND = Staff("p.lund@campus.example", given_name="Per", family_name="Lund")
OKORO = Staff("z.okoro@campus.example", given_name="Zora", family_name="Okoro")
REED = Staff("v.reed@campus.example", given_name="Vera", family_name="Reed")
CAMPUS = people(
    *CLASS,
    *OTHER_CLASS,
    AMES,
    LUND,
    OKORO,
    REED,
    Offering("8.01", "2026FA", "Classical Mechanics"),
    Offering("8.02", "2026FA", "Fields and Waves"),
    *(Assignment(subject, AMES.email, "instructor", "2026FA") for subject in ("8.01", "8.02")),
    *(Enrolment("8.01", each.id, "2026FA") for each in CLASS),
    *(Enrolment("8.02", each.id, "2026FA") for each in OTHER_CLASS),
    *(Advising(REED.email, each.id, "advisor") for each in CLASS[:4]),
)
IDS = {f"{each.given_name} {each.family_name}": each.id for each in (*CLASS, *OTHER_CLASS)}
THREE = {"Hana Kim", "Ivo Marek", "Ben Okoro"}
FOUR = {*THREE, "Jana van der Berg"}


def named(text: str, sender: Staff = AMES, reader: str = "r@other.example") -> set[str]:
    """Whom a text surely identifies."""
    raw = f"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()
    found = identify_people(read(raw, Limits()), (), CAMPUS, str, Context(sender.email, (reader,)))
    return {one.person for one in found.students if one.strength > Strength.WEAK}


LISTS = [
    ("blanks", "Kim        18\nOkoro       9\nMarek      11\n", THREE),
    ("tabs", "Kim\t18\nOkoro\t9\nMarek\t11\n", THREE),
    ("bars", "| Name | Points |\n|---|---|\n| Kim | 18 |\n| Okoro | 9 |\n| Marek | 11 |\n", THREE),
    ("commas", "Name,Points\nKim,18\nOkoro,9\nMarek,11\n", THREE),
    ("grades-behind-commas", "Kim, B\nOkoro, A\nMarek, C+\n", THREE),
    ("quoted-cells", '"Kim","18"\n"Okoro","9"\n"Marek","11"\n', THREE),
    ("colons", "Kim: 18\nOkoro: 9\nMarek: absent\n", THREE),
    ("leaders", "Kim ....... 18\nOkoro ..... 9\nMarek. . . . 11\n", THREE),
    ("dashes", "Kim - 18\nOkoro - 9\nMarek \u2013 11\n", THREE),
    ("one-blank", "Kim 18\nOkoro 9\nMarek B+\n", THREE),
    ("bullets", "- Kim\n- Okoro\n- Marek\n", THREE),
    ("numbers", "1. Kim\n2. Okoro\n3. Marek\n", THREE),
    ("alone", "Kim\nOkoro\nMarek\n", THREE),
    ("behind-a-cell", "1\tKim\t18\n2\tOkoro\t9\n3\tMarek\t11\n", THREE),
    ("seats", "A1   Kim\nB2   Okoro\nC3   Marek\n", THREE),
    ("quoted", "> Kim   18\n> Okoro  9\n> Marek 11\n", THREE),
    ("capitals", "KIM\t18\nOKORO\t9\nMAREK\t11\n", THREE),
    ("first-names", "Hana  18\nBen  9\nIvo  11\n", THREE),
    ("marks-in-words", "Kim | Pass\nOkoro | Fail\nMarek | Pass\n", THREE),
    ("a-heading", "Student  Points\nKim   18\nOkoro   9\nMarek   11\n", THREE),
    ("in-a-letter", "Per,\n\nKim   18\nOkoro   9\nMarek   11\n\nTess\n", THREE),
    ("roster-in-a-letter", "Per\n\nKim\nOkoro\nMarek\n\nTess\n", THREE),
    ("one-line", "Kim 18, Okoro 9, Marek 11\n", THREE),
    ("particles", "Kim  18\nvan der Berg  9\nOkoro  12\nMarek  11\n", FOUR),
    ("particles-left-out", "Kim  18\nBerg  9\nOkoro  12\nMarek  11\n", FOUR),
    ("apostrophes", "Kim  18\nO'Brien  9\nMarek  11\n", {"Hana Kim", "Ivo Marek", "Lea O\u2019Brien"}),
    ("one-who-dropped", "Kim 18\nOkoro 9\nMarek 11\nBerg 8\nQuist 7\n", FOUR),
    ("words-beside-names", "Kim  18\nHall  9\nMarek  11\nLong  3\n", {"Hana Kim", "Petra Hall", "Ivo Marek", "Aiko Long"}),
    ("shared-by-two", "Kim  18\nNovak  9\nOkoro  12\nMarek  11\n", THREE),
    ("of-the-other-class", "Marek  18\nHaddad  9\nFalk  11\n", {"Mia Marek", "Omar Haddad", "Ida Falk"}),
    (
        "of-both-classes",
        "Kim  18\nHaddad  9\nFalk  11\nOkoro  7\nMarek  7\n",
        {"Hana Kim", "Omar Haddad", "Ida Falk", "Ben Okoro"},
    ),
    ("also-in-a-sentence", "Kim  18\nOkoro  9\nMarek  11\n\nI talked to Okoro.\n", THREE),
]


@pytest.mark.parametrize(("text", "found"), [pytest.param(*each[1:], id=each[0]) for each in LISTS])
def test_three_single_names_of_a_class_in_a_column_are_its_students(text: str, found: set[str]) -> None:
    assert named(text) == {IDS[each] for each in found}


NOBODY = [
    ("two", "Kim  18\nOkoro  9\n"),
    ("one-name-again", "Kim  18\nKim  9\nKim  11\n"),
    ("two-and-a-namesake", "Kim  18\nOkoro  9\nNovak  11\n"),
    ("two-names-of-one", "Hana  18\nKim  9\nOkoro  11\n"),
    ("a-game-of-others", "Kim  3\nQuist  1\nOkoro  2\nHolm  0\nMarek  1\nSolberg  2\n"),
    ("words", "Hall  12\nLong  9\nKim  3\n"),
    ("nothing-but-words", "Hall\nLong\nHall\nLong\n"),
    ("full-names-of-others", "Hana\tQuist\t12\nIvo\tHolm\t9\nBen\tSolberg\t7\nJana\tEk\t5\n"),
    ("spoken-to", "Kim, you are late.\nOkoro, you as well.\nMarek, do go on.\n"),
    ("initials-without-stops", "Kim, X\nOkoro, X\nMarek, X\n"),
    ("last-first-of-others", "Kim, Suresh\nOkoro, Ada\nMarek, Tom\n"),
    ("initials-of-others", "Kim, X.\nOkoro, X.\nMarek, X.\n"),
    ("authors", "Kim, Z., Okoro, Q. and Marek, T. (2020). On rain.\n"),
    ("prose", "Kim came in.\nOkoro went out.\nMarek stayed.\n"),
    ("run-on-prose", "We met Kim, Okoro and Marek, who teach there.\n"),
    ("far-apart", "Kim  18\n1\n2\n3\n4\nOkoro  9\n1\n2\n3\n4\nMarek  11\n"),
    ("in-different-columns", "Kim\t1\t1\n1\tOkoro\t1\n1\t1\tMarek\n"),
    ("days", "Monday  3\nTuesday  4\nFriday  5\n"),
    ("committee", "Ames\nLund\nReed\nOkoro\nKim\nMarek\n"),
    ("agenda", "10:00  Ames\n10:30  Lund\n11:00  Reed\n"),
    ("lower-case", "kim  18\nokoro  9\nmarek  11\n"),
]


@pytest.mark.parametrize("text", [pytest.param(each[1], id=each[0]) for each in NOBODY])
def test_what_only_looks_like_a_class_identifies_nobody(text: str) -> None:
    assert named(text) == set()


def test_the_class_is_one_of_the_sender_or_of_a_reader_or_their_advisees() -> None:
    text = "Kim  18\nOkoro  9\nMarek  11\n"
    theirs = {IDS[each] for each in THREE}
    assert named(text, sender=LUND) == set()
    assert named(text, sender=LUND, reader=AMES.email) == theirs
    assert named(text, sender=REED) == theirs


def test_a_class_that_the_text_names_is_one_as_well() -> None:
    assert named("Points of 8.01:\n\nKim  18\nOkoro  9\nMarek  11\n", sender=LUND) == {IDS[each] for each in THREE}
    assert named("Rooms of 8.01:\n\nHall  18\nLong  9\nKim  11\n", sender=LUND) == set()
    assert named("Points of 8.02:\n\nKim  18\nOkoro  9\nMarek  11\n", sender=LUND) == set()


def test_a_name_of_somebody_else_near_the_message_is_nobodys() -> None:
    text = "Kim  18\nOkoro  9\nMarek  11\nBerg  7\n"
    assert named(text, reader=OKORO.email) == {IDS[each] for each in FOUR - {"Ben Okoro"}}
    assert named(f"{text}\nwith Zora Okoro\n") == {IDS[each] for each in FOUR - {"Ben Okoro"}}


def test_a_name_of_somebody_who_teaches_the_class_is_nobodys() -> None:
    campus = people(*CAMPUS.rows, Assignment("8.01", OKORO.email, "ta", "2026FA"))
    raw = b"Subject: x\n\nKim  18\nOkoro  9\nMarek  11\nBerg  7\n"
    found = identify_people(read(raw, Limits()), (), campus, str, Context(AMES.email, (LUND.email,)))
    assert {one.person for one in found.students} == {IDS[each] for each in FOUR - {"Ben Okoro"}}


def test_who_is_known_by_the_same_word_already_is_shown_once() -> None:
    raw = b"Subject: x\n\nKim  18\nOkoro  9\nMarek  11\n"
    found = identify_people(read(raw, Limits()), (), CAMPUS, str, Context(AMES.email, ("h.kim@campus.example",)))
    assert sorted(each.start for each in found.findings) == [0, 8, 17]


def test_of_two_classes_of_the_same_names_the_one_the_text_names_is_meant() -> None:
    twins = [
        Student(f"91234503{n}", given, family)
        for n, (given, family) in enumerate([("Ana", "Kim"), ("Leo", "Okoro"), ("Tom", "Marek")])
    ]
    campus = people(
        *CAMPUS.rows,
        *twins,
        Offering("8.03", "2026FA", "Optics"),
        Assignment("8.03", AMES.email, "instructor", "2026FA"),
        *(Enrolment("8.03", each.id, "2026FA") for each in twins),
    )
    for subject, met in (("8.03", {each.id for each in twins}), ("8.01", {IDS[each] for each in THREE})):
        raw = f"Subject: Points of {subject}\n\nKim  18\nOkoro  9\nMarek  11\n".encode()
        found = identify_people(read(raw, Limits()), (), campus, str, Context(AMES.email, ("r@other.example",)))
        assert {one.person for one in found.students} == met
