"""What a mail program shows of texts that are more than their characters."""

from __future__ import annotations

import time

import pytest

from dlp.mail.rendering import renderings, words_apart

SHOWN = {
    "calendar, folded": (
        "SUMMARY:Student ID 91\r\n 23\r\n\t45678\r\nX:1",
        "text/calendar",
        (),
        ("SUMMARY:Student ID 912345678\nX:1",),
    ),
    "calendar, escaped": ("DESCRIPTION:ID\\n912345678\\, x", "text/calendar", (), ("DESCRIPTION:ID\n912345678, x",)),
    "card": ("NOTE:a\n b", "text/vcard", (), ("NOTE:ab",)),
    "calendar by its name": ("NOTE:a\n b", "text/plain", ("Meeting.ICS",), ("NOTE:ab",)),
    "both say so": ("NOTE:a\n b", "text/calendar", ("a.ics",), ("NOTE:ab",)),
    "enriched": ("ID 912<bold>345</bold>678", "text/enriched", (), ("ID 912345678",)),
    "rich": ("ID 912<bold>345</bold>678", "text/richtext", (), ("ID 912345678",)),
    "page by its name": ("<p>912<b>345</b>", "text/plain", ("ids.html",), ("912345",)),
    "header": ("To: x\nSubject: =?utf-8?q?a=20b?=\n c", "text/rfc822-headers", (), ("To: x\nSubject: a b c",)),
    "plain": ("x\n y", "text/plain", ("a.txt", ""), ()),
}


@pytest.mark.parametrize(("text", "media_type", "filenames", "shown"), SHOWN.values(), ids=SHOWN)
def test_renderings(text: str, media_type: str, filenames: tuple[str, ...], shown: tuple[str, ...]) -> None:
    assert renderings(text, media_type, filenames) == shown


@pytest.mark.parametrize(
    ("name", "apart"),
    [("FinalGrades.xlsx", "Final Grades.xlsx"), ("GPAList.csv", "GPA List.csv"), ("list_2.PDF", "list_2.PDF"), ("", "")],
)
def test_words_apart(name: str, apart: str) -> None:
    assert words_apart(name) == apart


@pytest.mark.parametrize("media_type", ["text/calendar", "text/enriched", "text/rfc822-headers"])
@pytest.mark.parametrize(
    "text", ["\n " * 300_000, "\\" * 500_000, "<" * 300_000, "=?utf-8?q?a?= " * 30_000], ids=lambda text: repr(text[:5])
)
def test_rendering_takes_linear_time(text: str, media_type: str) -> None:
    start = time.process_time()
    renderings(text, media_type, ())
    assert time.process_time() - start < 10  # quadratic would be minutes
