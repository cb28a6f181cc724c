"""What every evasion case plants, the shape of a case, and the legitimate message it is put into.

Takes and gives plain values; builders of cases import this. The number is a student's by its shape alone, so that no directory
is needed, and a word beside it says what it is. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

NUMBER = "912345678"
OUTSIDE = "p.lane@freemail.example"
SENTENCE = f"The student ID is {NUMBER} and the grade is B."

CAUGHT, HELD, EITHER, WARNED, PASSES, LIMIT = "C", "H", "C/H", "W", "P", "L"


@dataclass(frozen=True, slots=True)
class Entity:
    """One MIME entity: header fields as they stand (bytes, each ended by CRLF) and its body."""

    fields: bytes
    body: bytes

    def __bytes__(self) -> bytes:
        return self.fields + b"\r\n" + self.body


@dataclass(frozen=True, slots=True)
class Case:
    """One trick. `build` gives what it does to mail: an Entity (put alone, or in a letter), or a whole message as bytes."""

    id: str  # E020-07: the seventh form of E020
    title: str
    expects: str
    build: Callable[[], Entity | bytes]
    reader: str = OUTSIDE

    @property
    def number(self) -> int:
        return int(self.id[1:4])


HEAD = (
    b"Received: from mail.campus.example (mail.campus.example [192.0.2.7])\r\n"
    b"\tby mx.campus.example; Mon, 5 Oct 2026 10:00:00 -0400\r\n"
    b"From: Astrid Lind <a.lind@campus.example>\r\n"
    b"To: Pat Lane <p.lane@freemail.example>\r\n"
    b"Date: Mon, 05 Oct 2026 10:00:00 -0400\r\n"
    b"Message-ID: <evasion@campus.example>\r\n"
)
_LETTER = (
    b"Dear Pat,\r\n\r\nthank you for your visit last week. The hall was warm, the lunch was late, and everybody stayed.\r\n"
    b"What we talked about is below. Let us meet again in spring.\r\n\r\nBest wishes,\r\nAstrid\r\n\r\n"
    b"-- \r\nAstrid Lind\r\nDepartment of Physics\r\n"
)
_BESIDE = (
    b'Content-Type: text/plain; charset=utf-8; name="way.txt"\r\n'
    b'Content-Disposition: attachment; filename="way.txt"\r\n\r\n'
    b"From the station take the second street on the left.\r\n"
)
_BOUNDARY = b"=_letter_7d2f"


def alone(built: Entity | bytes) -> bytes:
    """The message that is the trick and nothing else."""
    if isinstance(built, bytes):
        return built
    return HEAD + b"Subject: Our meeting\r\nMIME-Version: 1.0\r\n" + bytes(built)


def inside(built: Entity | bytes) -> bytes | None:
    """The trick as a part of an ordinary letter with a second attachment; None where the trick is the message itself."""
    if isinstance(built, bytes):
        return None
    parts = (b"Content-Type: text/plain; charset=us-ascii\r\n\r\n" + _LETTER, bytes(built), _BESIDE)
    body = b"".join(b"--" + _BOUNDARY + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        HEAD
        + b"Subject: Our meeting\r\nMIME-Version: 1.0\r\n"
        + b'Content-Type: multipart/mixed; boundary="'
        + _BOUNDARY
        + b'"\r\n\r\n'
        + body
        + b"--"
        + _BOUNDARY
        + b"--\r\n"
    )
