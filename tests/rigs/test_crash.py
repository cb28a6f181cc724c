"""A short piece of `make crash`: thirty deaths at random, and one at some points that random kills seldom meet."""

from __future__ import annotations

import pytest

from tests.e2e.loopback import open_folder
from tests.rigs.crash import next_plan
from tests.rigs.piece import Plan, run

# where a death shows most: prepared, sent and unrecorded, recorded and unanswered, claimed, sent and unmarked
POINTS = ("prepare.done", "forward.dot", "commit.commit", "reply.before", "owed.dot", "release.dot")


@pytest.mark.servers
@pytest.mark.timeout(600)
@pytest.mark.parametrize("plan", [Plan(7, kills=30), Plan(8, points=dict.fromkeys(POINTS, 1))], ids=["random", "points"])
def test_nothing_is_lost_leaked_or_left_behind(plan: Plan) -> None:
    with open_folder("crash") as folder:
        found = run(plan, folder)
    assert found["broken"] == []
    assert found["messages"] > 20
    assert found["given_up"] == 0
    assert found["random"] == plan.kills
    assert found["points"] == plan.points


def done(random: int = 0, missed: tuple[str, ...] = (), **points: int) -> dict[str, object]:
    return {"random": random, "points": points, "missed": list(missed)}


def test_random_kills_come_first_then_each_point_until_it_has_enough():
    assert next_plan([], 250, 1, 5) == Plan(5, kills=100)
    assert next_plan([done(100), done(100)], 250, 1, 6) == Plan(6, kills=50)
    plan = next_plan([done(250)], 250, 9, 7)
    assert plan is not None
    assert set(plan.points.values()) == {4}


def test_a_point_missed_twice_is_not_tried_again():
    everywhere = next_plan([done(9)], 9, 1, 1)
    assert everywhere is not None
    names = dict(everywhere.points)
    last = names.popitem()[0]
    pieces = [done(9, (last,), **names)]
    plan = next_plan(pieces, 9, 1, 2)
    assert plan is not None
    assert set(plan.points) == {last}
    assert next_plan([*pieces, done(0, (last,))], 9, 1, 3) is None
