"""The weights that come with the program, checked against their card, or why there are none.

Takes the folder `models/statements`: `weights.json` and `card.toml`, which has the file's hash. Gives Weights. A file that is
missing, altered or of another version raises UnfitError: the filter then judges without it, and says so in its log, in `dlp
doctor` and wherever a command shows a verdict. Nothing else fails.
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from dlp.shipped import shipped
from dlp.statements.weights import Weights, load

REMEDY = 'install campus-dlp again, or set [policy] sentences = "off"'
WITHOUT_VERIFIER = 'pip install "campus-dlp[ml]" of this version, or set [policy] sentences = "on"'


class UnfitError(Exception):
    """Weights that cannot be used; the text says which file and why."""


def folder() -> Path:
    """Where weights and card lie."""
    return shipped("models") / "statements"


def files() -> tuple[Path, ...]:
    """What `weights` reads, as far as it is there."""
    return tuple(file for name in ("weights.json", "card.toml") if (file := folder() / name).exists())


def weights() -> Weights:
    """The weights of sentences. Raises UnfitError."""
    file, card = folder() / "weights.json", folder() / "card.toml"
    try:
        text = file.read_bytes()
        described = tomllib.loads(card.read_text(encoding="utf-8"))["sha256"]
    except OSError as error:
        raise UnfitError(f"{error.filename}: {error.strerror}") from None
    except (ValueError, KeyError):
        raise UnfitError(f"{card}: it is damaged") from None
    if hashlib.sha256(text).hexdigest() != described:
        raise UnfitError(f"{file}: it is not the file its card describes")
    try:
        return load(text.decode())
    except ValueError as error:
        raise UnfitError(f"{file}: {error}") from None
