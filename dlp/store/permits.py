"""Consents and approvals: brought by an import, added and revoked by hand, found by person and recipient.

Takes rows of the import contract, gives them back with where they stand. A row is sealed; looked up are keyed digests of
its ID, its person and its recipient. An import replaces what an earlier one brought and nothing else; nothing is ever
deleted, and what a row said before it changed is kept. A row that does not open permits nothing.
"""

from __future__ import annotations

import operator
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, insert, or_, select, update

from dlp.campus.records import Approval, Consent
from dlp.errors import Refused, Unavailable
from dlp.keys import Keys
from dlp.policy.facts import Facts, KnownApproval, KnownConsent, Source, reader_names
from dlp.store import audit
from dlp.store.permit_rows import New, Sort, name_digest, new_row, opened, person_digest, recipient_digest, sealed, sort_of
from dlp.store.records import Act
from dlp.store.schema import moment, permit, permit_event
from dlp.store.sealing import seal
from dlp.store.states import Damaged
from dlp.store.work import Work

_CLASS = "class:"
_AT_ONCE = 500  # digests in one statement

Known = KnownConsent | KnownApproval


class Standing(StrEnum):
    """Whether a permit counts. What an import withdrew it may bring back, what somebody revoked it may not."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import did. `left` rows were added or revoked by hand under the same ID, and stay as they are."""

    added: int = 0
    changed: int = 0
    restored: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    left: int = 0

    def __add__(self, other: Loaded) -> Loaded:
        return Loaded(*map(operator.add, astuple(self), astuple(other)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which consents to list; None asks for nothing in particular. Newest first, at most `limit`."""

    person: str | None = None
    recipient: str | None = None
    standing: bool = False  # only those that count
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class Listed:
    consents: tuple[KnownConsent, ...]
    damaged: int  # rows that do not open


def fingerprints(work: Work, sort: Sort) -> Mapping[str, str]:
    """What is here, to be compared with an import."""
    rows = work.connection.execute(select(permit.c.name_key, permit.c.fingerprint).where(permit.c.sort == sort))
    return {row.name_key: row.fingerprint for row in rows}


def bring(work: Work, sort: Sort, rows: Mapping[str, New]) -> Loaded:
    """Make a part of an import's rows be here as they are there."""
    known = {row.name_key: row for some in _pieces(list(rows)) for row in _named(work, sort, some)}
    events: list[dict[str, object]] = []
    fresh, changed, restored, unchanged, left = [], 0, 0, 0, 0
    for new in rows.values():
        old = known.get(new.name_key)
        if old is None:
            fresh.append(_values(work, sort, new, Source.IMPORT))
        elif old.source != Source.IMPORT or old.state == Standing.REVOKED:
            left += 1
        else:
            differs, gone = old.fingerprint != new.fingerprint, old.state == Standing.WITHDRAWN
            if differs:
                _rewrite(work, sort, old.id, new)
                events.append(_event(work, old.id, "changed", old.record))
            if gone:
                _stand(work, [old.id], Standing.STANDING)
                events.append(_event(work, old.id, "restored"))
            changed, restored, unchanged = changed + differs, restored + gone, unchanged + (not differs and not gone)
    _insert(work, permit, fresh)
    _insert(work, permit_event, events)
    return Loaded(len(fresh), changed, restored, unchanged, left=left)


def end_import(work: Work, sort: Sort, names: Collection[str], origin: str, brought: Loaded, act: Act | None = None) -> Loaded:
    """Withdraw what earlier imports brought and this one did not; `origin` tells the audit chain which one it was."""
    standing = permit.c.sort == sort, permit.c.source == Source.IMPORT, permit.c.state == Standing.STANDING
    rows = work.connection.execute(select(permit.c.id, permit.c.name_key).where(*standing)).all()
    vanished = [row.id for row in rows if row.name_key not in names]
    _stand(work, vanished, Standing.WITHDRAWN)
    _insert(work, permit_event, [_event(work, identity, "withdrawn") for identity in vanished])
    loaded = replace(brought, withdrawn=len(vanished))
    # of approvals no number: it would tell of a sealed one
    audit.append(work, f"{sort}s-loaded", "", {"as_of": origin} | (asdict(loaded) if sort is Sort.CONSENT else {}), act)
    return loaded


def add(work: Work, row: Consent | Approval, source: Source, act: Act) -> str:
    """Keep one that somebody recorded; gives the store's name for it. Refused when its ID is taken."""
    sort = sort_of(row)
    values = _values(work, sort, new_row(work.keys, row), source)
    if not work.insert_once(permit, values):
        raise Refused(
            f"there is {'an' if sort is Sort.APPROVAL else 'a'} {sort} with this ID already; revoke it, or give another ID"
        )
    identity = str(values["id"])
    _record_act(work, identity, "added", act)
    audit.append(work, f"{sort}-added", "", {"permit": identity, "source": source}, act)
    return identity


def revoke(work: Work, sort: Sort, name: str, act: Act) -> bool:
    """End the one with this ID from now on, whoever brought it. False when there is none that stands."""
    mine = permit.c.sort == sort, permit.c.name_key == name_digest(work.keys, sort, name), permit.c.state != Standing.REVOKED
    ended = update(permit).where(*mine).values(state=Standing.REVOKED, updated=work.stamp)
    identity = work.connection.scalar(ended.returning(permit.c.id))
    if identity is None:
        return False
    _record_act(work, identity, "revoked", act)
    audit.append(work, f"{sort}-revoked", "", {"permit": identity}, act)
    return True


def standing_consents(connection: Connection, keys: Keys) -> Iterator[KnownConsent]:
    """All consents that nobody ended, for who looks at the database alone."""
    chosen = select(permit).where(permit.c.sort == Sort.CONSENT, permit.c.state == Standing.STANDING)
    return (each for each in _known(keys, connection.execute(chosen).all()) if isinstance(each, KnownConsent))


def find(work: Work, wanted: Wanted) -> Listed:
    """Consents that fit, newest first."""
    conditions = [permit.c.sort == Sort.CONSENT]
    if wanted.person is not None:
        conditions.append(permit.c.person_key == person_digest(work.keys, wanted.person))
    if wanted.recipient is not None:
        conditions.append(permit.c.recipient_key == recipient_digest(work.keys, wanted.recipient))
    if wanted.standing:
        conditions.append(permit.c.state == Standing.STANDING)
    chosen = select(permit).where(*conditions).order_by(permit.c.created.desc(), permit.c.id).limit(wanted.limit)
    rows = work.connection.execute(chosen).all()
    known = tuple(_known(work.keys, rows))
    return Listed(cast("tuple[KnownConsent, ...]", known), len(rows) - len(known))


def facts(work: Work, people: Collection[str], readers: Collection[str], held: Collection[str]) -> Facts:
    """Everything about these people, and the approvals for these readers that name nobody.

    Of the permits `held` the message that asks has a use already: it has one more left than others have.
    """
    person_keys = sorted({person_digest(work.keys, person) for person in people} - {""})
    names = {name for reader in readers for name in reader_names(reader)}
    reader_keys = sorted({recipient_digest(work.keys, name) for name in (*names, _CLASS, "")})
    general = and_(permit.c.sort == Sort.APPROVAL, permit.c.person_key == "")
    found: list[Known] = []
    for some in _pieces(person_keys):
        found += _select(work, permit.c.person_key.in_(some))
    for some in _pieces(reader_keys):
        found += _select(work, general, permit.c.recipient_key.in_(some))
    return Facts(
        tuple(_with_own_use(each, held) for each in found if isinstance(each, KnownConsent)),
        tuple(each for each in found if isinstance(each, KnownApproval)),
    )


def _with_own_use(known: KnownConsent, held: Collection[str]) -> KnownConsent:
    if known.uses_left is None or known.permit not in held:
        return known
    return replace(known, uses_left=known.uses_left + 1)


def lock(work: Work, permits: Collection[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    """These permits, by the store's name, for nobody else to use till the transaction's end. Unavailable when one is none."""
    chosen = select(permit).where(permit.c.id.in_(permits)).order_by(permit.c.id).with_for_update()
    found = {row.id: row for row in work.connection.execute(chosen).all()} if permits else {}
    if found.keys() != set(permits):
        raise Unavailable("busy")
    return found


def is_sealed(work: Work, row: Row[*tuple[Any, ...]]) -> bool:
    """Whether it is a sealed approval. Unavailable when it does not open: it permits nothing."""
    known = next(_known(work.keys, [row]), None)
    if known is None:
        raise Unavailable("busy")
    return isinstance(known, KnownApproval) and known.approval.sealed


def take_use(work: Work, identity: str) -> None:
    """Count one use more. Unavailable when there is none left, or it was ended: the message is judged anew."""
    has_one = or_(permit.c.uses.is_(None), permit.c.taken < permit.c.uses)
    mine = permit.c.id == identity, permit.c.state == Standing.STANDING, has_one
    if work.connection.execute(update(permit).where(*mine).values(taken=permit.c.taken + 1)).rowcount != 1:
        raise Unavailable("busy")


def return_use(work: Work, identity: str) -> None:
    mine = permit.c.id == identity, permit.c.taken > 0
    work.connection.execute(update(permit).where(*mine).values(taken=permit.c.taken - 1))


def names(work: Work, permits: Collection[str]) -> Mapping[str, str]:
    """What people call these: consent and approval IDs, of those that open."""
    known = (each for some in _pieces(sorted(permits)) for each in _select(work, permit.c.id.in_(some)))
    return {
        each.permit: each.consent.consent_id if isinstance(each, KnownConsent) else each.approval.approval_id for each in known
    }


def approvals(work: Work) -> tuple[KnownApproval, ...]:
    """All there are, ended ones too: officers record them one by one."""
    return tuple(each for each in _select(work, permit.c.sort == Sort.APPROVAL) if isinstance(each, KnownApproval))


def _named(work: Work, sort: Sort, names: Sequence[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    columns = permit.c.id, permit.c.name_key, permit.c.source, permit.c.state, permit.c.fingerprint, permit.c.record
    mine = permit.c.sort == sort, permit.c.name_key.in_(names)
    return work.connection.execute(select(*columns).where(*mine).order_by(permit.c.id).with_for_update()).all()


def _insert(work: Work, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        work.connection.execute(insert(table), rows)


def _select(work: Work, *conditions: ColumnElement[bool]) -> Iterator[Known]:
    return _known(
        work.keys, work.connection.execute(select(permit).where(*conditions).order_by(permit.c.created, permit.c.id)).all()
    )


def _known(keys: Keys, rows: Iterable[Row[*tuple[Any, ...]]]) -> Iterator[Known]:
    """The rows that open."""
    for row in rows:
        try:
            ended = None if row.state == Standing.STANDING else moment(row.updated)
            if row.sort == Sort.CONSENT:
                left = None if row.uses is None else max(row.uses - row.taken, 0)
                yield KnownConsent(row.id, opened(keys, Consent, row.record, row.name_key), Source(row.source), left, ended)
            else:
                yield KnownApproval(row.id, opened(keys, Approval, row.record, row.name_key), Source(row.source), ended)
        except (Damaged, LookupError, TypeError, ValueError):  # another version may have sealed it
            continue


def _values(work: Work, sort: Sort, new: New, source: Source) -> dict[str, object]:
    return {
        "id": secrets.token_hex(16),
        "sort": sort,
        "name_key": new.name_key,
        "source": source,
        "state": Standing.STANDING,
        "created": work.stamp,
        "updated": work.stamp,
        "taken": 0,
    } | _said(work, sort, new)


def _said(work: Work, sort: Sort, new: New) -> dict[str, object]:
    """The columns that follow from what the row says."""
    return {
        "person_key": new.person_key,
        "recipient_key": new.recipient_key,
        "uses": new.uses,
        "fingerprint": new.fingerprint,
        "record": new.record or sealed(work.keys, new, sort).record,
    }


def _rewrite(work: Work, sort: Sort, identity: str, new: New) -> None:
    said = _said(work, sort, new) | {"updated": work.stamp}
    work.connection.execute(update(permit).where(permit.c.id == identity).values(said))


def _stand(work: Work, identities: Sequence[str], standing: Standing) -> None:
    for some in _pieces(identities):
        now = {"state": standing, "updated": work.stamp}
        work.connection.execute(update(permit).where(permit.c.id.in_(some)).values(now))


def _event(work: Work, identity: str, event: str, record: bytes | None = None) -> dict[str, object]:
    return {"id": secrets.token_hex(16), "permit": identity, "time": work.stamp, "event": event, "record": record}


def _record_act(work: Work, identity: str, event: str, act: Act) -> None:
    row = _event(work, identity, event)
    row["record"] = seal(work.keys, [act.actor, act.reason], f"permit_event|{row['id']}")
    work.connection.execute(insert(permit_event).values(row))


def _pieces(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))
