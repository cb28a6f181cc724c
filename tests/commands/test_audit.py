"""`dlp audit list`: who did what and why, for people and for programs, and nothing of a student but what a reason names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from dlp.clock import utc_now
from dlp.commands.audit import _ACTS
from dlp.store import reread
from dlp.store.states import NoticeState, State
from tests.commands.test_consent import PLAIN, Desk
from tests.commands.test_held import FIRST, REFERENCE, SECOND
from tests.e2e.loopback import open_folder
from tests.store.samples import held, mail
from tests.store.test_permits import ANN

CAMPUS = "id,given_name,family_name,email\n912345678,Hana,Kim,h.kim@campus.example\n"


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """A week of an office: an import, two copies decided, a consent recorded and revoked, a ledger looked into."""
    with open_folder("audit") as folder:
        desk = Desk(folder)
        store = desk.store()
        store.hold(mail(), [held(FIRST, SECOND)])
        store.close()
        (folder / "campus").mkdir()
        (folder / "campus" / "students.csv").write_text(CAMPUS)
        assert desk.run("import", str(folder / "campus"), "--yes").exit_code == 0
        assert desk.run("held", "deny", REFERENCE, "--to", FIRST, "--reason", "use the shared folder").exit_code == 0
        assert desk.run("held", "release", REFERENCE, "--to", SECOND, "--reason", "permission on file").exit_code in (0, 1)
        added = ("consent", "add", *PLAIN, "--kinds", "grades", "--id", "C1")
        assert desk.run(*added).exit_code == 0
        assert desk.run("consent", "revoke", "C1", "--reason", "withdrawn by letter").exit_code == 0
        asked = desk.run("ledger", "export", "--student", ANN, "--request", "AR-2026-17")
        assert asked.exit_code == 1, "the files have another"
        yield desk


def _rows(desk: Desk, *words: str) -> list[list[str]]:
    return [line.split("\t") for line in desk.run("audit", "list", *words).stdout.splitlines()]


def test_who_did_what_when_about_what_and_why(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    heading, *rows = _rows(desk)
    assert heading == ["time", "who", "what", "about", "reason"]
    assert [row[2:] for row in rows] == [
        ["imported the campus files (rows 1)", "-", "import"],
        ["denied held mail; it was erased", f"{REFERENCE} to {FIRST}", "use the shared folder"],
        ["released held mail", f"{REFERENCE} to {SECOND}", "permission on file"],
        ["recorded a consent (source hand)", "C1", "recorded by hand"],
        ["revoked a consent", "C1", "withdrawn by letter"],
        ["exported what the ledger has of one person (request AR-2026-17)", "-", "access request"],
    ]
    assert {row[1] for row in rows} == {rows[0][1]} != {"the filter"}
    assert all(row[0].endswith("Z") for row in rows)
    assert rows == sorted(rows, key=lambda row: row[0])


def test_options_narrow_it(desk: Desk) -> None:
    who = _rows(desk)[1][1]
    assert len(_rows(desk, "--by", who)) == 7
    assert desk.run("audit", "list", "--by", "nobody").stdout == "nothing like that is recorded\n"
    assert [row[3] for row in _rows(desk, "--about", REFERENCE.lower())[1:]] == [
        f"{REFERENCE} to {each}" for each in (FIRST, SECOND)
    ]
    assert [row[3] for row in _rows(desk, "--about", "C1")[1:]] == ["C1"] * 2
    assert {row[1] for row in _rows(desk, "--about", REFERENCE, "--all")[1:]} == {who, "the filter"}
    tomorrow = (utc_now() + timedelta(days=2)).date().isoformat()
    assert len(_rows(desk, "--since", "2026-01-01")) == 7
    assert desk.run("audit", "list", "--since", tomorrow).stdout == "nothing like that is recorded\n"
    assert desk.run("audit", "list", "--about", "C2").exit_code == 2


def test_what_is_left_out_is_said(desk: Desk) -> None:
    told = desk.run("audit", "list", "--limit", "2")
    assert len(told.stdout.splitlines()) == 3
    assert told.stderr == "2 of 6 shown, the newest; --limit shows more\n"
    assert desk.run("audit", "list", "--limit", "6").stderr == ""


def test_a_program_gets_events_and_no_student(desk: Desk) -> None:
    told: list[dict[str, Any]] = desk.told("audit", "list")
    assert [(each["event"], each["by_program"]) for each in told][-1] == ("ledger-viewed", False)
    assert [each["consent_id"] for each in told if each["event"].startswith("consent")] == ["C1", "C1"]
    assert [each["recipient"] for each in told if each["reference"]] == [FIRST, SECOND]
    assert ANN not in json.dumps(told)  # no reason here names anybody
    assert len(desk.told("audit", "list", "--all")) > len(told)


def test_a_reason_stands_as_it_was_typed_and_the_help_says_so(desk: Desk) -> None:
    assert desk.run("held", "note", REFERENCE, "--reason", "Hana Kim asked").exit_code == 0
    assert [row[-1] for row in _rows(desk)][-1] == "Hana Kim asked"
    assert [each["reason"] for each in desk.told("audit", "list")][-1] == "Hana Kim asked"
    assert "as it was typed" in " ".join(desk.run("audit", "list", "--help").stdout.split())


def test_every_state_and_act_has_words() -> None:
    written = {State.HELD, State.OWED, State.RELEASED, State.HELD_RETRY, State.RELEASE_FAILED, State.RETURNED, State.SENT}
    notices = {f"notice-{state}" for state in (NoticeState.SENT, NoticeState.DEAD)}
    assert {*written, *notices, State.REFUSED, State.DENIED, reread.EVENT} <= _ACTS.keys()
