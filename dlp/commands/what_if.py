"""`dlp explain --what-if`: what would be decided if more rows had been imported, and which statements would come out otherwise.

Takes a file or folder of import files, and how one recipient's copy is decided with and without them; gives lines for a
person, or values for JSON. Rows are read as `dlp import` reads them and kept nowhere; one that cannot be read is Refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from dlp import importing
from dlp.campus.formats import FILE_OF, FORMATS
from dlp.campus.records import Approval, Consent, Record
from dlp.commands import described
from dlp.commands.lookups import LookUps
from dlp.commands.reasons_said import because
from dlp.errors import Refused
from dlp.importing import Showed
from dlp.pipeline import Survey
from dlp.policy.evidence import Evidence, Fit
from dlp.policy.facts import Facts, KnownApproval, KnownConsent, Source
from dlp.policy.readers import Reader
from dlp.policy.situation import Situation
from dlp.values import Judgement, Ruling

Kind = TypeVar("Kind")
_SUPPOSED = "supposed "  # before the ID of a consent or approval: the store's name for one that is not in it


@dataclass(frozen=True, slots=True)
class Decided:
    """One recipient's ruling, and what it was decided by."""

    ruling: Ruling
    evidence: Evidence
    readings: tuple[tuple[Reader, tuple[Fit, ...]], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One statement, or one row on the whole message (`person` ""), that would come out otherwise for a reader."""

    reader: str
    person: str
    kind: str
    before: Fit | None
    after: Fit | None

    @property
    def words(self) -> Mapping[str, tuple[object, object]]:
        """Why: what the rows ask and what would be otherwise."""
        if self.before is None or self.after is None:
            return {}
        old, new = self.before, self.after
        asked = {*old.row.when, *old.row.unless, *new.row.when, *new.row.unless}
        names = [name for name in Situation._fields if getattr(old.at, name) != getattr(new.at, name)]
        named = [name for name in names if name in asked] or names
        return {name: (getattr(old.at, name), getattr(new.at, name)) for name in named}


def suppose(path: Path, on: date) -> tuple[Record, ...]:
    """The rows of an import file, or of a folder of them. Refused with everything that is wrong in them."""
    folder = _alone(path) if path.is_file() else importing.look(path)
    showed = Showed()
    rows = tuple(importing.records(folder, showed, on))
    report = showed.report
    wrong = [f"{each.file}: {each.what} ({each.remedy})" for each in report.unusable]
    wrong += [f"{each.file}:{each.line}: {each.column}: {each.what} ({each.remedy})" for each in report.bad]
    if wrong:
        raise Refused("\n".join(wrong))
    return rows


def _alone(path: Path) -> importing.Folder:
    try:
        return importing.sorted_out(path, [path])
    except Refused:
        names = ", ".join(f"{name}.csv" for name in FORMATS if name != "consents")
        what = f"the name of a file says what its rows are: call {path.name} consents.csv, or one of {names}"
        raise Refused(what) from None


def supposing(look_ups: LookUps, rows: Iterable[Record]) -> LookUps:
    """The same look-ups as if these rows had been imported as well. Refused while there is no directory."""
    from dlp.snapshot import Supposed  # noqa: PLC0415  slow to load, and most commands do without

    directory = look_ups.known.directory
    if directory is None:
        raise Refused("nobody is known yet, so one row more changes nothing; dlp import FOLDER comes first")
    rows = tuple(rows)
    consents = {
        row.consent_id: KnownConsent(_SUPPOSED + row.consent_id, row, Source.IMPORT, row.uses) for row in _of(rows, Consent)
    }
    approvals = {row.approval_id: KnownApproval(_SUPPOSED + row.approval_id, row, Source.IMPORT) for row in _of(rows, Approval)}

    def consult(surveyed: Survey, judgement: Judgement) -> Facts:
        kept = look_ups.consult(surveyed, judgement)
        return replace(
            kept,
            consents=(*(each for each in kept.consents if each.consent.consent_id not in consents), *consents.values()),
            approvals=(*(each for each in kept.approvals if each.approval.approval_id not in approvals), *approvals.values()),
        )

    return LookUps(replace(look_ups.known, directory=Supposed(directory, rows)), consult)


def counted(rows: Iterable[Record]) -> Mapping[str, int]:
    """How many rows are supposed, by file."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[FILE_OF[type(row)]] = counts.get(FILE_OF[type(row)], 0) + 1
    return counts


def changes(before: Decided, after: Decided) -> tuple[Change, ...]:
    """What would come out otherwise, in the order it is decided in."""
    old, new = _by_place(before), _by_place(after)
    found = (Change(*place[:3], old.get(place), new.get(place)) for place in dict.fromkeys((*old, *new)))
    return tuple(each for each in found if _told(each.before) != _told(each.after))


def lines(before: Decided, after: Decided) -> Iterator[str]:
    """The changes of one recipient as a tree."""
    was, would = before.ruling, after.ruling
    verdict = was.action.word if _verdict(was) == _verdict(would) else f"{_verdict(was)} → {_verdict(would)}"
    found = changes(before, after)
    yield f"{verdict}  {was.recipient}{'' if found else '  nothing changes'}"
    names = {**described.names(after.evidence), **described.names(before.evidence)}
    for each in found:
        about = f"{names[each.person]}, {each.kind}" if each.person else "the whole message"
        yield f"├─ {each.reader}: {about}: {_row(each.before)} → {_row(each.after)}"
        for word, (old, new) in each.words.items():
            yield f"│  ├─ {word}: {described.word(old)} → {described.word(new)}"
        if each.before is None and each.after is not None:
            yield f"│  ├─ because {because(each.after.row, each.after.at)}"
        if each.after is not None:
            reason = each.after.reason
            for label, told in (("basis", reason.basis), ("missing", reason.missing), ("refer to", reason.refer_to)):
                if told:
                    yield f"│  └─ {label}: {told}"


def document(before: Decided, after: Decided) -> dict[str, object]:
    """The changes of one recipient for JSON."""
    names = {**described.names(after.evidence), **described.names(before.evidence)}
    return {
        "before": _ruling(before.ruling),
        "after": _ruling(after.ruling),
        "changes": [
            {
                "reader": each.reader,
                "person": names[each.person] if each.person else None,
                "kind": each.kind or None,
                "before": _fit(each.before),
                "after": _fit(each.after),
                "words": {word: [described.word(value) for value in pair] for word, pair in each.words.items()},
            }
            for each in changes(before, after)
        ],
    }


def _of(rows: Iterable[Record], kind: type[Kind]) -> Iterator[Kind]:
    return (row for row in rows if isinstance(row, kind))


def _by_place(decided: Decided) -> dict[tuple[str, str, str, str], Fit]:
    """By reader, person, kind, and row where every row counts."""
    found = {}
    for reader, fitting in decided.readings:
        for fit in fitting:
            one = fit.row.stage == "statement"
            found[reader.address, fit.person, fit.at.kind if one else "", "" if one else fit.reason.row + fit.reason.code] = fit
    return found


def _told(fit: Fit | None) -> object:
    return fit and (fit.row.id, fit.action, fit.reason.basis, fit.reason.missing, fit.reason.refer_to)


def _verdict(ruling: Ruling) -> str:
    return f"{ruling.action.word} ({ruling.release.word})" if ruling.release else ruling.action.word


def _row(fit: Fit | None) -> str:
    return f"{fit.action.word}, row {fit.row.id} ({fit.reason.code}, {fit.reason.requirement})" if fit else "nothing"


def _ruling(ruling: Ruling) -> dict[str, object]:
    return {
        "action": ruling.action.word,
        "release": ruling.release.word if ruling.release else None,
        "rows": [reason.row for reason in ruling.reasons],
    }


def _fit(fit: Fit | None) -> dict[str, object] | None:
    if fit is None:
        return None
    reason = fit.reason
    return {
        "row": fit.row.id,
        "action": fit.action.word,
        "code": reason.code,
        "requirement": reason.requirement,
        "basis": reason.basis,
        "missing": reason.missing,
        "refer_to": reason.refer_to,
    }
