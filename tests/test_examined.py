"""Messages and verdicts by people who knew the policy and not the program: how far the filter agrees, and where it does not.

tests/examined holds the mail, the verdicts expected (`also`: what would be as right), and the consents and approvals of the
first examiner; a dozen messages are by somebody who tried to get past it, and those of short.toml, not all of which it got
right at first. In its worlds each eight messages have a campus of their own (`files`); `notes` are short ones to outsiders,
`everyday` such of one who knew the program, `daily` the mail of offices, labs and clubs by one who did not. disagreements.toml
names each message on which the filter and an examiner differ, and whose doing it is. A message that begins to differ fails
here, and so does one that no longer does: the list is the score.
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dlp.commands import shared
from dlp.commands.judging import Asked, as_document, judged
from dlp.commands.lookups import LookUps
from dlp.commands.reading import reader_of
from dlp.config import load
from dlp.limits import Limits
from dlp.pipeline import Known
from dlp.policy.facts import Facts
from dlp.values import Origin
from tests.campus.imported import permits, small_university, university

EXAMINED = Path(__file__).parent / "examined"
NOW = datetime.fromisoformat("2026-11-25T10:00:00-05:00")
DIFFER = tomllib.loads((EXAMINED / "disagreements.toml").read_text(encoding="utf-8"))
SLUGS = sorted(path.relative_to(EXAMINED).with_suffix("").as_posix() for path in EXAMINED.rglob("*.eml"))
SHORT, PLAIN = (tomllib.loads((EXAMINED / name).read_text(encoding="utf-8")) for name in ("short.toml", "plain.toml"))
WHOSE = {"detection", "decision", "examiner", "document"}


@cache
def look_ups(world: str = ".") -> LookUps:
    """The campus a message is of, and what has been consented to and approved there."""
    folder = EXAMINED / world / "files"
    granted = folder if folder.is_dir() else EXAMINED
    files = {path.stem: path.read_bytes() for path in granted.glob("*.csv")}
    facts = Facts(*(permits(name, files[name]) if name in files else () for name in ("consents", "approvals")))
    return LookUps(Known(university(folder, NOW) if folder.is_dir() else small_university(NOW), str), lambda *_: facts)


@cache
def rules() -> Any:
    return shared.rules(load(None))


def differs(slug: str) -> list[str]:
    """The recipients for whom action, release right or reason are others than expected."""
    wanted = tomllib.loads((EXAMINED / f"{slug}.toml").read_text(encoding="utf-8"))
    addresses = tuple(entry["address"] for entry in wanted["recipient"])
    asked = Asked(None, addresses, Origin.SUBMISSION, "", NOW)
    raw, known = (EXAMINED / f"{slug}.eml").read_bytes(), look_ups(Path(slug).parent.as_posix())
    document: Any = as_document(judged(slug, raw, asked, rules(), reader_of(load(None)), known), Limits())
    return [entry["address"] for entry in wanted["recipient"] if not _agrees(document["recipients"][entry["address"]], entry)]


def _agrees(given: dict[str, Any], wanted: dict[str, Any]) -> bool:
    codes = {reason["code"] for reason in given["reasons"]}
    if given["action"] in wanted.get("also", ()):
        return True
    release = given["release"] or ""
    same = (given["action"], release) == (wanted["action"], wanted.get("release", release) or "")
    return same and (wanted["codes"] == ["*"] or bool(codes & set(wanted["codes"])))


def composed(short: dict[str, Any]) -> tuple[bytes, tuple[str, ...]]:
    """A message of short.toml, and its recipients."""
    to = [each if "@" in each else f"{each}@campus.example" for each in short["to"]]
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"{short['from']}@campus.example", ", ".join(to), short["subject"]
    mail["Date"], mail["Message-ID"] = "Wed, 25 Nov 2026 10:00:00 -0500", "<short@campus.example>"
    mail.set_content(short["text"])
    return mail.as_bytes(), tuple(address for _, address in getaddresses(to))


def as_expected(short: dict[str, Any]) -> bool:
    raw, recipients = composed(short)
    asked = Asked(None, recipients, Origin.SUBMISSION, "", NOW)
    document: Any = as_document(judged("short", raw, asked, rules(), reader_of(load(None)), look_ups()), Limits())
    actions = [document["recipients"][each]["action"] for each in recipients]
    return all(given in wanted.split("/") for given, wanted in zip(actions, short["expected"], strict=True))


@pytest.mark.parametrize("name", SHORT)
def test_a_short_message_that_once_got_past_or_was_held(name: str) -> None:
    assert as_expected(SHORT[name])


@pytest.mark.parametrize("name", PLAIN)
def test_plain_mail_is_judged_as_its_writer_expects_but_where_it_is_known(name: str) -> None:
    assert as_expected(PLAIN[name]) is ("differs" not in PLAIN[name])


@pytest.mark.parametrize("slug", SLUGS)
def test_the_filter_differs_from_the_examiner_only_where_it_is_known(slug: str) -> None:
    assert bool(differs(slug)) == (slug in DIFFER)


def test_each_disagreement_says_whose_doing_it_is_and_why() -> None:
    assert DIFFER.keys() <= set(SLUGS)
    assert all(set(entry) == {"whose", "why"} and entry["whose"] in WHOSE for entry in DIFFER.values())
