"""The check of `dlp doctor` on an MTA that is told to drop recipients: whether a running filter has seen that it does.

Takes settings, and reads what the prober has written; gives Checks, as the others do (checkup.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from dlp import standings
from dlp.commands.checkup import Check, State
from dlp.config import Settings
from dlp.probing import Finding, Standing

_STATES = {Finding.PROVEN: State.OK, Finding.UNPROVEN: State.WARN, Finding.DISPROVEN: State.FAIL}
_REMEDIES = {
    Finding.PROVEN: "",
    Finding.UNPROVEN: "probe, probe_to and probe_return in [milter], and the MTA's aliases and transports (docs/install.md)",
    Finding.DISPROVEN: 'enable_original_recipient = yes; expand no alias in front of the filter; or split = "store"',
}


def split(settings: Settings) -> Iterator[Check]:
    """A row for each listener that is probed."""
    milter = settings.milter
    if milter.split != "remove":
        return
    known = {each.target: each for each in standings.read(standings.path_in(settings.data_dir))}
    for target in milter.probe:
        standing = known.get(target)
        if standing is None:
            yield Check(State.WARN, "split", f"{target} was not probed yet", "start dlp serve, and ask again a minute later")
        else:
            yield _row(standing, milter.unproven)


def _row(standing: Standing, unproven: str) -> Check:
    now = time.monotonic()
    finding = standing.at(now)
    if finding is Finding.PROVEN:
        minutes = round((now - standing.since) / 60)
        what = f"{standing.target} drops recipients when told to, as seen {minutes} minutes ago"
    else:
        why = standing.why or "the last probe is too long ago"
        what = f"{standing.target} is not known to drop recipients ({why}), so mixed messages are settled by: {unproven}"
    return Check(_STATES[finding], "split", what, _REMEDIES[finding])
