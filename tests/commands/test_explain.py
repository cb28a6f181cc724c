"""`dlp explain` on the cases of tests/cases: the tree says who, what, which row and why, and shows no value it found."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dlp.cli import main
from dlp.commands import described

CASES = Path(__file__).parents[1] / "cases"
SLUGS = ("need-split", "list-with-one-outsider", "own-record-and-another", "name-outside-everything-withheld", "four-outside")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with the small university of the cases."""
    folder = tmp_path_factory.mktemp("site")
    run("init", str(folder))
    config = folder / "config.toml"
    config.write_text(config.read_text().replace('user = "dlp"', 'user = ""'))
    shutil.copytree(CASES / "campus", folder / "campus")
    done = run("import", "--config", str(config), "--as-of", "2026-10-04", str(folder / "campus"))
    assert done.exit_code == 0, done.output
    return config


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def explained(site: Path, slug: str, *words: str) -> Result:
    return run("explain", "--config", str(site), "--now", "2026-10-05T10:00:00-04:00", *words, str(CASES / f"{slug}.eml"))


@pytest.mark.parametrize("slug", SLUGS)
def test_the_tree_ends_in_the_verdict_of_the_case(site: Path, slug: str) -> None:
    for wanted in tomllib.loads((CASES / f"{slug}.toml").read_text())["recipient"]:
        done = explained(site, slug, "--as", wanted["address"])
        assert done.exit_code == 0, done.output
        assert done.stdout.splitlines()[1].startswith(f"{wanted['action']}  {wanted['address']}")
        decided = done.stdout.splitlines()[-1].partition(", by ")[2].split(", ")
        assert sorted(decided) == sorted(wanted["rows"])
        assert all(code in done.stdout for code in wanted["codes"])


def test_no_value_is_shown(site: Path) -> None:
    for slug in SLUGS:
        shown = explained(site, slug, "--tried").stdout
        assert "9123456" not in shown
        assert "Nakamura" not in shown


def test_what_a_list_says_of_everybody_on_it_is_told(site: Path) -> None:
    shown = explained(site, "class-list-to-its-staff").stdout
    assert "├─ a class list of 8.01 (2026FA), as the text says\n" in shown
    chosen = "├─ those listed were chosen by standing, so being listed tells it of each\n"
    assert chosen in explained(site, "chosen-by-probation").stdout


def test_a_tip_is_told_as_one(site: Path) -> None:
    shown = explained(site, "tip-private-notes").stdout
    assert (
        "├─ the whole message: tip: private notes are mailed\n   │  ├─ rests on FAQ question 9; row tip-notes, none, R61\n"
        in shown
    )
    assert "a notice, if there is one, adds: Notes stay private only" in shown


def test_rows_that_were_passed_over_say_which_word_did_not_fit(site: Path) -> None:
    shown = explained(site, "need-split", "--tried", "--as", "m.osei@campus.example").stdout
    assert "not I1: need is uncovered" in shown
    assert "not O1: scope is inside" in shown
    assert not [line for line in shown.splitlines() if len(line.partition("─ ")[2]) == 1], "a phrase letter by letter"
    assert "not I1" not in explained(site, "need-split", "--as", "m.osei@campus.example").stdout


def test_each_member_of_a_list_is_explained(site: Path) -> None:
    shown = explained(site, "list-with-one-outsider").stdout
    assert "reader: a.lind@campus.example: inside; by a list (staff)" in shown
    assert "reader: library@campus.example: inside; by a list (staff); staff; purview none" in shown


@pytest.mark.parametrize(
    ("slug", "address", "lines"),
    [
        ("need-department-office-other-department", "", ["purview department_office (Physics); the student belongs to"]),
        ("need-former-staff", "", ["nothing is on record of this reader, not even as employed here"]),
        (
            "eastern-illinois-spaced-ids",
            "i.marek@campus.example",
            [
                "a fellow student has no work here that needs it, and no consent for this reader is on record",
                "the sender reads: It tells a reader about other people.",
                "the sender reads: The readers would see each other's addresses, and so who else gets it.",
            ],
        ),
        (
            "kansas-all-visible",
            "",
            ["said of whoever is meant: standing by pattern", "2 students would see each other's addresses"],
        ),
        (
            "evaluation-to-the-evaluated",
            "",
            ["person 1, standard personnel information: pass", "rests on policy 11.2.3; row S1"],
        ),
        (
            "court-with-counsel-by-another",
            "",
            ["rests on policy 11.2.7 and FAQ question 7", "after consultation with counsel, is on record"],
        ),
        ("own-record-stranger-address", "", ["if this is the student's own private address: write to the campus address"]),
        ("public-site-grade", "", ["outside; a public site, or a list that goes outside"]),
        ("rows-of-a-named-class", "t.ames@campus.example", ["enrolment, by being listed", "outweighed by the hold"]),
        ("purpose-of-another-office", "", ["it gives details of one student beside the reader"]),
    ],
)
def test_what_a_registrar_asked_is_answered(site: Path, slug: str, address: str, lines: list[str]) -> None:
    shown = explained(site, slug, *(["--as", address] if address else [])).stdout
    assert [line for line in lines if line not in shown] == []


def test_only_what_covers_it_is_told_as_the_need_to_know(site: Path) -> None:
    shown = explained(site, "advisor-of-the-student").stdout.partition("person 1, standing: pass")[2]
    assert "on record: advises this student" in shown
    assert "instructor of 8.01, which" not in shown


def test_a_message_that_is_stopped_has_no_line_that_it_is_about_nobody(site: Path) -> None:
    assert "nobody: pass" not in explained(site, "kansas-all-visible").stdout
    assert "nobody: pass" in explained(site, "press-about-nobody").stdout


def test_a_copy_the_header_does_not_show_is_called_blind(site: Path) -> None:
    slug = "ball-state-names-below-a-heading"
    assert "(blind copy)" in explained(site, slug, "--to", "h.kim@campus.example").stdout
    assert "(blind copy)" not in explained(site, "need-former-staff").stdout


def test_as_json_every_row_has_its_words(site: Path) -> None:
    (reader,) = json.loads(explained(site, "need-split", "--json", "--as", "hr@acme.example").stdout)["readers"]
    assert [row["row"] for row in reader["rows"]] == ["O1", "O1"]
    assert reader["rows"][0]["words"]["contact"] == ["employer"]


def test_an_address_that_gets_no_copy_is_refused_with_those_that_do(site: Path) -> None:
    done = explained(site, "need-split", "--as", "nobody@campus.example")
    assert done.exit_code == 2
    assert "hr@acme.example" in done.stderr


def test_without_a_directory_it_says_so() -> None:
    done = run("explain", "--set", "site.domains=['campus.example']", str(CASES / "need-split.eml"))
    assert "no directory: ID numbers alone" in done.stdout


ROSTER = """From: i.marek@campus.example
To: data@vendor.example
Subject: file
Content-Type: text/plain; charset=utf-8

Student ID
"""


def test_of_many_people_those_alike_are_told_together(site: Path, tmp_path: Path) -> None:
    """A registrar reads who it is of whom the same is said, not thirty times the same; a program gets each."""
    message = tmp_path / "roster.eml"
    message.write_text(ROSTER + "".join(f"9876543{number}\n" for number in range(10, 40)))
    words = ("explain", "--config", str(site), "--now", "2026-10-05T10:00:00-04:00", str(message))
    lines = run(*words).stdout.splitlines()
    assert len(lines) < 40
    assert [line for line in lines if line.startswith("│  ├─ 30 people (1 to 30): ")]
    assert [line for line in lines if "part 1, line 2 to line 31, 30 times" in line]
    assert [line for line in lines if line.startswith("   ├─ 30 people (1 to 30), id: hold")]
    (reader,) = json.loads(run(*words, "--json").stdout)["readers"]
    assert len({row["person"] for row in reader["rows"] if row["person"]}) == 30


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([3], "person 3"),
        ([2, 1], "2 people (1, 2)"),
        ([1, 2, 3, 7, 9, 10], "6 people (1 to 3, 7, 9, 10)"),
    ],
)
def test_people_are_told_by_their_numbers(numbers: list[int], said: str) -> None:
    assert described.people(numbers) == said
