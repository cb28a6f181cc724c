"""Edits change the bytes of their own field and no others."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.rewrite.apply import apply, without
from dlp.values import ChangeHeader, ChangePartHeader, Edit, HeaderField, PartField, Span

MESSAGE = (
    b"Received: from a by b\r\nSUBJECT : Grades\r\n of a person\r\nKeywords: grades\r\nSubject: second\r\n"
    b"X-Odd:\xff\x00 8-bit\r\n\r\nbody \xe9\r\n.\r\nSubject: not a field\r\n"
)


def fields_of(raw: bytes) -> tuple[HeaderField, ...]:
    """A small reader of its own, so that the test does not rest on the splitter."""
    fields: list[HeaderField] = []
    position = 0
    counts: dict[str, int] = {}
    for line in raw.splitlines(keepends=True):
        if not line.strip(b"\r\n"):
            break
        end = position + len(line)
        if line[:1] in b" \t" and fields:
            last = fields.pop()
            fields.append(HeaderField(last.name, last.occurrence, Span(last.span.start, end), ""))
        else:
            name = line.partition(b":")[0].strip().decode("latin-1")
            counts[name.lower()] = counts.get(name.lower(), 0) + 1
            fields.append(HeaderField(name, counts[name.lower()], Span(position, end), ""))
        position = end
    return tuple(fields)


def edit(name: str, occurrence: int, value: str) -> ChangeHeader:
    return ChangeHeader(name, occurrence, value, name.lower(), value)


def test_a_folded_field_is_replaced_whole_and_its_name_kept() -> None:
    changed = apply(MESSAGE, fields_of(MESSAGE), (edit("subject", 1, "details"),))
    assert changed == MESSAGE.replace(b"SUBJECT : Grades\r\n of a person\r\n", b"SUBJECT : details\r\n")


def test_several_edits_in_any_order() -> None:
    edits = (edit("Subject", 2, "b"), edit("Keywords", 1, "k"), edit("Subject", 1, "a\r\n c"))
    changed = apply(memoryview(MESSAGE), fields_of(MESSAGE), edits)
    expected = MESSAGE.replace(b"SUBJECT : Grades\r\n of a person", b"SUBJECT : a\r\n c")
    assert changed == expected.replace(b"Keywords: grades", b"Keywords: k").replace(b"Subject: second", b"Subject: b")


def test_a_field_of_a_part_is_found_by_its_place() -> None:
    span = Span(MESSAGE.index(b"Subject: not"), len(MESSAGE))
    change = ChangePartHeader("1", "Subject", span, "new", "nested-subject", "new")
    changed = apply(MESSAGE, (*fields_of(MESSAGE), PartField("1", "Subject", span)), (change, edit("Keywords", 1, "k")))
    assert changed == MESSAGE.replace(b"Keywords: grades", b"Keywords: k").replace(b"Subject: not a field", b"Subject: new")


def test_bare_line_feeds_of_a_file_stay() -> None:
    raw = b"Subject: x\nTo: y\n\nbody\n"
    assert apply(raw, fields_of(raw), (edit("Subject", 1, "a\r\n b"),)) == b"Subject: a\n b\nTo: y\n\nbody\n"


def test_a_header_that_ends_without_a_line_end() -> None:
    raw = b"To: y\r\nSubject: x"
    assert apply(raw, fields_of(raw), (edit("Subject", 1, "a"),)) == b"To: y\r\nSubject: a"


def test_fields_go_with_their_lines() -> None:
    gone = [field for field in fields_of(MESSAGE) if field.name.lower() == "subject"]
    expected = MESSAGE.replace(b"SUBJECT : Grades\r\n of a person\r\n", b"").replace(b"Subject: second\r\n", b"")
    assert without(memoryview(MESSAGE), reversed(gone)) == expected
    assert without(MESSAGE, []) == MESSAGE


def test_no_edits_no_change() -> None:
    assert apply(memoryview(MESSAGE), fields_of(MESSAGE), ()) == MESSAGE


@pytest.mark.parametrize(
    "value",
    ["a\r\nBcc: x@y.example", "a\nBcc: x", "a\rb", "a\r\n", "a\r\n\r\n body", "a\r\n \r\n b", "a\x00", "caf\xe9", "a\r\n \t"],
)
def test_a_value_that_could_end_the_field_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        apply(MESSAGE, fields_of(MESSAGE), (edit("Subject", 1, value),))


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param((edit("Subject", 3, "x"),), id="no-such-occurrence"),
        pytest.param((edit("Bcc", 1, "x"),), id="no-such-field"),
        pytest.param((ChangePartHeader("1", "Subject", Span(0, 9), "x", "nested-subject", "x"),), id="not-offered"),
        pytest.param((edit("Subject", 1, "x"), edit("subject", 1, "y")), id="twice"),
    ],
)
def test_an_edit_must_name_one_field_once(edits: tuple[Edit, ...]) -> None:
    with pytest.raises(ValueError, match="one field"):
        apply(MESSAGE, fields_of(MESSAGE), edits)


_NAMES = st.sampled_from([b"Subject", b"subject", b"X-A", b"Keywords"])
_VALUES = st.binary(max_size=30).map(lambda value: value.translate(None, b"\r\n"))
_FIELDS = st.lists(st.tuples(_NAMES, _VALUES, st.booleans()), min_size=1, max_size=8)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(header=_FIELDS, body=st.binary(max_size=60), chosen=st.sets(st.integers(0, 7)))
def test_everything_outside_the_edited_spans_is_identical(
    header: list[tuple[bytes, bytes, bool]], body: bytes, chosen: set[int]
) -> None:
    lines = [name + b":" + value + (b"\r\n folded" if fold else b"") + b"\r\n" for name, value, fold in header]
    raw = b"".join(lines) + b"\r\n" + body
    fields: list[HeaderField] = []
    for index, line in enumerate(lines):
        name = header[index][0].decode()
        start = sum(map(len, lines[:index]))
        before = sum(1 for field in fields if field.name.lower() == name.lower())
        fields.append(HeaderField(name, before + 1, Span(start, start + len(line)), ""))
    picked = [index for index in sorted(chosen) if index < len(fields)]
    edits = tuple(edit(fields[index].name, fields[index].occurrence, "new value") for index in reversed(picked))
    expected = b"".join(header[index][0] + b": new value\r\n" if index in picked else line for index, line in enumerate(lines))
    assert apply(raw, tuple(fields), edits) == expected + b"\r\n" + body
