"""What `dlp doctor` finds out about the jail: whether a reading child could do what it must not.

Takes settings; tries the fourteen acts of the self-test in children of this process, in a temporary folder, and gives a
Check for each that was not refused. It needs no privileges and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator

from dlp.commands.checkup import Check, State
from dlp.config import Settings
from dlp.forbidden import ACTS, not_refused
from dlp.reader import ChildLimits


def reading_children(settings: Settings) -> Iterator[Check]:
    """One row when every act is refused, else one for each that is not."""
    weak = settings.workers.jail == "weak"
    acts = not_refused(ChildLimits.of(settings).shut_in)
    told = f"{len(ACTS) - len(acts)} of {len(ACTS)} acts a reading child may not do are refused"
    if not acts:
        remedy = 'set [workers] jail = "full"' if weak else ""
        yield Check(State.WARN if weak else State.OK, "jail", told, remedy)
        return
    lacking = "needs Linux 5.13 with seccomp and Landlock (CONFIG_SECURITY_LANDLOCK, lsm=landlock,...) on x86_64 or aarch64"
    yield Check(State.WARN if weak else State.FAIL, "jail", told, lacking)
    for act in acts:
        yield Check(State.WARN if weak else State.FAIL, "jail", f"a reading child could {act}", "see above")
