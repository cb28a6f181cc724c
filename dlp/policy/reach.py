"""Which rows of a decision table no situation can reach, and what takes every situation before them.

Takes rows in the table's order; gives the unreachable ones. A row is a box over the words of `when`, less its `unless`; what
earlier rows take is cut out of it until something is left or nothing is. That is exact over the closed vocabulary and the
facts below; a row that cannot be settled in a bounded number of cuts counts as reachable. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from dlp.policy.kinds import EMPLOYEE, is_record
from dlp.policy.situation import TEXTS, WORDS, Condition, Situation
from dlp.ruleset import Row

_CUTS = 40_000  # for all rows together, each a like share: no table keeps a reload waiting for long
Box = Mapping[str, frozenset[object]]  # what each word may be; one that is not there may be anything
Take = tuple[Box, tuple[Box, ...]]  # what is taken, and what of it is left

DEFAULTS = Situation._field_defaults
# words that keep their default in rows of a stage: (stage, words, why)
UNASKED = (
    (
        "message",
        (
            "person",
            "kind",
            "record",
            "own",
            "need",
            "withheld",
            "weak",
            "chosen",
            "letter",
            "international",
            "consent",
            "mail_risk",
        ),
        "{} is asked of statements only",
    ),
    ("statement", ("risk", "waived", "full_and_id", "sensitive"), "{} is known once every statement is judged"),
    ("statement", ("unread", "probe"), "{} is asked of the whole message only"),
)
_RECORDS = sorted(filter(is_record, TEXTS["kind"] - {""}))
_PLAIN = sorted(kind for kind in TEXTS["kind"] - {""} if not is_record(kind))
# what never is: the situations of `when` less those of `unless`
FACTS: tuple[tuple[str, Condition, Condition], ...] = (
    ("who reads outside is an outsider or a student", {"scope": "outside"}, {"reader": ["student", "outsider"]}),
    ("an outsider is outside", {"scope": "inside", "reader": "outsider"}, {}),
    ("an own record is that of somebody known", {"own": "campus"}, {"person": ["student", "employee"]}),
    ("only students have other addresses", {"own": ["alternate", "elsewhere"]}, {"person": "student"}),
    ("a need to know is recorded about students", {"need": "covered"}, {"person": "student"}),
    ("nationality is recorded of students", {"international": ["yes", "no", "maybe"]}, {"person": "student"}),
    ("only students withhold something", {"withheld": True}, {"person": ["student", "unknown"]}),
    ("a letter is about somebody", {"letter": True, "person": "nobody"}, {}),
    ("a consent is given by somebody known", {"consent": ["covers", "lacking"]}, {"person": ["student", "employee"]}),
    ("a risk is accepted with a consent", {"mail_risk": True}, {"consent": ["covers", "lacking"]}),
    ("every person is told something", {"person": ["student", "employee", "unknown"], "kind": ""}, {}),
    ("nothing is told of nobody", {"person": "nobody", "kind": [*_RECORDS, *_PLAIN]}, {}),
    ("record information is told of somebody", {"record": True, "person": "nobody"}, {}),
    ("that kind is directory information", {"record": True, "person": ["student", "unknown"], "kind": _PLAIN}, {}),
    ("that kind is record information", {"record": False, "person": ["student", "unknown"], "kind": _RECORDS}, {}),
    ("that kind is in an employee's record", {"record": False, "person": "employee", "kind": sorted(EMPLOYEE)}, {}),
    (
        "that kind is not in an employee's record",
        {"record": True, "person": "employee", "kind": sorted({*_RECORDS, *_PLAIN} - EMPLOYEE)},
        {},
    ),
    ("a property people were chosen by is record information", {"chosen": True, "record": False}, {}),
    ("a class list is shared by no student with others", {"from_fellow": True}, {"class_list": ""}),
    ("a class list is judged inside", {"scope": "outside"}, {"class_list": ""}),
    ("a fellow student is a student", {"from_fellow": True, "from_student": False}, {}),
    ("a fellow student sends no export", {"from_fellow": True, "export": True}, {}),
    ("a directory that is too old is a directory", {"stale": True, "directory": False}, {}),
)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A row nothing reaches: `rows` are those that take its situations, `facts` say why the rest of them never is."""

    row: Row
    rows: tuple[Row, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Taker:
    """What takes situations before a row is tried: an earlier row, or a fact that says they never are."""

    by: Row | str
    boxes: tuple[Box, ...]
    but: tuple[Box, ...]


def hidden(rows: Sequence[Row]) -> Iterator[Hidden]:
    """The rows no situation reaches, in the table's order."""
    values, cuts = _values(rows), _CUTS // max(len(rows), 1)
    never = {stage: tuple(_never(stage, values)) for stage in ("statement", "message")}
    earlier: list[_Taker] = []
    for row in rows:
        own = _Taker(row, tuple(_boxes(row.when, values)), tuple(_boxes(row.unless, values)) if row.unless else ())
        takers = [*never[row.stage], *(earlier if row.stage == "statement" else ())]
        if not _escapes(own, takers, values, cuts):
            by = [each.by for each in _needed(own, takers, values, cuts)]
            facts = tuple(each for each in by if isinstance(each, str))
            yield Hidden(row, tuple(each for each in by if isinstance(each, Row)), facts)
        elif row.stage == "statement" and row.observed is None:  # one that is observed leaves them to the rows behind it
            earlier.append(own)


def _needed(own: _Taker, takers: Sequence[_Taker], values: Box, cuts: int) -> list[_Taker]:
    """Those of the takers without which the row would be reached."""
    needed = list(takers)
    for each in takers:
        fewer = [other for other in needed if other is not each]
        if not _escapes(own, fewer, values, cuts):
            needed = fewer
    return needed


def _escapes(own: _Taker, takers: Iterable[_Taker], values: Box, cuts: int) -> bool:
    """Whether some situation fits the row and is left over by all takers.

    Of what could take from a box, that comes next which leaves the fewest pieces: most boxes are gone at once.
    """
    takes: list[Take] = [(box, ()) for box in own.but]
    takes += [(box, each.but) for each in takers for box in each.boxes]
    left: list[tuple[Box, list[Take]]] = [({**values, **box}, takes) for box in own.boxes if all(box.values())]
    for _ in range(cuts):
        if not left:
            return False
        box, takes = left.pop()
        here = [each for each in takes if _meets(box, each[0])]
        if not here:
            return True
        taken, but = min(here, key=lambda each: (_pieces(box, each[0]), len(each[1])))
        rest = [each for each in here if each[0] is not taken]
        left += [(piece, rest) for piece in _cut(box, taken)]
        inner = _both(box, taken)
        left += [(_both(inner, each), rest) for each in but if _meets(inner, each)]
    return True


def _meets(box: Box, other: Box) -> bool:
    for word, wanted in other.items():  # noqa: SIM110  a generator takes twice the time, and this is where it goes
        if box[word].isdisjoint(wanted):
            return False
    return True


def _both(box: Box, other: Box) -> Box:
    return {**box, **{word: box[word] & wanted for word, wanted in other.items()}}


def _pieces(box: Box, taken: Box) -> int:
    """How many boxes are left when this is cut out."""
    pieces = 0
    for word, wanted in taken.items():
        pieces += not box[word] <= wanted
    return pieces


def _cut(box: Box, taken: Box) -> Iterator[Box]:
    """What is left of a box, in boxes that share nothing."""
    for word, wanted in taken.items():
        if rest := box[word] - wanted:
            yield {**box, word: rest}
            box = {**box, word: box[word] & wanted}


def _never(stage: str, values: Box) -> Iterator[_Taker]:
    for of, words, why in UNASKED:
        for word in words if of == stage else ():
            yield _Taker(why.format(word), ({word: values[word] - {DEFAULTS[word]}},), ())
    for said, when, unless in FACTS:
        yield _Taker(said, tuple(_boxes(when, values)), tuple(_boxes(unless, values)) if unless else ())


def _values(rows: Sequence[Row]) -> Box:
    """What every word can be. Of numbers, those a row asks for; a word that is a set becomes a flag for each text."""
    values: dict[str, frozenset[object]] = {}
    for word, kind in WORDS.items():
        if kind.startswith("frozenset"):
            values.update((f"{word} {text}", frozenset({True, False})) for text in TEXTS[word])
        elif kind == "int":
            asked = (each.get(word, 0) for row in rows for each in (row.when, row.unless))
            values[word] = frozenset({0, *asked})
        elif kind == "bool":
            values[word] = frozenset({True, False})
        else:
            values[word] = TEXTS[word] | ({DEFAULTS[word]} if word in DEFAULTS else frozenset())
    return values


def _boxes(condition: Condition, values: Box) -> Iterator[Box]:
    """The situations that meet a condition. One that asks a set for one of several texts is a box for each of them."""
    choices: list[list[tuple[str, frozenset[object]]]] = []
    for word, wanted in condition.items():
        texts = wanted if isinstance(wanted, list) else [wanted]
        if WORDS[word].startswith("frozenset"):
            choices.append([(f"{word} {text}", frozenset({True})) for text in texts])
        elif WORDS[word] == "int":
            choices.append([(word, frozenset(each for each in values[word] if each >= wanted))])  # type: ignore[operator]
        else:
            choices.append([(word, frozenset(texts))])
    for chosen in product(*choices):
        box: dict[str, frozenset[object]] = {}
        for word, wanted in chosen:
            box[word] = box.get(word, wanted) & wanted
        yield box
