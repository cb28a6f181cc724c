"""The summary a sender gets in place of many notices within one hour: counts first, then what did not arrive, then why.

Takes the facts of each message with the deadline of what still waits of it, the site and the time; gives the finished
message. It names references and, as far as there is room, who did not get what. No report that programs read goes with
it: that belongs to one message. Without facts it is a programming error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dlp.notices import reasons, words
from dlp.notices.compose import NoticeSite, hardest
from dlp.notices.facts import NoticeFacts, State
from dlp.notices.places import listed, moment, people, places, until
from dlp.notices.rendering import Block, Heading, clean, message

_MISSED: tuple[State, ...] = ("held", "denied", "returned", "refused")
_SHOWN_MISSED = 8  # messages whose recipients are named
_SHOWN_PEOPLE = 2
_SHOWN_REFERENCES = 40
_SHOWN_REASONS = 2
_SHOWN_PLACES = 3
_MANY = 3  # so many for one reason may be a slip in a list


@dataclass(frozen=True, slots=True)
class Told:
    """One message of the summary."""

    facts: NoticeFacts
    deadline: datetime | None


def summary(told: Sequence[Told], site: NoticeSite, now: datetime) -> bytes:
    """The summary of these messages, all of one sender. ValueError without any."""
    if not told:
        raise ValueError("a summary needs a message")
    local = now.astimezone(site.timezone)
    ordered = sorted(told, key=lambda each: (each.facts.received_at, each.facts.reference))
    first, last = (moment(each.facts.received_at.astimezone(site.timezone), local) for each in (ordered[0], ordered[-1]))
    counts = Counter(hardest(each.facts) for each in ordered)
    table = tuple(row.format(count=counts[kind]) for kind, row in words.SUMMARY_ROWS.items() if counts[kind])
    blocks = [
        Block((words.SUMMARY_OPENING.format(count=len(ordered), first=first, last=last),)),
        Block(table, listed=True),
        Block(_references(ordered, site, local), listed=True),
        *_why(ordered, site),
        Block((" ".join(_next(ordered, counts, site)),)),
        Block((words.SUMMARY_QUESTIONS.format(contact=clean(site.contact)),)),
    ]
    heading = Heading(
        sender_name=words.SENDER_NAME.format(site=site.name),
        sender=site.sender,
        addressee=ordered[0].facts.addressee,
        reply_to=site.contact,
        subject=words.SUMMARY_SUBJECT.format(count=len(ordered), first=first, last=last),
        label="summary",
        date=local,
    )
    return message(heading, tuple(blocks))


def _references(ordered: Sequence[Told], site: NoticeSite, local: datetime) -> tuple[str, ...]:
    """Who did not get what, and the references of the rest."""
    lines: list[str] = []
    rest: list[str] = []
    for each in sorted(ordered, key=lambda each: not _missed(each.facts)):
        facts, missed = each.facts, _missed(each.facts)
        if missed and len(lines) < _SHOWN_MISSED:
            when = moment(facts.received_at.astimezone(site.timezone), local)
            named = people(missed, _SHOWN_PEOPLE)
            lines.append(words.SUMMARY_MISSED.format(reference=clean(facts.reference), when=when, people=named))
        else:
            rest.append(clean(facts.reference))
    if rest:
        shown = ", ".join(rest[:_SHOWN_REFERENCES])
        if len(rest) > _SHOWN_REFERENCES:
            shown = words.SUMMARY_MORE.format(references=shown, count=len(rest) - _SHOWN_REFERENCES)
        lines.append(words.SUMMARY_REFERENCES.format(references=shown))
    return tuple(lines)


def _missed(facts: NoticeFacts) -> list[str]:
    return [outcome.recipient for outcome in facts.outcomes if outcome.state in _MISSED]


def _why(ordered: Sequence[Told], site: NoticeSite) -> list[Block]:
    """The most frequent reasons, what was seen and where, and a way on."""
    found = Counter(wording for each in ordered for wording in _wording(each.facts))
    shown = found.most_common(_SHOWN_REASONS)
    lines = []
    for wording, count in shown:
        rule = words.RULE.format(rule=wording.rule, lines="")
        lines.append(words.SUMMARY_WHY.format(count=count, total=len(ordered), why=wording.why, rule=rule))
    causes = [cause for each in ordered for cause in each.facts.causes]
    kinds = dict.fromkeys(kind for cause in causes if not cause.neutral and cause.code != "probe" for kind in cause.kinds)
    known = [words.KINDS[kind] for kind in kinds if kind in words.KINDS][:_SHOWN_PLACES]
    where = places((where for cause in causes for where in cause.wheres), _SHOWN_PLACES)
    told = [words.FOUND.format(kinds=listed(known)) if known else "", words.PLACES.format(places=where) if where else ""]
    lines.append(" ".join(filter(None, told)))
    look = words.SUMMARY_LOOK if shown and shown[0][1] >= _MANY else ""
    lines += [
        " ".join(filter(None, (look, wording.instead[0].format(contact=clean(site.contact))))) for wording, _ in shown[:1]
    ]
    return [Block((line,)) for line in lines if line]


def _wording(facts: NoticeFacts) -> list[reasons.Wording]:
    """The first reason of the hardest thing that happened."""
    about = hardest(facts)
    causes = sorted(facts.causes, key=lambda cause: cause.action != about)
    return [reasons.wording(cause.code, row=cause.row, neutral=cause.neutral) for cause in causes[:1]]


def _next(ordered: Sequence[Told], counts: Counter[str], site: NoticeSite) -> list[str]:
    """What happens by itself."""
    deadlines = [each.deadline for each in ordered if each.deadline is not None]
    told = []
    if deadlines:
        told.append(words.SUMMARY_DEADLINE.format(deadline=until(min(deadlines).astimezone(site.timezone))))
    if counts["ended"] or (counts["hold"] and not deadlines):
        told.append(words.SUMMARY_OVER)
    return told or [words.NO_ACTION]
