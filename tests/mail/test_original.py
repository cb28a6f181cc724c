"""From a place in a view back to bytes of the message: what stands there decodes and folds to what was found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.limits import Limits
from dlp.mail.fold import fold, origins
from dlp.mail.original import original_span
from dlp.mail.reading import read
from dlp.values import Span

LIMITS = Limits()
TEXTS = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(
            "912 \r\n\t\x00aeeé\uff21\uff11①❶⑴½ﬁ\u0301\u0336\u20e3\u200b\xad\u202e\u2028ᄀ\u1161\u11a8ｶﾞ\u0bc6\u0bbe가"
        ),
    ),
    max_size=30,
)


@settings(max_examples=400)
@given(TEXTS)
def test_every_character_comes_from_what_folds_to_it(text: str) -> None:
    found = origins(text)
    folded = fold(text)
    assert len(found) == len(folded)
    for (start, end), sign in zip(found, folded, strict=True):
        assert sign in fold(text[start:end])
    assert found == sorted(found)


@settings(max_examples=150)
@given(TEXTS, st.data())
def test_bytes_say_what_was_found(text: str, data: st.DataObject) -> None:
    body = text.encode()
    raw = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nID " + body
    texts = read(raw, LIMITS)
    view = next(each for each in texts.views if each.label == "part 1")
    start = data.draw(st.integers(0, len(view.text) - 1))
    end = data.draw(st.integers(start + 1, len(view.text)))
    span = original_span(raw, texts, view, Span(start, end), LIMITS)
    if texts.parts[0].status.value == "read" and "\ufeff" not in text:
        assert span is not None
    if span is not None:
        assert view.text[start:end] in fold(raw[span.start : span.end].decode())


@pytest.mark.parametrize(
    ("kind", "body", "spelled"),
    [
        (b"text/plain", b"Hi,\r\nID 912345678.", b"912345678"),
        (b"text/plain; charset=iso-8859-1", b"\xe9\xe8 ID 912\xa0345\xa0678.", b"912\xa0345\xa0678"),
        (b"text/plain; charset=utf-8", "\ufeffÜ ID 912\u200b345\u00ad678.".encode(), "912\u200b345\u00ad678".encode()),
        (b"text/plain; charset=utf-16le", "ID 912345678.".encode("utf-16-le"), "912345678".encode("utf-16-le")),
    ],
    ids=["ASCII", "Latin 1", "UTF-8", "UTF-16"],
)
def test_the_number_is_found_in_the_message(kind: bytes, body: bytes, spelled: bytes) -> None:
    parts = b"--b\r\n\r\nHello\r\n--b\r\nContent-Type: " + kind + b"\r\n\r\n" + body + b"\r\n--b--\r\n"
    raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts
    texts = read(raw, LIMITS)
    view = next(each for each in texts.views if each.label == "part 2")
    number = view.text.replace(" ", "").index("912")
    start = view.text.index("912")
    end = view.text.index("678") + 3
    assert number
    span = original_span(raw, texts, view, Span(start, end), LIMITS)
    assert span is not None
    assert raw[span.start : span.end] == spelled


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (b"Content-Transfer-Encoding: base64\r\n", b"SUQgOTEyMzQ1Njc4"),
        (b"Content-Transfer-Encoding: quoted-printable\r\n", b"ID =39=31=32345678"),
        (b"Content-Type: text/html\r\n", b"<p>ID <b>912</b>345678</p>"),
    ],
    ids=["base64", "quoted-printable", "HTML"],
)
def test_what_has_no_bytes_of_its_own_has_no_span(header: bytes, body: bytes) -> None:
    raw = header + b"\r\n" + body
    texts = read(raw, LIMITS)
    view = next(each for each in texts.views if "912345678" in each.text)
    start = view.text.index("912345678")
    assert original_span(raw, texts, view, Span(start, start + 9), LIMITS) is None
