"""S/MIME and OpenPGP: what is only signed or compressed is read, what is encrypted is told apart from what is broken."""

from __future__ import annotations

import base64
import zlib

import pytest

from dlp.extractors.cms import cms
from dlp.extractors.content import File, Source
from dlp.extractors.openpgp import openpgp
from dlp.limits import Limits
from dlp.mail.reading import read_small
from dlp.values import PartStatus
from tests.extractors.make.sealed import compressed, der, oid
from tests.extractors.read import FILES, found_at, opened, pieces, places, read_message

FOLDER = FILES / "sealed"
READ, ENCRYPTED, BROKEN, TRUNCATED = PartStatus.READ, PartStatus.ENCRYPTED, PartStatus.BROKEN, PartStatus.TRUNCATED


def sealed(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("signed.p7m", "1 part 1"),
        ("streamed.p7m", "1 part 1"),
        ("signed.pem", "1 part 1"),
        ("twice.p7m", "1/1 part 1"),
        ("compressed.p7m", "1 part 1"),
        ("document.json.p7m", "1"),
        ("signed.gpg", "1"),
        ("signed.asc", "1"),
        ("plain.gpg", "1"),
        ("zlib.gpg", "1"),
        ("bzip2.gpg", "1"),
        ("stored.gpg", "1"),
        ("key.gpg", "user IDs"),
        ("key.asc", "user IDs"),
    ],
)
def test_what_is_not_encrypted_is_read(name, place):
    found = opened(sealed(name), "a.bin")
    assert place in places(found)
    assert (found.status, found.shut) == (READ, ())


@pytest.mark.parametrize("name", ["detached.p7s", "certificates.p7c", "detached.sig"])
def test_a_signature_alone_holds_nothing_and_is_read(name):
    found = opened(sealed(name), "a.bin")
    assert (found.status, found.shut) == (READ, ())


@pytest.mark.parametrize("name", ["enveloped.p7m", "encrypted.gpg", "encrypted.asc", "password.gpg"])
def test_what_is_encrypted_is_said_to_be_so(name):
    found = opened(sealed(name), "a.bin")
    assert (found.status, found.why) == (ENCRYPTED, "encrypted")


@pytest.mark.parametrize("name", ["signed.p7m", "streamed.p7m", "compressed.p7m", "signed.gpg", "plain.gpg"])
def test_what_is_cut_is_broken(name):
    data = sealed(name)
    assert opened(data[: len(data) // 2], "a.bin").status is BROKEN


def test_a_signed_document_keeps_its_name():
    given, _ = pieces(cms, Source(sealed("document.json.p7m"), ("document.json.p7m",)))
    assert [each.name for each in given if isinstance(each, File)] == ["document.json"]


def test_bytes_behind_a_signed_message_are_seen_and_it_is_not_whole():
    found = opened(sealed("signed.p7m") + b"student ID 912345678 behind", "a.p7m")
    assert (found.status, "characters" in places(found)) == (BROKEN, True)


def letter(media_type: str, data: bytes) -> bytes:
    head = f"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("media_type", "name", "label"),
    [
        ("application/pkcs7-mime; smime-type=signed-data", "signed.p7m", "part 1, file 1, part 1"),
        ("application/x-pkcs7-mime", "streamed.p7m", "part 1, file 1, part 1"),
        ("application/pkcs7-mime; smime-type=enveloped-data", "signed.p7m", "part 1, file 1, part 1"),
        ("application/pkcs7-mime; smime-type=compressed-data", "compressed.p7m", "part 1, file 1, part 1"),
        ("application/pkcs7-signature", "signed.p7m", "part 1, file 1, part 1"),
        ("application/pgp-encrypted", "signed.gpg", "part 1, file 1"),
    ],
)
def test_a_sealed_message_is_read_whatever_it_is_said_to_be(media_type, name, label):
    raw = letter(media_type, sealed(name))
    assert label in found_at(raw)
    assert not read_message(raw).unread
    assert read_small(raw, Limits()) is None


@pytest.mark.parametrize("media_type", ["application/pkcs7-mime", "application/pkcs7-mime; smime-type=enveloped-data"])
def test_an_encrypted_message_needs_nobody_to_open_it(media_type):
    texts = read_small(letter(media_type, sealed("enveloped.p7m")), Limits())
    assert texts is not None
    assert [each.status for each in texts.unread] == [ENCRYPTED]


def test_a_file_in_a_multipart_that_is_said_to_be_encrypted_is_read():
    part = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    for name, unread in (("signed.asc", []), ("encrypted.asc", [ENCRYPTED])):
        body = b"--b\r\n" + part + base64.encodebytes(sealed(name)) + b"\r\n--b--\r\n"
        raw = b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n" + body
        assert [each.status for each in read_message(raw).unread] == unread
        assert bool(found_at(raw)) == (not unread)


def test_a_signed_message_in_a_text_is_read_and_an_encrypted_one_is_not():
    plain, locked = (b"Subject: x\r\n\r\nHello\r\n" + sealed(f"{name}.asc") for name in ("signed", "encrypted"))
    assert "part 1, file 1" in found_at(plain)
    assert not read_message(plain).unread
    assert [each.status for each in read_message(locked).unread] == [ENCRYPTED]
    texts = read_small(locked, Limits())
    assert texts is not None
    assert texts.unread
    assert read_small(plain, Limits()) is None


def test_what_unfolds_is_bounded():
    assert opened(compressed(b"a" * 1_000_000), expanded=100_000).why == "expanded"
    packed = zlib.compress(b"a" * 1_000_000)
    assert opened(b"\xa3\x02" + packed, expanded=100_000).why == "expanded"


def test_seals_in_seals_end_at_the_limit():
    content = der(4, b"x")
    kind = "2a864886f70d010701"
    for _ in range(12):
        content = der(0x30, der(2, b"\1"), der(0x31), der(0x30, oid(kind), der(0xA0, content)))
        kind = "2a864886f70d010702"
    assert pieces(cms, Source(der(0x30, oid(kind), der(0xA0, content))))[1] == "nested"
    packet = b"\xcb\x07b\0\0\0\0\0x"
    for _ in range(12):
        packet = b"\xa3\0" + packet
    assert pieces(openpgp, Source(packet))[1] == "nested"


def test_a_string_of_very_many_pieces_reaches_a_limit():
    head = der(2, b"\1") + der(0x31) + b"\x30\x80" + oid("2a864886f70d010701") + b"\xa0\x80\x24\x80"
    data = b"\x30\x80" + oid("2a864886f70d010702") + b"\xa0\x80\x30\x80" + head + b"\x04\0" * 200_000 + bytes(12)
    assert pieces(cms, Source(data))[1] == "members"


@pytest.mark.parametrize(
    "data",
    [
        b"\x30\x80" * 5_000,
        b"\x30\x84\xff\xff\xff\xff\x06\x09",
        b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x24\x80" + b"\x24\x80" * 100,
        b"\x1f\xff\xff\xff",
        b"\x30\x00",
    ],
    ids=["deep", "long", "deep strings", "tags", "nothing"],
)
def test_ber_that_is_none_is_broken(data):
    assert pieces(cms, Source(data))[1] == "broken"


@pytest.mark.parametrize(
    "data",
    [
        b"\xcb\xff\xff\xff\xff\xff",
        b"\xcb\xe0",
        b"\xcb",
        b"\x01",
        b"\xf0\x00",
        b"\xa3\x02nothing",
        b"\xa3\x03BZhnothing",
        b"\xa3\x09",
        b"",
    ],
)
def test_packets_that_are_none_are_broken(data):
    assert pieces(openpgp, Source(data))[1] == "broken"


def test_a_body_in_pieces_is_whole_again():
    data = b"\xcb\xe3b\0\0\0\0\0st\x06udent!"
    given, end = pieces(openpgp, Source(data))
    assert [each.data for each in given if isinstance(each, File)] == [b"student!"]
    assert end == ""


@pytest.mark.parametrize("label", [b"PKCS7", b"CMS"])
@pytest.mark.parametrize("mark", [b"", b"> "])
def test_pem_in_a_text_is_read_as_if_it_were_attached(label, mark):
    def mail(name: str) -> bytes:
        lines = base64.encodebytes(sealed(name)).splitlines()
        block = [b"-----BEGIN " + label + b"-----", *lines, b"-----END " + label + b"-----"]
        return b"Subject: x\r\n\r\nHello\r\n" + b"".join(mark + line + b"\r\n" for line in block)

    assert any("file 1" in label for label in found_at(mail("signed.p7m")))
    assert not read_message(mail("signed.p7m")).unread
    assert [each.status for each in read_message(mail("enveloped.p7m")).unread] == [ENCRYPTED]
