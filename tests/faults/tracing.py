"""strace for the tests: whether it may be used here, and a system call of another process made to fail.

`missing()` says why not, or nothing. `failing(pid, ...)` attaches and is a context manager: inside, the n-th call of each
thread that touches one of the paths fails with the given error. Its log counts what was seen. OSError when it cannot attach.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ENDS_WITHIN = 30.0  # seconds


@cache
def missing() -> str:
    """Why strace cannot be used here; "" when it can."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed (scripts/test-packages.sh)"
    done = subprocess.run([strace, "-o", "/dev/null", "true"], capture_output=True, timeout=20, check=False)
    return "" if done.returncode == 0 else "this machine does not let strace trace (ptrace is not permitted)"


@contextmanager
def attached(pid: int, log: Path, *options: str) -> Iterator[None]:
    """A tracer on this process and its threads, until the process ends or the block does."""
    command = ["strace", "-f", "-p", str(pid), "-o", str(log), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        try:
            assert tracer.stderr is not None
            said = tracer.stderr.readline()
            if "attached" not in said:
                raise OSError(f"strace: {said}")
            yield
        finally:
            tracer.terminate()  # it lets go of the process
            tracer.communicate(timeout=ENDS_WITHIN)


def on_paths(paths: Sequence[Path], call: str, *, error: str = "", nth: int = 0) -> list[str]:
    """Options: log `call` on these paths, and with `nth` let the n-th of each thread fail."""
    options = [option for path in paths for option in ("-P", str(path))]
    options += ["-e", f"trace={call}"]
    if nth:
        options += ["-e", f"inject={call}:error={error}:when={nth}"]
    return options
