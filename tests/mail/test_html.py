"""HTML as a reader sees it, and what its source holds beside that."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.mail.html import read

VISIBLE = {
    "inline tags leave no trace": ("<p>078<b>-05</b>-<wbr>11<!-- x -->20</p>", "078-05-1120"),
    "blocks and breaks are lines": ("<div>one<br>two</div><p>three</p>four", "one\ntwo\nthree\nfour"),
    "blanks collapse": ("  a \n  b<b> c</b> d ", "a b c d"),
    "preformatted text stays": ("<pre>a\n  b\tc</pre>d", "a\n  b\tc\nd"),
    "table": ("<table><tr><th>Name</th><th>Grade</th></tr><tr><td>Ann</td><td>A-</td></tr></table>", "Name\tGrade\nAnn\tA-"),
    "table as Outlook writes it": (
        """<table>
 <tr>
 <td>
<p class=MsoNormal>Ann<o:p></o:p></p></td>
 <td><p>A-</p></td></tr>
<tr><td><p>Bob</p></td><td><p>B</p></td></tr></table>""",
        "Ann\tA-\nBob\tB",
    ),
    "empty cells keep their column": (
        "x<table><tr><td></td><td></td><td>c</td></tr><tr><td>a<td></td><td>c</table>",
        "x\n\t\tc\na\t\tc",
    ),
    "two paragraphs in a cell": ("<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>", "a\nb\tc"),
    "nested table": (
        "<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td></tr><tr><td>c</td></tr></table>d",
        "a\tb\nc\nd",
    ),
    "entities": ("&#48;&#x37;8&ndash;&amp &nosuch;", "078\u2013& &nosuch;"),
    "title and forms": ("<title>T</title><textarea>a\n b</textarea><button>c</button><option>d", "T\na\n b\nc\nd"),
    "text that looks like a tag": ("a < b <3 c", "a < b <3 c"),
    "quotes hide the end of a tag": ("<a title='>x'>y<b t=\">\">z", "yz"),
    "an equals sign may begin an attribute's name": ("<b/='\">seen", "seen"),
    "xmp shows tags": ("<xmp><i>x</i></xmp>", "<i>x</i>"),
    "style and script are not seen": ("a<style>b{}</style><script>'<p>c'</script>d", "ad"),
    "noscript and template": ("<noscript>a</noscript><template>b</template>", "ab"),
}
SOURCE = {
    "attributes": ("<img alt='a b' TITLE=c><input value=\"d\">", "a b\nc\nd"),
    "address in a link, decoded": ("<a href='mailto:x?body=078%2D05&amp;y'>k</a>", "mailto:x?body=078-05&y"),
    "comment, and without its tags": ("<!--[if mso]>0<b>7</b><![endif]-->", "[if mso]>0<b>7</b><![endif]-->\n[if mso]>07"),
    "script, style": ("<script>q</script><style>r", "q\nr"),
    "tag without an end": ("<b title=x data=078", " title=x data=078"),
    "bogus comment": ("<![CDATA[x]]><?y?></ z>", "![CDATA[x]]\n?y?\n/ z"),
    "attribute names that only end alike": ("<a data-alt=x xtitle=y>", ""),
    "a number among the words before it": ("<p>Room 4, ID: <img alt='912345678'>", "Room , ID: 912345678 "),
    "a number among the words behind it": ("<abbr title='912345678'>Student</abbr> x", " 912345678 Student x"),
    "a number in a form": ("<td>ID<td><input value='912 345 678'>", "ID 912 345 678 "),
    "an address keeps no company": ("ID <a href='https://x.example/912345678'>x", "https://x.example/912345678"),
}


@pytest.mark.parametrize(("source", "text"), VISIBLE.values(), ids=VISIBLE)
def test_visible(source: str, text: str) -> None:
    assert read(source).visible == text


@pytest.mark.parametrize(("source", "text"), SOURCE.values(), ids=SOURCE)
def test_source(source: str, text: str) -> None:
    assert read(source).source == text


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 200_000,
        "<table><tr><td>" * 70_000,
        "<a " * 200_000,
        '<a b="' * 200_000,
        "<!--" * 200_000,
        "<!-- --!" * 100_000,
        "<script>" * 100_000,
        "<" * 200_000,
        "</" * 200_000,
        "&#" * 200_000,
        "<a " + "alt " * 200_000,
        "<a " + "= " * 200_000,
        "<p>" + "".join(f"<b id={number}>" for number in range(8_000)) + "</p><p>x" * 8_000,
    ],
    ids=lambda source: source[:12],
)
def test_bombs(source: str) -> None:
    start = time.process_time()
    assert read(source + "hello").visible is not None
    assert time.process_time() - start < 10  # quadratic would be minutes


def test_text_below_many_tags_is_found() -> None:
    assert read("<div>" * 200_000 + "hello").visible == "hello"


@settings(max_examples=300)
@given(st.text(st.sampled_from("<>/!-'\"= abt&#;?\n"), max_size=60))
def test_text_without_tags_is_never_lost(source: str) -> None:
    """Any prefix of tag soup that ends its last tag: the words behind it are seen, or stand in the other text."""
    closed = source + "'\">--></title>"
    page = read(closed + "078-05-1120")
    assert "078-05-1120" in page.visible or "078-05-1120" in page.source
