"""A recorder of its own for each test, and what a scrape of it shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, values
from prometheus_client.multiprocess import MultiProcessCollector

from dlp.metrics.recorder import Recorder

Scrape = Callable[[], dict[str, float]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "metrics"


@pytest.fixture
def recorder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)  # put back at the end
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    return Recorder(folder, ["receiver-1", "receiver-2"])


@pytest.fixture
def scrape(folder: Path) -> Scrape:
    """The series as `name{label="value"}`, histogram buckets left out."""

    def scraped() -> dict[str, float]:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(folder))
        return {
            sample.name
            + "{"
            + ",".join(f"{label}={value}" for label, value in sorted(sample.labels.items()))
            + "}": sample.value
            for metric in registry.collect()
            for sample in metric.samples
            if not sample.name.endswith("_bucket")
        }

    return scraped
