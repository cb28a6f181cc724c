"""The numbers of the campus directory: of when it is, how many rows it has, whether it is too old.

Takes the directory in force and the age it may have; gives metric families when asked, with every known series at 0 while
there is no directory. Reads nothing but the manifest in memory; a swap is noticed as receivers notice it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dlp.clock import utc_now
from dlp.metrics.names import BY_NAME
from dlp.snapshot import Snapshot
from dlp.values import Clock


@dataclass(slots=True, eq=False)  # a registry keeps collectors by identity
class DirectoryFigures(Collector):
    directory: Callable[[], Snapshot | None]
    max_age: timedelta
    clock: Clock = utc_now

    def collect(self) -> Iterator[Metric]:
        snapshot = self.directory()
        as_of = snapshot.stamp.as_of if snapshot else None
        yield _gauge("dlp_snapshot_created_timestamp_seconds", {(): as_of.timestamp() if as_of else 0.0})
        counts = snapshot.counts if snapshot else {}
        yield _gauge("dlp_snapshot_rows", {(table,): float(number) for table, number in counts.items()})
        yield _gauge("dlp_snapshot_stale", {(): float(as_of is not None and self.clock() - as_of > self.max_age)})


def _gauge(name: str, series: Mapping[tuple[str, ...], float]) -> GaugeMetricFamily:
    spec = BY_NAME[name]
    family = GaugeMetricFamily(name, spec.says, labels=tuple(spec.labels))
    for labels, value in (dict.fromkeys(spec.known_series(), 0.0) | dict(series)).items():
        family.add_metric(labels, value)
    return family
