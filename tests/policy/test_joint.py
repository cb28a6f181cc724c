"""One result of several: it is each one's own; anything said of one of them alone makes it no longer theirs together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dlp.campus.records import Student
from dlp.policy.evidence import Evidence
from dlp.policy.joint import joint, owners
from dlp.values import Channel, Disclosure, Finding, Role, Texts, View

HANA, IVO = Student("912345678", "Hana", "Kim"), Student("912345685", "Ivo", "Marek")
CASES = {
    "joint": ("your joint project got 17/20", True),
    "a group's": ("the group paper got an A", True),
    "together": ("together you got 17/20", True),
    "each has one": ("you got 17/20 and 12/20", False),
    "as a pair": ("you got 17/20 as a pair", True),
    "seen together": ("you failed; we should get together", False),
    "told together": ("Kim and Okoro failed, please come to my office together", False),
    "shared with somebody": ("you got 17/20, which I shared with the dean", False),
    "written together": ("the essay you wrote together got a B", True),
    "in the sentence behind": ("You got 17/20. The joint project is due", False),
    "shared with somebody, the result": ("you failed, and I have shared the grade with the dean", False),
    "a shared result": ("your shared grade is 17/20", True),
    "what the writers decided together": ("as a team we have decided that you failed", False),
    "who got together": ("we got together and decided that you failed", False),
    "each has one of the group's work": ("each of you failed the group project", False),
    "several marks": ("the group project got 90, 80 and 20", False),
    "an exam": ("you both failed the shared lab exam", False),
    "a group of people": ("everybody in the group got 17/20", False),
}


@pytest.mark.parametrize(("text", "theirs"), CASES.values(), ids=CASES)
def test_what_is_called_joint_is(finding: Callable[..., Finding], text: str, theirs: bool) -> None:  # noqa: FBT001
    evidence = of(finding, {HANA: (0,), IVO: (0,)})
    assert joint(evidence, texts(text), 0.7) == ({HANA.id, IVO.id} if theirs else set())


@pytest.mark.parametrize(
    ("text", "theirs"),
    [
        ("Hana Kim and Ivo Marek got 18 for the group project", True),
        ("Hana Kim got 18 and Ivo Marek 11 for the group project", False),
        ("the joint report: Hana Kim A, Ivo Marek C+", False),
    ],
)
def test_a_mark_behind_each_name_is_each_one_s(finding: Callable[..., Finding], text: str, theirs: bool) -> None:  # noqa: FBT001
    told = replace(finding(Role.STATES, kind="grades"), start=0, end=len(text))
    signs = [
        replace(finding(kind="directory"), digest=who.id, start=text.index(name), end=text.index(name) + len(name))
        for who, name in ((HANA, "Hana Kim"), (IVO, "Ivo Marek"))
    ]
    disclosures = tuple(Disclosure(who.id, frozenset({"grades"}), (0, at)) for at, who in enumerate((HANA, IVO), start=1))
    evidence = Evidence((told, *signs), disclosures, (), people={HANA.id: HANA, IVO.id: IVO})
    assert bool(joint(evidence, texts(text), 0.7)) is theirs


def test_what_is_told_elsewhere_of_one_makes_it_no_joint_one(finding: Callable[..., Finding]) -> None:
    evidence = of(finding, {HANA: (0,), IVO: (0, 1)})
    assert not joint(evidence, texts("your joint project got 17/20"), 0.7)


def test_what_is_told_of_one_is_not_theirs_together(finding: Callable[..., Finding]) -> None:
    assert not joint(of(finding, {HANA: (0,)}), texts("your joint project got 17/20"), 0.7)


@pytest.mark.parametrize("kind", ["health", "conduct", "standing", "id"])
def test_nothing_but_a_result_is_had_together(finding: Callable[..., Finding], kind: str) -> None:
    evidence = of(finding, {HANA: (0,), IVO: (0,)})
    more = tuple(replace(each, kinds=each.kinds | {kind}) for each in evidence.disclosures)
    assert not joint(replace(evidence, disclosures=more), texts("your joint project got 17/20"), 0.7)


def test_a_joint_result_is_everybodys(finding: Callable[..., Finding]) -> None:
    evidence = of(finding, {HANA: (0,), IVO: (0,)}, frozenset({HANA.id, IVO.id}))
    assert [owners(who.id, evidence) for who in (HANA, IVO)] == [(HANA, IVO), (IVO, HANA)]
    assert owners(HANA.id, of(finding, {HANA: (0,)})) == (HANA,)


def texts(text: str) -> Texts:
    return Texts((), (), (View(Channel.TEXT, "1", "part 1", text),))


def of(
    finding: Callable[..., Finding], told: dict[Student, tuple[int, ...]], together: frozenset[str] = frozenset()
) -> Evidence:
    found = (finding(Role.STATES, kind="grades"), replace(finding(Role.STATES, kind="grades"), start=12))
    disclosures = tuple(Disclosure(who.id, frozenset({"grades"}), at) for who, at in told.items())
    return Evidence(found, disclosures, (), people={who.id: who for who in told}, joint=together)
