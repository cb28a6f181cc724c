"""Mail of several parts: nested, attached, forwarded, and oddly delimited.

Each function takes a seeded `random.Random` and gives one whole message with CRLF line ends; `part` and `multipart`
build the pieces. `MIME_SHAPES` names them. Nothing fails.
"""

from __future__ import annotations

import random

from tests.generate.text_shapes import plain
from tests.generate.wording import Shape, header, join, prose, sentence, token, wrapped_base64


def part(content_type: str, body: bytes, *fields: str) -> bytes:
    return join(f"Content-Type: {content_type}", *fields, "") + body


def multipart(source: random.Random, kind: str, *parts: bytes, boundary: str = "") -> bytes:
    """A multipart body's fields, empty line and body, for use as a message's tail or as a nested part."""
    boundary = boundary or f"=_{token(source)}"
    opening = f"--{boundary}\r\n".encode()
    body = b"".join(opening + each + b"\r\n" for each in parts) + f"--{boundary}--\r\n".encode()
    return join(f'Content-Type: multipart/{kind}; boundary="{boundary}"', "") + body


def mime(source: random.Random, tail: bytes) -> bytes:
    return header(source, "MIME-Version: 1.0") + tail


def text_part(source: random.Random) -> bytes:
    return part("text/plain; charset=utf-8", join(*prose(source, 2)))


def html_part(source: random.Random) -> bytes:
    return part(
        "text/html; charset=utf-8", join("<html><body>", *(f"<p>{line}</p>" for line in prose(source, 2)), "</body></html>")
    )


def alternative(source: random.Random) -> bytes:
    return mime(source, multipart(source, "alternative", text_part(source), html_part(source)))


def attachment(source: random.Random) -> bytes:
    csv = part(
        "text/csv; name=plan.csv", join("day,room", "Monday,4-231"), 'Content-Disposition: attachment; filename="plan.csv"'
    )
    return mime(source, multipart(source, "mixed", text_part(source), csv))


def image(source: random.Random) -> bytes:
    fields = (
        "Content-Transfer-Encoding: base64",
        "Content-Disposition: inline",
        f"Content-ID: <{token(source)}@campus.example>",
    )
    pixels = b"".join(b"\xc8" + source.randbytes(200) for _ in range(4))
    dot = b"GIF89a\1\0\1\0\0\0\0" + b",\0\0\0\0\1\0\1\0\0\2" + pixels + b"\0;"
    picture = part("image/gif; name=dot.gif", wrapped_base64(dot), *fields)
    return mime(source, multipart(source, "related", html_part(source), picture))


def parameter_names(source: random.Random) -> bytes:
    """File names in RFC 2231 continuations and charset form."""
    fields = (
        "Content-Disposition: attachment;",
        " filename*0*=utf-8''r%C3%A9sum%C3%A9%20of%20the;",
        ' filename*1=" meeting.txt"',
    )
    return mime(source, multipart(source, "mixed", text_part(source), part("text/plain", join(*prose(source, 1)), *fields)))


def nested(source: random.Random) -> bytes:
    inner = multipart(source, "alternative", text_part(source), html_part(source))
    for _ in range(source.randint(2, 8)):
        inner = multipart(source, "mixed", inner, text_part(source))
    return mime(source, inner)


def forwarded(source: random.Random) -> bytes:
    return mime(source, multipart(source, "mixed", text_part(source), part("message/rfc822", plain(source))))


def digest(source: random.Random) -> bytes:
    return mime(source, multipart(source, "digest", *(b"\r\n" + plain(source) for _ in range(3))))


def preamble(source: random.Random) -> bytes:
    whole = multipart(source, "mixed", text_part(source), text_part(source))
    fields, _, body = whole.partition(b"\r\n\r\n")
    return mime(
        source, fields + b"\r\n\r\n" + join("This is a message in MIME format.", "") + body + join("", *prose(source, 1))
    )


def odd_boundary(source: random.Random) -> bytes:
    return mime(source, multipart(source, "mixed", text_part(source), html_part(source), boundary="--'()+_,-./:=?--"))


def unclosed(source: random.Random) -> bytes:
    whole = multipart(source, "mixed", text_part(source), text_part(source), boundary="open")
    return mime(source, whole.removesuffix(b"--open--\r\n"))


def calendar(source: random.Random) -> bytes:
    event = join(
        "BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", f"SUMMARY:{sentence(source, 3)}", "END:VEVENT", "END:VCALENDAR"
    )
    return mime(
        source, multipart(source, "alternative", text_part(source), part("text/calendar; method=REQUEST; charset=utf-8", event))
    )


def delivery_report(source: random.Random) -> bytes:
    status = part(
        "message/delivery-status", join("Reporting-MTA: dns; mx.campus.example", "", "Action: delayed", "Status: 4.4.1")
    )
    return mime(source, multipart(source, "report; report-type=delivery-status", text_part(source), status))


MIME_SHAPES: dict[str, Shape] = {
    "alternative": alternative,
    "attachment": attachment,
    "inline-image": image,
    "rfc-2231-names": parameter_names,
    "nested": nested,
    "forwarded": forwarded,
    "digest": digest,
    "preamble-epilogue": preamble,
    "odd-boundary": odd_boundary,
    "unclosed": unclosed,
    "calendar": calendar,
    "delivery-report": delivery_report,
}
