"""How much ordinary mail would be stopped: `python -m tests.accuracy.ham FOLDER...`.

Takes mail somebody has (files, mbox files, folders); each is judged as if an employee had sent it to one reader outside, with a
generated directory of 12,000 students; in a second run everybody who wrote one of them is a student as well. Prints how many of
10,000 would be held and warned of, with intervals, by reason and by what was found: counts, and nothing of what is in the
mail. `--list FILE` names the files, for a look at one's own mail.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from multiprocessing import get_context
from pathlib import Path

from dlp.commands.judging import Asked, judged
from dlp.mail.addresses import addresses
from dlp.values import Action, Origin
from tests.accuracy.judging import NOW, Filter, opened, prepared
from tests.accuracy.measures import Goal, Rate
from tests.accuracy.names import Name
from tests.accuracy.report import Cell, Section
from tests.accuracy.report import judged as reached
from tests.accuracy.run import told
from tests.accuracy.world import POOLS, Person, World
from tests.evasion.measure import messages

READER = "somebody@elsewhere.example"
_ADDRESSED = re.compile(
    rb"(?im)^(?:from|sender|reply-to|to|cc|bcc|resent-[a-z]+|return-path|delivered-to|received|x-original-to):"
    rb"[^\n]*\n(?:[ \t][^\n]*\n)*"
)
_FIELD = re.compile(rb"(?:From [^\n]*\n)?[!-9;-~]+:")
_END_OF_HEADER = re.compile(rb"(?<=\n)\r?\n")
_NAME = re.compile(r"([^\W\d_][\w'.-]+)(?: [^\W\d_]\.?)? ([^\W\d_][\w'-]+)")
_GOALS = {Action.HOLD: {"strangers": 5, "posters": 15}, Action.WARN: {"strangers": 30}}
_WORDS = {Action.HOLD: "held", Action.WARN: "warned"}


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one mail. `reasons` are codes with their row, `kinds` what the findings were that they rest on."""

    file: str
    action: Action
    reasons: tuple[str, ...]
    kinds: tuple[str, ...]


def readdressed(raw: bytes, sender: Person) -> bytes:
    """The mail with another sender and reader in its header; whom it came from and went to is no part of the measure."""
    head, *rest = _END_OF_HEADER.split(raw, maxsplit=1)
    name = f"{sender.name.given} {sender.name.family}".encode("ascii", "ignore")
    own = b'From: "%s" <%s>\nTo: <%s>\n' % (name, sender.email.encode(), READER.encode())
    return own + _ADDRESSED.sub(b"", head) + b"\n" + b"".join(rest)


def posters(raw_mail: Iterable[bytes]) -> Iterator[Person]:
    """Everybody who wrote one of the mails and gives two names, as a student of a number of his own."""
    seen = set()
    for raw in raw_mail:
        try:
            written = str(email.message_from_bytes(raw, policy=email.policy.default)["From"] or "")
        except (MessageError, ValueError, LookupError):
            continue
        for shown, _ in addresses(written).pairs:
            if (name := _NAME.fullmatch(shown)) and name[1].lower() + name[2].lower() not in seen:
                seen.add(name[1].lower() + name[2].lower())
                number = f"9{99_999_999 - len(seen):08}"
                yield Person(
                    Name(name[1], name[2], she=False, culture="poster"),
                    f"poster{len(seen)}@campus.example",
                    id=number,
                    year="1",
                )


def found(config: Path, sender: Person, mail: Sequence[tuple[str, bytes]], processes: int = 2) -> Iterator[Found]:
    """What the filter makes of each."""
    with get_context("fork").Pool(processes, _open, (config, sender)) as pool:
        yield from pool.imap(_judge, mail, chunksize=20)


_own: list[tuple[Filter, Person]] = []  # of this process


def _open(config: Path, sender: Person) -> None:
    _own[:] = [(opened(config), sender)]


def _judge(mail: tuple[str, bytes]) -> Found:
    [(sifter, sender)] = _own
    asked = Asked(sender.email, (READER,), Origin.SUBMISSION, "", NOW)
    judgement = judged(mail[0], readdressed(mail[1], sender), asked, sifter.rules, sifter.read, sifter.known).judgement
    [ruling] = judgement.rulings
    findings = {at for reason in ruling.reasons for at in reason.findings}
    return Found(
        mail[0],
        ruling.action,
        tuple(dict.fromkeys(f"{reason.row}, {reason.code}" for reason in ruling.reasons)),
        tuple(sorted({f"{judgement.findings[at].kind}, {judgement.findings[at].pattern}" for at in findings})),
    )


def sections(run: str, results: Sequence[Found]) -> Iterator[Section]:
    """The counts of one run."""
    rows: list[tuple[Cell, ...]] = []
    for action, word in _WORDS.items():
        stopped = [each for each in results if each.action is action]
        unread = sum(all(_UNREAD in reason for reason in each.reasons) for each in stopped)
        most = _GOALS[action].get(run)
        goal = Goal(most / 10_000, at_most=True) if most else None
        for name, count, aim in (
            (word, len(stopped), goal),
            (f"{word} for what it says of people", len(stopped) - unread, None),
            (f"{word} because something in it cannot be read", unread, None),
        ):
            rate = Rate(count, len(results))
            told_goal = f"at most {most}" if aim else ""
            rows.append((name, _of_10_000(rate), f"{rate.k} of {rate.n}", told_goal, reached(rate, aim)[1]))
    yield Section(f"Of 10,000 mails, {_RUNS[run]}", ("what", "of 10,000, 95 % interval", "k/n", "goal", "reached"), tuple(rows))
    for action, word in _WORDS.items():
        chosen = [each for each in results if each.action is action]
        for what, several in (("reason", "reasons"), ("finding", "kinds")):
            counts = Counter(each for result in chosen for each in getattr(result, several))
            rows = [(name, _of_10_000(Rate(count, len(results))), str(count)) for name, count in counts.most_common()]
            yield Section(
                f"{word.capitalize()}, by {what}, {_RUNS[run]}", (what, "of 10,000", "mails"), tuple(rows), folded=not rows
            )


_UNREAD = "unscannable:"
_RUNS = {"strangers": "nobody who wrote them a student", "posters": "everybody who wrote them a student"}


def _of_10_000(rate: Rate) -> str:
    low, high = (side * 10_000 for side in rate.interval)
    return f"{rate.share * 10_000:.1f} ({low:.1f} to {high:.1f})"


def _read(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Every message; a file that begins with no header field is none."""
    for path in paths:
        if path.is_dir():
            yield from _read(sorted(path.iterdir()))
        else:
            yield from ((f"{path.name}:{nth}", raw) for nth, raw in enumerate(messages([path])) if _FIELD.match(raw))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.ham", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("mail", nargs="+", type=Path)
    parser.add_argument("--students", type=int, default=12_000)
    parser.add_argument("--folder", type=Path, default=Path("var/accuracy"), help="where the directories are kept")
    parser.add_argument("--report", type=Path, default=Path("var/accuracy/ham"), help="folder for the report")
    parser.add_argument("--list", type=Path, help="write the names of stopped files there, with the reasons")
    chosen = parser.parse_args()
    mail, world = list(_read(chosen.mail)), World(POOLS["dev"], chosen.students)
    sender, parts, lines = world.staff[0], [], []
    for run, more in (("strangers", ()), ("posters", tuple(posters(raw for _, raw in mail)))):
        here = chosen.folder / f"ham-{chosen.students}-{run}-{len(more)}"
        prepared(world, here, more)
        results = list(found(here / "site" / "config.toml", sender, mail))
        parts += sections(run, results)
        lines += [
            f"{run}\t{each.file}\t{each.action.word}\t{'; '.join(each.reasons)}\t{'; '.join(each.kinds)}"
            for each in results
            if each.action in _WORDS
        ]
        print(f"{run}: {len(results):,} mails, {len(more):,} of their writers are students", file=sys.stderr)
    if chosen.list:
        chosen.list.write_text("\n".join(lines) + "\n", encoding="utf-8")
    told(f"Ordinary mail: {len(mail):,} mails, {chosen.students:,} students", parts, chosen.report)


if __name__ == "__main__":
    main()
