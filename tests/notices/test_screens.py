"""Every kind of letter can be read in two clients, at 100 and 200 per cent, in light and in dark mode.

`make pictures` runs this and keeps what docs/notices.md shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from dlp.notices.digest import DigestEntry, digest
from dlp.notices.facts import Cause
from dlp.notices.summary import Told, summary
from tests.e2e.loopback import open_folder
from tests.notices.clients import CLIENTS, Client, missing
from tests.notices.seeing import Seen, faults, look

pytestmark = pytest.mark.servers

NOW = datetime(2026, 11, 21, 16, 45, tzinfo=UTC)
MODES = tuple(product((False, True), (100, 200)))  # dark, and the zoom in per cent
LANE = "p.lane@freemail.example"
THREE = ("r.osei@campus.example", "m.ivanova@campus.example", LANE)
HYPHENED = "m.de-la-cruz@free-mail.example"
LONGEST = f"{'l' * 64}@{'d' * 63}.{'d' * 60}.example"  # no window of 640 pixels has a line for it
WHY = ("We saw an ID number and health details.", "Where: part 1, line 6.", "Why:", "Rule:")
NEXT_TIME = ("You do not need to do anything.", "Next time,")
WAITING = ("You can:", "If nobody decides by Thursday 3 December, 17:00 EST, it is never sent.")
OVER = ("You can:", "It is over: we keep no copy, and nothing more goes out.")
WHOM = "Write to privacy@campus.example about H7K2-9QMD."


@dataclass(frozen=True)
class Letter:
    """What became of each copy, and the answers: who got it, what was found, where, why, what now, until when, whom to ask."""

    outcomes: dict[str, str]
    action: str
    answers: tuple[str, ...]


LETTERS = {
    "tip": Letter(dict.fromkeys(THREE, "delivered"), "warn", ("delivered to all 3 people", *WHY, *NEXT_TIME, WHOM)),
    "change": Letter(dict.fromkeys(THREE, "changed"), "rewrite", ("delivered to all 3 people", *WHY, *NEXT_TIME, WHOM)),
    "hold": Letter(
        dict.fromkeys(THREE, "delivered") | {LANE: "held"},
        "hold",
        ("reached 2 of 3 people", f"For {LANE} it is on hold", *WHY, *WAITING, WHOM),
    ),
    "hold-long": Letter({LONGEST: "held"}, "hold", (LONGEST, *WHY, *WAITING, WHOM)),
    "denied": Letter({HYPHENED: "denied"}, "hold", (f"not delivered to {HYPHENED}", *WHY, *OVER, WHOM)),
    "returned": Letter({LANE: "returned"}, "hold", (f"not delivered to {LANE}", *WHY, *OVER, WHOM)),
    "refused": Letter({LANE: "refused"}, "", (f"not delivered to {LANE}", "server did not take it", "You can:", WHOM)),
}
SUMMARY = (
    "one summary in place of 14 notices",
    f"not with {LANE}",
    "Why, for 7 of 14:",
    *WHY[:2],
    "Look at your list before you send more.",
    "If nobody decides by Saturday 28 November, 10:00 EST, the first one on hold is cancelled.",
    "Write to privacy@campus.example with a reference from above.",
)
DIGEST = ("3 messages are on hold", "Look: dlp held show AAAA-0002")
KINDS = (*LETTERS, "summary", "digest")
PICTURES = (  # kind, client, dark, zoom
    ("hold", "chromium", False, 100),
    ("hold", "chromium", True, 200),
    ("hold", "thunderbird", True, 200),
    ("summary", "thunderbird", False, 100),
)


@pytest.fixture(scope="module", params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    if reason := missing(request.param):
        pytest.skip(reason)
    with open_folder(request.param) as folder, CLIENTS[request.param](folder) as started:
        yield started


@pytest.fixture
def written(facts, cause, notice, site, reader) -> Callable[[str], tuple[bytes, list[str], tuple[str, ...]]]:
    """A letter of this kind, the words of its plain text, and the answers it must give."""

    def found(action: str) -> Cause:
        code, line = ("FAQ:outside-consent", "R26") if action == "hold" else ("FAQ:email-minimise", "R76")
        made: Cause = cause(code, action, requirement=line, kinds=("id", "health"))
        return made

    def one(number: int) -> Told:
        received = datetime(2026, 11, 21, 15, number, tzinfo=UTC)
        state, action = (("held", "hold"), ("delivered", "warn"))[number % 2]
        told = facts({LANE: state}, found(action), reference=f"AAAA-{number:04}", received_at=received)
        return Told(told, received + timedelta(days=7) if state == "held" else None)

    def write(kind: str) -> tuple[bytes, list[str], tuple[str, ...]]:
        if kind == "summary":
            read, answers = reader(summary([one(number) for number in range(14)], site, NOW)), SUMMARY
        elif kind == "digest":
            entries = [
                DigestEntry(f"AAAA-{each:04}", NOW, each + 1, ("FAQ:email-batch", "unscannable:encrypted"), "senior")
                for each in range(3)
            ]
            read, answers = reader(digest(entries, site, NOW)), DIGEST
        else:
            letter = LETTERS[kind]
            causes = [found(letter.action)] if letter.action else []
            told = facts(letter.outcomes, *causes, changed=("Subject",), ids_only=False)
            read, answers = notice(told, NOW), letter.answers
        return read.raw, [word for word in read.text.split() if word != "-"], answers

    return write


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keep the picture where one is wanted."""
    folder = request.config.getoption("--pictures", default=None)

    def kept(seen: Seen, kind: str, name: str, *, dark: bool, zoom: int) -> None:
        if folder and (kind, name, dark, zoom) in PICTURES:
            (Path(folder) / f"{kind}-{name}-{'dark' if dark else 'light'}-{zoom}.png").write_bytes(seen.picture)

    return kept


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_can_be_read(client: Client, written, keep, kind: str) -> None:
    letter, words, answers = written(kind)
    for dark, zoom in MODES:
        seen = look(client, letter, dark=dark, zoom=zoom)
        assert faults(seen, words, dark=dark) == [], f"dark: {dark}, zoom: {zoom}"
        assert [answer for answer in answers if answer not in " ".join(seen.text.split())] == []
        keep(seen, kind, type(client).__name__.lower(), dark=dark, zoom=zoom)


SPOILED = [
    ("fixed-width", "p { width: 700px }", 100, False, "it must be scrolled sideways"),
    ("fixed-width-zoomed", "p { width: 400px }", 200, False, "it must be scrolled sideways"),
    ("a-long-word-kept-whole", "* { overflow-wrap: normal !important } p { font-size: 60px }", 200, False, "scrolled sideways"),
    ("dark-on-dark", "body { color: #333 }", 100, True, "not to be read: Your"),
    ("one-sentence-dark-on-dark", "li { color: #555 }", 100, True, "not to be read: Send"),
    ("pale-on-light", "body { color: #999 }", 200, False, "not to be read: Your"),
    ("light-only", ":root { color-scheme: only light; background: white; color: black }", 100, True, "light in dark mode"),
    ("broken-words", "p { word-break: break-all }", 200, False, "broken: "),
    ("cut-off", "ul { height: 0; overflow: hidden }", 100, False, "not to be read: Send"),
    ("cut-off-when-zoomed", "html, body { height: 300px; overflow: hidden }", 200, False, "not to be read: Questions,"),
    ("hidden", "li { display: none }", 100, False, "other words"),
    ("transparent", "li { opacity: 0.2 }", 100, False, "not to be read: Send"),
    ("another-order", "p:first-child { position: relative; top: 200px }", 100, False, "not after"),
    ("over-each-other", "p { height: 0; margin: 0 }", 100, False, "not after"),
    ("moved-out", "ul { position: relative; left: -300px }", 100, False, "beside the page"),
]


@pytest.mark.parametrize(("style", "zoom", "dark", "fault"), [pytest.param(*case, id=name) for name, *case in SPOILED])
def test_a_letter_that_cannot_be_read_is_noticed(client: Client, written, reader, style, zoom, dark, fault) -> None:
    letter, words, _ = written("hold")
    page = reader(letter).html.replace("</head>", f"<style>{style}</style></head>")
    spoiled = f"Content-Type: text/html; charset=utf-8\r\n\r\n{page}".encode()
    seen = look(client, spoiled, dark=dark, zoom=zoom)
    assert fault in "; ".join(faults(seen, words, dark=dark))
