"""Named points at which a test may let this program die, hang or fail; nothing at all when none can be armed.

Takes the folder that the environment variable DLP_FAILPOINTS names, read once when this module is loaded; without it
`reach` does nothing. A file in the folder named after a point arms it for the first process that comes by: its text is
`kill`, `stop`, `error` or `full`, and it is renamed to NAME.hit, so a rig can see that the point was reached.
"""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

VARIABLE = "DLP_FAILPOINTS"

# In the order a message meets them.
NAMES = (
    "recv.dot",  # the whole message is here, nothing is judged
    "key.lookup",  # before an earlier try is looked up
    "prepare.begin",  # within the database transaction, nothing written
    "prepare.commit",  # written, not committed
    "prepare.done",  # committed, nothing forwarded
    "ledger.intent",  # written, not committed, nothing forwarded
    "forward.connect",  # before a new connection is opened
    "forward.mail",  # before MAIL and XFORWARD
    "forward.rcpt",  # before a recipient is offered live
    "forward.data",
    "forward.body",  # all of the message is out but its last block, which ends with the dot
    "forward.dot",  # the last block with the dot was handed to the kernel
    "forward.reply",  # the next hop's answer was read, nothing is written down
    "ledger.close",  # written, not committed, the next hop has its copy or refused it
    "hold.commit",  # written, not committed
    "commit.begin",  # within the database transaction, the next hop has its copy
    "commit.commit",  # written, not committed
    "abort.mark",  # within the database transaction, nothing erased
    "reply.before",  # settled, not answered
    "reply.written",  # the answer was handed to the kernel
    "notice.claim",  # written, not committed; so are all claims and marks below
    "notice.dot",  # the hop's answer to a notice was read, nothing is written down
    "notice.mark",
    "owed.claim",
    "owed.dot",  # as notice.dot
    "owed.mark",
    "release.claim",
    "release.dot",
    "release.mark",
    "deny.erase",  # the state is written, the bytes are not erased
    "expire.erase",
    "recover.mark",  # written, not committed
    "audit.append",  # before a row is added to the chain, within the transaction of what it records
)


def _fail(number: int) -> None:
    raise OSError(number, os.strerror(number))


_ACTS: Mapping[str, Callable[[], None]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "error": lambda: _fail(errno.EIO),
    "full": lambda: _fail(errno.ENOSPC),
}


def _nothing(_name: str) -> None:
    return


def armed(folder: Path) -> Callable[[str], None]:
    """What `reach` is when points in this folder may be armed. ValueError for a name or an act that is not in the table."""

    def reach_armed(name: str) -> None:
        if name not in NAMES:
            raise ValueError("not the name of a failpoint")
        file, hit = folder / name, folder / f"{name}.hit"
        try:
            file.rename(hit)
        except FileNotFoundError:
            return
        act = _ACTS.get(hit.read_text(encoding="ascii").strip())
        if act is None:
            raise ValueError("not the act of a failpoint")
        act()

    return reach_armed


_folder = os.environ.get(VARIABLE, "")
ON = bool(_folder)
reach: Callable[[str], None] = armed(Path(_folder)) if _folder else _nothing
