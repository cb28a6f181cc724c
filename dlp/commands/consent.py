"""`dlp consent`: record, list and end the consents of people, and take one from a person's own message.

Takes every part a consent has (R33) as an option and checks it against the closed lists; gives its ID. It counts on every
node, from the day it was given. A mistake is said with what to write instead; exit status 1: there was nothing to end.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from dlp import keys, own_message
from dlp.campus import cells
from dlp.campus.folding import folded_address, folded_id
from dlp.campus.records import ALL, Consent
from dlp.clock import utc_now
from dlp.commands import consent_report, shared
from dlp.commands.import_report import IMPORT, NONE_YET
from dlp.commands.listing import table
from dlp.commands.lookups import NOBODY, directory, on_file, say_if_nobody
from dlp.commands.site_store import act, open_store
from dlp.commands.written import WRITTEN
from dlp.config import Settings
from dlp.errors import Refused
from dlp.mail.reading import read
from dlp.own_message import Evidence
from dlp.policy.asked import names_recipient, speaks_of
from dlp.policy.facts import KnownConsent, Source
from dlp.policy.purposes import OTHER, PURPOSES, purposes_of
from dlp.store.permits import Wanted
from dlp.thread import is_body

_Callback = TypeVar("_Callback", bound=Callable[..., Any])
_KINDS = "What may be told, separated by ; as in grades;conduct, or grades:18.06 for one subject; docs/campus.md has all."
_RECIPIENT = "To whom: an address, @domain, or class:employer (or another contact type)."
_PURPOSE = "What for: employment, admission, scholarship, award, payments, investigation, correspondence, or free words."


class _Cell(click.ParamType[Any]):
    """A value checked as the same cell of an import is."""

    def __init__(self, name: str, reader: Callable[[str], Any]) -> None:
        self.name = name
        self.reader = reader

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self.reader(value.strip()) or self.fail("must not be empty", param, ctx)
        except cells.WrongCell as wrong:
            self.fail(f"{wrong.what}; {wrong.remedy}", param, ctx)


def _recipient(text: str) -> str:
    """As in an import, and somebody in particular."""
    recipient = cells.reader_of_consent(text)
    if recipient == "class:other" or (recipient.startswith("@") and "." not in recipient):
        raise cells.WrongCell("names nobody in particular", "write an address, a whole domain, or another type of contact")
    return recipient


KINDS = _Cell("kinds", cells.kinds)
RECIPIENT = _Cell("recipient", _recipient)
DAY = _Cell("day", cells.day)


def _said(command: _Callback) -> _Callback:
    """The options that say how far a consent goes; the same for `add` and `ingest`."""
    for option in (
        click.option("--id", "consent_id", default="", metavar="ID", help="Its ID; else one is made."),
        click.option("--case", default="", metavar="TEXT", help="The case, for an investigation."),
        click.option("--uses", type=click.IntRange(1), help="For so many messages only; else standing."),
        click.option("--expires-on", type=DAY, metavar="DAY", help="Its last day, as in 2027-06-30."),
        click.option("--mail-risk/--no-mail-risk", default=False, help="Whether the person accepted the risk of e-mail."),
        click.option("--purpose", required=True, prompt=sys.stdin.isatty(), type=WRITTEN, metavar="TEXT", help=_PURPOSE),
        click.option("--recipient", required=True, prompt=sys.stdin.isatty(), type=RECIPIENT, metavar="ADDR", help=_RECIPIENT),
        click.option("--kinds", required=True, prompt=sys.stdin.isatty(), type=KINDS, metavar="KINDS", help=_KINDS),
    ):
        command = option(command)
    return command


@click.group(cls=shared.Group)
def consent() -> None:
    """Consents of students (and of staff, for employee data).

    \b
    Examples:
      dlp consent list --student 912345678
      dlp consent ingest request.eml --kinds grades --recipient hr@firm.example --purpose employment
    """


@consent.command()
@click.option(
    "--student",
    "person",
    required=True,
    prompt=sys.stdin.isatty(),
    metavar="ID",
    help="Whose: a student ID, or a staff address.",
)
@_said
@click.option(
    "--strength",
    type=click.Choice(["written", "explicit"]),
    required=True,
    prompt=sys.stdin.isatty(),
    help="In writing, or only said; outside only what is written counts.",
)
@click.option(
    "--given-on", type=DAY, required=True, prompt=sys.stdin.isatty(), metavar="DAY", help="When it was given, as in 2026-09-30."
)
@click.option("--evidence", default="", metavar="TEXT", help="Where the paper or message is.")
@shared.json_option
@shared.config_option
def add(*, as_json: bool, config: Path | None, overrides: tuple[str, ...], **said: Any) -> None:
    """Record a consent. It counts at once, for mail sent from the day it was given through its last day.

    A student ID that the directory does not have is recorded, with a warning. What is recorded already in every part is refused
    unless it gets an ID of its own.

    \b
    Examples:
      dlp consent add --student 912345678 --kinds grades --recipient hr@firm.example --purpose employment \\
        --strength written --given-on 2026-09-30 --evidence "paper, registrar's file"
      dlp consent add --student 912345678 --kinds "recommendation;grades" --recipient class:school --purpose admission \\
        --strength written --given-on 2026-09-30 --expires-on 2027-06-30 --mail-risk
    """
    given = _consent(said)
    settings = shared.open_settings(config, overrides)
    with open_store(settings) as store:
        known = on_file(settings, given.person)
        if not said["consent_id"]:
            _refuse_the_same(store.consents(Wanted(given.person, given.recipient, standing=True)).consents, given)
        store.add_consent(given, act("recorded by hand"))
    if not known:
        of_whom, following = (NONE_YET, IMPORT) if known is None else (NOBODY, "dlp import --status")
        shared.warn(of_whom, shared.typed(following))
    _report(given, _today(settings), as_json=as_json)


@consent.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--student", "person", default="", metavar="ID", help="Whose it is, where there is no directory to tell.")
@_said
@click.option(
    "--dkim-keys",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Public DKIM keys, one record a line; else DNS is asked.",
)
@shared.json_option
@shared.config_option
def ingest(
    *, file: Path, dkim_keys: Path | None, as_json: bool, config: Path | None, overrides: tuple[str, ...], **said: Any
) -> None:
    """Record a consent that a student gave in a message from the campus address, saved as it arrived.

    Read it first: you confirm what may be told, to whom and what for, and no more than it asks is recorded. Its Message-ID
    and its hash are kept as evidence, not the message.

    \b
    Examples:
      dlp consent ingest request.eml --kinds grades --recipient hr@firm.example --purpose "job application"
      dlp consent ingest request.eml --kinds grades:18.06 --recipient @uni.example --purpose admission --uses 1
    """
    settings = shared.open_settings(config, overrides)
    raw = file.read_bytes()
    texts = read(raw, settings.limits_value())
    keys_of = own_message.from_file(dkim_keys) if dkim_keys else own_message.from_dns
    authserv_id = (settings.dkim.authserv_id or settings.hostname).lower()
    evidence = own_message.examined(raw, texts.fields, settings.campus(), keys_of, authserv_id)
    person = _author(settings, evidence.sender, said.pop("person"))
    subjects = [view.text for view in texts.views if view.field == "subject"]
    own = [own_message.own_words(view) for view in texts.views if is_body(view)]
    _no_more_than_asked("\n".join((*subjects, *own)), said)
    given = _consent(said | {"person": person, "strength": "written", "given_on": _today(settings), "evidence": evidence.text})
    with open_store(settings) as store:
        _refuse_again(store.consents(Wanted(given.person, given.recipient)).consents, evidence)
        store.add_consent(given, act(f"confirmed from {evidence.message_id}"), Source.MESSAGE)
    _report(given, given.given_on, as_json=as_json)


@consent.command("list")
@click.option("--student", "person", metavar="ID", help="Only this person's: a student ID, or a staff address.")
@click.option("--recipient", metavar="ADDR", help="Only those for exactly this address, @domain or class.")
@click.option("--all", "everything", is_flag=True, help="Also those that were revoked or withdrawn.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="At most so many, newest first."
)
@shared.json_option
@shared.config_option
def list_(
    *,
    person: str | None,
    recipient: str | None,
    everything: bool,
    limit: int,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Consents on record, newest first.

    \b
    Examples:
      dlp consent list --student 912345678
      dlp consent list --recipient hr@firm.example --all --json
    """
    settings = shared.open_settings(config, overrides)
    with open_store(settings) as store:
        listed = store.consents(Wanted(person, recipient, standing=not everything, limit=limit))
    if person and not listed.consents:
        say_if_nobody(settings, person)
    if listed.damaged:
        click.echo(f"dlp: {listed.damaged} more cannot be opened, and allow nothing", err=True)
    if as_json:
        for known in listed.consents:
            shared.emit_json(consent_report.document(known))
    elif not listed.consents:
        click.echo("there is none")
    else:
        today = _today(settings)
        table(consent_report.COLUMNS, [consent_report.cells(known, today) for known in listed.consents])


@consent.command(statuses={1: "no such consent stands"})
@click.argument("consent_id", metavar="ID")
@click.option("--reason", required=True, type=WRITTEN, metavar="TEXT", help="Why it ends; kept with it.")
@shared.config_option
@click.pass_context
def revoke(ctx: click.Context, *, consent_id: str, reason: str, config: Path | None, overrides: tuple[str, ...]) -> None:
    """End a consent from now on. No import brings it back.

    Example: dlp consent revoke C-H7K2-9QMD --reason "withdrawn by the student"
    """
    with open_store(shared.open_settings(config, overrides)) as store:
        ended = store.revoke_consent(consent_id, act(reason))
    if ended:
        click.echo("revoked; it counts no more")
    else:
        click.echo("dlp: no consent with this ID stands; dlp consent list --all shows what there is", err=True)
        ctx.exit(shared.NOT_AS_IT_SHOULD_BE)


def _consent(said: dict[str, Any]) -> Consent:
    """The consent these options describe. Refused where they contradict each other."""
    given = Consent(**said | {"consent_id": said["consent_id"] or f"C-{keys.reference(secrets.token_bytes(32))}"})
    if not folded_id(given.person):
        raise Refused("a consent is somebody's: give a student ID, or a staff address")
    if given.expires_on is not None and given.expires_on < given.given_on:
        raise Refused("its last day lies before the day it was given")
    named = given.recipient.startswith(("@", "class:"))
    if ALL in given.kinds and named and purposes_of(given.purpose) != {"investigation"}:
        raise Refused("all is no kind here: it is only for an investigation form, or the student's own address; name the kinds")
    return given


def _author(settings: Settings, sender: str, told: str) -> str:
    """The ID of the student who wrote from this address."""
    people = directory(settings, keys.load(settings.keys_dir))
    if people is None:
        if not told:
            raise Refused("there is no directory yet that knows whose address this is; say so with --student ID")
        return told
    found = [each.id for each in people.students_at(sender) if folded_address(each.email) == folded_address(sender)]
    if len(found) != 1:
        raise Refused("the directory knows no student with the author's address as campus address")
    if told and folded_id(told) != folded_id(found[0]):
        raise Refused("the message is not from the student you name; a consent is given by the person it is about")
    return found[0]


def _refuse_again(known: Iterable[KnownConsent], evidence: Evidence) -> None:
    """One message is one consent for one recipient: what was used up or revoked does not come back by it."""
    named = f"message {evidence.message_id}, " if evidence.message_id else evidence.sha256
    for each in known:
        if each.source is Source.MESSAGE and named in each.consent.evidence:
            raise Refused(
                f"this message is recorded already, as {each.consent.consent_id}\n"
                "where that was a mistake: dlp consent revoke, then dlp consent add with what is right"
            )


def _refuse_the_same(known: Iterable[KnownConsent], given: Consent) -> None:
    """A consent that stands already in every part, evidence too, is rather typed twice than given twice."""
    for each in known:
        was = each.consent
        if each.uses_left != 0 and replace(given, consent_id=was.consent_id, person=was.person, recipient=was.recipient) == was:
            raise Refused(f"the same is recorded already, as {was.consent_id}; if it was given twice, name it with --id")


def _no_more_than_asked(text: str, said: dict[str, Any]) -> None:
    """Refused for a kind or a recipient the person's own words do not speak of."""
    unasked = sorted(kind for kind in said["kinds"] if not speaks_of(text, kind))
    if unasked:
        raise Refused(f"the message does not speak of {', '.join(unasked)}; record what it asks for, or ask the student again")
    if not names_recipient(text, said["recipient"]):
        raise Refused("the message does not name this recipient; record the one it names, or ask the student again")


def _report(given: Consent, today: date, *, as_json: bool) -> None:
    purposes = sorted(purposes_of(given.purpose))
    if as_json:
        shared.emit_json({"consent_id": given.consent_id, "purposes": purposes})
        return
    if purposes == [OTHER] and given.purpose.strip().lower() != OTHER:
        shared.warn(f"this purpose is none of {', '.join(PURPOSES)}, and counts as {OTHER}")
    click.echo(f"recorded as {given.consent_id}, for {', '.join(purposes)}; {consent_report.counts(given, today)}")
    shared.next_step(f"dlp consent revoke {given.consent_id} --reason ...")


def _today(settings: Settings) -> date:
    return utc_now().astimezone(ZoneInfo(settings.site.timezone)).date()
