"""`dlp held show` and `read`: which part of a held message is unread, what is found in it, and what a password lets see."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dlp.campus.records import Consent, Student
from dlp.cli import main
from dlp.pipeline import UNFINISHED
from dlp.values import Part, PartStatus, Span
from tests.commands.test_held import FIRST, REFERENCE, SECOND, Site
from tests.extractors.read import FILES
from tests.store.samples import BODY, OFFICER, held, mail, new_copy

PASSWORD = "letmein"
MAIL = (
    b"From: ann@campus.example\r\nTo: p.lane@freemail.example\r\nSubject: plans\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nSee the file.\r\n--b\r\n'
    b'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="Tess Moran.pdf"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes((FILES / "pdf" / "user-128.pdf").read_bytes())
    + b"\r\n--b--\r\n"
)
_ZIP = bytearray((FILES / "archives" / "zipcrypto.zip").read_bytes())
_ZIP[30 + _ZIP[26] + _ZIP[28] + 11] ^= 0xFF  # the sign by which the first member knows its password
TWO_PASSWORDS = MAIL.replace(
    b"--b--",
    b"--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(_ZIP)
    + b"\r\n--b--",
)


TO_A_KEY = (
    b"From: ann@campus.example\r\nTo: p.lane@freemail.example\r\nSubject: plans\r\n\r\n"
    b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA0000000000001\r\n=0000\r\n-----END PGP MESSAGE-----\r\n"
)


def part(section: str, status: PartStatus, why: str) -> Part:
    return Part(section, "application/pdf", Span(0, 0), Span(0, 0), "Tess Moran.pdf", status, why)


@pytest.fixture
def site(tmp_path) -> Site:
    """One message on hold, with a file that a password locks."""
    site = Site(tmp_path)
    unread = (part("2", PartStatus.ENCRYPTED, "password"), part("3/1", PartStatus.BROKEN, "broken"))
    hold(site, FIRST, unread=unread)
    return site


def hold(site: Site, *addresses: str, unread: tuple[Part, ...] = (), content: bytes = MAIL) -> None:
    store = site.store()
    copies = tuple(replace(new_copy(address), unread=unread) for address in addresses)
    store.hold(mail(), [replace(held(*addresses, content=content), copies=copies)], None)
    store.close()


def read(site: Site, *words: str, given: str = PASSWORD + "\n") -> Result:
    command = ["held", "read", REFERENCE, "--password-stdin", *words, "--config", str(site.file)]
    return CliRunner().invoke(main, command, input=given)


def acts(site: Site) -> list[list[str]]:
    document: dict[str, Any] = site.documents("show", REFERENCE)[0]
    return [[act["event"], act["reason"]] for act in document["acts"]]


def test_show_says_which_part_is_unread_and_why_and_names_no_file(site):
    shown = site.run("show", REFERENCE).stdout
    assert "  unread part 2: encrypted (password)\n  unread part 3/1: broken\n" in shown
    assert "Moran" not in shown
    assert site.documents("show", REFERENCE)[0]["unread"][0] == {"part": "2", "status": "encrypted", "why": "password"}


def test_a_hold_of_an_earlier_version_shows_without(tmp_path):
    site = Site(tmp_path)
    hold(site, FIRST)
    assert "unread" not in site.run("show", REFERENCE).stdout


def test_show_names_the_command_that_reads_again_while_there_is_something_to_read(site):
    told = f"stands, and that you saw it is written down: dlp held read {REFERENCE} --text --config {site.file}\n"
    assert site.run("show", REFERENCE).stdout.endswith(told)
    site.run("deny", REFERENCE, "--reason", "no")
    assert "held read" not in site.run("show", REFERENCE).stdout


def test_show_does_not_speak_of_findings_where_there_are_none(tmp_path):
    site = Site(tmp_path)
    one = new_copy(FIRST)
    reasons = tuple(replace(each, findings=()) for each in one.ruling.reasons)
    bare = replace(
        one, findings=(), ruling=replace(one.ruling, reasons=reasons), unread=(part("2", PartStatus.BROKEN, "broken"),)
    )
    store = site.store()
    store.hold(mail(), [replace(held(FIRST, content=MAIL), copies=(bare,))], None)
    store.close()
    assert site.run("show", REFERENCE).stdout.endswith("  unread part 2: broken\n")


def test_no_password_is_asked_for_where_nothing_is_locked_with_one(tmp_path):
    site = Site(tmp_path)
    hold(site, FIRST, unread=(part("2", PartStatus.BROKEN, "broken"),), content=BODY)
    shown = site.run("read", REFERENCE)
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert FIRST in shown.stdout
    assert acts(site) == [["viewed", "read again"]]


CLOSED = {
    "a-password": (MAIL, "what a password locks cannot be read without it", [" --password-stdin --config "]),
    "a-key": (TO_A_KEY, "what is encrypted to somebody's key is read by nobody else", []),
}


@pytest.mark.parametrize(("content", "said", "following"), CLOSED.values(), ids=CLOSED)
def test_what_stays_closed_is_said_in_a_line_with_the_next_command(content, said, following, tmp_path, monkeypatch, capsys):
    """Of a copy that was kept without being read: it does not say that it is locked, and nobody is asked."""
    site = Site(tmp_path)
    hold(site, FIRST, content=content)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    main(["held", "read", REFERENCE, "--config", str(site.file)], standalone_mode=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith(said)]
    assert [line for line in lines if line.startswith(f"next: dlp held read {REFERENCE}")] == [
        f"next: dlp held read {REFERENCE}{words}{site.file}" for words in following
    ]
    assert [line for line in lines if line.startswith(f"next: dlp held release {REFERENCE}")]


def test_with_the_password_what_is_in_the_file_is_found_and_judged(site):
    document = json.loads(read(site, "--json", given=f"wrong\n{PASSWORD}\n").stdout)
    assert document["unscannable"] == []
    assert any(found["kind"] == "id" and found["where"].startswith("part 2, page 1") for found in document["findings"])
    assert "912345678" not in json.dumps(document)
    assert list(document["recipients"]) == [FIRST]


def test_with_a_wrong_password_it_stays_unread(site):
    shown = read(site, given="wrong\n")
    assert [each.exit_code for each in (shown, read(site, "--json", given="wrong\n"), read(site))] == [1, 1, 0]
    assert "part 2: password" in shown.stdout
    assert "what a password locks cannot be read without it" in shown.stdout
    assert "this password does not open part 2\n" in shown.stdout
    assert "none of these passwords opens part 2\n" in read(site, given="wrong\nworse\n").stdout


def test_without_a_terminal_the_option_for_the_password_is_named(site):
    result = CliRunner().invoke(main, ["held", "read", REFERENCE, "--config", str(site.file)], input="")
    assert result.exit_code == 2
    assert "--password-stdin" in result.stderr
    assert acts(site) == []


def test_a_password_is_asked_for_unseen_where_none_is_given(site, monkeypatch):
    monkeypatch.setattr("dlp.commands.held_read._at_a_terminal", lambda: True)
    words = ["held", "read", REFERENCE, "--json", "--config", str(site.file)]
    shown = CliRunner().invoke(main, words, input=PASSWORD + "\n")
    assert json.loads(shown.stdout)["unscannable"] == []
    assert PASSWORD not in shown.output


def test_that_somebody_looked_is_written_down_and_nothing_else_changes(site):
    before = site.documents("show", REFERENCE)[0]
    result = read(site)
    after = site.documents("show", REFERENCE)[0]
    assert acts(site) == [["viewed", "a password was tried"], ["found", "seen with a password"]]
    added = {"acts", "findings", "reasons", "codes", "kinds", "release"}
    assert {name: value for name, value in after.items() if name not in added} == {
        name: value for name, value in before.items() if name not in added
    }
    kept = b"".join(file.read_bytes() for file in site.settings.data_dir.rglob("*") if file.is_file())
    assert PASSWORD.encode() not in kept
    assert PASSWORD not in result.output
    store = site.store()
    assert [row.event for row in store.audit_since(0, 10)][-2:] == ["viewed", "found"]
    assert store.content(store.by_reference(REFERENCE)[0]) == MAIL
    store.close()


def test_nothing_on_standard_input_is_a_mistake_and_nothing_is_written_down(site):
    assert read(site, given="\n").exit_code == 2
    assert acts(site) == []


def test_what_was_erased_cannot_be_read(site):
    site.run("deny", REFERENCE, "--reason", "no")
    result = read(site)
    assert result.exit_code == 2
    assert "nothing of this message is stored any more" in result.stderr
    assert "viewed" not in [event for event, _ in acts(site)]


def test_copies_that_differ_are_read_one_at_a_time(tmp_path):
    site = Site(tmp_path)
    hold(site, FIRST)
    hold(site, SECOND, content=MAIL + b"\r\n")
    assert "name one of them with --to" in read(site).stderr
    assert list(json.loads(read(site, "--to", SECOND, "--json").stdout)["recipients"]) == [SECOND]


def test_what_a_password_lets_see_is_kept_with_the_hold_and_asked_for_at_the_release(site):
    before = site.documents("show", REFERENCE)[0]
    read(site)
    after = site.documents("show", REFERENCE)[0]
    assert [act["event"] for act in after["acts"]] == ["viewed", "found"]
    assert len(after["findings"]) > len(before["findings"])
    assert "id" in after["kinds"]
    refused = site.run("release", REFERENCE, "--reason", "ok")
    assert refused.exit_code == 2
    assert "with a password more was found" in refused.stderr
    assert f"--word-of {after['release']}" in refused.stderr
    assert site.documents("show", REFERENCE)[0]["state"] == "held"
    released = site.run("release", REFERENCE, "--reason", "ok", "--word-of", after["release"])
    assert released.exit_code == 1, "there is no next hop"
    assert "on the word of: " in site.documents("show", REFERENCE)[0]["acts"][-1]["reason"]


def test_what_was_seen_before_is_kept_once(site):
    read(site)
    first = site.documents("show", REFERENCE)[0]
    read(site)
    second = site.documents("show", REFERENCE)[0]
    assert [act["event"] for act in second["acts"]] == ["viewed", "found", "viewed"]
    assert {**second, "acts": []} == {**first, "acts": []}


def test_a_wrong_password_adds_nothing(site):
    read(site, given="wrong\n")
    assert [act["event"] for act in site.documents("show", REFERENCE)[0]["acts"]] == ["viewed"]


KEPT_OF_THEM = {"nothing": (), "one-of-many": (part("9", PartStatus.ENCRYPTED, "password"),)}


@pytest.mark.parametrize("unread", KEPT_OF_THEM.values(), ids=KEPT_OF_THEM)
def test_what_one_of_two_passwords_lets_see_is_kept_whatever_the_hold_says_of_its_parts(unread, tmp_path):
    site = Site(tmp_path)
    hold(site, FIRST, unread=unread, content=TWO_PASSWORDS)
    assert "does not open part 3/1\n" in read(site).stdout
    assert [act["event"] for act in site.documents("show", REFERENCE)[0]["acts"]] == ["viewed", "found"]


def test_a_password_for_what_is_not_locked_adds_nothing(tmp_path):
    site = Site(tmp_path)
    hold(site, FIRST, content=b"Subject: plans\r\n\r\nStudent ID 912345678 failed 8.01.\r\n")
    assert "found    an ID number (id)" in read(site).stdout
    assert [act["event"] for act in site.documents("show", REFERENCE)[0]["acts"]] == ["viewed"]


TOLD = b"Subject: plans\r\n\r\nStudent ID 912345678 failed 8.01.\r\n"


def test_by_which_consent_a_reader_may_be_told_now_is_said(tmp_path):
    """Of what is only a warning by now the ruling names no basis, so the record does."""
    site = Site(tmp_path)
    hold(site, FIRST, content=TOLD)
    site.people(Student("912345678"))
    before = site.run("read", REFERENCE).stdout
    store = site.store()
    given = Consent("C7", "912345678", frozenset({"grades", "id"}), FIRST, date(2026, 9, 30), "employment", "written")
    store.add_consent(given, OFFICER)
    store.close()
    line = f"C7, written, from 2026-09-30, to {FIRST}, grades, id, for employment"
    after = site.run("read", REFERENCE).stdout
    assert "C7" not in before
    assert f"  warn    {FIRST}" in after
    assert f"\n  record   {FIRST}: {line}\n" in after
    assert json.loads(site.run("read", REFERENCE, "--json").stdout)["on_record"] == {FIRST: [line]}


def test_a_pattern_file_with_a_mistake_is_left_out_and_named(tmp_path):
    site = Site(tmp_path)
    hold(site, FIRST, content=TOLD)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "cards.toml").write_text("[[pattern]]\nid = 'Wrong'\n")
    site.file.write_text(site.file.read_text() + '[policy]\npatterns = ["own"]\n')
    result = site.run("read", REFERENCE)
    assert (result.exit_code, "found    an ID number (id)" in result.stdout) == (0, True)
    assert "cards.toml" in result.stderr
    assert "this file is left out" in result.stderr
    assert CliRunner().invoke(main, ["check", str(site.file), "--config", str(site.file)]).exit_code == 2


LETTER = b"""\
From: ann@campus.example\r
To: p.lane@freemail.example\r
Subject: plans\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary="b"\r
\r
--b\r
\r
Dear Pat, all is well.\r
Student ID 912345678 failed the second quiz of subject\r
8.01 and will take it again. We meet on Monday.\r
--b\r
Content-Type: text/csv\r
Content-Disposition: attachment; filename="Tess Moran.csv"\r
\r
Room,Student ID,Grade\r
4-231,912345679,D\x1b[2J\r
4-232,912345680,B\r
--b--\r
"""


def test_the_text_around_each_finding_is_shown_when_it_is_asked_for_and_that_is_written_down(tmp_path):
    site = Site(tmp_path)
    hold(site, FIRST, content=LETTER)
    masked = read(site, given="x\n").stdout
    shown = read(site, "--text", given="x\n").stdout
    assert "Student ID >>912345678<< failed the second quiz of subject 8.01 and will take it again.\n" in shown
    assert "found    an ID number (id), part 1 (the text), line 2, " in shown
    assert "part 2 (an attached file, text/csv)" in shown
    assert "4-231" in shown
    assert ">>912345679<<" in shown
    assert not any(other in shown for other in ("Dear Pat", "We meet", "4-231,912345679,D 4-232", "\x1b", "Moran"))
    assert "91234567" not in masked
    texts = [found["text"] for found in json.loads(read(site, "--json", "--text", given="x\n").stdout)["findings"]]
    assert "Student ID >>912345678<< failed the second quiz of subject 8.01 and will take it again." in texts
    assert [reason.endswith(", with the text around what is found") for _, reason in acts(site)] == [False, True, True]


def test_of_more_people_than_are_looked_at_no_part_is_named(tmp_path):
    site = Site(tmp_path)
    hold(site, FIRST, unread=(UNFINISHED,))
    assert "  unread the rest of it: more people than are looked at\n" in site.run("show", REFERENCE).stdout
