"""Tricks change how a letter is written or packed, not what it tells; ordinary mail is counted, not copied."""

from __future__ import annotations

import re
import unicodedata
from random import Random

import pytest

from dlp.values import Action
from tests.accuracy.ham import Found, posters, readdressed, sections
from tests.accuracy.names import Name
from tests.accuracy.report import as_text
from tests.accuracy.tricks import PAGES, PLAIN, Plain, opened, page
from tests.accuracy.world import Person
from tests.evasion.oracle import read_as_the_filter

SOREN = Person(Name("Søren", "Lindqvist", she=False, culture="nordic-german"), "slindqvist@campus.example", id="912345678")
RAW = (
    "From: Kim Moss <k.moss@campus.example>\r\nTo: Pat Lane <p.lane@freemail.example>\r\nSubject: Exam, Søren Lindqvist\r\n"
    "Date: Mon, 05 Oct 2026 09:58:00 -0400\r\nMessage-ID: <a@campus.example>\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    "Dear Pat,\r\n\r\nSøren Lindqvist (student ID 912345678) did not pass the exam and will not be able to go on this year.\r\n"
    '--b\r\nContent-Type: text/csv; charset=utf-8\r\nContent-Disposition: attachment; filename="list.csv"\r\n\r\n'
    "Name,Student ID\r\nSøren Lindqvist,912345678\r\n--b--\r\n"
).encode()
SPELT_OTHERWISE = {"all capitals", "names without marks", "names in the other ASCII habit", "Cyrillic look-alikes"} | {
    "family name first", "family name, comma", "a letter of a long family name wrong", "UTF-8 called ISO 8859-1",
}  # fmt: skip


def letter() -> Plain:
    made = opened(RAW, [SOREN, Person(Name("Ann", "Other", she=True, culture="english"), "a@campus.example", id="987654321")])
    assert made is not None
    return made


def test_a_letter_is_opened_with_the_people_in_it():
    assert letter().people == (SOREN,)
    assert letter().text.startswith("Dear Pat,\n\nSøren")
    assert letter().files[0].rows == [["Name", "Student ID"], ["Søren Lindqvist", "912345678"]]


@pytest.mark.parametrize("name", [*PLAIN, *PAGES])
def test_a_trick_changes_the_message_and_the_reader_still_sees_the_name(name):
    trick, untouched = (PLAIN[name], letter().mail()) if name in PLAIN else (PAGES[name], page(letter()))
    made = trick(letter(), Random("1"))
    assert made is not None
    assert made != untouched
    texts = read_as_the_filter(made)
    assert not texts.ambiguities
    seen = " ".join("\n".join(view.text for view in texts.views if not view.label.startswith("subject")).split())
    assert ("Søren Lindqvist" in seen) or name in SPELT_OTHERWISE
    assert "912345678" in re.sub(r"\D", "", unicodedata.normalize("NFKC", seen)) or name == "O for 0, l for 1"


def test_a_trick_that_finds_nothing_to_do_makes_no_message():
    bare = opened(RAW, [])
    assert bare is not None
    assert PLAIN["ID with dots"](bare, Random("1")) is None
    assert PLAIN["family name first"](bare, Random("1")) is None


def test_mail_is_readdressed_and_its_writers_are_known():
    raw = (
        b"Received: from mx\r\n\tby mx.example\r\nFrom: Ada M. Writer <a@list.example>\r\nTo: all@list.example\r\n"
        b"Subject: Tea\r\n\r\nTo: nobody\r\n"
    )
    made = readdressed(raw, SOREN)
    assert made.startswith(b'From: "Sren Lindqvist" <slindqvist@campus.example>\nTo: <somebody@elsewhere.example>\n')
    assert made.endswith(b"Subject: Tea\r\n\nTo: nobody\r\n")
    assert b"a@list.example" not in made
    assert [(each.name.given, each.name.family) for each in posters([raw, raw, b"From: list@x.example\n\n"])] == [
        ("Ada", "Writer")
    ]


def test_what_ordinary_mail_is_stopped_for_is_counted():
    results = [Found("a", Action.HOLD, ("O1, x",), ("grades, y",)), Found("b", Action.HOLD, ("T7, unscannable:image",), ())]
    results += [Found("c", Action.PASS, (), ())] * 998
    said = "\n".join(as_text("some", sections("strangers", results)))
    assert "| held | 20.0 (5.5 to 72.6) | 2 of 1000 | at most 5 | no |" in said
    assert "| held for what it says of people | 10.0 (1.8 to 56.4) | 1 of 1000 |" in said
    assert "| grades, y | 10.0 (1.8 to 56.4) | 1 |" in said
