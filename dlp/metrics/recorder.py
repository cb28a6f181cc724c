"""Counts what happens from the log events of every process of the tree, in files that outlive a process.

Takes events as `dlp.events.event` logs them; a table says what each adds to. Gives one file a process and kind below
`folder`, named by the job and not by the process, so that a job that is started again goes on counting where it stopped.
The files are laid out in full at the start: to grow one on a full disk would end the process with SIGBUS. Never raises.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

from dlp.metrics.names import BY_NAME, NAMES, OTHER, Name
from dlp.ruleset import Rules
from dlp.values import Action, PartStatus

_FILES = {"counter": 1 << 18, "histogram": 1 << 17, "gauge_max": 1 << 16}  # bytes of each job's files
_SUPERVISOR = "supervisor"

Metric = Counter | Gauge | Histogram


class Recorder(logging.Handler):
    """A log handler that counts. `attach` it in the supervisor, before the first fork."""

    def __init__(self, folder: Path, jobs: Iterable[str]) -> None:
        """Empty the folder and lay out the files. OSError when there is no room."""
        super().__init__(logging.INFO)
        self._folder = folder
        self._process = _SUPERVISOR
        self._revision = ""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in folder.iterdir():
            file.unlink()
        for job in (_SUPERVISOR, *jobs):
            for prefix in _FILES:
                self._lay_out(prefix, job)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        values.ValueClass = values.MultiProcessValue(lambda: self._process)  # type: ignore[no-untyped-call]
        registry = CollectorRegistry()
        self._metrics = {name.name: _metric(name, registry) for name in NAMES if not name.from_store}
        self._series: dict[tuple[str, ...], Any] = {}
        self._words: dict[tuple[str, str], set[str]] = {}
        for name in NAMES:
            if not name.from_store:
                for known in name.known_series():
                    self._at(name.name, known)

    def attach(self) -> None:
        logging.getLogger("dlp").addHandler(self)

    def run_as(self, job: str) -> None:
        """Called first in the child of this job."""
        self._lay_out("gauge_max", job)  # what its predecessor was is over; what it counted is not
        self._process = job
        self._revision = ""

    def expect(self, rules: Rules) -> None:
        """The series these rules can bring are there from the start."""
        unread = [status.value for status in PartStatus if status is not PartStatus.READ]
        for row in rules.table:
            for code in [row.code.replace("{why}", why) for why in unread] if "{why}" in row.code else [row.code]:
                self._at("dlp_rulings_total", (code, row.action.word))
        for observed in [row.id for row in rules.table if row.observed] or [OTHER]:
            for action in Action:
                self._at("dlp_observed_rulings_total", (observed, action.word))
        for pattern in rules.patterns:
            self._at("dlp_pattern_hits_total", (pattern.id, "enforce" if pattern.enforced else "observe"))
            self._at("dlp_findings_total", (pattern.kind,))

    def emit(self, record: logging.LogRecord) -> None:
        told: Mapping[str, Any] | None = getattr(record, "values", None)
        counted = _COUNTED.get(record.msg) if told is not None else None
        if told is not None and counted is not None:
            with contextlib.suppress(AttributeError, KeyError, OSError, TypeError, ValueError):  # no number is worth a message
                counted(self, {**told, "created": record.created})

    def count(self, name: str, *labels: object, by: float = 1) -> None:
        self._at(name, tuple(map(str, labels))).inc(by)

    def observe(self, name: str, amount: float, *labels: object) -> None:
        self._at(name, tuple(map(str, labels))).observe(amount)

    def set(self, name: str, amount: float, *labels: object) -> None:
        self._at(name, tuple(map(str, labels))).set(amount)

    def loaded(self, revision: str, created: float) -> None:
        """This process judges by another ruleset from now on."""
        if self._revision != revision:
            if self._revision:
                self.set("dlp_ruleset_info", 0, self._revision)
            self.set("dlp_ruleset_info", 1, revision)
            self._revision = revision
        self.set("dlp_ruleset_loaded_timestamp_seconds", created)

    def _at(self, name: str, labels: tuple[str, ...]) -> Any:
        series = self._series.get((name, *labels))
        if series is None:
            metric = self._metrics[name]
            fitting = [self._fit(name, label, value) for label, value in zip(BY_NAME[name].labels, labels, strict=True)]
            series = metric.labels(*fitting) if fitting else metric
            if fitting == list(labels):  # a word that does not fit is not remembered either
                self._series[name, *labels] = series
        return series

    def _fit(self, name: str, label: str, value: str) -> str:
        words = BY_NAME[name].labels[label]
        if value in words.known:
            return value
        more = self._words.setdefault((name, label), set())
        if value not in more and (len(more) >= words.more or not re.fullmatch(words.shape, value)):
            return OTHER
        more.add(value)
        return value

    def _lay_out(self, prefix: str, job: str) -> None:
        fresh = self._folder / f"{prefix}_{job}.new"
        with fresh.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, _FILES[prefix])
        fresh.replace(self._folder / f"{prefix}_{job}.db")


def _metric(name: Name, registry: CollectorRegistry) -> Metric:
    labels = tuple(name.labels)
    if name.kind == "counter":
        return Counter(name.name, name.says, labels, registry=registry)
    if name.kind == "histogram":
        return Histogram(name.name, name.says, labels, registry=registry, buckets=name.buckets)
    return Gauge(name.name, name.says, labels, registry=registry, multiprocess_mode="max")


def _judged(to: Recorder, told: Mapping[str, Any]) -> None:
    to.count("dlp_messages_total", told["front"], told["result"])
    for verdict in told["verdicts"]:
        number = verdict["recipients"]
        to.count("dlp_recipients_total", verdict["action"], verdict["scope"], told["mode"], by=number)
        for code in verdict["codes"]:
            to.count("dlp_rulings_total", code, verdict["action"], by=number)
    for would in told["observed"]:
        to.count("dlp_observed_rulings_total", would["row"], would["action"], by=would["recipients"])
    for kind, number in told["findings"].items():
        to.count("dlp_findings_total", kind, by=number)
    for mode in ("enforce", "observe"):
        for pattern, number in told["patterns"].get(mode, {}).items():
            to.count("dlp_pattern_hits_total", pattern, mode, by=number)
    for why, number in told["unread"].items():
        to.count("dlp_unscannable_parts_total", why, by=number)
    for result, number in told["answers"].items():
        to.count("dlp_forwards_total", "mail", result, by=number)
    to.observe("dlp_message_duration_seconds", told["ms"] / 1000, told["lane"])
    for stage, ms in told["stages"].items():
        to.observe("dlp_stage_duration_seconds", ms / 1000, stage)
    to.observe("dlp_message_size_bytes", told["bytes"])


def _deferred(to: Recorder, told: Mapping[str, Any]) -> None:
    to.count("dlp_deferrals_total", told["what"])
    if told.get("stage") == "reading":  # one that was judged counts itself
        to.count("dlp_messages_total", told["front"], "deferred")


def _error(to: Recorder, told: Mapping[str, Any]) -> None:
    if "error_ref" in told:  # what the client was told; without it a deferral of its own follows
        to.count("dlp_deferrals_total", "error")


def _tried(purpose: str) -> Callable[[Recorder, Mapping[str, Any]], None]:
    def counted(to: Recorder, told: Mapping[str, Any]) -> None:
        if told["next_hop_reply"] not in ("damaged", "given-up"):  # then nothing was sent at all
            to.count("dlp_forwards_total", purpose, answered(told["next_hop_reply"]))

    return counted


def _notice(to: Recorder, told: Mapping[str, Any]) -> None:
    answer = answered(told["next_hop_reply"])
    to.count("dlp_forwards_total", "notice", answer)
    to.count("dlp_notices_total", told["notice"], {"2xx": "sent", "5xx": "refused"}.get(answer, "deferred"))


def answered(reply: object) -> str:
    """The class of a reply code, "lost" when there was none."""
    return f"{reply}"[0] + "xx" if f"{reply}"[:1] in ("2", "4", "5") else "lost"


_COUNTED: Mapping[object, Callable[[Recorder, Mapping[str, Any]], None]] = {
    "message.judged": _judged,
    "message.deferred": _deferred,
    "error": _error,
    "owed.tried": _tried("mail"),
    "hold.tried": _tried("release"),
    "notice.tried": _notice,
    "digest.sent": lambda to, told: _notice(to, {**told, "notice": "digest"}),
    "stewards.told": lambda to, told: _notice(to, {**told, "notice": "department"}),
    "notice.withheld": lambda to, told: to.count("dlp_notices_withheld_total", told.get("what", "filter")),
    "ruleset.loaded": lambda to, told: to.loaded(told["revision"], told["created"]),
    "ruleset.refused": lambda to, _told: to.count("dlp_ruleset_refusals_total"),
    "store.trouble": lambda to, told: to.count("dlp_store_errors_total", told.get("operation", OTHER)),
    "child.died": lambda to, told: to.count("dlp_child_deaths_total", told["what"]),
    "process.died": lambda to, _told: to.count("dlp_child_deaths_total", "worker"),
}
