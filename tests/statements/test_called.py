"""One name in a sentence that tells something: whom it means, given who writes to whom."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.campus.identity import identify_people
from dlp.campus.people import Context, People, Strength
from dlp.campus.records import Advising, Assignment, Enrolment, Staff, Student
from dlp.statements.called import with_called
from dlp.statements.candidate import Candidate
from dlp.values import Channel, Finding, HeaderField, Span, Texts, View
from tests.campus.people import people

KONSTANTIN = Student("912345678", "Konstantin", "Okobola", email="k.okobola@campus.example")
OTHER = Student("912345679", "Konstantin", "Brandt", email="k.brandt@campus.example")
TWO = (Student("912345680", "Ana", "Rivera"), Student("912345681", "Ben", "Rivera"))
ROSA = Student("912345682", "Rosa", "Guti\u00e9rrez-Lara")
FRANK = Student("912345683", "Frank", "Sommer")
APRIL = Student("912345684", "April", "Sommer")
MEERA = Student("912345685", "Meera", "Subramanian")
THEO = Staff("t.ames@campus.example", given_name="Theo", family_name="Ames")
TEACHES = Context("t.ames@campus.example", ("hr@acme.example",))
TO_NOBODY = Context("x@campus.example", ("hr@acme.example",))
TO_STAFF = Context("t.ames@campus.example", ("t.ames@campus.example",))
ADVISED = ("912345679", "912345682", "912345683", "912345684")
CAMPUS = people(
    KONSTANTIN, OTHER, *TWO, ROSA, FRANK, APRIL, MEERA, THEO,
    *(Advising("t.ames@campus.example", student, "advisor") for student in ADVISED),
    Assignment("8.01", "b.lane@campus.example", "ta"),
    *(Enrolment("8.01", student) for student in ("912345678", "912345680", "912345681")),
)  # fmt: skip
MEANT = {
    "an advisee by the first name": ("Konstantin failed.", TEACHES, {"912345679": Strength.STRONG}),
    "an advisee by the family name": ("It was Brandt who failed.", TEACHES, {"912345679": Strength.STRONG}),
    "an advisee by a double name": ("Guti\u00e9rrez-Lara failed.", TEACHES, {"912345682": Strength.STRONG}),
    "what is an advisee's": ("Brandt's exam failed.", TEACHES, {"912345679": Strength.STRONG}),
    "a student of the class": ("Okobola failed.", Context("b.lane@campus.example"), {"912345678": Strength.STRONG}),
    "one of two of that name in the class": ("Rivera failed.", Context("b.lane@campus.example"), {}),
    "to who advises": (
        "Konstantin failed.",
        Context("x@campus.example", ("t.ames@campus.example",)),
        {"912345679": Strength.STRONG},
    ),
    "a first name one student of the campus has": ("So Meera failed.", TEACHES, {"912345685": Strength.STRONG}),
    "a first name one student of the campus has, of a relative": ("My brother Meera failed.", TEACHES, {}),
    "a first name one student of the campus has, of an animal": ("Our old dog Meera failed. So Meera failed.", TEACHES, {}),
    "a first name one student of the campus has, of a tradesman": ("So Meera, our plumber, failed.", TEACHES, {}),
    "a first name one student of the campus has, of a firm": ("So Meera from Acme failed.", TEACHES, {}),
    "a first name one student of the campus has, of an advisee": (
        "Then it was Meera, my student, who failed.",
        TEACHES,
        {"912345685": Strength.STRONG},
    ),
    "a last name one student of the campus has": ("So Subramanian failed.", TEACHES, {"912345685": Strength.WEAK}),
    "a first name two students have": (
        "So Konstantin failed.",
        Context("b.lane@campus.example"),
        {"912345678": Strength.STRONG},
    ),
    "a last name two students have": ("So Rivera failed.", TEACHES, {}),
    "a first name one student has, from nobody of the staff": ("So Meera failed.", TO_NOBODY, {}),
    "a first name one student has, with a title": ("So Ms. Meera failed.", TEACHES, {}),
    "a first name one student has, greeted": ("Dear Meera,\n\nthe pump failed.", TEACHES, {}),
    "a first name one student has, before another's last name": ("Meera Carlsen came. So Meera failed.", TEACHES, {}),
    "an ordinary word in the midst of a sentence": ("I hear Frank failed.", TEACHES, {"912345683": Strength.STRONG}),
    "an ordinary word that begins one": ("Frank words failed.", TEACHES, {}),
    "an ordinary word that begins one, before a verb": ("Frank failed.", TEACHES, {"912345683": Strength.STRONG}),
    "an ordinary word that begins one, as somebody's": ("Frank's exam failed.", TEACHES, {"912345683": Strength.STRONG}),
    "an ordinary word behind an adjective": ("Poor Frank failed.", TEACHES, {"912345683": Strength.STRONG}),
    "an ordinary word behind a first name": ("Maria Frank failed. Then Frank failed.", TEACHES, {}),
    "an ordinary word behind an article": ("The Frank failed.", TEACHES, {}),
    "an ordinary word in somebody's name": ("Frank Carlsen came. Then Frank failed.", TEACHES, {}),
    "an ordinary word in lower case": ("It was a frank talk, it failed.", TEACHES, {}),
    "an ordinary word, of one student of the campus": (
        "I hear Frank failed.",
        replace(TEACHES, sender="b.lane@campus.example"),
        {},
    ),
    "a month": ("The pump of April failed, and in April it failed.", TEACHES, {}),
    "a month without a verb": ("So around April it failed.", TEACHES, {}),
    "a month that has done what people do": ("So April failed.", TEACHES, {"912345684": Strength.STRONG}),
    "in a row of a list": ("Konstantin\nfailed\nall of it\n", TEACHES, {}),
    "where nothing is told": ("Konstantin sang.", TEACHES, {}),
    "in no file": ("Xanthippe failed.", TEACHES, {}),
    "an employee": ("Theo failed.", TEACHES, {}),
    "to somebody else the same name is nobody's": ("Konstantin failed.", Context("x@campus.example"), {}),
    "initials": ("K.B. failed, K. O. did not.", TEACHES, {"912345679": Strength.WEAK}),
    "initials without stops, which may be anything": ("It is KB who failed.", TEACHES, {}),
    "initials of several": ("It is A.R. who failed.", Context("x@campus.example"), {}),
    "a name in lower case": ("well konstantin brandt failed.", TEACHES, {"912345679": Strength.STRONG}),
    "words in lower case that are not one's name": ("well konstantin okobola failed.", TEACHES, {}),
    "words in lower case that a comma parts": ("well konstantin, brandt failed.", TEACHES, {}),
    "the first name of another, named in full before": ("Konstantin Carlsen came. I hear Konstantin failed.", TEACHES, {}),
    "far into a sentence without an end": ("so " * 300 + "Konstantin failed.", TEACHES, {}),
    "in a row between bars": ("| Konstantin | failed | all of it |", TEACHES, {}),
    "in a row of columns": ("Konstantin   failed   all of it", TEACHES, {}),
    "a name broken over lines in lower case": ("well konstantin\nbrandt failed.", TEACHES, {"912345679": Strength.STRONG}),
    "greeted, to an address in no file": ("Hi Konstantin,\n\nyou failed.", TEACHES, {"912345679": Strength.STRONG}),
    "greeted, where nothing is told": ("Hi Konstantin,\n\nyou sang, and it failed.\n", TO_STAFF, {}),
    "greeted, to two": ("Hi Konstantin,\n\nyou failed.", replace(TEACHES, recipients=("a@b.example", "c@d.example")), {}),
    "greeted, to staff": ("Hi Konstantin,\n\nyou failed.", TO_STAFF, {}),
    "in the name of somebody else": ("Suresh Brandt failed. Brandt Ltd failed.", TEACHES, {}),
    "behind a word that begins a sentence": ("When Brandt failed.", TEACHES, {"912345679": Strength.STRONG}),
    "behind an adverb": ("Yesterday Brandt failed.", TEACHES, {"912345679": Strength.STRONG}),
    "behind another adverb": ("Sadly Konstantin failed.", TEACHES, {"912345679": Strength.STRONG}),
    "who goes on as he": ("Konstantin came. Then he failed.", TEACHES, {"912345679": Strength.STRONG}),
    "who goes on, but behind another's name": ("Konstantin came. So did Rita. Then he failed.", TEACHES, {}),
    "who goes on, far behind": ("Konstantin came. It rained. It snowed. Then he failed.", TEACHES, {}),
    "a last name with a title, of one student": ("So Mr. Okobola failed.", TO_NOBODY, {"912345678": Strength.WEAK}),
    "a last name behind what ends like a title": ("So AMr Okobola failed.", TO_NOBODY, {}),
    "a title before another's whole name": ("So Mr. Okobola Carlsen failed.", TO_NOBODY, {}),
    "a last name with a title, of two": ("So Ms. Rivera failed.", TO_NOBODY, {}),
    "a last name with a title, of an employee": ("So Mr. Ames failed.", TO_NOBODY, {}),
    "a last name with a title, greeted": ("Dear Mr. Okobola,\nthe pump failed.", TO_NOBODY, {}),
    "a child, greeted by the family name": (
        "Dear Mrs. Brandt,\n\nyour son Konstantin failed.",
        TO_NOBODY,
        {"912345679": Strength.STRONG},
    ),
    "a child of another family": ("Dear Mrs. Ames,\n\nyour son Konstantin failed.", TO_NOBODY, {}),
    "behind another's initial": ("Q. Okobola failed.", Context("x@campus.example"), {}),
}


def telling(each: Candidate, *, near: bool = True) -> bool:
    return "failed" in each.words


@pytest.mark.parametrize("case", MEANT)
def test_one_name_means(case):
    text, envelope, expected = MEANT[case]
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    known = identify_people(texts, (), CAMPUS, str, Context())
    found = with_called(texts, known, telling, CAMPUS, str, envelope, ("poor", "maria").__contains__)
    assert {one.record.id: one.strength for one in found.identified if isinstance(one.record, Student)} == expected


@pytest.mark.parametrize(("written_by", "found"), [("Meera Carlsen", 0), ("Theo Ames", 1)])
def test_who_writes_is_no_student_of_that_first_name(written_by: str, found: int) -> None:
    sender = HeaderField("From", 1, Span(0, 0), f"{written_by} <t.ames@campus.example>")
    texts = Texts((sender,), (), (View(Channel.TEXT, "1", "part 1", "So Meera failed."),))
    assert len(with_called(texts, People(()), telling, CAMPUS, str, TEACHES).identified) == found


def test_of_somebody_near_nobody_a_sentence_must_tell_more_surely() -> None:
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", "So Meera failed. So Brandt failed."),))
    found = with_called(texts, People(()), lambda _, near=True: near, CAMPUS, str, TEACHES)
    assert [one.record for one in found.identified] == [OTHER]


PIECES = [
    *("Konstantin", "Brandt", "Konstantn", "konstantin", "brandt", "K", "B", "The", "it", "2", "Konstantin-Brandt", "'s"),
    *(" ", "  ", "\n", ".", ". ", "@", "/", "-", "_", ", ", "|", " failed. "),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=9))
def test_what_is_found_depends_on_no_letter_elsewhere(pieces: list[str]) -> None:
    text = f"{''.join(pieces)} failed.\n\n"
    plain, other = (found(each, TEACHES) for each in (text, text + "\u00c9t\u00e9."))
    assert [(one.start, one.end, one.pattern) for one in plain] == [(one.start, one.end, one.pattern) for one in other]


def found(text: str, context: Context) -> tuple[Finding, ...]:
    nobody = People(())
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    return with_called(texts, nobody, telling, CAMPUS, str, context).findings


@pytest.mark.parametrize(
    ("subject", "text"), [("x", "Xyz Brandt, " * 16_000), ("Brandt, " * 400 + "lunch", "So it was said. " * 1_000)]
)
def test_what_somebody_writes_to_cost_us_time_costs_little(subject, text):
    """Both took more than the bound when they grew with the square of what is written."""
    views = (View(Channel.HEADERS, "", "subject line", subject), View(Channel.TEXT, "1", "part 1", text))
    began = time.process_time()
    with_called(Texts((), (), views), People(()), lambda *_, **__: False, CAMPUS, str, TEACHES)
    assert time.process_time() - began < 10
