"""What one leaf part is to a reader: text, markup, a signature, encrypted, or nothing we read yet.

Takes a part's declared type and its decoded bytes; gives a status with its word, and the texts that can be read of it. The
declared type is believed only where the bytes agree: a text type over a document's bytes is not read, a signature that
is none neither. Never fails; broken content is a status.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from dlp.mail import charset, html
from dlp.mail.entity import Description
from dlp.mail.fold import fold
from dlp.mail.rendering import renderings
from dlp.values import PartStatus

Sniff = Callable[[bytes], str]

HTML = frozenset({"text/html", "application/xhtml+xml"})
_RTF = frozenset({"text/rtf", "application/rtf"})
_MESSAGE_TEXT = frozenset({"message/delivery-status", "message/disposition-notification", "message/feedback-report"})
_SIGNED = frozenset({"signed-data", "certs-only", "compressed-data"})  # not encrypted, and not read yet
_ENCRYPTED_CONTAINER = "multipart/encrypted"
_SNIFFED_TEXT = frozenset(
    {"application/csv", "application/json", "application/javascript", "application/xml", "application/x-ndjson"}
)
_SIGNATURE_SIZE = 65_536
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})  # SVG is text
_SMALL_IMAGE = 65_536  # bytes: a logo, hardly a page of text
_DER_SEQUENCE = b"\x30"
# a CMS ContentInfo of type signed-data whose encapsulated content is plain "data" without octets (RFC 8551 3.5.3)
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_DETACHED = (bytes.fromhex("300b06092a864886f70d010701"), bytes.fromhex("308006092a864886f70d0107010000"))
_PGP_MESSAGE = re.compile(r"^-----BEGIN PGP MESSAGE-----[ \t]*$", re.MULTILINE)
_PGP_ARMOUR = re.compile(rb"\s*-----BEGIN PGP SIGNATURE-----")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
# fmt: off
_MAGIC = (
    b"%PDF-", b"PK\x03\x04", b"PK\x05\x06", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0", b"Rar!\x1a",
    b"7z\xbc\xaf", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ", b"{\\rtf", b"\x78\x9f\x3e\x22", b"II*\x00", b"MM\x00*",
    b"\x7fELF", b"MZ\x90\x00",
)
# fmt: on
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1b\x0e\x0f\x00"))


@dataclass(frozen=True, slots=True)
class Reading:
    """`texts` and `markup` (attributes, comments) are folded. `why` is "" when READ; `doubt` a word of AMBIGUITIES or ""."""

    status: PartStatus
    why: str = ""
    texts: tuple[str, ...] = ()
    markup: tuple[str, ...] = ()
    doubt: str = ""


_Reader = Callable[[bytes, Description], Reading]


def is_text(media_type: str) -> bool:
    """True for the types whose bytes are characters for a reader."""
    return media_type.startswith("text/") or media_type in HTML or media_type in _MESSAGE_TEXT


def needs_sniff(declared: Description, parent: str) -> bool:
    """True when only the bytes can say whether there is anything to read."""
    return not is_text(declared.media_type) and declared.media_type not in _READERS and parent != _ENCRYPTED_CONTAINER


def read_leaf(data: bytes, declared: Description, parent: str, sniff: Sniff | None) -> Reading:
    """Read one part's decoded bytes; `parent` is the media type of the multipart it stands in."""
    if parent == _ENCRYPTED_CONTAINER:
        return Reading(PartStatus.ENCRYPTED, "encrypted", _text(data, declared).texts if is_text(declared.media_type) else ())
    if is_text(declared.media_type):
        return _text(data, declared)
    reader = _READERS.get(declared.media_type)
    if reader:
        return reader(data, declared)
    return _sniffed(data, declared, sniff) if data else Reading(PartStatus.READ)


def _sniffed(data: bytes, declared: Description, sniff: Sniff | None) -> Reading:
    """A type we do not read, unless its bytes are plainly text. Mail inside it may hold more than its text shows."""
    found = sniff(data) if sniff else ""
    if found == "message/rfc822":
        return Reading(PartStatus.UNSUPPORTED, "unsupported", _text(data, declared).texts)
    if (found in HTML or found.startswith("text/") or found in _SNIFFED_TEXT) and found not in _RTF:
        return _text(data, declared, html_like=found in HTML)
    shown = found in _PICTURES and declared.has_id and declared.disposition != "attachment"
    return Reading(PartStatus.UNSUPPORTED, "inline-image" if shown and len(data) <= _SMALL_IMAGE else "unsupported")


def _text(data: bytes, declared: Description, *, html_like: bool = False) -> Reading:
    html_like = html_like or declared.media_type in HTML
    texts: list[str] = []
    markup: list[str] = []
    for decoded in charset.readings(data, declared.charset or (_meta_charset(data) if html_like else "")):
        page = html.read(decoded) if html_like else html.Html(decoded, "")
        texts.append(page.visible)
        markup.append(page.source)
        if not html_like:
            texts += renderings(decoded, declared.media_type, declared.filenames)
    folded, aside = fold_all(texts), fold_all(markup)
    if declared.media_type in _RTF or (not charset.is_wide(data, declared.charset) and _is_binary(data)):
        return Reading(PartStatus.UNSUPPORTED, "unsupported", folded, aside, "type-mismatch")
    if any(_PGP_MESSAGE.search(text) for text in folded):
        return Reading(PartStatus.ENCRYPTED, "encrypted", folded, aside)
    return Reading(PartStatus.READ, "", folded, aside)


def _partial(data: bytes, declared: Description) -> Reading:
    return Reading(PartStatus.AMBIGUOUS, "ambiguous", fold_all(charset.readings(data, declared.charset)), doubt="partial")


def _external(data: bytes, declared: Description) -> Reading:
    return Reading(PartStatus.AMBIGUOUS, "ambiguous", fold_all(charset.readings(data, declared.charset)), doubt="external-body")


def _encrypted(_data: bytes, _declared: Description) -> Reading:
    return Reading(PartStatus.ENCRYPTED, "encrypted")


def _smime(_data: bytes, declared: Description) -> Reading:
    signed = declared.smime_type in _SIGNED
    return Reading(PartStatus.UNSUPPORTED, "unsupported") if signed else Reading(PartStatus.ENCRYPTED, "encrypted")


def _smime_signature(data: bytes, _declared: Description) -> Reading:
    """CMS signed-data without content is read; anything else under this name could carry any file."""
    small = len(data) <= _SIGNATURE_SIZE and data.startswith(_DER_SEQUENCE)
    detached = small and _SIGNED_DATA in data[:32] and any(mark in data[:256] for mark in _DETACHED)
    return Reading(PartStatus.READ) if detached else Reading(PartStatus.UNSUPPORTED, "unsupported")


def _pgp_signature(data: bytes, declared: Description) -> Reading:
    armoured = len(data) <= _SIGNATURE_SIZE and _PGP_ARMOUR.match(data)
    return _text(data, declared) if armoured else Reading(PartStatus.UNSUPPORTED, "unsupported")


_READERS: MappingProxyType[str, _Reader] = MappingProxyType(
    {
        "message/partial": _partial,
        "message/external-body": _external,
        "application/pgp-encrypted": _encrypted,
        "application/pgp-signature": _pgp_signature,
        "application/pkcs7-mime": _smime,
        "application/x-pkcs7-mime": _smime,
        "application/pkcs7-signature": _smime_signature,
        "application/x-pkcs7-signature": _smime_signature,
    }
)


def fold_all(texts: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Different non-blank texts, folded."""
    return tuple(dict.fromkeys(folded for text in texts if (folded := fold(text)).strip()))


def _meta_charset(data: bytes) -> str:
    match = _META_CHARSET.search(data, 0, 1024)
    return match[1].decode("ascii") if match else ""


def _is_binary(data: bytes) -> bool:
    """A known signature at the start, or more control characters than a text has."""
    head = data[:65_536]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_MAGIC) or controls * 50 > len(head) + 200
