"""All cases of the matrix, in order."""

from __future__ import annotations

from tests.evasion.groups import characters, fields, files, pages, transfer

CASES = tuple(
    sorted((case for group in (fields, transfer, characters, pages, files) for case in group.cases()), key=lambda case: case.id)
)
