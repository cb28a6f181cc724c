"""On whose word held copies may go, which of them are meant, and when `dlp held` wants either said.

Takes the copies that would be released, the word that was given and whether all are meant; Refused where copies are held for
different reasons or on different words, where only a senior officer may release, where more was found with a password than when
they were held, and where the word is not enough. A denial wants the first alone. `typed_for` gives the commands that would not
be refused. The program knows no
roles: who types the word answers for it, in the acts and the audit chain.
"""

from __future__ import annotations

from collections.abc import Sequence

from dlp.commands import found, shared
from dlp.errors import Refused
from dlp.store.records import HeldCopy
from dlp.store.reread import EVENT
from dlp.store.states import ON_HOLD, State
from dlp.values import Release

_SHOWN = 5  # addresses of one group
_ONE_OR_ALL = "name one with --to ADDR, or say that all are meant: --all"


def must_suffice(copies: Sequence[HeldCopy], word: str | None, *, every: bool) -> None:
    """Refused unless it is clear which of these are meant (`every`: all, or those named) and on whose word they may go."""
    waiting = _waiting(copies)
    groups, asked = _groups(waiting), _asked(waiting)
    highest = max((copy.release for copy in waiting if copy.release), default=None)
    given = next((right for right in Release if right.word == word), None)
    told = "\n".join(map(_told, groups))
    if given is not None and highest is not None and given < highest:
        raise Refused(f"the word of {given.word} is not enough\n{told}")
    say = f"say on whose word: --word-of {highest.word}" if asked and highest is not None and given is None else ""
    must_be_clear(copies, every=every, further=say)
    if say:
        raise Refused(f"{asked}\n{told}\n{say}")


def must_be_clear(copies: Sequence[HeldCopy], *, every: bool, retried: bool = False, further: str = "") -> None:
    """Refused unless it is clear which of these are meant, of those that are `retried` as well; `further`: what else has to be
    said.
    """
    groups = _groups(_deniable(copies) if retried else _waiting(copies))
    if len(groups) > 1 and not every:
        told = "\n".join(map(_told, groups))
        raise Refused(f"its copies are not held for the same\n{told}\n{_ONE_OR_ALL}{f'; and {further}' if further else ''}")


def typed_for(copies: Sequence[HeldCopy]) -> tuple[str, str]:
    """What to type to release these, and to deny them."""
    waiting = _waiting(copies)
    highest = max((copy.release for copy in waiting if copy.release), default=None)
    which = f" --to {waiting[0].recipient.address}" if len(_groups(waiting)) > 1 else ""
    word = f" --word-of {highest.word}" if highest is not None and _asked(waiting[:1] if which else waiting) else ""
    deniable = _deniable(copies)
    denied = f" --to {deniable[0].recipient.address}" if len(_groups(deniable)) > 1 else ""
    one = copies[0].reference
    return f'dlp held release {one}{which}{word} --reason "..."', f'dlp held deny {one}{denied} --reason "..."'


def _deniable(copies: Sequence[HeldCopy]) -> list[HeldCopy]:
    """What may be released, and what was and waits for a further try."""
    return _waiting(copies) + [copy for copy in copies if copy.state is State.HELD_RETRY]


def _waiting(copies: Sequence[HeldCopy]) -> list[HeldCopy]:
    """What is tried again was released; what is damaged is never sent."""
    return [copy for copy in copies if copy.state in ON_HOLD - {State.HELD_RETRY} and not copy.damaged]


def _asked(waiting: Sequence[HeldCopy]) -> str:
    """Why somebody has to say on whose word these go; "" where nobody has to."""
    if any(past.event == EVENT for copy in waiting for past in copy.acts):
        kinds = ", ".join(sorted({kind for copy in waiting for kind in copy.kinds}))
        return f"with a password more was found than when it was held; in it are now: {kinds}"
    rights = {copy.release for copy in waiting if copy.release}
    if Release.SENIOR in rights:
        return "only a senior officer may release it"
    return "its copies do not go on the same word" if len(rights) > 1 else ""


def _groups(waiting: Sequence[HeldCopy]) -> list[list[HeldCopy]]:
    """Those that are held for the same reasons and go on the same word."""
    groups: dict[object, list[HeldCopy]] = {}
    for copy in waiting:
        why = frozenset((each.code, each.row, each.missing) for each in copy.reasons)
        groups.setdefault((copy.release, why), []).append(copy)
    return list(groups.values())


def _told(group: Sequence[HeldCopy]) -> str:
    more = f" and {len(group) - _SHOWN} more" if len(group) > _SHOWN else ""
    who = ", ".join(copy.recipient.address for copy in group[:_SHOWN])
    right = group[0].release
    whose = f"{who}{more}{f': {shared.RELEASE[right]}' if right else ''}"
    return "\n".join((whose, *(f"  {each}" for each in found.reasons(group[0].reasons, stops=False))))
