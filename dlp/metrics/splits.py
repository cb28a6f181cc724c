"""How many listeners of the MTA are known to drop recipients when told to, are not known to, or are known not to.

Takes the folder where the prober keeps its Standings; gives one metric family when asked. A proof too old counts as none.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dlp import standings
from dlp.metrics.names import BY_NAME


@dataclass(slots=True, eq=False)  # a registry keeps collectors by identity
class SplitFigures(Collector):
    data_dir: Path

    def collect(self) -> Iterator[Metric]:
        now, spec = time.monotonic(), BY_NAME["dlp_split_listeners"]
        counted = Counter(standing.at(now).value for standing in standings.read(standings.path_in(self.data_dir)))
        family = GaugeMetricFamily(spec.name, spec.says, labels=tuple(spec.labels))
        for labels in spec.known_series():
            family.add_metric(labels, float(counted[labels[0]]))
        yield family
