"""Reasons that are kept: without the ID of a student whom the directory has, and never stopped by anything else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dlp.campus.records import Student
from dlp.commands.written import without_ids
from dlp.errors import Refused
from tests.commands.test_consent import PLAIN, Desk
from tests.commands.test_held import FIRST, REFERENCE
from tests.e2e.loopback import open_folder
from tests.store.samples import held, mail
from tests.store.test_permits import ANN, BEN


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with open_folder("written") as folder:
        desk = Desk(folder)
        desk.people(Student(ANN), Student("S71-20"))
        yield desk


@pytest.mark.parametrize(
    "reason",
    [
        f"{ANN} asked",
        f"asked by {ANN}.",
        f"the student ({ANN[:3]}-{ANN[3:6]}-{ANN[6:]}) asked",
        f"{ANN[:3]} {ANN[3:]} asked",
        " ".join(ANN),
        f"ticket 26 {ANN}",
        f"ID{ANN}",
        f"{BEN}, {ANN}",
    ],
    ids=["first", "last", "dashes", "blank", "one by one", "behind another number", "behind letters", "the second"],
)
def test_a_reason_with_a_student_s_id_is_refused(desk: Desk, reason: str) -> None:
    with pytest.raises(Refused, match="without the ID") as refused:
        without_ids(desk.settings, reason)
    assert ANN not in str(refused.value)


@pytest.mark.parametrize(
    "reason",
    [
        "withdrawn by letter",
        "by letter of 3 March 2026",
        f"case {BEN}",
        f"{ANN}0",
        "call 617 555 0100",
        "form 7120",
        "2026-11-20",
    ],
    ids=["words", "day", "nobody's", "longer", "phone", "four figures", "date"],
)
def test_any_other_reason_stands_as_typed(desk: Desk, reason: str) -> None:
    assert without_ids(desk.settings, reason) == reason


def test_without_a_directory_that_can_be_read_a_reason_stops_nobody() -> None:
    with open_folder("unread") as folder:
        desk = Desk(folder)
        assert without_ids(desk.settings, f"{ANN} asked") == f"{ANN} asked"
        desk.people(Student(ANN))
        for file in desk.settings.snapshots.glob("*/*"):
            file.write_bytes(b"")
        assert without_ids(desk.settings, f"{ANN} asked") == f"{ANN} asked"


def test_each_command_that_keeps_a_reason_refuses_an_id_and_does_nothing(desk: Desk) -> None:
    store = desk.store()
    store.hold(mail(), [held(FIRST)])
    store.close()
    assert desk.run("consent", "add", *PLAIN, "--kinds", "grades", "--id", "C1").exit_code == 0
    for words in (
        ("held", "release", REFERENCE),
        ("held", "deny", REFERENCE),
        ("held", "note", REFERENCE),
        ("held", "note", REFERENCE, "--disputed"),
        ("consent", "revoke", "C1"),
        ("ledger", "export", "--student", ANN),
        ("ledger", "notified", REFERENCE, "--student", ANN),
    ):
        outcome = desk.run(*words, "--reason", f"{ANN} asked")
        assert (outcome.exit_code, outcome.stdout, "without the ID" in outcome.stderr) == (2, "", True), words
    assert [each["consent_id"] for each in desk.told("consent", "list")] == ["C1"]
    assert [each["event"] for each in desk.told("audit", "list")] == ["consent-added"]
