"""Ordinary letters of the test corpora in which no part is a file: what the fast lane is for.

Takes nothing; gives the bytes of each by its name. Left out is what nobody writes: multiparts forty deep.
"""

from __future__ import annotations

import email
from collections.abc import Mapping
from pathlib import Path

_CORPORA = [Path(__file__).parent / folder for folder in ("cases", "evasion/ordinary")]
_NO_LETTERS = frozenset({"nested-too-deep-inside", "nested-too-deep-outside"})


def letters() -> Mapping[str, bytes]:
    """Name -> message."""
    every = {path.stem: path.read_bytes() for folder in _CORPORA for path in sorted(folder.glob("*.eml"))}
    return {name: raw for name, raw in every.items() if name not in _NO_LETTERS and not _has_file(raw)}


def _has_file(raw: bytes) -> bool:
    """Whether common programs show an attachment or a picture."""
    parts = [part for part in email.message_from_bytes(raw).walk() if not part.is_multipart()]
    return any(part.get_content_maintype() != "text" or part.get_content_disposition() == "attachment" for part in parts)
