"""Transfer encodings as they are written, well and badly."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.mail.entity import AMBIGUITIES
from dlp.mail.transfer import Decoded, decode


@pytest.mark.parametrize(
    ("body", "encoding", "data", "doubt"),
    [
        (b"a=41", "", b"a=41", ""),
        (b"a=41", "7bit", b"a=41", ""),
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


@settings(max_examples=200, deadline=None)
@given(st.binary(), st.sampled_from(["base64", "quoted-printable", "7bit", "8bit", "binary", "", "x"]))
def test_any_bytes_decode(body: bytes, encoding: str) -> None:
    assert decode(body, encoding).doubt in AMBIGUITIES | {""}


@settings(max_examples=200, deadline=None)
@given(st.binary())
def test_what_was_encoded_comes_back(data: bytes) -> None:
    assert decode(base64.encodebytes(data), "base64") == Decoded(data)
    assert decode(quopri.encodestring(data, quotetabs=True), "quoted-printable").data == data
