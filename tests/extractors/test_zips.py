"""ZIP archives: each reading of their records, what no record names, passwords, damage, and bombs at small size."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.extractors.content import File, Source, Text
from dlp.extractors.zips import zip_archive
from dlp.values import PartStatus
from tests.extractors.read import ID, opened, pieces, places

SECRET = b"student ID 912345678\n" * 3
OTHER = b"nothing to see in this one\n" * 3


def packed(data: bytes, method: int = 8) -> bytes:
    if method == 0:
        return data
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflate.compress(data) + deflate.flush()


def head(
    name: bytes, data: bytes, method: int = 8, *, body: bytes | None = None, flags: int = 0, size: int | None = None
) -> bytes:
    """A local header and its data."""
    inner = packed(data, method) if body is None else body
    size = len(data) if size is None else size
    record = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, method, 0, 0, zlib.crc32(data), len(inner), size, len(name), 0)
    return record + name + inner


def entry(
    name: bytes, data: bytes, offset: int, method: int = 8, *, packed_size: int | None = None, comment: bytes = b""
) -> bytes:
    """A record of the central directory."""
    size = len(packed(data, method)) if packed_size is None else packed_size
    fields = (20, 20, 0, method, 0, 0, zlib.crc32(data), size, len(data), len(name), 0, len(comment), 0, 0, 0, offset)
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + name + comment


def end(count: int, size: int, offset: int, comment: bytes = b"") -> bytes:
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, offset, len(comment)) + comment


def archive(bodies: bytes, *entries: bytes, comment: bytes = b"") -> bytes:
    directory = b"".join(entries)
    return bodies + directory + end(len(entries), len(directory), len(bodies), comment)


def by_zipfile(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as writer:
        for name, data in members.items():
            writer.writestr(name, data)
    return file.getvalue()


def two(data: bytes, other: bytes, name: bytes = b"a") -> bytes:
    first = head(name, data)
    return archive(first + head(name, other), entry(name, data, 0), entry(name, other, len(first)))


FIRST = head(b"a", OTHER)
NESTED = by_zipfile({"inner.zip": by_zipfile({"x.txt": SECRET})})

# what is in it -> status of the archive, where the ID was seen
READINGS = {
    "plain": (archive(head(b"a", SECRET), entry(b"a", SECRET, 0)), PartStatus.READ, ["1"]),
    "in the comment": (archive(FIRST, entry(b"a", OTHER, 0), comment=SECRET), PartStatus.READ, ["comment"]),
    "in a member's comment": (archive(FIRST, entry(b"a", OTHER, 0, comment=SECRET)), PartStatus.READ, ["comments"]),
    "in the name": (archive(head(ID.encode(), OTHER), entry(ID.encode(), OTHER, 0)), PartStatus.READ, ["1 name"]),
    "in the local name": (archive(head(ID.encode(), OTHER), entry(b"a", OTHER, 0)), PartStatus.READ, ["name"]),
    "a folder's name": (archive(head(b"912345678/", b""), entry(b"912345678/", b"", 0)), PartStatus.READ, ["name"]),
    "empty member": (archive(head(b"a", b"", 0), entry(b"a", b"", 0, 0)), PartStatus.READ, []),
    "nested": (NESTED, PartStatus.READ, ["1/1"]),
    "no member in the directory": (archive(head(b"a", SECRET)), PartStatus.AMBIGUOUS, ["1"]),
    "a second member not in the directory": (
        archive(FIRST + head(b"b", SECRET), entry(b"a", OTHER, 0)),
        PartStatus.AMBIGUOUS,
        ["2"],
    ),
    "two of one name": (two(OTHER, SECRET), PartStatus.AMBIGUOUS, ["2"]),
    "the same twice": (two(SECRET, SECRET), PartStatus.READ, ["1", "2"]),
    "two names for one place": (
        archive(head(b"a", SECRET), entry(b"a", SECRET, 0), entry(b"b", SECRET, 0)),
        PartStatus.AMBIGUOUS,
        ["1", "2"],
    ),
    "methods that differ": (
        archive(head(b"a", SECRET, 0), entry(b"a", SECRET, 0, 8, packed_size=len(SECRET))),
        PartStatus.AMBIGUOUS,
        ["2"],
    ),
    "a directory that cuts the member": (
        archive(head(b"a", OTHER + SECRET, 0), entry(b"a", OTHER, 0, 0, packed_size=len(OTHER))),
        PartStatus.AMBIGUOUS,
        ["2"],
    ),
    "bytes behind a member's stream": (
        archive(head(b"a", OTHER, body=packed(OTHER) + SECRET), entry(b"a", OTHER, 0, packed_size=len(packed(OTHER) + SECRET))),
        PartStatus.AMBIGUOUS,
        ["2"],
    ),
    "text between the members": (
        archive(FIRST + SECRET + FIRST, entry(b"a", OTHER, 0), entry(b"a", OTHER, len(FIRST + SECRET))),
        PartStatus.READ,
        ["3"],
    ),
    "text behind the archive": (archive(FIRST, entry(b"a", OTHER, 0)) + SECRET, PartStatus.READ, ["2"]),
    "zeros behind the archive": (archive(FIRST, entry(b"a", OTHER, 0)) + bytes(100), PartStatus.READ, []),
    "junk before the archive": (
        b"\1\2" * 50 + archive(head(b"a", SECRET), entry(b"a", SECRET, 0)),
        PartStatus.UNSUPPORTED,
        ["1"],
    ),
    "an archive behind an archive": (
        archive(head(b"a", SECRET), entry(b"a", SECRET, 0)) + archive(FIRST, entry(b"a", OTHER, 0)),
        PartStatus.AMBIGUOUS,
        ["2"],
    ),
    "a wrong checksum": (
        archive(head(b"a", SECRET, 0, body=SECRET[:-1] + b"!"), entry(b"a", SECRET, 0, 0)),
        PartStatus.BROKEN,
        ["1"],
    ),
    "a size that is too small": (archive(head(b"a", SECRET, size=4), entry(b"a", SECRET, 0)), PartStatus.READ, ["1"]),
}  # fmt: skip


@pytest.mark.parametrize("case", READINGS)
def test_every_reading_of_an_archive_is_read(case):
    data, status, where = READINGS[case]
    found = opened(data)
    assert (found.status, places(found)) == (status, where)


TYPES = b"""<Types><Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
DOCUMENT = {
    "[Content_Types].xml": TYPES,
    "word/document.xml": b"<d>ID</d>".replace(b"ID", ID.encode()),
    "word/styles.xml": b"<s>Normal</s>",
}
WRITTEN = by_zipfile(DOCUMENT)
AROUND = {
    "ends of lines": (b"\r\n" + WRITTEN + b"\r\n", PartStatus.READ, [""]),
    "NULs": (WRITTEN + b"\0" * 512, PartStatus.READ, [""]),
    "text before": (b"nothing here, nothing\n" + WRITTEN, PartStatus.UNSUPPORTED, [""]),
    "text behind": (WRITTEN + b"nothing here, nothing", PartStatus.READ, [""]),
    "an ID behind": (WRITTEN + b"student " + ID.encode(), PartStatus.READ, ["", "1"]),
    "relations, and text behind": (
        by_zipfile(DOCUMENT | {"word/_rels/document.xml.rels": b"<a>" + SECRET + b"</a>"}) + b"nothing here, nothing",
        PartStatus.READ,
        ["", "1"],
    ),
    "a folder that holds text, and text behind": (
        by_zipfile(DOCUMENT | {"word/x/": SECRET}) + b"nothing here, nothing",
        PartStatus.READ,
        ["", "1"],
    ),
    "the same twice": (WRITTEN + WRITTEN, PartStatus.AMBIGUOUS, [""]),
    "another before": (by_zipfile(DOCUMENT | {"word/styles.xml": ID.encode()}) + WRITTEN, PartStatus.AMBIGUOUS, ["", "1"]),
    "more than programs look behind": (WRITTEN + b"x" * 70_000, PartStatus.BROKEN, ["2", "2"]),
}


@pytest.mark.parametrize("case", AROUND)
def test_what_stands_around_a_document_is_read_and_its_parts_once(case):
    data, status, where = AROUND[case]
    found = opened(data)
    assert (found.status, places(found)) == (status, where)


def test_sizes_left_to_the_data_descriptor_are_in_order():
    file = io.BytesIO()
    with zipfile.ZipFile(_Stream(file), "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("a", SECRET)
        writer.writestr("b", OTHER)
    found = opened(file.getvalue())
    assert (found.status, places(found), found.shut) == (PartStatus.READ, ["1"], ())


def test_a_data_descriptor_that_was_announced_and_left_out_is_in_order():
    first, second = head(b"a", SECRET), head(b"b", OTHER)
    flagged = first[:6] + b"\x08\0" + first[8:]
    found = opened(archive(flagged + second, entry(b"a", SECRET, 0), entry(b"b", OTHER, len(flagged))))
    assert (found.status, places(found)) == (PartStatus.READ, ["1"])


def test_names_that_differ_in_case_are_two_members():
    found = opened(by_zipfile({"README": SECRET, "readme": OTHER}))
    assert (found.status, places(found)) == (PartStatus.READ, ["1"])


class _Stream(io.RawIOBase):
    """Where nobody can seek, so that sizes are written behind the data."""

    def __init__(self, file: io.BytesIO) -> None:
        self.file = file

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        return self.file.write(data)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@settings(max_examples=20)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="/\\\0", exclude_categories=["Cs"]), min_size=1, max_size=20),
        st.binary(max_size=200),
        max_size=6,
    )
)
def test_all_members_of_any_archive_are_found(method, members):
    given_, why = pieces(zip_archive, Source(by_zipfile(members, method)))
    assert why == ""
    assert [(each.name, each.data) for each in given_ if isinstance(each, File)] == list(members.items())


@pytest.mark.parametrize("case", ["plain", "nested", "an archive behind an archive", "text between the members"])
def test_a_cut_archive_is_never_read_without_its_content(case):
    data, _, _ = READINGS[case]
    for size in range(8, len(data), 7):
        found = opened(data[:size])
        assert found.status is not PartStatus.READ or places(found)


def test_what_hides_in_extra_fields_is_seen():
    extra = struct.pack("<HH", 0x9999, len(SECRET)) + SECRET
    info = zipfile.ZipInfo("a")
    info.extra = extra
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as writer:
        writer.writestr(info, OTHER)
    assert places(opened(file.getvalue())) == ["extra fields"]


@pytest.mark.parametrize("place", ["comment", "comments", "extra fields"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("[Content_Types].xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
        ("[Content_Types].xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"),
        ("[Content_Types].xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"),
        ("mimetype", "application/vnd.oasis.opendocument.text"),
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
    ],
)
def test_what_stands_beside_the_parts_of_an_office_file_is_seen(name, said, place):
    info = zipfile.ZipInfo(name)
    if place == "comments":
        info.comment = SECRET
    if place == "extra fields":
        info.extra = struct.pack("<HH", 0x9999, len(SECRET)) + SECRET
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as writer:
        writer.writestr(info, said if name == "mimetype" else f'<Types><Override ContentType="{said}"/></Types>')
        writer.comment = SECRET if place == "comment" else b""
    assert places(opened(file.getvalue())) == [place]


def test_many_volumes_are_not_read():
    data = archive(FIRST, entry(b"912345678", OTHER, 0))
    last = data[:-18] + b"\1\0\1\0" + data[-14:]
    given_, why = pieces(zip_archive, Source(last))
    assert (why, given_[0]) == ("split", Text(ID, "name"))
    assert pieces(zip_archive, Source(b"PK\7\x08" + FIRST))[1] == "split"


def wide(size: int) -> bytes:
    """A member whose sizes are said in a ZIP64 field."""
    extra = struct.pack("<HHQQ", 1, 16, size, size)
    fields = (45, 0, 8, 0, 0, zlib.crc32(SECRET), 0xFFFFFFFF, 0xFFFFFFFF, 1, len(extra))
    local = struct.pack("<4s5H3L2H", b"PK\3\4", *fields) + b"a" + extra + packed(SECRET)
    fields = (45, 45, 0, 8, 0, 0, zlib.crc32(SECRET), 0xFFFFFFFF, 0xFFFFFFFF, 1, len(extra), 0, 0, 0, 0, 0)
    return archive(local, struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + b"a" + extra)


@pytest.mark.parametrize("size", [0, 1 << 40, (1 << 64) - 1])
def test_wide_sizes_that_lie_end_broken_and_the_member_is_read(size):
    found = opened(wide(size))
    assert (found.status, "1" in places(found)) == (PartStatus.BROKEN, size > 0)


@pytest.mark.parametrize("name", ["../" * 9 + "a", "/etc/a", "C:\\a", "CON", "a\0b", "n" * 65_000, ".", ""])
def test_no_name_makes_a_difference(name):
    data = archive(head(name.encode(), SECRET), entry(name.encode(), SECRET, 0))
    assert (opened(data).status, places(opened(data))) == (PartStatus.READ, ["1"])


BOMBS = {
    "a thousand to one": by_zipfile({"a": bytes(5_000_000)}),
    "overlapping members": archive(
        head(b"a", bytes(500_000)), *(entry(str(each).encode(), bytes(500_000), 0) for each in range(50))
    ),
    "bombs in bombs": by_zipfile({str(n): by_zipfile({str(m): bytes(200_000) for m in range(9)}) for n in range(9)}),
    "too many members": by_zipfile({str(number): b"" for number in range(500)}),
    "too many folders": by_zipfile({f"{number}/": b"" for number in range(500)}),
    "a size that lies": archive(head(b"a", bytes(5_000_000), size=9), entry(b"a", bytes(5_000_000), 0)),
    "a dictionary of 4 GB": archive(
        head(b"a", OTHER, 14, body=b"\x09\x14\5\0\x5d\xff\xff\xff\xff" + bytes(99)),
        entry(b"a", OTHER, 0, 14, packed_size=108),
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_end_unread(bomb):
    found = opened(BOMBS[bomb], members=400, expanded=1_000_000)
    ends = {found.status, *(each.status for each in found.shut)}
    assert ends & {PartStatus.TRUNCATED, PartStatus.BROKEN}


def test_an_archive_that_holds_itself_ends():
    inner = by_zipfile({"a": SECRET})
    for _ in range(12):
        inner = by_zipfile({"a": inner})
    assert [each.why for each in opened(inner).shut] == ["nested"]


def test_any_bytes_in_an_archive_end_somehow():
    chance = random.Random(5)
    data = bytearray(two(SECRET, OTHER))
    for _ in range(300):
        mangled = bytearray(data)
        for _ in range(chance.randrange(1, 6)):
            mangled[chance.randrange(len(mangled))] = chance.randrange(256)
        opened(bytes(mangled))
