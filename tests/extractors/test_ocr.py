"""Text in pictures: how a picture is prepared and what a recogniser's answers lead to, by one that is played."""

from __future__ import annotations

import io
from dataclasses import replace

import magic
import pytest
from PIL import Image

from dlp.extractors.content import Budget, Recognise
from dlp.extractors.ocr import of_file, of_pixels
from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail.entity import Description
from dlp.mail.opened import Opened
from dlp.values import PartStatus
from tests.extractors.read import FILES

PAGE = (FILES / "image" / "page.png").read_bytes()
SURE = ("student ID 912345678", 95)


def read(data: bytes, recognise: Recognise | None, **limits: int) -> Opened:
    sniff = magic.Magic(mime=True).from_buffer
    bounds = replace(Limits(), **limits)
    return opener(bounds, len(data), sniff, recognise=recognise)(data, Description("application/octet-stream"))


def budget(recognise: Recognise) -> Budget:
    return replace(Budget.of(Limits(), 0), recognise=recognise)


def saved(picture: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, **options)
    return file.getvalue()


def test_a_picture_that_was_read_is_read():
    found = read(PAGE, lambda *_: SURE)
    assert (found.status, [each.place for each in found.shown]) == (PartStatus.READ, ["picture"])


@pytest.mark.parametrize("recognise", [None, lambda *_: None], ids=["nobody-reads", "no-time-left"])
@pytest.mark.parametrize(("file", "why"), [("image/page.png", "image"), ("pdf/scanned.pdf", "image-only")])
def test_a_picture_nobody_read_is_unread(file, why, recognise):
    assert read((FILES / file).read_bytes(), recognise).why == why


def test_a_scanned_page_is_read_where_it_stands():
    found = read((FILES / "pdf" / "scanned.pdf").read_bytes(), lambda *_: SURE)
    assert (found.status, [each.place for each in found.shown if each.text == SURE[0]]) == (
        PartStatus.READ,
        ["picture on page 1"],
    )


def test_it_is_turned_until_it_makes_sense():
    seen = []

    def recognise(_grey: bytes, width: int, height: int) -> tuple[str, int]:
        seen.append(width > height)
        return SURE if len(seen) == 3 else ("8ZOS", 30)

    assert list(of_file(PAGE, budget(recognise))) == [SURE[0]]
    assert seen == [True, False, False, True]


def test_letters_seen_in_leaves_are_no_text():
    assert list(of_file(PAGE, budget(lambda *_: ("lI1", 20)))) == [""]


@pytest.mark.parametrize(
    ("size", "least", "most"), [((40, 20), 120, 120), ((4000, 3000), 1_000, 3_000), ((1200, 900), 1200, 1200)]
)
def test_it_comes_in_a_size_that_can_be_read(size, least, most):
    widths = []

    def recognise(_grey: bytes, width: int, _height: int) -> tuple[str, int]:
        widths.append(width)
        return SURE

    of_pixels(bytes(size[0] * size[1]), *size, budget(recognise))
    assert least <= widths[0] <= most


@pytest.mark.parametrize("ink", ["black", "white"])
def test_what_stands_on_a_transparent_ground_stands_out(ink):
    greys: list[bytes] = []

    def recognise(grey: bytes, _width: int, _height: int) -> tuple[str, int]:
        greys.append(grey)
        return SURE

    picture = Image.new("RGBA", (800, 600), (0, 0, 0, 0))
    picture.paste(ink, (200, 200, 600, 400))
    list(of_file(saved(picture, format="PNG"), budget(recognise)))
    assert len(set(greys[0])) == 2


def test_every_page_is_read_and_frames_that_are_alike_once():
    counted: list[int] = []

    def recognise(*_: object) -> tuple[str, int]:
        counted.append(1)
        return SURE

    frames = [Image.new("L", (800, 600), value) for value in (10, 10, 200)]
    assert len(list(of_file(saved(frames[0], format="TIFF", save_all=True, append_images=frames[1:]), budget(recognise)))) == 2


def test_pixels_are_bounded_before_they_are_made():
    found = read(saved(Image.new("1", (3000, 3000)), format="PNG"), lambda *_: SURE, pixels=1_000_000)
    assert (found.status, found.why) == (PartStatus.TRUNCATED, "pixels")


def test_a_damaged_picture_is_broken():
    assert read(PAGE[:300], lambda *_: SURE).status is PartStatus.BROKEN


def test_a_picture_of_a_kind_nobody_decodes_is_unread():
    assert read(b"\0\0\0\x18ftypheic" + bytes(100), lambda *_: SURE).why == "image"
