"""OLE containers: objects that documents embed, macros, and what stands beside the text in old Office files (MS-CFB).

Takes a Source; gives properties as text, the source of macros, the files in packages, and each storage that is a document of
its own as a file. Streams in which programs keep nothing but state are given as characters; a stream that is not known is a
file to be opened. A container that contradicts itself is broken.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from types import MappingProxyType

import olefile
from olefile.olefile import OleFileError

from dlp.extractors import vba
from dlp.extractors.content import Budget, Extractor, File, Piece, Source, Stop, Text, broken
from dlp.extractors.ole_objects import native
from dlp.extractors.ole_writing import compound
from dlp.extractors.property_sets import text_of
from dlp.extractors.runs import runs
from dlp.values import PartStatus

_Path = tuple[str, ...]
# a storage with one of these is a document
_DOCUMENTS = frozenset(
    {"workbook", "book", "worddocument", "powerpoint document", "__properties_version1.0", "encryptedpackage"}
)
# state of programs, and how an object looked last
_STATE = frozenset(
    {"\1compobj", "\1ole", "\1olelink", "\3objinfo", "\3linkinfo", "\3ocxname", "\3ocxdata", "\3print", "\3eprint", "\3meta"}
    | {
        "current user",
        "project",
        "projectwm",
        "projectlk",
        "\3vbframe",
        "contents of form",
        "f",
        "o",
        "x",
        "ctls",
        "item moniker",
    }
    | {
        "\1ole1",
        "vbframe",
        "_vba_project",
        "properties_stream",
        "equation native",
        "\1ole10itemname",
        "\1ole10fmtprogid",
        "\1ole presentation",
    }
)
_STATE_STARTS = ("\2olepres", "__srp_")
_SPACES = "\6dataspaces"  # how what is encrypted was made (MS-OFFCRYPTO 2.1)


def ole(source: Source, budget: Budget) -> Iterator[Piece]:
    """A container whose kind nothing tells."""
    return swept(source, budget, _whole)


def _whole(source: Source, budget: Budget) -> Iterator[Piece]:
    with opened(source) as container:
        yield from streams(container, budget)


def swept(source: Source, budget: Budget, reader: Extractor) -> Iterator[Piece]:
    """What a reader of an old format gives; where it fails, the characters in the file as well."""
    try:
        yield from reader(source, budget)
    except Stop as stop:
        if stop.status in (PartStatus.BROKEN, PartStatus.UNSUPPORTED):
            yield Text(runs(source.data), "characters")
        raise
    except (OleFileError, struct.error, IndexError, OSError, ValueError):
        yield Text(runs(source.data), "characters")
        raise broken() from None


def opened(source: Source) -> olefile.OleFileIO:
    """The container. Raises Stop when it is none."""
    try:
        file = BytesIO(source.data)  # bytes that are short it takes for a name
        return olefile.OleFileIO(file, raise_defects=olefile.DEFECT_INCORRECT)
    except (OleFileError, struct.error, IndexError, ValueError):
        raise broken() from None


def read(container: olefile.OleFileIO, path: _Path, budget: Budget) -> bytes:
    """One stream, counted as expanded: several entries may share its bytes. Raises Stop when it ends early."""
    budget.take("expanded", container.get_size(list(path)))
    try:
        return bytes(container.openstream(list(path)).read())
    except OleFileError:
        raise broken() from None


def streams(
    container: olefile.OleFileIO, budget: Budget, known: frozenset[str] = frozenset(), *, folders: frozenset[str] = frozenset()
) -> Iterator[Piece]:
    """Everything in a container but the streams at its root that are `known`, and the storages there, in lower case."""
    paths = [tuple(path) for path in container.listdir()]
    if len(paths) > budget.limits.members:
        raise Stop(PartStatus.TRUNCATED, "members")
    within = {path[:-1] for path in paths if len(path) > 1 and path[-1].lower() in _DOCUMENTS}
    for folder in sorted(within, key=len):
        if not any(folder[:length] in within for length in range(1, len(folder))):
            inner = {path[len(folder) :]: read(container, path, budget) for path in paths if path[: len(folder)] == folder}
            yield File(compound(inner))
    for path in paths:
        if any(path[:length] in within for length in range(1, len(path))) or (
            path[0].lower() in (known if len(path) == 1 else folders)
        ):
            continue
        yield from _stream(path, read(container, path, budget), budget)


def _stream(path: _Path, data: bytes, budget: Budget) -> Iterator[Piece]:
    name = path[-1].lower()
    if handler := _HANDLERS.get(name):
        yield from handler(data, budget)
    elif name.startswith("\5"):
        yield Text(text_of(data), "properties")
    elif len(path) > 1 and path[-2].lower() == "vba":
        yield from vba.module(data, budget)
    elif name in _STATE or name.startswith(_STATE_STARTS) or path[0].lower() == _SPACES:
        yield Text(runs(data), "characters")
    elif data.strip(b"\0"):
        yield File(data)


def _native(data: bytes, _budget: Budget) -> Iterator[Piece]:
    yield native(data)


def _file(data: bytes, _budget: Budget) -> Iterator[Piece]:
    yield File(data)


_HANDLERS: Mapping[str, Callable[[bytes, Budget], Iterator[Piece]]] = MappingProxyType(
    {"\1ole10native": _native, "package": _file, "contents": _file, "dir": vba.module}
)
