"""Mail for the fidelity rig: every generated shape, and those that are harder on a relay.

Takes a number, gives one message, always the same, with its X-Serial on top; every tenth is signed by another domain, and
only the signature's second differs. The bytes have CRLF line ends and no dot-stuffing. Nothing here fails.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Mapping
from dataclasses import dataclass

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.generate.messages import SHAPES
from tests.generate.mime_shapes import attachment, mime, multipart, part, text_part
from tests.generate.text_shapes import plain
from tests.generate.wording import Shape, header, join, prose, wrapped_base64

SIGNED_FIELDS = [b"from", b"to", b"subject", b"date", b"message-id"]
UNSIGNABLE = frozenset({"odd-header", "header-only"})  # the signer refuses a space before the colon, and no body at all
CANONICAL = [(b"simple", b"simple"), (b"relaxed", b"simple"), (b"relaxed", b"relaxed"), (b"simple", b"relaxed")]


def with_nul(source: random.Random) -> bytes:
    return header(source) + b"\r\n" + join(*prose(source, 2), b"a\0b", b"\0", *prose(source, 1))


def every_byte(source: random.Random) -> bytes:
    """All 256 values but CR and LF, in lines of a size drawn anew."""
    values = bytes(value for value in range(256) if value not in b"\r\n") * 8
    width = source.randint(60, 2_000)
    return header(source) + b"\r\n" + join(*(values[at : at + width] for at in range(0, len(values), width)))


def megabytes(source: random.Random) -> bytes:
    """An attachment that no fast lane takes: there is a reader for it."""
    fields = ("Content-Transfer-Encoding: base64", 'Content-Disposition: attachment; filename="plan.bin"')
    data = wrapped_base64(gzip.compress(source.randbytes(source.randint(100_000, 2_000_000)), 1, mtime=0))
    whole = part("application/octet-stream; name=plan.bin", data, *fields)
    return mime(source, multipart(source, "mixed", text_part(source), whole))


def deep(source: random.Random) -> bytes:
    inner = plain(source)
    for _ in range(source.randint(3, 12)):
        inner = mime(source, multipart(source, "mixed", text_part(source), part("message/rfc822", inner)))
    return inner


HARD: Mapping[str, Shape] = {
    "nul": with_nul,
    "every-byte": every_byte,
    "deeply-nested": deep,
    "attachment-again": attachment,
}
RARE: Mapping[str, Shape] = {"megabytes": megabytes}  # one in two hundred
_EVERY = SHAPES | HARD


@dataclass(frozen=True, slots=True)
class Signer:
    """Another domain's key, and the record that would be in the DNS."""

    pem: bytes
    record: bytes

    @classmethod
    def make(cls) -> Signer:
        key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        forms = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, *forms)
        public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return cls(pem, b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1]))

    def signed(self, raw: bytes, number: int) -> bytes:
        canonical = CANONICAL[number // 10 % len(CANONICAL)]
        field = dkim.sign(raw, b"s1", b"list.example", self.pem, canonicalize=canonical, include_headers=SIGNED_FIELDS)
        return bytes(field) + raw


def message(number: int, signer: Signer) -> tuple[str, bytes]:
    """The shape's name and the bytes as they go over the wire, the last CRLF included."""
    source = random.Random(number)
    names = list(_EVERY)
    shape = next(iter(RARE)) if number % 200 == 199 else names[number % len(names)]
    raw = f"X-Serial: {number}\r\n".encode() + (_EVERY | RARE)[shape](source)
    raw = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
    return shape, signer.signed(raw, number) if number % 10 == 0 and shape not in UNSIGNABLE else raw
