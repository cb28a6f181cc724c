"""PostgreSQL: what is demanded of it, what its troubles are called, and that one lost in the middle loses nothing of ours."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from dlp.clock import utc_now
from dlp.commands import store_check
from dlp.config import Settings, load
from dlp.errors import ConfigError, Unavailable
from dlp.store import Store, postgres, site
from dlp.store import database as databases
from dlp.store.migrate import migrate
from dlp.store.schema import REVISION
from dlp.store.states import State
from dlp.store.troubles import named_troubles
from dlp.values import Recipient
from tests.e2e.loopback import HOST, free_ports, open_folder
from tests.e2e.postgres import PrivatePostgres, missing
from tests.e2e.proxy import CommitProxy
from tests.store.samples import KEYS, OFFICER, StandingClock, held, mail, new_store, notice, owed

BOB, EVE, KIM = "bob@outside.example", "eve@outside.example", "kim@outside.example"
servers = pytest.mark.servers


@pytest.fixture
def address(server: PrivatePostgres, database: str) -> str:
    return server.url(database)


@pytest.fixture
def big(address: str, data_dir: Path, clock: StandingClock) -> Iterator[Store]:
    """A store on PostgreSQL."""
    store = new_store(data_dir, clock, url=address)
    yield store
    store.close()


@pytest.fixture
def own() -> Iterator[PrivatePostgres]:
    """A server of the test alone, to be maltreated."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with open_folder("postgres") as folder, PrivatePostgres(folder) as running:
        yield running


@contextmanager
def configured(server: PrivatePostgres, setting: str, value: str) -> Iterator[None]:
    """The server with another configuration, for its running sessions as well."""
    server.execute(f"ALTER SYSTEM SET {setting} = {value}")
    server.execute("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER SYSTEM RESET {setting}".encode())
            connection.execute("SELECT pg_reload_conf()")


def until(server: PrivatePostgres, database: str, condition: str) -> None:
    """Wait for what the server says of itself; the test's own time limit ends it."""
    with psycopg.connect(server.url(database), autocommit=True) as connection:
        while not (connection.execute(condition.encode()).fetchone() or (False,))[0]:
            pass


# -- opening


@pytest.mark.parametrize("url", ["postgresql://dlp@:nonsense/x?secret", "postgresql://db/dlp?secret=1"])
def test_a_wrong_address_is_a_configuration_error_that_repeats_nothing_of_it(url: str, data_dir: Path) -> None:
    with pytest.raises(ConfigError, match=r"store\.url") as caught:
        Store.open(url, data_dir, KEYS)
    assert "secret" not in str(caught.value)


def test_without_the_driver_the_error_says_how_to_install_it(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "dlp.store.patient", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"pip install 'campus-dlp\[postgres\]'"):
        Store.open("postgresql://db.example/dlp", data_dir, KEYS)


def test_a_server_that_is_down_is_unavailable(data_dir: Path) -> None:
    (port,) = free_ports(1)
    with pytest.raises(Unavailable, match="store"):
        Store.open(f"postgresql://dlp:secret@{HOST}:{port}/dlp", data_dir, KEYS)


def test_a_full_disk_of_the_server_is_told_apart() -> None:
    with pytest.raises(Unavailable) as caught, named_troubles():
        raise OperationalError("INSERT", {}, psycopg.errors.DiskFull("a text with secrets"))
    assert (caught.value.cause, caught.value.storage) == ("disk", True)


@servers
def test_nothing_is_asked_of_a_server_in_the_event_loop(big: Store) -> None:
    big.hold(mail(), [held(BOB)])
    assert big.settled_at_once(mail().key, [Recipient(BOB)]) is None


@servers
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("synchronous_commit", "on"),
        ("lock_timeout", "5s"),
        ("statement_timeout", "8s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("transaction_isolation", "read committed"),
        ("client_encoding", "UTF8"),
    ],
)
def test_sessions_are_set_to(big: Store, setting: str, value: str) -> None:
    with postgres.writing(big._engine) as connection:
        assert connection.scalar(text(f"SHOW {setting}")) == value


@servers
def test_a_reader_sees_one_state_and_writes_nothing(big: Store) -> None:
    big.hold(mail("1"), [held(BOB)])
    with postgres.reading(big._engine) as connection:
        count = text("SELECT count(*) FROM copy")
        before = connection.scalar(count)
        big.hold(mail("2"), [held(BOB)])
        assert connection.scalar(count) == before
    with pytest.raises(Unavailable), postgres.reading(big._engine) as connection:
        connection.execute(text("DELETE FROM copy"))
    assert len(big.held()) == 2


@servers
@pytest.mark.parametrize("where", ["DATABASE {}", "ROLE dlp IN DATABASE {}"])
def test_a_default_of_commits_that_do_not_wait_is_overruled(server: PrivatePostgres, database: str, where: str) -> None:
    server.execute(f"ALTER {where.format(database)} SET synchronous_commit = off")
    engine = postgres.connect(server.url(database))
    with postgres.writing(engine) as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"
    with configured(server, "synchronous_commit", "off"), postgres.writing(engine) as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"
    engine.dispose()


@servers
def test_a_stricter_commit_may_be_asked_for_and_a_weaker_one_may_not(address: str) -> None:
    option = address + "?options=-csynchronous_commit%3D"
    engine = postgres.connect(option + "remote_apply")
    engine.dispose()
    for weaker in ("off", "local", "remote_write"):
        with pytest.raises(ConfigError, match="not synchronous"):
            postgres.connect(option + weaker)


@servers
def test_a_server_that_does_not_sync_is_refused_when_the_store_opens_and_unavailable_later(
    own: PrivatePostgres, tmp_path: Path, clock: StandingClock
) -> None:
    store = new_store(tmp_path, clock, url=own.url("postgres"))
    with configured(own, "fsync", "off"):
        until(own, "postgres", "SELECT current_setting('fsync') = 'off'")
        with pytest.raises(ConfigError, match="its disk"):
            Store.open(own.url("postgres"), tmp_path, KEYS)
        store._engine.dispose()  # as after a lost connection
        with pytest.raises(Unavailable):
            store.hold(mail(), [held(BOB)])
    until(own, "postgres", "SELECT current_setting('fsync') = 'on'")
    store.hold(mail(), [held(BOB)])
    store.close()


@servers
def test_a_standby_is_no_store_and_the_primary_is_found_behind_it(
    server: PrivatePostgres, database: str, own: PrivatePostgres, data_dir: Path
) -> None:
    own.become_standby()
    standby, both = own.url("postgres"), f"postgresql://dlp@{HOST}:{own.port},{HOST}:{server.port}/{database}"
    with pytest.raises(Unavailable):
        Store.open(standby, data_dir, KEYS)
    with pytest.raises(ConfigError, match="standby"):
        Store.open(f"{standby}?target_session_attrs=any", data_dir, KEYS)
    migrate(both, data_dir)
    Store.open(both, data_dir, KEYS).close()


@servers
def test_nodes_that_start_at_once_migrate_once(address: str, data_dir: Path) -> None:
    with ThreadPoolExecutor(4) as nodes:
        list(nodes.map(lambda _: migrate(address, data_dir), range(4)))
    engine = postgres.connect(address)
    with postgres.reading(engine) as connection:
        assert connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [REVISION]
    engine.dispose()


# -- troubles while it runs


@servers
def test_a_lost_connection_is_noticed_before_it_is_used(big: Store, server: PrivatePostgres, database: str) -> None:
    big.hold(mail("1"), [held(BOB)])
    others = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
    server.execute(others)
    big.hold(mail("2"), [held(BOB)])
    assert len(big.held()) == 2


@servers
@pytest.mark.parametrize("write", ["hold", "prepare"])
def test_a_row_that_stays_locked_is_unavailable(
    big: Store, monkeypatch: pytest.MonkeyPatch, address: str, data_dir: Path, clock: StandingClock, write: str
) -> None:
    big.hold(mail("1"), [held(BOB)])
    monkeypatch.setitem(postgres._SESSION, "lock_timeout", "100ms")
    impatient = Store.open(address, data_dir, KEYS, clock=clock)
    with big._engine.begin() as connection:
        connection.execute(text("SELECT * FROM message FOR UPDATE"))
        with pytest.raises(Unavailable, match="store"):
            getattr(impatient, write)(mail("1"), [held(EVE)])
        assert len(impatient.held()) == 1
    assert impatient.hold(mail("1"), [held(EVE)]).new == {EVE}
    impatient.close()


@servers
@pytest.mark.timeout(90)
@pytest.mark.parametrize("when", ["idle", "in a transaction"])
def test_a_server_that_hangs_is_unavailable_and_is_used_again_when_it_goes_on(
    own: PrivatePostgres, tmp_path: Path, clock: StandingClock, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    assert postgres.PATIENCE <= 10
    store = new_store(tmp_path, clock, url=own.url("postgres"))
    store.hold(mail("1"), [held(BOB)])
    monkeypatch.setattr(postgres, "PATIENCE", 2.0)
    with ThreadPoolExecutor(2) as others:  # a wait without an end must not take the test's own thread with it
        try:
            if when == "idle":
                own.pause()
                waiting = [others.submit(store.hold, mail("2"), [held(BOB)]), others.submit(store.held)]
            else:
                waiting = [others.submit(_pause_between, own, store)]
            assert [type(each.exception(40)) for each in waiting] == [Unavailable] * len(waiting)
        finally:
            own.resume()
    store.hold(mail("3"), [held(BOB)])
    assert store.verify_audit() is None
    store.close()


def _pause_between(server: PrivatePostgres, store: Store) -> None:
    with postgres.writing(store._engine) as connection:
        connection.execute(text("SELECT 1"))
        server.pause()
        connection.execute(text("SELECT 1"))


@servers
@pytest.mark.parametrize("sessions", ["running", "new"])
def test_a_database_that_turned_read_only_is_unavailable(
    own: PrivatePostgres, tmp_path: Path, clock: StandingClock, sessions: str
) -> None:
    store = new_store(tmp_path, clock, url=own.url("postgres"))
    store.hold(mail("1"), [held(BOB)])
    with configured(own, "default_transaction_read_only", "on"):
        until(own, "postgres", "SELECT current_setting('default_transaction_read_only') = 'on'")
        if sessions == "new":
            store._engine.dispose()
        else:
            _wait_for_setting(store, "on")
        with pytest.raises(Unavailable):
            store.hold(mail("2"), [held(BOB)])
    until(own, "postgres", "SELECT current_setting('default_transaction_read_only') = 'off'")
    _wait_for_setting(store, "off")
    store.hold(mail("2"), [held(BOB)])
    assert len(store.held()) == 2
    store.close()


def _wait_for_setting(store: Store, value: str) -> None:
    """A running session hears of a changed configuration a little later than a new one; the test's time limit ends this."""
    seen = ""
    while seen != value:
        with postgres.reading(store._engine) as connection:
            seen = connection.scalar(text("SHOW default_transaction_read_only")) or ""


@servers
def test_a_server_killed_in_the_middle_loses_nothing_it_confirmed_and_keeps_nothing_half(
    own: PrivatePostgres, tmp_path: Path, clock: StandingClock
) -> None:
    url = own.url("postgres")
    store = new_store(tmp_path, clock, url=url)
    told: set[str] = set()
    doubtful: set[str] = set()

    def write(name: str) -> None:
        for number in range(10_000):
            message = mail(f"{name}{number}")
            try:
                store.commit(store.prepare(message, [held(BOB), owed(EVE)]), [Recipient(KIM)], notice(number))
            except Unavailable:
                doubtful.add(message.envelope.reference)
                return
            told.add(message.envelope.reference)

    for life in range(3):
        with ThreadPoolExecutor(6) as pool:
            writers = [pool.submit(write, f"life{life}thread{n}n") for n in range(6)]
            while len(told) < 60 * (life + 1):
                assert not any(writer.done() for writer in writers)
            own.kill()
        assert [writer.result() for writer in writers] == [None] * 6
        own.start()
    copies = store.held()
    assert told <= {copy.reference for copy in copies} <= told | doubtful
    assert all(store.content(copy) for copy in copies)
    for reference in told:
        assert {copy.state for copy in store.by_reference(reference)} == {State.HELD, State.OWED}
    with store._engine.connect() as connection:
        # one notice for each visible hold: they came in one transaction
        assert connection.scalar(text("SELECT count(*) FROM outbox")) == len(copies)
    assert store.verify_audit() is None
    store.close()


@servers
@pytest.mark.parametrize("lost", ["question", "answer"])
@pytest.mark.parametrize("step", ["hold", "prepare", "commit", "settle"])
def test_a_commit_whose_end_is_unknown_is_unavailable_and_a_retry_merges(
    server: PrivatePostgres, database: str, data_dir: Path, clock: StandingClock, step: str, lost: str
) -> None:
    with CommitProxy(server.port) as proxy:
        store = new_store(data_dir, clock, url=server.url(database, proxy.port))
        if step == "settle":
            store.hold(mail(), [held(BOB)])
            claim = store.claim_release(store.held()[0].id, OFFICER)
            assert claim is not None
            proxy.lose = lost
            with pytest.raises(Unavailable):
                store.settle(claim, State.RELEASED)
            assert store.settle(claim, State.RELEASED) is (lost == "question")
            assert store.by_reference(claim.copy.reference)[0].state is State.RELEASED
        else:
            _lost_while_keeping(store, proxy, step, lost)
            (copy,) = store.held()
            assert store.content(copy)
            assert [due.facts for due in store.claim_notices()] == [(1,)]
        assert proxy.lost == 1
        assert store.verify_audit() is None
        store.close()


def _lost_while_keeping(store: Store, proxy: CommitProxy, step: str, lost: str) -> None:
    """Lose one commit on the way to a hold, then do as a client that was answered 451."""
    if step == "hold":
        proxy.lose = lost
        with pytest.raises(Unavailable):
            store.hold(mail(), [held(BOB)], notice(1))
        store.hold(mail(), [held(BOB)], notice(1))
        return
    if step == "prepare":
        proxy.lose = lost
        with pytest.raises(Unavailable):
            store.prepare(mail(), [held(BOB)])
    prepared = store.prepare(mail(), [held(BOB)])
    if step == "commit":
        proxy.lose = lost
        with pytest.raises(Unavailable):
            store.commit(prepared, [Recipient(KIM)], notice(1))
    if store.settled(mail().key, [Recipient(BOB)]):
        assert lost == "answer"
        return
    store.commit(prepared, [Recipient(KIM)], notice(1))


# -- two nodes


@servers
def test_each_node_has_its_own_chain(
    big: Store, another: Callable[[str], Store], address: str, data_dir: Path, clock: StandingClock
) -> None:
    north, south = (Store.open(address, data_dir, KEYS, node=node, clock=clock) for node in ("north", "south"))
    north.hold(mail("1"), [held(BOB)])
    south.hold(mail("2"), [held(BOB, EVE)])
    with big._engine.begin() as connection:
        heads = dict(connection.execute(text("SELECT node, seq FROM audit_head")).all())
        assert heads == {"north": 1, "south": 2}
        connection.execute(text("DELETE FROM audit WHERE node = 'south' AND seq = 2"))
    assert big.verify_audit("north") is None
    assert big.verify_audit() is not None
    for store in (north, south):
        store.close()


@servers
def test_two_copies_that_end_at_once_leave_no_bytes(big: Store) -> None:
    """Each would see that the other still needs the bytes they share."""
    for number in range(30):
        big.hold(mail(str(number)), [held(BOB, EVE)])

    def deny_both(number: int) -> None:
        with ThreadPoolExecutor(2) as pair:
            copies = big.by_reference(mail(str(number)).envelope.reference)
            assert list(pair.map(lambda copy: big.deny(copy.id, OFFICER), copies)) == [True, True]

    for number in range(30):
        deny_both(number)
    with big._engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM content_chunk")) == 0
        assert connection.scalar(text("SELECT count(*) FROM content WHERE wrapped_key IS NOT NULL")) == 0


@servers
def test_doctor_says_what_it_saw(address: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(tmp_path, address)

    def seen() -> list[tuple[str, str, str]]:
        return [(check.state.value, check.name, check.what) for check in store_check.store(settings)]

    assert seen()[0] == ("warn", "store", "no schema yet")
    migrate(address, data_dir)
    assert seen() == [("ok", "store", "opens, schema up to date"), ("ok", "store clock", "as this machine's")]
    monkeypatch.setattr(store_check, "utc_now", lambda: utc_now() + timedelta(minutes=2))
    assert seen()[1] == ("fail", "store clock", "120 s apart from this machine's")


def test_doctor_says_what_to_do_for_a_server_that_is_down(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    (check,) = store_check.store(_settings(tmp_path, f"postgresql://dlp:secret@{HOST}:{port}/dlp"))
    assert (check.state.value, check.what) == ("fail", "PostgreSQL does not answer")
    assert "pg_hba.conf" in check.remedy


def _settings(folder: Path, address: str) -> Settings:
    return load(None, [f"store.url={address}", f"site.data_dir={folder}", "receive.hostname=north.campus.example"])


@pytest.mark.parametrize(
    ("content", "mode", "what"),
    [
        ("postgresql://dlp@db.campus.example/dlp\n", 0o600, ""),
        ("postgresql://dlp@db.campus.example/dlp", 0o400, ""),
        ("postgresql://dlp:secret@db.campus.example/dlp\n", 0o640, "others may read"),
        ("postgresql://dlp:secret@db.campus.example/dlp\n", 0o604, "others may read"),
        ("mysql://dlp:secret@db.campus.example/dlp\n", 0o600, "not the address"),
        ("postgresql://one/dlp\npostgresql://secret/dlp\n", 0o600, "not the address"),
        ("", 0o600, "not the address"),
        (None, 0o600, "cannot be read"),
    ],
)
def test_the_address_may_stand_in_a_file_of_its_own(tmp_path: Path, content: str | None, mode: int, what: str) -> None:
    (tmp_path / "config.toml").write_text('[store]\nurl_file = "db"\n')
    if content is not None:
        (tmp_path / "db").write_text(content)
        (tmp_path / "db").chmod(mode)
    settings = load(tmp_path / "config.toml")
    if not what:
        assert site.address(settings) == (content or "").strip()
        return
    with pytest.raises(ConfigError, match=what) as caught:
        site.address(settings)
    assert (caught.value.key, caught.value.file) == ("store.url_file", str(tmp_path / "db"))
    assert "secret" not in str(caught.value)


def test_a_node_is_named_like_its_host_where_there_may_be_others(tmp_path: Path) -> None:
    assert site.node(load(None, ["receive.hostname=north.campus.example"])) == "main"
    assert site.node(_settings(tmp_path, "postgresql://db/dlp")) == "north.campus.example"
    long = load(None, ["store.url=postgresql://db/dlp", f"receive.hostname={'n' * 60}.campus.example"])
    with pytest.raises(ConfigError, match="shorter"):
        site.node(long)


@servers
def test_the_engine_knows_its_half(address: str, data_dir: Path) -> None:
    engine = databases.connect(address, data_dir)
    with databases.writing(engine) as connection:
        assert connection.dialect.name == "postgresql"
    engine.dispose()
    assert databases.place(address, data_dir) == "PostgreSQL"
