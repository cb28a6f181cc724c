"""The reader: one message in, everything a recipient could read out.

Takes the bytes as received and the limits; gives Texts: header fields, parts with what became of them, decoded and folded
views. In the slow lane `sniff` names a file's true type. Nothing is ever silently left out: what was not read has a
status and a word for it, over a limit too. Pure; never fails on any bytes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType

from dlp.mail import charset, headers, leaf, transfer
from dlp.mail.addresses import addresses
from dlp.mail.entity import Buffer, Field
from dlp.mail.split import Entity, Structure, split
from dlp.values import Channel, HeaderField, Limits, Part, PartStatus, Span, Texts, View

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


@dataclass(slots=True)
class _Collected:
    raw: Buffer
    limits: Limits
    sniff: leaf.Sniff | None
    left: int  # characters that may still become text
    fields: list[HeaderField] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    doubts: set[str] = field(default_factory=set)
    header_cut: bool = False


def read(raw: Buffer, limits: Limits, *, sniff: leaf.Sniff | None = None) -> Texts:
    """Read one message (RFC 5322, CRLF or LF lines). `sniff` gives the media type of decoded bytes."""
    structure = split(raw[: limits.message], limits)
    collected = _Collected(raw, limits, sniff, limits.text)
    _read_fields(collected, structure)
    for entity in structure.entities:
        if entity.container:
            _read_container(collected, entity)
        else:
            _read_part(collected, entity)
    for section, span in structure.loose:
        _read_loose(collected, section, span)
    if structure.header_cut or collected.header_cut:
        _cut_message(collected, structure, "header")
    if len(raw) > limits.message:
        _cut_message(collected, structure, "size")
    return Texts(
        tuple(collected.fields), tuple(collected.parts), tuple(collected.views), tuple(sorted(collected.doubts - {""}))
    )


def read_header(raw: Buffer, limits: Limits) -> tuple[HeaderField, ...]:
    """The top-level fields alone, decoded; spans as in `read`. For mail whose content is nobody's business here."""
    head = bytes(raw[: limits.header_block])
    ends = [end for blank in (b"\r\n\r\n", b"\n\n") if (end := head.find(blank)) >= 0]
    head = head[: min(ends, default=len(head))] + b"\r\n\r\n"
    collected = _Collected(head, limits, None, 0)
    _read_fields(collected, split(head, limits))
    return tuple(collected.fields)


def needs_slow_lane(raw: Buffer, limits: Limits) -> bool:
    """True for what the receiver itself should not read: large, or with a part whose true type must be sniffed."""
    if len(raw) > limits.fast_message:
        return True
    for entity in split(raw, limits).entities:
        size = entity.body.end - entity.body.start
        if entity.container or not size:
            continue
        if size > limits.fast_text or leaf.needs_sniff(entity.declared, entity.parent):
            return True
    return False


def _read_fields(collected: _Collected, structure: Structure) -> None:
    seen: Counter[str] = Counter()
    for one in structure.fields:
        name = one.name.lower()
        seen[name] += 1
        value = _decoded(collected, one)
        collected.fields.append(HeaderField(one.name, seen[name], one.span, value))
        if name in _SEEN:
            label, names_only = _SEEN[name]
            shown = _names(collected, one) if names_only else value
            _view(collected, View(Channel.HEADERS, "", label, shown, name, seen[name]))


def _decoded(collected: _Collected, one: Field) -> str:
    value = headers.decode(one.read(collected.raw, collected.limits), collected.limits.encoded_words)
    collected.header_cut = collected.header_cut or value.cut
    return value.text


def _names(collected: _Collected, one: Field) -> str:
    """Display names, one a line; split before decoding, because a decoded comma separates nothing."""
    found = addresses(headers.unfold(one.read(collected.raw, collected.limits)), collected.limits.addresses)
    collected.header_cut = collected.header_cut or found.cut
    return "\n".join(name for name, _ in found.pairs if name)


def _read_container(collected: _Collected, entity: Entity) -> None:
    """A container is a part of its own only where something about it is wrong; its children say the rest."""
    _read_names(collected, entity)
    texts: list[str] = []
    if "encoded-container" in entity.doubts:
        texts += [text for body in _bodies(collected, entity) for text in charset.readings(body.data)]
    _add_texts(collected, entity, leaf.fold_all(texts), _where(entity))
    status, why = _status(entity.cut, entity.doubts, PartStatus.READ, "")
    collected.doubts.update(entity.doubts)
    if status is not PartStatus.READ:
        collected.parts.append(_part(entity, status, why))


def _read_part(collected: _Collected, entity: Entity) -> None:
    _read_names(collected, entity)
    doubts = set(entity.doubts)
    status, why = PartStatus.READ, ""
    texts: dict[str, None] = {}
    markup: dict[str, None] = {}
    for body in _bodies(collected, entity):
        reading = leaf.read_leaf(body.data, entity.declared, entity.parent, collected.sniff)
        if status is PartStatus.READ:
            status, why = reading.status, reading.why
        doubts.add(body.doubt)
        collected.doubts.add(reading.doubt)
        texts.update(dict.fromkeys(reading.texts))
        markup.update(dict.fromkeys(reading.markup))
        if doubts & _UNOPENED:
            texts.update(dict.fromkeys(leaf.fold_all(charset.readings(body.data))))
    doubts.discard("")
    collected.doubts |= doubts
    status, why = _status(entity.cut, tuple(doubts), status, why)
    whole = _add_texts(collected, entity, tuple(texts), _where(entity))
    if not _add_texts(collected, entity, tuple(markup), f"markup of {_where(entity)}") or not whole:
        status, why = PartStatus.TRUNCATED, "size"
    collected.parts.append(_part(entity, status, why))


def _bodies(collected: _Collected, entity: Entity) -> tuple[transfer.Decoded, ...]:
    """The decoded body, once for each encoding a reader may take it in; not decoded where nothing would look at it."""
    if not collected.sniff and not entity.doubts and leaf.needs_sniff(entity.declared, entity.parent):
        size = entity.body.end - entity.body.start
        return (transfer.Decoded(b"\0" * min(size, 1)),)
    body = bytes(collected.raw[entity.body.start : entity.body.end])
    return tuple(dict.fromkeys(transfer.decode(body, encoding) for encoding in entity.declared.encodings))


def _status(cut: str, doubts: tuple[str, ...], status: PartStatus, why: str) -> tuple[PartStatus, str]:
    """The structure's verdict outranks the content's: a cut part first, then an ambiguous one."""
    if cut:
        return PartStatus.TRUNCATED, cut
    if doubts and status is not PartStatus.ENCRYPTED:
        return PartStatus.AMBIGUOUS, "ambiguous"
    return status, why


def _read_names(collected: _Collected, entity: Entity) -> None:
    where = _where(entity)
    for name in leaf.fold_all(entity.declared.filenames):
        _view(collected, View(Channel.HEADERS, entity.section, f"file name of {where}", name))
    if entity.declared.note and entity.declared.note not in entity.declared.filenames:
        _view(collected, View(Channel.HEADERS, entity.section, f"description of {where}", entity.declared.note))
    if entity.nested and not entity.parent:  # the header of a message, not of a part of one
        multipart = entity.declared.media_type.startswith("multipart/")
        section = entity.section if multipart else entity.section.rpartition(".")[0]
        for one in entity.fields:
            if one.name.lower() == "subject":
                _view(collected, View(Channel.HEADERS, section, f"subject of part {section}", _decoded(collected, one)))


def _read_loose(collected: _Collected, section: str, span: Span) -> None:
    where = "the message" if section == "0" else f"part {section}"
    for text in charset.readings(bytes(collected.raw[span.start : span.end])):
        _view(collected, View(Channel.TEXT, section, f"text between the parts of {where}", text))


def _add_texts(collected: _Collected, entity: Entity, texts: tuple[str, ...], label: str) -> bool:
    """Add a part's folded texts as views; False when the limit on text cut them."""
    attached = entity.nested or entity.declared.disposition == "attachment"
    channel = Channel.ATTACHMENTS if attached else Channel.TEXT
    for text in texts:
        shown = text[: collected.left]
        collected.left -= len(shown)
        if shown:
            collected.views.append(View(channel, entity.section, label, shown))
        if len(shown) < len(text):
            return False
    return True


def _view(collected: _Collected, view: View) -> None:
    for text in leaf.fold_all([view.text]):
        collected.views.append(View(view.channel, view.section, view.label, text, view.field, view.occurrence))


def _where(entity: Entity) -> str:
    return "the message" if entity.section == "0" else f"part {entity.section}"


def _part(entity: Entity, status: PartStatus, why: str) -> Part:
    filename = next(iter(entity.declared.filenames), "")
    return Part(entity.section, entity.declared.media_type, entity.header, entity.body, filename, status, why)


def _cut_message(collected: _Collected, structure: Structure, why: str) -> None:
    """Say of the message as a whole, section "0", that a limit cut it."""
    top = structure.entities[0]
    if not any(part.header == top.header and part.why == why for part in collected.parts):
        body = Span(top.body.start, top.body.end)
        collected.parts.append(Part("0", "message/rfc822", top.header, body, "", PartStatus.TRUNCATED, why))
