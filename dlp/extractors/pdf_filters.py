"""The filters of PDF streams undone (ISO 32000-2, 7.4), within what may still be unfolded.

Takes a stream's bytes, the names of its filters and their parameters; gives the decoded bytes, or None for a filter that
makes no text (pictures) or is not known. Damaged data gives what came before the damage. Raises Stop at the limit.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from dlp.extractors.content import Budget, Stop
from dlp.values import PartStatus

Parameters = Mapping[bytes, int]

_PICTURES = frozenset({b"DCTDecode", b"DCT", b"JPXDecode", b"JBIG2Decode", b"CCITTFaxDecode", b"CCF"})
_SLOW = 4 << 20  # bytes that are decoded one by one, in one stream: far more than any page holds
_STEP = 1 << 20
_NOT_HEX = re.compile(rb"[^0-9A-Fa-f]+")
_CLEAR, _END = 256, 257  # LZW codes
_WIDEST = 12


def decode(data: bytes, filters: Iterable[bytes], parameters: Parameters, budget: Budget) -> bytes | None:
    """The stream's content. What it unfolds to is taken from the budget."""
    for name in filters:
        decoder = _DECODERS.get(name)
        if decoder is None:
            return None
        data = decoder(data, parameters, budget)
    return data


def is_known(name: bytes) -> bool:
    """Whether it is a filter of the standard, be it one for pictures."""
    return name in _DECODERS or name in _PICTURES


def _flate(data: bytes, parameters: Parameters, budget: Budget) -> bytes:
    inflater = zlib.decompressobj()
    parts: list[bytes] = []
    rest = data
    try:
        while rest and not inflater.eof:
            parts.append(inflater.decompress(rest, _STEP))
            budget.take("expanded", len(parts[-1]))
            rest = inflater.unconsumed_tail
            if not parts[-1]:
                break
    except zlib.error:  # viewers show what came before the damage
        pass
    return _predicted(b"".join(parts), parameters)


def _lzw(data: bytes, parameters: Parameters, budget: Budget) -> bytes:
    """LZW with codes of 9 to 12 bits, the first bit highest (7.4.4)."""
    early = parameters.get(b"EarlyChange", 1)
    table = [bytes((value,)) for value in range(256)] + [b"", b""]
    out = bytearray()
    previous = b""
    width, bits, held = 9, 0, 0
    for byte in data:
        held = (held << 8 | byte) & 0xFFFFFF
        bits += 8
        if bits < width:
            continue
        bits -= width
        code = held >> bits & ((1 << width) - 1)
        if code == _END:
            break
        if code == _CLEAR:
            del table[258:]
            width, previous = 9, b""
            continue
        if code > len(table) or (code == len(table) and not previous):
            break  # damaged
        entry = table[code] if code < len(table) else previous + previous[:1]
        out += entry
        if len(out) > _SLOW:
            raise Stop(PartStatus.TRUNCATED, "expanded")
        if previous and len(table) < 1 << _WIDEST:
            table.append(previous + entry[:1])
        previous = entry
        width = min(max((len(table) + early).bit_length(), 9), _WIDEST)
    budget.take("expanded", len(out))
    return _predicted(bytes(out), parameters)


def _predicted(data: bytes, parameters: Parameters) -> bytes:
    """Predictors undone (7.4.4.4); TIFF's only for bytes."""
    predictor = parameters.get(b"Predictor", 1)
    if predictor < 10 and (predictor != 2 or parameters.get(b"BitsPerComponent", 8) != 8):
        return data
    if len(data) > _SLOW:
        raise Stop(PartStatus.TRUNCATED, "expanded")
    depth = max(parameters.get(b"Colors", 1), 1) * max(parameters.get(b"BitsPerComponent", 8), 1)
    step = max(depth // 8, 1)
    length = min(max(parameters.get(b"Columns", 1), 1) * depth + 7 >> 3, len(data))  # a row may claim to be of any length
    above = bytearray(length)
    out = bytearray()
    if predictor == 2:
        for at in range(0, len(data), max(length, 1)):
            row = bytearray(data[at : at + length])
            _unpredict(1, row, row, step)
            out += row
        return bytes(out)
    for at in range(0, len(data), length + 1):
        row = bytearray(data[at + 1 : at + 1 + length])
        _unpredict(data[at], row, above, step)
        out += row
        above = row
    return bytes(out)


def _unpredict(kind: int, row: bytearray, above: bytearray, step: int) -> None:
    """One row of PNG filtering undone in place (PNG, clause 9)."""
    for at in range(len(row)) if kind else ():
        left = row[at - step] if at >= step else 0
        up = above[at]
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = up
        elif kind == 3:
            guess = (left + up) // 2
        else:
            corner = above[at - step] if at >= step else 0
            base = left + up - corner
            guess = min((left, up, corner), key=lambda value: abs(base - value))
        row[at] = (row[at] + guess) & 0xFF


def _hex(data: bytes, _parameters: Parameters, _budget: Budget) -> bytes:
    return from_hex(data.partition(b">")[0])


def from_hex(digits: bytes) -> bytes:
    """Hexadecimal digits as bytes; a last odd one counts as followed by 0 (7.3.4.3)."""
    kept = _NOT_HEX.sub(b"", digits)
    return binascii.unhexlify(kept + b"0" * (len(kept) % 2))


def _ascii85(data: bytes, _parameters: Parameters, budget: Budget) -> bytes:
    digits = data.strip().removeprefix(b"<~").partition(b"~")[0]
    budget.take("expanded", len(digits) + 4 * digits.count(b"z"))  # "z" is four zero bytes
    try:
        return base64.a85decode(digits, ignorechars=b"\0\t\n\f\r ")
    except ValueError:
        return b""


def _run_length(data: bytes, _parameters: Parameters, budget: Budget) -> bytes:
    out = bytearray()
    at = 0
    while at < len(data) and data[at] != 128:
        length = data[at]
        if length < 128:
            out += data[at + 1 : at + 2 + length]
            at += length + 2
        else:
            out += data[at + 1 : at + 2] * (257 - length)
            at += 2
        if len(out) > _SLOW:
            raise Stop(PartStatus.TRUNCATED, "expanded")
    budget.take("expanded", len(out))
    return bytes(out)


_Decoder = Callable[[bytes, Parameters, Budget], bytes]
_DECODERS: Mapping[bytes, _Decoder] = MappingProxyType(
    {
        b"FlateDecode": _flate,
        b"Fl": _flate,
        b"LZWDecode": _lzw,
        b"LZW": _lzw,
        b"ASCIIHexDecode": _hex,
        b"AHx": _hex,
        b"ASCII85Decode": _ascii85,
        b"A85": _ascii85,
        b"RunLengthDecode": _run_length,
        b"RL": _run_length,
        b"Crypt": lambda data, _parameters, _budget: data,  # the file is decrypted by then
    }
)
