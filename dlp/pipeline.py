"""Find, relate, judge, edit: the stages in order, for one message that has been read.

Takes the envelope, its Texts, the bytes and the rules; gives the Judgement. Pure, apart from Unavailable when a pattern run
cannot be trusted. A rewrite that cannot be made whole (a word within what is signed, our own signature over the header)
becomes a hold for the sender, and `proven` says whether an edited copy, read again, is free of what was edited away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from dlp.campus.directory import Directory
from dlp.campus.identity import identify_people
from dlp.campus.offerings import named
from dlp.campus.people import Context
from dlp.campus.records import Staff
from dlp.campus.study_fields import fields_named
from dlp.detectors.again import placed
from dlp.limits import Limits
from dlp.mail import writing
from dlp.mail.addresses import addresses
from dlp.policy.astray import Letter, states_something, with_addressing
from dlp.policy.evidence import Evidence, Fit, Surroundings
from dlp.policy.facts import Facts, Series
from dlp.policy.joint import joint
from dlp.policy.judge import allowed, decide, held_about, readings
from dlp.policy.judge import rulings as ruled
from dlp.policy.lists import with_lists
from dlp.policy.namesake import meant_by_consent, of_that_name
from dlp.policy.observing import acted_on, differing
from dlp.policy.permitted import with_more_subjects
from dlp.policy.phrases import Said
from dlp.policy.purposes import OTHER, declared, names_legal_process, purposes_said, stated_case
from dlp.policy.readers import Reader, person
from dlp.policy.relate import counts, records, relate, relate_people
from dlp.policy.tips import asks_without_reason, mails_private_notes
from dlp.policy.visible import visible
from dlp.rewrite.neutral import neutralise
from dlp.rewrite.second_reading import agrees
from dlp.rewrite.signatures import broken_by, may_stand_in
from dlp.ruleset import Rules
from dlp.statements.telling import Near, what_is_told
from dlp.thread import own_words, thread
from dlp.values import (
    Action,
    Allowed,
    Disposition,
    Edit,
    Envelope,
    Finding,
    HeaderField,
    Judgement,
    Origin,
    Part,
    PartField,
    PartStatus,
    Reason,
    Release,
    Ruling,
    Span,
    Texts,
)

Content = bytes | memoryview
_ADDRESSED = frozenset({"to", "cc"})
_OURS = frozenset({Origin.SUBMISSION, Origin.LOCAL})  # an envelope sender on campus alone proves nothing
_AHEAD = timedelta(days=1)  # a directory of a later day was made by a clock that was wrong
UNREADABLE = Reason(row="poison", code="unscannable:error", requirement="R71")

# the rest of a message that names more people, or says more of them, than is looked at
UNFINISHED = Part("0", "message/rfc822", Span(0, 0), Span(0, 0), "", PartStatus.TRUNCATED, "people")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the message: the campus directory in force, and what the store has for those concerned."""

    directory: Directory | None = None
    digest: Callable[[str], str] = str  # keyed, of a person
    facts: Facts = Facts()  # noqa: RUF009  frozen


NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Survey:
    """One message looked at once: what it says about whom, and what is known of those concerned.

    `rules` decide; those `loaded` have the rows as well that are observed for this sender.
    """

    envelope: Envelope
    texts: Texts
    rules: Rules
    loaded: Rules
    raw: Content
    evidence: Evidence
    around: Surroundings

    def knowing(self, facts: Facts) -> Survey:
        """The same with what the store has for those concerned."""
        around, every = replace(self.around, facts=facts), _addresses(self.envelope)
        readers = [each for each in every if not self.rules.campus.is_inside(each)] or every
        evidence = meant_by_consent(self.evidence, self.texts, around, readers, self.envelope.received_at)
        return replace(self, evidence=with_more_subjects(evidence, self.texts, around), around=around)

    @property
    def series(self) -> Series | None:
        """Near-identical messages this may be one of."""
        return self.evidence.series

    @property
    def department(self) -> str:
        """Whose steward may hear of it: "" where a sealed approval is about the same people or readers (R50)."""
        sender = self.around.sender.staff if self.around.sender else None
        sealed = any(each.approval.sealed for each in self.around.facts.approvals)
        return sender.department if sender and not sealed else ""

    def judgement(self) -> Judgement:
        """Everything decided."""
        evidence, rules, directory = self.evidence, self.rules, self.around.directory
        decided = decide(self.envelope, evidence, rules, self.around)
        rulings = ruled(decided)
        observed = self._observed(rulings)
        edits: tuple[Edit, ...] = ()
        if any(ruling.action is Action.REWRITE for ruling in rulings):
            edits = _edits(self.envelope, self.texts, evidence.findings, rules, self.raw)
            if not edits:
                rulings = tuple(map(_held_for_sender, rulings))
        passed = tuple(replace(ruling, action=Action.PASS, release=None) for ruling in rulings)
        acted = passed if rules.policy.observe else rulings
        return Judgement(
            rules.revision,
            placed(evidence.findings, self.texts.views),
            evidence.disclosures,
            acted,
            _dispositions(acted, edits),
            evidence.unread,
            would_be=rulings if rules.policy.observe else (),
            snapshot=directory.stamp.name if directory else "",
            allowed=_unpermitted(allowed(decided, evidence), rulings, "observe" if rules.policy.observe else "release"),
            held_about=held_about(decided, evidence),
            concerned=_concerned(evidence, self.texts, (*rulings, *observed), self.around),
            observed=observed,
        )

    def _observed(self, rulings: tuple[Ruling, ...]) -> tuple[Ruling, ...]:
        """What the rows that are observed would have changed."""
        if self.loaded is self.rules:
            return ()
        return differing(rulings, ruled(decide(self.envelope, self.evidence, self.loaded, self.around)))

    def readings(self, address: str) -> Iterator[tuple[Reader, tuple[Fit, ...]]]:
        """The rows that apply to each reader of what goes to an address: what the judgement is made of."""
        return readings(self.envelope.received_at, address, self.evidence, self.rules, self.around)


def judge_message(envelope: Envelope, texts: Texts, rules: Rules, raw: Content, known: Known = NOTHING) -> Judgement:
    """Everything decided about one message. Raises Unavailable("scan") when the patterns did not run."""
    return survey(envelope, texts, rules, raw, known).judgement()


def survey(envelope: Envelope, texts: Texts, rules: Rules, raw: Content, known: Known = NOTHING) -> Survey:
    """Search the message, and see who is meant. Raises Unavailable("scan") when the patterns did not run."""
    evidence, around = _looked_at(envelope, texts, rules, known)
    if around.directory is not None and states_something(evidence, around, rules.policy.act_at):
        evidence = with_addressing(evidence, _letter(envelope, texts), around.directory, known.digest)
    acting = acted_on(rules, around.sender, envelope.login or envelope.sender, known.digest)
    return Survey(envelope, texts, acting, rules, raw, evidence, around)


def _looked_at(envelope: Envelope, texts: Texts, rules: Rules, known: Known) -> tuple[Evidence, Surroundings]:
    """What the message says about whom, and what is known of those concerned."""
    findings = rules.matcher.find(texts)
    directory, act_at = known.directory, rules.policy.act_at
    if directory is None:
        return Evidence(findings, relate(findings, act_at), texts.unread), Surroundings()
    context = Context(envelope.login or envelope.sender, _addresses(envelope))
    digest = cache(known.digest)  # of a person for each sign of theirs
    people = identify_people(texts, findings, directory, digest, context)
    shown = tuple(address for _, address in _mailboxes(texts))
    told, heads = what_is_told(texts, people, rules, Near(directory, digest, context, shown))
    people = told.people
    sender, stale = _sender(envelope, rules, directory), _is_stale(directory, envelope, rules)
    related = relate_people(people, act_at, sender.students if sender else (), told.about)
    words = " ".join(view.text for view in texts.views)
    answer = thread(envelope, texts, people.findings, rules, directory)
    evidence = Evidence(
        people.findings,
        related.disclosures,
        (*texts.unread, UNFINISHED) if people.cut else texts.unread,
        people=records(people),
        weak=related.weak,
        greeted=related.greeted,
        headed=heads,
        addressed=frozenset(one.person for one in people.on_thread),
        visible=len({student.id for address in shown for student in directory.students_at(address)}),
        quoted=answer.quoted,
        refers=answer.refers,
        asks=asks_without_reason(words) and asks_without_reason(own_words(texts)),
        notes=mails_private_notes(words) and mails_private_notes(own_words(texts)),
        rows=told.rows,
        instead=told.instead,
    )
    around = Surroundings(directory, sender, stale, known.facts, rules.policy.zone, replace(context, thread=shown))
    if not evidence.disclosures and not evidence.refers:
        return evidence, around  # what else is said matters only where somebody is told about, or told whom to ask
    likely = {each.subject for address in (context.sender, *shown) for each in directory.assignments_of(address)}
    subjects, said = named(texts, directory, likely), Said.of(words)
    evidence = replace(
        evidence,
        subjects=subjects,
        fields=fields_named(texts, people.findings, subjects),
        purposes=purposes_said(said) - {OTHER},
        case=stated_case(words),
        legal=names_legal_process(said),
        declared=declared(words),
        joint=joint(evidence, texts, act_at),
    )
    evidence = replace(evidence, visible=visible(shown, evidence, around, rules.campus, act_at))
    return with_more_subjects(with_lists(evidence, texts, around, act_at), texts, around), around


def _letter(envelope: Envelope, texts: Texts) -> Letter:
    return Letter(texts, envelope.login or envelope.sender, _addresses(envelope), _mailboxes(texts))


def _addresses(envelope: Envelope) -> tuple[str, ...]:
    return tuple(recipient.address for recipient in envelope.recipients)


def _mailboxes(texts: Texts) -> tuple[tuple[str, str], ...]:
    """The names and addresses of To and Cc."""
    return tuple(pair for each in texts.fields if each.name.lower() in _ADDRESSED for pair in addresses(each.value).pairs)


def _concerned(evidence: Evidence, texts: Texts, rulings: tuple[Ruling, ...], around: Surroundings) -> tuple[str, ...]:
    """Whose consent, or what approval about whom, could change a ruling."""
    if all(ruling.action is Action.PASS for ruling in rulings):
        return ()
    own = (person.email if isinstance(person, Staff) else person.id for person in evidence.people.values())
    return (*own, *of_that_name(evidence, texts, around))


def _sender(envelope: Envelope, rules: Rules, directory: Directory) -> Reader | None:
    """Whose mail it is; None while nobody vouches for the address."""
    if not envelope.login and envelope.origin not in _OURS:
        return None
    return person(envelope.login or envelope.sender, rules.campus, directory)


def _is_stale(directory: Directory, envelope: Envelope, rules: Rules) -> bool:
    """Whether the directory cannot be relied upon to be whole and of today (R6)."""
    stamp = directory.stamp
    age = envelope.received_at - stamp.as_of
    return bool(stamp.bad_rows) or age > rules.policy.max_snapshot_age or age < -_AHEAD


def hold_rewrites(judgement: Judgement) -> Judgement:
    """The same judgement with every rewrite turned into a hold: for an edited copy that did not prove clean."""
    rulings = tuple(map(_held_for_sender, judgement.rulings))
    allowed_then = _unpermitted(judgement.allowed, rulings, "release")
    return replace(judgement, rulings=rulings, dispositions=_dispositions(rulings, ()), allowed=allowed_then)


def hold_unreadable(envelope: Envelope, rules: Rules) -> Judgement:
    """The judgement on a message that cannot be judged: held for everybody, in observe mode and from outside too."""
    rulings = tuple(Ruling(recipient.address, Action.HOLD, Release.OFFICER, (UNREADABLE,)) for recipient in envelope.recipients)
    return Judgement(rules.revision, (), (), rulings, _dispositions(rulings, ()))


def edits_of(judgement: Judgement) -> tuple[Edit, ...]:
    """The edits of the copies that are rewritten; all of them are edited alike."""
    return next((each.edits for each in judgement.dispositions if each.edits), ())


def alike(raw: Content, edited: Content, edits: tuple[Edit, ...]) -> bool:
    """Whether a second, independent reading finds the edits made and nothing else changed (promise 4)."""
    return agrees(raw, edited, edits)


def proven(before: Judgement, again: Judgement) -> bool:
    """Whether an edited copy, read and judged again, needs nothing more for those it goes to (promise 4)."""
    pairs = zip(before.rulings, again.rulings, strict=True)
    return all(now.action <= Action.WARN for then, now in pairs if then.action is Action.REWRITE)


@dataclass(frozen=True, slots=True)
class _Headers:
    """What the message's fields show, and how they are written anew (dlp.rewrite.neutral.Headers)."""

    raw: Content
    limits: Limits

    def shows(self, field: HeaderField | PartField) -> tuple[str, ...]:
        return writing.shows(field.name, self._value(field), self.limits)

    def write(self, field: HeaderField | PartField, texts: Mapping[str, str]) -> str | None:
        return writing.rewritten(field.name, self._value(field), texts, self.limits)

    def _value(self, field: HeaderField | PartField) -> bytes:
        return bytes(self.raw[field.span.start : field.span.end]).partition(b":")[2][: self.limits.header]


def _edits(envelope: Envelope, texts: Texts, findings: tuple[Finding, ...], rules: Rules, raw: Content) -> tuple[Edit, ...]:
    """The edits that make the headers harmless, or none when they cannot be made or would break our own signature."""
    counted = [finding for finding in findings if counts(finding, rules.policy.act_at)]
    neutral = {pattern.id: pattern.neutral for pattern in rules.patterns}
    outcome = neutralise(texts, counted, neutral, _Headers(raw, Limits()))
    if outcome.left_over:
        return ()
    broken = broken_by(outcome.edits, texts.fields, rules.campus.is_inside_domain)
    return () if broken and not _may_sign(envelope, texts, broken, rules) else outcome.edits


def _may_sign(envelope: Envelope, texts: Texts, broken: tuple[HeaderField, ...], rules: Rules) -> bool:
    """Whether our own signature may take the place of broken ones of the campus (RFC 7489 3.1.1).

    Not for mail that may have come from anybody: the signature it carries may never have been good, and ours would be.
    """
    if envelope.origin not in _OURS:
        return False
    authors = [address for each in texts.fields if each.name.lower() == "from" for _, address in addresses(each.value).pairs]
    domains = {address.rpartition("@")[2].lower() for address in authors if address}
    inside = domains if all(map(rules.campus.is_inside_domain, domains)) else ()
    return may_stand_in(rules.policy.dkim_domain, broken, inside)


def _unpermitted(items: tuple[Allowed, ...], rulings: tuple[Ruling, ...], basis: str) -> tuple[Allowed, ...]:
    """What is held goes out on somebody's word, if at all: that is the basis then."""
    held = {ruling.recipient for ruling in rulings if ruling.action is Action.HOLD}
    return tuple(replace(each, basis=basis) if each.recipient in held else each for each in items)


def _held_for_sender(ruling: Ruling) -> Ruling:
    return replace(ruling, action=Action.HOLD, release=Release.SENDER) if ruling.action is Action.REWRITE else ruling


def _dispositions(rulings: tuple[Ruling, ...], edits: tuple[Edit, ...]) -> tuple[Disposition, ...]:
    """Recipients grouped by fate; what leaves unchanged first, what is held last."""
    groups: dict[tuple[bool, bool], list[int]] = {}
    for index, ruling in enumerate(rulings):
        groups.setdefault((ruling.action is Action.HOLD, ruling.action is Action.REWRITE), []).append(index)
    return tuple(
        Disposition(tuple(members), held, edits if edited else ()) for (held, edited), members in sorted(groups.items())
    )
