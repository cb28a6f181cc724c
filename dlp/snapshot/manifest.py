"""The manifest of a snapshot: what it holds, when it is of, and the sums by which a damaged one is known.

Takes a Manifest and the key its index is hashed with; gives three lines: format and a check of the key, the content as JSON,
a keyed sum of both. Reading raises ConfigError, which says whether it is of another version, of another key, or damaged.
"""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from dlp.campus.directory import Stamp
from dlp.campus.names import keys_of
from dlp.campus.records import Staff, Student
from dlp.errors import ConfigError
from dlp.snapshot.rows import TABLES

MANIFEST = "manifest"
FILES = ATTRIBUTES, INDEX, BLOCKS = "attributes", "index", "blocks"
AGAIN = "import the campus files again: dlp import FOLDER"
_FORMAT = "campus-dlp snapshot 2"
_LARGEST = 1 << 20
_TRIED = (Student("1", "Åsa-Lena", "van der Berg", preferred_names=("Liz",)), Staff("", full_name="金 Hana, Dr. O'Neil"))
# What the bytes mean: with other columns rows would be read wrongly, with other name keys people would not be found.
_SHAPE = {
    "columns": {table.name: list(table.columns) for table in TABLES},
    "names": blake2b("\n".join(key for person in _TRIED for key in sorted(keys_of(person))).encode()).hexdigest(),
    "byte order": sys.byteorder,
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """`counts` of rows are by import file; the entries of look-up n are begins[n] to begins[n + 1]; the rest is by file."""

    stamp: Stamp
    counts: Mapping[str, int]
    begins: Sequence[int]
    sizes: Mapping[str, int]  # bytes
    sums: Mapping[str, str]  # SHA-256


def written(manifest: Manifest, key: bytes) -> bytes:
    """The file's bytes."""
    stamp = manifest.stamp
    told = {
        "name": stamp.name,
        "as_of": stamp.as_of.isoformat(),
        "bad_rows": stamp.bad_rows,
        "files": sorted(stamp.files),
        "counts": dict(manifest.counts),
        "begins": list(manifest.begins),
        "sizes": dict(manifest.sizes),
        "sums": dict(manifest.sums),
        "shape": _SHAPE,
    }
    content = f"{_FORMAT} {_key_check(key)}\n{json.dumps(told)}\n".encode()
    return content + _seal(content, key).encode() + b"\n"


def read_manifest(folder: Path, key: bytes) -> Manifest:
    """The manifest of this snapshot. ConfigError when it is none of ours."""
    path = folder / MANIFEST
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST)
    except OSError as error:
        raise damaged(path, f"the snapshot cannot be read: {(error.strerror or '').lower()}") from None
    head, _, rest = raw.partition(b"\n")
    form, _, check = head.rpartition(b" ")
    if form != _FORMAT.encode():
        raise ConfigError("this is not a snapshot of this version", file=str(path), remedy=AGAIN)
    if not hmac.compare_digest(check, _key_check(key).encode()):
        remedy = f"restore the site key it was made with, or, where the store opens with this one, {AGAIN}"
        raise ConfigError("the snapshot was made with another site key", file=str(path), remedy=remedy)
    body, _, seal = rest.partition(b"\n")
    if not hmac.compare_digest(seal, _seal(head + b"\n" + body + b"\n", key).encode() + b"\n"):
        raise damaged(path)
    told = json.loads(body)  # sealed: these are our own words
    if told["shape"] != _SHAPE:
        raise ConfigError("the snapshot was made by another version", file=str(path), remedy=AGAIN)
    stamp = Stamp(told["name"], datetime.fromisoformat(told["as_of"]), told["bad_rows"], frozenset(told["files"]))
    return Manifest(stamp, told["counts"], told["begins"], told["sizes"], told["sums"])


def damaged(path: Path, what: str = "the snapshot is damaged") -> ConfigError:
    return ConfigError(what, file=str(path), remedy=AGAIN)


def _key_check(key: bytes) -> str:
    return blake2b(key=key, person=b"key check", digest_size=16).hexdigest()


def _seal(content: bytes, key: bytes) -> str:
    return blake2b(content, key=key, person=b"manifest", digest_size=32).hexdigest()
