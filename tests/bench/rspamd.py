"""rspamd as a milter on a Unix socket, for the bench: expressions of our pattern files, nothing else, in a folder of its own.

`PrivateRspamd(folder)` starts `rspamd_proxy` with self-scan in two processes, as many as the filter has, and is ready when
both have compiled their expressions. No rules of its own are loaded, and what it scores has no consequence. `missing()` says
why it cannot run here. A start that fails, or expressions that were not taken, is a RuntimeError with its log.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from tests.upstream import shipped_rules

PROCESSES = 2
# Fewer than the filter's own, which looks for all of its patterns everywhere.
BODY = (
    *("student-id", "grade-letter", "grade-outcome", "grade-points", "gpa-value", "record-standing", "record-financial"),
    *("record-health", "record-accommodation", "record-conduct", "record-integrity", "record-admission"),
    *("record-immigration", "degree-awarded", "class-year"),
)
SUBJECT = (
    *("header-grades", "header-gpa", "header-difficulty", "header-probation", "header-leave", "header-hold"),
    *("header-discipline", "header-hearing", "header-cap", "header-cod"),
    *("student-id", "grade-letter", "gpa-value", "record-standing", "record-health"),
)
_USER = "_rspamd"  # whom Debian's package makes
_COMPILED = re.compile(r"\(rspamd_proxy\).*hyperscan database of \d+ regexps has been loaded")

_NAME = re.compile(r"[A-Z_]{4,}")


def missing() -> str:
    """Why there is no row for it; "" when there is one."""
    if shutil.which("rspamd") is None:
        return "rspamd is not installed"
    return "" if os.geteuid() == 0 else "rspamd is started as root, to serve as its own user"


def rules() -> dict[str, str]:
    """Symbol -> expression, as its regexp module takes it."""
    shipped = {pattern.id: pattern.regex for pattern in shipped_rules().patterns}
    found = {symbol("body", name): f"{_slashed(shipped[name])}u{{mime}}" for name in BODY}
    return found | {symbol("subject", name): f"Subject={_slashed(shipped[name])}u{{header}}" for name in SUBJECT}


def telling() -> bytes:
    """A message with an example of every expression, which shows that they were taken."""
    examples = {pattern.id: pattern.match[0].replace("\n", " ") for pattern in shipped_rules().patterns}
    body = "\r\n\r\n".join(examples[name] for name in BODY)
    subject = " ; ".join(examples[name] for name in SUBJECT)
    head = f"From: Ann Mori <ann.mori@campus.example>\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n"
    return f"{head}MIME-Version: 1.0\r\n\r\n{body}\r\n".encode()


def symbol(where: str, name: str) -> str:
    return f"{where}_{name}".upper().replace("-", "_")


def _slashed(expression: str) -> str:
    bare = expression.removeprefix("(?i)")
    flags = "i" if bare != expression else ""
    return "/" + re.sub(r"(?<!\\)/", r"\\/", bare) + "/" + flags


class PrivateRspamd:
    """Start it, use it, stop it; a context manager."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "milter"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PrivateRspamd:
        (self._folder / "rspamd.conf").write_text(json.dumps(_configuration(self._folder), indent=1))
        (self._folder / "tlds").write_text("com\nedu\norg\nexample\n")  # its own list is compiled for minutes
        shutil.chown(self._folder, _USER, _USER)
        with (self._folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                ["rspamd", "-f", "-c", str(self._folder / "rspamd.conf"), "-u", _USER, "-g", _USER],
                stdout=output,
                stderr=output,
            )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(30)
            finally:
                self._process.kill()

    def _wait(self, within: float = 900.0) -> None:
        assert self._process is not None
        deadline = time.monotonic() + within
        while len(_COMPILED.findall(self.log())) < PROCESSES:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f"rspamd did not become ready:\n{self.log()}")
            time.sleep(0.1)

    @property
    def pid(self) -> int:
        """Of its main process, whose children do the work."""
        assert self._process is not None, "not started"
        return self._process.pid

    def saw(self, symbols: Iterable[str], within: float = 10.0) -> bool:
        """Whether its line about some message names all of these, soon."""
        wanted, deadline = set(symbols), time.monotonic() + within
        while not any(wanted <= set(_NAME.findall(line)) for line in self.log().splitlines()):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def log(self) -> str:
        return "".join(
            path.read_text(errors="replace") for path in (self._folder / "output", self._folder / "log") if path.exists()
        )


def _configuration(folder: Path) -> dict[str, object]:
    """Its format includes JSON."""
    return {
        "options": {
            "pidfile": f"{folder}/pid",
            "filters": "regexp",
            "tempdir": str(folder),
            "hs_cache_dir": str(folder),
            "control_socket": f"{folder}/control mode=0600",
            "url_tld": f"{folder}/tlds",
            "dns": {"nameserver": ["127.0.0.1"], "timeout": 1},  # nobody asks it: no rule looks anything up
        },
        "logging": {"type": "file", "filename": f"{folder}/log", "level": "info"},
        "worker": {
            "rspamd_proxy": {
                "bind_socket": f"{folder}/milter mode=0666",
                "milter": True,
                "timeout": 120,
                "count": PROCESSES,
                "upstream": {"local": {"default": True, "self_scan": True}},
            }
        },
        "actions": {"reject": 1_000_000, "add_header": 900_000, "greylist": 800_000},
        "regexp": {name: {"re": line, "score": 1.0} for name, line in rules().items()},
    }
