"""Bytes to characters: the declared charset first, then what the bytes themselves say.

Takes bytes and a charset name as a header gave it; gives text. Order: byte order mark, declared, UTF-8 strict,
Resiliparse's detection, cp1252. All codecs are loaded with this module, because a jailed child can open no file
later. Never fails: unknown names and impossible bytes fall through to the next step.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from encodings.aliases import aliases
from functools import lru_cache
from types import MappingProxyType

from resiliparse.parse.encoding import detect_encoding

_SAMPLE = 65_536
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_NAME = re.compile(r"[^a-z0-9]+")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"))
_MARKS_16 = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_EVERY_MARK = tuple(mark for mark, _ in (*_MARKS, *_MARKS_16))

# In UTF-7 an ASCII character begins so; nothing a telephone number does.
_UTF7 = re.compile(rb"\+A[A-H][A-Za-z0-9+/]++-?")
_ESCAPES = re.compile(rb"\x1b(?:\$?\([@-Z]|\$[@-Z])")
_OVERLONG = re.compile(rb"[\xc0\xc1][\x80-\xbf]|\xe0[\x80\x81][\x80-\xbf]|\xf0\x80[\x80\x81][\x80-\xbf]")
_SURROGATES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_AMID_NUMBER = re.compile(rb"[0-9][\x80-\xff]{1,8}[0-9]")
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_CONFUSED = frozenset({"ascii", "utf-8", "utf_8", "cp1252"})  # what is declared of anything

# names mail uses that Python does not know, and the two it takes more literally than every mail reader does
_MAIL_NAMES = {
    "ascii": "ascii",
    "iso_8859_1": "cp1252",
    "iso8859_1": "cp1252",
    "latin_1": "cp1252",
    "latin1": "cp1252",
    "iso_8859_8_i": "iso8859-8",
    "ks_c_5601_1987": "cp949",
    "unicode_1_1_utf_7": "utf-7",
    "windows_31j": "cp932",
    "windows_874": "cp874",
    "x_gbk": "gbk",
    "x_mac_roman": "mac-roman",
    "x_sjis": "cp932",
    "utf8mb4": "utf-8",
}


def _load() -> MappingProxyType[str, str]:
    """Name as mail spells it, lower case, runs of signs as "_" -> codec; text codecs of linear cost only."""
    known: dict[str, str] = {}
    for alias, codec in (*aliases.items(), *((name, name) for name in set(aliases.values()))):
        try:
            b"".decode(codec)
            b"0".decode(codec, "replace")
        except (LookupError, ValueError):  # bytes-to-bytes codecs, and those of other systems
            continue
        known[_NOT_NAME.sub("_", alias.lower())] = codec
    known.update({name: codec for name, codec in _MAIL_NAMES.items() if codecs.lookup(codec)})
    return MappingProxyType(known)


_CODECS = _load()


def codec_of(charset: str) -> str:
    """The Python codec for a charset name as declared (RFC 2978 names and common misspellings), "" when unknown."""
    return _codec_of(charset[:80])


@lru_cache(maxsize=256)
def _codec_of(name: str) -> str:
    return _CODECS.get(_NOT_NAME.sub("_", name.lower()).strip("_"), "")


def decode(data: bytes, declared: str = "") -> str:
    """Text of `data`: no lone surrogates, no byte order mark."""
    return decoded(data, declared)[0]


def decoded(data: bytes, declared: str = "") -> tuple[str, str]:
    """The same with the codec it was decoded by."""
    if data.isascii() and (not declared or codec_of(declared) in {"", "ascii", "utf_8", "utf-8", "cp1252"}):
        return data.decode("ascii"), "ascii"
    for codec in (_marked(data), codec_of(declared), "utf-8"):
        text = _try(data, codec)
        if text is not None:
            return text, codec
    codec = codec_of(detect_encoding(data, max_len=_SAMPLE, html5_compatible=False) or "")
    text = _try(data, codec)
    return (data.decode("cp1252", "replace"), "cp1252") if text is None else (text, codec)


def readings(data: bytes, *declared: str) -> tuple[str, ...]:
    """Every text a reader may see, the likeliest first: in each charset declared, and where the bytes say something else."""
    texts = [decode(data, name) for name in declared or ("",)]
    if data.isascii():
        same = data.decode("ascii")
        if texts != [same]:
            texts.append(same)
        if b"+A" in data and _UTF7.search(data):
            texts.append(_UTF7.sub(_shifted, data).decode("ascii", "ignore"))
        if b"\x1b" in data and texts[0] == texts[-1]:
            texts.append(_ESCAPES.sub(b"", data).decode("ascii"))
    elif not any(map(codec_of, declared)) or any(codec_of(name) in _CONFUSED for name in declared):
        texts += _unsound(data)
    if data.count(0) * 3 > len(data):
        texts += (text for codec in _WIDE if _is_latin(text := data.decode(codec, "replace")))
    return tuple(dict.fromkeys(texts) if len(texts) > 1 else texts)


def _shifted(match: re.Match[bytes]) -> bytes:
    """A run of UTF-7's base64 (RFC 2152) that is ASCII; others are kept."""
    text = match[0].decode("utf-7", "ignore")
    return text.encode() if text.isascii() and all(sign.isprintable() or sign in "\t\r\n" for sign in text) else match[0]


def _is_latin(text: str) -> bool:
    return sum(map(str.isascii, text)) * 10 >= 9 * len(text) and "\0" not in text


def _unsound(data: bytes) -> Iterator[str]:
    """What bytes are that are UTF-8 whatever they are called; else what lenient decoders make of them.

    Of overlong forms, surrogates and strange bytes amid a number, and of what programs write that call everything UTF-8.
    """
    sound = _try(data, "utf-8")
    if sound is not None:
        yield sound
        return
    yield data.decode("cp1252", "replace")
    if _OVERLONG.search(data):
        yield _try(_OVERLONG.sub(_shortest, data), "utf-8") or ""
    if _SURROGATES.search(data):
        yield _SURROGATES.sub(_joined, data).decode("utf-8", "ignore")
    if _AMID_NUMBER.search(data):
        yield data.decode("utf-8", "ignore")
    if b" " not in data:  # a control in EBCDIC; most text in other charsets has some
        text = data.decode("cp037")
        if _is_latin(text):
            yield text


def _shortest(match: re.Match[bytes]) -> bytes:
    """An ASCII character written in more bytes than it needs (RFC 3629 3 forbids it)."""
    point = 0
    for byte in match[0]:
        point = point << 6 | byte & 0x3F
    return bytes([point & 0x7F])


def _joined(match: re.Match[bytes]) -> bytes:
    """A character written as the UTF-8 of its two surrogates (CESU-8)."""
    pair = match[0].decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    return pair.decode("utf-16-le", "replace").encode()


def _marked(data: bytes) -> str:
    if not data.startswith(_EVERY_MARK):
        return ""
    return next(codec for mark, codec in (*_MARKS, *_MARKS_16) if data.startswith(mark))


def _try(data: bytes, codec: str) -> str | None:
    if not codec:
        return None
    try:
        text = data.decode(codec)
    except (LookupError, ValueError):
        return None
    if text.isascii() or codec == "utf-8":  # which knows no surrogates
        return text.removeprefix("\ufeff")
    return _SURROGATE.sub("\ufffd", text.removeprefix("\ufeff"))


def is_wide(data: bytes, declared: str = "") -> bool:
    """True when characters take several bytes or shift states, so NUL and control bytes say nothing about being text."""
    return bool(_marked(data)) or codec_of(declared).startswith(
        ("utf_16", "utf_32", "utf-16", "utf-32", "iso2022", "cp037", "cp500")
    )
