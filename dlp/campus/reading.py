"""One import file to records: its header line compiled into a plan, then row by row.

Takes a format and blocks of bytes; gives records as they are read, holding one block. Bad rows, unknown columns and files of
which nothing can be read go into the report; the rows that are given are always whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from dlp.campus.cells import WrongCell, addresses, listed, masked
from dlp.campus.decoding import DAMAGED, Foreign, decoded
from dlp.campus.formats import BLANK, FileFormat
from dlp.campus.report import BadCell, Report, Unusable
from dlp.campus.separated import LONG, Lines, delimiter_of, folded, rows

_LONGEST_NAME = 64
_ITEMS = Callable[[Sequence[Any]], tuple[Any, ...]]
_LISTS = (addresses, listed)
_NO_ROW = ("the cells cannot be told apart", "close every quote, and double a quote within a quoted cell")
_TOO_MANY = ("more cells than the header line names", "put a cell that holds the separator in quotes")
_TOO_LONG = ("a cell longer than any that is meant", "close every quote, and see where the cell should end")
_ENDS_EARLY = ("the file ends within this row", "export it again, and import it when it is whole")
_AS_UTF8 = "export the file again as UTF-8"
_NO_TEXT = ("holds what no text may", _AS_UTF8)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where each column of the format stands in a row that was made `width` long and got `tail` at its end."""

    form: FileFormat
    width: int
    tail: tuple[Any, ...]  # what records have where a column was not imported
    places: Mapping[str, int]  # of the columns that were
    order: _ITEMS
    required: _ITEMS
    reads: tuple[tuple[int, Callable[[str], Any]], ...]  # by position in the order
    either: tuple[_ITEMS, ...]
    also: tuple[tuple[int, int], ...]
    long: frozenset[int]  # columns whose cells may be longer than others
    blanks: tuple[tuple[str, int, int], ...]  # one or two columns for each word


def read(form: FileFormat, file: str, blocks: Iterable[bytes], report: Report) -> Iterator[Any]:
    """The records of one file."""
    lines = Lines(decoded(blocks))
    try:
        delimiter = delimiter_of(lines, map(folded, _names(form)))
    except Foreign as foreign:
        report.unusable.append(Unusable(file, f"it is no CSV but {foreign.what}", f"{_AS_UTF8} with a header line"))
        return
    table = rows(lines, delimiter)
    heads = (cells for _, cells in table if cells is None or any(map(str.strip, cells)))
    plan = _planned(form, file, next(heads, None), report)
    if plan is None:
        return
    taken = 0
    try:
        for line, cells in table:
            ends_early = cells is not None and lines.unended and len(cells) < plan.width
            if cells is None or lines.doubtful or len(cells) > plan.width or ends_early:
                wrong = _ENDS_EARLY if ends_early else _wrong_row(cells, plan)
                if wrong or cells is None:
                    report.refuse([BadCell(file, line, "", "", *wrong)])
                    continue
            row = [*map(str.strip, cells)]
            if len(row) != plan.width:
                row[plan.width :] = [""] * (plan.width - len(row))
            try:
                record = _record(row, plan)
            except WrongCell:
                if any(row[: plan.width]):
                    report.refuse(list(_mistakes(row, plan, file, line)))
                continue
            taken += 1
            report.at = f"{file}:{line}"
            yield record
    finally:
        report.rows[file] += taken


def _wrong_row(cells: Sequence[str] | None, plan: _Plan) -> tuple[str, ...]:
    """What is wrong with the row as a whole, and the remedy."""
    if cells is None:
        return _NO_ROW
    if any("\0" in cell or DAMAGED in cell for cell in cells):
        return _NO_TEXT
    if any(len(cell) > LONG and place not in plan.long for place, cell in enumerate(cells)):
        return _TOO_LONG
    if any(map(str.strip, cells[plan.width :])):
        return _TOO_MANY
    return ()


def _record(row: list[Any], plan: _Plan) -> Any:
    """The record of a row, which gets its tail. WrongCell says only that something is wrong; `_mistakes` finds out what."""
    for place, other in plan.also:
        row[place] = row[place] or row[other]
    if "" in plan.required(row):
        raise WrongCell("", "")
    if plan.either and _nameless(row, plan):
        raise WrongCell("", "")
    row.extend(plan.tail)
    if plan.form.blanks is not None:
        row.append(frozenset([word for word, place, other in plan.blanks if not row[place] and not row[other]]))
    values = list(plan.order(row))
    for position, reads in plan.reads:
        values[position] = reads(values[position])
    return plan.form.make(*values)


def _nameless(row: Sequence[Any], plan: _Plan) -> bool:
    return all("" in form(row) for form in plan.either)


def _mistakes(row: Sequence[Any], plan: _Plan, file: str, line: int) -> Iterator[BadCell]:
    """Everything that is wrong with the cells of one row."""
    for column in plan.form.columns:
        place = plan.places.get(column.name)
        if place is None:
            continue
        cell = row[place]
        if column.required and not cell:
            yield BadCell(file, line, column.name, "", "required, and blank", "fill it in, or leave the row out")
        elif column.read:
            try:
                column.read(cell)
            except WrongCell as wrong:
                yield BadCell(file, line, column.name, masked(cell), wrong.what, wrong.remedy)
    if plan.either and _nameless(row, plan):
        yield BadCell(file, line, plan.form.either[0][0], "", "no name", f"fill in {_forms(plan.form)}")


def _planned(form: FileFormat, file: str, head: list[str] | None, report: Report) -> _Plan | None:
    """The plan for a file with this header line; None, and said so, when nothing can be read by it."""
    if head is None:
        report.unusable.append(Unusable(file, "there is no header line", f"name the columns: {', '.join(_names(form))}"))
        return None
    known = {folded(name): name for name in _names(form)}
    given = [folded(cell) for cell in head]
    twice = [known[name] for name in known if given.count(name) > 1]
    if twice:
        report.unusable.append(Unusable(file, f"the column {twice[0]} is there twice", "leave one of them out"))
        return None
    found = {known[name]: place for place, name in enumerate(given) if name in known}
    for name, other in (form.also or {}).items():
        if name not in found and other in found:
            found[name] = found.pop(other)
    missing = [column.name for column in form.columns if column.required and column.name not in found]
    either = tuple(group for group in form.either if found.keys() >= set(group))
    if missing or (form.either and not either):
        what = f"the column {missing[0]} is missing" if missing else "there is no column for names"
        remedy = f"add {', '.join(missing) or _forms(form)} to the header line and the rows"
        report.unusable.append(Unusable(file, what, remedy))
        return None
    unknown = tuple(_shown(cell) for cell, name in zip(head, given, strict=True) if name and name not in known)
    if unknown:
        report.unknown[file] = unknown
    report.columns[file] = frozenset(found)
    return _compiled(form, found, len(given))


def _shown(head: str) -> str:
    """A column's name; what is longer than any name may be rows that a quote swallowed."""
    name = " ".join(head.split())
    return name if len(name) <= _LONGEST_NAME and "\n" not in head.strip() else "(no name of a column)"


def _compiled(form: FileFormat, found: Mapping[str, int], width: int) -> _Plan:
    places = dict(found)
    tail: list[Any] = []
    for column in form.columns:
        if column.name not in places and column.name != BLANK:
            places[column.name] = width + len(tail)
            tail.append(column.read("") if column.read else "")
    places[BLANK] = width + len(tail)
    blanks = (form.blanks or {}).items()
    groups = ((word, [found[name] for name in names if name in found]) for word, names in blanks)
    return _Plan(
        form=form,
        width=width,
        tail=tuple(tail),
        places=found,
        order=_items([places[column.name] for column in form.columns]),
        required=_items([places[column.name] for column in form.columns if column.required]),
        reads=tuple(
            (position, column.read) for position, column in enumerate(form.columns) if column.read and column.name in found
        ),
        either=tuple(_items([found[name] for name in group]) for group in form.either if found.keys() >= set(group)),
        also=tuple((found[name], found[other]) for name, other in (form.also or {}).items() if other in found),
        long=frozenset(found[column.name] for column in form.columns if column.read in _LISTS and column.name in found),
        blanks=tuple((word, group[0], group[-1]) for word, group in groups if group),
    )


def _items(places: Sequence[int]) -> _ITEMS:
    """What stands at these places, as a tuple also when it is one."""
    get = itemgetter(*places)
    return get if len(places) > 1 else lambda row: (get(row),)


def _names(form: FileFormat) -> tuple[str, ...]:
    return tuple(column.name for column in form.columns if column.name != BLANK) + tuple((form.also or {}).values())


def _forms(form: FileFormat) -> str:
    return ", or ".join(" and ".join(group) for group in form.either)
