"""The store tried in a process of its own: what ends it is one line and a ConfigError, and no value is in the line."""

from __future__ import annotations

import pytest

from dlp.errors import ConfigError
from dlp.store.trial import in_child

UNFORESEEN = {
    "no-module": (ModuleNotFoundError("No module named", name="alembic"), "ModuleNotFoundError, alembic cannot be imported"),
    "no-file": (PermissionError(13, "Permission denied", "lib.so"), "PermissionError, permission denied: lib.so"),
    "a-value": (RuntimeError("912345678"), "the store could not be opened: RuntimeError\n"),
}


@pytest.mark.parametrize(("error", "said"), UNFORESEEN.values(), ids=UNFORESEEN)
def test_what_nobody_foresaw_is_a_line_without_a_value(error, said, capfd):
    def work() -> None:
        raise error

    with pytest.raises(ConfigError, match="could not be opened"):
        in_child(work, "store.sqlite")
    told = capfd.readouterr().err
    assert told.startswith("dlp: the store could not be opened: ")
    assert said in told
    assert told.count("\n") == 1
    assert "912345678" not in told


def test_what_comes_to_its_end_says_nothing(capfd):
    in_child(lambda: None, "store.sqlite")
    assert capfd.readouterr().err == ""
