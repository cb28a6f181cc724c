"""docs/operations.md, the alert rules and the unit say what the program does: each compared with its source."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dlp.cli import main
from dlp.commands import shared
from dlp.events import FIELDS
from dlp.metrics.names import NAMES
from dlp.supervisor import Job

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ALERTS = (ROOT / "contrib" / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
UNIT = ROOT / "contrib" / "systemd" / "dlp.service"
ALWAYS = {"failure": {"error", "where"}}  # what dlp.events adds by itself


def rows(heading: str) -> list[list[str]]:
    """The cells of the table with this heading."""
    _, _, below = TEXT.partition(f"\n{heading}\n|---")
    table = below.partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def told_events() -> Iterator[tuple[str, set[str], bool]]:
    """Every event the source logs: its name, its fields, and whether more fields come from elsewhere."""
    for path in set((ROOT / "dlp").rglob("*.py")) - {ROOT / "dlp" / "events.py"}:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("event", "failure"):
                name = node.args[1]
                assert isinstance(name, ast.Constant), f"{path}: an event's name is written out"
                fields = {keyword.arg for keyword in node.keywords if keyword.arg} - {"level"}
                more = any(keyword.arg is None for keyword in node.keywords)
                yield str(name.value), fields | ALWAYS.get(node.func.id, set()), more


def test_every_metric_is_in_the_table_with_its_labels():
    told = {quoted(name)[0]: (quoted(labels), says) for name, labels, says in rows("| metric | labels | says |")}
    assert told == {name.name: (list(name.labels), name.says) for name in NAMES}


def ending(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command and its name, groups left out."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for word in command.list_commands(context):
        found = command.get_command(context, word)
        assert found is not None
        yield from ending(found, f"{name} {word}")


def test_every_exit_status_is_in_the_tables_and_in_the_help():
    assert {int(status): says for status, says in rows("| status | says |")} == shared.STATUSES
    named = {quoted(name)[0]: {0: done, 1: wrong} for name, done, wrong in rows("| command | 0 | 1 |")}
    for name, command in ending(main, "dlp"):
        own = named.pop(name, {0: shared.STATUSES[0]})
        told = {status: says for status, says in {**shared.STATUSES, 1: "", **own}.items() if says}
        help_text = " ".join(command.get_help(click.Context(command)).split())
        assert help_text.endswith(f"Exit status: {'; '.join(f'{status} {says}' for status, says in told.items())}."), name
    assert named == {}


def test_a_command_that_can_end_with_1_says_so():
    """Each file that ends one with it has a command that names it."""
    for path in (ROOT / "dlp" / "commands").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "exit(shared.NOT_AS" in text or "exit(NOT_AS" in text:
            told = text if path.stem != "import_report" else (path.parent / "import_.py").read_text(encoding="utf-8")
            assert re.search(r"statuses=(\{.*\b1: |_NOT_ALL)", told), path.name


def test_every_event_is_in_the_table_with_its_fields():
    sources: dict[str, set[str]] = defaultdict(set)
    open_ended = set()
    for name, fields, more in told_events():
        sources[name] |= fields
        open_ended |= {name} if more else set()
    told = {quoted(name)[0]: set(quoted(fields)) for name, fields, _ in rows("| event | fields | says |")}
    assert told.pop("library") == {"what"}  # JsonLines adds it for other loggers
    assert set(told) == set(sources)
    for name, fields in sources.items():
        assert fields <= told[name] <= FIELDS, name
        assert name in open_ended or told[name] == fields, name


def test_every_field_an_event_has_is_explained():
    explained = [field for cells in rows("| field | holds |") for field in quoted(cells[0])]
    used = {field for _, fields, _ in rows("| event | fields | says |") for field in quoted(fields)}
    assert len(explained) == len(set(explained))
    assert set(explained) == used


def test_alerts_name_metrics_labels_and_pages_that_exist():
    known = {name.name: set(name.labels) for name in NAMES}
    anchors = {re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-") for line in re.findall(r"(?m)^#+ (.+)$", TEXT)}
    alerts = re.findall(r"(?s)- alert: (\w+)\n(.*?)(?=      - alert|\Z)", ALERTS)
    assert len(alerts) >= 8
    for alert, body in alerts:
        (expression,) = re.findall(r"(?m)^        expr: (.+)$", body)
        metrics = re.findall(r"\b(dlp_\w+)(?:\{([^}]*)\})?", expression)
        assert metrics or expression.startswith("up{")
        for metric, selected in metrics:
            assert metric in known, alert
            assert set(re.findall(r"(\w+)=", selected)) <= known[metric], alert
        for label in re.findall(r"\$labels\.(\w+)", body):
            assert any(label in known[metric] for metric, _ in metrics), alert
        (anchor,) = re.findall(r"runbook: docs/operations\.md#([a-z0-9-]+)", body)
        assert anchor in anchors, alert
        assert anchor == alert.lower()


def test_the_alert_rules_are_well_formed():
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    done = subprocess.run(
        [promtool, "check", "rules", str(ROOT / "contrib" / "prometheus" / "alerts.yml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_unit_is_hardened():
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run(
        [analyze, "security", "--offline=true", str(UNIT)], capture_output=True, text=True, timeout=60, check=False
    )
    rated = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    if rated is None:
        pytest.skip("this systemd-analyze cannot rate a file")
    assert float(rated[1]) <= 2.0


def test_the_unit_waits_as_long_as_the_supervisor_does():
    (patience,) = re.findall(r"(?m)^TimeoutStopSec=(\d+)$", UNIT.read_text(encoding="utf-8"))
    grace = Job("any", lambda ready: None).grace
    assert int(patience) > 2 * grace + 1  # receivers, then the clerk, then the reader


def test_the_unit_takes_no_system_call_from_us():
    """The reading children set limits of their own, and everything else that serve does needs none of the others."""
    text = UNIT.read_text(encoding="utf-8")
    assert "@resources" not in re.findall(r"(?m)^SystemCallFilter=(.+)$", text)[1]
    assert re.search(r"(?m)^User=dlp$", text)
    assert "ExecReload=/bin/kill -HUP $MAINPID" in text
