"""Escapes that stand for one byte or character each: those of URLs, scripts, JSON and markup.

Takes a run of them; gives what they say, with what stands between them. Never fails.
"""

from __future__ import annotations

import html
import re

_HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_HEX_ESCAPE = re.compile(rb"(?:[=%]|\\x|0x)([0-9A-Fa-f]{2})[ ,;]*|\\u(?:\{0*([0-9A-Fa-f]{2,6})\}|([0-9A-Fa-f]{4}))")
_REFERENCE = re.compile(rb"&(?:amp;)+")


def undone(run: bytes) -> bytes:
    """Undone; of JSON two halves of one character (RFC 8259 7) are put together."""
    return _HALF.sub(b"\xef\xbf\xbd", _HALVES.sub(_joined, _HEX_ESCAPE.sub(_escaped, run)))


def _joined(match: re.Match[bytes]) -> bytes:
    halves = match[0].decode("utf-8", "surrogatepass")
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le").encode()


def _escaped(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes.fromhex(match[1].decode())
    return chr(min(int(match[2] or match[3], 16), 0x10FFFF)).encode("utf-8", "surrogatepass")


def references(run: bytes) -> bytes:
    """References of markup, undone, be it that their sign is one itself."""
    return html.unescape(_REFERENCE.sub(b"&", run).decode("ascii", "replace")).encode("utf-8", "replace")
