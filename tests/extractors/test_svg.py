"""Drawings in SVG: texts as they are shown, files within, and outlines nobody reads."""

from __future__ import annotations

import base64

import pytest

from tests.extractors.read import ID, opened, places

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
DATA = base64.b64encode(b"student ID 912345678").decode()


def drawing(body: str) -> bytes:
    return f'<?xml version="1.0"?>{HEAD}{body}</svg>'.encode()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"<text>student ID {ID}</text>", f"student ID {ID}"),
        ("<text>9<tspan>1<tspan>2</tspan></tspan>345678</text>", ID),
        ("".join(f'<text x="{at}" y="4">{digit}</text>' for at, digit in enumerate(ID)), ID),
        (f'<text><tspan x="1">Name</tspan><tspan x="9">{ID}</tspan></text>', f"Name {ID}"),
        (f'<text><tspan y="1">Name</tspan><tspan y="9">{ID}</tspan></text>', f"Name\n{ID}"),
        ("<text>&#57;12345678</text>", ID),
        (f"<desc>student ID {ID}</desc>", f"student ID {ID}"),
        (f"<foreignObject><div><p>student</p><p>{ID}</p></div></foreignObject>", f"student\n{ID}"),
    ],
    ids=["text", "spans", "glyph-by-glyph", "words-placed", "lines-placed", "character-references", "description", "foreign"],
)
def test_texts_are_read_as_they_are_shown(body, text):
    found = opened(drawing(body), "a.svg")
    assert text in [each.text for each in found.shown]
    assert found.why == ""


@pytest.mark.parametrize("attribute", ["href", "xlink:href"])
@pytest.mark.parametrize("url", [f"data:text/plain;base64,{DATA}", "data:,student%20ID%20912345678"])
def test_files_in_it_are_opened(attribute, url):
    assert "1" in places(opened(drawing(f'<image {attribute}="{url}"/>'), "a.svg"))


@pytest.mark.parametrize(("lines", "why"), [(3, ""), (300, "image")])
def test_letters_drawn_as_outlines_are_a_picture(lines, why):
    assert opened(drawing(f'<path d="{"M1 1 L2 2 " * lines}"/>'), "a.svg").why == why


def test_a_drawing_shown_over_and_over_is_looked_at_once():
    levels = "".join(f'<g id="l{level + 1}">{f"""<use xlink:href="#l{level}"/>""" * 10}</g>' for level in range(30))
    found = opened(drawing(f'<text id="l0">{ID}</text>{levels}'), "a.svg")
    assert [each.text for each in found.shown].count(ID) == 1
    assert found.why == ""


def test_entities_that_unfold_without_end_are_not_unfolded():
    entities = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e0 "boom">{entities}]>{HEAD}<text>&e11;</text></svg>'
    assert sum(len(each.text) for each in opened(bomb.encode(), "a.svg").shown) < 20 * len(bomb)
