"""The sample mail: what is in it, from whom, to whom, and what it shows.

Takes the packaged `samples` folder, gives messages with CRLF lines as SMTP carries them. A broken package is a
programming error and raises whatever reading raises.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """One message of the demo."""

    shows: str
    sender: str
    recipients: tuple[str, ...]
    raw: bytes


def samples() -> tuple[Sample, ...]:
    """All of them, in the order they are sent."""
    listed = tomllib.loads((_FOLDER / "samples.toml").read_text(encoding="utf-8"))["sample"]
    return tuple(
        Sample(entry["shows"], entry["sender"], tuple(entry["recipients"]), _crlf((_FOLDER / entry["file"]).read_bytes()))
        for entry in listed
    )


def _crlf(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
