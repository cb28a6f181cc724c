"""What the fuzz targets of the milter start from, and what they do with one input.

Frames are members, so that lengths are set right again after a change; the other target takes the stream as it is.
"""

from __future__ import annotations

from dlp.receive.data import Budget, DataRules
from dlp.values import Reply
from milter import commands, replies
from milter.codec import COMMANDS, REPLIES, Frames, encode
from milter.layouts import Frame
from milter.negotiation import Negotiate, Steps
from milter.session import Accepted, Discarded, Outcome, OutOfOrder, Session
from tests.fuzz.mutating import Members
from tests.milter.peer import EVERY_ACTION, GREETING, OFFER, RAW, Kept, message

WORDS = (b"\0", b"\n", b"\r\n", b"\r", b"\n\t", b":", b"<>", b"\xff\xff\xff\xff", b"{auth_authen}\0x\0", *COMMANDS, *REPLIES)
_SAID = (
    Negotiate(6, EVERY_ACTION, 0, {2: b"i {auth_authen}"}),
    replies.Progress(),
    replies.ChangeHeader(1, b"Subject", b" new"),
    replies.InsertHeader(0, b"X", b" y"),
    replies.DeleteRecipient(b"<b@campus.example>"),
    replies.ReplaceBody(b"new\r\n"),
    replies.Answer(b"451 4.3.0 later"),
    replies.Accept(),
)


def _told() -> tuple[tuple[Frame, ...], ...]:
    first = (OFFER, *GREETING, *message(RAW, b"<b@campus.example>", b"c@elsewhere.example"))
    answered = (Negotiate(6, EVERY_ACTION, Steps.LEADING_SPACE), *GREETING, *message(RAW))
    again = (
        *first,
        *message(RAW, sender=b"<>"),
        commands.Abort(),
        commands.QuitClient(),
        *GREETING,
        *message(b"A: b\r\n\r\nc\r\n"),
    )
    return first, answered, again


def streams() -> tuple[Members, ...]:
    return tuple((("", b"".join(map(encode, frames))),) for frames in (*_told(), _SAID))


def conversations() -> tuple[Members, ...]:
    return tuple(tuple((str(place), encode(frame)[4:]) for place, frame in enumerate(frames)) for frames in _told())


def packed(members: Members) -> bytes:
    return b"".join(len(data).to_bytes(4, "big") + data for _, data in members)


def framed(data: bytes) -> None:
    """Of both sides. What is read is written as it came, whole or cut."""
    for kinds in (COMMANDS, REPLIES):
        frames = list(Frames(kinds, Steps(0).most_data).feed(data))
        cut = Frames(kinds, Steps(0).most_data)
        assert [each for at in range(0, len(data), 7) for each in cut.feed(data[at : at + 7])] == frames, "cut otherwise"
        assert sum(len(encode(each)) for each in frames) <= len(data), "more than came"


def talked(data: bytes) -> None:
    """Nothing is accepted unasked, nothing kept; and what the MTA is told makes its message ours."""
    rules = DataRules(10_000, Budget(10_000), normalise=len(data) % 2 == 0, nul=False)
    session = Session(rules)
    try:
        for frame in Frames(COMMANDS, Steps(0).most_data).feed(data):
            said = session.take(frame)
            assert all(isinstance(each, Negotiate | replies.Continue | replies.TryAgain | replies.Answer) for each in said)
            if session.message is not None:
                _settled(session)
    except OutOfOrder:
        pass
    finally:
        session.close()
        assert not rules.budget.used, "bytes are still reserved"


def _refused(session: Session, outcome: Accepted) -> None:
    """Nobody can be removed and stay, and somebody must."""
    try:
        session.settle(outcome)
    except ValueError:
        return
    raise AssertionError("a recipient was removed and stays")


def _settled(session: Session) -> None:
    found = session.message
    assert found is not None
    assert found.recipients, "a message to nobody"
    assert found.raw.count(b"\r") == found.raw.count(b"\n") == found.raw.count(b"\r\n"), "a bare newline"
    wanted = b"X-A: 1\r\n" + found.raw.replace(b"Subject:", b"Subject: x", 1)
    outcome: Outcome = (Discarded(), Accepted(wanted, (0,)), Reply(451, "4.3.0", "later"))[len(found.raw) % 3]
    kept = Kept(found.received, list(dict.fromkeys(found.echoes)))
    if isinstance(outcome, Accepted) and (found.echoes[0] in found.echoes[1:] or len(found.echoes) == 1):
        _refused(session, outcome)
        return
    null = not found.sender
    last = kept.take(list(session.settle(outcome)))
    assert isinstance(last, replies.Discard | replies.Accept | replies.Answer) or (null and isinstance(last, replies.TryAgain))
    if isinstance(last, replies.Accept):
        assert kept.content() == wanted, "the MTA has something else"
