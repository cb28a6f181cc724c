"""`dlp explain`: one decision as a tree: who is meant and how, what the reader is to them, which rows were tried, and why.

Takes one message file, the options of `dlp check` and `--as ADDR`; prints a tree that can be followed line by line with the
policy at hand, or JSON; with `--what-if FILE`, what more import rows would change. It comes from the very rows the filter
decides by, changes nothing, and shows no value it found. Exit status 0 = explained, 2 = a file, an option or the
configuration is wrong, 3 = the directory or the message cannot be read now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from dlp.campus.records import Record
from dlp.commands import described, shared, what_if
from dlp.commands.check import contents, moment, must_be_there
from dlp.commands.found import MANY, Seen, together
from dlp.commands.judging import Asked, Checked, judged
from dlp.commands.listing import say
from dlp.commands.lookups import look_ups
from dlp.commands.plain_address import plain_address
from dlp.commands.reading import reader_of
from dlp.commands.reasons_said import because
from dlp.notices.reasons import wording
from dlp.notices.words import TIPS
from dlp.policy.evidence import Evidence, Fit, Surroundings
from dlp.policy.passages import passages
from dlp.policy.readers import Reader
from dlp.policy.situation import unmet
from dlp.ruleset import Rules
from dlp.values import Action, Disclosure, Origin, Release, Ruling


@click.command(cls=shared.Command, statuses={0: "explained, whatever the verdict"})
@click.argument("file", metavar="FILE")
@click.option(
    "--as", "reader", metavar="ADDR", callback=plain_address, help="The recipient whose copy is explained; else the first."
)
@shared.envelope_options
@click.option("--tried", is_flag=True, help="Also the rows that were passed over, and the word that did not fit.")
@click.option(
    "--what-if",
    "suppose",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="An import file, or a folder of them, with rows to suppose: what would come out otherwise.",
)
@shared.json_option
@shared.config_option
def explain(
    *,
    file: str,
    reader: str | None,
    sender: str | None,
    recipients: tuple[str, ...],
    origin: str,
    login: str,
    now: str | None,
    tried: bool,
    suppose: Path | None,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Explain one recipient's verdict, as a tree. Nothing is sent or stored.

    What its rules (R8), codes (FAQ:...) and rows (I2) mean: docs/rules.md.

    \b
    Examples:
      dlp explain message.eml
      dlp explain --as hr@acme.example message.eml
      dlp explain --tried --as k.brandt@campus.example message.eml
      dlp explain --what-if consents.csv message.eml
    """
    must_be_there(file)
    settings = shared.settings_or_defaults(config, overrides)
    rules = shared.rules(settings)
    asked = Asked(sender, recipients, Origin(origin), login, moment(now, settings))
    known = look_ups(settings)
    raw, read = contents(file), reader_of(settings)
    checked = judged(file, raw, asked, rules, read, known)
    addresses = [ruling.recipient for ruling in checked.judgement.rulings]
    if reader is not None and reader not in addresses:
        raise click.UsageError(f"{reader} is no recipient of this message; --as takes one of: {', '.join(addresses)}")
    if suppose is not None:
        rows = what_if.suppose(suppose, asked.now.astimezone(rules.policy.zone).date())
        again = judged(file, raw, asked, rules, read, what_if.supposing(known, rows))
        _supposed(checked, again, rows, [reader] if reader else addresses, as_json=as_json)
        return
    address = reader or addresses[0]
    evidence, around, readings = checked.survey.evidence, checked.survey.around, tuple(checked.survey.readings(address))
    if as_json:
        shared.emit_json(_document(checked, address, readings))
    else:
        say("\n".join(_tree(checked, address, evidence, around, readings, rules, tried=tried)))


def _supposed(checked: Checked, again: Checked, rows: Sequence[Record], addresses: Sequence[str], *, as_json: bool) -> None:
    """What the supposed rows would change, for each recipient asked for."""
    pairs = {address: (_decided(checked, address), _decided(again, address)) for address in addresses}
    counts = what_if.counted(rows)
    if as_json:
        told = {address: what_if.document(*pair) for address, pair in pairs.items()}
        shared.emit_json({"file": checked.file, "supposed": counts, "recipients": told})
        return
    click.echo(
        f"{checked.file}, supposing {', '.join(f'{count} of {name}.csv' for name, count in counts.items()) or 'nothing'}"
    )
    for pair in pairs.values():
        say("\n".join(what_if.lines(*pair)))


def _decided(checked: Checked, address: str) -> what_if.Decided:
    evidence, readings = checked.survey.evidence, tuple(checked.survey.readings(address))
    judgement = checked.judgement
    rulings = judgement.would_be or judgement.rulings
    return what_if.Decided(next(ruling for ruling in rulings if ruling.recipient == address), evidence, readings)


_RELEASE = {
    Release.SENDER: "the sender may release it, with a reason",
    Release.OFFICER: "a privacy officer may release it",
    Release.SENIOR: "only a senior officer or designee may release it",
}

Readings = tuple[tuple[Reader, tuple[Fit, ...]], ...]


def _document(checked: Checked, address: str, readings: Readings) -> dict[str, object]:
    ruling = next(ruling for ruling in checked.judgement.rulings if ruling.recipient == address)
    return {
        "file": checked.file,
        "recipient": address,
        "action": ruling.action.word,
        "release": ruling.release.word if ruling.release else None,
        "observed": next((each.action.word for each in checked.judgement.observed if each.recipient == address), None),
        "readers": [
            {
                "listed": reader.listed or None,
                "rows": [
                    {
                        "row": fit.row.id,
                        "title": fit.row.title or None,
                        "action": fit.action.word,
                        "code": fit.reason.code,
                        "requirement": fit.reason.requirement,
                        "passages": list(passages(fit.reason.requirement)),
                        "basis": fit.reason.basis,
                        "missing": fit.reason.missing,
                        "refer_to": fit.reason.refer_to,
                        "person": fit.person or None,
                        "words": {word: _plain(value) for word, value in fit.at._asdict().items()},
                    }
                    for fit in fits
                ],
            }
            for reader, fits in readings
        ],
    }


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


def _tree(
    checked: Checked,
    address: str,
    evidence: Evidence,
    around: Surroundings,
    readings: Readings,
    rules: Rules,
    *,
    tried: bool,
) -> Iterator[str]:
    judgement = checked.judgement
    ruling = next(ruling for ruling in judgement.rulings if ruling.recipient == address)
    yield f"{checked.file}, as of {checked.survey.envelope.received_at:%Y-%m-%d %H:%M}"
    yield f"{ruling.action.word}  {address}{_released(ruling)}"
    yield f"├─ sender: {described.sender(around)}"
    yield "├─ people" if evidence.disclosures else f"├─ people: {described.NOBODY}"
    yield from (f"│  {line}" for line in _people(evidence))
    yield from (f"├─ said of whoever is meant: {each}" for each in described.of_nobody(evidence))
    yield from (f"├─ {told}" for told in described.lists(evidence))
    if not readings or not readings[0][1]:
        yield "└─ inbound mail to campus is not read"
        return
    for number, (reader, fits) in enumerate(readings, start=1):
        last = number == len(readings)
        hidden = (
            "" if described.is_shown(address, checked.survey.texts) else "; gets a copy the header does not show (blind copy)"
        )
        yield f"{'└' if last else '├'}─ reader: {described.reader(reader)}{described.whose(evidence, reader)}{hidden}"
        blocks = []
        for fit in described.worth_telling(fits):
            why = [*described.need(fit, reader, evidence, around.directory), *described.consent(fit, around.facts)]
            why += [*described.hint(fit, reader), *described.of_you(evidence, fit, around.sender)]
            if outweighed := Action.PASS < fit.action < ruling.action:
                why.append(f"outweighed by the {ruling.action.word}")
            blocks.append((fit, tuple(_fit(fit, reader, rules, why, outweighed=outweighed, tried=tried))))
        yield from (f"{' ' if last else '│'}  {line}" for line in _fits(evidence, blocks))
    rows = ", ".join(dict.fromkeys(reason.row for reason in ruling.reasons))
    known = f"directory {judgement.snapshot}" if judgement.snapshot else "no directory: ID numbers alone"
    yield f"judged with rules {judgement.revision}, {known}; the strictest line decides"
    yield f"decided: {ruling.action.word}, by {rows}"
    for would in (each for each in judgement.observed if each.recipient == address):
        rows_told = dict.fromkeys(f"{reason.row} ({reason.code}, {reason.requirement})" for reason in would.reasons)
        yield f"with the rows that are observed: {would.action.word}{_released(would)}, by {', '.join(rows_told)}"


def _released(ruling: Ruling) -> str:
    """Who may let a held copy go."""
    return f"; {_RELEASE[ruling.release]}" if ruling.release else ""


def _people(evidence: Evidence) -> Iterator[str]:
    """Who is meant, and what is told of each; of many, those of whom the same is told together."""
    alike: dict[object, list[Disclosure]] = {}
    many = len(evidence.disclosures) > MANY
    for item in evidence.disclosures:
        found = frozenset((each.kind, each.part) for each in _seen(evidence, [item]))
        said = described.person(evidence, item.person), found, tuple(described.by_being_listed(evidence, item))
        alike.setdefault(said if many else item.person, []).append(item)
    numbers = described.numbers(evidence)
    for group in alike.values():
        who = described.people(numbers[item.person] for item in group)
        yield f"├─ {who}: {described.person(evidence, group[0].person)}"
        told = [
            *together(_seen(evidence, group), MANY if len(group) == 1 else 1),
            *described.by_being_listed(evidence, group[0]),
        ]
        yield from (f"│  {'└' if number == len(told) else '├'}─ {each}" for number, each in enumerate(told, start=1))


def _seen(evidence: Evidence, items: Sequence[Disclosure]) -> Iterator[Seen]:
    return (described.seen(evidence, index, item.person) for item in items for index in item.findings)


def _fits(evidence: Evidence, blocks: Sequence[tuple[Fit, tuple[str, ...]]]) -> Iterator[str]:
    """Each row that fits, and below it why; of many people, those of whom it is the same together."""
    alike: dict[object, list[Fit]] = {}
    many = len(evidence.disclosures) > MANY
    told: dict[object, tuple[str, ...]] = {}
    for number, (fit, lines) in enumerate(blocks):
        key: object = lines if many and fit.person else number
        alike.setdefault(key, []).append(fit)
        told[key] = lines
    for key, group in alike.items():
        first, *below = told[key]
        yield f"├─ {_about(evidence, group)}: {first}"
        yield from (f"│  {line}" for line in below)


def _about(evidence: Evidence, group: Sequence[Fit]) -> str:
    """ "person 1, id"; "30 people (1 to 30), id, grades; person 7, conduct"; of what is about nobody in particular that."""
    if not group[0].person:
        return "nobody" if group[0].row.stage == "statement" else "the whole message"
    numbers = described.numbers(evidence)
    whose: dict[str, list[int]] = {}
    for fit in group:
        whose.setdefault(described.kind(fit.at), []).append(numbers[fit.person])
    kinds: dict[tuple[int, ...], list[str]] = {}
    for kind, people in whose.items():
        kinds.setdefault(tuple(people), []).append(kind)
    return "; ".join(f"{described.people(people)}, {', '.join(several)}" for people, several in kinds.items())


def _fit(
    fit: Fit,
    reader: Reader,
    rules: Rules,
    why: Sequence[str],
    *,
    outweighed: bool,
    tried: bool,
) -> Iterator[str]:
    """What comes of it, and in the lines below why."""
    reason, at = fit.reason, fit.at
    yield f"{'tip' if fit.row.tip else fit.action.word}{f': {fit.row.title}' if fit.row.title else ''}"
    sources = " and ".join(described.sources(at, passages(reason.requirement), reader)) or "no demand"
    yield f"├─ rests on {sources}; row {fit.row.id}, {reason.code}, {reason.requirement}"
    if tried and fit.row.stage == "statement":
        for row in rules.table:
            if row.id == fit.row.id:
                break
            if row.stage == "statement":
                lacking = unmet(row, at)
                yield f"├─ not {row.id}: {lacking}" if lacking else f"├─ {row.id} fits, and is only observed"
    told = [f"because {because(fit.row, at)}"]
    if fit.row.tip:
        told.append(f"a notice, if there is one, adds: {TIPS[fit.row.tip]}")
    if fit.action is not Action.PASS and not outweighed:
        told.append(f"the sender reads: {wording(reason.code, row=reason.row, neutral=reason.neutral).why}")
    named = (("basis", "" if fit.row.tip else reason.basis), ("missing", reason.missing), ("refer to", reason.refer_to))
    told += [f"{label}: {value}" for label, value in named if value]
    told += why
    yield from (f"{'└' if number == len(told) else '├'}─ {each}" for number, each in enumerate(told, start=1))
