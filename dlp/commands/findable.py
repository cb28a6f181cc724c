"""Whether mail can show who a student is: by IDs that a pattern finds, and by addresses that are the campus'.

Takes settings and a snapshot; gives counts and, for people, sentences with the remedy. IDs are tried as the patterns on disk
find them in mail now, at most a few thousand, spread evenly over all. Pattern files that do not load are no failure here:
`dlp doctor` says what is wrong with them, and this that nothing was tried. No ID is shown but by its shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dlp.campus.cells import masked
from dlp.campus.folding import folded_id
from dlp.commands.listing import counted
from dlp.config import Settings
from dlp.errors import ConfigError
from dlp.mail.fold import fold
from dlp.snapshot.reading import Snapshot
from dlp.snapshot.sampling import shared_addresses, some_students
from dlp.values import Channel, Role, Texts, View

TRIED = 2_000  # students, of as many as there are
ELSEWHERE = "write every mail domain of the campus into [site] domains, as the addresses have it"
_BEFORE = "student ID "  # where somebody writes one


@dataclass(frozen=True, slots=True)
class Findable:
    """Of `tried` students; None where the pattern files do not load. `shared` are addresses, of all students."""

    students: int
    tried: int
    no_id_pattern: int | None
    shape: str  # of the first ID that no pattern finds
    no_site_domain: int
    shared: int

    def _of(self, what: str) -> str:
        spread = f" looked at, spread evenly over {self.students}," if self.tried < self.students else ""
        return f"of {counted(self.tried, what)}{spread}"

    def ids(self) -> str:
        """What is wrong with the IDs, "" = nothing."""
        if self.no_id_pattern is None:
            return "the pattern files do not load, so no ID was tried"
        if not self.no_id_pattern:
            return ""
        some = counted(self.no_id_pattern, "fits", "fit")
        what = f"{self._of('student ID')} {some} no id pattern in force (the first has the shape {self.shape})"
        return f"{what}: mail that gives such an ID and no name passes unseen"

    def addresses(self) -> str:
        """What is wrong with the addresses, "" = nothing."""
        if not self.no_site_domain:
            return ""
        some = counted(self.no_site_domain, "has an address", "have addresses")
        what = f"{self._of('student')} {some} in no domain of [site] domains"
        return f"{what}: mail to it counts as mail to outside"


def findable(settings: Settings, snapshot: Snapshot) -> Findable | None:
    """None where there are no students."""
    students = list(some_students(snapshot, TRIED))
    if not students:
        return None
    campus = settings.campus()
    elsewhere = [each for each in students if each.email and not campus.is_inside(each.email)]
    try:
        unseen = _unseen(settings, [each.id for each in students])
    except (ConfigError, ImportError):
        unseen = None
    return Findable(
        snapshot.counts["students"],
        len(students),
        None if unseen is None else len(unseen),
        masked(unseen[0]) if unseen else "",
        len(elsewhere),
        shared_addresses(snapshot),
    )


def remedy_for_ids(found: Findable, settings: Settings) -> str:
    """Where to write what is missing."""
    if found.no_id_pattern is None:
        return "dlp patterns test"
    folders = settings.pattern_folders
    where = f"a .toml file in {folders[-1]}" if folders else "a .toml file of a folder that [policy] patterns names"
    return f'write a pattern of kind "id" in {where}: docs/patterns.md, "Student IDs of your own"'


def remarks(found: Findable, settings: Settings) -> Iterator[str]:
    """For a person, with what to do."""
    if told := found.ids():
        yield f"{told} ({remedy_for_ids(found, settings)})"
    if told := found.addresses():
        yield f"{told} ({ELSEWHERE})"
    if found.shared:
        some = counted(found.shared, "address is that", "addresses are those")
        yield f"{some} of more than one student each: mail to such an address is to all of them"


def _unseen(settings: Settings, ids: list[str]) -> list[str]:
    """The IDs that no enforced pattern finds as a whole. Raises ConfigError."""
    from dlp.detectors.patterns import PatternSet  # noqa: PLC0415  without the pattern engine the rest must still be said
    from dlp.pattern_files import parse  # noqa: PLC0415
    from dlp.rules import contents, pattern_files  # noqa: PLC0415
    from dlp.shipped import shipped  # noqa: PLC0415

    files = [file for folder in (shipped("patterns"), *settings.pattern_folders) for file in pattern_files(folder)]
    patterns = {pattern.id: pattern for file in files for pattern in parse(contents(file), str(file))}
    looking = [one for one in patterns.values() if one.kind == "id" and one.role is Role.IDENTIFIES and one.enforced]
    views = tuple(View(Channel.TEXT, "", "", fold(_BEFORE + each)) for each in ids)
    seen = {
        trial.view
        for trial in PatternSet(looking, str).trials(Texts(fields=(), parts=(), views=views))
        if not trial.rejected_by and folded_id(views[trial.view].text[trial.start : trial.end]) == folded_id(ids[trial.view])
    }
    return [each for number, each in enumerate(ids) if number not in seen]
