"""The check of `dlp doctor` that looks at the store.

Takes settings; gives Checks: whether the store opens, has this version's schema, fits the site key and is as it was written,
and of PostgreSQL whether its clock is ours and whether a failover may lose what was committed. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from dlp import keys
from dlp.clock import utc_now
from dlp.commands.checkup import Check, State, mistake
from dlp.commands.site_store import KEEP_IT
from dlp.config import Settings
from dlp.errors import ConfigError, Unavailable
from dlp.store import database, migrate, site, site_key, sqlite, whole

_APART = 30.0  # seconds between two clocks before leases may be misjudged


def store(settings: Settings) -> Iterator[Check]:
    """Whether the store opens and has this version's schema. A store that is not there yet is made by serve."""
    if site.is_sqlite(settings) and not (settings.data_dir / sqlite.FILE).exists():
        yield Check(State.OK, "store", "none yet; the first dlp serve makes it")
        return
    try:
        site.node(settings)
        yield from _opened(settings, site.address(settings))
    except ConfigError as error:
        yield from mistake(State.FAIL, "store", error)
    except Unavailable:
        remedy = "look for a full disk, or a program that locks it"
        if not site.is_sqlite(settings):
            remedy = "start it; let this machine in (pg_hba.conf, firewall); look at user, password and database in the URL"
        yield Check(State.FAIL, "store", f"{site.place(settings)} does not answer", remedy)


def _opened(settings: Settings, address: str) -> Iterator[Check]:
    engine = database.connect(address, settings.data_dir)
    try:
        with database.reading(engine) as connection:
            schema = _schema(connection)
            site_keys = _keys(settings)
            if schema.state is State.OK and site_keys and not site_key.fits(connection, site_keys):
                yield from mistake(State.FAIL, "store", site_key.refusal(site.place(settings), schema=True))
            else:
                yield schema
                if schema.state is State.OK and site_keys:
                    yield from _chains(connection, site_keys)
            if engine.dialect.name == "postgresql":
                yield from _server(connection)
    finally:
        engine.dispose()


def _schema(connection: Connection) -> Check:
    present = set(MigrationContext.configure(connection).get_current_heads())
    scripts = ScriptDirectory.from_config(migrate.scripts())
    if not present <= {script.revision for script in scripts.walk_revisions()}:
        return Check(State.FAIL, "store", "written by a newer version", "install that version again, or restore a backup")
    if present != set(scripts.get_heads()):
        what = "an older schema" if present else "no schema yet"
        return Check(State.WARN, "store", what, "dlp serve brings it up to date; make a backup before")
    return Check(State.OK, "store", "opens, schema up to date")


def _keys(settings: Settings) -> keys.Keys | None:
    """The site's keys; None where there are none, which is told elsewhere."""
    try:
        return keys.load(settings.keys_dir)
    except ConfigError:
        return None


def _chains(connection: Connection, site_keys: keys.Keys) -> Iterator[Check]:
    """Whether audit chain and ledger are whole; without the key that wrote them nobody can tell."""
    rows = ", ".join(f"{number} of the {name}" for name, number in whole.rows(connection).items())
    if broken := whole.broken(connection, site_keys):
        chain, bad = broken
        what = f"{chain}, node {bad.node}, row {bad.seq}: {bad.why} ({rows})"
        yield Check(State.FAIL, "store records", what, KEEP_IT)
    else:
        yield Check(State.OK, "store records", f"whole: {rows}")


def _server(connection: Connection) -> Iterator[Check]:
    apart = abs((connection.execute(text("SELECT clock_timestamp()")).scalar_one() - utc_now()).total_seconds())
    if apart > _APART:
        remedy = "set both clocks (timedatectl); leases of nodes are measured by them"
        yield Check(State.FAIL, "store clock", f"{apart:.0f} s apart from this machine's", remedy)
    else:
        yield Check(State.OK, "store clock", "as this machine's")
    standbys = connection.execute(text("SELECT count(*) FROM pg_stat_replication")).scalar_one()
    waited_for = connection.execute(text("SELECT current_setting('synchronous_standby_names')")).scalar_one()
    if standbys and not waited_for:
        remedy = "set synchronous_standby_names, or never fail over to a standby that lags"
        yield Check(State.WARN, "store standby", "no commit waits for a standby: a failover may lose held mail", remedy)
