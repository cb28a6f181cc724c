"""Mail as common programs and lists write it is read once and without a doubt, with every sloppiness they have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dlp.limits import Limits
from dlp.mail.reading import read, read_small
from dlp.values import PartStatus
from tests.letters import letters

FOLDER = Path(__file__).parent.parent / "evasion" / "ordinary"
LETTERS = {path.stem: path.read_bytes() for path in sorted(FOLDER.glob("*.eml"))}
FOOTER = (
    b"\r\n_______________________________________________\r\nseminar mailing list\r\nhttps://lists.campus.example/seminar\r\n"
)


def _without(*names: bytes) -> Callable[[bytes], bytes]:
    """Without the lines of a header that begin so."""

    def change(raw: bytes) -> bytes:
        head, blank, body = raw.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(names)]
        return b"\r\n".join(lines) + blank + body

    return change


def _is_encoded(raw: bytes) -> bool:
    """A footer below base64 or shift states is not read by everybody, and doubtful."""
    return b"base64" in raw or b"iso-2022-jp" in raw.lower()


SLOPPINESS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": bytes,
    "LF lines": lambda raw: raw.replace(b"\r\n", b"\n"),
    "a list's footer behind the end": lambda raw: raw if _is_encoded(raw) else raw + FOOTER,
    "an mbox line": lambda raw: b"From a.lind@campus.example Mon Oct  5 10:00:00 2026\r\n" + raw,
    "no MIME-Version": _without(b"mime-version"),
    "names of fields in capitals": lambda raw: raw.replace(b"Content-Type:", b"CONTENT-TYPE:"),
    "a semicolon at the end": lambda raw: raw.replace(b'charset="utf-8"', b'charset="utf-8";'),
    "a field of raw bytes": lambda raw: b"X-Note: Gr\xfc\xdfe\r\n" + raw,
}


@pytest.mark.parametrize("change", SLOPPINESS.values(), ids=SLOPPINESS)
@pytest.mark.parametrize("raw", LETTERS.values(), ids=LETTERS)
def test_ordinary_mail_has_one_reading(raw: bytes, change: Callable[[bytes], bytes]) -> None:
    crlf = raw if b"\r\n" in raw else raw.replace(b"\n", b"\r\n")
    texts = read(change(crlf), Limits())
    assert texts.ambiguities == ()
    assert not [part for part in texts.parts if part.status is PartStatus.AMBIGUOUS]
    assert not [view.label for view in texts.views if view.label.startswith(("encoded text", "another reading"))]


def test_there_are_letters_of_a_dozen_programs() -> None:
    assert len(LETTERS) >= 12


def test_no_letter_without_a_file_needs_the_slow_lane() -> None:
    ordinary = letters()
    assert len(ordinary) > 400
    assert [name for name, raw in ordinary.items() if read_small(raw, Limits()) is None] == []
