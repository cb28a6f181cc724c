"""What a site's pattern folders say that loads and is hardly meant: no pattern file in one, or one id in two files of it.

Takes folders; gives what is so and how to mend it. What does not load is told by whoever loads it, and passed over here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from dlp.errors import ConfigError
from dlp.pattern_files import parse
from dlp.rules import contents, pattern_files

_NAMED = 3  # other files of a folder


def remarks(folders: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """What, and the remedy."""
    for folder in folders:
        try:
            files = pattern_files(folder)
        except ConfigError:
            continue
        if not files:
            others = sorted(path.name for path in folder.iterdir() if path.is_file())[:_NAMED]
            held = f" (it holds {', '.join(others)})" if others else ""
            what = f"there is no pattern file in {folder}{held}, so nothing of it is in force"
            yield what, "name the files so that they end in .toml"
        yield from _twice(files)


def _twice(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Ids that two files have: a later folder may override one, within a folder nobody means it."""
    first: dict[str, Path] = {}
    for file in files:
        try:
            patterns = parse(contents(file), str(file))
        except ConfigError:
            continue
        for pattern in patterns:
            if first.setdefault(pattern.id, file) != file:
                what = f'pattern "{pattern.id}" stands in {first[pattern.id]} and in {file}: only the last counts'
                yield what, "give one of them another id"
