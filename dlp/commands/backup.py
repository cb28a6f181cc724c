"""`dlp backup`: a checked copy of the store, while mail is being filtered.

Takes a file that is not there yet; gives a copy readable by the site's user alone (0600), without any key. Nothing is
overwritten, and a copy that does not open is not left behind. Exit status: 0 done, 2 refused, 3 the store does not answer.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

import click

from dlp import privileges
from dlp.commands import shared
from dlp.commands.site_store import is_there, run_as
from dlp.config import Settings
from dlp.errors import ConfigError, Refused, Unavailable
from dlp.store.backup import copy_store
from dlp.store.owners import sync_folder
from dlp.store.site import is_sqlite


@click.command(cls=shared.Command)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@shared.json_option
@shared.config_option
def backup(*, file: Path, as_json: bool, config: Path | None, overrides: tuple[str, ...]) -> None:
    """Copy the store to FILE while it is in use, and check the copy. The site key is not part of it: keep it apart.

    \b
    Examples:
      dlp backup /var/backups/dlp/store-2026-11-26.sqlite
    """
    settings = shared.open_settings(config, overrides)
    if not is_sqlite(settings):
        raise Refused("this store is in PostgreSQL, which makes its own copies: pg_dump --format=custom --file=FILE DATABASE")
    if not is_there(settings, run_as(settings)):
        raise Refused(f"there is no store yet in {settings.data_dir}; dlp serve makes it")
    _create(settings, file)
    try:
        size = copy_store(settings.data_dir, file.absolute())
    except Unavailable:
        with suppress(OSError):
            file.unlink()
        raise
    if as_json:
        shared.emit_json({"file": str(file), "bytes": size, "checked": True})
    else:
        click.echo(f"{file}: {size} bytes, checked; the site key is not in it")


def _create(settings: Settings, file: Path) -> None:
    """An empty file for the site's user alone, whom root becomes: a file that root leaves in the store would stop serve."""
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        if os.geteuid() == 0 and settings.site.user:
            shutil.chown(file, settings.site.user)
        with suppress(PermissionError):  # a folder that this user may write and not read
            sync_folder(file.absolute().parent)
        if os.geteuid() == 0 and settings.site.user:
            privileges.become(settings.site.user)
    except FileExistsError:
        raise Refused(f"{file} is there already; nothing is overwritten") from None
    except (ConfigError, LookupError):
        file.unlink()
        raise ConfigError(f"there is no user {settings.site.user!r} on this machine", key="site.user") from None
    except OSError as error:
        raise Refused(f"{file} cannot be made: {(error.strerror or '').lower()}; name a folder this user may write") from None
