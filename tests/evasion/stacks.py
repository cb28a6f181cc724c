"""Random stacks of two to four tricks that compose: what a patient person could build, and a reader's programs could undo.

Takes a seed; gives what was stacked and the message. The number is written in a text, the text becomes a file, files become
files in files, and the outermost one an entity in some encoding. The same seed always gives the same bytes.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Callable, Mapping
from random import Random
from urllib.parse import quote

from tests.evasion.groups.files import attached, tarred, zipped
from tests.evasion.groups.transfer import every, uuencoded
from tests.evasion.planted import NUMBER, Entity, alone, inside

Chance = Random
_TYPES = {"txt": "text/plain", "html": "text/html", "eml": "message/rfc822"}
_Spelt = Callable[[str, Chance], str]
_Carrier = tuple[str, str, Callable[[str, Chance], bytes]]  # media type, ending, the file


def _each(sign: str) -> _Spelt:
    return lambda text, _chance: text.replace(NUMBER, sign.join(NUMBER))


def _grouped(sign: str) -> _Spelt:
    return lambda text, _chance: text.replace(NUMBER, sign.join((NUMBER[:3], NUMBER[3:6], NUMBER[6:])))


def _digits(zero: int) -> _Spelt:
    return lambda text, _chance: text.replace(NUMBER, "".join(chr(zero + int(sign)) for sign in NUMBER))


_LETTER = b"From: a@campus.example\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
_TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
_EVENT = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"
SPELT: dict[str, _Spelt] = {
    "zero-width": _each("\u200b"),
    "soft hyphens": _each("\u00ad"),
    "word joiners": _each("\u2060"),
    "blanks": _grouped(" "),
    "no-break blanks": _grouped("\u00a0"),
    "dashes": _grouped("-"),
    "dots": _grouped("."),
    "full-width": _digits(0xFF10),
    "Arabic digits": _digits(0x660),
    "monospace digits": _digits(0x1D7F6),
    "struck through": _each("\u0336"),
}

MARKED: dict[str, _Spelt] = {
    "tags": lambda text, _: text.replace(NUMBER, "<b></b>".join(NUMBER)),
    "comments": lambda text, _: text.replace(NUMBER, "<!-- 7 -->".join(NUMBER)),
    "entities": lambda text, _: text.replace(NUMBER, "".join(f"&#{ord(sign)};" for sign in NUMBER)),
    "hex entities": lambda text, _: text.replace(NUMBER, "".join(f"&#x{ord(sign):x};" for sign in NUMBER)),
    "white on white": lambda text, _: f'<span style="color:#fff">{text}</span>',
    "an attribute": lambda text, _: f'<img alt="{text}">',
    "a comment": lambda text, _: f"<!-- {text} -->",
    "a table": lambda text, _: f"<table><tr><td>{text}</td><td>x</td></tr></table>",
}


def _page(text: str, chance: Chance) -> bytes:
    marked = MARKED[chance.choice(sorted(MARKED))](html.escape(text), chance)
    return f"<html><body><p>Hello</p><div>{marked}</div></body></html>".encode()


def _rtf(text: str, _chance: Chance) -> bytes:
    signs = "".join(sign if sign.isascii() else "".join(f"\\u{unit}?" for unit in _units(sign)) for sign in text)
    return ("{\\rtf1\\ansi\\uc1 " + signs.replace("\n", "\\par ") + "}").encode("ascii")


def _units(sign: str) -> list[int]:
    data = sign.encode("utf-16-le")
    return [int.from_bytes(data[at : at + 2], "little", signed=True) for at in range(0, len(data), 2)]


CARRIERS: dict[str, _Carrier] = {
    "text": ("text/plain", "txt", lambda text, _: text.encode()),
    "UTF-16 text": ("text/plain", "txt", lambda text, _: text.encode("utf-16")),
    "HTML": ("text/html", "html", _page),
    "rows": ("text/csv", "csv", lambda text, _: ("Name,Note\r\nKim,\"" + text + "\"\r\n").encode()),
    "JSON": ("application/json", "json", lambda text, _: json.dumps({"name": "Kim", "note": text}).encode()),
    "XML": ("application/xml", "xml", lambda text, _: f"<?xml version='1.0'?><a><b>{html.escape(text)}</b></a>".encode()),
    "RTF": ("application/rtf", "rtf", _rtf),
    "a calendar": ("text/calendar", "ics", lambda text, _: f"{_EVENT}SUMMARY:{text}\r\nEND:VEVENT\r\n".encode()),
    "a letter": ("message/rfc822", "eml", lambda text, _: _LETTER + _TEXT + text.encode()),
}  # fmt: skip

WRAPPED: dict[str, Callable[[bytes, str], tuple[bytes, str]]] = {
    "ZIP": lambda data, name: (zipped((name, data)), "a.zip"),
    "GZIP": lambda data, name: (gzip.compress(data, mtime=0), f"{name}.gz"),
    "TAR": lambda data, name: (tarred(name, data), "a.tar"),
    "ZIP beside another": lambda data, name: (zipped(("read.txt", b"hello"), (name, data)), "a.zip"),
    "base64 in a text": lambda data, _name: (b"see below\r\n\r\n" + base64.encodebytes(data) + b"\r\n", "note.txt"),
    "uuencoded in a text": lambda data, _name: (b"see below\r\n\r\n" + uuencoded(data) + b"\r\n", "note.txt"),
    "a data: URL": lambda data, _name: (b'<a href="data:x/y;base64,' + base64.b64encode(data) + b'">x</a>', "page.html"),
    "attached to a letter": lambda data, name: (_LETTER + bytes(attached(data, name)), "a.eml"),
    "behind a program": lambda data, name: (b"MZ" + bytes(300) + zipped((name, data)), "setup.exe"),
}  # fmt: skip


def _chunks(data: bytes) -> list[bytes]:
    return [data[at : at + 40] for at in range(0, len(data), 40)]


def _lined(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


SENT: dict[str, Callable[[bytes], tuple[bytes, bytes]]] = {
    "base64": lambda data: (b"base64", _lined(data)),
    "quoted-printable": lambda data: (b"quoted-printable", b"=\r\n".join(b"=%02X" % sign for sign in data)),
    "base64 with junk": lambda data: (b"base64", every(4, _lined(data), b"!")),
    "base64 in padded chunks": lambda data: (b"base64", b"".join(map(base64.b64encode, _chunks(data)))),
    "base64 of URLs": lambda data: (b"base64", base64.urlsafe_b64encode(data)),
    "base64 called x-base64": lambda data: (b"x-base64", _lined(data)),
    "two encodings": lambda data: (b"7bit\r\nContent-Transfer-Encoding: base64", _lined(data)),
    "base64 declared 8bit": lambda data: (b"8bit", _lined(data)),
    "uuencode": lambda data: (b"x-uuencode", uuencoded(data)),
}  # fmt: skip

NAMED: dict[str, Callable[[str, str], str]] = {
    "its own type": lambda kind, _: kind,
    "octets": lambda _kind, _ending: "application/octet-stream",
    "a picture": lambda _kind, _ending: "image/jpeg",
    "plain text": lambda _kind, _ending: "text/plain",
}
_SENTENCES = (f"The student ID is {NUMBER}.", f"Student ID: {NUMBER}, grade B", f"{NUMBER} (student ID) did not pass.")


def stack(seed: int) -> tuple[str, bytes]:
    """What was stacked, and the message."""
    chance = Random(seed)
    told: list[str] = []

    def one_of(table: Mapping[str, object]) -> str:
        told.append(chance.choice(sorted(table)))
        return told[-1]

    text = chance.choice(_SENTENCES)
    tricks = chance.randint(2, 4)
    if chance.random() < 0.6:
        text = SPELT[one_of(SPELT)](text, chance)
    kind, ending, build = CARRIERS[one_of(CARRIERS)]
    data, name = build(text, chance), f"list.{ending}"
    for _ in range(max(0, tricks - len(told))):
        data, name = WRAPPED[one_of(WRAPPED)](data, name)
        kind = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    kind = NAMED[one_of(NAMED)](kind, name)
    if kind == "message/rfc822":
        encoding, body = b"8bit", data
    else:
        encoding, body = SENT[one_of(SENT)](data)
    fields = f'Content-Type: {kind}; name="{quote(name)}"\r\n'.encode() + b"Content-Transfer-Encoding: " + encoding + b"\r\n"
    entity = Entity(fields, body)
    raw = alone(entity) if chance.random() < 0.5 else inside(entity)
    assert raw is not None
    return " > ".join(told), raw
