"""On whose word held copies may go, and when `dlp held release` wants that said.

Takes the copies that would be released and the word that was given; Refused where copies go on different words, where more was
found with a password than when they were held, and where the word is not enough. The program knows no roles: who types it
answers for it, in the acts and the audit chain.
"""

from __future__ import annotations

from collections.abc import Sequence

from dlp.commands import shared
from dlp.errors import Refused
from dlp.store.records import HeldCopy
from dlp.store.reread import EVENT
from dlp.store.states import ON_HOLD, State
from dlp.values import Release


def must_suffice(copies: Sequence[HeldCopy], word: str | None) -> None:
    """Refused unless it is clear on whose word all of these may go."""
    waiting = [copy for copy in copies if copy.state in ON_HOLD - {State.HELD_RETRY}]  # what is tried again was released
    wanted = [copy.release for copy in waiting if copy.release]
    highest = max(wanted, default=None)
    given = next((right for right in Release if right.word == word), None)
    if highest is None or (given is not None and given >= highest):
        return
    each = "\n".join(f"{copy.recipient.address}: {shared.RELEASE[copy.release]}" for copy in waiting if copy.release)
    if given is not None:
        raise Refused(f"the word of {given.word} is not enough\n{each}")
    say = f"say on whose word: --word-of {highest.word}"
    if len(set(wanted)) > 1:
        raise Refused(f"its copies do not go on the same word\n{each}\nname one with --to ADDR, or {say}")
    if any(past.event == EVENT for copy in waiting for past in copy.acts):
        kinds = ", ".join(sorted({kind for copy in waiting for kind in copy.kinds}))
        raise Refused(f"with a password more was found than when it was held; in it are now: {kinds}\n{each}\n{say}")
