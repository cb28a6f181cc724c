"""Content-Transfer-Encoding undone the way a generous mail reader does (RFC 2045 section 6).

Takes body bytes and the encoding's word in lower case; gives the decoded bytes and a word of doubt when two readers
could read them differently. Padding in the middle ends a group, not the data. Never fails: what is not encoding
is skipped (base64) or kept (quoted-printable), and an unknown encoding gives the bytes as they are.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
_BLANK = b" \t\n\r\f\v"
_BASE64_OR_BLANK = _BASE64 + _BLANK
_BLANKS_IN_SOFT_BREAK = re.compile(rb"=[ \t]+(?=[\r\n]|\Z)")
_BARE_SOFT_BREAK = re.compile(rb"=\r(?!\n)")
_NO_QUOTED_PRINTABLE = re.compile(rb"=(?![0-9A-F]{2}|[ \t]*\r?\n)")
_NO_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*+(?:[\r\n]|\Z))")
_BROKEN_ESCAPE = re.compile(rb"=(?:[=\s]{0,4}+([0-9A-Fa-f])\s{0,2}+([0-9A-Fa-f])|[0-9A-Fa-f]?(?==))")
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\r\n")) + b"\x7f"
_STRANGE = 10  # one byte in so many may be none of text
_ESCAPE = re.compile(rb"=[0-9A-F]{2}")
_LEAST_ESCAPES = 3


@dataclass(frozen=True, slots=True)
class Decoded:
    """Decoded bytes; `doubt` is "" or one word of entity.AMBIGUITIES. `plain`: base64 that every decoder undoes alike."""

    data: bytes
    doubt: str = ""
    plain: bool = field(default=False, compare=False)


def decode(body: bytes, encoding: str) -> Decoded:
    """Undo one transfer encoding; `encoding` as a header gave it, lower case."""
    decoder = _DECODERS.get(encoding)
    return decoder(body) if decoder else Decoded(body, "encoding-unknown")


def readings(body: bytes, encoding: str, *, text: bool) -> tuple[Decoded, ...]:
    """The same for each way decoders go about it. For `text` in base64 that is none: from the second, third, fourth sign on."""
    first = decode(body, encoding)
    if encoding == "quoted-printable" and _NO_ESCAPE.search(body):
        return first, _quoted_printable(_BROKEN_ESCAPE.sub(_mended, body))
    if encoding == "base64" and text and first.data and not first.data.isascii() and not is_text(first.data):
        signs = body.translate(None, _NOT_BASE64).replace(b"=", b"")
        others = (group(signs[offset:]) for offset in range(1, 4))
        return first, *(Decoded(data, first.doubt) for data in others if is_text(data))
    return (first,)


def _mended(match: re.Match[bytes]) -> bytes:
    """An escape whose two signs stand apart joined; one that has lost them left out."""
    return b"=" + match[1] + match[2] if match[1] else b""


def is_text(data: bytes) -> bool:
    """Whether bytes are UTF-8 without control characters, but for a tenth of them."""
    kept = data.decode("utf-8", "ignore").encode().translate(None, _CONTROLS)
    return (len(data) - len(kept)) * _STRANGE <= len(data)


def undeclared(body: bytes) -> Decoded | None:
    """`body`, sent as it is, read as the quoted-printable text it plainly is; None when it is not. See dlp.mail.sweep too."""
    if body.count(b"=") < _LEAST_ESCAPES:
        return None
    escapes = _ESCAPE.finditer(body)
    if all(next(escapes, None) for _ in range(_LEAST_ESCAPES)) and not _NO_QUOTED_PRINTABLE.search(body):
        return _quoted_printable(body)
    return None


def is_known(encoding: str) -> bool:
    return encoding in _DECODERS


def is_identity(encoding: str) -> bool:
    """True when the encoded bytes are the decoded ones: only then do spans inside the body exist."""
    return _DECODERS.get(encoding) is _identity


def _identity(body: bytes) -> Decoded:
    return Decoded(body)


def _base64(body: bytes) -> Decoded:
    # deleting by a table of bytes takes a twentieth of an expression's time, and attachments are large
    padding = body[found:] if (found := body.find(b"=")) >= 0 else b""
    if padding.translate(None, _BLANK) in (b"", b"=", b"==") and not body.translate(None, _BASE64_OR_BLANK):
        with suppress(binascii.Error):  # it has a sign too few
            return Decoded(binascii.a2b_base64(body), plain=True)
    groups = [each for each in body.translate(None, _NOT_BASE64).split(b"=") if each]
    data = b"".join(map(group, groups))
    if len(groups) > 1:
        return Decoded(data, "base64-padding")
    if groups and len(groups[0]) % 4 == 1:
        return Decoded(data, "base64-length")
    return Decoded(data, "base64-junk" if body.translate(None, _BASE64_OR_BLANK) else "")


def group(signs: bytes) -> bytes:
    """What one run of base64 without padding says; a single left-over sign says nothing and is dropped."""
    whole = signs[:-1] if len(signs) % 4 == 1 else signs
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _quoted_printable(body: bytes) -> Decoded:
    joined = _BARE_SOFT_BREAK.sub(b"", _BLANKS_IN_SOFT_BREAK.sub(b"=", body))
    return Decoded(binascii.a2b_qp(joined))


_DECODERS: MappingProxyType[str, Callable[[bytes], Decoded]] = MappingProxyType(
    {
        "": _identity,
        "7bit": _identity,
        "8bit": _identity,
        "7-bit": _identity,  # as old programs write it
        "8-bit": _identity,
        "binary": _identity,
        "base64": _base64,
        "quoted-printable": _quoted_printable,
    }
)
