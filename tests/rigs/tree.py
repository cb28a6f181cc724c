"""The process tree of a running filter, seen from outside: who is who, how big, and dead on demand.

Takes the supervisor's process id; reads /proc. A receiver waits for connections on the listening sockets (its epoll set
tells), the clerk has an event loop without them, the reader server has none. A process that ends between two looks is
left out. Only processes of this tree are killed.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

_PSS = re.compile(r"(?m)^Pss:\s*(\d+) kB")
_WATCHES = re.compile(r"^tfd:\s*(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Size:
    """What one process uses."""

    rss: int  # bytes, what it shares with the others included
    own: int  # bytes, its share of what is shared
    descriptors: int
    threads: int


def children(pid: int) -> list[int]:
    """Living children, in order of their ids."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if int(parent) == pid and state != "Z":
                    found.append(int(entry.name))
    return sorted(found)


def descendants(pid: int) -> list[int]:
    below = []
    for child in children(pid):
        below += [child, *descendants(child)]
    return below


def roles(supervisor: int, ports: Collection[int]) -> dict[int, str]:
    """Process id -> "receiver", "clerk" or "reader"."""
    listening = _listening(ports)
    return {pid: _role(pid, listening) for pid in children(supervisor)}


def kill_all(supervisor: int) -> None:
    """The whole tree at once; the supervisor first, so that nobody is started again."""
    for pid in (supervisor, *descendants(supervisor)):
        kill(pid)


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def size(pid: int) -> Size | None:
    """None when it has ended."""
    here = Path(f"/proc/{pid}")
    try:
        pages = int((here / "statm").read_text().split()[1])
        if not pages:  # it has ended, and nobody has asked how
            return None
        own = 1024 * int(_PSS.findall((here / "smaps_rollup").read_text())[0])
        descriptors, threads = (len(list((here / name).iterdir())) for name in ("fd", "task"))
        return Size(pages * os.sysconf("SC_PAGE_SIZE"), own, descriptors, threads)
    except (OSError, IndexError):
        return None


def _listening(ports: Collection[int]) -> frozenset[str]:
    """The inodes of the listening sockets on these ports, as links in /proc/PID/fd show them."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return frozenset(
        f"socket:[{line[9]}]" for line in lines if line[3] == "0A" and int(line[1].rpartition(":")[2], 16) in ports
    )


def _role(pid: int, listening: Collection[str]) -> str:
    watched = None
    with contextlib.suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            if "eventpoll" in str(link.readlink()):
                watched = set(_watched(pid, link.name))
    if watched is None:
        return "reader"
    return "receiver" if watched & set(listening) else "clerk"


def _watched(pid: int, descriptor: str) -> Iterator[str]:
    for number in _WATCHES.findall(Path(f"/proc/{pid}/fdinfo/{descriptor}").read_text()):
        with contextlib.suppress(OSError):
            yield str(Path(f"/proc/{pid}/fd/{number}").readlink())
