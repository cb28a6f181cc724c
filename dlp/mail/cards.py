"""Calendars and cards: iCalendar (RFC 5545) and vCard (2.1, RFC 6350), which share their lines.

Takes decoded text; gives its content lines unfolded and decoded, the HTML in them as text, and the files they carry. The
quoted-printable of vCard 2.1 goes on over line ends of its own. Linear; never fails.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from dlp.mail import charset, html

_FOLD = re.compile(r"(?:\r\n?|\n)[ \t]")
_ESCAPED = re.compile(r"\\([nN,;:\\0-9])")
_CARET = re.compile(r"\^([n'^])")  # in parameters (RFC 6868)
_LINE = re.compile(r"""([A-Za-z0-9.-]{1,80})((?:;(?:"[^"\n]*+"|[^":\n])*+)?):(.*)""")
_QUOTED_PRINTABLE = re.compile(r"quoted-printable", re.IGNORECASE)
_BASE64 = re.compile(r";(?:ENCODING=)?\"?(?:BASE64|B)\"?(?=;|\Z)", re.IGNORECASE)
_TYPE = re.compile(r"(?:FMTTYPE|MEDIATYPE|TYPE)=\"?([A-Za-z0-9./+-]{1,80})", re.IGNORECASE)
_CHARSET = re.compile(r"CHARSET=\"?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_DATA_URI = re.compile(r"data:([a-z0-9./+-]{0,80})(?:;[^,;]{0,80})*;base64,", re.IGNORECASE)
_TAG = re.compile(r"<(?:a|b|br|div|em|i|li|ol|p|span|strong|u|ul)\b", re.IGNORECASE)  # some calendars show it as HTML
_HTML = re.compile(r"text/html", re.IGNORECASE)
_BEGINS = re.compile(r"^BEGIN:(?:VCALENDAR|VCARD)", re.MULTILINE | re.IGNORECASE)
_PICTURES = frozenset({"PHOTO", "LOGO"})


@dataclass(frozen=True, slots=True)
class CardFile:
    """A file within a line; `picture`: the line shows somebody's face, or a sign."""

    data: bytes
    media_type: str
    picture: bool


def text(source: str) -> str:
    """Every content line as a person reads it."""
    lines = []
    for line in _lines(source):
        match = _LINE.fullmatch(line)
        if match is None:
            lines.append(line)
            continue
        name, parameters, value = match.groups()
        if _file(name, parameters, value):
            value = ""
        elif _QUOTED_PRINTABLE.search(parameters):
            value = _decoded(value, parameters)
        value = _ESCAPED.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], value)
        lines.append(f"{name}{_CARET.sub(_plain, parameters)}:{value}")
        if "<" in value and (_HTML.search(parameters) or name.upper() == "X-ALT-DESC" or _TAG.search(value)):
            lines.append(html.read(value).visible)
    return "\n".join(lines)


def files(source: str) -> tuple[CardFile, ...]:
    """The files it carries; none in a text that is neither."""
    if "begin:v" not in source.lower() or not _BEGINS.search(source):
        return ()
    found = (_LINE.fullmatch(line) for line in _lines(source))
    return tuple(file for match in found if match and (file := _file(*match.groups())) is not None)


def _lines(source: str) -> list[str]:
    """Content lines whole again (RFC 5545 3.1), and those of quoted-printable, which end in "=" and go on (RFC 2045 6.7)."""
    lines: list[list[str]] = []
    goes_on = encoded = False
    for line in _FOLD.sub("", source).splitlines():
        if not goes_on:
            lines.append([])
            encoded = bool(_QUOTED_PRINTABLE.search(line[:200]))
        goes_on = encoded and line.endswith("=")
        lines[-1].append(line[:-1] if goes_on else line)
    return ["".join(pieces) for pieces in lines]


def _file(name: str, parameters: str, value: str) -> CardFile | None:
    uri = _DATA_URI.match(value)
    if uri is None and not _BASE64.search(parameters):
        return None
    declared = _TYPE.search(parameters)
    media_type = uri[1] if uri else declared[1] if declared else ""
    try:
        data = binascii.a2b_base64(value[uri.end() if uri else 0 :])
    except ValueError:
        data = b""
    property_name = name.rpartition(".")[2].upper()
    return CardFile(data, media_type.lower() if "/" in media_type else "", property_name in _PICTURES) if data else None


def _decoded(value: str, parameters: str) -> str:
    declared = _CHARSET.search(parameters)
    return charset.decode(binascii.a2b_qp(value.encode("utf-8", "replace")), declared[1] if declared else "")


def _plain(sign: re.Match[str]) -> str:
    return {"n": "\n", "'": '"', "^": "^"}[sign[1]]
