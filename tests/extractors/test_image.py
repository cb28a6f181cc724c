"""Pictures: what stands beside the pixels is read; the picture itself is a part nobody read, under a word of its own."""

from __future__ import annotations

import struct
import zlib

import pytest

from dlp.extractors.content import File, Source, Text
from dlp.extractors.image import image
from dlp.values import PartStatus
from tests.extractors.read import FILES, ID, opened, pieces

SAID = b"student ID 912345678"
PNG_END = b"\0\0\0\0IEND\xae\x42\x60\x82"


def file(name: str) -> bytes:
    return (FILES / "image" / name).read_bytes()


def properties(data: bytes, **limits: int) -> tuple[str, str]:
    found, end = pieces(image, Source(data), **limits)
    return "\n".join(each.text for each in found if isinstance(each, Text)), end


@pytest.mark.parametrize(
    ("name", "places"),
    [
        (
            "words.png",
            ["tEXt", "zTXt", "iTXt", "packed iTXt", "XMP headline", "XMP title", "EXIF description", "EXIF user comment"],
        ),
        (
            "words.jpeg",
            ["comment", "IPTC caption", "XMP headline", "XMP title", "EXIF artist", "EXIF XP comment", "EXIF place"],
        ),
        ("words.webp", ["EXIF description", "EXIF user comment", "XMP title", "XMP headline"]),
        ("words.gif", ["comment"]),
        ("words.tiff", ["first page", "second page", "XMP title", "XMP headline"]),
    ],
)
def test_what_stands_beside_the_pixels_is_read(name, places):
    text, end = properties(file(name))
    assert [place for place in places if f"{place} student ID {ID}" not in text] == []
    assert end == "image"


def test_a_picture_is_unread_under_a_word_of_its_own():
    found = opened(file("page.png"), "board.png")
    assert (found.status, found.why) == (PartStatus.UNSUPPORTED, "image")


def tiff(entries: list[tuple[int, int, int, int]], more: bytes = b"", next_at: int = 0, order: str = "<") -> bytes:
    """One directory at 8: entries of tag, type, count, value; `more` stands behind it."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    listed = b"".join(struct.pack(f"{order}HHII", *entry) for entry in entries)
    return head + struct.pack(f"{order}H", len(entries)) + listed + struct.pack(f"{order}I", next_at) + more


@pytest.mark.parametrize("order", ["<", ">"])
def test_tags_in_both_orders_of_bytes(order):
    assert ID in properties(tiff([(270, 2, len(SAID), 26)], SAID, order=order))[0]


def test_tags_of_a_big_tiff():
    entry = struct.pack("<HHQQ", 270, 2, len(SAID), 16 + 8 + 20 + 8)
    assert ID in properties(b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 1) + entry + bytes(8) + SAID)[0]


def test_the_words_of_a_preview_are_read():
    preview = b"\xff\xd8\xff\xfe" + struct.pack(">H", len(SAID) + 2) + SAID + b"\xff\xd9"
    exif = tiff([(513, 4, 1, 38), (514, 4, 1, len(preview))], preview)
    whole = b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif + b"\xff\xd9"
    assert ID in properties(whole)[0]


def test_exif_anywhere_in_a_format_nobody_here_knows():
    heic = b"\0\0\0\x18ftypheic" + bytes(40) + b"Exif\0\0" + tiff([(270, 2, len(SAID), 26)], SAID)
    found = opened(heic, "photo.heic")
    assert (found.why, [each.place for each in found.shown if ID in each.text]) == ("image", ["image properties"])


def test_texts_drawn_in_a_metafile_are_read():
    metafile = b"\1\0\0\0" + bytes(36) + b" EMF" + bytes(40) + SAID.decode().encode("utf-16-le") + bytes(20)
    found = opened(metafile)
    assert (found.why, [each.place for each in found.shown if ID in each.text]) == ("image", ["image properties"])


@pytest.mark.parametrize("name", ["words.png", "words.jpeg", "words.gif", "words.webp"])
def test_what_stands_behind_a_picture_is_a_file_of_its_own(name):
    found, _ = pieces(image, Source(file(name) + SAID))
    assert [each.data for each in found if isinstance(each, File)] == [SAID]


@pytest.mark.parametrize(
    "behind",
    [b"", b"\0" * 500, b"\r\n", b"\xff\xff", b"\0\0\0\x18ftypmp42" + bytes(200), b"Image_UTC_Data" + bytes(90) + b"SEFT"],
    ids=["nothing", "zeros", "line-end", "fill", "film", "notes-of-a-camera"],
)
def test_what_cameras_put_behind_a_picture_is_no_file_of_its_own(behind):
    found, end = pieces(image, Source(file("words.jpeg") + behind))
    assert [each for each in found if isinstance(each, File)] == []
    assert end == "image"


def test_the_words_of_a_second_picture_behind_the_first_are_read():
    second = b"\xff\xd8\xff\xfe\0\x16" + SAID + b"\xff\xd9"
    assert ID in properties(b"\xff\xd8\xff\xd9" + second)[0]


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXt",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\0\0Exif\0\0II*\0",
        b"GIF89a\1\0\1\0\xf7\0\0!\xfe\xff",
        b"RIFF\0\0\0\0WEBP",
        tiff([(270, 2, 0xFFFFFFFF, 0xFFFFFFF0), (34665, 4, 9, 8), (513, 4, 1, 8)], next_at=8),
        b"MM\0*\xff\xff\xff\xff",
        tiff([(270, 2, 9, 99)])[:-9],
    ],
    ids=["png", "png-chunk", "jpeg", "jpeg-exif", "gif", "webp", "tiff", "tiff-outside", "tiff-cut"],
)
def test_damage_never_fails(data):
    assert properties(data)[1] == "image"


LOOP = tiff([(330, 4, 1, 8)] * 100, next_at=8)
PACKED = zlib.compress(bytes(11 << 20))
BOMBS = {
    "directories-in-a-circle": (LOOP, "image"),
    "huge-size": (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 60_000, 60_000) + b"\1\0\0\0\0\0\0\0\0" + PNG_END,
        "image",
    ),
    "text-that-inflates": (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(PACKED) + 3) + b"zTXta\0\0" + PACKED + bytes(4) + PNG_END,
        "expanded",
    ),
    "frames-without-end": (b"GIF89a\1\0\1\0\0\0\0" + b",\0\0\0\0\1\0\1\0\0\2\0" * 600_000, "members"),
    "one-text-for-every-tag": (tiff([(270, 2, 1 << 16, 8)] * 2_000, bytes(1 << 16)), "expanded"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_at_a_limit(name):
    data, end = BOMBS[name]
    assert properties(data)[1] == end
