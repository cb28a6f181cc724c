"""Text that stands in the style of a page alone: strings, counters, attributes, the signs of a number's format.

Takes the bodies of rules and attributes as written; gives what is shown with an element. `content` is that of CSS (Generated
Content 3, 1 and 2; Lists 3, 4), `mso-number-format` what Excel writes of its cells. Linear; never fails.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from urllib.parse import unquote, unquote_to_bytes

_STRING = r'"(?:[^"\\]|\\.)*+"' + r"|'(?:[^'\\]|\\.)*+'"
_CONTENT = re.compile(rf"content\s*:\s*((?:{_STRING}|[^;\"'])*+)", re.IGNORECASE | re.DOTALL)
_ITEM = re.compile(rf"({_STRING})|counters?\(\s*([\w-]+)|attr\(\s*([\w-]+)", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE = re.compile(r"(?<![^\s\"'/])([\w:-]++)\s*+=\s*+(?:\"([^\"]*+)|'([^']*+)|([^\s>\"']++))")
_COUNTING = re.compile(r"counter-(?:reset|set|increment)\s*:\s*([^;}\"']*)", re.IGNORECASE)
_COUNT = re.compile(r"(?<![\w-])([\w-]++)\s++(-?\d{1,15})(?!\d)")
_SHEET = re.compile(r"([\"']?)data:text/css([^,\"'()]{0,80}),", re.IGNORECASE)
_FORMAT = re.compile(r"mso-number-format\s*:\s*(?:\"([^\";]*+)|'([^';]*+)|([^;\"'{}]++))", re.IGNORECASE)
_LITERAL = re.compile(r'\\(.)|"([^"]*+)"|([0#?])')
_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})\s?|(.))", re.DOTALL)
_MOST_SHEETS = 20
_MOST_ITEMS = 30
_ENDS = {'"': re.compile('"'), "'": re.compile("'"), "": re.compile(r"[\s\"')>]")}

Items = tuple[tuple[str, str], ...]  # "text", "counter" or "attribute", and which


def content(body: str) -> Items:
    """What a rule shows with its element."""
    said = _CONTENT.search(body) if "content" in body.lower() else None
    return tuple(_item(*each.groups("")) for each in islice(_ITEM.finditer(said[1]), _MOST_ITEMS)) if said else ()


def _item(string: str, counter: str, attribute: str) -> tuple[str, str]:
    if string:
        return "text", unescaped(string[1:-1])
    return ("counter", counter.lower()) if counter else ("attribute", attribute.lower())


def shown(items: Items, attributes: str, counters: Mapping[str, int]) -> str:
    """The text of these, with an element that has these attributes."""
    values: dict[str, str] = {}
    if any(sort == "attribute" for sort, _ in items):
        for name, *written in _ATTRIBUTE.findall(attributes):
            values.setdefault(name.lower(), "".join(written))
    of = {"counter": counters, "attribute": values}
    return "".join(which if sort == "text" else str(of[sort].get(which, "")) for sort, which in items)


def counts(style: str) -> Iterator[tuple[str, int]]:
    """What counters are set to, or raised by."""
    for body in _COUNTING.findall(style) if "counter-" in style.lower() else ():
        yield from ((name.lower(), int(number)) for name, number in _COUNT.findall(body))


def number_format(body: str) -> str:
    """The figures that a format of Excel shows before those of the cell; "" when it has none."""
    found = _FORMAT.search(body)
    literal = ""
    for sign, text, place in _LITERAL.findall(unescaped(next(filter(None, found.groups()), ""))) if found else ():
        if place:
            break
        literal += sign or text
    return literal if any(map(str.isdigit, literal)) else ""


def sheets(source: str) -> Iterator[str]:
    """The style sheets that stand in data: URLs (RFC 2397)."""
    for number, match in enumerate(_SHEET.finditer(source)):
        if number == _MOST_SHEETS:
            return
        end = _ENDS[match[1]].search(source, match.end())
        data = source[match.end() : end.start() if end else len(source)]
        yield _decoded(data) if "base64" in match[2].lower() else unquote(data, errors="replace")


def _decoded(data: str) -> str:
    raw = unquote_to_bytes(data)
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4)).decode("utf-8", "replace")
    except ValueError:
        return ""


def unescaped(text: str) -> str:
    """A CSS string's text (CSS Syntax 3, 4.3.7)."""
    return _ESCAPE.sub(lambda match: _sign(int(match[1], 16)) if match[1] else match[2], text)


def _sign(number: int) -> str:
    """U+FFFD for a number that is no character's."""
    return chr(number) if 0 < number < 0xD800 or 0xDFFF < number <= 0x10FFFF else "\ufffd"
