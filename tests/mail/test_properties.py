"""What holds for every message, however broken: no failure, spans that nest, bombs that end."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.limits import Limits
from dlp.mail.entity import AMBIGUITIES
from dlp.mail.reading import read, read_small
from dlp.mail.split import split
from dlp.mail.wire import decode_texts, encode_texts
from dlp.values import PartStatus, Span

SEEDS = [path.read_bytes() for path in sorted((Path(__file__).parent / "cases").glob("*.eml"))]
SMALL = Limits(depth=4, parts=9, header_block=600, header=200, header_parameters=3, encoded_words=2, addresses=2, text=200)
PIECES = st.sampled_from(
    (
        *(
            b"--b\r\n",
            b"--b--\r\n",
            b"--c\n",
            b"--c--",
            b"\r\n",
            b"\n",
            b"\r",
            b"\0",
            b"x",
            b" ",
            b"\t;",
            b"=41=",
            b"QQ==",
            b"\xe4\xff",
        ),
        *(
            b"=?utf-8?Q?=41?=",
            b"Subject: s\r\n",
            b"From: (a <b@c>\r\n",
            b"<td>",
            b"<!--",
            b"From x\n",
            b"Content-Type: text/html\r\n",
        ),
        *(b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: multipart/digest; boundary=c\n"),
        *(b"Content-Type: message/rfc822\r\n\r\n", b"Content-Transfer-Encoding: base64\r\n"),
    )
)
MANY = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A seed mail with a few stretches cut, doubled or replaced."""
    raw = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(len(raw), start + 40)))
        raw[start:end] = draw(st.sampled_from([b"", bytes(raw[start:end]) * 2]) | st.binary(max_size=6) | PIECES)
    return bytes(raw)


def inside(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start <= inner.end <= outer.end


def check(raw: bytes, limits: Limits) -> None:
    whole = Span(0, len(raw))
    structure = split(raw, limits)
    containers: list[Span] = []
    for entity in structure.entities:
        assert inside(entity.header, whole)
        assert inside(entity.body, whole)
        assert entity.header.end <= entity.body.start
        while containers and not inside(entity.body, containers[-1]):
            containers.pop()
        assert containers or entity is structure.entities[0]
        assert not containers or inside(entity.header, containers[-1])
        if entity.container:
            containers.append(entity.body)
        assert set(entity.doubts) <= AMBIGUITIES
    leaves = [entity.section for entity in structure.entities if not entity.container]
    assert len(leaves) == len(set(leaves))
    texts = read(raw, limits)
    assert all(inside(one.span, whole) for one in texts.fields)
    assert all((part.status is PartStatus.READ) == (part.why == "") for part in texts.parts)
    assert {entity.section for entity in structure.entities if not entity.container} <= {part.section for part in texts.parts}
    assert read(memoryview(raw), limits) == texts
    assert decode_texts(encode_texts(texts), size=len(raw)) == texts
    assert read_small(raw, limits) in {None, texts}


@MANY
@given(st.binary(max_size=400), st.sampled_from([SMALL, Limits()]))
def test_any_bytes(raw: bytes, limits: Limits) -> None:
    check(raw, limits)


@MANY
@given(st.lists(PIECES, max_size=40).map(b"".join), st.sampled_from([SMALL, Limits()]))
def test_any_pieces(raw: bytes, limits: Limits) -> None:
    check(raw, limits)


@MANY
@given(mutated(), st.sampled_from([SMALL, Limits()]))
def test_mutated_mail(raw: bytes, limits: Limits) -> None:
    check(raw, limits)


TOP = b"From: a@a.example\r\n"
BOMBS = {
    "10,000 nested multiparts": (
        TOP + b"".join(b"Content-Type: multipart/mixed; boundary=b%06d\r\n\r\n--b%06d\r\n" % (n, n) for n in range(10_000)),
        "depth",
    ),
    "20,000 nested messages": (TOP + b"Content-Type: message/rfc822\r\n\r\n" * 20_000, "depth"),
    "16,000 parameters": (
        TOP + b"Content-Type: text/plain" + b"".join(b";\r\n a%d=b" % n for n in range(16_000)) + b"\r\n\r\nx",
        "header",
    ),
    "16,000 sections": (
        TOP + b"Content-Disposition: attachment" + b"".join(b";\r\n name*%d=b" % n for n in range(16_000)) + b"\r\n\r\nx",
        "header",
    ),
    "16,000 encoded words": (TOP + b"Subject: " + b"=?utf-8?Q?a?= " * 16_000 + b"\r\n\r\nx", "header"),
    "4,000 encoded words": (TOP + b"Subject: " + b"=?utf-8?Q?a?= " * 4_000 + b"\r\n\r\nx", "header"),
    "100,000 addresses": (TOP + b"To: " + b"a@a.example,\r\n " * 100_000 + b"\r\n\r\nx", "header"),
    "300,000 parts": (TOP + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\n\n\n" * 300_000, "parts"),
    "100,000 fields": (b"a:\n" * 100_000 + b"\nx", "header"),
    "one line of header": (b"a:" + b"x" * 5_000_000, "header"),
}
SLOW_TO_READ_ELSEWHERE = {
    "parentheses": TOP + b"Cc: " + b"(" * 60_000 + b"\r\n\r\nx",
    "quotes": TOP + b'Content-Type: text/plain; a="' + b'\\"' * 30_000 + b"\r\n\r\nx",
    "continuation lines": TOP + b"Subject: s\r\n" + b" \r\n" * 20_000 + b"\r\nx",
    "lines of dashes": TOP + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--\n" * 500_000,
    "padding": TOP + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QQ==" * 300_000,
    "blanks behind a soft break": TOP + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=  " * 500_000,
    "carriage returns": b"a:" + b"\r" * 2_000_000,
}


@pytest.mark.parametrize(("raw", "why"), BOMBS.values(), ids=BOMBS)
def test_bombs_end_truncated(raw: bytes, why: str) -> None:
    start = time.process_time()
    texts = read(raw, Limits())
    assert time.process_time() - start < 10  # quadratic would be minutes
    assert why in {part.why for part in texts.parts if part.status is PartStatus.TRUNCATED}


@pytest.mark.parametrize("raw", SLOW_TO_READ_ELSEWHERE.values(), ids=SLOW_TO_READ_ELSEWHERE)
def test_reading_takes_linear_time(raw: bytes) -> None:
    start = time.process_time()
    read(raw, Limits())
    assert time.process_time() - start < 10  # quadratic would be minutes
