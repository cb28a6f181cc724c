"""`dlp import`: all or nothing, what would change before it does, and what is in force afterwards."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dlp import config, keys, snapshot
from dlp.cli import main
from dlp.commands import findable
from dlp.commands.site_store import open_store
from tests.commands.test_held import an_ordinary_user
from tests.e2e.loopback import open_folder
from tests.generate.campus import Campus, write

BAD = "enrolments.csv"


@dataclass(frozen=True, slots=True)
class Site:
    """A configured folder and an export of sixty students."""

    config: Path
    export: Path

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["import", "--config", str(self.config), *words])

    def bring(self, *options: str) -> Result:
        return self.run(str(self.export), *options)

    def document(self, *options: str) -> dict[str, Any]:
        document = json.loads(self.bring("--json", *options).stdout)
        assert isinstance(document, dict)
        return document

    @property
    def settings(self) -> config.Settings:
        return config.load(self.config)

    def in_force(self) -> snapshot.Snapshot | None:
        name = snapshot.name_in_force(self.settings.snapshots)
        key = keys.load(self.settings.keys_dir).finding_people
        return snapshot.open_snapshot(self.settings.snapshots / name, key) if name else None

    def add(self, file: str, line: str) -> None:
        with (self.export / file).open("a", encoding="utf-8") as stream:
            stream.write(line + "\r\n")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    path = tmp_path / "config.toml"
    path.write_text('[site]\nuser = ""\n', encoding="utf-8")
    (tmp_path / "var").mkdir(mode=0o700)
    keys.create(tmp_path / "var" / "keys")
    write(tmp_path / "export", Campus(60))
    return Site(path, tmp_path / "export")


def test_without_an_import_the_status_says_what_to_do(site):
    result = site.run("--status")
    assert result.exit_code == 1
    assert "no directory yet" in result.stdout


def test_a_whole_folder_is_in_force_at_once(site):
    result = site.bring("--as-of", "2026-11-20")
    assert result.exit_code == 0
    current = site.in_force()
    assert current is not None
    assert current.counts["students"] == 60
    assert current.counts["enrolments"] == 300
    assert current.student("900000001") is not None
    assert current.stamp.as_of.isoformat() == "2026-11-20T00:00:00-05:00"
    assert current.stamp.files >= {"students", "enrolments"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--as-of", "2026-11-20"), "as of 2026-11-20 00:00 EST"),
        (("--as-of", "2026-11-20T07:00Z"), "as of 2026-11-20 02:00 EST"),
        ((), r"as of \d{4}-\d\d-\d\d \d\d:\d\d E[SD]T"),
    ],
    ids=["day", "time", "now"],
)
def test_of_when_the_files_are_is_told_in_the_time_of_the_site(site, words, said):
    for shown in (site.bring(*words), site.run("--status")):
        assert re.search(said, shown.stdout)


def test_an_import_is_an_act_on_record(site):
    site.bring()
    name = snapshot.name_in_force(site.settings.snapshots)
    with open_store(site.settings) as store:
        (row,) = [row for row in store.audit_since(0) if row.event == "directory-imported"]
    assert row.detail["snapshot"] == name
    assert row.detail["rows"] == sum(site.in_force().counts.values())


def test_a_bad_row_changes_nothing(site):
    site.bring()
    before = snapshot.name_in_force(site.settings.snapshots)
    kept = sorted(site.settings.snapshots.iterdir())
    site.add("students.csv", "912345671,Bo,,")
    result = site.bring()
    assert result.exit_code == 1
    assert "students.csv:62: full_name" in result.stderr
    assert "nothing was changed" in result.stderr
    assert snapshot.name_in_force(site.settings.snapshots) == before
    assert sorted(site.settings.snapshots.iterdir()) == kept


def test_a_row_is_named_by_its_first_line_where_cells_hold_line_breaks(site):
    head = '"id",full_name,"term\naddress",suppress\r\n'  # two lines
    rows = [
        '912345670,Ann Lee,"1 Elm St\n2nd floor\n",',
        '912345671,,"2 Elm St\n\n3rd floor",',
        '912345672,Bo Ray,"3 Elm\nSt",al',
    ]
    rows += ['912345673,"Di\nOtt,,', "912345670,Ann Lee,,all"]
    (site.export / "students.csv").write_bytes((head + "\r\n".join(rows) + "\r\n").encode())
    bad = site.document("--yes")["bad"]
    assert [(each["file"], each["line"]) for each in bad] == [("students.csv", line) for line in (6, 9, 11, 12)]
    told = site.bring("--accept-partial").stderr
    assert "withholds what the first row, which counts, does not (the first: students.csv:13)" in told


def test_bad_rows_are_left_out_when_that_is_accepted(site):
    site.add("students.csv", "912345671,Bo,,")
    result = site.bring("--accept-partial")
    assert result.exit_code == 0
    current = site.in_force()
    assert current is not None
    assert (current.counts["students"], current.stamp.bad_rows) == (60, 1)
    assert "1 bad row was left out" in site.run("--status").stdout


def test_a_file_that_cannot_be_read_at_all_is_no_bad_row(site):
    (site.export / "staff.csv").write_text("name\nEva Okafor\n", encoding="utf-8")
    result = site.bring("--accept-partial", "--yes")
    assert result.exit_code == 1
    assert "staff.csv: the column email is missing" in result.stderr
    assert site.in_force() is None


def test_a_file_that_this_user_may_not_read_is_exit_1_and_json(site):
    with open_folder("import") as folder:
        shutil.copytree(site.export, folder / "export")
        (folder / "export" / "staff.csv").chmod(0)
        shutil.copytree(site.config.parent, folder / "site", ignore=shutil.ignore_patterns("export"))
        for path in (folder / "site", *(folder / "site").rglob("*")):
            os.chown(path, 65_534 if os.geteuid() == 0 else -1, -1)
        (folder / "other").mkdir()
        words = ["import", str(folder / "export"), "--config", str(folder / "site" / "config.toml")]
        with an_ordinary_user(folder / "other"):
            shown, told = CliRunner().invoke(main, words), CliRunner().invoke(main, [*words, "--json"])
    assert (shown.exit_code, told.exit_code) == (1, 1)
    assert re.search(r"dlp: staff.csv: the user \S+ may not read it \(let that user read it", shown.stderr)
    document = json.loads(told.stdout)
    assert ([each["file"] for each in document["unusable"]], document["changed"]) == (["staff.csv"], False)


def test_while_a_file_cannot_be_read_at_all_nothing_false_is_said_of_the_others(site):
    text = (site.export / "students.csv").read_text(encoding="utf-8")
    (site.export / "students.csv").write_bytes(text.encode("cp037", "replace"))
    result = site.bring()
    assert "students.csv: it is no CSV but text in EBCDIC (export the file again as UTF-8" in result.stderr
    assert not re.search("is in no row of|withhold something", result.stdout)


def test_while_rows_are_bad_nothing_false_is_said_of_those_that_refer_to_them(site):
    text = (site.export / "students.csv").read_text(encoding="utf-8")
    (site.export / "students.csv").write_text(text.replace(",current,", ",curent,"), encoding="utf-8")
    said = re.compile("is in no row of students|withhold something")
    assert not said.search(site.bring().stdout)
    document = site.document()
    assert (document["dangling"], document["withholding"]) == ([], None)
    assert len(said.findall(site.bring("--accept-partial", "--yes").stdout)) > 1  # now they are left out, and it is true


def test_the_same_mistake_in_every_row_is_told_a_few_times_and_counted(site):
    text = (site.export / "enrolments.csv").read_text(encoding="utf-8")
    (site.export / "enrolments.csv").write_text(re.sub(r"(?m)^[^,]+,(?=2026)", ",", text), encoding="utf-8")
    site.add("enrolments.csv", "18.06")
    told = [line for line in site.bring().stderr.splitlines() if "enrolments.csv" in line]
    assert len([line for line in told if "subject: required, and blank (fill it in" in line]) == 5
    assert "dlp: enrolments.csv: subject: required, and blank: the same 195 times more" in told
    assert len(site.document()["bad"]) == 200


def test_no_cell_is_ever_shown(site):
    site.add("students.csv", "912345671,Bo,Lindqvist,,,lindqvist at home")
    for options in ((), ("--json",), ("--dry-run",), ("--accept-partial",)):
        result = site.bring(*options)
        assert "xxxxxxxxx xx xxxx" in result.stdout + result.stderr
        assert "lindqvist" not in (result.stdout + result.stderr).lower()


def test_a_dry_run_shows_the_differences_and_leaves_nothing(site):
    site.bring()
    before = sorted(path.name for path in site.settings.data_dir.rglob("*"))
    write(site.export, Campus(62))
    text = (site.export / "students.csv").read_text(encoding="utf-8").replace(",555-0006,", ",,")
    (site.export / "students.csv").write_text(text, encoding="utf-8")
    document = site.document("--dry-run")
    assert (document["snapshot"], document["changed"]) == (None, False)
    assert document["differences"]["files"]["students"] == {"added": 2, "removed": 0, "changed": 1}
    assert document["differences"]["newly_suppressed"] == 1
    assert sorted(path.name for path in site.settings.data_dir.rglob("*")) == before
    told = (
        "students newly suppressed: 1; no longer: 0 (of those who were and are there)\nstudents: 2 added, 0 removed, 1 changed"
    )
    assert told in site.bring("--dry-run").stdout
    assert told in site.bring().stdout


def test_how_many_withhold_something_is_told_from_the_first_import_on(withheld: Site) -> None:
    assert "students who withhold something: 12" in withheld.run("--status").stdout
    _blank(1)(withheld.export)
    told = withheld.bring().stdout
    assert "students newly suppressed: 0; no longer: 1" in told
    assert "students who withhold something: 11" in told


def test_rows_in_force_that_are_damaged_stop_no_import(site: Site) -> None:
    site.bring()
    file = site.settings.snapshots / snapshot.name_in_force(site.settings.snapshots) / "attributes"
    file.write_bytes(bytes(file.stat().st_size))
    result = site.bring()
    assert (result.exit_code, "nothing to compare with: rows of the snapshot in force are damaged" in result.stdout) == (
        0,
        True,
    )


@pytest.mark.parametrize(("students", "refused"), [(60, False), (54, False), (53, True)])
def test_far_fewer_people_must_be_meant(site, students, refused):
    site.bring()
    before = snapshot.name_in_force(site.settings.snapshots)
    staff = (site.export / "staff.csv").read_bytes()
    write(site.export, Campus(students))
    (site.export / "staff.csv").write_bytes(staff)
    assert site.bring("--dry-run").exit_code == refused
    result = site.bring()
    assert result.exit_code == refused
    assert (snapshot.name_in_force(site.settings.snapshots) == before) is refused
    assert ("students: 53 instead of 60" in result.stderr) is refused
    assert site.bring("--yes").exit_code == 0
    current = site.in_force()
    assert current is not None
    assert current.counts["students"] == students


def test_a_file_that_is_missing_since_the_last_import_must_be_meant(site):
    site.bring()
    (site.export / "advising.csv").unlink()
    result = site.bring()
    assert result.exit_code == 1
    assert "advising.csv was there at the last import" in result.stderr
    assert site.bring("--yes").exit_code == 0


def test_unknown_columns_and_dangling_references_are_told_and_kept(site):
    (site.export / "advising.csv").write_text(
        "email,student_id,since\nnobody@campus.example,900000001,2020\n", encoding="utf-8"
    )
    document = site.document()
    assert document["changed"]
    assert document["unknown_columns"] == {"advising.csv": ["since"]}
    dangling = {"file": "advising", "column": "email", "target": "staff", "rows": 1, "first": "advising.csv:2"}
    assert document["dangling"] == [dangling]
    current = site.in_force()
    assert current is not None
    assert len(current.advising_of("900000001")) == 1
    assert "advising: 1 row whose email is in no row of staff (kept; the first: advising.csv:2)" in site.run("--status").stdout


def test_consents_go_into_the_store_and_need_no_other_file(site):
    site.bring()
    before = snapshot.name_in_force(site.settings.snapshots)
    consents = site.export.parent / "consents"
    consents.mkdir()
    (consents / "consents.csv").write_text(
        "consent_id,person,kinds,recipient,given_on\nC1,900000001,grades,hr@employer.example,2026-09-01\n", encoding="utf-8"
    )
    result = site.run(str(consents), "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["loaded"]["consents"]["added"] == 1
    assert snapshot.name_in_force(site.settings.snapshots) == before
    assert json.loads(site.run(str(consents), "--json").stdout)["loaded"]["consents"]["unchanged"] == 1


def test_a_dry_run_foresees_what_becomes_of_consents_and_keeps_none(site: Site) -> None:
    folder = site.export.parent / "consents"
    folder.mkdir()

    def bring(*rows: str, dry: bool = True) -> dict[str, Any]:
        lines = ["consent_id,person,kinds,recipient,given_on", *(f"{row},hr@employer.example,2026-09-01" for row in rows)]
        (folder / "consents.csv").write_text("\n".join(lines), encoding="utf-8")
        document = json.loads(site.run(str(folder), "--json", *(["--dry-run"] if dry else [])).stdout)
        return dict(document["foreseen"]["consents"]) if dry else dict(document["loaded"]["consents"])

    first = ("C1,900000001,grades", "C2,900000002,grades", "C3,900000003,grades", "C4,900000004,grades")
    assert bring(*first) == {"added": 4}
    assert not (site.settings.data_dir / "store.sqlite").exists()
    bring(*first, dry=False)
    bring(*first[:3], dry=False)  # C4 is withdrawn
    second = (first[0], "C2,900000002,grades;gpa", first[3], "C5,900000005,grades")
    assert bring(*second) == {"unchanged": 1, "changed": 1, "ended": 1, "added": 1, "withdrawn": 1}
    shown = site.run(str(folder), "--dry-run").stdout
    assert "consents: 1 unchanged, 1 changed, 1 added, 1 withdrawn\nconsents: 1 does not count now, and comes back" in shown
    done = bring(*second, dry=False)
    assert {word: count for word, count in done.items() if count} == {
        "added": 1, "changed": 1, "restored": 1, "unchanged": 1, "withdrawn": 1,
    }  # fmt: skip


def test_of_what_was_added_by_hand_a_dry_run_says_what_the_import_will(site: Site) -> None:
    folder = site.export.parent / "consents"
    folder.mkdir()
    file = folder / "consents.csv"
    file.write_text("consent_id,person,kinds,recipient,given_on\n", encoding="utf-8")

    def said(*words: str) -> list[str]:
        return [line for line in site.run(str(folder), *words).stdout.splitlines() if "by hand" in line]

    given = ("--student", "900000001", "--kinds", "gpa", "--recipient", "hr@employer.example", "--purpose", "a job")
    for name, line in {
        "C1": "consents: 1 was added or revoked by hand, and stays as it is",
        "C2": "consents: 2 were added or revoked by hand, and stay as they are",
    }.items():
        with file.open("a", encoding="utf-8") as rows:
            rows.write(f"{name},900000001,grades,hr@employer.example,2026-09-01\n")
        words = ("consent", "add", *given, "--strength", "written", "--given-on", "2026-09-01", "--id", name)
        assert CliRunner().invoke(main, [*words, "--config", str(site.config)]).exit_code == 0
        assert said("--dry-run") == said() == [line]


def test_consents_alone_are_of_people_in_the_directory_in_force(site):
    site.bring()
    consents = site.export.parent / "consents"
    consents.mkdir()
    rows = [
        f"C{number},{person},grades,hr@employer.example,2026-09-01" for number, person in enumerate(("900000001", "912345679"))
    ]
    (consents / "consents.csv").write_text("\n".join(["consent_id,person,kinds,recipient,given_on", *rows]), encoding="utf-8")
    (dangling,) = json.loads(site.run(str(consents), "--json").stdout)["dangling"]
    assert (dangling["rows"], dangling["first"]) == (1, "consents.csv:3")


ODD = """consent_id,person,kinds,recipient,purpose,strength,given_on,expires_on
C1,900000001,grades,hr@employer.example,employment,written,2026-09-01,
C2,900000001,grades,hr@employer.example,employment,written,2026-09-02,2026-09-01
C3,900000001,grades,class:other,employment,written,2026-09-01,
C4,900000001,grades,@com,employment,written,2026-09-01,
C5,900000001,all,hr@employer.example,employment,written,2026-09-01,
C6,900000001,grades:MA999,hr@employer.example,employment,written,2026-09-01,
C7,900000001,grades,hr@employer.example,,written,2026-09-01,
C8,900000001,grades,hr@employer.example,employment,,2026-09-01,
C9,900000002,gpa,hr@employer.example,,,2026-09-01,
C10,{address},gpa,hr@employer.example,employment,written,2026-09-01,
C11,900000001,gpa;grades:MA999,hr@employer.example,employment,written,2026-09-01,
"""
ONLY_OWN = "all is only for an investigation form, or an address of the person's own"
TOLD = (
    "consents that count nowhere (its last day lies before the day it was given): 1 (the first: consents.csv:3)",
    "consents that count nowhere (it names nobody in particular): 2 (the first: consents.csv:4)",
    f"consents that count nowhere ({ONLY_OWN}): 1 (the first: consents.csv:6)",
    "consents that count nowhere (no subject in the directory has this number): 1 (the first: consents.csv:7)",
    "consents without a purpose, so for every purpose: 2 (the first: consents.csv:8)",
    "consents that count nowhere (outside only what is written counts): 2 (the first: consents.csv:9)",
    "consents that count nowhere (a student's address is no person here, give the student ID): 1 (the first: consents.csv:11)",
    "consents of which a kind counts nowhere (no subject in the directory has this number): 1 (the first: consents.csv:12)",
)


@pytest.mark.parametrize("alone", [False, True], ids=["with the people", "alone"])
def test_consents_that_count_nowhere_or_for_every_purpose_are_told(site: Site, *, alone: bool) -> None:
    address = (site.export / "students.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[5]
    consents = site.export
    if alone:
        site.bring()
        consents = site.export.parent / "consents"
        consents.mkdir()
    (consents / "consents.csv").write_text(ODD.replace("{address}", address), encoding="utf-8")
    for words in (("--dry-run",), ()):
        told = site.run(str(consents), *words).stdout.splitlines()
        assert (set(TOLD) <= set(told), any(line.startswith("students who withhold") for line in told)) == (True, not alone)
        assert not any("is in no row of staff" in line for line in told)  # C10 is told of once
    assert set(TOLD) <= set(json.loads(site.run(str(consents), "--json").stdout)["notes"])
    assert json.loads(site.run("--status", "--json").stdout)["consents"] == {
        "standing": 11, "without_purpose": 2, "counting_nowhere": 8,
    }  # fmt: skip
    for line in ("without a purpose, so for every purpose: 2", "that count nowhere: 8 (dlp consent list says why)"):
        assert f"consents {line}" in site.run("--status").stdout.splitlines()
    rows = (
        json.loads(line)
        for line in CliRunner().invoke(main, ["doctor", "--json", "--config", str(site.config)]).stdout.splitlines()
    )
    (seen,) = (row for row in rows if row["check"] == "consents")
    assert seen["state"] == "warn"
    assert seen["what"].startswith("11 on record; consents without a purpose, so for every purpose: 2; consents that count")


def test_where_no_consent_was_ever_kept_none_is_counted(site: Site) -> None:
    site.bring()
    assert json.loads(site.run("--status", "--json").stdout)["consents"]["standing"] == 0
    (site.settings.data_dir / "store.sqlite").unlink()
    assert json.loads(site.run("--status", "--json").stdout)["consents"] is None
    assert not (site.settings.data_dir / "store.sqlite").exists()


def test_a_term_that_subjects_has_not_is_told_with_its_first_row(site):
    text = (site.export / "enrolments.csv").read_text(encoding="utf-8").replace("2026FA", "2026 Fall")
    (site.export / "enrolments.csv").write_text(text, encoding="utf-8")
    assert (
        "enrolments: 300 rows whose term is in no row of subjects for their subject (kept; the first: " in site.bring().stdout
    )


def test_ids_that_no_pattern_finds_are_told_until_one_does(site):
    file = site.export / "students.csv"
    file.write_text(re.sub(r"(?m)^9", "S", file.read_text(encoding="utf-8")), encoding="utf-8")
    told = "of 60 student IDs 60 fit no id pattern in force (the first has the shape x99999999)"
    counted = {"students": 60, "tried": 60, "no_id_pattern": 60, "shape": "x99999999", "no_site_domain": 0, "shared": 0}
    for shown in (site.bring("--dry-run"), site.bring(), site.run("--status")):
        assert (shown.exit_code, told in shown.stdout, "docs/patterns.md" in shown.stdout) == (0, True, True)
    for found in (site.document("--dry-run"), site.document(), json.loads(site.run("--status", "--json").stdout)):
        assert found["findable"] == counted
    (site.config.parent / "own").mkdir()
    pattern = '[[pattern]]\nid = "own"\nkind = "id"\nregex = \'S[0-9]{8}\'\nmatch = ["S00000001"]\n'
    (site.config.parent / "own" / "ids.toml").write_text(pattern, encoding="utf-8")
    assert "id pattern" not in site.run("--status", "--set", 'policy.patterns=["own"]').stdout


def test_of_very_many_students_some_are_tried_evenly_spread(site, monkeypatch):
    monkeypatch.setattr(findable, "TRIED", 25)
    site.bring()
    found = json.loads(site.run("--status", "--json").stdout)["findable"]
    assert (found["students"], found["tried"]) == (60, 20)  # every third
    file = site.export / "students.csv"
    file.write_text(re.sub(r"(?m)^9", "S", file.read_text(encoding="utf-8")), encoding="utf-8")
    assert "of 20 student IDs looked at, spread evenly over 60, 20 fit no id pattern" in site.bring("--yes").stdout


def test_addresses_elsewhere_and_of_two_students_are_counted(site):
    file = site.export / "students.csv"
    head, first, second, *rest = file.read_text(encoding="utf-8").replace("@campus.", "@canpus.").splitlines()
    address = first.split(",")[5]
    rows = [head, first, second.replace(second.split(",")[5], address), *rest]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    for shown in (site.bring("--dry-run"), site.bring()):
        assert "of 60 students 60 have addresses in no domain of [site] domains" in shown.stdout
        assert "1 address is that of more than one student" in shown.stdout


@pytest.fixture
def withheld(site: Site) -> Site:
    """Twelve students who withhold everything, a parent and a forward."""
    rows = "".join(f"9123456{number},Bo Lind{number},all\n" for number in range(10, 22))
    for file in site.export.iterdir():
        file.unlink()
    (site.export / "students.csv").write_text("id,full_name,suppress\n912345600,Cy Ames,\n" + rows)
    (site.export / "contacts.csv").write_text("address,type\npat@freemail.example,parent\n")
    assert site.bring().exit_code == 0
    return site


def _without_the_column(export: Path) -> None:
    lines = (export / "students.csv").read_text().splitlines()
    (export / "students.csv").write_text("".join(line.rpartition(",")[0] + "\n" for line in lines))


def _blank(students: int) -> Callable[[Path], None]:
    def change(export: Path) -> None:
        text = (export / "students.csv").read_text()
        (export / "students.csv").write_text(text.replace(",all\n", ",\n", students))

    return change


def _twice(words: str) -> Callable[[Path], None]:
    def change(export: Path) -> None:
        with (export / "students.csv").open("a") as file:
            file.write(f"9123-45600,Cy Ames,{words}\n")

    return change


def _alike(spelt: str) -> Callable[[Path], None]:
    def change(export: Path) -> None:
        with (export / "students.csv").open("a") as file:
            file.write(f"{spelt},Di Ott,\n")

    return change


def _no_contacts(export: Path) -> None:
    (export / "contacts.csv").write_text("address,type\n")


# what an export that went wrong looks like, and whether somebody must say that it is meant
LOOSER: dict[str, tuple[Callable[[Path], None], str]] = {
    "the column that says who withholds what is gone": (_without_the_column, "withhold something: 0 instead of 12"),
    "it is there and empty": (_blank(12), "withhold something: 0 instead of 12"),
    "most of it is empty": (_blank(10), "withhold something: 2 instead of 12"),
    "a few students changed their mind": (_blank(9), ""),
    "a second row withholds what the first does not": (
        _twice("all"),
        "first row, which counts, does not (the first: students.csv:15)",
    ),
    "an ID that differs in its letters": (_alike("G-912345600"), "counts as that student's (the first: students.csv:15)"),
    "the same ID in another spelling": (_alike("912 345 600"), ""),
    "a second row that says the same": (_twice(""), ""),
    "nobody is a parent any more": (_no_contacts, "contacts: 0 instead of 1"),
}


@pytest.mark.parametrize("case", LOOSER)
def test_an_export_by_which_less_would_be_held_must_be_meant(withheld: Site, case: str) -> None:
    change, said = LOOSER[case]
    before = snapshot.name_in_force(withheld.settings.snapshots)
    change(withheld.export)
    result = withheld.bring()
    assert (result.exit_code, snapshot.name_in_force(withheld.settings.snapshots) == before) == (bool(said), bool(said))
    assert said in result.stderr
    assert withheld.bring("--yes").exit_code == 0


MISSPELT = 'students.csv: the column supress is none we know, and is not read: did you mean "suppress"?'


def test_a_misspelt_column_must_be_meant_once_and_is_told_while_it_counts(withheld: Site) -> None:
    shutil.rmtree(withheld.settings.snapshots)  # it is the first import
    students = withheld.export / "students.csv"
    students.write_text(students.read_text().replace("suppress", "supress"))
    for words in ((), ("--dry-run",)):
        refused = withheld.bring(*words)
        assert (refused.exit_code, f"dlp: {MISSPELT}" in refused.stderr, withheld.in_force()) == (1, True, None)
    assert (withheld.bring("--yes").exit_code, withheld.bring().exit_code) == (0, 0)
    doctor = CliRunner().invoke(main, ["doctor", "--config", str(withheld.config)]).stdout
    for shown in (withheld.run("--status").stdout, doctor):
        assert MISSPELT in shown
    students.write_text(students.read_text().replace("supress", "supress,statsu").replace(",all", ",all,"))
    again = withheld.bring()
    assert (again.exit_code, "supress" in again.stderr, "the column statsu" in again.stderr) == (1, False, True)


def test_a_misspelt_column_of_a_later_import_must_be_meant(site: Site) -> None:
    site.bring()
    staff = site.export / "staff.csv"
    text = staff.read_text(encoding="utf-8").replace("purview", "purveiw")
    staff.write_text(text, encoding="utf-8")
    assert 'the column purveiw is none we know, and is not read: did you mean "purview"?' in site.bring().stderr
    document = site.document()
    assert (document["changed"], document["misspelt"]) == (False, {"staff.csv": {"purveiw": "purview"}})
    assert site.bring("--yes").exit_code == 0


# file, rows that are left of it, and whether somebody must say that it is meant
ROSTERS = (
    ("enrolments", 0, True),
    ("enrolments", 149, True),
    ("enrolments", 150, False),
    ("advising", 0, True),
    ("assignments", 0, True),
    ("subjects", 0, True),
)


@pytest.mark.parametrize(("file", "left", "refused"), ROSTERS)
def test_a_roster_that_lost_most_of_its_rows_must_be_meant(site: Site, file: str, left: int, *, refused: bool) -> None:
    site.bring()
    path = site.export / f"{file}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: left + 1]), encoding="utf-8")
    for words in (("--dry-run",), ()):
        result = site.bring(*words)
        assert (result.exit_code, f"{file}: {left} instead of {len(lines) - 1}\n" in result.stderr) == (refused, refused)
    assert site.bring("--yes").exit_code == 0


def test_consents_of_which_none_is_left_must_be_meant(site: Site) -> None:
    folder = site.export.parent / "consents"
    folder.mkdir()

    def bring(rows: int, *words: str) -> Result:
        lines = [f"C{row},90000000{row},grades,hr@employer.example,2026-09-01\n" for row in range(1, rows + 1)]
        (folder / "consents.csv").write_text("consent_id,person,kinds,recipient,given_on\n" + "".join(lines))
        return site.run(str(folder), *words)

    assert (bring(0).exit_code, bring(3).exit_code, bring(1).exit_code) == (0, 0, 0)
    refused = bring(0)
    assert (refused.exit_code, "consents: of 1 that earlier imports brought 0 are left" in refused.stderr) == (1, True)
    assert bring(0, "--dry-run").exit_code == 1
    assert (bring(0, "--yes").exit_code, bring(0).exit_code) == (0, 0)


def test_other_consents_make_up_for_none_that_are_gone(site: Site) -> None:
    folder = site.export.parent / "consents"
    folder.mkdir()

    def bring(names: str, *words: str) -> Result:
        lines = [f"{name},900000001,grades,hr@employer.example,2026-09-01\n" for name in names]
        (folder / "consents.csv").write_text("consent_id,person,kinds,recipient,given_on\n" + "".join(lines))
        return site.run(str(folder), *words)

    assert bring("abc").exit_code == 0
    refused = bring("xyz")
    assert (refused.exit_code, "consents: of 3 that earlier imports brought 0 are left" in refused.stderr) == (1, True)
    assert (bring("cxyz").exit_code, bring("abxyz").exit_code, bring("mno", "--yes").exit_code) == (0, 0, 0)


@pytest.mark.parametrize("words", [(), ("--dry-run",)], ids=["in force", "dry"])
def test_files_that_are_too_old_for_a_directory_are_told_at_once(site: Site, words: tuple[str, ...]) -> None:
    old = site.bring("--as-of", "2026-01-01", *words)
    assert old.exit_code == 0
    assert re.search(r"dlp: the files are \d+ days old, more than \[policy\] max_snapshot_age: the directory is", old.stderr)
    assert site.document("--as-of", "2026-01-01", "--yes", *words)["stale"]
    assert "max_snapshot_age" not in site.bring("--yes", *words).stderr


# of a file: rows left at one import after another, whether each must be meant, and the most there were
SMALL_LOSSES = {
    "students": ([60, 56, 54, 52, 57, 53], [False, False, False, True, False, True], 60),
    "enrolments": ([300, 151, 150, 149, 160, 80], [False, False, False, True, False, True], 300),
    "lists": ([40, 37, 36, 30, 38, 29], [False, False, False, True, False, True], 40),
}


@pytest.mark.parametrize("file", SMALL_LOSSES)
def test_many_small_losses_are_a_large_one(site: Site, file: str) -> None:
    left, refused, most = SMALL_LOSSES[file]
    lists = "".join(f"list{number}@campus.example,staff\n" for number in range(most))
    (site.export / "lists.csv").write_text(f"address,kind\n{lists}", encoding="utf-8")
    lines = (site.export / f"{file}.csv").read_text(encoding="utf-8").splitlines(keepends=True)

    def bring(rows: int, *words: str) -> Result:
        (site.export / f"{file}.csv").write_text("".join(lines[: rows + 1]), encoding="utf-8")
        return site.bring(*words)

    brought = [bring(rows) for rows in left]
    assert [each.exit_code == 1 for each in brought] == refused
    assert [f"{file}: {rows} instead of {most} (" in each.stderr for rows, each in zip(left, brought, strict=True)] == refused
    assert bring(left[-1], "--yes").exit_code == bring(left[-1] - 3).exit_code == 0


def test_a_disk_that_is_full_at_the_end_is_said_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("dlp.commands.import_report.json.dump", full)
    result = site.bring()
    assert (result.exit_code, site.in_force()) == (2, None)
    assert "no space left" in result.stderr
    assert not [path for path in site.settings.snapshots.iterdir() if path.is_dir()]


def test_files_of_an_earlier_day_than_those_in_force_must_be_meant(site: Site) -> None:
    assert site.bring("--as-of", "2026-11-20").exit_code == 0
    before = snapshot.name_in_force(site.settings.snapshots)
    older = site.bring("--as-of", "2026-11-19")
    assert (older.exit_code, snapshot.name_in_force(site.settings.snapshots)) == (1, before)
    assert "those in force are later" in older.stderr
    assert site.bring("--as-of", "2026-11-20").exit_code == site.bring("--as-of", "2026-11-19", "--yes").exit_code == 0


def test_nothing_counts_approvals(site: Site) -> None:
    """A number of them would tell of a sealed one."""
    rows = "".join(f"A{number},o@campus.example,2026-11-0{number},912345671,yes\n" for number in range(1, 8))
    (site.export / "approvals.csv").write_text("approval_id,officer,given_on,student_id,sealed\n" + rows)
    told = site.document()
    (kept,) = [path.read_text() for path in site.settings.snapshots.glob("*/import.json")]
    for shown in (json.dumps(told), kept, site.bring("--yes").stdout, site.run("--status", "--json").stdout):
        assert not re.search(r"approvals(?:\.csv)?\W+\d", shown)
    assert told["loaded"] == {"approvals": {}}


def test_what_a_killed_dry_run_left_is_removed(site: Site) -> None:
    left = [site.settings.data_dir / f".dry-run-{name}" for name in ("old", "new")]
    for folder in left:
        folder.mkdir()
        (folder / "attributes").write_text("Bo Lindqvist")
    os.utime(left[0], (0, 0))
    assert site.bring("--dry-run").exit_code == 0
    assert [folder.exists() for folder in left] == [False, True]


def test_consents_that_are_refused_leave_the_directory_as_it_was(site):
    row = 'C1,900000001,grades,hr@employer.example,2026-09-01,"paper,\nblue"\n'
    (site.export / "consents.csv").write_text(
        f"consent_id,person,kinds,recipient,given_on,evidence\n{row}{row}", encoding="utf-8"
    )
    assert site.bring("--dry-run").exit_code == 2
    result = site.bring()
    assert result.exit_code == 2
    assert "consents.csv:4: the same consent_id as consents.csv:2; give each its own" in result.stderr
    assert site.in_force() is None
    assert not [path for path in site.settings.snapshots.iterdir() if path.is_dir()]


def test_a_command_that_goes_by_an_earlier_import_says_so(site):
    for day in ("2026-11-20", "2026-11-21"):
        site.bring("--as-of", day, "--yes")
    name = snapshot.name_in_force(site.settings.snapshots)
    message = site.config.parent / "m.eml"
    message.write_text("From: a.lind@campus.example\nTo: t.ames@campus.example\n\nSee you.\n", encoding="utf-8")
    check = ["check", str(message), "--config", str(site.config)]
    assert "damaged" not in CliRunner().invoke(main, check).stderr
    for file in (site.settings.snapshots / name).iterdir():
        file.write_bytes(b"")
    told = CliRunner().invoke(main, check)
    assert told.exit_code == 0
    assert "dlp: the last import is damaged; people are known as of 2026-11-20" in told.stderr


@pytest.mark.parametrize(("now", "old"), [("2026-11-25", False), ("2028-01-01", True)])
def test_a_message_judged_at_a_time_when_the_directory_is_too_old_says_so(site, now, old):
    site.bring("--as-of", "2026-11-20")
    message = site.config.parent / "m.eml"
    message.write_text("From: a.lind@campus.example\nTo: t.ames@campus.example\n\nSee you.\n", encoding="utf-8")
    told = CliRunner().invoke(main, ["check", str(message), "--config", str(site.config), "--now", now])
    assert told.exit_code == 0
    assert ("at the time judged the directory is 407 days old, more than [policy] max_snapshot_age" in told.stderr) is old


def test_a_damaged_snapshot_is_mended_by_the_next_import(site):
    site.bring()
    name = snapshot.name_in_force(site.settings.snapshots)
    (site.settings.snapshots / name / "manifest").write_text("nothing of ours\n", encoding="utf-8")
    assert site.run("--status").exit_code == 2
    result = site.bring()
    assert result.exit_code == 0
    assert "nothing to compare with" in result.stdout
    assert site.in_force() is not None


def test_an_old_snapshot_is_told_by_the_exit_status(site):
    site.bring("--as-of", "2026-01-01")
    result = site.run("--status")
    assert result.exit_code == 1
    assert "too old" in result.stdout
    document = json.loads(site.run("--status", "--json", "--set", "policy.max_snapshot_age=520w").stdout)
    assert (document["stale"], document["counts"]["students"]) == (False, 60)
    assert document["import"]["rows"]["students.csv"] == 60


@pytest.mark.parametrize(
    "words",
    [(), ("--status", "."), ("nowhere",), (".", "--as-of", "yesterday"), (".", "--as-of", "2999-01-01")],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_a_usage_error(site, words):
    result = site.run(*words)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert result.stderr


def test_the_folder_may_go_after_the_import(site):
    site.bring()
    shutil.rmtree(site.export)
    current = site.in_force()
    assert current is not None
    assert current.student("900000001") is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_root_stays_root_where_the_data_folder_is_its_own(site):
    site.config.write_text('[site]\nuser = "nobody-here"\n', encoding="utf-8")
    assert site.bring().exit_code == 0
    os.chown(site.settings.data_dir, 12345, 12345)
    result = site.run("--status")
    assert result.exit_code == 2
    assert "there is no user 'nobody-here'" in result.stderr


def test_a_first_import_without_students_changes_nothing_and_names_the_file_that_is_nearly_right(site):
    (site.export / "students.csv").rename(site.export / "student.csv")
    shown = site.bring()
    assert shown.exit_code == 1
    assert 'there is no student in it, so no student would be known; student.csv: did you mean "students.csv"?' in shown.stderr
    assert site.in_force() is None
    assert site.bring("--yes").exit_code == 0
    assert site.in_force() is not None


def test_whether_there_is_a_directory_is_not_told_to_a_user_who_may_not_see_it(site):
    site.bring()
    with open_folder("import") as folder:
        shutil.copytree(site.config.parent, folder / "site")
        (folder / "site").chmod(0o755)
        (folder / "site" / "config.toml").chmod(0o644)
        with an_ordinary_user(folder / "site" / "var"):
            status = CliRunner().invoke(main, ["import", "--status", "--config", str(folder / "site" / "config.toml")])
    assert status.exit_code == 3
    assert "cannot be read by this user; run it as root, or as the user that runs dlp serve" in status.stderr
