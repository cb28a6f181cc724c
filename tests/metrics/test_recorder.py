"""Events become numbers: under the names of the table, for ever, and never with a word a message brought."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest

from dlp.events import FIELDS
from dlp.metrics.names import NAMES, OTHER
from dlp.metrics.recorder import Recorder, answered

JUDGED = {
    "front": "lmtp",
    "lane": "fast",
    "mode": "enforce",
    "result": "accepted",
    "verdicts": [
        {"action": "pass", "scope": "inside", "codes": ["none"], "recipients": 3},
        {"action": "hold", "scope": "outside", "codes": ["FAQ:outside-consent"], "recipients": 1},
    ],
    "observed": [{"row": "I3", "action": "warn", "recipients": 2}],
    "findings": {"id": 2},
    "patterns": {"enforce": {"student-id": 2}, "observe": {"library-card": 1}},
    "unread": {"encrypted": 1},
    "answers": {"2xx": 1},
    "stages": {"read": 1.5, "judge": 2.0, "settle": 6.5},
    "bytes": 2048,
    "ms": 10.0,
}
# What each event adds, but for the many of message.judged.
ONE_EACH = [
    ("message.deferred", {"what": "store", "stage": "settling", "front": "smtp"}, "dlp_deferrals_total{cause=store}"),
    (
        "message.deferred",
        {"what": "scan", "stage": "reading", "front": "smtp"},
        "dlp_messages_total{front=smtp,result=deferred}",
    ),
    ("error", {"error_ref": "9C1F"}, "dlp_deferrals_total{cause=error}"),
    ("owed.tried", {"next_hop_reply": "250"}, "dlp_forwards_total{purpose=mail,result=2xx}"),
    ("hold.tried", {"next_hop_reply": "no-answer"}, "dlp_forwards_total{purpose=release,result=lost}"),
    ("notice.tried", {"notice": "hold", "next_hop_reply": "451"}, "dlp_notices_total{notice=hold,result=deferred}"),
    ("notice.tried", {"notice": "warning", "next_hop_reply": "550"}, "dlp_forwards_total{purpose=notice,result=5xx}"),
    ("digest.sent", {"next_hop_reply": "250"}, "dlp_notices_total{notice=digest,result=sent}"),
    ("stewards.told", {"next_hop_reply": "451"}, "dlp_notices_total{notice=department,result=deferred}"),
    ("notice.withheld", {}, "dlp_notices_withheld_total{why=filter}"),
    ("ruleset.refused", {}, "dlp_ruleset_refusals_total{}"),
    ("store.trouble", {"operation": "write"}, "dlp_store_errors_total{operation=write}"),
    ("child.died", {"what": "late"}, "dlp_child_deaths_total{cause=late}"),
    ("process.died", {}, "dlp_child_deaths_total{cause=worker}"),
]


def tell(recorder: Recorder, event: str, values: dict[str, object]) -> None:
    record = logging.LogRecord("dlp.test", logging.INFO, __file__, 1, event, None, None)
    record.values = values
    recorder.handle(record)


def test_a_judged_message_counts_everywhere(recorder, scrape):
    recorder.run_as("receiver-1")
    assert set(JUDGED) <= FIELDS
    tell(recorder, "message.judged", JUDGED)
    page = scrape()
    wanted = {
        "dlp_messages_total{front=lmtp,result=accepted}": 1,
        "dlp_recipients_total{action=pass,mode=enforce,scope=inside}": 3,
        "dlp_recipients_total{action=hold,mode=enforce,scope=outside}": 1,
        "dlp_rulings_total{action=hold,code=FAQ:outside-consent}": 1,
        "dlp_observed_rulings_total{action=warn,row=I3}": 2,
        "dlp_findings_total{kind=id}": 2,
        "dlp_pattern_hits_total{mode=enforce,pattern=student-id}": 2,
        "dlp_pattern_hits_total{mode=observe,pattern=library-card}": 1,
        "dlp_unscannable_parts_total{why=encrypted}": 1,
        "dlp_forwards_total{purpose=mail,result=2xx}": 1,
        "dlp_message_duration_seconds_sum{lane=fast}": 0.01,
        "dlp_stage_duration_seconds_count{stage=settle}": 1,
        "dlp_message_size_bytes_sum{}": 2048,
    }
    assert {name: page[name] for name in wanted} == wanted


@pytest.mark.parametrize(("event", "values", "series"), ONE_EACH, ids=[series for _, _, series in ONE_EACH])
def test_each_event_counts_once(recorder, scrape, event, values, series):
    before = scrape()[series]
    tell(recorder, event, values)
    assert (before, scrape()[series]) == (0, 1)


def test_a_copy_that_was_damaged_was_not_forwarded(recorder, scrape):
    before = scrape()
    tell(recorder, "hold.tried", {"next_hop_reply": "damaged"})
    assert scrape() == before


def test_series_that_can_be_known_start_at_zero(recorder, scrape):
    page = scrape()
    for name in NAMES:
        if not name.from_store and name.kind == "counter":
            for labels in name.known_series():
                told = ",".join(sorted(f"{label}={value}" for label, value in zip(name.labels, labels, strict=True)))
                assert page[f"{name.name}{{{told}}}"] == 0


def test_processes_add_up(recorder, scrape):
    for job in ("receiver-1", "receiver-2"):
        recorder.run_as(job)
        tell(recorder, "message.judged", JUDGED)
    assert scrape()["dlp_messages_total{front=lmtp,result=accepted}"] == 2


def test_a_process_that_dies_and_comes_back_loses_no_count_and_leaves_no_ruleset(recorder, scrape):
    for revision in ("aaaaaaaaaaaa", "bbbbbbbbbbbb"):
        pid = os.fork()
        if pid == 0:
            try:
                recorder.run_as("receiver-1")
                tell(recorder, "ruleset.loaded", {"revision": revision})
                tell(recorder, "error", {"error_ref": "9C1F"})
            finally:
                os.kill(os.getpid(), 9)
        os.waitpid(pid, 0)
    page = scrape()
    assert page["dlp_deferrals_total{cause=error}"] == 2
    assert [name for name in page if name.startswith("dlp_ruleset_info")] == ["dlp_ruleset_info{revision=bbbbbbbbbbbb}"]


def test_a_reload_leaves_the_old_revision_at_zero(recorder, scrape):
    recorder.run_as("receiver-1")
    for revision in ("aaaaaaaaaaaa", "bbbbbbbbbbbb"):
        tell(recorder, "ruleset.loaded", {"revision": revision})
    page = scrape()
    assert (page["dlp_ruleset_info{revision=aaaaaaaaaaaa}"], page["dlp_ruleset_info{revision=bbbbbbbbbbbb}"]) == (0, 1)
    assert page["dlp_ruleset_loaded_timestamp_seconds{}"] > 0


def test_what_a_former_run_left_is_gone(folder, recorder, scrape):
    tell(recorder, "error", {"error_ref": "9C1F"})
    Recorder(folder, ["receiver-1"])
    assert scrape()["dlp_deferrals_total{cause=error}"] == 0


def test_the_files_have_all_their_blocks(folder, recorder):
    """A hole that a full disk cannot fill would end the process that writes into it."""
    for file in folder.iterdir():
        assert file.stat().st_blocks * 512 >= file.stat().st_size


CANARIES = ["ann@campus.example", "Grades for Ann Lee", "912345678", "H7K2-9QMD x", "x" * 65, 'a"b', "", "-x", "é"]


@pytest.mark.parametrize("canary", CANARIES)
def test_nothing_a_message_brings_becomes_a_label(recorder, folder, canary):
    """Every value of every event replaced by one that a message might hold."""
    recorder.run_as("receiver-1")
    hostile = json.loads(json.dumps(JUDGED, default=str))
    for field in ("front", "lane", "mode", "result"):
        tell(recorder, "message.judged", hostile | {field: canary})
    for verdict in ("action", "scope"):
        tell(recorder, "message.judged", hostile | {"verdicts": [hostile["verdicts"][0] | {verdict: canary}]})
    nested = {"findings": {canary: 1}, "patterns": {"enforce": {canary: 1}}, "unread": {canary: 1}, "answers": {canary: 1}}
    tell(recorder, "message.judged", hostile | nested | {"stages": {canary: 1.0}})
    for event, values, _ in ONE_EACH:
        for field in values:
            tell(recorder, event, values | {field: canary})
    stored = b"".join(file.read_bytes() for file in folder.glob("*.db"))
    assert not canary or json.dumps(canary)[1:-1].encode() not in stored


def test_labels_that_files_bring_are_bounded(recorder, scrape):
    recorder.run_as("receiver-1")
    for n in range(500):
        tell(recorder, "message.judged", JUDGED | {"patterns": {"enforce": {f"pattern-{n}": 1}}})
    series = [name for name in scrape() if name.startswith("dlp_pattern_hits_total")]
    assert len(series) <= 201
    assert scrape()[f"dlp_pattern_hits_total{{mode=enforce,pattern={OTHER}}}"] >= 300


@pytest.mark.parametrize("values", [{}, {"what": None}, {"next_hop_reply": None}, {"verdicts": 5}, {"front": object()}])
def test_an_event_without_its_fields_hurts_nobody(recorder, scrape, values):
    for event in ["message.judged", *(event for event, _, _ in ONE_EACH)]:
        tell(recorder, event, values)
    tell(recorder, "message.judged", JUDGED)
    assert scrape()["dlp_messages_total{front=lmtp,result=accepted}"] == 1, "what comes after it is counted"


def test_only_our_own_events_count(recorder, scrape):
    before = scrape()
    recorder.handle(logging.LogRecord("library", logging.ERROR, __file__, 1, "error", None, None))
    assert scrape() == before


@pytest.mark.parametrize(
    ("reply", "result"), [("250", "2xx"), ("451", "4xx"), ("554", "5xx"), ("", "lost"), ("no-answer", "lost")]
)
def test_replies_have_classes(reply, result):
    assert answered(reply) == result


def test_the_folder_is_ours_alone(folder: Path, recorder):
    assert folder.stat().st_mode & 0o077 == 0
