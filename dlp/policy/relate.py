"""Findings to disclosures: which people a message identifies and which kinds it says of each.

Takes findings and the confidence from which one counts; gives one Disclosure per person, in order of first sight.
Without a directory a person is the keyed digest of an ID number. Nothing here fails.
"""

from __future__ import annotations

from dlp.values import Disclosure, Finding, Role


def relate(findings: tuple[Finding, ...], act_at: float) -> tuple[Disclosure, ...]:
    """One Disclosure for each person. What is stated goes to the only person there is, else to those on its line."""
    people: dict[str, list[int]] = {}
    stated: dict[str, list[int]] = {}  # by place
    for index, finding in enumerate(findings):
        if not counts(finding, act_at):
            continue
        if finding.role is Role.IDENTIFIES:
            people.setdefault(finding.digest, []).append(index)
        elif finding.role is Role.STATES:
            stated.setdefault(finding.where, []).append(index)
    alone = len(people) == 1
    disclosures = []
    for person, seen in people.items():
        places = stated if alone else dict.fromkeys(findings[index].where for index in seen)
        shown = sorted([*seen, *(index for place in places for index in stated.get(place, ()))])
        disclosures.append(Disclosure(person, frozenset(findings[index].kind for index in shown), tuple(shown)))
    return tuple(disclosures)


def counts(finding: Finding, act_at: float) -> bool:
    """Whether a finding may change a verdict: its pattern is enforced and it is sure enough."""
    return finding.enforced and finding.confidence >= act_at
