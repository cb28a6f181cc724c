"""What makes a message a class list, of which subject, and who may have it from whom."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from dlp.campus.directory import Stamp
from dlp.campus.records import Assignment, Enrolment, Offering, Student
from dlp.policy.class_lists import ClassList, Listed, class_list, sharing
from dlp.policy.groups import Group
from dlp.policy.readers import Reader
from dlp.values import Channel, Texts, View
from tests.campus.people import TODAY, People, people

STUDENTS = tuple(Student(f"91234567{number}", "N", "N") for number in range(10))
ENROLLED = tuple(Enrolment("8.01", each.id, "2026FA") for each in STUDENTS)
OFFERINGS = (Offering("8.01", "2026FA", "Classical Mechanics"), Offering("18.06", "2026FA", "Linear Algebra"))
WITH = Stamp(TODAY.name, TODAY.as_of, files=frozenset({"students", "enrolments"}))
IN_CHARGE = Assignment("8.01", "a@x.example", "instructor_in_charge", "2026FA")
CAMPUS = people(*ENROLLED, *OFFERINGS, IN_CHARGE, Enrolment("18.06", STUDENTS[0].id, "2026FA"), stamp=WITH)
NO_ENROLMENTS = people(*OFFERINGS, IN_CHARGE)
CHARGE = Reader("a@x.example", True, assignments=(IN_CHARGE,))
TA = Reader("b@x.example", True, assignments=(Assignment("8.01", "b@x.example", "ta", "2026FA"),))
TA_TOO = Reader("h@x.example", True, assignments=TA.assignments)
OTHERS = Reader("c@x.example", True, assignments=(Assignment("18.06", "c@x.example", "instructor_in_charge", "2026FA"),))
LAST_YEARS = Reader("d@x.example", True, assignments=(Assignment("8.01", "d@x.example", "instructor_in_charge", "2025FA"),))
NOBODY = Reader("e@x.example", True)
FALL = frozenset({("8.01", "2026fa")})


def listed(count: int = 4, strangers: int = 0, *, rows: bool = False, least: int = 4) -> Listed:
    names = tuple(each.id for each in STUDENTS[:count])
    return Listed(STUDENTS[:count], strangers, (Group(1, names, frozenset(names) if rows else frozenset()),), least)


def found(
    body: str, subject: str = "", *, named: Collection[str] = (), sender: Reader = NOBODY, campus: People = CAMPUS, who: Listed
) -> ClassList | None:
    views = (View(Channel.HEADERS, "", "subject line", subject, "subject", 1), View(Channel.TEXT, "1", "part 1", body))
    return class_list(who, Texts((), (), views), frozenset(named), sender, campus)


def test_students_enrolled_in_the_subject_that_is_named_are_told_to_be_its_members() -> None:
    assert found("four of 8.01", named=["8.01"], who=listed()) == ClassList(FALL)


def test_three_are_no_listing() -> None:
    assert found("three of 8.01", named=["8.01"], who=listed(3)) is None


def test_two_below_the_header_line_of_an_export_are_one() -> None:
    assert found("8.01", named=["8.01"], who=listed(2, least=2)) == ClassList(FALL)


def test_students_of_another_subject_are_none() -> None:
    assert found("four, and 18.06 moves", named=["18.06"], who=listed()) is None


def test_rows_of_students_whom_the_sender_teaches_need_no_name_of_the_subject() -> None:
    assert found("here they are", sender=TA, who=listed(rows=True)) == ClassList(FALL, in_rows=True)


def test_prose_about_students_whom_the_sender_teaches_is_no_class_list() -> None:
    assert found("they will come to the open day", sender=TA, who=listed()) is None


def test_rows_of_students_whom_the_sender_does_not_teach_are_none_while_no_subject_is_named() -> None:
    assert found("here they are", sender=OTHERS, who=listed(rows=True)) is None


@pytest.mark.parametrize(("strangers", "wanted"), [(0, ClassList(FALL)), (1, ClassList(FALL)), (2, None)])
def test_one_in_ten_may_be_enrolled_elsewhere(strangers: int, wanted: ClassList | None) -> None:
    assert found("8.01", named=["8.01"], who=listed(10, strangers)) == wanted


CALLED = {
    "by number": "the class list of 8.01",
    "in capitals": "CLASS ROSTER 8.01, fall",
    "by title": "roster for Classical Mechanics",
    "as enrolled": "students enrolled in 8.01",
    "as photographs": "the photo sheet for 8.01",
}


@pytest.mark.parametrize("how", CALLED)
def test_what_the_text_calls_a_class_list_is_one_without_enrolments(how: str) -> None:
    wanted = ClassList(frozenset({("8.01", "")}), called=True)
    assert found(CALLED[how], named=["8.01"], campus=NO_ENROLMENTS, who=listed()) == wanted
    assert found("a word", CALLED[how], named=["8.01"], campus=NO_ENROLMENTS, who=listed()) == wanted


def test_of_a_very_long_line_the_words_around_count() -> None:
    far = "words " * 500
    for body, is_one in ((f"{far}the class list of 8.01 {far}", True), (f"the class list {far} 8.01", False)):
        assert (found(body, named=["8.01"], campus=NO_ENROLMENTS, who=listed()) is not None) == is_one


def test_the_term_is_that_of_the_enrolments() -> None:
    assert found("class list of 8.01", named=["8.01"], who=listed()) == ClassList(FALL, called=True)


def test_of_two_subjects_it_is_the_one_that_is_called_so() -> None:
    body = "the class list of 8.01\n18.06 moves to room 5\n"
    assert found(body, named=["8.01", "18.06"], campus=NO_ENROLMENTS, who=listed()) == ClassList(
        frozenset({("8.01", "")}), called=True
    )


def test_another_number_is_not_the_subject() -> None:
    assert found("class list of 18.01", named=["8.01"], campus=NO_ENROLMENTS, who=listed()) is None


def test_two_rows_are_enough_for_what_is_called_one() -> None:
    assert found("class list of 8.01", named=["8.01"], campus=NO_ENROLMENTS, who=listed(2, rows=True)) is not None
    assert found("class list of 8.01", named=["8.01"], campus=NO_ENROLMENTS, who=listed(2)) is None


def test_my_class_list_is_that_of_the_only_subject_the_sender_staffs() -> None:
    both = Reader("f@x.example", True, assignments=(*TA.assignments, *OTHERS.assignments))
    assert found("my class list", sender=TA, campus=NO_ENROLMENTS, who=listed()) == ClassList(
        frozenset({("8.01", "")}), called=True
    )
    assert found("my class list", sender=both, campus=NO_ENROLMENTS, who=listed()) is None


def test_students_in_a_subject_are_its_list_where_that_introduces_them() -> None:
    body, away = "Students in 8.01:\nA\nB\n", "Students in 8.01 bring a pen.\n"
    names = ("1", "2")
    introduced = Listed(STUDENTS[:2], 0, (Group(1, names, frozenset(names), 0, 18),), 4)
    elsewhere = Listed(STUDENTS[:2], 0, (Group(1, names, frozenset(names), 0, 0),), 4)
    assert found(body, named=["8.01"], campus=NO_ENROLMENTS, who=introduced) is not None
    assert found(away, named=["8.01"], campus=NO_ENROLMENTS, who=elsewhere) is None


SPEAKING = {
    "the class looks like this": True,
    "who takes the course now": True,
    "Classical Mechanics": True,
    "here they are": False,
    "those of the class of 2029": False,
    "with the class year of each": False,
    "in the course of the week": False,
}


@pytest.mark.parametrize("body", SPEAKING)
def test_rows_of_students_who_share_a_subject_are_its_list_where_the_text_speaks_of_a_class(body: str) -> None:
    wanted = ClassList(FALL, in_rows=True) if SPEAKING[body] else None
    assert found(body, sender=OTHERS, who=listed(rows=True)) == wanted


@pytest.mark.parametrize(("name", "wanted"), [("Kim", ClassList(FALL)), ("Okoro", None)])
def test_of_namesakes_a_list_means_the_one_who_is_enrolled(name: str, wanted: ClassList | None) -> None:
    other, enrolled = Student("998765432", "Hana", name), Student("912340000", "Hana", "Kim")
    campus = people(*ENROLLED, *OFFERINGS, IN_CHARGE, other, enrolled, Enrolment("8.01", enrolled.id, "2026FA"), stamp=WITH)
    who = Listed((*STUDENTS[:3], other), 0, (Group(1, (), frozenset()),), 4)
    assert found("8.01", named=["8.01"], campus=campus, who=who) == wanted


SHARING = {
    "in charge to the staff": (CHARGE, TA, "shared"),
    "in charge to oneself": (CHARGE, CHARGE, "shared"),
    "staff to oneself": (TA, TA, "shared"),
    "anybody to oneself": (NOBODY, NOBODY, ""),
    "in charge to another subject's staff": (CHARGE, OTHERS, "elsewhere"),
    "in charge to last year's staff": (CHARGE, LAST_YEARS, "elsewhere"),
    "in charge to anybody": (CHARGE, NOBODY, "elsewhere"),
    "staff to staff": (TA, TA_TOO, "passed_on"),
    "staff to anybody": (TA, NOBODY, "passed_on"),
    "staff back to who is in charge": (TA, CHARGE, "shared"),
    "an office to who is in charge": (NOBODY, CHARGE, "shared"),
    "an office to staff": (NOBODY, TA, "passed_on"),
    "in charge of another term": (LAST_YEARS, TA, "passed_on"),
    "nobody known to staff": (None, TA, "passed_on"),
}


@pytest.mark.parametrize("who", SHARING)
def test_who_may_have_it_from_whom(who: str) -> None:
    sender, reader, word = SHARING[who]
    assert sharing(ClassList(FALL, called=True), sender, reader) == word


def test_prose_about_members_of_a_subject_is_no_class_list() -> None:
    assert sharing(ClassList(FALL), TA, TA_TOO) == ""
    assert sharing(ClassList(FALL, in_rows=True), TA, TA_TOO) == "passed_on"


def test_where_nobody_is_recorded_in_charge_the_instructors_are() -> None:
    row = Assignment("8.01", "g@x.example", "instructor", "2026FA")
    instructor = Reader(row.email, True, assignments=(row,))
    leaderless, led = (people(*ENROLLED, *OFFERINGS, row, *more, stamp=WITH) for more in ((), (IN_CHARGE,)))
    for campus, word in ((leaderless, "shared"), (led, "passed_on")):
        roll = found("class list of 8.01", named=["8.01"], campus=campus, who=listed())
        assert sharing(roll, instructor, TA) == word


def test_of_two_subjects_one_must_be_in_charge_of_both() -> None:
    both = ClassList(frozenset({("8.01", ""), ("18.06", "")}), called=True)
    assert sharing(both, CHARGE, TA) == "passed_on"


def test_another_use_comes_before_everything() -> None:
    assert sharing(ClassList(FALL, called=True, other_use=True), CHARGE, TA) == "other_use"


def test_without_a_class_list_there_is_no_word() -> None:
    assert sharing(None, CHARGE, TA) == ""
