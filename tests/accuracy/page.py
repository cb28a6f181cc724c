"""The sections of a report as one HTML page: tables, each rate with its picture, plots, in light and dark.

Takes a title and Sections; gives the page, which loads nothing and runs nothing. Pure.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence

from tests.accuracy import plots
from tests.accuracy.measures import Goal, Rate
from tests.accuracy.report import Cell, Section

_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --stripe: #f6f8fa;
  --point: #0a58ca; --interval: #9ec1f7; --goal: #b35900; --yes: #116329; --no: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ground: #14181d; --ink: #e6edf3; --soft: #9aa4af; --line: #30363d;
  --stripe: #1b2128; --point: #79b8ff; --interval: #2f5487; --goal: #ffb454; --yes: #7ee787; --no: #ff9a94; } }
body { margin: 0 auto; max-width: 90rem; padding: 1.5rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .5rem; }
p { margin: .3rem 0; color: var(--soft); } nav { columns: 14rem; } a { color: var(--point); }
.beside { display: flex; flex-wrap: wrap; gap: 0 2.5rem; } .wide { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .55rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; white-space: nowrap; } tbody tr:nth-child(even) { background: var(--stripe); }
td.rate, td.aim { white-space: nowrap; } td.rate svg { vertical-align: -2px; margin-right: .5rem; }
small { display: block; color: var(--soft); font-size: .8rem; }
.yes { color: var(--yes); font-weight: 600; } .no { color: var(--no); font-weight: 600; }
summary { cursor: pointer; font-weight: 600; margin: .8rem 0 .4rem; }
svg.plot { max-width: 100%; height: auto; margin: .6rem 0; } svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
.axis, .grid { stroke: var(--line); fill: none; } .interval { fill: var(--interval); } .point { fill: var(--point); }
.whisker { stroke: var(--interval); stroke-width: 2.5; fill: none; } .tick { fill: var(--soft); }
.leader { stroke: var(--soft); stroke-width: .7; fill: none; }
.goal { stroke: var(--goal); stroke-width: 1.5; stroke-dasharray: 3 2; fill: none; }
"""
_NOTHING_LOADED = "default-src 'none'; style-src 'unsafe-inline'"
_KEY = "Each picture runs from 0 to 100 %: the rate, its Wilson 95 % interval, and, as a dashed stroke, the goal."


def page(title: str, parts: Sequence[Section]) -> str:
    """The page."""
    links = "".join(f'<a href="#{_id(part)}">{html.escape(part.title)}</a><br>' for part in parts if not part.folded)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_NOTHING_LOADED}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>\n'
        f"<body><h1>{html.escape(title)}</h1><p>{_KEY}</p><nav>{links}</nav>\n{''.join(map(_section, parts))}</body></html>\n"
    )


def _section(part: Section) -> str:
    note = f"<p>{html.escape(part.note)}</p>" if part.note else ""
    drawn = _PLOTS[part.plot](part) if part.plot and part.rows else ""
    inside = f'{note}<div class="beside">{drawn}{_table(part)}</div>'
    if part.folded:
        return f'<details id="{_id(part)}"><summary>{html.escape(part.title)}</summary>{inside}</details>\n'
    return f'<section id="{_id(part)}"><h2>{html.escape(part.title)}</h2>{inside}</section>\n'


def _table(part: Section) -> str:
    if not part.rows:
        return "<p>Nothing was counted.</p>"
    heading = "".join(f'<th scope="col">{_heading(name)}</th>' for name in part.heading)
    rows = "".join(f"<tr>{_row(row)}</tr>\n" for row in part.rows)
    return f'<div class="wide"><table><thead><tr>{heading}</tr></thead><tbody>\n{rows}</tbody></table></div>'


def _heading(name: str) -> str:
    first, _, goal = name.partition(", ")
    return html.escape(first) + (f"<small>{html.escape(goal)}</small>" if goal else "")


def _row(row: Iterable[Cell]) -> str:
    cells = tuple(row)
    goal = next((each for each in cells if isinstance(each, Goal)), None)
    return "".join(_cell(each, goal) for each in cells)


def _cell(cell: Cell, goal: Goal | None) -> str:
    if not isinstance(cell, Rate):
        mark = ' class="aim"' if isinstance(cell, Goal) else f' class="{cell}"' if cell in ("yes", "no") else ""
        return f"<td{mark}>{html.escape(str(cell))}</td>"
    if not cell.n:
        return '<td class="rate">-</td>'
    low, high = cell.interval
    return (
        f'<td class="rate">{plots.bar(cell, goal)}{cell.share:.1%}'
        f"<small>{cell.k:,} of {cell.n:,}, {low * 100:.1f} to {high:.1%}</small></td>"
    )


def _opponents(part: Section) -> str:
    points = [(str(name), across, up) for name, up, across in part.rows if isinstance(across, Rate) and isinstance(up, Rate)]
    return plots.against([each for each in points if each[1].n and each[2].n], "harmless stopped", "disclosures stopped")


def _reliability(part: Section) -> str:
    points = [(float(str(sure)), rate) for sure, rate in part.rows if isinstance(rate, Rate)]
    return plots.diagram(points, part.heading[0], part.heading[1])


_PLOTS: Mapping[str, Callable[[Section], str]] = {"opponents": _opponents, "reliability": _reliability}


def _id(part: Section) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in part.title.lower())
