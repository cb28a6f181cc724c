"""Keeping copies: held at once, or prepared invisibly and committed after the forward.

Takes messages, bundles of copies and their packed bytes. One message and recipient has one row for ever: a retry or a
further chunk merges into it and the first state stands. A row prepared by another transaction that may still be
running is Unavailable: the client tries again and then finds how that one ended. What a dead process prepared gives way.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from dlp.errors import Unavailable
from dlp.failpoints import reach
from dlp.keys import Keys
from dlp.store import audit, contents, outbox
from dlp.store.records import Bundle, Kept, Message, NewCopy, Notice, Prepared
from dlp.store.schema import copy, message, stamp
from dlp.store.sealing import Packed, seal
from dlp.store.states import INVISIBLE, VISIBLE_AS, Purpose, State, Told
from dlp.store.work import Work
from dlp.values import Finding, Reason, Recipient

_NO_LEASE = {"owner": "", "lease_until": 0}
_FIRST_FENCE = 1
_ALL_KEPT, _EACH_KEPT = 100, 20  # findings, and parts that were not read


@dataclass(frozen=True, slots=True)
class Why:
    """Why a copy is kept, in the words of its row and of its record; the same for many recipients."""

    codes: str
    kinds: str
    reasons: list[dict[str, object]]
    evidence: list[list[str]]


def hold(work: Work, mail: Message, parts: Sequence[tuple[Bundle, Packed]], notice: Notice | None) -> Kept:
    """Keep copies visibly: held or owed from this commit on. Without a new copy there is no notice either."""
    kept, _ = _keep(work, mail, parts, lease=None)
    if kept.new:
        _make_visible(work, mail, [work.keys.lookup(address) for address in kept.new], notice)
    reach("hold.commit")
    return kept


def prepare(work: Work, mail: Message, parts: Sequence[tuple[Bundle, Packed]], lease: timedelta) -> Prepared:
    """Keep copies invisibly until `commit`. A row left behind by a transaction whose lease ended is taken over."""
    reach("prepare.begin")
    kept, made = _keep(work, mail, parts, lease=lease)
    reach("prepare.commit")
    return Prepared(mail, tuple((identity, _FIRST_FENCE) for identity in made), kept)


def commit(
    work: Work,
    prepared: Prepared,
    sent: Iterable[Recipient],
    notice: Notice | None,
    owed: Sequence[tuple[Bundle, Packed]] = (),
) -> None:
    """Make prepared copies visible, remember the recipients forwarded to, and keep those the next hop left out.

    Unavailable when another took the rows over.
    """
    reach("commit.begin")
    _ensure_message(work, prepared.message)
    for identity, fence in prepared.copies:
        mine = copy.c.id == identity, copy.c.fence == fence, copy.c.state == State.PREPARED
        if work.connection.execute(update(copy).where(*mine).values(_NO_LEASE)).rowcount != 1:
            raise Unavailable("busy")
    forwarded = _remember_sent(work, prepared.message, sent)
    left_out = _keep(work, prepared.message, owed, lease=None)[0].new if owed else frozenset()
    if prepared.copies or forwarded or left_out:
        fresh = [work.keys.lookup(address) for address in prepared.kept.new | left_out]
        _make_visible(work, prepared.message, fresh, notice)
    if forwarded:
        audit.append(work, "forwarded", prepared.message.envelope.reference, {"copies": forwarded})
    reach("commit.commit")


def abort(work: Work, prepared: Prepared) -> None:
    """Forget what was prepared, bytes included. Safe when it was taken over or aborted already."""
    reach("abort.mark")
    for identity, fence in prepared.copies:
        forget(work, identity, fence)


def forget(work: Work, identity: str, fence: int) -> bool:
    """Give up one prepared copy, bytes included; False when it is not prepared any more."""
    mine = copy.c.id == identity, copy.c.fence == fence, copy.c.state == State.PREPARED
    held = work.connection.scalar(select(copy.c.content).where(*mine))
    gone = {"state": State.ABORTED, "record": None, "updated": work.stamp}
    if not work.connection.execute(update(copy).where(*mine).values(gone | _NO_LEASE)).rowcount:
        return False
    contents.erase_unused(work, held)
    return True


def states(work: Work, key: bytes) -> list[tuple[str, str]]:
    """Recipient key and state of each copy of a message."""
    reach("key.lookup")
    return [(row.recipient_key, row.state) for row in _rows(work, key.hex())]


def settled(keys: Keys, found: Sequence[tuple[str, str]], recipients: Iterable[Recipient]) -> Mapping[str, State]:
    """Which of these recipients an earlier chunk or try has settled, and how; by address."""
    visible = {digest: State(state) for digest, state in found if state not in INVISIBLE}
    looked_up = {each.address: keys.lookup(each.address) for each in recipients} if visible else {}
    return {address: visible[digest] for address, digest in looked_up.items() if digest in visible}


def copy_row(identity: str, message_key: str, recipient_key: str, content: str | None) -> str:
    """The name a copy's record is sealed to: moved to another row or given another content, it does not open."""
    return f"copy|{identity}|{message_key}|{recipient_key}|{content or ''}"


def _keep(work: Work, mail: Message, parts: Sequence[tuple[Bundle, Packed]], lease: timedelta | None) -> tuple[Kept, list[str]]:
    _ensure_message(work, mail)
    existing = {row.recipient_key: row for row in _rows(work, mail.key.hex())}
    states: dict[str, State] = {}
    made: dict[str, str] = {}  # recipient key -> copy id
    new: set[str] = set()
    whys: dict[tuple[Reason, ...], Why] = {}  # all copies have the findings of their message
    for bundle, packed in parts:
        content_added = False
        for wanted in bundle.copies:
            address = wanted.recipient.address
            digest = work.keys.lookup(address)
            state = State.PREPARED if lease is not None else VISIBLE_AS[bundle.purpose]
            if digest in made:
                states[address] = state
                continue
            if digest in existing and not _give_way(work, existing[digest]):
                states[address] = State(existing[digest].state)
                continue
            if not content_added:
                contents.add(work, packed)
                content_added = True
            kept_for = whys.get(wanted.ruling.reasons) or whys.setdefault(wanted.ruling.reasons, why(wanted))
            lease_until = stamp(work.now + lease) if lease is not None else 0
            made[digest] = _insert(work, (wanted, kept_for), bundle.purpose, packed, lease_until)
            states[address] = state
            new.add(address)
    return Kept(states, frozenset(new)), list(made.values())


def _give_way(work: Work, row: Row[*tuple[Any, ...]]) -> bool:
    """Whether an existing row is a left-over that a new one replaces. Unavailable while its transaction may still run."""
    if row.state not in INVISIBLE:
        return False
    if row.state == State.PREPARED and row.lease_until > work.stamp and work.owner.lives(row.owner):
        raise Unavailable("busy")
    # a new id, so that what the former owner still believes to hold matches no row
    left_over = copy.c.id == row.id, copy.c.state.in_(INVISIBLE)
    if work.connection.execute(delete(copy).where(*left_over)).rowcount != 1:
        raise Unavailable("busy")
    contents.erase_unused(work, row.content)
    return True


def _insert(work: Work, told: tuple[NewCopy, Why], purpose: Purpose, packed: Packed, lease_until: int) -> str:
    wanted, kept_for = told
    identity = secrets.token_hex(16)
    digest = work.keys.lookup(wanted.recipient.address)
    release = wanted.ruling.release
    record = {
        "recipient": wanted.recipient.address,
        "parameters": wanted.recipient.parameters,
        "reasons": kept_for.reasons,
        "evidence": kept_for.evidence,
        "unread": [[part.section, part.status, part.why] for part in wanted.unread[:_ALL_KEPT]],
        "disclosures": [[each.person, sorted(each.kinds), each.basis, each.code, each.sealed] for each in wanted.disclosures],
        "about": wanted.about,
    }
    work.connection.execute(
        insert(copy).values(
            id=identity,
            message=packed.message,
            recipient_key=digest,
            state=State.PREPARED,  # _make_visible does the rest, for both ways of keeping
            purpose=purpose,
            content=packed.id,
            release_right=release.word if release else "",
            codes=kept_for.codes,
            kinds=kept_for.kinds,
            created=work.stamp,
            updated=work.stamp,
            fence=_FIRST_FENCE,
            owner=work.owner.text,
            lease_until=lease_until,
            not_before=0,
            attempts=0,
            told=Told.NONE,
            record=seal(work.keys, record, copy_row(identity, packed.message, digest, packed.id)),
        )
    )
    return identity


def _make_visible(work: Work, mail: Message, recipient_keys: Sequence[str], notice: Notice | None) -> None:
    fresh = copy.c.message == mail.key.hex(), copy.c.state == State.PREPARED, copy.c.recipient_key.in_(recipient_keys)
    rows = work.connection.execute(select(copy).where(*fresh)).all()
    for row in rows:
        purpose = Purpose(row.purpose)
        told = Told.SENDER if notice else Told.DIGEST
        now = {
            "state": VISIBLE_AS[purpose],
            "told": told if purpose is Purpose.HELD else Told.NONE,
            "updated": work.stamp,
            "not_before": work.stamp,
        }
        if purpose is Purpose.HELD:
            _set_deadline(work, row)
        work.connection.execute(update(copy).where(copy.c.id == row.id).values(now | _NO_LEASE))
    reference = mail.envelope.reference
    if notice:
        outbox.queue(work, mail.key, reference, notice)
    for row in rows:  # last: in every transaction the audit chain is locked after all else, see decisions/0010
        detail = {"copy": row.id, "release": row.release_right, "codes": row.codes.split(), "kinds": row.kinds.split()}
        audit.append(work, VISIBLE_AS[Purpose(row.purpose)], reference, detail)


def _set_deadline(work: Work, row: Row[*tuple[Any, ...]]) -> None:
    """One message, one deadline: a later chunk puts off what waits already, so that one notice can name it."""
    waits = copy.c.message == row.message, or_(copy.c.id == row.id, copy.c.state == State.HELD)
    work.connection.execute(update(copy).where(*waits).values(deadline=work.deadline))


def _remember_sent(work: Work, mail: Message, sent: Iterable[Recipient]) -> int:
    existing = {row.recipient_key: row for row in _rows(work, mail.key.hex())}
    remembered = 0
    for digest in dict.fromkeys(work.keys.lookup(recipient.address) for recipient in sent):
        if digest in existing and not _give_way(work, existing[digest]):
            continue
        remembered += 1
        work.connection.execute(
            insert(copy).values(
                id=secrets.token_hex(16),
                message=mail.key.hex(),
                recipient_key=digest,
                state=State.SENT,
                purpose=Purpose.FORWARDED,
                release_right="",
                codes="",
                kinds="",
                created=work.stamp,
                updated=work.stamp,
                fence=_FIRST_FENCE,
                not_before=0,
                attempts=1,
                told=Told.NONE,
                **_NO_LEASE,
            )
        )
    return remembered


def _ensure_message(work: Work, mail: Message) -> None:
    key, envelope = mail.key.hex(), mail.envelope
    if _lock_message(work, key):
        return
    told = {
        "sender": envelope.sender,
        "parameters": envelope.parameters,
        "received_at": envelope.received_at.isoformat(),
        "origin": envelope.origin,
        "login": envelope.login,
        "upstream_id": envelope.upstream_id,
    }
    row = {
        "key": key,
        "reference": envelope.reference,
        "sender_key": work.keys.lookup(envelope.sender),
        "created": work.stamp,
        "record": seal(work.keys, told, f"message|{key}"),
    }
    if not work.insert_once(message, row):
        _lock_message(work, key)  # another node was just inserting it


def _lock_message(work: Work, key: str) -> bool:
    """Whether the message has a row. Its lock makes chunks, retries and commits of one message follow each other."""
    return work.connection.scalar(select(message.c.key).where(message.c.key == key).with_for_update()) is not None


def _rows(work: Work, key: str) -> Sequence[Row[*tuple[Any, ...]]]:
    columns = copy.c.id, copy.c.recipient_key, copy.c.state, copy.c.owner, copy.c.lease_until, copy.c.content
    return work.connection.execute(select(*columns).where(copy.c.message == key)).all()


def why(wanted: NewCopy) -> Why:
    """The words of a copy's row and record."""
    reasons, findings = wanted.ruling.reasons, wanted.findings
    kept = _evidence(reasons, findings)
    place = {index: number for number, index in enumerate(kept)}
    kinds = {findings[index].kind for reason in reasons for index in reason.findings}
    return Why(
        codes=" ".join(dict.fromkeys(reason.code for reason in reasons)),
        kinds=" ".join(sorted(kinds)),
        reasons=[
            {
                "row": reason.row,
                "code": reason.code,
                "requirement": reason.requirement,
                "findings": [place[index] for index in reason.findings if index in place],
                "basis": reason.basis,
                "missing": reason.missing,
                "refer_to": reason.refer_to,
                "neutral": reason.neutral,
            }
            for reason in reasons
        ],
        evidence=[[found.kind, found.pattern, found.where, found.masked] for found in map(findings.__getitem__, kept)],
    )


def _evidence(reasons: Sequence[Reason], findings: Sequence[Finding]) -> Sequence[int]:
    """Which findings are kept with a copy: all, or of very many the first of each reason and kind.

    Each recipient's copy has its own, and they are written while everybody else waits for the store.
    """
    if len(findings) <= _ALL_KEPT:
        return range(len(findings))
    kept: set[int] = set()
    for reason in reasons:
        met: Counter[str] = Counter()
        for index in reason.findings:
            met[findings[index].kind] += 1
            if met[findings[index].kind] <= _EACH_KEPT:
                kept.add(index)
    return sorted(kept)
