"""No command says what an administrator's users should not read: the never-list holds for every help page and source text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dlp.cli import COMMANDS, main

# "DLP" is a fashion's word; the command's name is written small
NEVER = re.compile(
    r"\b(?:quarantined?|blocked|violat\w+|incidents?|offenders?|policy conflict|forbidden|illegal|sensitive information type"
    r"|sorry|oops|urgent|immediately|click here|please)\b",
    re.IGNORECASE,
)
FOLDER = Path(__file__).parents[2] / "dlp" / "commands"


def commands(
    group: click.Group, context: click.Context, path: str = "dlp"
) -> Iterator[tuple[str, click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        below = click.Context(command, info_name=name, parent=context)
        yield f"{path} {name}", command, below
        if isinstance(command, click.Group):
            yield from commands(command, below, f"{path} {name}")


EVERY = {path: command.get_help(below) for path, command, below in commands(main, click.Context(main, info_name="dlp"))}


@pytest.mark.parametrize("path", EVERY)
def test_no_help_page_has_a_word_of_the_never_list(path: str) -> None:
    assert NEVER.findall(EVERY[path]) == []
    assert not re.search(r"\bDLP\b", EVERY[path])


@pytest.mark.parametrize("path", EVERY)
def test_no_line_of_a_help_page_is_wider_than_80(path: str) -> None:
    assert [line for line in EVERY[path].splitlines() if len(line) > 80] == []


def test_every_command_has_a_page() -> None:
    assert {path.split()[1] for path in EVERY} == set(COMMANDS)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_no_text_of_a_command_has_one_either(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert [text for text in texts if NEVER.search(text)] == []
