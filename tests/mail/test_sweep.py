"""Encoded payloads inside text: each encoding, in plain text and in markup, and what only looks like one."""

from __future__ import annotations

import base64
import binascii
import codecs
import gzip
import time
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail import armours, odd_numbers
from dlp.mail.fold import fold
from dlp.mail.opened import Opened, Shown, Shut
from dlp.mail.reading import read, read_small
from dlp.mail.sweep import sweep
from dlp.values import PartStatus

SAID = b"Student ID 912345678, and the grade is B."
LONG = b"Dear colleague, this is what you asked me for last week. " + SAID + b" Tell me when you have read it."
ZIP = b"PK\x03\x04" + bytes(range(200))
DIGITS = "912345678"


def dumped(data: bytes, shown: str = "{at:08x}: {two}  {text}") -> bytes:
    """As xxd writes it; hexdump -C writes the bytes one by one, hexdump alone the second of two first."""

    def line(at: int) -> str:
        piece = data[at : at + 16]
        turned = b"".join(piece[i : i + 2][::-1] for i in range(0, len(piece), 2))
        one, two, odd = piece.hex(" "), piece.hex(" ", -2), turned.hex(" ", -2)
        return shown.format(at=at, one=one, two=two, odd=odd, text="." * len(piece))

    return "\r\n".join(map(line, range(0, len(data), 16))).encode()


def deflated(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


def lines(data: bytes, width: int = 76) -> bytes:
    return b"\r\n".join(data[at : at + width] for at in range(0, len(data), width))


def uuencoded(data: bytes) -> bytes:
    return b"".join(binascii.b2a_uu(data[at : at + 45]).replace(b"\n", b"\r\n") for at in range(0, len(data), 45))


def yencoded(data: bytes) -> bytes:
    signs = (((byte + 42) & 255) for byte in data)
    body = b"".join(b"=" + bytes([(sign + 64) & 255]) if sign in b"\0\n\r=" else bytes([sign]) for sign in signs)
    return b"=ybegin line=128 size=1 name=a\r\n" + body + b"\r\n=yend size=1\r\n"


def binhexed(data: bytes) -> bytes:
    """RFC 1741 without checksums, which nobody needs to read it."""
    header = b"\x05a.txt\0TEXTttxt\0\0" + len(data).to_bytes(4, "big") + bytes(4) + b"\0\0"
    alphabet = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
    ours = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    signs = base64.b64encode((header + data + b"\0\0").replace(b"\x90", b"\x90\0")).rstrip(b"=")
    return (
        b"(This file must be converted with BinHex 4.0)\r\n\r\n:"
        + lines(signs.translate(bytes.maketrans(ours, alphabet)), 64)
        + b":"
    )


ENCODED = {
    "base64 on one line": b"see " + base64.b64encode(LONG),
    "base64 on lines": b"Hello,\r\n" + lines(base64.b64encode(LONG)) + b"\r\nThanks\r\n",
    "base64 on quoted lines": b"> " + lines(base64.b64encode(LONG)).replace(b"\r\n", b"\r\n> "),
    "base64 at the second offset": b"x" + base64.b64encode(LONG),
    "base64 at the third offset": b"xX" + base64.b64encode(LONG),
    "base64 at the fourth offset": b"xXx" + base64.b64encode(LONG),
    "base64 behind a sign": b"." + lines(base64.b64encode(LONG)),
    "base64 of the URL alphabet": base64.urlsafe_b64encode("ÿÿ>>??".encode() + LONG),
    "base64 without its end": base64.b64encode(LONG).rstrip(b"="),
    "base64 in base64": base64.b64encode(base64.b64encode(LONG)),
    "base64 of UTF-16": base64.b64encode(LONG.decode().encode("utf-16-le")),
    "base64 with NULs": b"\0".join(base64.b64encode(LONG)[at : at + 1] for at in range(400)),
    "base32": b"see " + base64.b32encode(LONG),
    "hex": b"see: " + LONG.hex().encode(),
    "hex with blanks": b"see: " + LONG.hex(" ").encode(),
    "hex in escapes": "".join(f"\\x{byte:02x}" for byte in LONG).encode(),
    "hex as in C": " ".join(f"0x{byte:02x}" for byte in LONG).encode(),
    "uuencode": b"Hello,\r\nbegin 644 a.txt\r\n" + uuencoded(LONG) + b"`\r\nend\r\n",
    "uuencode without its frame": b"Hello,\r\n" + uuencoded(LONG) + b"Thanks\r\n",
    "uuencode on quoted lines": b"> begin 644 a.txt\r\n> " + uuencoded(LONG).replace(b"\r\n", b"\r\n> ") + b"`\r\n> end\r\n",
    "xxd": b"Hello,\r\n" + dumped(LONG) + b"\r\nThanks\r\n",
    "xxd on quoted lines": b"> " + dumped(LONG).replace(b"\r\n", b"\r\n> "),
    "hexdump -C": dumped(LONG, "{at:08x}  {one}  |{text}|"),
    "hexdump": dumped(LONG + b"." * (len(LONG) % 2), "{at:07x} {odd}"),
    "the middle of a dump": dumped(LONG).split(b"\r\n", 1)[1],
    "deflate in base64": b"see " + base64.b64encode(deflated(LONG)),
    "escapes in deflate in base64": b"see " + base64.b64encode(deflated("".join(f"%{byte:02X}" for byte in LONG).encode())),
    "a certificate": b"-----BEGIN CERTIFICATE-----\r\n"
    + lines(base64.b64encode(b"\x30\x82\x01\x01\x0c" + bytes([len(SAID)]) + SAID + bytes(range(128, 250))), 64)
    + b"\r\n-----END CERTIFICATE-----\r\n",
    "yEnc": b"Hello,\r\n" + yencoded(LONG) + b"Thanks\r\n",
    "BinHex": b"Hello,\r\n" + binhexed(LONG) + b"\r\nThanks\r\n",
    "ascii85": b"see " + base64.a85encode(LONG, adobe=True),
    "ascii85 without its frame": b"see " + base64.a85encode(LONG),
    "quoted-printable beside other signs": b"x=5 y=z\r\n" + "".join(f"={byte:02x}" for byte in LONG).encode(),
    "percent": "".join(f"%{byte:02X}" for byte in LONG).encode(),
    "JSON": "".join(f"\\u{byte:04x}" for byte in LONG).encode(),
    "references": "".join(f"&#{byte};" for byte in LONG).encode(),
    "references twice": "".join(f"&amp;#x{byte:x};" for byte in LONG).encode(),
    "digits alone, percent": f"ID {''.join(f'%{ord(sign):x}' for sign in DIGITS)} of B".encode(),
    "digits alone, JSON": b"ID " + "".join(f"\\u{ord(sign):04x}" for sign in DIGITS).encode() + b" of B",
    "digits as words": b"The ID is nine one two three four five six seven eight",
    "digits as words, some": b"The ID is nine-1-2-three-4-5-6-7-8",
    "letters for digits": b"The ID is 9I2345678".replace(b"5", b"S"),
    "bars between digits": b"The ID is 912|345|678",
    "digits alone, base64": b"ID " + base64.b64encode(DIGITS.encode()) + b" of B",
}
MARKUP = {
    "data address": b'<img src="data:text/plain;base64,' + base64.b64encode(LONG) + b'">',
    "script": b"<script>x(atob('" + base64.b64encode(LONG) + b"'))</script>",
    "script with escapes": b"<script>x('" + "".join(f"\\u{byte:04x}" for byte in LONG).encode() + b"')</script>",
    "references twice": "".join(f"&amp;#x{byte:x};" for byte in LONG).encode(),
}
ORDINARY = {
    "prose": b"Dear internationalization committee, a well-known and/or self-explanatory text follows.\r\nThanks\r\nAnn\r\n",
    "addresses": b"https://www.campus.example/courses/2026/list?term=fall&page=12 and %20 or %C3%BC\r\n",
    "a key": b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDKv1qA4xoeZxJkVYVbVbVyqS0Lr9Xq3s5hU0zT7y2v ann@host\r\n",
    "hashes": b"commit 9fceb02d0ae598e95dc970b74767f19372d61af8\r\n"
    b"sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n",
    "names of code": b"getElementsByClassName MsoListParagraphCxSpFirst XMLHttpRequestEventTarget\r\n",
    "telephone numbers": b"+49 30 12 34 56 78 90 and 079 123 45 67\r\n",
    "figures": b"Load: 0.14 0.18 0.17, phone +34 93 600 23 23, one or two\r\n",
    "a word of many figures, and a short one": b"part 1234567890I23 and 12345S in the drawer\r\n",
    "columns of numbers behind one": b"1001 45 50 55 60 65 70\r\n1002 45 50 55 60 65 71\r\n",
    "a dump of a picture": dumped(b"\x89PMG\r\n" + bytes(range(128, 250))),
    "the first lines of a dump of a ZIP file": dumped(ZIP[:32]),
    "the first lines of a dump of a PDF": dumped(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</C", "{at:08x}  {one}  |{text}|"),
    "the first lines of a dump of a program": dumped(b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0", "{at:07x} {odd}"),
    "talk about a vault": b"It begins with\n$ANSIBLE_VAULT;1.1;AES256\nabcdef0123\n\nKlara\n",
    "talk about a signed block": b"It begins with\n-----BEGIN PKCS7-----\n" + b"and what follows is not for us to read.\n" * 9,
    "a signed block of nothing": b"-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n",
    "capitals": b"PLEASE NOTE: THE OFFICE IS CLOSED\r\nON FRIDAY AND ON MONDAY\r\n",
    "signs that look like the beginning of a tag": base64.a85encode(b"<z\xd31\xac>" + bytes(range(128, 178))),
    "columns of bits": b"> before\r\n01000100 00000000 00001000 00000000 00000000\r\n> after\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED)
def test_it_is_undone(data: bytes) -> None:
    assert DIGITS.encode() in sweep(data).text


@pytest.mark.parametrize("data", MARKUP.values(), ids=MARKUP)
def test_it_is_undone_in_markup(data: bytes) -> None:
    assert DIGITS.encode() in sweep(data, markup=True).text


@pytest.mark.parametrize("data", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_text_holds_nothing(data: bytes) -> None:
    found = sweep(data)
    assert (found.text, found.files) == (b"", ())


def test_halves_of_a_character_in_json_are_put_together() -> None:
    bold = "".join(f"\\ud835\\u{0xDFCE + int(sign):04x}" for sign in DIGITS)
    assert DIGITS in fold(sweep(f"ID {bold} of B".encode()).text.decode())


def test_half_a_character_leaves_the_rest_readable() -> None:
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in "M\u00fcller \ud800 " + LONG.decode())
    assert "M\u00fcller \ufffd Dear" in sweep(escaped.encode()).text.decode()


def test_words_around_stay_with_what_was_decoded() -> None:
    assert sweep(b"The student ID is OTEyMzQ1Njc4 today.").text == b"The student ID is 912345678 today."


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(ZIP),
        lines(base64.b64encode(ZIP)),
        b"begin 644 a.zip\r\n" + uuencoded(ZIP) + b"`\r\nend\r\n",
        yencoded(ZIP),
    ],
    ids=["base64", "base64 on lines", "uuencode", "yEnc"],
)
def test_a_file_is_given_whole(text: bytes) -> None:
    assert sweep(b"Hello,\r\n" + text).files == (ZIP,)


@pytest.mark.parametrize(
    "whole",
    [ZIP + ZIP, b"Salted__" + bytes(range(120, 152)), b"<p>ID</p>", b"{\\rtf1 ID}"],
    ids=["ZIP", "openssl", "page", "RTF"],
)
def test_a_file_that_is_long_or_text_or_sealed_is_one_in_a_dump(whole: bytes) -> None:
    assert sweep(dumped(whole)).files[:1] == (whole,)


def test_a_signed_block_is_a_file() -> None:
    signed = b"\x30\x82\1\0\6\x09" + bytes(range(120, 220))
    block = b"> -----BEGIN PKCS7-----\n> " + lines(base64.b64encode(signed), 64).replace(b"\r\n", b"\n> ")
    for text in (block, block.replace(b"> ", b"")):
        assert sweep(text + b"\n-----END PKCS7-----\n").files == (signed,)


def test_the_words_of_a_short_dump_of_a_pdf_are_read() -> None:
    found = sweep(dumped(b"%PDF-1.4\n1 0 obj\n(" + SAID + b")\nendobj\n"))
    assert (DIGITS.encode() in found.text, found.files) == (True, ())


@given(
    st.text("eyJabc.-_=> \n", max_size=200), st.sampled_from([armours.sealed, armours.message, armours.dump, armours.binhex])
)
def test_whatever_an_armour_holds_none_fails(text: str, undo: Callable[[bytes], bytes]) -> None:
    for begins in ("", "$ANSIBLE_VAULT;", "> Salted__", "0000000 4142 ", "-----BEGIN CERTIFICATE-----\n"):
        undo(f"{begins}{text}".encode())


PACKET = bytes.fromhex("8c0d04090302e4a3b2c1d0e9f8a7d23f01") + bytes(range(60))
SEALED = {
    "openssl": lines(base64.b64encode(b"Salted__" + bytes(range(120, 200))), 64),
    "age": b"-----BEGIN AGE ENCRYPTED FILE-----\r\n"
    + lines(base64.b64encode(b"age-encryption.org/v1\n-> X25519 " + bytes(range(120, 200))), 64)
    + b"\r\n-----END AGE ENCRYPTED FILE-----\r\n",
    "Ansible": b"$ANSIBLE_VAULT;1.1;AES256\r\n" + lines(b"61" * 90, 80),
    "PGP": b"> -----BEGIN PGP MESSAGE-----\r\n> \r\n> "
    + lines(base64.b64encode(PACKET), 64).replace(b"\r\n", b"\r\n> ")
    + b"\r\n> -----END PGP MESSAGE-----\r\n",
}  # fmt: skip


@pytest.mark.parametrize("quoted", [b"", b"> "])
@pytest.mark.parametrize("name", SEALED)
def test_what_is_sealed_is_a_file_that_is_encrypted(name: str, quoted: bytes) -> None:
    text = b"Hello\r\n\r\n" + SEALED[name] + b"\r\n\r\nThanks\r\n"
    body = text.replace(b"\r\n", b"\r\n" + quoted)
    opened = read(b"Subject: x\r\n\r\n" + body, Limits(), open_file=opener(Limits(), len(body), lambda _: "text/plain"))
    assert [each.status for each in opened.unread] == [PartStatus.ENCRYPTED]


def test_compressed_text_in_base64_is_a_file() -> None:
    packed = gzip.compress(LONG)
    assert sweep(base64.b64encode(packed)).files == (packed,)


def test_a_message_with_an_encoded_file_is_opened_in_the_slow_lane() -> None:
    raw = b"Subject: s\r\n\r\nHello,\r\n" + lines(base64.b64encode(ZIP)) + b"\r\n"
    assert read_small(raw, Limits()) is None
    opened = Opened(
        PartStatus.READ, "", (Shown("1", "", "ID 912345678"),), (Shut("2", "a/b", "", PartStatus.BROKEN, "broken"),)
    )
    texts = read(raw, Limits(), open_file=lambda _data, _declared: opened)
    assert [(view.label, view.text) for view in texts.views][-1] == ("part 1, file 1, file 1", "ID 912345678")
    assert [(part.section, part.status) for part in texts.unread] == [("1/1/2", PartStatus.BROKEN)]


def test_what_was_read_already_is_no_second_text() -> None:
    raw = b"Content-Type: text/plain\r\n\r\n" + "".join(f"={byte:02X}" for byte in LONG).encode()
    assert [view.text.count(DIGITS) for view in read(raw, Limits()).views] == [0, 1]


@settings(max_examples=200)
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_swept(data: bytes, markup: bool) -> None:  # noqa: FBT001  a strategy's
    sweep(data, markup=markup)


@settings(max_examples=200)
@given(st.text(st.characters(codec="ascii", categories=["L", "N", "Zs"]), min_size=24, max_size=200), st.integers(0, 3))
def test_base64_of_text_is_found_at_every_offset(text: str, offset: int) -> None:
    padded = f"Ann Lee says {text} Ann Lee"
    assert padded.encode() in sweep(b"see " + b"xXxX"[:offset] + base64.b64encode(padded.encode())).text


@pytest.mark.parametrize(
    "data",
    [
        b"aB1" * 100_000,
        b"aB1d\n" * 60_000,
        b"=41" * 100_000,
        b"&#1;" * 60_000,
        b"M" + b"!" * 60 + b"\n" + b"M!!!!!!!!!\n" * 50_000,
        b"begin 644 a\n" * 40_000,
        b"=ybegin a\n" * 40_000,
        b"must be converted with BinHex :" * 30_000,
        b"<~" * 100_000,
        b"41 " * 100_000,
        codecs.encode(bytes(100_000), "base64"),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_bombs(data: bytes) -> None:
    start = time.process_time()
    sweep(data)
    sweep(data, markup=True)
    assert time.process_time() - start < 10  # quadratic would be minutes


@pytest.mark.parametrize(
    ("run", "digits"),
    [(b"912|345|678", b"912345678"), (b"9|12|141|5|10", b""), (b"91|23|45|67", b""), (b"912 | 345 | 678", b"912345678")],
)
def test_bars_part_a_number_only_into_equal_pieces(run: bytes, digits: bytes) -> None:
    assert odd_numbers.barred(run) == digits
