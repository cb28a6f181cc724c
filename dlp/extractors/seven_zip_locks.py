"""7z archives behind a password, with the lock taken off: libarchive knows every way they are packed, but not the cipher.

Takes an archive and a password; gives an archive with the same members whose streams are in clear, None when the password
does not open it or it is not as it should be. The list of members is copied unread; only how the streams are packed is
written anew. Raises Stop at a limit. 7zFormat.txt of the LZMA SDK; the cipher (06F10701) is AES-256-CBC, its key SHA-256 of
salt, password and a counter, over and over.
"""

from __future__ import annotations

import contextlib
import hashlib
import lzma
import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from dlp.extractors.content import Budget
from dlp.extractors.unfolding import raw_lzma

_SIGNATURE = struct.Struct("<8sLQQL")  # signature and version, CRC of what follows: offset, size and CRC of the header
_END, _HEADER, _MAIN_STREAMS, _PACK_INFO, _UNPACK_INFO = 0x00, 0x01, 0x04, 0x06, 0x07
_SIZE, _DIGESTS, _FOLDER, _UNPACK_SIZES, _ENCODED_HEADER = 0x09, 0x0A, 0x0B, 0x0C, 0x17
_COPY, _LZMA2, _LZMA, _AES = b"\x00", b"\x21", b"\x03\x01\x01", b"\x06\xf1\x07\x01"
_MOST_CODERS = 32
_MOST_ROUNDS = 24  # as a power of two
_UNHASHED = 0x3F  # in its place: salt and password are the key
_AT_ONCE = 4096  # rounds
_ROUNDS = 10  # take as long as one element
_BLOCK = 16
_ODDITIES = (ValueError, LookupError, struct.error, lzma.LZMAError)  # what an archive gives rise to that is not as it should be

_Clear = Callable[[bytes, bytes], bytes]  # a stream in clear; the coder's properties come first


@dataclass(frozen=True, slots=True)
class _Coder:
    method: bytes
    properties: bytes = b""
    inputs: int = 1
    outputs: int = 1


@dataclass(frozen=True, slots=True)
class _Folder:
    """Coders, and how they are joined: inputs to outputs, inputs to packed streams, both counted over all coders."""

    coders: tuple[_Coder, ...]
    joined: tuple[tuple[int, int], ...]
    packed: tuple[int, ...]
    sizes: tuple[int, ...] = ()  # of each output


@dataclass(slots=True)
class _Reader:
    """Of a header. Raises ValueError where it contradicts itself."""

    data: bytes
    at: int = 0

    def take(self, size: int) -> bytes:
        self.at += size
        if self.at > len(self.data):
            raise ValueError("7z: short")
        return self.data[self.at - size : self.at]

    def number(self) -> int:
        """As many bytes follow the first as it has leading ones; its other bits are the highest of the number."""
        first = self.take(1)[0]
        more = 8 - (first ^ 0xFF).bit_length()
        return int.from_bytes(self.take(more), "little") | (first & 0x7F >> more) << 8 * more

    def numbers(self, count: int) -> tuple[int, ...]:
        return tuple(self.number() for _ in range(count))

    def expect(self, *kinds: int) -> None:
        if self.take(len(kinds)) != bytes(kinds):
            raise ValueError("7z: unknown")


def unlocked(data: bytes, password: str, budget: Budget) -> bytes | None:
    """The archive in clear. Its members' own checksums tell whether the password was right, where its header does not."""
    try:
        return _unlocked(data, _clear(password, budget), budget)
    except _ODDITIES:
        return None


def is_locked(data: bytes, budget: Budget) -> bool:
    """Whether there is a password at all."""
    met: list[bytes] = []

    def as_it_is(properties: bytes, stream: bytes) -> bytes:
        met.append(properties)
        return stream

    with contextlib.suppress(*_ODDITIES):
        _unlocked(data, as_it_is, budget)
    return bool(met)


def _unlocked(data: bytes, clear: _Clear, budget: Budget) -> bytes | None:
    _, _, offset, size, _ = _SIGNATURE.unpack_from(data)
    reader = _Reader(data[_SIGNATURE.size + offset :][:size])
    if reader.data[:1] == bytes([_ENCODED_HEADER]):
        reader.expect(_ENCODED_HEADER)
        (folder,), (stream,) = _streams(reader, data, clear, budget)
        header = _unpacked(folder, stream, budget)
        reader.expect(_DIGESTS, 1, *zlib.crc32(header).to_bytes(4, "little"))
        reader = _Reader(header)
    reader.expect(_HEADER, _MAIN_STREAMS)
    folders, streams = _streams(reader, data, clear, budget)
    header = bytes([_HEADER, _MAIN_STREAMS]) + _written(folders, streams) + reader.data[reader.at :]
    packed = b"".join(streams)
    start = struct.pack("<QQL", len(packed), len(header), zlib.crc32(header))
    return data[:8] + zlib.crc32(start).to_bytes(4, "little") + start + packed + header


def _streams(reader: _Reader, data: bytes, clear: _Clear, budget: Budget) -> tuple[list[_Folder], list[bytes]]:
    """Folders without the cipher, and what they are packed in; the reader stands behind their sizes."""
    reader.expect(_PACK_INFO)
    at, count = _SIGNATURE.size + reader.number(), reader.number()
    budget.take("elements", count)
    reader.expect(_SIZE)
    sizes = reader.numbers(count)
    reader.expect(_END, _UNPACK_INFO, _FOLDER)
    count = reader.number()
    budget.take("elements", count)
    reader.expect(0)  # they stand here
    folders = [_folder(reader) for _ in range(count)]
    reader.expect(_UNPACK_SIZES)
    streams = []
    for size in sizes:
        streams.append(data[at : at + size])
        at += size
    given = iter(streams)
    found = [
        _in_clear(replace(each, sizes=reader.numbers(sum(coder.outputs for coder in each.coders))), given, clear)
        for each in folders
    ]
    return [folder for folder, _ in found], [stream for _, those in found for stream in those]


def _folder(reader: _Reader) -> _Folder:
    coders = tuple(_coder(reader) for _ in range(_few(reader.number())))
    inputs, outputs = sum(coder.inputs for coder in coders), sum(coder.outputs for coder in coders)
    joined = tuple((reader.number(), reader.number()) for _ in range(_few(outputs) - 1))
    free = [each for each in range(_few(inputs)) if each not in dict(joined)]
    return _Folder(coders, joined, tuple(free) if len(free) == 1 else reader.numbers(inputs - len(joined)))


def _few(count: int) -> int:
    if not 0 < count <= _MOST_CODERS:
        raise ValueError("7z: coders")
    return count


def _coder(reader: _Reader) -> _Coder:
    flags = reader.take(1)[0]
    coder = _Coder(reader.take(flags & 0x0F))
    if flags & 0x10:
        coder = replace(coder, inputs=reader.number(), outputs=reader.number())
    return replace(coder, properties=reader.take(reader.number())) if flags & 0x20 else coder


def _in_clear(folder: _Folder, streams: Iterable[bytes], clear: _Clear) -> tuple[_Folder, list[bytes]]:
    """The folder without its ciphers, each of which stands between a packed stream and another coder."""
    given = [stream for _, stream in zip(folder.packed, streams, strict=False)]
    while ciphers := [number for number, coder in enumerate(folder.coders) if coder.method == _AES]:
        number = ciphers[0]
        cipher = folder.coders[number]
        into = sum(coder.inputs for coder in folder.coders[:number])
        out = sum(coder.outputs for coder in folder.coders[:number])
        place = folder.packed.index(into)
        given[place] = clear(cipher.properties, given[place])[: folder.sizes[out]]
        if len(folder.coders) == 1:
            return replace(folder, coders=(_Coder(_COPY),)), given
        folder = _without(folder, number, into, out)
    return folder, given


def _without(folder: _Folder, number: int, into: int, out: int) -> _Folder:
    """What the cipher gave another coder, that one takes from the packed stream itself; the others are counted anew."""
    taker = {output: taking for taking, output in folder.joined}[out]
    packed = tuple(taker if each == into else each for each in folder.packed)
    joined = ((taking, output) for taking, output in folder.joined if output != out)
    return _Folder(
        (*folder.coders[:number], *folder.coders[number + 1 :]),
        tuple((taking - (taking > into), output - (output > out)) for taking, output in joined),
        tuple(each - (each > into) for each in packed),
        (*folder.sizes[:out], *folder.sizes[out + 1 :]),
    )


def _written(folders: Iterable[_Folder], streams: list[bytes]) -> bytes:
    """As it was read: where streams are, folders, and their sizes."""
    folders = tuple(folders)
    parts = [bytes([_PACK_INFO]), *map(_number, (0, len(streams))), bytes([_SIZE]), *(_number(len(each)) for each in streams)]
    parts += [bytes([_END, _UNPACK_INFO, _FOLDER]), _number(len(folders)), b"\0"]
    for folder in folders:
        parts.append(_number(len(folder.coders)))
        for coder in folder.coders:
            parts += [bytes([len(coder.method) | 0x30]), coder.method, _number(coder.inputs), _number(coder.outputs)]
            parts += [_number(len(coder.properties)), coder.properties]
        parts += [_number(each) for pair in folder.joined for each in pair]
        parts += [_number(each) for each in folder.packed if len(folder.packed) > 1]
    parts.append(bytes([_UNPACK_SIZES]))
    parts += [_number(size) for folder in folders for size in folder.sizes]
    return b"".join(parts)


def _number(value: int) -> bytes:
    return b"\xff" + value.to_bytes(8, "little")


def _unpacked(folder: _Folder, packed: bytes, budget: Budget) -> bytes:
    """A header, which one coder has packed, most often LZMA."""
    (coder,), (size,) = folder.coders, folder.sizes
    budget.take("expanded", size)
    if coder.method == _COPY:
        return packed[:size]
    if coder.method != _LZMA:
        raise ValueError("7z: header")
    return raw_lzma(coder.properties, size).decompress(packed, size)


def _clear(password: str, budget: Budget) -> _Clear:
    """What takes the cipher off a stream; each key is found once."""
    keys: dict[tuple[int, bytes], bytes] = {}

    def clear(properties: bytes, stream: bytes) -> bytes:
        first, second = properties[:2].ljust(2, b"\0")
        rounds, salted = first & 0x3F, (first >> 7) + (second >> 4)
        salt, vector = properties[2 : 2 + salted], properties[2 + salted :]
        if (rounds, salt) not in keys:
            keys[rounds, salt] = key(rounds, salt + password.encode("utf-16-le", "surrogatepass"), budget)
        cipher = Cipher(algorithms.AES(keys[rounds, salt]), modes.CBC(vector.ljust(_BLOCK, b"\0"))).decryptor()
        return cipher.update(stream[: len(stream) // _BLOCK * _BLOCK])

    return clear


def key(rounds: int, secret: bytes, budget: Budget) -> bytes:
    if rounds == _UNHASHED:
        return secret[:32].ljust(32, b"\0")
    if rounds > _MOST_ROUNDS:
        raise ValueError("7z: rounds")
    digest = hashlib.sha256()
    for start in range(0, 1 << rounds, _AT_ONCE):
        budget.take("elements", _AT_ONCE // _ROUNDS)
        counted = range(start, min(start + _AT_ONCE, 1 << rounds))
        digest.update(b"".join(secret + number.to_bytes(8, "little") for number in counted))
    return digest.digest()
