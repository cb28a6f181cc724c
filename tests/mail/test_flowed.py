"""Which lines of format=flowed are joined, and that each character is found where it stood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlp.limits import Limits
from dlp.mail.flowed import joined, joining
from dlp.mail.reading import read

LONG = "We met on Monday in the afternoon to talk about it,"
AGAIN = "and we said that it can wait until the end of the term"
JOINED = {
    "a long line that ends in a blank goes on": (f"{LONG} \r\n{AGAIN}.\r\n", f"{LONG} {AGAIN}.\r\n"),
    "and on": (f"{LONG} \n{AGAIN} \nor so.", f"{LONG} {AGAIN} or so."),
    "one that does not stays": (f"{LONG}\n{AGAIN}", None),
    "a short one stays": ("Hana Kim \n912345678 \nB+", None),
    "a row of columns stays": (f"Hana Kim        912345678        B+{' ' * 20}\nIvo Novak", None),
    "two blanks behind a sentence are no columns": (f"Yes.  {LONG} \n{AGAIN}", f"Yes.  {LONG} {AGAIN}"),
    "an empty line ends a paragraph": (f"{LONG} \n\n{AGAIN}", None),
    "the blank of a stuffed line goes": (f"{LONG} \n From here on", f"{LONG} From here on"),
    "a quotation goes on in its own lines": (f"> {LONG} \n> {AGAIN}\nYes.", f"> {LONG} {AGAIN}\nYes."),
    "and ends where the marks change": (f"> {LONG} \n{AGAIN}", None),
    "a deeper one is another": (f"> {LONG} \n>> {AGAIN}", None),
    "a signature is none of the text": (f"{LONG} \n-- \nAstrid", None),
}
DELSP = {
    "the blank before the break goes": (f"{LONG}  \n{AGAIN}", f"{LONG} {AGAIN}"),
    "within a word the line stays": (f"{LONG} \n{AGAIN}", None),
}


@pytest.mark.parametrize(("text", "wanted"), JOINED.values(), ids=JOINED)
def test_lines_go_on(text: str, wanted: str | None) -> None:
    assert joined(text, delsp=False) == (wanted or text)


@pytest.mark.parametrize(("text", "wanted"), DELSP.values(), ids=DELSP)
def test_lines_go_on_without_the_last_blank(text: str, wanted: str | None) -> None:
    assert joined(text, delsp=True) == (wanted or text)


@given(st.lists(st.sampled_from([LONG, AGAIN, " ", "  ", "\n", "\r\n", ">", "-- ", "\t", "x"]), max_size=12), st.booleans())
def test_every_character_is_one_of_the_text(pieces: list[str], delsp: bool) -> None:  # noqa: FBT001
    text = "".join(pieces)
    whole, found = joined(text, delsp=delsp), list(joining(text, delsp=delsp))
    assert "".join(text[each.start : each.end] for each in found) == whole
    assert all(each.size == each.end - each.start for each in found)
    assert whole.split() == text.split() or ">" in text


@pytest.mark.parametrize(
    ("kind", "goes_on"),
    [
        ("text/plain; format=flowed", True),
        ("text/plain; charset=utf-8; Format=Flowed; DelSp=no", True),
        ("text/plain; format=fixed", False),
        ("text/plain", False),
        ("text/csv; format=flowed", False),
    ],
)
def test_only_plain_text_that_says_so(kind: str, goes_on: bool) -> None:  # noqa: FBT001
    raw = f"Content-Type: {kind}\r\n\r\n{LONG} \r\n{AGAIN}".encode()
    assert [view.text for view in read(raw, Limits()).views] == [f"{LONG} {AGAIN}" if goes_on else f"{LONG} \n{AGAIN}"]
