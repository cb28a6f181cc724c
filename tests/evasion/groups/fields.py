"""E001 to E027: fields and structure that two readers take differently."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import partial
from itertools import product

from tests.evasion.planted import CAUGHT, EITHER, HEAD, SENTENCE, Case, Entity

PLAIN = SENTENCE.encode()
B64 = base64.encodebytes(PLAIN).replace(b"\n", b"\r\n")
QP = b"".join(b"=%02X" % sign for sign in PLAIN)
LIE = b"This page is left blank.\r\n"
CT = b"Content-Type: text/plain; charset=us-ascii\r\n"
CTE = b"Content-Transfer-Encoding: "


def entity(fields: bytes, body: bytes = B64) -> Entity:
    return Entity(fields, body)


def cte(*values: bytes, body: bytes = B64) -> Entity:
    """A text part with these Content-Transfer-Encoding fields."""
    return Entity(CT + b"".join(CTE + value + b"\r\n" for value in values), body)


def multipart(boundary: bytes, *parts: bytes, parameter: bytes | None = None, subtype: bytes = b"mixed") -> Entity:
    """A multipart whose parts are delimited by `boundary`, while `parameter` is what its Content-Type says."""
    said = b'boundary="' + boundary + b'"' if parameter is None else parameter
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"
    return Entity(b"Content-Type: multipart/" + subtype + b"; " + said + b"\r\n", body)


TRUE_PART = CT + CTE + b"base64\r\n\r\n" + B64
CLEAN_PART = CT + b"\r\n" + LIE


def _cases() -> Iterator[tuple[str, str, str, Entity | bytes]]:
    yield "E001-01", "two encodings, the true one first", CAUGHT, cte(b"base64", b"7bit")
    yield "E001-02", "the same with quoted-printable", CAUGHT, cte(b"quoted-printable", b"8bit", body=QP)
    yield "E002-01", "two encodings, the true one last", CAUGHT, cte(b"7bit", b"base64")
    yield "E002-02", "the same with quoted-printable", CAUGHT, cte(b"base64", b"quoted-printable", body=QP)
    yield "E003-01", "three encodings, true, true, false", CAUGHT, cte(b"base64", b"base64", b"7bit")
    yield "E003-02", "three encodings, false, true, true", CAUGHT, cte(b"7bit", b"base64", b"base64")
    yield "E004-01", "unknown encoding, then the true one", CAUGHT, cte(b"x-none", b"base64")
    yield "E004-02", "the true encoding, then an unknown one", CAUGHT, cte(b"base64", b"x-none")
    for number, value in enumerate((b"7bit, base64", b"base64, 7bit", b"7bit base64", b'"7bit" "base64"', b'"base64,7bit"'), 1):
        yield f"E005-{number:02}", "one field with two encodings", CAUGHT, cte(value)
    spellings = (
        b'"base64"', b"base64 (really)", b"(x) base64", b"base64;", b"base-64", b"x-base64", b"base645", b"bAsE64", b"base 64",
        b"ba\tse64", b"'base64'", b"base64.", b"BASE64;x=y", b"quoted-printable;", b"x-quoted-printable", b"quotedprintable",
    )  # fmt: skip
    for number, value in enumerate(spellings, 1):
        body = QP if b"quoted" in value else B64
        yield f"E006-{number:02}", f"encoding spelt {value!r}", EITHER, cte(value, body=body)
    names = (
        b"Content-Transfer-Encoding : ",
        b"Content-Transfer-Encoding\t: ",
        b"\0Content-Transfer-Encoding: ",
        b"Content-Transfer-Encoding\0: ",
    )
    for number, value in enumerate((b"\0base64", b"base\x0064", b"base64\0"), 1):
        yield f"E007-{number:02}", "NUL in the encoding", EITHER, cte(value)
    for number, name in enumerate(names, 4):
        yield f"E007-{number:02}", "NUL or blank around the field name", EITHER, entity(CT + name + b"base64\r\n")
    folds = (
        b"\r\n base64",
        b"\r\n\tbase64",
        b"base64\t",
        b"base64 \r\n ",
        b"(c)\r\n base64",
        b"\r\n (a\r\n b) base64",
        b"base64\r\n (c)",
    )
    for number, value in enumerate(folds, 1):
        yield f"E008-{number:02}", "encoding folded as the standard allows", CAUGHT, cte(value)
    words = (b"=?us-ascii?Q?base64?=", b"=?utf-8?B?YmFzZTY0?=", b"base=?us-ascii?Q?64?=")
    for number, value in enumerate(words, 1):
        yield f"E009-{number:02}", "encoded word as the encoding", EITHER, cte(value)
    for number, parameter in enumerate((b'boundary="=?us-ascii?Q?bound?="', b"boundary==?utf-8?B?Ym91bmQ=?="), 4):
        yield f"E009-{number:02}", "encoded word as the boundary", EITHER, multipart(b"bound", TRUE_PART, parameter=parameter)
    mixed = b'Content-Type: multipart/mixed; boundary="b"\r\n'
    stream = b"Content-Type: application/octet-stream\r\n"
    body = b"--b\r\n" + TRUE_PART + b"\r\n--b--\r\n"
    yield "E010-01", "two types, multipart first", CAUGHT, Entity(mixed + stream, body)
    yield "E010-02", "two types, multipart last", CAUGHT, Entity(stream + mixed, body)
    yield "E010-03", "text first, multipart last", CAUGHT, Entity(CT + mixed, body)
    two = b"Content-Type: multipart/mixed; boundary=a; boundary=b\r\n"
    part_a, part_b = b"--a\r\n" + CLEAN_PART + b"--a--\r\n", b"--b\r\n" + TRUE_PART + b"--b--\r\n"
    yield "E011-01", "two boundaries, both used", CAUGHT, Entity(two, part_a + part_b)
    yield "E011-02", "two boundaries, the first used", CAUGHT, Entity(two, part_b.replace(b"--b", b"--a"))
    yield "E011-03", "two boundaries, the second used", CAUGHT, Entity(two, part_b)
    sections = (
        b"boundary*0=bo; boundary*1=und", b"boundary*1=und; boundary*0=bo", b"boundary*0*=us-ascii''bo; boundary*1*=%75nd",
        b"boundary*=us-ascii''b%6Fund", b"boundary*0=bo; boundary*0=xx; boundary*1=und", b"boundary=other; boundary*0=bound",
    )  # fmt: skip
    for number, parameter in enumerate(sections, 1):
        yield f"E012-{number:02}", "boundary in RFC 2231 sections", EITHER, multipart(b"bound", TRUE_PART, parameter=parameter)
    odd = (
        b'boundary=" bound"', b'boundary="bound "', b'boundary="bo\0und"', b"boundary=bo,und", b"boundary=bo;und",
        b'boundary="bound', b"boundary=bound (comment)", b'boundary=""', b"", b"boundary", b"boundary=bound;;",
        b"boundary = bound", b"boundary='bound'",
    )  # fmt: skip
    for number, parameter in enumerate(odd, 1):
        used = b"bo,und" if b"bo,und" in parameter else b"bo;und" if b"bo;und" in parameter else b"bound"
        yield f"E013-{number:02}", f"boundary written {parameter!r}", EITHER, multipart(used, TRUE_PART, parameter=parameter)
    yield (
        "E014-01",
        "outer boundary begins with the inner one",
        EITHER,
        multipart(b"bb", bytes(multipart(b"b", TRUE_PART)), CLEAN_PART),
    )
    yield (
        "E014-02",
        "inner boundary begins with the outer one",
        EITHER,
        multipart(b"b", bytes(multipart(b"bb", TRUE_PART)), CLEAN_PART),
    )
    yield "E015-01", "inner and outer boundary are equal", CAUGHT, multipart(b"b", bytes(multipart(b"b", TRUE_PART)))
    inner = b"Content-Type: multipart/mixed\r\n\r\n--i\r\n" + TRUE_PART + b"\r\n--i--\r\n"
    yield "E015-02", "the inner multipart names no boundary", CAUGHT, multipart(b"b", inner)
    inner = b"Content-Type: multipart/mixed\r\n\r\n--b\r\n" + TRUE_PART + b"\r\n--b--\r\n"
    yield "E015-03", "the inner one uses the outer boundary", CAUGHT, multipart(b"b", inner)
    inner = b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--b\r\n" + TRUE_PART + b"\r\n--i--\r\n"
    yield "E015-04", "the inner one declares one and uses the outer", CAUGHT, multipart(b"b", inner)
    yield from _around()


def _around() -> Iterator[tuple[str, str, str, Entity | bytes]]:
    mixed = b"Content-Type: multipart/mixed; boundary=b\r\n"
    tail = b"--b\r\n" + CLEAN_PART + b"--b--\r\n"
    for number, payload in enumerate((PLAIN + b"\r\n", B64, TRUE_PART), 1):
        yield f"E016-{number:02}", "payload in the preamble", CAUGHT, Entity(mixed, payload + b"\r\n" + tail)
        yield f"E017-{number:02}", "payload in the epilogue", CAUGHT, Entity(mixed, tail + payload)
    hidden = b"--b\r\n" + TRUE_PART + b"\r\n"
    ends = (b"--b\r\n", b"--b-\r\n", b"--b-- \t\r\n", b"--b--garbage\r\n", b"", b"--b --\r\n")
    for number, end in enumerate(ends, 1):
        yield f"E018-{number:02}", f"closed by {end!r}", CAUGHT, Entity(mixed, hidden + end)
    yield "E018-07", "reopened after the closing delimiter", CAUGHT, Entity(mixed, tail + hidden + b"--b--\r\n")
    yield (
        "E018-08",
        "delimiter followed by blanks",
        CAUGHT,
        Entity(mixed, hidden.replace(b"--b\r\n", b"--b  \t\r\n") + b"--b--\r\n"),
    )
    yield (
        "E018-09",
        "delimiter followed by a word",
        CAUGHT,
        Entity(mixed, hidden.replace(b"--b\r\n", b"--b x\r\n") + b"--b--\r\n"),
    )
    yield "E018-10", "leading blank before the delimiter", CAUGHT, Entity(mixed, b" " + hidden + b"--b--\r\n")
    yield "E019-01", "no blank line before the body", EITHER, HEAD + b"MIME-Version: 1.0\r\n" + CT + CTE + b"base64\r\n" + B64
    yield "E019-02", "header goes on after the blank line", EITHER, Entity(CT, CTE + b"base64\r\n\r\n" + B64)
    yield "E019-03", "a line that is no field in the header", EITHER, Entity(CT + b"not a field\r\n" + CTE + b"base64\r\n", B64)
    yield "E019-04", "body that begins like a header", EITHER, Entity(CT, b"X-Note: none\r\n\r\n" + PLAIN)
    ends = {"CR": b"\r", "LF": b"\n", "CRCRLF": b"\r\r\n", "CRLFCR": b"\r\n\r", "blank": b" \r\n", "LFCR": b"\n\r"}
    places = ("fields", "blank line", "delimiters", "everywhere")
    for number, (name, place) in enumerate(product(ends, places), 1):
        yield f"E020-{number:02}", f"{name} at the end of {place}", EITHER, _ended(ends[name], place)
    version = HEAD + b"Subject: s\r\n%b" + mixed + b"\r\n" + hidden + b"--b--\r\n"
    for number, said in enumerate((b"", b"MIME-Version: 2.0\r\n", b"MIME-Version: none\r\n", b"Mime-version: 1.0 (x)\r\n"), 1):
        yield f"E021-{number:02}", "MIME-Version absent or wrong", CAUGHT, version % said
    kinds = (b"multipart/unknown", b"MultiPart/MIXED", b"text/plain", b"multipart/", b"multipart", b"Multipart/x-mixed-replace")
    for number, kind in enumerate(kinds, 1):
        yield (
            f"E022-{number:02}",
            f"container called {kind!r}",
            CAUGHT,
            Entity(b"Content-Type: %b; boundary=b\r\n" % kind, hidden + b"--b--\r\n"),
        )
    inner = b"Subject: s\r\n" + TRUE_PART
    for number, kind in enumerate((b"message/rfc822", b"message/global"), 1):
        encoded = base64.encodebytes(inner).replace(b"\n", b"\r\n")
        yield (
            f"E023-{number:02}",
            "attached message in base64",
            EITHER,
            Entity(b"Content-Type: %b\r\n" % kind + CTE + b"base64\r\n", encoded),
        )
        quoted = b"".join(b"=%02X" % sign for sign in inner)
        yield (
            f"E023-{number + 2:02}",
            "attached message quoted-printable",
            EITHER,
            Entity(b"Content-Type: %b\r\n" % kind + CTE + b"quoted-printable\r\n", quoted),
        )
    encoded = base64.encodebytes(hidden + b"--b--\r\n").replace(b"\n", b"\r\n")
    yield "E024-01", "multipart in base64", EITHER, Entity(mixed + CTE + b"base64\r\n", encoded)
    for number, bad in enumerate((b"x:y=1", b"n\xe4me=1", b"=", b'x="', b"a b c", b"x=y z"), 1):
        kind = b"Content-Type: multipart/mixed; " + bad + b"; boundary=b\r\n"
        yield f"E025-{number:02}", f"parameter {bad!r} before the boundary", EITHER, Entity(kind, hidden + b"--b--\r\n")
    whole = HEAD + b"MIME-Version: 1.0\r\n" + mixed + b"\r\n" + hidden + b"--b--\r\n"
    for number, before in enumerate(
        (b"From a.lind@campus.example Mon Oct  5 10:00:00 2026\r\n", b"\r\n", b" ", b"\t\r\n", b">From x\r\n"), 1
    ):
        yield f"E026-{number:02}", f"{before[:6]!r} before the first field", EITHER, before + whole
    yield "E027-01", "field names with 8-bit bytes", EITHER, Entity(b"X-\xc3\xa4: y\r\n" + CT + CTE + b"base64\r\n", B64)
    yield (
        "E027-02",
        "2,000 fields before the type",
        EITHER,
        Entity(b"".join(b"X-%d: y\r\n" % n for n in range(2000)) + CT + CTE + b"base64\r\n", B64),
    )
    yield "E027-03", "empty continuation lines", EITHER, Entity(CT + CTE + b"\r\n \r\n base64\r\n", B64)


def _ended(end: bytes, place: str) -> bytes:
    """A whole message with one strange line end between fields, as the blank line, around delimiters, or everywhere."""
    fields, blank, lines = (
        end if place in (each, "everywhere") else b"\r\n" for each in ("fields", "blank line", "delimiters")
    )
    part = lines.join(
        (b"--b", b"Content-Type: text/plain", b"Content-Transfer-Encoding: base64", b"", base64.b64encode(PLAIN), b"--b--", b"")
    )
    head = HEAD.replace(b"\r\n\t", b" ").rstrip().split(b"\r\n")
    return fields.join((*head, b"MIME-Version: 1.0", b"Content-Type: multipart/mixed; boundary=b")) + fields + blank + part


def cases() -> Iterator[Case]:
    """Every case of this group."""
    for number, title, expects, built in _cases():
        yield Case(number, title, expects, partial(_same, built))


def _same(built: Entity | bytes) -> Entity | bytes:
    return built
