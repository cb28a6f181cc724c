"""Does a consent cover what a message tells a reader? If not, which part of it is missing (R27, R33, R35-R40, R46).

Takes a consent as the store knows it and an Ask: one person, what is told, to whom, when and for what. Gives a Match: it
covers, or every part that is missing, as a closed word with what a notice may say of it. Pure; nothing fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum

from dlp.campus.folding import folded_address, folded_word
from dlp.campus.records import Consent
from dlp.policy.facts import KnownConsent, person_name, reader_names
from dlp.policy.purposes import PURPOSE_WORDS, Words, purposes_of

ALL = "all"
INVESTIGATION = "investigation"
_WRITTEN = "written"
_CLASS = "class:"
_POLICE = "law_enforcement"
_CHECKED = frozenset({"employment"})  # why somebody is investigated
_NO_CLASS = frozenset({"other"})  # it says of nobody what he is (R39)
# what a consent to one kind covers beside it: having taken a subject goes with its grades
_GOES_WITH: Mapping[str, frozenset[str]] = {"grades": frozenset({"enrolment"})}
# the only purposes mail to such a contact can have; every other type shows no purpose
_PURPOSES_OF: Mapping[str, frozenset[str]] = {
    "employer": frozenset({"employment"}),
    "school": frozenset({"admission", "scholarship", "award"}),
    "foundation": frozenset({"scholarship", "award"}),
    "collection": frozenset({"payments"}),
    "insurer": frozenset({"payments"}),
    _POLICE: frozenset({INVESTIGATION}),
}


class Part(StrEnum):
    """What of a consent may be lacking, in the order in which it is told."""

    PERSON = "person"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_BEFORE = "not-before"
    USED_UP = "used-up"
    RECIPIENT = "recipient"
    KIND = "kind"
    PURPOSE = "purpose"
    CASE = "case"
    STRENGTH = "strength"


@dataclass(frozen=True, slots=True)
class Missing:
    """One part that is lacking: what the consent has, and what was needed. Closed words and days, no address or name."""

    part: Part
    has: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What one statement of a message needs leave for.

    A kind may be narrowed to a subject ("grades:18.06"). `purposes` are those the words of the text show, none when they show
    none. `own`: the reader is the person, at an address of his or her own. Days count in the site's `zone`.
    """

    person: str
    kinds: frozenset[str]
    reader: str
    at: datetime
    through: str = ""  # the list that reaches the reader
    zone: tzinfo = UTC
    types: frozenset[str] = frozenset()  # of contact
    inside: bool = False
    own: bool = False
    purposes: frozenset[str] = frozenset()
    case: str = ""
    instead: Mapping[str, frozenset[str]] = field(default_factory=dict)  # what a sentence may tell that seems to tell a kind

    def readings(self, wanted: str) -> frozenset[str]:
        """A kind, and those of which what seems to be of it may be as well, for the same subject."""
        kind, narrowed, subject = wanted.partition(":")
        return frozenset({wanted, *(each + narrowed + subject for each in self.instead.get(kind, ()))})

    @property
    def day(self) -> date:
        return self.at.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Match:
    """One consent against one Ask."""

    known: KnownConsent
    missing: tuple[Missing, ...]

    @property
    def covers(self) -> bool:
        return not self.missing

    @property
    def mail_risk(self) -> bool:
        """Whether the person has accepted the risk of e-mail for what this covers (R73)."""
        return self.covers and self.known.consent.mail_risk


def consult(consents: Iterable[KnownConsent], ask: Ask, words: Words = PURPOSE_WORDS) -> Match | None:
    """The consent that covers, or the one that lacks least; None when this person has given none at all.

    Of several that cover, one that accepts the risk of e-mail comes first, then one that is not used up by it.
    """
    matches = [match(known, ask, words) for known in consents if person_name(known.consent.person) == person_name(ask.person)]
    return min(matches, key=_rank, default=None)


def match(known: KnownConsent, ask: Ask, words: Words = PURPOSE_WORDS) -> Match:
    """Every part of the consent against the Ask."""
    consent = known.consent
    found = (
        _person(consent, ask),
        _ended(known, ask),
        _dates(consent, ask),
        _uses(known),
        _recipient(consent, ask),
        _kinds(consent, ask, words),
        _purpose(consent, ask, words),
        _case(consent, ask, words),
        _strength(consent, ask),
    )
    return Match(known, tuple(each for each in found if each is not None))


def in_force(known: KnownConsent, at: datetime, zone: tzinfo) -> bool:
    """Whether a consent stands at a moment: given, neither ended nor expired, and with uses left."""
    ask = Ask("", frozenset(), "", at, zone=zone)
    return not any((_ended(known, ask), _dates(known.consent, ask), _uses(known)))


def is_investigation(consent: Consent, words: Words = PURPOSE_WORDS) -> bool:
    """A form signed for one investigation, and for nothing else (R46)."""
    return purposes_of(consent.purpose, words) == {INVESTIGATION} and consent.strength == _WRITTEN


def covers_kind(kinds: Iterable[str], wanted: str, *, everything: bool = False) -> bool:
    """Whether these kinds cover one; `everything`: the word "all" counts here. A narrowed kind covers that subject only."""
    kind, _, subject = wanted.partition(":")
    for given in kinds:
        if given == ALL:
            if everything:
                return True
            continue
        name, narrowed, only = given.partition(":")
        if kind != name and kind not in _GOES_WITH.get(name, ()):
            continue
        if not narrowed or (subject and folded_word(only) == folded_word(subject)):
            return True
    return False


def told(missing: Iterable[Missing]) -> str:
    """What is missing, in words fit for a notice: "covers grades, not conduct; expired on 2026-05-31"."""
    return "; ".join(_TEXTS[each.part].format(has=_listed(each.has), needed=_listed(_in_words(each))) for each in missing)


def _in_words(missing: Missing) -> tuple[str, ...]:
    """What is needed, kinds without the subject where no consent is narrowed to one."""
    narrowed = {each.partition(":")[0] for each in missing.has if ":" in each}
    kinds = (each if (kind := each.partition(":")[0]) in narrowed else kind for each in missing.needed)
    return tuple(dict.fromkeys(kinds)) if missing.part is Part.KIND else missing.needed


_TEXTS: Mapping[Part, str] = {
    Part.PERSON: "is another person's",
    Part.REVOKED: "was withdrawn on {has}",
    Part.EXPIRED: "expired on {has}",
    Part.NOT_BEFORE: "was given only on {has}",
    Part.USED_UP: "is used up",
    Part.RECIPIENT: "names another recipient",
    Part.KIND: "covers {has}, not {needed}",
    Part.PURPOSE: "is for {has}, not {needed}",
    Part.CASE: "is for another case",
    Part.STRENGTH: "is not in writing",
}


def _person(consent: Consent, ask: Ask) -> Missing | None:
    return None if person_name(consent.person) == person_name(ask.person) else Missing(Part.PERSON)


def _ended(known: KnownConsent, ask: Ask) -> Missing | None:
    if known.ended is None or known.ended > ask.at:
        return None
    return Missing(Part.REVOKED, (known.ended.astimezone(ask.zone).date().isoformat(),))


def _dates(consent: Consent, ask: Ask) -> Missing | None:
    """Valid from the day it was given through its last day."""
    if consent.given_on > ask.day:
        return Missing(Part.NOT_BEFORE, (consent.given_on.isoformat(),))
    if consent.expires_on is not None and consent.expires_on < ask.day:
        return Missing(Part.EXPIRED, (consent.expires_on.isoformat(),))
    return None


def _uses(known: KnownConsent) -> Missing | None:
    return Missing(Part.USED_UP) if known.uses_left == 0 else None


def _recipient(consent: Consent, ask: Ask) -> Missing | None:
    named = folded_address(consent.recipient)
    if named.startswith(_CLASS):
        # a form for the police names the agency (R46); every agency is none, unless the case ties it down
        loose = _POLICE in ask.types and not (ask.case and consent.case)
        fits = named.removeprefix(_CLASS) in ask.types - _NO_CLASS and not loose
    else:
        fits = named in reader_names(ask.reader, ask.through)
    return None if fits else Missing(Part.RECIPIENT)


def _kinds(consent: Consent, ask: Ask, words: Words) -> Missing | None:
    everything = ask.own or is_investigation(consent, words)
    lacking = sorted(
        wanted
        for wanted in ask.kinds
        if not any(covers_kind(consent.kinds, each, everything=everything) for each in ask.readings(wanted))
    )
    return Missing(Part.KIND, tuple(sorted(consent.kinds)), tuple(lacking)) if lacking else None


def _purpose(consent: Consent, ask: Ask, words: Words) -> Missing | None:
    """Neither the contact type nor the words of the text show another purpose; to the person itself none is compared."""
    if ask.own:
        return None
    given = purposes_of(consent.purpose, words)
    by_type = [_PURPOSES_OF[kind] for kind in sorted(ask.types & _PURPOSES_OF.keys())]
    # to who investigates, a form for that is no other purpose because the letter says "hire"
    investigates = is_investigation(consent, words) and {INVESTIGATION} in by_type
    for purposes in filter(None, (ask.purposes - _CHECKED if investigates else ask.purposes, *by_type)):
        # without a purpose nothing differs, but a form for an investigation says that it is one
        needs_one = purposes == {INVESTIGATION}
        if (given or needs_one) and given.isdisjoint(purposes):
            return Missing(Part.PURPOSE, tuple(sorted(given)) or ("no purpose",), tuple(sorted(purposes)))
    return None


def _case(consent: Consent, ask: Ask, words: Words) -> Missing | None:
    """A case is compared where one is stated; a form for an investigation that names none fits none."""
    stated = folded_word(ask.case)
    if not stated or (not consent.case and INVESTIGATION not in purposes_of(consent.purpose, words)):
        return None
    return None if folded_word(consent.case) == stated else Missing(Part.CASE)


def _strength(consent: Consent, ask: Ask) -> Missing | None:
    return None if ask.inside or consent.strength == _WRITTEN else Missing(Part.STRENGTH, (consent.strength,), (_WRITTEN,))


def _rank(found: Match) -> tuple[object, ...]:
    """Least is lacking first; a consent for somebody else is further off than one that lacks another part."""
    lacking = sum(3 if each.part is Part.RECIPIENT else 1 for each in found.missing)
    counted = found.known.uses_left is not None
    return lacking, not found.mail_risk, counted, found.known.consent.consent_id, found.known.permit


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(word.replace("_", " ") for word in words)
