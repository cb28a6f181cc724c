"""The store's calls about who may know what: consents and approvals, and the facts a judgement asks for.

Takes and gives values; each call is one transaction, or happens not at all (Unavailable). What is written takes effect at
once on every node, for there is one database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dlp.campus.records import Approval, Consent
from dlp.policy.facts import Facts, Series, Source
from dlp.store import astray, audit, disclosures, ledger, notifying, permit_rows, permits, whole
from dlp.store.access import LEASE, Access
from dlp.store.disclosures import Intent
from dlp.store.ledger import Entry
from dlp.store.notifying import Due
from dlp.store.permit_rows import Sort, person_digest
from dlp.store.permits import Listed, Loaded, Wanted
from dlp.store.records import Act, BadAudit, Message
from dlp.store.states import DisclosureState
from dlp.values import Allowed

_AT_ONCE = 2000  # rows of an import in one transaction


class Permissions(Access):
    """What a store can be asked and told about consents and approvals."""

    def load_consents(self, rows: Iterable[Consent], as_of: datetime, act: Act | None = None) -> Loaded:
        """Make what imports have brought equal to these rows; what vanished is withdrawn.

        What was added or revoked by hand stays. Refused when two rows have one ID.
        """
        return self._load(Sort.CONSENT, list(rows), as_of, act)

    def load_approvals(self, rows: Iterable[Approval], as_of: datetime, act: Act | None = None) -> Loaded:
        """The same for approvals."""
        return self._load(Sort.APPROVAL, list(rows), as_of, act)

    def record_import(self, snapshot: str, rows: int, bad: int, act: Act) -> None:
        """That a snapshot of the campus is about to be put in force."""
        with self._writing() as work:
            audit.append(work, "directory-imported", "", {"snapshot": snapshot, "rows": rows, "bad": bad}, act)

    def add_consent(self, consent: Consent, act: Act, source: Source = Source.HAND) -> str:
        """Record a consent; gives the store's name for it. Refused when its ID is taken."""
        with self._writing() as work:
            return permits.add(work, consent, source, act)

    def add_approval(self, approval: Approval, act: Act) -> str:
        with self._writing() as work:
            return permits.add(work, approval, Source.HAND, act)

    def revoke_consent(self, consent_id: str, act: Act) -> bool:
        """End a consent from now on; no import brings it back. False when none with this ID could be ended."""
        with self._writing() as work:
            return permits.revoke(work, Sort.CONSENT, consent_id, act)

    def revoke_approval(self, approval_id: str, act: Act) -> bool:
        with self._writing() as work:
            return permits.revoke(work, Sort.APPROVAL, approval_id, act)

    def consents(self, wanted: Wanted | None = None) -> Listed:
        """Consents, newest first."""
        with self._reading() as work:
            return permits.find(work, wanted or Wanted())

    def facts(
        self, people: Collection[str], recipients: Collection[str], message: bytes = b"", series: Series | None = None
    ) -> Facts:
        """All consents and approvals that could matter for these people (IDs, staff addresses) and readers, ended ones too.

        With the message's key a use that an earlier try of it has taken counts as left. With the series it may be one of, how
        far that went astray lately.
        """
        with self._reading() as work:
            known = permits.facts(work, people, recipients, disclosures.uses_of(work, message) if message else ())
            return replace(known, astray=astray.score(work, series.fingerprint)) if series else known

    def count_astray(self, series: Series) -> None:
        """Count how one of a series went. Nothing is written of one that went right while none goes astray."""
        with self._reading() as work:
            writes = series.astray or (series.astray is False and astray.score(work, series.fingerprint))
        if writes:
            with self._writing() as work:
                (astray.add if series.astray else astray.take_off)(work, series.fingerprint)

    # -- what goes out on them

    def intend(self, message: Message, allowed: Sequence[Allowed], lease: timedelta = LEASE) -> Intent:
        """Write down what is about to go out on a basis, and reserve the uses of consents it takes. End it by `conclude`.

        Unavailable ("busy") when a consent ended or was used up meanwhile: the next try is judged anew.
        """
        with self._writing() as work:
            return disclosures.intend(work, message, allowed, lease)

    def conclude(self, intent: Intent, outcomes: Mapping[str, DisclosureState]) -> None:
        """Write how it ended for each recipient's address: SENT, OWED, REFUSED (its use is returned) or UNKNOWN."""
        with self._writing() as work:
            disclosures.conclude(work, intent, outcomes)

    def disclosed(self, person: str, act: Act, request: str = "") -> tuple[Entry, ...]:
        """What went out about a person, oldest first; sealed cases are not there.

        That somebody looked is audited, with the number of the written request it answers (R57).
        """
        with self._writing() as work:
            asked = {"request": request} if request else {}
            audit.append(work, "ledger-viewed", "", {"person": person_digest(work.keys, person)} | asked, act)
            return ledger.entries(work, person)

    def due_to_be_told(self) -> tuple[Due, ...]:
        """Who is still to be told that their information went out under legal process; sealed cases are not there."""
        with self._reading() as work:
            return notifying.due(work)

    def end_due(self, reference: str, person: str, act: Act) -> bool:
        """Write down that a person was told of this message. False when nothing of it is due."""
        with self._writing() as work:
            return notifying.end(work, reference, person, act)

    def verified(self) -> tuple[tuple[str, BadAudit] | None, Mapping[str, int]]:
        """The first bad row of audit chain and ledger with the name of its chain, and how many rows each has."""
        with self._reading() as work:
            return whole.broken(work.connection, work.keys), whole.rows(work.connection)

    def verify_ledger(self, node: str | None = None) -> BadAudit | None:
        """The first bad row of one node's ledger, or of all nodes'; None when every one is whole."""
        with self._reading() as work:
            return ledger.verify(work, node)

    def _load(self, sort: Sort, rows: Sequence[Consent | Approval], as_of: datetime, act: Act | None) -> Loaded:
        found = permit_rows.ready(self._keys, rows)
        with self._reading() as work:
            known = permits.fingerprints(work, sort)
        for name, new in found.items():
            if known.get(name) != new.fingerprint:
                found[name] = permit_rows.sealed(self._keys, new, sort)
        brought = Loaded()
        names = list(found)
        for start in range(0, len(names), _AT_ONCE):  # so that nobody waits long; an import that breaks off is just done again
            with self._writing() as work:
                brought += permits.bring(work, sort, {name: found[name] for name in names[start : start + _AT_ONCE]})
        with self._writing() as work:
            return permits.end_import(work, sort, found.keys(), as_of.isoformat(), brought, act)
