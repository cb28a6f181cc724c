"""Fuzzes what opens files: `make fuzz TARGET=files MINUTES=n`, or `python -m tests.fuzz.fuzz_files SECONDS [SEED [FOLDER]]`.

Mutates the made files of tests/extractors/files, of one FOLDER or of all, and opens them. An exception, an opening that takes
more than two seconds of CPU time, or a crash of a decoder stops it; the file is left in ./fuzz-files-failure.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from pathlib import Path

from dlp.values import PartStatus
from tests.extractors.read import FILES, opened

SLOWEST = 2.0
MEMORY = 2 << 30
FAILURE = Path("fuzz-files-failure")
NUMBERS = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\1\0\0\0", b"\x80\0\0\0")


def mutate(source: random.Random, seeds: list[bytes]) -> bytes:
    """A file with some of its bytes changed, lost, doubled, or taken from another; sometimes cut."""
    data = bytearray(source.choice(seeds))
    for _ in range(source.choice((1, 1, 2, 4, 8, 30))):
        at = source.randrange(len(data) + 1)
        end = min(len(data), at + source.randrange(40))
        other = source.choice(seeds)
        cut = source.randrange(len(other))
        new = source.choice(
            (
                b"",
                source.choice(NUMBERS),
                source.randbytes(1),
                bytes(data[at:end]) * 2,
                other[cut : cut + 60],
                source.randbytes(4),
            )
        )
        data[at : at + len(new) if source.random() < 0.8 else end] = new  # most formats count bytes, so mostly none are moved
    return bytes(data[: source.randrange(len(data) + 1)] if source.random() < 0.1 else data)


def attempt(data: bytes) -> None:
    """Open one file; raises when a property does not hold."""
    start = time.process_time()
    found = opened(data, expanded=20_000_000, members=500, text=2_000_000, cells=200_000, pixels=4_000_000, pages=50)
    if time.process_time() - start > SLOWEST:
        raise TimeoutError("opening took too long")
    if any((end.status is PartStatus.READ) != (not end.why) for end in (found, *found.shut)):
        raise ValueError("an end without its word")


def main() -> None:
    seconds = float(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    folder = FILES / (sys.argv[3] if len(sys.argv) > 3 else ".")
    source = random.Random(seed)
    seeds = [data for path in sorted(folder.rglob("*")) if path.is_file() and (data := path.read_bytes())]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    end = time.monotonic() + seconds
    count = 0
    print(f"seed {seed}")
    while time.monotonic() < end:
        data = mutate(source, seeds)
        FAILURE.write_bytes(data)  # beforehand: a decoder that crashes leaves no second chance
        attempt(data)
        count += 1
    FAILURE.unlink()
    print(f"{count} files, no failure")


if __name__ == "__main__":
    main()
