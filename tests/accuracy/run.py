"""Measures accuracy: `make accuracy`, or `python -m tests.accuracy.run --split dev`.

Writes the letters of a split's authors about an invented university of their own, has the filter judge each copy, and prints
one report; the whole of it is in the folder of `--report` as text and as a page. Authors of one split have read no letter of
another. Outcomes stay in the folder as JSON for closer looks.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.accuracy import progress
from tests.accuracy.cultures import cultures
from tests.accuracy.frames import split
from tests.accuracy.generate import Message, list_messages, messages
from tests.accuracy.judging import Outcome, outcomes, prepared
from tests.accuracy.page import page
from tests.accuracy.report import Section, as_text, sections
from tests.accuracy.robust import robustness
from tests.accuracy.soffice import by_office
from tests.accuracy.spellings import spellings
from tests.accuracy.world import POOLS, World

NEW = "new"  # authors who are measured in the world of the test, and apart from it


def measured(made: Sequence[Message], config: Path, kept: Path) -> list[Outcome]:
    """The outcomes of all copies; they stay in the file `kept`."""
    found = list(outcomes(config, made))
    kept.write_text(json.dumps([dataclasses.asdict(each) for each in found]))
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
    parser.add_argument("--split", choices=(*POOLS, NEW), default="dev")
    parser.add_argument("--students", type=int, default=400)
    parser.add_argument("--words", type=float, default=0.02, help="share of names made of everyday words")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("var/accuracy"))
    parser.add_argument("--report", type=Path, default=Path("var/accuracy/report"), help="folder for the whole report")
    parser.add_argument("--write", type=Path, help="put the messages and their labels into this folder as well")
    parser.add_argument("--lists", type=int, default=0, help="only lists: each layout in each form, so many times")
    parser.add_argument("--writer", choices=("soffice",), help="only lists, and those in files as LibreOffice saves them")
    parser.add_argument("--robust", action="store_true", help="judge what is stopped again, written and packed otherwise")
    parser.add_argument("--cultures", action="store_true", help="judge the letters again with names of each culture")
    with progress.told():
        reported(parser.parse_args())


def reported(chosen: argparse.Namespace) -> None:
    """All that was chosen, measured."""
    progress.at("importing the university")
    pool = POOLS["test" if chosen.split == NEW else chosen.split]
    world, authors = World(pool, chosen.students, chosen.seed, chosen.words), split()[chosen.split]
    here = chosen.folder / f"{chosen.split}-{chosen.students}-{chosen.seed}-{chosen.words}"
    config = here / "site" / "config.toml"
    prepared(world, here)
    progress.at("writing the letters")
    if chosen.lists:
        made = list(list_messages(authors, world, chosen.seed, chosen.lists))
        made = list(by_office(made)) if chosen.writer else made
    else:
        writing = progress.counted(authors, len(authors), "authors: letters are written")
        made = [message for author in writing for message in messages(author, world, chosen.seed)]
    if chosen.write:
        written(made, chosen.split, world, chosen.write)
    found = measured(made, config, here / ("lists.json" if chosen.lists else "outcomes.json"))
    progress.at("making the report")
    parts = list(sections(found))
    if not chosen.lists:
        parts.insert(1, spellings(authors, world, chosen.seed, config))
    if chosen.robust:
        parts.insert(-1, robustness(authors, world, chosen.seed, config))
    if chosen.cultures:
        parts.insert(-1, cultures(authors, world, chosen.seed, here / "cultures"))
    title = (
        f"Accuracy, authors of the {chosen.split} split, {chosen.students:,} students: "
        f"{len({each.message for each in found}):,} messages, {len(found):,} copies"
    )
    told(title, parts, chosen.report)


def told(title: str, parts: Sequence[Section], folder: Path) -> None:
    """Prints what is not folded; everything goes into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.txt").write_text("\n".join(as_text(title, parts)) + "\n", encoding="utf-8")
    (folder / "report.html").write_text(page(title, parts), encoding="utf-8")
    print("\n".join(as_text(title, [part for part in parts if not part.folded])))
    print(f"\nThe whole report: {folder / 'report.html'}, {folder / 'report.txt'}")


if __name__ == "__main__":
    main()
