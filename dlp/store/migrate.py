"""Bring a store's schema to the newest revision, once, before anybody opens it.

Takes the same url and data folder as the store. Runs Alembic without an ini file, in one transaction, so a migration that
fails leaves the old schema. A schema newer than this program is a ConfigError: nothing is touched.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from dlp.errors import ConfigError
from dlp.store import database
from dlp.store.records import HOLD_FOR


def migrate(url: str, data_dir: Path, hold_for: timedelta = HOLD_FOR) -> None:
    """Create or upgrade the schema. ConfigError when it is newer than this program; Unavailable when the database cannot.

    Holds of a version that knew no deadlines get `hold_for` from now on.
    """
    engine = database.connect(url, data_dir)
    config = scripts()
    try:
        with database.migrating(engine) as connection:
            known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
            if not known.issuperset(MigrationContext.configure(connection).get_current_heads()):
                raise _newer(database.place(url, data_dir))
            config.attributes |= {"connection": connection, "hold_for": hold_for}
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def scripts() -> Config:
    """Where the migrations are, as Alembic wants to be told."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _newer(place: str) -> ConfigError:
    return ConfigError(
        "the store was written by a newer version of this program",
        file=place,
        key="store.url",
        remedy="install that version again, or restore a backup made with this one",
    )
