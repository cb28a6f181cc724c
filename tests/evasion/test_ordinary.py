"""Ordinary files, attached to a letter: read whole, and no number in them taken for a person's.

The files are what common programs write (tests/evasion/make/attached.sh), beside figures that look like campus IDs. The
letters are cases of their own, E110.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evasion.groups.ordinary import FILES, attached
from tests.evasion.measure import measure
from tests.evasion.oracle import judged, read_as_the_filter, rules

READER = "j.doe@elsewhere.example"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_ordinary_file_is_read_whole_and_names_nobody(path: Path) -> None:
    raw = attached(path)
    texts = read_as_the_filter(raw)
    assert not texts.unread
    assert not texts.ambiguities
    act_at = rules().policy.act_at
    assert not [each.where for each in judged(raw, READER, texts).findings if each.kind == "id" and each.confidence >= act_at]


def test_a_mailbox_is_measured(tmp_path: Path) -> None:
    good = b"From: a@campus.example\nSubject: one\n\nHello\n"
    bad = b"From: a@campus.example\nContent-Type: multipart/mixed; boundary=b\n\nHello\n"
    box = tmp_path / "box"
    box.write_bytes(b"".join(b"From a@campus.example Mon Oct  5 14:00:00 2026\n" + one + b"\n" for one in (good, bad, good)))
    assert measure([box])[:4] == [
        "3 messages",
        "1 ambiguous (33.33 %): no-delimiter 1",
        "1 held (33.33 %): unscannable:ambiguous 1",
        "0 warned (0.00 %)",
    ]
