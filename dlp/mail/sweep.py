"""Encoded payloads inside text, undone wherever they stand: nobody declared them, and a reader can undo them by hand.

Takes a text's bytes; gives the lines in which something was encoded, decoded in place and with some of what stands around
it, and the files that were encoded. Base64 at every offset (RFC 4648 4 and 5), base32 and hex (RFC 4648 6 and 8), uuencode
(POSIX, with and without its frame), quoted-printable, yEnc, BinHex 4 (RFC 1741), ascii85, armour, and the escapes of URLs,
JSON and markup; twice, for one in the other. One linear pass says whether there is anything to do; never fails.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import re2

from dlp.mail import armours, escapes, odd_numbers, transfer
from dlp.mail.transfer import is_text

_DEPTH = 2  # encodings one within the other
_MOST = 20_000  # payloads of one text that are looked at
_AROUND = 80  # bytes on either side that are given with a payload
_LEAST = 6  # bytes a payload has
_SHORTEST_RUN = 12  # signs of base64: nine bytes
_CANARY = b""  # hits every text
_INFLATED = 1 << 20  # bytes of a zlib stream
_SET_MEMORY = 64 << 20
# fmt: off
FILES = (
    b"%PDF-", b"PK\x03\x04", b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"\xd0\xcf\x11\xe0\xa1\xb1",
    b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\x00", b"{\\rtf", b"\x78\x9f\x3e\x22",
    b"II*\x00", b"MM\x00*", b"MZ\0", b"MZ\x90\0", b"OTTO\0", b"wOFF", b"wOF2", b"Salted__", b"age-encryption.org/",
)
# fmt: on
_BEFORE_ZIP = 64  # bytes, of what Excel puts before the ZIP of a query
_LEAST_DEFLATED = 24  # bytes: fewer are a text by chance
_LEAST_DUMPED = 256  # bytes of a file; fewer are what somebody shows of one
_TAR = slice(257, 262)
_TRUE_TYPE = re.compile(rb"\0\x01\0\0\0[\x04-\x40].{200}", re.DOTALL)  # columns of bits in a text begin so too
_STRUCTURED = re.compile(rb"\s{0,80}(?:<[!/?A-Za-z][^>]{0,2000}>|[\[{]\s{0,80}[\"{\[])")  # markup, JSON
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_NOT_HEX = bytes(set(range(256)) - set(b"0123456789abcdefABCDEF"))
_ASCII85 = bytes(range(b"!"[0], b"u"[0] + 1)) + b"z \t\n\r\v"
_BASE85 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_PIECES = re.compile(rb"""["']\s*[+,]\s*["']""")  # of one string in a script
_MARKED = re.compile(rb"<[^<>]*+>")


@dataclass(frozen=True, slots=True)
class Swept:
    """`text` holds the lines around what was decoded, b"" when nothing was; `files` are payloads that are a file.

    `unread`: something is encoded without doubt, and could not be undone.
    """

    text: bytes = b""
    files: tuple[bytes, ...] = ()
    unread: bool = False


def sweep(data: bytes, *, markup: bool = False) -> Swept:
    """What is encoded in `data`. Of `markup` the escapes that its reader undoes are left alone, and tags are left out."""
    source = data.replace(b"\0", b"") if b"\0" in data else data
    source = _PIECES.sub(b"", source) if markup and b"script" in source else source
    shown: list[bytes] = []
    files: list[bytes] = []
    unread = False
    for depth in range(_DEPTH):
        both = _payloads(source, markup=markup and not depth)
        found = [(start, end, payload) for start, end, payload in both if payload is not None]
        unread = unread or len(found) < len(both)
        if not found:
            break
        files += [payload for _, _, payload in found if _is_file(payload)]
        source = _windows(source, [each for each in found if not _is_file(each[2])], markup=markup and not depth)
        shown.append(source)
    else:
        if any(payload is not None for _, _, payload in _payloads(source, markup=False)):
            files.append(source)  # more than one in the other: to be opened, and looked at again
    return Swept(b"\n".join(filter(None, reversed(shown))), tuple(dict.fromkeys(files)), unread)


_Payload = tuple[int, int, bytes | None]  # from, to, and what stands there decoded, None: it could not be
_Undo = Callable[[bytes], bytes | None]  # b"": it was no payload


def _payloads(data: bytes, *, markup: bool) -> list[_Payload]:
    """Each encoded run that says something, in order; of two that overlap the first kind in the table, then the longer."""
    kinds = _SWEEP.kinds(data, markup=markup)
    found = [each for kind in kinds for each in islice(_undone(kind, data), _MOST)]
    taken: list[_Payload] = []
    for each in sorted(found, key=lambda one: (one[0], -one[1])):
        if not taken or each[0] >= taken[-1][1]:
            taken.append(each)
    return taken


def _undone(kind: _Kind, data: bytes) -> Iterator[_Payload]:
    for match in kind.finder.finditer(data):
        payload = kind.undo(match.group())
        if payload or payload is None:
            yield match.start(), match.end(), payload


def _windows(data: bytes, payloads: list[tuple[int, int, bytes]], *, markup: bool) -> bytes:
    """The payloads in the words around them, one window a line."""
    out: list[bytes] = []
    at = -1
    for start, end, payload in payloads:
        if start - at > 2 * _AROUND or at < 0:
            if at >= 0:
                out += [_plain(data[at : at + _AROUND], markup=markup), b"\n"]
            before = data[max(0, start - _AROUND) : start]
        else:
            before = data[at:start]
        out += [_plain(before, markup=markup), payload]
        at = end
    if at >= 0:
        out.append(_plain(data[at : at + _AROUND], markup=markup))
    return b"".join(out)


def _plain(piece: bytes, *, markup: bool) -> bytes:
    return _MARKED.sub(b" ", piece) if markup else piece


def _is_file(data: bytes) -> bool:
    """It is one by its first bytes, or text whose tags or escapes a program would undo."""
    marked = data.startswith(FILES) or data[_TAR] == b"ustar" or _TRUE_TYPE.match(data) or isinstance(data, armours.Block)
    return bool(marked or (_STRUCTURED.match(data) and is_text(data)))


def _saying(data: bytes) -> bytes:
    """`data` when it is a file or, but for a tenth of its signs, text; else nothing."""
    if len(data) < _LEAST:
        return b""
    if _is_file(data):
        return data
    if data.startswith(_WIDE_MARKS):
        text = data.decode("utf-16", "replace")
        return text.encode("utf-8", "replace") if is_text(text.encode("ascii", "ignore")) else b""
    if is_text(data):
        return data
    wide = data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "ignore").encode("ascii", "ignore")
    return wide if len(wide) * 2 >= len(data) - 1 and is_text(wide) else b""


def _base64(run: bytes) -> bytes | None:
    """At the offset that gives text; the signs before it are skipped."""
    if len(run) < _SHORTEST_RUN:
        return b""
    signs = run.translate(_URL_SAFE).translate(None, _NOT_BASE64)
    for offset in range(4):
        data = transfer.group(signs[offset:])
        zipped = data.find(FILES[1], 1, _BEFORE_ZIP)
        said = (
            data[zipped:] if zipped > 0 else _inflated(data) if data.startswith(b"\x78") else _saying(data) or _deflated(data)
        )
        if said or said is None:
            return said
    return b""


def _inflated(data: bytes) -> bytes | None:
    """A zlib stream (RFC 1950) of text."""
    stream = zlib.decompressobj()
    try:
        said = _saying(stream.decompress(data, _INFLATED))
    except zlib.error:
        return _saying(data)
    return None if stream.unconsumed_tail else said


def _deflated(data: bytes) -> bytes | None:
    """The same without its frame (RFC 1951), which only a whole one proves: of it nothing may be left."""
    if len(data) < _LEAST_DEFLATED or data[0] & 6 == 6:  # no block is of the fourth type
        return b""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        text = stream.decompress(data, _INFLATED)
    except zlib.error:
        return b""
    if stream.unconsumed_tail:
        return None if is_text(text) else b""
    return _saying(text) if stream.eof and not stream.unused_data else b""


def _base32(run: bytes) -> bytes:
    signs = run.rstrip(b"=")
    signs = signs[: len(signs) - len(signs) % 8 + {2: 2, 3: 2, 4: 4, 5: 5, 6: 5, 7: 7}.get(len(signs) % 8, 0)]
    try:
        return _saying(base64.b32decode(signs + b"=" * (-len(signs) % 8)))
    except binascii.Error:
        return b""


def _hex(run: bytes) -> bytes:
    digits = run.translate(None, _NOT_HEX)
    data = bytes.fromhex(digits[: len(digits) & ~1].decode())
    return _saying(data) or _saying(data[1:])  # the run may begin in the word before it


def _uuencoded(block: bytes) -> bytes:
    """Lines of uuencode; what comes before and after them is skipped."""
    out = []
    for line in block.splitlines():
        try:
            out.append(binascii.a2b_uu(line) if not line.startswith((b"begin ", b"end")) else b"")
        except binascii.Error:
            out.append(b"")
    return _saying(b"".join(out))


def _quoted(block: bytes) -> bytes:
    return _uuencoded(armours.bare(block))


def _dump(run: bytes) -> bytes:
    data = armours.dump(run)
    said = _dumped(data)
    return said + b"\n" + armours.swapped(data) if said and not _is_file(said) else said or _dumped(armours.swapped(data))


def _dumped(data: bytes) -> bytes:
    """The first lines of a file's dump are no file, and words only if it is text; what is sealed may be short."""
    said = _saying(data)
    if len(said) >= _LEAST_DUMPED or not _is_file(said) or armours.SEALED.match(said):
        return said
    return (b"\n" * said.startswith(FILES[0]) + said) if is_text(said) else b""


def _yenc(block: bytes) -> bytes | None:
    lines = [
        line for line in block.replace(b"\r\n", b"\n").split(b"\n") if not line.startswith((b"=ybegin", b"=ypart", b"=yend"))
    ]
    first, *rest = b"".join(lines).split(b"=")
    joined = first + b"".join(bytes([(piece[0] - 64) & 255]) + piece[1:] for piece in rest if piece)
    return _saying(bytes((byte - 42) & 255 for byte in joined)) or None


def _binhex(block: bytes) -> bytes | None:
    """The forks behind the name and the header: text or file by what they are."""
    data = armours.binhex(block)
    if not data or len(data) < data[0] + 22:
        return None
    size = int.from_bytes(data[data[0] + 12 : data[0] + 16], "big")
    fork = data[data[0] + 22 :]
    return _saying(fork[:size]) or _saying(fork) or None


def _ascii85(run: bytes) -> bytes:
    """Adobe's signs or, without its frame, those of RFC 1924."""
    bare = run.removeprefix(b"<~").removesuffix(b"~>")
    if b"://" in bare:
        return b""
    for undo, signs in ((base64.a85decode, _ASCII85), (base64.b85decode, _BASE85)):
        if bare.translate(None, signs):  # most runs; a decoder takes ten times as long to say so
            continue
        with suppress(ValueError):  # a group of five that stands for no four bytes
            if said := _saying(undo(bare)):
                return said
    return b""


@dataclass(frozen=True, slots=True)
class _Kind:
    """One encoding: the shape of its runs, linear to find, and what undoes one."""

    shape: str
    undo: _Undo
    finder: Any
    markup: bool  # looked for in markup, too


class _Sweep:
    """All kinds, with one automaton that says which of them a text may hold."""

    def __init__(self, rows: tuple[tuple[str, _Undo, bool], ...]) -> None:
        self._kinds = tuple(_Kind(shape, undo, re2.compile(shape.encode(), _options()), markup) for shape, undo, markup in rows)
        self._set = re2.Set.SearchSet(_options())
        for kind in self._kinds:
            self._set.Add(kind.shape.encode())
        self._set.Add(_CANARY)
        self._set.Compile()

    def kinds(self, data: bytes, *, markup: bool) -> list[_Kind]:
        """What `data` may hold; everything, should the automaton run out of room."""
        hits = self._set.Match(data)
        places = sorted(hits)[:-1] if hits and len(self._kinds) in hits else range(len(self._kinds))
        return [kind for kind in map(self._kinds.__getitem__, places) if kind.markup or not markup]


def _options() -> Any:
    options = re2.Options()
    options.max_mem = _SET_MEMORY
    options.log_errors = False  # it would write to stderr
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_nl = False
    return options


_LINES = r"(?m)^[> \t]*{0}[ \t]*(?:\r?\n[> \t]*{0}[ \t]*)+\r?$"
_ARMOUR = r"(?ms)^{0}[> \t]*-----BEGIN {1}-----.*?(?:-----END [A-Z0-9# ]+-----|\z)"
_DUMPED = r"(?m)^[> \t]*{0}:?[ \t]+[0-9A-Fa-f]{{2}}[^\r\n]*(?:\r?\n[> \t]*{1}:?[ \t]+[0-9A-Fa-f]{{2}}[^\r\n]*)*"
_FIGURE = "(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|[0-9]{1,3})"
_SIGN = "[A-Za-z0-9+/_-]"
_SWEEP = _Sweep(
    (
        (r"(?m)^begin [0-7]{3,4} [^\r\n]*\r?\n(?:[ -`]{1,62}[ \t]*\r?\n)+", _uuencoded, True),
        (r"(?m)^>[> ]*begin [0-7]{3,4} [^\r\n]*\r?\n(?:>[ -`]{1,70}[ \t]*\r?\n)+", _quoted, True),
        (r"(?ms)^=ybegin [^\r\n]*\r?\n.*?^=yend[^\r\n]*", _yenc, True),
        (r"(?s)must be converted with BinHex[^:]*:[^:]*:", _binhex, True),
        (_ARMOUR.format(">", "PGP MESSAGE"), armours.message, True),
        (_ARMOUR.format("", "(?:PKCS7|PKCS #7 SIGNED DATA|CMS|(?:TRUSTED |X509 )?CERTIFICATE)"), armours.message, True),
        (r"(?m)^[> \t]*\$ANSIBLE_VAULT;[^\r\n]+(?:\r?\n[> \t]*[0-9a-f]{2,})+", armours.sealed, True),
        (_DUMPED.format(r"(?:0{4,16}|[0-9A-Fa-f]{5,15}0)", "[0-9A-Fa-f]{4,16}"), _dump, True),
        (_LINES.format(r"[A-Za-z0-9+/_-]{4,}={0,2}"), _base64, True),
        (rf"{_SIGN}*(?:[A-Z]+[a-z0-9+/_-]+){{3}}[A-Z]{_SIGN}*", _base64, True),
        (r"[A-Z2-7]{16,}={0,6}", _base32, True),
        (r"(?:[0-9A-Fa-f]{2}[ :,\r\n-]{0,2}){8,}[0-9A-Fa-f]{2}", _hex, True),
        (r"(?:=[0-9A-Fa-f]{2}[0-9A-Za-z]{0,2}){3,}", escapes.undone, False),
        (r"(?:%[0-9A-Fa-f]{2}[0-9A-Za-z]{0,12}){3,}", escapes.undone, False),
        (r"(?:(?:\\x|0x)[0-9A-Fa-f]{2}[0-9A-Za-z]{0,2}[ ,;]{0,2}){3,}", escapes.undone, True),
        (r"(?:\\u(?:\{[0-9A-Fa-f]{2,6}\}|[0-9A-Fa-f]{4})[0-9A-Za-z]{0,2}){2,}", escapes.undone, True),
        (r"(?:&(?:amp;)*#[xX]?[0-9A-Fa-f]{1,9};?){2,}", escapes.references, False),
        (r"(?:&amp;(?:amp;)*#[xX]?[0-9A-Fa-f]{1,9};?){2,}", escapes.references, True),
        (r"(?m)^[!-M][ -`]{8,60}[ \t]*\r?$(?:\r?\n[!-M][ -`]{4,60}[ \t]*\r?$)*", _uuencoded, False),
        (r"<~[^~]{10,}~>|[!-~]{25,}", _ascii85, False),
        (
            r"(?m)^[ \t]*[0-9][ \t]+[^0-9\r\n]{0,40}(?:\r?\n[ \t]*[0-9][ \t]+[^0-9\r\n]{0,40}){6,11}\r?$",
            odd_numbers.downwards,
            False,
        ),
        (r"\b[0-9]{1,11}[OoQDIliSsBZ][0-9OoQDIliSsBZ]{0,10}\b", odd_numbers.respelled, True),
        (r"\b[OoQDIliSsBZ][0-9OoQDIliSsBZ]{5,10}[0-9]\b", odd_numbers.respelled, True),
        (rf"(?i)\b(?:{_FIGURE}[ ,.\r\n-]{{1,3}}){{4,}}{_FIGURE}\b", odd_numbers.spelled, True),
        (r"\b[0-9]{1,4}(?: ?\| ?[0-9]{1,4}){2,8}\b", odd_numbers.barred, False),
    )
)
