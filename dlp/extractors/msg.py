"""A message as Outlook saves it, .msg and .oft: an OLE file of properties (MS-OXMSG).

Takes a Source; gives the texts of the message, its recipients and attachments, and the files. A message attached to it is
read in place, bounded like files within files. A stream that is no property is a file to be opened, so nothing goes unseen.
A container that contradicts itself is broken.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO

import olefile
from olefile.olefile import OleFileError

from dlp.extractors import mapi
from dlp.extractors.content import Budget, File, Piece, Source, Stop, Text, broken
from dlp.extractors.mapi import MANY, Property
from dlp.extractors.runs import runs
from dlp.values import PartStatus

_STREAM = re.compile(r"__substg1\.0_([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})(?:-([0-9A-Fa-f]{8}))?")
_PROPERTIES = "__properties_version1.0"
_NAMES = "__nameid_version1.0"
_NAME_STREAMS = ("__substg1.0_00030102", "__substg1.0_00040102")
_RECIPIENT, _ATTACHMENT = "__recip_version1.0_#", "__attach_version1.0_#"
_WITHIN = "__substg1.0_3701000D"  # a message in an attachment, or an object
_ENTRY = struct.Struct("<HHI8s")  # type, id, flags, value (2.4.2)
_HEADERS = (32, 24, 8)  # bytes before the entries: of the message, of one within, of all others (2.4.1)
_NAME = struct.Struct("<IHH")  # where its name stands, its kind and set, its index (2.2.3.1.2)
_NAMED = 0x8000

_Path = tuple[str, ...]


@dataclass(slots=True)
class _Folder:
    """One storage: the streams in it, and the storages."""

    path: _Path
    streams: list[str] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _File:
    ole: olefile.OleFileIO
    budget: Budget
    names: Mapping[int, str]

    def read(self, folder: _Folder, name: str) -> bytes:
        """One stream; several entries may share its bytes, so each is counted."""
        path = [*folder.path, name]
        self.budget.take("expanded", self.ole.get_size(path))
        return bytes(self.ole.openstream(path).read())


def msg(source: Source, budget: Budget) -> Iterator[Piece]:
    """Everything in one .msg."""
    try:
        file = BytesIO(source.data)  # bytes that are short it takes for a name
        with olefile.OleFileIO(file, raise_defects=olefile.DEFECT_INCORRECT) as ole:
            yield from _whole(ole, budget)
    except (OleFileError, ValueError, LookupError, struct.error):  # olefile raises the others on numbers it did not expect
        yield Text(runs(source.data), "characters")
        raise broken() from None


def _whole(ole: olefile.OleFileIO, budget: Budget) -> Iterator[Piece]:
    root = _tree(ole)
    bare = _File(ole, budget, {})
    names = root.folders.pop(_NAMES, None)
    yield from _message(_File(ole, budget, _names(bare, names) if names else {}), root, "", 0)


def _tree(ole: olefile.OleFileIO) -> _Folder:
    root = _Folder(())
    for path in ole.listdir(streams=True, storages=True):
        folder = root
        for name in path[:-1]:
            folder = folder.folders.setdefault(name, _Folder((*folder.path, name)))
        if ole.get_type(path) == olefile.STGTY_STREAM:
            folder.streams.append(path[-1])
        else:
            folder.folders.setdefault(path[-1], _Folder((*folder.path, path[-1])))
    return root


def _names(file: _File, folder: _Folder) -> dict[int, str]:
    """The names people gave to properties, by id (2.2.3)."""
    entries, strings = (file.read(folder, name) if name in folder.streams else b"" for name in _NAME_STREAMS)
    found = {}
    for at, kind, index in _NAME.iter_unpack(entries[: len(entries) // _NAME.size * _NAME.size]):
        if kind & 1:
            length = int.from_bytes(strings[at : at + 4], "little")
            found[_NAMED + index] = strings[at + 4 : at + 4 + length].decode("utf-16-le", "replace")
    return found


def _message(file: _File, folder: _Folder, where: str, depth: int) -> Iterator[Piece]:
    """A message, what is attached to it, and what does not belong to one."""
    if depth > file.budget.limits.nested:
        raise Stop(PartStatus.TRUNCATED, "nested")
    properties = yield from _properties(file, folder, _HEADERS[min(depth, 1)])
    page = mapi.codepage(properties)
    yield from mapi.pieces(properties, page, where, file.budget)
    count = 0
    for name, inner in folder.folders.items():
        if name.startswith(_RECIPIENT):
            yield from mapi.pieces(
                (yield from _properties(file, inner, _HEADERS[2])), page, f"{where}recipients, ", file.budget
            )
        elif name.startswith(_ATTACHMENT):
            count += 1
            yield from _attachment(file, inner, page, (f"{where}attachment {count}, ", depth))
        else:
            yield from _strangers(file, inner)


def _attachment(file: _File, folder: _Folder, page: str, at: tuple[str, int]) -> Iterator[Piece]:
    where, depth = at
    file.budget.take("members")
    properties = yield from _properties(file, folder, _HEADERS[2])
    yield from mapi.pieces(properties, page, where, file.budget)
    data = mapi.data(properties, mapi.DATA)
    if data:
        name = mapi.string(properties, (mapi.LONG_NAME, mapi.SHORT_NAME, mapi.DISPLAY_NAME), page)
        media_type = mapi.string(properties, (mapi.MEDIA_TYPE,), page).lower()
        yield File(data, name, media_type, shown=bool(mapi.string(properties, (mapi.CONTENT_ID,), page)))
    for name, inner in folder.folders.items():
        if name.upper() == _WITHIN.upper() and _PROPERTIES in inner.streams:
            yield from _message(file, inner, where, depth + 1)
        else:
            yield from _strangers(file, inner)


def _strangers(file: _File, folder: _Folder) -> Iterator[Piece]:
    """Streams of an object, or of nothing that is known."""
    for name in folder.streams:
        yield File(file.read(folder, name))
    for inner in folder.folders.values():
        yield from _strangers(file, inner)


def _properties(file: _File, folder: _Folder, header: int) -> Generator[Piece, None, list[Property]]:
    """The properties of one storage; a stream that holds none is given as a file."""
    found: dict[tuple[int, int], list[bytes]] = {}
    for name in folder.streams:
        match = _STREAM.fullmatch(name)
        value = file.read(folder, name)
        if name == _PROPERTIES:
            for kind, tag, _, fixed in _ENTRY.iter_unpack(value[header : len(value) - (len(value) - header) % _ENTRY.size]):
                if width := mapi.WIDTHS.get(kind, 0):
                    found[tag, kind] = [fixed[:width]]
        elif match is None:
            yield File(value)
        else:
            tag, kind = int(match[1], 16), int(match[2], 16)
            found.setdefault((tag, kind), []).extend(_values(kind, value, numbered=match[3] is not None))
    return [Property(tag, kind & ~MANY, tuple(values), file.names.get(tag, "")) for (tag, kind), values in found.items()]


def _values(kind: int, value: bytes, *, numbered: bool) -> list[bytes]:
    """What one stream holds (2.1.3): a value, all values of a fixed width, or the lengths of those in streams of their own."""
    if not kind & MANY or numbered:
        return [value]
    width = mapi.WIDTHS.get(kind & ~MANY, 0)
    return [value[at : at + width] for at in range(0, len(value), width)] if width else []
