"""Students whose long name has one letter wrong: another, one too many, one left out, two changed about.

Takes a text, the words by which students near the message are called, and who has a first name with an initial; gives stretches
with the student's ID. Two cues are needed: the first name as it is on file beside the long one, which then leads to one student
of the whole directory; or a student whom the sender or a reader teaches or advises. Whether the sentence tells something is for
the caller to say. Linear in the text, in bounded look-ups; never fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from dlp.campus.folding import closed_up, folded_name
from dlp.campus.names import first_initial_key, given_and_family
from dlp.campus.near import LONG, Near
from dlp.campus.people import NO_NAME, Person, identity, one_of_namesakes
from dlp.campus.records import Student

_MOST = 200  # pairs of words of one text that are looked up
Named = Callable[[str], Sequence[Person]]
Taken = Callable[[int, int], bool]


def beside_a_first_name(
    text: str, words: Sequence[re.Match[str]], known: Near, named: Named, is_taken: Taken
) -> Iterator[tuple[int, int, str]]:
    """Of `words` with a capital those side by side that are a first name and, but for a letter, the last name with it.

    Where somebody is named already nobody is looked up.
    """
    met: set[tuple[str, str]] = set()
    meant: dict[tuple[str, str], str] = {}
    for one, other in pairwise(words):
        if other.start() - one.end() != 1 or not text[one.end()].isspace():
            continue
        pair = one[0], other[0]
        if pair not in met and len(met) >= _MOST:
            return
        met.add(pair)
        if is_taken(one.start(), other.end()):
            continue
        if pair not in meant:
            meant[pair] = _whose(*pair, known, named) or _whose(*pair[::-1], known, named)
        if meant[pair]:
            yield one.start(), other.end(), meant[pair]


def _whose(first: str, last: str, known: Near, named: Named) -> str:
    if len(last) < LONG - 1 or len(first) < 2:
        return ""
    given, family = spelt(first), spelt(last)
    if given in NO_NAME or family in NO_NAME:
        return ""
    bearing = named(first_initial_key(given, family))
    likely = [each for each in bearing if isinstance(each, Student) and _bears(each, last)]
    meant = [each for each in likely if each.id in known.meant(given)] or likely
    alike = len({folded_name(each.family_name) for each in meant}) == 1
    return identity(one_of_namesakes(tuple(meant))[0]) if alike else ""


def _bears(person: Student, written: str) -> bool:
    # to the first "aa" is one letter, whoever typed the second
    spellings = {spelt(written), _as_written(written)}
    return any(is_near(one, name) for one in spellings for name in given_and_family(person)[1])


def alone(words: Sequence[re.Match[str]], plain: Mapping[str, str], known: Near) -> Iterator[tuple[int, int, str]]:
    """Of `words` those that are, but for a letter, the only such one by which a student near the message is called.

    `plain` has each of them as `spelt` gives it.
    """
    meant: dict[str, str] = {}
    for written in plain:
        if len(written) < LONG - 1 or plain[written] in known.words or plain[written] in NO_NAME:
            continue
        near = {
            name
            for each in {plain[written], _as_written(written)}
            for length in (len(each) - 1, len(each), len(each) + 1)
            for name in known.long.get((each[:1], length), ())
            if is_near(each, name)
        }
        students = known.meant(near.pop()) if len(near) == 1 else ()
        if len(students) == 1:
            meant[written] = next(iter(students))
    for word in words if meant else ():
        if student := meant.get(word[0]):
            yield word.start(), word.end(), student


def spelt(written: str) -> str:
    """A word as the words are by which people are called: a double name is one word."""
    return closed_up(folded_name(_without_s(written)).split())


def all_spelt(words: Collection[str]) -> dict[str, str]:
    """Words of letters, hyphens and apostrophes, and what `spelt` gives for each, all at once."""
    folded = folded_name("\n".join(map(_without_s, words)))
    return dict(zip(words, closed_up(folded.split(" ")).split("\n"), strict=True)) if words else {}


def _without_s(written: str) -> str:
    return written[:-2] if written.endswith(("'s", "\u2019s")) else written


def _as_written(written: str) -> str:
    return _without_s(written).casefold()


def is_near(written: str, name: str) -> bool:
    """Whether a long name begins alike and is one edit away; two letters changed about are one."""
    if written == name or len(name) < LONG or written[:1] != name[:1] or abs(len(written) - len(name)) > 1:
        return False
    alike = [one == other for one, other in zip(written, name, strict=False)]
    at = alike.index(False) if False in alike else len(alike)
    one, other = written[at:], name[at:]
    return one[1:] in (other[1:], other) or one == other[1:] or (one[:2] == other[1::-1] and one[2:] == other[2:])
