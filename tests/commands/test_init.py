"""`dlp init`: what it writes, what it asks, what it leaves alone."""

from __future__ import annotations

import contextlib
import shutil
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from dlp import config, keys
from dlp.cli import main
from dlp.store import Store, migrate
from tests.commands.test_held import an_ordinary_user
from tests.e2e.loopback import open_folder
from tests.store.samples import OFFICER
from tests.store.test_permits import CONSENT

ANSWERS = ("--domain", "uni.example", "--next-hop", "lmtp:127.0.0.1:2003", "--contact", "ask@uni.example")


def init(folder: Path, *options: str) -> str:
    result = CliRunner().invoke(main, ["init", str(folder), *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_answers_stand_in_a_commented_file_that_loads(tmp_path):
    init(tmp_path / "new" / "site", *ANSWERS)
    path = tmp_path / "new" / "site" / "config.toml"
    settings = config.load(path)
    assert settings.site.domains == ("uni.example",)
    assert settings.forward.next_hop == "lmtp:127.0.0.1:2003"
    assert settings.site.policy_contact == "ask@uni.example"
    assert settings.notices.sender == "mail-guidance@uni.example"
    example = Path(config.__file__).parent.parent / "config.example.toml"
    assert path.read_text().count("#") == example.read_text().count("#")


def test_without_answers_the_defaults_stand(tmp_path):
    init(tmp_path)
    settings = config.load(tmp_path / "config.toml")
    assert settings.site == config.load(None).site
    assert settings.forward == config.load(None).forward


def test_the_contact_follows_the_domain(tmp_path):
    init(tmp_path, "--domain", "uni.example")
    assert config.load(tmp_path / "config.toml").site.policy_contact == "privacy@uni.example"


def test_data_and_keys_are_private(tmp_path):
    init(tmp_path)
    assert [mode(tmp_path / name) for name in ("var", "var/keys")] == [0o700, 0o700]
    assert keys.load(tmp_path / "var" / "keys")


def test_nothing_is_overwritten(tmp_path):
    init(tmp_path)
    path, key = tmp_path / "config.toml", tmp_path / "var" / "keys" / keys.FILE
    path.write_text(path.read_text() + "# mine\n")
    before = path.read_bytes(), key.read_bytes()
    told = init(tmp_path, *ANSWERS)
    assert (path.read_bytes(), key.read_bytes()) == before
    assert told.count("kept ") == 3
    assert "not applied: forward.next_hop" in told


@pytest.mark.parametrize("kept", ["store.sqlite", "snapshots/CURRENT"])
def test_no_new_key_is_written_beside_what_another_one_sealed(tmp_path, kept):
    init(tmp_path)
    key, file = tmp_path / "var" / "keys" / keys.FILE, tmp_path / "var" / kept
    file.parent.mkdir(exist_ok=True)
    file.touch()
    assert init(tmp_path).count("kept ") == 3  # the key is there
    key.unlink()
    result = CliRunner().invoke(main, ["init", str(tmp_path)])
    assert (result.exit_code, f"{file}: keys.dir: no site key is in {key.parent}" in result.stderr) == (2, True)
    assert f"next: dlp doctor --config {tmp_path / 'config.toml'}" in result.stderr
    assert not key.exists()
    (tmp_path / "var").rename(tmp_path / "before")  # as it says
    init(tmp_path)
    assert keys.load(key.parent)


def test_a_key_that_does_not_open_the_store_beside_it_is_not_kept_in_silence(tmp_path):
    init(tmp_path)
    settings = config.load(tmp_path / "config.toml")
    migrate.migrate("sqlite", settings.data_dir)
    with contextlib.closing(Store.open("sqlite", settings.data_dir, keys.load(settings.keys_dir))) as store:
        store.add_consent(CONSENT, OFFICER)
    right = settings.keys_dir.rename(tmp_path / "right")
    keys.create(settings.keys_dir)
    result = CliRunner().invoke(main, ["init", str(tmp_path)])
    assert (result.exit_code, "the site key is not the one this store was sealed with" in result.stderr) == (2, True)
    assert f"next: dlp doctor --config {tmp_path / 'config.toml'}" in result.stderr
    shutil.rmtree(settings.keys_dir)
    right.rename(settings.keys_dir)  # as it says
    assert init(tmp_path).count("kept ") == 3


def test_a_key_folder_named_in_the_file_is_used(tmp_path):
    (tmp_path / "config.toml").write_text('[keys]\ndir = "secret"\n')
    init(tmp_path)
    assert keys.load(tmp_path / "secret")
    assert not (tmp_path / "var" / "keys").exists()


def test_the_last_line_is_the_next_command(tmp_path):
    folder = tmp_path / "a b"
    assert init(folder).splitlines()[-1] == f"next: dlp doctor --config '{folder}/config.toml'"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--domain", "uni"], "--domain: a domain needs a dot"),
        (["--domain", 'x.example"]\nuser = "root'], "--domain: not a domain name"),
        (["--next-hop", "127.0.0.1:10025"], "--next-hop: mail would loop"),
        (["--contact", "nobody"], "--contact: not a mail address"),
    ],
    ids=["no-dot", "quotes", "loop", "no-address"],
)
def test_an_answer_that_cannot_be_used_writes_nothing(tmp_path, options, told):
    result = CliRunner().invoke(main, ["init", str(tmp_path), *options])
    assert result.exit_code == 2
    assert told in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_questions_are_asked_at_a_terminal_only(tmp_path, monkeypatch):
    monkeypatch.setattr("dlp.commands.init._at_a_terminal", lambda: True)
    result = CliRunner().invoke(
        main, ["init", str(tmp_path), "--contact", "ask@uni.example"], input="Uni of Nowhere\nuni.example\n\n"
    )
    assert result.exit_code == 0
    settings = config.load(tmp_path / "config.toml")
    assert settings.site.name == "Uni of Nowhere"
    assert settings.site.domains == ("uni.example",)
    assert settings.forward.next_hop == "127.0.0.1:10026"


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "x").write_text("")
    result = CliRunner().invoke(main, ["init", str(tmp_path / "x" / "y")])
    assert result.exit_code == 2
    assert "not a directory" in result.stderr


def test_after_an_answer_that_cannot_be_used_no_folder_stays_and_init_is_next(tmp_path):
    result = CliRunner().invoke(main, ["init", str(tmp_path / "site"), "--domain", "harbour example"])
    assert result.exit_code == 2
    assert "next: dlp init" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_this_user_may_not_enter(tmp_path):
    with open_folder("init") as folder:
        closed = folder / "closed"
        closed.mkdir(mode=0o700)
        with an_ordinary_user(closed):
            result = CliRunner().invoke(main, ["init", str(closed / "site")])
    assert result.exit_code == 2
    assert "permission denied" in result.stderr
