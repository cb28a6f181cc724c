"""What one cell of an import file may hold: text, an address, a day, yes or no, one word or several of a closed list.

Each reader takes the cell without blanks around it and gives the value of a record; a blank cell gives what the record has by
default. What may not stand there raises WrongCell: what is wrong and what to write, never the value itself.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache

from dlp.campus.records import ALL, SUPPRESSIBLE
from dlp.campus.vocabulary import CONTACT_TYPES, KINDS, PURVIEWS

_SIGN = r"[^\s@<>,;\x00-\x1f\x7f\xad\u200b-\u200f\u2060-\u2064\ufeff]"  # what is not seen would match nobody
_ADDRESS = re.compile(f"{_SIGN}+@{_SIGN}+")
_DOMAIN = re.compile(f"@{_SIGN}+")
_COUNT = re.compile(r"[1-9][0-9]{0,8}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH_OR_YEAR = re.compile(r"[0-9]{4}(?:-[0-9]{2})?")
_WHOLE_DAY = 10  # characters
_SHAPE = ((re.compile(r"\d"), "9"), (re.compile(r"[^\W\d_]|[^\x00-\x7f]"), "x"))
_SHOWN = 24  # characters of a shape
_MEMORY = 65_536  # different cells remembered: days and word lists repeat


class WrongCell(Exception):  # noqa: N818  the cell is wrong, not the program
    """A cell that makes its row a bad one."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def masked(cell: str) -> str:
    """The shape of a cell: every digit a 9, every letter an x. It shows a date in the wrong order, and nobody's name."""
    shape = " ".join(cell[: _SHOWN + 1].split())
    for signs, stand_in in _SHAPE:
        shape = signs.sub(stand_in, shape)
    return shape if len(cell) <= _SHOWN else shape[:_SHOWN] + "…"


def address(cell: str) -> str:
    if cell and not _ADDRESS.fullmatch(cell):
        raise WrongCell("not a mail address", "write one plain address, as in a.mori@campus.example")
    return cell


def address_or_domain(cell: str) -> str:
    if cell and not _ADDRESS.fullmatch(cell) and not _DOMAIN.fullmatch(cell):
        raise WrongCell("neither a mail address nor a domain", "write an address, or @domain as in @agency.example")
    return cell


def reader_of_consent(cell: str) -> str:
    """An address, a domain, or a class of contacts."""
    head, colon, word = cell.partition(":")
    if colon and head.strip().casefold() == "class":
        return f"class:{_contact_type(word.strip())}"
    return address_or_domain(cell)


@lru_cache(_MEMORY)
def day(cell: str) -> date | None:
    if not cell:
        return None
    try:
        if _DAY.fullmatch(cell):
            return date.fromisoformat(cell)
    except ValueError:
        pass
    raise WrongCell("not a day", "write year, month and day, as in 2026-09-30")


def first_day(cell: str) -> date | None:
    """A day, or the first one of a month or year written alone, as registrars' files often have it."""
    return day(f"{cell}-01-01"[:_WHOLE_DAY] if _MONTH_OR_YEAR.fullmatch(cell) else cell)


def last_day(cell: str) -> date | None:
    """A day, or the last one of a month or year written alone."""
    first = first_day(cell)
    if first is None or not _MONTH_OR_YEAR.fullmatch(cell):
        return first
    month = first.month if "-" in cell else 12
    return first.replace(month=month, day=monthrange(first.year, month)[1])


def yes_or_no(cell: str) -> bool:
    """Blank is no."""
    return _yes(cell) or False


def yes_no_or_unknown(cell: str) -> bool | None:
    return _yes(cell)


def _yes(cell: str) -> bool | None:
    if not cell:
        return None
    word = cell.casefold()
    if word not in ("yes", "no"):
        raise WrongCell("neither yes nor no", "write yes or no")
    return word == "yes"


def uses(cell: str) -> int | None:
    """How often a consent may be used; blank = standing."""
    if not cell:
        return None
    if not _COUNT.fullmatch(cell):
        raise WrongCell("not a number of uses", "write a whole number, or leave it blank for a standing consent")
    return int(cell)


def word(*allowed: str) -> Callable[[str], str]:
    """One of a closed list, in any case."""
    spelled = {each.casefold(): each for each in allowed} | {"": ""}

    def read(cell: str) -> str:
        try:
            return spelled[cell.casefold()]
        except KeyError:
            raise WrongCell("not one of the words this column takes", f"write {_choice(allowed)}") from None

    return read


def word_or(default: str, *allowed: str) -> Callable[[str], str]:
    """The same, with a word that a blank cell stands for."""
    read = word(*allowed)
    return lambda cell: read(cell) or default


def words(allowed: Iterable[str], alias: tuple[str, str] = ("", "")) -> Callable[[str], frozenset[str]]:
    """Some of a closed list."""
    one = word(*allowed, alias[0])

    @lru_cache(_MEMORY)
    def read(cell: str) -> frozenset[str]:
        return frozenset(alias[1] if each == alias[0] else each for each in map(one, _items(cell)))

    return read


def listed(cell: str) -> tuple[str, ...]:
    """Several texts."""
    return tuple(_items(cell)) if cell else ()


def addresses(cell: str) -> tuple[str, ...]:
    return tuple(map(address, _items(cell))) if cell else ()


@lru_cache(_MEMORY)
def kinds(cell: str) -> frozenset[str]:
    """Kinds of record information, one or the other narrowed to a subject: "conduct;grades:18.06"."""
    if cell and not (found := frozenset(map(_kind, _items(cell)))):
        raise WrongCell("names no kind of information", "write one or more kinds, separated by ;")
    return found if cell else frozenset()


def _kind(item: str) -> str:
    name, colon, subject = (part.strip() for part in item.partition(":"))
    name = name.casefold()
    known = name in KINDS or (name == ALL and not colon)
    if not known or (colon and not subject):
        what = "not a kind of information" if subject or not colon else "narrowed to no subject"
        raise WrongCell(what, f"write {_choice(sorted(KINDS))}, all, or one narrowed as in grades:18.06")
    return f"{name}:{subject}" if colon else name


def _items(cell: str) -> Iterable[str]:
    return filter(None, map(str.strip, cell.split(";")))


def _choice(allowed: Iterable[str]) -> str:
    *others, last = filter(None, allowed)
    return f"{', '.join(others)} or {last}"


_contact_type = word(*CONTACT_TYPES)
contact_type = _contact_type
purview = words(PURVIEWS, alias=("news", "media"))
suppress = words((ALL, *sorted(SUPPRESSIBLE)))
