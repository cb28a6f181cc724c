"""The consent and the approval there are for telling one reader something about one person.

Takes what the store knows (Facts), the reader and the evidence; gives what rows may ask about it, which permit it is, and
what the nearest consent lacks. Without facts nothing is permitted. Pure; nothing here fails.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from dlp.campus.folding import folded_address, folded_word
from dlp.campus.offerings import names_another
from dlp.policy import kinds
from dlp.policy.approval import Asked, approves
from dlp.policy.consent import Ask, Match, Part, consult, is_investigation, told
from dlp.policy.evidence import Evidence, Permit, Surroundings
from dlp.policy.idle import mistaken
from dlp.policy.readers import Reader
from dlp.policy.situation import Situation
from dlp.values import Disclosure, Texts


@dataclass(frozen=True, slots=True)
class Permitted:
    """Words of a Situation, the permit behind each of them, and what is missing in words."""

    consent: str = ""
    mail_risk: bool = False
    approval: str = ""
    permits: Mapping[str, Permit] = field(default_factory=dict)  # by the word that rows have for it
    missing: str = ""
    named: bool = False  # what is missing is of a consent that names the reader


NOTHING = Permitted()


def with_more_subjects(evidence: Evidence, texts: Texts, around: Surroundings) -> Evidence:
    """With whether it tells of other subjects than the one a consent may be narrowed to; asked only where there is any."""
    directory, context = around.directory, around.context
    if directory is None or not (around.facts.consents or around.facts.approvals):
        return evidence
    addresses = (context.sender, *context.thread)
    about = evidence.subjects or {each.subject for address in addresses for each in directory.assignments_of(address)}
    return replace(evidence, more_subjects=names_another(texts, about, directory))


@dataclass(frozen=True, slots=True)
class Asking:
    """Who would read it, and when."""

    at: datetime
    reader: Reader
    evidence: Evidence
    around: Surroundings

    def permitted(self, person: str, at: Situation, item: Disclosure) -> Permitted:
        """For one statement out of all that is told about a person. A name goes with what may be told of its bearer."""
        facts, reader = self.around.facts, self.reader
        if not person or not (facts.consents or facts.approvals):
            return NOTHING
        records = frozenset(filter(kinds.is_record, item.kinds))
        police = "law_enforcement" in at.contact
        ask = Ask(
            person=person,
            kinds=self._narrowed({at.kind} if at.record or not records else records),
            reader=reader.address,
            through=reader.through,
            at=self.at,
            zone=self.around.zone,
            types=at.contact,
            inside=reader.inside,
            own=bool(at.own),
            purposes=frozenset() if reader.inside else self.evidence.purposes,
            case=self.evidence.case if police else "",
            instead=self._instead(item),
        )
        # a signed form is of no other use, and nobody else need know of it
        consents = [each for each in facts.consents if police or not is_investigation(each.consent)]
        consent = consult(consents, ask)
        # what is missing is told once for all kinds
        nearest = consult(consents, replace(ask, kinds=self._narrowed(records) or ask.kinds))
        sender = self.around.sender.address if self.around.sender else ""
        approval = approves(facts.approvals, Asked(ask, sender, self._provosts(at), self.evidence.case))
        permits = {}
        if consent and consent.covers:
            permits["consent"] = Permit(f"consent {consent.known.consent.consent_id}", consent.known.permit)
        if approval:
            # every one by the same word: a sealed one could be told by its not being named
            permits["approval"] = Permit("approval", approval.permit, approval.approval.sealed)
        return Permitted(
            consent="" if consent is None else "covers" if consent.covers else "lacking",
            mail_risk=consent is not None and consent.mail_risk,
            approval="covers" if approval else "",
            permits=permits,
            missing="" if nearest is None else self._lacks(nearest),
            named=nearest is not None and all(each.part is not Part.RECIPIENT for each in nearest.missing),
        )

    def _lacks(self, nearest: Match) -> str:
        """What is missing, in words; of a consent that can cover nothing only that, and why."""
        if nearest.covers:
            return ""
        why = mistaken(nearest.known.consent, self.around.directory)
        return f"the consent counts nowhere: {why}" if why else f"the consent {told(nearest.missing)}"

    def _provosts(self, at: Situation) -> frozenset[str]:
        """Officers of approvals who speak for the Provost, where that matters (R53)."""
        directory = self.around.directory
        if directory is None or "government" not in at.contact:
            return frozenset()
        officers = (each.approval.officer for each in self.around.facts.approvals)
        return frozenset(
            folded_address(one) for one in officers if (who := directory.staff_at(one)) and "provost" in who.purview
        )

    def _instead(self, item: Disclosure) -> Mapping[str, frozenset[str]]:
        """By kind, those which all that tells it may tell as well: who has leave for one of these most likely tells that."""
        found: dict[str, frozenset[str]] = {}
        for index in item.findings:
            kind, others = self.evidence.findings[index].kind, self.evidence.instead.get(index, frozenset())
            found[kind] = found.get(kind, others) & others
        return found

    def _narrowed(self, wanted: Collection[str]) -> frozenset[str]:
        """The kinds for the one subject that the text names, or that the sender staffs where it names none."""
        sender = self.around.sender
        staffed = {folded_word(each.subject) for each in sender.assignments} if sender else set()
        about = self.evidence.subjects or staffed
        if len(about) != 1 or self.evidence.more_subjects:
            return frozenset(wanted)
        (subject,) = about
        return frozenset(kind if ":" in kind else f"{kind}:{subject}" for kind in wanted)
