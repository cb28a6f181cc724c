"""One spelling for what people write as one name, and the keys under which a person is found by it.

Takes names as files record them; gives keys: two words of a name in order of the alphabet ("hana kim"), an initial and a
last name ("h. kim"), a first name and an initial ("hana k."), a name of one word or of characters alone ("suharto"), the
last four digits of a student's ID ("#5678"), and each word of a name ("hana *").
Mentions in a text are given the same keys (mentions.py), so most variation is paid for once, here. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dlp.campus.folding import closed_up, folded_id, folded_name
from dlp.campus.name_words import CALLED, NICKNAMES, PARTICLES, TITLES
from dlp.campus.records import Staff, Student

MOST_KEYS = 80  # of one person: a cell full of words is no name
_MOST_WORDS = 5
_SHORTEST_HALF = 4  # of a given name with a hyphen: the Anna of Anna-Lena, not the Ha of Ha-eun
CHARACTERS = "\u3005-\u3007\u3041-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_DEGREE = re.compile(r"\b(?:ph|ed|sc)\. ?d\b\.?$", re.IGNORECASE)  # not "Kim, M. D."
_CHARACTERS = re.compile(f"[{CHARACTERS}]")


def expanded(word: str) -> tuple[str, ...]:
    """A given name and what it is short for; itself first."""
    return NICKNAMES.get(word, (word,))


def pair_key(one: str, other: str) -> str:
    return f"{one} {other}" if one < other else f"{other} {one}"


def initial_last_key(initial: str, last: str) -> str:
    return f"{initial[:1]}. {last}"  # a mark alone folds to nothing


def first_initial_key(first: str, initial: str) -> str:
    return f"{first} {initial[:1]}."


def word_key(word: str) -> str:
    return f"{word} *"


def ending_key(student_id: str) -> str:
    return f"#{folded_id(student_id)[-4:]}"


def keys_of(person: Student | Staff) -> frozenset[str]:
    """Every key under which the usual forms of a person's names lead to the person; no more than MOST_KEYS.

    >>> sorted(keys_of(Student("912345678", "Hana", "Kim")))
    ['#5678', 'h. kim', 'hana *', 'hana k.', 'hana kim', 'kim *']
    """
    ending = (ending_key(person.id),) if isinstance(person, Student) else ()
    if plain := _plain_keys(person):
        return plain.union(ending)
    alone = map(word_key, sorted(frozenset[str]().union(*given_and_family(person))))
    keys = dict.fromkeys((*ending, *_keys(person), *alone))  # a name before a word of it
    if len(keys) > MOST_KEYS:
        keys = dict.fromkeys(list(keys)[:MOST_KEYS])
    return frozenset(keys)


def given_and_family(person: Student | Staff) -> tuple[frozenset[str], frozenset[str]]:
    """The words by which a person is called, and those of the family name."""
    if plain := _plain_words(person):
        first, last = plain
        return frozenset((first, *CALLED.get(first, ()))), frozenset((last, closed_up((last,))))
    before, after = (person.given_name, person.family_name) if person.family_name else _parted(person.full_name)
    given = _given(before)
    called = [word for name in getattr(person, "preferred_names", ()) for word in _given(name)[:1]]
    short = [nickname for word in (*given[:1], *called) for nickname in CALLED.get(word, ())]
    parts = (closed_up(words(part)) for part in after.split()) if "-" in after else ()  # the Vega-Lara of Mora Vega-Lara
    return frozenset({*given, *joined(given), *called, *short}), frozenset((*_family(words(after)), *parts))


def family_in_full(person: Student | Staff) -> str:
    """The whole last name written as one word, without particles: "benitezlara", of which "benitez" is but a half."""
    family = words(person.family_name or _parted(person.full_name)[1])
    return closed_up([word for word in family if word not in PARTICLES] or family)


def words(name: str) -> list[str]:
    """The folded words of a name's words, titles and suffixes left out."""
    if "." in name:
        name = _DEGREE.sub(" ", name)
    return [word for word in folded_name(name).split() if word not in TITLES][:_MOST_WORDS]


def joined(parts: list[str]) -> Iterator[str]:
    """Words written as one: the first two, and all of them."""
    if len(parts) > 1:
        yield closed_up(parts[:2])
    if len(parts) > 2:
        yield closed_up(parts)


def _plain_keys(person: Student | Staff) -> frozenset[str]:
    """The same, twice as fast, for one first and one last name in plain letters: most people of an import of millions."""
    plain = _plain_words(person)
    if plain is None or plain[0] in NICKNAMES:
        return frozenset()
    first, last = plain
    alone = map(word_key, (first, last, *CALLED.get(first, ())))
    return frozenset((pair_key(first, last), f"{first[0]}. {last}", f"{first} {last[0]}.", *alone))


def _plain_words(person: Student | Staff) -> tuple[str, str] | None:
    """A person's first and last name, where there is one of each and no other name."""
    given, family = person.given_name, person.family_name
    if not (given.isalpha() and family.isalpha() and given.isascii() and family.isascii()):
        return None
    if getattr(person, "preferred_names", ()) or person.full_name not in ("", f"{given} {family}", f"{family}, {given}"):
        return None
    first, last = folded_name(given), folded_name(family)
    return None if first in TITLES or last in TITLES else (first, last)


def _keys(person: Student | Staff) -> Iterator[str]:
    given, family = _given(person.given_name), words(person.family_name)
    if given and family and _CHARACTERS.search(person.family_name):
        yield "".join((*family, *given))
    elif given and family:
        yield from _of_parts(given, family)
    for name in getattr(person, "preferred_names", ()):
        called = _given(name)
        if len(called) > 1 or _CHARACTERS.search(name):
            yield from _of_full(name)
        if called and family:
            yield from _of_parts(called, family)
    full = person.full_name
    if full and not (given and family and set(words(full)) <= {*words(person.given_name), *family}):
        yield from _of_full(full)
    elif not (given and family):
        yield from _of_full(f"{person.given_name} {person.family_name}")


def _of_parts(given: list[str], family: list[str]) -> Iterator[str]:
    lasts = _family(family)
    for first in dict.fromkeys((*expanded(given[0]), *given[1:], *joined(given))):
        for last in lasts:
            yield pair_key(first, last)
    for first in expanded(given[0]):
        yield from (initial_last_key(first, last) for last in lasts)
        yield from (first_initial_key(first, last) for last in lasts)


def _of_full(name: str) -> Iterator[str]:
    before, after = _parted(name)
    given, family = _given(before), words(after)
    if not given or not family:
        yield from ("".join(given or family),) if given or family else ()
        return
    if _CHARACTERS.search(name):
        yield "".join((*family, *given) if "," in name else (*given, *family))
        return
    yield from _of_parts(given, family)
    if "," not in name:  # the family name may be the first word, or any two
        yield from _of_parts(given[1:] + family, given[:1])
        yield from _of_parts(given[:1], given[1:] + family)


def _parted(full_name: str) -> tuple[str, str]:
    """Given and family name: family first before a comma, else the last word with its particles."""
    before, comma, after = full_name.partition(",")
    if comma and words(after):
        return after, before
    every = [word for word in before.split() if words(word)]
    at = len(every) - 1
    while at > 1 and folded_name(every[at - 1]) in PARTICLES:
        at -= 1
    return (" ".join(every[:at]), " ".join(every[at:])) if at > 0 else (before, "")


def _given(name: str) -> list[str]:
    """The words of a given name, what a hyphen joins as one; behind them the first half of such a one."""
    if "-" not in name:
        return words(name)
    parts = [words(part) for part in name.split()]
    halves = [part[0] for part in parts if len(part) > 1 and len(part[0]) >= _SHORTEST_HALF]
    return [*filter(None, map(closed_up, parts)), *halves]


def _family(family: list[str]) -> list[str]:
    """A family name whole, each of its halves, and with its particles joined to it."""
    halves = [word for word in family if word not in PARTICLES] or family
    return list(dict.fromkeys(filter(None, (*halves, closed_up(halves), closed_up(family)))))
