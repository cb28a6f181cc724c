"""`dlp held`: list, show, release and deny, for people and for programs, and their exit statuses."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shlex
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dlp import config, keys
from dlp.campus.directory import Stamp
from dlp.campus.records import Student
from dlp.cli import main
from dlp.commands import rights
from dlp.config import Settings
from dlp.sink import Sink
from dlp.snapshot import build, put_in_force
from dlp.store import Store
from dlp.store.migrate import migrate
from dlp.store.records import Asked, NewCopy
from dlp.values import Allowed, Release
from tests.e2e.loopback import open_folder
from tests.store.samples import BODY, held, mail, new_copy, owed

FIRST, SECOND = "p.lane@freemail.example", "q.lane@freemail.example"
REFERENCE = mail().envelope.reference


class Site:
    """A site with a store, and the command beside it. `hop` is taken by nobody."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.file = folder / "config.toml"
        self.file.write_text(f'[site]\nuser = ""\n[forward]\nnext_hop = "127.0.0.1:{port}"\n')
        self.settings: Settings = config.load(self.file)
        keys.create(self.settings.keys_dir)

    def store(self) -> Store:
        migrate("sqlite", self.settings.data_dir)
        return Store.open("sqlite", self.settings.data_dir, keys.load(self.settings.keys_dir))

    def overdue_store(self) -> Store:
        """A store in which what is held now should have been decided yesterday."""
        self.store().close()
        site_keys = keys.load(self.settings.keys_dir)
        return Store.open("sqlite", self.settings.data_dir, site_keys, hold_for=timedelta(days=-1))

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["held", *words, "--config", str(self.file)])

    def people(self, *students: Student) -> None:
        site_keys = keys.load(self.settings.keys_dir)
        stamp = Stamp("one", datetime(2026, 11, 1, tzinfo=UTC), files=frozenset({"students"}))
        folder = build(self.settings.snapshots, students, stamp, site_keys.finding_people)
        put_in_force(self.settings.snapshots, folder.name)

    def documents(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*words, "--json").stdout.splitlines()]


@pytest.fixture
def empty(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def site(empty: Site) -> Site:
    """One message on hold for two people."""
    store = empty.store()
    store.hold(mail(), [held(FIRST, SECOND)], None)
    store.close()
    return empty


def test_without_a_site_key_no_store_is_made(empty: Site) -> None:
    (empty.settings.keys_dir / keys.FILE).unlink()
    assert "there is no site key" in empty.run("list").stderr
    assert not (empty.settings.data_dir / "store.sqlite").exists()


def test_nothing_on_hold_says_so_before_anything_was_ever_held(empty):
    result = empty.run("list")
    assert (result.exit_code, result.stdout) == (0, "nothing is on hold\n")
    assert empty.documents("list") == []


def test_list_shows_every_copy(site):
    result = site.run("list")
    assert result.exit_code == 0
    assert {FIRST, SECOND} <= {cell for line in result.stdout.splitlines() for cell in line.split("\t")}
    assert [copy["reference"] for copy in site.documents("list")] == [REFERENCE] * 2
    assert len(site.documents("list", "--limit", "1")) == 1
    assert site.run("list", "--limit", "1").stderr == "1 of 2 shown, the newest; --limit shows more\n"
    assert site.run("list", "--limit", "2").stderr == ""


def test_at_a_terminal_of_80_columns_a_reference_and_an_address_are_in_one_piece(site, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    main(["held", "list", "--config", str(site.file)], standalone_mode=False)
    told = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert told.split().count(REFERENCE) == 2 + 1  # each copy, and what to type next
    assert {"ann@campus.example", FIRST, SECOND} <= set(told.split())
    assert max(map(len, told.splitlines()[:-1])) <= 80


def test_at_a_terminal_times_are_the_sites_and_utc_in_a_pipe(site, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    for words in (["list"], ["show", REFERENCE]):
        main(["held", *words, "--config", str(site.file), "--set", "site.timezone=Asia/Tokyo"], standalone_mode=False)
        told = capsys.readouterr().out
        assert (" JST" in told, re.search(r"[0-9]{2}:[0-9]{2}Z", told)) == (True, None)
    monkeypatch.setattr("sys.stdout.isatty", lambda: False)
    assert re.search(r" [0-9]{2}:[0-9]{2}Z\t", site.run("list").stdout)


def test_what_is_held_about_a_person_is_found_and_a_sealed_case_is_not(empty):
    """The person may ask for what the institution keeps about them, held mail included (R59)."""
    told = [Allowed(FIRST, "912345678", frozenset({"grades"}), "release", "FAQ:outside-consent")]
    sealed = [replace(told[0], recipient=SECOND, sealed=True)]
    copies = tuple(replace(new_copy(each[0].recipient), disclosures=tuple(each)) for each in (told, sealed))
    hidden = replace(new_copy("r.lane@freemail.example"), disclosures=tuple(sealed), about=("912345678",))
    store = empty.store()
    store.hold(mail(), [replace(held(FIRST), copies=(*copies, hidden))], None)
    store.close()
    assert [copy["recipient"] for copy in empty.documents("list", "--about", "912-345-678")] == [FIRST]
    again = replace(new_copy(FIRST), about=("912-345-678",))  # for naming the person, with no more than the directory has
    store = empty.store()
    store.hold(mail("again"), [replace(held(FIRST), copies=(again,))], None)
    store.close()
    assert empty.run("list", "--about", "912345678", "--limit", "1").stderr.startswith("1 of 2 shown")
    assert empty.run("list", "--about", "912345679").stdout == "nothing on hold tells of this person\n"


KNOWN = {"nobody": ("912345679", 1), "a student": ("912345678", 0), "no staff address": ("x@campus.example", 1)}


@pytest.mark.parametrize(("about", "warned"), KNOWN.values(), ids=KNOWN)
def test_an_id_nobody_in_the_directory_has_is_said_to_be_one(site, about, warned):
    before = site.run("list", "--about", about)
    site.people(Student("912345678"))
    result = site.run("list", "--about", about)
    nothing = "nothing on hold tells of this person\n"
    assert (before.stderr, before.exit_code, before.stdout) == ("", 0, nothing)
    assert (result.exit_code, result.stdout) == (warned, "" if warned else nothing), "a slip is no clean record"
    told = result.stderr.splitlines()
    assert [line.startswith("dlp: nobody in the directory has this student ID") for line in told[:1]] == [True] * warned
    assert told[1:] == [f"next: dlp import --status --config {site.file}"] * warned


@pytest.mark.parametrize(
    "spelling", [REFERENCE, REFERENCE.lower(), REFERENCE.replace("-", "")], ids=["own", "lower", "no-dash"]
)
def test_show_takes_any_spelling_and_shows_no_text(site, spelling):
    result = site.run("show", spelling)
    assert result.exit_code == 0
    assert FIRST in result.stdout
    assert "FAQ:outside-consent" in result.stdout
    assert "plans" not in result.stdout
    (first, _) = site.documents("show", spelling)
    why = "  why    FAQ:outside-consent (row O1, R26); consent; refer to registrar: It gives an outside reader details"
    assert (first["reasons"][0]["missing"], first["reasons"][0]["refer_to"]) == ("consent", "registrar")
    assert why in site.run("show", spelling).stdout
    assert "  found  an ID number (id), part 1, line 2, •••27\n" in site.run("show", spelling).stdout
    assert first["findings"] == [{"kind": "id", "where": "part 1, line 2", "masked": "•••27"}]


@pytest.mark.parametrize(
    "command", [("show",), ("release", "--reason", "x"), ("deny",), ("note", "--reason", "x")], ids=lambda words: words[0]
)
@pytest.mark.parametrize("reference", ["AAAA-AAAA", "not a reference", ""], ids=["unknown", "nonsense", "empty"])
def test_an_unknown_reference_is_refused_without_a_traceback(site, command, reference):
    result = site.run(*command, "--", reference)
    assert result.exit_code == 2
    assert result.stderr.startswith(("dlp: ", "Usage"))
    assert result.stdout == ""
    assert len(site.documents("list")) == 2


def test_release_needs_a_reason(site):
    result = site.run("release", REFERENCE)
    assert result.exit_code == 2
    assert "--reason" in result.stderr


def test_a_release_nobody_takes_now_is_kept_for_later_and_says_so(site):
    result = site.run("release", REFERENCE, "--reason", "permission on file")
    assert result.exit_code == 1
    assert "tried again by itself" in result.stdout
    assert {copy["state"] for copy in site.documents("list")} == {"held-retry"}
    assert site.documents("show", REFERENCE)[0]["acts"][0]["reason"] == "permission on file"


async def test_what_is_tried_again_says_when_and_goes_at_once_when_it_is_released_again(site):
    command = ["release", REFERENCE, "--reason", "permission on file", "--to", FIRST]
    assert (await asyncio.to_thread(site.run, *command)).exit_code == 1, "there is no next hop"
    by = {copy["recipient"]: copy["next_try"] for copy in site.documents("list")}
    when = f"{datetime.fromisoformat(by[FIRST]):%Y-%m-%d %H:%M}Z"
    assert by[SECOND] is None
    heading, *rows = (line.split("\t") for line in site.run("list").stdout.splitlines())
    listed = dict(zip(heading, next(row for row in rows if FIRST in row), strict=True))
    assert (listed["until"], listed["state"]) == (f"next try {when}", "held-retry")
    (told,) = [line for line in site.run("show", REFERENCE).stdout.splitlines() if line.startswith("  again  ")]
    assert told.startswith(f"  again  {when}: it was released, and the MTA did not take it. At once: ")
    async with Sink() as hop:
        words = shlex.split(told.partition("dlp held ")[2].replace("...", "the MTA is up"))
        words = words[: words.index("--config")] if "--config" in words else words
        again = await asyncio.to_thread(site.run, *words, "--set", f"forward.release_hop={hop.hop}")
        assert (again.exit_code, [each.address for each in hop.messages[0].recipients]) == (0, [FIRST])
    assert [copy["recipient"] for copy in site.documents("list")] == [SECOND]


async def test_a_release_hands_exactly_what_came_to_exactly_one_person_once(site):
    async with Sink() as hop:
        words = ["release", REFERENCE, "--reason", "permission on file", "--set", f"forward.release_hop={hop.hop}"]
        one = await asyncio.to_thread(site.run, *words, "--to", FIRST)
        assert (one.exit_code, "handed to the MTA" in one.stdout) == (0, True)
        (delivered,) = hop.messages
        assert [recipient.address for recipient in delivered.recipients] == [FIRST]
        assert delivered.raw.endswith(BODY)
        assert [copy["recipient"] for copy in site.documents("list")] == [SECOND]
        rest = await asyncio.to_thread(site.run, *words)
        assert (rest.exit_code, rest.stdout.count("unchanged: it is released")) == (0, 1), "all that was left went out"
        assert (await asyncio.to_thread(site.run, *words)).exit_code == 1, "nothing is left"
        assert [recipient.address for message in hop.messages for recipient in message.recipients] == [FIRST, SECOND]
    shown = site.run("show", REFERENCE)
    assert "permission on file" in shown.stdout
    assert site.documents("list") == []


async def test_a_release_the_mta_refuses_stays_on_hold(site):
    async with Sink({"RCPT": "550 5.1.1 no such user"}) as hop:
        words = ["release", REFERENCE, "--reason", "x", "--to", FIRST, "--set", f"forward.release_hop={hop.hop}"]
        refused = await asyncio.to_thread(site.run, *words)
    assert (refused.exit_code, "stays on hold" in refused.stdout) == (1, True)
    assert {copy["recipient"] for copy in site.documents("list")} == {FIRST, SECOND}


@pytest.mark.parametrize(
    "command", [["list"], ["show", REFERENCE], ["deny", REFERENCE, "--reason", "no"]], ids=lambda words: words[0]
)
def test_a_user_who_may_not_enter_the_data_folder_is_told_who_may(command):
    with open_folder("held") as folder:
        site = Site(folder)
        site.store().close()
        site.file.chmod(0o644)
        with an_ordinary_user(site.settings.data_dir):
            result = site.run(*command, "--set", "site.user=mailfilter")
    assert result.exit_code == 2
    assert "may not open the store" in result.stderr
    assert "as root, or as mailfilter" in result.stderr
    assert isinstance(result.exception, SystemExit)


@contextlib.contextmanager
def an_ordinary_user(folder: Path) -> Iterator[None]:
    """Within it this process may not enter the folder."""
    if os.geteuid() != 0:
        folder.chmod(0)
        yield
        folder.chmod(0o700)
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_deny_gives_up_one_copy_or_all_and_only_once(site):
    one = site.run("deny", REFERENCE, "--to", FIRST, "--reason", "no")
    assert one.exit_code == 0
    assert "never sent" in one.stdout
    assert [copy["recipient"] for copy in site.documents("list")] == [SECOND]
    rest = site.run("deny", REFERENCE, "--reason", "no", "--json")
    told = map(json.loads, rest.stdout.splitlines())
    assert (rest.exit_code, {copy["recipient"]: copy["done"] for copy in told}) == (0, {FIRST: False, SECOND: True})
    again = site.run("deny", REFERENCE, "--reason", "no")
    assert again.exit_code == 1
    assert again.stdout.count("unchanged: it is denied") == 2
    assert site.run("release", REFERENCE, "--reason", "x").exit_code == 1


def test_a_note_says_who_disputes_a_hold_and_changes_nothing_else(site):
    before = site.documents("show", REFERENCE)
    result = site.run("note", REFERENCE, "--disputed", "--reason", "it is an invoice number", "--to", FIRST)
    assert (result.exit_code, result.stdout) == (0, f"{REFERENCE}  {FIRST}  disputed; it is held\n")
    first, second = sorted(site.documents("show", REFERENCE), key=lambda each: each["recipient"])
    assert [(each["event"], each["reason"]) for each in first["acts"]] == [("disputed", "it is an invoice number")]
    assert [each | {"acts": []} for each in (first, second)] == sorted(before, key=lambda each: each["recipient"])
    assert second["acts"] == []
    assert "disputed by" in site.run("show", REFERENCE).stdout


def test_what_is_over_can_still_be_noted(site):
    site.run("deny", REFERENCE, "--reason", "no")
    said = site.documents("note", REFERENCE, "--reason", "asked again")
    assert [(each["state"], [act["event"] for act in each["acts"]]) for each in said] == [("denied", ["denied", "note"])] * 2


def test_a_note_says_something(site):
    assert site.run("note", REFERENCE).exit_code == 2


@pytest.mark.parametrize("reason", ["", " ", "\t\n", "\xa0", "-"], ids=["empty", "blank", "lines", "hard-blank", "dash"])
@pytest.mark.parametrize("command", ["release", "deny", "note"])
def test_a_reason_that_says_nothing_is_none(site, command, reason):
    before = site.documents("show", REFERENCE)
    result = site.run(command, REFERENCE, "--reason", reason)
    assert (result.exit_code, "--reason': says nothing" in result.stderr) == (2, True)
    assert site.documents("show", REFERENCE) == before


def test_a_recipient_it_is_not_held_for_is_refused(site):
    assert site.run("deny", REFERENCE, "--to", "x@freemail.example", "--reason", "no").exit_code == 2
    assert len(site.documents("list")) == 2


def test_what_is_owed_is_neither_released_nor_denied(empty):
    store = empty.store()
    store.hold(mail(), [owed(FIRST)], None)
    store.close()
    for words in (("release", REFERENCE, "--reason", "x"), ("deny", REFERENCE, "--reason", "no")):
        result = empty.run(*words)
        assert result.exit_code == 2
        assert "sent by itself" in result.stderr


def test_two_messages_under_one_reference_need_a_recipient(empty, monkeypatch):
    monkeypatch.setattr("tests.store.samples.reference", lambda _key: REFERENCE)
    store = empty.store()
    store.hold(mail("4One"), [held(FIRST)], None)
    store.hold(mail("4Two"), [held(SECOND)], None)
    store.close()
    refused = empty.run("deny", REFERENCE, "--reason", "no")
    assert refused.exit_code == 2
    assert "two messages share this reference" in refused.stderr
    assert empty.run("deny", REFERENCE, "--to", FIRST, "--reason", "no").exit_code == 0
    assert [copy["recipient"] for copy in empty.documents("list")] == [SECOND]


def test_without_the_key_it_says_what_is_missing(site):
    (site.settings.keys_dir / keys.FILE).unlink()
    result = site.run("list")
    assert result.exit_code == 2
    assert "key" in result.stderr
    assert BODY.decode() not in result.output


@pytest.mark.parametrize("words", [["list"], ["show", REFERENCE], ["release", REFERENCE, "--reason", "x"]])
def test_with_another_key_nothing_is_listed_nor_written(site, words):
    key = site.settings.keys_dir / keys.FILE
    kept = key.read_text()
    key.unlink()
    keys.create(site.settings.keys_dir)
    result = site.run(*words)
    assert result.exit_code == 2
    assert "not the one this store was sealed with" in result.stderr
    key.write_text(kept)
    assert {copy["state"] for copy in site.documents("list")} == {"held"}


def test_an_act_by_a_user_without_a_name_is_recorded_by_number(site, monkeypatch):
    """A container may run as a user the machine has no entry for."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)

    def nobody(_uid: int) -> None:
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert site.run("deny", REFERENCE, "--to", FIRST, "--reason", "no").exit_code == 0
    acts = [act for copy in site.documents("show", REFERENCE) for act in copy["acts"]]
    assert [act["actor"] for act in acts] == [f"uid {os.getuid()}"]


def test_the_deadline_is_shown_in_lists_and_to_programs_as_it_is_stored(site):
    store = site.store()
    deadline = store.held()[0].deadline
    store.close()
    shown = f"{deadline:%Y-%m-%d %H:%M}Z"
    assert site.run("list").stdout.count(shown) == 2
    assert f"until  {shown}, then it is returned, never sent" in site.run("show", REFERENCE).stdout
    assert {datetime.fromisoformat(copy["until"]) for copy in site.documents("list")} == {deadline}
    site.run("deny", REFERENCE, "--to", FIRST, "--reason", "no")
    assert sorted(copy["until"] is None for copy in site.documents("show", REFERENCE)) == [False, True]


UNKNOWN = "no person on campus is known to have sent it"


@pytest.mark.parametrize(
    ("content", "notify", "sender", "said"),
    [
        (BODY, "FAILURE", "ann@campus.example", "the sender is told"),
        (BODY, "NEVER", "ann@campus.example", "not told, as asked (NOTIFY)"),
        (b"Auto-Submitted: auto-generated\r\n" + BODY, "FAILURE", "ann@campus.example", UNKNOWN),
        (BODY, "FAILURE", "", UNKNOWN),
        (BODY, "FAILURE", "ann@elsewhere.example", UNKNOWN),
    ],
    ids=["told", "never", "a program", "null sender", "outside"],
)
def test_deny_says_whether_the_sender_is_told_and_why_not(empty, content, notify, sender, said):
    store = empty.store()
    bundle = held(FIRST, content=content)
    bundle = replace(bundle, copies=(new_copy(FIRST, notify),))
    message = mail(sender=sender)
    store.hold(message, [bundle], None)
    result = empty.run("deny", message.envelope.reference, "--reason", "x")
    assert (result.exit_code, said in result.stdout) == (0, True), result.output
    assert sum(store.counts().notices.values()) == (said == "the sender is told")
    store.close()


def test_expire_ends_what_is_overdue_and_shows_it_before(empty):
    store = empty.overdue_store()
    store.hold(mail(), [held(FIRST)], None)
    store.close()
    store = empty.store()
    store.hold(mail("4Young"), [held(SECOND)], None)
    dry = empty.run("expire", "--dry-run")
    assert (dry.exit_code, FIRST in dry.stdout, SECOND in dry.stdout) == (0, True, False)
    assert len(empty.documents("list")) == 2
    result = empty.run("expire")
    assert (result.exit_code, "never sent; the sender is told" in result.stdout) == (0, True), result.output
    assert [copy["recipient"] for copy in empty.documents("list")] == [SECOND]
    assert [copy["state"] for copy in empty.documents("show", REFERENCE)] == ["returned"]
    assert sum(store.counts().notices.values()) == 1
    again = empty.run("expire")
    assert (again.exit_code, again.stdout) == (0, "nothing is overdue\n")
    assert empty.run("release", REFERENCE, "--reason", "x").exit_code == 1
    store.close()


def test_deny_wants_a_reason_as_release_does(site):
    result = site.run("deny", REFERENCE)
    assert result.exit_code == 2
    assert "--reason" in result.stderr
    assert [copy["state"] for copy in site.documents("show", REFERENCE)] == ["held", "held"]


def kept(address: str, right: Release = Release.OFFICER, **reason: str) -> NewCopy:
    """A copy on hold that goes on this word, and for another reason where one is given."""
    copy = new_copy(address)
    reasons = tuple(replace(each, **reason) for each in copy.ruling.reasons)
    return replace(copy, ruling=replace(copy.ruling, release=right, reasons=reasons))


def hold(site: Site, *copies: NewCopy) -> None:
    store = site.store()
    store.hold(mail(), [replace(held(*(copy.recipient.address for copy in copies)), copies=copies)], None)
    store.close()


def states(site: Site) -> dict[str, str]:
    return {copy["recipient"]: copy["state"] for copy in site.documents("show", REFERENCE)}


def test_what_a_senior_officer_may_release_wants_that_word_which_is_recorded(empty):
    hold(empty, kept(FIRST, Release.SENIOR), kept(SECOND, Release.SENIOR))
    for words in ((), ("--all",), ("--to", FIRST)):
        refused = empty.run("release", REFERENCE, "--reason", "fine", *words)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr.startswith("dlp: only a senior officer may release it\n")
        assert f"{FIRST}" in refused.stderr
        assert "say on whose word: --word-of senior" in refused.stderr
    for word in ("sender", "officer"):
        assert "not enough" in empty.run("release", REFERENCE, "--reason", "fine", "--word-of", word).stderr
    assert set(states(empty).values()) == {"held"}
    released = empty.run("release", REFERENCE, "--reason", "fine", "--word-of", "senior")
    assert (released.exit_code, set(states(empty).values())) == (1, {"held-retry"}), "there is no next hop"
    store = empty.store()
    rows = [row for row in store.recorded(Asked(about=REFERENCE)).rows if row.event == "release"]
    digests = {keys.load(empty.settings.keys_dir).lookup(address) for address in (FIRST, SECOND)}
    store.close()
    assert [row.reason for row in rows] == ["fine (on the word of: senior)"] * 2
    assert {row.detail["recipient"] for row in rows} == digests, "whose copy, and nobody reads the address there"


@pytest.mark.parametrize("right", [Release.SENDER, Release.OFFICER])
def test_what_an_officer_may_release_needs_no_word(empty, right):
    hold(empty, kept(FIRST, right), kept(SECOND, right))
    assert empty.run("release", REFERENCE, "--reason", "ok").exit_code == 1, "there is no next hop"
    assert set(states(empty).values()) == {"held-retry"}


OTHERS = {
    "another code": (Release.OFFICER, {"code": "FAQ:parents", "row": "O8a"}),
    "another row": (Release.OFFICER, {"row": "O3"}),
    "another part is missing": (Release.OFFICER, {"missing": "the consent expired on 2026-09-30"}),
    "another word": (Release.SENIOR, {}),
    "a lower word": (Release.SENDER, {}),
}


@pytest.mark.parametrize(("right", "reason"), OTHERS.values(), ids=OTHERS)
def test_copies_that_are_not_held_for_the_same_are_not_denied_without_saying_which(empty, right, reason):
    hold(empty, kept(FIRST), kept(SECOND, right, **reason))
    refused = empty.run("deny", REFERENCE, "--reason", "no")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "name one with --to ADDR, or say that all are meant: --all\n" in refused.stderr
    assert set(states(empty).values()) == {"held"}
    assert empty.run("deny", REFERENCE, "--reason", "no", "--to", FIRST).exit_code == 0
    assert (states(empty)[FIRST], states(empty)[SECOND]) == ("denied", "held")
    assert empty.run("deny", REFERENCE, "--reason", "no", "--all").exit_code == 0
    assert set(states(empty).values()) == {"denied"}


def test_to_deny_what_only_a_senior_officer_may_release_no_word_is_asked_for(empty):
    hold(empty, kept(FIRST, Release.SENIOR), kept(SECOND, Release.SENIOR))
    assert empty.run("deny", REFERENCE, "--reason", "no").exit_code == 0


def test_each_reason_of_a_group_stands_in_a_line_of_its_own(empty):
    one = kept(FIRST, missing="the consent is not in writing")
    (reason,) = one.ruling.reasons
    several = (reason, replace(reason, missing="the consent is used up"), replace(reason, code="FAQ:lists-never", row="O6"))
    hold(empty, replace(one, ruling=replace(one.ruling, reasons=several)), kept(SECOND))
    told = [line.removeprefix("dlp: ") for line in empty.run("release", REFERENCE, "--reason", "ok").stderr.splitlines()]
    at = told.index(f"{FIRST}: an officer may release")
    assert [line.partition(" (row")[0] for line in told[at + 1 : at + 3]] == [f"  {reason.code}", "  FAQ:lists-never"]
    assert "the consent is not in writing; the consent is used up" in told[at + 1]


@pytest.mark.parametrize(("right", "reason"), OTHERS.values(), ids=OTHERS)
def test_copies_that_are_not_held_for_the_same_are_not_released_without_saying_which(empty, right, reason):
    third = "r.lane@freemail.example"
    hold(empty, kept(FIRST), kept(third), kept(SECOND, right, **reason))
    for words in ((), ("--word-of", "senior")):
        refused = empty.run("release", REFERENCE, "--reason", "ok", *words)
        assert (refused.exit_code, refused.stdout) == (2, "")
        lines = [line.removeprefix("dlp: ") for line in refused.stderr.splitlines()[1:-1]]
        groups = [line.partition(": ")[0] for line in lines if not line.startswith(" ")]
        assert sorted(sorted(each.split(", ")) for each in groups) == [[FIRST, third], [SECOND]]
        assert "name one with --to ADDR, or say that all are meant: --all" in refused.stderr
    assert set(states(empty).values()) == {"held"}
    one = empty.run("release", REFERENCE, "--reason", "ok", "--to", FIRST)
    assert (one.exit_code, states(empty)[SECOND], states(empty)[FIRST]) == (1, "held", "held-retry")
    assert empty.run("release", REFERENCE, "--reason", "ok", "--all", "--word-of", "senior").exit_code == 1
    assert set(states(empty).values()) == {"held-retry"}


def test_many_of_a_group_are_counted(empty):
    hold(empty, *(kept(f"p{number}@freemail.example") for number in range(9)), kept(SECOND, Release.SENIOR))
    told = empty.run("release", REFERENCE, "--reason", "ok").stderr
    assert (told.count("@freemail.example"), " and 4 more: an officer may release" in told) == (5 + 1, True)


def test_one_copy_and_all_of_them_is_a_contradiction(site):
    result = site.run("release", REFERENCE, "--to", FIRST, "--all", "--reason", "x")
    assert (result.exit_code, "not both" in result.stderr) == (2, True)


def test_copies_on_different_words_are_not_released_together_without_saying_so(empty):
    hold(empty, kept(FIRST), kept(SECOND, Release.SENIOR))
    refused = empty.run("release", REFERENCE, "--reason", "ok")
    assert refused.exit_code == 2
    assert f"{SECOND}: a senior officer may release" in refused.stderr
    assert "--to ADDR, or say that all are meant: --all; and say on whose word: --word-of senior" in refused.stderr
    assert "not enough" in empty.run("release", REFERENCE, "--reason", "ok", "--word-of", "officer", "--all").stderr
    assert "on whose word" in empty.run("release", REFERENCE, "--reason", "ok", "--all").stderr
    assert set(states(empty).values()) == {"held"}
    assert empty.run("release", REFERENCE, "--reason", "ok", "--to", FIRST).exit_code == 1, "there is no next hop"
    assert empty.run("release", REFERENCE, "--reason", "ok", "--word-of", "senior").exit_code == 1
    assert set(states(empty).values()) == {"held-retry"}


def test_what_was_released_and_waits_for_a_further_try_can_be_denied_and_counts_among_those_that_differ(empty):
    hold(empty, kept(FIRST), kept(SECOND, Release.SENIOR))
    assert empty.run("release", REFERENCE, "--reason", "ok", "--to", FIRST).exit_code == 1, "there is no next hop"
    assert "--to ADDR" in empty.run("deny", REFERENCE, "--reason", "no").stderr
    assert states(empty) == {FIRST: "held-retry", SECOND: "held"}
    store = empty.store()
    release, deny = rights.typed_for(store.held())
    store.close()
    assert (f"--to {FIRST}" in release or f"--to {SECOND}" in release, "--to" in deny) == (False, True)
    denied = empty.run("deny", REFERENCE, "--reason", "no", "--to", FIRST)
    assert (denied.exit_code, "never sent" in denied.stdout) == (0, True)
    assert {copy["recipient"]: copy["state"] for copy in empty.documents("show", REFERENCE)}[FIRST] == "denied"


@pytest.mark.parametrize("rights", [(Release.OFFICER,) * 2, (Release.SENIOR,) * 2, (Release.OFFICER, Release.SENIOR)])
def test_the_release_that_is_proposed_is_not_refused(empty, rights, monkeypatch, capsys):
    hold(empty, *(kept(address, right) for address, right in zip((FIRST, SECOND), rights, strict=True)))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    main(["held", "show", REFERENCE, "--config", str(empty.file)], standalone_mode=False)
    told = capsys.readouterr().out
    (proposed, denial) = [line for line in told.splitlines() if line.startswith("next: dlp held ")][-2:]
    monkeypatch.setattr("sys.stdout.isatty", lambda: False)
    words = ["ok" if word == "..." else word for word in shlex.split(proposed.removeprefix("next: dlp held "))[:-2]]
    assert empty.run(*words).exit_code == 1, "there is no next hop"
    assert "held-retry" in states(empty).values()
    words = ["no" if word == "..." else word for word in shlex.split(denial.removeprefix("next: dlp held "))[:-2]]
    assert (words[0], empty.run(*words).exit_code in (0, 1)) == ("deny", True)
