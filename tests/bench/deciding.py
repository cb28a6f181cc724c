"""What looking and deciding cost: ordinary messages against a campus of 12,000, in one process, CPU milliseconds each.

Imports an invented campus into a folder; gives a table: reading, finding who is meant, deciding for all recipients. The
messages differ in what has to be decided, not in size. A step that fails ends with its traceback.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from dlp import importing
from dlp.campus.directory import Stamp
from dlp.campus.records import Consent
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.pipeline import Known, survey
from dlp.policy.facts import Facts, KnownConsent, Source
from dlp.snapshot import build, open_snapshot
from dlp.values import Client, Envelope, Origin, Recipient
from tests.bench.mails import mails
from tests.bench.thread_time import milliseconds
from tests.generate.campus import Campus, student_id, write
from tests.rigs.document import markdown
from tests.upstream import shipped_rules

PEOPLE, REPEATS = 12_000, 200
AIM = 0.2  # milliseconds of deciding
_NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
_KEY = b"bench" * 7
_TEACHER, _ASSISTANT, _OTHER = (f"t{number}@campus.example" for number in (0, 1, 5))
_FORM = Consent(
    consent_id="C1",
    person=student_id(0),
    kinds=frozenset({"grades", "id"}),
    recipient="hr@acme.example",
    given_on=date(2026, 9, 1),
    mail_risk=True,
    strength="written",
    purpose="employment",
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A message's text, whom it goes to, and what the store has for those concerned."""

    text: str
    to: tuple[str, ...]
    facts: Facts = Facts()  # noqa: RUF009  frozen


_GRADE = f"student ID {student_id(0)} got a grade of B+ on the second problem set."
MAILS = {
    "nobody, 1 reader": Mail("", (_ASSISTANT,)),
    "a grade, to staff of the subject": Mail(_GRADE, (_ASSISTANT,)),
    "a grade, to the student, two of the staff, a parent, an employer": Mail(
        _GRADE, ("s0@campus.example", _ASSISTANT, _OTHER, "mum@freemail.example", "hr@acme.example")
    ),
    "a grade, to an employer, by consent": Mail(_GRADE, ("hr@acme.example",), Facts((KnownConsent("1", _FORM, Source.HAND),))),
}


def costs() -> str:
    """The table, in Markdown."""
    rows: list[list[object]] = [
        ["2 KB of text, 12,000 students", "read, ms", "find who is meant, ms", f"decide, ms (aim {AIM})"]
    ]
    with tempfile.TemporaryDirectory() as folder:
        known = Known(open_snapshot(_campus(Path(folder)), _KEY), lambda text: text)
        rows += [[name, *(f"{each:.2f}" for each in _costs(mail, known))] for name, mail in MAILS.items()]
    return markdown(rows)


def _campus(folder: Path) -> Path:
    write(folder / "files", Campus(PEOPLE))
    found = importing.look(folder / "files")
    rows = importing.records(found, importing.Showed(), _NOW.date())
    return build(folder / "snapshots", rows, Stamp("20261102T150000Z", _NOW, files=found.brings), _KEY)


def _costs(mail: Mail, known: Known) -> tuple[float, float, float]:
    head, _, body = mails()["2 KB"].partition(b"\r\n\r\n")
    raw = head.replace(b"ann.mori@campus.example", _TEACHER.encode()) + b"\r\n\r\n" + mail.text.encode() + b"\r\n" + body
    recipients = tuple(map(Recipient, mail.to))
    envelope = Envelope("", "", _TEACHER, (), recipients, Client(), _NOW, Origin.SUBMISSION)
    texts, rules = read(raw, Limits()), shipped_rules()
    surveyed = survey(envelope, texts, rules, raw, known).knowing(mail.facts)
    steps = (partial(read, raw, Limits()), partial(survey, envelope, texts, rules, raw, known), surveyed.judgement)
    reading, finding, deciding = milliseconds(REPEATS, *steps)
    return reading, finding, deciding


if __name__ == "__main__":
    print(costs())
