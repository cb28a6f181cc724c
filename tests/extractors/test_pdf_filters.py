"""The filters of PDF streams: each undone, each bounded by what may still be unfolded."""

from __future__ import annotations

import base64
import zlib

import pytest

from dlp.extractors import pdf_filters
from dlp.extractors.content import Budget, Stop
from dlp.limits import Limits

TEXT = b"the student ID is 912345678, and once more 912345678"


def budget(left: int = 1 << 20) -> Budget:
    return Budget(Limits(), left, 0, 0, 0, 0, 0, 0)


def lzw(data: bytes, early: int = 1) -> bytes:
    """Packed as 7.4.4.2 says."""
    table = {bytes((value,)): value for value in range(256)}
    bits, width, size, prefix = format(256, "09b"), 9, 258, b""
    for value in data:
        longer = prefix + bytes((value,))
        if longer in table:
            prefix = longer
            continue
        bits += format(table[prefix], f"0{width}b")
        table[longer] = size
        size += 1
        width = min(max((size - 1 + early).bit_length(), 9), 12)
        prefix = bytes((value,))
    bits += format(table[prefix], f"0{width}b")
    width = min(max((size + early).bit_length(), 9), 12)
    bits += format(257, f"0{width}b")
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def predicted(kind: int, data: bytes, columns: int) -> bytes:
    """PNG filter `kind` on rows of single bytes."""
    out, above = b"", bytes(columns)
    for at in range(0, len(data), columns):
        row = data[at : at + columns]
        guesses = []
        for place in range(columns):
            left, up = (row[place - 1] if place else 0), above[place]
            corner = above[place - 1] if place else 0
            nearest = min((left, up, corner), key=lambda value: abs(left + up - corner - value))
            guesses.append((0, left, up, (left + up) // 2, nearest)[kind])
        out += bytes((kind,)) + bytes((value - guess) % 256 for value, guess in zip(row, guesses, strict=True))
        above = row
    return out


@pytest.mark.parametrize(
    ("names", "packed"),
    [
        ([b"FlateDecode"], zlib.compress(TEXT)),
        ([b"Fl"], zlib.compress(TEXT)[:-5]),
        ([b"ASCIIHexDecode"], TEXT.hex(" ").encode() + b" > rest"),
        ([b"ASCII85Decode"], base64.a85encode(TEXT, wrapcol=20) + b"~>"),
        ([b"A85"], b"<~" + base64.a85encode(TEXT) + b"~>"),
        ([b"LZWDecode"], lzw(TEXT)),
        ([b"RunLengthDecode"], bytes((len(TEXT) - 1,)) + TEXT + b"\x80rest"),
        ([b"AHx", b"Fl"], zlib.compress(TEXT).hex().encode() + b">"),
        ([], TEXT),
    ],
    ids=lambda value: "+".join(name.decode() for name in value) if isinstance(value, list) else "",
)
def test_each_filter_is_undone(names, packed):
    assert pdf_filters.decode(packed, names, {}, budget()) == TEXT


@pytest.mark.parametrize("early", [0, 1])
def test_lzw_codes_grow_when_the_file_says(early):
    data = bytes(range(256)) * 40
    assert pdf_filters.decode(lzw(data, early), [b"LZW"], {b"EarlyChange": early}, budget()) == data


@pytest.mark.parametrize("kind", range(5))
def test_predictors_are_undone(kind):
    packed = zlib.compress(predicted(kind, TEXT, 13))
    assert pdf_filters.decode(packed, [b"Fl"], {b"Predictor": 10 + kind, b"Columns": 13}, budget()) == TEXT


def test_a_run_is_repeated():
    assert pdf_filters.decode(b"\xfeA\x80", [b"RL"], {}, budget()) == b"AAA"


@pytest.mark.parametrize("name", [b"DCTDecode", b"JBIG2Decode", b"Nothing"])
def test_a_filter_that_makes_no_text_gives_nothing(name):
    assert pdf_filters.decode(TEXT, [name], {}, budget()) is None


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        (b"Fl", zlib.compress(bytes(100_000))),
        (b"LZW", lzw(bytes(100_000))),
        (b"RL", b"\x81A" * 1000),
        (b"A85", b"z" * 10_000),
    ],
)
def test_what_unfolds_is_bounded(name, packed):
    with pytest.raises(Stop) as stop:
        pdf_filters.decode(packed, [name], {}, budget(10_000))
    assert stop.value.why == "expanded"


@pytest.mark.parametrize("name", [b"Fl", b"LZW", b"RL", b"A85", b"AHx"])
@pytest.mark.parametrize("data", [b"", b"\xff" * 50, b"(<~>zz" * 9, bytes(9)])
def test_damage_never_fails(name, data):
    assert isinstance(pdf_filters.decode(data, [name], {b"Predictor": 15}, budget()), bytes)
