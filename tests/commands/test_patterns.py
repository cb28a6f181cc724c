"""`dlp patterns`: list, test and try."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dlp.commands.patterns import patterns
from dlp.shipped import shipped

SITE = """\
[[pattern]]
id = "locker"
kind = "id"
regex = 'LK[0-9]{{4}}'
near = ["locker"]
not_near = ["lake"]
match = [{match}]
no_match = [{no_match}]
todo_match = ["locker four"]
mode = "{mode}"
"""


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DLP_CONFIG", raising=False)


def site(tmp_path: Path, match: str = '"locker LK1234"', no_match: str = '"lake LK1234"', mode: str = "enforce") -> str:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "site.toml").write_text(SITE.format(match=match, no_match=no_match, mode=mode))
    return str(folder)


def run(*words: str) -> Result:
    return CliRunner().invoke(patterns, list(words))


def rows(result: Result) -> dict[str, list[str]]:
    return {cells[1]: cells for line in result.stdout.splitlines() if len(cells := line.split("\t")) == 6}


def with_folder(folder: str) -> tuple[str, str]:
    return "--set", f'policy.patterns=["{folder}"]'


def test_list_names_every_pattern_in_force(tmp_path: Path) -> None:
    result = run("list", *with_folder(site(tmp_path, mode="observe")))
    assert result.exit_code == 0
    assert "locker\tid\tidentifies\tobserve\t0.50\t0.90\tsite.toml" in result.stdout
    assert "student-id\tid\tidentifies\tenforce\t0.50\t0.90\tstudent-id.toml" in result.stdout


def test_list_as_json() -> None:
    documents = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    [student_id] = [document for document in documents if document["id"] == "student-id"]
    assert student_id["kind"] == "id"
    assert student_id["references"]


def test_test_of_the_shipped_patterns() -> None:
    result = run("test")
    assert result.exit_code == 0
    assert "FAIL" not in result.stdout
    assert "ok    student-id  match " in result.stdout


def test_test_names_folder_or_file(tmp_path: Path) -> None:
    folder = site(tmp_path)
    for path in (folder, f"{folder}/site.toml"):
        result = run("test", path)
        assert result.exit_code == 0
        assert "ok    locker  match 1/1, no match 1/1, to do 0/1" in result.stdout
        assert result.stdout.splitlines()[-1].endswith("site.toml\t1\t2\t0\tok")


CARETS = {
    "must not match": (
        {"no_match": '"see LK4711 there"'},
        "site.toml:8: matches and must not",
        ["see LK•••• there", "    ^^^^^^"],
    ),
    "must not match, second line": ({"no_match": '"a\\nsee LK4711"'}, "site.toml:8", ["see LK••••", "    ^^^^^^"]),
    "must match: no shape": ({"match": '"locker"'}, "site.toml:7: must match and does not: nothing here", ["locker", "^"]),
    "must match: word against": (
        {"match": '"the lake LK4711"'},
        "site.toml:7: must match and does not: a word that speaks against",
        ["the lake LK••••", "         ^^^^^^"],
    ),
}


@pytest.mark.parametrize(("examples", "said", "shown"), CARETS.values(), ids=CARETS.keys())
def test_a_failed_example_is_shown(tmp_path: Path, examples: dict[str, str], said: str, shown: list[str]) -> None:
    result = run("test", site(tmp_path, **examples))
    assert result.exit_code == 1
    assert said in result.stdout
    lines = [line.removeprefix(" " * 8) for line in result.stdout.splitlines()]
    assert lines[lines.index(shown[0]) + 1] == shown[1]
    assert "4711" not in result.stdout


def test_test_as_json(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "bad.toml").write_text('[[pattern]]\nid = "x"\nkind = "id"\nregex = "(?<=a)b"\n')
    good, failed = site(tmp_path / "a"), site(tmp_path / "b", match='"locker"')
    result = run("test", good, failed, str(tmp_path / "bad.toml"), "--json")
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [(each["good"], each["patterns"], each["examples"], len(each["mistakes"])) for each in told] == [
        (True, ["locker"], 2, 0), (False, ["locker"], 2, 0), (False, [], 0, 1),
    ]  # fmt: skip
    assert told[1]["failed"] == [
        {"pattern": "locker", "line": 7, "what": "must match and does not: nothing here looks like it"}
    ]
    assert run("test", good, "--json").exit_code == 0


def test_a_pattern_nothing_shows_to_match_is_told_and_no_failure(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(
        SITE.format(match="", no_match='"lake LK1234"', mode="enforce") + '\n[[pattern]]\nid = "x"\nkind = "id"\nregex = "b"\n'
    )
    result = run("test", str(file))
    assert result.exit_code == 0
    told = "no examples in match ({}): nothing shows that it matches"
    assert f"warn  locker  no match 1/1, to do 0/1, {told.format(f'{file}:1')}\n" in result.stdout
    assert f"warn  x  {told.format(f'{file}:12')}\n" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("site.toml\t2\t1\t0\tok")


def test_a_refused_file_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('[[pattern]]\nid = "x"\nkind = "id"\nregex = "(?<=a)b"\n')
    result = run("test", str(file))
    assert result.exit_code == 1
    assert "bad.toml:4: regex: not a linear expression" in result.stdout


# file names in a folder of one's own; what is told, and the exit status of `patterns test FOLDER`
FOLDERS = {
    "no file": ((), "there is no pattern file in {0}, so nothing of it is in force", 1),
    "a file of another name": (("own.tml",), "there is no pattern file in {0} (it holds own.tml), so", 1),
    "one id in two files": (("a.toml", "b.toml"), 'pattern "locker" stands in {0}/a.toml and in {0}/b.toml: only the last', 0),
    "nothing wrong": (("a.toml",), "", 0),
}


@pytest.mark.parametrize("case", FOLDERS)
def test_a_folder_that_is_hardly_meant_so_is_told_of(tmp_path: Path, case: str) -> None:
    names, told, status = FOLDERS[case]
    folder = tmp_path / "own"
    folder.mkdir()
    for name in names:
        (folder / name).write_text(SITE.format(match='"locker LK1234"', no_match="", mode="enforce"))
    tested = run("test", str(folder))
    assert tested.exit_code == status
    for result in (tested, run("list", *with_folder(str(folder))), run("try", "x", *with_folder(str(folder)))):
        said = [line for line in result.stderr.splitlines() if "no configuration" not in line]
        assert [line.startswith(f"dlp: {told.format(folder)}") for line in said] == [True] * bool(told)


def test_one_id_in_two_folders_is_an_override_and_not_told(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.toml").write_text(SITE.format(match='"locker LK1234"', no_match="", mode="enforce"))
    assert "stands in" not in run("list", "--set", 'policy.patterns=["one", "two"]').stderr


def test_a_pattern_that_overrides_another_is_told_of(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        text = SITE.format(match='"locker LK1234"', no_match="", mode="enforce").replace("locker", "student-id", 1)
        (tmp_path / name / "own.toml").write_text(text)
    one, two = ("--set", 'policy.patterns=["one"]'), ("--set", 'policy.patterns=["one", "two"]')
    shipped, first = "overrides the shipped one (student-id.toml)", f"overrides the one of {tmp_path / 'one/own.toml'}"
    for words in (("test", "one"), ("test", "one/own.toml"), ("test", *one)):
        assert f"ok    student-id  match 1/1, to do 0/1, {shipped}" in run(*words).stdout
    assert f"\town.toml, {shipped}" in run("list", *one).stdout
    assert f"\town.toml, {first}" in run("list", *two).stdout
    told = [json.loads(line) for line in run("list", "--json", *two).stdout.splitlines()]
    assert {each["id"] for each in told if each["overrides"]} == {"student-id"}


def test_shipped_patterns_override_nothing() -> None:
    told = run("test", str(shipped("patterns"))).stdout + run("test").stdout + run("list").stdout
    assert "overrides" not in told


def test_try_says_that_an_import_decides_whose_a_number_is(tmp_path: Path) -> None:
    told = "people are not asked here: in mail a number that is in no file of the import is nobody's"
    assert told in run("try", "student ID 912 345 678").stdout
    assert told not in run("try", "good morning").stdout
    assert told not in run("try", "student ID 912 345 678", "--json").stdout


def test_a_path_that_is_not_there_is_a_usage_error() -> None:
    assert run("test", "missing.toml").exit_code == 2


# text, mode, result, first condition that failed
TRIES = {
    "hit": ("locker LK1234", "enforce", "hit", ""),
    "shape": ("her student ID 912345678", "enforce", "miss", "shape"),
    "no word near": ("LK1234", "enforce", "miss", "word distance"),
    "word against": ("lake LK1234", "enforce", "miss", "word distance"),
    "observing": ("locker LK1234", "observe", "miss", "mode"),
}


@pytest.mark.parametrize(("text", "mode", "outcome", "failed"), TRIES.values(), ids=TRIES.keys())
def test_try_says_the_first_condition_that_failed(tmp_path: Path, text: str, mode: str, outcome: str, failed: str) -> None:
    folder = site(tmp_path, mode=mode)
    row = rows(run("try", text, *with_folder(folder)))["locker"]
    assert (row[0], row[5].partition(":")[0]) == (outcome, failed)
    [document] = [
        found
        for line in run("try", text, *with_folder(folder), "--json").stdout.splitlines()
        if (found := json.loads(line))["pattern"] == "locker"
    ]
    assert (document["hit"], document["failed"]) == (outcome == "hit", failed or None)


def test_try_names_the_validator_that_refuses() -> None:
    assert rows(run("try", "student ID 999999999"))["student-id"][5].startswith("validator: the check student-id")


def test_try_shows_no_digit_that_was_typed() -> None:
    result = run("try", "student ID 912 345 678")
    assert result.stdout.splitlines()[0] == "student ID ••• ••• •••"
    assert "912" not in result.stdout
    assert rows(result)["student-id"][:5] == ["hit", "student-id", "id", "12-22", "0.90"]


def test_try_counts_the_patterns_it_does_not_list() -> None:
    assert (
        run("try", "good morning")
        .stdout.splitlines()[-1]
        .endswith("other patterns do not hit: shape (nothing here looks like theirs)")
    )


def test_a_broken_site_file_is_a_configuration_error(tmp_path: Path) -> None:
    result = run("try", "x", *with_folder(site(tmp_path, match='"none"')))
    assert result.exit_code == 2
    assert "site.toml:7: match:" in result.stderr
