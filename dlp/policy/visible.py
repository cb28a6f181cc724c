"""Who would learn of whom else something is said, because To and Cc show it: students, unless they read as teachers (R58).

Takes the addresses of To and Cc, what the message tells of whom, and what is known beside it; gives how many. Pure; look-ups go
to the directory.
"""

from __future__ import annotations

from collections.abc import Iterable

from dlp.campus.folding import folded_address
from dlp.campus.records import Student
from dlp.policy.evidence import Evidence, Person, Surroundings
from dlp.policy.kinds import is_record
from dlp.policy.readers import Reader, person
from dlp.policy.relations import COVERED, Matter, need
from dlp.ruleset import Campus
from dlp.values import Role


def visible(addresses: Iterable[str], evidence: Evidence, around: Surroundings, campus: Campus) -> int:
    """The students at these addresses but those who teach or advise everybody of whom something is told."""
    directory = around.directory
    if directory is None:
        return 0
    readers = (person(each, campus, directory) for each in dict.fromkeys(map(folded_address, addresses)))
    return len({each.id for reader in readers if not _reads_in_role(reader, evidence, around) for each in reader.students})


def _reads_in_role(reader: Reader, evidence: Evidence, around: Surroundings) -> bool:
    """Whether all that is told is the work of somebody who may study as well, and none of it his or her own record."""
    told = [(evidence.people.get(item.person), kind) for item in evidence.disclosures for kind in item.kinds if is_record(kind)]
    matter = Matter(around.sender, evidence.subjects)

    def needs(who: Person | None, kind: str) -> bool:
        if not isinstance(who, Student) or who in reader.students:
            return False
        return need(reader, who, kind, matter, around.directory) == COVERED

    attributed = {index for item in evidence.disclosures for index in item.findings}
    loose = any(
        one.role is Role.STATES and one.enforced and is_record(one.kind) and index not in attributed
        for index, one in enumerate(evidence.findings)
    )
    return reader.recorded and bool(told) and not loose and all(needs(who, kind) for who, kind in told)
