"""Reads a file for a test: with one extractor, or as the slow lane opens an attachment; everything to text."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import magic

from dlp.extractors.content import Budget, Extractor, File, Grid, Source, Stop, Text
from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail.entity import Description
from dlp.mail.opened import Opened
from dlp.mail.reading import read
from dlp.values import Texts

FILES = Path(__file__).parent / "files"
ID = "912345678"


def pieces(
    extractor: Extractor, source: Source, *, passwords: tuple[str, ...] = (), **limits: int
) -> tuple[list[Text | Grid | File], str]:
    """What one extractor gives, and the word of its end: "" when it read everything."""
    budget = Budget.of(replace(Limits(), **limits), len(source.data), passwords)
    given: list[Text | Grid | File] = []
    try:
        given.extend(extractor(source, budget))
    except Stop as stop:
        return given, stop.why
    return given, ""


def opened(data: bytes, name: str = "", media_type: str = "application/octet-stream", **limits: int) -> Opened:
    """An attachment opened."""
    declared = Description(media_type, filenames=(name,) if name else ())
    return opener(replace(Limits(), **limits), len(data), _sniffer().from_buffer)(data, declared)


def places(found: Opened) -> list[str]:
    """Where the planted ID was read: "file/file place"."""
    return [f"{each.path} {each.place}".strip() for each in found.shown if ID in each.text]


@cache
def _sniffer() -> magic.Magic:
    return magic.Magic(mime=True)


def read_message(raw: bytes) -> Texts:
    """A whole message read in the slow lane."""
    return read(raw, Limits(), open_file=opener(Limits(), len(raw), _sniffer().from_buffer))


def found_at(raw: bytes) -> list[str]:
    """Where the planted ID was read in a message: the labels of its views."""
    return [view.label for view in read_message(raw).views if ID in view.text]
