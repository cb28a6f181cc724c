"""What the documents show works as they show it."""

from __future__ import annotations

import re
from pathlib import Path

from dlp.rules import load_file

PATTERNS = Path(__file__).parent.parent / "docs" / "patterns.md"


def test_the_pattern_in_the_documentation_loads(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", PATTERNS.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "shown.toml"
    file.write_text(shown, encoding="utf-8")
    assert [pattern.id for pattern in load_file(file)] == ["library-card"]
