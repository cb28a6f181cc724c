"""Every metric there is: its name, kind, labels and what it says, in one table.

Takes and does nothing. A label takes its values from a closed vocabulary given here, or, where the site's own files name
things (codes, patterns, kinds), at most so many different short words. So nothing a message brings can become a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

from dlp.probing import Finding
from dlp.snapshot.rows import TABLES
from dlp.store.states import INVISIBLE, MOVES, State
from dlp.values import Action, PartStatus, Release

OTHER = "other"  # what any value outside its vocabulary is counted as


@dataclass(frozen=True, slots=True)
class Words:
    """What one label may say: the words listed, and up to `more` others of this shape that the site's files bring."""

    known: tuple[str, ...] = ()
    more: int = 0
    shape: str = r"[A-Za-z][A-Za-z0-9:._-]{0,63}"


@dataclass(frozen=True, slots=True)
class Name:
    """One metric. `from_store`: read from store or directory when somebody asks; the others are counted as events happen."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    says: str
    labels: Mapping[str, Words] = field(default_factory=dict)
    buckets: tuple[float, ...] = ()
    from_store: bool = False

    def known_series(self) -> list[tuple[str, ...]]:
        """The label values that are there from the start, at 0: all of them where every label is a closed set."""
        return list(product(*(words.known for words in self.labels.values())))


_ACTION = Words(tuple(action.word for action in Action))
_SCOPE = Words(("inside", "outside"))
_MODE = Words(("enforce", "observe"))
_FRONT = Words(("lmtp", "smtp", "milter"))
_CODE = Words(more=200)
_ROW = Words(more=200)
_KIND = Words(more=60)
_PATTERN = Words(more=200)
_REVISION = Words(more=200, shape=r"[0-9a-f]{12}")
_OWNER = Words(tuple(right.word for right in Release))
_STATE = Words(tuple(state.value for state in State if MOVES[state] and state not in INVISIBLE))
_CAUSE = Words(("scan", "deadline", "reader", "store", "disk", "next_hop", "keys", "directory", "busy", "split", "error"))
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_WAITS = (60.0, 600.0, 3600.0, 14_400.0, 86_400.0, 172_800.0, 432_000.0, 864_000.0)
_BYTES = tuple(float(1 << shift) for shift in range(10, 28, 2))

NAMES = (
    Name("dlp_build_info", "gauge", "1; the version that runs", {"version": Words(more=1)}, from_store=True),
    Name("dlp_ruleset_info", "gauge", "1 for each ruleset some process judges by", {"revision": _REVISION}),
    Name("dlp_enforcement_info", "gauge", "1 for [policy] mode", {"mode": _MODE}, from_store=True),
    Name("dlp_jail_info", "gauge", "1 for [workers] jail", {"mode": Words(("full", "weak"))}, from_store=True),
    Name(
        "dlp_messages_total",
        "counter",
        "Messages by what the client was answered",
        {"front": _FRONT, "result": Words(("accepted", "deferred", "refused"))},
    ),
    Name("dlp_recipients_total", "counter", "Recipients judged", {"action": _ACTION, "scope": _SCOPE, "mode": _MODE}),
    Name("dlp_rulings_total", "counter", "Recipients judged, by each reason", {"code": _CODE, "action": _ACTION}),
    Name(
        "dlp_observed_rulings_total",
        "counter",
        "Recipients for whom a row in observe mode would have decided otherwise",
        {"row": _ROW, "action": _ACTION},
    ),
    Name("dlp_findings_total", "counter", "Matches of patterns, by kind of information", {"kind": _KIND}),
    Name("dlp_pattern_hits_total", "counter", "Matches of each pattern", {"pattern": _PATTERN, "mode": _MODE}),
    Name(
        "dlp_unscannable_parts_total",
        "counter",
        "Parts that could not be read",
        {"why": Words(tuple(status.value for status in PartStatus if status is not PartStatus.READ))},
    ),
    Name(
        "dlp_message_duration_seconds",
        "histogram",
        "From the final dot to the reply",
        {"lane": Words(("fast", "slow", "unread", "none"))},
        _SECONDS,
    ),
    Name(
        "dlp_stage_duration_seconds",
        "histogram",
        "Time each stage of a message took",
        {"stage": Words(("read", "judge", "settle"))},
        _SECONDS,
    ),
    Name("dlp_message_size_bytes", "histogram", "Size of messages judged", buckets=_BYTES),
    Name("dlp_deferrals_total", "counter", "Times a client was told to try again by our own trouble", {"cause": _CAUSE}),
    Name(
        "dlp_forwards_total",
        "counter",
        "Answers of the next hop to a whole message",
        {"purpose": Words(("mail", "release", "notice")), "result": Words(("2xx", "4xx", "5xx", "lost"))},
    ),
    Name(
        "dlp_child_deaths_total",
        "counter",
        "Processes that ended before their time",
        {"cause": Words(("late", "killed", "crashed", "failed", "worker"))},
    ),
    Name("dlp_holds", "gauge", "Copies kept, by state", {"state": _STATE, "owner": _OWNER}, from_store=True),
    Name(
        "dlp_hold_oldest_timestamp_seconds",
        "gauge",
        "When the oldest copy that waits for a decision came; 0 = none waits",
        {"owner": _OWNER},
        from_store=True,
    ),
    Name("dlp_holds_overdue", "gauge", "Copies whose deadline has passed", {"owner": _OWNER}, from_store=True),
    Name("dlp_holds_opened_total", "counter", "Copies put on hold, by each reason", {"code": _CODE}, from_store=True),
    Name(
        "dlp_holds_closed_total",
        "counter",
        "Holds that ended",
        {"outcome": Words(("released", "denied", "returned"))},
        from_store=True,
    ),
    Name(
        "dlp_hold_duration_seconds",
        "histogram",
        "How long holds waited that ended on this node",
        {"outcome": Words(("released", "denied", "returned"))},
        _WAITS,
        from_store=True,
    ),
    Name(
        "dlp_consents",
        "gauge",
        "Consents on record; withdrawn by an import, revoked by somebody",
        {"status": Words(("standing", "used_up", "withdrawn", "revoked"))},
        from_store=True,
    ),
    Name(
        "dlp_notices_total",
        "counter",
        "Notices and digests tried",
        {
            "notice": Words(("warning", "rewrite", "hold", "outcome", "summary", "digest", "department")),
            "result": Words(("sent", "deferred", "refused")),
        },
    ),
    Name("dlp_notices_withheld_total", "counter", "Notices not sent", {"why": Words(("filter",), more=10)}),
    Name("dlp_notices_waiting", "gauge", "Notices to be sent", from_store=True),
    Name(
        "dlp_notice_oldest_timestamp_seconds",
        "gauge",
        "When the oldest notice that waits was made; 0 = none waits",
        from_store=True,
    ),
    Name("dlp_ruleset_loaded_timestamp_seconds", "gauge", "When some process last loaded its rules"),
    Name("dlp_ruleset_refusals_total", "counter", "Mistakes for which a process kept its former rules"),
    Name(
        "dlp_snapshot_created_timestamp_seconds",
        "gauge",
        "Of when the campus directory in force is; 0 = there is none",
        from_store=True,
    ),
    Name(
        "dlp_snapshot_rows",
        "gauge",
        "Rows of the campus directory in force, by import file",
        {"table": Words(tuple(table.name for table in TABLES))},
        from_store=True,
    ),
    Name("dlp_snapshot_stale", "gauge", "1: the directory in force is older than [policy] max_snapshot_age", from_store=True),
    Name(
        "dlp_split_listeners",
        "gauge",
        "Listeners of the MTA by whether they drop recipients when told to",
        {"finding": Words(tuple(finding.value for finding in Finding))},
        from_store=True,
    ),
    Name("dlp_audit_records_total", "counter", "Rows of this node's audit chain", from_store=True),
    Name("dlp_audit_intact", "gauge", "1: the audit chain was whole when last verified", from_store=True),
    Name("dlp_store_free_bytes", "gauge", "Free space where data_dir lies", from_store=True),
    Name(
        "dlp_store_errors_total",
        "counter",
        "Troubles of the store",
        {"operation": Words(("read", "write"))},
    ),
    Name(
        "dlp_probe_success_timestamp_seconds",
        "gauge",
        "When a test message of dlp probe last came through; 0 = never",
        from_store=True,
    ),
)  # fmt: skip
BY_NAME = {each.name: each for each in NAMES}
