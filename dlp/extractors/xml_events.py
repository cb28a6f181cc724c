"""XML of office documents as events: elements by their local names, characters, comments.

Takes bytes and the message's Budget; gives events as they come, without a tree, so that depth costs nothing. No DTD, no
entity but the five of XML, no network: Office refuses documents that declare entities (ECMA-376 part 2, 8.1.4), and so does
this. What is not well-formed raises Stop, behind the events that came before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from lxml import etree

from dlp.extractors.content import Budget, broken

_CHUNK = 65_536
_OTHER_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,6});)|<!ENTITY")
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,1024}<|\xff\xfe<\0|\xfe\xff\0<|<\0|\0<")

START, END, TEXT, COMMENT = "start", "end", "text", "comment"


class Event(NamedTuple):
    """`name`: local, of a start or an end; `text`: of characters or a comment; `attributes`: of a start, by local names.

    Where two are called the same, the later one has its whole name.
    """

    kind: str
    name: str = ""
    text: str = ""
    attributes: Mapping[str, str] = {}


def is_xml(data: bytes) -> bool:
    """It begins as XML does, in one of the encodings that office documents may have."""
    return _XML.match(data) is not None


def events(data: bytes, budget: Budget) -> Iterator[Event]:
    """Everything in one XML file. Raises Stop where it is not well-formed."""
    budget.take("elements", data.count(b"<") // 2)
    found = _Events()
    target = cast("etree.ParserTarget", found)
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        for at in range(0, len(data), _CHUNK):
            parser.feed(data[at : at + _CHUNK])
            if found.declared and (b"<!DOCTYPE" not in data or _OTHER_ENTITY.search(data)):
                raise broken()
            yield from found.taken()
        parser.close()
    except etree.XMLSyntaxError:
        yield from found.taken()
        raise broken() from None
    yield from found.taken()


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


def _by_local_name(attributes: Mapping[str, str]) -> Mapping[str, str]:
    if "}" not in "".join(attributes):
        return attributes
    named: dict[str, str] = {}
    for name, value in attributes.items():
        short = name.rpartition("}")[2]
        named[name if short in named else short] = value
    return named


class _Events:
    """What the parser calls."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._text: list[str] = []  # of the event that comes next: the parser parts characters at each reference
        self._bare: dict[str, tuple[Event, Event]] = {}  # start without attributes and end of a tag: files repeat them
        self.declared = False

    def taken(self) -> list[Event]:
        self._end_text()
        events, self._events = self._events, []
        self._bare.clear()
        return events

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        bare, _ = self._bare.get(tag) or self._named(tag)
        self._end_text()
        self._events.append(Event(START, bare.name, "", _by_local_name(attributes)) if attributes else bare)

    def end(self, tag: str) -> None:
        _, bare = self._bare.get(tag) or self._named(tag)
        self._end_text()
        self._events.append(bare)

    def _named(self, tag: str) -> tuple[Event, Event]:
        name = local(tag)
        both = self._bare[tag] = Event(START, name), Event(END, name)
        return both

    def data(self, data: str) -> None:
        self._text.append(data)

    def _end_text(self) -> None:
        if self._text:
            self._events.append(Event(TEXT, "", "".join(self._text)))
            self._text.clear()

    def comment(self, text: str) -> None:
        self._end_text()
        self._events.append(Event(COMMENT, "", text))

    def pi(self, target: str, text: str | None = None) -> None:
        self.comment(f"{target} {text or ''}")

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        self.declared = True

    def close(self) -> None:
        """Nothing to be kept."""
