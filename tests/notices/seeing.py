"""What a person sees of a letter in a client, measured in the client's own picture of it.

`look` gives the words with the place of each and its contrast there; `faults` compares them with the words that should be
read and says in plain words what is wrong with them. Contrast is that of WCAG 2.2 1.4.3, from pixels: it can only be
lower than what the colours promise.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.notices.clients import Client

ENOUGH = 4.5
_SLACK = 1.5  # CSS pixels; places are rounded

_PLACES = r"""
const pieces = [], range = document.createRange();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) for (const word of walker.currentNode.data.matchAll(/\S+/g)) {
  range.setStart(walker.currentNode, word.index);
  range.setEnd(walker.currentNode, word.index + word[0].length);
  const boxes = [...range.getClientRects()], whole = boxes.reduce((width, box) => width + box.width, 0);
  for (const box of boxes)
    pieces.push([word[0], whole, box.x + scrollX, box.y + scrollY, box.width, box.height]);
}
const root = document.documentElement;
return [document.body.innerText, pieces, root.clientWidth, Math.max(root.scrollWidth, document.body.scrollWidth)];
"""

# The ground of a place is its most frequent colour; its ink the colour that stands out most from that.
_CONTRASTS = r"""
const [png, boxes] = arguments, picture = new Image();
picture.src = 'data:image/png;base64,' + png;
return picture.decode().then(() => {
  const {width, height} = picture, canvas = new OffscreenCanvas(width, height).getContext('2d');
  canvas.drawImage(picture, 0, 0);
  const pixels = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
  const part = byte => (byte /= 255) <= 0.04045 ? byte / 12.92 : ((byte + 0.055) / 1.055) ** 2.4;
  const light = colour =>
    0.2126 * part(colour & 255) + 0.7152 * part(colour >> 8 & 255) + 0.0722 * part(colour >> 16 & 255);
  const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const look = ([left, top, right, bottom], step) => {
    const counts = new Map();
    for (let y = Math.max(top, 0); y < Math.min(bottom, height); y += step)
      for (let x = Math.max(left, 0); x < Math.min(right, width); x += step)
        counts.set(pixels[y * width + x], (counts.get(pixels[y * width + x]) || 0) + 1);
    if (!counts.size) return [0, 0];
    const ground = light([...counts].reduce((a, b) => b[1] > a[1] ? b : a)[0]);
    return [ground, Math.max(...[...counts.keys()].map(colour => contrast(light(colour), ground)))];
  };
  const scaled = boxes.map(([x, y, w, h]) => [x, y, x + w, y + h].map(side => Math.round(side * devicePixelRatio)));
  return [look([0, 0, width, height], 5)[0], scaled.map(box => look(box, 1)[1])];
});
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A word where it stands, or the part of it that is on one line; CSS pixels. `whole` is the width of all its parts."""

    word: str
    whole: float
    x: float
    y: float
    width: float
    height: float
    contrast: float


@dataclass(frozen=True, slots=True)
class Seen:
    """`ground` is the luminance most of the page has, 0 black to 1 white; `needed` the width it takes to see it all."""

    text: str
    pieces: tuple[Piece, ...]
    width: float
    needed: float
    ground: float
    picture: bytes = field(repr=False)


def look(client: Client, letter: bytes, *, dark: bool, zoom: int) -> Seen:
    """The letter as this client shows it."""
    client.show(letter, dark=dark, zoom=zoom)
    text, places, width, needed = client.ask(_PLACES)
    picture = client.picture()
    boxes = [box for _, _, *box in places]
    ground, contrasts = client.ask(_CONTRASTS, base64.b64encode(picture).decode(), boxes)
    pieces = tuple(Piece(*place, contrast) for place, contrast in zip(places, contrasts, strict=True))
    return Seen(text, pieces, width, needed, ground, picture)


def faults(seen: Seen, words: Sequence[str], *, dark: bool) -> list[str]:
    """What keeps a person from reading exactly these words, in this order."""
    return list(dict.fromkeys((*_of_page(seen, words, dark=dark), *_of_pieces(seen), *_of_order(seen))))


def _of_page(seen: Seen, words: Sequence[str], *, dark: bool) -> Iterator[str]:
    if seen.text.split() != list(words):
        yield "other words, or another order of them"
    if seen.needed > seen.width:
        yield "it must be scrolled sideways"
    if (seen.ground < 0.2) != dark or (seen.ground > 0.8) == dark:
        yield "the page is light in dark mode" if dark else "the page is dark in light mode"


def _of_pieces(seen: Seen) -> Iterator[str]:
    for piece in seen.pieces:
        if not (piece.width and piece.height):
            yield f"no place: {piece.word}"
        if piece.x < 0 or piece.y < 0 or piece.x + piece.width > seen.width + _SLACK:
            yield f"beside the page: {piece.word}"
        if piece.width < piece.whole < seen.width / 2:
            yield f"broken: {piece.word}"
        if piece.contrast < ENOUGH:
            yield f"not to be read: {piece.word}"


def _of_order(seen: Seen) -> Iterator[str]:
    for before, piece in pairwise(seen.pieces):
        same_line = abs(before.y - piece.y) < before.height / 2
        after = piece.x - before.x - before.width if same_line else piece.y - before.y - before.height
        if after < -_SLACK:
            yield f"not after {before.word}: {piece.word}"
