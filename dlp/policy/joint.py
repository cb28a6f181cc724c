"""Of whom one result is told that they have together: it is each reader's own, whoever else of them is named with it (S1, S7).

Takes the evidence of a message and its texts; gives the persons, none where anything else is told of one of them. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dlp.campus.places import sentence_around
from dlp.campus.records import Student
from dlp.policy.evidence import Evidence
from dlp.policy.kinds import is_record
from dlp.policy.relate import counts
from dlp.values import Disclosure, Finding, Role, Texts

_KINDS = frozenset({"grades", "coursework"})  # no illness or offence is had together
_WORK = (
    r"(?:project|paper|report|presentation|lab|work|assignment|homework|problem set|pset|essay|poster|thesis|design|prototype"
    r"|grade|mark|score|result)s?\b(?! (?:exam|final|midterm|quiz|test)\b)"
)
_GOT = "(?:got|earned|received|scored|wrote|built|made|submitted|presented|handed in)"
_JOINT = re.compile(
    rf"\b(?:joint|(?:an?|the|their|your|our) shared|(?:group|team|pair|partner)(?:'s|s')?) (?:\w+ ){{0,2}}{_WORK}"
    rf"|\bjointly {_GOT}\b|\bas an? (?:pair|team|group)\b(?!,? (?:we|i)\b)"
    rf"|\btogether,? (?:\w+ ){{0,2}}{_GOT}\b|\b{_GOT}\b(?<!\bgot)[^.!?;:,\n]{{0,40}}\btogether\b"
    rf"|\bgot\b(?! together\b)[^.!?;:,\n]{{0,40}}\btogether\b",
    re.IGNORECASE,
)
_NO_MARK = "".join(
    f"(?<!(?i:{word}) )" for word in ("group", "part", "parts", "question", "report", "section", "week")
)  # part 2
_A_MARK = rf"{_NO_MARK}(?:\b\d+(?:\.\d+)?(?:/\d+)?%?|\b[A-DF][+-]?)(?![\w'])"
_IN_WORDS = (
    r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{2,5}teen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|(?:full|half|no)\s+marks|badly|failed|passed|poorly|well|did(?: not|n['\u2019]t))\b"
)
_MARK, _MARKS = re.compile(f"{_A_MARK}|{_IN_WORDS}"), re.compile(rf"{_A_MARK}(?:, | and |, and )(?:an? )?{_A_MARK}")
# each has his or her own, and nobody sits an exam with another
_EACH = re.compile(r"\beach\b|\b(?:exam(?:ination)?s?|finals?(?! (?!exam)\w)|midterms?|quiz(?:zes)?)\b", re.IGNORECASE)
_REACH = 300  # characters around what is told in which its sentence is looked for


def joint(evidence: Evidence, texts: Texts, act_at: float) -> frozenset[str]:
    """Two or more persons of whom the same result is told and nothing else, no ID either, in sentences that say it is theirs
    together.
    """
    told = [item for item in evidence.disclosures if any(map(is_record, item.kinds))]
    stated = [[one for each in item.findings if _is_told(one := evidence.findings[each], act_at)] for item in told]
    spans = {frozenset((one.view, one.start, one.end) for one in found) for found in stated}
    alone = any(is_record(kind) and kind not in _KINDS for item in told for kind in item.kinds)
    if alone or len(told) < 2 or len(spans) > 1 or not all(stated):
        return frozenset()
    told_in = [_sentence(one, texts) for one in stated[0]]
    whole = all(_JOINT.search(each) and not _EACH.search(each) for each in told_in)
    apart = any(map(_MARKS.search, told_in)) or any(_has_own_marks(one, told, evidence, texts) for one in stated[0])
    return frozenset(item.person for item in told) if whole and not apart else frozenset()


def _has_own_marks(stated: Finding, told: Sequence[Disclosure], evidence: Evidence, texts: Texts) -> bool:
    """Whether a mark stands behind the name of more than one: Hana Kim got 18 and Ivo Marek 11."""
    text = texts.views[stated.view].text
    signs = sorted(
        (one.start, one.end)
        for item in told
        for one in map(evidence.findings.__getitem__, item.findings)
        if one.role is Role.IDENTIFIES and one.view == stated.view and stated.start <= one.start < stated.end
    )
    until = [*(start for start, _ in signs[1:]), stated.end]
    marked = [_MARK.search(text, end, before) for (_, end), before in zip(signs, until, strict=False)]
    return len(list(filter(None, marked))) > 1


def owners(person: str, evidence: Evidence) -> tuple[Student, ...]:
    """Whose record it is that is told of a person: of everybody who has the result with him or her."""
    everybody = dict.fromkeys((person, *(sorted(evidence.joint) if person in evidence.joint else ())))
    return tuple(each for who in everybody if isinstance(each := evidence.people.get(who), Student))


def _is_told(finding: Finding, act_at: float) -> bool:
    return finding.role is Role.STATES and is_record(finding.kind) and counts(finding, act_at)


def _sentence(finding: Finding, texts: Texts) -> str:
    """The sentence of a finding, as far as it is near."""
    text = texts.views[finding.view].text
    start, end = sentence_around(text, finding.start, finding.end, _REACH)
    return " ".join(text[start:end].split())
