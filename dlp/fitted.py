"""The weights that come with the program, checked against their card, or why there are none.

Takes the folder `models/statements`: `weights.tsv` and `card.toml`, which has the file's hash. Gives Weights. A file that is
missing, altered or of another version raises UnfitError: the filter then judges without it, and says so in its log, in `dlp
doctor` and wherever a command shows a verdict. Nothing else fails.
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from dlp.shipped import shipped
from dlp.statements.weights import Weights, load

_DIGITS = 12  # of the file's hash that are part of a revision
REMEDY = 'install campus-dlp again, or set [policy] sentences = "off"'
WITHOUT_VERIFIER = 'pip install "campus-dlp[ml]" of this version, or set [policy] sentences = "on"'


class UnfitError(Exception):
    """Weights that cannot be used; the text says which file and why."""


def folder() -> Path:
    """Where weights and card lie."""
    return shipped("models") / "statements"


def files() -> tuple[Path, ...]:
    """What `weights` reads, as far as it is there."""
    return tuple(file for name in ("weights.tsv", "card.toml") if (file := folder() / name).exists())


def weights() -> Weights:
    """The weights of sentences. Raises UnfitError."""
    file, card = folder() / "weights.tsv", folder() / "card.toml"
    try:
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
            if found != tomllib.loads(card.read_text(encoding="utf-8"))["sha256"]:
                raise UnfitError(f"{file}: it is not the file its card describes")
            opened.seek(0)
            return load(map(bytes.decode, opened), found[:_DIGITS])
    except OSError as error:
        raise UnfitError(f"{error.filename}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, KeyError):
        raise UnfitError(f"{card}: it is damaged") from None
    except ValueError as error:
        raise UnfitError(f"{file}: {error}") from None
