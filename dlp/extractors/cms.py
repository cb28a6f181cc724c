"""S/MIME and other CMS (RFC 5652, RFC 8551): what is signed or compressed is read, what is encrypted is said to be so.

Takes a Source, BER or PEM; gives the content as a file: mail when it begins with a MIME header, else what its bytes say (a
signed document, .p7m). A signature or certificates alone hold nothing to read. Signed again inside is read on, bounded.
"""

from __future__ import annotations

import binascii
import re
import zlib
from collections.abc import Iterator, Sequence

from dlp.extractors import ber
from dlp.extractors.ber import Ber, Element
from dlp.extractors.content import Budget, File, Piece, Source, Stop, Text, broken
from dlp.extractors.mail_kinds import is_mail
from dlp.extractors.runs import runs
from dlp.values import PartStatus

# how one begins: PEM, or a ContentInfo with a type of PKCS #7 or of S/MIME
STARTS = (
    rb"\s{0,1024}-----BEGIN (?:PKCS7|PKCS #7 SIGNED DATA|CMS)-----|\x30(?:\x80|[\x01-\x7f]|\x81.|\x82..|\x83.{3}|\x84.{4})"
    rb"\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07|\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01)"
)
_PEM = re.compile(rb"-----BEGIN (PKCS7|PKCS #7 SIGNED DATA|CMS)-----([^-]*+)-----END \1-----")
_PKCS7 = bytes.fromhex("2a864886f70d0107")
_SMIME = bytes.fromhex("2a864886f70d01091001")
_DATA, _SIGNED, _DIGESTED = _PKCS7 + b"\x01", _PKCS7 + b"\x02", _PKCS7 + b"\x05"
_COMPRESSED, _AUTHENTICATED = _SMIME + b"\x09", _SMIME + b"\x02"
_ENCRYPTED = frozenset({_PKCS7 + b"\x03", _PKCS7 + b"\x04", _PKCS7 + b"\x06", _SMIME + b"\x17"})
_HOLDING = frozenset({_SIGNED, _DIGESTED, _COMPRESSED, _AUTHENTICATED})
_MIME = re.compile(rb"\s{0,4}(?:content-|mime-version)[!-9;-~]{0,40}:", re.IGNORECASE)
_SIGNATURE_ENDINGS = (".p7m", ".p7s", ".p7", ".cms")
_STEP = 65_536


def cms(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in one CMS file."""
    blocks = [binascii.a2b_base64(body) for _, body in _PEM.findall(source.data)] or [source.data]
    name = next((each[: each.rindex(".")] for each in source.names if each.lower().endswith(_SIGNATURE_ENDINGS)), "")
    for data in blocks:
        file = Ber(data)
        try:
            whole = file.element(0, len(data))
            yield from _info(file, whole, budget, name)
        except (ValueError, IndexError, zlib.error):
            yield Text(runs(data), "characters")
            raise broken() from None
        if data[whole.after :].strip(b"\0\r\n"):
            yield Text(runs(data[whole.after :]), "characters")
            raise broken()


def _info(file: Ber, info: Element, budget: Budget, name: str, depth: int = 0) -> Iterator[Piece]:
    """A ContentInfo, or an EncapsulatedContentInfo: a type and, if it is there, the content under [0]."""
    if depth > budget.limits.nested:
        raise Stop(PartStatus.TRUNCATED, "nested")
    kind, *rest = file.children(info)
    oid = file.content(kind)
    if oid in _ENCRYPTED:
        raise Stop(PartStatus.ENCRYPTED, "encrypted")
    content = next((inner for outer in rest if outer.tag == ber.CONTEXT for inner in file.children(outer)), None)
    if content is None:
        if depth == 1:  # a signature of something else, or certificates
            yield Text(runs(file.data), "characters")
            return
        raise broken()
    if content.tag == ber.OCTETS:
        held = file.octets(content)
        if oid in _HOLDING:  # signed again without a ContentInfo of its own
            within = Ber(held, file.left)
            yield from _holding(within, within.element(0, len(held)), oid, budget, (name, depth))
        else:
            budget.take("expanded", len(held))
            yield _file(held, name)
    elif oid in _HOLDING:
        yield from _holding(file, content, oid, budget, (name, depth))
    else:
        yield _file(file.content(content), name)  # PKCS #7 1.5 allowed any type


def _holding(file: Ber, content: Element, oid: bytes, budget: Budget, at: tuple[str, int]) -> Iterator[Piece]:
    """Signed, digested, authenticated or compressed data."""
    name, depth = at
    inner = _encapsulated(file, list(file.children(content)))
    if oid != _COMPRESSED:
        yield from _info(file, inner, budget, name, depth + 1)
        return
    for piece in _info(file, inner, budget, name, depth + 1):
        yield _file(_unfolded(piece.data, budget), name) if isinstance(piece, File) else piece


def _encapsulated(file: Ber, fields: Sequence[Element]) -> Element:
    """The EncapsulatedContentInfo among the fields: the sequence whose type is one of content, else the third field."""
    for each in fields:
        kind = next(file.children(each), None) if each.tag == ber.SEQUENCE else None
        if kind is not None and file.content(kind).startswith((_PKCS7, _SMIME)):
            return each
    return fields[2]


def _unfolded(data: bytes, budget: Budget) -> bytes:
    """Zlib data (RFC 3274), bounded by what is left."""
    stream = zlib.decompressobj()
    out = bytearray()
    rest = data
    while rest and not stream.eof:
        step = stream.decompress(rest, _STEP)
        budget.take("expanded", len(step))
        out += step
        rest = stream.unconsumed_tail
    if not stream.eof:
        raise ValueError("cut short")
    return bytes(out)


def _file(held: bytes, name: str) -> File:
    if _MIME.match(held) or is_mail(Source(held)):
        return File(held, media_type="message/rfc822")
    return File(held, name)
