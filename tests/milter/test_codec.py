"""Frames of the milter protocol: byte by byte as the MTAs write them, there and back, and what is no frame."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milter import commands, replies
from milter.codec import COMMANDS, REPLIES, Frames, decode, encode
from milter.layouts import Malformed, Origin
from milter.negotiation import Negotiate, Stage, Steps

# As seen between Sendmail or Postfix and libmilter: the bytes after the length.
TOLD = {
    b"O\0\0\0\x06\0\0\1\xff\0\x1f\xff\xff": Negotiate(6, 0x1FF, 0x1FFFFF),
    b"O\0\0\0\2\0\0\0\x3f\0\0\0\x7f": Negotiate(2, 0x3F, 0x7F),
    b"DCj\0mx.example\0{daemon_name}\0MTA\0": commands.Macros(b"C", {b"j": b"mx.example", b"{daemon_name}": b"MTA"}),
    b"DM": commands.Macros(b"M", {}),
    b"Cpc.example\x004\x09\xdd192.0.2.7\0": commands.Connect(b"pc.example", Origin(b"4", 2525, b"192.0.2.7")),
    b"C[2001:db8::1]\x006\0\x19IPv6:2001:db8::1\0": commands.Connect(b"[2001:db8::1]", Origin(b"6", 25, b"IPv6:2001:db8::1")),
    b"Clocalhost\0L\0\0/run/mta\0": commands.Connect(b"localhost", Origin(b"L", 0, b"/run/mta")),
    b"Clocalhost\0U": commands.Connect(b"localhost", Origin(b"U")),
    b"Hclient.example\0": commands.Helo(b"client.example"),
    b"M<a@x.example>\0SIZE=9\0BODY=8BITMIME\0": commands.Mail(b"<a@x.example>", (b"SIZE=9", b"BODY=8BITMIME")),
    b"M<>\0": commands.Mail(b"<>"),
    b"R<b@x.example>\0NOTIFY=NEVER\0": commands.Rcpt(b"<b@x.example>", (b"NOTIFY=NEVER",)),
    b"T": commands.Data(),
    b"UXYZZY a\0": commands.Unknown(b"XYZZY a"),
    b"LSubject\0 one\n\ttwo\0": commands.Header(b"Subject", b" one\n\ttwo"),
    b"L\xff\0\0": commands.Header(b"\xff", b""),
    b"N": commands.EndOfHeaders(),
    b"Btext\r\n\0\xff": commands.Body(b"text\r\n\0\xff"),
    b"E": commands.EndOfMessage(),
    b"Elast": commands.EndOfMessage(b"last"),
    b"A": commands.Abort(),
    b"K": commands.QuitClient(),
    b"Q": commands.Quit(),
}
SAID = {
    b"O\0\0\0\x06\0\0\1\x1b\0\x1f\xf3\x80\0\0\0\2i {auth_authen}\0\0\0\0\5i\0": Negotiate(
        6, 0x11B, 0x1FF380, {Stage.MAIL: b"i {auth_authen}", Stage.END_OF_MESSAGE: b"i"}
    ),
    b"c": replies.Continue(),
    b"a": replies.Accept(),
    b"d": replies.Discard(),
    b"r": replies.Refuse(),
    b"t": replies.TryAgain(),
    b"y451 4.7.1 later\0": replies.Answer(b"451 4.7.1 later"),
    b"s": replies.Skip(),
    b"p": replies.Progress(),
    b"4": replies.ShutDown(),
    b"f": replies.FailConnection(),
    b"hX-A\0 b\0": replies.AddHeader(b"X-A", b" b"),
    b"i\0\0\0\2X-A\0 b\0": replies.InsertHeader(2, b"X-A", b" b"),
    b"m\0\0\0\1Subject\0\0": replies.ChangeHeader(1, b"Subject", b""),
    b"e<c@x.example>\0RET=HDRS\0": replies.ChangeSender(b"<c@x.example>", (b"RET=HDRS",)),
    b"+<c@x.example>\0": replies.AddRecipient(b"<c@x.example>"),
    b"2<c@x.example>\0NOTIFY=NEVER\0": replies.AddRecipientWithParameters(b"<c@x.example>", (b"NOTIFY=NEVER",)),
    b"-b@x.example\0": replies.DeleteRecipient(b"b@x.example"),
    b"bnew\r\n": replies.ReplaceBody(b"new\r\n"),
    b"qwhy\0": replies.Quarantine(b"why"),
}
SIDES = [*((COMMANDS, data, frame) for data, frame in TOLD.items()), *((REPLIES, data, frame) for data, frame in SAID.items())]


def framed(data):
    return len(data).to_bytes(4, "big") + data


@pytest.mark.parametrize(("kinds", "data", "frame"), SIDES, ids=lambda each: type(each).__name__)
def test_a_frame_is_read_and_written_byte_by_byte(kinds, data, frame):
    assert decode(data[:1], data[1:], kinds) == frame
    assert encode(frame) == framed(data)


def test_every_command_and_reply_stands_in_the_tables_above():
    assert {type(frame) for frame in TOLD.values()} == set(COMMANDS.values())
    assert {type(frame) for frame in SAID.values()} == set(REPLIES.values())


BROKEN = {
    "unknown letter": b"Z",
    "a reply from the MTA": b"t",
    "string without an end": b"Hclient",
    "no string at all": b"H",
    "second string missing": b"LSubject\0",
    "second string without an end": b"LSubject\0x",
    "three strings of two": b"La\0b\0c\0",
    "parameters without an end": b"M<a>\0SIZE",
    "data where there is none": b"Nx",
    "number cut off": b"O\0\0\0\6\0\0",
    "number missing": b"O",
    "wish without its words": b"O\0\0\0\6\0\0\0\0\0\0\0\0\0\0\0\1",
    "macro without a value": b"DMi\0",
    "macros of no command": b"D",
    "unknown family": b"Cx\x005\0\0y\0",
    "family missing": b"Cx\0",
    "port cut off": b"Cx\x004\0",
    "address without an end": b"Cx\x004\0\1y",
    "more behind an unknown family": b"Cx\0U\0\0y\0",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_is_no_frame_is_malformed(data):
    with pytest.raises(Malformed):
        list(Frames(COMMANDS, 65_535).feed(framed(data)))


@pytest.mark.parametrize("size", [0, 65_537, 1 << 24, 0xFFFFFFFF])
def test_a_length_is_refused_before_anything_is_kept_for_it(size):
    frames = Frames(COMMANDS, Steps(0).most_data)
    with pytest.raises(Malformed):
        list(frames.feed(size.to_bytes(4, "big")))


@pytest.mark.parametrize(
    ("agreed", "most"),
    [(Steps(0), 65_535), (Steps.DATA_256K, 262_143), (Steps.DATA_1M, 1_048_575), (Steps.DATA_1M | Steps.DATA_256K, 1_048_575)],
)
def test_the_longest_frame_is_what_was_agreed_on(agreed, most):
    frames = Frames(COMMANDS, agreed.most_data)
    assert list(frames.feed(encode(commands.Body(bytes(most))))) == [commands.Body(bytes(most))]
    with pytest.raises(Malformed):
        list(frames.feed(encode(commands.Body(bytes(most + 1)))))


@pytest.mark.parametrize("frame", [commands.Helo(b"a\0b"), replies.Answer(b"4\0"), commands.Mail(b"", (b"\0",))])
def test_no_string_is_written_that_would_end_early(frame):
    with pytest.raises(ValueError, match="NUL"):
        encode(frame)


@given(st.lists(st.sampled_from(list(TOLD.values())), max_size=12), st.lists(st.integers(1, 40), min_size=1))
def test_frames_arrive_however_the_stream_is_cut(frames, sizes):
    stream = b"".join(map(encode, frames))
    reader, found, turn = Frames(COMMANDS, 65_535), [], 0
    while stream:
        size = sizes[turn % len(sizes)]
        found += reader.feed(stream[:size])
        stream, turn = stream[size:], turn + 1
    assert found == frames
    assert not reader.begun


@given(st.binary(max_size=60))
def test_bytes_of_any_kind_are_frames_or_malformed(data):
    frames = Frames(COMMANDS, 65_535)
    try:
        found = list(frames.feed(data))
    except Malformed:
        return
    taken = sum(len(encode(frame)) for frame in found)
    assert taken < len(data) if frames.begun else taken == len(data)
