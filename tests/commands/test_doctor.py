"""`dlp doctor`: each thing that can be wrong is seen, named and given a remedy; nothing is changed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pwd
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from dlp import config, fitted, keys, snapshot, verifier
from dlp.campus.directory import Stamp
from dlp.campus.records import Department, Staff, Student
from dlp.cli import main
from dlp.commands import checkup, directory_check, signing_check, site_check, store_check
from dlp.commands.checkup import State
from dlp.store import Store, database, migrate, sqlite
from tests.e2e.loopback import free_ports, open_folder
from tests.store.samples import OFFICER
from tests.store.test_permits import CONSENT

ME = pwd.getpwuid(os.geteuid()).pw_name


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def answering(greeting: bytes, *replies: bytes) -> Iterator[int]:
    """A listener on loopback that greets and then answers each line in turn."""
    loop = asyncio.new_event_loop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            writer.write(greeting)
            for reply in replies:
                if not await reader.readline():
                    return
                writer.write(reply)
            await reader.read()

    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@pytest.fixture
def site(tmp_path: Path) -> config.Settings:
    """A folder as `dlp init` leaves it, with addresses that nobody uses."""
    path = tmp_path / "config.toml"
    lmtp, smtp, hop, page = free_ports(4)
    path.write_text(
        f'[site]\nuser = "{ME}"\n'
        f'[receive]\nlmtp = "127.0.0.1:{lmtp}"\nsmtp = "127.0.0.1:{smtp}"\nhostname = "filter.campus.example"\n'
        f'[forward]\nnext_hop = "127.0.0.1:{hop}"\n[metrics]\nlisten = "127.0.0.1:{page}"\n'
    )
    (tmp_path / "var").mkdir(mode=0o700)
    keys.create(tmp_path / "var" / "keys")
    return config.load(path)


def with_keys(site: config.Settings, *overrides: str) -> config.Settings:
    return config.load(Path(site.source.file), overrides)


def states(checks: Iterator[checkup.Check]) -> list[tuple[str, State]]:
    return [(check.name, check.state) for check in checks]


def only(checks: Iterator[checkup.Check]) -> checkup.Check:
    (check,) = checks
    return check


def doctor(site: config.Settings, *options: str) -> tuple[int, dict[str, dict[str, str]]]:
    result = CliRunner().invoke(main, ["doctor", "--config", site.source.file, "--json", *options])
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    return result.exit_code, {row["check"]: row for row in rows}


def test_a_healthy_site_passes_and_is_left_as_it_was(site, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    hello = b"250-mta\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250-DSN\r\n250 8BITMIME\r\n"
    with answering(b"220 mta.campus.example ESMTP\r\n", hello, b"250 ok\r\n") as port:
        status, rows = doctor(site, "--set", f"forward.next_hop=127.0.0.1:{port}")
    assert {name for name, row in rows.items() if row["state"] == "fail"} == set()
    assert status == 0
    assert rows["next_hop"]["what"].endswith("announces SIZE 1000000, 8BITMIME, DSN")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_dead_next_hop_fails_with_a_remedy(site):
    status, rows = doctor(site)
    assert status == 1
    assert rows["next_hop"]["state"] == "fail"
    assert rows["next_hop"]["remedy"]


def test_what_fails_always_has_a_remedy(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('[site]\nuser = "nobody-here"\n')
    result = CliRunner().invoke(main, ["doctor", "--config", str(path), "--json"])
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert {row["check"] for row in rows if row["state"] == "fail"} >= {"data_dir", "keys", "next_hop"}
    assert all(row["remedy"] for row in rows if row["state"] != "ok")


def test_each_mistake_of_the_configuration_is_a_row(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('[site]\nnam = "x"\ndomains = ["campus"]\n')
    result = CliRunner().invoke(main, ["doctor", "--config", str(path)])
    assert result.exit_code == 1
    told = [line.split("\t") for line in result.stdout.splitlines() if line.startswith("fail")]
    assert [row[1:3] for row in told] == [
        ["configuration", f"{path}:2: site.nam: unknown key"],
        ["configuration", f"{path}:3: site.domains: a domain needs a dot"],
    ]


def test_no_configuration_at_all_names_init(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("dlp.config.PLACES", ())
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert "dlp init" in result.stdout


def test_keys_of_later_versions_are_warnings(site):
    _, rows = doctor(site, "--set", "console.listen=127.0.0.1:8080")
    assert (rows["configuration"]["state"], "not yet" in rows["configuration"]["what"]) == ("warn", True)


def test_no_directory_yet_is_said(site):
    check = only(directory_check.directory(site))
    assert (check.state, "by patterns alone" in check.what) == (State.WARN, True)
    assert "dlp import" in check.remedy


@pytest.mark.parametrize(("days", "bad", "state"), [(1, 0, State.OK), (8, 0, State.WARN), (1, 3, State.WARN)])
def test_the_directory_is_known_by_its_age_and_whether_it_is_whole(site, days, bad, state):
    key = keys.load(site.keys_dir).finding_people
    people = [Student("912345671", full_name="Bo Lindqvist"), Staff("e.okafor@campus.example")]
    stamp = Stamp("one", datetime.now(UTC) - timedelta(days=days), bad, frozenset({"students", "staff"}))
    snapshot.build(site.snapshots, people, stamp, key)
    snapshot.put_in_force(site.snapshots, "one")
    check = only(directory_check.directory(site))
    assert check.state is state
    assert "1 student and 1 staff" in check.what


PHYSICISTS = [
    ([Department("Physics")], "departments"),
    ([Staff("e.okafor@campus.example", department="PHYSICS")], "staff"),
    ([Student("912345671", department="Physics")], "students"),
]


@pytest.mark.parametrize(("rows", "file"), PHYSICISTS, ids=[file for _, file in PHYSICISTS])
def test_a_department_that_rows_are_observed_for_and_nobody_has_is_named(site, rows, file):
    (site.base / "table.toml").write_text('[[observe]]\nrows = ["I3"]\ndepartments = ["Physics", "Physiks"]\n')
    key = keys.load(site.keys_dir).finding_people
    snapshot.build(site.snapshots, rows, Stamp("one", datetime.now(UTC), 0, frozenset({file})), key)
    snapshot.put_in_force(site.snapshots, "one")
    observing = site.model_copy(update={"policy": site.policy.model_copy(update={"table": "table.toml"})})
    (found,) = [check for check in directory_check.directory(observing) if check.name == "observed rows"]
    assert found.state is State.FAIL
    assert "'physiks'" in found.what
    assert f"{file}.csv" in found.remedy


# the students, the mode of a pattern of one's own ("" = there is none), and what is told
SEEN: dict[str, tuple[list[Student], str, dict[str, str]]] = {
    "IDs of nine digits": ([Student("912345671", email="a@campus.example")], "", {}),
    "IDs of another shape": (
        [Student("S1200101", email="a@campus.example"), Student("912345671")],
        "",
        {"student IDs": "of 2 student IDs 1 fits no id pattern in force (the first has the shape x9999999)"},
    ),
    "IDs of which a pattern finds a part": (
        [Student("7-912345671")],
        "",
        {"student IDs": "of 1 student ID 1 fits no id pattern"},
    ),
    "IDs of another shape and a pattern of one's own": ([Student("S1200101")], "enforce", {}),
    "a pattern that only observes": ([Student("S1200101")], "observe", {"student IDs": "1 fits no id pattern"}),
    "a pattern file that does not load": ([Student("S1200101")], "observ", {"student IDs": "no ID was tried"}),
    "an address elsewhere": (
        [Student("912345671", email="a@canpus.example"), Student("912345672", email="b@x.campus.example")],
        "",
        {"student addresses": "of 2 students 1 has an address in no domain of [site] domains"},
    ),
}


@pytest.mark.parametrize("case", SEEN)
def test_students_whom_mail_does_not_show_are_counted(site, case):
    people, mode, told = SEEN[case]
    if mode:
        (site.base / "own").mkdir()
        text = f'[[pattern]]\nid = "own"\nkind = "id"\nmode = "{mode}"\nregex = \'\\bS[0-9]{{7}}\\b\'\nmatch = ["S1200101"]\n'
        (site.base / "own" / "ids.toml").write_text(text)
        site = with_keys(site, 'policy.patterns=["own"]')
    key = keys.load(site.keys_dir).finding_people
    snapshot.build(site.snapshots, people, Stamp("one", datetime.now(UTC), 0, frozenset({"students"})), key)
    snapshot.put_in_force(site.snapshots, "one")
    found = {check.name: check for check in directory_check.directory(site) if check.name != "directory"}
    assert found.keys() == told.keys()
    assert all(what in found[name].what for name, what in told.items())
    assert all(check.state is State.WARN and check.remedy for check in found.values())


def test_a_damaged_directory_is_found_by_reading_all_of_it(site):
    key = keys.load(site.keys_dir).finding_people
    stamp = Stamp("one", datetime.now(UTC))
    file = snapshot.build(site.snapshots, [Student("912345671")], stamp, key) / "attributes"
    snapshot.put_in_force(site.snapshots, "one")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    found = only(directory_check.directory(site))
    assert (found.state, "damaged" in found.what, "dlp import" in found.remedy) == (State.FAIL, True, True)


def test_a_directory_that_cannot_be_opened_fails(site):
    snapshot.build(site.snapshots, [], Stamp("one", datetime.now(UTC)), bytes(32))  # made with another key
    snapshot.put_in_force(site.snapshots, "one")
    check = only(directory_check.directory(site))
    assert check.state is State.FAIL
    assert check.remedy


def test_the_data_folder_must_be_private(site):
    site.data_dir.chmod(0o755)
    assert ("data_dir", State.FAIL) in states(checkup.data_folder(site))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_the_data_folder_must_belong_to_the_user(site):
    os.chown(site.data_dir, 12345, 12345)
    assert ("data_dir", State.FAIL) in states(checkup.data_folder(site))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_the_key_must_belong_to_the_user(site):
    os.chown(site.keys_dir / keys.FILE, 12345, 12345)
    assert only(checkup.site_key(site)).state is State.FAIL


def test_a_pattern_folder_without_pattern_files_is_a_warning(site):
    (site.base / "own").mkdir()
    assert ("patterns", State.WARN) in states(checkup.rules(with_keys(site, 'policy.patterns=["own"]')))
    assert ("patterns", State.WARN) not in states(checkup.rules(site))


def test_a_pattern_that_overrides_a_shipped_one_is_named(site):
    (site.base / "own").mkdir()
    (site.base / "own" / "a.toml").write_text('[[pattern]]\nid = "student-id"\nkind = "id"\nregex = "b"\nmatch = ["b"]\n')
    told = [check for check in checkup.rules(with_keys(site, 'policy.patterns=["own"]')) if check.name == "patterns"]
    assert [(check.state, check.what) for check in told] == [
        (State.OK, f"student-id of {site.base / 'own' / 'a.toml'} overrides the shipped one (student-id.toml)")
    ]


OWNERS = {  # the site's user, whose the folder is, the one who asks; what doctor says to do
    "the site's own folder, seen by somebody else": ("daemon", "daemon", "nobody", ""),
    "a stranger's folder": ("daemon", "bin", "nobody", "chown -R daemon "),
    "a stranger's folder, seen by root": ("daemon", "bin", "root", "chown -R daemon "),
    "the folder of who asks, as in a trial": ("no-such-user", "nobody", "nobody", ""),
    "a stranger's folder, and no user of the site": ("no-such-user", "bin", "nobody", "run it as root, or as"),
}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("case", OWNERS)
def test_a_folder_is_given_to_the_user_of_the_site_whoever_asks(site, monkeypatch, case):
    user, owner, asking, remedy = OWNERS[case]
    os.chown(site.data_dir, pwd.getpwnam(owner).pw_uid, -1)
    monkeypatch.setattr("dlp.commands.checkup.os.geteuid", lambda: pwd.getpwnam(asking).pw_uid)
    (check,) = [each for each in checkup.data_folder(with_keys(site, f"site.user={user}")) if each.name == "data_dir"]
    assert (check.state, check.remedy.startswith(remedy)) == (State.FAIL if remedy else State.OK, True)


def test_little_room_is_a_warning(site):
    assert ("disk", State.WARN) in states(
        checkup.data_folder(with_keys(site, "limits.message=1000000000000000", "limits.in_flight=1000000000000000"))
    )


def test_an_open_key_fails(site):
    (site.keys_dir / keys.FILE).chmod(0o644)
    check = only(checkup.site_key(site))
    assert check.state is State.FAIL
    assert "chmod" in check.remedy


@pytest.fixture
def signing_site(site):
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = site.data_dir / "dkim.pem"
    file.write_bytes(key.private_bytes(*form))
    file.chmod(0o600)
    return with_keys(site, "dkim.domain=campus.example", "dkim.selector=s1", f"dkim.key_file={file}")


def test_a_signing_key_shows_the_record_to_publish_and_a_short_one_is_a_warning(signing_site):
    weak, record = signing_check.dkim(signing_site)
    assert (weak.state, record.state) == (State.WARN, State.OK)
    assert record.what.startswith('s1._domainkey.campus.example TXT "v=DKIM1; k=rsa; p=MIG')
    assert weak.remedy


def test_a_site_that_seals_is_told_whose_results_it_repeats(signing_site):
    dkim = signing_site.dkim.model_copy(update={"arc": True, "authserv_id": "mx.campus.example"})
    *_, seal = signing_check.dkim(signing_site.model_copy(update={"dkim": dkim}))
    assert (seal.name, seal.what) == ("arc", "sets repeat the Authentication-Results of mx.campus.example")


def test_a_signing_key_that_cannot_be_used_fails(signing_site):
    signing_site.path(signing_site.dkim.key_file).chmod(0o644)
    check = only(signing_check.dkim(signing_site))
    assert (check.state, "chmod" in check.remedy) == (State.FAIL, True)


def test_a_signing_key_must_belong_to_the_user(signing_site, monkeypatch):
    monkeypatch.setattr(signing_check, "owned", lambda *_: False)
    assert State.FAIL in {check.state for check in signing_check.dkim(signing_site)}


def test_a_site_that_does_not_sign_has_no_key_to_look_at(site):
    assert list(signing_check.dkim(site)) == []


def test_a_store_with_this_schema_passes(site):
    migrate.migrate("sqlite", site.data_dir)
    assert next(store_check.store(site)).what == "opens, schema up to date"


def test_a_store_of_another_version_is_seen(site):
    migrate.migrate("sqlite", site.data_dir)
    engine = database.connect("sqlite", site.data_dir)
    with database.writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert only(store_check.store(site)).state is State.FAIL
    with database.writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    engine.dispose()
    assert only(store_check.store(site)).state is State.WARN


def test_a_store_that_is_no_database_fails(site):
    (site.data_dir / sqlite.FILE).write_bytes(b"x" * 8192)
    assert only(store_check.store(site)).state is State.FAIL


def test_weights_that_do_not_fit_are_a_warning(site, monkeypatch, tmp_path):
    monkeypatch.setattr(fitted, "folder", lambda: tmp_path)
    rules, sentences = checkup.rules(site)
    assert (rules.state, sentences.state, sentences.remedy) == ("ok", "warn", fitted.REMEDY)


def test_a_second_look_that_is_wanted_and_missing_is_a_warning(site, monkeypatch, tmp_path):
    monkeypatch.setattr(verifier, "folder", lambda: tmp_path)
    wanted = site.model_copy(update={"policy": site.policy.model_copy(update={"sentences": "verified"})})
    rules, sentences = checkup.rules(wanted)
    assert (rules.state, sentences.state, sentences.remedy) == ("ok", "warn", fitted.WITHOUT_VERIFIER)


def test_rules_that_load_are_counted(site):
    check = only(checkup.rules(site))
    assert check.state is State.OK
    assert int(check.what.split()[0]) > 10


BAD_ROW = '[[row]]\nid = "X1"\n'


def test_each_mistake_in_patterns_and_table_is_a_row(site, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "first.toml").write_text("[[pattern]]\nid = 5\n")
    (tmp_path / "own" / "second.toml").write_text("[[pattern\n")
    (tmp_path / "table.toml").write_text(BAD_ROW)
    checks = list(checkup.rules(with_keys(site, 'policy.patterns=["own"]', "policy.table=table.toml")))
    assert {check.state for check in checks} == {State.FAIL}
    told = "\n".join(check.what for check in checks)
    assert {f"{name}:" in told for name in ("own/first.toml", "own/second.toml", "table.toml")} == {True}
    assert all(check.remedy for check in checks)


@pytest.mark.parametrize(
    "override", ['policy.patterns=["nowhere"]', "policy.table=nowhere.toml"], ids=["pattern-folder", "decision-table"]
)
def test_rules_that_are_not_there_fail(site, override):
    status, rows = doctor(site, "--set", override)
    assert status == 1
    assert (rows["rules"]["state"], "nowhere" in rows["rules"]["what"]) == ("fail", True)
    assert rows["rules"]["remedy"]


@pytest.mark.parametrize(
    ("greeting", "state"),
    [
        (b"220 filter.campus.example LMTP\r\n", State.OK),
        (b"220 filter.campus.example ESMTP Postfix\r\n", State.FAIL),
        (b"SSH-2.0-x\r\n", State.FAIL),
    ],
    ids=["ours", "an-mta", "another-protocol"],
)
def test_a_busy_address_is_ours_or_somebody_elses(site, greeting, state):
    with answering(greeting) as port:
        checks = list(checkup.listeners(with_keys(site, f"receive.lmtp=127.0.0.1:{port}")))
    assert [check.state for check in checks] == [state, State.OK]


def test_a_socket_file_nobody_listens_on_is_free(site, tmp_path):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "lmtp"))
    checks = states(checkup.listeners(with_keys(site, f"receive.lmtp=unix:{tmp_path}/lmtp", "receive.smtp=")))
    assert checks == [("lmtp", State.OK)]


@pytest.mark.parametrize(("said", "state"), [(b"\0\0\0\x0dO" + bytes(12), State.OK), (b"220 an MTA\r\n", State.FAIL)])
def test_a_busy_address_of_the_milter_is_a_milters_or_anothers(site, said, state):
    with answering(said) as port:
        *_, milter = checkup.listeners(with_keys(site, f"milter.listen=127.0.0.1:{port}"))
    assert (milter.name, milter.state) == ("milter", state)


def test_a_file_from_the_future_means_a_wrong_clock(site):
    later = checkup.utc_now().timestamp() + 86_400
    os.utime(site.source.file, (later, later))
    assert only(checkup.clock(site)).state is State.FAIL


def test_the_machine_has_what_the_program_needs():
    assert [examine().state for examine in checkup.MACHINE_CHECKS] == [State.OK] * 3


def test_a_place_this_user_may_not_see_is_a_warning(site, monkeypatch):
    def forbidden(_settings: config.Settings) -> Iterator[checkup.Check]:
        raise PermissionError

    monkeypatch.setattr("dlp.commands.doctor.SITE_CHECKS", {"keys": forbidden})
    _, rows = doctor(site)
    assert rows["keys"]["state"] == "warn"


def test_a_directory_without_students_is_a_warning(site):
    snapshot.build(
        site.snapshots,
        [Staff("a.lind@campus.example")],
        Stamp("one", datetime.now(UTC)),
        keys.load(site.keys_dir).finding_people,
    )
    snapshot.put_in_force(site.snapshots, "one")
    first = next(directory_check.directory(site))
    assert (first.state, first.what) == (State.WARN, "it has no students, so no student is known")


def test_a_suggested_line_has_a_path_with_blanks_as_one_word(tmp_path):
    folder = tmp_path / "a site" / "var"
    missing = config.load(None, [f"site.data_dir={folder}", f"site.user={ME}"])
    assert next(checkup.data_folder(missing)).remedy.endswith(f"'{folder}'")
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    assert next(checkup.data_folder(missing)).remedy == f"chmod 0700 '{folder}'"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root tries as another user")
def test_a_user_who_cannot_run_this_python_fails(site, monkeypatch, tmp_path):
    tmp_path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    check = only(checkup.user(with_keys(site, "site.user=nobody")))
    assert (check.state, "nobody cannot run this Python" in check.what, "nobody" in check.remedy) == (State.FAIL, True, True)
    monkeypatch.setattr(sys, "executable", "/bin/true")
    assert only(checkup.user(with_keys(site, "site.user=nobody"))).state is State.OK


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can go on as another user")
def test_the_folder_that_keeps_the_user_from_this_python_is_named(site, monkeypatch):
    with open_folder("doctor") as folder:
        (folder / "closed").mkdir(mode=0o700)
        (folder / "closed" / "python").symlink_to("/bin/false")
        (folder / "python").symlink_to(folder / "closed" / "python")
        monkeypatch.setattr(sys, "executable", str(folder / "python"))
        monkeypatch.setattr("dlp.privileges.program", lambda: (folder / "config.toml", folder / "closed" / "python"))
        check = only(checkup.user(with_keys(site, "site.user=nobody")))
    assert (check.state, check.what.endswith(f"; it may not enter {folder / 'closed'}")) == (State.FAIL, True)


def test_of_a_key_that_cannot_be_read_no_new_one_is_advised(site):
    (site.keys_dir / keys.FILE).unlink()
    (site.keys_dir / keys.FILE).mkdir(mode=0o700)
    remedy = only(checkup.site_key(site)).remedy
    assert "chown -R USER" in remedy
    assert "init" not in remedy


def test_of_a_key_that_is_gone_no_new_one_is_advised_where_something_needs_it(site):
    (site.keys_dir / keys.FILE).unlink()
    assert "dlp init" in only(checkup.site_key(site)).remedy
    migrate.migrate("sqlite", site.data_dir)
    remedy = only(checkup.site_key(site)).remedy
    assert (f"{sqlite.FILE} opens with no other" in remedy, "init" in remedy) == (True, False)


def test_a_store_that_was_sealed_with_another_key_fails(site):
    migrate.migrate("sqlite", site.data_dir)
    with contextlib.closing(Store.open("sqlite", site.data_dir, keys.load(site.keys_dir))) as store:
        store.add_consent(CONSENT, OFFICER)
    assert [check.state for check in store_check.store(site)] == [State.OK, State.OK]
    (site.keys_dir / keys.FILE).unlink()
    assert [check.name for check in store_check.store(site)] == ["store"]
    keys.create(site.keys_dir)
    check = only(store_check.store(site))
    assert (check.state, "not the one this store was sealed with" in check.what) == (State.FAIL, True)
    assert "put back the key folder" in check.remedy


def test_a_site_that_still_has_the_shipped_words_is_told(site):
    assert [check.state for check in site_check.own_words(site)] == [State.WARN, State.WARN]
    own = ("site.name=Harbour University", 'site.domains=["harbour.example"]')
    assert "privacy@campus.example" in only(site_check.own_words(with_keys(site, *own))).what
    assert list(site_check.own_words(with_keys(site, *own, "site.policy_contact=ask@law.harbour.example"))) == []


@pytest.mark.parametrize("said", ['receive.submission_clients=["192.0.2.0/24"]', "milter.listen=inet:127.0.0.1:8891"])
def test_a_site_where_no_sender_is_ever_told_is_warned(site, said):
    assert only(site_check.told_senders(site)).state is State.WARN
    assert list(site_check.told_senders(with_keys(site, said))) == []
