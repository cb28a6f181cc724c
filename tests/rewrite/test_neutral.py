"""Sensitive words leave the headers a reader sees; everything around them stays."""

import re
from collections.abc import Iterator, Mapping

import pytest

from dlp.rewrite.neutral import neutralise
from dlp.values import ChangeHeader, Channel, Finding, HeaderField, PartField, Role, Span, Texts, View

NAMES = {"file": "Content-Disposition", "subject": "Subject", "description": "Content-Description"}
NEUTRAL = {"grade-words": "details", "hold-words": "account", "unnamed": ""}
PATTERNS = [
    ("grade-words", Role.HEADER_WORD, r"(?i)\b(?:final )?grad(?:es|ing)\b|\bGPA\b|оценки"),
    ("final", Role.HEADER_WORD, r"(?i)\bfinal\b(?= grad)"),
    ("hold-words", Role.HEADER_WORD, r"(?i)\bfinancial hold\b"),
    ("unnamed", Role.HEADER_WORD, r"\bCAP\b"),
    ("student-id", Role.IDENTIFIES, r"\b9\d{8}\b"),
    ("full-name", Role.IDENTIFIES, r"Hana Kim"),
    ("probe-rewrite", Role.PROBE, r"CAMPUS-DLP-TEST-REWRITE-\w+"),
    ("probe-warn", Role.PROBE, r"CAMPUS-DLP-TEST-WARN-\w+"),
    ("record-words", Role.STATES, r"\bprobation\b"),
]

CASES = [
    ("one-word", "Your grades", "Your details"),
    ("capital-kept", "Grades for 8.01", "Details for 8.01"),
    ("acronym", "GPA question", "details question"),
    ("reply-prefix", "Re: Fwd: AW: grades", "Re: Fwd: AW: details"),
    ("list-tag", "[8.01-staff] Re: [URGENT] grading", "[8.01-staff] Re: [URGENT] details"),
    ("finding-in-tag", "[grades] notes", "[details] notes"),
    ("own-neutral-word", "About your financial hold", "About your account"),
    ("no-neutral-word", "The CAP letter", "The details letter"),
    ("id-number", "Question on 912345678", "Question on [number removed]"),
    ("name-stays", "grades of Hana Kim", "details of Hana Kim"),
    ("word-and-id", "grades of 912345678", "details of [number removed]"),
    ("ids-in-a-row", "912345678, 912345679", "[number removed]"),
    ("words-in-a-row", "grades / GPA and grading", "details"),
    ("same-word-apart", "grades due, grading later", "details due, details later"),
    ("different-words-in-a-row", "grades, financial hold", "details, account"),
    ("word-beside-id", "grades 912345678", "details [number removed]"),
    ("overlapping", "Final grades", "Details"),
    ("test-string", "hello CAMPUS-DLP-TEST-REWRITE-abc123", "hello [test string removed]"),
    ("cyrillic", "Ваши оценки здесь", "Ваши details здесь"),
    ("other-charsets", "日本語 grades é", "日本語 details é"),
    ("inner-blanks-kept", "Re:  two  blanks grades", "Re:  two  blanks details"),
    ("newline-cannot-survive", "grades\r\nBcc: x@y.example", "details Bcc: x@y.example"),
]


def find(views: tuple[View, ...]) -> tuple[Finding, ...]:
    def hits() -> Iterator[Finding]:
        for number, view in enumerate(views):
            for pattern, role, regex in PATTERNS:
                for hit in re.finditer(regex, view.text):
                    kind = "directory" if pattern == "full-name" else "grades"
                    yield Finding(kind, "pattern", pattern, role, view.label, number, *hit.span(), 0.9, "•", "d")

    return tuple(hits())


class Shown:
    """Fields that show what the views say, and write a text between angle brackets; what is in `stuck` cannot be written."""

    def __init__(self, views: tuple[View, ...], stuck: tuple[str, ...] = ()) -> None:
        self.views, self.stuck = views, stuck

    def shows(self, field: HeaderField | PartField) -> tuple[str, ...]:
        return tuple(
            self.views[field.span.start].text.split("\n")
            if self.views[field.span.start].label == "From name"
            else [self.views[field.span.start].text]
        )

    def write(self, field: HeaderField | PartField, texts: Mapping[str, str]) -> str | None:
        return None if field.name in self.stuck else "".join(f"<{text}>" for text in texts.values())


def texts(*views: View) -> Texts:
    fields = tuple(
        HeaderField(view.field.title().replace("Topic", "topic"), view.occurrence, Span(number, number + 1), view.text)
        for number, view in enumerate(views)
        if view.field
    )
    part_fields = tuple(
        PartField(view.section, NAMES[view.label.split()[0]], Span(number, number + 1))
        for number, view in enumerate(views)
        if view.section and view.label.split()[0] in NAMES
    )
    return Texts(fields, (), views, part_fields=part_fields)


def header(text: str, field: str = "subject", occurrence: int = 1) -> View:
    return View(Channel.HEADERS, "", f"{field} line", text, field, occurrence)


def neutral(*views: View, stuck: tuple[str, ...] = ()):
    return neutralise(texts(*views), find(views), NEUTRAL, Shown(views, stuck))


@pytest.mark.parametrize(("before", "after"), [pytest.param(a, b, id=name) for name, a, b in CASES])
def test_subject(before: str, after: str) -> None:
    result = neutral(header(before))
    assert [edit.shown for edit in result.edits] == [after]
    assert result.edits[0].value == f"<{after}>"
    assert (result.edits[0].name, result.edits[0].occurrence) == ("Subject", 1)
    assert result.left_over == ()


@pytest.mark.parametrize("before", [pytest.param(before, id=name) for name, before, _ in CASES])
def test_a_neutral_subject_is_not_changed_again(before: str) -> None:
    assert neutral(header(neutral(header(before)).edits[0].shown)).edits == ()


@pytest.mark.parametrize("text", ["Lunch on Friday", "Re: [list] probation", "CAMPUS-DLP-TEST-WARN-abc"])
def test_nothing_to_change(text: str) -> None:
    result = neutral(header(text))
    assert (result.edits, result.left_over) == ((), ())


@pytest.mark.parametrize("field", ["keywords", "comments", "thread-topic"])
def test_other_unstructured_fields(field: str) -> None:
    assert neutral(header("grades", field)).edits[0].shown == "details"


def test_each_of_two_subjects_is_changed_in_its_own_place() -> None:
    result = neutral(header("grades"), header("fine", "subject", 2), header("GPA", "subject", 3))
    assert [(edit.occurrence, edit.shown) for edit in result.edits] == [(1, "details"), (3, "details")]


WITHIN_REACH = [
    (
        "file-name",
        View(Channel.HEADERS, "2", "file name of part 2", "final_x grades.xlsx"),
        "file-name",
        "final_x details.xlsx",
    ),
    ("without-blanks", View(Channel.HEADERS, "2", "file name of part 2", "a-financial hold.txt"), "file-name", "a-account.txt"),
    ("nested-subject", View(Channel.HEADERS, "2", "subject of part 2", "grades"), "nested-subject", "details"),
    ("description", View(Channel.HEADERS, "2", "description of part 2", "grades"), "description", "details"),
    ("display-name", View(Channel.HEADERS, "", "From name", "Grades Office", "from", 1), "display-name", "Details Office"),
    ("one-name", View(Channel.HEADERS, "", "From name", "Ann\nGPA desk\nBob", "from", 1), "display-name", "details desk"),
    (
        "test-string-in-a-file-name",
        View(Channel.HEADERS, "2", "file name of part 2", "CAMPUS-DLP-TEST-REWRITE-a"),
        "file-name",
        "test_string_removed",
    ),
    (
        "number-in-a-file-name",
        View(Channel.HEADERS, "2", "file name of part 2", "form 912345678.txt"),
        "file-name",
        "form [number removed].txt",
    ),
]


@pytest.mark.parametrize(("view", "what", "after"), [pytest.param(*each, id=name) for name, *each in WITHIN_REACH])
def test_other_headers_a_reader_sees(view: View, what: str, after: str) -> None:
    result = neutral(header("hi"), view)
    assert [(edit.what, edit.shown, edit.value) for edit in result.edits] == [(what, after, f"<{after}>")]
    assert isinstance(result.edits[0], ChangeHeader) is bool(view.field)
    assert result.left_over == ()


@pytest.mark.parametrize("after", ["Details_details.xlsx"])
def test_a_name_of_words_run_together_is_changed_in_itself(after: str) -> None:
    """One view has the name, the other the words in it; a finding of either is one change of the name."""
    views = (
        View(Channel.HEADERS, "2", "file name of part 2", "FinalGrades_GPA.xlsx"),
        View(Channel.HEADERS, "2", "words of part 2", "Final Grades_GPA.xlsx"),
    )
    found = find((views[0], View(Channel.HEADERS, "2", "x", "Final Grades GPA.xlsx")))
    result = neutralise(texts(*views), found, NEUTRAL, Shown(views))
    assert [edit.shown for edit in result.edits] == [after]


OUT_OF_REACH = [
    ("under-a-signature", View(Channel.HEADERS, "2", "unreachable file name of part 2", "grades.xlsx"), ()),
    ("cannot-be-written", View(Channel.HEADERS, "2", "file name of part 2", "grades.xlsx"), ("Content-Disposition",)),
    ("address-that-cannot", View(Channel.HEADERS, "", "From name", "Grades Office", "from", 1), ("From",)),
]


@pytest.mark.parametrize(("view", "stuck"), [pytest.param(*each, id=name) for name, *each in OUT_OF_REACH])
def test_a_word_out_of_reach_is_reported(view: View, stuck: tuple[str, ...]) -> None:
    """The subject is still edited; the caller must not deliver it all the same."""
    result = neutral(header("grades"), view, stuck=stuck)
    assert len(result.edits) == 1
    assert [find((header("grades"), view))[index].view for index in result.left_over] == [1]


def test_words_and_numbers_in_the_body_are_no_business_of_the_header() -> None:
    result = neutral(header("hi"), View(Channel.TEXT, "1", "part 1", "grades of 912345678 CAMPUS-DLP-TEST-REWRITE-a"))
    assert (result.edits, result.left_over) == ((), ())


def test_a_number_in_a_file_name_alone_does_not_stop_a_rewrite() -> None:
    """R77 is about words; whether the number may travel is another row's question."""
    result = neutral(header("grades"), View(Channel.HEADERS, "2", "unreachable file name of part 2", "form 912345678.txt"))
    assert (len(result.edits), result.left_over) == (1, ())


def test_an_observing_pattern_changes_nothing() -> None:
    views = (header("grades"),)
    observed = Finding(
        "grades", "pattern", "grade-words", Role.HEADER_WORD, "subject line", 0, 0, 6, 0.9, "•", "d", enforced=False
    )
    result = neutralise(texts(*views), (observed,), NEUTRAL, Shown(views))
    assert (result.edits, result.left_over) == ((), ())
