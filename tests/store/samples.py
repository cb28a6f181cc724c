"""What the store's tests keep: invented messages, copies and notices, and a clock that stands until it is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from dlp.keys import Keys, derive, reference
from dlp.store import Store
from dlp.store.migrate import migrate
from dlp.store.records import Act, Bundle, Message, NewCopy, Notice
from dlp.store.states import ContentRole, Purpose
from dlp.values import Action, Client, Envelope, Finding, Origin, Reason, Recipient, Release, Role, Ruling

URL = "sqlite"
KEYS = derive(bytes(range(32)))
START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
BODY = b"Subject: plans\r\n\r\n" + b"a line of text\r\n" * 50
OFFICER = Act("officer@campus.example", "the family asked for it")


class StandingClock:
    """A clock that shows `now` until it is put forward."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


def new_store(data_dir: Path, clock: StandingClock, keys: Keys = KEYS, url: str = URL) -> Store:
    migrate(url, data_dir)
    return Store.open(url, data_dir, keys, clock=clock)


def mail(
    upstream_id: str = "4XyZ", sender: str = "ann@campus.example", body: bytes = BODY, received_at: datetime = START
) -> Message:
    key = KEYS.message_key(upstream_id, sender, "<1@campus.example>", "Sat, 21 Nov 2026 10:00:00 +0000", body)
    envelope = Envelope(
        reference=reference(key),
        upstream_id=upstream_id,
        sender=sender,
        parameters=("BODY=8BITMIME", "RET=HDRS"),
        recipients=(),
        client=Client(),
        received_at=received_at,
        origin=Origin.SUBMISSION,
        login=sender,
    )
    return Message(key, envelope)


def finding(masked: str = "•••27", where: str = "part 1, line 2") -> Finding:
    return Finding("id", "patterns", "student-id", Role.IDENTIFIES, where, 0, 3, 12, 0.9, masked, "d" * 32)


def new_copy(address: str, notify: str = "FAILURE") -> NewCopy:
    reason = Reason("O1", "FAQ:outside-consent", "R26", findings=(0,), missing="consent", refer_to="registrar")
    recipient = Recipient(address, (f"NOTIFY={notify}", "ORCPT=rfc822;" + address))
    return NewCopy(recipient, Ruling(address, Action.HOLD, Release.OFFICER, (reason,)), (finding(),))


def held(*addresses: str, content: bytes = BODY) -> Bundle:
    return Bundle(Purpose.HELD, ContentRole.ORIGINAL, content, tuple(map(new_copy, addresses)))


def owed(*addresses: str, content: bytes = BODY) -> Bundle:
    return Bundle(Purpose.OWED, ContentRole.EDITED, content, tuple(map(new_copy, addresses)))


def notice(facts: object = "facts", addressee: str = "ann@campus.example") -> Notice:
    return Notice(addressee, facts, START)
