"""Which students see in To and Cc of whom else something is said that each of them has of his own (R58, S7).

Takes the addresses of To and Cc, what the message tells of whom, and what is known beside it; gives how many. What is told of
one of them alone, or of others, is judged reader by reader. Pure; look-ups go to the directory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dlp.campus.folding import folded_address
from dlp.campus.records import Student
from dlp.policy.evidence import Evidence, Surroundings
from dlp.policy.kinds import is_record
from dlp.policy.readers import person
from dlp.policy.relate import counts
from dlp.ruleset import Campus
from dlp.values import Disclosure, Role


def visible(addresses: Iterable[str], evidence: Evidence, around: Surroundings, campus: Campus, act_at: float) -> int:
    """The students at these addresses of whom something is told; all of them where it is told of whoever reads it."""
    if around.directory is None:
        return 0
    readers = (person(each, campus, around.directory) for each in dict.fromkeys(map(folded_address, addresses)))
    seen = {each.id for reader in readers for each in reader.students}
    told = (evidence.people.get(item.person) for item in evidence.disclosures if any(map(is_record, item.kinds)))
    whose = {who.id for who in told if isinstance(who, Student)}
    if evidence.joint:
        return 0
    return len(seen & whose if whose and not _says_more(evidence, act_at) else seen)


def _says_more(evidence: Evidence, act_at: float) -> bool:
    """Whether something is stated that is said of nobody in particular, or before anybody is named: you all failed."""
    attributed = {index for item in evidence.disclosures for index in _behind_a_name(item, evidence)}
    return any(
        one.role is Role.STATES and counts(one, act_at) and is_record(one.kind) and index not in attributed
        for index, one in enumerate(evidence.findings)
    )


def _behind_a_name(item: Disclosure, evidence: Evidence) -> Iterator[int]:
    """What is told of somebody behind the first sign of who that is, or where another part has one."""
    first: dict[int, int] = {}  # by view, where a sign stands
    for sign in (evidence.findings[at] for at in item.findings):
        if sign.role is Role.IDENTIFIES:
            first[sign.view] = min(sign.start, first.get(sign.view, sign.start))
    for index in item.findings:
        told = evidence.findings[index]
        if not first or first.keys() - {told.view} or first[told.view] < told.end:
            yield index
