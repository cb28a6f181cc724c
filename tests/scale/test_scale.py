"""A short run of `make scale`: it measures, keeps what it measured, goes on, and its tables can be read."""

from __future__ import annotations

import time

import pytest

from tests.scale.run import OutOfTimeError, Site, tables


@pytest.mark.servers
def test_a_small_campus_is_measured_and_kept(tmp_path):
    site = Site(60, tmp_path / "60", until=time.monotonic() + 60)
    result = site.measure()
    assert (result["people"], result["bad"]) == (60, 0)
    assert result["rows"] > 60 * 6
    assert result["peak"] > result["own"] > 0
    assert {path.name for path in site.folder.iterdir()} == {"imported.json", "asked.json"}
    again = Site(60, site.folder, until=time.monotonic() - 1).measure()  # nothing had to be begun
    assert again == result
    (by_size, rates) = tables([result]).strip().split("\n\n")
    assert by_size.startswith("| people | 60 |")
    assert "| by ID |" in rates


def test_nothing_is_begun_when_the_time_is_over(tmp_path):
    with pytest.raises(OutOfTimeError):
        Site(60, tmp_path / "60", until=time.monotonic() - 1).measure()
