"""Edits as an MTA is told them: what it has afterwards is what we wanted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milter.changes import changes, parted
from milter.replies import ChangeHeader, InsertHeader, ReplaceBody
from tests.milter.peer import Kept

RAW = b"Received: 1\r\nReceived: 2\r\nSubject: old\r\n\tand more\r\nDKIM-Signature: a\r\nX:\r\nsubject: again\r\n\r\nText.\r\n"
CASES = {
    "nothing": (RAW, ()),
    "a value": (RAW.replace(b"old\r\n\tand more", b"new"), (ChangeHeader(1, b"Subject", b" new"),)),
    "a folded value": (RAW.replace(b"again", b"a\r\n b"), (ChangeHeader(2, b"subject", b" a\n b"),)),
    "both of one name, the last first": (
        RAW.replace(b"again", b"x").replace(b" old", b" y"),
        (ChangeHeader(2, b"subject", b" x"), ChangeHeader(1, b"Subject", b" y\n\tand more")),
    ),
    "the second Received": (RAW.replace(b" 2", b" 3"), (ChangeHeader(2, b"Received", b" 3"),)),
    "a field gone": (RAW.replace(b"DKIM-Signature: a\r\n", b""), (ChangeHeader(1, b"DKIM-Signature", b""),)),
    "fields on top": (b"A: 1\r\nB: 2\r\n" + RAW, (InsertHeader(0, b"B", b" 2"), InsertHeader(0, b"A", b" 1"))),
    "a field in between": (RAW.replace(b"X:\r\n", b"X:\r\nY: 1\r\n"), (InsertHeader(6, b"Y", b" 1"),)),
    "the body": (RAW.replace(b"Text", b"Other"), (ReplaceBody(b"Other.\r\n"),)),
    "no body": (RAW.replace(b"Text.\r\n", b""), (ReplaceBody(b""),)),
    "a value that is empty": (RAW.replace(b" again", b""), (ChangeHeader(2, b"subject", b" "),)),
}


@pytest.mark.parametrize(("wanted", "told"), CASES.values(), ids=CASES)
def test_what_the_mta_is_told(wanted, told):
    assert changes(RAW, memoryview(wanted), 65_535) == told


def test_a_long_body_comes_in_pieces():
    told = changes(RAW, RAW + b"x" * 25, 20)
    assert [piece.data for piece in told] == [b"Text.\r\n" + b"x" * 13, b"x" * 12]


names = st.sampled_from([b"A", b"a", b"B", b"Received", b"DKIM-Signature"])
values = st.sampled_from([b" 1", b" 2", b"3", b"\t4\n 5", b" "])
fields = st.lists(st.tuples(names, values), max_size=7)
bodies = st.sampled_from([b"", b"text\r\n", b"a: b\r\n\r\n", b"\r\n"])


def written(given_fields, body):
    return b"".join(name + b":" + value.replace(b"\n", b"\r\n") + b"\r\n" for name, value in given_fields) + b"\r\n" + body


@given(fields, bodies, fields, bodies)
def test_the_mta_has_what_we_wanted(old, old_body, new, new_body):
    before, after = written(old, old_body), written(new, new_body)
    kept = Kept(before, [])
    kept.take([*changes(before, after, 3), None])
    found, wanted = parted(kept.content()), parted(after)
    assert found[1] == wanted[1]
    assert [(name.lower(), value) for name, value in found[0]] == [(name.lower(), value) for name, value in wanted[0]]
