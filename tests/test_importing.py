"""A folder of import files: what is read of it, in which order, and which file counts where two say the same."""

from __future__ import annotations

import os
import pwd
from datetime import date
from pathlib import Path

import pytest

from dlp import importing
from dlp.campus.formats import FILE_OF
from dlp.campus.records import Record, Staff
from dlp.errors import Refused
from dlp.importing import Folder, Showed
from tests.commands.test_held import an_ordinary_user
from tests.e2e.loopback import open_folder
from tests.generate.campus import Campus, write

TODAY = date(2026, 10, 1)
USERS = (
    "sourcedId,status,role,givenName,familyName,identifier,email\n"
    "s1,,student,Aiko,Mori,912345671,a.mori@campus.example\nt1,,teacher,Eva,Okafor,,e.okafor@campus.example\n"
)


def folder(path: Path, **files: str) -> Folder:
    for name, text in files.items():
        (path / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return importing.look(path)


def taken(found: Folder) -> tuple[list[Record], Showed]:
    showed = Showed()
    return list(importing.records(found, showed, TODAY)), showed


def test_an_invented_campus_is_read_whole(tmp_path):
    campus = Campus(120)
    write(tmp_path, campus)
    found = importing.look(tmp_path)
    records, showed = taken(found)
    counts = {name: sum(FILE_OF[type(record)] == name for record in records) for name in found.ours}
    assert counts == {
        "students": 120,
        "staff": campus.staff,
        "subjects": campus.subjects,
        "assignments": 2 * campus.subjects,
        "enrolments": 600,
        "advising": 120,
    }
    assert not showed.report.all_bad_rows
    assert not showed.report.unknown
    assert not list(showed.references.dangling())
    assert not showed.report.notes


def test_bytes_read_are_told_as_they_are_read(tmp_path):
    write(tmp_path, Campus(10))
    found = importing.look(tmp_path)
    told: list[int] = []
    for _record in importing.records(found, Showed(), TODAY, told.append):
        pass
    assert sum(told) == found.size > 0


def test_names_of_files_are_taken_in_any_case_and_others_are_named(tmp_path):
    found = folder(tmp_path, **{"Students.CSV": "id,full_name\n912345671,Bo Lindqvist\n", "notes__txt": "x", "x__csv": "x"})
    assert list(found.ours) == ["students"]
    assert found.others == ("notes.txt", "x.csv")
    assert len(taken(found)[0]) == 1


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.rmdir(), lambda path: (path / "a.txt").touch()])
def test_a_folder_without_import_files_is_refused(tmp_path, make):
    path = tmp_path / "export"
    path.mkdir()
    make(path)
    with pytest.raises(Refused):
        importing.look(path)


def test_a_file_of_ours_stands_in_for_what_others_say_of_the_same(tmp_path):
    found = folder(
        tmp_path,
        users__csv=USERS,
        people__ldif="dn: uid=f\nobjectClass: person\nmail: f.silva@campus.example\n",
        staff__csv="email,purview\ng.novak@campus.example,registrar\n",
    )
    records, showed = taken(found)
    assert [record.email for record in records if isinstance(record, Staff)] == ["g.novak@campus.example"]
    assert [FILE_OF[type(record)] for record in records] == ["staff", "students"]
    assert found.brings == {"students", "staff", "contacts", "lists"}
    assert "metadata.suppress" in " ".join(showed.report.notes)


def test_references_to_what_only_another_format_has_do_not_dangle(tmp_path):
    found = folder(tmp_path, users__csv=USERS, advising__csv="email,student_id\ne.okafor@campus.example,912345671\n")
    assert not list(taken(found)[1].references.dangling())


@pytest.mark.parametrize(
    "file",
    [{"students__csv": "name\nAnn\n"}, {"students__csv": "id\n,\n"}, {"users__csv": "name\nAnn\n"}],
    ids=["unusable", "bad row", "OneRoster"],
)
def test_what_a_file_that_could_not_be_read_whole_should_bring_is_unread(tmp_path, file):
    showed = taken(folder(tmp_path, **file, enrolments__csv="subject,student_id\n18.06,912345671\n"))[1]
    assert "students" in showed.unread
    assert "subjects" not in showed.unread


def test_files_that_this_user_may_not_read_are_all_named_and_nothing_is_read():
    with open_folder("import") as path:
        rows = {"students__csv": "id,full_name\n912345671,Bo Lindqvist\n", "staff__csv": "email\na@campus.example\n"}
        found = folder(path, **rows, advising__csv="email,student_id\na@campus.example,912345671\n")
        for name in ("students.csv", "advising.csv"):
            (path / name).chmod(0)
        (path / "other").mkdir()
        with an_ordinary_user(path / "other"):
            who = pwd.getpwuid(os.geteuid()).pw_name
            records, showed = taken(found)
    assert (records, showed.report.rows) == ([], {})
    told = [(each.file, each.what) for each in showed.report.unusable]
    assert told == [(name, f"the user {who} may not read it") for name in ("students.csv", "advising.csv")]


def test_a_folder_that_this_user_may_not_read_is_refused_by_name():
    with open_folder("import") as path:
        (path / "export").mkdir(mode=0o700)
        with an_ordinary_user(path / "export"), pytest.raises(Refused, match=r"the user \S+ may not read it; let that user"):
            importing.look(path / "export")


@pytest.mark.parametrize(("column", "silent"), [("", True), (",suppress", False)])
def test_an_import_that_does_not_say_who_withheld_what_says_so(tmp_path, column, silent):
    found = folder(tmp_path, students__csv=f"id,full_name{column}\n912345671,Bo Lindqvist{column and ','}\n")
    assert bool(taken(found)[1].report.notes) is silent


COLUMNS: dict[str, tuple[str, dict[str, str]]] = {
    "a letter too few": ("supress", {"supress": "suppress"}),
    "two that changed places": ("Pruview", {}),  # of staff.csv
    "another ending": ("Suppression", {"Suppression": "suppress"}),
    "a blank too many": ("sup press", {}),  # read
    "what is there already": ("full name 2", {}),
    "what another file has": ("starts", {}),  # of subjects.csv, and nearly the status
    "what nobody misspelt": ("locker", {}),
    "several": ("supress,levle,statsu", {"supress": "suppress", "levle": "level", "statsu": "status"}),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_a_column_that_is_nearly_one_of_ours_is_told_with_it(tmp_path, case):
    columns, told = COLUMNS[case]
    rows = f"id,full_name,{columns}\n912345671,Bo Lindqvist{',' * (1 + columns.count(','))}\n"
    assert taken(folder(tmp_path, students__csv=rows))[1].report.misspelt == ({"students.csv": told} if told else {})


def test_of_an_export_that_a_program_writes_only_the_column_of_the_school_may_be_misspelt(tmp_path):
    rows = USERS.replace("email\n", "email,phones,metadata.supress\n").replace("example\n", "example,,\n")
    showed = taken(folder(tmp_path, Users__csv=rows))[1]
    assert showed.report.misspelt == {"users.csv": {"metadata.supress": "metadata.suppress"}}


def test_people_who_are_there_twice_are_told(tmp_path):
    found = folder(tmp_path, staff__csv="email\na@campus.example\nA@campus.example\n")
    assert "of which only one counts: 1 (the first: staff.csv:3)" in taken(found)[1].report.notes[0]


def test_files_that_change_while_they_are_read_are_no_import(tmp_path):
    for change in ("grown", "replaced", "gone"):
        found = folder(tmp_path, students__csv="id,full_name\n912345671,Bo Lindqvist\n", staff__csv="email\na@campus.example\n")
        records = importing.records(found, Showed(), TODAY)
        next(records)
        file = tmp_path / "students.csv"
        if change == "grown":
            file.write_text(file.read_text() + "912345672,Cy Ames\n")
        else:
            file.rename(tmp_path / "old")
            if change == "replaced":
                file.write_text("id,full_name\n912345671,Bo Lindqvist\n")
        with pytest.raises(Refused):
            list(records)


@pytest.mark.parametrize(
    ("second", "third", "contradicting"),
    [("", "", 0), ("phone", "", 0), ("phone;course", "", 1), ("all", "phone", 1), ("all", "course", 2)],
)
def test_a_student_s_second_row_that_withholds_more_is_told(tmp_path, second, third, contradicting):
    rows = "".join(
        f"{spelt},Bo,{words}\n" for spelt, words in (("912345671", "phone"), ("9123-45671", second), ("912345671", third))
    )
    found = folder(tmp_path, students__csv=f"id,full_name,suppress\n{rows}912345672,Cy,all\n912345673,Di,\n")
    references = taken(found)[1].references
    assert (references.contradicting, references.withholding) == (contradicting, 2)
