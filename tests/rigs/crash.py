"""`make crash`: the filter is killed again and again while mail goes through it, and the ledgers are compared.

Takes `--kills N` (random SIGKILLs in all), `--points N` (deaths at each failpoint), `--minutes M` (stop at the next piece;
run again to go on), `--front milter` (mail by an MTA that asks and drops recipients, instead of to our ports). Each piece is
a tree, a store and a sink of its own, ended by a clean restart and the ledger script. Prints each piece and a table, puts the
table into docs/reliability.md; exit status 1 when a rule was broken, and then the piece's folder is kept.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlp.failpoints import NAMES
from tests.rigs import document
from tests.rigs.piece import Plan, run

FRONTS = {"ports": "crash", "milter": "crash-milter"}  # where mail comes in, and the name of the section
KILLS_AT_ONCE, HITS_AT_ONCE = 100, 4  # in one piece

Result = Mapping[str, Any]


def next_plan(pieces: Sequence[Result], kills: int, points: int, seed: int, front: str = "ports") -> Plan | None:
    """What is still to be done; None when all is."""
    killed = sum(piece["random"] for piece in pieces)
    if killed < kills:
        return Plan(seed, kills=min(KILLS_AT_ONCE, kills - killed), front=front)
    hits = hits_of(pieces)
    missing = {name: points - hits[name] for name in NAMES if hits[name] < points and name not in not_reached(pieces)}
    at_once = {name: min(HITS_AT_ONCE, count) for name, count in missing.items()}
    return Plan(seed, points=at_once, front=front) if missing else None


def hits_of(pieces: Sequence[Result]) -> Counter[str]:
    hits: Counter[str] = Counter()
    for piece in pieces:
        hits.update(piece["points"])
    return hits


def not_reached(pieces: Sequence[Result]) -> frozenset[str]:
    """Points that were tried twice and never met."""
    tried = Counter(name for piece in pieces for name in piece["missed"])
    return frozenset(name for name, times in tried.items() if times >= 2)


def totals(pieces: Sequence[Result]) -> list[tuple[str, object]]:
    def every(name: str) -> int:
        return sum(piece[name] for piece in pieces)

    broken = Counter(each["rule"] for piece in pieces for each in piece["broken"])
    kills: Counter[str] = Counter()
    states: Counter[str] = Counter()
    for piece in pieces:
        kills.update(piece["kills"])
        states.update(piece["states"])
    rules = ("LOST", "LEAKED", "ORPHAN", "PHANTOM", "MISCLASS", "ALTERED", "UNTOLD", "CHAIN", "STUCK")
    return [
        ("", "in all"),
        ("deaths", f"{sum(kills.values())}: " + ", ".join(f"{count} {target}" for target, count in sorted(kills.items()))),
        ("messages, recipients, tries", f"{every('messages')}, {every('recipients')}, {every('tries')}"),
        ("tries without an answer", every("unanswered")),
        ("recipients given up by the client", every("given_up")),
        ("copies delivered; notices", f"{every('delivered')}; {every('notices')}"),
        ("copies kept, by state", ", ".join(f"{count} {state}" for state, count in sorted(states.items()))),
        ("messages delivered twice, each between our dot and our reply or record", every("doubled")),
        ("DUP outside that window, or more than one for each death", broken["DUP"]),
        *((rule, broken[rule]) for rule in rules),
    ]


def written(pieces: Sequence[Result]) -> str:
    """The section of the document."""
    hits = hits_of(pieces)
    rows = [("failpoint", "deaths"), *((name, hits[name] or "not reached by this load") for name in NAMES)]
    seconds = sum(piece["seconds"] for piece in pieces)
    killed = sum(piece["random"] for piece in pieces)
    head = f"{document.when_and_where()} {len(pieces)} pieces, {seconds / 60:.0f} minutes, {killed} random kills."
    return "\n".join([head, "", document.markdown(totals(pieces)), document.markdown(rows)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--points", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=50.0)
    parser.add_argument("--seed", type=int, help="of the first piece; drawn when not given")
    parser.add_argument("--front", choices=FRONTS, default="ports")
    options = parser.parse_args()
    name = FRONTS[options.front]
    file = document.ROOT / f"var/rigs/{name}.json"
    state = json.loads(file.read_text()) if file.exists() else {"seed": options.seed or random.randrange(1 << 30), "pieces": []}
    pieces: list[Result] = state["pieces"]
    until = time.monotonic() + options.minutes * 60
    broken = False
    while time.monotonic() < until and not broken:
        plan = next_plan(pieces, options.kills, options.points, state["seed"] + len(pieces), options.front)
        if plan is None:
            break
        folder = Path(tempfile.mkdtemp(prefix="dlp-crash-"))
        folder.chmod(0o755)
        result = run(plan, folder)
        pieces.append(result)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(state))
        broken = bool(result["broken"])
        if broken:
            sys.stdout.write(f"broken, kept in {folder}: {json.dumps(result['broken'])}\n")
        else:
            shutil.rmtree(folder)
    sys.stdout.write(document.plain(totals(pieces)) + "\n")
    document.put(name, written(pieces))
    if next_plan(pieces, options.kills, options.points, 0) is None:
        file.rename(file.with_suffix(".done.json"))
    else:
        sys.stdout.write("not all is done: run it again to go on\n")
    return 1 if any(piece["broken"] for piece in pieces) else 0


if __name__ == "__main__":
    sys.exit(main())
