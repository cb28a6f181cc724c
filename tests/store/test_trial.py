"""The store tried in a process of its own: what ends it is one line and a ConfigError, and no value is in the line."""

from __future__ import annotations

import os

import pytest

from dlp import privileges
from dlp.errors import ConfigError
from dlp.store.trial import in_child
from tests.e2e.loopback import open_folder

UNFORESEEN = {
    "no-module": (ModuleNotFoundError("No module named", name="alembic"), "ModuleNotFoundError, alembic cannot be imported"),
    "no-file": (PermissionError(13, "Permission denied", "lib.so"), "PermissionError, permission denied: lib.so"),
    "a-value": (RuntimeError("912345678"), "the store could not be opened: RuntimeError\n"),
}


@pytest.mark.parametrize(("error", "said"), UNFORESEEN.values(), ids=UNFORESEEN)
def test_what_nobody_foresaw_is_a_line_without_a_value(error, said, capfd):
    def work() -> None:
        raise error

    with pytest.raises(ConfigError) as ended:
        in_child(work, "store.sqlite")
    assert ended.value.key == ("site.user" if isinstance(error, ImportError) else "store.url")
    told = capfd.readouterr().err
    assert told.startswith("dlp: the store could not be opened: ")
    assert said in told
    assert told.count("\n") == 1
    assert "912345678" not in told


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can go on as another user")
def test_the_folder_that_shuts_the_user_out_is_named_and_not_the_store(capfd, monkeypatch):
    with open_folder("shut") as folder:
        closed = folder / "closed"
        (closed / "python").mkdir(parents=True)
        (closed / "python" / "os.py").touch()
        closed.chmod(0o700)
        (folder / "link").symlink_to(closed / "python" / "os.py")
        monkeypatch.setattr("dlp.store.trial.program", lambda: (folder / "config.toml", folder / "link"))

        def no_module() -> None:
            privileges.become("nobody")
            raise ModuleNotFoundError("No module named", name="configparser")

        def no_file() -> None:
            privileges.become("nobody")
            (closed / "python" / "os.py").read_text()

        with pytest.raises(ConfigError, match="cannot load all of the program"):
            in_child(no_module, "store.sqlite")
        assert f"configparser cannot be imported; this user may not enter {closed}\n" in capfd.readouterr().err
        with pytest.raises(ConfigError):
            in_child(no_file, "store.sqlite")
        assert f"; this user may not enter {closed}\n" in capfd.readouterr().err


def test_what_comes_to_its_end_says_nothing(capfd):
    in_child(lambda: None, "store.sqlite")
    assert capfd.readouterr().err == ""
