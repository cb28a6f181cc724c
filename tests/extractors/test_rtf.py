"""RTF: every destination is read, numbers are whole whatever stands between their digits, and objects are opened."""

from __future__ import annotations

import struct

import pytest

from dlp.extractors.content import File, Grid, Source, Text
from dlp.extractors.rtf import rtf
from tests.extractors.read import ID, opened, pieces


def read(data: bytes, **limits: int) -> tuple[list[Text | Grid | File], str]:
    return pieces(rtf, Source(data), **limits)


def found(body: bytes) -> dict[str, str]:
    """Place -> text."""
    given, end = read(rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 A;}{\f1\fcharset204 B;}}" + body + b"}")
    assert end == ""
    return {each.place: each.text for each in given if isinstance(each, Text)}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (rb"student ID 91{\b 2345}\i0 678\par", ""),
        (b"student ID 91\r\n23456\r\n78", ""),
        (rb"student ID \'39\'31\'32345678", ""),
        (rb"student ID \u57?\u49?2345678", ""),
        (rb"student ID {\uc0\u57\u49}2345678", ""),
        (rb"student ID {\uc2\u57??\u49\'31\'31}2345678", ""),
        (rb"student ID 9123\-45678", ""),
        (rb"student ID 91{\*\bkmkstart x}2345{\v 000}678", ""),
        (rb"{\upr{old}{\*\ud student ID 912345678}}", ""),
        (rb"{\info{\upr{\title a}{\*\ud{\title student ID 912345678}}}}", "properties"),
        (rb"{\title{\upr{old}{\*\ud student ID 912345678}}}", "properties"),
        (rb"{\header{\upr{old}{\*\ud student ID 912345678}} more}", "headers"),
        (rb"{\objdata{a{\header \ud 41}}}student ID 912345678", ""),
        (rb"{\v student ID 912345678}", "with hidden text"),
        (rb"{\deleted student ID 912345678}", "before changes"),
        (rb"{\header student ID 912345678}", "headers"),
        (rb"{\footerf student ID 912345678}", "footers"),
        (rb"x{\footnote student ID 912345678}", "footnotes"),
        (rb"x{\*\atnauthor a}{\*\annotation student ID 912345678}", "comments"),
        (rb"x{\*\atnauthor student ID 912345678}", "comments, markup"),
        (rb"{\shp{\*\shpinst{\sp{\sn wzDescription}{\sv student ID 912345678}}}}", "descriptions"),
        (rb"{\shp{\*\shpinst{\shptxt student ID 912345678\par}}}", "text boxes"),
        (rb'{\field{\*\fldinst HYPERLINK "mailto:912345678@b.example"}{\fldrslt x}}', "field codes"),
        (rb"{\field{\*\fldinst X}{\fldrslt student ID 912345678}}", ""),
        (rb"{\info{\title student ID 912345678}}", "properties"),
        (rb"{\info{\*\userprops{\propname student ID}\proptype30{\staticval 912345678}}}", "properties"),
        (rb"{\*\docvar {student ID}{912345678}}", "markup"),
        (rb"{\*\nobodyknows student ID 912345678}", "markup"),
        (rb"{\*\htmltag <b>student ID 912345678</b>}", "markup"),
        (rb"{\object\objemb{\result student ID 912345678}}", ""),
        (rb"{{{{student ID 912345678", ""),
        (rb"\uc2 student ID 9123\u52\tab\b 5678", ""),
        (rb"\uc1 student ID 9123\u52\bin3 abc5678", ""),
        (rb"student ID {\f1\uc0\u-4039\u-4047\u-4046}345678", ""),
        (rb"{\colortbl;\red255\green255\blue255;}student ID 9123{\cf1 77}45678", ""),
        (rb"student ID 9123{\fs1 77}45678", ""),
        (rb"{\upr{student ID 912345678}{\*\ud nothing}}", "markup"),
        (rb"{\*\listtable{\list{\listlevel{\leveltext\'14student ID 912345678;}{\levelnumbers;}}}}x", "list labels"),
        (rb"{\shp{\*\shpinst{\sp{\sn gtextUNICODE}{\sv 912345678}}}}", "descriptions"),
        (rb"{\shp{\*\shpinst{\sp{\sn x}{\sv 1\line 912345678}}}}", "descriptions"),
        (rb"{\colortbl;\red255\green255\blue255;}student ID {\cf-9 912345678}", ""),
        (rb"\fromhtml1 student ID 9123\htmlrtf 77\htmlrtf0 45678", ""),
        (rb"\fromhtml1 {\*\htmltag <p>}student ID 912{\*\htmltag &#51;<b>4}5678{\*\htmltag </b>}", "HTML text"),
    ],
)
def test_the_number_is_whole_and_its_place_is_said(body, place):
    assert ID in found(body)[place]


def test_a_number_in_a_list_label_is_read():
    assert "912." in found(rb"{\*\listtable{\list{\listlevel{\leveltext\'04912.;}{\levelnumbers;}}}}x")["list labels"]


def test_characters_are_those_of_their_font():
    assert found(rb"\f1\'cf\'f0\f0\'e9{\f1\'cf}\plain\'e9")[""] == "\u041f\u0440\xe9\u041f\xe9"
    assert read(rb"{\rtf1\ansi\ansicpg932 \'93\'fa\'83A}")[0] == [Text("\u65e5\u30a2")]
    assert found(rb"\u-10179?\u-8704?")[""] == "\U0001f600"


def test_a_table_names_its_cells():
    row = rb"\trowd\cellx1\cellx2\pard\intbl %b\cell %b\cell\row"
    given, _ = read(rb"{\rtf1 before\par" + row % (b"Name", b"ID") + row % (b"Ada", ID.encode()) + rb"\pard after\par}")
    assert [each for each in given if isinstance(each, Grid)] == [Grid([["Name", "ID"], ["Ada", ID]], "table 1")]
    assert Text(f"before\nName\tID\nAda\t{ID}\nafter\n") in given


def package(data: bytes) -> bytes:
    """A packaged file in an OLE 1 object (MS-OLEDS 2.2.5, 2.3.6)."""
    inner = b"\x02\0a b.txt\0C:\\a b.txt\0\0\0\x03\0\x05\0\0\0C:\\a\0" + struct.pack("<I", len(data)) + data
    return struct.pack("<III", 0x501, 2, 8) + b"Package\0" + b"\0" * 8 + struct.pack("<I", len(inner)) + inner


@pytest.mark.parametrize(
    "hide",
    [
        lambda digits: digits,
        lambda digits: b"\r\n".join(digits[at : at + 7] for at in range(0, len(digits), 7)),
        lambda digits: rb"\b\ul0 ".join(digits[at : at + 40] for at in range(0, len(digits), 40)),
        lambda digits: digits[:9] + rb"{\*\x y}" + digits[9:],
        lambda digits: digits[:10] + rb"{\object " + digits[10:] + b"}",
        lambda digits: rb"\bin%d " % (len(digits) // 2) + bytes.fromhex(digits.decode()),
    ],
    ids=["plain", "lines", "words", "groups", "nested", "binary"],
)
def test_objects_are_files(hide):
    digits = package(b"student ID 912345678").hex().encode()
    given, _ = read(rb"{\rtf1{\object{\*\objdata " + hide(digits) + b"}}}")
    assert [each for each in given if isinstance(each, File)] == [File(b"student ID 912345678", "a b.txt")]


def test_pictures_and_what_stands_behind_are_files():
    given, _ = read(rb"{\rtf1{\*\shppict{\pict\pngblip 89504e47}}}student ID 912345678")
    assert [each.data for each in given if isinstance(each, File)] == [b"\x89PNG", b"student ID 912345678"]
    assert read(b"{\\rtf1 a}\r\n\0")[0] == [Text("a")]


def test_an_attachment_is_read_whatever_its_name():
    shown = opened(rb"{\rt student ID 912345678}", "a.doc").shown
    assert any(ID in each.text for each in shown)


@pytest.mark.parametrize("bomb", [b"{}" * 10_000_000, b"{" * 10_000_000, rb"\b" * 10_000_000], ids=["groups", "depth", "words"])
def test_bombs_end_at_the_budget(bomb):
    assert read(rb"{\rtf1" + bomb) == ([], "elements")


def test_depth_costs_nothing():
    assert ID in str(read(rb"{\rtf1" + b"{" * 200_000 + b"912345678" + b"}" * 200_001)[0])
