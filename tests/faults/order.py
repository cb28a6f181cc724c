"""The order of system calls: what must be durable is synced before its 250 is written (R2).

Takes the lines of `strace -f -yy` of one receiver that is given one message at a time, and which references must be durable.
`calls` reads the lines, `faults` gives one text for each broken rule. Pure. A line that is no call is passed over; the two
halves of an interrupted one ("unfinished", "resumed") are put together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_WHOLE = re.compile(r"(\d+) +(?:[0-9.]+ )?(\w+)\((.*)\) += (-?\d+)(?: .*)?")
_BEGUN = re.compile(r"(\d+) +(?:[0-9.]+ )?(\w+)\((.*) <unfinished \.\.\.>")
_ENDED = re.compile(r"(\d+) +(?:[0-9.]+ )?<\.\.\. (\w+) resumed>.*= (-?\d+)(?: .*)?")
_FILE = re.compile(r"\d+<(/[^>]*)>")
_REFERENCE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
WRITES = frozenset({"write", "pwrite64", "writev", "pwritev", "pwritev2"})
SYNCS = frozenset({"fsync", "fdatasync"})
SENDS = frozenset({"sendto", "sendmsg", "write", "writev"})


@dataclass(frozen=True, slots=True)
class Call:
    """One system call. `begins` and `ends` are line numbers."""

    begins: int
    ends: int
    name: str
    arguments: str
    result: int

    @property
    def file(self) -> str:
        found = _FILE.match(self.arguments)
        return found[1] if found else ""

    @property
    def is_reply(self) -> bool:
        """The listener's 250 for a message; to the next hop nothing is said that begins so."""
        return self.name in SENDS and not self.file and ', "250 2.0.0 ' in self.arguments


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """The calls in the order in which they ended."""
    begun: dict[str, tuple[int, str, str]] = {}
    for number, line in enumerate(lines):
        if found := _WHOLE.fullmatch(line.rstrip("\n")):
            yield Call(number, number, found[2], found[3], int(found[4]))
        elif found := _BEGUN.fullmatch(line.rstrip("\n")):
            begun[found[1]] = (number, found[2], found[3])
        elif (found := _ENDED.fullmatch(line.rstrip("\n"))) and (first := begun.pop(found[1], None)):
            yield Call(first[0], number, first[1], first[2], int(found[3]))


def faults(every: Iterable[Call], store: str, durable: Collection[str]) -> Iterator[str]:
    """What is wrong with the order. `store` is the database's path; `durable` the references that need it."""
    unsynced: dict[str, int] = {}  # file -> the line where its last write ended, if no sync has followed
    written = False  # the write-ahead log has something since the last reply, and it is synced
    missing = set(durable)
    files = {store, f"{store}-wal", f"{store}-journal"}
    for call in sorted(every, key=_counts_at):
        if call.file in files:
            if call.name in WRITES and call.result > 0:
                unsynced[call.file] = call.ends
            elif call.name in SYNCS and call.result == 0 and unsynced.get(call.file, call.begins) < call.begins:
                written = written or call.file.endswith("-wal")
                del unsynced[call.file]
        elif call.is_reply:
            for reference in sorted(missing & set(_REFERENCE.findall(call.arguments))):
                if not written:
                    yield f"{reference}: 250 in line {call.begins + 1} without anything written and synced before it"
                yield from (f"{reference}: 250 before {Path(file).name} was synced" for file in sorted(unsynced))
                missing.discard(reference)
            written = False
    yield from (f"{reference}: its 250 is not in the trace" for reference in sorted(missing))


def _counts_at(call: Call) -> int:
    """A sync is done when it has ended; a write or a reply may be seen as soon as it has begun."""
    return call.ends if call.name in SYNCS else call.begins
