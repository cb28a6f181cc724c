"""Bytes to characters, declared well, badly or not at all."""

from __future__ import annotations

import base64
from collections.abc import Iterator

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


SAID = "The student ID is 912345678."
CONTRADICTIONS = {
    "UTF-7 nobody declared": (b"ID +ADkAMQAyADMANAA1ADYANwA4-.", ()),
    "UTF-7, all of it": (b"+" + base64.b64encode(SAID.encode("utf-16-be")).rstrip(b"=") + b"-", ("us-ascii",)),
    "two declared": (SAID.encode("cp037"), ("utf-8", "cp037")),
    "UTF-16 as the other": (SAID.encode("utf-16-le"), ("utf-16-be",)),
    "UTF-16 as UTF-8": (SAID.encode("utf-16-be"), ("utf-8",)),
    "UTF-32 nobody declared": (SAID.encode("utf-32-le"), ()),
    "EBCDIC nobody declared": (SAID.encode("cp500"), ()),
    "a table without blanks in EBCDIC": (b"\x25".join(row.encode("cp037") for row in ("ID,Grade", "912345678,F")), ("utf-8",)),
    "ASCII as EBCDIC": (SAID.encode(), ("cp037",)),
    "escapes of ISO 2022": (b"ID 912\x1b(B345\x1b(J678", ()),
    "overlong, two bytes": (b"ID " + b"".join(bytes([0xC0, byte | 0x80]) for byte in b"912345678"), ("utf-8",)),
    "overlong, three bytes": (b"ID " + b"".join(bytes([0xE0, 0x80, byte | 0x80]) for byte in b"912345678"), ("utf-8",)),
    "overlong, four bytes": (b"ID " + b"".join(bytes([0xF0, 0x80, 0x80, byte | 0x80]) for byte in b"912345678"), ()),
    "overlong letters": (b"".join(bytes([0xC0 | byte >> 6, byte & 0x3F | 0x80]) for byte in SAID.encode()), ("utf-8",)),
    "strange bytes amid the number": (b"ID 912\xff345\xfe\x80678", ("utf-8",)),
}


@pytest.mark.parametrize(("data", "declared"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_bytes_that_contradict_what_is_said_of_them(data: bytes, declared: tuple[str, ...]) -> None:
    assert any("912345678" in text for text in readings(data, *declared))


@pytest.mark.parametrize(("written", "called"), [("utf-8", "iso-8859-1"), ("utf-8", "us-ascii"), ("cp1252", "utf-8")])
def test_letters_under_the_wrong_name_are_read_as_they_are(written: str, called: str) -> None:
    assert "Jürgen Größe, Ångström" in readings("Jürgen Größe, Ångström".encode(written), called)


def test_characters_as_surrogates_in_utf_8() -> None:
    wide = "".join(chr(0x1D7CE + int(digit)) for digit in "912345678")
    data = b"".join(half.encode("utf-8", "surrogatepass") for half in _halves(wide))
    assert any(wide in text for text in readings(data, "utf-8"))


def _halves(text: str) -> Iterator[str]:
    units = text.encode("utf-16-be")
    for at in range(0, len(units), 2):
        yield chr(int.from_bytes(units[at : at + 2], "big"))


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (b"plain", "us-ascii"),
        (b"+49 30 1234, +AB, a+b", "utf-8"),
        ("Grüße".encode(), "utf-8"),
        ("Grüße".encode("cp1252"), "iso-8859-1"),
        ("Grüße".encode("cp1252"), ""),
        ("成績".encode("iso2022_jp"), "iso-2022-jp"),
        ("оценка".encode("koi8-r"), "koi8-r"),
    ],
)
def test_ordinary_bytes_have_one_reading(data: bytes, declared: str) -> None:
    found = readings(data, declared)
    assert len(found) == 1 or found[1:] == (data.decode("ascii"),)


@pytest.mark.parametrize("data", [b"=AB12+AHZ0xyzZdnQ9/aa", b"+AD", b"a+AHv/2wAAAAA-b", b"x +A/BCDEFG +AHIJKLMNOPQRSTUV"])
def test_base64_is_not_taken_for_utf_7(data: bytes) -> None:
    assert all(text.encode() for text in readings(data))
