"""What `dlp consent` shows of a consent: in a table, as JSON, and when it is recorded.

Takes a consent, mostly as the store knows it, the day it is today where the site is, and why it counts nowhere, if so; gives
cells, a document or words. Nothing here fails.
"""

from __future__ import annotations

from datetime import date, datetime

from dlp.campus.records import Consent
from dlp.policy.facts import KnownConsent
from dlp.policy.idle import ONLY_WRITTEN
from dlp.policy.purposes import purposes_of

ANY = "any"  # purpose, where none is said
NOWHERE = "counts nowhere"
COLUMNS = ("ID", "person", "kinds", "to", "for", "given", "through", "uses left", "state", "strength")


def cells(known: KnownConsent, today: date, why: str) -> tuple[str, ...]:
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
        given.purpose or ANY,
        _day(given.given_on),
        through,
        left,
        _state(known, today, why) + (f": {why}" if why else ""),
        given.strength,
    )


def document(known: KnownConsent, today: date, why: str) -> dict[str, object]:
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
        "state": _state(known, today, why),
        "why": why or None,
    }


def counts(given: Consent, today: date, why: str) -> str:
    """From when on, and where, one counts that was just recorded, or that it does not."""
    if why:
        return f"it {NOWHERE}: {why}"
    inside = "" if given.strength == "written" else f", inside only: {ONLY_WRITTEN}"
    if given.given_on > today:
        return f"it counts from {_day(given.given_on)} on{inside}"
    if given.expires_on is not None and given.expires_on < today:
        return f"it does not count: its last day was {_day(given.expires_on)}"
    return f"it counts at once{inside}"


def _state(known: KnownConsent, today: date, why: str) -> str:
    given = known.consent
    if known.ended is not None:
        return f"ended {_day(known.ended)}"
    if known.uses_left == 0:
        return "used up"
    if why:
        return NOWHERE
    if given.given_on > today:
        return "not yet"
    if given.expires_on is not None and given.expires_on < today:
        return "expired"
    return "counts" if given.strength == "written" else "counts inside"


def _day(when: date | datetime | None) -> str:
    return f"{when:%Y-%m-%d}" if when else "-"
