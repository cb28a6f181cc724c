"""The milter protocol on the wire: bytes to commands and replies, and back, for the MTA's side and for the filter's.

Takes blocks of bytes as they come; gives one value for each frame: a length of four bytes, a letter and its data, as
Sendmail's libmilter and Postfix (MILTER_README) speak it in versions 2 to 6. A frame that is longer than was agreed on, whose
data is not its letter's, or whose letter nobody knows is Malformed, and the stream cannot be read on. No I/O here, and
nothing of ours.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from milter import commands, replies
from milter.layouts import Frame, Malformed
from milter.negotiation import Negotiate

Kinds = Mapping[bytes, type[Frame]]
_SIZE = struct.Struct(">I")


def _by_letter(*kinds: type[Frame]) -> Kinds:
    return MappingProxyType({kind.letter: kind for kind in kinds})


# SMFIR_SETSYMLIST ("l") has a letter but no frame: the wishes of the negotiation are how macros are asked for.
COMMANDS = _by_letter(
    Negotiate,
    commands.Macros,
    commands.Connect,
    commands.Helo,
    commands.Mail,
    commands.Rcpt,
    commands.Data,
    commands.Unknown,
    commands.Header,
    commands.EndOfHeaders,
    commands.Body,
    commands.EndOfMessage,
    commands.Abort,
    commands.QuitClient,
    commands.Quit,
)
REPLIES = _by_letter(
    Negotiate,
    replies.Continue,
    replies.Accept,
    replies.Discard,
    replies.Refuse,
    replies.TryAgain,
    replies.Answer,
    replies.Skip,
    replies.Progress,
    replies.ShutDown,
    replies.FailConnection,
    replies.AddHeader,
    replies.InsertHeader,
    replies.ChangeHeader,
    replies.ChangeSender,
    replies.AddRecipient,
    replies.AddRecipientWithParameters,
    replies.DeleteRecipient,
    replies.ReplaceBody,
    replies.Quarantine,
)


def encode(frame: Frame) -> bytes:
    """One frame as bytes. ValueError for a string with a NUL."""
    names: tuple[str, ...] = frame.__slots__
    data = b"".join(
        [frame.letter, *(layout.write(getattr(frame, name)) for layout, name in zip(frame.layout, names, strict=True))]
    )
    return _SIZE.pack(len(data)) + data


def decode(letter: bytes, data: bytes, kinds: Kinds) -> Frame:
    """What one frame says. Raises Malformed."""
    kind = kinds.get(letter)
    if kind is None:
        raise Malformed("a letter nobody knows")
    values, at = [], 0
    for layout in kind.layout:
        value, at = layout.read(data, at)
        values.append(value)
    if at != len(data):
        raise Malformed("data follows the last field")
    make: Callable[..., Frame] = kind
    return make(*values)


class Frames:
    """Cuts a stream into frames. `most_data` may be changed once it is agreed on."""

    def __init__(self, kinds: Kinds, most_data: int) -> None:
        self.most_data = most_data
        self._kinds = kinds
        self._kept = bytearray()

    @property
    def begun(self) -> bool:
        """A frame has begun and not ended."""
        return bool(self._kept)

    def feed(self, block: bytes) -> Iterator[Frame]:
        """What has come whole with this block, one by one. Raises Malformed."""
        kept = self._kept
        if kept:
            kept += block
            if len(kept) < 4 or len(kept) < self._end(kept, 0):
                return
            block = bytes(kept)
            kept.clear()
        at, there = 0, len(block)
        try:
            while there - at >= 4 and there >= (end := self._end(block, at)):
                start, at = at, end
                yield decode(block[start + 4 : start + 5], block[start + 5 : end], self._kinds)
        finally:
            kept += block[at:]

    def _end(self, data: bytes | bytearray, at: int) -> int:
        """Where the frame that begins here ends."""
        size: int = _SIZE.unpack_from(data, at)[0]
        if not 1 <= size <= self.most_data + 1:
            raise Malformed("a frame is empty or longer than was agreed on")
        return at + 4 + size
