"""What one node does for all of them once a day, such as the digest.

Takes an errand's name and the day; of any number of clerks that ask at once one gets it. Nobody else does until its lease
has ended, and none once it is done for that day.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update

from dlp.store.schema import errand, stamp
from dlp.store.work import Work


class Turn(StrEnum):
    """Whose an errand is."""

    MINE = "mine"
    WAIT = "wait"  # somebody else's, or it was put off
    DONE = "done"


def claim(work: Work, name: str, day: date, lease: timedelta) -> Turn:
    work.insert_once(errand, {"name": name, "day": 0, "not_before": 0})
    due = errand.c.name == name, errand.c.day < day.toordinal(), errand.c.not_before <= work.stamp
    taken = update(errand).where(*due).values(not_before=stamp(work.now + lease))
    if work.connection.execute(taken).rowcount == 1:
        return Turn.MINE
    done = work.connection.scalar(select(errand.c.day).where(errand.c.name == name)) or 0
    return Turn.DONE if done >= day.toordinal() else Turn.WAIT


def end(work: Work, name: str, day: date, again: datetime | None) -> None:
    ended = {"not_before": stamp(again)} if again else {"day": day.toordinal(), "not_before": 0}
    work.connection.execute(update(errand).where(errand.c.name == name).values(ended))
