"""The tables of `make bench`, from figures given, and what rspamd is given to look for."""

from __future__ import annotations

from collections import defaultdict

import pytest
import re2

from tests.bench import rspamd, run
from tests.bench.run import Figures, Results, report
from tests.bench.stage import AFTER_QUEUE, BARE, BEFORE_QUEUE, MILTER, RSPAMD, SINK, STRAIGHT, TO_ITSELF, passed


def results(*ways: str) -> Results:
    """Two rounds of each, half as fast as the one before."""
    found: Results = defaultdict(Figures)
    for number, way in enumerate(ways):
        found["2 KB", way] = Figures([800 / 2**number, 400 / 2**number], [1.0, 1.0], [0.01, 0.01], [0.01, 0.01])
    return found


OURS = (SINK, STRAIGHT, BARE, TO_ITSELF, AFTER_QUEUE, BEFORE_QUEUE, MILTER)


def test_rspamd_gets_a_row_and_ratios_to_bare_postfix_and_to_ours():
    lines = report(results(*OURS, RSPAMD)).splitlines()
    assert f"| 2 KB | {RSPAMD} | 5 (3-6) | 1.00 | 10.0 / 10.0 | 10.0 / 10.0 |" in lines
    assert f"| 2 KB | throughput of {MILTER} / {BARE} | 0.06 | 0.8 |" in lines
    assert f"| 2 KB | throughput of {RSPAMD} / {BARE} | 0.03 |  |" in lines
    assert f"| 2 KB | throughput of {MILTER} / {RSPAMD} | 2.00 | 1.0 |" in lines


def test_where_rspamd_is_not_installed_its_rows_are_left_out_and_that_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "missing", lambda: "rspamd is not installed")
    text = report(results(*OURS))
    assert RSPAMD not in text
    assert text.endswith("\nWithout rows for rspamd: rspamd is not installed.\n")


def test_rspamd_looks_for_what_our_patterns_look_for():
    rules = rspamd.rules()
    assert len(rules) == len(rspamd.BODY) + len(rspamd.SUBJECT) == 30
    head, _, body = rspamd.telling().decode().partition("\r\n\r\n")
    for symbol, line in rules.items():
        expression, flags = line.partition("/")[2].rsplit("/", 1)
        unescaped = expression.replace(r"\/", "/")
        text = head if symbol.startswith("SUBJECT_") else body
        assert re2.search(f"(?i){unescaped}" if flags.startswith("i") else unescaped, text), symbol


JUDGED = '{{"event": "message.judged", "mode": "enforce", "action": "{}", "codes": ["none"]}}\n'


@pytest.mark.parametrize(
    ("log", "counts"),
    [
        (JUDGED.format("pass") * 2, True),
        (JUDGED.format("pass") + JUDGED.format("hold"), False),
        (JUDGED.format("pass") + '{"event": "message.deferred"}\n', False),
        ("", False),
    ],
    ids=["all passed", "one held", "one put off", "none came"],
)
def test_figures_count_only_where_every_message_was_passed(log, counts):
    assert passed(log) is counts
