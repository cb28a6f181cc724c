"""`dlp backup` and the way back: copy, loss, restore, and all of it is there; `dlp audit verify` on chains whole and broken."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dlp import config, holds, keys
from dlp.cli import main
from dlp.commands import store_check
from dlp.commands.checkup import State
from dlp.store import Store
from dlp.store.migrate import migrate
from dlp.values import Reply
from tests.commands.test_held import an_ordinary_user
from tests.e2e.loopback import open_folder
from tests.store.samples import BODY, OFFICER, held, mail

RECIPIENT = "p.lane@freemail.example"


class Site:
    """A site with one message on hold."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "config.toml"
        self.file.write_text('[site]\nuser = ""\n')
        self.settings = config.load(self.file)
        keys.create(self.settings.keys_dir)
        migrate("sqlite", self.settings.data_dir)
        self.store = self.opened()
        self.store.hold(mail(), [held(RECIPIENT)])

    def opened(self) -> Store:
        return Store.open("sqlite", self.settings.data_dir, keys.load(self.settings.keys_dir))

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, [*words, "--config", str(self.file)])


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_program_learns_what_was_written(site, tmp_path):
    copied = tmp_path / "copy.sqlite"
    told = json.loads(site.run("backup", str(copied), "--json").stdout)
    assert told == {"file": str(copied), "bytes": copied.stat().st_size, "checked": True}


def test_backup_destroy_restore_release(site, tmp_path):
    copied = tmp_path / "copy.sqlite"
    result = site.run("backup", str(copied))
    assert result.exit_code == 0, result.stderr
    assert copied.stat().st_mode & 0o777 == 0o600
    site.store.close()
    for file in site.settings.data_dir.glob("store.sqlite*"):
        file.unlink()
    shutil.copy(copied, site.settings.data_dir / "store.sqlite")
    restored = site.opened()
    (copy,) = restored.held()
    assert (copy.recipient.address, copy.damaged, restored.content(copy)) == (RECIPIENT, False, BODY)
    sent: list[bytes] = []

    async def deliver(letter: holds.Letter) -> Reply:
        sent.append(letter.content)
        return Reply(250, "2.0.0", "")

    (outcome,) = asyncio.run(holds.release(restored, deliver, copy.reference, OFFICER))
    restored.close()
    assert (outcome.done, sent) == (True, [BODY])
    assert site.run("audit", "verify").exit_code == 0


def test_the_copy_and_its_name_are_synced(site, tmp_path, monkeypatch):
    synced, fsync = [], os.fsync
    monkeypatch.setattr("os.fsync", lambda each: (synced.append(str(Path(f"/proc/self/fd/{each}").readlink())), fsync(each)))
    assert site.run("backup", str(tmp_path / "copy.sqlite")).exit_code == 0
    assert synced == [str(tmp_path), str(tmp_path / "copy.sqlite")]


def test_a_copy_made_while_others_write_is_whole(site, tmp_path):
    stopping = threading.Event()

    def write() -> None:
        for n in range(1000):
            if stopping.is_set():
                break
            site.store.hold(mail(str(n)), [held(RECIPIENT)])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        results = [site.run("backup", str(tmp_path / f"copy-{n}")) for n in range(3)]
    finally:
        stopping.set()
        writer.join()
    assert [result.exit_code for result in results] == [0, 0, 0]


def test_the_key_is_not_in_the_copy(site, tmp_path):
    site.run("backup", str(tmp_path / "copy"))
    secret = (site.settings.keys_dir / keys.FILE).read_text().strip().partition(":")[2]
    written = (tmp_path / "copy").read_bytes()
    assert secret.encode() not in written
    assert bytes.fromhex(secret) not in written


def test_nothing_is_overwritten(site, tmp_path):
    (tmp_path / "copy").write_text("precious")
    result = site.run("backup", str(tmp_path / "copy"))
    assert (result.exit_code, "nothing is overwritten" in result.stderr) == (2, True)
    assert (tmp_path / "copy").read_text() == "precious"


def test_a_folder_that_is_not_there_is_refused(site, tmp_path):
    result = site.run("backup", str(tmp_path / "none" / "copy"))
    assert (result.exit_code, "cannot be made" in result.stderr) == (2, True)


@pytest.mark.parametrize("damage", ["schema", "page"])
def test_a_copy_that_is_not_whole_is_not_left_behind(site, tmp_path, damage):
    site.store.close()
    file = site.settings.data_dir / "store.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if damage == "schema":
            connection.execute("UPDATE alembic_version SET version_num = 'future'")
    connection.close()
    if damage == "page":
        text = bytearray(file.read_bytes())
        text[4096 * 3 : 4096 * 4] = b"\xff" * 4096
        file.write_bytes(text)
    result = site.run("backup", str(tmp_path / "copy"))
    assert result.exit_code == 3
    assert not (tmp_path / "copy").exists()


def test_without_a_store_there_is_nothing_to_copy(tmp_path):
    (tmp_path / "config.toml").write_text('[site]\nuser = ""\n')
    result = CliRunner().invoke(main, ["backup", str(tmp_path / "copy"), "--config", str(tmp_path / "config.toml")])
    assert (result.exit_code, (tmp_path / "copy").exists()) == (2, False)


def test_a_user_who_may_not_enter_the_data_folder_is_told_who_may():
    with open_folder("backup") as folder:
        site = Site(folder)
        site.store.close()
        site.file.chmod(0o644)
        with an_ordinary_user(site.settings.data_dir):
            result = site.run("backup", str(folder / "copy"), "--set", "site.user=mailfilter")
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (2, True)
    assert "may not open the store" in result.stderr
    assert "as root, or as mailfilter" in result.stderr


def test_postgresql_is_told_its_own_tool(site, tmp_path):
    site.file.write_text('[site]\nuser = ""\n[store]\nurl = "postgresql://dlp@db.campus.example/dlp"\n')
    result = site.run("backup", str(tmp_path / "copy"))
    assert (result.exit_code, "pg_dump" in result.stderr) == (2, True)


class TestAuditVerify:
    """`dlp audit verify`."""

    def test_a_whole_chain_and_its_length(self, site):
        result = site.run("audit", "verify")
        said = "whole: every row is as it was written (1 of the audit, 0 of the ledger)\n"
        assert (result.exit_code, result.stdout) == (0, said)
        told = json.loads(site.run("audit", "verify", "--json").stdout)
        assert told == {"intact": True, "rows": {"audit": 1, "ledger": 0}}

    def test_where_no_store_is_nothing_is_whole(self, site):
        site.store.close()
        for file in site.settings.data_dir.glob("store.sqlite*"):
            file.unlink()
        result = site.run("audit", "verify")
        assert (result.exit_code, result.stdout, "there is no store in" in result.stderr) == (2, "", True)
        assert not list(site.settings.data_dir.glob("store.sqlite*"))

    def test_a_broken_chain_names_the_row(self, site):
        site.store.close()
        with sqlite3.connect(site.settings.data_dir / "store.sqlite") as connection:
            connection.execute("UPDATE audit SET event = 'released' WHERE seq = 1")
        connection.close()
        result = site.run("audit", "verify")
        assert (result.exit_code, result.stdout) == (1, "broken: audit, node main, row 1: edited\n")
        assert "keep the store as it is" in result.stderr
        assert f"next: dlp backup FILE --config {site.file}" in result.stderr
        told = json.loads(site.run("audit", "verify", "--json").stdout)
        broken = {"intact": False, "chain": "audit", "node": "main", "seq": 1, "why": "edited"}
        assert told == broken | {"rows": {"audit": 1, "ledger": 0}}

    def test_doctor_says_whether_it_is_whole(self, site):
        store = [each for each in store_check.store(site.settings) if each.name == "store records"]
        assert [(each.state, each.what) for each in store] == [(State.OK, "whole: 1 of the audit, 0 of the ledger")]
        site.store.close()
        with sqlite3.connect(site.settings.data_dir / "store.sqlite") as connection:
            connection.execute("DELETE FROM audit WHERE seq = 1")
        connection.close()
        (broken,) = (each for each in store_check.store(site.settings) if each.name == "store records")
        assert (broken.state, broken.what) == (
            State.FAIL,
            "audit, node main, row 1: tail-cut (0 of the audit, 0 of the ledger)",
        )
        assert "keep the store as it is" in broken.remedy
