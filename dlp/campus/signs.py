"""How much a mention of a name proves by itself: its form, the words it is made of, and what stands around it.

Takes a text and a mention that somebody on campus answers to; gives a strength, or None when it names no person. A weak one
may still be made strong by the company it is in (people.narrow). Looks at no more than a line around. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dlp.campus.folding import closed_up, folded_name
from dlp.campus.mentions import Form, Mention
from dlp.campus.name_words import COMMON_FAMILY, COMMON_GIVEN, HONORIFICS, ORDINARY, PAPERS, THINGS
from dlp.campus.names import CHARACTERS, family_in_full, given_and_family
from dlp.campus.people import Person, Strength, identity
from dlp.values import Finding, Role

_REACH = 60  # characters
_UNSURE = 0.5  # confidence up to which nothing is stated
_PERSON_BEFORE = re.compile(
    r"(?:\b(?:students?|advisees?|classmates?|seniors?|juniors?|sophomores?|fresh(?:man|men)|undergraduates?|graduates?|alumn[aie]"
    r"|daughter|son|mentees?|candidates?|applicants?|dear|hi|hello|hey|name|named|called|for|regarding|about|re"
    r"|mr|mrs|ms|mx|miss|dr|prof|professor|frau|herr|señora?|mme)\b[.:,]? *(?:named |is )?)$",
    re.IGNORECASE,
)
_NO_CUE = re.compile(r"(?:for|about|regarding|re|name)[.:,]? *$", re.IGNORECASE)  # too weak where the words are ordinary
_PERSON_BEHIND = re.compile(
    r"['\u2019]s? |,? who\b|,? (?:a|an|my|our|the) (?:\w+ ){0,2}(?:student|advisee|major|senior|junior|sophomore|freshman)\b"
    r"| \(?(?:she|he|her|his|they)\b| (?:has|had|took|takes|failed|fails|passed|received|earned|got|asked|said|wrote|told"
    r"|missed|will|enrolled|applied|withdrew|dropped)\b| ?[(<][^()<>\n]{0,30}(?:[0-9]{3}|@)",
)
_DETERMINED = re.compile(r"\b(?:the|an?|each|every|any) $", re.IGNORECASE)
_THING_BEHIND = re.compile(r"(?:['\u2019]s)?[ ,-]{1,2}(?:(?:and|&) )?([^\W\d_]+)|( ?& ?[A-Z])")
_PLACES = frozenset(
    ("bridge", "church", "court", "field", "fields", "hall", "hill", "house", "lane", "park", "street", "tower")
)
_SENTENCES = re.compile(r"[.!?][\s\"')]")
_AT_BEFORE = re.compile(
    r"(?:\b(\w+) )?\b(?:in|at|inside|outside|behind|above|below|near|opposite|beside) $",
    re.IGNORECASE,
)
# in whom, or at whom, somebody is
_OF_PEOPLE = frozenset(("believe", "confidence", "disappointed", "faith", "interested", "look", "looked", "looking", "trust"))
_HOUSE = re.compile(
    r"\b(?:rooms?|roofs?|floors?|wing|basement|stairs?|stairwell|elevators?|doors?|windows?|plaster|heating|boiler|leak(?:s|ing|y)?"
    r"|scaffold\w*|renovat\w*|entrance|lobby|parking|buildings?|plumbing|lawn|annex|auditorium)\b",
    re.IGNORECASE,
)
_WHOSE = re.compile(r"['\u2019]s\b")  # I looked at Grace Park's quiz
_SOMEBODY = re.compile(r"^,? who\b|\b(?:she|he|her|his|him|student)\b")
_OURS_BEFORE = re.compile(
    r"\b(?:my|our|mine|ours)\b(?: \w+){0,2} (?:students?|advisees?|tutees?|mentees?)(?: of (?:mine|ours))?[,:]? +$"
    r"|\b(?:students?|advisees?) of (?:mine|ours),? +$",
    re.IGNORECASE,
)
_OURS_BEHIND = re.compile(
    r",? (?:is |was )?(?:(?:my|our|one of my|one of our)(?: \w+){0,2} (?:student|advisee|tutee|mentee)s?\b"
    r"|a(?: \w+){0,2} (?:student|advisee) (?:of (?:mine|ours)|here|at this university|in (?:my|our) \w+))",
    re.IGNORECASE,
)
# "Thanks Kim, Hana is ill" is said to Kim, and of "Ivo, Kim, Hana" nobody knows who is whom
_ADDRESSING = re.compile(
    r"(?:\b(?:dear|hi|hello|hey|thanks|thank you|sorry|ok|okay|yes|no|well|so|and|or|but|best|regards|with)|[,&@/]) *$",
    re.IGNORECASE,
)
_SPOKEN_TO = re.compile(
    r"(?:\b(?:dear|hi|hello|hey|thanks|thank you|sorry|ok|okay|yes|no|well|so|best|regards)|[&@/])[ \n]*$", re.IGNORECASE
)
_CAPITAL = r"[^\W\d_a-z][^\W\d_]+(?:[-'\u2019][^\W\d_]+)*+"
_OTHERS_BEFORE = re.compile(rf"(?<![\w-])(?:{_CAPITAL},|(?<!,[ \n]){_CAPITAL},?[ \n](?:and|or|&))[ \n]+$")
_AND = r"[ \n]+(?:and|or|&)[ \n]+"
_OTHERS_BEHIND = re.compile(rf"(?:['\u2019]s)?(?:,(?:{_AND}|[ \n]+)|{_AND}(?!{_CAPITAL},[ \n]+{_CAPITAL}))[^\W\d_a-z][^\W\d_]")
_ON_ONE_PERSON = re.compile(r"(?:['\u2019]s)?(?:[.;:!?)\]\"]|\s*$| (?!(?:and|or|und|et|y|o|e|&)\b)[a-z(\[])")
_CELL_BEFORE = re.compile(r"(?:^|[\n\t|;]|,(?=\")|[ ]{2})[> ]*(?:\(?[0-9]{1,4}[.):]?[ ]+|[-*\u2022>][ ]*)*\"?$")
_CELL_BEHIND = re.compile(r"\.?\",|\.?\"?[ ]?(?:$|[\n\t|;:(=\u2013\u2014]|[ ]?-|[ ]{2}|[ ]?[._]{3}|,?[ ]*[0-9])")
_OF_CHARACTERS = re.compile(f"[{CHARACTERS}]")
CONFIDENCE = {Strength.CERTAIN: 0.97, Strength.STRONG: 0.85, Strength.WEAK: 0.5}
_MASKS = {
    Form.FULL: "a full name",
    Form.LISTED: "a full name",
    Form.CHARACTERS: "a full name",
    Form.LOOSE: "two words of a name",
    Form.INITIAL_LAST: "an initial and a last name",
    Form.FIRST_INITIAL: "a first name and an initial",
    Form.LOCAL_PART: "a name in an address",
    Form.SINGLE: "one name",
    Form.MISTYPED: "a name with a letter wrong",
    Form.INITIALS: "initials",
    Form.TITLED: "a title and a last name",
    Form.ADDRESS: "an address",
    Form.KIN: "a relative of the reader",
    Form.LAST_DIGITS: "the last digits of a number",
}
RANKS = {Form.CHARACTERS: 0, Form.FULL: 0, Form.LISTED: 1, Form.INITIAL_LAST: 2}  # the surest first; 0 and 1 are full names
_UNTELLING = ORDINARY | COMMON_GIVEN | COMMON_FAMILY
_FULL = frozenset({Form.FULL, Form.LISTED})
WITH_FIRST_NAME = _FULL | {Form.CHARACTERS, Form.LOOSE}
_WITH_FAMILY = _FULL | {Form.INITIAL_LAST}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A mention that somebody answers to, or, with no people, one that the text calls a student of ours."""

    view: int
    mention: Mention
    people: tuple[Person, ...]
    strength: Strength


def shows(view: int, span: tuple[int, int], form: Form, strength: Strength, where: str, who: str) -> Finding:
    """That a stretch of a view shows a person, by the digest `who`."""
    return Finding(
        kind="directory",
        detector="address" if form is Form.ADDRESS else "name",
        pattern=form.value,
        role=Role.IDENTIFIES,
        where=where,
        view=view,
        start=span[0],
        end=span[1],
        confidence=CONFIDENCE[strength],
        masked=_MASKS[form],
        digest=who,
    )


def surest_first(sign: Sighting) -> tuple[bool, int, int, int]:
    mention = sign.mention
    return not sign.people, RANKS.get(mention.form, 9), mention.start - mention.end, mention.start


def strength(text: str, mention: Mention, *, stated: bool) -> Strength | None:
    """`stated` says that record information stands in the same line, outside the mention."""
    before, behind = text[max(0, mention.start - _REACH) : mention.start], text[mention.end : mention.end + _REACH]
    determined = mention.form in _FULL and before.endswith(" ") and _DETERMINED.search(before) is not None
    ordinary = is_ordinary(mention.words)
    house = mention.words[-1] in _PLACES and _HOUSE.match(behind.lstrip()) is not None  # the Rosa Hall lobby
    paper = ordinary and folded_name(behind.lstrip().partition(" ")[0]) in PAPERS  # the Art Fields Quarterly
    if paper or _is_thing(behind) or (determined and (ordinary or house)):
        return None
    if not stated and _is_place(mention, _SENTENCES.split(before)[-1], _SENTENCES.split(behind)[0]):
        return None
    return Strength.STRONG if _is_strong(mention, before, behind, stated=stated) and not determined else Strength.WEAK


def _is_strong(mention: Mention, before: str, behind: str, *, stated: bool) -> bool:
    if mention.form is Form.SINGLE:
        return True
    if mention.form is Form.CHARACTERS:
        return _stands_out(mention, before, behind)
    if mention.form in _FULL and (stated or not is_ordinary(mention.words)):
        return True
    said = _PERSON_BEHIND.match(behind) or _PERSON_BEFORE.search(before)
    if mention.form in _FULL:
        return bool(said) and _NO_CUE.search(before) is None
    return mention.form is Form.INITIAL_LAST and (stated or bool(said)) and not behind.startswith(" et al")


def is_ordinary(words: Sequence[str]) -> bool:
    """Whether a name is made of ordinary words, or of such common names that others bear it too."""
    return all(word in _UNTELLING for word in words if len(word) > 1)


def reads_as_one(text: str, mention: Mention, people: Sequence[Person], called_so: Iterable[Person]) -> bool:
    """Whether "Kim, Hana" within a sentence is one person: the family name first, nobody addressed, no list of names.

    `called_so` are those near the message who are called by the first word; nobody else than the person may be.
    """
    if any(one not in people for one in called_so):
        return False
    if _ADDRESSING.search(text[max(0, mention.start - _REACH) : mention.start]) or not _ON_ONE_PERSON.match(text, mention.end):
        return False
    names = map(given_and_family, people)
    return all(mention.words[0] in family and mention.words[-1] in given for given, family in names)


def may_be_one(text: str, start: int, end: int, person: Person) -> bool:
    """The same with less around it, for a sentence that tells something: not behind words of greeting, not among other names
    unless these are written so, too ("Kim, Hana and Mori, Aiko").
    """
    before, behind = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    if _SPOKEN_TO.search(before) or _OTHERS_BEFORE.search(before) or _OTHERS_BEHIND.match(behind):
        return False
    last, _, first = text[start:end].partition(",")
    given, family = given_and_family(person)
    words = folded_name(first).split()
    return closed_up(folded_name(last).split()).endswith(tuple(family)) and not given.isdisjoint((*words, closed_up(words)))


def is_alone(text: str, mention: Mention) -> bool:
    """Whether a name has a cell to itself, or begins its line and no sentence goes on."""
    before = text[max(0, mention.start - _REACH) : mention.start]
    return _CELL_BEFORE.search(before) is not None and _CELL_BEHIND.match(text, mention.end) is not None


def is_called_ours(text: str, mention: Mention) -> bool:
    """Whether the text calls this person a student of the sender or the institution ("my student ...")."""
    if mention.form not in (Form.FULL, Form.LISTED):
        return False
    before = text[max(0, mention.start - _REACH) : mention.start]
    return bool(_OURS_BEFORE.search(before) or _OURS_BEHIND.match(text, mention.end))


def in_order(mention: Mention, people: Sequence[Person]) -> tuple[Person, ...]:
    """Of several people those whose first and last name stand where this form has them, and of these those who have every
    word of it, as far as there are any.
    """
    if len(people) < 2 or mention.form not in (Form.FULL, Form.LISTED):
        return tuple(people)
    first, last = (0, -1) if mention.form is Form.FULL else (-1, 0)
    names = {identity(person): given_and_family(person) for person in people}

    def fits(person: Person) -> bool:
        given, family = names[identity(person)]
        return mention.words[first] in given and mention.words[last] in family

    def has_every_word(person: Person) -> bool:
        return names[identity(person)][0].union(names[identity(person)][1]).issuperset(mention.words)

    found = tuple(filter(fits, people)) or tuple(people)
    return tuple(filter(has_every_word, found)) or found


def in_full(mention: Mention, people: Sequence[Person]) -> frozenset[str]:
    """The identities of those of several people whose whole last name is written, not the half of a double one."""
    if len(people) < 2 or mention.form not in _WITH_FAMILY:
        return frozenset()
    words = mention.words
    written = {closed_up(part) for cut in range(1, len(words)) for part in (words[:cut], words[cut:])}
    return frozenset(identity(person) for person in people if family_in_full(person) in written)


def _is_thing(behind: str) -> bool:
    """Baker Miller Ltd, Jordan Hall, the Kim Prize, Miller & Sons: no person."""
    found = _THING_BEHIND.match(behind)
    if found is None:
        return False
    word = found[1] or ""
    return bool(found[2]) or (folded_name(word) in THINGS and (word[0].isupper() or word in {"gmbh", "ltd", "inc"}))


def _is_place(mention: Mention, before: str, behind: str) -> bool:
    """Whether a name of ordinary words is that of a building here: May Hall, where a roof leaks."""
    if mention.form is not Form.FULL or mention.words[-1] not in _PLACES or not is_ordinary(mention.words):
        return False
    house = _HOUSE.search(before) or _HOUSE.search(behind)
    at = _AT_BEFORE.search(before)
    within = at is not None and (at[1] or "").lower() not in _OF_PEOPLE and _WHOSE.match(behind) is None
    return bool(house or within) and _SOMEBODY.search(behind) is None


def _stands_out(mention: Mention, before: str, behind: str) -> bool:
    """Whether characters are a name: three and more, or nothing of their kind around them but what one says to a person."""
    alone = not (_OF_CHARACTERS.search(before[-1:]) or _OF_CHARACTERS.search(behind[:1]))
    return alone or len(mention.words[0]) > 2 or behind.startswith(HONORIFICS)


def stated(findings: Iterable[Finding]) -> dict[tuple[int, str], list[tuple[int, int]]]:
    """Where record information is stated, by view and line."""
    found: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for one in findings:
        if one.role is not Role.STATES or one.kind.startswith("directory"):
            continue
        if one.enforced and one.confidence > _UNSURE:
            found.setdefault((one.view, one.where), []).append((one.start, one.end))
    return found
