"""What goes into the store and what comes out of it: frozen values.

Takes the stages' values (Envelope, Ruling, Finding) and gives views of rows. Bytes are CRLF mail, times aware datetimes.
Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dlp.store.states import ON_HOLD, ContentRole, NoticeState, Purpose, State, Told
from dlp.values import Allowed, Envelope, Finding, Origin, Part, Reason, Recipient, Release, Ruling

Json = object  # what json.loads may give
MERGE_WINDOW = timedelta(seconds=90)  # how long a notice waits for further chunks of its message
GATHER = timedelta(seconds=10)  # how long a report waits for other recipients of its message that end too
HOLD_FOR = timedelta(days=7)  # how long a hold waits for a decision, unless the site says otherwise


@dataclass(frozen=True, slots=True)
class Message:
    """One message by its key (`Keys.message_key`), as this conversation's envelope told it."""

    key: bytes
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class NewCopy:
    """One recipient whose copy is to be kept, and why. `findings` are all those the ruling's indices point into."""

    recipient: Recipient
    ruling: Ruling
    findings: tuple[Finding, ...]
    disclosures: tuple[Allowed, ...] = ()  # what goes out when it is released
    unread: tuple[Part, ...] = ()
    about: tuple[str, ...] = ()  # student IDs and staff addresses of others whom what holds it tells of


@dataclass(frozen=True, slots=True)
class Bundle:
    """Copies that share their bytes and their purpose (HELD or OWED)."""

    purpose: Purpose
    role: ContentRole
    content: bytes | memoryview
    copies: tuple[NewCopy, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a sender. `facts` is any JSON value; the store only collects and returns it."""

    addressee: str
    facts: Json
    not_before: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of each recipient, by address as given; `new` are those for whom a row was made now."""

    states: Mapping[str, State]
    new: frozenset[str]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Copies stored but invisible until `commit`. `kept.states` tells which recipients were settled before."""

    message: Message
    copies: tuple[tuple[str, int], ...]  # copy id, fence
    kept: Kept

    @property
    def overtaken(self) -> bool:
        """Whether another try has settled one of these recipients meanwhile, and so may have forwarded to the others."""
        return any(state is not State.PREPARED for state in self.kept.states.values())


@dataclass(frozen=True, slots=True)
class Act:
    """Who asks for a change of a hold, and the reason typed. Stored sealed; the audit row has keyed digests."""

    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class PastAct:
    at: datetime
    event: str
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is kept of a finding: never the matched text."""

    kind: str
    pattern: str
    where: str
    masked: str


@dataclass(frozen=True, slots=True)
class Unread:
    """What is kept of a part that was not read: never its name."""

    section: str
    status: str
    why: str


@dataclass(frozen=True, slots=True)
class HeldCopy:
    """One recipient's copy as stored. With `damaged` the sealed fields are empty and it must not be sent."""

    id: str
    key: bytes  # of the message
    reference: str
    state: State
    purpose: Purpose
    release: Release | None
    codes: tuple[str, ...]
    kinds: tuple[str, ...]
    created: datetime
    updated: datetime
    not_before: datetime
    attempts: int
    told: Told
    content: str  # its id, "" when there is none
    deadline: datetime | None = None  # until when it waits for a decision, a whole minute
    damaged: bool = False
    sender: str = ""
    parameters: tuple[str, ...] = ()
    recipient: Recipient = field(default=Recipient(""))
    received_at: datetime | None = None
    origin: Origin | None = None
    login: str = ""
    upstream_id: str = ""
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    unread: tuple[Unread, ...] = ()
    acts: tuple[PastAct, ...] = ()
    disclosures: tuple[Allowed, ...] = field(default=(), repr=False)
    about: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to make one attempt at sending a copy, until the lease ends. `fence` proves it when it is settled."""

    copy: HeldCopy
    fence: int
    attempts: int  # this one included


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A claimed notice: every chunk's facts, oldest first."""

    id: str
    reference: str
    addressee: str
    facts: tuple[Json, ...]
    attempts: int  # this one included
    fence: int
    deadline: datetime | None = None  # of what is still on hold of this message
    more: tuple[DueNotice, ...] = ()  # what goes to the same addressee in the same summary


@dataclass(frozen=True, slots=True)
class Filter:
    """Which copies to list; None asks for nothing in particular. Newest first, at most `limit`."""

    states: frozenset[State] = ON_HOLD | {State.RELEASING}
    sender: str | None = None
    recipient: str | None = None
    since: datetime | None = None
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class Counts:
    copies: Mapping[State, int]  # visible ones only
    notices: Mapping[NoticeState, int]
    undigested: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What waits in the store now. `holds` counts by state and by who may release."""

    holds: Mapping[tuple[State, str], int]
    oldest_hold: Mapping[str, datetime]  # by who may release; copies that wait for a decision
    overdue: Mapping[str, int]  # the same; those whose deadline has passed
    notices: int
    oldest_notice: datetime | None
    consents: Mapping[str, int] = field(default_factory=dict)  # by state; "used_up" where no use is left


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of a node's chain, without what is keyed. `actor`: "" the program itself, None somebody it cannot tell."""

    seq: int
    time: datetime
    event: str
    reference: str
    detail: Mapping[str, Any]
    node: str = ""
    actor: str | None = field(default="", repr=False)
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows of all chains to list; None asks for nothing in particular. The newest `limit`, oldest first."""

    since: datetime | None = None
    actor: str | None = None
    about: str | None = None  # a reference, or the ID of a consent
    everything: bool = False  # also what the program did by itself
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class Recorded:
    rows: tuple[AuditRow, ...]
    total: int  # that fit, shown or not
    consents: Mapping[str, str]  # IDs of consents, by the store's names in `detail`
    recipients: Mapping[str, str]  # of the copies in `detail`, by the store's names


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    """Where one notice stands; whom it goes to is sealed."""

    state: NoticeState
    created: datetime
    not_before: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Story:
    """All the store knows under one reference. `forwarded`: when copies went out with the reply, beside kept ones."""

    reference: str
    begun: datetime
    copies: tuple[HeldCopy, ...]
    forwarded: tuple[datetime, ...]
    notices: tuple[NoticeSeen, ...]
    acts: tuple[AuditRow, ...]


@dataclass(frozen=True, slots=True)
class BadAudit:
    """The first row of a node's chain that is not as it was written: edited, missing or tail-cut."""

    node: str
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class ProbeSeen:
    at: datetime
    reference: str
    action: str
