"""The shipped table with no patterns: what the policy room is tested with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import dlp.policy.table
from dlp.policy.table import load_table
from dlp.ruleset import Campus, PolicySettings, Row, Rules
from dlp.values import Client, Envelope, Finding, Origin, Part, PartStatus, Recipient, Role, Span, Texts

TABLE = (Path(dlp.policy.table.__file__).parent / "decision-table.toml").read_text(encoding="utf-8")


class NoMatcher:
    """Finds nothing: the tests give findings themselves."""

    def find(self, texts: Texts) -> tuple[Finding, ...]:
        return ()


@pytest.fixture(scope="session")
def shipped() -> tuple[Row, ...]:
    return load_table(TABLE, "decision-table.toml")


@pytest.fixture(scope="session")
def rules(shipped: tuple[Row, ...]) -> Rules:
    return Rules("r", (), NoMatcher(), shipped, Campus(("campus.example",)), PolicySettings())


@pytest.fixture(scope="session")
def envelope() -> Callable[..., Envelope]:
    def made(*addresses: str, origin: Origin = Origin.SUBMISSION, sender: str = "a.lind@campus.example") -> Envelope:
        recipients = tuple(Recipient(address) for address in addresses)
        return Envelope("", "", sender, (), recipients, Client(), datetime(2026, 10, 5, tzinfo=UTC), origin)

    return made


@pytest.fixture(scope="session")
def finding() -> Callable[..., Finding]:
    def made(
        role: Role = Role.IDENTIFIES,
        digest: str = "one",
        *,
        kind: str = "id",
        pattern: str = "student-id",
        where: str = "part 1, line 1",
        confidence: float = 0.9,
        enforced: bool = True,
    ) -> Finding:
        return Finding(kind, "pattern", pattern, role, where, 0, 0, 9, confidence, "•", digest, enforced)

    return made


@pytest.fixture(scope="session")
def part() -> Callable[..., Part]:
    def made(status: PartStatus, why: str = "", section: str = "2") -> Part:
        return Part(section, "application/octet-stream", Span(0, 0), Span(0, 0), "", status, why)

    return made
