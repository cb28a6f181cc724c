"""A DKIM and ARC verifier of the tests' own (RFC 6376 6, RFC 8463, RFC 8617 5.2), relaxed header and simple body only.

Takes a message and the published records by name; gives, for each DKIM-Signature from the top, whether it verifies, and what
the ARC chain is worth. It shares no code with what signs: its own header splitting and canonicalisation, and `cryptography`
for the arithmetic.
"""

from __future__ import annotations

import base64
import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa


def tags(text: str) -> dict[str, str]:
    """Tag list to values, all blanks removed."""
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    return {name.strip(): re.sub(r"\s", "", value) for name, _, value in pairs}


def fields(message: bytes) -> list[tuple[str, bytes]]:
    """Name in lower case and whole field, from the top."""
    head = message.partition(b"\r\n\r\n")[0] + b"\r\n"
    found = re.findall(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", head)
    return [(field.partition(b":")[0].decode("ascii").strip().lower(), field) for field in found]


def verdicts(message: bytes, records: dict[str, str]) -> list[bool]:
    every = fields(message)
    return [_verifies(field, every, message, records) for name, field in every if name == "dkim-signature"]


def _verifies(signature: bytes, every: list[tuple[str, bytes]], message: bytes, records: dict[str, str]) -> bool:
    told = tags(signature.decode("ascii").partition(":")[2])
    assert told["c"] == "relaxed/simple"
    assert "l" not in told
    body = re.sub(rb"(\r\n)*\Z", b"", message.partition(b"\r\n\r\n")[2]) + b"\r\n"
    if base64.b64encode(hashlib.sha256(body).digest()).decode() != told["bh"]:
        return False
    left = list(every)
    signed = b""
    for name in told["h"].lower().split(":"):
        for index in range(len(left) - 1, -1, -1):
            if left[index][0] == name:
                signed += _relaxed(left.pop(index)[1])
                break
    return _signs(signature, signed, told, records)


def chain(message: bytes, records: dict[str, str]) -> str:
    """The validation status of the ARC chain: "none", "pass" or "fail"."""
    every = fields(message)
    sets = [(_instance(field), PLACES.index(name), field) for name, field in every if name in PLACES]
    newest = len(sets) // len(PLACES)
    if not sets:
        return "none"
    if [each[:2] for each in sorted(sets)] != [(number, place) for number in range(1, newest + 1) for place in range(3)]:
        return "fail"
    in_order = [field for *_, field in sorted(sets)]
    holds = _verifies(in_order[-2], every, message, records)
    for end in range(3, len(in_order) + 1, 3):
        seal = in_order[end - 1]
        told = tags(seal.decode("ascii").partition(":")[2])
        assert "h" not in told
        below = b"".join(map(_relaxed, in_order[: end - 1]))
        holds = holds and told["cv"] == ("none" if end == 3 else "pass") and _signs(seal, below, told, records)
    return "pass" if holds else "fail"


PLACES = ("arc-authentication-results", "arc-message-signature", "arc-seal")


def _instance(field: bytes) -> int:
    return int(tags(field.decode("ascii").partition(":")[2])["i"])


def _signs(signature: bytes, above: bytes, told: dict[str, str], records: dict[str, str]) -> bool:
    """Whether this field signs what stands before it and itself."""
    signed = above + _relaxed(re.sub(rb"([;\s]b\s*=)[^;]*", rb"\1", signature)).removesuffix(b"\r\n")
    record = tags(records.get(f"{told['s']}._domainkey.{told['d']}", ""))
    return told["a"].startswith(record.get("k", "?")) and _holds(record, signed, base64.b64decode(told["b"]))


def _relaxed(field: bytes) -> bytes:
    name, _, value = field.partition(b":")
    return name.strip().lower() + b":" + re.sub(rb"[ \t\r\n]+", b" ", value).strip() + b"\r\n"


def _holds(record: dict[str, str], signed: bytes, signature: bytes) -> bool:
    published = base64.b64decode(record["p"])
    try:
        if record["k"] == "ed25519":
            ed25519.Ed25519PublicKey.from_public_bytes(published).verify(signature, hashlib.sha256(signed).digest())
        else:
            public = serialization.load_der_public_key(published)
            assert isinstance(public, rsa.RSAPublicKey)
            public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
