"""The objects of a PDF file as they stand in it, whether or not anything refers to them (ISO 32000-2, 7.3 and 7.5).

Takes the file's bytes; gives each object's strings with the key each stands under, and its stream. No cross-reference is
followed: what an update replaced, what a viewer hides and what nothing points to is found like everything else. Linear
in the file; a damaged object ends where the next one begins. Raises Stop at a limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from dlp.extractors import pdf_filters
from dlp.extractors.content import Budget, Stop, broken
from dlp.values import PartStatus

_BLANK = rb"\0\t\n\f\r "
# every digit may begin a number, so little is looked at behind each
_APART = rb"(?=[%" + _BLANK + rb"])[" + _BLANK + rb"]*+(?:%[^\r\n]{0,100}+[\r\n][" + _BLANK + rb"]*+){0,2}+"
_NUMBERED = rb"(\d{1,10})" + _APART + rb"\d{1,20}" + _APART + rb"obj(?![a-z])"
# more comments part its number from an object: it stands on a line of its own, and is not known
_APART_FROM_NUMBER = rb"[\r\n][ \t\f\0]*+(?:\d{1,20}" + _APART + rb")?(?P<lost>obj)(?=[" + _BLANK + rb"]*+[<\[(/%\d])"
_HEAD = re.compile(_NUMBERED + rb"|trailer(?![a-z])|" + _APART_FROM_NUMBER)
# an object that is a number or names, as a stream's dictionary may refer to
_PLAIN = re.compile(
    _NUMBERED + rb"[" + _BLANK + rb"]*+(\d{1,10}|/\w+|\[[\w/" + _BLANK + rb"]{0,200}+\])[" + _BLANK + rb"]*+endobj"
)
_TOKEN = re.compile(
    rb"""(?P<blank>[\0\t\n\f\r ]++|%[^\r\n]*+)
       | /(?P<name>[^\0\t\n\f\r ()<>\[\]{}/%]*+)
       | (?P<open><<|\[) | (?P<close>>>|\])
       | <(?P<hex>[^<>]*+)>?
       | \((?P<string>(?:[^()\\]++|\\.)*+)\)
       | (?P<nested>\()
       | (?P<row>(?:[-+.\d]++[\0\t\n\f\r ]++){4,}+)
       | (?P<word>[^\0\t\n\f\r ()<>\[\]{}/%]++)
       | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_PARENTHESIS = re.compile(rb"[()]|\\.", re.DOTALL)
_STREAM = re.compile(rb"\r?\n|\r")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|\r|\n)|(.))", re.DOTALL)
_ESCAPED = MappingProxyType({b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"})
_LANGUAGE = re.compile("\x1b[^\x1b]{0,20}\x1b")  # of what follows (7.9.2.2.1)
_NAME = re.compile(rb"/(\w+)")
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_NOTHING = frozenset({"blank", "row", "other"})
_STRINGS = frozenset({"string", "nested", "hex"})
_DIGITS = 11  # of a number that is none
_ENDS = frozenset({b"endobj", b"stream", b"obj"})
_IN_STREAMS = 3  # deep: a stream in an object in a stream
_MOST_VALUES = 8  # of one number
_DEEPEST = 200  # arrays and dictionaries in one another
_LONGEST = 1 << 20  # bytes of a string with parentheses in it
_UNCLOSED = 100  # strings without an end, each searched to its longest
# what of a stream's dictionary is needed to read it, and where page labels begin
_NUMBERS = frozenset({b"St", b"Length", b"First", b"Predictor", b"Colors", b"Columns", b"BitsPerComponent", b"EarlyChange"})
_NAMES = frozenset({b"Type", b"Subtype", b"Filter"})
# PDFDocEncoding where it is not Latin-1 and people write it (ISO 32000-2, D.3)
_PDF_DOC = dict(zip(b"\x83\x84\x85\x8d\x8e\x8f\x90\xa0", "\u2026\u2014\u2013\u201c\u201d\u2018\u2019\u20ac", strict=True))


Plain = Mapping[int, Sequence[bytes]]


@dataclass(slots=True)
class Found:
    """One object: `strings` as (key, bytes); `keys` of all its dictionaries; `stream` undecoded, None without one.

    `glyphs`: of /Differences, codes and names. `said`: names that are values.
    """

    number: int
    strings: list[tuple[bytes, bytes]] = field(default_factory=list)
    keys: set[bytes] = field(default_factory=set)
    names: dict[bytes, list[bytes]] = field(default_factory=dict)
    numbers: dict[bytes, int] = field(default_factory=dict)
    references: list[tuple[bytes, int]] = field(default_factory=list)
    glyphs: list[bytes | int] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)
    stream: bytes | None = None

    def is_a(self, *names: bytes) -> bool:
        """Whether its type or subtype is one of these."""
        return any(name in names for key in (b"Type", b"Subtype") for name in self.names.get(key, ()))

    def decoded(self, budget: Budget) -> bytes | None:
        """Its stream's content; None without one, for a picture, or for a filter that is not known."""
        if self.stream is None:
            return None
        return pdf_filters.decode(self.stream, self.names.get(b"Filter", ()), self.numbers, budget)


def objects(data: bytes, budget: Budget) -> Iterator[Found]:
    """Every object in the file, those in object streams and trailers too, and those that stand within the bytes of a stream."""
    yield from _objects(data, budget, _plain(data), 0)


def _objects(data: bytes, budget: Budget, plain: Plain, depth: int) -> Iterator[Found]:
    scan = _Scan(data, plain)
    at = 0
    lost = False
    while head := _HEAD.search(data, at):
        lost = lost or bool(head["lost"])
        found = Found(int(head[1] or 0))
        at = scan.read(head.end(), found)
        if found.is_a(b"ObjStm"):
            yield from _packed(found, budget)
        yield found
        if found.stream and depth < _IN_STREAMS:
            yield from _objects(found.stream, budget, plain, depth + 1)
    if lost and not depth:
        raise broken()


def _plain(data: bytes) -> Plain:
    """Number -> what objects of that number say that are no more than a number or names."""
    found: dict[int, list[bytes]] = {}
    for number, value in _PLAIN.findall(data):
        values = found.setdefault(int(number), [])
        if len(values) < _MOST_VALUES and value not in values:
            values.append(value)
    return found


def characters(raw: bytes) -> str:
    """A text string's characters (7.9.2.2)."""
    if raw.startswith((b"\xfe\xff", b"\xff\xfe")):
        return _LANGUAGE.sub("", raw.decode("utf-16", "replace"))
    if raw.startswith(b"\xef\xbb\xbf"):
        return raw[3:].decode("utf-8", "replace")
    return raw.decode("latin-1").translate(_PDF_DOC)


def literal(raw: bytes) -> bytes:
    """What stands between parentheses, its escapes undone (7.3.4.2)."""
    return _ESCAPE.sub(_unescaped, raw) if b"\\" in raw else raw


def nested_end(data: bytes, at: int) -> int:
    """Where a string whose parenthesis opened before `at` is closed; -1 when it is not."""
    depth = 1
    for sign in _PARENTHESIS.finditer(data, at, at + _LONGEST):
        depth += {b"(": 1, b")": -1}.get(sign[0], 0)
        if not depth:
            return sign.start()
    return -1


def _packed(holder: Found, budget: Budget) -> Iterator[Found]:
    """The objects in an object stream (7.5.7): numbers and places of all stand in front of the first."""
    data = holder.decoded(budget) or b""
    first = holder.numbers.get(b"First", 0)
    index = [int(word) for word in data[:first].split() if word.isdigit() and len(word) < _DIGITS]
    scan = _Scan(data, {})
    end = first
    for start, number in sorted(zip(index[1::2], index[::2], strict=False)):
        if first + start >= end:
            found = Found(number)
            end = scan.read(first + start, found, alone=False)
            yield found


def _unescaped(match: re.Match[bytes]) -> bytes:
    octal, line_end, sign = match.groups()
    if octal:
        return bytes((int(octal, 8) & 0xFF,))
    return b"" if line_end else _ESCAPED.get(sign, sign)


@dataclass(slots=True)
class _Place:
    """Where in an object's arrays and dictionaries the scan is; `outer` holds what each open one stands in."""

    outer: list[tuple[bool, bytes]] = field(default_factory=list)
    in_dictionary: bool = False
    key: bytes = b""
    has_value: bool = False
    words: tuple[bytes, bytes] = (b"", b"")  # the last two

    def take(self, kind: str, token: bytes, found: Found) -> None:
        """One token that is no string."""
        if kind == "name":
            self._name(_NAME_ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), token), found)
        elif kind == "open":
            if len(self.outer) >= _DEEPEST:
                raise Stop(PartStatus.TRUNCATED, "nested")
            self.outer.append((self.in_dictionary, self.key))
            self.in_dictionary, self.has_value = token == b"<<", True
        else:
            if kind == "word":
                self._word(token, found)
            elif self.outer:
                self.in_dictionary, self.key = self.outer.pop()
            self.has_value = True

    def _name(self, name: bytes, found: Found) -> None:
        if self.in_dictionary and self.has_value:
            self.key, self.has_value = name, False
            found.keys.add(name)
            return
        if self.key == b"Differences":
            found.glyphs.append(name)
        else:
            found.said.append(name)
        if self.key in _NAMES:
            found.names.setdefault(self.key, []).append(name)
        self.has_value = True

    def _word(self, word: bytes, found: Found) -> None:
        if word == b"R":
            number = self.words[0]
            found.references.append((self.key, int(number) if number.isdigit() and len(number) < _DIGITS else 0))
        elif self.key == b"Differences" and word.isdigit() and len(word) < _DIGITS:
            found.glyphs.append(int(word))
        elif self.key in _NUMBERS and word.isdigit() and len(word) < _DIGITS:
            found.numbers.setdefault(self.key, int(word))
        self.words = (self.words[1], word)


@dataclass(slots=True)
class _Scan:
    """Reads objects in one run of bytes."""

    data: bytes
    plain: Plain
    unclosed: int = 0

    def read(self, at: int, found: Found, *, alone: bool = True) -> int:
        """Read the tokens of the object at `at` into `found`; gives where to go on. In an object stream one value is all."""
        start = at
        place = _Place()
        while token := _TOKEN.match(self.data, at):
            kind, at = str(token.lastgroup), token.end()
            if kind in _NOTHING:
                continue
            if kind == "word" and token["word"] in _ENDS:
                return self._end(token["word"], at, start, found)
            if kind in _STRINGS:
                at = self._string(kind, token, place.key, found)
                place.has_value = True
            else:
                place.take(kind, token[kind], found)
            if not alone and not place.outer and place.has_value:
                return at
        return max(at, start)

    def _string(self, kind: str, token: re.Match[bytes], key: bytes, found: Found) -> int:
        at = token.end()
        if kind == "hex":
            value = pdf_filters.from_hex(token["hex"])
        elif kind == "string":
            value = literal(token["string"])
        else:
            end = nested_end(self.data, at)
            if end < 0:
                self.unclosed += 1
                if self.unclosed > _UNCLOSED:
                    raise broken()
                return at
            value, at = literal(self.data[at:end]), end + 1
        if value:
            found.strings.append((key, value))
        return at

    def _end(self, word: bytes, at: int, start: int, found: Found) -> int:
        """After the word that ends an object; of a stream its bytes are kept."""
        if word == b"obj":  # the one before it was not ended
            return max(start, at - 40)
        if word != b"stream":
            return at
        line_end = _STREAM.match(self.data, at)
        at = line_end.end() if line_end else at
        self._refer(found)
        ends = (at + length for length in (*self._lengths(found), found.numbers.get(b"Length", len(self.data))))
        end = next((end for end in ends if self.data[end : end + 20].lstrip().startswith(b"endstream")), -1)
        if end < 0:
            end = self.data.find(b"endstream", at)
            end = len(self.data) if end < 0 else end
        found.stream = self.data[at:end]
        return end

    def _lengths(self, found: Found) -> list[int]:
        """What the objects say that its length refers to."""
        values = (value for key, number in found.references if key == b"Length" for value in self.plain.get(number, ()))
        return [int(value) for value in values if value.isdigit()]

    def _refer(self, found: Found) -> None:
        """Put in the names of filters that stand in an object of their own."""
        for key, number in found.references:
            if key == b"Filter":
                values = self.plain.get(number, ())
                found.names.setdefault(key, []).extend(_NAME.findall(values[-1]) if values else [b"?"])
