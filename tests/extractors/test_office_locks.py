"""Office documents behind a password: opened with one that fits, told apart from broken ones."""

from __future__ import annotations

import pytest

from dlp.extractors import ole
from dlp.extractors.content import File, Source
from dlp.extractors.kinds import kinds
from dlp.extractors.office_locks import encrypted
from dlp.extractors.ole_writing import compound
from tests.extractors.read import FILES, pieces

FOLDER = FILES / "sheets"


def read(name: str) -> Source:
    return Source((FOLDER / name).read_bytes())


@pytest.mark.parametrize(
    ("name", "passwords", "opens"),
    [
        ("agile.encrypted", ("tulip",), True),
        ("agile.encrypted", ("rose", "tulip"), True),
        ("agile.encrypted", ("rose",), False),
        ("agile.encrypted", (), False),
        ("standard.encrypted", ("tulip",), True),
        ("standard.encrypted", ("Tulip",), False),
        ("known-to-all.encrypted", (), True),
    ],
)
def test_a_password_that_fits_opens_the_document(name: str, passwords: tuple[str, ...], *, opens: bool) -> None:
    given, why = pieces(encrypted, read(name), passwords=passwords)
    files = [piece.data for piece in given if isinstance(piece, File)]
    assert why == ("" if opens else "password")
    assert [kinds(Source(data), lambda _: "") for data in files] == ([("ooxml-spreadsheet",)] if opens else [])


@pytest.mark.parametrize("name", ["agile.encrypted", "standard.encrypted"])
def test_it_is_told_by_its_bytes(name: str) -> None:
    assert kinds(read(name), lambda _: "") == ("encrypted-ooxml",)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'spinCount="100000"', b'spinCount="-00001"', "password"),
        (b"ChainingModeCBC", b"ChainingModeCFB", "password"),
        (b"<encryption", b"<<ncryption", "broken"),
        (b'keyBits="256"', b'keyBits="255"', "password"),
    ],
)
def test_a_way_of_locking_that_is_not_known_is_locked(old: bytes, new: bytes, why: str) -> None:
    data = read("agile.encrypted").data
    assert old in data
    _, ended = pieces(encrypted, Source(data.replace(old, new[: len(old)])), passwords=("tulip",))
    assert ended == why


def test_a_package_that_ends_early_is_broken() -> None:
    with ole.opened(read("known-to-all.encrypted")) as container:
        streams = {(name,): container.openstream(name).read() for name in ("EncryptionInfo", "EncryptedPackage")}
    streams["EncryptedPackage",] = streams["EncryptedPackage",][:-4096]
    _, why = pieces(encrypted, Source(compound(streams)))
    assert why == "broken"


def test_what_only_rights_management_opens_is_locked() -> None:
    _, why = pieces(encrypted, Source(compound({("EncryptedPackage",): b"\x10" * 5000})))
    assert why == "password"
