"""Reading results over a pipe: what was sent comes back, anything else is refused."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.errors import ProtocolError
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.mail.wire import decode_texts, encode_texts

RAW = b"Subject: s\r\nContent-Transfer-Encoding: x\r\n\r\nhello \xc3\xa4"
SENT = read(RAW, Limits())


def test_fields_of_parts_come_back() -> None:
    raw = b"Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nx"
    sent = read(raw, Limits())
    assert [field.name for field in sent.part_fields] == ["Subject"]
    assert decode_texts(encode_texts(sent), size=len(raw)) == sent


def test_grids_of_a_page_and_its_marks_come_back() -> None:
    sent = read(b"Content-Type: text/html\r\n\r\nx<blockquote>y</blockquote><table><tr><td>a<td>b<tr><td>c<td>d", Limits())
    assert [(view.again, len(view.marked)) for view in sent.views] == [(False, 1), (True, 0)]
    assert decode_texts(encode_texts(sent)) == sent


def test_what_was_sent_comes_back() -> None:
    assert SENT.fields
    assert SENT.parts
    assert SENT.views
    assert SENT.ambiguities
    assert decode_texts(encode_texts(SENT), size=len(RAW)) == SENT


LENGTH = struct.Struct("!Q")
(ROWS,) = LENGTH.unpack(encode_texts(SENT)[: LENGTH.size])
TEXT = encode_texts(SENT)[LENGTH.size + ROWS :]


def answer(rows: bytes, text: bytes = TEXT) -> bytes:
    return LENGTH.pack(len(rows)) + rows + text


def changed(*path: Any, value: object) -> bytes:
    message = json.loads(encode_texts(SENT)[LENGTH.size :][:ROWS])
    place = message
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return answer(json.dumps(message).encode())


MALFORMED = {
    "empty": b"",
    "half a length": b"\0" * 7,
    "length beyond the end": LENGTH.pack(1 << 40) + b"{}",
    "not JSON": answer(b"{"),
    "not UTF-8": answer(b"\xff\xfe\xfd"),
    "deep": answer(b"[" * 200_000),
    "a list": answer(b"[]"),
    "a long number": answer(b'{"version":' + b"1" * 10_000 + b"}"),
    "other version": changed("version", value=1),
    "text missing": encode_texts(SENT)[:-1],
    "text left over": encode_texts(SENT) + b"x",
    "text not UTF-8": encode_texts(SENT)[:-1] + b"\xff",
    "text cut inside a character": encode_texts(read("\r\nä".encode(), Limits()))[:-1],
    "extra key": changed("more", value=1),
    "fields no list": changed("fields", value={}),
    "row no list": changed("fields", 0, value="x"),
    "row too short": changed("views", 0, value=["text"]),
    "name no text": changed("fields", 0, 0, value=1),
    "a text told again that is no grid": changed("views", 0, 8, value=1),
    "a mark without lines": changed("views", 0, 9, value=[["quote"]]),
    "a mark nobody knows": changed("views", 0, 9, value=[["x", 0, 1]]),
    "a mark that ends before it begins": changed("views", 0, 9, value=[["quote", 2, 1]]),
    "occurrence nought": changed("fields", 0, 1, value=0),
    "occurrence a truth": changed("fields", 0, 1, value=True),
    "occurrence a fraction": changed("fields", 0, 1, value=1.5),
    "span negative": changed("fields", 0, 2, value=-1),
    "span backwards": changed("parts", 0, 4, value=len(RAW))
    if SENT.parts[0].body.end < len(RAW)
    else changed("parts", 0, 5, value=0),
    "span outside": changed("parts", 0, 5, value=len(RAW) + 1),
    "unknown status": changed("parts", 0, 7, value="fine"),
    "read, with a reason": changed("parts", 0, 7, value="read"),
    "not read, without a reason": changed("parts", 0, 8, value=""),
    "unknown channel": changed("views", 0, 0, value="smell"),
    "text null": changed("views", 0, 3, value=None),
    "text of negative length": changed("views", 0, 3, value=-1),
    "text longer than the answer": changed("views", 0, 3, value=1 << 40),
    "lone surrogate": changed("views", 0, 2, value="\ud800"),
    "unknown ambiguity": changed("ambiguities", 0, value="Ann Lee"),
    "field of a part without a name": changed("part_fields", value=[["1", None, 0, 1]]),
    "field of a part outside": changed("part_fields", value=[["1", "Subject", 0, len(RAW) + 1]]),
    "field of a part too short": changed("part_fields", value=[["1", "Subject", 0]]),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_malformed_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_texts(data, size=len(RAW))
    assert str(caught.value) == "malformed reading result"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=9), max_leaves=20
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["fields", "parts", "views", "ambiguities", "part_fields"]), JSON)
def test_any_other_value_is_refused_or_comes_back(key: str, value: object) -> None:
    try:
        texts = decode_texts(changed(key, value=value))
    except ProtocolError:
        return
    assert decode_texts(encode_texts(texts)) == texts
