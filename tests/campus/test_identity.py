"""Whom a message identifies: every usual form of a name, numbers, addresses; what must not; and who of several is meant.

written_forms.toml holds people and the forms in which they must be found, near_misses.toml texts that speak of nobody.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dlp.campus.directory import NAMED_AT_MOST
from dlp.campus.folding import folded_address, folded_id
from dlp.campus.identity import identify_people
from dlp.campus.mentions import Form, Mention, mentions, single_words
from dlp.campus.names import keys_of
from dlp.campus.numbers import NOBODY
from dlp.campus.people import Context, People, Place, Strength, company, narrow
from dlp.campus.records import Advising, Assignment, Contact, Enrolment, Record, Staff, Student
from dlp.campus.signs import strength
from dlp.campus.written import Dull
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.rules import load_rules
from dlp.ruleset import Campus, PolicySettings
from dlp.values import Channel, Finding, Role, Texts, View
from tests.campus import people as memory
from tests.campus.invented import campus

HERE = Path(__file__).parent
NOBODY_ELSE = Context()
RULES = load_rules(campus=Campus(("campus.example",)), policy=PolicySettings(), digest=str)


@dataclass(frozen=True)
class Indexed(memory.People):
    """The same look-ups, indexed: for many people."""

    keys: dict[str, list[Student | Staff]] = field(default_factory=dict)
    addresses: dict[str, list[Student | Staff]] = field(default_factory=dict)
    ids: dict[str, Student] = field(default_factory=dict)

    def named(self, key: str, at_most: int = NAMED_AT_MOST) -> tuple[Student | Staff, ...]:
        return tuple(self.keys.get(key, ())[:at_most])

    def student(self, student_id: str) -> Student | None:
        return self.ids.get(folded_id(student_id))

    def students_at(self, address: str) -> tuple[Student, ...]:
        return tuple(one for one in self.addresses.get(folded_address(address), ()) if isinstance(one, Student))

    def staff_at(self, address: str) -> Staff | None:
        return next((one for one in self.addresses.get(folded_address(address), ()) if isinstance(one, Staff)), None)


def indexed(*rows: Record) -> Indexed:
    keys: dict[str, list[Student | Staff]] = defaultdict(list)
    addresses: dict[str, list[Student | Staff]] = defaultdict(list)
    people = [row for row in rows if isinstance(row, Student | Staff)]
    for person in people:
        for key in keys_of(person):
            keys[key].append(person)
        for address in filter(None, (person.email, *getattr(person, "alternate_emails", ()))):
            addresses[folded_address(address)].append(person)
    ids = {folded_id(person.id): person for person in people if isinstance(person, Student)}
    return Indexed(rows, keys=dict(keys), addresses=dict(addresses), ids=ids)


def recorded(entry: dict[str, Any], number: int) -> Student:
    names = {key: entry[key] for key in ("given_name", "family_name", "full_name") if key in entry}
    return Student(f"{910_000_000 + 7 * number}", preferred_names=tuple(entry.get("preferred_names", ())), **names)


def table(file: str) -> list[tuple[dict[str, Any], Student]]:
    entries = tomllib.loads((HERE / file).read_text(encoding="utf-8"))["person"]
    return [(entry, recorded(entry, number)) for number, entry in enumerate(entries)]


WRITTEN = table("written_forms.toml")
EVERYBODY = indexed(*(student for _, student in WRITTEN))
SENTENCE = "Yesterday I talked at length about the form that {} handed in, and it is complete."
LINES = "These are here:\n{}\nAnd that is all."


def looked_at(text: str, directory: memory.People, context: Context = NOBODY_ELSE, *findings: Finding) -> People:
    view = View(Channel.TEXT, "1", "part 1", text)
    return identify_people(Texts((), (), (view,)), findings, directory, str, context)


def in_message(raw: str, directory: memory.People, context: Context = NOBODY_ELSE) -> People:
    texts = read(raw.replace("\n", "\r\n").encode(), Limits())
    return identify_people(texts, RULES.matcher.find(texts), directory, str, context)


def surely(found: People) -> set[str]:
    return {one.person for one in found.identified if one.strength >= Strength.STRONG}


def forms(kind: str) -> list[Any]:
    wrapped = {"forms": SENTENCE, "lines": LINES, "texts": "{}", "weak": SENTENCE}[kind]
    return [
        pytest.param(student, wrapped.format(form), id=f"{number}-{kind}-{place}")
        for number, (entry, student) in enumerate(WRITTEN)
        for place, form in enumerate(entry.get(kind, ()))
    ]


@pytest.mark.parametrize(("student", "text"), [*forms("forms"), *forms("lines"), *forms("texts")])
def test_a_person_is_found_by_every_usual_form_of_the_name(student, text):
    assert surely(looked_at(text, EVERYBODY)) == {student.id}


@pytest.mark.parametrize(("student", "text"), forms("weak"))
def test_a_weak_form_leads_to_the_person_but_proves_nothing(student, text):
    found = looked_at(text, indexed(student))
    assert [(one.person, one.strength) for one in found.identified] == [(student.id, Strength.WEAK)]
    assert all(one.confidence < RULES.policy.act_at for one in found.findings)


@pytest.mark.parametrize(
    ("student", "text"),
    [
        pytest.param(student, text, id=f"{number}-{place}")
        for number, (entry, student) in enumerate(table("near_misses.toml"))
        for place, text in enumerate(entry["texts"])
    ],
)
def test_what_only_looks_like_a_name_identifies_nobody(student, text):
    assert surely(looked_at(text, indexed(student))) == set()


def test_the_tables_are_as_long_as_they_must_be():
    assert len([*forms("forms"), *forms("lines"), *forms("texts")]) >= 150
    assert sum(len(entry["texts"]) for entry, _ in table("near_misses.toml")) >= 50


AMES = Staff("t.ames@campus.example", given_name="Tess", family_name="Ames")
KIM = Student("912345678", "Hana", "Kim", email="hkim@campus.example", alternate_emails=("hana.k@mail.example",))
OTHER_KIM = Student("923456780", "Hana", "Kim", email="hkim2@campus.example")
MORI = Student("934567891", "Jun", "Mori", email="jmori@campus.example")
CAMPUS = indexed(AMES, KIM, MORI)
FROM_AMES = Context("t.ames@campus.example", ("p.lane@other.example",))


@pytest.mark.parametrize(
    "written",
    [
        "912345678",
        "912 345 678",
        "912-34-5678",
        "9 1 2 3 4 5 6 7 8",
        "912.345.678",
        "\uff19\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "9123\u200b45678",
        "912\n345 678",
        "9123=\n45678",
    ],
)
def test_a_number_of_the_directory_is_certain_however_it_is_spaced(written):
    transfer = "Content-Transfer-Encoding: quoted-printable\n" if "=" in written else ""
    mime = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
    found = in_message(f"Subject: form\n{mime}{transfer}\nPlease look at {written} again.\n", CAMPUS)
    assert [(one.record, one.strength) for one in found.identified] == [(KIM, Strength.CERTAIN)]
    assert {one.digest for one in found.findings} == {"912345678"}


def test_a_number_in_a_file_name_is_certain():
    mime = 'Content-Type: text/plain\nContent-Disposition: attachment; filename="form_912345678.txt"'
    found = in_message(f"Subject: form\nMIME-Version: 1.0\n{mime}\n\nempty\n", CAMPUS)
    assert [(one.record, one.strength) for one in found.identified] == [(KIM, Strength.CERTAIN)]
    assert set(found.places.values()) == {Place.HEADER}


def test_a_person_is_found_in_the_name_of_a_file():
    for name in ("Kim_Hana_form.pdf", "hana-kim.txt", "HanaKim.txt", "form of Hana Kim (2).txt"):
        mime = f'Content-Type: text/plain\nContent-Disposition: attachment; filename="{name}"'
        found = in_message(f"Subject: form\nMIME-Version: 1.0\n{mime}\n\nempty\n", CAMPUS)
        assert surely(found) == {KIM.id}, name


@pytest.mark.parametrize("text", ["Please pay 945678912 by Friday.", "The course has 945678912 seats.", "grade 945678912"])
def test_a_number_that_is_nobodys_is_no_person(text):
    found = in_message(f"Subject: form\n\n{text}\n", CAMPUS)
    assert not found.identified
    assert all(one.confidence <= NOBODY for one in found.findings if one.kind == "id")


@pytest.mark.parametrize("text", ["Student ID 945678912", "her ID is 945-67-8912", "Name,Student ID\nA,945678912\nB,945678923"])
def test_a_number_called_a_students_is_somebody_in_no_file(text):
    found = in_message(f"Subject: form\n\n{text}\n", CAMPUS)
    assert found.students
    assert all(one.record is None and one.strength is Strength.STRONG for one in found.students)


def test_a_new_number_among_known_ones_is_a_students_too():
    found = in_message("Subject: form\n\ngrades: 912345678 B, 934567891 A\n945678912 C\n", CAMPUS)
    assert [one.record for one in found.identified] == [KIM, MORI, None]


def test_an_invoice_of_a_students_number_counts_only_beside_the_name():
    invoice = "Subject: form\n\nInvoice 912345678 is due on Friday.{}\n"
    assert not in_message(invoice.format(""), CAMPUS).identified
    both = in_message(invoice.format(" Hana Kim asked."), CAMPUS)
    assert [(one.record, len(one.findings)) for one in both.identified] == [(KIM, 2)]
    assert all(one.confidence >= RULES.policy.act_at for one in both.findings if one.detector != "pattern" or one.kind == "id")


@pytest.mark.parametrize(
    "address", ["hkim@campus.example", "HKim@Campus.Example", "hana.k@mail.example", "<hkim@campus.example>."]
)
def test_an_address_in_the_text_is_certain(address):
    found = looked_at(f"Write to {address} about it.", CAMPUS)
    assert [(one.record, one.strength) for one in found.identified] == [(KIM, Strength.CERTAIN)]
    assert {(one.detector, one.kind, one.where) for one in found.findings} == {("address", "directory", "part 1, line 1")}


def test_an_address_of_the_header_is_kept_apart():
    found = in_message("From: t.ames@campus.example\nTo: Hana <hkim@campus.example>\nSubject: form\n\nIt is here.\n", CAMPUS)
    assert {one.record for one in found.on_thread} == {AMES, KIM}
    assert all(found.places[at] is Place.THREAD for one in found.identified for at in one.findings)


def test_an_employee_who_studies_is_the_student():
    both = indexed(KIM, Staff("HKIM@campus.example", full_name="Hana Kim"))
    assert looked_at("Hana Kim was there.", both).students[0].record == KIM


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("The form of Hana Kim is here.", Place.TEXT),
        ("Dear Hana Kim,\n\nit is here.", Place.GREETING),
        ("Hi Hana Kim -\n\nit is here.", Place.GREETING),
        ("Dear Ms. Hana Kim,\n\nit is here.", Place.GREETING),
        ("Dear Prof. Hana Kim:\n\nit is here.", Place.GREETING),
        ("Hana Kim,\n\nit is here.", Place.GREETING),
        ("It is here.\n\nBest regards,\n\nHana Kim", Place.SIGNATURE),
        ("It is here.\n-- \nHana Kim, Ph.D.\nBuilding 4", Place.SIGNATURE),
        ("Yes.\n\nOn Monday, Hana Kim wrote:\n> when?", Place.THREAD),
        ("Yes.\n\n> From: Hana Kim <hk@other.example>\n> Sent: Monday", Place.THREAD),
        ("Yes.\n\nAm Montag, 5. Oktober 2026 schrieb Hana Kim:\n> wann?", Place.THREAD),
        (
            "Yes.\n\n> To: Pat Lane <p@other.example>; Jo\n> <jo@other.example>; Hana Kim <hk@other.example>\n> Cc: x",
            Place.THREAD,
        ),
        ("Yes.\n\nTo: Pat Lane <p@other.example>; Hana Kim\n<hk@other.example>;\nSubject: x", Place.THREAD),
        ("Fix the clock\n\nReviewed-by: Hana Kim <hk@other.example>", Place.THREAD),
        ("To: Pat Lane <p@other.example>\nHana Kim <hk@other.example>, failed\n", Place.TEXT),
        ("Seen by: Hana Kim", Place.TEXT),
        ("Yes.\n\nBest,\nTess\n\nPlease let Hana Kim know.", Place.TEXT),
    ],
)
def test_a_finding_says_in_which_part_of_the_letter_it_stands(text, place):
    found = looked_at(text, CAMPUS)
    assert [found.places[at] for one in found.identified for at in one.findings] == [place]


def test_of_two_of_one_name_somebody_is_told_about_and_the_one_who_withheld_more_counts():
    withheld = replace(OTHER_KIM, suppress=frozenset({"all"}))
    for other, taken in ((OTHER_KIM, KIM), (withheld, withheld)):
        found = looked_at("Hana Kim was there.", indexed(KIM, other))
        assert [one.record for one in found.identified] == [taken]


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("I looked at May Hall's quiz.", True),
        ("The roof of May Hall leaks.", False),
        ("My door is open. May Hall came.", True),
        ("I was disappointed in May Hall, who came late.", True),
        ("We met in May Hall.", False),
        ("I never lost faith in May Hall.", True),
        ("He was looking at May Hall.", True),
    ],
)
def test_a_building_is_one_by_its_own_sentence(text: str, met: bool) -> None:  # noqa: FBT001  plain facts
    found = looked_at(text, indexed(Student("912345678", "May", "Hall")))
    assert bool(found.identified) is met


def test_where_a_record_is_stated_a_building_is_no_building():
    text = "We met in May Hall, 8.01: F"
    mention = Mention(10, 18, Form.FULL, ("hall may",), ("may", "hall"))
    assert [strength(text, mention, stated=stated) for stated in (False, True)] == [None, Strength.STRONG]


def test_an_initial_behind_a_word_that_begins_a_sentence_is_a_persons():
    assert [one.record for one in looked_at("Yesterday H. Kim came.", indexed(KIM)).identified] == [KIM]
    assert not looked_at("Robert H. Kim came.", indexed(KIM)).identified


def test_of_two_namesakes_made_of_ordinary_words_one_counts_and_weakly():
    one, other = Student("912345678", "May", "Hall"), Student("923456780", "May", "Hall")
    found = looked_at("We saw May Hall there.", indexed(one, other))
    assert [(each.record, each.strength) for each in found.identified] == [(one, Strength.WEAK)]
    assert not found.ambiguous


@pytest.mark.parametrize(
    ("said", "which"),
    [
        ("Hana Kim came.", 0),
        ("Hana Kim, a sophomore, came.", 1),
        ("Hana Kim (xxxxx6780) came.", 1),
        ("Hana Kim\nPhone: 555-0102\n", 1),
        ("Hana Kim (xxxxx6780), a junior, came.", 0),
        ("Hana Kim, a full-time student and a sophomore, came.", 1),
        ("Hana Kim met Ben Okoro, a sophomore, at the party.", 0),
        ("Hana Kim and her brother, a sophomore elsewhere, won.", 0),
        ("Hana Kim will run. A sophomore comes too.", 0),
        (f"Hana Kim{' ' * 90}z 1{'1' * 20}, a sophomore, came.", 0),
    ],
)
def test_of_two_namesakes_the_one_is_meant_whose_fields_or_digits_stand_behind(said: str, which: int) -> None:
    two = Student("912345678", "Hana", "Kim", year="3"), Student("923456780", "Hana", "Kim", year="2", phone="617-555-0102")
    assert [each.record for each in looked_at(said, indexed(*two)).identified] == [two[which]]


OTHERS_OF_HALF_THE_NAME = (
    Student("923456780", "Rosa", "Benitez-Lara"),
    Student("934567892", "Rosa", "Benitez Mora"),
    Staff("r.mora@campus.example", given_name="Rosa", family_name="Mora Benitez"),
)


@pytest.mark.parametrize("written", ["Rosa Benitez", "Benitez, Rosa", "R. Benitez's exam"])
def test_of_several_the_one_is_meant_whose_whole_last_name_is_written(written):
    whole = Student("912345678", "Rosa", "Benitez")
    found = looked_at(written, indexed(*OTHERS_OF_HALF_THE_NAME, whole))
    assert [one.record for one in found.identified] == [whole]


def test_who_stands_behind_a_title_and_a_comma_is_somebody_else():
    directory, context = indexed(KIM), Context("t.ames@campus.example", ("p.lane@other.example",))
    assert looked_at("Dear Mrs. Kim, Hana was there.", directory, context).identified == ()
    assert surely(looked_at("Student Kim, Hana\n", directory, context)) == {KIM.id}


def test_a_double_last_name_is_the_students_who_bears_both():
    both = Student("912345678", "Rosa", "de Leon Benitez")
    directory = indexed(*OTHERS_OF_HALF_THE_NAME, both)
    for sender in ("", "r.mora@campus.example"):  # who writes has the first and the last word of it, too
        found = looked_at("We met Rosa de Leon Benitez.", directory, Context(sender))
        assert [one.record for one in found.identified] == [both]


def test_a_last_name_of_two_with_hyphens_is_more_than_the_second():
    one, other = (
        Student("912345678", "Rosa", "Mora-Vega Leon-Lara"),
        Staff("r@campus.example", given_name="Rosa", family_name="Leon-Lara"),
    )
    found = looked_at("We met Rosa Mora-Vega Leon-Lara.", indexed(one, other), Context("r@campus.example"))
    assert [each.record for each in found.identified] == [one]


RELATED: tuple[tuple[str, tuple[Record, ...], Context], ...] = (
    ("recipient", (), Context("t.ames@campus.example", ("hkim2@campus.example",))),
    ("header", (), Context(thread=("hkim2@campus.example",))),
    ("advisee", (Advising("t.ames@campus.example", "923456780"),), FROM_AMES),
    ("taught", (Assignment("18.06", "t.ames@campus.example", "ta"), Enrolment("18.06", "923456780")), FROM_AMES),
    ("child", (Contact("p.lane@other.example", "parent", "923456780"),), FROM_AMES),
)


@pytest.mark.parametrize(("sign", "rows", "context"), RELATED)
def test_of_two_the_one_near_the_message_is_meant(sign, rows, context):
    directory = indexed(AMES, KIM, OTHER_KIM, *rows)
    assert surely(looked_at("Hana Kim was there.", directory, context)) == {OTHER_KIM.id}
    around = company(directory, context)
    assert narrow((KIM, OTHER_KIM), around, directory) == (OTHER_KIM,)
    assert narrow((KIM, OTHER_KIM), around, directory, in_full=(KIM.id,)) == (OTHER_KIM,)
    assert narrow((KIM, OTHER_KIM), company(directory, Context()), directory) == (KIM, OTHER_KIM)


def test_of_two_the_one_whose_number_is_there_is_meant():
    found = in_message("Subject: form\n\nStudent 923456780 came.\nHana Kim has left again.\n", indexed(KIM, OTHER_KIM))
    assert [(one.record, len(one.findings)) for one in found.identified] == [(OTHER_KIM, 2)]
    assert not found.ambiguous


def test_of_two_the_one_is_meant_whose_number_a_word_beside_it_calls_something_else():
    for number, record in ((KIM.id, KIM), (OTHER_KIM.id, OTHER_KIM)):
        found = in_message(f"Subject: form\n\nFor Hana Kim use invoice {number}.\n", indexed(KIM, OTHER_KIM))
        assert [one.record for one in found.identified] == [record]
        assert {one.kind for one in found.findings if one.confidence > 0.5} == {"id", "directory"}


def test_a_name_of_staff_and_student_is_the_staffs_unless_a_second_sign_says_otherwise():
    professor = Staff("hana@campus.example", full_name="Hana Kim")
    directory = indexed(professor, KIM, AMES, Advising("t.ames@campus.example", KIM.id))
    assert looked_at("Hana Kim was there.", directory).staff[0].record == professor
    assert looked_at("Hana Kim was there.", directory, FROM_AMES).students[0].record == KIM


def test_one_word_means_whom_the_message_is_about_or_goes_to():
    assert surely(looked_at("I saw Hana today.", CAMPUS)) == set()
    assert surely(looked_at("I saw Hana today.", CAMPUS, Context(recipients=("hkim@campus.example",)))) == {KIM.id}
    found = looked_at("Hana Kim was there.\nI saw Ms. Kim today, and Hana said so.", CAMPUS)
    assert [(one.record, len(one.findings)) for one in found.identified] == [(KIM, 3)]


def test_a_parents_child_is_meant_by_a_first_name():
    directory = indexed(AMES, KIM, Contact("p.lane@other.example", "parent", KIM.id))
    assert surely(looked_at("Your daughter Hana was there.", directory, FROM_AMES)) == {KIM.id}


def test_a_parents_child_is_meant_without_a_name():
    directory = indexed(AMES, KIM, MORI, Contact("p.lane@other.example", "parent", KIM.id))
    found = looked_at("Your daughter was there.", directory, FROM_AMES)
    assert [(one.record, one.strength) for one in found.identified] == [(KIM, Strength.STRONG)]
    assert surely(looked_at("> She was there, your\n> daughter.", directory, FROM_AMES)) == {KIM.id}
    assert not looked_at("Your daughter was there.", CAMPUS, FROM_AMES).identified
    both = indexed(AMES, KIM, MORI, *(Contact("p.lane@other.example", "parent", one.id) for one in (KIM, MORI)))
    assert [set(one.candidates) for one in looked_at("Your son was there.", both, FROM_AMES).ambiguous] == [{KIM, MORI}]


@pytest.mark.parametrize("text", ["the ID ending in 678", "number ending 5678", "ID *****5678", "xxxxx5678 again", "•••••••78"])
def test_the_last_digits_of_a_number_mean_somebody_near_the_message(text):
    near = Context(recipients=("hkim@campus.example", "jmori@campus.example"))
    assert surely(looked_at(text, CAMPUS, near)) == {KIM.id}
    assert not looked_at(text, CAMPUS, FROM_AMES).identified


def test_the_first_name_of_an_advisee_counts_where_something_is_stated():
    directory = indexed(AMES, KIM, MORI, *(Advising("t.ames@campus.example", one.id) for one in (KIM, MORI)))
    message = "Subject: form\n\nHana has a GPA of 2.1 now.\n\nMori was there.\n"
    found = in_message(message, directory, FROM_AMES)
    assert {(one.record, one.strength) for one in found.identified} == {(KIM, Strength.STRONG), (MORI, Strength.WEAK)}
    assert not in_message("Subject: form\n\nHana and Mori were there.\n", directory, FROM_AMES).identified
    assert not in_message(message, CAMPUS, FROM_AMES).identified


def test_an_ordinary_name_counts_in_a_list_of_people():
    may, major = Student("945678912", "Will", "May"), Student("956789123", "Art", "Major")
    directory = indexed(KIM, MORI, AMES, may, major)
    rows = ["Kim, Hana, Art Major", "Mori, Jun", "Ames, Tess", "May, Will"]
    assert may.id in surely(looked_at("\n".join(rows), directory))
    assert may.id in surely(looked_at("\n".join(rows[1:]), directory))
    assert may.id not in surely(looked_at("\n".join(rows[2:]), directory))
    assert may.id not in surely(looked_at("Mori, Jun\nAmes, Tess\nMay, Will and others\n", directory))
    assert major.id not in surely(looked_at("\n".join(rows), directory))


LINES_OF_INITIALS = [
    ("dotted", "Kim, H. ..... 14/20\nMori, J. ..... 9/20\nPark, S. ..... 17/20\n", True),
    ("columns", "Kim, H.\t14\nMori, J.\t9\nPark, S.\t17\n", True),
    ("first-initial", "H. Kim\nJ. Mori\nS. Park\n", True),
    ("two", "Kim, H. ..... 14/20\nMori, J. ..... 9/20\n", False),
    ("prose", "We thank Kim, H. and others.\nThen Mori, J. wrote to us\nand Park, S. came too.\n", False),
    ("among-strangers", "Kim, H.\nOsei, P.\nLund, T.\nMori, J.\nHolm, R.\nBerg, U.\nPark, S.\n", False),
]


@pytest.mark.parametrize(("text", "counts"), [pytest.param(*each[1:], id=each[0]) for each in LINES_OF_INITIALS])
def test_last_names_with_an_initial_count_in_a_list_of_the_senders_class(text, counts):
    park = Student("945678913", "Sora", "Park")
    taught = [Enrolment("8.01", one.id, "2026FA") for one in (KIM, MORI, park)]
    directory = indexed(AMES, KIM, MORI, park, Assignment("8.01", "t.ames@campus.example", "instructor"), *taught)
    found = {one for one in (KIM.id, MORI.id, park.id) if one in surely(looked_at(text, directory, FROM_AMES))}
    assert found == ({KIM.id, MORI.id, park.id} if counts else set())
    assert not surely(looked_at(text, indexed(AMES, KIM, MORI, park), FROM_AMES))


def test_initials_alone_never_resolve():
    context = Context(recipients=("hkim@campus.example",))
    assert surely(looked_at("I saw H.K. today.", CAMPUS, context)) == set()


@pytest.mark.parametrize(
    "text", ["My student Zora Quell was there.", "Zora Quell, my student, was there.", "our advisee Zora Quell"]
)
def test_somebody_in_no_file_who_is_called_our_student_is_identified(text):
    found = looked_at(text, CAMPUS)
    assert [(one.record, one.strength) for one in found.students] == [(None, Strength.STRONG)]
    assert not looked_at("Zora Quell was there.", CAMPUS).identified


def test_without_a_directory_nothing_changes():
    texts = read(b"Subject: Hana Kim\r\n\r\nStudent ID 912345678, hkim@campus.example\r\n", Limits())
    findings = RULES.matcher.find(texts)
    assert identify_people(texts, findings, None, str, FROM_AMES) == People(findings)


def test_a_finding_never_holds_the_text():
    found = in_message("Subject: Hana Kim\n\nDear Hana Kim, H. Kim, hkim@campus.example, 912345678\n", CAMPUS)
    assert len(found.findings) > 3
    shown = " ".join(f"{one.where} {one.masked} {one.pattern} {one.detector}" for one in found.findings).lower()
    assert not any(word in shown for word in ("hana", "kim", "912345"))
    assert all(one.role is Role.IDENTIFIES for one in found.findings if one.detector in ("name", "address"))


WORDS = ["the", "form", "was", "not", "there", "when", "nobody", "knew", "why,", "so.", "They", "Monday"]
PROSE = st.lists(st.sampled_from(WORDS), max_size=30)
A_FORM = st.sampled_from([(student, form) for entry, student in WRITTEN for form in entry.get("forms", ()) if "\n" not in form])


@settings(max_examples=150)
@given(PROSE, A_FORM, PROSE)
def test_a_person_is_found_in_any_prose(before, who, after):
    student, form = who
    text = " ".join([*before, "with", form, "and", *after])
    assert student.id in surely(looked_at(text, EVERYBODY))


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(codec="latin-1", exclude_categories=["Lu", "Lt"], exclude_characters="@")))
def test_text_without_capitals_names_nobody(text):
    assert not list(mentions(text, Dull(())))


@settings(max_examples=200)
@example("", "\u08ca")  # a mark that folds to nothing
@given(st.text(), st.text())
def test_any_text_can_be_searched(one, other):
    for text in (one, f"{one} Hana Kim{other}", f"{one},Kim\t{other}"):
        for mention in mentions(text, Dull({"hana"})):
            assert 0 <= mention.start < mention.end <= len(text)


@pytest.mark.parametrize(
    "repeated",
    ["Word ", "Word, ", "Word Kim, ", "Word\n", "W. ", "Word-", "Van der ", "Word,Word;", "王", "王 ", "é W ", "(W) ", "a.b."],
)
def test_mentions_grow_with_the_text_and_no_faster(repeated):
    few, many = (sum(len(one.keys) for one in mentions(repeated * times + "@", Dull(()))) for times in (1_000, 4_000))
    assert many <= 4 * few + 100
    assert many <= 4_000 * len(repeated) * 10


def test_a_text_of_nothing_but_names_ends_and_says_what_it_left_out():
    words = [
        f"{a}{b}{c}".capitalize()
        for a in "bcdfghjklm"
        for b in "aeiou"
        for c in ("rt", "lm", "nd", "st", "mp", "nk", "rk", "ld")
    ]
    text = " ".join(f"{words[n % 400]} {words[n // 400 % 400]}" for n in range(50_000))
    assert looked_at(text, CAMPUS).cut


@pytest.fixture(scope="module")
def many() -> Indexed:
    return indexed(*campus(12_000))


def test_a_letter_about_nobody_names_none_of_thousands(many):
    text = (HERE / "about_nobody.txt").read_text(encoding="utf-8")
    assert (
        sum(1 for one in mentions(text, Dull(())) if any(many.named(key) for key in one.keys)) > 5
    )  # somebody answers to them
    assert not surely(looked_at(text, many))


def test_each_of_thousands_is_found_or_one_of_several_by_first_and_last_name(many):
    for person in many.rows[::10]:
        assert isinstance(person, Student | Staff)
        found = looked_at(f"Ask {person.given_name} {person.family_name} about it.", many)
        met = [one.record for one in found.identified] + [each for one in found.ambiguous for each in one.candidates]
        assert person in met or any(set(keys_of(one)) & set(keys_of(person)) for one in met if one)


@settings(max_examples=150)
@given(st.text(), st.text(), st.text())
def test_people_of_any_name_are_indexed_and_looked_for(given_name, family_name, text):
    person = Student("912345678", given_name, family_name, f"{given_name} {text[:20]}", (text[:30],))
    assert all(keys_of(person))
    looked_at(f"{text}\n{given_name} {family_name}\nDear {text}", indexed(person), Context(recipients=(text,)))


@pytest.mark.parametrize("word", ["Hana", "Hana's", "HANA", "Ha-na", "H\u00e1na"])
def test_a_word_alone_is_sought_wherever_nothing_else_was_found(word):
    text = f"Kim,Mori\n{word} failed it.\nLane,Ames\n"
    taken = set(range(text.index("\n"))) | set(range(text.index("Lane"), len(text)))
    found = {each.start for each in single_words(text, Dull({"hana", "kim", "mori"}), taken)} - taken
    assert found == {text.index(word)}
    assert list(single_words(text, Dull({"lane", "ames"}), taken)) == []
