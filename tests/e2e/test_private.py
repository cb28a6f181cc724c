"""The bench itself: a private Postfix leaves the machine as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.loopback import free_ports, open_folder
from tests.e2e.postfix import PostfixPorts, PrivatePostfix

pytestmark = [pytest.mark.servers, pytest.mark.usefixtures("needs_postfix")]

SYSTEM = Path("/etc/postfix")


def look(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file and folder below, by when its inode and its content last changed."""
    changes = {path: path.lstat() for path in (folder, *folder.rglob("*"))}
    return {str(path): (found.st_ctime_ns, found.st_mtime_ns) for path, found in changes.items()}


def test_a_run_leaves_the_system_configuration_as_it_was() -> None:
    before = look(SYSTEM)
    with open_folder("postfix") as folder, PrivatePostfix(PostfixPorts(*free_ports(6)), folder) as postfix:
        assert "daemon started" in postfix.log()
    assert look(SYSTEM) == before
