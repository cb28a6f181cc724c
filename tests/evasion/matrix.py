"""All cases of the matrix, in order."""

from __future__ import annotations

from tests.evasion.groups import books, characters, fields, files, letters, office, ordinary, pages, transfer, writings

CASES = tuple(
    sorted(
        (
            case
            for group in (fields, transfer, characters, pages, files, office, books, writings, letters, ordinary)
            for case in group.cases()
        ),
        key=lambda case: case.id,
    )
)
