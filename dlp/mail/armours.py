"""Blocks that say what they are: messages in armour, sealed texts, and the dumps of tools that show bytes.

Takes a run of a text, perhaps quoted line by line; gives the bytes it stands for, b"" where it is no such thing. What is sealed
is a file of its own, so that it is opened as if it were attached, and said to be encrypted. Never fails.
"""

from __future__ import annotations

import re

from dlp.mail import transfer

# how something begins that only its password or key opens: openssl enc, age, Ansible
SEALED = re.compile(rb"Salted__|age-encryption\.org/|\$ANSIBLE_VAULT;")
_QUOTED = re.compile(rb"[> \t]*")
_LINE_END = re.compile(rb"\r?\n")
_HEADER = re.compile(rb"[A-Za-z-]+: ")
_CHECKSUM = re.compile(rb"=[A-Za-z0-9+/]{4}")
_STRING = re.compile(rb"[\x0c\x13\x14\x16](?=([\x04-\x7f]))")  # of DER: UTF-8, printable, Teletex, IA5
_DUMPED = re.compile(rb"[> \t]*(?:[0-9A-Fa-f]{4,16}(:)?[ \t]+)")
_GROUP = re.compile(rb"(?:[0-9A-Fa-f]{2}){1,8}")
_REPEATS = 16  # of one byte in BinHex; a longer run holds no text
_BINHEX = bytes.maketrans(
    b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
)
_REPEATED = re.compile(rb"(.)\x90(.)", re.DOTALL)
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_SEQUENCE = b"\x30"  # how DER begins
_LEAST_SIGNED = 64  # bytes of it; talk about a block holds fewer
_LEAST_VAULT = 160  # digits: a salt and a checksum take more
_IN_LINE = 64  # bytes a tool shows in one


class Block(bytes):
    """A payload that is a file, whatever its bytes say."""

    __slots__ = ()


def bare(block: bytes) -> bytes:
    """Without what its first line is quoted with, on every line."""
    found = _QUOTED.match(block)
    mark = found[0] if found else b""
    if not mark:
        return block
    lines = _LINE_END.split(block)
    return b"\n".join(line.removeprefix(mark) if line.startswith(mark) else line.removeprefix(mark.rstrip()) for line in lines)


def message(run: bytes) -> bytes:
    """What is signed, packed or sealed in armour (RFC 9580 6, RFC 7468), as a file; of a certificate the words in it."""
    first, *lines = _LINE_END.split(bare(run))
    signs = b"".join(
        line for each in lines if (line := each.strip()) and not _HEADER.match(line) and not line.startswith(b"-----")
        and not _CHECKSUM.fullmatch(line)
    )  # fmt: skip
    data = _decoded(signs)
    if b"CERT" in first:
        return _words(data)
    return Block(data) if b"PGP" in first or (data.startswith(_SEQUENCE) and len(data) >= _LEAST_SIGNED) else b""


def sealed(run: bytes) -> bytes:
    """A run that begins as one, as a file; of Ansible's where enough follows."""
    block = bare(run)
    if block.startswith(b"$") and sum(map(len, block.split()[1:])) < _LEAST_VAULT:
        return b""
    return Block(block) if SEALED.match(block) else b""


def dump(run: bytes) -> bytes:
    """The bytes that xxd, hexdump or od show, without what stands before and behind them in a line."""
    return b"".join(map(_of_line, _LINE_END.split(run)))


def binhex(block: bytes) -> bytes:
    """The name, the header and the forks of a BinHex file (RFC 1741)."""
    signs = b"".join(block.partition(b":")[2].split()).rstrip(b":").translate(_BINHEX)
    packed = _decoded(signs)
    return _REPEATED.sub(lambda match: match[1] * min(match[2][0], _REPEATS) if match[2][0] else match[1] + b"\x90", packed)


def swapped(data: bytes) -> bytes:
    """Two bytes at a time the other way round, as hexdump shows them."""
    return b"".join(data[at : at + 2][::-1] for at in range(0, len(data), 2))


def _of_line(line: bytes) -> bytes:
    found = _DUMPED.match(line)
    if not found:
        return b""
    rest = line[found.end() :].partition(b"|")[0]
    rest = rest.partition(b"  ")[0] if found[1] else rest
    digits = []
    for group in rest.split():
        if not _GROUP.fullmatch(group):
            break
        digits.append(group)
    return bytes.fromhex(b"".join(digits).decode())[:_IN_LINE]


def _words(data: bytes) -> bytes:
    found = (data[each.end() + 1 : each.end() + 1 + each[1][0]] for each in _STRING.finditer(data))
    return b"\n".join(each for each in found if each.decode("utf-8", "replace").isprintable())


def _decoded(signs: bytes) -> bytes:
    """Of base64; a left-over sign says nothing."""
    return transfer.group(signs.translate(None, _NOT_BASE64))
