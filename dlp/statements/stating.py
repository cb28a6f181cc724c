"""Which sentences tell something of somebody: findings beside those of the patterns.

Takes what was read, the people in it with what is known so far, and the weights; gives the same with a finding per sentence,
person and kind, and whom each is about. Which sentences are looked at says candidates.py. Never fails.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from types import MappingProxyType

from dlp.campus.fields import DETECTOR as DIRECTORY
from dlp.campus.folding import folded_name
from dlp.campus.labelled import Labelled
from dlp.campus.mentions import Form
from dlp.campus.names import given_and_family
from dlp.campus.own_fields import is_of_studies
from dlp.campus.people import Identified, People, Place, Strength
from dlp.campus.places import Places
from dlp.campus.signs import may_be_one
from dlp.policy.kinds import EMPLOYEE as EMPLOYEE_KINDS
from dlp.policy.kinds import is_record
from dlp.policy.relations import ARRANGED
from dlp.ruleset import Verifying, Weighing
from dlp.statements.candidate import FAR, Candidate, context
from dlp.statements.candidates import SENTENCES, candidates, is_cut, signs_of
from dlp.statements.clauses import clauses
from dlp.statements.concepts import topics
from dlp.statements.grave import named
from dlp.statements.headings import below_headings
from dlp.statements.meant import asks_for_letter, asks_for_trouble, by_words, is_done_to_one, leaves
from dlp.statements.missed import excuses, is_of_hours
from dlp.statements.overruling import overruled
from dlp.statements.praising import praise, with_praise
from dlp.statements.progress import of_advising
from dlp.statements.quoted import writers
from dlp.statements.sentences import EMPLOYEE, STUDENT, features
from dlp.values import Finding, Role, Texts

# a confidence below is no finding ...
_FIELDS = 0.982  # in a sentence that gives fields of the directory, and says so
_SEVERAL = 0.991  # in one about three people or more: most such are lists of who does what
_FAR = 0.954  # in one far from any name
_STAFF = 0.93  # in one about employees alone: most of what is said of these is no private matter
_OF_WRITER = 0.98  # in one of these that the writer begins with himself, or his family
_CLAUSE = 0.95  # of what a clause tells besides
_QUOTED = 0.985  # in one that somebody says of himself, which no training letter does
_SUBJECT = 0.95  # in the Subject of what is forwarded: a few words
_DONE = 0.99  # that somebody was failed, or suspended, by who says so
_LIKELY = 0.5  # from which a clause with a grave word may say what the whole sentence hides
_ASKED = 0.99  # in one that says who asked for the letter
_HOURS = 0.98  # in one that says when somebody comes or goes, if that is all it may tell
_SOUNDS = 0.8  # in one that is known by its sound alone
_PRAISED = 0.925  # in a letter of recommendation: praise reads much like a record
_LEAST = 0.05  # anywhere
_MANY = 3  # people
_WRITER = frozenset(("i", "i'm", "i've", "my", "our", "we", "we're"))
_OF_HOURS = frozenset({"advising", "attendance", "enrolment"})
_OF_A_SUBJECT = ("subject", ":")
_OTHERS = 8  # sentences that are asked for the kinds of another
_STUDIES = frozenset({"directory:degrees", "directory:attendance_dates"})  # a sentence that confirms these tells these
_SETTLED = frozenset({"health", "conduct", "immigration"})  # what seems to tell these is taken for nothing else
# what a clause may tell besides a kind; what is near another kind is no other side of the matter but the same
_OTHER_MATTERS = frozenset({"attendance", "financial", "health", "immigration"})
_APART: Mapping[str, frozenset[str]] = MappingProxyType(
    dict.fromkeys(("grades", "gpa"), _OTHER_MATTERS) | {"attendance": _OTHER_MATTERS - {"attendance"}}
)
# words that say a field of the directory; "Hana Kim (555-0101) failed" says none
_OF_FIELDS = frozenset(
    ("address", "call", "cell", "class", "course", "e-mail", "email", "extension", "junior", "live", "lives", "living", "mail",
     "major", "majoring", "majors", "mobile", "number", "office", "phone", "reach", "reached", "room", "senior", "sophomore",
     "street", "tel", "telephone", "year")
)  # fmt: skip
# a sentence with one of these and none of the next tells where to find somebody at work, if it looks like an address
_AT_WORK = frozenset(
    ("building", "department", "desk", "employed", "ext", "extension", "faculty", "floor", "hall", "lab", "lecturer", "library",
     "office", "professor", "reception", "room", "title")
)  # fmt: skip
_AT_HOME = frozenset(
    ("XMONEY", "apartment", "apt", "cell", "earns", "flat", "home", "house", "landline", "live", "lives", "living", "lodges",
     "mobile", "moved", "paid", "pay", "personal", "private", "privately", "rents", "resides", "residence", "roommate",
     "salary")
)  # fmt: skip
# in a sentence that says "her", nothing shows whose money or record it is but the person
_OF_STAFF = {"financial": "salary", "standing": "evaluation"}
# what is weak by itself, and no more where its sentence tells something; of single words only those of advisees come so far
_NAMES = frozenset({Form.FULL.value, Form.LISTED.value, Form.INITIAL_LAST.value, Form.MISTYPED.value, Form.SINGLE.value})


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence that may tell something: how surely, the kinds that patterns found in it, and the kinds it leans to."""

    sentence: Candidate
    confidence: float
    stated: tuple[str, ...]
    leanings: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class To:
    """To whom a message goes. `reader`: to whom it speaks, where no sign shows who is greeted; `each`: of whom "each of
    you" is said; `child`: whose parent it goes to.
    """

    reader: str | None = None
    each: tuple[str, ...] = ()
    child: Identified | None = None


NOBODY = To()


def with_statements(
    texts: Texts,
    told: Labelled,
    weights: Weighing,
    act_at: float,
    to: To = NOBODY,
    verifier: Verifying | None = None,
) -> Labelled:
    """What sentences tell beside what `told` has.

    A verifier looks again at those that the weights leave open.
    """
    if not (told.people.identified or to.reader is not None or to.each or to.child):
        return told
    children = tuple(filter(None, (to.child,)))
    quoted = (who for some in writers(texts, told.people).values() for _, who in some)
    unnamed = {to.reader, *to.each, *(one.person for one in children), *quoted} - _named_in_the_text(told.people)
    signs, child = signs_of(told.people), to.child.person if to.child else None
    every = [(each, each.found) for each in candidates(texts, told.people, to.reader, child, signs, to.each)]
    listed = ((each, each.found) for each in below_headings(texts, signs, weights))
    recommends = praise(every[:SENTENCES], weights)
    told = overruled(texts, told, every[:SENTENCES], weights)
    beside = _Beside(told.people.findings, act_at, sounds=recommends is not None)
    said = tuple(_said(chain(every[:SENTENCES], listed), told.people, beside, weights, verifier))
    nobody = {one.person for one in told.people.identified if _is_nobody(one, told.people, texts)}
    sure = [each for each in said if each.confidence >= act_at]
    if recommends and not sure:  # what else it tells is more than praise
        told = with_praise(texts, told, recommends)
    findings, about = list(told.people.findings), dict(told.about)
    staff = {one.person for one in told.people.staff}
    instead: dict[int, frozenset[str]] = {}
    spoken: dict[str, list[int]] = {}  # findings about the reader and the child, whom nothing in the text names
    places: dict[int, Places] = {}
    for each in said:
        at = each.sentence
        where = places.setdefault(at.view, Places(texts.views[at.view])).where(at.start)
        kinds = _kinds(each, sure, weights, acts=each.confidence >= act_at)
        for likely, person in ((kind, who) for who in at.people if who not in nobody for kind in sorted(kinds)):
            of_staff = staff.issuperset(at.people) and "addressed" not in at.context
            kind = _OF_STAFF.get(likely, likely) if of_staff else likely
            if kind == "evaluation" and (beside.praises or beside.sounds):
                continue
            if kind == "home_address" and not _AT_WORK.isdisjoint(at.words) and _AT_HOME.isdisjoint(at.words):
                continue
            if (person in staff) == (kind in EMPLOYEE_KINDS):
                about[len(findings)] = person
                instead[len(findings)] = kinds[likely]
                if each.confidence >= act_at and person in unnamed:
                    spoken.setdefault(person, []).append(len(findings))
                pattern = of_advising(at.words) if kind == "advising" else ""
                findings.append(at.finding(kind, person, each.confidence, where, pattern or "statement"))
    confirmed = (each for each, _ in every[:SENTENCES] if not _STUDIES.isdisjoint(beside.within(each)[0]))
    meant = {person for each in (*(one.sentence for one in sure), *confirmed) for person in each.people}
    identified = tuple(_surer(one, told.people, texts) if one.person in meant else one for one in told.people.identified)
    for person, of_them in spoken.items():
        identified = _with_one(identified, (*told.people.on_thread, *children), person, of_them)
    cut = told.people.cut or len(every) > SENTENCES or is_cut(texts)
    people = replace(told.people, findings=tuple(findings), identified=identified, cut=cut)
    return replace(told, people=people, about=about, instead=instead)


def _named_in_the_text(people: People) -> set[str]:
    places = (Place.TEXT, Place.HEADER)
    return {one.person for one in people.identified if any(people.places.get(at, Place.TEXT) in places for at in one.findings)}


def _said(
    every: Iterable[tuple[Candidate, Collection[str]]],
    people: People,
    beside: _Beside,
    weights: Weighing,
    verifier: Verifying | None,
) -> Iterator[_Told]:
    """The sentences that are likely enough to tell something."""
    staff = {one.person for one in people.staff}
    students = {one.person for one in people.students}
    for each, found in every:
        stated, fields = beside.within(each)
        confidence = weights.confidence(found)
        if (plain := each.found_plain) is not None:
            confidence = min(confidence, weights.confidence(plain))
        if verifier is not None:
            confidence = verifier.settled(confidence, each.words, each.before)
        if is_done_to_one(each.words) or asks_for_trouble(each.words):
            confidence = max(confidence, _DONE)
        elif confidence >= _LIKELY and named(
            each.words
        ):  # what one clause tells, another does not unsay: failed the homework, and has depression
            confidence = max((confidence, *(sure for clause, sure in _clauses(each.words, weights) if named(clause))))
        far = not FAR.isdisjoint(each.context) and "addressed" not in each.context
        doubts = (
            (_FIELDS, fields),
            (_SEVERAL, len(students.intersection(each.people)) >= _MANY and not _is_plain(each.words)),
            (_FAR, far),
            (_PRAISED, beside.praises),
            (_SOUNDS, beside.sounds),
            (_STAFF, staff.issuperset(each.people)),
            (_OF_WRITER, staff.issuperset(each.people) and _is_of_the_writer(each.words)),
            (_QUOTED, each.quoted),
            (_SUBJECT, each.words[:2] == _OF_A_SUBJECT),
            (_ASKED, asks_for_letter(each.words)),
            (_HOURS, is_of_hours(each.words) and _OF_HOURS.issuperset(weights.kinds_of(weights.leanings(found), ()))),
        )
        least = max((floor for floor, there in doubts if there), default=_LEAST)
        if _STUDIES.isdisjoint(stated) and confidence >= least:
            yield _Told(each, confidence, tuple(sorted(filter(is_record, stated))), weights.leanings(found))


def _kinds(each: _Told, sure: Sequence[_Told], weights: Weighing, *, acts: bool) -> dict[str, frozenset[str]]:
    """What a sentence tells, and what else it may be; with what a grave word in it names, where anything is told without doubt.
    Of the illness behind an absence or accommodation the word is enough.
    """
    others = [one.leanings for one in sure[:_OTHERS] if one is not each and one.sentence.people == each.sentence.people]
    kinds: Collection[str] = each.stated or by_words(weights.kinds_of(each.leanings, others), each.sentence.words)
    open_to = frozenset() if each.stated else weights.may_be(each.leanings).difference(kinds)
    left, missed = leaves(each.sentence.words), excuses(each.sentence.words)
    settled = {*_SETTLED, *(("attendance", "standing") if left else ()), *(("attendance",) if missed else ())}
    found = {kind: frozenset() if kind in settled else open_to for kind in kinds}
    if "enrolment" in found and left:
        found["standing"] = found.pop("enrolment")
    if found.keys() == {"health"} and missed:
        found["excuse"] = frozenset()
    excused = not ARRANGED.isdisjoint(kinds)
    for kind in named(each.sentence.words, excused=excused):
        if acts or (kind == "health" and excused):
            found[kind] = frozenset()
    if acts:
        apart = (
            frozenset[str]().union(*(_APART.get(kind, ()) for kind in found)) if _APART.keys() >= found.keys() else frozenset()
        )
        found |= dict.fromkeys(apart & _besides(each, weights).difference(found), frozenset())
    return found


def _besides(each: _Told, weights: Weighing) -> frozenset[str]:
    """The kinds that a sentence leans to, where patterns found another, and those that its clauses tell without doubt."""
    told = {*by_words(weights.kinds_of(each.leanings, ()), each.sentence.words)}
    for clause, confidence in _clauses(each.sentence.words, weights):
        if confidence >= _CLAUSE:
            told.update(by_words(weights.kinds_of(weights.leanings(_of_clause(clause)), ()), clause))
    return frozenset(told)


def _clauses(words: Sequence[str], weights: Weighing) -> Iterator[tuple[tuple[str, ...], float]]:
    """The clauses of a sentence, and how surely each tells something."""
    return ((clause, weights.confidence(_of_clause(clause))) for clause in clauses(words))


def _of_clause(clause: Sequence[str]) -> set[str]:
    named_here = STUDENT in clause
    return features(clause, context(clause, int(named_here), int(not named_here), addressed=False))


def _is_of_the_writer(words: Sequence[str]) -> bool:
    """Whether a sentence begins with the writer, and speaks to a colleague at most: Klara, my mother is ill again."""
    spoken = words[1:] if words[:1] == (EMPLOYEE,) else words
    return not _WRITER.isdisjoint(spoken[:1]) and EMPLOYEE not in spoken


def _is_plain(words: Sequence[str]) -> bool:
    """Whether no list of who does what would say so: all of them failed, or were arrested."""
    return bool(named(words)) or any("DID-BADLY" in each for each in topics(words))


class _Beside:
    """What patterns found, to be asked for by sentence."""

    def __init__(self, findings: Sequence[Finding], act_at: float, *, sounds: bool) -> None:
        stated = [one for one in findings if one.role is Role.STATES and one.enforced and one.confidence >= act_at]
        self.sounds = sounds
        self.praises = any(one.kind == "recommendation" for one in stated)
        self._stated = sorted((one.view, one.start, one.kind) for one in stated)
        fields = (one for one in findings if one.kind.startswith("directory:") and not is_of_studies(one))
        self._fields = sorted((one.view, one.start, one.detector == DIRECTORY) for one in fields)

    def within(self, each: Candidate) -> tuple[set[str], bool]:
        """The kinds stated in a sentence, and whether it gives a field of the directory, in more than brackets."""
        begins, ends = (each.view, each.start), (each.view, each.end)
        first = bisect_left(self._stated, (*begins, ""))
        kinds = {kind for _, _, kind in self._stated[first : bisect_left(self._stated, (*ends, ""))]}
        fields = self._fields[bisect_left(self._fields, begins) : bisect_left(self._fields, ends)]
        says_so = not all(by_value for _, _, by_value in fields) or not _OF_FIELDS.isdisjoint(each.words)
        return kinds, bool(fields) and says_so


def _with_one(
    identified: tuple[Identified, ...], nearby: Sequence[Identified], person: str, spoken: Sequence[int]
) -> tuple[Identified, ...]:
    """With the reader, or the reader's child, as one whom these sentences name: "you" and "she" are no less than a name."""
    others = tuple(one for one in identified if one.person != person)
    known = (one for one in (*identified, *nearby) if one.person == person)
    return *others, *(replace(one, findings=(*one.findings, *spoken)) for one in islice(known, 1))


def _surer(one: Identified, people: People, texts: Texts) -> Identified:
    """An advisee's first name, or a full name that is made of everyday words or stands at a comma, is meant where a sentence
    tells something.
    """
    if one.strength is not Strength.WEAK:
        return one
    shown = [people.findings[at] for at in one.findings]
    full = any(each.pattern in _NAMES for each in shown) or any(_is_one(each, one, people, texts) for each in shown)
    return replace(one, strength=Strength.STRONG) if full else one


def _is_nobody(one: Identified, people: People, texts: Texts) -> bool:
    """Whether nothing shows somebody but two words at commas in sentences that are two people, or none."""
    shown = [people.findings[at] for at in one.findings]
    loose = bool(shown) and all(each.pattern == Form.LOOSE.value for each in shown)
    return loose and one.strength is Strength.WEAK and not any(_is_one(each, one, people, texts) for each in shown)


def _is_one(finding: Finding, one: Identified, people: People, texts: Texts) -> bool:
    """Whether "Kim, Hana" in a sentence is one person, and nobody else in the mail has the first word for a first name."""
    if finding.pattern != Form.LOOSE.value or one.record is None:
        return False
    text = texts.views[finding.view].text
    word = folded_name(text[finding.start : finding.end].partition(",")[0])
    others = (each.record for each in (*people.identified, *people.on_thread) if each.person != one.person and each.record)
    called_so = any(word in given_and_family(each)[0] for each in others)
    return not called_so and may_be_one(text, finding.start, finding.end, one.record)
