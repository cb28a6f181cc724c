"""E059 to E068: HTML that shows something else than it says, or says more than it shows."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

from tests.evasion.planted import CAUGHT, EITHER, LIMIT, NUMBER, SENTENCE, Case, Entity

BEFORE, AFTER = "The student ID is ", " and the grade is B."


def page(body: str, head: str = "") -> Entity:
    top = f"<!DOCTYPE html><html><head><title>Our meeting</title>{head}</head><body>"
    source = f"{top}<p>Dear Pat,</p>{body}<p>Best wishes</p></body></html>"
    return Entity(b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n", source.encode() + b"\r\n")


def within(inserted: str, every: int = 3) -> Entity:
    """The number with something between its digits."""
    cut = inserted.join(NUMBER[at : at + every] for at in range(0, 9, every))
    return page(f"<p>{BEFORE}{cut}{AFTER}</p>")


def alternative(plain: str, marked: str, subtype: str = "alternative", third: str = "") -> Entity:
    parts = [
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{plain}",
        f"Content-Type: text/html; charset=utf-8\r\n\r\n{marked}",
    ]
    body = "".join(f"--alt\r\n{part}\r\n" for part in [*parts, *filter(None, [third])]) + "--alt--\r\n"
    return Entity(f"Content-Type: multipart/{subtype}; boundary=alt\r\n".encode(), body.encode())


def _cases() -> Iterator[tuple[str, str, str, Entity]]:
    pieces = (
        "<b></b>", "<!-- 0 -->", "<span></span>", "<wbr>", "</b><b>", "<!---->",
        "<font></font>", "<a name=x></a>", "&zwnj;", "&shy;",
        "<wbr/>", "<o:p></o:p>", "<?x ?>", "</x>",
    )  # fmt: skip
    for index, piece in enumerate(pieces, 1):
        yield f"E059-{index:02}", f"cut by {piece}", CAUGHT, within(piece)
    each = "".join(f"<i>{sign}</i>" for sign in NUMBER)
    yield "E059-15", "each digit in an element of its own", CAUGHT, page(f"<p>{BEFORE}{each}{AFTER}</p>")
    hidden = (
        "display:none", "visibility:hidden", "font-size:0", "color:#fff;background:#fff", "position:absolute;left:-9999px",
        "opacity:0", "clip:rect(0,0,0,0);position:absolute", "max-height:0;overflow:hidden", "mso-hide:all",
    )  # fmt: skip
    for index, style in enumerate(hidden, 1):
        noise = f'<span style="{style}">00</span>'
        yield f"E060-{index:02}", f"noise digits under {style}", CAUGHT, within(noise)
        yield (
            f"E060-{index + 9:02}",
            f"the sentence itself under {style}",
            CAUGHT,
            page(f'<div style="{style}">{SENTENCE}</div>'),
        )
    classed = f"<p>{BEFORE}912<s class=n>00</s>345<s class=n>00</s>678{AFTER}</p>"
    yield "E060-19", "noise digits under a class", CAUGHT, page(classed, "<style>.n{display:none}</style>")
    yield "E060-20", "noise digits with the hidden attribute", CAUGHT, within("<span hidden>00</span>")
    content = f'<style>p.x::before{{content:"{SENTENCE}"}}</style>'
    yield "E061-01", "text in CSS content", EITHER, page('<p class="x"></p>', content)
    yield "E061-02", "text of an SVG", EITHER, page(f'<svg><text x="0" y="9">{SENTENCE}</text></svg>')
    yield "E061-03", "text of MathML", EITHER, page(f"<math><mtext>{SENTENCE}</mtext></math>")
    yield "E061-04", "fallback of a canvas", EITHER, page(f"<canvas>{SENTENCE}</canvas>")
    content = f'<style>.a::after{{content:"{NUMBER}"}}</style>'
    yield "E061-05", "digits in CSS content", EITHER, page(f"<p>{BEFORE}<i class=a></i>{AFTER}</p>", content)
    yield "E061-06", "fallback of an object", EITHER, page(f"<object data=x>{SENTENCE}</object>")
    for index, form in enumerate(("&#{};", "&#x{:x};", "&#{}", "&#0000{};", "&amp;#{};", "&#X{:X}"), 1):
        signs = "".join(form.format(ord(sign)) for sign in NUMBER)
        yield f"E062-{index:02}", f"digits as {form}", CAUGHT, page(f"<p>{BEFORE}{signs} {AFTER}</p>")
    twice = html.escape("".join(f"&#{ord(sign)};" for sign in SENTENCE))
    yield "E062-07", "everything twice encoded", CAUGHT, page(f"<p>{twice}</p>")
    holders = (
        '<img alt="{}">', '<b title="{}">x</b>', '<a href="https://x.example/?q={}">x</a>',
        '<a href="mailto:x@x.example?body={}">x</a>', '<input type=hidden value="{}">', '<meta name=description content="{}">',
        '<a href="data:text/plain,{}">x</a>', "<img alt='{}'>", '<div data-note="{}">x</div>', '<img src="cid:{}">',
        '<a href=# onclick="show(\'{}\')">x</a>', '<option label="{}">', '<iframe srcdoc="{}">', '<td background="{}">',
        '<a id="{}">x</a>', '<form action="/x?{}">',
    )  # fmt: skip
    for index, holder in enumerate(holders, 1):
        text = quote(SENTENCE) if 'href="' in holder or "src=" in holder or "action" in holder else SENTENCE
        yield f"E063-{index:02}", f"in {holder.split('{')[0]}", CAUGHT, page(holder.format(text))
    data = base64.b64encode(SENTENCE.encode()).decode()
    yield "E063-17", "as base64 in a data: URL", CAUGHT, page(f'<a href="data:text/plain;base64,{data}">x</a>')
    yield from _elsewhere()


def _elsewhere() -> Iterator[tuple[str, str, str, Entity]]:
    places = (
        "<!--[if mso]>{}<![endif]-->", "<![if !mso]>{}<![endif]>", "<noscript>{}</noscript>", "<template>{}</template>",
        '<script>var note = "{}";</script>', "<![CDATA[{}]]>", "<!-- {} -->", "<style>/* {} */</style>", "<xmp>{}</xmp>",
        "<noframes>{}</noframes>", "<textarea>{}</textarea>", "<!--[if gte mso 9]><xml><x>{}</x></xml><![endif]-->",
        "<plaintext>{}",
        "<select><option>{}</option></select>", "<details>{}</details>", "<dialog>{}</dialog>", "<marquee>{}</marquee>",
    )  # fmt: skip
    for index, place in enumerate(places, 1):
        yield f"E064-{index:02}", f"in {place.split('{')[0]}", CAUGHT, page(place.format(SENTENCE))
    turned = "".join(f"<span>{sign}</span>" for sign in reversed(NUMBER))
    for index, style in enumerate(("display:flex;flex-direction:row-reverse", "direction:rtl;unicode-bidi:bidi-override"), 1):
        yield (
            f"E065-{index:02}",
            f"turned by {style}",
            EITHER,
            page(f'<p>{BEFORE}<span style="{style}">{turned}</span>{AFTER}</p>'),
        )
    yield "E065-03", "turned by <bdo>", EITHER, page(f"<p>{BEFORE}<bdo dir=rtl>{NUMBER[::-1]}</bdo>{AFTER}</p>")
    floated = "".join(f'<span style="float:right">{sign}</span>' for sign in reversed(NUMBER))
    yield "E065-04", "turned by float", EITHER, page(f"<p>{BEFORE}</p>{floated}<p>{AFTER}</p>")
    nothing, marked = "Nothing to see.", f"<p>{SENTENCE}</p>"
    yield "E066-01", "clean plain text, telling HTML", CAUGHT, alternative(nothing, marked)
    yield "E066-02", "telling plain text, clean HTML", CAUGHT, alternative(SENTENCE, f"<p>{nothing}</p>")
    yield "E066-03", "in a related part nobody refers to", CAUGHT, alternative(nothing, marked, "related")
    enriched = "Content-Type: text/enriched\r\n\r\n<bold>The</bold> student ID is 912<bold></bold>345678."
    yield "E066-04", "in text/enriched", CAUGHT, alternative(nothing, "<p>x</p>", third=enriched)
    amp = f"Content-Type: text/x-amp-html\r\n\r\n<!doctype html><html amp4email><body>{SENTENCE}</body></html>"
    yield "E066-05", "in AMP for mail", CAUGHT, alternative(nothing, "<p>x</p>", third=amp)
    watch = f"Content-Type: text/watch-html\r\n\r\n<b>{SENTENCE}</b>"
    yield "E066-06", "in HTML for watches", CAUGHT, alternative(nothing, "<p>x</p>", third=watch)
    link = "https://files.example/s/" + quote(f"student ID {NUMBER}")
    yield "E067-01", "in the address of a link to a file", CAUGHT, page(f'<a href="{link}">the file</a>')
    data = base64.b64encode(("Student ID\tGrade\n" + f"{NUMBER}\tB\n").encode()).decode()
    script = f"<script>var f=atob('{data}');var b=new Blob([f]);</script>"
    yield "E068-01", "a file put together by a script", EITHER, page(script)
    anchor = f'<a download="grades.tsv" href="data:application/octet-stream;base64,{data}">save</a>'
    yield "E068-02", "a file in a data: URL", EITHER, page(anchor)
    pieces_ = [data[at : at + 8] for at in range(0, len(data), 8)]
    listed = ",".join(f"'{each}'" for each in pieces_)
    yield "E068-03", "a file in pieces in a script", EITHER, page(f"<script>var p=[{listed}];</script>")


def _styled() -> Iterator[tuple[str, str, str, Entity]]:
    """What style sheets put together, and where they may be kept."""
    counted = f"<style>.c{{counter-reset:n {NUMBER}}}.c::after{{content:counter(n)}}</style>"
    yield "E061-07", "digits as a counter", CAUGHT, page(f"<p>{BEFORE}<i class=c></i>{AFTER}</p>", counted)
    shared = "<style>body{counter-reset:a 912 b 345678}.c::after{content:counter(a) counter(b)}</style>"
    yield "E061-08", "digits as two counters", CAUGHT, page(f"<p>{BEFORE}<i class=c></i>{AFTER}</p>", shared)
    held = "<style>.a::after{content:attr(data-a) attr(data-b)}</style>"
    yield (
        "E061-09",
        "digits of two attributes",
        CAUGHT,
        page(f"<p>{BEFORE}<i class=a data-a=9123 data-b='45678'></i>{AFTER}</p>", held),
    )
    pieces = '<style>.a::after{content:"912" "345" "678"}</style>'
    yield "E061-10", "digits in strings side by side", CAUGHT, page(f"<p>{BEFORE}<i class=a></i>{AFTER}</p>", pieces)
    rule, marked = ".n{display:none}", f"<p>{BEFORE}912<s class=n>00</s>345<s class=n>00</s>678{AFTER}</p>"
    coded = base64.b64encode(rule.encode()).decode()
    sheets = (
        f'<link rel=stylesheet href="data:text/css,{quote(rule)}">',
        f'<link rel="stylesheet" href="data:text/css;base64,{coded}">',
        f"<style>@import url(data:text/css;base64,{coded});</style>",
        f"<style>@import 'data:text/css,{quote(rule)}';</style>",
    )
    added = f'<link rel=stylesheet href="data:text/css,.a::after%7Bcontent:%22{NUMBER}%22%7D">'
    for index, sheet in enumerate(sheets, 21):
        yield f"E060-{index}", f"noise digits hidden by {sheet[:14]}", CAUGHT, page(marked, sheet)
    yield "E060-25", "digits added by a style sheet in a link", CAUGHT, page(f"<p>{BEFORE}<i class=a></i>{AFTER}</p>", added)
    for index, style in enumerate(("display:/**/none", "display/**/:none", "d\\69splay:none", "displa\\79 :none"), 26):
        yield f"E060-{index}", f"noise digits under {style}", CAUGHT, within(f'<span style="{style}">00</span>')
        classed = page(f"<p>{BEFORE}912<s class=n>00</s>345678{AFTER}</p>", f"<style>.n{{{style}}}</style>")
        yield f"E060-{index + 4}", f"noise digits under a class with {style}", CAUGHT, classed
    mixed = (4, 0, 8, 2, 6, 1, 7, 3, 5)
    for index, (outer, inner) in enumerate(
        (
            ("flex", "order:{}"),
            ("grid", "grid-column:{}"),
            ("grid", "grid-area:1/{}"),
            ("block", "position:absolute;left:{}0px"),
        ),
        5,
    ):
        spans = "".join(f'<span style="{inner.format(at + 1)}">{NUMBER[at]}</span>' for at in mixed)
        yield (
            f"E065-{index:02}",
            f"put in order by {inner}",
            CAUGHT,
            page(f'<p>{BEFORE}<b style="display:{outer}">{spans}</b></p>'),
        )
    base = "".join(f"{sign}<rt>0</rt>" for sign in NUMBER)
    yield "E065-09", "noise above the digits, as ruby", CAUGHT, page(f"<p>{BEFORE}<ruby>{base}</ruby>{AFTER}</p>")
    above = "".join(f"x<rt>{sign}</rt>" for sign in NUMBER)
    yield "E065-10", "digits above letters, as ruby", CAUGHT, page(f"<p>{BEFORE}<ruby>{above}</ruby>{AFTER}</p>")
    for index, table in enumerate(("table dir=rtl", 'table style="direction: rtl"'), 11):
        cells = "<td>678<td>345<td>912"
        yield f"E065-{index}", f"columns turned by {table}", CAUGHT, page(f"<p>{BEFORE}</p><{table}><tr>{cells}</table>")


def _sheets() -> Iterator[tuple[str, str, str, Entity]]:
    """Pages that call themselves workbooks, as Excel opens them."""
    heading = "<tr><td>Name<td>Student ID<td>Grade<tr><td>Ann"
    cells = (
        ("the number beside a rounded one", f"<td x:num={NUMBER}>9,1E+08", CAUGHT),
        ("a power of ten beside a rounded one", '<td x:num="9.12345678E8">9,1E+08', CAUGHT),
        ("a power of ten as its text", "<td>9.12345678E+08", LIMIT),
        ("the number in an empty cell", f'<td x:num="{NUMBER}">', CAUGHT),
        ("a format that adds a digit in quotes", r"""<td style='mso-number-format:"\0022\\9\0022 0"'>12345678""", CAUGHT),
        ("a format that adds a digit", r"""<td style='mso-number-format:"\\90"'>12345678""", CAUGHT),
    )
    fields = b'Content-Type: application/vnd.ms-excel; name="a.xls"\r\nContent-Disposition: attachment; filename="a.xls"\r\n'
    for index, (title, cell, expects) in enumerate(cells, 4):
        table = f"<table>{heading}{cell}<td>B</table>"
        source = f"<html xmlns:x='urn:schemas-microsoft-com:office:excel'><body>{table}</body></html>\r\n"
        yield f"E068-{index:02}", f"a page called a workbook, {title}", expects, Entity(fields, source.encode())


def cases() -> Iterator[Case]:
    """Every case of this group."""
    for index, title, expects, built in (*_cases(), *_styled(), *_sheets()):
        yield Case(index, title, expects, partial(_same, built))


def _same(built: Entity) -> Entity:
    return built
