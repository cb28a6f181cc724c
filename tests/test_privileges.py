"""Dropping root: which folder keeps a user from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlp.privileges import barred

# files, folders that may not be entered, the one that is named
WAYS = {
    "all may be entered": (["a/b/file"], [], None),
    "the first of two": (["a/b/file"], ["a", "a/b"], "a"),
    "the file itself is no folder on the way": (["a/b"], ["a/b"], None),
    "behind a link": (["link"], ["a/b"], "a/b"),
    "on the way to the link itself": (["c/link"], ["c", "a/b"], "c"),
    "the second file": (["c/file", "a/b/file"], ["a/b"], "a/b"),
    "nothing is there": (["a/none/file"], ["a/none"], "a/none"),
}


@pytest.mark.parametrize("case", WAYS)
def test_the_first_folder_that_shuts_somebody_out_is_named(tmp_path: Path, case: str) -> None:
    files, shut, named = WAYS[case]
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "c").mkdir()
    for link in ("link", "c/link"):
        (tmp_path / link).symlink_to(tmp_path / "a" / "b" / "file")
    closed = [tmp_path / each for each in shut]
    found = barred([tmp_path / each for each in files], lambda folder: folder not in closed)
    assert found == (tmp_path / named if named else None)
