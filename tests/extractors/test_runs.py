"""Characters in bytes nobody can read: the quick search finds what the expressions alone find."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dlp.extractors.runs import runs

_PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"abcde", b"abcdef", b"\t\n\r ~", b"a\0" * 5, b"a\0" * 6, b"\0a" * 7, b"\0", b"\x7f", b"\x1f", b"a\0b\0\0c\0" * 4]
    ),
)


@given(st.lists(_PIECES, max_size=30).map(b"".join))
def test_runs_are_those_the_expressions_find(data):
    narrow = [each.strip() for each in re.findall(rb"[\t\n\r -~]{6,}", data)]
    wide = [each.replace(b"\0", b"").strip() for each in re.findall(rb"(?:[\t\n\r -~]\0){6,}", data)]
    assert runs(data) == b"\n".join(narrow + wide).decode("ascii")


def test_every_byte_prints_or_does_not():
    assert [len(runs(bytes([byte]) * 6)) > 0 for byte in range(256)] == [0x20 < byte < 0x7F for byte in range(256)]
