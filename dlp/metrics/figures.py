"""The numbers that the store knows: what waits, how holds ended, whether the audit chain is whole.

Takes a Store and reads it when asked, at most once in FRESH seconds; gives metric families, with every known series.
Counters come from this node's audit chain, so acts of the command line count too. What the store does not answer is
left out of the page, and `dlp_store_errors_total` says why. Runs in a thread: reading blocks.
"""

from __future__ import annotations

import math
import shutil
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from dlp import __version__
from dlp.errors import Unavailable
from dlp.metrics.names import BY_NAME, OTHER
from dlp.store import Store
from dlp.store.records import AuditRow, Figures

FRESH = 10.0  # seconds
VERIFY = 3600.0  # seconds between two verifications of the whole audit chain
_BATCH = 5000

Samples = dict[str, dict[tuple[str, ...], float]]


@dataclass(slots=True, eq=False)  # a registry keeps collectors by identity
class StoreFigures(Collector):
    """Collects from one store. `mode` is `[policy] mode`, `jail` `[workers] jail`."""

    store: Store
    data_dir: Path
    mode: str
    jail: str = "full"
    _seen: int = 0  # the last audit row that was counted
    _counted: Counter[tuple[str, str]] = field(default_factory=Counter)  # (metric, label) -> number
    _opened: dict[str, datetime] = field(default_factory=dict)  # copies on hold
    _lasted: Counter[tuple[str, float]] = field(default_factory=Counter)  # holds by outcome and bound of their seconds
    _waited: dict[str, float] = field(default_factory=lambda: defaultdict(float))  # seconds of all, by outcome
    _probe: float = 0.0
    _figures: Figures | None = None
    _read_at: float = float("-inf")
    _intact: bool | None = None
    _verified_at: float = float("-inf")
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def collect(self) -> Iterator[Metric]:
        with self._reading:
            if time.monotonic() - self._read_at > FRESH:
                self.read()
        yield self._durations()
        for name, series in self._samples().items():
            spec = BY_NAME[name]
            family = (CounterMetricFamily if spec.kind == "counter" else GaugeMetricFamily)(
                name, spec.says, labels=tuple(spec.labels)
            )
            zero = dict.fromkeys(spec.known_series(), 0.0)
            for labels, value in (zero | series).items():
                family.add_metric(labels, value)
            yield family

    def read(self) -> None:
        """Ask the store; what it does not answer stays unknown."""
        self._read_at = time.monotonic()
        self._figures = None
        try:
            self._figures = self.store.figures()
            while rows := self.store.audit_since(self._seen, _BATCH):
                for row in rows:
                    self._count(row)
                self._seen = rows[-1].seq
        except Unavailable:
            self._figures = None

    def verify(self) -> None:
        """Verify the audit chain when it is time: it takes a second for each hundred thousand rows or so."""
        if time.monotonic() - self._verified_at < VERIFY:
            return
        try:
            self._intact = self.store.verify_audit() is None
        except Unavailable:
            return
        self._verified_at = time.monotonic()

    def _durations(self) -> HistogramMetricFamily:
        spec = BY_NAME["dlp_hold_duration_seconds"]
        family = HistogramMetricFamily(spec.name, spec.says, labels=tuple(spec.labels))
        bounds = (*spec.buckets, math.inf)
        for (outcome,) in spec.known_series():
            buckets = [("+Inf" if math.isinf(bound) else str(bound), float(self._lasted[outcome, bound])) for bound in bounds]
            family.add_metric((outcome,), buckets, self._waited[outcome])
        return family

    def _count(self, row: AuditRow) -> None:
        if row.event == "held":
            self._opened[row.detail["copy"]] = row.time
            self._counted.update(("dlp_holds_opened_total", code) for code in row.detail["codes"])
        elif row.event in BY_NAME["dlp_holds_closed_total"].labels["outcome"].known:
            self._counted["dlp_holds_closed_total", row.event] += 1
            if began := self._opened.pop(row.detail["copy"], None):
                waited = (row.time - began).total_seconds()
                bounds = (*BY_NAME["dlp_hold_duration_seconds"].buckets, math.inf)
                self._lasted.update((row.event, bound) for bound in bounds if waited <= bound)
                self._waited[row.event] += waited
        elif row.event == "probe":
            self._probe = row.time.timestamp()

    def _samples(self) -> Samples:
        samples: Samples = {
            "dlp_build_info": {(__version__,): 1},
            "dlp_enforcement_info": {(self.mode,): 1},
            "dlp_jail_info": {(self.jail,): 1},
            "dlp_store_free_bytes": {(): float(shutil.disk_usage(self.data_dir).free)},
        }
        if self._intact is not None:
            samples["dlp_audit_intact"] = {(): float(self._intact)}
        if self._figures is None:
            return samples
        figures = self._figures
        oldest = figures.oldest_notice
        samples |= {
            "dlp_holds": {(state.value, right or OTHER): float(number) for (state, right), number in figures.holds.items()},
            "dlp_hold_oldest_timestamp_seconds": {
                (right or OTHER,): when.timestamp() for right, when in figures.oldest_hold.items()
            },
            "dlp_holds_overdue": {(right or OTHER,): float(number) for right, number in figures.overdue.items()},
            "dlp_consents": {(status,): float(number) for status, number in figures.consents.items()},
            "dlp_notices_waiting": {(): float(figures.notices)},
            "dlp_notice_oldest_timestamp_seconds": {(): oldest.timestamp() if oldest else 0.0},
            "dlp_audit_records_total": {(): float(self._seen)},
            "dlp_probe_success_timestamp_seconds": {(): self._probe},
        }
        for name in ("dlp_holds_opened_total", "dlp_holds_closed_total"):
            samples[name] = {(word,): float(number) for (each, word), number in self._counted.items() if each == name}
        return samples
