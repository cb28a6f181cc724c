"""`dlp trace`: by address, queue id or reference, from the store and from the log, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dlp import config, keys
from dlp.cli import main
from dlp.store import Store
from dlp.store.migrate import migrate
from dlp.values import Recipient
from tests.store.samples import OFFICER, held, mail, notice, owed

SENDER, FIRST, SECOND, THIRD = (
    "ann@campus.example",
    "p.lane@freemail.example",
    "q.lane@freemail.example",
    "t.ames@campus.example",
)
PASSED = "AAAA-BBBB"


class Site:
    """A site where one message was held for one, forwarded to another, and another message owed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "config.toml"
        self.file.write_text('[site]\nuser = ""\n')
        settings = config.load(self.file)
        keys.create(settings.keys_dir)
        self.keys = keys.load(settings.keys_dir)
        migrate("sqlite", settings.data_dir)
        self.store = Store.open("sqlite", settings.data_dir, self.keys)
        self.held, self.owed = mail("4XyZ"), mail("4AbC", sender="bo@campus.example")
        prepared = self.store.prepare(self.held, [held(FIRST)])
        self.store.commit(prepared, [Recipient(THIRD)], notice())
        self.store.hold(self.owed, [owed(SECOND)])

    def run(self, *words: str, stdin: str = "") -> Result:
        return CliRunner().invoke(main, ["trace", *words, "--config", str(self.file)], input=stdin)

    def found(self, *words: str, stdin: str = "") -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run(*words, "--json", stdin=stdin).stdout.splitlines()]

    def log(self) -> list[dict[str, object]]:
        """A message that just passed, a notice about it, a deferral before anything was known, and somebody else's."""
        told = {"sender_key": self.keys.lookup(SENDER), "recipient_keys": [self.keys.lookup(THIRD)]}
        return [
            {"time": "2026-11-21T10:00:00.000Z", "event": "message.deferred", "queue_id": "4PaS", "what": "next_hop"},
            {"time": "2026-11-21T10:00:01.000Z", "event": "message.judged", "ref": PASSED, "queue_id": "4PaS", **told},
            {"time": "2026-11-21T10:00:02.000Z", "event": "notice.tried", "ref": PASSED, "next_hop_reply": "250"},
            {"time": "2026-11-21T10:00:03.000Z", "event": "message.judged", "ref": "CCCC-DDDD", "queue_id": "4NoN"},
        ]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_by_recipient_sender_queue_id_and_reference(site):
    reference = site.held.envelope.reference
    for what in (
        FIRST,
        SENDER,
        SENDER.replace("ann", "ANN").lower(),
        "4XyZ",
        reference,
        reference.lower(),
        reference.replace("-", ""),
    ):
        assert [each["reference"] for each in site.found(what)] == [reference], what
    (found,) = site.found(FIRST)
    (copy,) = found["copies"]
    assert (copy["recipient"], copy["state"], copy["queue_id"]) == (FIRST, "held", "4XyZ")
    assert [each["state"] for each in found["notices"]] == ["waiting"]
    assert {each["event"] for each in found["audit"]} == {"held", "forwarded"}
    assert len(found["forwarded"]) == 1


def test_a_recipient_it_was_forwarded_to_with_the_reply_is_found(site):
    assert [each["reference"] for each in site.found(THIRD)] == [site.held.envelope.reference]


def test_what_was_decided_shows(site):
    (copy,) = site.store.by_reference(site.held.envelope.reference)
    site.store.deny(copy.id, OFFICER)
    (found,) = site.found(FIRST)
    assert found["copies"][0]["state"] == "denied"
    assert "denied" in [each["event"] for each in found["audit"]]


def test_a_pipe_gets_one_record_a_line_in_utc(site):
    heading, *lines = [line.split("\t") for line in site.run(FIRST).stdout.splitlines()]
    assert heading == ["reference", "time", "what", "details", "who"]
    assert {line[0] for line in lines} == {site.held.envelope.reference}
    assert all(line[1].endswith("Z") and len(line) == 5 for line in lines)
    assert {"held", "forwarded", "notice waiting"} <= {line[2] for line in lines}


def test_each_thing_stands_once_in_order_of_time_with_who_did_it(site):
    reference = site.held.envelope.reference
    (copy,) = site.store.by_reference(reference)
    site.store.claim_release(copy.id, OFFICER)
    events = json.dumps({"time": "2099-11-20T10:00:00.000Z", "event": "message.judged", "ref": reference}) + "\n"
    before = [line.split("\t") for line in site.run(reference, "--log", "-", stdin=events).stdout.splitlines()[1:]]
    assert before == sorted(before, key=lambda line: line[1])
    told = f"from {SENDER} to {FIRST}; FAQ:outside-consent"
    assert sorted((what, details, who) for _, _, what, details, who in before) == [
        ("forwarded", "with the reply; recipients not kept: 1", ""),
        ("held", told, ""),
        ("message.judged", "", ""),
        ("notice waiting", "0 attempts", ""),
        ("release", told, OFFICER.actor),
        ("releasing", told, ""),
    ]
    site.store.notice_sent(site.store.claim_notices()[0])
    after = [line.split("\t")[2] for line in site.run(reference).stdout.splitlines()[1:]]
    assert sorted(after) == ["forwarded", "held", "notice-sent", "release", "releasing"]
    assert {(each["event"], each["by"]) for each in site.found(reference)[0]["audit"]} >= {
        ("release", OFFICER.actor),
        ("held", None),
    }


def test_nothing_found_is_1_with_a_next_step(site):
    result = site.run("nobody@campus.example")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "--log -" in result.stderr
    with_log = site.run("nobody@campus.example", "--log", "-", stdin="no log at all\n{broken\n[]\n")
    assert with_log.exit_code == 1
    assert "the MTA's own log" in with_log.stderr


def test_found_is_0(site):
    assert site.run(FIRST).exit_code == 0


@pytest.mark.parametrize("way", ["bare", "prefixed", "journal"])
def test_mail_that_just_passed_is_found_in_the_log(site, way):
    shapes = {
        "bare": lambda line: line,
        "prefixed": lambda line: f"Nov 21 10:00:00 mx dlp[7]: {line}",
        "journal": lambda line: json.dumps({"MESSAGE": line, "_PID": "7"}),
    }
    text = "".join(shapes[way](json.dumps(event)) + "\n" for event in site.log())
    for what, events in ((THIRD, 2), ("4PaS", 3), (PASSED, 2)):
        found = site.found(what, "--log", "-", stdin=text)
        logged = [event["event"] for each in found for event in each["log"]]
        assert len(logged) == events, what
        assert [each["reference"] for each in found if each["reference"] == PASSED] == [PASSED]
    assert "CCCC-DDDD" not in site.run("4PaS", "--log", "-", stdin=text).stdout


ANSWERED = {"of a message": {"ref": PASSED}, "before there is one": {}}


@pytest.mark.parametrize("known", ANSWERED.values(), ids=ANSWERED)
def test_what_a_client_was_answered_that_has_to_try_again_is_found_in_the_log(site, known):
    told = {"time": "2026-11-21T10:00:09.000Z", "event": "message.deferred", "what": "next_hop", "error_ref": "8E8D", **known}
    text = "".join(json.dumps(event) + "\n" for event in (*site.log(), told))
    for what in ("8E8D", "8e8d"):
        (found,) = site.found(what, "--log", "-", stdin=text)
        assert found["reference"] == known.get("ref", "")
        assert [each["event"] for each in found["log"]] == (["message.judged", "notice.tried"] if known else []) + [
            "message.deferred"
        ]
    assert "error_ref 8E8D" in site.run("8E8D", "--log", "-", stdin=text).stdout
    assert site.found("8E8C", "--log", "-", stdin=text) == []


def test_programs_learn_whose_copy_an_act_was_about(site):
    (copy,) = site.store.by_reference(site.held.envelope.reference)
    site.store.claim_release(copy.id, OFFICER)
    told = {each["event"]: each["recipient"] for each in site.found(FIRST)[0]["audit"]}
    assert told == {"held": FIRST, "forwarded": None, "release": FIRST}


def test_a_log_file_is_read_and_a_missing_one_is_refused(site):
    log = site.folder / "log"
    log.write_text("".join(json.dumps(event) + "\n" for event in site.log()))
    assert next(each["reference"] for each in site.found("4PaS", "--log", str(log))) == PASSED
    result = site.run("4PaS", "--log", str(site.folder / "none"))
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_queue_ids_are_searched_as_far_back_as_asked(site):
    assert site.found("4AbC", "--days", "1")[0]["copies"][0]["state"] == "owed"
    assert site.found("4ABC") == []  # queue ids are told apart by case
