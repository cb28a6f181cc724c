"""Texts with marks of another program among their words."""

from __future__ import annotations

import pytest

from dlp.mail.dressed import bare
from tests.growth import assert_linear


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("A**nn** L*ee* failed", "Ann Lee failed"),
        ("A~~nn L~~ee", "Ann Lee"),
        ("A[b]nn L[/b]ee", "Ann Lee"),
        ("ID 912[color=red]345[/color]678", "ID 912345678"),
        ("A\\nn L\\ee", "Ann Lee"),
        ("A<b>nn L</b>ee &amp; Co", "Ann Lee & Co"),
        ("1,<p>Ann <b class='x'>Lee</b> failed</p>", "1, Ann Lee failed "),
        ("A&lt;i&gt;nn L&lt;/i&gt;ee", "Ann Lee"),
        ("A<wbr>nn Lee", "Ann Lee"),
        ("line\nA**n**n", "line\nAnn"),
        ("**Ann Lee** failed", ""),
        ("a * b, 3*4*5, x[0], first_name, C:\\\\9", ""),
        ("if a < b and c > d: return </x>", ""),
        ("\\u0041nn", ""),
    ],
)
def test_marks_are_no_part_of_a_word(text: str, seen: str) -> None:
    assert bare(text) == seen


@pytest.mark.parametrize("piece", ["<b ", "a*", "a[b", "[b=", "</b", "&lt;/", "a\\", "<b a", "</b" + " " * 9])
def test_it_takes_no_time(piece: str) -> None:
    assert_linear(lambda length: bare("</b>" + piece * length))
