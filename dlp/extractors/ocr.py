"""Pictures made ready for the recogniser: decoded, grey, of good contrast and size, and turned when little is found.

Takes a picture's bytes or pixels and the budget, whose `recognise` does the reading; gives texts, None for a picture there
was no time left for. Needs Pillow (the extra `[ocr]`): `can_read` says whether it is there. Raises Stop at a limit, and
what Pillow raises on a damaged picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from dlp.extractors.content import Budget, Recognise

try:
    # all that Pillow would load when the first picture comes: a confined child can load nothing
    from PIL import (
        BmpImagePlugin,
        GifImagePlugin,
        Image,
        ImageColor,
        ImageFile,
        ImageFilter,
        ImageOps,
        ImagePalette,
        JpegImagePlugin,
        MpoImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
        UnidentifiedImageError,
        WebPImagePlugin,
    )
except ImportError:
    UNKNOWN: type[Exception] = ImportError
    _FORMATS: tuple[str, ...] = ()
else:
    UNKNOWN = UnidentifiedImageError
    _DECODERS = (
        BmpImagePlugin,
        GifImagePlugin,
        JpegImagePlugin,
        MpoImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )
    _HELPERS = (ImageColor, ImageFile, ImageFilter, ImagePalette)
    Image.preinit()
    _FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
    Image.MAX_IMAGE_PIXELS = None  # the budget bounds them, and says so

_LARGEST = 6_000_000  # pixels: two A4 pages at 150 dpi
_TURNED = 1_500_000  # pixels, when it is tried on its side
_SMALLEST = 400_000
_SURE = 60  # percent
_DOUBTFUL = 40  # below, letters are seen in leaves and stones
_FEW = 12  # letters and digits


def can_read(budget: Budget) -> bool:
    """Whether there is a recogniser, and a decoder for it."""
    return budget.recognise is not None and bool(_FORMATS)


def of_file(data: bytes, budget: Budget) -> Iterator[str | None]:
    """The text of every page or frame of a picture's file."""
    with Image.open(BytesIO(data), formats=_FORMATS) as picture:
        before = b""
        for number in range(budget.limits.pages):
            try:
                picture.seek(number)
            except EOFError:
                return
            budget.take("pages")
            budget.take("pixels", picture.width * picture.height)
            grey = _grey(picture)
            if (pixels := grey.tobytes()) != before:  # most frames of an animation are alike
                yield _text(grey, budget.recognise)
            before = pixels


def of_pixels(grey: bytes, width: int, height: int, budget: Budget) -> str | None:
    """The text of one picture, one byte a pixel."""
    return _text(Image.frombytes("L", (width, height), grey), budget.recognise)


def _grey(picture: Image.Image) -> Image.Image:
    """On a ground between black and white where it is transparent; the palest ink black."""
    picture = ImageOps.exif_transpose(picture)
    if picture.has_transparency_data:
        ground = Image.new("RGBA", picture.size, (127, 127, 127, 255))
        ground.alpha_composite(picture.convert("RGBA"))
        picture = ground
    elif picture.mode.startswith(("I", "F")):
        picture = picture.point(lambda value: value / 256) if picture.mode == "I;16" else picture
    return picture.convert("L")


def _text(picture: Image.Image, recognise: Recognise | None) -> str | None:
    if recognise is None:
        return None
    picture = ImageOps.autocontrast(_sized(picture, _LARGEST), cutoff=1)
    best = recognise(picture.tobytes(), *picture.size)
    if best is None:
        return None
    if _score(best) < _FEW * _SURE or best[1] < _SURE:
        small = _sized(picture, _TURNED)
        for angle in (90, 270, 180):
            turned = small.rotate(angle, expand=True)
            found = recognise(turned.tobytes(), *turned.size)
            if found is None:
                return None
            best = max(best, found, key=_score)
    return best[0] if best[1] >= _DOUBTFUL else ""


def _score(found: tuple[str, int]) -> int:
    return found[1] * sum(map(str.isalnum, found[0]))


def _sized(picture: Image.Image, largest: int) -> Image.Image:
    pixels = max(picture.width * picture.height, 1)
    times = (largest / pixels) ** 0.5 if pixels > largest else min((_SMALLEST / pixels) ** 0.5, 3) if pixels < _SMALLEST else 1
    size = (max(round(picture.width * times), 1), max(round(picture.height * times), 1))
    return picture if times == 1 else picture.resize(size, Image.Resampling.LANCZOS)
