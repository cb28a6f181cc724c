"""Whose words stand where in a page, as mail programs mark it up, and what is no such mark."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.mail.fold import fold
from dlp.mail.html import read
from dlp.mail.zones import MARKUP, Zone, zones

KIM = 'On Tue, Nov 24, 2026 at 10:00, R. Kim &lt;<a href="mailto:r.kim@freemail.example">r.kim@freemail.example</a>&gt; wrote:'
LETTERS = {Zone.NEW: "n", Zone.QUOTED: "q", Zone.FORWARDED: "f", Zone.SIGNATURE: "s", Zone.DISCLAIMER: "d"}
# the kind of each line of a page, and whose the last quotation is by the line above it
PAGES = {
    "Gmail": (
        (
            f'<div>Yes.</div><br><div class="gmail_quote gmail_quote_container"><div class="gmail_attr">{KIM}<br></div>'
            '<blockquote class="gmail_quote" style="margin:0px"><div>May I?<br></div><div>R</div></blockquote></div>'
        ),
        "n q1 q1 q1",
        "On Tue",
    ),
    "Gmail in Finnish": (
        (
            '<div>Joo.</div><div class="gmail_quote"><div class="gmail_attr">ti 24. marrask. R. Kim sanoi<br></div>'
            '<blockquote class="gmail_quote">Saanko?</blockquote></div>'
        ),
        "n q1 q1",
        "ti 24.",
    ),
    "Thunderbird, answered below": (
        (
            f'<div class="moz-cite-prefix">{KIM}</div><blockquote type="cite" cite="mid:x">May I?<blockquote type="cite">Who?'
            "</blockquote></blockquote><p>Yes.</p>"
        ),
        "q1 q1 q2 n",
        MARKUP,
    ),
    "Thunderbird's signature": ('<p>Yes.</p><div class="moz-signature">-- <br>Ann</div><p>More.</p>', "n s s n", ""),
    "Apple": (
        (
            '<div>Yes.</div><div dir="ltr" id="AppleMailSignature">From a train</div><blockquote type="cite"><div>'
            f"{KIM}</div></blockquote><blockquote type=cite><div>May I?</div></blockquote>"
        ),
        "n s q1 q1",
        "On Tue",
    ),
    "Outlook in Finnish": (
        (
            "<p class=MsoNormal>Joo<o:p></o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt'>"
            "<p class=MsoNormal><b>Lähettäjä:</b> R. Kim<br><b>Lähetetty:</b> ti<br><b>Aihe:</b> x</p></div></div>Saanko?"
        ),
        "n q1 q1 q1 q1",
        "Lähettäjä: R. Kim",
    ),
    "Outlook on the web": (
        (
            '<div>Yes</div><div id="Signature"><div>Ann</div></div><hr><div id="divRplyFwdMsg"><font><b>From:</b> R. Kim'
            "<br><b>Sent:</b> Tue<br><b>Subject:</b> x</font></div><div>May I?</div>"
        ),
        "n s q1 q1 q1 q1",
        "From: R. Kim",
    ),
    "Yahoo": (f'<div>Yes.</div><div class="yahoo_quoted"><div>{KIM}</div><div>May I?</div></div><p>No.', "n q1 q1 n", "On Tue"),
    "Gmail's signature": (
        'Yes.<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">Ann<br>Hall 4</div>',
        "n s s",
        "",
    ),
    "a blockquote by itself": ("<p>Yes.<blockquote>May I?</blockquote>No.", "n q1 n", MARKUP),
    "indented": ('<p>Yes.<blockquote style="margin:0 0 0 40px; border:none; padding:0px">No.</blockquote>', "n n", ""),
    "closed by what is around it": ("<div>a<div><blockquote type=cite>May I?</div>Yes.</div>", "n q1 n", MARKUP),
    "closed twice": ("<blockquote>May I?</blockquote></blockquote>Yes.<blockquote>x", "q1 n q1", MARKUP),
    "within a line": ("<table><tr><td>a<td><blockquote>May I?<td>c</blockquote></table>", "n", ""),
    "beside other words": ('a <span class="moz-signature">b<br>c</span> d', "n n", ""),
    "a border": ('<div style="border-top:solid #E1E1E1 1px">Dear all,<br>the hall is open.</div>Ann', "n n n", ""),
    "said above nothing quoted": ('<div class="gmail_attr">She said<br></div>Yes.', "n n", ""),
    "line ends of other kinds": ("<p>a\u2028b\x85c</p><blockquote>q</blockquote>d", "n n n q1 n", MARKUP),
}


@pytest.mark.parametrize(("source", "kinds", "by"), PAGES.values(), ids=PAGES)
def test_whose_words(source: str, kinds: str, by: str) -> None:
    page = read(source)
    text = fold(page.visible)
    found = zones(text, page.marked)
    letters = []
    for each in found:
        letter = LETTERS[each.zone] + (str(each.depth) if each.depth else "")
        letters += [letter] * len(text[each.start : each.end].splitlines())
    assert " ".join(letters) == kinds
    last = next((each.by for each in reversed(found) if each.depth), "")
    assert last.startswith(by)
    assert bool(last) == bool(by)


@pytest.mark.parametrize(
    "source", ["<blockquote>", "<blockquote>x<div>", "<blockquote>x</blockquote>", "<div class=moz-signature>x"]
)
def test_many_are_bounded(source: str) -> None:
    start = time.process_time()
    page = read(source * 50_000 + "</div>" * 50_000)
    assert len(page.marked) <= 500
    assert time.process_time() - start < 10  # quadratic would be minutes


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            ["<blockquote>", "</blockquote>", "<div>", "</div>", "<br>", "x", "\u2028", "<div id=Signature>", "<p>"]
        )
    )
)
def test_zones_are_always_the_whole_text(tags: list[str]) -> None:
    page = read("".join(tags))
    text = fold(page.visible)
    assert "".join(text[each.start : each.end] for each in zones(text, page.marked)) == text
