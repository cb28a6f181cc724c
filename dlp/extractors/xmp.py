"""The words of an XML packet of metadata (XMP, ISO 16684-1) or of a form (XFA), which need not be whole.

Takes bytes; gives texts and attribute values, a line each, the names of elements and namespaces left out. Linear; never fails.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_VALUE = re.compile(r"""\s(?!xmlns)[^\s=<>"']{1,200}\s*=\s*(?:"([^"<]*)"|'([^'<]*)')|>([^<]+)""")
_PACKETS = ((b"<x:xmpmeta", b"</x:xmpmeta"), (b"<rdf:RDF", b"</rdf:RDF"))


def words(data: bytes) -> str:
    """Every value in it."""
    wide = data[:2] in (b"\xfe\xff", b"\xff\xfe")
    text = data.decode("utf-16", "replace") if wide else data.decode("utf-8", "replace")
    found = (html.unescape("".join(groups)).strip() for groups in _VALUE.findall(text))
    return "\n".join(filter(None, found))


def packets(data: bytes) -> Iterator[bytes]:
    """Every packet that stands as it is in a file of any kind (part 3, 1.1)."""
    for start, end in _PACKETS:
        at = data.find(start)
        while at >= 0:
            close = data.find(end, at)
            if close < 0:
                yield data[at:]
                break
            yield data[at:close]
            at = data.find(start, close)
        else:
            continue
        break
