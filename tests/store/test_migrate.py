"""The schema: migrations build what the program expects, once, and refuse what is newer."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from dlp.errors import ConfigError
from dlp.store import Store, database
from dlp.store.migrate import migrate, scripts
from dlp.store.schema import REVISION, metadata
from tests.store.samples import KEYS, held, mail


def test_migrations_build_the_schema_of_the_program(store: Store) -> None:
    with store._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_program_expects_the_newest_revision() -> None:
    assert ScriptDirectory.from_config(scripts()).get_heads() == [REVISION]


def test_migrating_again_keeps_everything(store: Store, url: str, data_dir: Path) -> None:
    store.hold(mail(), [held("bob@outside.example")])
    migrate(url, data_dir)
    assert len(store.held()) == 1


def test_migrating_leaves_logging_alone(url: str, data_dir: Path) -> None:
    root = logging.getLogger()
    before = root.level, list(root.handlers), logging.getLogger("dlp.store").disabled
    migrate(url, data_dir)
    assert (root.level, list(root.handlers), logging.getLogger("dlp.store").disabled) == before


def test_a_store_that_was_never_migrated_does_not_open(url: str, data_dir: Path) -> None:
    with pytest.raises(ConfigError, match="dlp serve"):
        Store.open(url, data_dir, KEYS)


def test_a_newer_schema_is_refused_and_left_alone(store: Store, url: str, data_dir: Path) -> None:
    with database.writing(store._engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match="newer version"):
        migrate(url, data_dir)
    with pytest.raises(ConfigError, match="another schema"):
        Store.open(url, data_dir, KEYS)
    with database.reading(store._engine) as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"
