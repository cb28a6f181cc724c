"""All cases of the matrix, in order."""

from __future__ import annotations

from tests.evasion.groups import fields

CASES = tuple(sorted((case for group in (fields,) for case in group.cases()), key=lambda case: case.id))
