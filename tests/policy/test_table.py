"""The decision table file: what is read from it, and what an administrator is told about a mistake."""

from __future__ import annotations

import pytest

from dlp.errors import ConfigError
from dlp.policy.table import load_table
from dlp.ruleset import Observed, Row
from dlp.values import Action, Release

LAST = """
[[row]]
id = "rest"
gate = 1
stage = "statement"
when = {}
action = "pass"
code = "none"
requirement = "R15"
"""

FIRST = """\
# a comment
[[row]]
id = "X1"
gate = 1
stage = "statement"
when = { scope = "outside", people = 1 }
action = "hold"
release = "officer"
code = "FAQ:outside-consent"
requirement = "R26"
"""

# what is replaced, by what, the line, the key, words of the message and of the remedy
MISTAKES = [
    ("unknown-key", 'gate = 1\nstage = "statement"', 'gate = 1\nstag = "statement"', 2, "row.stag", "unknown key", '"stage"'),
    ("unknown-word", "people = 1", "peopel = 1", 2, "row.when", "unknown word 'peopel'", 'did you mean "people"'),
    ("word-of-wrong-type", "people = 1", 'people = "one"', 2, "row.when", "cannot be compared", "number"),
    ("number-for-a-flag", "people = 1", "export = 1", 2, "row.when", "cannot be compared", "true or false"),
    ("flag-for-a-number", "people = 1", "people = true", 2, "row.when", "cannot be compared", "number"),
    ("number-for-a-text", 'scope = "outside"', "scope = 2", 2, "row.when", "cannot be compared", "list of texts"),
    ("text-that-never-is", '"outside"', '"outsid"', 2, "row.when", "never 'outsid'", 'did you mean "outside"'),
    ("text-in-list-that-never-is", '"outside"', '["inside", "out"]', 2, "row.when", "never 'out'", "known: inside, outside"),
    ("no-text-in-list", '"outside"', '["inside", 3]', 2, "row.when", "never 3", "inside"),
    ("read-is-no-reason", 'scope = "outside"', 'unread = ["read"]', 2, "row.when", "never 'read'", "ambiguous"),
    ("at-least-nothing", "people = 1", "people = 0", 2, "row.when", "always fits", "1 or more"),
    ("mistake-in-unless", 'action = "hold"', 'unless = { scop = "x" }\naction = "hold"', 2, "row.unless", "'scop'", "scope"),
    ("hold-nobody-may-release", 'release = "officer"\n', "", 2, "row", "nobody may release", "sender, officer or senior"),
    ("release-without-hold", '"hold"', '"warn"', 2, "row", "only a hold is released", "remove release"),
    ("no-action", 'action = "hold"\n', "", 2, "row", "action or a setting", "keep one"),
    ("action-and-setting", 'action = "hold"', 'action = "hold"\nsetting = "unsupported"', 2, "row", "not both", "keep one"),
    (
        "setting-without-release",
        'action = "hold"\nrelease = "officer"',
        'setting = "unsupported"',
        2,
        "row",
        "nobody",
        "release",
    ),
    ("unknown-setting", 'action = "hold"', 'setting = "unsupportd"', 2, "row.setting", "unsupported", "shipped"),
    ("unknown-action", '"hold"', '"reject"', 2, "row.action", "'hold'", "shipped"),
    ("unknown-right", '"officer"', '"dean"', 2, "row.release", "'officer'", "shipped"),
    ("unknown-stage", '"statement"', '"sentence"', 2, "row.stage", "'statement'", "shipped"),
    ("third-gate", "gate = 1", "gate = 3", 2, "row.gate", "1 or 2", "shipped"),
    ("missing-code", 'code = "FAQ:outside-consent"\n', "", 2, "row.code", "required", "shipped"),
    ("name-twice", '"X1"', '"rest"', 12, "", "'rest' is there twice", "see line 2"),
    (
        "own-words-exclude",
        '{ scope = "outside", people = 1 }',
        "{ contact = [] }",
        2,
        "",
        "exclude each other",
        "correct its words",
    ),
    (
        "never-so",
        "people = 1",
        'own = "campus", person = "nobody"',
        2,
        "",
        "an own record is that of somebody known",
        "take it out",
    ),
    ("unreachable", '{ scope = "outside", people = 1 }', "{}", 12, "", "can never fit", "move it above 'X1'"),
    ("syntax", "gate = 1", "gate = = 1", 4, "", "not TOML", "correct the syntax"),
    ("another-table", "# a comment", "[notes]", 0, "", "nothing else", "shipped table"),
    ("inline-rows", "# a comment", "rows = []", 0, "", "nothing else", "shipped table"),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "what", "remedy"), [pytest.param(*mistake[1:], id=mistake[0]) for mistake in MISTAKES]
)
def test_a_mistake_names_file_line_key_and_remedy(old: str, new: str, line: int, key: str, what: str, remedy: str) -> None:
    assert old in FIRST
    with pytest.raises(ConfigError) as caught:
        load_table(FIRST.replace(old, new, 1) + LAST, "site.toml")
    error = caught.value
    assert (error.file, error.line, error.key) == ("site.toml", line, key)
    assert what in error.what
    assert remedy in error.remedy


def test_a_row_hidden_by_two_names_both_and_their_lines() -> None:
    inside = FIRST.replace('"X1"', '"X2"').replace('scope = "outside", people = 1', 'scope = "inside"')
    both = FIRST.replace('"X1"', '"X3"').replace('scope = "outside", people = 1', "people = 1")
    assert len(load_table(FIRST + both + inside + LAST, "site.toml")) == 4
    with pytest.raises(ConfigError) as caught:
        load_table(FIRST + inside + both + LAST, "site.toml")
    assert "'X3' can never fit: 'X1' (line 2) and 'X2' (line 12) together take all it could fit" in caught.value.what
    assert caught.value.line == 22
    assert "above 'X1'" in caught.value.remedy


def test_a_table_whose_statements_may_not_fit_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"no statement row fits everything.*when is empty"):
        load_table(FIRST, "site.toml")


def test_a_catch_all_with_an_exception_does_not_end_the_statements() -> None:
    with pytest.raises(ConfigError, match="no statement row fits everything"):
        load_table(LAST.replace("when = {}", 'when = {}\nunless = { scope = "inside" }'), "site.toml")


OBSERVE = """\
# which rows are observed
[[observe]]
rows = ["X1"]
departments = ["Physics"]
"""

OBSERVE_MISTAKES = [
    ("unknown-key", "departments =", "department =", 2, "observe.department", "unknown key", '"departments"'),
    ("no-rows", '["X1"]', "[]", 2, "observe", "no row is named", "name them"),
    ("rows-missing", 'rows = ["X1"]\n', "", 2, "observe.rows", "required", "docs/table.md"),
    ("row-that-is-not-there", '"X1"', '"X11"', 2, "observe.rows", "no row 'X11'", 'did you mean "X1"'),
    ("row-twice", '"X1"', '"X1", "X1"', 2, "observe.rows", "'X1' is observed twice", "keep one"),
    ("department-of-no-name", '"Physics"', '" "', 2, "observe.departments", "without a name", "staff.csv"),
    ("department-that-is-no-text", '"Physics"', "8", 2, "observe.departments.0", "string", "docs/table.md"),
    ("whole-share", 'departments = ["Physics"]', "enforce_share = 1.0", 2, "observe", "no share", "take the entry out"),
    ("negative-share", 'departments = ["Physics"]', "enforce_share = -0.1", 2, "observe", "no share", "0.25"),
    (
        "both-departments",
        "departments =",
        'enforce_departments = ["History"]\ndepartments =',
        2,
        "observe",
        "exclude each other",
        "keep one",
    ),
    ("end-of-the-table", '"X1"', '"X1", "rest"', 0, "", "no statement row fits everything", "do not observe it"),
    ("another-section", "[[observe]]", "[[observed]]", 0, "", "nothing else", "shipped table"),
]


@pytest.mark.parametrize("own", [True, False], ids=["beside-rows", "for-the-shipped-rows"])
@pytest.mark.parametrize(
    ("old", "new", "line", "key", "what", "remedy"), [pytest.param(*mistake[1:], id=mistake[0]) for mistake in OBSERVE_MISTAKES]
)
def test_a_mistake_in_what_is_observed(old: str, new: str, line: int, key: str, what: str, remedy: str, own: bool) -> None:  # noqa: FBT001
    assert old in OBSERVE
    rows = FIRST + LAST
    text = OBSERVE.replace(old, new, 1) + (rows if own else "")
    with pytest.raises(ConfigError) as caught:
        load_table(text, "site.toml", rows)
    error = caught.value
    assert (error.file, error.line, error.key) == ("site.toml", line, key)
    assert what in error.what
    assert remedy in error.remedy


def test_a_file_that_only_observes_has_the_shipped_rows() -> None:
    first, last = load_table(OBSERVE + "enforce_share = 0.25\n", "site.toml", FIRST + LAST)
    assert (first.id, first.observed) == ("X1", Observed(frozenset({"physics"}), frozenset(), 0.25))
    assert last == load_table(FIRST + LAST, "site.toml")[1]


def test_an_observed_row_hides_none_behind_it() -> None:
    twice = FIRST + FIRST.replace('"X1"', '"X2"') + LAST
    with pytest.raises(ConfigError, match="'X2' can never fit"):
        load_table(twice, "site.toml")
    assert [row.id for row in load_table(OBSERVE + twice, "site.toml")] == ["X1", "X2", "rest"]


@pytest.mark.parametrize("text", ["", "row = 3", "observe = 3", "row = [{}]", "row = {}"])
def test_something_else_than_a_table_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="start from the shipped table"):
        load_table(text, "site.toml")


def test_rows_keep_the_order_and_the_words_of_the_file() -> None:
    first, last = load_table(FIRST + LAST, "site.toml")
    assert first == Row(
        id="X1",
        gate=1,
        order=0,
        stage="statement",
        when={"scope": "outside", "people": 1},
        action=Action.HOLD,
        release=Release.OFFICER,
        code="FAQ:outside-consent",
        requirement="R26",
        needs=frozenset({"scope", "people"}),
    )
    assert (last.id, last.order, last.action, last.release) == ("rest", 1, Action.PASS, None)


def test_the_shipped_table_gives_a_requirement_for_every_row(shipped: tuple[Row, ...]) -> None:
    assert all(row.code and row.requirement for row in shipped)
    assert [row.order for row in shipped] == list(range(len(shipped)))
