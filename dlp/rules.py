"""Everything a verdict depends on, loaded and checked: patterns, the decision table, the campus, the policy settings.

Takes folders and files, gives one frozen Rules or raises ConfigErrors with all that is wrong, so that a reload can
keep the old rules. Each pattern's examples run here through the code that mail runs through. The revision is a
hash of all that can change a verdict: two nodes with one revision judge alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import re2

from dlp import __version__, fitted, verifier
from dlp.detectors.patterns import PatternSet, Trial
from dlp.errors import ConfigError, ConfigErrors, Unavailable
from dlp.mail.fold import fold
from dlp.pattern_files import parse
from dlp.policy.table import load_table
from dlp.ruleset import Campus, Pattern, PolicySettings, Row, Rules, Verifying, Weighing
from dlp.shipped import shipped
from dlp.toml_lines import item_line, table_lines
from dlp.values import Channel, Texts, View

_SHIPPED_TABLE = Path(__file__).parent / "policy" / "decision-table.toml"
_REVISION_LENGTH = 12  # hex digits shown
_NO_VERDICT = frozenset({"file", "line", "references", "match", "no_match", "todo_match", "todo_no_match", "known_wrong"})

_EXPECTED = {"match": True, "no_match": False, "todo_match": True, "todo_no_match": False}  # example list -> must it hit
_WHAT = {True: "this example does not match", False: "this example matches and must not"}


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a pattern, run. `trial` is the strongest place its shape fitted, None where it fitted nowhere."""

    pattern: Pattern
    list_name: str  # match, no_match, todo_match, todo_no_match
    item: int
    text: str
    trial: Trial | None

    @property
    def as_expected(self) -> bool:
        return hits(self.trial) == _EXPECTED[self.list_name]

    @property
    def counts(self) -> bool:
        """Whether a failure refuses the file."""
        return not self.list_name.startswith("todo_")


def load_rules(
    *,
    campus: Campus,
    policy: PolicySettings,
    digest: Callable[[str], str],
    folders: Sequence[Path] = (),
    table: Path | None = None,
    left_out: Callable[[ConfigErrors], None] | None = None,
) -> Rules:
    """Load the shipped patterns, then those of `folders` (same id overrides), and the table (None = the shipped one).

    Raises ConfigErrors with everything that is wrong in them; but with `left_out` a pattern file that is wrong is none, and
    that is told what is wrong in it.
    """
    errors: list[ConfigError] = []
    patterns: tuple[Pattern, ...] = ()
    rows: tuple[Row, ...] = ()
    read = sources(folders, table)  # before: what changes meanwhile will look changed
    try:
        patterns = load_patterns(folders, left_out)
    except ConfigErrors as error:
        errors += error.errors
    try:
        rows = load_rows(table)
    except ConfigError as error:
        errors.append(error)
    if errors:
        raise ConfigErrors(errors)
    matcher = PatternSet(patterns, digest)
    weighing, why = _weighing(policy)
    verifying, why_not = _verifying(policy)
    revision = _revision(patterns, rows, campus, policy, (weighing, verifying))
    return Rules(
        revision,
        patterns,
        matcher,
        rows,
        campus,
        policy,
        sources=read,
        weights=weighing,
        unweighed=why,
        verifier=verifying,
        unverified=why_not,
    )


def _weighing(policy: PolicySettings) -> tuple[Weighing | None, str]:
    """The weights of sentences, or why there are none where the site wants them."""
    if not policy.sentences:
        return None, ""
    try:
        return fitted.weights(), ""
    except fitted.UnfitError as error:
        return None, str(error)


def _verifying(policy: PolicySettings) -> tuple[Verifying | None, str]:
    """The second look at sentences, or why there is none where the site wants it."""
    if not policy.verified:
        return None, ""
    try:
        return verifier.verifier(), ""
    except fitted.UnfitError as error:
        return None, str(error)


def sources(folders: Sequence[Path] = (), table: Path | None = None) -> str:
    """A hash of all that `load_rules` reads: where it is the same, loading gives the same. "" when something cannot be read."""
    hashed = hashlib.sha256()
    try:
        files = [file for folder in (shipped("patterns"), *folders) for file in pattern_files(folder)]
        for file in (*files, *fitted.files(), *verifier.files(), *filter(None, (_SHIPPED_TABLE, table))):
            with file.open("rb") as opened:
                hashed.update(repr((str(file), hashlib.file_digest(opened, "sha256").hexdigest())).encode())
    except (ConfigError, OSError):
        return ""
    return hashed.hexdigest()


def load_rows(table: Path | None) -> tuple[Row, ...]:
    """The decision table of this file, None = the shipped one. Raises ConfigError."""
    shipped_rows = contents(_SHIPPED_TABLE)
    return load_table(contents(table), str(table), shipped_rows) if table else load_table(shipped_rows, _SHIPPED_TABLE.name)


def load_patterns(folders: Sequence[Path] = (), left_out: Callable[[ConfigErrors], None] | None = None) -> tuple[Pattern, ...]:
    """The shipped patterns and those of `folders`, checked, examples run.

    Raises ConfigErrors, or tells `left_out` of a file's and goes on without it.
    """
    errors: list[ConfigError] = []
    patterns: dict[str, Pattern] = {}
    for folder in (shipped("patterns"), *folders):
        try:
            files = pattern_files(folder)
        except ConfigError as error:
            errors.append(error)
            continue
        for file in files:
            try:
                patterns.update((pattern.id, pattern) for pattern in load_file(file))
            except ConfigErrors as error:
                if left_out:
                    left_out(error)
                else:
                    errors += error.errors
    if errors:
        raise ConfigErrors(errors)
    return tuple(patterns.values())


def load_file(file: Path) -> tuple[Pattern, ...]:
    """The patterns of one file. Raises ConfigErrors, failed examples included."""
    try:
        text = contents(file)
    except ConfigError as error:
        raise ConfigErrors([error]) from None
    patterns = parse(text, str(file))
    failed = [_failure(example, text) for example in run_examples(patterns) if example.counts and not example.as_expected]
    if failed:
        raise ConfigErrors(failed)
    return patterns


def pattern_files(folder: Path) -> tuple[Path, ...]:
    """The `*.toml` files of a folder by name, or the file itself. Raises ConfigError when there is no such thing."""
    if folder.is_file():
        return (folder,)
    if not folder.is_dir():
        raise ConfigError("there is no such pattern folder", file=str(folder), key="policy.patterns", remedy="correct the path")
    try:
        return tuple(sorted(path for path in folder.iterdir() if path.suffix == ".toml"))
    except OSError as error:
        remedy = "let the user that runs dlp read it"
        what = f"cannot read the pattern folder: {error.strerror}"
        raise ConfigError(what, file=str(folder), key="policy.patterns", remedy=remedy) from None


def run_examples(patterns: Iterable[Pattern]) -> Iterator[Example]:
    """Every example of every pattern, run alone through a PatternSet, as a part of mail would be."""
    for pattern in patterns:
        listed = [(name, item, text) for name in _EXPECTED for item, text in enumerate(getattr(pattern, name))]
        try:
            strongest = _strongest(pattern, [text for _, _, text in listed])
        except (Unavailable, re2.error):
            remedy = "make it simpler, or bound its repetitions"
            raise ConfigErrors(
                [ConfigError("too slow or too large to run", pattern.file, pattern.line, "regex", remedy)]
            ) from None
        for index, (name, item, text) in enumerate(listed):
            yield Example(pattern, name, item, text, strongest.get(index))


def try_text(patterns: Iterable[Pattern], text: str) -> tuple[Trial, ...]:
    """What each pattern's shape fits in a text, tried in every channel the pattern applies to, each place once."""
    views = tuple(View(channel, "", "text", fold(text)) for channel in Channel)
    found: dict[tuple[str, int], Trial] = {}
    for trial in PatternSet(patterns, str).trials(_texts(views)):
        found.setdefault((trial.pattern.id, trial.start), trial)
    return tuple(found.values())


def hits(trial: Trial | None) -> bool:
    """Whether a trial is a hit: no validator refused it, and nothing nearby spoke against it."""
    return trial is not None and not trial.rejected_by and trial.confidence >= trial.pattern.confidence


def _strongest(pattern: Pattern, texts: Sequence[str]) -> dict[int, Trial]:
    channel = min(pattern.channels)
    views = tuple(View(channel, "", "example", fold(text)) for text in texts)
    strongest: dict[int, Trial] = {}
    for trial in PatternSet((pattern,), str).trials(_texts(views)):
        best = strongest.get(trial.view)
        if best is None or (not trial.rejected_by, trial.confidence) > (not best.rejected_by, best.confidence):
            strongest[trial.view] = trial
    return strongest


def _texts(views: tuple[View, ...]) -> Texts:
    return Texts(fields=(), parts=(), views=views)


def place(example: Example, text: str) -> int:
    """The line of an example in the text of its file."""
    index = table_lines(text, "pattern").index(example.pattern.line)
    return item_line(text, "pattern", example.list_name, example.item, index)


def _failure(example: Example, text: str) -> ConfigError:
    pattern, line = example.pattern, place(example, text)
    what = _WHAT[_EXPECTED[example.list_name]]
    remedy = f"dlp patterns test {pattern.file} shows why"
    return ConfigError(f'pattern "{pattern.id}": {what}', pattern.file, line, example.list_name, remedy)


def contents(file: Path) -> str:
    """The text of a file. Raises ConfigError when it cannot be read or is not UTF-8."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read it: {error.strerror}", file=str(file), remedy="check the path and its mode") from None
    except UnicodeDecodeError:
        raise ConfigError("not UTF-8", file=str(file), remedy="save it as UTF-8") from None


def _revision(
    patterns: Iterable[Pattern],
    rows: Iterable[Row],
    campus: Campus,
    policy: PolicySettings,
    looks: Iterable[Weighing | Verifying | None],
) -> str:
    """Hash of what can change a verdict; places and examples do not."""
    judged = [{key: value for key, value in asdict(pattern).items() if key not in _NO_VERDICT} for pattern in patterns]
    weighed = [look and look.digest for look in looks]
    whole = [__version__, judged, [asdict(row) for row in rows], asdict(campus), asdict(policy), weighed]
    canonical = json.dumps(
        whole, sort_keys=True, default=lambda value: sorted(value) if isinstance(value, frozenset) else str(value)
    )
    return hashlib.sha256(canonical.encode()).hexdigest()[:_REVISION_LENGTH]
