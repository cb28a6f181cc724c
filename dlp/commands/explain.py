"""`dlp explain`: one decision as a tree: who is meant and how, what the reader is to them, which rows were tried, and why.

Takes one message file, the options of `dlp check` and `--as ADDR`; prints a tree that can be followed line by line with the
policy at hand, or JSON. It comes from the very rows the filter decides by, changes nothing, and shows no value it found.
Exit status 0 = explained, 2 = a file, an option or the configuration is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from dlp.campus.records import Staff, Student
from dlp.commands import shared
from dlp.commands.check import Asked, Checked, contents, judged, moment, released
from dlp.commands.lookups import look_ups
from dlp.notices.reasons import wording
from dlp.pipeline import explained
from dlp.policy.applying import Evidence, Fit, Surroundings
from dlp.policy.readers import Reader
from dlp.policy.situation import Situation, unmet
from dlp.ruleset import Row, Rules
from dlp.values import Action, Origin


@click.command(cls=shared.Command)
@click.argument("file", metavar="FILE")
@click.option("--as", "reader", metavar="ADDR", help="The recipient whose copy is explained; else the first.")
@click.option("--from", "sender", metavar="ADDR", help="Envelope sender; else the From field.")
@click.option("--to", "recipients", multiple=True, metavar="ADDR", help="A recipient; may be repeated. Else To, Cc and Bcc.")
@click.option("--origin", type=click.Choice([origin.value for origin in Origin]), default="submission", show_default=True)
@click.option("--login", default="", metavar="ADDR", help="The user who signed in to send it.")
@click.option("--now", metavar="TIME", help="Judge as of this time (ISO 8601).")
@click.option("--tried", is_flag=True, help="Also the rows that were passed over, and the word that did not fit.")
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
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Explain one recipient's verdict, as a tree. Nothing is sent or stored.

    \b
    Examples:
      dlp explain message.eml
      dlp explain --as hr@acme.example message.eml
      dlp explain --tried --as k.brandt@campus.example message.eml
    """
    settings = shared.settings_or_defaults(config, overrides)
    rules = shared.rules(settings)
    asked = Asked(sender, recipients, Origin(origin), login, moment(now, settings))
    checked = judged(file, contents(file), asked, rules, settings.limits_value(), look_ups(settings))
    addresses = [ruling.recipient for ruling in checked.judgement.rulings]
    address = reader or addresses[0]
    if address not in addresses:
        raise click.UsageError(f"{address} is no recipient of this message; --as takes one of: {', '.join(addresses)}")
    evidence, around, readings = explained(checked.envelope, checked.texts, rules, address, checked.known)
    if as_json:
        shared.emit_json(_document(checked, address, readings))
    else:
        click.echo("\n".join(_tree(checked, address, evidence, around, readings, rules, tried=tried)))


Readings = tuple[tuple[Reader, tuple[Fit, ...]], ...]


def _document(checked: Checked, address: str, readings: Readings) -> dict[str, object]:
    ruling = next(ruling for ruling in checked.judgement.rulings if ruling.recipient == address)
    return {
        "file": checked.file,
        "recipient": address,
        "action": ruling.action.word,
        "release": ruling.release.word if ruling.release else None,
        "readers": [
            {
                "listed": reader.listed or None,
                "rows": [
                    {
                        "row": fit.row.id,
                        "action": fit.action.word,
                        "code": fit.reason.code,
                        "requirement": fit.reason.requirement,
                        "basis": fit.reason.basis,
                        "missing": fit.reason.missing,
                        "refer_to": fit.reason.refer_to,
                        "person": fit.person or None,
                        "words": {word: _plain(value) for word, value in asdict(fit.at).items()},
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
    known = f"directory {judgement.snapshot}" if judgement.snapshot else "no directory: ID numbers alone"
    yield f"{checked.file}, as of {checked.envelope.received_at:%Y-%m-%d %H:%M}, rules {judgement.revision}, {known}"
    yield f"{ruling.action.word}  {address}{released(ruling)}"
    yield f"├─ sender: {_sender(around)}"
    yield f"├─ {'people' if evidence.disclosures else 'people: nobody is identified'}"
    names = _names(evidence)
    for item in evidence.disclosures:
        yield f"│  ├─ {names[item.person]}: {_person(evidence, item.person)}"
        for index in item.findings:
            finding = evidence.findings[index]
            yield f"│  │  └─ {finding.kind} by {finding.detector} {finding.pattern}, {finding.where}, {finding.masked}"
    if not readings or not readings[0][1]:
        yield "└─ inbound mail to campus is not read"
        return
    for number, (reader, fits) in enumerate(readings, start=1):
        last = number == len(readings)
        yield f"{'└' if last else '├'}─ reader: {_reader(reader)}"
        for fit in fits:
            yield from (f"{' ' if last else '│'}  {line}" for line in _fit(fit, names, rules, tried=tried))
    yield f"decided: {ruling.action.word}, by {', '.join(dict.fromkeys(reason.row for reason in ruling.reasons))}"


def _sender(around: Surroundings) -> str:
    if around.directory is None:
        return "nobody is known"
    return _reader(around.sender) if around.sender else "nobody vouches for the address: read as staff unknown"


def _names(evidence: Evidence) -> Mapping[str, str]:
    return {item.person: f"person {number}" for number, item in enumerate(evidence.disclosures, start=1)}


def _person(evidence: Evidence, digest: str) -> str:
    person = evidence.people.get(digest)
    how = "by a hint only" if digest in evidence.weak else "for certain"
    if isinstance(person, Staff):
        return f"an employee, {how}"
    if isinstance(person, Student):
        held = "; has withheld everything" if "all" in person.suppress else ""
        return f"a {person.status or 'current'} student{f' ({person.level})' if person.level else ''}, {how}{held}"
    return f"somebody in no file, {how}"


def _reader(reader: Reader) -> str:
    """What the campus files say of an address."""
    told = ["inside" if reader.inside else "outside"]
    if reader.listed:
        told.append(f"by a list ({reader.listed})")
    if reader.staff:
        told.append(f"staff{f' of {reader.staff.department}' if reader.staff.department else ''}")
        told.append(f"purview {', '.join(sorted(reader.staff.purview)) or 'not recorded'}")
    told += [f"{each.role.replace('_', ' ')} of {each.subject}" for each in reader.assignments]
    if reader.advising:
        told.append(f"advises {len(reader.advising)}")
    if reader.students:
        told.append("a student")
    told += [f"contact: {each.type}" for each in reader.contacts]
    return f"{reader.address}: {'; '.join(told if len(told) > 1 else [*told, 'in no file'])}"


def _fit(fit: Fit, names: Mapping[str, str], rules: Rules, *, tried: bool) -> Iterator[str]:
    reason, at = fit.reason, fit.at
    about = (
        f"{names[fit.person]}, {at.kind}" if fit.person else "nobody" if fit.row.stage == "statement" else "the whole message"
    )
    yield f"├─ {about}: {fit.action.word}, row {fit.row.id} ({reason.code}, {reason.requirement})"
    if tried and fit.row.stage == "statement":
        for row in rules.table:
            if row.id == fit.row.id:
                break
            if row.stage == "statement":
                yield f"│  ├─ not {row.id}: {unmet(row, at)}"
    yield f"│  ├─ because {_because(fit.row, at)}"
    if fit.action is not Action.PASS:
        yield f"│  ├─ the sender reads: {wording(reason.code, neutral=reason.neutral).why}"
    for label, told in (("basis", reason.basis), ("missing", reason.missing), ("refer to", reason.refer_to)):
        if told:
            yield f"│  └─ {label}: {told}"


def _because(row: Row, at: Situation) -> str:
    """The words of the row and what they are here."""
    words = [f"{word} = {_word(getattr(at, word))}" for word in row.when]
    words += [f"not {word} = {_word(wanted)}" for word, wanted in row.unless.items()]
    return ", ".join(words) or "no other row fits"


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset | list):
        return " or ".join(sorted(map(str, value))) or "none"
    return str(value) or "none"
