"""The tables, as SQLAlchemy Core metadata; migrations/ builds the same thing step by step (a test compares them).

Clear columns hold no personal data: ids, keyed hashes, states, times and closed vocabularies. Everything else is in
sealed columns (`record`, `acts`, `said`, `data`, `wrapped_key`), whose first byte is a version. Times are microseconds since
1970, UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

REVISION = "0009"  # the newest migration; a test compares it with migrations/versions
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = 60_000_000  # microseconds

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# what an upstream id and its chunks and retries have in common
message = Table(
    "message",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("reference", String(9), nullable=False, index=True),
    Column("sender_key", String(32), nullable=False, index=True),
    Column("created", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
)

# bytes to be sent later; copies with the same bytes share them
content = Table(
    "content",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("message", String(64), ForeignKey("message.key"), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("wrapped_key", LargeBinary),  # NULL = erased
)

content_chunk = Table(
    "content_chunk",
    metadata,
    Column("content", String(32), ForeignKey("content.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

copy = Table(
    "copy",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("message", String(64), ForeignKey("message.key"), nullable=False),
    Column("recipient_key", String(32), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("content", String(32), ForeignKey("content.id"), index=True),
    Column("release_right", String(16), nullable=False),
    Column("codes", Text, nullable=False),  # separated by blanks, as `kinds`
    Column("kinds", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("told", String(16), nullable=False),
    Column("deadline", BigInteger),  # when waiting for a decision ends; NULL: nobody is waited for
    Column("record", LargeBinary),
    Column("acts", LargeBinary),  # who released or denied it and why
    UniqueConstraint("message", "recipient_key"),
    Index(None, "state", "not_before"),
    Index(None, "told"),
    Index(None, "deadline"),
)

# notices to senders; `message` is no foreign key, because a warning stores no message
outbox = Table(
    "outbox",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("message", String(64), nullable=False),
    Column("reference", String(9), nullable=False, index=True),
    Column("addressee_key", String(32), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("counted", BigInteger, nullable=False),  # when it took its place among the hour's; 0 = it has none
    Column("deferred", Boolean, nullable=False),  # it came too soon after too many: part of a summary
    Column("record", LargeBinary),  # NULL once sent or given up
    UniqueConstraint("message", "addressee_key", "seq"),
    Index(None, "state", "not_before"),
    Index(None, "addressee_key", "counted"),
)

audit = Table(
    "audit",
    metadata,
    Column("node", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("event", String(32), nullable=False),
    Column("reference", String(9), nullable=False, index=True),
    Column("actor", String(32), nullable=False),  # keyed digest, or "" for the program itself
    Column("reason", String(32), nullable=False),  # keyed digest of what was typed
    Column("detail", Text, nullable=False),  # JSON without personal data
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("said", LargeBinary),  # the actor and the reason of these digests; NULL: the program's, or an older version's
    Index(None, "event", "reason"),
)

# the end of each node's chain: locked while a row is added, and what shows a cut tail
audit_head = Table(
    "audit_head",
    metadata,
    Column("node", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

# when each node last looked after the store; writing it is how a node finds out that it can
node = Table(
    "node",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("seen", BigInteger, nullable=False),
)

# how often reading or judging a message has failed, by a key that a retry has too; no foreign key: nothing is kept of it
failure = Table(
    "failure",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("updated", BigInteger, nullable=False, index=True),
)

# how many more of one sender's near-identical messages went to somebody else than the one they name, than to that one
astray = Table(
    "astray",
    metadata,
    Column("fingerprint", String(32), primary_key=True),  # keyed, of the sender and the text without names
    Column("score", Integer, nullable=False),
    Column("updated", BigInteger, nullable=False, index=True),
)

# what was held, changed or warned about, by the sender's department; no foreign key: of a warning no message is stored
incident = Table(
    "incident",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("message", String(64), nullable=False),
    Column("action", String(16), nullable=False),
    Column("department_key", String(32), nullable=False),
    Column("reference", String(9), nullable=False),
    Column("created", BigInteger, nullable=False, index=True),
    Column("codes", Text, nullable=False),  # separated by blanks
    Column("record", LargeBinary, nullable=False),  # the department's name
    UniqueConstraint("message", "action"),
)

# what one node does for all once a day; `day` counts as Python does (date.toordinal)
errand = Table(
    "errand",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("day", Integer, nullable=False),  # the last one on which it was done
    Column("not_before", BigInteger, nullable=False),  # a lease, or put off
)

# leave to tell something about a person: consents and approvals alike
permit = Table(
    "permit",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("sort", String(16), nullable=False),
    Column("name_key", String(32), nullable=False),  # keyed digest of the consent_id or approval_id
    Column("person_key", String(32), nullable=False),  # "" = an approval that names nobody
    Column("recipient_key", String(32), nullable=False),
    Column("source", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("uses", Integer),  # NULL = as many as wanted
    Column("taken", Integer, nullable=False),  # of these, what was spent, is reserved, or may have been spent
    Column("fingerprint", String(64), nullable=False),
    Column("record", LargeBinary, nullable=False),
    UniqueConstraint("sort", "name_key"),
    Index(None, "person_key", "recipient_key"),
    Index(None, "created"),
)

# what became of a permit: rows are only added
permit_event = Table(
    "permit_event",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("permit", String(32), ForeignKey("permit.id"), nullable=False, index=True),
    Column("time", BigInteger, nullable=False),
    Column("event", String(16), nullable=False),
    Column("record", LargeBinary),  # who and why, or what a changed one said before
)

# one person's information on its way to one recipient of a message by a basis, and how that stands
disclosure = Table(
    "disclosure",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("message", String(64), nullable=False),  # no foreign key: of what just passes no message is stored
    Column("reference", String(9), nullable=False),
    Column("recipient_key", String(32), nullable=False),  # as in `copy`
    Column("person_key", String(32), nullable=False),
    Column("basis", String(16), nullable=False),
    Column("permit", String(32), nullable=False),  # "" = it rests on none
    Column("state", String(16), nullable=False),
    Column("earlier", String(16), nullable=False),  # how an earlier try may have ended that cannot be undone, or ""
    Column("counted", Boolean, nullable=False),  # takes part in a use of the permit
    Column("updated", BigInteger, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    UniqueConstraint("message", "recipient_key", "person_key", "basis", "permit"),
    Index(None, "state", "lease_until"),
    Index(None, "permit", "message"),
)

# what was disclosed, a chain for each node as `audit`
ledger = Table(
    "ledger",
    metadata,
    Column("node", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("event", String(16), nullable=False),
    Column("disclosure", String(32), nullable=False, index=True),
    Column("reference", String(9), nullable=False),
    Column("person_key", String(32), nullable=False, index=True),
    Column("recipient_key", String(32), nullable=False),
    Column("basis", String(16), nullable=False),
    Column("code", Text, nullable=False),
    Column("kinds", Text, nullable=False),  # separated by blanks, not narrowed
    Column("permit", String(32), nullable=False),
    Column("fingerprint", String(64), nullable=False),  # of the record, "" without one
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("record", LargeBinary),  # who was told what about whom
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("node", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)


def deadline(now: datetime, hold_for: timedelta) -> int:
    """When waiting that begins now ends, as stored: never too early, and a whole minute, so that it can be told exactly."""
    return -(-stamp(now + hold_for) // _MINUTE) * _MINUTE


def stamp(moment: datetime) -> int:
    """An aware datetime as stored."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(stored: int) -> datetime:
    """A stored time as an aware datetime in UTC."""
    return _EPOCH + timedelta(microseconds=stored)
