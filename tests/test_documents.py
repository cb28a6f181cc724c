"""What the documents show works as they show it."""

from __future__ import annotations

import re
from pathlib import Path

from dlp.campus.formats import BLANK, FORMATS
from dlp.campus.records import SUPPRESSIBLE
from dlp.campus.vocabulary import CONTACT_TYPES, KINDS, PURVIEWS
from dlp.notices import reasons, words
from dlp.rules import load_file

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
