"""Tables of a page as grids, and which are none."""

from __future__ import annotations

import time

import pytest

from dlp.limits import Limits
from dlp.mail.html import read as read_html
from dlp.mail.reading import read

HEADING = "<tr><th>Name</th><th>Student ID</th></tr>"
GRIDS = {
    "a heading and rows": (f"<table>{HEADING}<tr><td>Ann<td>1</table>", "Name\tStudent ID\nAnn\t1", 1),
    "groups of rows": (f"<table><thead>{HEADING}<tbody><tr><td>Ann<td>1</table>", "Name\tStudent ID\nAnn\t1", 1),
    "rows without a tag": ("<table><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td", 1),
    "a table that does not end": ("<table><tr><td>a<td>b<tr><td>c<td>d", "a\tb\nc\td", 1),
    "lines in a cell": ("<table><tr><td>Ann<br>Lee<td>b<tr><td><p>c</p><p>x</p><td>d</table>", "Ann Lee\tb\nc x\td", 1),
    "blank cells": ("<table><tr><td>a<td>b<td>c<tr><td>d<td><td>e</table>", "a\tb\tc\nd\t\te", 1),
    "a cell over two columns": ("<table><tr><th colspan=2>Name<th>ID<tr><td>A<td>B<td>1</table>", "Name\tName\tID\nA\tB\t1", 1),
    "a cell over two rows": ("<table><tr><td>a<td rowspan=2>b<td>c<tr><td>d<td>e</table>", "a\tb\tc\nd\tb\te", 1),
    "columns in which nothing begins": ("<table><tr><td colspan=3>a<td>b<tr><td colspan=3>c<td>d</table>", "a\tb\nc\td", 1),
    "a title above": (f"<table><tr><td colspan=2>Physics</tr>{HEADING}<tr><td>Ann<td>1</table>", "Name\tStudent ID\nAnn\t1", 2),
    "the inner of two": (
        "<table><tr><td><table><tr><td>a<td>b<tr><td>c<td>d</table><td>x<tr><td>y<td>z</table>",
        "a\tb\nc\td",
        1,
    ),
}
NONE = {
    "one row": "<table><tr><td>a<td>b</table>",
    "one column": "<table><tr><td>a<tr><td>b<tr><td>c</table>",
    "for layout, as it says": "<table border=0 role='presentation'><tr><td>a<td>b<tr><td>c<td>d</table>",
    "a letter in a cell": f"<table><tr><td>a<td>{'word ' * 300}<tr><td>c<td>d</table>",
    "many paragraphs in a cell": f"<table><tr><td>a<td>{'<p>word' * 30}<tr><td>c<td>d</table>",
    "spacers": "<table><tr><td>a<td><tr><td>c<td> <tr><td>&nbsp;<td>d</table>",
    "cells outside a table": "<tr><td>a<td>b<tr><td>c<td>d",
}


@pytest.mark.parametrize(("source", "text", "row"), GRIDS.values(), ids=GRIDS)
def test_a_table_of_data(source: str, text: str, row: int) -> None:
    [table] = read_html(f"<p>x</p>{source}").tables
    assert (table.text, table.row) == (text, row)


@pytest.mark.parametrize("source", NONE.values(), ids=NONE)
def test_no_table_of_data(source: str) -> None:
    assert read_html(source).tables == ()


@pytest.mark.parametrize(
    "source",
    [
        "<table><tr><td rowspan=65534 colspan=1000>x" * 20_000,
        "<table>" + "<tr>" + "<td rowspan=60000>x" * 1_000 + "<tr><td>" * 20_000,
        "<table><tr><td>a<td>b" * 20_000,
        "<td" + " colspan" * 50_000,
        "<table><tr><td rowspan=9999 colspan=1000>" + "x" * 900 + "<td>y" + "<tr><td>a<td>b" * 9_999,
    ],
    ids=lambda source: source[:30],
)
def test_what_spans_is_bounded(source: str) -> None:
    start = time.process_time()
    page = read_html(source)
    assert sum(len(table.text) for table in page.tables) < 4 * len(source) + 20_000
    assert time.process_time() - start < 10  # unbounded would be minutes


def test_a_grid_stands_beside_the_text_and_is_left_out_where_there_is_no_room() -> None:
    page = f"<p>Dear all</p><table>{HEADING}<tr><td>Ann<td>912345678</table>"
    raw = f"Content-Type: text/html\r\n\r\n{page}".encode()
    text, grid = read(raw, Limits()).views
    assert text.text == "Dear all\nName\tStudent ID\nAnn\t912345678"
    assert (grid.label, grid.text, grid.grid, grid.again) == (
        "part 1, table 1",
        "Name\tStudent ID\nAnn\t912345678",
        (1, 1),
        True,
    )
    narrow = read(raw, Limits(text=len(text.text)))
    assert narrow.views == (text,)
    assert narrow.unread == ()
