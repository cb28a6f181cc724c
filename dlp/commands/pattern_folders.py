"""What a site's pattern folders say that loads and may not be meant: no pattern file in one, one id in two files of it, or an
id of another folder, whose pattern is then in force no more.

Takes folders; gives what is so and how to mend it. What does not load is told by whoever loads it, and passed over here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dlp.errors import ConfigError
from dlp.pattern_files import parse
from dlp.rules import contents, pattern_files
from dlp.ruleset import Pattern
from dlp.shipped import shipped

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


def overridden(folders: Iterable[Path]) -> Mapping[tuple[str, Path], Path]:
    """By id and file: the file of the shipped folder, or of an earlier one of these, whose pattern that one overrides."""
    found: dict[tuple[str, Path], Path] = {}
    before: dict[str, Path] = {}
    for folder in (shipped("patterns"), *folders):
        try:
            files = pattern_files(folder)
        except ConfigError:
            continue
        here = {pattern.id: Path(pattern.file) for pattern in _loaded(files)}
        found |= {(id_, file): before[id_] for id_, file in here.items() if id_ in before and not file.samefile(before[id_])}
        before |= here
    return found


def said_of(file: Path) -> str:
    """Whose pattern it is that is overridden, for a person."""
    return f"the shipped one ({file.name})" if file.parent == shipped("patterns") else f"the one of {file}"


def _twice(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Ids that two files have: a later folder may override one, within a folder nobody means it."""
    first: dict[str, Path] = {}
    for pattern in _loaded(files):
        file = Path(pattern.file)
        if first.setdefault(pattern.id, file) != file:
            what = f'pattern "{pattern.id}" stands in {first[pattern.id]} and in {file}: only the last counts'
            yield what, "give one of them another id"


def _loaded(files: Iterable[Path]) -> Iterator[Pattern]:
    """The patterns of those files that can be read."""
    for file in files:
        try:
            yield from parse(contents(file), str(file))
        except ConfigError:
            continue
