"""Transfer encodings as they are written, well and badly."""

from __future__ import annotations

import base64
import quopri
import time
from email.parser import BytesParser
from email.policy import compat32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.mail.entity import AMBIGUITIES
from dlp.mail.transfer import Decoded, decode, readings, undeclared


@pytest.mark.parametrize(
    ("body", "encoding", "data", "doubt"),
    [
        (b"a=41", "", b"a=41", ""),
        (b"a=41", "7bit", b"a=41", ""),
        (b"a=41", "8-bit", b"a=41", ""),
        (b"a\x00", "binary", b"a\x00", ""),
        (b"MDc4\r\nLTA1", "base64", b"078-05", ""),
        (b"MDc4LTA", "base64", b"078-0", ""),
        (b"MA==Nw==OA==", "base64", b"078", "base64-padding"),
        (b"====MDc4", "base64", b"078", ""),
        (b"QQ==\r\nMDc4", "base64", b"A078", "base64-padding"),
        (b"MD.c#4", "base64", b"078", "base64-junk"),
        (b"MDc4L", "base64", b"078", "base64-length"),
        (b"", "base64", b"", ""),
        (b"=", "base64", b"", ""),
        (b"0=\r\n7=\n8", "quoted-printable", b"078", ""),
        (b"0= \t\r\n7= \r\n8", "quoted-printable", b"078", ""),
        (b"0=\r7", "quoted-printable", b"07", ""),
        (b"=C3=a4 =ZZ =", "quoted-printable", b"\xc3\xa4 =ZZ ", ""),
        (b"x=41", "x-unknown", b"x=41", "encoding-unknown"),
    ],
    ids=str,
)
def test_decode(body: bytes, encoding: str, data: bytes, doubt: str) -> None:
    assert decode(body, encoding) == Decoded(data, doubt)


@settings(max_examples=200)
@given(st.binary(), st.sampled_from(["base64", "quoted-printable", "7bit", "8bit", "binary", "", "x"]))
def test_any_bytes_decode(body: bytes, encoding: str) -> None:
    assert decode(body, encoding).doubt in AMBIGUITIES | {""}


@settings(max_examples=200)
@given(st.binary())
def test_what_was_encoded_comes_back(data: bytes) -> None:
    assert decode(base64.encodebytes(data), "base64") == Decoded(data)
    text = data.replace(b"\r", b"")  # the encoder makes all line ends alike
    assert decode(quopri.encodestring(text, quotetabs=True), "quoted-printable").data == text


UNDECLARED = {
    "quoted-printable": (b"ID =39=31=32=33", b"ID 9123"),
    "soft line breaks": (b"caf=C3=A9 =C3=A9 a=\r\nb", b"caf\xc3\xa9 \xc3\xa9 ab"),
    "one long word": (b"internationalization", None),
    "a key": (b"MIIBIjANBgkqhkiG9w0BAQEF", None),
    "prose": (b"Student ID and some more", None),
    "a sum": (b"x =12 and =34 and =56 so = 3", None),
    "two escapes": (b"a=41=42", None),
    "empty": (b"", None),
}


@pytest.mark.parametrize(("body", "data"), UNDECLARED.values(), ids=UNDECLARED)
def test_an_encoding_nobody_declared(body: bytes, data: bytes | None) -> None:
    found = undeclared(body)
    assert (found and found.data) == data


@pytest.mark.parametrize(
    "body", [b"a" * 3_000_000 + b"!", b"aaaa\n" * 500_000 + b"!", b"=41" * 1_000_000 + b"=x"], ids=["long", "lines", "escapes"]
)
def test_undeclared_takes_linear_time(body: bytes) -> None:
    start = time.process_time()
    undeclared(body)
    assert time.process_time() - start < 10  # quadratic would be minutes


READINGS = {
    "whole": (b"a=41 =\r\nb", "quoted-printable", [b"aA b"]),
    "doubled sign": (b"9==31", "quoted-printable", [b"9=31", b"91"]),
    "pair over two lines": (b"9=3\r\n1", "quoted-printable", [b"9=3\r\n1", b"91"]),
    "blank in the pair": (b"9=3 1", "quoted-printable", [b"9=3 1", b"91"]),
    "half a pair": (b"9=3=31", "quoted-printable", [b"9=31", b"91"]),
    "an equals sign of its own": (b"x = 5", "quoted-printable", [b"x = 5", b"x = 5"]),
    "base64 at its first sign": (base64.b64encode(b"Student 912345678"), "base64", [b"Student 912345678"]),
    "binary": (base64.b64encode(bytes(range(128, 200))), "base64", [bytes(range(128, 200))]),
}


@pytest.mark.parametrize(("body", "encoding", "data"), READINGS.values(), ids=READINGS)
def test_each_way_to_decode(body: bytes, encoding: str, data: list[bytes]) -> None:
    assert [each.data for each in readings(body, encoding, text=True)] == data


@pytest.mark.parametrize("before", ["Q", "QQ", "QQQ"])
def test_base64_that_begins_elsewhere(before: str) -> None:
    said = b"Student ID 912345678, and more"
    body = before.encode() + base64.b64encode(said)
    assert any(said[3:] in each.data for each in readings(body, "base64", text=True)[1:])
    assert len(readings(body, "base64", text=False)) == 1


@pytest.mark.parametrize("body", [b"=  " * 300_000, b"==" * 300_000, b"=3" * 300_000], ids=["blanks", "signs", "halves"])
def test_readings_take_linear_time(body: bytes) -> None:
    start = time.process_time()
    readings(body, "quoted-printable", text=True)
    assert time.process_time() - start < 10  # quadratic would be minutes


_SIGNS = st.sampled_from([b"QUJD", b"QQ==", b"QUI=", b"QUI", b"Q", b"=", b"\r\n", b"\n", b" ", b"\t", b"\x0b", b"-", b"\xe9"])


@given(st.lists(_SIGNS, max_size=9).map(b"".join))
def test_what_is_called_plain_is_undone_alike_by_the_other_reading(body: bytes) -> None:
    found = decode(body, "base64")
    part = BytesParser(policy=compat32).parsebytes(b"Content-Transfer-Encoding: base64\r\n\r\n" + body)
    assert not found.plain or part.get_payload(decode=True) == found.data
    assert decode(b"QUJD\r\nQUI=\r\n", "base64").plain
