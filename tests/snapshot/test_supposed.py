"""A directory with rows on top answers as one that had them all, less the people, lists and departments they replace."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.campus.directory import NAMED_AT_MOST
from dlp.campus.records import Contact, Record, Staff, Student
from dlp.snapshot import Supposed
from dlp.snapshot.lookups import LOOK_UPS
from tests.campus.people import TODAY, People
from tests.snapshot import rows as any_rows
from tests.snapshot.test_snapshot import answers

ONE_COUNTS = frozenset({"student", "staff_at", "department", "list_at"})


def replaces(one: Record, other: Record) -> bool:
    """Whether a person takes the place of another."""
    keys = LOOK_UPS[type(one)][0][1]
    return type(one) is type(other) and isinstance(one, Student | Staff) and bool({*keys(one)} & {*keys(other)} - {""})


@settings(max_examples=150, deadline=None)
@given(st.lists(any_rows.rows, max_size=8), st.lists(any_rows.rows, max_size=5))
def test_every_look_up_equals_that_of_all_the_rows(base: list[Record], added: list[Record]) -> None:
    kept = [row for row in base if not any(replaces(other, row) for other in added)]
    behind, before = (answers(People(tuple(rows)), [*base, *added]) for rows in ([*kept, *added], [*added, *kept]))
    for asked, answer in answers(Supposed(People(tuple(base)), added), [*base, *added]).items():
        assert answer == (before if asked[0] in ONE_COUNTS else behind)[asked]


def test_a_row_for_a_student_who_is_there_takes_the_place_of_the_old_one() -> None:
    old = Student("912345678", "Hana", "Kim", email="h.kim@campus.example", alternate_emails=("hana@freemail.example",))
    new = replace(old, alternate_emails=(), suppress=frozenset({"all"}))
    supposed = Supposed(People((old,)), [new])
    assert supposed.student("912-345-678") == new
    assert supposed.students_at("h.kim@campus.example") == (new,)
    assert supposed.students_at("hana@freemail.example") == ()


def test_a_contact_of_the_very_address_hides_one_of_its_domain() -> None:
    supposed = Supposed(People((Contact("@acme.example", "vendor"),)), [Contact("hr@acme.example", "employer")])
    assert [each.type for each in supposed.contacts_at("hr@acme.example")] == ["employer"]
    assert [each.type for each in supposed.contacts_at("it@acme.example")] == ["vendor"]


def test_the_files_of_the_supposed_rows_count_as_imported() -> None:
    assert Supposed(People(stamp=TODAY), [Contact("hr@acme.example", "employer")]).stamp.files == TODAY.files | {"contacts"}


def test_as_many_of_one_name_are_given_as_are_asked_for() -> None:
    base = People(tuple(Student(f"9{nth:08}", "Hana", "Kim") for nth in range(NAMED_AT_MOST + 2)))
    supposed = Supposed(base, [Student("990000000", "Hana", "Kim")])
    assert len(supposed.named("hana kim")) == NAMED_AT_MOST
    assert len(supposed.named("hana kim", NAMED_AT_MOST + 2)) == NAMED_AT_MOST + 2
    assert len(supposed.named("hana kim", NAMED_AT_MOST + 5)) == NAMED_AT_MOST + 3
