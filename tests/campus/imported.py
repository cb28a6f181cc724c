"""Folders of import files as tests use them: read once, as `dlp import` reads them, and kept in memory."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from dlp.campus.directory import Stamp
from dlp.campus.formats import FORMATS, TO_STORE
from dlp.campus.reading import read
from dlp.campus.report import Report
from dlp.policy.facts import KnownApproval, KnownConsent, Source
from tests.campus.people import People

SMALL = Path(__file__).parents[1] / "cases" / "campus"
AS_OF = datetime.fromisoformat("2026-10-04T00:00:00-04:00")


@cache
def small_university(as_of: datetime = AS_OF) -> People:
    """The one of tests/cases/campus."""
    return university(SMALL, as_of)


def university(folder: Path, as_of: datetime) -> People:
    """The people of a folder of import files."""
    files = sorted(path for path in folder.glob("*.csv") if path.stem not in TO_STORE)
    rows = [row for path in files for row in rows_of(path.stem, path.read_bytes())]
    return People(tuple(rows), Stamp("20261004T000000Z", as_of, files=frozenset(path.stem for path in files)))


def permits(name: str, raw: bytes) -> tuple[Any, ...]:
    """What a consents or approvals file brings, as the store knows it."""
    assert name in TO_STORE
    made = KnownConsent if name == "consents" else KnownApproval
    return tuple(made(str(number), row, Source.IMPORT) for number, row in enumerate(rows_of(name, raw)))


def rows_of(name: str, raw: bytes) -> list[Any]:
    report = Report()
    rows = list(read(FORMATS[name], name, [raw], report))
    assert not report.bad
    return rows
