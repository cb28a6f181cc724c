"""What the store knows when a message is judged, consents and approvals above all, as values the pure stages may read.

Takes nothing: the store fills these, the judgement reads them. Everything that could matter is here, what has ended or was
used up included, because a near miss is told as such. What became of it (`ended`, `uses_left`) is as of one moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dlp.campus.folding import domains_above, folded_address, folded_id
from dlp.campus.records import Approval, Consent


class Source(StrEnum):
    """How a consent or approval came into the store."""

    IMPORT = "import"
    HAND = "hand"  # dlp consent add
    MESSAGE = "message"  # dlp consent ingest


@dataclass(frozen=True, slots=True)
class KnownConsent:
    """A consent, and where it stands. `permit` is the store's name for it, which the ledger repeats."""

    permit: str
    consent: Consent
    source: Source
    uses_left: int | None = None  # None = standing
    ended: datetime | None = None  # revoked by somebody, or gone from the import


@dataclass(frozen=True, slots=True)
class KnownApproval:
    """An approval, and where it stands. Of a sealed one (`approval.sealed`) nobody may learn that it is there."""

    permit: str
    approval: Approval
    source: Source
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Near-identical messages of one sender, each to one reader, such as those of a mail merge."""

    fingerprint: str  # keyed digest of what they have in common
    astray: bool | None  # this one goes to somebody else than the one it names; None = that cannot be told


@dataclass(frozen=True, slots=True)
class Facts:
    """All that could matter for some people and readers, and of the series a message may be one of."""

    consents: tuple[KnownConsent, ...] = ()
    approvals: tuple[KnownApproval, ...] = ()
    astray: int = 0  # how many more of the sender's near-identical messages went to others than they name, than went right


def person_name(person: str) -> str:
    """One spelling for each person: an ID by its digits, an address without regard to case."""
    return folded_address(person) if "@" in person else folded_id(person)


def reader_names(address: str, through: str = "") -> tuple[str, ...]:
    """Every spelling of a consent's recipient that fits: an address, its domain and each above, the list it is reached by.

    A top-level domain is nobody in particular.
    """
    domains = (domain for domain in domains_above(address) if "." in domain)
    return (folded_address(address), *domains, *filter(None, [folded_address(through)]))
