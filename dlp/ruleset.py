"""What the rules are once loaded: patterns, the decision table, and the campus they are for.

Takes nothing: frozen values that rules.py builds from TOML and the pure stages read. `Rules.revision` is the hash
of everything that can change a verdict, so two nodes with one revision judge alike. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo
from typing import Protocol

from dlp.values import Action, Channel, Finding, Release, Role, Texts

_ROUTING = frozenset('@%!":|, \t')  # signs that no plain local part has


@dataclass(frozen=True, slots=True)
class Pattern:
    """One `[[pattern]]` of a pattern file, checked (formats.md, Pattern files)."""

    id: str
    title: str
    kind: str
    role: Role
    regex: str  # one linear expression; word lists are compiled into it
    channels: frozenset[Channel]
    backtracking: bool = False
    prefilter: str = ""  # linear expression that must hit before a backtracking one runs
    validate: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    not_near: tuple[str, ...] = ()
    near_distance: int = 40
    confidence: float = 0.5
    confidence_near: float = 0.9
    enforced: bool = True
    neutral: str = ""  # what a header word is replaced by
    references: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()
    todo_match: tuple[str, ...] = ()  # examples known to fail still: reported, never refused
    todo_no_match: tuple[str, ...] = ()
    known_wrong: tuple[str, ...] = ()  # what it is known to hit by mistake, for people who review
    file: str = ""
    line: int = 0


class Matcher(Protocol):
    """Patterns made ready to run (dlp.detectors.patterns). Raises Unavailable when the canary did not hit."""

    @property
    def backtracks(self) -> bool: ...  # whether it may take long, so that it is no work for an event loop

    def find(self, texts: Texts) -> tuple[Finding, ...]: ...


class Weighing(Protocol):
    """Fitted weights for the features of a sentence (dlp.statements.weights)."""

    @property
    def digest(self) -> str: ...

    def confidence(self, found: Collection[str]) -> float: ...  # that it tells something of a record

    def praise(self, found: Collection[str]) -> float: ...  # that it recommends somebody, if it does not

    def leanings(self, found: Collection[str]) -> tuple[float, ...]: ...  # of what, if it does

    def kinds_of(self, leanings: Sequence[float], others: Sequence[Sequence[float]] = ()) -> tuple[str, ...]: ...

    def may_be(self, leanings: Sequence[float]) -> frozenset[str]: ...  # none where it is clear

    def knows(self, word: str) -> bool: ...  # in small letters, as one of the language and no name


class Verifying(Protocol):
    """A second look at sentences whose weights leave it open (dlp.verifier)."""

    @property
    def digest(self) -> str: ...

    def settled(self, confidence: float, words: Sequence[str], before: Sequence[str]) -> float: ...  # the confidence after it


@dataclass(frozen=True, slots=True)
class Observed:
    """For which senders a row is counted and not acted on: all, but for what is said here. Departments are folded."""

    departments: frozenset[str] = frozenset()  # only for senders of these
    enforce_departments: frozenset[str] = frozenset()  # not for senders of these
    enforce_share: float = 0.0  # nor for this part of the senders, always the same ones


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the decision table: when it fits, and what it then decides for one recipient.

    `when` maps words of `policy.situation` to the value they must have; a number means "at least".
    `unless` is the same, negated. `setting` names the policy key that supplies the action instead of `action`.
    """

    id: str
    gate: int
    order: int  # place in the file: the first fitting statement row wins
    stage: str  # "statement" (first fit wins) or "message" (every fit counts)
    when: Mapping[str, object]
    action: Action
    release: Release | None
    code: str
    requirement: str
    unless: Mapping[str, object] = field(default_factory=dict)
    setting: str = ""
    basis: str = ""  # what a pass rests on
    refer_to: str = ""  # an office; "dean" is that of the student's level
    neutral: bool = False  # the notice uses the one text for reasons that may not be named
    observed: Observed | None = None  # None = for nobody: it is acted on
    tip: str = ""  # a sentence for a notice that goes out for another reason; such a row decides nothing
    title: str = ""  # the situation in a few words, for people
    needs: frozenset[str] = frozenset()  # words of `when` without which it cannot fit: it is not tried then


@dataclass(frozen=True, slots=True)
class Campus:
    """Which domains are ours. Without a snapshot this is all we know of anybody."""

    domains: tuple[str, ...]
    outside_domains: tuple[str, ...] = ()

    def is_inside(self, address: str) -> bool:
        """True only for a plain local@domain of ours; every trick spelling counts as outside (E096).

        A source route, percent or bang path, address literal, quoted or empty local part, a second @, a pipe or file
        name, or a rewritten return address (SRS) is outside whatever it claims, because the next hop may send it on.
        """
        local, at, domain = address.rpartition("@")
        if not at or not local or not _ROUTING.isdisjoint(local):
            return False
        if local.startswith("/") or local[:4].upper() in ("SRS0", "SRS1"):
            return False
        return self.is_inside_domain(domain)

    def is_inside_domain(self, domain: str) -> bool:
        folded = domain.lower().removesuffix(".")
        if any(_within(folded, outside) for outside in self.outside_domains):
            return False
        return any(_within(folded, ours) for ours in self.domains)


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """The `[policy]` keys a verdict depends on."""

    observe: bool = False
    unsupported: Action = Action.HOLD
    images: Action = Action.WARN
    encrypted_partners: tuple[str, ...] = ()
    dkim_domain: str = ""  # for which changed mail is signed again; "" = never
    inspect_inbound: bool = False
    absent_means_suppressed: bool = True
    max_snapshot_age: timedelta = timedelta(days=7)
    zone: tzinfo = UTC  # days begin in
    offices: tuple[str, ...] = ()  # addresses of [site.offices], folded
    sentences: bool = True  # whether sentences are weighed
    verified: bool = False  # and looked at again where the weights leave it open
    act_at: float = 0.7  # confidence from which a finding counts


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a verdict depends on beside the message itself; swapped whole on reload."""

    revision: str
    patterns: tuple[Pattern, ...]
    matcher: Matcher
    table: tuple[Row, ...]
    campus: Campus
    policy: PolicySettings
    sources: str = ""  # a hash of the files they were loaded from (dlp.rules.sources)
    weights: Weighing | None = None  # None: sentences are not weighed, and what patterns find is all there is
    unweighed: str = ""  # why not, where the site wants it
    verifier: Verifying | None = None  # None: the weights alone judge
    unverified: str = ""  # why, where the site wants a second look


def _within(domain: str, parent: str) -> bool:
    parent = parent.lower().removesuffix(".")
    return domain == parent or domain.endswith("." + parent)
