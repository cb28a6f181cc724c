"""What `dlp doctor` asks the running filter of how it judges: by the rules that lie here, and whether anything is held.

Takes settings; gives Checks: a row where the running filter judges by other rules than this configuration gives, and one where
nothing is held because `[policy] mode` is "observe", there or here. Asks the address of the metrics, and changes nothing; where
nobody answers, what this configuration says is all there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from prometheus_client.parser import text_string_to_metric_families

from dlp.commands.checkup import Check, State
from dlp.commands.readiness import asked
from dlp.config import Settings
from dlp.endpoints import parse_endpoint
from dlp.errors import ConfigError

_RESTART = "dlp serve reads the files again on SIGHUP, config.toml at its start only: systemctl restart dlp"
_SET = "what its command line sets with --set, give dlp doctor as well"
_END = 'when the trial is over write mode = "enforce" under [policy], or take --set away, and restart dlp serve'


def judging(settings: Settings) -> Iterator[Check]:
    """Whether what runs judges as this configuration says, and whether that holds anything."""
    page = asked(parse_endpoint(settings.metrics.listen), "/metrics") if settings.metrics.listen else None
    running = _series(page or b"")
    revisions, modes = running.get("dlp_ruleset_info", set()), running.get("dlp_enforcement_info", set())
    yield from _by_other_rules(settings, revisions)
    modes = modes or {settings.policy.mode}
    if "observe" in modes:
        yield Check(State.WARN, "mode", "nothing is held or changed: [policy] mode is observe", _END)
    elif settings.policy.mode == "observe":
        what = "the running filter holds mail, this configuration says observe: nothing is held from its next start on"
        yield Check(State.WARN, "mode", what, _END)


def _by_other_rules(settings: Settings, revisions: Set[str]) -> Iterator[Check]:
    """Nothing where no filter runs, or where the rules do not load, which is told elsewhere."""
    if not revisions:
        return
    try:
        from dlp.in_force import rules_of  # noqa: PLC0415  without the pattern engine the other checks must still run

        here = rules_of(settings, str).revision
    except (ConfigError, ImportError):
        return
    if here not in revisions:
        what = f"the running filter judges by {', '.join(sorted(revisions))}, this configuration and its files give {here}"
        yield Check(State.WARN, "running rules", what, f"{_RESTART}; {_SET}")


def _series(answer: bytes) -> dict[str, set[str]]:
    """Of each metric the values of its one label that stand at 1; nothing for what is no page of metrics."""
    found: dict[str, set[str]] = {}
    try:
        for family in text_string_to_metric_families(answer.partition(b"\r\n\r\n")[2].decode("utf-8", "replace")):
            for sample in family.samples:
                if sample.value == 1:
                    found.setdefault(sample.name, set()).update(sample.labels.values())
    except ValueError:
        return {}
    return found
