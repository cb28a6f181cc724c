"""E091 to E109: the number in fields, addresses, reports and quotations, and in what is too much to look through."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator
from functools import partial

from tests.evasion.groups.fields import CLEAN_PART, CT, multipart
from tests.evasion.groups.files import attached
from tests.evasion.planted import CAUGHT, EITHER, HEAD, NUMBER, SENTENCE, Case, Entity

PLAIN = SENTENCE.encode()
STATED = f"student ID {NUMBER}"
_SLOTS = 65_536, 262_144, 1_048_576  # where reading in blocks, the fast lane for texts and decoding in blocks end


def with_fields(*fields: str | bytes, body: bytes = b"Nothing to see.\r\n") -> bytes:
    lines = b"".join((field.encode() if isinstance(field, str) else field) + b"\r\n" for field in fields)
    return HEAD + lines + b"MIME-Version: 1.0\r\n" + CT + b"\r\n" + body


def words(text: str, size: int, charset: str = "utf-8", *, cut: bool = False) -> str:
    """Encoded words of so many bytes each, side by side; `cut` splits characters."""
    data = text.encode(charset)
    step = size if cut else max(size, 1)
    return " ".join(f"=?{charset}?B?{base64.b64encode(data[at : at + step]).decode()}?=" for at in range(0, len(data), step))


def _fields() -> Iterator[tuple[str, str, str, bytes]]:
    subjects = {
        "plain": STATED,
        "adjacent encoded words": words(STATED, 12),
        "encoded words that cut the number": words(STATED, 13),
        "words that cut a character": words(f"é{STATED}", 1, cut=True),
        "mixed charsets": "=?utf-8?Q?student_ID_9123?= =?iso-8859-1?Q?45678?=",
        "words without a blank between": words(STATED, 12).replace(" ", ""),
        "folded": STATED.replace("9123", "9123\r\n "),
        "quoted words": "=?us-ascii?Q?" + "".join(f"={ord(sign):02X}" for sign in STATED) + "?=",
        "encoded words with blanks in them": f"=?utf-8?Q?{STATED}?=",
    }
    for index, (title, subject) in enumerate(subjects.items(), 1):
        yield f"E091-{index:02}", f"in the subject: {title}", CAUGHT, with_fields(f"Subject: {subject}")
    raw = f"Subject: Schüler {STATED}"
    yield "E091-10", "in a subject with raw 8-bit", CAUGHT, with_fields(raw.encode("latin-1"))
    places = (
        f'Reply-To: "{STATED}" <a.lind@campus.example>', f"Cc: {STATED} <x@campus.example>", f"Cc: x@campus.example ({STATED})",
        f"Comments: {STATED}", f"Keywords: {STATED}", f"X-Note: {STATED}", f"Thread-Topic: {STATED}",
        f"List-Id: {STATED} <l.campus.example>", f"Organization: {STATED}", f"X-Note: {words(STATED, 12)}",
        f"Content-Description: {STATED}", f"List-Unsubscribe: <mailto:l@campus.example?subject=student%20ID%20{NUMBER}>",
        f"References: <student.ID.{NUMBER}@campus.example>", f"In-Reply-To: <student-ID-{NUMBER}@campus.example>",
        f"Sender: {STATED} <a@campus.example>", f"Resent-Comments: {STATED}",
    )  # fmt: skip
    for index, field in enumerate(places, 11):
        yield f"E091-{index:02}", f"in {field.partition(':')[0]}", CAUGHT, with_fields("Subject: Our meeting", field)
    message_id = HEAD.replace(b"<evasion@", b"<student.ID." + NUMBER.encode() + b"@")
    yield "E091-27", "in the Message-ID", CAUGHT, message_id + b"Subject: s\r\n\r\nNothing to see.\r\n"
    yield "E092-01", "in the address of a reader", CAUGHT, with_fields("Subject: s", f"Cc: student.id.{NUMBER}@x.example")
    yield "E092-02", "in an address written in full", CAUGHT, with_fields("Subject: s", f'Cc: "student ID {NUMBER}"@x.example')
    inside = b"From: Astrid Lind <a.lind@campus.example>\r\nTo: d.ruiz@campus.example\r\nSubject: s\r\n\r\n"
    yield "E093-01", "the outside reader stands in the envelope alone", CAUGHT, inside + PLAIN
    yield "E094-01", "one record in one message", CAUGHT, with_fields("Subject: s", body=PLAIN)
    yield "E097-01", "two From fields", CAUGHT, with_fields("Subject: s", "From: registrar@campus.example", body=PLAIN)
    yield "E097-02", "another Sender", CAUGHT, with_fields("Subject: s", "Sender: registrar@campus.example", body=PLAIN)
    yield "E097-03", "a Resent-From", CAUGHT, with_fields("Subject: s", "Resent-From: registrar@campus.example", body=PLAIN)
    marks = ("X-DLP-Scanned: clean", "X-Campus-DLP: released", "X-DLP-Release: yes", "X-Spam-Status: No", "X-DLP-Verdict: pass")
    for index, mark in enumerate(marks, 1):
        yield f"E098-{index:02}", f"forged mark {mark}", CAUGHT, with_fields("Subject: s", mark, body=PLAIN)
    for index, word in enumerate(("[override]", "[encrypt]", "[release]", "#allow"), 1):
        yield f"E099-{index:02}", f"{word} in the subject", CAUGHT, with_fields(f"Subject: {word} Our meeting", body=PLAIN)


def _reports() -> Iterator[tuple[str, str, str, Entity | bytes]]:
    note = b"Content-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
    status = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.x.example\r\n\r\nAction: failed\r\n"
    original = b"Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\n" + PLAIN + b"\r\n"
    yield "E100-01", "a bounce with the message in it", CAUGHT, multipart(b"r", note, status, original, subtype=b"report")
    headers = b"Content-Type: text/rfc822-headers\r\n\r\nSubject: " + STATED.encode() + b"\r\n"
    yield "E100-02", "a bounce with its header", CAUGHT, multipart(b"r", note, status, headers, subtype=b"report")
    text = status + b"Diagnostic-Code: smtp; 550 " + STATED.encode() + b" unknown\r\n"
    yield "E100-03", "in the diagnostic of a bounce", CAUGHT, multipart(b"r", note, text, subtype=b"report")
    read = (
        b"Content-Type: message/disposition-notification\r\n\r\nOriginal-Message-ID: <student-ID-"
        + NUMBER.encode()
        + b"@x.example>\r\n"
    )
    yield "E100-04", "in a receipt", CAUGHT, multipart(b"r", note, read, subtype=b"report")


def _volume() -> Iterator[tuple[str, str, str, Entity | bytes]]:
    line = b"The hall was warm, the lunch was late, and everybody stayed.\r\n"
    for index, slot in enumerate(_SLOTS, 1):
        for step, before in enumerate((len(PLAIN) // 2, 4, len(PLAIN) - 4)):
            filler = (line * (slot // len(line) + 1))[: slot - before - 2] + b"\r\n"
            yield (
                f"E101-{index}{step + 1}",
                f"across byte {slot} of a text",
                CAUGHT,
                Entity(CT, filler + PLAIN + b"\r\n" + line),
            )
    yield "E101-41", "at the end of a large text", CAUGHT, Entity(CT, line * 50_000 + PLAIN)
    yield "E101-42", "at the end of a large attachment", CAUGHT, attached(line * 20_000 + PLAIN, "notes.txt", "text/plain")
    yield "E103-01", "the last of 1,900 parts", EITHER, multipart(b"b", *[CLEAN_PART] * 1_900, CT + b"\r\n" + PLAIN)
    yield "E103-02", "the last of 2,100 parts", EITHER, multipart(b"b", *[CLEAN_PART] * 2_100, CT + b"\r\n" + PLAIN)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.txt"), bytes(30 << 20), zipfile.ZIP_DEFLATED)
    bomb = bytes(attached(out.getvalue(), "a.zip"))
    yield "E104-01", "beside what unfolds without end", CAUGHT, multipart(b"b", bomb, CT + b"\r\n" + PLAIN)
    quoted = "".join(f"{'> ' * depth}On Monday somebody wrote:\r\n" for depth in range(20)) + "> " * 20 + SENTENCE
    yield "E107-01", "quoted twenty deep", CAUGHT, Entity(CT, quoted.encode() + b"\r\n")
    yield "E107-02", "below a short answer", CAUGHT, Entity(CT, b"Yes.\r\n\r\nOn Monday Pat wrote:\r\n> " + PLAIN + b"\r\n")
    forwarded = (
        b"See below.\r\n\r\n---------- Forwarded message ---------\r\nFrom: x@campus.example\r\nSubject: s\r\n\r\n" + PLAIN
    )
    yield "E107-03", "in a forwarded message", CAUGHT, Entity(CT, forwarded)
    yield (
        "E107-04",
        "quoted in HTML",
        CAUGHT,
        Entity(b"Content-Type: text/html\r\n", b"<p>Yes.</p><blockquote type=cite><p>" + PLAIN + b"</p></blockquote>"),
    )
    people = "".join(f"student ID {number}\r\n" for number in range(int(NUMBER), int(NUMBER) + 3))
    yield "E108-01", "three people, one statement each", CAUGHT, Entity(CT, people.encode())


def cases() -> Iterator[Case]:
    """Every case of this group."""
    for index, title, expects, built in (*_fields(), *_reports(), *_volume()):
        yield Case(index, title, expects, partial(_same, built))


def _same(built: Entity | bytes) -> Entity | bytes:
    return built
