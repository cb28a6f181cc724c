"""Objects in documents: what Word, Excel and packagers embed, in the forms of OLE 1 and OLE 2 (MS-OLEDS 2.2, 2.3.6).

Takes the bytes of an object; gives the file in it with its name, or the bytes as they are where they are no object. The file
is looked for by what the bytes say, never by the class they claim. Nothing here fails.
"""

from __future__ import annotations

import struct

from dlp.extractors.content import File

_EMBEDDED = 2  # FormatID
_PACKAGED = 2  # the first word of a package
_FILE = 3  # how its content is: a file


def linked_or_embedded(data: bytes) -> File:
    """An OLE 1 object as RTF carries it (ObjectHeader, then the native data)."""
    if len(data) < 12 or int.from_bytes(data[4:8], "little") != _EMBEDDED:
        return File(data)
    at = 8
    for _ in range(3):  # class, topic, item
        length = int.from_bytes(data[at : at + 4], "little")
        at += 4 + length
    size = int.from_bytes(data[at : at + 4], "little")
    if at + 4 > len(data):
        return File(data)
    return packaged(data[at + 4 : at + 4 + size])


def native(data: bytes) -> File:
    """The stream "\\1Ole10Native" (2.3.6): a length, then the object."""
    size = int.from_bytes(data[:4], "little")
    return packaged(data[4 : 4 + size]) if 0 < size <= len(data) else packaged(data)


def packaged(data: bytes) -> File:
    """A file in the wrapping of the Packager: label, path, path, content; anything else is the file itself."""
    if data[:2] != struct.pack("<H", _PACKAGED):
        return File(data)
    label, at = _string(data, 2)
    _, at = _string(data, at)  # where it came from
    kind = int.from_bytes(data[at + 2 : at + 4], "little")
    length = int.from_bytes(data[at + 4 : at + 8], "little")
    at += 8 + length  # a path for a while
    size = int.from_bytes(data[at : at + 4], "little")
    if kind != _FILE or not 0 < size <= len(data) - at - 4:
        return File(data)
    return File(data[at + 4 : at + 4 + size], label)


def _string(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at)
    end = len(data) if end < 0 else end
    return data[at:end].decode("cp1252", "replace"), end + 1
