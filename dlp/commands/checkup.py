"""The checks of `dlp doctor`, one function each; checkup_wire.py has those on the wire, postfix_check.py those of the MTA.

Takes settings (or nothing, for what concerns the machine alone); gives Checks. Each looks and changes nothing, opens
no connection but to our own listeners, and says in its remedy what to type or write. A place this
user may not read raises PermissionError, which the command turns into a warning.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import socket
import stat
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dlp import fitted, keys, privileges, recogniser
from dlp.clock import utc_now
from dlp.commands.site_store import sealed_here
from dlp.config import Settings
from dlp.endpoints import Endpoint, parse_endpoint
from dlp.errors import ConfigError, all_of
from dlp.store import sqlite

MANY_MESSAGES = 20  # of the largest size: room that data_dir should have
FUTURE = 300  # seconds a file may be younger than now before the clock is doubted
PATIENCE = 5.0
# What an MTA says first to a milter: version 6, all it can do, all steps it may leave out.
NEGOTIATE = struct.pack(">IcIII", 13, b"O", 6, 0x1FF, 0x1FFFFF)


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """What one look showed; `remedy` is empty when all is well."""

    state: State
    name: str
    what: str
    remedy: str = ""


def mistake(state: State, name: str, error: ConfigError) -> Iterator[Check]:
    """A row for each mistake of a file."""
    for each in all_of(error):
        place = f"{each.file}:{each.line}: " if each.line else f"{each.file}: " if each.file else ""
        key = f"{each.key}: " if each.key else ""
        yield Check(state, name, f"{place}{key}{each.what}", each.remedy)


def python() -> Check:
    return Check(State.OK, "python", sys.version.split()[0])


def libmagic() -> Check:
    """Whether libmagic can be loaded and knows a PDF when it sees one."""
    try:
        import magic  # noqa: PLC0415  importing it is what is being tried

        kind = magic.Magic(mime=True).from_buffer(b"%PDF-1.7\n")
    except (ImportError, OSError, RuntimeError):
        return Check(State.FAIL, "libmagic", "cannot be loaded", "apt-get install libmagic1 (newer releases: libmagic1t64)")
    if kind != "application/pdf":
        return Check(
            State.FAIL, "libmagic", "does not know a PDF", "install its data again: apt-get install --reinstall libmagic-mgc"
        )
    return Check(State.OK, "libmagic", "loaded")


def pattern_engine() -> Check:
    """Whether the engine finds what it must and does not find what it must not."""
    try:
        import re2  # noqa: PLC0415  importing it is what is being tried

        canary = re2.compile(r"\bcanary-[0-9]{3}\b")
    except (ImportError, OSError):
        return Check(State.FAIL, "re2", "cannot be loaded", "run make setup again")
    if canary.search("a canary-123 sings") and not canary.search("a canary-12 sings"):
        return Check(State.OK, "re2", "finds its canary")
    return Check(State.FAIL, "re2", "misses its canary", "run make setup again")


def user(settings: Settings) -> Iterator[Check]:
    """Whom serve becomes when root starts it."""
    name = settings.site.user
    if os.geteuid() != 0:
        yield Check(State.OK, "user", f"this user ({_me()}); only root changes to another")
    elif not name:
        yield Check(State.WARN, "user", "serve would stay root", 'name a user of its own: user = "dlp"')
    elif _uid(name) is None:
        yield Check(State.FAIL, "user", f"there is no user {name}", f"useradd --system --no-create-home {name}")
    elif not _can_run_python(name):
        folder = privileges.barred(privileges.program(), lambda path: may(name, "-x", str(path)))
        what = f"{name} cannot run this Python, or read what it needs: {sys.executable}"
        remedy = f"install the program, and the Python it runs by, where {name} may read all of it, as in /opt, not below /root"
        yield Check(State.FAIL, "user", f"{what}; it may not enter {folder}" if folder else what, remedy)
    else:
        yield Check(State.OK, "user", name)


def _can_run_python(name: str) -> bool:
    """Whether the user serve becomes can start what serve loads after it has become that user."""
    entry = pwd.getpwnam(name)
    with suppress(OSError, subprocess.SubprocessError):
        tried = subprocess.run(
            [sys.executable, "-c", "import alembic, dlp.store.store"],
            check=False,
            cwd="/",
            capture_output=True,
            timeout=60,
            user=entry.pw_uid,
            group=entry.pw_gid,
            extra_groups=os.getgrouplist(name, entry.pw_gid),
        )
        return tried.returncode == 0
    return False


def may(name: str, how: str, path: str) -> bool:
    """Whether that user, with all its groups, may read ("-r") a file or enter ("-x") a folder.

    A user who does not exist has its own row.
    """
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return True
    groups = os.getgrouplist(name, entry.pw_gid)
    asked = subprocess.run(  # noqa: S603  no shell, our own words
        ["/usr/bin/test", how, path], user=entry.pw_uid, group=entry.pw_gid, extra_groups=groups, check=False, timeout=10
    )
    return asked.returncode == 0


def data_folder(settings: Settings) -> Iterator[Check]:
    """Owner, mode and free space of data_dir."""
    folder = settings.data_dir
    if not folder.is_dir():
        yield Check(
            State.FAIL,
            "data_dir",
            f"{folder} is missing",
            f"install -d -m 0700 -o {_owner(settings) or _me()} {quoted(folder)}",
        )
        return
    seen = folder.stat()
    if stat.S_IMODE(seen.st_mode) & 0o077:
        yield Check(State.FAIL, "data_dir", f"{folder} is open to other users", f"chmod 0700 {quoted(folder)}")
    elif not owned(settings, folder):
        yield Check(State.FAIL, "data_dir", f"{folder} belongs to another user", _give(settings, folder))
    else:
        yield Check(State.OK, "data_dir", str(folder))
    free, wanted = shutil.disk_usage(folder).free, MANY_MESSAGES * settings.limits.message
    told = f"{free >> 20} MiB free"
    if free < wanted:
        yield Check(
            State.WARN, "disk", told, f"make room: {wanted >> 20} MiB hold {MANY_MESSAGES} messages of the largest size"
        )
    else:
        yield Check(State.OK, "disk", told)


def site_key(settings: Settings) -> Iterator[Check]:
    """Whether the key can be read, and by the user who will need it."""
    folder = settings.keys_dir
    try:
        keys.load(folder)
    except ConfigError as error:
        kept = None if (folder / keys.FILE).exists() else sealed_here(settings)
        remedy = f"restore it from its copy: {kept} opens with no other" if kept else error.remedy
        yield Check(State.FAIL, "keys", f"{folder}: {error.what}", remedy)
        return
    if not owned(settings, folder / keys.FILE):
        yield Check(State.FAIL, "keys", f"{folder} belongs to another user", _give(settings, folder))
    else:
        yield Check(State.OK, "keys", str(folder))


def rules(settings: Settings) -> Iterator[Check]:
    """Whether pattern files and decision table load as serve would load them."""
    try:
        from dlp.commands import pattern_folders  # noqa: PLC0415  without the pattern engine the others must still run
        from dlp.in_force import rules_of  # noqa: PLC0415
    except ImportError:
        return
    try:
        loaded = rules_of(settings, str)
    except ConfigError as error:
        yield from mistake(State.FAIL, "rules", error)
    else:
        count = f"{len(loaded.patterns)} patterns, {len(loaded.table)} rows of the decision table"
        yield Check(State.OK, "rules", f"{count}, revision {loaded.revision}")
        for what, remedy in pattern_folders.remarks(settings.pattern_folders):
            yield Check(State.WARN, "patterns", what, remedy)
        for (name, file), other in pattern_folders.overridden(settings.pattern_folders).items():
            yield Check(State.OK, "patterns", f"{name} of {file} overrides {pattern_folders.said_of(other)}")
        if loaded.unweighed:
            yield Check(State.WARN, "sentences", f"not weighed: {loaded.unweighed}", fitted.REMEDY)
        if loaded.unverified:
            yield Check(State.WARN, "sentences", f"not verified: {loaded.unverified}", fitted.WITHOUT_VERIFIER)


def pictures(settings: Settings) -> Iterator[Check]:
    """Whether text in pictures can be read, where the site wants it."""
    workers = settings.workers
    if not workers.ocr:
        return
    try:
        recogniser.check(workers.ocr, Path(workers.ocr_data))
    except ConfigError as error:
        yield from mistake(State.FAIL, "pictures", error)
    else:
        yield Check(State.OK, "pictures", f"their text is read: {workers.ocr}")


def listeners(settings: Settings) -> Iterator[Check]:
    """Whether each address of ours is free, or answered by us."""
    greetings = {"lmtp": settings.receive.lmtp, "smtp": settings.receive.smtp}
    known = (f"220 {settings.hostname} ESMTP", f"220 {settings.hostname} LMTP")
    for name, text in (*greetings.items(), ("milter", settings.milter.listen)):
        if not text:
            continue
        answer = _answer(parse_endpoint(text), b"" if name in greetings else NEGOTIATE)
        told = answer is not None and answer.partition(b"\r\n")[0].decode("ascii", "replace")
        if answer is None:
            yield Check(State.OK, name, f"{text} is free")
        elif told in known if name in greetings else answer[4:5] == NEGOTIATE[4:5]:
            yield Check(State.OK, name, f"{text} is answered by {'dlp serve' if name in greetings else 'a milter'}")
        else:
            yield Check(
                State.FAIL,
                name,
                f"{text} is answered by another program",
                "stop it (ss -ltnp names it), or choose another port",
            )


def _answer(endpoint: Endpoint, asked: bytes) -> bytes | None:
    """What a listener says first, greeted with these bytes; None when nobody listens."""
    family = socket.AF_UNIX if endpoint.path else socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(PATIENCE)
        try:
            probe.connect(endpoint.path or (endpoint.host, endpoint.port))
        except (ConnectionRefusedError, FileNotFoundError):
            return None
        except PermissionError:
            raise
        except OSError:
            return None
        with suppress(OSError):
            probe.sendall(asked)
            return probe.recv(512)
    return b""


def clock(settings: Settings) -> Iterator[Check]:
    """A file from the future means that the clock was set back: deadlines and leases would be wrong."""
    now = utc_now().timestamp()
    files = [Path(settings.source.file), settings.data_dir, settings.data_dir / sqlite.FILE, Path(__file__)]
    newest = max((file.stat().st_mtime for file in files if file.exists()), default=0.0)
    if newest > now + FUTURE:
        yield Check(
            State.FAIL,
            "clock",
            f"{round(newest - now)} s behind a file of ours",
            "set the clock (timedatectl), then start again",
        )
    else:
        yield Check(State.OK, "clock", f"{utc_now():%Y-%m-%d %H:%M} UTC")


def quoted(path: Path) -> str:
    """A path as a shell takes it for one word."""
    return shlex.quote(str(path))


def owned(settings: Settings, file: Path) -> bool:
    """Whether a file belongs to the user who will need it: the site's, or whoever runs this and is not root."""
    mine, site = os.geteuid(), _uid(_owner(settings)) or 0
    return file.stat().st_uid in ({mine, site} if mine else {site})


def _give(settings: Settings, path: Path) -> str:
    """How a file comes to belong to the user of the site, whoever it is that asks: never to whoever asks."""
    owner = _owner(settings)
    return f"chown -R {owner} {quoted(path)}" if owner else "run it as root, or as the user that runs dlp serve"


def _owner(settings: Settings) -> str:
    """The user who must own our folders: the site's; "" where that is nobody here, and root did not say so."""
    name = settings.site.user
    if os.geteuid() == 0:
        return name or "root"
    return name if _uid(name) is not None else ""


def _me() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _uid(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


MACHINE_CHECKS: tuple[Callable[[], Check], ...] = (python, libmagic, pattern_engine)
SITE_CHECKS: Mapping[str, Callable[[Settings], Iterator[Check]]] = {
    "user": user,
    "data_dir": data_folder,
    "keys": site_key,
    "rules": rules,
    "pictures": pictures,
    "listeners": listeners,
    "clock": clock,
}
