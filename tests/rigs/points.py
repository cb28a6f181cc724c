"""Arm a failpoint of a filter that runs, so that whoever comes to it first dies there.

Takes the folder that `dlp.failpoints` was told and the name of a point; gives the file that is there once somebody has come.
The point appears whole and anybody may take it: the filter may reach it at that moment, as a user of its own.
"""

from __future__ import annotations

from pathlib import Path


def arm(folder: Path, name: str) -> Path:
    """From now on who reaches this point is killed; gives the file that says it was reached."""
    made = folder / f"{name}.made"
    made.write_text("kill")
    made.chmod(0o666)
    made.rename(folder / name)
    return folder / f"{name}.hit"
