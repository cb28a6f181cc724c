"""How much ordinary mail would be held: counts over mailboxes, nothing of what is in them.

    python -m tests.evasion.measure MAILBOX...

Takes files with one message each, mbox files, or folders of them; reads and judges each message as the filter does for one
reader outside. Gives lines of counts by reason, and how long reading took. A message that cannot be read is counted; a file
that is no mail is one message that is ambiguous.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dlp.values import Action
from tests.evasion.oracle import judged, read_as_the_filter

_READER = "somebody@elsewhere.example"
_BETWEEN = re.compile(rb"(?:\A|\n\n)From [^\n]+\n(?=[!-9;-~]+:)")


@dataclass(slots=True)
class _Counts:
    messages: int = 0
    seconds: list[float] = field(default_factory=list)
    doubts: Counter[str] = field(default_factory=Counter)
    actions: Counter[Action] = field(default_factory=Counter)
    reasons: dict[Action, Counter[str]] = field(default_factory=lambda: {action: Counter() for action in Action})
    ambiguous: int = 0


def messages(paths: Iterable[Path]) -> Iterator[bytes]:
    """Each message of files, mbox files and folders."""
    for path in paths:
        if path.is_dir():
            yield from messages(sorted(path.iterdir()))
        else:
            data = path.read_bytes()
            yield from filter(None, _BETWEEN.split(data) if data.startswith(b"From ") else [data])


def measure(paths: Iterable[Path]) -> list[str]:
    """The counts, a line each."""
    counts = _Counts()
    for raw in messages(paths):
        _count(raw, counts)
    every = counts.messages or 1
    lines = [f"{counts.messages} messages", _line("ambiguous", counts.ambiguous, every, counts.doubts)]
    for action, word in ((Action.HOLD, "held"), (Action.WARN, "warned")):
        lines.append(_line(word, counts.actions[action], every, counts.reasons[action]))
    taken = sorted(counts.seconds) or [0.0]
    middle, late = (taken[len(taken) * per // 100] * 1000 for per in (50, 99))
    return [*lines, f"read in {middle:.1f} ms (middle), {late:.0f} ms (99 %), {taken[-1] * 1000:.0f} ms (longest)"]


def _count(raw: bytes, counts: _Counts) -> None:
    begun = time.perf_counter()
    texts = read_as_the_filter(raw)
    counts.seconds.append(time.perf_counter() - begun)
    [ruling] = judged(raw, _READER, texts).rulings
    counts.messages += 1
    counts.ambiguous += bool(texts.ambiguities)
    counts.doubts.update(texts.ambiguities)
    counts.actions[ruling.action] += 1
    counts.reasons[ruling.action].update({reason.code for reason in ruling.reasons})


def _line(word: str, number: int, every: int, reasons: Counter[str]) -> str:
    why = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common())
    return f"{number} {word} ({number / every:.2%})".replace("%", " %") + (f": {why}" if why else "")


if __name__ == "__main__":
    print("\n".join(measure(map(Path, sys.argv[1:]))))
