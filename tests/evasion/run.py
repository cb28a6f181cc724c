"""The evasion matrix as a table: each case alone and inside an ordinary letter, and what became of it.

    python -m tests.evasion.run [--json] [--only E039] [--stacks 5000]

Exit status 1 when anything passed that should not, or a control was stopped. Documented limits are shown as such.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.evasion.matrix import CASES
from tests.evasion.oracle import Fate, fate
from tests.evasion.planted import LIMIT, OUTSIDE, PASSES, Case, alone, inside
from tests.evasion.stacks import stack

SEED = 20261005


def forms(case: Case) -> Iterator[tuple[str, bytes]]:
    """The messages of a case: alone, and inside an ordinary letter where it is a part."""
    built = case.build()
    yield "alone", alone(built)
    if (whole := inside(built)) is not None:
        yield "inside", whole


def main() -> int:
    parser = argparse.ArgumentParser(description="The evasion matrix.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="", help="cases whose id begins so")
    parser.add_argument("--stacks", type=int, default=5_000, help="random stacks of two to four tricks; 0 = none")
    asked = parser.parse_args()
    console = Console(stderr=asked.json)
    cases = [case for case in CASES if case.id.startswith(asked.only)]
    table = Table("case", "what", "wanted", "alone", "inside", title="Evasion matrix")
    told, sums, failures = [], Counter[str](), 0
    for case in track(cases, "cases", console=console, disable=not console.is_terminal):
        fates = {form: fate(raw, case.reader) for form, raw in forms(case)}
        bad = [form for form, each in fates.items() if not each.meets(case.expects)]
        failures += len(bad)
        for each in fates.values():
            sums[_sum(case, each)] += 1
        shown = [f"[red]{fates[form]}" if form in bad else str(fates.get(form, "")) for form in ("alone", "inside")]
        table.add_row(case.id, case.title, case.expects, *shown)
        told.append(
            {"case": case.id, "title": case.title, "wanted": case.expects, **{form: str(f) for form, f in fates.items()}}
        )
    passed = [seed for seed in _stacks(console, asked.stacks) if str(fate(stack(seed)[1], OUTSIDE)) == "PASSED"]
    if asked.json:
        json.dump({"cases": told, "sums": sums, "stacks": asked.stacks, "stacks_passed": passed}, sys.stdout)
    else:
        console.print(table)
        console.print(f"{len(cases)} cases; " + ", ".join(f"{count} {what}" for what, count in sorted(sums.items())))
        console.print(f"{asked.stacks} stacks, {len(passed)} passed: {', '.join(stack(seed)[0] for seed in passed[:20])}")
    return 1 if failures or len(passed) > asked.stacks * 0.005 else 0


def _sum(case: Case, found: Fate) -> str:
    if case.expects in (LIMIT, PASSES):
        return "limits" if case.expects == LIMIT else "controls passed" if str(found) == "PASSED" else "controls stopped"
    return str(found).partition(":")[0].lower()


def _stacks(console: Console, count: int) -> Iterator[int]:
    seeds = range(SEED, SEED + count)
    yield from track(seeds, "stacks", console=console, disable=not console.is_terminal)


if __name__ == "__main__":
    sys.exit(main())
