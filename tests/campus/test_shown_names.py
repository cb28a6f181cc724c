"""Who is spoken to by a first name is who has it in To or Cc, and no student of that name; "I'd" is nobody's initials."""

from __future__ import annotations

import time

import pytest

from dlp.campus.identity import identify_people
from dlp.campus.mentions import Form, Mention
from dlp.campus.people import Context
from dlp.campus.records import Advising, Student
from dlp.campus.shown_names import meant_by_one_word, shown_names, speaks_to_one
from dlp.statements.called import with_called
from dlp.values import Channel, HeaderField, Span, Texts, View
from tests.campus.people import people

LEANDRO = Student("912345678", "Leandro", "Soto", email="l.soto@campus.example")
ILSE = Student("912345679", "Ilse", "Dahlfeldt", email="i.dahlfeldt@campus.example")
CAMPUS = people(LEANDRO, ILSE, *(Advising("a.lind@campus.example", one.id, "advisor") for one in (LEANDRO, ILSE)))
MET = {
    "greeted, and shown with another last name": ("Leandro Vega <l@x.example>", "Leandro: your pump failed.", set()),
    "greeted with a word, and so shown": ("Leandro Vega <l@x.example>", "Dear Leandro,\n\nit failed.", set()),
    "greeted, and shown so": ("Leandro Soto <l@x.example>", "Leandro: one failed.", {LEANDRO.id}),
    "a label": ("Leandro Vega <l@x.example>", "Leandro: failed.", {LEANDRO.id}),
    "a label behind which nobody is spoken to": ("Leandro Vega <l@x.example>", "Leandro: cheating, GPA 1.9.", {LEANDRO.id}),
    "a label with a dash": ("Leandro Vega <l@x.example>", "Leandro - probation again.", {LEANDRO.id}),
    "greeted, and shown with a number": ("Leandro (8.01) <l@x.example>", "Leandro, it failed.", {LEANDRO.id}),
    "greeted, and shown with a small word": ('"Leandro mechanics" <l@x.example>', "Leandro, it failed.", {LEANDRO.id}),
    "greeted, and shown with the maker of the mail": ("Leandro Yahoo <l@x.example>", "Leandro, it failed.", {LEANDRO.id}),
    "greeted, and shown with an initial of the last name": ("Leandro S. <l@x.example>", "Leandro: one failed.", {LEANDRO.id}),
    "greeted, and shown with a word": ("Leandro Personal <l@x.example>", "Leandro: one failed.", {LEANDRO.id}),
    "greeted, whose parents it goes to": ("Parents of Leandro <l@x.example>", "Leandro: one failed.", {LEANDRO.id}),
    "greeted, and shown by the first name": ("Leandro <l@x.example>", "Leandro: one failed.", {LEANDRO.id}),
    "named, beside another of that name": ("Leandro Vega <l@x.example>", "I saw Leandro: he failed.", {LEANDRO.id}),
    "initials": ("x@x.example", "It was I.D. who failed.", {ILSE.id}),
    "what one would": ("x@x.example", "So I'd meant to say.", set()),
}


@pytest.mark.parametrize("case", MET)
def test_a_first_name_means(case):
    to, text, expected = MET[case]
    texts = Texts((HeaderField("To", 1, Span(0, 0), to),), (), (View(Channel.TEXT, "1", "part 1", text),))
    envelope = Context("a.lind@campus.example", ("l@x.example",))
    found = with_called(texts, identify_people(texts, (), CAMPUS, str, envelope), lambda *_, **__: True, CAMPUS, str, envelope)
    shown = {one.record.id for one in found.identified if one.record and one.findings}
    assert shown == expected


@pytest.mark.parametrize(
    ("text", "meant"), [("Leandro: your pump failed.", False), ("I'd say", False), ("So Leandro came", True)]
)
def test_one_word_means_those_near_but_for(text, meant):
    start = text.find("Leandro") if "Leandro" in text else 0
    texts = Texts((HeaderField("To", 1, Span(0, 0), "Leandro Vega <l@x.example>"),), (), (View(Channel.TEXT, "1", "", text),))
    mention = Mention(start, start + 7, Form.SINGLE, (), ("leandro",))
    assert meant_by_one_word(shown_names(texts), text, mention, [LEANDRO]) == ((LEANDRO,) if meant else ())


def test_many_names_in_one_line_are_read_at_once():
    line = f"{'Hana':25}" * 8_000
    start = time.process_time()
    assert not any(speaks_to_one(line, at, at + 4) for at in range(0, len(line), 25))
    assert time.process_time() - start < 2  # quadratic would be a minute


def test_a_line_that_speaks_of_her_speaks_to_nobody():
    assert speaks_to_one("Hana: your pump failed.", 0, 4)
    assert not speaks_to_one("Hana: I saw her.", 0, 4)
