"""Messages with a canary in every field, the whole filter over them, and every output searched for each.

Logs at debug, metrics, replies, our own Received field, notices, the digest, reports to departments, what `dlp check --json`
prints, evidence, errors, and every file of the store. What may stand where is in the table, with the reason: nothing else
may, and all of it must. Two thousand messages in parts, each with every shape and reader: `make test` runs the first, `make
faults` all.
"""

from __future__ import annotations

import email
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import magic
import pytest
from prometheus_client import CollectorRegistry, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from dlp.campus.directory import Stamp
from dlp.commands.judging import Checked, as_document, readable
from dlp.events import JsonLines
from dlp.extractors.opening import opener
from dlp.lanes import Lanes
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.metrics.figures import StoreFigures
from dlp.metrics.recorder import Recorder
from dlp.pipeline import Survey
from dlp.snapshot import Snapshot, build, open_snapshot
from dlp.stewards import Stewards
from dlp.values import Judgement, Texts
from tests.canaries import CAMPUS, Planted, planted, traces
from tests.store.samples import KEYS, START
from tests.test_clerk import SITE, Office, office
from tests.upstream import shipped_rules

PARTS, MESSAGES = 5, 400  # of each part
EACH_FAILS = 200  # of the messages one in so many meets a bug
# where a field may stand, and why
ALLOWED = {
    ("notice", "sender"): "it is addressed to whoever sent the message",
    ("notice", "recipient"): "a sender is told who got the message, in the words the sender gave",
    ("notice", "Message-ID"): "the sender's own word for the message, by which the notice joins the thread",
    ("check", "recipient"): "formats.md: the verdict of each recipient, by address",
    ("check", "student's address"): "the same, where a student is the recipient",
    ("check", "subject line"): "formats.md: `edits` show what an edit leaves, to whoever has the file",
}
_SNIFF = magic.Magic(mime=True).from_buffer
_LIMITS = Limits()


def _opened(raw: bytes) -> Texts:
    return read(raw, _LIMITS, open_file=opener(_LIMITS, len(raw), _SNIFF))


class Here(Lanes):
    """Both lanes in this process."""

    async def read(self, raw: bytes | memoryview, head: object = None, *, until: float = 0) -> tuple[Texts, str]:
        return _opened(bytes(raw)), "slow"


class Log(logging.Handler):
    """Every line, of every library too, as the program writes it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[Log]:
    root, handler = logging.getLogger(), Log()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    made = Recorder(tmp_path / "metrics", ["receiver-1"])
    made.attach()
    made.expect(shipped_rules())
    yield made
    logging.getLogger("dlp").removeHandler(made)


@pytest.fixture
def campus(tmp_path: Path) -> Snapshot:
    stamp = Stamp("now", START, files=frozenset({"students", "staff", "assignments", "enrolments", "departments"}))
    (tmp_path / "campus").mkdir()
    return open_snapshot(build(tmp_path / "campus", CAMPUS, stamp, KEYS.finding_people), KEYS.finding_people)


@pytest.mark.servers
@pytest.mark.timeout(120)
@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.long_cells) for part in range(1, PARTS))])
async def test_messages_leave_no_trace_of_what_they_say(tmp_path, monkeypatch, log, recorder, campus, part):
    outputs: list[tuple[str, str]] = []
    judged = _judgements(monkeypatch)
    async with office(tmp_path / "site") as at:
        for name, value in (("directory", lambda: campus), ("lanes", Here(_LIMITS, ""))):
            object.__setattr__(at.post.tools, name, value)
        at.clerk.stewards = Stewards(at.store, at.clerk.sender.deliver, shipped_rules, SITE, lambda: campus, bytes)
        for nth in range(part * MESSAGES, (part + 1) * MESSAGES):
            message = planted(nth)
            if nth % EACH_FAILS == EACH_FAILS - 1:
                await _failing(at, message, monkeypatch, outputs)
            outputs += await _replies(at, message, f"id{nth}")
        checked = [Checked("-", judgement, 0, each) for each, judgement in judged]
        assert {ruling.action.word for each in checked for ruling in each.judgement.rulings} >= {
            "pass",
            "warn",
            "rewrite",
            "hold",
        }
        assert len(at.store.held()) > MESSAGES / 10
        for each in checked:
            outputs.append(("check", json.dumps(as_document(each, _LIMITS), ensure_ascii=False)))
            outputs.append(("check", readable(each)))
            outputs.append(("evidence", _evidence(each.judgement)))
        await _told(at)
        outputs += _arrived(at, {planted(nth).sender for nth in range(part * MESSAGES, (part + 1) * MESSAGES)})
        outputs.append(("metrics", _metrics(tmp_path, at)))
        outputs += [("audit", repr(row)) for row in at.store.audit_since(0, 10**6)]
        outputs += [("store", path.read_bytes().decode("latin-1")) for path in tmp_path.rglob("*") if _is_kept(path)]
    outputs += [("log", line) for line in log.lines]
    assert {where for where, _ in outputs} >= {"notice", "office", "trace", "metrics", "audit", "store", "log", "reply"}
    found = {(where, field) for where, text in outputs for field, _ in traces(text)}
    assert found - ALLOWED.keys() == set()
    assert ALLOWED.keys() - found == set()  # what is there is found, and nothing is allowed for nothing


def _judgements(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Survey, Judgement]]:
    """What the filter makes of each message, in a list that grows."""
    found: list[tuple[Survey, Judgement]] = []
    judge = Survey.judgement

    def kept(surveyed: Survey) -> Judgement:
        found.append((surveyed, judge(surveyed)))
        return found[-1][1]

    monkeypatch.setattr(Survey, "judgement", kept)
    return found


def test_every_canary_would_be_found():
    message = planted(3)
    text = message.raw.decode() + "".join((message.sender, *message.recipients, *message.parameters))
    assert {field for field, _ in traces(text)} >= {"student's name", "student's ID", "grade", "postal address", "recipient"}
    files = "".join(map(str, (_opened(planted(nth).raw) for nth in range(17))))
    assert {field for field, _ in traces(files)} >= {"file name", "file's text", "description", "other header field"}


async def _failing(at: Office, message: Planted, monkeypatch: pytest.MonkeyPatch, outputs: list[tuple[str, str]]) -> None:
    """A bug whose error quotes the message, until it is held for that."""
    with monkeypatch.context() as patch:
        patch.setattr("dlp.transaction.survey", _quote)
        for tried in range(3):
            outputs += await _replies(at, message, f"bug{tried}")


async def _replies(at: Office, message: Planted, upstream_id: str) -> list[tuple[str, str]]:
    replies = await at.post.replies(
        message.recipients, message.raw, upstream_id=upstream_id, sender=message.sender, parameters=message.parameters
    )
    return [("reply", str(reply)) for reply in replies]


def _quote(*arguments: object) -> None:
    raise ValueError(repr(arguments))


async def _told(at: Office) -> None:
    """Everything the clerk tells anybody, of a week."""
    for _ in range(4):
        at.post.clock.forward(hours=48)
        await at.clerk.send_notices()
        await at.clerk.send_owed()
        await at.clerk.end_holds()
        await at.clerk.send_digest()
        await at.clerk.tell_stewards()


def _arrived(at: Office, senders: set[str]) -> Iterator[tuple[str, str]]:
    """What left the filter: its own letters, by whom they are for, and what it wrote above others' mail."""
    for each in at.post.sink.messages:
        (to, *_) = (recipient.address for recipient in each.recipients)
        if each.sender:
            yield "trace", each.raw.partition(b"\r\nFrom:")[0].decode()
        else:
            where = "notice" if to in senders else "office"
            yield where, _decoded(each.raw)


def _decoded(raw: bytes) -> str:
    parts = [part.get_payload(decode=True) for part in email.message_from_bytes(raw).walk()]
    return raw.decode() + "\n".join(part.decode() for part in parts if isinstance(part, bytes))


def _metrics(folder: Path, at: Office) -> str:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder / "metrics"))
    registry.register(StoreFigures(at.store, folder, "enforce"))
    return generate_latest(registry).decode()


def _evidence(judgement: Judgement) -> str:
    """What a judgement says of its reasons: all of it but whose copy each ruling is about."""
    findings = [asdict(each) for each in judgement.findings]
    reasons = [asdict(reason) for ruling in judgement.rulings for reason in ruling.reasons]
    disclosures = [asdict(each) for each in judgement.disclosures]
    return json.dumps([findings, reasons, disclosures], ensure_ascii=False, default=repr)


def _is_kept(path: Path) -> bool:
    """Our files, but for the imported directory, which is not of a message."""
    return path.is_file() and "campus" not in path.parts
