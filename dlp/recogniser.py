"""Tesseract, made ready before a reader's child is confined: text in pictures (the extra `[ocr]`).

Takes the languages and the folder of their data; gives a function from grey pixels to text, which opens no file and starts
no thread any more. A message gets some seconds of it; then the rest of its pictures stays unread. Without the extra or
the data `ready` raises ConfigError.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlp.errors import ConfigError

SECONDS = 8.0  # of processor time for one message: a child has 20
_KEY = "workers.ocr"


@dataclass(slots=True)
class Recogniser:
    """One engine. `used` are the seconds one message took of it; a copy made by a fork counts for itself."""

    engine: Any
    used: float = 0.0

    def __call__(self, grey: bytes, width: int, height: int) -> tuple[str, int] | None:
        """The text in a picture, one byte a pixel, and how sure of it Tesseract is in percent; None when time is over."""
        left = SECONDS - self.used
        if left <= 0:
            return None
        started = time.process_time()
        self.engine.SetImageBytes(grey, width, height, 1, width)
        self.engine.SetSourceResolution(150)  # said, or it is guessed and printed
        whole = self.engine.Recognize(int(left * 1000))
        found = (self.engine.GetUTF8Text(), self.engine.MeanTextConf()) if whole else None
        self.engine.Clear()
        self.used += time.process_time() - started
        return found

    def fresh(self) -> Recogniser:
        """The same engine for another message."""
        return Recogniser(self.engine)


def check(languages: str, folder: Path) -> None:
    """That `ready` could be. Raises ConfigError."""
    if not languages:
        return
    if not (importlib.util.find_spec("tesserocr") and importlib.util.find_spec("PIL")):
        raise ConfigError("text in pictures cannot be read", key=_KEY, remedy="install campus-dlp[ocr], or leave it empty")
    for language in languages.split("+"):
        if not (folder / f"{language}.traineddata").is_file():
            remedy = "install its data (tesseract-ocr-...), or name their folder in workers.ocr_data"
            raise ConfigError(f"no data for the language {language!r}", key=_KEY, remedy=remedy)


def ready(languages: str, folder: Path) -> Recogniser | None:
    """An engine with its data in memory, None when no language is wanted. Call it before threads and before forking."""
    check(languages, folder)
    if not languages:
        return None
    os.environ["OMP_THREAD_LIMIT"] = "1"  # before the library is loaded, which reads it then
    tesserocr = importlib.import_module("tesserocr")
    tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)  # else it speaks of odd pictures on standard error
    return Recogniser(tesserocr.PyTessBaseAPI(path=f"{folder}/", lang=languages, psm=tesserocr.PSM.AUTO))
