"""From a place in a view back to bytes of the message: what stands there decodes and folds to what was found."""

from __future__ import annotations

import base64
import binascii
import codecs
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.limits import Limits
from dlp.mail import charset, headers, html, retracing, transfer
from dlp.mail.fold import fold, origins
from dlp.mail.original import Place, original_places
from dlp.mail.reading import read
from dlp.mail.stretches import Stretch
from dlp.values import Span, View

LIMITS = Limits()
ODD = "912 \r\n\t\x00aeeé\uff21\uff11①❶⑴½ﬁ\u0301\u0336\u20e3\u200b\xad\u202e\u2028ᄀ\u1161\u11a8ｶﾞ\u0bc6\u0bbe가"
TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from(ODD)), max_size=30)
LETTERS = "912 345\r\n=~\\?+-_aZéßжΩ中文字かなカﾅ한글€\u0301\u200b\U0001f600"
CHARSETS = (
    "us-ascii", "utf-8", "iso-8859-1", "iso-8859-15", "windows-1251", "koi8-r", "utf-16", "utf-16le", "utf-32", "utf-7",
    "gb18030", "gbk", "big5", "euc-jp", "shift_jis", "iso-2022-jp", "euc-kr",
)  # fmt: skip
ENCODINGS = {
    "8bit": bytes,
    "base64": base64.encodebytes,
    "quoted-printable": lambda data: binascii.b2a_qp(data, istext=False),
}
PIECES = [
    "912",
    "345",
    "a",
    "é",
    "<b>",
    "</b>",
    " ",
    "&nbsp;",
    "&amp;",
    "&#49;",
    "&eacute",
    "\r\n",
    "<td>",
    "<tr>",
    "<br>",
    "<!-- 1 -->",
    "<",
    "&",
]
PIECES += [
    "<title>9</title>",
    "<style>9{}</style>",
    "<pre>",
    "</pre>",
    "<p title='9'>",
    "<textarea>&lt;1",
    "</textarea>",
    "<script>9",
]


def places(raw: bytes, view: View, *found: Span) -> list[Place]:
    views = read(raw, LIMITS).views
    return original_places(raw, views, [(views.index(view), span) for span in found], LIMITS)


def view_of(raw: bytes, label: str) -> View:
    return next(each for each in read(raw, LIMITS).views if each.label == label)


def drawn(data: st.DataObject, view: View) -> Span:
    start = data.draw(st.integers(0, len(view.text) - 1))
    return Span(start, data.draw(st.integers(start + 1, len(view.text))))


def made(stretches: list[Stretch]) -> list[tuple[Stretch, int]]:
    """Each stretch and where its result begins."""
    at = 0
    found = []
    for each in stretches:
        found.append((each, at))
        at += each.size
    return found


@settings(max_examples=400)
@given(TEXTS)
def test_every_character_comes_from_what_folds_to_it(text: str) -> None:
    found = list(origins(text))
    folded = fold(text)
    assert sum(each.size for each in found) == len(folded)
    for each, at in made(found):
        assert fold(text[each.start : each.end]) == folded[at : at + each.size]
        assert not each.plain or each.size == each.end - each.start
    assert [each.start for each in found] == [0, *(each.end for each in found)][: len(found)]


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from([b"QUJD", b"QQ==", b"=", b"\r\n", b" ", b"A", b"QU", b"!", b"\r", b"=4", b"1", b"=\t\n"])),
    st.data(),
)
def test_every_byte_comes_from_what_decodes_to_it(pieces: list[bytes], data: st.DataObject) -> None:
    body = b"".join(pieces)
    encoding = data.draw(st.sampled_from(["base64", "quoted-printable", "8bit"]))
    found = list(retracing.decoding(body, encoding))
    whole = transfer.decode(body, encoding).data
    told = sum(each.size for each in found)
    assert told == len(whole) or (encoding == "quoted-printable" and re.search(b"=[4A1]?=", body) and told < len(whole))
    for each, at in made(found):
        written = body[each.start : each.end]
        assert whole[at : at + each.size] in (transfer.decode(written, encoding).data, written)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CHARSETS), st.text(st.sampled_from(LETTERS), max_size=60), st.data())
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_bytes_of_a_text_say_what_was_found(encoding: str, name: str, text: str, data: st.DataObject) -> None:
    codec = charset.codec_of(name)
    encoded = ("ID " + "".join(sign for sign in text if sign.encode(codec, "ignore").decode(codec) == sign)).encode(codec)
    head = f"Content-Type: text/plain; charset={name}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    raw = head.encode() + ENCODINGS[encoding](encoded)
    view = view_of(raw, "part 1")
    found = drawn(data, view)
    [place] = places(raw, view, found)
    assert place.of == "text"
    body = raw[len(head) :]
    start, end = (len(transfer.decode(body[: at - len(head)], encoding).data) for at in (place.span.start, place.span.end))
    decode = codecs.getincrementaldecoder(codec)("replace").decode
    decode(encoded[:start])
    assert view.text[found.start : found.end] in fold(decode(encoded[start:end], end == len(encoded)))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(ENCODINGS)), st.lists(st.sampled_from(PIECES), max_size=25), st.data())
def test_bytes_of_a_page_say_what_was_found(encoding: str, pieces: list[str], data: st.DataObject) -> None:
    source = "ID " + "".join(pieces)
    head = f"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    raw = head.encode() + ENCODINGS[encoding](source.encode())
    view = view_of(raw, "part 1")
    found = drawn(data, view)
    [place] = places(raw, view, found)
    assert place.of == "text"
    written = transfer.decode(raw[place.span.start : place.span.end], encoding).data.decode("utf-8", "ignore")
    wanted = view.text[found.start : found.end].split()
    assert wanted == [] or "".join(wanted) in "".join(
        fold("".join(html.read(f"<{around}>{written}").visible for around in ("pre", "title", "textarea"))).split()
    )


def test_utf_16_without_its_mark_is_a_part_as_a_whole() -> None:
    raw = b"Content-Type: text/html; charset=utf-16\r\n\r\n" + "ID 912345678".encode("utf-16-le")
    view = view_of(raw, "part 1")
    assert [place.of for place in places(raw, view, Span(0, 2))] == ["part"]


NUMBER = "912345678"
IN_BASE64 = base64.b64encode(b"Hi there, ID 912345678, by").decode()
QP, BASE64 = (f"Content-Transfer-Encoding: {each}\n\n" for each in ("quoted-printable", "base64"))
FILE = "Content-Type: text/plain\nContent-Disposition: attachment; filename"
SAID = {
    "plain": ("Content-Type: text/plain\n\nHi,\nID 912345678.", "part 1", "text", NUMBER),
    "Latin 1": ("Content-Type: text/plain; charset=iso-8859-1\n\né ID 912345678", "part 1", "text", NUMBER),
    "base64, the groups that hold it": (f"{BASE64}{IN_BASE64}", "part 1", "text", "IDkxMjM0NTY3OCwg"),
    "quoted-printable": (f"{QP}ID =39=\n12345678=2E", "part 1", "text", "=39=\n12345678"),
    "quoted-printable nobody declared": ("Subject: s\n\nID 912=33=34=35678", "part 1", "text", "912=33=34=35678"),
    "broken quoted-printable": (f"{QP}x == y, ID 912345678", "part 1", "part", "x == y, ID 912345678"),
    "flowed": (
        "Content-Type: text/plain; format=flowed; delsp=yes\n\n> On Monday we met somebody and the number is  \n> ID 912345678",
        "part 1",
        "text",
        NUMBER,
    ),
    "a page": ("Content-Type: text/html\n\n<p>ID <b>912</b>&#51;45678</p>", "part 1", "text", "912</b>&#51;45678"),
    "a text between parts": (
        "Content-Type: multipart/mixed; boundary=b\n\nID 912345678\n--b\n\nx\n--b--\n",
        "text between the parts of the message",
        "text",
        NUMBER,
    ),
    "a subject": ("Subject: on ID 912345678 again\n\nx", "subject line", "text", NUMBER),
    "a folded subject": ("Subject: on\n ID 912345678\n again\n\nx", "subject line", "text", NUMBER),
    "an encoded word": ("Subject: on =?utf-8?Q?ID_912345678?= it\n\nx", "subject line", "text", "=?utf-8?Q?ID_912345678?="),
    "two encoded words": (
        "Subject: =?utf-8?Q?ID_91234?= =?utf-8?Q?5678?= x\n\nx",
        "subject line",
        "text",
        "=?utf-8?Q?ID_91234?= =?utf-8?Q?5678?=",
    ),
    "the second subject": ("Subject: x\nSubject: 912345678\n\nx", "subject line", "text", NUMBER),
    "a name": ('From: x <a@a.example>\nTo: a@a.example, "Lee, ID 912345678" <b@b.example>\n\nx', "To name", "text", NUMBER),
    "a name with a quote": (
        'To: "\\"912345678\\"" <b@b.example>\n\nx',
        "To name",
        "field",
        'To: "\\"912345678\\"" <b@b.example>\n',
    ),
    "a field of no name": ("X-Note: s\nX-Student: ID 912345678\n\nx", "header field 2", "text", NUMBER),
    "a file's name": (f'{FILE}="ID 912345678.txt"\n\nx', "file name of part 1", "text", NUMBER),
    "a file's name in RFC 2231": (
        f"{FILE}*=utf-8''ID%20912345678\n\nx",
        "file name of part 1",
        "field",
        "Content-Disposition: attachment; filename*=utf-8''ID%20912345678\n",
    ),
    "a description": (f"Content-Description: ID 912345678\n{FILE}=x\n\nx", "description of part 1", "text", NUMBER),
    "the subject of an attached message": (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: ID 912345678\n\nx\n--b--\n",
        "subject of part 1",
        "text",
        NUMBER,
    ),
    "markup": ("Content-Type: text/html\n\n<p title='ID 912345678'>x", "markup of part 1", "part", "<p title='ID 912345678'>x"),
    "encoded in a text": (f"Subject: s\n\nsee {IN_BASE64}", "encoded text in part 1", "part", f"see {IN_BASE64}"),
    "a calendar unfolded": (
        "Content-Type: text/calendar\n\nSUMMARY:ID 91234\n 5678",
        "part 1",
        "part",
        "SUMMARY:ID 91234\n 5678",
    ),
}


@pytest.mark.parametrize(("source", "label", "of", "spelled"), SAID.values(), ids=SAID)
def test_the_bytes_a_number_stands_in(source: str, label: str, of: str, spelled: str) -> None:
    raw = source.encode("latin-1")
    view = next(each for each in read(raw, LIMITS).views if each.label == label and NUMBER in each.text)
    start = view.text.index(NUMBER)
    [place] = places(raw, view, Span(start, start + len(NUMBER)))
    assert (place.of, raw[place.span.start : place.span.end].decode("latin-1")) == (of, spelled)


def test_what_only_the_message_as_a_whole_shows() -> None:
    view = View(view_of(b"Subject: s\r\n\r\nx", "part 1").channel, "", "another reading of the message", "x")
    assert original_places(b"Subject: s\r\n\r\nx", (view,), [(0, Span(0, 1))], LIMITS) == [Place(Span(0, 15), "message")]


def test_several_places_are_told_in_their_order() -> None:
    raw = b"Subject: 1\r\n\r\n22 1 333"
    views = read(raw, LIMITS).views
    body = next(index for index, each in enumerate(views) if each.label == "part 1")
    found = [(body, Span(5, 8)), (1 - body, Span(0, 1)), (body, Span(0, 2)), (body, Span(0, 8))]
    spans = [place.span for place in original_places(raw, views, found, LIMITS)]
    assert [raw[span.start : span.end] for span in spans] == [b"333", b"1", b"22", b"22 1 333"]


@given(
    st.lists(st.sampled_from(["=?utf-8?Q?a=C3=A4?=", "=?utf-8?B?YQ==?=", "=?x?Q?b?=", " ", "c", "=?", "\t"]), max_size=8),
    st.integers(0, 4),
)
def test_pieces_of_a_field_are_what_it_is_read_as(words: list[str], cap: int) -> None:
    text = "".join(words)
    found, _ = headers.pieces(text, cap)
    assert "".join(piece for piece, *_ in found) == headers.decode_words(text, cap).text
    assert all(encoded or piece in ("", text[start:end]) for piece, start, end, encoded in found)
