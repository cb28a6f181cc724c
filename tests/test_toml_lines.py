"""Lines of tables, keys and items in a TOML file, for error messages."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlp.toml_lines import error_line, item_line, key_line, table_line, table_lines

TEXT = '''\
# [site] in a comment
top = 1

[site]
name = "x" # [site]
note = """
[[pattern]]
id = 3
"""
offices.registrar = "r"

[[pattern]]
id = "a"
match = [
  "one", # "not this"
  'two # "neither"',
  """th
ree""",
  "four",
]
[[pattern]]
"id" = "b"
near = [ ["x"], {k = "y"} ]
'''

LOOKUPS = {
    "table": (table_line(TEXT, "site"), 4),
    "first of several": (table_line(TEXT, "pattern"), 12),
    "second of several": (table_line(TEXT, "pattern", 1), 21),
    "no third": (table_line(TEXT, "pattern", 2), 0),
    "key before any table": (key_line(TEXT, "", "top"), 2),
    "key": (key_line(TEXT, "site", "name"), 5),
    "dotted key": (key_line(TEXT, "site.offices", "registrar"), 10),
    "key of the second": (key_line(TEXT, "pattern", "id", 1), 22),
    "key on the last line": (key_line(TEXT, "pattern", "near", 1), 23),
    "missing key: its table": (key_line(TEXT, "pattern", "title", 1), 21),
    "missing table": (key_line(TEXT, "store", "url"), 0),
    "first item": (item_line(TEXT, "pattern", "match", 0), 15),
    "item after a comment": (item_line(TEXT, "pattern", "match", 1), 16),
    "item of several lines": (item_line(TEXT, "pattern", "match", 2), 17),
    "item after it": (item_line(TEXT, "pattern", "match", 3), 19),
    "missing item: its key": (item_line(TEXT, "pattern", "match", 4), 14),
}


@pytest.mark.parametrize(("line", "expected"), LOOKUPS.values(), ids=LOOKUPS.keys())
def test_lookup(line: int, expected: int) -> None:
    assert line == expected


def test_all_tables_of_a_name() -> None:
    assert table_lines(TEXT, "pattern") == (12, 21)


def test_the_line_tomllib_names() -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads("a = 1\nb = \n")
    assert error_line(caught.value) == 2


def test_no_line_where_tomllib_names_none() -> None:
    assert error_line(tomllib.TOMLDecodeError("Expected ']' (at end of document)")) == 0


@given(st.text(st.sampled_from("a[]{}=\"'#\n \\."), max_size=60))
def test_any_text_has_lines_within_it(text: str) -> None:
    for line in (*table_lines(text, "a"), key_line(text, "a", "a"), item_line(text, "a", "a", 0)):
        assert 0 <= line <= text.count("\n") + 1
