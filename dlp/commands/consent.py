"""`dlp consent`: record, list and end the consents of people, and take one from a person's own message.

Takes every part a consent has (R33) as an option and checks it against the closed lists; gives its ID. It counts on every
node, from the day it was given. A mistake is said with what to write instead; exit status 1: there was nothing to end.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from dlp import keys, own_message
from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address, folded_id
from dlp.campus.names import given_and_family
from dlp.campus.records import ALL, Consent
from dlp.clock import utc_now
from dlp.commands import consent_report, shared
from dlp.commands.consent_options import DAY, said_options
from dlp.commands.import_report import IMPORT, NONE_YET
from dlp.commands.listing import table
from dlp.commands.lookups import NOBODY, directory, has, meant, person_meant, say_if_nobody
from dlp.commands.site_store import act, open_store
from dlp.commands.written import WRITTEN, without_ids
from dlp.config import Settings
from dlp.errors import Refused, Unavailable
from dlp.mail.reading import read
from dlp.own_message import Evidence
from dlp.policy import agreement
from dlp.policy.asked import names_recipient, speaks_of
from dlp.policy.consent import is_investigation
from dlp.policy.facts import KnownConsent, Source
from dlp.policy.idle import idle, idle_kinds
from dlp.policy.purposes import OTHER, PURPOSES, purposes_of
from dlp.store.permits import Wanted
from dlp.thread import is_body

_BY_HAND = (
    "nothing is recorded\n"
    "read it: dlp consent add records by hand what it agrees to, dlp consent revoke ends what it takes back"
)


@click.group(cls=shared.Group)
def consent() -> None:
    """Consents of students (and of staff, for employee data).

    \b
    Examples:
      dlp consent list --student 912345678
      dlp consent ingest request.eml --kinds grades --recipient hr@firm.example \\
        --purpose employment
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
@said_options
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

    A student ID that the directory does not have is recorded, with a warning; a student's campus address means the ID. What is
    recorded already in every part is refused unless it gets an ID of its own.

    \b
    Examples:
      dlp consent add --student 912345678 --kinds grades --purpose employment \\
        --recipient hr@firm.example --strength written --given-on 2026-09-30 \\
        --evidence "paper, registrar's file"
      dlp consent add --student 912345678 --kinds "recommendation;grades" \\
        --recipient class:school --purpose admission --strength written \\
        --given-on 2026-09-30 --expires-on 2027-06-30 --mail-risk
    """
    given = _consent(said)
    settings = shared.open_settings(config, overrides)
    with open_store(settings) as store:
        people = directory(settings, keys.load(settings.keys_dir))
        given = replace(given, person=meant(people, given.person))
        _refuse_all(people, given)
        if not said["consent_id"]:
            _refuse_the_same(store.consents(Wanted(given.person, given.recipient, standing=True)).consents, given)
        store.add_consent(given, act("recorded by hand"))
    if people is None or not has(people, given.person):
        of_whom, following = (NONE_YET, IMPORT) if people is None else (NOBODY, "dlp import --status")
        shared.warn(of_whom, shared.typed(following))
    _report(settings, given, people, as_json=as_json)


@consent.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--student", "person", default="", metavar="ID", help="Whose it is, where there is no directory to tell.")
@said_options
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

    Read it first: you confirm what may be told, to whom and what for, and no more than it asks is recorded. It must agree in
    a plain sentence ("You may send my grades to ..."); where it says more than a letter has round that, it is refused, and
    dlp consent add records it by hand. Its Message-ID and hash are kept as evidence, not the message.

    \b
    Examples:
      dlp consent ingest request.eml --kinds grades --recipient hr@firm.example \\
        --purpose "job application"
      dlp consent ingest request.eml --kinds grades:18.06 --purpose admission \\
        --recipient @uni.example --uses 1
    """
    settings = shared.open_settings(config, overrides)
    raw = file.read_bytes()
    texts = read(raw, settings.limits_value())
    keys_of = own_message.from_file(dkim_keys) if dkim_keys else own_message.from_dns
    authserv_id = (settings.dkim.authserv_id or settings.hostname).lower()
    evidence = own_message.examined(raw, texts.fields, settings.campus(), keys_of, authserv_id)
    people = directory(settings, keys.load(settings.keys_dir))
    person = _author(people, evidence.sender, said.pop("person"))
    subjects = [view.text for view in texts.views if view.field == "subject"]
    own = [own_message.own_words(view) for view in texts.views if is_body(view)]
    student = people.student(person) if people else None
    called = frozenset[str]().union(*given_and_family(student)) if student else frozenset[str]()
    _no_more_than_asked((*subjects, *own), said, called)
    given = _consent(said | {"person": person, "strength": "written", "given_on": _today(settings), "evidence": evidence.text})
    _refuse_all(people, given)
    with open_store(settings) as store:
        _refuse_again(store.consents(Wanted(given.person, given.recipient)).consents, evidence)
        store.add_consent(given, act(f"confirmed from {evidence.message_id}"), Source.MESSAGE)
    _report(settings, given, people, as_json=as_json)


@consent.command("list", statuses={1: "there is none, and nobody in the directory has this ID"})
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
        person = person_meant(settings, person) if person is not None else None
        listed = store.consents(Wanted(person, recipient, standing=not everything, limit=limit))
    if person and not listed.consents and say_if_nobody(settings, person):
        click.get_current_context().exit(shared.NOT_AS_IT_SHOULD_BE)
    if listed.damaged:
        click.echo(f"dlp: {listed.damaged} more cannot be opened, and allow nothing", err=True)
    _show(settings, listed.consents, as_json=as_json)


@consent.command(statuses={1: "no such consent stands"})
@click.argument("consent_id", metavar="ID")
@click.option("--reason", required=True, type=WRITTEN, metavar="TEXT", help="Why it ends; kept as typed.")
@shared.json_option
@shared.config_option
@click.pass_context
def revoke(
    ctx: click.Context, *, consent_id: str, reason: str, as_json: bool, config: Path | None, overrides: tuple[str, ...]
) -> None:
    """End a consent from now on. No import brings it back.

    Example: dlp consent revoke C-H7K2-9QMD --reason "withdrawn by the student"
    """
    settings = shared.open_settings(config, overrides)
    with open_store(settings) as store:
        ended = store.revoke_consent(consent_id, act(without_ids(settings, reason)))
    if as_json:
        shared.emit_json({"consent_id": consent_id, "revoked": ended})
    elif ended:
        click.echo("revoked; it counts no more")
    if not ended:
        click.echo("dlp: no consent with this ID stands; dlp consent list --all shows what there is", err=True)
        ctx.exit(shared.NOT_AS_IT_SHOULD_BE)


def _show(settings: Settings, consents: Sequence[KnownConsent], *, as_json: bool) -> None:
    """The consents, each with where it counts; without a directory that can be read, as far as that is known."""
    today, campus, people = _today(settings), settings.campus(), None
    try:
        people = directory(settings, keys.load(settings.keys_dir))
    except Unavailable:
        shared.warn("the directory cannot be read, so a consent may count nowhere that is said to count", "dlp doctor")
    each_why = [(known, idle(known.consent, people, campus)) for known in consents]
    if as_json:
        for known, why in each_why:
            shared.emit_json(consent_report.document(known, today, why))
    elif not consents:
        click.echo("there is none")
    else:
        table(consent_report.COLUMNS, [consent_report.cells(known, today, why) for known, why in each_why])


def _consent(said: dict[str, Any]) -> Consent:
    """The consent these options describe. Refused where they contradict each other."""
    given = Consent(**said | {"consent_id": said["consent_id"] or f"C-{keys.reference(secrets.token_bytes(32))}"})
    if not folded_id(given.person):
        raise Refused("a consent is somebody's: give a student ID, or a staff address")
    if given.expires_on is not None and given.expires_on < given.given_on:
        raise Refused("its last day lies before the day it was given")
    return given


def _refuse_all(people: Directory | None, given: Consent) -> None:
    """`all` is for a form signed for one investigation, and for an address of the person's own, as far as these are known."""
    if ALL not in given.kinds or is_investigation(given):
        return
    mine = {folded_id(given.person)}
    own = {folded_id(each.id) for each in people.students_at(given.recipient)} if people else mine
    if given.recipient.startswith(("@", "class:")) or (own != mine and given.recipient.casefold() != given.person.casefold()):
        raise Refused(
            "all is no kind here: it is only for a form signed for one investigation, or for an address that the directory\n"
            "has as the person's own; name the kinds"
        )


def _author(people: Directory | None, sender: str, told: str) -> str:
    """The ID of the student who wrote from this address."""
    if people is None:
        if not told:
            raise Refused("there is no directory yet that knows whose address this is; say so with --student ID")
        return told
    found = [each.id for each in people.students_at(sender) if folded_address(each.email) == folded_address(sender)]
    if len(found) != 1:
        raise Refused("the directory knows no student with the author's address as campus address")
    if told and folded_id(meant(people, told)) != folded_id(found[0]):
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


def _no_more_than_asked(texts: tuple[str, ...], said: dict[str, Any], writer: frozenset[str]) -> None:
    """Refused for a kind or a recipient the person's own words do not speak of, and where they may not agree to it."""
    text = "\n".join(texts)
    unasked = sorted(kind for kind in said["kinds"] if not speaks_of(text, kind))
    if unasked:
        raise Refused(f"the message does not speak of {', '.join(unasked)}; record what it asks for, or ask the student again")
    if not names_recipient(text, said["recipient"]):
        raise Refused("the message does not name this recipient; record the one it names, or ask the student again")
    limits = said["uses"] is not None, said["expires_on"] is not None
    doubt = agreement.doubt(texts, agreement.Wanted(said["kinds"], said["recipient"], *limits, writer))
    if doubt is not None:
        raise Refused(f"the message {doubt.value}; {_BY_HAND}")


def _report(settings: Settings, given: Consent, people: Directory | None, *, as_json: bool) -> None:
    why = idle(given, people, settings.campus())
    for kind, mistake in () if why else idle_kinds(given, people).items():
        shared.warn(f"{kind} counts nowhere: {mistake}")
    purposes = sorted(purposes_of(given.purpose))
    kinds = sorted(given.kinds)
    if as_json:
        of_whom = {"person": given.person, "kinds": kinds, "recipient": given.recipient}
        shared.emit_json({"consent_id": given.consent_id, "purposes": purposes, "why": why or None} | of_whom)
        return
    if purposes == [OTHER] and given.purpose.strip().lower() != OTHER:
        shared.warn(f"this purpose is none of {', '.join(PURPOSES)}, and counts as {OTHER}")
    what = f"{', '.join(kinds)} of {given.person} to {given.recipient}, for {', '.join(purposes)}"
    click.echo(f"recorded as {given.consent_id}: {what}; {consent_report.counts(given, _today(settings), why)}")
    click.echo(f"to end it: {shared.typed(f'dlp consent revoke {given.consent_id} --reason ...')}")


def _today(settings: Settings) -> date:
    return utc_now().astimezone(ZoneInfo(settings.site.timezone)).date()
