"""Header fields written anew: the encoding stays, the rest stays, and what comes back is what was put in."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import collapse_rfc2231_value, getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.limits import Limits
from dlp.mail.fold import fold
from dlp.mail.writing import rewritten, shows

LIMITS = Limits()

SAME_FORM = [
    ("plain", "Content-Disposition", "attachment; filename=grades.txt", "attachment; filename=notes.txt"),
    (
        "plain-that-needs-quotes",
        "Content-Disposition",
        "attachment; filename=grades.txt",
        'attachment; filename="my notes.txt"',
    ),
    ("quoted", "Content-Disposition", 'inline; filename="grades.txt"; size=3', 'inline; filename="notes.txt"; size=3'),
    (
        "escaped",
        "Content-Disposition",
        'attachment; filename="grades.txt"',
        "attachment; filename*=utf-8''a%20%22b%22%20%5C.txt",
    ),
    ("quotes", "Content-Disposition", 'attachment; filename="grades.txt"', r'attachment; filename="a \"b\".txt"'),
    ("name", "Content-Type", 'text/plain; charset=utf-8; Name="grades.txt"', 'text/plain; charset=utf-8; Name="notes.txt"'),
    (
        "extended",
        "Content-Disposition",
        "attachment; filename*=utf-8'en'gr%C3%A4des",
        "attachment; filename*=utf-8'en'n%C3%B6tes",
    ),
    ("its-charset", "Content-Disposition", "a; filename*=iso-8859-1''gr%E4des", "a; filename*=iso-8859-1''n%F6tes"),
    ("not-its-charset", "Content-Disposition", "a; filename*=iso-8859-1''gr%E4des", "a; filename*=utf-8''%CE%B1"),
    ("sections", "Content-Disposition", 'a; filename*0="gra"; filename*1="des"', 'a; filename*0="notes"'),
    (
        "both",
        "Content-Disposition",
        "a; filename=grades; x=1; filename*=utf-8''grades",
        "a; filename=notes; x=1; filename*=utf-8''notes",
    ),
    ("encoded-word", "Content-Type", 't/p; name="=?utf-8?Q?grades?="', 't/p; name="=?utf-8?B?bm90ZXM=?="'),
    ("raw-bytes", "Content-Disposition", 'a; filename="gr\xe4des"', "a; filename*=utf-8''n%C3%B6tes"),
    (
        "raw-bytes-beside-a-form",
        "Content-Disposition",
        "a; filename=gr\xe4des; filename*=utf-8''x",
        "a; filename=\"=?utf-8?B?bsO2dGVz?=\"; filename*=utf-8''x",
    ),
    ("atoms", "From", "Grades Office <a@x.example>", "Notes <a@x.example>"),
    ("quoted-name", "From", '"Grades, Office" <a@x.example>', '"Notes, Office" <a@x.example>'),
    ("name-that-needs-quotes", "From", "Grades <a@x.example>", '"A. Lind" <a@x.example>'),
    (
        "encoded-name",
        "To",
        "b@x.example, =?iso-8859-1?Q?Gr=E4des?= <A@X.example>",
        "b@x.example, =?iso-8859-1?B?bvZ0ZXM=?= <A@X.example>",
    ),
    ("comment", "From", "a@x.example (Grades)", "Notes <a@x.example>"),
    ("comment-beside-brackets", "From", "<a@x.example> (Grades)", "Notes <a@x.example>"),
    ("group", "To", "Grades: Ann <a@x.example>, b@x.example;", "Notes: Ann <a@x.example>, b@x.example;"),
    ("route", "Cc", "Grades <@r.example:a@x.example>", "Notes <@r.example:a@x.example>"),
    ("odd-local-part", "Cc", 'Grades <"a b"@x.example>', 'Notes <"a b"@x.example>'),
    ("subject", "Subject", "grades", "notes"),
    ("encoded-subject", "Subject", "=?utf-8?Q?grades?=", "=?utf-8?B?bm90ZXM=?="),
    ("subject-charset", "Subject", "=?koi8-r?B?z8PFzsvJ?=", "=?koi8-r?B?xMXUwczJ?="),
    ("description", "Content-Description", "grades", "notes"),
]


def text_of(name: str, value: str) -> list[str]:
    return list(shows(name, value.encode("latin-1"), LIMITS))


@pytest.mark.parametrize(("name", "before", "after"), [pytest.param(*each, id=slug) for slug, *each in SAME_FORM])
def test_the_form_stays(name: str, before: str, after: str) -> None:
    old, new = text_of(name, before), text_of(name, after)
    assert rewritten(name, before.encode("latin-1"), dict(zip(old, new, strict=False)), LIMITS) == after
    assert rewritten(name, after.encode("latin-1"), dict(zip(old, new, strict=False)), LIMITS) in (None, after)


CANNOT = [
    ("no-such-text", "Subject", "grades", {"other": "x"}),
    ("other-field", "X-Subject", "grades", {"grades": "x"}),
    ("raw-bytes-elsewhere", "To", "Gr\xe4fin <b@x.example>, Grades <a@x.example>", {"Grades": "x"}),
    ("raw-bytes-in-another-parameter", "Content-Disposition", 'a; filename="grades"; x="\xe4"', {"grades": "x"}),
    ("a-control-character-elsewhere", "To", "Ann\x01 <b@x.example>, Grades <a@x.example>", {"Grades": "x"}),
    ("no-place-to-fold", "To", f"Grades <{'a' * 1000}@x.example>", {"Grades": "x"}),
]


@pytest.mark.parametrize(("name", "before", "texts"), [pytest.param(*each, id=slug) for slug, *each in CANNOT])
def test_what_cannot_be_written_is_not_guessed(name: str, before: str, texts: dict[str, str]) -> None:
    assert rewritten(name, before.encode("latin-1"), texts, LIMITS) is None


FORMS = {
    "plain": "attachment; size=1; filename=old; x=2",
    "quoted": 'attachment; size=1; filename="old"; x=2',
    "extended": "attachment; size=1; filename*=utf-8''old; x=2",
    "extended-latin": "attachment; size=1; filename*=iso-8859-15'de'old; x=2",
    "sections": "attachment; size=1; filename*0*=utf-8''o; x=2; filename*1=ld",
    "encoded-word": 'attachment; size=1; filename="=?iso-8859-1?Q?old?="; x=2',
}
SIGNS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"])
NAMES = st.text(SIGNS, min_size=1, max_size=120).map(fold).map(str.strip).filter(bool)


def assert_a_legal_field(name: str, value: str) -> None:
    """It ends where it should, and no line is too long."""
    assert value.isascii()
    assert not re.search(r"[\r\n](?![ \t])(?!\n[ \t])|[^\t\r\n -~]", value)
    assert all(len(line) <= 998 and line.strip() for line in f"{name}: {value}".split("\r\n"))
    assert message_from_bytes(f"{name}: {value}\r\nX: y\r\n\r\n".encode()).keys() == [name, "X"]


@settings(max_examples=100)
@given(form=st.sampled_from(sorted(FORMS)), new=NAMES)
def test_a_file_name_comes_back_for_two_readers(form: str, new: str) -> None:
    value = rewritten("Content-Disposition", FORMS[form].encode(), {"old": new}, LIMITS)
    assert value is not None
    assert_a_legal_field("Content-Disposition", value)
    assert new in shows("Content-Disposition", value.encode(), LIMITS)
    message = message_from_bytes(f"Content-Disposition: {value}\r\n\r\n".encode())
    assert message.get_param("size", header="content-disposition") == "1"
    assert message.get_param("x", header="content-disposition") == "2"
    theirs = collapse_rfc2231_value(message.get_param("filename", header="content-disposition"))
    assert fold(str(make_header(decode_header(theirs)))) == new


BOXES = {
    "atoms": 'b@x.example, Old <a@x.example>, "C, d" <c@x.example>',
    "quoted": 'b@x.example, "Old" <a@x.example>, "C, d" <c@x.example>',
    "encoded": 'b@x.example, =?utf-8?Q?Old?= <a@x.example>, "C, d" <c@x.example>',
    "comment": 'b@x.example, a@x.example (Old), "C, d" <c@x.example>',
    "group": 'List: b@x.example, Old <a@x.example>, "C, d" <c@x.example>;',
}


@settings(max_examples=100)
@given(form=st.sampled_from(sorted(BOXES)), new=NAMES)
def test_a_display_name_comes_back_and_no_address_changes(form: str, new: str) -> None:
    value = rewritten("To", BOXES[form].encode(), {"Old": new}, LIMITS)
    assert value is not None
    assert_a_legal_field("To", value)
    found = getaddresses([re.sub(r"\r\n", "", value)])
    assert [address for _, address in found if address] == ["b@x.example", "a@x.example", "c@x.example"]
    assert " ".join(new.split()) in " ".join(" ".join(shows("To", value.encode(), LIMITS)).split())


@settings(max_examples=100)
@given(old=st.sampled_from(["old", "=?utf-8?Q?old?=", "=?iso-2022-jp?B?b2xk?=", "=?no-such?Q?old?="]), new=NAMES)
def test_a_subject_comes_back(old: str, new: str) -> None:
    value = rewritten("Subject", old.encode(), {"old": new}, LIMITS)
    assert value is not None
    assert_a_legal_field("Subject", value)
    assert shows("Subject", value.encode(), LIMITS) == (new,)


@given(new=st.text(max_size=40), name=st.sampled_from(["Subject", "To", "Content-Disposition", "Content-Type"]))
def test_no_text_can_start_a_field_of_its_own(new: str, name: str) -> None:
    before = {"Subject": "old", "To": "old <a@x.example>", "Content-Type": 'text/plain; name="old"'}
    injected = f"x\r\nBcc: y@z.example{new}\r\n\r\nbody"
    value = rewritten(name, before.get(name, "attachment; filename=old").encode(), {"old": injected}, LIMITS)
    if value is not None:
        assert_a_legal_field(name, value)
