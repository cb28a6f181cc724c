"""What finding students costs: mail about nobody, letters about one, and sheets, at universities of two sizes, beside a peer.

Takes `--students` (sizes) and a folder where universities and their letters are kept for the next run; PEER names the Python
of an environment with Microsoft Presidio (peer.py), PEER_MODEL its spaCy pipeline. Prints tables, CPU milliseconds of a
message, and with a peer puts them into docs/performance.md between their marks. A step that fails ends with its traceback.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import magic

from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.pipeline import survey
from dlp.supervisor import settle_memory
from dlp.values import Channel, Client, Envelope, Origin, Recipient, Texts
from tests.accuracy.forms import FILES
from tests.accuracy.frames import split
from tests.accuracy.generate import messages
from tests.accuracy.judging import NOW, Filter, opened, prepared
from tests.accuracy.lists import EVERYBODY, Layout, Table
from tests.accuracy.mails import Draft, message
from tests.accuracy.world import Person, World
from tests.bench import peer
from tests.bench.mails import mails
from tests.rigs.document import ROOT, markdown, put, when_and_where

DOCUMENT = ROOT / "docs/performance.md"
SIZES, MANY = (12_000,), 1_000_000
LEFT_OUT = (
    f"A million students were left out: importing them takes minutes; `--students {SIZES[0]} {MANY}` measures them too.\n"
)
LETTERS, ROWS = 200, 5_000
ONE = "a letter about one student"
NOBODY = "nobody, {}"
_GOALS = {NOBODY.format("2 KB"): 0.4, NOBODY.format("20 KB"): 1.5, NOBODY.format("1 MB"): 5.0, ONE: 3.0}
_OF_PEER = 50  # letters it gets
_ENOUGH, _LEAST = 0.04, 3  # seconds of CPU and tries for one message
_MEMORY = re.compile(r"(?m)^(Rss|Pss_Anon|Private_Clean|Private_Dirty): *(\d+) kB")
_SNIFF = magic.Magic(mime=True).from_buffer

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to be judged, and its row."""

    row: str
    raw: bytes
    sender: str
    recipients: tuple[str, ...]


def cast(world: World) -> Iterator[Mail]:
    """The messages about people of one university."""
    subject, chance = world.subjects[0], Random(3)
    outside = world.stranger(chance)
    for size, raw in mails().items():
        own = raw.replace(b"ann.mori@campus.example", subject.instructor.email.encode())
        yield Mail(NOBODY.format(size), own, subject.instructor.email, (outside.email,))
    authors = split()["train"]
    for author in authors:
        drawn = (each for each in messages(author, world) if len(each.students) == 1 and not each.copies[0].situation.nameless)
        for each in islice(drawn, 0, 9 * LETTERS // len(authors), 9):
            yield Mail(ONE, each.raw, each.sender, tuple(copy.address for copy in each.copies))
    for form in ("csv", "xlsx"):
        yield Mail(
            f"{ROWS:,} rows, {form.upper()}", _sheet(world, form, outside, chance), subject.instructor.email, (outside.email,)
        )


def _sheet(world: World, form: str, reader: Person, chance: Random) -> bytes:
    people = world.students[:ROWS]
    head = ("Student ID", "Last name", "First name", "E-mail", "Midterm", "Final", "Grade")
    rows = [
        (each.id, each.name.family, each.name.given, each.email, *_points(chance), chance.choice("ABCDF")) for each in people
    ]
    files = FILES[form][0](Table(Layout("bench", "grade-list", EVERYBODY), {"Grades": (head, *rows)}))
    sender = world.subjects[0].instructor
    draft = Draft("The list", "As agreed.\n", sender, ((reader, reader.email),), sender, files=files)
    return message(draft, "plain", chance)


def _points(chance: Random) -> tuple[str, str]:
    return str(chance.randrange(30, 101)), str(chance.randrange(30, 101))


def measured(folder: Path) -> Result:
    """Every message judged by a filter that has the university's directory, in this process alone."""
    began = time.perf_counter()
    found = opened(folder / "site" / "config.toml")
    loaded = time.perf_counter() - began
    settle_memory()  # as the filter does before its processes start
    rows: dict[str, list[list[float]]] = {}
    for mail in _kept(folder):
        rows.setdefault(mail.row, []).append(_spent(mail, found))
    lines = _MEMORY.findall(Path("/proc/self/smaps_rollup").read_text())
    return {"rows": rows, "loaded": loaded, "memory": {name: int(size) / 1000 for name, size in lines}}


def _spent(mail: Mail, found: Filter) -> list[float]:
    """CPU milliseconds of reading, finding and deciding: the lowest of some tries."""
    best: list[float] = []
    tries, until = 0, time.process_time() + _ENOUGH
    while tries < _LEAST or time.process_time() < until:
        tries += 1
        clock = [time.process_time()]
        texts = _read(mail.raw)
        clock.append(time.process_time())
        recipients = tuple(map(Recipient, mail.recipients))
        envelope = Envelope("", "", mail.sender, (), recipients, Client(), NOW, Origin.SUBMISSION)
        surveyed = survey(envelope, texts, found.rules, mail.raw, found.known.known)
        clock.append(time.process_time())
        surveyed.judgement()  # once: of nobody here has the store anything
        clock.append(time.process_time())
        taken = [(end - start) * 1000 for start, end in pairwise(clock)]
        best = min(best or taken, taken, key=sum)
    return best


def _read(raw: bytes) -> Texts:
    return read(raw, Limits(), open_file=opener(Limits(), len(raw), _SNIFF))


def _kept(folder: Path) -> Iterator[Mail]:
    for line in (folder / "mails.jsonl").read_text(encoding="utf-8").splitlines():
        row, raw, sender, recipients = json.loads(line)
        yield Mail(row, b64decode(raw), sender, tuple(recipients))


def _keep(folder: Path, students: int) -> None:
    """The university imported and its messages, unless they are there already."""
    kept = folder / "mails.jsonl"
    world = World(0, students)
    prepared(world, folder)
    if not kept.exists():
        lines = [json.dumps((each.row, b64encode(each.raw).decode(), each.sender, each.recipients)) for each in cast(world)]
        kept.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _texts(folder: Path) -> dict[str, list[str]]:
    """What the filter read, for the peer, who reads no mail. Not the sheets: with them a run takes too long."""
    found: dict[str, list[str]] = {}
    for mail in _kept(folder):
        views = (view for view in _read(mail.raw).views if not view.again and view.channel is not Channel.HEADERS)
        found.setdefault(mail.row, []).append("\n".join(view.text for view in views))
    return {row: texts[:_OF_PEER] for row, texts in found.items() if row in _GOALS}


def tables(sizes: Mapping[int, Result], beside: Mapping[str, Sequence[Sequence[float]]]) -> str:
    """In Markdown: the first size in full and beside the peer, then the others beside the first."""
    first, *others = sizes
    head: list[object] = [f"CPU ms, {first:,} students", "read", "find", "decide", "all", "p99", "goal"]
    peers = ("Presidio, patterns", "with spaCy")[: max((len(each) for some in beside.values() for each in some), default=0)]
    head += peers
    rows = [head]
    for name, taken in sizes[first]["rows"].items():
        every = [sum(each) for each in taken]
        goal = _GOALS.get(name, 1000)
        row: list[object] = [name, *(f"{median(step):.2f}" for step in zip(*taken, strict=True)), f"{median(every):.2f}"]
        row += [f"{_p99(every):.1f}" if len(every) > 1 else "", f"{goal:g}"]
        theirs = [f"{median(step):.1f}" for step in zip(*beside.get(name, ()), strict=True)]
        rows.append(row + (theirs or [""] * len(peers)))
    shown = [markdown(rows)]
    for size in others:
        rows = [[f"CPU ms, {size:,} students", "all", "p99", f"of {first:,} (goal 1.5)"]]
        for name in sizes[size]["rows"]:
            every, few = ([sum(each) for each in sizes[each]["rows"][name]] for each in (size, first))
            ratio = median(every) / median(few)
            rows.append([name, f"{median(every):.2f}", f"{_p99(every):.1f}" if len(every) > 1 else "", f"{ratio:.2f}"])
        shown.append(markdown(rows))
    rows = [["a process that judged these", *(f"{size:,}" for size in sizes)]]
    rows.append(["rules and directory loaded, ms", *(f"{one['loaded'] * 1000:.0f}" for one in sizes.values())])
    rows.append(["memory, MB", *(f"{one['memory']['Rss']:.0f}" for one in sizes.values())])
    own = [one["memory"]["Private_Dirty"] for one in sizes.values()]
    rows.append(["of that its own, MB", *(f"{size:.0f}" for size in own)])
    return "\n".join((*shown, markdown(rows)))


def _p99(taken: Sequence[float]) -> float:
    return sorted(taken)[len(taken) * 99 // 100]


def _apart(step: str, folder: Path, students: int) -> Result:
    """One step in a process of its own, whose memory holds nothing else."""
    command = [
        sys.executable,
        "-m",
        "tests.bench.finding",
        "--step",
        step,
        "--folder",
        str(folder),
        "--students",
        str(students),
    ]
    run = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=3_000)
    found: Result = json.loads(run.stdout or "{}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.finding", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--students", type=int, nargs="*", default=[*SIZES])
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench")
    parser.add_argument("--step", choices=("cast", "judge"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.step == "cast":
        _keep(chosen.folder, *chosen.students)
    elif chosen.step == "judge":
        sys.stdout.write(json.dumps(measured(chosen.folder)))
    else:
        _report(chosen.students, chosen.folder)


def _report(students: Sequence[int], folder: Path) -> None:
    found = {}
    for size in students:
        here = folder / str(size)
        sys.stderr.write(f"{size:,} students ...\n")
        _apart("cast", here, size)
        found[size] = _apart("judge", here, size)
    python, beside, said = os.environ.get("PEER", ""), {}, f"{peer.HOW}.\n"
    if python:
        beside, said = dict(peer.beside(python, os.environ.get("PEER_MODEL", ""), _texts(folder / str(students[0])))), ""
    text = tables(found, beside) + said + ("" if len(students) > 1 else LEFT_OUT)
    sys.stdout.write(text)
    if not beside:  # the table in the document stands beside the peer's
        sys.stderr.write(f"{DOCUMENT.name} is left as it is.\n")
        return
    load = " / ".join(f"{figure:.1f}" for figure in os.getloadavg())
    put("finding", f"{when_and_where()} Load average at the end {load}.\n\n{text}", DOCUMENT)


if __name__ == "__main__":
    main()
