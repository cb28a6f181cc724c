"""`dlp consent`, `dlp ledger export`: for people and for programs, with their mistakes said and their exit statuses."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dlp.campus.records import Consent, Student
from dlp.cli import main
from dlp.clock import utc_now
from dlp.store.states import DisclosureState
from dlp.values import Allowed
from tests.commands.test_held import Site
from tests.e2e.loopback import open_folder
from tests.store.samples import OFFICER, mail
from tests.store.test_permits import ANN, APPROVAL, BEN
from tests.test_own_message import MESSAGE, key, signed

FIRM = "hr@firm.example"
PLAIN = ("--student", ANN, "--recipient", FIRM, "--purpose", "a job", "--strength", "written", "--given-on", "2026-09-30")


class Desk(Site):
    """A site, and what somebody types there."""

    def run(self, *words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, [*words, "--config", str(self.file)], input=typed)

    def told(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*words, "--json").stdout.splitlines()]


@pytest.fixture
def desk() -> Any:
    with open_folder("consent") as folder:
        yield Desk(folder)


def test_a_consent_is_added_listed_and_revoked(desk: Desk) -> None:
    (added,) = desk.told("consent", "add", *PLAIN, "--kinds", "grades; conduct", "--uses", "2", "--mail-risk")
    assert added["purposes"] == ["employment"]
    (listed,) = desk.told("consent", "list", "--student", ANN)
    assert (listed["kinds"], listed["uses_left"], listed["mail_risk"], listed["ended"]) == (
        ["conduct", "grades"],
        2,
        True,
        None,
    )
    assert desk.told("consent", "list", "--student", BEN) == []
    revoked = desk.run("consent", "revoke", added["consent_id"], "--reason", "withdrawn")
    assert (revoked.exit_code, revoked.stdout) == (0, "revoked; it counts no more\n")
    again = desk.run("consent", "revoke", added["consent_id"], "--reason", "again", "--json")
    assert (again.exit_code, json.loads(again.stdout)) == (1, {"consent_id": added["consent_id"], "revoked": False})
    assert desk.run("consent", "revoke", added["consent_id"], "--reason", "  ").exit_code == 2
    assert desk.run("consent", "list").stdout == "there is none\n"
    (ended,) = desk.told("consent", "list", "--all")
    assert ended["ended"]


def add(desk: Desk, *words: str) -> Result:
    added = desk.run("consent", "add", *PLAIN, "--kinds", "grades", "--id", "C1", *words)
    assert (added.exit_code, len(desk.told("consent", "list", "--all"))) == (0, 1)
    return added


def test_a_consent_of_nobody_in_the_directory_is_recorded_with_a_warning(desk: Desk) -> None:
    desk.people(Student(BEN))
    told = add(desk).stderr.splitlines()
    assert told[0].startswith("dlp: nobody in the directory has this student ID")
    assert told[1] == f"next: dlp import --status --config {desk.file}"
    assert ANN not in "".join(told)


def test_a_consent_before_the_first_import_says_that_there_is_no_directory(desk: Desk) -> None:
    told = add(desk).stderr.splitlines()
    assert told[0].startswith("dlp: no directory yet")
    assert told[1] == f"next: dlp import FOLDER --dry-run --config {desk.file}"


AGAIN = {
    "the same": ([], 2),
    "the same person in another spelling": (["--student", f"{ANN[:3]}-{ANN[3:6]}-{ANN[6:]}"], 2),
    "the same reader in capitals": (["--recipient", FIRM.upper()], 2),
    "with an ID of its own": (["--id", "C2"], 0),
    "from another day": (["--given-on", "2026-10-01"], 0),
    "on another paper": (["--evidence", "paper"], 0),
}


@pytest.mark.parametrize("name", AGAIN)
def test_the_same_consent_is_not_recorded_twice(desk: Desk, name: str) -> None:
    words, status = AGAIN[name]
    add(desk)
    again = desk.run("consent", "add", *PLAIN, "--kinds", "grades", *words)
    assert (again.exit_code, "recorded already, as C1; if it was" in again.stderr) == (status, bool(status))
    assert len(desk.told("consent", "list")) == (1 if status else 2)


def test_what_was_revoked_is_recorded_again(desk: Desk) -> None:
    add(desk)
    assert desk.told("consent", "revoke", "C1", "--reason", "typed wrong") == [{"consent_id": "C1", "revoked": True}]
    assert desk.run("consent", "add", *PLAIN, "--kinds", "grades").exit_code == 0


@pytest.mark.parametrize("spelling", [ANN, f"{ANN[:3]}-{ANN[3:6]}-{ANN[6:]}"], ids=["plain", "with dashes"])
def test_a_consent_of_a_student_is_recorded_without_a_warning(desk: Desk, spelling: str) -> None:
    desk.people(Student(ANN))
    assert add(desk, "--student", spelling).stderr == ""


def test_while_the_directory_cannot_be_read_no_consent_is_recorded(desk: Desk) -> None:
    desk.people(Student(ANN))
    for file in desk.settings.snapshots.glob("*/*"):
        file.write_bytes(b"")
    added = desk.run("consent", "add", *PLAIN, "--kinds", "grades")
    assert (added.exit_code, "directory" in added.stderr) == (3, True)
    assert desk.told("consent", "list", "--all") == []


DAYS = {
    "given today": (0, None, "it counts at once"),
    "given tomorrow": (1, None, "it counts from {given} on"),
    "over since yesterday": (-9, -1, "it does not count: its last day was {last}"),
    "its last day": (-9, 0, "it counts at once"),
}


@pytest.mark.parametrize("name", DAYS)
def test_from_when_on_a_consent_counts_is_said(desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given, last, said = DAYS[name]
    today = date(2026, 11, 27)
    monkeypatch.setattr("dlp.commands.consent._today", lambda _settings: today)
    day = {"given": today + timedelta(given), "last": today + timedelta(last or 0)}
    words = ("--expires-on", f"{day['last']}") if last is not None else ()
    assert add(desk, "--given-on", f"{day['given']}", *words).stdout.splitlines()[0].endswith(f"; {said.format(**day)}")


NOWHERE = {
    "only said, to outside": (("--strength", "explicit"), "it counts nowhere: outside only what is written counts"),
    "only said, to inside": (
        ("--strength", "explicit", "--recipient", "t.ames@campus.example"),
        "it counts at once, inside only: outside only what is written counts",
    ),
    "of a subject that nobody has": (
        ("--kinds", "grades:XX999"),
        "it counts nowhere: no subject in the directory has this number",
    ),
    "of one that nobody has beside another kind": (("--kinds", "grades:XX999;gpa"), "it counts at once"),
}


@pytest.mark.parametrize("name", NOWHERE)
def test_a_consent_that_never_counts_is_not_said_to(desk: Desk, name: str) -> None:
    words, said = NOWHERE[name]
    desk.people(Student(ANN))
    told = add(desk, *words)
    assert told.stdout.splitlines()[0].endswith(f"; {said}")
    assert ("grades:XX999 counts nowhere" in told.stderr) is ("gpa" in " ".join(words))


def test_the_answer_says_what_was_recorded_of_whom_and_how_to_end_it(desk: Desk) -> None:
    assert add(desk).stdout.splitlines() == [
        f"recorded as C1: grades of {ANN} to {FIRM}, for employment; it counts at once",
        f"to end it: dlp consent revoke C1 --reason ... --config {desk.file}",
    ]


CAMPUS = (
    Student(ANN, full_name="Ann Mori", email="ann@campus.example", alternate_emails=("ann@home.example", "two@home.example")),
    Student(BEN, full_name="Ben Mori", email="ben@campus.example", alternate_emails=("two@home.example",)),
)


def test_a_student_s_campus_address_means_the_student(desk: Desk) -> None:
    desk.people(*CAMPUS)
    added = desk.run("consent", "add", *PLAIN, "--kinds", "grades", "--id", "C1", "--student", "Ann@campus.example")
    assert (added.exit_code, added.stderr, f"grades of {ANN}" in added.stdout) == (0, "", True)
    for whose in (ANN, "ann@campus.example"):
        assert [each["person"] for each in desk.told("consent", "list", "--student", whose)] == [ANN]


@pytest.mark.parametrize("address", ["ann@home.example", "two@home.example"], ids=["not the campus one", "of two"])
@pytest.mark.parametrize(
    "command",
    [
        ("consent", "add", *PLAIN, "--kinds", "grades", "--student"),
        ("consent", "list", "--student"),
        ("held", "list", "--about"),
        ("ledger", "export", "--student"),
        ("ledger", "notified", "H7K2-9QMD", "--reason", "by letter", "--student"),
    ],
    ids=["add", "list", "held", "export", "notified"],
)
def test_another_address_of_a_student_is_refused(desk: Desk, command: tuple[str, ...], address: str) -> None:
    desk.people(*CAMPUS)
    outcome = desk.run(*command, address)
    assert (outcome.exit_code, outcome.stdout, "give the student ID" in outcome.stderr) == (2, "", True)
    assert desk.run(*command, "  ").exit_code == 2


ALL_OF_IT: dict[str, tuple[tuple[str, ...], int]] = {
    "an address of the student's": (("--recipient", "ann@home.example"), 0),
    "the campus address": (("--recipient", "ANN@campus.example"), 0),
    "one that two share": (("--recipient", "two@home.example"), 2),
    "another student's": (("--recipient", "ben@campus.example"), 2),
    "somebody's": (("--recipient", "hr@firm.example", "--purpose", "whatever it is"), 2),
    "a form for an investigation": (("--recipient", "agent@bureau.example", "--purpose", "investigation"), 0),
    "one that is not in writing": (
        ("--recipient", "agent@bureau.example", "--purpose", "investigation", "--strength", "explicit"),
        2,
    ),
    "one that is for a job as well": (("--recipient", "agent@bureau.example", "--purpose", "investigation; job"), 2),
}


@pytest.mark.parametrize("name", ALL_OF_IT)
def test_all_is_for_an_investigation_and_for_the_student_s_own_address(desk: Desk, name: str) -> None:
    words, status = ALL_OF_IT[name]
    desk.people(*CAMPUS)
    outcome = desk.run("consent", "add", *PLAIN, "--kinds", "all", *words)
    assert (outcome.exit_code, "name the kinds" in outcome.stderr) == (status, bool(status))


def test_a_consent_that_counts_only_inside_or_nowhere_is_listed_as_that(desk: Desk) -> None:
    explicit = ("--strength", "explicit")
    inside = {"C4": (*explicit, "--recipient", "@campus.example"), "C5": (*explicit, "--recipient", "class:employer")}
    for name, words in ({"C1": (), "C2": explicit} | inside).items():
        desk.run("consent", "add", *PLAIN, "--kinds", "grades", "--id", name, *words)
    store = desk.store()
    store.add_consent(Consent("C3", ANN, frozenset({"grades"}), FIRM, date(2026, 9, 1), strength="written"), OFFICER)
    store.close()
    rows = [line.split("\t") for line in desk.run("consent", "list").stdout.splitlines()]
    assert rows[0][-2:] == ["state", "strength"]
    assert {row[0]: row[-2:] for row in rows[1:]} == {
        "C1": ["counts", "written"],
        "C2": ["counts nowhere: outside only what is written counts", "explicit"],
        "C3": ["counts", "written"],
        "C4": ["counts inside", "explicit"],
        "C5": ["counts inside", "explicit"],
    }
    stood = {each["consent_id"]: (each["state"], each["why"]) for each in desk.told("consent", "list")}
    assert stood["C2"] == ("counts nowhere", "outside only what is written counts")
    assert (stood["C1"], stood["C4"]) == (("counts", None), ("counts inside", None))


def test_a_consent_without_a_purpose_is_listed_as_for_any(desk: Desk) -> None:
    store = desk.store()
    store.add_consent(Consent("C1", ANN, frozenset({"grades"}), FIRM, date(2026, 9, 1), strength="written"), OFFICER)
    store.close()
    heading, row = (line.split("\t") for line in desk.run("consent", "list").stdout.splitlines())
    assert row[heading.index("for")] == "any"
    (told,) = desk.told("consent", "list")
    assert (told["purpose"], told["purposes"]) == ("", [])


def test_a_list_says_when_the_directory_cannot_be_asked_where_a_consent_counts(desk: Desk) -> None:
    add(desk)
    desk.people(Student(ANN))
    for file in desk.settings.snapshots.glob("*/*"):
        file.write_bytes(b"")
    listed = desk.run("consent", "list")
    assert (listed.exit_code, "the directory cannot be read" in listed.stderr) == (0, True)
    assert "\tcounts\t" in listed.stdout


def test_a_list_into_a_pipe_is_a_heading_and_one_record_a_line(desk: Desk) -> None:
    desk.run("consent", "add", *PLAIN, "--kinds", "grades", "--id", "C1", "--expires-on", "2027-06-30")
    assert desk.run("consent", "list").stdout.splitlines() == [
        "ID\tperson\tkinds\tto\tfor\tgiven\tthrough\tuses left\tstate\tstrength",
        f"C1\t{ANN}\tgrades\t{FIRM}\ta job\t2026-09-30\t2027-06-30\tstanding\tcounts\twritten",
    ]


def test_what_a_terminal_would_obey_is_not_shown_to_it(desk: Desk) -> None:
    said = "a job\x1b]0;all\x07\x9b2J \u202egnihton, \xe9t\xe9"
    desk.run("consent", "add", *PLAIN, "--kinds", "grades", "--id", "C1", "--purpose", said)
    shown = desk.run("consent", "list").stdout
    assert shown.replace("\n", " ").replace("\t", " ").isprintable()
    assert "\xe9t\xe9" in shown


MISTAKES: dict[str, tuple[tuple[str, ...], str]] = {
    "anything is no kind": (("--kinds", "anything"), "not a kind of information"),
    "commas between kinds": (("--kinds", "grades,gpa"), "'grades,gpa' is not a kind of information"),
    "which is to be separated how": (("--kinds", "grades,gpa"), "separate several by ;"),
    "the one that is no kind": (("--kinds", "grades; marks"), "'marks' is not a kind"),
    "no kind": (("--kinds", " ; "), "names no kind"),
    "kinds left out": ((), "--kinds"),
    "all to an employer": (("--kinds", "all", "--recipient", "@firm.example"), "name the kinds"),
    "no recipient": (("--kinds", "grades", "--recipient", "the firm"), "@domain"),
    "a class that says nothing": (("--kinds", "grades", "--recipient", "class:other"), "nobody in particular"),
    "a top-level domain": (("--kinds", "grades", "--recipient", "@example"), "nobody in particular"),
    "no class of contacts": (("--kinds", "grades", "--recipient", "class:friends"), "employer"),
    "no day": (("--kinds", "grades", "--given-on", "30.9.2026"), "year, month and day"),
    "ends before it begins": (("--kinds", "grades", "--expires-on", "2026-09-01"), "before the day it was given"),
    "nobody's": (("--kinds", "grades", "--student", " "), "somebody's"),
    "for nothing": (("--kinds", "grades", "--purpose", ""), "'--purpose': says nothing"),
    "for blanks": (("--kinds", "grades", "--purpose", " \t "), "'--purpose': says nothing"),
    "no use at all": (("--kinds", "grades", "--uses", "0"), "--uses"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_said_with_its_remedy(desk: Desk, name: str) -> None:
    words, said = MISTAKES[name]
    outcome = desk.run("consent", "add", *PLAIN, *words)
    assert outcome.exit_code == 2
    assert said in outcome.stderr
    assert desk.told("consent", "list", "--all") == []


def test_an_investigation_form_may_say_all(desk: Desk) -> None:
    words = ("--kinds", "all", "--recipient", "@bureau.example", "--purpose", "investigation", "--case", "K-1")
    assert desk.run("consent", "add", *PLAIN, *words).exit_code == 0


class TestIngest:
    ASKED = ("--kinds", "grades", "--recipient", FIRM, "--purpose", "job application")

    @pytest.fixture
    def saved(self, desk: Desk) -> Path:
        name, record = key().record("campus.example")
        (desk.file.parent / "keys.txt").write_text(f"{name} {record}\n")
        file = desk.file.parent / "request.eml"
        file.write_bytes(signed())
        return file

    def ingest(self, desk: Desk, file: Path, *words: str) -> Result:
        return desk.run("consent", "ingest", str(file), "--dkim-keys", str(file.parent / "keys.txt"), *words)

    def test_a_student_s_own_message_is_a_written_consent(self, desk: Desk, saved: Path) -> None:
        desk.people(Student(ANN, full_name="Ann Mori", email="Ann@campus.example"))
        assert self.ingest(desk, saved, *self.ASKED, "--uses", "1").exit_code == 0
        (known,) = desk.told("consent", "list", "--student", ANN)
        assert (known["strength"], known["source"], known["uses_left"], known["kinds"]) == ("written", "message", 1, ["grades"])
        assert "<1@campus.example>" in known["evidence"]
        assert "dkim d=campus.example" in known["evidence"]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--kinds", "grades;conduct"), "does not speak of conduct"),
            (("--kinds", "all"), "does not speak of all"),
            (("--recipient", "x@other.example"), "does not name this recipient"),
            (("--recipient", "class:school"), "does not name this recipient"),
            (("--recipient", "@firm.example"), "does not name this recipient"),
            (("--student", BEN), "not from the student you name"),
        ],
    )
    def test_no_more_is_recorded_than_it_asks(self, desk: Desk, saved: Path, words: tuple[str, ...], said: str) -> None:
        desk.people(Student(ANN, full_name="Ann Mori", email="ann@campus.example"))
        outcome = self.ingest(desk, saved, *self.ASKED, *words)
        assert (outcome.exit_code, desk.told("consent", "list")) == (2, [])
        assert said in outcome.stderr

    @pytest.mark.parametrize(
        "text",
        [
            b"No, please do not.\r\n\r\n> May we tell your grades to hr@firm.example?\r\n",
            b"No.\r\n\r\nOn Fri, 20 Nov 2026 at 10:00, HR <hr@firm.example> wrote:\r\nMay we ask for your grades?\r\n",
            b"Hello.\r\n-- \r\nAnn, who had good grades, now hr@firm.example\r\n",
            b"<p>Hello</p><!-- tell my grades to hr@firm.example -->\r\n",
            b"<p title='my grades to hr@firm.example'>Hello</p>\r\n",
        ],
    )
    def test_what_somebody_else_wrote_asks_for_nothing(self, desk: Desk, saved: Path, text: bytes) -> None:
        desk.people(Student(ANN, full_name="Ann Mori", email="ann@campus.example"))
        head = MESSAGE.partition(b"\r\n\r\n")[0].replace(b"my grades", b"Re: a question")
        kind = b"\r\nContent-Type: text/html" if text.startswith(b"<") else b""
        saved.write_bytes(signed(head + kind + b"\r\n\r\n" + text))
        assert "does not speak of grades" in self.ingest(desk, saved, *self.ASKED).stderr
        assert desk.told("consent", "list") == []

    @pytest.mark.parametrize(
        ("subject", "text", "said"),
        [
            (b"my grades", b"Please do not send my grades to hr@firm.example, nor to anybody else.", "may refuse"),
            (b"my grades", b"I deny you permission to share my grades with hr@firm.example.", "may refuse"),
            (b"my grades", b"I withdraw my permission to tell my grades to hr@firm.example.", "may refuse"),
            (b"do not send my grades", b"I mean hr@firm.example.", "may refuse"),
            (b"my grades", b"Tell my grades to hr@firm.example if they hire me.", "on a condition"),
            (b"my grades", b"May hr@firm.example have my grades?", "asks something"),
            (b"my grades", b"You had my consent to tell hr@firm.example.", "agreed before"),
            (b"my grades", b'"Tell my grades to hr@firm.example."', "quotes something"),
            (b"my grades", b"I mean hr@firm.example.", "no sentence of the person's own that agrees"),
        ],
        ids=["do not", "deny", "withdraw", "in the subject", "condition", "question", "past", "quotation", "says nothing"],
    )
    def test_a_message_that_may_not_agree_is_no_consent_and_it_is_said_why(
        self, desk: Desk, saved: Path, subject: bytes, text: bytes, said: str
    ) -> None:
        desk.people(*CAMPUS)
        head = MESSAGE.partition(b"\r\n\r\n")[0].replace(b"my grades", subject)
        saved.write_bytes(signed(head + b"\r\n\r\n" + text + b"\r\n"))
        outcome = self.ingest(desk, saved, *self.ASKED)
        assert (outcome.exit_code, outcome.stdout, desk.told("consent", "list", "--all")) == (2, "", [])
        assert all(each in outcome.stderr for each in (said, "nothing is recorded", "dlp consent add", "dlp consent revoke"))

    def test_the_name_the_directory_has_may_stand_below_alone(self, desk: Desk, saved: Path) -> None:
        desk.people(*CAMPUS)
        for name, code in ((b"Ben Lee", 2), (b"Ann Mori", 0)):
            saved.write_bytes(signed(MESSAGE.replace(b"firm.example.\r\n", b"firm.example.\r\n\r\n" + name + b"\r\n")))
            assert self.ingest(desk, saved, *self.ASKED).exit_code == code

    def test_a_last_day_that_the_message_gives_is_said_by_an_option(self, desk: Desk, saved: Path) -> None:
        desk.people(*CAMPUS)
        saved.write_bytes(signed(MESSAGE.replace(b"firm.example.\r\n", b"firm.example until 30 June 2099.\r\n")))
        assert "a part only" in self.ingest(desk, saved, *self.ASKED).stderr
        assert self.ingest(desk, saved, *self.ASKED, "--expires-on", "2099-06-30").exit_code == 0

    def test_what_was_recorded_of_whom_is_answered(self, desk: Desk, saved: Path) -> None:
        desk.people(*CAMPUS)
        said = self.ingest(desk, saved, *self.ASKED, "--id", "C1", "--student", "ann@campus.example").stdout
        assert said.startswith(f"recorded as C1: grades of {ANN} to {FIRM}, for employment; ")

    def test_a_message_is_a_consent_once(self, desk: Desk, saved: Path) -> None:
        """What it gave and was used up or revoked does not come back, also not by a copy with more header on top."""
        desk.people(Student(ANN, full_name="Ann Mori", email="ann@campus.example"))
        assert self.ingest(desk, saved, *self.ASKED, "--uses", "1", "--id", "C1").exit_code == 0
        desk.run("consent", "revoke", "C1", "--reason", "withdrawn by the student")
        for top in (b"", b"Received: by x.example; Fri, 20 Nov 2026 10:00:01 +0000\r\n"):
            saved.write_bytes(top + signed())
            again = self.ingest(desk, saved, *self.ASKED)
            assert (again.exit_code, desk.told("consent", "list")) == (2, [])
            assert "recorded already, as C1" in again.stderr

    def test_another_s_address_gives_no_consent(self, desk: Desk, saved: Path) -> None:
        desk.people(Student(ANN, full_name="Ann Mori", alternate_emails=("ann@campus.example",)))
        assert "knows no student" in self.ingest(desk, saved, *self.ASKED).stderr

    def test_without_a_directory_somebody_says_whose_it_is(self, desk: Desk, saved: Path) -> None:
        assert "--student" in self.ingest(desk, saved, *self.ASKED).stderr
        assert self.ingest(desk, saved, *self.ASKED, "--student", ANN).exit_code == 0

    def test_a_message_nobody_vouches_for_is_refused(self, desk: Desk, saved: Path) -> None:
        saved.write_bytes(MESSAGE)
        outcome = self.ingest(desk, saved, *self.ASKED, "--student", ANN)
        assert outcome.exit_code == 2
        assert "--dkim-keys" in outcome.stderr


# what is answered at a terminal, and the reason and request recorded
ASKED = {
    "AR-2026-17": ("access request", "AR-2026-17"),
    "looking into a complaint": ("looking into a complaint", ""),
    "  \nGR-3": ("access request", "GR-3"),  # nothing but blanks is asked again
}


def viewed(desk: Desk) -> list[tuple[str, str]]:
    """The reason and the request of whoever looked into the ledger."""
    rows = desk.told("audit", "list")
    return [(row["reason"], row["told"].get("request", "")) for row in rows if row["event"] == "ledger-viewed"]


class TestExport:
    @pytest.fixture
    def told(self, desk: Desk) -> Desk:
        """One disclosure by a consent, one by a sealed approval, one of somebody else."""
        desk.run("consent", "add", *PLAIN, "--kinds", "grades", "--id", "C1")
        store = desk.store()
        (known,) = store.consents().consents
        sealed = store.add_approval(replace(APPROVAL, student_id=ANN), OFFICER)
        plain = Allowed(FIRM, ANN, frozenset({"grades"}), "consent", "FAQ:outside-consent", known.permit)
        hidden = Allowed("x@agency.example", ANN, frozenset({"conduct"}), "approval", "11.2.7", sealed)
        others = replace(plain, person=BEN, permit="", basis="need-to-know")
        for number, each in enumerate((hidden, plain, others)):
            store.conclude(
                store.intend(mail(f"m{number}", received_at=utc_now()), [each]), {each.recipient: DisclosureState.SENT}
            )
        store.close()
        return desk

    def test_a_person_s_disclosures_are_exported_without_the_sealed(self, told: Desk) -> None:
        (entry,) = told.told("ledger", "export", "--student", ANN)
        assert (entry["recipient"], entry["kinds"], entry["consent_id"], entry["outcome"]) == (FIRM, ["grades"], "C1", "sent")
        whole = told.run("ledger", "export", "--student", ANN).stdout
        assert whole.splitlines()[1].endswith(f"\t{FIRM}\tgrades\tconsent\tC1\twent out")
        assert "agency" not in whole

    def test_moments_are_shown_as_in_the_other_lists(self, told: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        assert re.match(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\t", told.run("ledger", "export", "--student", ANN).stdout.splitlines()[1]
        )
        monkeypatch.setattr("dlp.commands.listing.sys", SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True)))
        assert re.search(r"\bE[SD]T\b", told.run("ledger", "export", "--student", ANN, "--reason", "a complaint").stdout)

    def test_nothing_is_said_so(self, desk: Desk) -> None:
        assert desk.run("ledger", "export", "--student", ANN).stdout == "nothing was disclosed\n"

    def test_that_somebody_looked_is_recorded(self, told: Desk) -> None:
        told.run("ledger", "export", "--student", ANN, "--reason", "a request")
        store = told.store()
        assert "ledger-viewed" in {row.event for row in store.audit_since(0)}
        store.close()

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--reason", ""), "says nothing"),
            (("--reason", "  "), "says nothing"),
            (("--request", ""), "takes the number of a request"),
            (("--request", "AR-2026-17", "--reason", "a complaint"), "not both"),
        ],
        ids=["empty", "blanks", "no number", "both"],
    )
    def test_why_somebody_looks_is_said_once_and_not_left_blank(self, told: Desk, words: tuple[str, ...], said: str) -> None:
        outcome = told.run("ledger", "export", "--student", ANN, *words)
        assert (outcome.exit_code, outcome.stdout, said in outcome.stderr) == (2, "", True)
        store = told.store()
        assert "ledger-viewed" not in {row.event for row in store.audit_since(0)}
        store.close()

    def test_no_request_is_recorded_that_nobody_made(self, told: Desk) -> None:
        outcome = told.run("ledger", "export", "--student", ANN)
        assert (outcome.exit_code, "give --request for a written request, or --reason" in outcome.stderr) == (0, True)
        assert viewed(told) == [("no reason was given", "")]

    @pytest.mark.parametrize("answer", ASKED)
    def test_who_says_not_why_is_asked_at_a_terminal(self, told: Desk, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
        monkeypatch.setattr("dlp.commands.ledger._at_a_terminal", lambda: True)
        assert told.run("ledger", "export", "--student", ANN, typed=f"{answer}\n").exit_code == 0
        assert viewed(told) == [ASKED[answer]]

    def test_the_number_of_a_written_request_is_recorded_and_no_name_is(self, told: Desk) -> None:
        for wrong in ("Hana Kim", ANN, "912-345-670", "h.kim@campus.example", "A" * 30):
            outcome = told.run("ledger", "export", "--student", ANN, "--request", wrong)
            assert (outcome.exit_code, "AR-2026-17" in outcome.stderr) == (2, True), wrong
        assert told.run("ledger", "export", "--student", ANN, "--request", "AR-2026-17").exit_code == 0
        store = told.store()
        viewed = [row.detail.get("request") for row in store.audit_since(0) if row.event == "ledger-viewed"]
        store.close()
        assert viewed == ["AR-2026-17"]

    def test_who_is_to_be_told_is_due_until_it_is_written_down(self, told: Desk) -> None:
        assert told.run("ledger", "due").stdout == "nobody is to be told anything\n"  # of a sealed case nothing shows
        store = told.store()
        order = replace(
            APPROVAL, approval_id="A2", sealed=False, sealed_by="", counsel_ref="GC-12", recipient="clerk@court.example"
        )
        permit = store.add_approval(order, OFFICER)
        given = Allowed("clerk@court.example", BEN, frozenset({"grades"}), "approval", "11.2.7", permit)
        store.conclude(store.intend(mail("order", received_at=utc_now()), [given]), {given.recipient: DisclosureState.SENT})
        store.close()
        (due,) = told.told("ledger", "due")
        assert (due["by"], due["person"], due["approval_id"]) == ("2026-12-01", BEN, "A2")
        assert f"\t{BEN}\tclerk@court.example\tgrades\tA2" in told.run("ledger", "due").stdout
        ending = ("ledger", "notified", due["reference"], "--reason", "by letter", "--student")
        later = {"reference": due["reference"], "person": BEN, "due": False}
        assert told.run(*ending, ANN).exit_code == 2
        assert told.run(*ending, BEN, "--reason", " ").exit_code == 2
        assert told.told(*ending, BEN) == [later]
        assert told.told("ledger", "due") == []

    def test_a_broken_ledger_shows(self, told: Desk) -> None:
        assert told.run("audit", "verify").exit_code == 0
        store = told.store()
        with store._engine.begin() as connection:
            connection.exec_driver_sql("UPDATE ledger SET kinds = 'gpa' WHERE seq = 3")
        store.close()
        outcome = told.run("audit", "verify")
        assert outcome.exit_code == 1
        assert "ledger" in outcome.stdout
        (verdict,) = told.told("audit", "verify")
        assert verdict.pop("rows")["ledger"] > 3
        assert verdict == {"intact": False, "chain": "ledger", "node": "main", "seq": 3, "why": "edited"}


def test_a_purpose_that_is_none_of_the_known_ones_is_told_with_these(desk: Desk) -> None:
    words = ["other" if word == "a job" else word for word in PLAIN]
    assert "counts as other" not in desk.run("consent", "add", *words, "--kinds", "grades").stderr
    words = ["family" if word == "a job" else word for word in PLAIN]
    assert "this purpose is none of employment, admission, " in desk.run("consent", "add", *words, "--kinds", "grades").stderr


OF_THREE = """\
From: t.ames@campus.example
To: hr@firm.example
Subject: job

For the job: Student 912345670 has a grade of C. Student 912345671 has a grade of B. Student 912345672 has a grade of A.
"""


def test_check_says_of_whom_each_part_is_missing(desk: Desk, tmp_path: Path) -> None:
    three = [f"91234567{digit}" for digit in range(3)]
    desk.people(*map(Student, three))
    words = ("--recipient", FIRM, "--purpose", "a job", "--strength", "written", "--given-on", "2026-09-30", "--student")
    desk.run("consent", "add", *words, three[0], "--kinds", "conduct")
    desk.run("consent", "add", *words, three[1], "--kinds", "grades;id", "--expires-on", "2026-10-01")
    file = tmp_path / "three.eml"
    file.write_text(OF_THREE)
    shown = desk.run("check", str(file), "--now", "2026-11-02T10:00:00Z").stdout
    (lacking,) = [line for line in shown.splitlines() if "(row O3, R33)" in line]
    of = dict(re.findall(r"; (the consent [^(]*?) \((person \d|\d people)\)", lacking))
    assert of.pop("the consent expired on 2026-10-01") == "person 2"
    assert set(of.values()) == {"person 1"}
    assert all(each not in shown for each in three)


def test_of_an_id_that_nobody_has_it_is_said_that_it_may_be_mistyped(desk: Desk) -> None:
    desk.people(Student(BEN))
    for words in (("ledger", "export"), ("consent", "list")):
        slip = desk.run(*words, "--student", ANN)
        assert (slip.exit_code, slip.stdout) == (1, ""), "a slip is no clean record"
        assert desk.run(*words, "--student", BEN).exit_code == 0
    for words in (("ledger", "export"), ("consent", "list")):
        assert "nobody in the directory has this student ID" in desk.run(*words, "--student", ANN).stderr
        assert "nobody in the directory" not in desk.run(*words, "--student", BEN).stderr
