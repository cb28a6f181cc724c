"""Which rows of the decision table apply to one reader of a message, and what each was tried with.

Takes one Reader, the evidence, what is known beside the message, and the rules; gives Fits. A statement is one person and one
kind as this reader would learn it; the first row that fits it decides. Rows on the whole message come after. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dlp.campus.folding import folded_address
from dlp.campus.labelled import UNLISTED_LABEL
from dlp.campus.labels import UNLISTED_KIND
from dlp.campus.mentions import Form
from dlp.campus.records import Staff, Student
from dlp.policy import kinds
from dlp.policy.class_lists import sharing
from dlp.policy.evidence import Evidence, Fit, Person, Surroundings
from dlp.policy.groups import LISTING
from dlp.policy.joint import owners
from dlp.policy.permitted import NOTHING, Asking, Permitted
from dlp.policy.purposes import misfits
from dlp.policy.readers import Reader, is_student, kind_of
from dlp.policy.referral import REFERRED
from dlp.policy.relate import counts
from dlp.policy.relations import ARRANGED, COVERED, UNRECORDED, Matter, nationality, need, office, own, withheld
from dlp.policy.shown import VARIED, shown, variants
from dlp.policy.situation import Situation, fits
from dlp.ruleset import Row, Rules
from dlp.values import Action, Disclosure, Reason, Role

_FULL_NAMES = frozenset({Form.FULL, Form.LISTED, Form.CHARACTERS})
_SENSITIVE = frozenset({"health", "conduct", "financial"})
_PERMITS, _BATCH = ("consent", "approval"), 3  # words of rows; students
_OF_TEACHERS = "coursework"  # what they and advisors may know of a student
_ADVISING, _ADVISED = "advising", {"progress": "coursework", "distress": "health"}  # sentences of it, by pattern
_OF_OWN_STUDENTS = ("enrolment", _ADVISING)  # known of those whom somebody teaches or advises


@dataclass(frozen=True, slots=True)
class _Statement:
    """One person and kind as the reader would learn it."""

    at: Situation
    person: str = ""
    findings: tuple[int, ...] = ()
    permitted: Permitted = NOTHING


@dataclass(frozen=True, slots=True)
class _Situations:
    """What is true of the message with what each statement adds: most people of a list are alike, so each is made once."""

    whole: Situation
    made: dict[object, Situation] = field(default_factory=dict)

    def of(self, **added: Any) -> Situation:
        return self._with(None, self.whole, added)

    def permitted(self, at: Situation, found: Permitted) -> Situation:
        """One of these with the consent and the approval there are."""
        return self._with(id(at), at, {"consent": found.consent, "mail_risk": found.mail_risk, "approval": found.approval})

    def _with(self, which: int | None, at: Situation, added: dict[str, Any]) -> Situation:
        told = which, *added.items()
        if told not in self.made:
            self.made[told] = at._replace(**added)
        return self.made[told]


@dataclass(frozen=True, slots=True)
class Reading:
    """One reader's reading of the message."""

    at: datetime
    reader: Reader
    partner: bool
    evidence: Evidence
    rules: Rules
    around: Surroundings

    def fits(self) -> Iterator[Fit]:
        by_role = self._by_role()
        whole = self._whole(by_role)
        statements = tuple(self._statements(whole))
        situations = {id(each.at): each.at for each in statements}  # most people of a list are alike, and have the same one
        decided = {which: self._row(at) for which, at in situations.items()}
        rows = tuple(decided[id(each.at)] for each in statements)
        yield from map(self._fit, rows, statements)
        whole = self._told(whole, statements, rows)
        about_people = tuple(sorted({index for item in self.evidence.disclosures for index in item.findings}))
        tried = variants(whole, self.evidence)
        said = whole.said.union(word for word in tried if tried[word])
        for row in self.rules.table:
            if row.needs <= said and row.stage == "message":
                for at in tried[next((word for word in VARIED if word in row.when), "")]:
                    if fits(row, at):
                        yield self._fit(row, _Statement(at, findings=shown(row, by_role, about_people)))

    def _row(self, at: Situation) -> Row:
        said = at.said
        return next(row for row in self.rules.table if row.needs <= said and row.stage == "statement" and fits(row, at))

    def _told(self, whole: Situation, statements: tuple[_Statement, ...], rows: tuple[Row, ...]) -> Situation:
        """With what the statements together make true of the message for this reader."""
        if not self.evidence.disclosures:
            return whole
        full = {item.person for item in self.evidence.disclosures if self._is_full(item)}
        of_others = [each for each in statements if each.person in full and not each.at.own]
        return whole._replace(
            risk=any(
                row.when.get("consent") == "covers" and not each.at.mail_risk
                for row, each in zip(rows, statements, strict=True)
            ),
            waived=any(each.at.kind == "recommendation" and self._has_waived(each) for each in statements),
            approval="covers" if all(each.at.approval for each in statements) else "",
            full_and_id=bool(of_others),
            sensitive=any(each.at.kind in _SENSITIVE for each in of_others),
            others=self._beyond_the_role(statements, rows)
            if whole.reader == "student" and self.reader.recorded
            else whole.others,
        )

    def _beyond_the_role(self, statements: tuple[_Statement, ...], rows: tuple[Row, ...]) -> int:
        """How many others something is told of that a student who teaches or advises may not have as such."""
        decided = zip(rows, statements, strict=True)
        refused = {each.person for row, each in decided if each.at.record and row.action is not Action.PASS}
        others = (item for item in self.evidence.disclosures if not self._is_one_of(item, self.reader, self.around.sender))
        return sum(item.person in refused for item in others)

    def _is_full(self, item: Disclosure) -> bool:
        """Whether a person, who is not the sender, is told by full name and by ID."""
        found = [self.evidence.findings[index] for index in item.findings]
        named = any(each.pattern in _FULL_NAMES and counts(each, self.rules.policy.act_at) for each in found)
        return named and any(each.kind == "id" for each in found) and not self._is_one_of(item, self.around.sender)

    def _has_waived(self, statement: _Statement) -> bool:
        """Whether the reader gave up the right to see a letter by this sender (R60)."""
        directory, person = self.around.directory, self.evidence.people.get(statement.person)
        if directory is None or not statement.at.own or not isinstance(person, Student):
            return False
        author = folded_address(self.around.sender.address) if self.around.sender else ""
        authors = [each.author for each in directory.waivers_of(person.id)]
        return any(not each or not author or folded_address(each) == author for each in authors)

    def _by_role(self) -> dict[Role, tuple[int, ...]]:
        found = enumerate(self.evidence.findings)
        counted = [(index, finding) for index, finding in found if counts(finding, self.rules.policy.act_at)]
        return {role: tuple(index for index, finding in counted if finding.role is role) for role in Role}

    def _whole(self, by_role: Mapping[Role, tuple[int, ...]]) -> Situation:
        """What is true of the message for this reader, whatever it states."""
        reader, sender, disclosures = self.reader, self.around.sender, self.evidence.disclosures
        others = [item for item in disclosures if not self._is_one_of(item, reader, sender)]
        refers = self._refers()
        third = [] if refers else [item for item in others if item.person not in self.evidence.addressed]
        roll = self.evidence.class_list
        is_list = roll is not None and roll.is_list
        batch = [item for item in third if any(kinds.makes_batch(kind, class_list=is_list) for kind in item.kinds)]
        export = bool(by_role[Role.LISTING])
        from_student = sender is not None and is_student(sender)
        from_fellow = from_student and not export and len(batch) < _BATCH and not (roll and roll.called)
        return Situation(
            scope="inside" if reader.inside else "outside",
            reader=kind_of(reader),
            contact=frozenset(each.type for each in reader.contacts),
            listed=bool(reader.listed),
            mine=any(self._is_one_of(item, reader) for item in disclosures),
            partner=self.partner,
            directory=self.around.directory is not None,
            stale=self.around.stale,
            about_sender=bool(disclosures) and all(self._is_one_of(item, sender) for item in disclosures),
            from_fellow=from_fellow,
            from_student=from_student,
            speaks=sender.offices if sender else frozenset(),
            about=any(map(self._is_told_of, disclosures)),
            tells=self._tells(),
            legal=self.evidence.legal,
            refers=refers,
            named_before=bool(self.evidence.quoted) and any(map(self._is_named_again, others)),
            off_purpose=bool(self.evidence.declared)
            and reader.staff is not None
            and misfits(reader.staff.purview, self.evidence.declared),
            asks=self.evidence.asks,
            notes=self.evidence.notes,
            recommends=any("recommendation" in item.kinds for item in disclosures),
            people=len(third),
            listing=len(third) >= LISTING[export, self.around.directory is not None]
            or sum(item.person in self.evidence.rows for item in third) > 1,
            batch=len(batch),
            others=sum(any(map(kinds.is_record, item.kinds)) for item in others),
            visible=self.evidence.visible,
            misgreeted=not reader.listed and folded_address(reader.address) in self.evidence.misgreeted,
            astray=self._astray,
            states=any(kinds.is_record(self.evidence.findings[index].kind) for index in by_role[Role.STATES]),
            class_list=sharing(roll, sender, reader) if reader.inside and not from_fellow else "",
            export=export,
            header_word=bool(by_role[Role.HEADER_WORD]),
        )

    def _refers(self) -> bool:
        """Whether this reader is told whom to ask, and beside that nothing but what he or she wrote (decision 22)."""
        mine, quoted = folded_address(self.reader.address), self.evidence.quoted
        if not self.evidence.refers or REFERRED.isdisjoint(each.type for each in self.reader.contacts):
            return False
        told = filter(self._is_told_of, self.evidence.disclosures)
        return all(quoted.get(index) == mine for item in told for index in item.findings)

    def _is_named_again(self, item: Disclosure) -> bool:
        """Whether the sender's own words name in full somebody whom this reader has named before (R74)."""
        mine, quoted, found = folded_address(self.reader.address), self.evidence.quoted, self.evidence.findings
        shown = [index for index in item.findings if found[index].role is Role.IDENTIFIES]
        again = any(
            index not in quoted and (found[index].pattern in _FULL_NAMES or found[index].kind == "id") for index in shown
        )
        return again and any(quoted.get(index) == mine for index in shown)

    def _is_told_of(self, item: Disclosure) -> bool:
        """Whether a person is more than greeted."""
        return item.person not in self.evidence.greeted or any(map(kinds.is_record, item.kinds))

    def _tells(self) -> bool:
        """Whether record information is told of somebody, if only likely, or a header names somebody (T1)."""
        disclosures, headed = self.evidence.disclosures, self.evidence.headed
        if headed is None:
            return any(map(self._is_told_of, disclosures))
        return bool(headed) or any(kinds.is_record(kind) for item in disclosures for kind in item.kinds)

    @property
    def _astray(self) -> int:
        """How far its series has gone astray, with this one."""
        series = self.evidence.series
        return self.around.facts.astray + (series.astray is True) if series else 0

    def _is_one_of(self, item: Disclosure, *readers: Reader | None) -> bool:
        """Whether a disclosure is of one of these."""
        if whose := owners(item.person, self.evidence):
            return any(each in whose for reader in readers if reader for each in reader.students)
        person = self.evidence.people.get(item.person)
        return person is not None and any(person == reader.staff for reader in readers if reader)

    def _statements(self, whole: Situation) -> Iterator[_Statement]:
        """One for each person and kind; one of nobody when there is none."""
        situations = _Situations(whole)
        told: dict[object, tuple[Situation, ...]] = {}
        for item in self.evidence.disclosures:
            person = self.evidence.people.get(item.person)
            alike = self._alike(item, person)
            if alike not in told:
                told[alike] = tuple(self._situation(situations, item, person, kind) for kind in sorted(item.kinds))
            name = person.email if isinstance(person, Staff) else person.id if person else ""
            for at in told[alike]:
                yield self._permitted(situations, at, name, item)
        if not self.evidence.disclosures:
            yield _Statement(whole)

    def _alike(self, item: Disclosure, person: Person | None) -> object:
        """What is the same of all people who are alike to this reader; of somebody who has to do with students nobody is."""
        reader = self.reader
        if reader.staff or reader.students or reader.advising or reader.assignments:
            return id(item)
        told = item.kinds, item.person in self.evidence.weak, item.person in self.evidence.greeted
        if isinstance(person, Student):
            return *told, person.suppress, person.blank, person.international
        return *told, person is None, self._is_one_of(item, self.around.sender)

    def _situation(self, situations: _Situations, item: Disclosure, person: Person | None, kind: str) -> Situation:
        if isinstance(person, Staff):
            mine, letter = "campus" if self._is_one_of(item, self.reader) else "", "recommendation" in item.kinds
            record = kind in kinds.EMPLOYEE and not (kind == "contact" and self._is_one_of(item, self.around.sender))
            return situations.of(person="employee", kind=kind, record=record, own=mine, letter=letter)
        return situations.of(
            person="student" if person else "unknown",
            kind=kind,
            record=kinds.is_record(kind),
            own=self._own(item),
            letter="recommendation" in item.kinds,
            excused=kind == "health" and any(self._need(person, each, item) == COVERED for each in item.kinds & ARRANGED),
            need=self._need(person, kind, item),
            withheld=withheld(
                person, frozenset({kinds.field(kind)}), absent_means_suppressed=self.rules.policy.absent_means_suppressed
            ),
            weak=item.person in self.evidence.weak,
            chosen=kind in self.evidence.chosen,
            international=nationality(person),
        )

    def _need(self, person: Student | None, kind: str, item: Disclosure) -> str:
        """Who is reached by a list, and needs to know something of a student, may have what the directory has with it (R25)."""
        asked = [kind, *(self._also(item) if kind == _ADVISING else ())]
        if self.reader.listed and not kinds.is_record(kind):
            asked += [*sorted(item.kinds), *_OF_OWN_STUDENTS]
        found = [need(self.reader, person, each, self._matter, self.around.directory) for each in asked]
        if COVERED in found:
            return COVERED
        if kind != UNLISTED_KIND or not self._is_unlisted(kind, item):
            return found[0]
        teaches = need(self.reader, person, _OF_TEACHERS, self._matter, self.around.directory) == COVERED
        return UNRECORDED if teaches else found[0]

    def _also(self, item: Disclosure) -> tuple[str, ...]:
        """What advising is as well where all that is told of it is progress in a subject, or distress."""
        said = map(self.evidence.findings.__getitem__, item.findings)
        same = {_ADVISED.get(each.pattern, "") for each in said if each.kind == _ADVISING}
        return tuple(filter(None, same)) if len(same) == 1 else ()

    def _is_unlisted(self, kind: str, item: Disclosure) -> bool:
        """Whether only labels nobody listed say it: nobody knows whether those who teach the student need it (decision 23)."""
        said = [found for found in map(self.evidence.findings.__getitem__, item.findings) if found.kind == kind]
        return bool(said) and all(found.pattern == UNLISTED_LABEL for found in said)

    def _own(self, item: Disclosure) -> str:
        """Whether the reader is the person; an unknown address where that person is greeted is taken for one (S3)."""
        reader = self.reader
        if item.person in self.evidence.greeted and not (reader.inside or reader.students or reader.contacts):
            return "elsewhere"
        return next((found for each in owners(item.person, self.evidence) if (found := own(reader, each))), "")

    @property
    def _matter(self) -> Matter:
        return Matter(self.around.sender, self.evidence.subjects, self.evidence.fields)

    def _permitted(self, situations: _Situations, at: Situation, person: str, item: Disclosure) -> _Statement:
        """With the consent and the approval there are for it."""
        facts, found = self.around.facts, NOTHING
        if facts.consents or facts.approvals:
            found = Asking(self.at, self.reader, self.evidence, self.around).permitted(person, at, item)
        if found is not NOTHING:
            at = situations.permitted(at, found)
        return _Statement(at, item.person, item.findings, found)

    def _fit(self, row: Row, statement: _Statement) -> Fit:
        at, found = statement.at, statement.permitted
        action = getattr(self.rules.policy, row.setting) if row.setting else row.action
        permit = next((found.permits[word] for word in _PERMITS if found.permits and row.when.get(word) == "covers"), None)
        lacks = action is Action.HOLD and found.named  # a parent, whose consent has expired
        reason = Reason(
            row=row.id,
            code=row.code.replace("{why}", at.unread),
            requirement=row.requirement,
            findings=statement.findings,
            basis=permit.label if permit else (row.basis or None) if action is Action.PASS else None,
            missing=(found.missing or None) if "consent" in row.when or lacks else None,
            refer_to=office(row.refer_to, self.evidence.people.get(statement.person)) or None,
            neutral=row.neutral,
        )
        return Fit(row, action, reason, at, statement.person, permit)
