"""The keys under which people are found: one spelling for many, halves and wholes, nicknames, and no endless lists."""

from __future__ import annotations

import pytest

from dlp.campus import names
from dlp.campus.folding import folded_name
from dlp.campus.names import MOST_KEYS, given_and_family, keys_of
from dlp.campus.records import Staff, Student

ONE_SPELLING = (
    "Müller Mueller Muller MÜLLER",
    "Søren Soeren Soren",
    "Åberg Aaberg Aberg",
    "Łukasz Lukasz",
    "Núñez Nunez",
    "Groß Gross",
    "Đặng Dang",
    "O'Brien O\u2019Brien OBrien O`Brien",
    "MacDonald McDonald Macdonald",
    "Œuvrard Oeuvrard",
    "Þóra Thora",
    "İpek Ipek",
    "Алёна Алена",
    "Γιάννης ΓΙΑΝΝΗΣ",
    "أحمد احمد",
)


@pytest.mark.parametrize("spellings", ONE_SPELLING)
def test_spellings_of_one_name_are_one(spellings):
    assert len(set(map(folded_name, spellings.split()))) == 1


@pytest.mark.parametrize("pair", ["Kim Kin", "Mori Moro", "Lane Lang", "Ahmed Ahmad", "花子 華子"])
def test_other_names_stay_apart(pair):
    assert len(set(map(folded_name, pair.split()))) == 2


def test_a_plain_name_has_a_key_for_each_way_to_write_it_and_a_student_the_end_of_the_id():
    expected = {"hana kim", "h. kim", "hana k.", "hana *", "kim *"}
    of_a_student = {*expected, "#5678"}
    assert keys_of(Student("912345678", "Hana", "Kim")) == keys_of(Student("912-345-678", "HANA", "kim ")) == of_a_student
    assert keys_of(Staff("h@campus.example", full_name="Kim, Hana")) == expected


@pytest.mark.parametrize("name", ["Hana Kim", "Bill MacDonald", "Aoee Baoee", "Elizabeth De", "Dr Kim", "Jo Prof"])
def test_a_plain_name_has_the_words_it_would_have_as_any_other(name, monkeypatch):
    person = Student("912345678", *name.split())
    plain = given_and_family(person)
    monkeypatch.setattr(names, "_plain_words", lambda person: None)
    assert plain == given_and_family(person)


def test_a_nickname_leads_to_its_full_name_and_back():
    assert "miles robert" in keys_of(Student("1", "Bob", "Miles")) & keys_of(Student("1", "Robert", "Miles"))
    assert "miles robert" in keys_of(Student("1", "Xu", "Miles", preferred_names=("Bob",)))


def test_titles_and_suffixes_are_no_part_of_a_name():
    assert keys_of(Staff("h@campus.example", full_name="Dr. Hana Kim III, Ph.D.")) >= {"hana kim", "h. kim"}


def test_somebody_without_a_name_has_no_key_of_one():
    assert keys_of(Staff("office@campus.example")) == frozenset()
    assert keys_of(Student("1", "-", ".")) == {"#1"}


def test_a_cell_full_of_words_makes_no_endless_list():
    filled = " ".join(f"word{letter}" for letter in "abcdefghij")
    assert len(keys_of(Student("1", filled, filled, filled, (filled, filled[::-1])))) <= MOST_KEYS
