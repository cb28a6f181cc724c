"""`dlp patterns`: list the patterns in force, test pattern files, try a text.

Takes the configuration's pattern folders, or files named on the command line; gives a table, one line for each pattern, or
JSON lines. Digits are shown as dots, whoever typed them. Exit status: 0 done, 1 a pattern file is not as it should
be, 2 usage or configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from dlp.commands import shared
from dlp.commands.listing import table
from dlp.commands.pattern_folders import overridden, remarks, said_of
from dlp.detectors.nearness import DISCOUNTED
from dlp.detectors.patterns import Trial
from dlp.errors import ConfigError, ConfigErrors
from dlp.mail.fold import fold
from dlp.pattern_files import parse
from dlp.rules import Example, contents, load_patterns, pattern_files, place, run_examples, try_text
from dlp.ruleset import Pattern
from dlp.shipped import shipped
from dlp.values import Role

_DIGIT = re.compile(r"\d")
_WHOSE = (
    "people are not asked here: in mail a number that is in no file of the import is nobody's, "
    "unless the text calls it a student's ID (docs/patterns.md)"
)
_LISTS = (("match", "match"), ("no_match", "no match"), ("todo_match", "to do"), ("todo_no_match", "to do (no match)"))


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of one file: its patterns' examples, or the mistakes that refuse it."""

    file: Path
    patterns: tuple[Pattern, ...] = ()
    examples: tuple[Example, ...] = ()
    mistakes: tuple[ConfigError, ...] = ()
    text: str = ""

    @property
    def failed(self) -> tuple[Example, ...]:
        return tuple(example for example in self.examples if example.counts and not example.as_expected)

    @property
    def good(self) -> bool:
        return not self.mistakes and not self.failed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pattern makes of a text at one place; `failed` is the first condition that was not met, "" = a hit."""

    pattern: Pattern
    trial: Trial | None
    failed: str
    why: str


@click.group(cls=shared.Group)
def patterns() -> None:
    """List, test and try patterns.

    Example: dlp patterns try "student ID 912 345 678"
    """


@patterns.command("list")
@shared.config_option
@shared.json_option
def list_patterns(*, config: Path | None, overrides: tuple[str, ...], as_json: bool) -> None:
    """The patterns in force: the shipped ones and the site's own.

    Example: dlp patterns list --json
    """
    settings = shared.settings_or_defaults(config, overrides)
    found = load_patterns(settings.pattern_folders)
    _warn(settings.pattern_folders)
    others = overridden(settings.pattern_folders)
    if as_json:
        for pattern in found:
            shared.emit_json(_document(pattern, others.get(_key(pattern))))
        return
    columns = ("pattern", "kind", "role", "mode", "sure", "near a word", "file")
    table(columns, [_row(pattern, others.get(_key(pattern))) for pattern in found])
    shared.next_step("dlp patterns try TEXT")


@patterns.command("test", statuses={0: "every example is as it must", 1: "a file or an example is not as it must"})
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[FOLDER|FILE]...")
@shared.config_option
@shared.json_option
def test_patterns(*, paths: tuple[Path, ...], config: Path | None, overrides: tuple[str, ...], as_json: bool) -> None:
    """Run every example of every pattern; without paths, of the patterns in force.

    Example: dlp patterns test my-patterns/
    """
    folders = paths or (shipped("patterns"), *shared.settings_or_defaults(config, overrides).pattern_folders)
    _warn(folders)
    tested = [_test(file) for folder in folders for file in pattern_files(folder)]
    if as_json:
        for result in tested:
            shared.emit_json(_test_document(result))
    else:
        others = overridden(folders)
        for result in tested:
            for line in _report(result, others):
                click.echo(line)
        click.echo("")
        columns = ("file", "patterns", "examples", "failed", "result")
        table(columns, [_summary(result) for result in tested])
    if not tested or not all(result.good for result in tested):
        click.get_current_context().exit(shared.NOT_AS_IT_SHOULD_BE)


@patterns.command("try")
@click.argument("text")
@shared.config_option
@shared.json_option
def try_patterns(*, text: str, config: Path | None, overrides: tuple[str, ...], as_json: bool) -> None:
    """Which patterns hit a text, where and how surely; and why the others of that kind do not.

    Example: dlp patterns try "student ID 912 345 678"
    """
    settings = shared.settings_or_defaults(config, overrides)
    loaded = load_patterns(settings.pattern_folders)
    _warn(settings.pattern_folders)
    outcomes = _outcomes(loaded, try_text(loaded, text), settings.policy_settings().act_at)
    if as_json:
        for outcome in outcomes:
            shared.emit_json(_outcome_document(outcome))
        return
    click.echo(_dotted(fold(text)))
    kinds = {outcome.pattern.kind for outcome in outcomes if not outcome.failed}
    shown = [outcome for outcome in outcomes if outcome.trial or outcome.pattern.kind in kinds]
    table(("result", "pattern", "kind", "place", "sure", "why"), [_outcome_row(outcome) for outcome in shown])
    if len(shown) < len(outcomes):
        click.echo(f"{len(outcomes) - len(shown)} other patterns do not hit: shape (nothing here looks like theirs)")
    if any(outcome.pattern.role is Role.IDENTIFIES and not outcome.failed for outcome in outcomes):
        click.echo(_WHOSE)


def _warn(folders: Iterable[Path]) -> None:
    for what, remedy in remarks(folders):
        shared.warn(f"{what} ({remedy})")


def _test(file: Path) -> Tested:
    try:
        text = contents(file)
        found = tuple(parse(text, str(file)))
        return Tested(file, found, tuple(run_examples(found)), text=text)
    except ConfigErrors as error:
        return Tested(file, mistakes=error.errors)
    except ConfigError as error:
        return Tested(file, mistakes=(error,))


def _key(pattern: Pattern) -> tuple[str, Path]:
    return pattern.id, Path(pattern.file)


def _report(result: Tested, others: Mapping[tuple[str, Path], Path]) -> Iterable[str]:
    yield from (f"FAIL  {mistake}" for mistake in result.mistakes)
    for pattern in result.patterns:
        examples = [example for example in result.examples if example.pattern is pattern]
        failed = [example for example in examples if example.counts and not example.as_expected]
        untold = "" if pattern.match else f"no examples in match ({pattern.file}:{pattern.line}): nothing shows that it matches"
        other = others.get(_key(pattern))
        overriding = f"overrides {said_of(other)}" if other else ""
        tally = ", ".join(filter(None, (_tally(examples), untold, overriding)))
        yield f"{'FAIL' if failed else 'warn' if untold else 'ok  '}  {pattern.id}  {tally}"
        for example in failed:
            yield from _failure(example, result.text)


def _tally(examples: Sequence[Example]) -> str:
    parts = []
    for list_name, label in _LISTS:
        run = [example.as_expected for example in examples if example.list_name == list_name]
        if run:
            parts.append(f"{label} {sum(run)}/{len(run)}")
    return ", ".join(parts)


def _failure(example: Example, text: str) -> Iterable[str]:
    """The example with a caret under the place that is wrong: the hit that must not be, or what came nearest to one."""
    shown, start, end = fold(example.text), 0, 1
    if example.trial is not None:
        start, end = example.trial.start, example.trial.end
    first = shown.rfind("\n", 0, start) + 1
    last = shown.find("\n", start)
    line = shown[first : last if last >= 0 else len(shown)]
    carets = "^" * max(1, min(end, first + len(line)) - start)
    yield f"      {example.pattern.file}:{place(example, text)}: {_expectation(example)}"
    yield f"        {_dotted(line)}"
    yield f"        {' ' * (start - first)}{carets}"


def _expectation(example: Example) -> str:
    if example.list_name == "no_match":
        return "matches and must not"
    return f"must match and does not: {_why_not(example.pattern, example.trial, example.pattern.confidence)[1]}"


def _summary(result: Tested) -> tuple[str, ...]:
    counted = [example for example in result.examples if example.counts]
    failed = len(result.failed) + len(result.mistakes)
    return (str(result.file), str(len(result.patterns)), str(len(counted)), str(failed), "ok" if result.good else "failed")


def _test_document(result: Tested) -> dict[str, object]:
    failed = [
        {"pattern": each.pattern.id, "line": place(each, result.text), "what": _expectation(each)} for each in result.failed
    ]
    return {
        "file": str(result.file),
        "good": result.good,
        "patterns": [pattern.id for pattern in result.patterns],
        "without_match": [pattern.id for pattern in result.patterns if not pattern.match],
        "examples": sum(example.counts for example in result.examples),
        "failed": failed,
        "mistakes": list(map(str, result.mistakes)),
    }


def _outcomes(loaded: Iterable[Pattern], trials: Iterable[Trial], act_at: float) -> list[Outcome]:
    """Hits first, then places whose shape fits, then patterns whose shape fits nowhere."""
    by_pattern: dict[str, list[Trial]] = {}
    for trial in trials:
        by_pattern.setdefault(trial.pattern.id, []).append(trial)
    found = [
        Outcome(pattern, trial, *_why_not(pattern, trial, act_at))
        for pattern in loaded
        for trial in by_pattern.get(pattern.id, [None])
    ]
    return sorted(found, key=lambda outcome: (bool(outcome.failed), outcome.trial is None))


def _why_not(pattern: Pattern, trial: Trial | None, needed: float) -> tuple[str, str]:
    """The first condition that failed and why; empty for a hit."""
    if trial is None:
        return "shape", "nothing here looks like it"
    if trial.rejected_by:
        return "validator", f"the check {trial.rejected_by} refuses it"
    if trial.confidence <= DISCOUNTED < pattern.confidence:
        return "word distance", f"a word that speaks against it stands within {pattern.near_distance} characters and is nearest"
    if trial.confidence < needed:
        return "word distance", f"none of its words within {pattern.near_distance} characters"
    if not pattern.enforced:
        return "mode", "it observes only"
    return "", ""


def _outcome_row(outcome: Outcome) -> tuple[str, ...]:
    where = f"{outcome.trial.start + 1}-{outcome.trial.end}" if outcome.trial else "-"
    sure = f"{outcome.trial.confidence:.2f}" if outcome.trial and not outcome.trial.rejected_by else "-"
    why = f"{outcome.failed}: {outcome.why}" if outcome.failed else ""
    return ("miss" if outcome.failed else "hit", outcome.pattern.id, outcome.pattern.kind, where, sure, why)


def _outcome_document(outcome: Outcome) -> dict[str, object]:
    trial = outcome.trial
    return {
        "pattern": outcome.pattern.id,
        "kind": outcome.pattern.kind,
        "hit": not outcome.failed,
        "start": trial.start if trial else None,
        "end": trial.end if trial else None,
        "confidence": trial.confidence if trial else None,
        "failed": outcome.failed or None,
        "why": outcome.why or None,
    }


def _row(pattern: Pattern, other: Path | None) -> tuple[str, ...]:
    mode = "enforce" if pattern.enforced else "observe"
    near = f"{pattern.confidence_near:.2f}" if pattern.near else "-"
    file = Path(pattern.file).name + (f", overrides {said_of(other)}" if other else "")
    return (pattern.id, pattern.kind, pattern.role.value, mode, f"{pattern.confidence:.2f}", near, file)


def _document(pattern: Pattern, other: Path | None) -> dict[str, object]:
    return {
        "id": pattern.id,
        "title": pattern.title,
        "kind": pattern.kind,
        "role": pattern.role.value,
        "mode": "enforce" if pattern.enforced else "observe",
        "confidence": pattern.confidence,
        "confidence_near": pattern.confidence_near if pattern.near else None,
        "applies_to": sorted(pattern.channels),
        "references": list(pattern.references),
        "known_wrong": list(pattern.known_wrong),
        "examples": len(pattern.match) + len(pattern.no_match),
        "file": pattern.file,
        "line": pattern.line,
        "overrides": str(other) if other else None,
    }


def _dotted(text: str) -> str:
    return _DIGIT.sub("•", text)
