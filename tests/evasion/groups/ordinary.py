"""E110 to E112: mail that must pass: what common programs write, numbers that are none, and what partners encrypt.

The letters of E110 are the files of tests/evasion/ordinary, each as a program writes it, with its sloppiness; add one and it
counts.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.evasion.groups.fields import CT, multipart
from tests.evasion.planted import PASSES, Case, Entity

LETTERS = Path(__file__).parent.parent / "ordinary"
FILES = sorted((Path(__file__).parent.parent / "attached").iterdir())
PARTNER = "j.doe@partner.example"
_NUMBERS = (
    "Invoice 912345678 is due on Friday.", "Call me at (912) 345-6789.", "ISBN 978-0-306-40615-7", "2026-09-12 34:56:78",
    "Order no. 912345678 has shipped.", "Tracking 9400 1000 0000 0000 0000 00", "Meeting ID: 912 345 678",
    "The room is 9-123, floor 4, until 5678.", "91.23.45.178 is our server.", "commit 912345678abcdef0", "9,123,456.78 dollars",
    "Bug 912345678 is fixed.",
)  # fmt: skip


def _cases() -> Iterator[tuple[str, str, Entity | bytes, str]]:
    for index, path in enumerate(sorted(LETTERS.glob("*.eml")), 1):
        yield f"E110-{index:02}", path.stem.replace("-", " "), path.read_bytes(), ""
    for index, text in enumerate(_NUMBERS, 1):
        yield f"E111-{index:02}", text.replace("912345678", "number"), Entity(CT, text.encode() + b"\r\n"), ""
    pgp = b"-----BEGIN PGP MESSAGE-----\r\n\r\nwcBMA0+0\r\n=abcd\r\n-----END PGP MESSAGE-----\r\n"
    control = b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    body = b"Content-Type: application/octet-stream\r\n\r\n" + pgp
    yield "E112-01", "PGP/MIME to a partner", multipart(b"b", control, body, subtype=b"encrypted"), PARTNER
    yield "E112-02", "PGP within a text to a partner", Entity(CT, pgp), PARTNER
    kind = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n"
    yield "E112-03", "S/MIME to a partner", Entity(kind, b"MIIB\r\n"), PARTNER


def attached(path: Path) -> bytes:
    """A letter with a file."""
    head = (
        b"From: Ada Lind <a.lind@campus.example>\r\nTo: j.doe@elsewhere.example\r\nSubject: the file\r\nMIME-Version: 1.0\r\n"
    )
    file = (
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="%s"\r\n\r\n' % path.name.encode()
    ) + base64.encodebytes(path.read_bytes()).replace(b"\n", b"\r\n")
    return head + bytes(multipart(b"b", CT + b"\r\nHere it is.\r\n", file))


def cases() -> Iterator[Case]:
    """Every control."""
    for index, title, built, reader in _cases():
        yield Case(index, title, PASSES, partial(_same, built), *filter(None, [reader]))


def _same(built: Entity | bytes) -> Entity | bytes:
    return built
