"""What the documents show works as they show it."""

from __future__ import annotations

import re
from pathlib import Path

from dlp.campus.formats import BLANK, FORMATS
from dlp.campus.records import SUPPRESSIBLE
from dlp.campus.vocabulary import CONTACT_TYPES, KINDS, PURVIEWS
from dlp.notices import reasons, words
from dlp.pipeline import UNREADABLE
from dlp.policy.judge import UNREAD_INBOUND
from dlp.policy.passages import passages
from dlp.policy.situation import IMAGE, SMALL_IMAGE
from dlp.rules import load_file, load_patterns
from dlp.splitting import UNDIVIDED
from dlp.values import Action, PartStatus
from tests.upstream import shipped_rules

PATTERNS = Path(__file__).parent.parent / "docs" / "patterns.md"


def test_the_patterns_in_the_documentation_load(tmp_path: Path) -> None:
    shown = re.findall(r"```toml\n(.*?)```", PATTERNS.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "shown.toml"
    file.write_text("\n".join(shown), encoding="utf-8")
    assert [pattern.id for pattern in load_file(file)] == ["library-card", "own-student-id"]


def test_the_notices_in_the_documentation_use_the_program_s_own_sentences() -> None:
    shown = " ".join(re.sub(r"(?m)^ +", "", (PATTERNS.parent / "notices.md").read_text(encoding="utf-8")).split())
    sentences = (
        words.DEADLINE.format(deadline="Thursday 3 December, 17:00 EST"),
        words.QUESTIONS.format(contact="privacy@campus.example", reference="H7K2-9QMD"),
        words.ENDED["returned"],
        words.OVER,
        words.SUMMARY_OPENING.format(count=14, first="09:02 today", last="09:58 today"),
        words.SUMMARY_DEADLINE.format(deadline="Thursday 3 December, 09:15 EST"),
        reasons.wording("FAQ:outside-consent").why,
    )
    assert [sentence for sentence in sentences if sentence not in shown] == []


def test_the_page_on_campus_files_names_every_column_and_word() -> None:
    page = (PATTERNS.parent / "campus.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"(?m)^\| `(\w+)\.csv` \| (.*?) \| `", page))
    assert rows.keys() == FORMATS.keys()
    for name, form in FORMATS.items():
        columns = [column for column in form.columns if column.name != BLANK]
        told = set(re.findall(r"\w+", rows[name]))
        assert {column.name for column in columns} <= told
        if not form.either:
            bold = set(re.findall(r"\*\*(\w+)\*\*", rows[name]))
            assert bold == {column.name for column in columns if column.required} | set((form.also or {}).values())
    told = set(re.findall(r"\w+", page))
    assert {*KINDS, *PURVIEWS, *CONTACT_TYPES, *SUPPRESSIBLE} <= told


RULES = (PATTERNS.parent / "rules.md").read_text(encoding="utf-8")
TABLE = shipped_rules().table
BESIDE = (UNREADABLE, UNDIVIDED, UNREAD_INBOUND)  # reasons that are in no table
UNREAD = {status.value for status in PartStatus if status is not PartStatus.READ} | {IMAGE, SMALL_IMAGE}


def explained(heading: str) -> dict[str, list[str]]:
    """The rows of the tables with this first cell in their heading: the other cells by the first one."""
    tables = re.findall(rf"(?m)^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", RULES)
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for table in tables for line in table.splitlines()]
    return {first.strip("` "): cells for first, *cells in rows}


def test_every_rule_that_a_notice_a_row_or_a_pattern_names_is_explained_with_its_passage_and_rows() -> None:
    told = explained("rule")
    patterns = [line for pattern in load_patterns() for line in pattern.references]
    named = {row.requirement for row in TABLE} | {reason.requirement for reason in BESIDE} | {*patterns}
    assert told.keys() == {line for line in named if re.fullmatch(r"R\d+", line)}
    for line, (source, demands, rows) in told.items():
        assert source == ", ".join(passages(line))
        assert demands
        assert re.findall(r"`(.+?)`", rows) == [row.id for row in TABLE if row.requirement == line]


def test_every_code_that_a_notice_can_show_is_explained_with_its_title_and_rows() -> None:
    told = explained("code")
    codes = {row.code for row in TABLE} - {"unscannable:{why}"} | {reason.code for reason in BESIDE}
    assert told.keys() == codes | {f"unscannable:{why}" for why in UNREAD}
    acting = {row.code: row.neutral for row in TABLE if row.action is not Action.PASS}
    for code, (title, *more) in told.items():
        if code.startswith("unscannable:"):
            assert (reasons.wording(code).rule, more) == ("unread content", [])
            continue
        assert re.findall(r"`(.+?)`", more[1]) == ([row.id for row in TABLE if row.code == code] or ["undivided"])
        if code in acting or code == UNDIVIDED.code:
            assert title == reasons.wording(code, neutral=acting.get(code, False)).rule


def test_every_row_is_explained_as_the_table_has_it() -> None:
    told = explained("row")
    assert {row: (cells[0], cells[2].strip("`").replace("...", "{why}")) for row, cells in told.items()} == {
        row.id: (row.title, row.code) for row in TABLE
    }
    holds = {
        row.id: f"hold ({row.release.word})" for row in TABLE if row.action is Action.HOLD and row.release and not row.setting
    }
    assert {row: cells[1] for row, cells in told.items() if cells[1].startswith("hold")} == holds
    assert all(f"`{reason.row}`" in RULES for reason in BESIDE)
