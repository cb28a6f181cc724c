"""Bytes to characters, declared well, badly or not at all."""

from __future__ import annotations

import pytest

from dlp.mail.charset import codec_of, decode, readings

RUSSIAN = "Оценка студента за экзамен по математике отлично"


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (b"plain", "", "plain"),
        ("Grüße".encode(), "", "Grüße"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode("cp1252"), "iso-8859-1", "Grüße"),
        ("“x”".encode("cp1252"), "iso-8859-1", "“x”"),
        ("Grüße an alle".encode("cp1252"), "", "Grüße an alle"),
        (RUSSIAN.encode("koi8-r"), "", RUSSIAN),
        (RUSSIAN.encode("koi8-r"), "utf-8", RUSSIAN),
        (RUSSIAN.encode(), "x-unknown", RUSSIAN),
        ("学生".encode("gb2312"), "GB2312", "学生"),
        ("학생".encode("cp949"), "ks_c_5601-1987", "학생"),
        (b"+ADA-7", "utf-7", "07"),
        ("078".encode("cp037"), "cp037", "078"),
        ("078".encode("utf-16"), "", "078"),
        ("078".encode("utf-32"), "utf-8", "078"),
        (b"\xef\xbb\xbf078", "", "078"),
        (b"078", "hex", "078"),
        (b"a\\x41", "unicode_escape", "a\\x41"),
        (b"\xc0\xb0\x81", "utf-8", "À°"),
    ],
    ids=str,
)
def test_decode(data: bytes, declared: str, text: str) -> None:
    assert decode(data, declared).rstrip("\x81\ufffd") == text


@pytest.mark.parametrize(
    "name",
    [
        "punycode",
        "idna",
        "unicode_escape",
        "raw_unicode_escape",
        "hex",
        "base64",
        "rot13",
        "zlib",
        "undefined",
        "\0",
        "a.b",
        "",
    ],
)
def test_no_codec_that_is_not_a_charset(name: str) -> None:
    assert codec_of(name) == ""


def test_ascii_under_a_wide_charset_is_read_twice() -> None:
    assert "Ann Lee!" in readings(b"Ann Lee!", "utf-16le")
    assert readings(b"Ann Lee", "iso-8859-1") == ("Ann Lee",)


@pytest.mark.parametrize("data", [b"+2AA-", b"+3AA-"])
def test_no_lone_surrogates(data: bytes) -> None:
    decode(data, "utf-7").encode("utf-8")
