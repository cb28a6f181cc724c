"""HTML as a reader sees it, and what its source holds beside that."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dlp.mail import html
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
        "9<b hidden>" * 100_000,
        "<style>" + ".a{display:none}" * 50_000,
        "<style>" + "a" * 300_000 + "{" * 300_000,
        "<style>.a::after{content:'x'}</style>" + "<b class='" + "a " * 200_000,
        "<b style='" + "width:" * 200_000,
        "<b style='" + "color:rgba(" * 100_000,
        "<i style='order:1'>x</i>" * 40_000,
        "<i style='order:1'>x" * 40_000,
        "<i style='order:1'>" * 5 + "<a " * 100_000,
        "<rt>" + "x" * 300_000 + "<rb>" * 50_000,
        "<table dir=rtl><tr>" + "<td>1" * 100_000,
        "<style>.a::after{" + 'content:"' * 50_000,
        "<style>.a::after{" + "content:attr(" * 50_000 + "}</style>" + "<b class=a>" * 5_000,
        "<style>.a::after{" + "content:counter(n) " * 20_000 + "counter-reset:" * 20_000 + "}</style>",
        f"<style>.a::after{{content:'{'x' * 10_000}'}}</style><b class='{'a ' * 50_000}'>" + "<b class=a>" * 20_000,
        "<style>@import " + "'data:text/css," * 30_000,
        "<b style='mso-number-format:" + "\\" * 200_000 + "9'>",
        "<b style='" + "d\\" * 200_000,
        "<table><td colspan=" + " " * 200_000 + "x>",
        "<table role=" + " " * 200_000 + "x>",
        "<p style='counter-reset:" + "a" * 200_000,
        "<table><tr><td colspan=2>b" + "<td>a" * 60_000 + "<tr><td>a<td>b</table>",
        "".join(f"<style>.c{n}::before{{content:{'attr(a)' * 30}}}</style>" for n in range(200))
        + f"<b class='{' '.join(f'c{n}' for n in range(200))}'>x</b>" * 300,
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


DIGITS = "912345678"
NOISE = {
    "display": 'style="display:none"',
    "display, loosely written": "style='color:red; DISPLAY : none !important'",
    "visibility": 'style="visibility:hidden"',
    "size 0": 'style="font-size:0"',
    "size 0 px": 'style="font-size:0px;line-height:1"',
    "size 1 px": 'style="font-size:1px"',
    "white": 'style="color:white"',
    "white in hex": 'style="color:#FFF"',
    "white by a function": 'style="color:rgb(255, 255, 255)"',
    "transparent": 'style="color:transparent"',
    "transparent by a function": 'style="color:rgba(0,0,0,0)"',
    "white as HTML 3.2 has it": "color=white",
    "off the screen": 'style="position:absolute;left:-9999px"',
    "indented away": 'style="text-indent:-9999px"',
    "opacity": 'style="opacity:0"',
    "clip": 'style="position:absolute;clip:rect(0,0,0,0)"',
    "no height": 'style="max-height:0;overflow:hidden"',
    "no width": 'style="width:0;overflow:hidden"',
    "scaled away": 'style="transform:scale(0)"',
    "Outlook's own": 'style="mso-hide:all"',
    "attribute": "hidden",
    "for readers aloud": "aria-hidden=true",
}


def noisy(attributes: str) -> str:
    return "<p>ID " + "".join(f"{sign}<span {attributes}>0<b>0</b></span>" for sign in DIGITS) + ".</p>"


@pytest.mark.parametrize("attributes", NOISE.values(), ids=NOISE)
def test_hidden_noise_is_left_out_of_another_reading(attributes: str) -> None:
    page = read(noisy(attributes))
    assert page.visible == "ID " + "".join(f"{sign}00" for sign in DIGITS) + "."
    assert "ID 912345678." in page.shown


@pytest.mark.parametrize(
    ("style", "attributes"),
    [
        (".n{display:none}", "class=n"),
        ("/* x */ p > span.n , q { visibility: hidden }", 'class="a n"'),
        ("#n{font-size:0}", "id='n'"),
        ("@media all { span { display:none !important } }", "lang=en"),
    ],
)
def test_noise_that_a_rule_hides(style: str, attributes: str) -> None:
    for source in (f"<style>{style}</style>{noisy(attributes)}", f"{noisy(attributes)}<style>{style}</style>"):
        assert "ID 912345678." in read(source).shown


def test_a_number_that_is_no_character_is_the_sign_for_one() -> None:
    for number in ("d800", "0", "110000"):
        found = read(f"<style>p::after{{content:'a\\{number} b'}}</style><p style='a:\\{number}'>x")
        assert "a\ufffdb" in found.visible + "".join(found.shown)


@pytest.mark.parametrize(
    "source",
    [
        "<div style='display:none'>Your order has been sent</div><p>Dear Ann</p>",
        "<p style='color:#fff;background:#036'>Library</p>",
        "<p style='color:#ffff00'>ID 9<b style='font-size:10px'>1</b></p>",
        "<table width=0><tr><td>9</td></tr></table><p>x",
        "<img style='float:right' src=x><p>ID 912345678",
    ],
    ids=lambda source: source[:24],
)
def test_ordinary_style_makes_no_other_reading(source: str) -> None:
    assert read(source).shown == ()


def test_text_that_style_adds() -> None:
    source = "<style>.a::after{content:'912\\\\33 45678'}</style><p>ID <i class=a></i>.</p>".replace("\\\\", "\\")
    page = read(source)
    assert "ID 912345678." in page.shown
    assert "912345678" in page.source


@pytest.mark.parametrize(
    "source",
    [
        "<bdo dir=rtl>876543219</bdo>",
        "<span style='direction:rtl;unicode-bidi:bidi-override'>876543219</span>",
        "<div style='display:flex;flex-direction:row-reverse'>"
        + "".join(f"<div>{sign}</div>" for sign in "876543219")
        + "</div>",
        "<div style='display:flex;flex-direction:row-reverse'><i>678 </i><i>345 </i><i>912</i></div>",
        "".join(f"<span style='float:right'>{sign}</span>" for sign in "876543219"),
    ],
)
def test_numbers_in_the_order_they_are_seen_in(source: str) -> None:
    assert any("912345678" in text.replace(" ", "") for text in read(f"<p>ID {source}").shown)


@pytest.mark.parametrize(
    "source",
    [
        "<bdo dir=rtl>.60.81 deliaf eeL nnA</bdo>",
        "<i style='unicode-bidi:bidi-override;direction:rtl'>.60.81 deliaf eeL nnA</i>",
        "<style>.r{unicode-bidi:isolate-override;direction:rtl}</style><i class=r>.60.81 deliaf eeL nnA</i>",
    ],
)
def test_letters_in_the_order_they_are_seen_in(source: str) -> None:
    assert any(text.endswith("\nAnn Lee failed 18.06.") for text in read(f"Welcome<br>{source}").shown)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<b data-x='ID 912345678'>", "ID 912345678"),
        ("<img src='cid:student%20ID%20912345678'>", "cid:student ID 912345678"),
        ("<a onclick=\"x('ID 912345678')\">", "x('ID 912345678')"),
        ("<td background='/x?ID=912345678'>", "/x?ID=912345678"),
        ("<script>x('912' + \"345678\")</script>", "912345678"),
        ("<style>a{content:'\\39\\31\\32'}</style>", "912"),
    ],
)
def test_where_else_a_number_may_stand(source: str, text: str) -> None:
    assert text in read(source).source


def test_signs_that_are_placed_one_by_one_keep_apart_from_words() -> None:
    assert read("<math><mtext>ID</mtext><mn>912345678</mn></math>").visible == "ID 912345678"
    assert read("<svg><text>ID</text><text>912345678</text></svg>").visible == "ID 912345678"


PIECES = [
    *("<p>", "</p>", "<div>", "</div>", "<br/>", "<td>", "</td>", "<tr>", "</tr>", "<b>", "</b>", "<pre>", "</pre>"),
    *("<div class=gmail_signature>", "<p hidden>", "<blockquote>", "</blockquote>", "<li title=912345678>"),
    *("<i style='float:right'>", "<script>", "</script>", "<a title='>'>", "912", "345", "word", " ", "\n", "&amp;"),
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
@example(["<div>", "1", "</div>", "<div class=gmail_signature>", "word", "</div>", "<div>", "2"])
def test_a_tag_met_again_does_what_it_did(pieces: list[str]) -> None:
    unlike = [f"{piece[:-1]}{' ' * nth}>" if piece[0] == "<" else piece for nth, piece in enumerate(pieces, 1)]
    once, again = read("".join(unlike)), read("".join(pieces))
    assert (once.visible, once.marked, once.tables) == (again.visible, again.marked, again.tables)


_TAGS = (
    *(
        "<p>",
        "</p>",
        "<p style='margin:0'>",
        "<div class=gmail_quote>",
        "</div>",
        "<td>",
        "<tr>",
        "<table>",
        "</table>",
        "<b>",
        "</b>",
    ),
    *(
        "<!-- a <b> c -->",
        "<!--",
        "<a title='x<b>y'>",
        "<a title='>'>",
        "<p",
        "<",
        "<?x>",
        "<style>p{}</style>",
        "<title>",
        "</title>",
    ),
    *("<pre>", "</pre>", "<br>", "<bdo>", "word", " ", "\r\n", "&lt;b>", "912345678", "<img alt='912345678'>", "<blockquote>"),
)


@given(st.lists(st.sampled_from(_TAGS), max_size=25).map("".join))
def test_a_tag_written_like_an_earlier_one_is_read_like_it(source: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html, "_says_nothing", lambda *_: False)
        long = read(source)
    assert read(source) == long
