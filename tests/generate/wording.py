"""The words and lines made-up mail is written with.

Everything takes a seeded `random.Random` and gives text, or bytes with CRLF line ends. No number of nine digits and
no listed word can come out, so what is written with it names nobody. Nothing fails.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

Shape = Callable[[random.Random], bytes]

WORDS = (
    "river",
    "bridge",
    "window",
    "garden",
    "copper",
    "lantern",
    "morning",
    "harbour",
    "silent",
    "paper",
    "engine",
    "velvet",
    "marble",
    "canyon",
    "orchard",
    "signal",
    "winter",
    "basket",
    "thunder",
    "meadow",
    "compass",
    "feather",
    "pepper",
    "saddle",
)
ACCENTED = ("rivière", "Brücke", "jardín", "kött", "façade", "naïve", "Größe", "señal")
DATE = "Date: Thu, 19 Nov 2026 10:42:00 -0500"


def join(*lines: str | bytes) -> bytes:
    """Lines with CRLF after each; text is UTF-8."""
    return b"".join((line.encode() if isinstance(line, str) else line) + b"\r\n" for line in lines)


def sentence(source: random.Random, words: int = 9) -> str:
    return " ".join(source.choices(WORDS, k=words)).capitalize() + "."


def token(source: random.Random) -> str:
    """A made-up identifier; letters only, so that no run of digits looks like an ID."""
    return "".join(source.choices("abcdefghijklmnop", k=16))


def prose(source: random.Random, lines: int = 6) -> list[str]:
    return [sentence(source) for _ in range(lines)]


def header(source: random.Random, *more: str | bytes) -> bytes:
    """The usual fields, then `more`; no empty line."""
    return join(
        "From: Aiko Mori <a.mori@campus.example>",
        "To: Ben Okafor <b.okafor@campus.example>",
        f"Subject: {sentence(source, 4)}",
        DATE,
        f"Message-ID: <{token(source)}@campus.example>",
        *more,
    )


def typed(source: random.Random, content_type: str, encoding: str, body: bytes) -> bytes:
    """A one-part MIME message."""
    fields = ("MIME-Version: 1.0", f"Content-Type: {content_type}", f"Content-Transfer-Encoding: {encoding}")
    return header(source, *fields) + b"\r\n" + body


def wrapped_base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
