"""Failpoints: nothing when off, the act of the armed one once when on."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dlp import failpoints


class TestArmed:
    def test_a_point_that_is_not_armed_does_nothing(self, tmp_path: Path):
        failpoints.armed(tmp_path)("recv.dot")
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(("act", "said"), [("error", "put.output"), ("full", "No space")])
    def test_a_failing_point_fails_once_and_shows_that_it_was_reached(self, tmp_path: Path, act: str, said: str):
        reach = failpoints.armed(tmp_path)
        (tmp_path / "commit.commit").write_text(act)
        with pytest.raises(OSError, match=said):
            reach("commit.commit")
        assert (tmp_path / "commit.commit.hit").exists()
        reach("commit.commit")

    def test_another_point_is_not_concerned(self, tmp_path: Path):
        (tmp_path / "commit.commit").write_text("error")
        failpoints.armed(tmp_path)("prepare.commit")
        assert (tmp_path / "commit.commit").exists()

    def test_a_misspelt_point_or_act_is_a_mistake_of_ours(self, tmp_path: Path):
        reach = failpoints.armed(tmp_path)
        with pytest.raises(ValueError, match="name"):
            reach("recv.dott")
        (tmp_path / "recv.dot").write_text("explode")
        with pytest.raises(ValueError, match="act"):
            reach("recv.dot")


ROOT = Path(__file__).parent.parent / "dlp"


def strings(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def named(file: Path) -> set[str]:
    """What a file calls `reach` or `pass_point` with, as far as it is written there."""
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    asked = [call.args[0] for call in calls if getattr(call.func, "id", getattr(call.func, "attr", "")) in REACHING]
    return {point.value for point in asked if isinstance(point, ast.Constant) and isinstance(point.value, str)}


REACHING = {"reach", "pass_point"}
SOURCES = [file for file in ROOT.rglob("*.py") if file.name != "failpoints.py"]


class TestNames:
    def test_every_point_of_the_table_is_somewhere_in_the_program(self):
        assert not set(failpoints.NAMES) - set().union(*map(strings, SOURCES))

    def test_every_point_of_the_program_is_in_the_table(self):
        found = set().union(*map(named, SOURCES))
        assert {"recv.dot", "forward.body"} <= found <= set(failpoints.NAMES)


def reached(point: str, environment: dict[str, str]) -> int:
    program = f"from dlp.failpoints import reach; reach({point!r})"
    return subprocess.run([sys.executable, "-c", program], env=environment, check=False, timeout=60).returncode


class TestSwitch:
    def test_without_the_variable_nothing_can_be_armed(self):
        assert reached("no such point", {}) == 0

    def test_with_it_a_process_dies_where_it_should(self, tmp_path: Path):
        (tmp_path / "forward.dot").write_text("kill")
        assert reached("forward.dot", {failpoints.VARIABLE: str(tmp_path)}) == -signal.SIGKILL
