"""Archives made by the programs people have: each planted ID found with its place, and what stays shut said so."""

from __future__ import annotations

import ctypes
import errno
import gzip
import io
import lzma
import re
import struct
import subprocess
import sys
import tarfile
import zlib
from bz2 import compress as bzip2

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.extractors.content import File, Source, Text
from dlp.extractors.formats import EXTRACTORS
from dlp.extractors.tars import tar
from dlp.mail.opened import Opened
from dlp.values import PartStatus
from tests.extractors.read import FILES, ID, opened, pieces, places

FOLDER = FILES / "archives"
READ, ENCRYPTED, UNSUPPORTED = PartStatus.READ, PartStatus.ENCRYPTED, PartStatus.UNSUPPORTED
TREE = ["1", "2", "4 name"]
TREE_7Z = ["2 name", "3", "4"]
STORED = ["1", "characters"]

# file -> where the ID is seen; those in SHUT are not, or not all, read
PLACES = {
    "a.ar": STORED,
    "a.txt.Z": ["1"],
    "bcj2.7z": ["1"],
    "bzip2.7z": TREE_7Z,
    "bzip2.zip": ["1"],
    "comment.gz": ["comment"],
    "comment.zip": ["comment"],
    "comments.zip": ["comments"],
    "copy.7z": [*TREE_7Z, "characters"],
    "deflate.7z": TREE_7Z,
    "disc.iso.gz": ["1/1", "1/2", "1 characters"],
    "extra.gz": ["extra field"],
    "gnu.tar": TREE,
    "info-zip.zip": TREE,
    "letters.7z": ["1 name", "characters"],
    "link.tar": ["link"],
    "list.txt.bzip2": ["1"],
    "list.txt.gzip": ["1"],
    "list.txt.lz4": STORED,
    "list.txt.lzip": ["1"],
    "list.txt.lzma": ["1"],
    "list.txt.xz": ["1"],
    "list.txt.zst": ["1"],
    "long-name.tar": ["headers", "1 name"],
    "lzma.7z": TREE_7Z,
    "lzma.zip": ["1"],
    "lzma2.7z": TREE_7Z,
    "mixed.zip": ["1"],
    "name.gz": ["name"],
    "nested.tgz": ["1/1", "1/2/1", "1/3/2 name", "1/3/3", "1/3/4"],
    "newc.cpio": STORED,
    "odc.cpio": STORED,
    "pax-header.tar": ["headers"],
    "pax.tar": TREE,
    "ppmd.7z": TREE_7Z,
    "program.exe": ["characters", *STORED],
    "rar4-comment.rar": ["comment", "characters"],
    "rar4-stored.rar": ["1", "2 name", "characters"],
    "rar4-volume.part1.rar": STORED,
    "rar5-comment.rar": ["comment", "characters"],
    "rar5-stored.rar": ["1", "2 name", "characters"],
    "rar5-volume.part1.rar": STORED,
    "rar5-stream.rar": ["characters"],
    "skipped.zst": ["characters"],
    "sparse-gnu.tar": ["1"],
    "sparse-pax.tar": ["1 characters"],
    "stored.cab": STORED,
    "stored.lzh": STORED,
    "stored.xar": STORED,
    "streamed.zip": ["1"],
    "two-faced.iso.gz": ["1/1/1", "1/3/1"],
    "two.gz": ["1"],
    "ustar.tar": TREE,
    "v7.tar": TREE,
    "zip64.zip": ["1", "2"],
}

# file -> the status and word of its end, and of members that stay shut
SHUT: dict[str, tuple[PartStatus, str, list[str]]] = {
    "aes-128.zip": (READ, "", ["password"]),
    "aes-256.zip": (READ, "", ["password"]),
    "bomb.7z": (PartStatus.TRUNCATED, "expanded", []),
    "deflate64.7z": (UNSUPPORTED, "unsupported", []),
    "deflate64.zip": (READ, "", ["unsupported"]),
    "locked-copy.7z": (ENCRYPTED, "password", []),
    "locked-names.7z": (ENCRYPTED, "password", []),
    "locked-plain-header.7z": (READ, "", ["password"]),
    "locked-program.7z": (ENCRYPTED, "password", []),
    "locked-tree.7z": (READ, "", ["password", "password"]),
    "locked.7z": (READ, "", ["password"]),
    "mixed.zip": (READ, "", ["password"]),
    "ppmd.zip": (READ, "", ["unsupported"]),
    "program.exe": (UNSUPPORTED, "unsupported", []),
    "rar4-locked-names.rar": (ENCRYPTED, "password", []),
    "rar4-locked.rar": (READ, "", ["password"]),
    "rar4-volume.part1.rar": (UNSUPPORTED, "split", []),
    "rar5-locked-names.rar": (ENCRYPTED, "password", []),
    "rar5-locked.rar": (READ, "", ["password"]),
    "rar5-stream.rar": (UNSUPPORTED, "unsupported", []),
    "rar5-volume.part1.rar": (UNSUPPORTED, "split", []),
    "sparse-gnu.tar": (UNSUPPORTED, "unsupported", []),
    "sparse-pax.tar": (UNSUPPORTED, "unsupported", ["unsupported"]),
    "split.7z.001": (UNSUPPORTED, "split", []),
    "zipcrypto.zip": (READ, "", ["password", "password"]),
}

NAMES = sorted(path.name for path in FOLDER.iterdir())


def unread(found: Opened) -> bool:
    return found.status is not READ or any(each.status is not READ for each in found.shut)


@pytest.mark.parametrize("name", NAMES)
def test_every_planted_id_is_found_with_its_place(name):
    found = opened((FOLDER / name).read_bytes(), name)
    assert places(found) == PLACES.get(name, [])
    assert (found.status, found.why, [each.why for each in found.shut]) == SHUT.get(name, (READ, "", []))


@pytest.mark.parametrize("name", NAMES)
def test_the_name_decides_nothing(name):
    data = (FOLDER / name).read_bytes()
    for other in ("", "letter.txt", "a.pdf"):
        assert places(opened(data, other, "text/plain")) == PLACES.get(name, [])


def test_a_name_in_any_letters_is_read_in_any_locale():
    code = "from tests.extractors.read import *; print(places(opened((FILES / 'archives/letters.7z').read_bytes())))"
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, env={"LC_ALL": "C"}, capture_output=True, timeout=60, check=True, cwd=FILES.parents[2])
    assert b"1 name" in ran.stdout


LOCKED = [
    "aes-128.zip",
    "aes-256.zip",
    "mixed.zip",
    "zipcrypto.zip",
    *(name for name in NAMES if re.match(r"locked.*\.7z", name)),
]


@pytest.mark.parametrize("name", LOCKED)
def test_a_password_that_fits_opens_an_archive(name):
    source = Source((FOLDER / name).read_bytes())
    given_, why = pieces(EXTRACTORS["zip" if name.endswith(".zip") else "7z"], source, passwords=("wrong", "letmein"))
    files = [each for each in given_ if isinstance(each, File)]
    assert (why, {each.status for each in files}) == ("", {READ})
    assert any(ID.encode() in each.data for each in files)


def test_a_7z_behind_a_password_is_as_locked_with_a_wrong_one():
    for name in (name for name in LOCKED if name.endswith(".7z")):
        source = Source((FOLDER / name).read_bytes())
        assert pieces(EXTRACTORS["7z"], source, passwords=("wrong", "")) == pieces(EXTRACTORS["7z"], source), name


def test_keys_of_a_7z_that_take_too_long_are_a_limit():
    data = (FOLDER / "locked-plain-header.7z").read_bytes()
    assert b"\x06\xf1\x07\x01\x12\x53" in data
    for power, why in ((19, ""), (24, "elements"), (25, "password")):
        tried = data.replace(b"\x06\xf1\x07\x01\x12\x53", b"\x06\xf1\x07\x01\x12" + bytes([0x40 | power]))
        assert pieces(EXTRACTORS["7z"], Source(tried), passwords=("letmein",), elements=100_000)[1] == why, power


def test_content_that_is_not_what_its_checksum_says_is_shown_and_broken():
    data = bytearray((FOLDER / "copy.7z").read_bytes())
    data[data.index(b"grade B+")] ^= 1
    found = opened(bytes(data))
    assert (found.status, places(found)) == (PartStatus.BROKEN, PLACES["copy.7z"])
    assert "\0" not in "".join(each.text for each in found.shown)


def test_a_disc_with_a_second_set_of_folders_is_not_read_whole():
    disc = bytearray(gzip.decompress((FOLDER / "disc.iso.gz").read_bytes()))
    assert opened(bytes(disc)).status is READ
    at = disc.index(b"CD001", 34_000)  # behind the primary descriptor
    disc[at + 1_000 : at + 1_005] = b"NSR02"
    assert (opened(bytes(disc)).status, places(opened(bytes(disc)))[0]) == (UNSUPPORTED, "1")


@pytest.mark.parametrize("method", b"1234s")
def test_a_method_of_lha_that_is_not_known_is_no_empty_file(method):
    data = bytearray((FOLDER / "stored.lzh").read_bytes())
    data[1] = data[1] - data[5] + method & 0xFF  # the header's checksum
    data[5] = method
    assert opened(bytes(data)).status is UNSUPPORTED


def test_a_rar_of_no_known_version_is_broken():
    assert opened(b"Rar!\x1a\x07\1\x10" + (FOLDER / "rar5-stored.rar").read_bytes()[8:]).status is PartStatus.BROKEN


# A cut where the format itself ends makes a whole file of fewer members, and nothing in it tells
UNTOLD = {"a.ar", "two.gz"}


@pytest.mark.parametrize("name", sorted(set(NAMES) - UNTOLD))
def test_a_cut_archive_is_never_read_without_its_content(name):
    data = (FOLDER / name).read_bytes()
    whole = set(PLACES.get(name, []))
    for size in range(37, len(data), 37):
        found = opened(data[:size])
        shown_as_text = any(len(each.text) == size for each in found.shown)
        assert unread(found) or set(places(found)) >= whole or shown_as_text, size


def tarred(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=120),
        st.binary(max_size=700),
        max_size=5,
    )
)
def test_all_members_of_any_tar_are_found(members):
    given_, why = pieces(tar, Source(tarred(members)))
    assert why == ""
    assert [(each.name, each.data) for each in given_ if isinstance(each, File)] == list(members.items())


SAID = f"student ID {ID}".encode()


def header(kind: bytes, size: int, name: bytes = b"a") -> bytes:
    member = tarfile.TarInfo(name.decode())
    block = bytearray(member.tobuf(tarfile.USTAR_FORMAT))
    block[124:136] = b"%011o\0" % size if size < 8**11 else b"\x80" + size.to_bytes(11, "big")
    block[156:157] = kind
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


BODY = SAID.ljust(512, b"\0")
ODD_TARS = {
    "a size of 2^63": (header(b"0", 1 << 63) + BODY + bytes(1024), "broken", True),
    "a negative size": (header(b"0", 0) + b"\xff" * 512 + BODY + bytes(1024), "broken", True),
    "a link with a body": (header(b"1", len(SAID)) + BODY + bytes(1024), "ambiguous", True),
    "a folder with a body that is a header": (header(b"5", 512) + header(b"0", 512) + BODY + bytes(1024), "ambiguous", True),
    "text behind its end": (header(b"0", 0) + bytes(1024) + SAID, "", True),
    "no end": (header(b"0", 512) + BODY, "broken", True),
    "a damaged header": (header(b"0", 0) + header(b"0", 512)[:-20] + SAID + BODY, "broken", True),
    "a volume that goes on": (header(b"M", 512) + BODY + bytes(1024), "split", True),
    "a pax header with a size of its own": (
        header(b"x", 9) + b"9 size=3\n".ljust(512, b"\0") + header(b"0", len(SAID)) + BODY + bytes(1024),
        "ambiguous",
        True,
    ),
    "words behind a member that is short": (header(b"0", 3) + b"abc" + SAID.rjust(509, b"\0") + bytes(1024), "", True),
    "a loop of links": (header(b"1", 0) + header(b"1", 0) + bytes(1024), "", False),
}


@pytest.mark.parametrize("case", ODD_TARS)
def test_an_odd_tar_is_read_and_its_oddity_said(case):
    data, word, seen = ODD_TARS[case]
    found = opened(data)
    assert (found.why, bool(places(found))) == (word, seen)


STREAMS = {"gzip": gzip.compress, "bzip2": bzip2, "xz": lzma.compress, "zstd": zstd.compress}


@pytest.mark.parametrize("method", STREAMS)
def test_streams_behind_each_other_are_one_file(method):
    pack = STREAMS[method]
    found = opened(pack(SAID[:15]) + pack(SAID[15:]))
    assert (found.status, places(found)) == (READ, ["1"])


@pytest.mark.parametrize("method", STREAMS)
def test_what_follows_a_stream_is_a_file_too(method):
    found = opened(STREAMS[method](b"nothing") + b"\n" + SAID)
    assert places(found) == ["2"]


@pytest.mark.parametrize("method", STREAMS)
def test_a_bomb_ends_at_the_limit(method):
    pack = STREAMS[method]
    for data in (pack(bytes(8_000_000)), pack(pack(bytes(8_000_000))), pack(pack(pack(bytes(8_000_000)))), pack(b"") * 3_000):
        found = opened(data, expanded=1_000_000, members=1_000)
        assert PartStatus.TRUNCATED in {found.status, *(each.status for each in found.shut)}


def test_a_name_in_no_charset_after_a_failure_elsewhere():
    """libarchive ends the process where it cannot tell that failure from its own."""
    data = (FOLDER / "newc.cpio").read_bytes()
    name = next(piece.name for piece in pieces(EXTRACTORS["cpio"], Source(data))[0] if isinstance(piece, File))
    data = data.replace(name.encode(), name.encode()[:-1] + b"\xe4")
    location = ctypes.CDLL(None)["__errno_location"]
    location.restype = ctypes.POINTER(ctypes.c_int)
    location()[0] = errno.ENOMEM
    found, _ = pieces(EXTRACTORS["cpio"], Source(data))
    assert any(isinstance(piece, File) and piece.name == name[:-1] + "\ufffd" for piece in found)


def test_an_archive_behind_the_trailer_of_another_is_a_file():
    data = (FOLDER / "newc.cpio").read_bytes()
    nothing = data[data.index(b"07070100", data.index(b"TRAILER") - 120) :]
    assert "1/1" in places(opened(nothing + data.replace(b"Student", b"student")))


def packed(*members: tuple[str, bytes]) -> bytes:
    """A xar without checksums; the first member has a comment in the table of contents."""
    heap, files = b"", ""
    for number, (name, data) in enumerate(members):
        files += (
            f'<file id="{number}"><name>{name}</name><type>file</type><comment>student ID {ID}</comment>'
            f"<data><length>{len(data)}</length>"
            f'<offset>{len(heap)}</offset><size>{len(data)}</size><encoding style="application/octet-stream"/></data></file>'
        )
        heap += data
    table = f"<xar><toc>{files}</toc></xar>".encode()
    small = zlib.compress(table)
    return struct.pack(">4sHHQQL", b"xar!", 28, 1, len(small), len(table), 0) + small + heap


def test_members_of_a_xar_are_as_long_as_they_are_and_its_table_is_read():
    members = [("a", b"one"), ("b", b"two of them"), ("c", SAID)]
    found, end = pieces(EXTRACTORS["xar"], Source(packed(*members)))
    assert [(each.name, each.data) for each in found if isinstance(each, File)] == members
    assert ("table of contents", end) in [(each.place, end) for each in found if isinstance(each, Text) and ID in each.text]
