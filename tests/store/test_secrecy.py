"""No personal data outside sealed columns: not in the files, not in an error, not in the log."""

from __future__ import annotations

import logging
import sqlite3
import stat
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dlp.campus.records import Approval, Consent
from dlp.errors import Unavailable
from dlp.store import Store
from dlp.store.records import Act, Bundle, Message, NewCopy, Notice
from dlp.store.sqlite import FILE
from dlp.store.states import ContentRole, Purpose, State
from dlp.values import Action, Allowed, Judgement, Reason, Recipient, Release, Ruling
from tests.e2e.postgres import PrivatePostgres
from tests.store.samples import KEYS, START, finding, held, mail, owed


class Cage:
    """Makes canaries and remembers them."""

    def __init__(self) -> None:
        self.canaries: list[str] = []

    def one(self, form: str = "{}") -> str:
        self.canaries.append(f"canary{len(self.canaries):02}zq")
        return form.format(self.canaries[-1])


@dataclass(frozen=True, slots=True)
class KeptIn:
    """Where the bytes are, and how to have all of them written there."""

    folder: Path
    checkpoint: Callable[[], None]


@pytest.fixture
def kept_in(url: str, data_dir: Path, request: pytest.FixtureRequest) -> KeptIn:
    if url != "sqlite":
        server: PrivatePostgres = request.getfixturevalue("server")
        return KeptIn(server.folder, lambda: server.execute("CHECKPOINT"))

    def checkpoint() -> None:
        with closing(sqlite3.connect(data_dir / FILE)) as connection:
            assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)

    return KeptIn(data_dir, checkpoint)


def _copy(cage: Cage) -> NewCopy:
    address = cage.one("{}@outside.example")
    reason = Reason("O1", "FAQ:outside-consent", "R26", (0,), cage.one(), cage.one(), cage.one())
    recipient = Recipient(address, (cage.one("ORCPT=rfc822;{}"),))
    found = finding(masked=cage.one(), where=cage.one("file {}"))
    return NewCopy(recipient, Ruling(address, Action.HOLD, Release.OFFICER, (reason,)), (found,))


def _message(cage: Cage) -> Message:
    plain = mail(cage.one())
    sender, login = cage.one("{}@campus.example"), cage.one("{}@campus.example")
    return Message(plain.key, replace(plain.envelope, sender=sender, login=login, parameters=(cage.one("ENVID={}"),)))


def _use_everything(store: Store, cage: Cage) -> None:
    message = _message(cage)
    body = " ".join(cage.one() for _ in range(10)).encode()
    bundle = Bundle(Purpose.HELD, ContentRole.ORIGINAL, body, (_copy(cage), _copy(cage)))
    store.hold(message, [bundle], Notice(cage.one("{}@campus.example"), {cage.one(): cage.one()}, START))
    one, two = store.held()
    claim = store.claim_release(one.id, Act(cage.one(), cage.one()))
    assert claim
    store.settle(claim, State.HELD_RETRY, why="451")
    store.deny(two.id, Act(cage.one(), cage.one()))
    store.record_probe(cage.one(), Action.HOLD, "H7K2-9QMD")
    ruling = Ruling(
        cage.one("{}@x.example"), Action.HOLD, None, (Reason("O1", "code", "R1", basis=cage.one(), missing=cage.one()),)
    )
    store.observe("H7K2-9QMD", Judgement("r1", (), (), (), (), would_be=(ruling,)))
    prepared = store.prepare(_message(cage), [Bundle(Purpose.OWED, ContentRole.EDITED, cage.one().encode(), (_copy(cage),))])
    store.commit(prepared, [Recipient(cage.one("{}@outside.example"))])
    store.queue_notice(message, Notice(cage.one("{}@campus.example"), cage.one(), START))
    store.add_incident(message, cage.one(), {"hold": {"FAQ:outside-consent"}})
    _permit_everything(store, cage)


def _permit_everything(store: Store, cage: Cage) -> None:
    texts = {name: cage.one() for name in ("consent_id", "person", "recipient", "purpose", "case", "evidence")}
    given = Consent(kinds=frozenset({cage.one()}), given_on=START.date(), **texts)
    store.load_consents([given], START)
    store.load_consents([replace(given, purpose=cage.one())], START)
    store.add_consent(replace(given, consent_id=cage.one()), Act(cage.one(), cage.one()))
    store.revoke_consent(texts["consent_id"], Act(cage.one(), cage.one()))
    person, recipient = cage.one(), cage.one("{}@x.example")
    standing = store.add_consent(replace(given, consent_id=cage.one(), person=person), Act("", ""))
    wanted = Allowed(recipient, person, frozenset({cage.one("grades:{}")}), "consent", "FAQ:outside-consent", standing)
    store.conclude(store.intend(_message(cage), [wanted]), {})
    store.disclosed(person, Act(cage.one(), cage.one()))
    order = _message(cage)
    store.conclude(store.intend(order, [replace(wanted, basis="release", code="11.2.7", permit="")]), {})
    assert store.end_due(order.envelope.reference, person, Act(cage.one(), cage.one()))
    words = {
        name: cage.one() for name in ("approval_id", "officer", "designee_of", "area", "purpose", "recipient", "counsel_ref")
    }
    store.load_approvals([Approval(given_on=START.date(), sealed=True, sealed_by=cage.one(), **words)], START)


def test_fifty_canaries_leave_no_trace_in_any_file(store: Store, kept_in: KeptIn) -> None:
    """Names, addresses, reasons, bytes: neither in the database nor in its write-ahead log, before and after a checkpoint."""
    cage = Cage()
    _use_everything(store, cage)
    assert len(cage.canaries) >= 50
    for _ in range(2):
        files = [path.read_bytes().lower() for path in kept_in.folder.rglob("*") if path.is_file()]
        assert any(b"faq:outside-consent" in content for content in files)  # clear columns are found
        assert [canary for canary in cage.canaries if any(canary.encode() in content for content in files)] == []
        kept_in.checkpoint()


def test_only_the_owner_reads_the_files(lite: Store, data_dir: Path) -> None:
    lite.hold(mail(), [held("bob@outside.example")])
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data_dir.iterdir()}
    files = {f"store.sqlite{suffix}": 0o600 for suffix in ("", "-wal", "-shm", ".turn", ".next")}
    assert modes == files | {"run": 0o700}  # where the names of running processes are
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700


@pytest.mark.parametrize("table", ["message", "content", "content_chunk", "copy", "outbox", "audit"])
def test_an_error_of_the_database_is_not_quoted(store: Store, url: str, caplog: pytest.LogCaptureFixture, table: str) -> None:
    """The driver's text may hold the values of the statement; ours is one word."""
    with store._engine.begin() as connection:
        if url == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO gone")
    addresses = bob, eve, ann = "bob@outside.example", "eve@outside.example", "ann@campus.example"
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as caught:
        store.hold(mail(), [held(bob), owed(eve)], Notice(ann, 1, START))
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert str(caught.value) == "store"
    assert "Unavailable: store" in told
    for secret in (*addresses, *map(KEYS.lookup, addresses), mail().key.hex(), "INSERT", "no such table", "does not exist"):
        assert secret not in told
