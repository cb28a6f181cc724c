"""What was read of one message so far, while its parts are read one after the other.

Takes views and keeps them within the limit on text; gives them all. What no longer fits is cut there and told. Never fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256

from dlp.limits import Limits
from dlp.mail.entity import Buffer
from dlp.mail.fold import fold
from dlp.mail.opened import OpenFile
from dlp.values import HeaderField, Part, PartField, Span, View

COMPARED = 4 << 20  # bytes of a message that the strict reading looks at: it makes an object of each line


@dataclass(slots=True)
class Collected:
    """One message's parts and views, and what must be said of it as a whole."""

    raw: Buffer
    limits: Limits
    open_file: OpenFile | None
    left: int  # characters that may still become text
    top: Span  # the message's own header
    locked: tuple[Span, ...] = ()  # bodies in which no byte may change
    fields: list[HeaderField] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    part_fields: list[PartField] = field(default_factory=list)
    doubts: set[str] = field(default_factory=set)
    header_cut: bool = False
    bodies: set[bytes] = field(default_factory=set)  # those decoded
    undone: dict[Span, bytes] = field(default_factory=dict)  # those in plain base64, by where they stand
    text_cut: bool = False  # of a header, a name or loose text; a part says so itself
    _digests: set[bytes] = field(default_factory=set)  # of the bodies, made when they are compared

    def is_new(self, body: bytes) -> bool:
        """Whether no part had this body; line ends and blanks around it make no difference."""
        if body in self.bodies or body in self.undone.values():
            return False
        if not self._digests:
            self._digests = set(map(_digest, self.bodies))
        digest = _digest(body)
        if digest in self._digests:
            return False
        self._digests.add(digest)
        return True

    def fold_in(self, view: View) -> None:
        """Add one view of text not folded yet; where the limit cuts it, that is told of the message."""
        text = fold(view.text)
        if text.strip() and not self.add(view if text == view.text else replace(view, text=text)):
            self.text_cut = True

    def add_again(self, view: View) -> None:
        """Add a grid of what an added view shows; without room for it nothing is missing."""
        if len(view.text) <= self.left:
            self.add(replace(view, again=True))

    def add(self, view: View) -> bool:
        """Add one view of folded text; False when the limit on text cut it."""
        shown = view.text[: self.left]
        self.left -= len(shown)
        if shown:
            self.views.append(view if len(shown) == len(view.text) else replace(view, text=shown))
        return len(shown) == len(view.text)


def _digest(body: bytes) -> bytes:
    return sha256(body.replace(b"\r\n", b"\n").strip()).digest()  # not the body: attachments are large
