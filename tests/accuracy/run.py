"""Measures accuracy: `make accuracy`, or `python -m tests.accuracy.run --split dev`.

Writes the letters of a split's authors about an invented university of their own, has the filter judge each copy, and prints
one report. Authors of one split have read no letter of another. Outcomes stay in the folder as JSON for closer looks.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from tests.accuracy import report
from tests.accuracy.frames import split
from tests.accuracy.generate import Message, messages
from tests.accuracy.judging import Outcome, outcomes, prepared
from tests.accuracy.world import POOLS, World


def measured(name: str, students: int, words: float, seed: int, folder: Path, write: Path | None = None) -> list[Outcome]:
    world = World(POOLS[name], students, seed, words)
    here = folder / f"{name}-{students}-{seed}-{words}"
    prepared(world, here)
    made = [message for author in split()[name] for message in messages(author, world, seed)]
    if write:
        written(made, name, world, write)
    began, found = time.monotonic(), []
    for outcome in outcomes(here / "site" / "config.toml", made):
        found.append(outcome)
        if len(found) % 500 == 0 and sys.stderr.isatty():
            print(f"\r{name}: {len(found):,} copies, {time.monotonic() - began:.0f} s", end="", file=sys.stderr)
    (here / "outcomes.json").write_text(json.dumps([dataclasses.asdict(each) for each in found]))
    return found


def written(made: Iterable[Message], name: str, world: World, folder: Path) -> None:
    """Each message as a file, with its label beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for message in made:
        (folder / f"{message.id}.eml").write_bytes(message.raw)
        label = json.dumps(message.label(name, world), ensure_ascii=False, indent=1)
        (folder / f"{message.id}.json").write_text(label + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.accuracy.run", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--split", choices=tuple(POOLS), default="dev")
    parser.add_argument("--students", type=int, default=400)
    parser.add_argument("--words", type=float, default=0.02, help="share of names made of everyday words")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("var/accuracy"))
    parser.add_argument("--write", type=Path, help="put the messages and their labels into this folder as well")
    chosen = parser.parse_args()
    found = measured(chosen.split, chosen.students, chosen.words, chosen.seed, chosen.folder, chosen.write)
    title = f"Accuracy, authors of the {chosen.split} split, {chosen.students:,} students"
    print("\n".join(report.lines(found, title)))


if __name__ == "__main__":
    main()
