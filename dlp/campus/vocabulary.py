"""The closed lists of words that rules, files and findings share: kinds of information, types of contacts, purviews.

Takes nothing, does nothing. The words are a contract with files that others write: add to them, do not rename.
"""

from __future__ import annotations

from typing import Literal, get_args

Kind = Literal[
    "grades", "gpa", "standing", "enrolment", "advising", "financial", "health", "accommodation", "conduct", "integrity",
    "admission", "immigration", "biographical", "coursework", "attendance", "excuse", "recommendation", "photo", "id",
    "contact", "directory", "salary", "evaluation", "home_address",
]  # fmt: skip
KINDS: frozenset[str] = frozenset(get_args(Kind))

# directory information beyond the name, by the field that a student may withhold
Field = Literal[
    "directory:email", "directory:phone", "directory:term_address", "directory:permanent_address", "directory:office_address",
    "directory:course", "directory:year", "directory:registration", "directory:degrees", "directory:attendance_dates",
    "directory:honours", "directory:birth_date",
]  # fmt: skip
FIELDS: frozenset[str] = frozenset(get_args(Field))
Told = Literal[Kind, Field]  # what a pattern may say of somebody

CONTACT_TYPES = (
    "press", "law_enforcement", "court", "government", "parent", "employer", "school", "vendor", "collection", "foundation",
    "insurer", "attorney", "researcher", "collaborator", "agency", "other",
)  # fmt: skip

# what a member of the staff needs to know
PURVIEWS = (
    "all", "academic", "standing", "advising", "financial", "health", "conduct", "enrolment", "immigration", "housing", "media",
    "id", "department_office", "registrar", "dean_undergraduate", "dean_graduate", "provost", "counsel", "none",
)  # fmt: skip
