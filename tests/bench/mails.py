"""The three mails the bench sends: 2 KB of text, 20 KB of text and HTML, 1 MB with an attachment. Nothing in them is held.

Takes nothing and a folder; gives the bytes, the same on every run, or files with LF lines as smtp-source wants them.
"""

from __future__ import annotations

import base64
import random
import textwrap
from collections.abc import Mapping
from pathlib import Path

_VOCABULARY = (
    "after again all because been before between both building call chair coffee come day each early evening first from"
    " garden good great here hour house into just kind later leave letter light like long look make many meet morning most"
    " much near never next of often old open other our over own page paper people place plan plant quiet read right river"
    " room road same second seem shall short should since small some soon stand still story street summer table take talk"
    " than their there these thing think this time together town tree turn under until walk water week well what when where"
    " which while white window winter with without word work world would write year yellow you your"
)
_HEAD = """\
From: Ann Mori <ann.mori@campus.example>
To: Ben Okoro <ben.okoro@campus.example>
Subject: {subject}
Date: Mon, 02 Nov 2026 10:11:12 -0500
Message-ID: <20261102.{number}@campus.example>
User-Agent: Example Mail 1.0
MIME-Version: 1.0
"""


def mails() -> Mapping[str, bytes]:
    """Size word -> message with CRLF lines."""
    source = random.Random(7)
    return {
        "2 KB": _message(1, "The room on Thursday", "text/plain; charset=utf-8", prose(source, 1_600)),
        "20 KB": _message(2, "News of the week", 'multipart/alternative; boundary="=_a"', _alternatives(source)),
        "1 MB": _message(3, "The pictures", 'multipart/mixed; boundary="=_a"', _attached(source)),
    }


def written(folder: Path) -> Mapping[str, Path]:
    """The same in files with LF lines, which smtp-source turns into CRLF."""
    paths = {}
    for size, raw in mails().items():
        paths[size] = folder / f"{size.replace(' ', '').lower()}.eml"
        paths[size].write_bytes(raw.replace(b"\r\n", b"\n"))
    return paths


def _message(number: int, subject: str, content_type: str, body: str) -> bytes:
    head = _HEAD.format(subject=subject, number=number)
    return f"{head}Content-Type: {content_type}\n\n{body}".replace("\n", "\r\n").encode("ascii")


def prose(source: random.Random, size: int) -> str:
    """About so many characters of plain words in lines."""
    sentences = (" ".join(source.choices(_VOCABULARY.split(), k=13)).capitalize() + "." for _ in range(size // 60))
    return textwrap.fill(" ".join(sentences), 72)[:size] + "\n"


def _alternatives(source: random.Random) -> str:
    paragraphs = "".join(f'<p style="margin:0">{line}</p>\n' for line in prose(source, 10_000).splitlines())
    page = f"<html><body>\n{paragraphs}</body></html>\n"
    return _parts(("text/plain; charset=utf-8", "", prose(source, 7_000)), ("text/html; charset=utf-8", "", page))


def _attached(source: random.Random) -> str:
    encoded = base64.encodebytes(source.randbytes(765_000)).decode("ascii")
    named = 'Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="pictures.bin"\n'
    return _parts(("text/plain; charset=utf-8", "", prose(source, 2_000)), ("application/octet-stream", named, encoded))


def _parts(*parts: tuple[str, str, str]) -> str:
    return "".join(f"--=_a\nContent-Type: {kind}\n{more}\n{text}\n" for kind, more, text in parts) + "--=_a--\n"
