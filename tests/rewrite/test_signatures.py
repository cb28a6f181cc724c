"""Which DKIM signatures an edit of the Subject would break."""

import pytest

from dlp.rewrite.signatures import signed_by_campus
from dlp.values import ChangeHeader, ChangePartHeader, HeaderField, Span

COVERED = [
    ("plain", "v=1; d=campus.example; h=from:to:subject; b=abc"),
    ("sub-domain", "v=1; d=mail.campus.example; h=from:subject"),
    ("folded-h", "v=1; d=campus.example; h=from : to :\r\n\tsub\r\n ject ; b=x"),
    ("upper-case", "V=1; D=CAMPUS.EXAMPLE; H=From:SUBJECT"),
    ("last-tag-without-semicolon", "h=subject; d=campus.example"),
    ("oversigned", "d=campus.example; h=subject:subject:from"),
    ("doubled-d", "d=other.example; d=campus.example; h=subject"),
    ("doubled-h", "d=campus.example; h=from; h=subject"),
    ("junk-between", ";; =; junk; d=campus.example;=x; h=subject;"),
]
NOT_COVERED = [
    ("other-domain", "d=partner.example; h=from:subject"),
    ("look-alike-domain", "d=campus.example.evil.example; h=subject"),
    ("subject-not-signed", "d=campus.example; h=from:to:date"),
    ("no-h", "d=campus.example; b=abc"),
    ("no-d", "h=from:subject"),
    ("empty", ""),
    ("not-tags", "campus.example subject"),
]


def ours(domain: str) -> bool:
    folded = domain.lower()
    return folded == "campus.example" or folded.endswith(".campus.example")


def field(value: str, name: str = "DKIM-Signature") -> HeaderField:
    return HeaderField(name, 1, Span(0, 1), value)


def change(name: str) -> ChangeHeader:
    return ChangeHeader(name, 1, "x", name.lower(), "x")


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in COVERED])
def test_a_campus_signature_over_an_edited_header_counts(value: str) -> None:
    assert signed_by_campus([field("x", "From"), field(value)], [change("Subject")], ours)


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in NOT_COVERED])
def test_any_other_signature_does_not(value: str) -> None:
    assert not signed_by_campus([field(value)], [change("Subject")], ours)


def test_one_of_several_signatures_is_enough() -> None:
    fields = [field("d=list.example; h=subject"), field("d=campus.example; h=subject", "dkim-signature")]
    assert signed_by_campus(fields, [change("subject")], ours)


def test_other_fields_are_not_signatures() -> None:
    value = "d=campus.example; h=subject"
    assert not signed_by_campus([field(value, "ARC-Message-Signature"), field(value, "Subject")], [change("subject")], ours)


def test_only_the_edited_headers_matter() -> None:
    assert not signed_by_campus([field("d=campus.example; h=subject")], [change("Keywords")], ours)


@pytest.mark.parametrize(("domain", "broken"), [("campus.example", True), ("partner.example", False)])
def test_an_edit_inside_the_body_breaks_every_signature_of_ours(domain: str, *, broken: bool) -> None:
    inside = ChangePartHeader("2", "Content-Disposition", Span(9, 10), "x", "file-name", "x")
    assert signed_by_campus([field(f"d={domain}; h=from")], [inside], ours) is broken
