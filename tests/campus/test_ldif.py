"""LDIF: people.ldif as ldapsearch prints it gives staff and lists; what is no LDIF is told by its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlp.campus import ldif_people
from dlp.campus.ldif import entries
from dlp.campus.records import MailList, Record, Staff
from dlp.campus.report import Report

PEOPLE = (Path(__file__).parent / "people.ldif").read_bytes()


def taken(raw: bytes, block: int = 1 << 16) -> tuple[list[Record], Report]:
    report = Report()
    blocks = (raw[at : at + block] for at in range(0, len(raw), block))
    return list(ldif_people.records([("people.ldif", blocks)], report)), report


@pytest.mark.parametrize("raw", [PEOPLE, PEOPLE.replace(b"\n", b"\r\n")], ids=["LF", "CRLF"])
@pytest.mark.parametrize("block", [1, 1 << 16])
def test_people_and_lists_are_read(raw, block):
    found, report = taken(raw, block)
    assert found == [
        Staff(
            email="e.okafor@campus.example",
            language="en",
            given_name="Eva",
            family_name="Okafor",
            full_name="Dr. Eva Okafor",
            title="Registrar of the University",
            department="Registrar",
            status="staff",
            extension="4-0101",
            office="5-119",
        ),
        Staff(email="j.mueller@campus.example", family_name="Müller", full_name="Jürgen Müller"),
        MailList(
            "registrars@campus.example",
            "unknown",
            members=(
                "friend@freemail.example",
                "e.okafor@campus.example",
                "uid=gone,ou=people,dc=campus,dc=example",
                "a.mori@campus.example",
            ),
        ),
    ]
    assert not report.bad
    assert report.notes == ["left out of LDIF: 1 students", "left out of LDIF: 1 entries without an address"]


AFFILIATIONS = {
    "eduPersonPrimaryAffiliation: faculty\neduPersonAffiliation: student\n": True,
    "eduPersonPrimaryAffiliation: student\neduPersonAffiliation: staff\n": False,
    "eduPersonAffiliation: staff\n": True,
    "eduPersonAffiliation: staff\neduPersonAffiliation: student\n": False,
    "eduPersonAffiliation: alum\n": False,
    "": True,
}


@pytest.mark.parametrize("told", AFFILIATIONS)
def test_staff_are_those_who_are_mainly_that(told):
    raw = f"dn: uid=x\nobjectClass: person\nsn: X\nmail: x@campus.example\n{told}".encode()
    found, _ = taken(raw)
    assert bool(found) == AFFILIATIONS[told]


@pytest.mark.parametrize(
    "line",
    [
        b"no colon here",
        b"mail:: not*base64",
        b"mail:< file:///etc/passwd",
        b"changetype: delete",
        b"mail: a\x00b",
        b"mail: " + b"x" * 3_000_000,
    ],
    ids=["no colon", "not base64", "another file", "a change", "a NUL", "too long"],
)
def test_an_entry_that_cannot_be_read_is_bad_and_the_next_is_read(line):
    raw = b"dn: uid=a\nobjectClass: person\n" + line + b"\n\ndn: uid=b\nobjectClass: person\nmail: b@campus.example\n"
    found, report = taken(raw)
    assert found == [Staff("b@campus.example")]
    assert [bad.line for bad in report.bad] == [1]
    assert report.all_bad_rows == 1


@given(st.binary(max_size=300))
def test_any_bytes_give_some_entries_and_no_error(raw):
    report = Report()
    for entry in entries("x.ldif", [b"dn: x\n", raw], frozenset({"mail"}), report):
        assert entry.dn


def test_a_file_of_another_sort_is_named_for_what_it_is():
    records, report = taken(PEOPLE.decode().encode("cp037"))
    assert (records, report.bad) == ([], [])
    assert [(each.file, each.what) for each in report.unusable] == [("people.ldif", "it is no LDIF but text in EBCDIC")]
    assert taken(PEOPLE.decode().encode("utf-32"))[0] == taken(PEOPLE)[0]
