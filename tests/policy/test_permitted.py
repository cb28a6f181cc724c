"""What the consent of somebody lacks is told with every hold that it would have let go, a parent's too (R42)."""

from __future__ import annotations

from typing import Any

import pytest

from dlp.commands.judging import Asked, as_document, judged
from dlp.commands.lookups import LookUps
from dlp.commands.reading import reader_of
from dlp.config import load
from dlp.limits import Limits
from dlp.pipeline import Known
from dlp.policy.facts import Facts
from dlp.values import Origin
from tests.campus.imported import permits, small_university
from tests.test_examined import NOW, composed, rules

HEADER = "consent_id,student_id,kinds,purpose,recipient,strength,mail_risk,given_on,expires_on,uses,case,evidence\n"


@pytest.mark.parametrize(
    ("row", "lacks"),
    [
        (
            "912345678,grades,correspondence,r.kim@freemail.example,written,yes,2026-09-10,2026-10-31",
            "the consent expired on 2026-10-31",
        ),
        (
            "912345678,health,correspondence,r.kim@freemail.example,written,yes,2026-09-10,2026-12-31",
            "the consent covers health, not grades",
        ),
        (
            "912345678,grades:XX999,correspondence,r.kim@freemail.example,written,yes,2026-09-10,2026-12-31",
            "the consent counts nowhere: no subject in the directory has this number",
        ),
        ("912345678,grades,correspondence,hr@acme.example,written,yes,2026-09-10,2026-12-31", None),
        ("912345685,grades,correspondence,r.kim@freemail.example,written,yes,2026-09-10,2026-10-31", None),
    ],
    ids=["expired", "for something else", "for no subject there is", "to somebody else", "of somebody else"],
)
def test_a_parent_is_told_about_without_leave(row: str, lacks: str | None) -> None:
    facts = Facts(permits("consents", f"{HEADER}C1,{row},,,paper\n".encode()), ())
    known = LookUps(Known(small_university(NOW), str), lambda *_: facts)
    raw, to = composed(
        {"from": "a.lind", "to": ["r.kim@freemail.example"], "subject": "Hana", "text": "Hana Kim got 41 of 100.\n"}
    )
    document: Any = as_document(
        judged("m", raw, Asked(None, to, Origin.SUBMISSION, "", NOW), rules(), reader_of(load(None)), known), Limits()
    )
    reasons = {reason["code"]: reason["missing"] for reason in document["recipients"][to[0]]["reasons"]}
    assert reasons.get("FAQ:parents", "no such reason") == lacks
