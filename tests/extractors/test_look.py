"""Files in mail that is read where it is received: those nobody can read, as a child reads them; all others are left to it."""

from __future__ import annotations

import base64
from dataclasses import replace

import magic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlp.extractors.content import Source
from dlp.extractors.kinds import is_known, is_unknown, kinds
from dlp.extractors.opening import look
from dlp.limits import Limits
from dlp.mail.reading import read_small
from dlp.values import PartStatus, Texts
from tests.extractors.read import FILES, ID, read_message

SNIFF = magic.Magic(mime=True).from_buffer
SAMPLES = sorted(path for path in FILES.rglob("*") if path.is_file() and path.stat().st_size < 1 << 20)
NOISE = bytes(range(256)) * 8
NONE_KNOWS = {
    "noise": NOISE[1:],
    "few": b"\1\2",
    "sound": b"ID3\4\0" + NOISE + b"TITLE\0" + ID.encode(),
    "waves": b"RIFF\xff\xff\0\0WAVEfmt " + bytes(600) + b"student ID " + ID.encode(),
    "a film": b"\0\0\0\x18ftypmp42" + bytes(90) + NOISE,
    "wide": b"\1\2\3\4" * 200 + f"student ID {ID}".encode("utf-16-le"),
    "encoded": b"\1\2\3\4" * 200 + base64.b64encode(f"the student ID is {ID}".encode()) + bytes(9),
    "a program's beginning": b"\xcf\xfa\xed\xfd" + NOISE,
}


def message(data: bytes, media_type: str = "application/octet-stream") -> bytes:
    head = f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    file = base64.encodebytes(data).replace(b"\n", b"\r\n")
    return (
        b"Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\n"
        + head
        + file
        + b"--b--\r\n"
    )


def read_here(raw: bytes, limits: Limits = Limits()) -> Texts | None:  # noqa: B008  frozen
    return read_small(raw, limits, look=look(limits, len(raw)))


LARGE = NOISE[1:] * 200
OF_A_CHILD = {  # undoing them costs more than their size
    "much that is not encoded": ("Content-Transfer-Encoding: 8bit\r\n", LARGE.replace(b"\n", b"").replace(b"\r", b"")),
    "much quoted-printable": ("Content-Transfer-Encoding: quoted-printable\r\n", b"\1" + b"=\r\n" * 100_000),
    "much of which every second sign ends": ("Content-Transfer-Encoding: base64\r\n", b"gYGB" + b"AQ==" * 100_000),
    "many short lines": ("Content-Transfer-Encoding: base64\r\n", b"AQID\r\n" * 60_000),
    "two encodings": (
        "Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 8bit\r\n",
        base64.encodebytes(LARGE),
    ),
    "a container without a boundary": ("Content-Type: multipart/mixed\r\n", NOISE[1:].replace(b"\n", b"").replace(b"\r", b"")),
}


@pytest.mark.parametrize("case", OF_A_CHILD)
def test_what_is_made_to_be_slow_is_left_to_a_child(case):
    head, body = OF_A_CHILD[case]
    kind = "" if "Content-Type" in head else "Content-Type: application/octet-stream\r\n"
    whole = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + f"{kind}{head}\r\n".encode() + body + b"\r\n--b--\r\n"
    assert read_here(whole) is None


def test_much_plain_base64_is_read_here():
    assert read_here(message(LARGE)) is not None


@pytest.mark.parametrize("data", NONE_KNOWS.values(), ids=NONE_KNOWS)
def test_what_nobody_can_read_is_reported_as_by_a_child(data):
    texts = read_here(message(data))
    assert texts == read_message(message(data))
    assert texts is not None
    assert [(part.section, part.status, part.why) for part in texts.unread] == [("2", PartStatus.UNSUPPORTED, "unsupported")]
    assert any(ID in view.text for view in texts.views) == (
        ID.encode() in data or data in (NONE_KNOWS["wide"], NONE_KNOWS["encoded"])
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_file_that_has_a_reader_is_left_to_a_child(path):
    data = path.read_bytes()
    if not is_unknown(Source(data)):
        assert read_here(message(data)) is None
    assert read_here(message(data)) in (None, read_message(message(data)))


STARTS = st.sampled_from(
    [b"", b"From: a@b.example\n", b"Received: x", b"\xef\xbb\xbfPath: x", b"PK\5\6", b"OggS\0", b"MZ", b"\xff\xfe", b"#! rnews"]
)


@given(
    STARTS,
    st.binary(max_size=300),
    st.sampled_from([b"", bytes(5), b"Rar!\x1a\7\0", b"%PDF-1.4\n%%EOF", b"PK\5\6" + bytes(18)]),
    st.binary(max_size=300),
)
def test_no_reader_there_is_would_have_known_it(start, one, mark, other):
    source = Source(start + one + mark + other)
    if is_unknown(source):
        assert {*kinds(source, SNIFF)} <= {"unknown", "media", "executable"}


@pytest.mark.parametrize(
    "data",
    [
        b"From: a@b.example\n" + bytes(9),
        b"\xff\xfe" + bytes(9),
        NOISE + b"PK\5\6",
        NOISE[1:] + b"Rar!\x1a\7\0",
        b"plain text, and no more",
        "Hello, everybody ".encode("utf-16-be") * 30,
    ],
    ids=["mail", "marked as wide", "ZIP behind it", "RAR behind it", "text", "wide text"],
)
def test_where_there_may_be_something_to_read_it_is_not_read_here(data):
    assert not is_unknown(Source(data))
    assert read_here(message(data)) is None


def test_the_first_bytes_tell_most_files_before_anything_is_decoded():
    told = [path.name for path in SAMPLES if is_known(path.read_bytes()[:300])]
    assert len(told) > len(SAMPLES) // 2
    assert not is_known(NOISE[1:300])


def test_many_characters_in_a_file_are_not_looked_through_here():
    raw = message(b"\1\2\3\4\0\0\0\0" + b"words that print\n" * 100 + bytes(9))
    assert read_here(raw) is not None
    assert read_here(raw, replace(Limits(), fast_text=1_000)) is None
    assert read_here(message(bytes(5) + b"#$%&/(\xff" * 19_000)) is not None
    assert read_here(message(bytes(5) + b"#$%&/(\xff" * 21_000)) is None
    half = message(bytes(5) + b"#$%&/(\xff" * 10_500)
    assert read_here(half) is not None
    assert read_here(half.replace(b"--b--\r\n", half[half.index(b"--b\r\nContent") :])) is None


def test_one_file_that_is_slow_to_undo_takes_the_others_to_a_child():
    head, body = OF_A_CHILD["much quoted-printable"]
    slow = f"Content-Type: application/octet-stream\r\n{head}\r\n".encode() + body + b"\r\n--b--\r\n"
    assert read_here(message(LARGE).replace(b"--b--\r\n", b"--b\r\n" + slow)) is None
