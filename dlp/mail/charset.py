"""Bytes to characters: the declared charset first, then what the bytes themselves say.

Takes bytes and a charset name as a header gave it; gives text. Order: byte order mark, declared, UTF-8 strict,
Resiliparse's detection, cp1252. All codecs are loaded with this module, because a jailed child can open no file
later. Never fails: unknown names and impossible bytes fall through to the next step.
"""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases
from types import MappingProxyType

from resiliparse.parse.encoding import detect_encoding

_SAMPLE = 65_536
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_NAME = re.compile(r"[^a-z0-9]+")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"))
_MARKS_16 = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

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
    return _CODECS.get(_NOT_NAME.sub("_", charset[:80].lower()).strip("_"), "")


def decode(data: bytes, declared: str = "") -> str:
    """Text of `data`: no lone surrogates, no byte order mark."""
    if data.isascii() and (not declared or codec_of(declared) in {"", "ascii", "utf_8", "utf-8", "cp1252"}):
        return data.decode("ascii")
    for codec in (_marked(data), codec_of(declared), "utf-8"):
        text = _try(data, codec)
        if text is not None:
            return text
    text = _try(data, codec_of(detect_encoding(data, max_len=_SAMPLE, html5_compatible=False) or ""))
    return data.decode("cp1252", "replace") if text is None else text


def readings(data: bytes, declared: str = "") -> tuple[str, ...]:
    """Every text a reader may see: also the plain ASCII one where the declared charset turns ASCII bytes into others."""
    text = decode(data, declared)
    if data.isascii() and text != (plain := data.decode("ascii")):
        return (text, plain)
    return (text,)


def _marked(data: bytes) -> str:
    return next((codec for mark, codec in (*_MARKS, *_MARKS_16) if data.startswith(mark)), "")


def _try(data: bytes, codec: str) -> str | None:
    if not codec:
        return None
    try:
        text = data.decode(codec)
    except (LookupError, ValueError):
        return None
    return text.removeprefix("\ufeff") if text.isascii() else _SURROGATE.sub("\ufffd", text.removeprefix("\ufeff"))


def is_wide(data: bytes, declared: str = "") -> bool:
    """True when characters take several bytes or shift states, so NUL and control bytes say nothing about being text."""
    return bool(_marked(data)) or codec_of(declared).startswith(
        ("utf_16", "utf_32", "utf-16", "utf-32", "iso2022", "cp037", "cp500")
    )
