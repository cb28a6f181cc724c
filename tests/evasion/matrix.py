"""All cases of the matrix, in order."""

from __future__ import annotations

from tests.evasion.groups import characters, fields, pages, transfer

CASES = tuple(
    sorted((case for group in (fields, transfer, characters, pages) for case in group.cases()), key=lambda case: case.id)
)
