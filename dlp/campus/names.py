"""One spelling for what people write as one name, and the keys under which a person is found by it.

Takes names as files record them; gives keys: two words of a name in order of the alphabet ("hana kim"), an initial and a
last name ("h. kim"), a first name and an initial ("hana k."), a name of one word or of characters alone ("suharto").
Mentions in a text are given the same keys (mentions.py), so most variation is paid for once, here. Nothing here fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dlp.campus.folding import folded_name
from dlp.campus.name_words import NICKNAMES, PARTICLES, TITLES
from dlp.campus.records import Staff, Student

MOST_KEYS = 80  # of one person: a cell full of words is no name
_MOST_WORDS = 5
CHARACTERS = "\u3005-\u3007\u3041-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_DEGREE = re.compile(r"\b(?:ph|ed|sc)\. ?d\b\.?$", re.IGNORECASE)  # not "Kim, M. D."
_CHARACTERS = re.compile(f"[{CHARACTERS}]")


def expanded(word: str) -> tuple[str, ...]:
    """A given name and what it is short for; itself first."""
    return NICKNAMES.get(word, (word,))


def pair_key(one: str, other: str) -> str:
    return f"{one} {other}" if one < other else f"{other} {one}"


def initial_last_key(initial: str, last: str) -> str:
    return f"{initial[0]}. {last}"


def first_initial_key(first: str, initial: str) -> str:
    return f"{first} {initial[0]}."


def keys_of(person: Student | Staff) -> frozenset[str]:
    """Every key under which the usual forms of a person's names lead to the person; no more than MOST_KEYS.

    >>> sorted(keys_of(Student("912345678", "Hana", "Kim")))
    ['h. kim', 'hana k.', 'hana kim']
    """
    if plain := _plain_keys(person):
        return plain
    keys = dict.fromkeys(_keys(person))
    if len(keys) > MOST_KEYS:
        keys = dict.fromkeys(list(keys)[:MOST_KEYS])
    return frozenset(keys)


def given_and_family(person: Student | Staff) -> tuple[frozenset[str], frozenset[str]]:
    """The words by which a person is called, and those of the family name; of a full name alone every word may be either."""
    given, family = words(person.given_name), words(person.family_name)
    preferred = getattr(person, "preferred_names", ())
    called = {word for name in preferred for word in words(name)[:1]}
    if not (given and family):
        given, family = _parted(person.full_name)
    first = [*given[:1], *called]
    short = {nickname for nickname, names in NICKNAMES.items() if any(word in names for word in first)}
    return frozenset({*given, *joined(given), *called, *short}), frozenset(_family(family))


def words(name: str) -> list[str]:
    """The folded words of a name's words, titles and suffixes left out."""
    if "." in name:
        name = _DEGREE.sub(" ", name)
    return [word for word in folded_name(name).split() if word not in TITLES][:_MOST_WORDS]


def joined(parts: list[str]) -> Iterator[str]:
    """Words written as one: the first two, and all of them."""
    if len(parts) > 1:
        yield parts[0] + parts[1]
    if len(parts) > 2:
        yield "".join(parts)


def _plain_keys(person: Student | Staff) -> frozenset[str]:
    """The same, twice as fast, for one first and one last name in plain letters: most people of an import of millions."""
    given, family = person.given_name, person.family_name
    if not (given.isalpha() and family.isalpha() and given.isascii() and family.isascii()):
        return frozenset()
    if getattr(person, "preferred_names", ()) or person.full_name not in ("", f"{given} {family}", f"{family}, {given}"):
        return frozenset()
    first, last = folded_name(given), folded_name(family)
    if first in NICKNAMES or first in TITLES or last in TITLES:
        return frozenset()
    return frozenset((pair_key(first, last), f"{first[0]}. {last}", f"{first} {last[0]}."))


def _keys(person: Student | Staff) -> Iterator[str]:
    given, family = words(person.given_name), words(person.family_name)
    preferred = getattr(person, "preferred_names", ())
    if given and family and _CHARACTERS.search(person.family_name):
        yield "".join((*family, *given))
    elif given and family:
        yield from _of_parts(given, family)
    for name in preferred:
        called = words(name)
        if len(called) > 1 or _CHARACTERS.search(name):
            yield from _of_full(name)
        if called and family:
            yield from _of_parts(called, family)
    if person.full_name and not (given and family and set(words(person.full_name)) <= {*given, *family}):
        yield from _of_full(person.full_name)
    elif not (given and family):
        yield from _of_full(f"{person.given_name} {person.family_name}")


def _of_parts(given: list[str], family: list[str]) -> Iterator[str]:
    lasts = _family(family)
    firsts = [*expanded(given[0]), *given[1:], *joined(given)]
    for first in firsts:
        for last in lasts:
            yield pair_key(first, last)
    yield from _initials(firsts[:1] + list(expanded(given[0])[1:]), lasts)


def _of_full(name: str) -> Iterator[str]:
    given, family = _parted(name)
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


def _parted(full_name: str) -> tuple[list[str], list[str]]:
    """Given and family words of a full name: family first before a comma, else the last word with its particles."""
    before, comma, after = full_name.partition(",")
    if comma and words(after):
        return words(after), words(before)
    every = words(before)
    if len(every) < 2:
        return every, []
    at = len(every) - 1
    while at > 1 and every[at - 1] in PARTICLES:
        at -= 1
    return every[:at], every[at:]


def _family(family: list[str]) -> list[str]:
    """A family name whole, each of its halves, and with its particles joined to it."""
    halves = [word for word in family if word not in PARTICLES] or family
    whole = "".join(family)
    return list(dict.fromkeys([*halves, "".join(halves), whole]))


def _initials(firsts: Iterable[str], lasts: list[str]) -> Iterator[str]:
    for first in firsts:
        yield from (initial_last_key(first, last) for last in lasts)
        yield from (first_initial_key(first, last) for last in lasts)
