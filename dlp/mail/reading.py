"""The reader: one message in, everything a recipient could read out.

Takes the bytes as received and the limits; gives Texts: header fields, parts with what became of them, decoded and folded
views. In the slow lane `open_file` reads what is no text. Nothing is ever silently left out: what was not read has a status
and a word for it, over a limit too. Pure; never fails on any bytes.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from dlp.limits import Limits
from dlp.mail import charset, entity, fields, headers, leaf, strict, transfer
from dlp.mail.addresses import addresses
from dlp.mail.cheap import beginnings, is_cheap
from dlp.mail.collected import COMPARED, Collected
from dlp.mail.entity import Buffer, Field
from dlp.mail.fold import fold, turned
from dlp.mail.opened import NO_FILES, Elsewhere, Look, OpenFile
from dlp.mail.rendering import words_apart
from dlp.mail.split import Entity, Structure, split
from dlp.values import Channel, HeaderField, Marked, Part, PartField, PartStatus, Span, Texts, View

# the fields a recipient sees: their label, and whether only the names of mailboxes count
_SEEN = MappingProxyType(
    {
        "subject": ("subject line", False),
        "from": ("From name", True),
        "to": ("To name", True),
        "cc": ("Cc name", True),
        "reply-to": ("Reply-To name", True),
        "sender": ("Sender name", True),
        "keywords": ("keywords line", False),
        "comments": ("comments line", False),
        "thread-topic": ("thread topic", False),
    }
)
# doubts about a container that is kept as one leaf: its bytes are read as text, so that nothing in it goes unseen
_UNOPENED = frozenset({"encoded-container", "no-boundary"})
_OF_PARTS = frozenset({"content-type", "content-disposition", "content-description"})
_Marks = dict[str, tuple[Marked, ...]]  # of each text
_FAST_PARTS = 50  # each costs more than its bytes
_LONGEST_NAME = 1_000  # characters of a file name or type that are told on; all of a name is read


@dataclass(frozen=True, slots=True)
class Head:
    """The top-level header, read once: the fields as spans and decoded; `cut` when a cap was reached."""

    header: entity.Header
    fields: tuple[HeaderField, ...]
    cut: bool


def read(raw: Buffer, limits: Limits, *, open_file: OpenFile | None = None) -> Texts:
    """Read one message (RFC 5322, CRLF or LF lines). `open_file` opens what is no text; without it that stays unread."""
    whole = raw[: limits.message]
    head = read_head(whole, limits)
    return _read(raw, split(whole, limits, head.header), (limits, open_file), head)


def read_small(raw: Buffer, limits: Limits, head: Head | None = None, look: Look = NO_FILES) -> Texts | None:
    """The message read, or None when the receiver should not: large, in many parts, or with a file that `look` does not open.

    `head` as `read_head` gave it for the same bytes, if somebody has asked already.
    """
    if len(raw) > limits.fast_message:
        return None
    head = head or read_head(raw, limits)
    structure = split(raw, _fast(limits), head.header)
    leaves = [one for one in structure.entities if not one.container]
    files = [one for one in leaves if leaf.needs_opening(one.declared, one.parent) and one.body.end > one.body.start]
    spans = [*(one.body for one in leaves if one not in files), *(span for _, span in structure.loose)]
    if (
        sum(span.end - span.start for span in spans) > limits.fast_text
        or any(one.cut == "parts" for one in structure.entities)
        or not is_cheap(raw, files, limits.fast_text)
        or any(look.is_known(beginning) for one in files for beginning in beginnings(raw, one))
    ):
        return None
    with suppress(Elsewhere):
        return _read(raw, structure, (limits, look.open_file), head)
    return None


@cache
def _fast(limits: Limits) -> Limits:
    return replace(limits, parts=min(limits.parts, _FAST_PARTS))


def read_head(raw: Buffer, limits: Limits) -> Head:
    """The top-level header alone; spans as in `read`. Of mail whose content is nobody's business here it is all we read."""
    header = entity.read_header(raw, 0, limits, top=True)
    seen: dict[str, int] = {}
    fields, cut = [], False
    for one in header.fields:
        name = one.name.lower()
        seen[name] = seen.get(name, 0) + 1
        value = headers.decode(one.read(raw, limits), limits.encoded_words)
        cut = cut or value.cut
        fields.append(HeaderField(one.name, seen[name], one.span, value.text))
    return Head(header, tuple(fields), cut)


def read_header(raw: Buffer, limits: Limits) -> tuple[HeaderField, ...]:
    """The top-level fields alone, decoded."""
    return read_head(raw, limits).fields


def _read(raw: Buffer, structure: Structure, how: tuple[Limits, OpenFile | None], head: Head) -> Texts:
    limits, open_file = how
    collected = Collected(raw, limits, open_file, limits.text, head.header.span, structure.locked)
    _read_fields(collected, head)
    for one in structure.entities:
        if one.container:
            _read_container(collected, one)
        else:
            _read_part(collected, one)
    for section, span in structure.loose:
        _read_loose(collected, section, span)
    if structure.header_cut or collected.header_cut:
        _tell(collected, structure, PartStatus.TRUNCATED, "header")
    elif strict.differs(collected, parts=len(structure.entities)):
        _tell(collected, structure, PartStatus.AMBIGUOUS, "ambiguous")
    if len(raw) > limits.message or collected.text_cut:
        _tell(collected, structure, PartStatus.TRUNCATED, "size")
    return Texts(
        tuple(collected.fields),
        tuple(collected.parts),
        tuple(collected.views),
        tuple(sorted(collected.doubts - {""})),
        tuple(collected.part_fields),
    )


def _read_fields(collected: Collected, head: Head) -> None:
    collected.fields += head.fields
    collected.header_cut = head.cut
    for number, (one, found) in enumerate(zip(head.header.fields, head.fields, strict=True), 1):
        name = one.name.lower()
        label, names_only = _SEEN.get(name, ("", False))
        shown = _names(collected, one) if names_only else found.value
        if label:
            collected.fold_in(View(Channel.HEADERS, "", label, shown, name, found.occurrence))
        told = fields.told(name, found.value) if names_only or not label else ""
        if told:
            collected.fold_in(View(Channel.TEXT, "", f"header field {number}", told))


def _decoded(collected: Collected, one: Field) -> str:
    value = headers.decode(one.read(collected.raw, collected.limits), collected.limits.encoded_words)
    collected.header_cut = collected.header_cut or value.cut
    return value.text


def _names(collected: Collected, one: Field) -> str:
    """Display names, one a line; split before decoding, because a decoded comma separates nothing."""
    found = addresses(headers.unfold(one.read(collected.raw, collected.limits)), collected.limits.addresses)
    collected.header_cut = collected.header_cut or found.cut
    return "\n".join(name for name, _ in found.pairs if name)


def _read_container(collected: Collected, entity: Entity) -> None:
    """A container is a part of its own only where something about it is wrong; its children say the rest."""
    _read_names(collected, entity)
    bodies = _bodies(collected, entity) if "encoded-container" in entity.doubts else ()
    texts = [text for body in bodies for text in charset.readings(body.data)]
    _add_texts(collected, entity, leaf.fold_all(texts), _where(entity))
    status, why = _status(entity.cut, entity.doubts, PartStatus.READ, "")
    collected.doubts.update(entity.doubts)
    if status is not PartStatus.READ:
        collected.parts.append(_part(entity, status, why))


def _read_part(collected: Collected, entity: Entity) -> None:
    _read_names(collected, entity)
    doubts = set(entity.doubts)
    status, why = PartStatus.READ, ""
    texts: _Marks = {}
    markup: dict[str, None] = {}
    opened: list[leaf.Reading] = []
    for body in _bodies(collected, entity):
        if len(collected.raw) > COMPARED:
            pass  # nothing is compared
        elif body.plain:
            collected.undone[entity.body] = body.data
        else:
            collected.bodies.add(body.data)
        reading = leaf.read_leaf(body.data, entity.declared, entity.parent, collected.open_file)
        opened.append(reading)
        if status is PartStatus.READ:
            status, why = reading.status, reading.why
        doubts.add(body.doubt)
        collected.doubts.add(reading.doubt)
        texts |= dict.fromkeys(reading.texts, ()) | dict.fromkeys(reading.texts[:1], reading.marked)
        markup.update(dict.fromkeys(reading.markup))
        if doubts & _UNOPENED:
            texts |= dict.fromkeys(leaf.fold_all(charset.readings(body.data)), ())
    doubts.discard("")
    collected.doubts |= doubts
    status, why = _status(entity.cut, tuple(doubts), status, why)
    if not _add_readings(collected, entity, (texts, tuple(markup)), [each for one in opened for each in one.more]):
        status, why = PartStatus.TRUNCATED, "size"
    for table in (each for reading in opened[:1] for each in reading.tables):
        label = f"{_where(entity)}, {table.place}"
        collected.add_again(View(entity.channel, entity.section, label, table.text, grid=table.grid))
    if not all(_add_files(collected, entity, reading) for reading in opened):
        status, why = PartStatus.TRUNCATED, "size"
    part = _part(entity, status, why)
    collected.parts.append(part)
    for shut in (each for reading in opened for each in reading.shut):
        inner = replace(part, section=_inner(entity, shut.path), media_type=shut.media_type, filename=shut.name)
        collected.parts.append(replace(inner, status=shut.status, why=shut.why))


def _add_readings(
    collected: Collected, entity: Entity, read: tuple[_Marks, tuple[str, ...]], more: list[tuple[str, str]]
) -> bool:
    """Add a part's texts and markup, and of further readings what is new in them; False when the limit on text cut it."""
    where = _where(entity)
    texts, markup = read
    first, again = leaf.first_and_rest(texts) if len(texts) > 1 else (tuple(texts), ())
    whole = _add_texts(collected, entity, first, where, texts)
    whole = _add_texts(collected, entity, markup, f"markup of {where}") and whole
    seen = [*first, *markup]
    for what, text in dict.fromkeys((*(("another reading of", each) for each in again), *more)):
        new = leaf.unseen(text, seen)
        whole = _add_texts(collected, entity, (new,), f"{what} {where}") and whole
        seen.append(new)
    return whole


def _add_files(collected: Collected, entity: Entity, reading: leaf.Reading) -> bool:
    """Add what was read in files; False when the limit on text cut it."""
    whole = True
    for shown in reading.shown:
        files = (f"file {number}" for number in shown.path.split("/") if number)
        label = ", ".join(filter(None, (_where(entity), *files, shown.place)))
        section, text = _inner(entity, shown.path), fold(shown.text)
        view = View(Channel.ATTACHMENTS, section, label, text, grid=shown.grid, again=shown.again)
        whole = collected.add(view) and whole
    return whole


def _inner(entity: Entity, path: str) -> str:
    """The section of a file within a part: "2/3/1" is the first file in the third file in part 2."""
    return f"{entity.section}/{path}" if path else entity.section


def _bodies(collected: Collected, entity: Entity) -> tuple[transfer.Decoded, ...]:
    """The decoded body, once for each encoding a reader may take it in; not decoded where nothing would look at it."""
    if not collected.open_file and not entity.doubts and leaf.needs_opening(entity.declared, entity.parent):
        size = entity.body.end - entity.body.start
        return (transfer.Decoded(b"\0" * min(size, 1)),)
    body = bytes(collected.raw[entity.body.start : entity.body.end])
    declared = entity.declared
    text = leaf.is_text(declared.media_type)
    bodies = [each for encoding in declared.encodings for each in transfer.readings(body, encoding, text=text)]
    if text and all(map(transfer.is_identity, declared.encodings)):
        bodies += filter(None, [transfer.undeclared(body)])
    return tuple(dict.fromkeys(bodies) if len(bodies) > 1 else bodies)


def _status(cut: str, doubts: tuple[str, ...], status: PartStatus, why: str) -> tuple[PartStatus, str]:
    """The structure's verdict outranks the content's: a cut part first, then an ambiguous one."""
    if cut:
        return PartStatus.TRUNCATED, cut
    if doubts and status is not PartStatus.ENCRYPTED:
        return PartStatus.AMBIGUOUS, "ambiguous"
    return status, why


def _read_names(collected: Collected, entity: Entity) -> None:
    where = _where(entity)
    filenames = entity.declared.filenames
    if filenames or entity.declared.notes:
        _offer(collected, entity, entity.section, _OF_PARTS)
    for name in leaf.fold_all((*filenames, *map(words_apart, filenames), *map(turned, filenames))):
        collected.fold_in(View(Channel.HEADERS, entity.section, f"file name of {where}", name))
    for note in entity.declared.notes:
        if note not in filenames:
            collected.fold_in(View(Channel.HEADERS, entity.section, f"description of {where}", note))
    if entity.nested and not entity.parent:  # the header of a message, not of a part of one
        multipart = entity.declared.media_type.startswith("multipart/")
        section = entity.section if multipart else entity.section.rpartition(".")[0]
        _offer(collected, entity, section, _SEEN)
        for one in entity.fields:
            _read_nested(collected, one, section)


def _read_nested(collected: Collected, one: Field, section: str) -> None:
    """One field of an attached message, a header like ours."""
    label, names_only = _SEEN.get(one.name.lower(), ("", False))
    if label:
        shown = _names(collected, one) if names_only else _decoded(collected, one)
        label = label.replace("subject line", "subject")
        collected.fold_in(View(Channel.HEADERS, section, f"{label} of part {section}", shown))


def _offer(collected: Collected, entity: Entity, section: str, names: Collection[str]) -> None:
    """Name the fields of a header below the top one that an edit could change."""
    if entity.header == collected.top or any(lock.start <= entity.header.start < lock.end for lock in collected.locked):
        return
    collected.part_fields += [PartField(section, one.name, one.span) for one in entity.fields if one.name.lower() in names]


def _read_loose(collected: Collected, section: str, span: Span) -> None:
    """Text between the parts: some readers show it, so it is a part like any other where more than text is in it."""
    where = f"text between the parts of {'the message' if section == '0' else f'part {section}'}"
    reading = leaf.read_text(bytes(collected.raw[span.start : span.end]), collected.open_file)
    for text in reading.texts:
        collected.fold_in(View(Channel.TEXT, section, where, text))
    for what, text in reading.more:
        collected.fold_in(View(Channel.TEXT, section, f"{what} {where}", leaf.unseen(text, reading.texts)))
    for shown in reading.shown:
        view = View(Channel.ATTACHMENTS, section, f"file in {where}", shown.text, grid=shown.grid, again=shown.again)
        collected.fold_in(view)
    for status, why in {(each.status, each.why) for each in reading.shut}:
        collected.parts.append(Part(section, "text/plain", Span(span.start, span.start), span, "", status, why))


def _add_texts(collected: Collected, entity: Entity, texts: tuple[str, ...], label: str, marks: _Marks | None = None) -> bool:
    """Add a part's folded texts as views; False when the limit on text cut them."""
    for text in texts:
        marked = marks.get(text, ()) if marks else ()
        if not collected.add(View(entity.channel, entity.section, label, text, marked=marked)):
            return False
    return True


def _where(entity: Entity) -> str:
    return "the message" if entity.section == "0" else f"part {entity.section}"


def _part(entity: Entity, status: PartStatus, why: str) -> Part:
    filename = next(iter(entity.declared.filenames), "")[:_LONGEST_NAME]
    media_type = entity.declared.media_type[:_LONGEST_NAME]
    return Part(entity.section, media_type, entity.header, entity.body, filename, status, why)


def _tell(collected: Collected, structure: Structure, status: PartStatus, why: str) -> None:
    """Say something of the message as a whole, section "0"."""
    top = structure.entities[0]
    if not any(part.header == top.header and part.why == why for part in collected.parts):
        body = Span(top.body.start, top.body.end)
        collected.parts.append(Part("0", "message/rfc822", top.header, body, "", status, why))
