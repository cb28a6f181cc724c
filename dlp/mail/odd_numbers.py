"""Numbers that people write otherwise than in figures: with letters like them, in words, between bars, one below the other.

Takes a run of a text's bytes that has the shape; gives its digits, or b"" where it is no number after all. Never fails.
"""

from __future__ import annotations

import re

_LOOK_ALIKE = bytes.maketrans(b"OoQDIliSsBZ", b"00001115582")
_DIGIT_WORDS = {word: b"%d" % digit for digit, word in enumerate(b"zero one two three four five six seven eight nine".split())}
_DIGIT_WORDS[b"oh"] = b"0"
_WORD = re.compile(rb"[a-z]+|[0-9]+")
_FIGURES = b"0123456789 ,.\r\n-"
_LEAST_DIGITS = 5  # of a number with letters in it
_LEAST_WORDS = 2
_SIZES = range(7, 13)  # digits, of those that anybody writes so


def downwards(block: bytes) -> bytes:
    """A number whose digits stand one below the other, each first in its line."""
    digits = bytes(line.lstrip()[0] for line in block.splitlines())
    return digits if len(digits) in _SIZES else b""


def respelled(run: bytes) -> bytes:
    """A number in which letters stand for digits that look like them."""
    digits = len(run) - len(run.translate(None, b"0123456789"))
    return run.translate(_LOOK_ALIKE, b"|") if digits >= _LEAST_DIGITS and len(run) in _SIZES else b""


def spelled(run: bytes) -> bytes:
    """A number whose digits are words, all or some; a row of figures that people count with has fewer."""
    if not run.translate(None, _FIGURES):  # most often: a row of figures
        return b""
    words = _WORD.findall(run.lower())
    if sum(word.isalpha() for word in words) < _LEAST_WORDS:
        return b""
    digits = b"".join(_DIGIT_WORDS.get(word, word if word.isdigit() else b"") for word in words)
    return digits if len(digits) in _SIZES else b""


def barred(run: bytes) -> bytes:
    """A number in equal pieces between bars; cells of a table that hold figures are mostly not equal."""
    pieces = run.replace(b" ", b"").split(b"|")
    digits = b"".join(pieces)
    if len({len(piece) for piece in pieces}) > 1 or len(pieces[0]) == 2:
        return b""
    return digits if len(digits) in _SIZES else b""
