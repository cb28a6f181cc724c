"""Archives that libarchive reads: 7z, RAR, CAB, ISO 9660, LHA, cpio, ar, xar; and single files packed by lzip, LZ4, compress.

Takes a Source; gives members, their names and the characters in the archive's own records. What is behind a password, in
volumes or packed in an unknown way ends with that word. Nothing declared is trusted: members are read block by block
against the budget, and libarchive is given memory, never a file.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import locale
import re
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from typing import Any

import libarchive
from libarchive import ffi
from libarchive.read import ArchiveRead, new_archive_read

from dlp.extractors import rar_blocks, seven_zip_locks, xmp
from dlp.extractors.content import Budget, Extractor, File, Piece, Source, Stop, Text, broken, locked, unsupported
from dlp.extractors.runs import runs
from dlp.extractors.unfolding import DECOMPRESSORS, unfold
from dlp.values import PartStatus

ffi.logger.disabled = True  # its warnings name members
with contextlib.suppress(locale.Error):
    locale.setlocale(locale.LC_CTYPE, "C.UTF-8")  # what it gives names in; in the C locale it loses all but ASCII
_is_encrypted = ffi.ffi("entry_is_encrypted", [ffi.c_archive_entry_p], ffi.c_int)
_set_options = ffi.ffi("read_set_options", [ffi.c_archive_p, ffi.c_char_p], ffi.c_int)
_errno = ctypes.CDLL(None)["__errno_location"]
_errno.restype = ctypes.POINTER(ctypes.c_int)
_BLOCK = 1 << 16
_FOLDER = 0o040000
_SIGNATURES = {"7zip": b"7z\xbc\xaf\x27\x1c", "cab": b"MSCF\0\0\0\0"}
_LOCKED = re.compile(r"encrypt|crypto|passphrase|password", re.IGNORECASE)
_UNKNOWN = re.compile(r"unsupported|unknown|unrecogni[sz]ed|not supported|unavailable", re.IGNORECASE)
_VOLUME = re.compile(r"\.(?:part\d{1,5}\.(?:rar|exe)|r\d\d|[a-z]?\d\d\d?)\Z", re.IGNORECASE)
_LHA_METHOD = re.compile(rb"-(?:l[hz]|pm)[0-9a-z]-")
_LHA_METHODS = frozenset({b"-lh0-", b"-lh5-", b"-lh6-", b"-lh7-", b"-lhd-", b"-lz4-"})
_JOLIET = re.compile(rb"\x02CD001\x01.{81}%/[@CE]", re.DOTALL)
_APPLE, _HFS = b"PM", (b"BD", b"H+")  # a map of partitions, and a volume without one
_UDF = re.compile(rb"NSR0[23]")
_TRAILER = b"TRAILER!!!\0"
_OF_XAR = 28
_OF_7Z = 32  # bytes of its signature header


def rar(source: Source, budget: Budget) -> Iterator[Piece]:
    """RAR 1.5 to 5. Comments are read where they are stored."""
    begin = rar_blocks.begin(source.data)
    if begin < 0:
        raise broken()
    data = source.data[begin:]
    facts = rar_blocks.read(data)
    yield from (Text(each, "comment") for each in facts.comments)
    yield from _rest(data[facts.end :])
    if facts.locked:
        raise locked()
    yield from _members(data, "rar5" if facts.version == rar_blocks.NEWEST else "rar", "none", budget, facts.locks)
    if facts.volume:
        raise Stop(PartStatus.UNSUPPORTED, "split")
    if facts.unread:
        raise unsupported()
    if not facts.whole:
        raise broken()


def seven_zip(source: Source, budget: Budget) -> Iterator[Piece]:
    """7z. Where it ends is told at its beginning."""
    data = source.data[max(source.data.find(_SIGNATURES["7zip"]), 0) :]
    end = _OF_7Z + int.from_bytes(data[12:20], "little") + int.from_bytes(data[20:28], "little")
    if end > len(data) and any(_VOLUME.search(name) for name in source.names):
        raise Stop(PartStatus.UNSUPPORTED, "split")
    yield from _rest(data[end:])
    archive = _unlocked(data[:end], budget)
    try:
        yield from _members(archive, "7zip", "none", budget)
    except Stop as stop:  # libarchive takes a program behind a password for damage
        if stop.status is PartStatus.BROKEN and seven_zip_locks.is_locked(archive, budget):
            raise locked() from None
        raise


def _unlocked(data: bytes, budget: Budget) -> bytes:
    """Without its lock, where one of the passwords opens it. An empty one nobody can set."""
    opened = (seven_zip_locks.unlocked(data, password, budget) for password in budget.passwords)
    return next((clear for clear in opened if clear and _fits(clear, budget)), data)


def _fits(data: bytes, budget: Budget) -> bool:
    """Whether its first member is what its checksum says."""
    try:
        with libarchive.memory_reader(data, "7zip", "none") as archive:
            contents = (_content(entry, budget) for entry in _entries(archive))
            return next((whole for content, whole in contents if content), True)
    except libarchive.ArchiveError:
        return False


def cab(source: Source, budget: Budget) -> Iterator[Piece]:
    """Cabinets (MS-CAB 2.1: their size at 8, flags for other volumes at 30)."""
    data = source.data[max(source.data.find(_SIGNATURES["cab"]), 0) :]
    size = int.from_bytes(data[8:12], "little")
    yield from _rest(data[size:])
    yield from _members(data[:size], "cab", "none", budget)
    if int.from_bytes(data[30:32], "little") & 3:
        raise Stop(PartStatus.UNSUPPORTED, "split")
    if size > len(data):
        raise broken()


def iso(source: Source, budget: Budget) -> Iterator[Piece]:
    """ISO 9660, Rock Ridge and Joliet, which may name other files; not the folders that UDF (ECMA-167 3/9.1) or HFS add."""
    data = source.data
    seen: set[object] = set()
    for option in (b"!joliet", b"!rockridge") if _JOLIET.search(data, 32_768, 65_536) else (b"",):
        for found in _members(data, "iso9660", "none", budget, options=option):
            content = hashlib.sha256(found.data).digest() if isinstance(found, File) else found
            piece = Text(found.name, "name") if isinstance(found, File) and content in seen else found
            told = content if isinstance(piece, File) else piece
            if told not in seen:
                seen.add(told)
                yield piece
    blocks, size = int.from_bytes(data[32_848:32_852], "little"), int.from_bytes(data[32_896:32_898], "little")
    if blocks * size > len(data):  # ECMA-119 8.4.8, 8.4.12
        raise broken()
    if _UDF.search(data, 32_768, 65_536) or data.startswith(_APPLE, 512) or data.startswith(_HFS, 1_024):
        raise unsupported()


def lha(source: Source, budget: Budget) -> Iterator[Piece]:
    """LHA. Of methods libarchive does not know it gives zeros."""
    unknown = any(method[0] not in _LHA_METHODS for method in _LHA_METHOD.finditer(source.data))
    try:
        yield from _members(source.data, "lha", "none", budget)
    except Stop as stop:
        if not unknown or stop.status is not PartStatus.BROKEN:
            raise
    if unknown:
        raise unsupported()
    if not source.data.endswith(b"\0"):
        raise broken()


def cpio(source: Source, budget: Budget) -> Iterator[Piece]:
    """cpio. What stands behind its trailer another reader may take for an archive."""
    yield from _members(source.data, "cpio", "none", budget)
    _, trailer, behind = source.data.partition(_TRAILER)
    if not trailer:
        raise broken()
    yield from _rest(behind.lstrip(b"\0"))


def xar(source: Source, budget: Budget) -> Iterator[Piece]:
    """xar; its table of contents is XML, packed by zlib (its length at 8)."""
    table = unfold(DECOMPRESSORS["zlib"](), source.data[_OF_XAR : _OF_XAR + int.from_bytes(source.data[8:16], "big")], budget)
    budget.take("expanded", len(table.data))
    yield Text(xmp.words(table.data), "table of contents")
    yield from _members(source.data, "xar", "none", budget)


def _read_as(format_name: str) -> Extractor:
    def read(source: Source, budget: Budget) -> Iterator[Piece]:
        yield from _members(source.data, format_name, "none", budget)

    return read


def _packed_by(filter_name: str) -> Extractor:
    def read(source: Source, budget: Budget) -> Iterator[Piece]:
        name = next(iter(source.names), "").rpartition(".")[0]
        for piece in _members(source.data, "raw", filter_name, budget):
            yield File(piece.data, name) if isinstance(piece, File) else piece

    return read


@contextlib.contextmanager
def _opened(data: bytes, format_name: str, filter_name: str, options: bytes) -> Iterator[Any]:
    """As libarchive.memory_reader, which knows of no options."""
    with new_archive_read(format_name, filter_name) as archive:
        if options:
            _set_options(archive, options)
        ffi.read_open_memory(archive, ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data))
        yield ArchiveRead(archive)


def _members(
    data: bytes, format_name: str, filter_name: str, budget: Budget, locks: Iterable[bool] = (), options: bytes = b""
) -> Iterator[Piece]:
    """All of them in order. libarchive may not go on after an error, so the first one ends it.

    `locks`: which of them ask for a password, where libarchive does not tell.
    """
    shut = faulty = False
    end: Stop | None = None
    try:
        with _opened(data, format_name, filter_name, options) as archive:
            for entry, is_locked in zip(_entries(archive), chain(locks, repeat(False)), strict=False):
                name = _name(entry, "pathname")
                faulty = faulty or not name
                yield from (Text(text, "link") for text in [_name(entry, "linkpath")] if text)
                if is_locked or _is_encrypted(entry._entry_p):  # noqa: SLF001  not bound by the library
                    shut = True
                    yield File(b"", name, status=PartStatus.ENCRYPTED, why="password")
                elif entry.filetype == _FOLDER and not (entry.size and format_name == "cpio"):
                    budget.take("members")
                    yield Text(name, "name")
                else:
                    content, whole = _content(entry, budget)
                    faulty = faulty or not whole
                    yield File(content, name)
    except libarchive.ArchiveError as error:
        end = locked() if shut else _why(str(error))
    yield Text(runs(data), "characters")
    if faulty or end:
        raise end or broken()


def _entries(archive: Any) -> Iterator[Any]:
    """What libarchive finds: it ends the process at a name in no charset where an older failure left ENOMEM behind."""
    entries = iter(archive)
    while True:
        _errno()[0] = 0
        entry = next(entries, None)
        if entry is None:
            return
        _errno()[0] = 0
        yield entry


def _content(entry: Any, budget: Budget) -> tuple[bytes, bool]:
    """What a member holds, and whether it is what its checksum says: of that libarchive only warns."""
    blocks = []
    size, whole = 0, True
    buffer = ctypes.create_string_buffer(_BLOCK)
    while got := ffi.read_data(entry._archive_p, buffer, _BLOCK):  # noqa: SLF001  get_blocks takes a warning for a length
        if got < 0 and not whole:
            break
        if got < 0:
            whole = False
            continue
        size += got
        if size > budget.expanded:
            budget.take("expanded", size)
        blocks.append(buffer.raw[:got])
    content = b"".join(blocks)
    if entry.size is not None and not content[entry.size :].strip(b"\0"):  # of xar it gives as many zeros as came before
        content = content[: entry.size]
    return content, whole


def _why(error: str) -> Stop:
    if _LOCKED.search(error):
        return locked()
    return unsupported() if _UNKNOWN.search(error) else broken()


def _name(entry: Any, which: str) -> str:
    """A name, "" where libarchive gives characters that do not exist for one in no charset."""
    try:
        return _text(getattr(entry, which))
    except ValueError:
        return ""


def _text(name: str | bytes | None) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name or ""


def _rest(data: bytes) -> Iterator[File]:
    """What stands behind the archive."""
    if data.strip(b"\0 \t\r\n"):
        yield File(data)


ar = _read_as("ar")
lzip = _packed_by("lzip")
lz4 = _packed_by("lz4")
compress = _packed_by("compress")
