"""What a sender is told about one message: who got it, why, where, what now, whom to ask.

Takes the facts, the site and the time; gives the finished message (RFC 5322, CRLF). It never holds more than
120 words (and 40 for each further group of recipients that has a reason of its own), a copy of anything, or a promise
nothing keeps: no page to go to. When the words run out, optional paragraphs go first. The null return path is the
business of whoever sends it. Fails on nothing the facts can hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType

from dlp.notices import reasons, words
from dlp.notices.facts import Cause, NoticeFacts, State
from dlp.notices.groups import Groups, grouped, worded
from dlp.notices.places import headcount, listed, moment, people, places, until
from dlp.notices.rendering import Block, Heading, clean, message
from dlp.notices.report import delivery_status

LONGEST = 120  # words a sender is asked to read
_OF_A_GROUP = 40  # more of them for each further group of recipients with reasons of its own
_SHOWN_GROUPS = 3
_SHOWN_OF_A_GROUP = 2  # people named beside a reason; all are named above
_SHOWN_CAUSES = 2
_SHOWN = (3, 2, 1)  # people, kinds and places named; fewer when the words run out
_SHOWN_OFFICES = 2
_SHOWN_STEPS = 2
_SHOWN_TIPS = 2
_MILDER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"hold": ("rewrite", "warn"), "ended": (), "rewrite": ("warn",), "warn": (), "refused": ()}
)
_ENDED: tuple[State, ...] = ("denied", "returned")
_ABOUT: Mapping[str, frozenset[State]] = MappingProxyType(  # the hardest first
    {"hold": frozenset({"held"}), "ended": frozenset(_ENDED), "rewrite": frozenset({"changed"})}
)
_RIGHTS = tuple(words.RELEASES)
_POLICY_LINE = re.compile(r"\bR[0-9]{1,3}\b")


@dataclass(frozen=True, slots=True)
class NoticeSite:
    """What a notice says about this place; `offices` maps keys of `[site.offices]` to an address or ""."""

    name: str
    contact: str
    sender: str
    timezone: tzinfo
    offices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Story:
    """The facts sorted for telling: the hardest thing that happened, its reasons, and the milder ones."""

    facts: NoticeFacts
    site: NoticeSite
    when: str
    deadline: str  # "" when nothing waits any more
    shown: int
    action: str
    causes: tuple[Cause, ...]
    wordings: tuple[reasons.Wording, ...]
    advice: tuple[reasons.Wording, ...]
    groups: Groups

    @property
    def needed(self) -> tuple[reasons.Wording, ...]:
        """The reasons that have to be told, so that everybody's is."""
        return self.groups.needed(self.wordings)[:_SHOWN_GROUPS]

    @property
    def longest(self) -> int:
        return LONGEST + _OF_A_GROUP * max(len(self.needed) - 1, bool(self.groups.of))

    def people(self, recipients: Sequence[str]) -> str:
        return people(recipients, min(self.shown, _SHOWN_OF_A_GROUP))

    def of(self, *states: State) -> list[str]:
        return [outcome.recipient for outcome in self.facts.outcomes if outcome.state in states]

    def fill(self, sentence: str) -> str:
        return sentence.format(contact=clean(self.site.contact), reference=clean(self.facts.reference))


def compose(
    facts: NoticeFacts, site: NoticeSite, now: datetime, deadline: datetime | None = None, reporting_mta: str = ""
) -> bytes:
    """The warning, rewrite or hold notice for one message, or the report that a hold has ended; the hardest outranks.

    Facts without a cause, about copies that another server refused, make a notice of that alone. `deadline` is that of
    what still waits. With `reporting_mta`, our host name, facts with failures make a delivery report.
    Times are aware. The same facts on the same day give the same Message-ID.
    """
    local = now.astimezone(site.timezone)
    when = moment(facts.received_at.astimezone(site.timezone), local)
    waits = until(deadline.astimezone(site.timezone)) if deadline else ""
    for shown in _SHOWN:
        story = _story(facts, site, (when, waits), shown)
        blocks = _fitted((*_BODIES[story.action](story), Block((story.fill(words.QUESTIONS),))), story.longest)
        if _length(blocks) <= story.longest:
            break
    heading = Heading(
        sender_name=words.SENDER_NAME.format(site=site.name),
        sender=site.sender,
        addressee=facts.addressee,
        reply_to=site.contact,
        subject=_subject(story),
        label=facts.reference,
        date=local,
        answers=clean(facts.message_id),
    )
    return message(heading, blocks, delivery_status(facts, reporting_mta) if reporting_mta else "")


def hardest(facts: NoticeFacts) -> str:
    """What a notice is about: hold, ended, refused, rewrite or warn."""
    states = {outcome.state for outcome in facts.outcomes}
    if not facts.causes and states == {"refused"}:
        return "refused"
    return next((action for action, told in _ABOUT.items() if states & told), "warn")


def _story(facts: NoticeFacts, site: NoticeSite, times: tuple[str, str], shown: int) -> _Story:
    action = hardest(facts)
    causes = tuple(cause for cause in facts.causes if cause.action == action) or facts.causes
    groups = grouped(facts, causes)
    wordings = tuple(sorted(_wordings(causes), key=lambda wording: wording in groups.of))  # what is everybody's first
    advice = _wordings(cause for cause in facts.causes if cause.action in _MILDER[action])
    more = tuple(each for each in advice if each not in wordings)
    return _Story(facts, site, *times, shown, action, causes, wordings, more, groups)


def _wordings(causes: Iterable[Cause]) -> tuple[reasons.Wording, ...]:
    return tuple(dict.fromkeys(map(worded, causes)))


def _subject(story: _Story) -> str:
    held, total = len(story.of("held")), len(story.facts.outcomes)
    kinds = {
        "hold": words.SUBJECT_HOLD.format(held=held, total=headcount(total)),
        "rewrite": words.SUBJECT_CHANGED if _changed(story) == words.HEADERS["subject"] else words.SUBJECT_CHANGED_OTHER,
        "warn": words.SUBJECT_TIP if story.of("delivered") else words.SUBJECT_NOT_DELIVERED,
        "refused": words.SUBJECT_REFUSED.format(people=headcount(total)),
        "ended": words.SUBJECT_REFUSED.format(people=headcount(len(story.of(*_ENDED)))),
    }
    test = words.SUBJECT_TEST if story.facts.test else ""
    reference = clean(story.facts.reference)
    return words.SUBJECT.format(test=test, what=kinds[story.action], when=story.when, reference=reference)


def _reach(story: _Story) -> Block:
    """Who got it and who did not, before anything else."""
    got, total = len(story.of("delivered", "changed")), len(story.facts.outcomes)
    opening = words.OPENING.format(when=story.when)
    whom = words.EVERYBODY.get(got) or words.MORE_THAN_TWO.format(got=got)
    reached = words.REACHED_ALL if got == total else words.REACHED_SOME
    sentences = [reached.format(opening=opening, whom=whom, got=got, total=headcount(total))]
    for state, sentence in words.NOT_REACHED.items():
        if missed := story.of(state):
            sentences.append(sentence.format(people=people(missed, story.shown)))
    if story.action not in ("hold", "ended"):
        sentences.append(words.SEND_AGAIN if story.of("refused") else words.NO_ACTION)
    if story.facts.test:
        sentences.append(words.TEST)
    return Block((" ".join(sentences),))


def _hold(story: _Story) -> list[Block]:
    changed = [Block((_what_changed(story),), optional=True)] if story.of("changed") else []
    return [
        _reach(story),
        *changed,
        *_reasons(story),
        Block((words.YOU_CAN,)),
        _steps(story, _release(story)),
        Block((words.DEADLINE.format(deadline=story.deadline) if story.deadline else words.DECIDED,)),
    ]


def _ended(story: _Story) -> list[Block]:
    ways = _steps(story, story.fill(words.ASK_WHY))
    return [_not_delivered(story), *_reasons(story), Block((words.YOU_CAN,)), ways, Block((words.OVER,))]


def _release(story: _Story) -> str:
    """How a held copy can still go."""
    right = max((cause.release for cause in story.causes if cause.release in _RIGHTS), key=_RIGHTS.index, default="officer")
    return story.fill(words.RELEASES[right])


def _steps(story: _Story, last: str) -> Block:
    """What the sender can do instead, whom to pass the question to, and one more way."""
    keys = _known_offices(story)
    referred = story.groups.referred(keys)
    refer = [_for(story, referred, _referred(story, keys))] if keys else []
    steps = [story.fill(step) for step in _first_of_each(wording.instead for wording in story.wordings)]
    if story.groups.of:
        told = story.groups.steps(story.needed if len(story.needed) > 1 else story.wordings, referred)
        steps = [_for(story, recipients, story.fill(step)) for step, recipients in told.items()]
    return Block((*steps[: max(_SHOWN_STEPS, len(story.needed)) - len(refer)], *refer, last), listed=True)


def _for(story: _Story, recipients: Sequence[str], step: str) -> str:
    """A step, and for whom where it is not for everybody."""
    return words.STEP_FOR.format(people=story.people(recipients), step=step) if recipients else step


def _not_delivered(story: _Story) -> Block:
    """Who did not get it and how that came; others are spoken of when something is known of them."""
    missed = {state: who for state in words.ENDED if (who := story.of(state))}
    every = [recipient for who in missed.values() for recipient in who]
    if len(every) < len(story.facts.outcomes):
        return _reach(story)
    sentences = [words.NOT_DELIVERED.format(opening=words.OPENING.format(when=story.when), people=people(every, story.shown))]
    if len(missed) == 1:
        sentences += [words.ENDED[state] for state in missed]
    else:
        sentences += [words.NOT_REACHED[state].format(people=people(who, story.shown)) for state, who in missed.items()]
    if story.facts.test:
        sentences.append(words.TEST)
    return Block((" ".join(sentences),))


def _rewrite(story: _Story) -> list[Block]:
    return [_reach(story), Block((f"{_what_changed(story)} {words.UNCHANGED}",)), *_reasons(story), _tips(story)]


def _warn(story: _Story) -> list[Block]:
    return [_reach(story), *_reasons(story), _tips(story)]


def _refused(story: _Story) -> list[Block]:
    return [
        _not_delivered(story),
        Block((words.YOU_CAN,)),
        Block((words.SEND_AGAIN, story.fill(words.TRY_ONCE_MORE)), listed=True),
    ]


_BODIES: Mapping[str, Callable[[_Story], list[Block]]] = MappingProxyType(
    {"hold": _hold, "ended": _ended, "rewrite": _rewrite, "warn": _warn, "refused": _refused}
)


def _reasons(story: _Story) -> list[Block]:
    """Why for each group of recipients, what and where; the other reasons are optional, the most useful first."""
    needed = story.needed or (reasons.GENERAL,)
    others = [wording for wording in story.wordings if wording not in needed]
    kinds, where = _kinds(story), places((where for cause in story.causes for where in cause.wheres), story.shown)
    seen = [words.FOUND.format(kinds=kinds) if kinds else "", words.PLACES.format(places=where) if where else ""]
    if len(needed) == 1:
        told = [[_why(needed[0], story), *seen, _rule(needed[0], story)]]
    else:
        told = [*([_why(each, story), _rule(each, story)] for each in needed), seen]
    # a reason that may not be named is told in the same words whatever else there is to say
    tips = () if any(cause.neutral for cause in story.facts.causes) else story.facts.tips
    also = [words.TIPS[tip] for tip in tips if tip in words.TIPS][:_SHOWN_TIPS]
    also += [f"{_also(other, story)} {_rule(other, story)}" for other in others[: _SHOWN_CAUSES - 1]]
    if len(others) >= _SHOWN_CAUSES:
        also.append(words.MORE_REASONS)
    if story.facts.ids_only and any(wording.ids_only for wording in story.wordings):
        also.append(words.IDS_ONLY)
    also += [f"{words.ALSO.format(why=each.why)} {each.tips[0]}" for each in story.advice[:1]]
    lines = filter(None, (" ".join(filter(None, each)) for each in told))
    return [*(Block((line,)) for line in lines), *(Block((line,), optional=True) for line in also)]


def _why(wording: reasons.Wording, story: _Story) -> str:
    if of := story.groups.of.get(wording):
        return words.WHY_FOR.format(people=story.people(of), why=wording.why)
    return words.WHY.format(why=wording.why)


def _also(wording: reasons.Wording, story: _Story) -> str:
    if of := story.groups.of.get(wording):
        return words.ALSO_FOR.format(people=story.people(of), why=wording.why)
    return words.ALSO.format(why=wording.why)


def _rule(wording: reasons.Wording, story: _Story) -> str:
    """The rule's title with its policy lines; a reason that may not be named shows none."""
    told_by = (each for each in story.causes if not each.neutral and reasons.wording(each.code, row=each.row) == wording)
    lines = dict.fromkeys(line for cause in told_by for line in _POLICY_LINE.findall(cause.requirement))
    return words.RULE.format(rule=wording.rule, lines=f" ({', '.join(lines)})" if lines else "")


def _kinds(story: _Story) -> str:
    """What the text gives, in plain words. Not for a neutral reason, whose kind could hint at it, nor for a test."""
    causes = (cause for cause in story.causes if not cause.neutral and cause.code != "probe")
    known = dict.fromkeys(words.KINDS[kind] for cause in causes for kind in cause.kinds if kind in words.KINDS)
    return listed(list(known)[: story.shown])


def _known_offices(story: _Story) -> list[str]:
    """Keys of the offices to be named; none for a reason that may not be named."""
    keys = dict.fromkeys(key.strip() for cause in story.causes if not cause.neutral for key in cause.refer_to.split(","))
    return [key for key in keys if key in words.OFFICES][:_SHOWN_OFFICES]


def _referred(story: _Story, known: Sequence[str]) -> str:
    """Whom to pass the question to: "the Registrar (registrar@x.example) or the Provost"."""
    addresses = (clean(story.site.offices.get(key, "")) for key in known)
    named = (words.OFFICES[key] + (f" ({address})" if address else "") for key, address in zip(known, addresses, strict=True))
    return words.REFER.format(offices=words.OR.join(named))


def _tips(story: _Story) -> Block:
    tips = _first_of_each(wording.tips for wording in story.wordings or (reasons.GENERAL,))
    return Block(tuple(tips), listed=len(tips) > 1)


def _first_of_each(choices: Iterable[tuple[str, ...]]) -> list[str]:
    """The best way on of each shown reason, then what else the first one offers; no way twice."""
    shown = list(choices)[:_SHOWN_CAUSES] or [reasons.GENERAL.instead]
    return list(dict.fromkeys([*(steps[0] for steps in shown), *(shown[0][1:] if len(shown) == 1 else ())]))


def _what_changed(story: _Story) -> str:
    changed, got = len(story.of("changed")), len(story.of("delivered", "changed"))
    sentence = words.CHANGED if changed == got and story.action == "rewrite" else words.CHANGED_FOR_SOME
    return sentence.format(count=changed, headers=_changed(story))


def _changed(story: _Story) -> str:
    names = dict.fromkeys(name.lower() for name in story.facts.changed)
    return listed([words.HEADERS[name] for name in names if name in words.HEADERS]) or words.CHANGED_SOMETHING


def _fitted(blocks: tuple[Block, ...], longest: int) -> tuple[Block, ...]:
    """Without the last optional paragraphs, as many as it takes to stay short enough."""
    kept = list(blocks)
    while _length(kept) > longest:
        optional = [block for block in kept if block.optional]
        if not optional:
            break
        kept.remove(optional[-1])
    return tuple(kept)


def _length(blocks: Iterable[Block]) -> int:
    return sum(len(line.split()) for block in blocks for line in block.lines)
