"""Office documents behind a password: the ZIP that an OLE container holds encrypted (MS-OFFCRYPTO 2.3.4).

Takes a Source; gives the document as a file, opened with the password that Excel itself tries or one of the budget's, each
checked by the verifier. Where none fits, or rights management keeps the key, the document is locked. A container that
contradicts itself is broken.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from dlp.extractors import ole
from dlp.extractors.content import Budget, File, Piece, Source, broken, locked
from dlp.extractors.xml_events import START, events

KNOWN_TO_ALL = "VelvetSweatshop"  # what Excel locks a book with that nobody should change (MS-OFFCRYPTO 2.3.7.4 and elsewhere)
_STREAMS = frozenset({"encryptioninfo", "encryptedpackage"})
_SEGMENT = 4096
_BLOCK = 16
_MOST_ROUNDS = 1_000_000
_STANDARD_ROUNDS = 50_000
_AES = frozenset({0x660E, 0x660F, 0x6610})
_HASHES: Mapping[str, str] = MappingProxyType(
    {"SHA1": "sha1", "SHA-1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512", "MD5": "md5"}
)
# what is hashed behind the password for each use of the key (2.3.4.13)
_INPUT, _VALUE, _KEY = (
    b"\xfe\xa7\xd2\x76\x3b\x4b\x9e\x79",
    b"\xd7\xaa\x0f\x6d\x30\x61\x34\x4e",
    b"\x14\x6e\x0b\xe7\xab\xac\xd0\xd6",
)

_Opens = Callable[[str], bytes | None]


def encrypted(source: Source, budget: Budget) -> Iterator[Piece]:
    """The document in the container."""
    with ole.opened(source) as container:
        yield from ole.streams(container, budget, _STREAMS)
        if not container.exists(["EncryptionInfo"]):
            raise locked()  # rights management: the key is at a server
        info = ole.read(container, ("EncryptionInfo",), budget)
        package = ole.read(container, ("EncryptedPackage",), budget)
    opens = _opens(info, package, budget)
    plain = next((found for each in passwords(budget) if (found := opens(each)) is not None), None)
    if plain is None:
        raise locked()
    yield File(plain)


def passwords(budget: Budget) -> tuple[str, ...]:
    """Those to be tried on an Office document, each once."""
    return tuple(dict.fromkeys((KNOWN_TO_ALL, *budget.passwords)))


def _opens(info: bytes, package: bytes, budget: Budget) -> _Opens:
    """What opens the package with a password. Raises Stop when its way of locking is not known."""
    if len(info) < 8:
        raise broken()
    major, minor = struct.unpack_from("<HH", info)
    if (major, minor) == (4, 4):
        return _agile(info[8:], package, budget)
    if minor == 2 and major in (2, 3, 4):
        return _standard(info[8:], package)
    raise locked()


def _agile(xml: bytes, package: bytes, budget: Budget) -> _Opens:
    """2.3.4.10 to 2.3.4.15."""
    said = {event.name: event.attributes for event in events(xml, budget) if event.kind is START}
    data, key = said.get("keyData", {}), said.get("encryptedKey", {})
    try:
        rounds, bits = int(key["spinCount"]), int(key["keyBits"])
        salt, data_salt = base64.b64decode(key["saltValue"]), base64.b64decode(data["saltValue"])
        values = [
            base64.b64decode(key[name])
            for name in ("encryptedVerifierHashInput", "encryptedVerifierHashValue", "encryptedKeyValue")
        ]
        digest, data_digest = _HASHES[key["hashAlgorithm"]], _HASHES[data["hashAlgorithm"]]
        length, data_bits = int(key["saltSize"]), int(data["keyBits"])
    except (KeyError, ValueError):
        raise locked() from None
    ways = {(each.get("cipherAlgorithm"), each.get("cipherChaining")) for each in (data, key)}
    if ways != {("AES", "ChainingModeCBC")} or not 0 <= rounds <= _MOST_ROUNDS or {bits, data_bits} - {128, 192, 256}:
        raise locked()

    def opens(password: str) -> bytes | None:
        spun = _spun(digest, salt, password, rounds)
        given, wanted, secret = (
            _cbc(value, _fitted(hashlib.new(digest, spun + use).digest(), bits // 8), salt)
            for value, use in zip(values, (_INPUT, _VALUE, _KEY), strict=True)
        )
        check = hashlib.new(digest, given[:length]).digest()
        if wanted[: len(check)] != check:
            return None
        plain = bytearray()
        for number, at in enumerate(range(8, len(package), _SEGMENT)):
            vector = hashlib.new(data_digest, data_salt + struct.pack("<I", number)).digest()
            plain += _cbc(package[at : at + _SEGMENT], secret[: data_bits // 8], vector)
        return _sized(plain, package)

    return opens


def _standard(info: bytes, package: bytes) -> _Opens:
    """2.3.4.5 to 2.3.4.9; `info` behind the version and the flags."""
    try:
        (size,) = struct.unpack_from("<I", info)
        algorithm, _, bits = struct.unpack_from("<3I", info, 12)
        verifier = info[4 + size :]
        salt, given, wanted = verifier[4:20], verifier[20:36], verifier[40:72]
    except struct.error:
        raise broken() from None
    if algorithm not in _AES or bits not in (128, 192, 256):
        raise locked()

    def opens(password: str) -> bytes | None:
        final = _sha1(_spun("sha1", salt, password, _STANDARD_ROUNDS) + bytes(4))
        halves = (_sha1(_fitted(final, 64, 0, mask)) for mask in (0x36, 0x5C))
        key = b"".join(halves)[: bits // 8]
        if _sha1(_ecb(given, key)) != _ecb(wanted, key)[:20]:
            return None
        return _sized(bytearray(_ecb(package[8:], key)), package)

    return opens


def _spun(digest: str, salt: bytes, password: str, rounds: int) -> bytes:
    hashed = hashlib.new(digest, salt + password.encode("utf-16-le", "surrogatepass")).digest()
    make = getattr(hashlib, digest)
    for number in range(rounds):
        hashed = make(number.to_bytes(4, "little") + hashed).digest()
    return hashed


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _fitted(value: bytes, size: int, fill: int = 0x36, mask: int = 0) -> bytes:
    return bytes(byte ^ mask for byte in value[:size].ljust(size, bytes([fill])))


def _cbc(data: bytes, key: bytes, vector: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.CBC(_fitted(vector, _BLOCK))).decryptor()
    return cipher.update(data[: len(data) // _BLOCK * _BLOCK])


def _ecb(data: bytes, key: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # noqa: S305  as the format wants it
    return cipher.update(data[: len(data) // _BLOCK * _BLOCK])


def _sized(plain: bytearray, package: bytes) -> bytes:
    """Without what only fills the last block. Raises Stop when there is less than was announced."""
    size = int.from_bytes(package[:8], "little")
    if size > len(plain):
        raise broken()
    return bytes(plain[:size])
