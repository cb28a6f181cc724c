"""Messages and their expected verdicts, side by side in tests/cases: slug.eml is the mail, slug.toml says what becomes of it.

Keys of a case: `why`; `campus` = true when the directory of tests/cases/campus has been imported, with `[[consent]]` and
`[[approval]]`, the cells of such rows, and `astray`, how far the series it may be one of went astray; `sender`, `origin`,
`login` and `set` as on the command line; a `[[recipient]]` for each address with its action, release, rows, codes, requirements
and tips; `just_not`, the rows that must not fit; `[[finding]]` (kind and where; there may be more); `people`, `unscannable` and
`[[edit]]` (all there are).

A case may start at the disclosures: each `[[disclosure]]` (person, an ID or staff address, and kinds) is added to what is found
in the text, `class_list` names the subject whose class list it is (tests/stated.py).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dlp.commands import shared
from dlp.commands.judging import Asked, Checked, as_document, judged
from dlp.commands.lookups import NOTHING_KNOWN, LookUps
from dlp.commands.reading import reader_of
from dlp.config import load
from dlp.limits import Limits
from dlp.pipeline import Known
from dlp.policy.facts import Facts
from dlp.policy.table import load_table
from dlp.ruleset import Row, Rules
from dlp.values import Action, Origin, Recipient, Texts
from tests import stated
from tests.campus.imported import permits, small_university

CASES = Path(__file__).parent / "cases"
SLUGS = sorted(path.stem for path in CASES.glob("*.toml"))
TABLE = Path(__file__).parents[1] / "dlp" / "policy" / "decision-table.toml"
NOW = datetime.fromisoformat("2026-10-05T10:00:00-04:00")
KEYS = {
    *stated.KEYS,
    "consent",
    "approval",
    "astray",
    "why",
    "campus",
    "sender",
    "origin",
    "login",
    "set",
    "recipient",
    "just_not",
    "finding",
    "people",
    "unscannable",
    "edit",
}


@cache
def rules(overrides: tuple[str, ...]) -> tuple[Rules, Callable[[bytes], Texts]]:
    settings = load(None, overrides)
    return shared.rules(settings), reader_of(settings)


@cache
def shipped() -> tuple[Row, ...]:
    return load_table(TABLE.read_text(encoding="utf-8"), TABLE.name)


@cache
def case(slug: str) -> dict[str, Any]:
    return tomllib.loads((CASES / f"{slug}.toml").read_text(encoding="utf-8"))


def look_ups(slug: str) -> LookUps:
    if not case(slug).get("campus"):
        return NOTHING_KNOWN
    facts = Facts(_permits(slug, "consents"), _permits(slug, "approvals"), case(slug).get("astray", 0))
    known, consult = Known(small_university(), str), lambda *_: facts
    return stated.Stating(known, consult, case(slug)) if stated.KEYS & case(slug).keys() else LookUps(known, consult)


def _permits(slug: str, name: str) -> tuple[Any, ...]:
    """The consents or approvals of a case, read as an import file is."""
    cells = case(slug).get(name.removesuffix("s"), [])
    if not cells:
        return ()
    columns = sorted({column for row in cells for column in row})
    lines = [columns, *([str(row.get(column, "")) for column in columns] for row in cells)]
    return permits(name, "".join(",".join(line) + "\n" for line in lines).encode())


@cache
def verdict(slug: str) -> Checked:
    given = case(slug)
    addresses = tuple(entry["address"] for entry in given["recipient"])
    asked = Asked(given.get("sender"), addresses, Origin(given.get("origin", "submission")), given.get("login", ""), NOW)
    return judged(slug, (CASES / f"{slug}.eml").read_bytes(), asked, *rules(tuple(given.get("set", ()))), look_ups(slug))


def fitting(slug: str) -> set[str]:
    """The rows that were listed for any recipient, outranked ones included."""
    judgement = verdict(slug).judgement
    rulings = judgement.would_be or judgement.rulings
    told = {reason.row for ruling in rulings for reason in (*ruling.reasons, *ruling.advice)}
    return told | {row.id for row in shipped() for ruling in rulings if row.tip and row.tip in ruling.tips}


def as_expected(entry: dict[str, Any]) -> dict[str, Any]:
    expected = {key: entry.get(key) for key in ("action", "release", "rows", "codes", "requirements")}
    return expected | {"tips": entry.get("tips", [])}


def as_decided(ruling: dict[str, Any]) -> dict[str, Any]:
    reasons = ruling["reasons"]
    return {
        "action": ruling["action"],
        "release": ruling["release"],
        "rows": [reason["row"] for reason in reasons],
        "codes": [reason["code"] for reason in reasons],
        "requirements": [reason["requirement"] for reason in reasons],
        "tips": ruling["tips"],
    }


@pytest.mark.parametrize("slug", SLUGS)
def test_each_recipient_gets_the_verdict_the_case_names(slug: str) -> None:
    document: Any = as_document(verdict(slug), Limits())
    decided = {address: as_decided(ruling) for address, ruling in document["recipients"].items()}
    assert decided == {entry["address"]: as_expected(entry) for entry in case(slug)["recipient"]}


@pytest.mark.parametrize("slug", SLUGS)
def test_what_was_found_and_what_would_change_is_as_the_case_says(slug: str) -> None:
    document: Any = as_document(verdict(slug), Limits())
    given = case(slug)
    found = [{"kind": finding["kind"], "where": finding["where"]} for finding in document["findings"]]
    assert [finding for finding in given.get("finding", []) if finding not in found] == []
    assert [item["why"] for item in document["unscannable"]] == given.get("unscannable", [])
    assert [{"what": edit["what"], "after": edit["after"]} for edit in document["edits"]] == given.get("edit", [])
    assert len(verdict(slug).judgement.disclosures) == given.get("people", 0)
    assert not fitting(slug) & set(given.get("just_not", []))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_pass_and_nothing_else_names_what_it_rests_on(slug: str) -> None:
    judgement = verdict(slug).judgement
    for ruling in judgement.would_be or judgement.rulings:
        rests = [bool(reason.basis) for reason in ruling.reasons]
        assert rests == [ruling.action is Action.PASS] * len(rests)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_case_is_a_message_with_a_reason_and_no_unknown_key(slug: str) -> None:
    given = case(slug)
    assert given["why"]
    assert set(given) <= KEYS
    assert (CASES / f"{slug}.eml").exists()


def test_no_message_is_without_its_verdict() -> None:
    assert sorted(path.stem for path in CASES.glob("*.eml")) == SLUGS


def test_every_row_of_the_shipped_table_fits_in_one_case_and_just_does_not_in_another() -> None:
    rows = {row.id for row in shipped() if row.when}
    entries = [entry for slug in SLUGS for entry in case(slug)["recipient"]]
    tips = {row.id for row in shipped() for entry in entries if row.tip and row.tip in entry.get("tips", [])}
    assert rows - tips - {row for entry in entries for row in entry["rows"]} == set()
    assert rows - {row for slug in SLUGS for row in case(slug).get("just_not", [])} == set()


def test_envelope_defaults_come_from_the_header_fields() -> None:
    """What `dlp check` takes when nobody says --from and --to."""
    raw = b"From: a.lind@campus.example\nTo: T <t.ames@campus.example>\nCc: p@freemail.example\n\nHello\n"
    asked = Asked(None, (), Origin.SUBMISSION, "", NOW)
    rulings = judged("-", raw, asked, *rules(())).judgement.rulings
    assert [Recipient(ruling.recipient).address for ruling in rulings] == ["t.ames@campus.example", "p@freemail.example"]
