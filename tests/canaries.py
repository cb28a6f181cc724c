"""Messages with a canary in every field: words and numbers that stand nowhere else, so that each trace of one is told.

`planted` gives the nth message, `CAMPUS` the students in them, `traces` what of them stands in a text or in bytes, by the
field it was planted in. A word is the mark, a letter for the field, and letters that count; numbers begin alike.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from dlp.campus.records import Assignment, Department, Enrolment, Record, Staff, Student

FIELDS = MappingProxyType(
    {
        "a": "sender", "b": "recipient", "c": "display name", "d": "subject line", "e": "other header field", "f": "Message-ID",
        "g": "file name", "h": "postal address", "k": "university subject", "m": "text", "n": "student's name",
        "p": "student's address", "r": "envelope parameter", "s": "file's text", "t": "description",
    }
)  # fmt: skip
NUMBER, SCORE = "student's ID", "grade"
TEACHER, COLLEAGUE, PARENT, SUBJECT = "teacher@campus.example", "colleague@campus.example", "parent@home.example", "7.77"
STUDENTS = 60
_MARK = "zqx"
_WORD = re.compile(rf"{_MARK}([{''.join(FIELDS)}])[b-y]{{4}}")
# each begins with what the search can skip to, and looks behind it then
_NUMBER = re.compile(r"973(?:(?<![0-9a-f]973)1\d{5}(?![0-9a-f])|(?<![0-9a-f-]973)[ .-]1\d\d[ .-]\d{3}(?![0-9a-f-]))")
_SCORE = re.compile(r"73\.1(?<![0-9a-f.]73\.1)\d{4}(?![0-9a-f.])")
_LETTERS = "bcdfghjklmnpqrstvwxy"


def word(field: str, nth: int) -> str:
    return f"{_MARK}{field}{''.join(_LETTERS[nth // 20**place % 20] for place in range(4))}"


def score(nth: int) -> str:
    return f"73.1{nth:04}"


def traces(text: str) -> Iterator[tuple[str, str]]:
    """Every canary in it, with the field it comes from."""
    lower = text.lower()
    yield from ((FIELDS[match[1]], match[0]) for match in _WORD.finditer(lower))
    yield from ((NUMBER, match[0]) for match in _NUMBER.finditer(lower))
    yield from ((SCORE, match[0]) for match in _SCORE.finditer(lower))


def student(nth: int) -> Student:
    """One in twenty withholds everything."""
    given, family = word("n", 2 * nth).capitalize(), word("n", 2 * nth + 1).capitalize()
    hidden = frozenset({"all"}) if nth % 20 == 7 else frozenset()
    return Student(f"9731{nth:05}", given, family, email=f"{word('p', nth)}@campus.example", suppress=hidden)


CAMPUS: tuple[Record, ...] = (
    *map(student, range(STUDENTS)),
    Staff(TEACHER, department="Physics"),
    Staff(COLLEAGUE, department="Physics", purview=frozenset({"housing"})),
    Department("Physics", steward="steward@campus.example"),
    Assignment(SUBJECT, TEACHER, "instructor_in_charge"),
    *(Enrolment(SUBJECT, student(nth).id) for nth in range(STUDENTS)),
)


@dataclass(frozen=True, slots=True)
class Planted:
    """One message and its envelope."""

    sender: str
    recipients: tuple[str, ...]
    parameters: tuple[str, ...]
    raw: bytes


def planted(nth: int) -> Planted:
    told = student(nth % STUDENTS)
    shape = _SHAPES[nth % len(_SHAPES)]
    outside = f"{word('b', nth)}@out.example"
    readers = ((outside,), (told.email,), (COLLEAGUE,), (COLLEAGUE, outside), (TEACHER, PARENT, outside))
    recipients = readers[(nth // len(_SHAPES) + nth // (5 * len(_SHAPES))) % len(readers)]
    sender = TEACHER if nth % 3 else f"{word('a', nth)}@campus.example"
    to = ", ".join(f"{_name('c', 3 * nth + 1)} <{each}>" for each in recipients)
    fields = [word("e", 6 * nth + more) for more in range(6)]
    head = (
        f"From: {word('c', 3 * nth).title()} Sender <{sender}>\r\n"
        f"To: {to}\r\n"
        f"Cc: {_name('c', 3 * nth + 2)} <{COLLEAGUE}>\r\n"
        f"Message-ID: <{word('f', nth)}@campus.example>\r\n"
        f"References: <{fields[0]}@campus.example>\r\nKeywords: {fields[1]}\r\nComments: {fields[2]}\r\n"
        f"Organization: {fields[3]}\r\nX-Own: {fields[4]}\r\nThread-Topic: {fields[5]}\r\n"
        "Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        f"Subject: {'Financial hold and grades of' if nth % 5 == 1 else 'About'} {word('d', nth)}\r\n"
    )
    parameters = (f"ENVID={word('r', nth)}", "RET=HDRS")
    return Planted(sender, recipients, parameters, head.encode() + shape(nth, told))


def _name(field: str, nth: int) -> str:
    return f"{word(field, nth).title()} Reader"


def _said(nth: int, told: Student) -> str:
    return (
        f"Dear {word('m', 2 * nth)},\r\n\r\n{told.given_name} {told.family_name} (student ID {told.id}) got a grade of B+ and"
        f" {score(nth)} points in {SUBJECT} {word('k', nth).title()}, and was put on academic warning.\r\n"
        f"Home address: 12 {word('h', nth).title()} Street. Mail: {told.email}.\r\n{word('m', 2 * nth + 1)}\r\n"
    )


def _rows(nth: int, separator: str = ",") -> str:
    people = [student((nth + more) % STUDENTS) for more in range(5)]
    rows = [(each.family_name, each.given_name, each.id, score(nth + at), word("s", nth)) for at, each in enumerate(people)]
    return "\r\n".join(map(separator.join, (("Last name", "First name", "Student ID", "Final grade", "Remark"), *rows)))


def _text(body: str) -> bytes:
    return f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}".encode()


def _plain(nth: int, told: Student) -> bytes:
    return _text(_said(nth, told))


def _table(nth: int, _told: Student) -> bytes:
    return _text(f"{word('m', 2 * nth)}\r\n\r\n{_rows(nth)}\r\n")


def _page(nth: int, told: Student) -> bytes:
    cells = "".join(f"<tr><td>{row.replace(',', '</td><td>')}</td></tr>" for row in _rows(nth).split("\r\n"))
    page = f"<p title='{word('m', 2 * nth)}'>{_said(nth, told)}</p><table>{cells}</table><!-- {word('m', 2 * nth + 1)} -->"
    return f"Content-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n".encode()


def _parts(nth: int, media_type: str, data: bytes, *, name: str, broken: bool = False) -> bytes:
    encoded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    head = (
        f'Content-Type: multipart/mixed; boundary="=_{nth}"\r\n\r\n--=_{nth}\r\nContent-Type: text/plain\r\n\r\n'
        f"{word('m', 2 * nth)} attached.\r\n--=_{nth}\r\nContent-Type: {media_type}\r\n"
        f'Content-Disposition: attachment; filename="{word("g", nth)}.{name}"\r\nContent-Description: {word("t", nth)}\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode()
    return head + encoded + (b"" if broken else f"--=_{nth}--\r\n".encode())


def _file(nth: int, _told: Student) -> bytes:
    return _parts(nth, "text/csv", _rows(nth).encode(), name="csv")


def _archive(nth: int, _told: Student) -> bytes:
    return _parts(nth, "application/zip", _zip(f"{word('g', nth)}.csv", _rows(nth)), name="zip")


def _broken_archive(nth: int, _told: Student) -> bytes:
    return _parts(nth, "application/zip", _zip(f"{word('g', nth)}.csv", _rows(nth))[:-40], name="zip", broken=True)


def _broken_sheet(nth: int, told: Student) -> bytes:
    book = _zip("xl/workbook.xml", f"<workbook><sheets><sheet name='{word('s', nth)}'>{_said(nth, told)}")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _parts(nth, kind, book, name="xlsx")


def _broken_page(nth: int, told: Student) -> bytes:
    data = f"%PDF-1.7\n1 0 obj << /Title ({word('s', nth)}) /Type /Catalog /Pages 2 0 R >> stream {_said(nth, told)}".encode()
    return _parts(nth, "application/pdf", data, name="pdf")


def _inner(nth: int, told: Student) -> bytes:
    message = f"From: {told.email}\r\nSubject: {word('e', nth)}\r\n\r\n{_said(nth, told)}".encode()
    return b'Content-Type: message/rfc822; name="%s.eml"\r\n\r\n' % word("g", nth).encode() + message


def _sealed(nth: int, _told: Student) -> bytes:
    return _text(
        f"{word('m', 2 * nth)}\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA{word('s', nth)}\r\n-----END PGP MESSAGE-----\r\n"
    )


def _odd(nth: int, told: Student) -> bytes:
    """Fields that are none, a charset nobody knows, bytes that are no text."""
    return (
        f"No-Colon {word('e', nth)}\r\nContent-Type: text/{word('e', nth)}; charset={word('e', nth)}\r\n"
        f"Content-Transfer-Encoding: {word('e', nth)}\r\n\r\n{_said(nth, told)}"
    ).encode() + b"\xff\xfe\x00\xc3(\r\n"


def _harmless(nth: int, _told: Student) -> bytes:
    return _text(f"Shall we meet on Thursday about {word('m', 2 * nth)}?\r\n{word('m', 2 * nth + 1)}\r\n")


def _zip(name: str, text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, text)
    return out.getvalue()


_Shape = Callable[[int, Student], bytes]
_SHAPES: tuple[_Shape, ...] = (
    _plain, _harmless, _table, _plain, _page, _file, _inner, _plain, _archive, _broken_archive, _harmless, _broken_sheet,
    _sealed, _broken_page, _odd, _plain, _harmless,
)  # fmt: skip
