"""Opening files: what one gives, what stays shut, and that one bad file spoils nothing beside it."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dlp.extractors import opening
from dlp.extractors.content import Budget, File, Grid, Piece, Source, Stop, Text, beside_others, broken, locked
from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail.entity import Description
from dlp.mail.opened import Opened
from dlp.values import PartStatus

DECLARED = Description("application/octet-stream")


def sniff(data: bytes) -> str:
    return data.partition(b":")[0].decode("ascii", "replace")


def opened(monkeypatch: pytest.MonkeyPatch, *pieces: Piece | Exception, limits: Limits = Limits()) -> Opened:  # noqa: B008
    def extractor(source: Source, budget: Budget) -> Iterator[Piece]:
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    monkeypatch.setattr(opening, "kinds", lambda source, sniff: (source.data.decode("ascii", "replace"),))
    monkeypatch.setattr(opening, "EXTRACTORS", {"pieces": extractor, "text": lambda *_: iter([Text("inner")])})
    return opener(limits, 0, sniff)(b"pieces", DECLARED)


def test_text_and_cells_say_where(monkeypatch):
    found = opened(monkeypatch, Text("a", "notes"), Grid([["b\tc", "d\ne"], ["f"]], "sheet 2", 3, 2))
    assert [(each.path, each.place, each.text, each.grid) for each in found.shown] == [
        ("", "notes", "a", None),
        ("", "sheet 2", "b c\td e\nf", (3, 2)),
    ]


def test_of_markup_in_values_only_what_it_changes_is_told_again(monkeypatch):
    tags = "".join(chr(0xE0000 + ord(sign)) for sign in "Ann Lee")
    found = opened(
        monkeypatch, Text("id: 1\nbody: A<b>nn L</b>ee"), Grid([["1", "<p>Ann <b>Lee</b></p>"]], "sheet 1"), Text(tags)
    )
    assert [(each.place, each.text.strip()) for each in found.shown] == [
        ("", "id: 1\nbody: A<b>nn L</b>ee"),
        ("without markup", "body: Ann Lee"),
        ("sheet 1", "1\t<p>Ann <b>Lee</b></p>"),
        ("sheet 1, without markup", "1\t Ann Lee"),
        ("", tags),
        ("unseen characters", "Ann Lee"),
    ]


def test_only_a_table_said_again_is_marked_so(monkeypatch):
    found = opened(monkeypatch, Text("a b"), Grid([["a", "b"]], again=True), Text("c"), Grid([[" "]], again=True))
    assert [(each.text, each.again) for each in found.shown] == [("a b", False), ("a\tb", True), ("c", False)]


def test_what_an_answer_cannot_hold_is_put_right(monkeypatch):
    found = opened(monkeypatch, Text("a\ud800b"), Grid([["c"]], "sheet 1", 0, 1))
    assert [(each.text, each.grid) for each in found.shown] == [("a\ufffdb", None), ("c", None)]


def test_files_within_are_opened_and_their_names_are_text(monkeypatch):
    found = opened(monkeypatch, File(b"text", "a.txt"), File(b"text"))
    assert [(each.path, each.place, each.text) for each in found.shown] == [
        ("1", "name", "a.txt"),
        ("1", "", "inner"),
        ("2", "", "inner"),
    ]


def test_what_is_encoded_in_a_text_is_undone_and_files_in_it_are_opened(monkeypatch):
    text = b"student ID 912345678 and a few more words"
    encoded = [base64.b64encode(each).decode() for each in (text, gzip.compress(text, mtime=0))]
    found = opened(monkeypatch, Text(f"see {encoded[0]}", "page 2"), Text(f"see\n{encoded[1]}\n", "page 3"))
    assert [(each.path, each.place) for each in found.shown if "912345678" in each.text] == [("", "page 2, encoded text")]
    assert [each.path for each in found.shut] == ["1"]


@pytest.mark.parametrize(
    ("end", "status", "why"),
    [
        (locked(), PartStatus.ENCRYPTED, "password"),
        (broken(), PartStatus.BROKEN, "broken"),
        (ValueError(), PartStatus.BROKEN, "broken"),
        (MemoryError(), PartStatus.TRUNCATED, "memory"),
        (RecursionError(), PartStatus.TRUNCATED, "memory"),
    ],
)
def test_what_was_read_before_an_end_is_kept(monkeypatch, end, status, why):
    found = opened(monkeypatch, Text("a"), end, Text("never"))
    assert [each.text for each in found.shown] == ["a"]
    assert (found.status, found.why) == (status, why)


@pytest.mark.parametrize(
    ("bound", "pieces"),
    [
        ({"members": 1}, [File(b"text"), File(b"text")]),
        ({"cells": 3}, [Grid([["a", "b"], ["c", "d"]])]),
        ({"text": 1}, [Text("ab")]),
        ({"expanded": 3}, [File(b"text")]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_over_a_limit_is_truncated(monkeypatch, bound, pieces):
    found = opened(monkeypatch, *pieces, limits=replace(Limits(), **bound))
    assert (found.status, found.why) == (PartStatus.TRUNCATED, next(iter(bound)))


def test_files_in_files_end_at_the_limit(monkeypatch):
    found = opened(monkeypatch, File(b"pieces", "again"), limits=Limits(nested=2))
    assert [(each.path, each.status, each.why) for each in found.shut] == [("1/1/1", PartStatus.TRUNCATED, "nested")]


def test_mail_within_a_file_is_read_as_mail():
    raw = b"Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst\r\n--b--\r\n"
    found = opener(Limits(), len(raw), lambda _data: "message/rfc822")(raw, DECLARED)
    assert [(each.path, each.place, each.text) for each in found.shown] == [("", "subject line", "s"), ("", "part 1", "first")]
    assert found.status is PartStatus.READ


def test_characters_of_an_unknown_file_are_seen_and_it_stays_unread():
    found = opener(Limits(), 0, sniff)(b"\0\1912345678\xff\0n\0a\0m\0e\0s\0.\0", DECLARED)
    assert [each.text.split() for each in found.shown] == [["912345678", "names."]]
    assert (found.status, found.why) == (PartStatus.UNSUPPORTED, "unsupported")


@pytest.mark.parametrize(("shown", "size", "why"), [(True, 9, "inline-image"), (False, 9, "image"), (True, 65_537, "image")])
def test_a_small_picture_shown_in_a_document_is_told_apart(monkeypatch, shown, size, why):
    def picture(*_: object) -> Iterator[Piece]:
        raise Stop(PartStatus.UNSUPPORTED, "image")
        yield

    monkeypatch.setattr(opening, "kinds", lambda source, _sniff: ("document" if source.data == b"document" else "image",))
    document = [File(b"i" * size, shown=shown)]
    monkeypatch.setattr(opening, "EXTRACTORS", {"document": lambda *_: iter(document), "image": picture})
    found = opener(Limits(), 0, sniff)(b"document", DECLARED)
    assert [each.why for each in found.shut] == [why]


def test_of_parts_side_by_side_one_may_break_off_and_a_limit_ends_them_all():
    def part(stop: Stop) -> Iterator[Piece]:
        yield Text("a")
        raise stop

    ends: list[Stop] = []
    assert list(beside_others(part(broken()), ends)) == [Text("a")]
    assert [stop.why for stop in ends] == ["broken"]
    with pytest.raises(Stop, match="cells"):
        list(beside_others(part(Stop(PartStatus.TRUNCATED, "cells")), ends))
