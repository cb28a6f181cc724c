"""From what was found back to the bytes of the message it stands in, for whoever looks at them.

Takes the message, and characters of its views; gives the bytes they were read from: those of the words themselves in a text of
any transfer encoding and charset, in a page and in a header field, else as much as holds them; and says which. It reads the
message a second time, so that the first reading need remember nothing. Pure; never fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dlp.limits import Limits
from dlp.mail import charset, flowed, headers, html, leaf, parameters, retracing, transfer
from dlp.mail.entity import Buffer, Description, Field
from dlp.mail.fold import fold, origins
from dlp.mail.split import Structure, split
from dlp.mail.stretches import Stretch, follow
from dlp.values import Channel, Span, View

_Step = tuple[int, Iterable[Stretch]]  # how much it made, and of what
_UNDECLARED = "quoted-printable"  # what plainly is it is read so, too
_TEXT = Description("text/plain")
_OF_PARTS = frozenset({"content-type", "content-disposition", "content-description"})
_LOOSE = "text between the parts of "
_ONE_FIELD = "header field "


@dataclass(frozen=True, slots=True)
class Place:
    """Bytes of the message, and what they are: the "text" that was found, as few as can be decoded by themselves, or the
    "field", the "part" or the "message" it is in."""

    span: Span
    of: str


def original_places(raw: Buffer, views: Sequence[View], found: Sequence[tuple[int, Span]], limits: Limits) -> list[Place]:
    """Where each of `found` stands in `raw`: characters of one of the `views` that were read of it."""
    structure = split(raw[: limits.message], limits)
    by_view: dict[int, list[Span]] = {}
    for index, span in found:
        by_view.setdefault(index, []).append(span)
    told = {index: iter(_in_view(raw, structure, views[index], spans, limits)) for index, spans in by_view.items()}
    return [next(told[index]) for index, _ in found]


def _in_view(raw: Buffer, structure: Structure, view: View, found: Sequence[Span], limits: Limits) -> list[Place]:
    if fields := _fields(structure, view):
        return [_in_fields(raw, fields, view.text, span, limits) for span in found]
    bodies = _bodies(structure, view)
    section = view.section.partition("/")[0]
    if view.label in {"the message", f"part {section}"} or view.label.startswith(_LOOSE):
        for span, declared in bodies:
            for text, steps in _readings(bytes(raw[span.start : span.end]), declared):
                if fold(text).startswith(view.text) and (back := _retraced(text, steps, found)):
                    return [_text(each, span.start) for each in back]
    whole = Place(bodies[-1][0], "part") if bodies else Place(Span(0, len(raw)), "message")
    return [whole] * len(found)


def _text(found: Span, at: int) -> Place:
    return Place(Span(at + found.start, at + found.end), "text")


def _bodies(structure: Structure, view: View) -> list[tuple[Span, Description]]:
    """What a view's text stands in: one body, or one of several texts between parts."""
    section = view.section.partition("/")[0]
    if view.label.startswith(_LOOSE):
        return [(span, _TEXT) for where, span in structure.loose if where == section]
    return [(each.body, each.declared) for each in structure.entities if each.section == section]


def _readings(body: bytes, declared: Description) -> Iterator[tuple[str, list[_Step]]]:
    """The texts a body is read as where nothing is wrong with it, each with the steps to it."""
    html_like = declared.media_type in leaf.HTML
    for encoding in dict.fromkeys((*declared.encodings, _UNDECLARED)):
        data = transfer.decode(body, encoding).data
        for name in declared.charsets or (leaf.meta_charset(data) if html_like else "",):
            text, codec = charset.decoded(data, name)
            steps: list[_Step] = [(len(data), retracing.decoding(body, encoding))]
            steps.append((len(text), retracing.characters(data, text, codec)))
            if html_like:
                visible = html.read(text).visible
                steps.append((len(visible), retracing.showing(text, visible)))
                text = visible
            elif leaf.is_flowed(declared):
                stretches = flowed.joining(text, delsp=declared.delsp)
                text = flowed.joined(text, delsp=declared.delsp)
                steps.append((len(text), stretches))
            yield text, steps


def _retraced(text: str, steps: Sequence[_Step], found: Sequence[Span]) -> Sequence[Span]:
    """Where characters of the folded `text` were before all steps; [] where a step cannot be followed."""
    for size, stretches in ((len(fold(text)), origins(text)), *reversed(steps)):
        found = follow(stretches, size, found)
    return found


def _fields(structure: Structure, view: View) -> list[Field]:
    """The header fields that a view may be made of."""
    if view.field:
        named = [each for each in structure.fields if each.name.lower() == view.field]
        return named[view.occurrence - 1 : view.occurrence]
    if not view.section and view.label.startswith(_ONE_FIELD):
        number = int(view.label.removeprefix(_ONE_FIELD))
        return list(structure.fields[number - 1 : number])
    if view.channel is not Channel.HEADERS:
        return []
    label = view.label.lower().replace("-", " ")
    sections = {view.section, f"{view.section}.1"}  # the header of an attached message counts as its only part's
    own = (field for each in structure.entities if each.section in sections for field in each.fields)
    if label.startswith(("file name ", "description ")):
        return [each for each in own if each.name.lower() in _OF_PARTS]
    return [each for each in own if label.startswith(each.name.lower().replace("-", " ") + " ")]


def _in_fields(raw: Buffer, fields: Sequence[Field], text: str, found: Span, limits: Limits) -> Place:
    """The words in the first field that has their line just once; else the field whose parameter they are, or the first."""
    start = text.rfind("\n", 0, found.start) + 1
    line = text[start:].partition("\n")[0]
    for field in fields:
        read, steps = _steps_of(field.read(raw, limits), limits)
        folded = fold(read)
        if steps and found.end <= start + len(line) and folded.count(line) == 1:
            at = folded.index(line) - start
            for back in _retraced(read, steps, [Span(found.start + at, found.end + at)]):
                return _text(back, field.value.start)
    for field in fields:
        said = parameters.parse(headers.unfold(field.read(raw, limits)), limits.header_parameters).parameters
        if any(fold(value) == text for _, value in said):
            return Place(field.span, "field")
    return Place(fields[0].span, "field")


def _steps_of(value: bytes, limits: Limits) -> tuple[str, tuple[_Step, ...]]:
    """What a field's value is read as, and the steps to it; none where control characters are among it."""
    bare = b"".join(value[each.start : each.end] for each in retracing.unfolding(value))
    text, codec = charset.decoded(bare)
    read = headers.decode_words(text, limits.encoded_words).text
    if text != headers.unfold(value):
        return "", ()
    return read, (
        (len(bare), retracing.unfolding(value)),
        (len(text), retracing.characters(bare, text, codec)),
        (len(read), retracing.wording(text, limits.encoded_words)),
    )
