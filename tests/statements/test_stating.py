"""Sentences to findings about the people they name: who is meant, how far on, and what is not looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlp.campus.greeting import UNKNOWN
from dlp.campus.identity import identify_people
from dlp.campus.labelled import Labelled
from dlp.campus.own_fields import with_studies
from dlp.campus.people import Context, Strength
from dlp.campus.records import Staff, Student
from dlp.policy.worth import WEIGHED
from dlp.statements import candidates, stating
from dlp.statements.overruling import CERTAIN
from dlp.statements.stating import To, with_statements
from dlp.statements.weights import Weights, lanes
from dlp.values import Channel, Finding, Role, Texts, View
from tests.campus.people import people

HANA = Student("912345678", "Hana", "Kim", email="h.kim@campus.example")
BEN = Student("912345679", "Ben", "Okoro", email="b.okoro@campus.example")
WORDS = Student("912345680", "Will", "Hall", email="w.hall@campus.example")
KIM = Student("912345681", "Kim", "Okoro", email="k.okoro@campus.example")
THEO = Staff("t.ames@campus.example", given_name="Theo", family_name="Ames")
MAY = Staff("m.price@campus.example", given_name="May", family_name="Price")
CAMPUS = people(HANA, BEN, WORDS, KIM, THEO, MAY)
WEIGHTS = Weights(
    {"w failed": 9_000, "w earns": 9_000},
    -4.0,
    ("grades", "salary"),
    {"w failed": lanes((500, 0)), "w earns": lanes((0, 500))},
    0.4,
    -2.0,
    "",
)
SAID = {
    "in the sentence that names somebody": ("Hana Kim failed the exam.", [("912345678", "grades", 1)]),
    "of who was suspended by who says so": ("I had to suspend Hana Kim.", [("912345678", "grades", 1)]),
    "in the next one": ("I met Hana Kim.\n\nShe failed.", [("912345678", "grades", 3)]),
    "of two in one sentence": ("Hana Kim and Ben Okoro failed.", [("912345678", "grades", 1), ("912345679", "grades", 1)]),
    "of whoever was named last": ("Hana Kim came. Ben Okoro did not. He failed.", [("912345679", "grades", 1)]),
    "far on, of the only student": ("Hana Kim came. " + "It was so. " * 4 + "She failed.", [("912345678", "grades", 1)]),
    "too far on, of one of two": ("Ben Okoro and Hana Kim came. " + "It was so. " * 4 + "She failed.", []),
    "before the only student there is": ("She failed. Hana Kim, that is.", [("912345678", "grades", 1)]),
    "far from the only student, with hardly a word": ("Hana Kim came. " + "It was so. " * 5 + "F, failed 8.01.", []),
    "in a line that says who wrote": ("Hana Kim came. " + "It was so. " * 5 + "After he failed, Ann Other wrote:", []),
    "before one of two": ("He failed. Hana Kim and Ben Okoro came.", []),
    "of who is named, not of an employee": ("Hana Kim came. Theo Ames says she failed.", [("912345678", "grades", 1)]),
    "of an employee's work": ("Hana Kim came. Theo Ames failed.", []),
    "of nobody": ("Somebody failed.", []),
    "to who is greeted": ("Dear Hana Kim,\n\nyou failed.", [("912345678", "grades", 3)]),
    "of an employee, what only an employee has": ("Theo Ames earns much.", [("t.ames@campus.example", "salary", 1)]),
    "of an employee called by ordinary words": ("May Price earns much.", [("m.price@campus.example", "salary", 1)]),
    "of an employee, what a student has": ("Theo Ames failed.", []),
    "of a student, what an employee has": ("Hana Kim earns much.", []),
    "in a signature": ("Hana Kim came.\n-- \nHana Kim failed", []),
    "in a long text": ("Hana Kim failed. " + "It was a long day. " * 80, [("912345678", "grades", 1)]),
    "among what prints in bytes nobody can read": ("Hana Kim failed.\n\n" + "xK4_}pq9Zr\n" * 200, []),
    "at a comma that parts two": ("Thanks Kim, Hana failed.", []),
    "of one student, who is none that is named": ("One student failed. Hana Kim brings the slides.", []),
    "of one student, behind somebody's name": ("Hana Kim is one student who failed.", [("912345678", "grades", 1)]),
    "of her, behind one student": ("Hana Kim came. " + "It was so. " * 4 + "One student came late. She failed.", []),
    "of her, behind what is hard for a student": (
        "Hana Kim came. For a student that is hard. She failed.",
        [("912345678", "grades", 1)],
    ),
    "of her, behind what is done to a student": (
        "Hana Kim came. There is no better way to help a student. She failed.",
        [("912345678", "grades", 1)],
    ),
    "of the reader, on a condition": ("Hana Kim came. If you failed the exam, call me.", []),
    "of everybody, compared with her": ("I met Hana Kim. Nobody failed worse.", [("912345678", "grades", 1)]),
    "of each of two who are greeted": (
        "Dear Hana Kim and Ben Okoro,\n\nboth of you failed the exam.",
        [(UNKNOWN, "grades", 3)],
    ),
    "of two who are greeted, together": ("Dear Hana Kim and Ben Okoro,\n\nyou failed.", []),
    "of the work of two who are greeted": ("Dear Hana Kim and Ben Okoro,\n\nyou two failed the project.", []),
    "to who is greeted above a quotation in which another is": (
        "Dear Hana Kim,\n\nyou failed.\n\n> Dear Ben Okoro,\n> I came.\n",
        [("912345678", "grades", 3)],
    ),
    "to who is greeted in a quotation": (
        "Dear Hana Kim,\n\nwe came.\n\n> Dear Ben Okoro,\n> you failed.\n",
        [("912345679", "grades", 5)],
    ),
    "of who is named by an initial": ("Yesterday H. Kim failed.", [("912345678", "grades", 1)]),
    "of everybody, behind a question": ("Hana Kim came. Who else? Everybody failed.", []),
    "in a row of a table": ("Hana Kim\tfailed\tall", []),
}


def looked_at(text: str, weights: Weights = WEIGHTS, view: View | None = None) -> Labelled:
    texts = Texts((), (), (view or View(Channel.TEXT, "1", "part 1", text),))
    found = identify_people(texts, (), CAMPUS, str, Context())
    return with_statements(texts, Labelled(found), weights, 0.7)


def said(told: Labelled) -> list[tuple[str, str, int]]:
    found = [(at, each) for at, each in enumerate(told.people.findings) if each.detector == WEIGHED]
    assert all(told.about[at] == each.digest for at, each in found)
    return [(each.digest, each.kind, int(each.where.removeprefix("part 1, line "))) for _, each in found]


@pytest.mark.parametrize("case", SAID)
def test_a_sentence_tells_something(case):
    text, expected = SAID[case]
    assert said(looked_at(text)) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [("Hello both,\n\neach of you failed.", {"912345678", "912345679"}), ("Hello both,\n\nyou failed.", set())],
)
def test_each_of_you_means_every_student_a_letter_goes_to(text: str, told: set[str]) -> None:
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    found = identify_people(texts, (), CAMPUS, str, Context(recipients=(HANA.email, BEN.email)))
    to = To(each=(HANA.id, BEN.id))
    assert {who for who, _, _ in said(with_statements(texts, Labelled(found), WEIGHTS, 0.7, to))} == told


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("Hana Kim failed.", True),
        ("Dear Hana Kim,\n\n" + "It was so. " * 5 + "You failed.", True),
        ("Hana Kim came. She failed.", True),
        ("Hana Kim came. " + "It was so. " * 5 + "So it was she who failed.", False),
        ("She failed, as it is. Hana Kim, that is.", False),
        ("Subject: Hana Kim failed.", False),
    ],
)
def test_far_from_any_name_a_sentence_must_be_surer(text, tells):
    unsure = replace(WEIGHTS, scale=0.25, shift=-2.5)
    assert bool(said(looked_at(text, unsure))) is tells


@pytest.mark.parametrize(
    ("kind", "where", "tells"),
    [
        ("directory:major", 0, False),  # a field in the sentence
        ("directory:major", 17, True),  # in another
        ("recommendation", 17, False),  # anywhere: praise reads much like a record
        ("grades", 17, True),
    ],
)
def test_beside_fields_and_in_praise_a_sentence_must_be_surer(kind, where, tells):
    text = "Hana Kim failed. She reads physics."
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    found = identify_people(texts, (), CAMPUS, str, Context())
    beside = Finding(kind, "pattern", "", Role.STATES, "part 1, line 1", 0, where, where + 3, 0.9, "", "")
    told = Labelled(replace(found, findings=(*found.findings, beside)))
    assert bool(said(with_statements(texts, told, replace(WEIGHTS, scale=0.15, shift=-2.6), 0.7))) is tells


def test_what_cannot_be_mended_is_surer_from_the_same_words():
    found = [looked_at("Hana Kim failed.", replace(WEIGHTS, names=(kind, "salary"))) for kind in ("health", "grades")]
    health, grades = (next(each for each in told.people.findings if each.detector == WEIGHED) for told in found)
    assert health.confidence > grades.confidence


def test_a_name_of_everyday_words_is_somebodys_where_its_sentence_tells_something():
    strengths = {
        text: [one.strength for one in looked_at(text).people.identified] for text in ("Will Hall failed.", "Will Hall came.")
    }
    assert strengths == {"Will Hall failed.": [Strength.STRONG], "Will Hall came.": [Strength.WEAK]}


AT_A_COMMA = {
    "In the class, Kim, Hana, who is late, failed.": Strength.STRONG,
    "And Kim, Hana failed.": Strength.STRONG,
    "We said so of Kim, Hana\nand Okoro, Ben, who failed.": Strength.STRONG,
    "With Okoro, Ben and Kim, Hana it failed.": Strength.STRONG,
    "So many of Kim, Hana's SEVIS records failed.": Strength.STRONG,
    "And Kim, Hana came.": Strength.WEAK,
    "Thanks Kim, Hana failed.": Strength.WEAK,
    "Ivo, Kim, Hana failed.": Strength.WEAK,
    "Ivo and Kim, Hana failed.": Strength.WEAK,
    "In the class, Kim, Hana, and Ivo failed.": Strength.WEAK,
    "In the class, Kim, Hana and Ivo failed.": Strength.WEAK,
    "In the class, Hana, Kim failed.": Strength.WEAK,
    "In the class, Kim, Hana failed. Kim Okoro is sad.": Strength.WEAK,
}


@pytest.mark.parametrize(("text", "strength"), AT_A_COMMA.items(), ids=AT_A_COMMA)
def test_a_family_name_first_is_one_person_where_its_sentence_tells_something(text: str, strength: Strength):
    assert {one.strength for one in looked_at(text).people.identified if one.record == HANA} == {strength}


def test_a_grid_is_no_running_text():
    view = View(Channel.ATTACHMENTS, "2", "part 2", "Hana Kim failed", grid=(1, 1))
    assert said(looked_at("", view=view)) == []


def test_a_message_has_so_many_sentences_and_no_more(monkeypatch):
    for module in (candidates, stating):
        monkeypatch.setattr(module, "SENTENCES", 3)
    found = looked_at("Hana Kim failed. " * 9)
    assert (len(said(found)), found.people.cut) == (3, True)
    assert not looked_at("Hana Kim failed. " * 3).people.cut


KNOWN = ("the", "oven", "is", "was", "on", "probation", "she", "i", "nominate", "gave", "to")
STATED = {
    "in a sentence that surely tells nothing": ("The oven is on probation. Hana Kim brings rolls.", "standing", 0.1),
    "in one of words that no letter had": ("Zxq blorb vint on probation. Hana Kim brings rolls.", "standing", 0.8),
    "in one that does": ("Hana Kim failed, she is on probation.", "standing", 0.8),
    "behind a name in brackets": ("I gave the oven to Hana Kim (on probation).", "standing", 0.8),
    "behind a name": ("I gave the oven to Hana Kim on probation.", "standing", 0.8),
    "in one about nobody": ("The oven is on probation.", "standing", 0.8),
    "of what no weights are for": ("I nominate Hana Kim, on probation.", "recommendation", 0.8),
}


@pytest.mark.parametrize("case", STATED)
def test_a_word_of_a_record_is_a_hint(case):
    text, kind, expected = STATED[case]
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    at = text.index("on probation")
    pattern = Finding(
        kind, "pattern", "record", Role.STATES, "part 1, line 1", 0, at, at + len("on probation"), 0.8, "words", ""
    )
    found = identify_people(texts, (pattern,), CAMPUS, str, Context())
    known = dict.fromkeys((f"w {word}" for word in KNOWN), 0)
    told = with_statements(texts, Labelled(found), replace(WEIGHTS, tells={**WEIGHTS.tells, **known}), 0.7)
    assert [each.confidence for each in told.people.findings if each.detector == "pattern"] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hana Kim, the oven, is on probation.", 0.8),
        ("Hana Kim, the oven, was on probation.", 0.1),
        ("Hana Kim, the oven on probation.", 0.1),
    ],
)
def test_a_clause_that_begins_with_a_verb_is_said_of_who_is_named(text: str, expected: float) -> None:
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    at = text.index("on probation")
    pattern = Finding("standing", "pattern", "x", Role.STATES, "part 1, line 1", 0, at, at + 12, 0.8, "", "")
    known = dict.fromkeys((f"w {word}" for word in KNOWN), 0) | {"b STU is": 9_000}
    people_in_it = identify_people(texts, (pattern,), CAMPUS, str, Context())
    told = with_statements(texts, Labelled(people_in_it), replace(WEIGHTS, tells={**WEIGHTS.tells, **known}), 0.7)
    assert told.people.findings[0].confidence == expected


@pytest.mark.parametrize(("confidence", "expected"), [(CERTAIN, CERTAIN), (CERTAIN - 0.01, 0.1)])
def test_what_a_pattern_is_certain_of_stays(confidence: float, expected: float) -> None:
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", "The oven is on probation. Hana Kim brings rolls."),))
    pattern = Finding("standing", "pattern", "x", Role.STATES, "part 1, line 1", 0, 12, 24, confidence, "", "")
    known = dict.fromkeys((f"w {word}" for word in KNOWN), 0)
    people_in_it = identify_people(texts, (pattern,), CAMPUS, str, Context())
    told = with_statements(texts, Labelled(people_in_it), replace(WEIGHTS, tells={**WEIGHTS.tells, **known}), 0.7)
    assert told.people.findings[0].confidence == expected


class Doubting:
    """A second look that believes no sentence with this word."""

    digest = ""

    def settled(self, confidence, words, before):
        return 0.0 if "perhaps" in words else confidence


@pytest.mark.parametrize(("text", "found"), [("Hana Kim failed the exam.", 1), ("Hana Kim perhaps failed the exam.", 0)])
def test_a_second_look_decides_what_a_sentence_tells(text, found):
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    people_in_it = identify_people(texts, (), CAMPUS, str, Context())
    assert len(said(with_statements(texts, Labelled(people_in_it), WEIGHTS, 0.7))) == 1
    assert len(said(with_statements(texts, Labelled(people_in_it), WEIGHTS, 0.7, verifier=Doubting()))) == found


INSTEAD = {
    "clear": ("Hana Kim failed.", ("attendance", "grades"), [("attendance", set())]),
    "open": ("Hana Kim wobbled.", ("attendance", "grades"), [("attendance", {"grades"})]),
    "what is not to be mended": ("Hana Kim wobbled.", ("health", "grades"), [("health", set())]),
    "of two": ("Hana Kim failed, earns.", ("conduct", "grades"), [("conduct", set()), ("grades", set())]),
    "with an operation beside it": ("Hana Kim failed after surgery.", ("grades", "x"), [("grades", set()), ("health", set())]),
    "with a season": ("Hana Kim failed in the flu season.", ("grades", "x"), [("grades", set())]),
    "with a paper on an illness": ("Hana Kim failed a paper on surgery.", ("grades", "x"), [("grades", set())]),
    "with an average": ("Hana Kim failed with a 2.13.", ("grades", "x"), [("gpa", set())]),
    "with an average of marks": ("Hana Kim failed with a 2.13 in 18.06.", ("grades", "x"), [("grades", set())]),
    "with a lab that is owed": ("Hana Kim failed, owes a lab.", ("financial", "x"), [("grades", set())]),
    "with a sum that is owed": ("Hana Kim failed, owes $40 for a lab.", ("financial", "x"), [("financial", set())]),
    "with a funeral": ("Hana Kim failed, away for a funeral.", ("health", "x"), [("excuse", set())]),
    "with a funeral, and ill": ("Hana Kim failed, ill at a funeral.", ("health", "x"), [("health", set())]),
    "with what could not be done for it": (
        "Hana Kim failed so she couldn't do the pset.",
        ("health", "x"),
        [("excuse", set()), ("health", set())],
    ),
    "on leave": ("Hana Kim failed, withdrew from the college.", ("enrolment", "x"), [("standing", set())]),
    "out of a subject": ("Hana Kim failed, withdrew from 8.01.", ("enrolment", "x"), [("enrolment", set())]),
    "with a figure for a presentation": (
        "Hana Kim failed with a 3.5 for her presentation.",
        ("grades", "x"),
        [("grades", set())],
    ),
    "ill, and treated": (
        "Hana Kim failed, missed it with insulin and a doctor.",
        ("health", "x"),
        [("excuse", set()), ("health", set())],
    ),
    "enrolled": ("Hana Kim failed, registered in 8.01.", ("enrolment", "grades"), [("enrolment", set())]),
    "with an illness as its reason": (
        "Hana Kim failed with pneumonia.",
        ("attendance", "grades"),
        [("attendance", set()), ("health", set())],
    ),
}


@pytest.mark.parametrize("case", INSTEAD)
def test_what_a_sentence_may_tell_as_well_is_noted(case):
    text, names, expected = INSTEAD[case]
    tells, kinds = {**WEIGHTS.tells, "w wobbled": 9_000}, {**WEIGHTS.kinds, "w wobbled": lanes((40, 0))}
    told = looked_at(text, replace(WEIGHTS, tells=tells, kinds=kinds, names=names))
    assert [(told.people.findings[at].kind, others) for at, others in sorted(told.instead.items())] == expected


IVO = Student("912345685", "Ivo", "Marek", course="8", year="3", department="Physics", phone="555-0108")
LEFT = {
    "Ivo Marek, course 8, year 3": [],
    "Ivo Marek is a junior in course 8, a physics major.": [],
    "Ivo Marek came. He is a junior.": [("STU", "came")],
    "Ivo Marek: (617) 555-0108": [],
    "Ivo Marek is a junior in Physics": [],
    "We can confirm that Ivo Marek is enrolled as a full-time student for the fall term 2026.": [],
    "Ivo Marek is registered half-time.": [],
    "Ivo Marek is enrolled in the half-time program.": [("STU", "is", "enrolled", "in", "the", "half-time", "program")],
    "Ivo Marek came. He is in his third year of course 8.": [("STU", "came")],
    "Ivo Marek, course 8, failed the exam.": [("STU", "course", "XNUMBER", "failed", "the", "exam")],
    "Ivo Marek is in course 8 and is Expelled.": [("STU", "is", "in", "course", "XNUMBER", "and", "is", "XNAME")],
    "Yesterday I. Marek failed.": [("yesterday", "STU", "failed")],
    "Ivo Marek dropped course 8.": [("STU", "dropped", "course", "XNUMBER")],
    "Ivo Marek got 41/100 555-0108.": [("STU", "got", "XSCORE", "XNUMBER", "XNUMBER")],
    "Ivo Marek, course 18, year 3": [("STU", "course", "XNUMBER", "year", "XNUMBER")],
    "Ivo Marek, a senior in course 8": [("STU", "a", "senior", "in", "course", "XNUMBER")],
    "Ivo Marek got an 8 in year 3.": [("STU", "got", "an", "XNUMBER", "in", "year", "XNUMBER")],
}


@pytest.mark.parametrize("text", LEFT)
def test_what_the_directory_has_of_somebody_is_no_word_of_a_sentence(text):
    texts = Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))
    found = with_studies(texts, identify_people(texts, (), people(IVO), str, Context()))
    every = list(candidates.candidates(texts, found))
    assert [each.words for each in every] == LEFT[text]
    assert all("named 1" in each.context for each in every)
