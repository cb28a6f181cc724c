"""XML of documents: read without a tree, without entities, and whole or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dlp.extractors.content import Budget, Stop
from dlp.extractors.xml_events import COMMENT, TEXT, events, is_xml
from dlp.limits import Limits


def read(data: bytes, budget: Budget | None = None) -> tuple[str, str]:
    """The characters, comments in brackets; and the word of the end."""
    found: list[str] = []
    try:
        found.extend(
            event.text if event.kind is TEXT else f"[{event.text}]"
            for event in events(data, budget or Budget.of(Limits(), len(data)))
            if event.kind in (TEXT, COMMENT)
        )
    except Stop as stop:
        return "".join(found), stop.why
    return "".join(found), ""


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"<a>b<!--c--><d/>e<![CDATA[<f>]]><?g h?>&#105;&lt;</a>", "b[c]e<f>[g h]i<"),
        ('<?xml version="1.0" encoding="utf-16"?><a>\xe9</a>'.encode("utf-16"), "\xe9"),
        (b'<!DOCTYPE a PUBLIC "b" "c.dtd"><a>d</a>', "d"),
        (b"<a>" * 100_000 + b"b" + b"</a>" * 100_000, "b"),
    ],
    ids=["all", "utf-16", "doctype", "deep"],
)
def test_characters_and_comments(data, text):
    assert is_xml(data)
    assert read(data) == (text, "")


@pytest.mark.parametrize(
    "data",
    [
        b"<a>b",
        b"<a>b</c>",
        b'<!DOCTYPE a [<!ENTITY e "f">]><a>&e;</a>',
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///dev/zero">]><a>&e;</a>',
        b'<!DOCTYPE a PUBLIC "b" "c.dtd"><a>&nbsp;</a>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a SYSTEM "b"><a>&c;</a>'.encode("utf-16"),
        b'<a b="' + b"c" * 20_000_000 + b'"/>',
    ],
    ids=["cut", "crossed", "entity", "file", "undeclared", "utf-16", "huge"],
)
def test_what_is_not_well_formed_or_uses_entities_is_broken(data):
    assert read(data)[1] == "broken"


def test_a_bomb_of_elements_is_told_by_their_number():
    assert read(b"<a/>" * 1_000_000, Budget.of(replace(Limits(), elements=400_000), 0)) == ("", "elements")
