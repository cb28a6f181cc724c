"""The values that flow from stage to stage: mail in, rulings out.

Takes nothing, does nothing: frozen dataclasses and closed vocabularies only, so every stage can be read and
tested alone. Times are aware datetimes, sizes are bytes, spans are half-open. Nothing here fails; a value that
cannot exist is a programming error (ValueError at construction).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

Clock = Callable[[], datetime]


class Action(IntEnum):
    """What happens to one recipient's copy, in order of severity (decision-table.md, Actions)."""

    PASS = 0
    WARN = 1
    REWRITE = 2
    HOLD = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Release(IntEnum):
    """Who may let a held copy go, weakest right first."""

    SENDER = 1
    OFFICER = 2
    SENIOR = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Origin(StrEnum):
    """How a message entered the campus mail system (design.md, Who the sender is)."""

    SUBMISSION = "submission"
    LOCAL = "local"
    RELAY = "relay"
    INBOUND = "inbound"


class Channel(StrEnum):
    """Where a view's text was read; the words of `applies_to` in a pattern file."""

    HEADERS = "headers"
    TEXT = "text"
    ATTACHMENTS = "attachments"


class PartStatus(StrEnum):
    """What became of one part. Everything but READ is a finding of its own: unread is never clean."""

    READ = "read"
    UNSUPPORTED = "unsupported"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    TRUNCATED = "truncated"
    AMBIGUOUS = "ambiguous"


class Role(StrEnum):
    """What a pattern's match does for the judgement."""

    IDENTIFIES = "identifies"  # points at one person: a campus ID
    STATES = "states"  # says something about a person: record vocabulary, a grade
    HEADER_WORD = "header-word"  # a word that does not belong into a header (R77)
    LISTING = "listing"  # the header line of a roster or grade export
    PROBE = "probe"  # one of the harmless test strings


class Mark(StrEnum):
    """What the markup of a page says of some lines."""

    QUOTE = "quote"
    ATTRIBUTION = "attribution"  # says whose the quotation below is
    HEADER = "header"  # of an earlier message, which follows
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One accepted RCPT TO: the address exactly as given (no brackets) and its ESMTP parameters, in order."""

    address: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Client:
    """The original client as XFORWARD told it, or the peer itself. Unknown attributes are empty."""

    address: str = ""
    port: str = ""
    name: str = ""
    helo: str = ""
    protocol: str = ""
    source: str = ""  # "LOCAL" or "REMOTE"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the conversation said about one message. `sender` is "" for the null reverse-path."""

    reference: str  # H7K2-9QMD; the same for every chunk and retry of one upstream id
    upstream_id: str  # the MTA's queue id (XFORWARD IDENT), "" when there is none
    sender: str
    parameters: tuple[str, ...]  # of MAIL FROM, in order, as given
    recipients: tuple[Recipient, ...]
    client: Client
    received_at: datetime
    origin: Origin
    login: str = ""  # the authenticated user's address, "" when unknown


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply (RFC 5321 4.2, RFC 2034). `text` holds no personal data and no CR or LF."""

    code: int
    enhanced: str  # "2.0.0", or "" where the peer sent none
    text: str

    @property
    def accepted(self) -> bool:
        return 200 <= self.code < 300

    @property
    def permanent(self) -> bool:
        return self.code >= 500

    def __str__(self) -> str:
        return " ".join(filter(None, (str(self.code), self.enhanced, self.text)))


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes [start, end) of the message as received."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One field of the top-level header. `occurrence` counts fields of that name from 1, top down (as a milter does)."""

    name: str  # as written
    occurrence: int
    span: Span  # name to final CRLF, folding included
    value: str  # unfolded, RFC 2047 decoded


@dataclass(frozen=True, slots=True)
class PartField:
    """One field below the top-level header that a reader sees and an edit may change: `section` as its view has it."""

    section: str
    name: str  # as written
    span: Span


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME part, by section number ("1", "2.1"; "0" is the message itself when it has no parts)."""

    section: str
    media_type: str  # lower case, as declared
    header: Span
    body: Span
    filename: str
    status: PartStatus
    why: str = ""  # for every status but READ: a word such as "unsupported", "depth", "password"


@dataclass(frozen=True, slots=True)
class Marked:
    """Lines [first, last) of a view, counted from 0."""

    mark: Mark
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class View:
    """One decoded text as a person would read it, folded (NFKC, no invisible characters), lines ended by \\n."""

    channel: Channel
    section: str  # the part it came from; "" for the top-level header
    label: str  # where, in words: "subject line", "part 2", "file name of part 2"
    text: str
    field: str = ""  # lower-case header name when this is one field's value
    occurrence: int = 0
    grid: tuple[int, int] | None = None  # of a sheet: its first row and column, from 1; a cell ends by \\t, a row by \\n
    again: bool = False  # a table within a page: its text stands in a view before it, too
    marked: tuple[Marked, ...] = ()  # of a page's text


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything that could be read of one message, and everything that could not."""

    fields: tuple[HeaderField, ...]
    parts: tuple[Part, ...]
    views: tuple[View, ...]
    ambiguities: tuple[str, ...] = ()
    part_fields: tuple[PartField, ...] = ()  # none within what is signed or encoded, where an edit would break more

    @property
    def unread(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.status is not PartStatus.READ)


@dataclass(frozen=True, slots=True)
class Finding:
    """One match: where and how sure, never what. `digest` is a keyed hash of the normalised value."""

    kind: str
    detector: str
    pattern: str
    role: Role
    where: str  # "part 1, line 6"
    view: int  # index into Texts.views
    start: int  # characters within that view
    end: int
    confidence: float
    masked: str
    digest: str
    enforced: bool = True  # False: the pattern observes; counted, never acted on


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What the message says about one identified person, or, with person "", about a listing nobody resolved."""

    person: str  # keyed digest; never a name or number
    kinds: frozenset[str]
    findings: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one row of the decision table applied to one recipient."""

    row: str
    code: str
    requirement: str
    findings: tuple[int, ...] = ()
    basis: str | None = None
    missing: str | None = None
    refer_to: str | None = None
    neutral: bool = False  # the notice may not name it


@dataclass(frozen=True, slots=True)
class Ruling:
    """The decision for one recipient. `reasons` are those of the winning action; `advice` the milder ones it outranked.

    `tips` are words for sentences of a notice, if there is one; they decide nothing.
    """

    recipient: str
    action: Action
    release: Release | None
    reasons: tuple[Reason, ...]
    advice: tuple[Reason, ...] = ()
    tips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeHeader:
    """Replace the value of the nth field of a name: SMFIR_CHGHEADER, so a milter can express it too."""

    name: str
    occurrence: int
    value: str  # ASCII, encoded and folded with CRLF where needed, no final CRLF
    what: str  # "subject", "file-name", "display-name": a word of rewrite.neutral.WHAT
    shown: str  # what a reader sees now: the new subject, file name or display name
    removed: tuple[str, ...] = field(default=(), repr=False)  # the words that must be gone


@dataclass(frozen=True, slots=True)
class ChangePartHeader:
    """Replace the value of a field inside the body: to a milter the body is replaced (SMFIR_REPLBODY)."""

    section: str
    name: str
    span: Span  # of the field, as in Texts.part_fields
    value: str
    what: str
    shown: str
    removed: tuple[str, ...] = field(default=(), repr=False)


Edit = ChangeHeader | ChangePartHeader


@dataclass(frozen=True, slots=True)
class Disposition:
    """Recipients (indices into the envelope) that share a fate: all held, or all sent with the same edits."""

    recipients: tuple[int, ...]
    held: bool
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowed:
    """One person's information that goes to one recipient, and the basis it goes on: what the ledger records.

    Directory information is none. `permit` names the consent or approval it rests on; `sealed` comes from the approval.
    """

    recipient: str
    person: str  # a student ID, or a staff address
    kinds: frozenset[str]
    basis: str  # "consent", "approval", "need-to-know", "own-record", "office", "release", "observe" or "undetermined"
    code: str  # of the row that lets it go
    permit: str = ""
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that was decided about one message."""

    revision: str
    findings: tuple[Finding, ...]
    disclosures: tuple[Disclosure, ...]
    rulings: tuple[Ruling, ...]  # one per envelope recipient, same order
    dispositions: tuple[Disposition, ...]
    unread: tuple[Part, ...] = ()
    would_be: tuple[Ruling, ...] = field(default=())  # the rulings observe mode did not act on
    observed: tuple[Ruling, ...] = field(default=())  # what rows in observe mode would have changed, as it would be
    snapshot: str = ""  # of the campus directory that was asked; "" = none
    allowed: tuple[Allowed, ...] = field(default=(), repr=False)  # record information, by recipient and person
    held_about: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)  # by recipient: whom it is held for
    concerned: tuple[str, ...] = field(default=(), repr=False)  # whose consents could change a ruling: IDs, staff addresses
