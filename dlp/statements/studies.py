"""Words for subjects and for the work that is done in them, as tokens of a sentence have them.

What is in a subject is enrolment or attendance, what is owed or missed of its work is coursework. Tables, nothing else; a word
that is in neither is no sign of anything.
"""

from __future__ import annotations

SUBJECT = frozenset(
    ("XCOURSE", "class", "classes", "course", "courses", "elective", "lab", "lecture", "lectures", "module", "recitation",
     "section", "seminar", "subject", "subjects", "tutorial", "workshop")
)  # fmt: skip
WORK = frozenset(
    ("assignment", "assignments", "chapter", "chapters", "draft", "drafts", "essay", "essays", "exercise", "exercises",
     "homework", "homeworks", "lab", "labs", "paper", "papers", "problem", "problems", "problem-set", "problem-sets",
     "pset", "psets", "quiz", "quizzes", "report", "reports", "write-up", "write-ups", "writeup")
)  # fmt: skip
