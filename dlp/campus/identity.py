"""Texts and findings to people: whom a message identifies, how surely, and who of several it may be.

Takes what was read and what the patterns found, the directory in force, a keyed digest and the addresses the message goes
from and to; gives People. Signs are IDs the directory has, addresses, and names in their usual forms; a sign that is weak
alone counts when it leads to one person near the message (people.narrow). Pure. The time is linear in the text and in the
names it may hold, of which a bounded number is looked up. Fails only as the directory does (Unavailable).
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from dlp.campus.broken_ids import broken_ids
from dlp.campus.directory import Directory
from dlp.campus.folding import folded_address
from dlp.campus.hints import hints
from dlp.campus.known_rows import without_known_rows
from dlp.campus.last_digits import last_digits
from dlp.campus.listing import NamedLines, in_lists
from dlp.campus.lower_case import in_lower_case
from dlp.campus.mentions import Form, Mention, addresses, mailboxes_of, mentions, mentions_in_name, single_words
from dlp.campus.name_words import ORDINARY
from dlp.campus.numbers import NOBODY, Whose, numbered, whose
from dlp.campus.own_fields import told_apart
from dlp.campus.people import (
    MOST_NEAR,
    Ambiguous,
    Company,
    Context,
    Identified,
    Met,
    People,
    Person,
    Place,
    Strength,
    advisees,
    called,
    company,
    identity,
    is_ours,
    narrow,
    one_of_namesakes,
    people_at,
)
from dlp.campus.places import Places
from dlp.campus.shown_names import Shown, meant_by_one_word, shown_names
from dlp.campus.signs import (
    CONFIDENCE,
    RANKS,
    WITH_FIRST_NAME,
    Sighting,
    in_full,
    in_order,
    is_called_ours,
    reads_as_one,
    shows,
    stated,
    strength,
    surest_first,
)
from dlp.campus.single_names import single_names
from dlp.campus.taken import Taken
from dlp.campus.written import Dull
from dlp.values import Channel, Finding, Texts, View

Digest = Callable[[str], str]

MOST_LOOK_UPS = 20_000  # different name keys of one message
MOST_SHOWN = 100  # findings of one person, and of one spelling
_OURS = re.compile("(?:student|advisee|tutee|mentee)s?\\b", re.IGNORECASE)


def identify_people(
    texts: Texts, findings: tuple[Finding, ...], directory: Directory | None, digest: Digest, context: Context
) -> People:
    """Everybody the message identifies. Without a directory the findings stay as they are, and nobody is known.

    >>> found = identify_people(read(b"Subject: Hana Kim\\n\\n...", Limits()), (), directory, digest, Context())
    >>> [(one.record.id, one.strength.name, found.findings[one.findings[0]].where) for one in found.students]
    [('912345678', 'STRONG', 'subject line')]
    """
    if directory is None:
        return People(findings)
    mailboxes = tuple(mailboxes_of(texts))
    around = company(directory, Context(context.sender, context.recipients, (*context.thread, *mailboxes)))
    familiar = called(around.near.values())
    known, shown = stated(findings), shown_names(texts)
    search = _Search(texts, directory, digest, around, list(findings), familiar, Dull(familiar), known, shown)
    search.numbers()
    for index, view in enumerate(texts.views):
        if not view.again:
            search.addresses(index, search.open.views[index])
            search.names(index, search.open.views[index])
    search.weaker_signs()
    thread = {identity(person): person for address in mailboxes for person in around.at[folded_address(address)]}
    return search.result(thread.values())


def person_digest(digest: Digest, person: Person) -> str:
    """The keyed digest that stands for a person everywhere: of the ID, as the patterns give it, or of the address."""
    return digest(identity(person))


@dataclass(slots=True)
class _Search:
    texts: Texts
    directory: Directory
    digest: Digest
    around: Company
    findings: list[Finding]
    familiar: dict[str, list[Person]]
    dull: Dull
    stated: dict[tuple[int, str], list[tuple[int, int]]]  # spans, by view and line
    shown: Shown
    met: dict[str, Met] = field(default_factory=dict)  # by digest
    weak: list[Sighting] = field(default_factory=list)
    unsure: dict[int, str] = field(default_factory=dict)  # numbers of members in doubtful company, by finding
    ambiguous: dict[tuple[str, ...], tuple[tuple[Person, ...], list[int]]] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    taken: Taken = field(default_factory=Taken)  # what is explained
    answers: dict[str, tuple[Person, ...]] = field(default_factory=dict)  # by key
    maps: dict[int, Places] = field(default_factory=dict)
    ends: dict[int, array[int]] = field(default_factory=dict)  # where words begin that may end a cell, by view
    times: dict[str, int] = field(default_factory=dict)  # that a spelling of a name was met
    ours: dict[int, bool] = field(default_factory=dict)  # views in which somebody may be called a student of ours
    rows: NamedLines = field(default_factory=NamedLines)
    open: Texts = field(init=False)  # without the rows of large sheets whose student is known
    cut: bool = False

    def numbers(self) -> None:
        self.findings += broken_ids(self.texts, self.directory, self.digest)
        for index, verdict, student in whose(self.texts, self.findings, self.directory):
            held = self.findings[index]
            who = person_digest(self.digest, student) if student else held.digest
            if verdict is Whose.NOBODYS:
                self._reweigh(index, min(held.confidence, NOBODY))
            elif verdict is Whose.PERHAPS_A_STUDENTS:
                self.unsure[index] = who
            elif verdict is Whose.A_STRANGERS:
                self._show(None, who, Strength.STRONG, index)
            else:
                self._reweigh(index, CONFIDENCE[Strength.CERTAIN])
                self._show(student, who, Strength.CERTAIN, index)
        ids = (at for one in self.met.values() if one.strength is Strength.CERTAIN for at in one.findings)
        self.open = without_known_rows(self.texts, map(self.findings.__getitem__, ids))

    def addresses(self, index: int, view: View) -> None:
        for start, end in addresses(view.text):
            people = people_at(self.directory, view.text[start:end])
            mention = Mention(start, end, Form.ADDRESS, (), ())
            if len(people) == 1:
                self._add_name(people[0], Sighting(index, mention, people, Strength.CERTAIN))
            elif people:
                self._leave_open(people, index, mention)
            if people:
                self.taken.of(index, view.text).add(start, end)

    def names(self, index: int, view: View) -> None:
        """Full names are met at once; what is weaker waits until everybody surer is known."""
        signs, ends = [], array("L")
        for mention in self._mentions(view, ends):
            sign = self._sign(index, view, mention)
            if sign is not None:
                signs.append(sign)
            if self.cut:
                break
        else:
            self.ends[index] = ends
        signs += in_lower_case(index, view.text, self._named)
        if not signs:
            return
        signs.sort(key=surest_first)
        taken = self.taken.of(index, view.text)
        for sign in signs:
            if not taken.take(sign.mention.start, sign.mention.end):
                continue
            if not sign.people:
                self._add_name(None, sign)
            elif sign.strength is Strength.WEAK or len(sign.people) > 1 or sign.mention.form is Form.SINGLE:
                self.weak.append(sign)
            else:
                self._add_name(sign.people[0], sign)
                self.rows.add(index, self._places(index).line(sign.mention.start))

    def weaker_signs(self) -> None:
        """What counts only in company: of people near the message, identified by something else in it, or advised."""
        met = (one.record for one in self.met.values() if one.record is not None)
        alone = single_names(self.open, self.directory, self.around, met, self.taken, self.ends)
        for sign in (*last_digits(self.open, self.directory, self.around.subjects), *alone):
            if len(sign.people) == 1:
                self._add_name(sign.people[0], sign)
            else:
                self.weak.append(sign)
            self.taken.of(sign.view, self.texts.views[sign.view].text).add(sign.mention.start, sign.mention.end)
        known = {identity(one.record): one.record for one in self.met.values() if one.record is not None}
        few = {identity(person): person for person in (advisees(self.around, self.directory) if self.stated else ())} | known
        further = [person for who, person in few.items() if who not in self.around.near and len(few) <= MOST_NEAR]
        self.familiar = called(further)  # from here on: by their words only who was met by the first look
        self.dull = Dull(self.familiar)
        near = {**few, **self.around.near}.values()
        for index, view in enumerate(self.open.views):
            if view.again:
                continue
            for mention, people in hints(view.text, near, self.around.children):
                self.weak.append(Sighting(index, mention, people, Strength.WEAK))
            if further:
                self._single_words(index, view)
        surely_meant = known.keys() | self.around.near.keys()
        those = ((sign, numbered(sign.people, self.unsure.values(), self.digest)) for sign in self.weak)
        meant = [(sign, self._narrowed(sign, people, known)) for sign, people in those]
        listed = in_lists(meant, self.texts.views, lambda person: is_ours(person, self.around, self.directory))
        for nth, (sign, people) in enumerate(meant):
            self._weigh(sign, people, surely_meant, listed=nth in listed)
        for index, person in self.unsure.items():
            if person in self.met:
                self._reweigh(index, CONFIDENCE[Strength.CERTAIN])
                self._show(None, person, Strength.CERTAIN, index)

    def _narrowed(self, sign: Sighting, people: tuple[Person, ...], known: Collection[str]) -> tuple[Person, ...]:
        mention, text = sign.mention, self.texts.views[sign.view].text
        meant = narrow(people, self.around, self.directory, known, in_full(mention, people))
        several = len(meant) > 1 and mention.form in WITH_FIRST_NAME
        return one_of_namesakes(told_apart(text, mention.end, meant)) if several else meant

    def _weigh(self, sign: Sighting, people: tuple[Person, ...], surely_meant: Collection[str], *, listed: bool) -> None:
        """A weaker sign that leads to one person near the message, or to an advisee of whom something is stated, is strong."""
        if len(people) > 1:
            self._leave_open(people, sign.view, sign.mention)
            return
        who, weight = identity(people[0]), sign.strength
        if sign.mention.form is Form.INITIALS:
            weight = Strength.WEAK
        elif listed or who in surely_meant or (len(sign.people) > 1 and weight is Strength.STRONG) or self._is_listed(sign):
            weight = Strength.STRONG
        elif who in self.around.advised:
            weight = Strength.STRONG if self._states(sign.view, sign.mention) else Strength.WEAK
        self._add_name(people[0], replace(sign, strength=weight))

    def _is_listed(self, sign: Sighting) -> bool:
        """Whether a full name of ordinary words stands in a list of people."""
        line = self._places(sign.view).line(sign.mention.start)
        text = self.texts.views[sign.view].text
        return RANKS.get(sign.mention.form, 2) < 2 and self.rows.has_beside(sign.view, line, text, sign.mention)

    def result(self, thread: Iterable[Person]) -> People:
        identified = tuple(
            Identified(person, one.record, one.strength, tuple(sorted(one.findings))) for person, one in self.met.items()
        )
        ambiguous = tuple(Ambiguous(people, tuple(shown)) for people, shown in self.ambiguous.values())
        mailboxes = tuple(Identified(person_digest(self.digest, one), one, Strength.CERTAIN, ()) for one in thread)
        return People(tuple(self.findings), identified, ambiguous, mailboxes, self.places, self.cut)

    def _mentions(self, view: View, ends: array[int]) -> Iterable[Mention]:
        if view.channel is Channel.HEADERS and view.label.startswith("file name"):
            return mentions_in_name(view.text)
        return mentions(view.text, self.dull, ends)

    def _sign(self, index: int, view: View, mention: Mention) -> Sighting | None:
        one_word = mention.form in (Form.SINGLE, Form.INITIALS)
        people = self._called(index, mention) if one_word else in_order(mention, self._named(mention.keys))
        if not people:
            ours = self._says_ours(index) and is_called_ours(view.text, mention)
            return Sighting(index, mention, (), Strength.STRONG) if ours else None
        spelt = mention.keys[0] if mention.keys else mention.form
        self.times[spelt] = self.times.get(spelt, 0) + 1
        if self.times[spelt] > MOST_SHOWN:
            return None
        called_so = self.familiar.get(mention.words[0], ()) if mention.words else ()
        if mention.form is Form.LOOSE and reads_as_one(view.text, mention, people, called_so):
            mention = replace(mention, form=Form.LISTED)
        weight = strength(view.text, mention, stated=self._states(index, mention))
        return None if weight is None else Sighting(index, mention, people, weight)

    def _single_words(self, index: int, view: View) -> None:
        """Words by which people are called whom only the first look at the message has shown."""
        taken = self.taken.of(index, view.text)
        for mention in single_words(view.text, self.dull, taken):
            if mention.start not in taken:
                sign = self._sign(index, view, mention)
                if sign is not None and sign.people:
                    self.weak.append(sign)

    def _named(self, keys: Iterable[str]) -> tuple[Person, ...]:
        """Everybody who answers to one of a mention's keys. Beyond MOST_LOOK_UPS nobody does, and the result says so."""
        found: dict[str, Person] = {}
        for key in keys:
            if key not in self.answers:
                if len(self.answers) >= MOST_LOOK_UPS:
                    self.cut = True
                    continue
                self.answers[key] = self.directory.named(key)
            found.update((identity(person), person) for person in self.answers[key])
        return tuple(found.values())

    def _called(self, index: int, mention: Mention) -> tuple[Person, ...]:
        """Whom a single word or initials may mean here. An ordinary word is a name only where nothing else can stand."""
        people: Sequence[Person] = self.familiar.get("".join(mention.words), ())
        people = people or (self._named(mention.keys) if mention.form is Form.SINGLE else ())
        if people and mention.form is Form.SINGLE and mention.words[0] in ORDINARY:
            place = self._places(index).place(mention.start, mention.end)
            people = people if place in (Place.GREETING, Place.SIGNATURE) else ()
        return meant_by_one_word(self.shown, self.texts.views[index].text, mention, people) if people else ()

    def _states(self, index: int, mention: Mention) -> bool:
        """Whether record information is stated in the line of a mention, outside it."""
        where = self._places(index).where(mention.start)
        return any(end <= mention.start or mention.end <= start for start, end in self.stated.get((index, where), ()))

    def _says_ours(self, index: int) -> bool:
        if index not in self.ours:
            self.ours[index] = _OURS.search(self.texts.views[index].text) is not None
        return self.ours[index]

    def _places(self, index: int) -> Places:
        if index not in self.maps:
            self.maps[index] = Places(self.texts.views[index])
        return self.maps[index]

    def _reweigh(self, index: int, confidence: float) -> None:
        self.findings[index] = replace(self.findings[index], confidence=confidence)

    def _show(self, person: Person | None, who: str, strength: Strength, index: int) -> None:
        """One more finding that shows somebody."""
        finding = self.findings[index]
        self.places[index] = self._places(finding.view).place(finding.start, finding.end)
        met = self.met.setdefault(who, Met(person, strength, []))
        met.strength = max(met.strength, strength)
        met.findings.append(index)

    def _add_name(self, person: Person | None, sign: Sighting) -> None:
        mention = sign.mention
        who = person_digest(self.digest, person) if person else self.digest(f"name {mention.keys[0]}")
        if who in self.met and len(self.met[who].findings) >= MOST_SHOWN:
            return
        self._show(person, who, sign.strength, self._found(sign.view, mention, who, sign.strength))

    def _leave_open(self, people: tuple[Person, ...], index: int, mention: Mention) -> None:
        whole = tuple(sorted(map(identity, people)))
        at = self._found(index, mention, self.digest(" ".join(whole)), Strength.WEAK)
        self.places[at] = self._places(index).place(mention.start, mention.end)
        self.ambiguous.setdefault(whole, (people, []))[1].append(at)

    def _found(self, index: int, mention: Mention, who: str, strength: Strength) -> int:
        """A new finding; gives its index."""
        where = self._places(index).where(mention.start)
        self.findings.append(shows(index, (mention.start, mention.end), mention.form, strength, where, who))
        return len(self.findings) - 1
