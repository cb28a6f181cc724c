"""Facts to write notices from, and a reader for the notices."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dlp.notices.compose import NoticeSite, compose
from dlp.notices.facts import Cause, NoticeFacts, Outcome

NOW = datetime(2026, 11, 21, 15, 45, tzinfo=UTC)
DEADLINE = datetime(2026, 12, 3, 22, 0, tzinfo=UTC)
REFERENCE = "H7K2-9QMD"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", metavar="FOLDER", help="keep there what docs/notices.md shows of letters in mail clients")


@dataclass(frozen=True)
class Read:
    """A notice as its reader sees it."""

    raw: bytes
    message: EmailMessage
    text: str
    html: str

    @property
    def flat(self) -> str:
        return " ".join(self.text.split())

    @property
    def everything(self) -> str:
        headers = "\n".join(f"{name}: {value}" for name, value in self.message.items())
        return f"{headers}\n{self.text}\n{self.html}"


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def read(raw: bytes) -> Read:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    plain, markup = message.iter_parts()
    return Read(raw, message, plain.get_content(), markup.get_content())


@pytest.fixture
def reader() -> Callable[[bytes], Read]:
    return read


@pytest.fixture
def html_words() -> Callable[[str], tuple[list[str], set[str]]]:
    """The words of an HTML body and the names of its tags."""

    def words(markup: str) -> tuple[list[str], set[str]]:
        parser = _Words()
        parser.feed(markup.partition("</head>")[2])
        return parser.words, parser.tags

    return words


@pytest.fixture
def site() -> NoticeSite:
    return NoticeSite(
        name="Example University",
        contact="privacy@campus.example",
        sender="mail-guidance@campus.example",
        timezone=ZoneInfo("America/New_York"),
        offices={"registrar": "registrar@campus.example", "dean_graduate": "dean@campus.example", "provost": ""},
    )


@pytest.fixture
def cause() -> Callable[..., Cause]:
    def build(code: str = "FAQ:outside-consent", action: str = "hold", **changes: Any) -> Cause:
        facts: dict[str, Any] = {
            "requirement": "R26",
            "release": "officer" if action == "hold" else None,
            "wheres": ("part 1, line 6",),
            "kinds": ("id",),
            "refer_to": "",
            "neutral": False,
        }
        return Cause(code=code, action=action, **(facts | changes))

    return build


@pytest.fixture
def facts() -> Callable[..., NoticeFacts]:
    def build(outcomes: dict[str, str], *causes: Cause, **changes: Any) -> NoticeFacts:
        plain: dict[str, Any] = {
            "reference": REFERENCE,
            "received_at": datetime(2026, 11, 21, 15, 42, tzinfo=UTC),
            "addressee": "a.teacher@campus.example",
            "outcomes": tuple(Outcome(recipient, state) for recipient, state in outcomes.items()),
            "causes": causes,
            "changed": (),
            "test": False,
        }
        return NoticeFacts(**(plain | changes))

    return build


@pytest.fixture
def notice(site: NoticeSite) -> Callable[..., Read]:
    def build(facts: NoticeFacts, now: datetime = NOW, deadline: datetime | None = DEADLINE) -> Read:
        return read(compose(facts, site, now, deadline))

    return build
