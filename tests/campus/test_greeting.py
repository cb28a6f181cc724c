"""Whom a letter greets: one name, in the usual forms and languages, and who answers to it."""

from __future__ import annotations

import pytest

from dlp.campus.greeting import UNKNOWN, answers, each_spoken_to, greeted, is_on_file, spoken_to
from dlp.campus.people import Context
from dlp.campus.records import Staff, Student
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.values import Texts
from tests.campus.people import people

HANA = Student("912345678", "Hana", "Kim", preferred_names=("Haneul",), email="h.kim@campus.example")
ALEX = Student("912345679", "Alexander", "van der Berg", email="a.berg@campus.example")
CAMPUS = people(HANA, ALEX, Staff("t.ames@campus.example", given_name="Theo", family_name="Ames"))


def letter(text: str) -> Texts:
    return read(f"Subject: Your question\n\n{text}\nyour grade is a B+.\n".encode(), Limits())


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Dear Hana,", ("hana",)),
        ("Dear Ms. Hana Kim,", ("hana", "kim")),
        ("Dear Kim, Hana,", ("kim", "hana")),
        ("Hi Hana - your grade", ("hana",)),
        ("HELLO HANA!", ("hana",)),
        ("\n\n  Dear Hana, your balance is 5", ("hana",)),
        ("Liebe Hana,", ("hana",)),
        ("Sehr geehrte Frau Müller,", ("muller",)),
        ("Dear J. Kim,", ("kim",)),
        ("Dear Alex van der Berg:", ("alex", "berg")),
        ("Your account\nDear Hana,", ("hana",)),
    ],
)
def test_the_name_is_read(line: str, name: tuple[str, ...]) -> None:
    assert greeted(letter(line)) == name


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Dear all,",
            "Hi Team,",
            "Hello,",
            "Dear Hana and Ben,",
            "Dear Professor Kim,",
            "Dear Student 912345678,",
            "hi hana,",
        ),
        *(
            "Dear Physics majors,",
            "Dear Sir,",
            "My dear Hana,",
            "Hana said hello to Ben Okoro,",
            "No greeting at all",
            "Dear Dean,",
        ),
        "\n" * 14 + "Dear Hana,",
    ],
)
def test_a_greeting_of_nobody_of_several_or_further_down_says_nothing(line: str) -> None:
    assert greeted(letter(line)) == ()


@pytest.mark.parametrize("name", [("hana",), ("kim",), ("haneul",), ("hana", "kim"), ("kim", "hana")])
def test_given_preferred_and_family_names_answer(name: tuple[str, ...]) -> None:
    assert answers(name, HANA)


@pytest.mark.parametrize("name", [("alex",), ("sasha",), ("alexander",), ("alex", "berg"), ("berg",)])
def test_so_does_a_short_form(name: tuple[str, ...]) -> None:
    assert answers(name, ALEX)


@pytest.mark.parametrize("name", [("ben",), ("hanna",), ("ben", "kim"), ("hana", "park")])
def test_another_name_does_not(name: tuple[str, ...]) -> None:
    assert not answers(name, HANA)


def test_a_name_beside_the_address_counts_where_it_is_the_person_s_by_another_word() -> None:
    assert answers(("kevin",), HANA, ["Kevin Kim"])
    assert not answers(("kevin",), HANA, ["Kevin Park"])
    assert not answers(("kevin",), HANA, ["Kevin"])


@pytest.mark.parametrize("name", [("hana",), ("kim",), ("alex",), ("theo",), ("hana", "kim")])
def test_a_name_is_on_file_when_anybody_bears_it(name: tuple[str, ...]) -> None:
    assert is_on_file(name, CAMPUS)


@pytest.mark.parametrize("name", [("kevin",), ("hana", "berg"), ("physics",)])
def test_another_is_not(name: tuple[str, ...]) -> None:
    assert not is_on_file(name, CAMPUS)


@pytest.mark.parametrize(
    ("line", "recipients", "reader"),
    [
        ("You may come on Friday.", ("h.kim@campus.example", "t.ames@campus.example"), "912345678"),
        ("Hi there,", ("h.kim@campus.example",), "912345678"),
        ("You may come on Friday.", ("h.kim@campus.example", "a.berg@campus.example"), None),
        ("You may come on Friday.", ("t.ames@campus.example",), None),
        ("Dear Professor,", ("h.kim@campus.example",), None),
        ("Dear Alexander,", ("h.kim@campus.example",), UNKNOWN),
        ("Dear Alexander,", ("t.ames@campus.example",), None),
    ],
)
def test_you_is_the_only_student_a_letter_goes_to(line: str, recipients: tuple[str, ...], reader: str | None) -> None:
    envelope = Context("t.ames@campus.example", recipients)
    assert spoken_to(letter(line), envelope, (), CAMPUS, str) == reader


@pytest.mark.parametrize(
    ("recipients", "readers"),
    [
        (("h.kim@campus.example", "a.berg@campus.example", "t.ames@campus.example"), {"912345678", "912345679"}),
        (("h.kim@campus.example", "t.ames@campus.example"), set()),
    ],
)
def test_each_of_you_are_the_students_of_a_letter_to_more_than_one(recipients: tuple[str, ...], readers: set[str]) -> None:
    assert set(each_spoken_to(Context("t.ames@campus.example", recipients), (), CAMPUS, str)) == readers


@pytest.mark.parametrize(("students", "readers"), [(4, 4), (5, 0)])
def test_each_of_a_class_is_not_looked_for(students: int, readers: int) -> None:
    everybody = [Student(str(each), "Ann", "Other", email=f"{each}@campus.example") for each in range(students)]
    envelope = Context("t.ames@campus.example", tuple(f"{each}@campus.example" for each in range(students)))
    assert len(each_spoken_to(envelope, (), people(*everybody), str)) == readers
