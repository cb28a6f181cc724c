"""One MIME entity's header: which bytes are which field, and what they say the body is.

Takes the message and where the entity's header begins; gives its fields as spans and, from the Content-* fields, a
description generous enough to follow every reader: all encodings, all boundaries, all file names that were declared.
What two readers could take differently becomes a word of AMBIGUITIES. Linear, capped; never fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dlp.limits import Limits
from dlp.mail import charset, file_kinds, headers, parameters, transfer
from dlp.values import Span

Buffer = bytes | memoryview

AMBIGUITIES = frozenset(
    {
        "bare-cr",  # a CR without LF in a header
        "base64-junk",  # signs outside the alphabet
        "base64-length",  # one character left over
        "base64-padding",  # data goes on behind the padding
        "boundary",  # empty, unprintable or blank-ended
        "boundary-reused",  # an inner multipart uses an outer one's
        "boundary-twice",
        "boundary-unexpected",  # a type that is no multipart declares one, and its body uses it
        "charset-twice",
        "content-type-twice",
        "delimiter-junk",  # text behind the boundary on a delimiter line
        "disposition-twice",
        "encoded-container",  # a multipart or message in an encoding (RFC 2045 6.4 forbids it)
        "encoding-syntax",  # quoted, with a comment or a parameter
        "encoding-twice",
        "encoding-unknown",
        "external-body",
        "file-name",  # names, or readings of one, that are opened as different things
        "field-name",  # a Content-* field with signs in its name that do not belong there
        "missing-blank-line",  # the header ends at a line that is no field
        "no-boundary",
        "no-delimiter",  # the boundary never comes
        "no-header",
        "nul-in-field",
        "parameter-section-twice",  # RFC 2231 sections of one number
        "partial",  # message/partial
        "payload-broken",  # encoded text that cannot be undone
        "readings-differ",  # another parser reads a text that we do not
        "reopened",  # a part after the closing delimiter
        "type-syntax",  # a boundary among what is no parameter
        "type-mismatch",  # a text type whose bytes are no text
    }
)

_BLANK_LINE = re.compile(rb"\n\r*+\n")
# name and value, with the lines that go on from it
_NAMED = re.compile(rb"(?!--)([^:\s]+)[ \t]*:([^\n]*+\n?+(?:[ \t][^\n]*+\n?+)*+)")
_BLANK = re.compile(rb"\r*+(?:\n|\Z)")
_BARE_CR = re.compile(rb"\r(?![\r\n])")
_ENVELOPE_LINE = re.compile(rb">?From [^\n]*+\n")
_BAD_IN_NAME = re.compile(r"[^!-~]")
_BAD_IN_BOUNDARY = re.compile(r"[^ -~]|[ ]\Z|=\?[^?]+\?[bq]\?", re.IGNORECASE)
# RFC 2045 5.1, blanks and a last semicolon tolerated; RFC 2231 forms only of what is no boundary
_REGULAR = re.compile(
    r"""[\w!#$&^.+/-]+(?:\s*;\s*(?!boundary\*)[\w!#$%&'*+.^`{|}~-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s"();]+))*+[\s;]*""", re.ASCII
)
_NO_CHARSET = "binary"  # as file(1) says of what is no text
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
MOST_FIELDS = 2_000  # of one header; recorded one by one, so many would hold up the mail of others
_CONTENT = frozenset({"content-type", "content-transfer-encoding", "content-disposition", "content-description", "content-id"})


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: `span` from its name to its last line end, `value` after the colon."""

    name: str
    span: Span
    value: Span

    def read(self, raw: Buffer, limits: Limits) -> bytes:
        """The value's bytes, folded as they are, no more than one header may have."""
        return bytes(raw[self.value.start : min(self.value.end, self.value.start + limits.header)])


@dataclass(frozen=True, slots=True)
class Header:
    """A header block. `span` covers the fields; the body begins at `body`. `cut` says a cap was reached."""

    fields: tuple[Field, ...]
    span: Span
    body: int
    cut: bool = False
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What the Content-* fields declare. Tuples hold every different declaration, the most telling first."""

    media_type: str
    charset: str = ""
    charsets: tuple[str, ...] = ()  # all that were declared
    encodings: tuple[str, ...] = ("",)
    boundaries: tuple[str, ...] = ()
    filenames: tuple[str, ...] = ()
    disposition: str = ""
    smime_type: str = ""
    notes: tuple[str, ...] = ()  # Content-Description
    has_id: bool = False  # Content-ID: the text may show this part
    flowed: bool = False  # format=flowed (RFC 3676)
    delsp: bool = False
    cut: bool = False
    doubts: tuple[str, ...] = ()


def read_header(raw: Buffer, at: int, limits: Limits, *, top: bool = False) -> Header:
    """The fields from `at` to the first blank line, an mbox "From " line before them skipped.

    A line that is no field ends the header there, as Postfix does. Beyond limits.header_block fields are no longer
    recorded, but the blank line is still looked for.
    """
    envelope = _ENVELOPE_LINE.match(raw, at)
    start = here = envelope.end() if envelope else at
    fields: list[Field] = []
    doubts: set[str] = set()
    body = -1
    while here - start <= limits.header_block and len(fields) < MOST_FIELDS:
        match = _NAMED.match(raw, here)
        if match is None:
            blank = _BLANK.match(raw, here)
            if blank is None and raw[here : here + 2] != b"--":
                doubts.add("no-header" if top and not fields else "missing-blank-line")
            body = blank.end() if blank else here
            break
        end = match.end()
        fields.append(Field(match[1].decode("latin-1"), Span(here, end), Span(match.start(2), end)))
        here = end
    cut = body < 0
    if cut:
        blank = _BLANK_LINE.search(raw, here - 1)
        body = blank.end() if blank else len(raw)
    if _BARE_CR.search(raw, start, here):
        doubts.add("bare-cr")
    cut = cut or (here - start > limits.header and any(each.value.end - each.value.start > limits.header for each in fields))
    return Header(tuple(fields), Span(start, here), body, cut, tuple(sorted(doubts)))


def describe(raw: Buffer, header: Header, default_type: str, limits: Limits) -> Description:
    """What `header` says about its body; `default_type` holds where it says nothing (RFC 2045 5.2, RFC 2046 5.1.5)."""
    values, doubts = _content(raw, header, limits)
    types = _structured(values["content-type"], limits)
    dispositions = _structured(values["content-disposition"], limits)
    encodings, encoding_doubts = _encodings(values["content-transfer-encoding"])
    said, disposed = _parameters(types), _parameters(dispositions)
    boundaries, boundary_doubts = _boundaries(said.get("boundary", ()), values["content-type"])
    doubts.update(encoding_doubts, boundary_doubts, *(found.doubts for found in (*types, *dispositions)))
    media_types = tuple(dict.fromkeys(found.main for found in types if _TYPE.fullmatch(found.main)))
    if len(types) > 1 and len(set(map(_meaning, types))) > 1:
        doubts.add("content-type-twice")
    if len(dispositions) > 1 and len({found.main for found in dispositions}) > 1:
        doubts.add("disposition-twice")
    charsets = said.get("charset", ())
    if len(charsets) > 1 and len({charset.codec_of(one) for one in charsets if one.lower() != _NO_CHARSET}) > 1:
        doubts.add("charset-twice")
    loosely = [
        name
        for value in (*values["content-disposition"], *values["content-type"])
        if b"name" in value.lower()
        for name in parameters.file_names(headers.unfold(value))
    ]
    # as RFC 2183 and RFC 2046 put them, then in the other field's parameter, which some readers show
    names = [*disposed.get("filename", ()), *said.get("name", ()), *disposed.get("name", ()), *said.get("filename", ())]
    filenames = tuple(dict.fromkeys(filter(None, (*names, *(whole for whole, _ in loosely)))))
    if file_kinds.differ((*filenames, *(word for _, word in loosely))):
        doubts.add("file-name")
    notes = [headers.decode(value, limits.encoded_words).text for value in values["content-description"]]
    return Description(
        media_type=_preferred(media_types, default_type),
        charset="".join(charsets[:1]),
        charsets=charsets,
        encodings=encodings,
        boundaries=boundaries,
        filenames=filenames,
        disposition="attachment" if any(found.main == "attachment" for found in dispositions) else "inline",
        smime_type="".join(said.get("smime-type", ())[:1]).lower(),
        notes=tuple(dict.fromkeys(filter(None, notes))),
        has_id=bool(values["content-id"]),
        flowed=_says(said.get("format", ()), "flowed"),
        delsp=_says(said.get("delsp", ()), "yes"),
        cut=header.cut or any(found.cut for found in (*types, *dispositions)),
        doubts=tuple(sorted(doubts)),
    )


def _content(raw: Buffer, header: Header, limits: Limits) -> tuple[dict[str, list[bytes]], set[str]]:
    """The values of the Content-* fields, and what is doubtful about them as they stand."""
    doubts = set(header.doubts)
    values: dict[str, list[bytes]] = {name: [] for name in _CONTENT}
    for field in header.fields:
        name = field.name.lower()
        if not (name.isascii() and name.isprintable()):
            name = _BAD_IN_NAME.sub("", name)
        if name in _CONTENT:
            value = field.read(raw, limits)
            values[name].append(value)
            if len(name) != len(field.name):
                doubts.add("field-name")
            if b"\0" in value:
                doubts.add("nul-in-field")
    return values, doubts


def _structured(values: list[bytes], limits: Limits) -> tuple[parameters.Structured, ...]:
    return tuple(parameters.parse(headers.unfold(value), limits.header_parameters) for value in values)


def _meaning(found: parameters.Structured) -> tuple[str, ...]:
    """What a type says, however it is spelled: programs put a second one that is the same before the first."""
    values = (charset.codec_of(value) or value if name == "charset" else value for name, value in found.parameters)
    return found.main, *(f"{name}={value}" for (name, _), value in zip(found.parameters, values, strict=True))


def _parameters(found: tuple[parameters.Structured, ...]) -> dict[str, tuple[str, ...]]:
    """Every different value of each parameter, in order."""
    values: dict[str, dict[str, None]] = {}
    for one in found:
        for name, value in one.parameters:
            values.setdefault(name, {})[value] = None
    return {name: tuple(each) for name, each in values.items()}


def _says(values: tuple[str, ...], word: str) -> bool:
    return any(value.strip().lower() == word for value in values)


def _preferred(media_types: tuple[str, ...], default_type: str) -> str:
    """Of several types the one that opens most: a multipart, else the first."""
    opening = [found for found in media_types if found.startswith("multipart/")]
    return next(iter((*opening, *media_types, default_type)))


def _boundaries(declared: tuple[str, ...], types: list[bytes]) -> tuple[tuple[str, ...], set[str]]:
    """Every boundary a reader may take from the fields."""
    if not declared:
        return (), set()
    doubts = {"boundary-twice"} if len(declared) > 1 else set()
    if not all(_REGULAR.fullmatch(headers.unfold(value)) for value in types):
        doubts.add("type-syntax")
    if any(map(_BAD_IN_BOUNDARY.search, declared)):
        doubts.add("boundary")
        declared += tuple(headers.decode_words(boundary).text for boundary in declared)
    return tuple(filter(None, dict.fromkeys(declared))), doubts


def _encodings(values: list[bytes]) -> tuple[tuple[str, ...], set[str]]:
    """Every encoding a reader may take from the fields: unknown words add what they resemble."""
    if not values:
        return ("",), set()
    words: list[str] = []
    irregular = False  # some readers stop at such a sign, others do not
    for value in values:
        bare = parameters.without_comments(headers.unfold(value)).replace('"', " ").replace("\0", "")
        irregular = irregular or any(sign in value for sign in b'"(;,')
        words += [word for word in re.split(r"[\s,;]+", bare.lower()) if word]
    different = tuple(dict.fromkeys(words))
    doubts = {"encoding-twice"} if len(different) > 1 else set()
    doubts |= {"encoding-syntax"} if irregular and different != ("7bit",) else set()
    known = [word for word in different if transfer.is_known(word)]
    if len(known) == len(different):
        return tuple(known) or ("",), doubts
    joined = "".join(different)
    alike = [known for part, known in (("64", "base64"), ("quoted", "quoted-printable")) if part in joined]
    return tuple(dict.fromkeys((*known, *alike, ""))), doubts | {"encoding-unknown"}
