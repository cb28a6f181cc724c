"""What `dlp consent` shows of a consent: in a table, as JSON, and when it is recorded.

Takes a consent, mostly as the store knows it, and the day it is today where the site is; gives cells, a document or words.
Nothing here fails.
"""

from __future__ import annotations

from datetime import date, datetime

from dlp.campus.records import Consent
from dlp.policy.facts import KnownConsent
from dlp.policy.purposes import purposes_of

COLUMNS = ("ID", "person", "kinds", "to", "for", "given", "through", "uses left", "state", "strength")


def cells(known: KnownConsent, today: date) -> tuple[str, ...]:
    """A line of a table, in the order of COLUMNS."""
    given = known.consent
    left = "standing" if known.uses_left is None else str(known.uses_left)
    through = _day(given.expires_on)
    kinds = ", ".join(sorted(given.kinds))
    return (
        given.consent_id,
        given.person,
        kinds,
        given.recipient,
        given.purpose,
        _day(given.given_on),
        through,
        left,
        _state(known, today),
        given.strength,
    )


def document(known: KnownConsent) -> dict[str, object]:
    """One for JSON."""
    given = known.consent
    return {
        "consent_id": given.consent_id,
        "person": given.person,
        "kinds": sorted(given.kinds),
        "purpose": given.purpose,
        "purposes": sorted(purposes_of(given.purpose)),
        "recipient": given.recipient,
        "strength": given.strength,
        "mail_risk": given.mail_risk,
        "given_on": given.given_on.isoformat(),
        "expires_on": given.expires_on.isoformat() if given.expires_on else None,
        "uses": given.uses,
        "uses_left": known.uses_left,
        "case": given.case,
        "evidence": given.evidence,
        "source": known.source.value,
        "ended": known.ended.isoformat() if known.ended else None,
    }


def counts(given: Consent, today: date) -> str:
    """From when on one counts that was just recorded, or that it does no more."""
    if given.given_on > today:
        return f"it counts from {_day(given.given_on)} on"
    if given.expires_on is not None and given.expires_on < today:
        return f"it does not count: its last day was {_day(given.expires_on)}"
    return "it counts at once"


def _state(known: KnownConsent, today: date) -> str:
    given = known.consent
    if known.ended is not None:
        return f"ended {_day(known.ended)}"
    if known.uses_left == 0:
        return "used up"
    if given.given_on > today:
        return "not yet"
    if given.expires_on is not None and given.expires_on < today:
        return "expired"
    return "counts" if given.strength == "written" else "counts inside"


def _day(when: date | datetime | None) -> str:
    return f"{when:%Y-%m-%d}" if when else "-"
