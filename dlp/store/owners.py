"""Who works on a row: each process, known by a file that it keeps locked.

Takes the run folder and the node's name; gives the text for `owner` columns, and says of another's text whether that
process still lives. The kernel drops the lock with the process, however that ends, and no name is used twice, so a
process number used again deceives nobody. Of another node's processes nothing is known: their leases alone count.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from pathlib import Path

from dlp.errors import ConfigError

_PREFIX = "owner."


class Owner:
    """This process as an owner of rows, and its look at others."""

    def __init__(self, folder: Path, node: str, *, shared: bool = False) -> None:
        """ConfigError when the folder cannot be written.

        With `shared` other machines may use the store, even under the same name: then the folder's own name counts.
        """
        node = installation(folder) if shared else node
        name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._folder = folder
        self._node = node
        self._path = folder / f"{_PREFIX}{name}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _locked_file(folder, self._path)
        except OSError as error:
            raise _not_writable(folder, error) from None
        self.text = f"{node}:{name}"

    def lives(self, owner: str) -> bool:
        """Whether the owner with this text may still be at work."""
        node, _, name = owner.rpartition(":")
        return node != self._node or _is_locked(self._folder / f"{_PREFIX}{name}")

    def sweep(self) -> None:
        """Remove what dead processes left behind."""
        for path in self._folder.glob(f"{_PREFIX}*"):
            if not _is_locked(path):
                with contextlib.suppress(OSError):
                    path.unlink()

    def close(self) -> None:
        """Nothing is owned any more."""
        with contextlib.suppress(OSError):
            self._path.unlink()
        os.close(self._lock)


def installation(folder: Path) -> str:
    """A name that no other run folder has, for where several machines share one store. ConfigError as above."""
    path = folder / "installation"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            if name := path.read_text(encoding="ascii"):
                return name
        with path.open("a+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            name = file.read()
            if not name:  # new, or left empty by a power cut: an empty name would be that of other machines too
                name = secrets.token_hex(8)
                file.write(name)
                file.flush()
                os.fsync(file.fileno())
                sync_folder(folder)
            return name
    except OSError as error:
        raise _not_writable(folder, error) from None


def sync_folder(folder: Path) -> None:
    """Make the names in it last over a power cut, as fsync does for what is in a file."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _not_writable(folder: Path, error: OSError) -> ConfigError:
    what, remedy = f"cannot be written: {error.strerror}", "make it writable for the user that runs dlp"
    return ConfigError(what, file=str(folder), key="site.data_dir", remedy=remedy)


def _locked_file(folder: Path, path: Path) -> int:
    """Make the file; it has its name only when it is locked, so that nobody finds it unlocked."""
    unnamed = folder / f".{path.name}"
    # others need to read it only: a command of root may have made it, and the service asks
    descriptor = os.open(unnamed, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        unnamed.rename(path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _is_locked(path: Path) -> bool:
    """Whether somebody holds the file's lock; True as well when that cannot be found out."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)
