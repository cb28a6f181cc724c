"""Text as people read it: one spelling for what looks the same.

Takes decoded text; gives it NFKC-normalised, without characters that show nothing (zero width, soft hyphen,
direction controls, fillers, variation selectors), blanks as a space, decimal digits of every script as 0-9 without marks
over them, lines ended by \\n. Length may change: `origins` says where each character of the result comes from. Never fails.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from dlp.mail.stretches import Stretch

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_BREAK = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")
_ASCII_BREAKS = bytes.maketrans(b"\r\x0b\x0c", b"\n\n\n")
_ASCII_INVISIBLE = bytes(point for point in range(128) if _INVISIBLE.match(chr(point)))
_PLAIN = re.compile(r"[\t\n -~]+(?![^\t\n -~])")  # folds to itself, whatever comes next
_BLOCK = 1 << 18  # characters
_BLANK = re.compile("[\u1680\u2800]")  # those NFKC leaves
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_SMALL_CAPITALS = (
    "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f"
    "\u1d0d\u0274\u1d0f\u1d18\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21\u028f\u1d22"
)
_DRESSED = {  # letters NFKC leaves: small capitals, white ones in black circles and squares
    **dict(zip(_SMALL_CAPITALS, "ABCDEFGHIJKLMNOPRSTUVWYZ", strict=True)),
    **{chr(first + at): chr(ord("A") + at) for first in (0x1F150, 0x1F170) for at in range(26)},
}
_ENCLOSED = re.compile(
    "[\u2474-\u247c\u2488-\u2490\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\U0001f100-\U0001f10a"
    f"{_SMALL_CAPITALS}\U0001f150-\U0001f169\U0001f170-\U0001f189]"
)
_MARKED = re.compile(r"([^\W_])[\u0300-\u036f\u20d0-\u20ff]+")  # struck through, underlined, a key cap: what NFKC left


_TAGS = frozenset(map(chr, range(0xE0020, 0xE007F)))
_UNSEEN = re.compile("[\U000e0020-\U000e007e]{7,}|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{7,}")  # a flag has six at most
_OVERRIDE = "\u202e"
_OVERRIDDEN = re.compile("\u202e([^\u202c\n]*+)(?:\u202c|(?=\n)|\\Z)")
# Cyrillic and Greek letters, and the Latin ones nobody can tell them from (Unicode's confusables)
_LOOK_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеоѕіјрсухһԁԛԝӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧαορνυικτχγεзЗ",
    "ABESIJKMHOPCTYXaeosijpcyxhdqwlABEZHIKMNOPTYXaopvuiktxye33",
)
_FOREIGN = "".join(map(chr, _LOOK_ALIKE))
_FOREIGN_LEADS = tuple({sign.encode()[:1] for sign in _FOREIGN})  # bytes are looked for faster than characters
_LATIN = "A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_SIGNS = f"[{_LATIN}{_FOREIGN}]"
_MIXED = re.compile(  # a name with a hyphen is one word, \u03b1-helix is none
    rf"(?<![^\W_])(?<![^\W_]-)(?![^\W_]-)(?=(?:[{_FOREIGN}]++-?)*+[{_LATIN}])(?=(?:[{_LATIN}]++-?)*+[{_FOREIGN}])"
    rf"{_SIGNS}++(?:-{_SIGNS}++)*+(?![^\W_])"
)


def _marks() -> str:
    """The characters normalisation sorts among themselves, as ranges inside a character class."""
    points = [point for point in range(0x300, 0x1F000) if unicodedata.combining(unicodedata.normalize("NFKD", chr(point))[0])]
    return "".join(f"\\U{point:08x}" if point - 1 not in points else f"-\\U{point:08x}" for point in _ends(points))


def _ends(points: list[int]) -> list[int]:
    """First and last of each run of neighbours; a run of one once."""
    known = set(points)
    return [point for point in points if not (point - 1 in known and point + 1 in known)]


# CPython sorts a run of combining marks by insertion: unbounded, a 200 KB run takes a minute (UAX 15 section 13 allows 30)
_MARK_RUN = re.compile("[{0}][{0}]{{30,}}+".format(_marks()))
_MAYBE_MARK_RUN = re.compile("[\u0300-\U0010ffff]{31}")  # far cheaper, and true of few texts in Latin letters


def fold(text: str) -> str:
    """`text` as a reader sees it; of a run of combining marks only the first 30 are kept."""
    if text.isascii():  # most text is, and a table of bytes is ten times as fast as an expression
        if text.isprintable():
            return text
        return text.replace("\r\n", "\n").encode("ascii").translate(_ASCII_BREAKS, _ASCII_INVISIBLE).decode("ascii")
    text = _replaced(_INVISIBLE, "", _replaced(_BREAK, "\n", text.replace("\r\n", "\n")))
    if text.isascii():
        return text
    if _MAYBE_MARK_RUN.search(text):
        text = _MARK_RUN.sub(lambda run: run[0][:30], text)
    text = unicodedata.normalize("NFKC", _BLANK.sub(" ", _ENCLOSED.sub(_undressed, text)))
    return _MARKED.sub(r"\1", _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text))


def _undressed(match: re.Match[str]) -> str:
    return _DRESSED.get(match[0]) or str(unicodedata.digit(match[0]))


def origins(text: str) -> Iterator[Stretch]:
    """`fold(text)` by the stretches of `text` it comes from, each as short as can be folded by itself."""
    at = 0
    while at < len(text):
        plain = _PLAIN.match(text, at)
        end = plain.end() if plain else _end_of_piece(text, at)
        yield Stretch(end - at if plain else len(fold(text[at:end])), at, end, plain=bool(plain))
        at = end


def _end_of_piece(text: str, at: int) -> int:
    """Where the character at `at` and all that may join it end (UAX 15): marks, and what nobody sees."""
    end = at + 1 + text.startswith("\r\n", at)
    while end < len(text) and _joins(text[end]):
        end += 1
    return end


@cache
def _joins(sign: str) -> bool:
    if sign.isascii():
        return bool(_INVISIBLE.match(sign))
    first = unicodedata.normalize("NFKD", sign)[:1]
    return bool(unicodedata.combining(first) or _INVISIBLE.match(sign) or _MARKED.match("0" + first)) or first in _seconds()


@cache
def _seconds() -> frozenset[str]:
    """Starters that a starter before them may take in, vowels and finals of Hangul among them."""
    pairs = (unicodedata.decomposition(chr(point)).split() for point in range(0xC0, 0x1F000))
    found = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    return frozenset(found | set(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)))))


def turned(text: str) -> str:
    """What stands under a right-to-left override (UAX 9 X4) in the order it is seen; "" where nothing does."""
    if _OVERRIDE not in text:
        return ""
    return _OVERRIDDEN.sub(lambda match: match[1][::-1], text)


def tagged(text: str) -> str:
    """What is written in characters nobody sees: as tags (each an ASCII character), or a byte to each variation selector."""
    if text.isascii() or not (runs := _UNSEEN.findall(text)):
        return ""
    return "\n".join(map(_told, runs))


def _told(run: str) -> str:
    if run[0] in _TAGS:
        return "".join(chr(ord(sign) - 0xE0000) for sign in run)
    points = (ord(sign) for sign in run)
    return bytes(point - 0xFE00 if point < 0xE0100 else point - 0xE0100 + 16 for point in points).decode("utf-8", "replace")


def unmixed(text: str) -> str:
    """Words of folded text in which letters of other scripts stand among Latin ones they look like; "" without such."""
    encoded = b"" if text.isascii() else text.encode("utf-8", "surrogatepass")
    if not any(lead in encoded for lead in _FOREIGN_LEADS) or not _MIXED.search(text):
        return ""
    return _MIXED.sub(lambda match: match[0].translate(_LOOK_ALIKE), text)


def _replaced(sign: re.Pattern[str], by: str, text: str) -> str:
    """Each single character that matches replaced, block by block: `sub` takes a hundred bytes for each one it finds."""
    if len(text) <= _BLOCK:
        return sign.sub(by, text)
    return "".join(sign.sub(by, text[at : at + _BLOCK]) for at in range(0, len(text), _BLOCK))
