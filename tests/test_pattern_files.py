"""Pattern files: what they give, and that every mistake is refused with its line, key and a remedy."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dlp.errors import ConfigError, ConfigErrors
from dlp.pattern_files import _KEYS, parse
from dlp.values import Channel, Role

HEAD = '[[pattern]]\nid = "x"\nkind = "grades"\n'  # lines 1 to 3; what a case adds begins on line 4
NAMES = 'regex = "abc"\n'

# what is wrong: text, line, key, part of what is said, part of the remedy
MISTAKES = {
    "not TOML": ('[[pattern]]\nid = "x\n', 2, "", "not TOML", "syntax"),
    "another table": (f'{HEAD}{NAMES}[other]\na = "b"\n', 5, "other", "unknown key", "[[pattern]]"),
    "not a list of tables": ('[pattern]\nid = "x"\n', 1, "", "not a list of tables", "[[pattern]]"),
    "unknown key": (f'{HEAD}{NAMES}tittle = "t"\n', 5, "tittle", "unknown key", 'did you mean "title"?'),
    "key of nobody": (f'{HEAD}{NAMES}zzzzzz = "t"\n', 5, "zzzzzz", "unknown key", "known: id, title"),
    "id not in kebab-case": ('[[pattern]]\nid = "A b"\nkind = "grades"\nregex = "a"\n', 2, "id", "match", "kebab-case"),
    "no id": ('[[pattern]]\nkind = "grades"\nregex = "a"\n', 1, "id", "required", "every pattern"),
    "unknown kind": ('[[pattern]]\nid = "x"\nkind = "grade"\nregex = "a"\n', 3, "kind", "known words", '"grades"'),
    "wrong type": (f"{HEAD}{NAMES}title = 3\n", 5, "title", "a text", "quotes"),
    "a text for a list": (f'{HEAD}{NAMES}near = "a"\n', 5, "near", "list", "brackets"),
    "regex and words": (f'{HEAD}{NAMES}words = ["a"]\n', 1, "pattern", "regex or words", "exactly one"),
    "neither": (HEAD, 1, "pattern", "regex or words", "exactly one"),
    "look-behind": (f'{HEAD}\nregex = "(?<=a)b"\n', 5, "regex", "not a linear expression", "backtracking"),
    "back-reference": (f"{HEAD}regex = '(a)\\1'\n", 4, "regex", "not a linear expression", "backtracking"),
    "a bracket left open": (f"{HEAD}regex = '\\b[0-9{{6}}\\b'\n", 4, "regex", "not an expression: unterminated", "correct the"),
    "broken expression": (f'{HEAD}regex = "(a"\n', 4, "regex", "missing )", "correct the expression"),
    "matches nothing at all": (f'{HEAD}regex = "a*"\n', 4, "regex", "empty text", "at least one"),
    "backtracking without prefilter": (
        f'{HEAD}regex = "(?<=a)b"\nengine = "backtracking"\n', 1, "pattern", "prefilter", "linear expression",
    ),
    "prefilter without backtracking": (f'{HEAD}{NAMES}prefilter = "a"\n', 1, "pattern", "backtracking", "leave it out"),
    "prefilter not linear": (
        f'{HEAD}regex = "(?<=a)b"\nengine = "backtracking"\nprefilter = "(?=a)"\n', 6, "prefilter", "not a linear", "",
    ),
    "runaway backtracking expression": (
        f'{HEAD}regex = "(a|aa)+(?=b)c"\nengine = "backtracking"\nprefilter = "a"\n', 4, "regex", "without end", "repeat",
    ),
    "broken backtracking expression": (
        f'{HEAD}regex = "(?<=a"\nengine = "backtracking"\nprefilter = "a"\n', 4, "regex", "not an expression", "correct it",
    ),
    "unknown validator": (f'{HEAD}{NAMES}validate = ["student_id"]\n', 5, "validate", "student_id", '"student-id"?'),
    "confidence over one": (f"{HEAD}{NAMES}confidence = 1.5\n", 5, "confidence", "a smaller number", "0 to 1"),
    "near word that lowers": (f"{HEAD}{NAMES}confidence = 0.9\nconfidence_near = 0.5", 6, "confidence_near", "lower", "higher"),
    "distance of nothing": (f"{HEAD}{NAMES}near_distance = 0\n", 5, "near_distance", "greater", "whole number from 1"),
    "unknown channel": (
        f'{HEAD}{NAMES}applies_to = [\n  "text",\n  "header",\n]\n', 7, "applies_to", "known words", '"headers"',
    ),
    "no channel": (f"{HEAD}{NAMES}applies_to = []\n", 5, "applies_to", "at least one", "leave the key out"),
    "empty near word": (f'{HEAD}{NAMES}near = ["a", " "]\n', 5, "near", "match", "letters or digits"),
    "neutral word for no header": (f'{HEAD}{NAMES}neutral = "a"\n', 1, "pattern", "header word", "applies_to"),
    "same id twice": (f"{HEAD}{NAMES}{HEAD}{NAMES}", 6, "id", "already", "line 1"),
    "mode": (f'{HEAD}{NAMES}mode = "shadow"\n', 5, "mode", "known words", "enforce, observe"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "key", "what", "remedy"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake(text: str, line: int, key: str, what: str, remedy: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        parse(text, "site.toml")
    error = caught.value.errors[0]
    assert (error.file, error.line, error.key) == ("site.toml", line, key)
    assert what.lower() in error.what.lower()
    assert remedy in error.remedy


VALUES = ('"a"', "3", "-1", "2.5", "nan", "inf", "true", "[]", "[3]", '[""]', "{ a = 1 }", "2026-09-30")


@pytest.mark.parametrize("key", _KEYS)
def test_a_value_that_does_not_fit_is_told_in_our_words_with_a_remedy(key: str) -> None:
    entry = {"id": '"x"', "kind": '"grades"', "regex": '"abc"'}
    for value in VALUES:
        written = "\n".join(f"{name} = {told}" for name, told in (entry | {key: value}).items())
        raw = [error for error in mistakes(f"[[pattern]]\n{written}\n") if error.what.startswith("Input") or not error.remedy]
        assert raw == []


def mistakes(text: str) -> Sequence[ConfigError]:
    """What is told of a file, nothing where it is right."""
    try:
        parse(text, "f")
    except ConfigErrors as wrong:
        return wrong.errors
    return ()


def test_what_every_pattern_needs_is_told() -> None:
    with pytest.raises(ConfigErrors) as missing:
        parse("[[pattern]]\n", "f")
    assert [error.what for error in missing.value.errors] == ["it is required"] * 2


def test_every_mistake_is_told_at_once() -> None:
    text = f'{HEAD}regex = "("\n[[pattern]]\nid = "y"\nkind = "nothing"\nwords = ["a"]\ntypo = 1\n'
    with pytest.raises(ConfigErrors) as caught:
        parse(text, "f")
    assert sorted(error.line for error in caught.value.errors) == [4, 7, 9]


def test_everything_left_out_has_a_default() -> None:
    [found] = parse(HEAD + NAMES, "f")
    assert (found.title, found.role, found.channels) == ("x", Role.STATES, frozenset(Channel))
    assert (found.confidence, found.confidence_near, found.enforced, found.line) == (0.9, 0.9, True, 1)


def test_near_words_make_a_bare_hit_unsure() -> None:
    [found] = parse(f'{HEAD}{NAMES}near = ["b"]\n', "f")
    assert (found.confidence, found.confidence_near) == (0.5, 0.9)


ROLES = {
    "an id identifies": ('kind = "id"', Role.IDENTIFIES),
    "record words state": ('kind = "health"', Role.STATES),
    "for headers only": ('kind = "grades"\napplies_to = ["headers"]', Role.HEADER_WORD),
    "given": ('kind = "grades"\nrole = "listing"', Role.LISTING),
}


@pytest.mark.parametrize(("keys", "role"), ROLES.values(), ids=ROLES.keys())
def test_role(keys: str, role: Role) -> None:
    [found] = parse(f'[[pattern]]\nid = "x"\nregex = "a"\n{keys}\n', "f")
    assert found.role is role


def test_observe() -> None:
    [found] = parse(f'{HEAD}{NAMES}mode = "observe"\n', "f")
    assert not found.enforced


def test_an_empty_file_has_no_patterns() -> None:
    assert parse("# nothing yet\n", "f") == ()


def test_a_word_boundary_in_double_quotes_is_told_to_be_a_backspace() -> None:
    with pytest.raises(ConfigErrors) as wrong:
        parse('[[pattern]]\nid = "x"\nkind = "id"\nregex = "\\bLK-[0-9]+"\n', "f")
    assert ("backspace" in wrong.value.what, wrong.value.remedy) == (True, "write the regex in single quotes")
    assert parse("[[pattern]]\nid = 'x'\nkind = 'id'\nregex = '\\bLK-[0-9]+'\n", "f")
