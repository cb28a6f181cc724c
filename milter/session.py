"""One connection of an MTA: commands in, replies out, and between them messages with all that was told about them.

Takes the commands in the order they came; gives what to answer now, and the message once it is whole (`message`), which
`settle` answers: once for each message where the MTA lets us. An MTA that lacks what we need, or one that should go
away, hears "try again" at every step. A command that cannot come now is OutOfOrder. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, ClassVar

from dlp.receive.data import DataRules
from dlp.values import Reply
from milter import commands
from milter.changes import changes
from milter.layouts import Frame, Origin
from milter.message import Collecting, Message, client_of
from milter.negotiation import NEWEST, OLDEST, Actions, Negotiate, Stage, Steps
from milter.replies import Accept, Answer, Continue, DeleteRecipient, Discard, TryAgain

NEEDED = Actions.ADD_HEADERS | Actions.CHANGE_BODY | Actions.DELETE_RECIPIENTS | Actions.CHANGE_HEADERS
# Flags are slow to combine, so what is asked of each connection are numbers.
_NEEDED, _NAME_MACROS = int(NEEDED), int(Actions.NAME_MACROS)
_LEADING_SPACE, _DATA_1M, _DATA_256K = int(Steps.LEADING_SPACE), int(Steps.DATA_1M), int(Steps.DATA_256K)
_MUTE = (
    Steps.MUTE_CONNECT
    | Steps.MUTE_HELO
    | Steps.MUTE_MAIL
    | Steps.MUTE_RCPT
    | Steps.MUTE_DATA
    | Steps.MUTE_UNKNOWN
    | Steps.MUTE_HEADER
    | Steps.MUTE_END_OF_HEADERS
    | Steps.MUTE_BODY
)
_WISHED = int(_MUTE | Steps.NO_UNKNOWN | Steps.NO_DATA | Steps.LEADING_SPACE)
_MACROS: Mapping[int, bytes] = MappingProxyType(
    {
        Stage.CONNECT: b"{daemon_name} {daemon_port}",
        Stage.HELO: b"{tls_version}",
        Stage.MAIL: b"i {auth_authen}",
        Stage.RCPT: b"i",
        Stage.END_OF_MESSAGE: b"i",
    }
)


class OutOfOrder(Exception):  # noqa: N818  says what came
    """A command that cannot come now. The text is fixed and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The MTA goes on with this content, for all recipients but those left out (indices)."""

    content: bytes | memoryview
    left_out: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Discarded:
    """The message is ours: the MTA says 250 and forgets it."""


Outcome = Accepted | Discarded | Reply


class _Phase(Enum):
    NEW = auto()  # nothing was agreed on
    OPEN = auto()  # no client
    CLIENT = auto()
    ENVELOPE = auto()
    HEADERS = auto()
    BODY = auto()
    ENDED = auto()  # the answer is awaited, or all is over


_BETWEEN = (_Phase.OPEN, _Phase.CLIENT)
_IN_MESSAGE = (_Phase.ENVELOPE, _Phase.HEADERS, _Phase.BODY)
_GO_ON = (Continue(),)
_ACCEPT = (Accept(),)
_STAGES = b"CHMRTLNBE"  # whose macros count, the latest last
_OF_CLIENT = b"CH"
_Act = Callable[["Session", Any], tuple[Frame, ...] | None]


@dataclass(frozen=True, slots=True)
class _Row:
    """When a command may come, what it does, and the flag by which its answer is left out (None: nobody awaits one)."""

    phases: tuple[_Phase, ...]
    mute: int | None
    act: _Act


def _row(act: _Act, mute: Steps | None, *phases: _Phase) -> _Row:
    return _Row(phases, None if mute is None else int(mute), act)


class Session:
    """One connection. `over` once the MTA has said good-bye."""

    def __init__(self, rules: DataRules, *, refusing: bool = False) -> None:
        self.over = False
        self.message: Message | None = None
        self.steps = Steps(0)  # agreed on
        self._muted = 0  # the same as a number
        self._refusing = refusing
        self._rules = rules
        self._phase = _Phase.NEW
        self._macros: dict[int, Mapping[bytes, bytes]] = {}  # by the command they came before
        self._name, self._origin, self._helo = b"", Origin(b"U"), b""
        self._now: Collecting | None = None

    def take(self, frame: Frame) -> tuple[Frame, ...]:
        """What to answer at once. Raises OutOfOrder."""
        row = self.ROWS[type(frame)]
        if self._phase not in row.phases:
            raise OutOfOrder("a command that cannot come now")
        given = row.act(self, frame)
        if given is not None or row.mute is None:
            return given or ()
        if self._refusing:
            return (TryAgain(),)
        return () if self._muted & row.mute else _GO_ON

    @property
    def between(self) -> bool:
        """No message has begun, so the MTA loses none when we hang up."""
        return self._phase in (_Phase.NEW, *_BETWEEN)

    def settle(self, outcome: Outcome) -> tuple[Frame, ...]:
        """What to answer to the message, which is forgotten."""
        message = self.message
        assert message is not None, "there is no message yet"
        self._end(_Phase.CLIENT)
        if isinstance(outcome, Discarded):
            return (Discard(),)
        if isinstance(outcome, Reply):
            return (_answer(outcome, null_sender=not message.sender),)
        if not outcome.left_out and outcome.content == message.received:
            return _ACCEPT
        gone = dict.fromkeys(message.echoes[index] for index in outcome.left_out)
        stay = {echo for index, echo in enumerate(message.echoes) if index not in outcome.left_out}
        if not stay.isdisjoint(gone) or not stay:
            raise ValueError("a recipient cannot be removed and stay")
        edits = changes(message.received, outcome.content, self.steps.most_data)
        return (*edits, *map(DeleteRecipient, gone), Accept())

    def give_up(self) -> tuple[Frame, ...]:
        """The answer to a message when there is no other; it is forgotten."""
        self._end(_Phase.CLIENT)
        return (TryAgain(),)

    def close(self) -> None:
        """Forget the message and give its bytes back. Safe to call twice."""
        self.message = None
        if self._now is not None:
            self._now.release()
        self._now = None

    def _end(self, phase: _Phase) -> None:
        """Of the message: its macros go, those of the client stay."""
        self.close()
        self._phase = phase
        kept = _OF_CLIENT if phase is _Phase.CLIENT else ()
        self._macros = {letter: values for letter, values in self._macros.items() if letter in kept}

    # What the commands do: they give their answer, or None for the one everybody gets

    def _negotiate(self, asked: Negotiate) -> tuple[Frame, ...]:
        """Without what we need nothing is agreed on, and each step is answered: a mere close might let mail pass."""
        self._phase = _Phase.OPEN
        version = min(asked.version, NEWEST)
        enough = version >= OLDEST and asked.actions & _NEEDED == _NEEDED and asked.steps & _LEADING_SPACE
        if self._refusing or not enough:
            self._refusing = True
            return (Negotiate(version, 0, 0),)
        self._muted = asked.steps & (_WISHED | _biggest(asked.steps))
        self.steps = Steps(self._muted)
        naming = asked.actions & _NAME_MACROS
        return (Negotiate(version, _NEEDED | naming, self._muted, _MACROS if naming else {}),)

    def _take_macros(self, given: commands.Macros) -> None:
        if given.command in _STAGES:
            self._macros[given.command[0]] = given.values

    def _connect(self, given: commands.Connect) -> None:
        self._phase = _Phase.CLIENT
        self._name, self._origin, self._helo = given.name, given.origin, b""

    def _greet(self, given: commands.Helo) -> None:
        """Within a transaction EHLO ends it (RFC 5321 4.1.4); Postfix passes it on before any abort."""
        if self._phase is _Phase.ENVELOPE:
            self._end(_Phase.CLIENT)
        self._helo = given.name

    def _begin(self, given: commands.Mail) -> None:
        self._phase = _Phase.ENVELOPE
        self._now = Collecting(self._rules, given.sender, given.parameters)

    def _recipient(self, given: commands.Rcpt) -> None:
        self._collecting.recipient(given.recipient, given.parameters)

    def _header(self, given: commands.Header) -> None:
        self._phase = _Phase.HEADERS
        self._collecting.header(given.name, given.value)

    def _body(self, given: commands.Body) -> None:
        self._phase = _Phase.BODY
        self._collecting.body(given.data)

    def _end_of_headers(self, _: commands.EndOfHeaders) -> None:
        self._phase = _Phase.BODY
        self._collecting.body(b"")

    def _whole(self, given: commands.EndOfMessage) -> tuple[Frame, ...]:
        self._body(commands.Body(given.data))
        collected = self._collecting
        macros = {name: value for letter in _STAGES for name, value in self._macros.get(letter, {}).items()}
        found = collected.finished(client_of(self._name, self._origin, self._helo), macros)
        if self._refusing or (isinstance(found, Message) and not found.recipients):
            return self.give_up()
        if isinstance(found, Reply):
            self._end(_Phase.CLIENT)
            return (_answer(found, null_sender=collected.null_sender),)
        self._phase, self.message = _Phase.ENDED, found
        return ()

    def _abort(self, _: commands.Abort) -> None:
        self._end(_Phase.OPEN if self._phase is _Phase.OPEN else _Phase.CLIENT)

    def _next_client(self, _: commands.QuitClient) -> None:
        self._end(_Phase.OPEN)

    def _nothing(self, _: Frame) -> None:
        return None

    def _quit(self, _: commands.Quit) -> None:
        self._end(_Phase.ENDED)
        self.over = True

    @property
    def _collecting(self) -> Collecting:
        assert self._now is not None, "MAIL comes first"
        return self._now

    ROWS: ClassVar[Mapping[type[Frame], _Row]] = MappingProxyType(
        {
            Negotiate: _row(_negotiate, None, _Phase.NEW),
            commands.Macros: _row(_take_macros, None, *_BETWEEN, *_IN_MESSAGE),
            commands.Connect: _row(_connect, Steps.MUTE_CONNECT, _Phase.OPEN),
            commands.Helo: _row(_greet, Steps.MUTE_HELO, _Phase.CLIENT, _Phase.ENVELOPE),
            commands.Mail: _row(_begin, Steps.MUTE_MAIL, _Phase.CLIENT),
            commands.Rcpt: _row(_recipient, Steps.MUTE_RCPT, _Phase.ENVELOPE),
            commands.Data: _row(_nothing, Steps.MUTE_DATA, _Phase.ENVELOPE),
            commands.Unknown: _row(_nothing, Steps.MUTE_UNKNOWN, _Phase.CLIENT, _Phase.ENVELOPE),
            commands.Header: _row(_header, Steps.MUTE_HEADER, _Phase.ENVELOPE, _Phase.HEADERS),
            commands.EndOfHeaders: _row(_end_of_headers, Steps.MUTE_END_OF_HEADERS, _Phase.ENVELOPE, _Phase.HEADERS),
            commands.Body: _row(_body, Steps.MUTE_BODY, *_IN_MESSAGE),
            commands.EndOfMessage: _row(_whole, None, *_IN_MESSAGE),
            commands.Abort: _row(_abort, None, *_BETWEEN, *_IN_MESSAGE),
            commands.QuitClient: _row(_next_client, None, *_BETWEEN, *_IN_MESSAGE),
            commands.Quit: _row(_quit, None, _Phase.NEW, *_BETWEEN, *_IN_MESSAGE),
        }
    )


def _answer(reply: Reply, *, null_sender: bool) -> Frame:
    """Mail with the null sender is never refused for good."""
    if reply.accepted:
        raise ValueError("what is accepted is no reply of ours")
    return TryAgain() if reply.permanent and null_sender else Answer(str(reply).encode("ascii"))


def _biggest(offered: int) -> int:
    return _DATA_1M if offered & _DATA_1M else _DATA_256K
