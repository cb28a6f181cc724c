"""Which DKIM signatures an edit of the Subject would break."""

import pytest

from dlp.rewrite.signatures import broken_by, may_stand_in
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
    assert broken_by([change("Subject")], [field("x", "From"), field(value)], ours) == (field(value),)


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in NOT_COVERED])
def test_any_other_signature_does_not(value: str) -> None:
    assert not broken_by([change("Subject")], [field(value)], ours)


def test_one_of_several_signatures_is_enough() -> None:
    fields = [field("d=list.example; h=subject"), field("d=campus.example; h=subject", "dkim-signature")]
    assert broken_by([change("subject")], fields, ours) == (fields[1],)


def test_other_fields_are_not_signatures() -> None:
    value = "d=campus.example; h=subject"
    assert not broken_by([change("subject")], [field(value, "ARC-Message-Signature"), field(value, "Subject")], ours)


def test_only_the_edited_headers_matter() -> None:
    assert not broken_by([change("Keywords")], [field("d=campus.example; h=subject")], ours)


@pytest.mark.parametrize(("domain", "broken"), [("campus.example", True), ("partner.example", False)])
def test_an_edit_inside_the_body_breaks_every_signature_of_ours(domain: str, *, broken: bool) -> None:
    inside = ChangePartHeader("2", "Content-Disposition", Span(9, 10), "x", "file-name", "x")
    assert bool(broken_by([inside], [field(f"d={domain}; h=from")], ours)) is broken


STAND_IN = [
    ("its-own-domain", "campus.example", ["campus.example"], [], True),
    ("its-own-domain-for-a-list", "campus.example", ["campus.example"], ["lists.example"], True),
    ("same-organisation", "campus.example", ["mail.campus.example"], ["campus.example"], True),
    ("author-in-a-sub-domain", "campus.example", ["mail.campus.example"], ["lab.campus.example"], True),
    ("author-in-the-parent", "mail.campus.example", ["campus.example"], ["campus.example"], True),
    ("another-organisation", "campus.example", ["hospital.example"], ["hospital.example"], False),
    ("look-alike", "campus.example", ["mycampus.example"], ["mycampus.example"], False),
    ("one-author-of-two", "campus.example", ["x.campus.example"], ["campus.example", "other.example"], False),
    ("no-author", "campus.example", ["x.campus.example"], [], False),
    ("no-key", "", ["campus.example"], ["campus.example"], False),
]


@pytest.mark.parametrize(("domain", "broken", "authors", "may"), [pytest.param(*each, id=name) for name, *each in STAND_IN])
def test_for_whom_we_may_sign(domain: str, broken: list[str], authors: list[str], *, may: bool) -> None:
    assert may_stand_in(domain, [field(f"d={each}; h=from") for each in broken], authors) is may
