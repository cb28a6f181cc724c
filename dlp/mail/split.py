"""The byte-span MIME splitter: where each part of a message begins and ends.

Takes any bytes (CRLF or LF lines, an mbox line tolerated); gives spans into them, section numbers as IMAP counts
(RFC 9051 6.4.5), what each part is declared to be, and words for what two readers could read differently. Text before the
first and after the last part is given too. One pass, no recursion, caps on depth, parts and header size; never fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from dlp.limits import Limits
from dlp.mail import transfer
from dlp.mail.entity import Buffer, Description, Field, Header, describe, read_header
from dlp.values import Channel, Span

_DASHES = re.compile(rb"\n--([^\r\n]*+)([^\n]*+\n?)")
_NESTED_TYPES = frozenset({"message/rfc822", "message/global", "message/news"})


@dataclass(frozen=True, slots=True)
class Entity:
    """One part. A container's body span covers its children; `cut` is "" or the limit reached: depth, parts, header."""

    section: str  # "0" is a message that is itself a multipart
    parent: str  # media type of the multipart it stands in, "" outside of one
    nested: bool  # inside a message/rfc822
    container: bool  # its parts are listed on their own
    fields: tuple[Field, ...]
    header: Span
    body: Span
    declared: Description
    cut: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def channel(self) -> Channel:
        """Where its text counts as read."""
        attached = self.nested or self.declared.disposition == "attachment"
        return Channel.ATTACHMENTS if attached else Channel.TEXT


@dataclass(frozen=True, slots=True)
class Structure:
    """A message taken apart: entities in order, containers before their children; `fields` are the top-level header's."""

    fields: tuple[Field, ...]
    entities: tuple[Entity, ...]
    loose: tuple[tuple[str, Span], ...]  # section of the multipart, and text that stands in none of its parts
    header_cut: bool = False

    @property
    def locked(self) -> tuple[Span, ...]:
        """Bodies under a signature (RFC 1847) or in an encoding: an edit inside would break the one, spoil the other."""
        return tuple(
            one.body
            for one in self.entities
            if one.container and (one.declared.media_type == "multipart/signed" or "encoded-container" in one.doubts)
        )


@dataclass(slots=True)
class _Frame:
    """An open container. `loose` is where text outside its parts began, -1 while a part is open."""

    index: int
    prefix: str  # of its children's sections
    boundaries: tuple[bytes, ...] = ()
    loose: int = -1
    children: int = 0
    closed: bool = False


@dataclass(slots=True)
class _Walk:
    raw: Buffer
    limits: Limits
    top: Header | None = None  # the top-level header, where it was read before
    entities: list[Entity] = field(default_factory=list)
    loose: list[tuple[str, Span]] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    delimiters: dict[bytes, tuple[int, bool]] = field(default_factory=dict)  # line -> frame, is it the closing one
    starts: tuple[bytes, ...] = ()
    leaf: int = -1  # index of the open entity that is no container
    at: int = 0


def split(raw: Buffer, limits: Limits, top: Header | None = None) -> Structure:
    """Take a message apart. Every span lies in `raw`, a child's in its parent's body; never raises.

    `top` is the top-level header where somebody has read it already.
    """
    walk = _Walk(raw, limits, top)
    _open(walk, 0, "")
    while walk.frames and (match := _DASHES.search(raw, walk.at)) is not None:
        walk.at = match.end(1)
        line = match[1].rstrip(b" \t")
        found = walk.delimiters.get(line)
        if found is None:
            if walk.starts and line.startswith(walk.starts):
                _doubt(walk, walk.frames[-1].index, "delimiter-junk")
            continue
        if match[2].strip():
            _doubt(walk, walk.frames[found[0]].index, "delimiter-junk")
        if not _delimiter(walk, *found, match.start(), match.end()):
            break
    _close_frames(walk, 0, len(raw))
    whole = walk.entities[0]
    return Structure(whole.fields, tuple(walk.entities), tuple(walk.loose), header_cut=whole.declared.cut)


def _delimiter(walk: _Walk, level: int, closing: bool, before: int, after: int) -> bool:  # noqa: FBT001  a fact of the line
    """Take one delimiter line; False when the parts limit ends the walk."""
    end = before - 1 if before and walk.raw[before - 1] == 13 else before
    _close_frames(walk, level + 1, end)
    frame = walk.frames[level]
    if frame.loose >= 0:
        _keep_loose(walk, frame, end)
    if closing:
        frame.closed, frame.loose = True, after
        return True
    if frame.closed:
        _doubt(walk, frame.index, "reopened")
    if len(walk.entities) >= walk.limits.parts:
        walk.entities[frame.index] = replace(walk.entities[frame.index], cut="parts")
        return False
    frame.children += 1
    frame.loose = -1
    _open(walk, after, f"{frame.prefix}{frame.children}")
    return True


def _open(walk: _Walk, at: int, section: str) -> None:
    """Begin an entity at `at`; a message inside it begins at once, so this may open several."""
    inside_message = not section
    nested = False
    while True:
        parent = walk.entities[walk.frames[-1].index] if walk.frames else None
        family = "" if inside_message or parent is None else parent.declared.media_type
        default = "message/rfc822" if family == "multipart/digest" else "text/plain"
        header = (parent is None and walk.top) or read_header(walk.raw, at, walk.limits, top=parent is None)
        declared = describe(walk.raw, header, default, walk.limits)
        multipart = declared.media_type.startswith("multipart/")
        if inside_message and not multipart:
            section = f"{section}.1" if section else "1"
        nested = nested or (parent is not None and (parent.nested or parent.declared.media_type in _NESTED_TYPES))
        body = min(header.body, len(walk.raw))
        entity = Entity(
            section=section or "0",
            parent=family,
            nested=nested,
            container=False,
            fields=header.fields,
            header=header.span,
            body=Span(body, len(walk.raw)),  # until something ends it
            declared=declared,
            cut="header" if declared.cut else "",
            doubts=declared.doubts,
        )
        walk.leaf = len(walk.entities)
        walk.entities.append(entity)
        walk.at = max(body - 1, 0)
        if not _enter(walk, entity, section, body):
            return
        if multipart:
            return
        at, inside_message = body, True


def _enter(walk: _Walk, entity: Entity, section: str, body: int) -> bool:
    """Make the entity just begun a container when it is one; False when it stays a leaf."""
    index = walk.leaf
    declared = entity.declared
    multipart = declared.media_type.startswith("multipart/")
    if not multipart and declared.media_type not in _NESTED_TYPES:
        return False
    if multipart and not declared.boundaries:
        _doubt(walk, index, "no-boundary")
        return False
    if not all(transfer.is_identity(encoding) for encoding in declared.encodings):
        _doubt(walk, index, "encoded-container")
        if not multipart:
            return False
    full = len(walk.frames) >= walk.limits.depth or len(walk.entities) >= walk.limits.parts
    if full:
        cut = "depth" if len(walk.frames) >= walk.limits.depth else "parts"
        walk.entities[index] = replace(walk.entities[index], cut=cut)
        return False
    boundaries = tuple(boundary.encode("utf-8", "replace") for boundary in declared.boundaries) if multipart else ()
    if any(b"--" + boundary in _open_lines(walk) for boundary in boundaries):
        _doubt(walk, index, "boundary-reused")
    prefix = f"{section}." if section else ""
    walk.entities[index] = replace(walk.entities[index], container=True)
    walk.frames.append(_Frame(index, prefix, boundaries, loose=body if multipart else -1))
    walk.leaf = -1
    _index_delimiters(walk)
    return True


def _open_lines(walk: _Walk) -> frozenset[bytes]:
    return frozenset(b"--" + boundary for frame in walk.frames for boundary in frame.boundaries)


def _index_delimiters(walk: _Walk) -> None:
    """Which line means what now; the innermost frame that knows a line wins, an opening line over a closing one."""
    walk.delimiters = {}
    for closing in (True, False):
        for level, frame in enumerate(walk.frames):
            for boundary in frame.boundaries:
                walk.delimiters[boundary.rstrip(b" \t") + b"--" * closing] = (level, closing)
    walk.starts = tuple(boundary for frame in walk.frames for boundary in frame.boundaries)


def _close_frames(walk: _Walk, level: int, end: int) -> None:
    """End the open leaf and every frame from `level` up at `end`."""
    if walk.leaf >= 0:
        end = _end(walk, walk.leaf, end)
        walk.leaf = -1
    while len(walk.frames) > level:
        frame = walk.frames.pop()
        if frame.loose >= 0:
            _keep_loose(walk, frame, end)
        start, end = walk.entities[frame.index].body.start, _end(walk, frame.index, end)
        if frame.boundaries and not frame.children and bytes(walk.raw[start:end]).strip():
            _doubt(walk, frame.index, "no-delimiter")
        if len(walk.frames) == level:
            _index_delimiters(walk)


def _end(walk: _Walk, index: int, end: int) -> int:
    """Set where a body ends and give it: a header that ran into the delimiter line may have passed `end`."""
    entity = walk.entities[index]
    span = Span(entity.body.start, max(end, entity.body.start))
    if span != entity.body:
        walk.entities[index] = replace(entity, body=span)
    if entity.declared.boundaries and not entity.declared.media_type.startswith("multipart/"):
        body = bytes(walk.raw[span.start : span.end])
        if any(b"--" + boundary.encode("utf-8", "replace") in body for boundary in entity.declared.boundaries):
            _doubt(walk, index, "boundary-unexpected")
    return span.end


def _keep_loose(walk: _Walk, frame: _Frame, end: int) -> None:
    """Remember a preamble, epilogue or unparted body that holds anything."""
    span = Span(frame.loose, max(end, frame.loose))
    if bytes(walk.raw[span.start : span.end]).strip():
        walk.loose.append((walk.entities[frame.index].section, span))
    frame.loose = -1


def _doubt(walk: _Walk, index: int, word: str) -> None:
    entity = walk.entities[index]
    if word not in entity.doubts:
        walk.entities[index] = replace(entity, doubts=(*entity.doubts, word))
