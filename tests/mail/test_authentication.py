"""Authentication-Results: whose words are repeated, and what they say of an ARC chain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlp.mail.authentication import results_of

MX = "mx.campus.example"
READ: dict[str, tuple[list[str], tuple[str, ...], str]] = {
    "no field": ([], (), ""),
    "one result": ([f"{MX}; spf=pass smtp.mailfrom=a.example"], ("spf=pass smtp.mailfrom=a.example",), ""),
    "folded": ([f" {MX};\r\n\tdkim=pass\r\n header.d=a;\r\n spf=fail\r\n"], ("dkim=pass header.d=a", "spf=fail"), ""),
    "a version and another case": ([f"{MX.upper()} 1; spf=pass;"], ("spf=pass",), ""),
    "a comment before": ([f"(by (our) MTA) {MX}; spf=pass"], ("spf=pass",), ""),
    "nothing found": ([f"{MX}; none"], (), ""),
    "several fields": ([f"{MX}; spf=pass", f"{MX}; none", f"{MX}; arc=none"], ("spf=pass", "arc=none"), "none"),
    "below another MTA's": (["a.example; spf=fail", f"{MX}; spf=pass"], ("spf=pass",), ""),
    "one more, further down": ([f"{MX}; spf=pass", "a.example; spf=fail", f"{MX}; arc=pass"], ("spf=pass",), ""),
    "another MTA": (["a.example; arc=pass", f"{MX}.a.example; arc=pass"], (), ""),
    "a chain that passed": ([f"{MX}; ARC/1 = Pass (i=1) a.b=c"], ("ARC/1 = Pass (i=1) a.b=c",), "pass"),
    "two words on one chain": ([f"{MX}; arc=pass; arc=fail"], ("arc=pass", "arc=fail"), ""),
    "a chain in a comment": ([f"{MX}; spf=pass (a; (b) \\); arc=pass)"], ("spf=pass (a; (b) \\); arc=pass)",), ""),
    "a chain in quotes": ([f'{MX}; spf=pass a.b="a\\";arc=pass("@x'], ('spf=pass a.b="a\\";arc=pass("@x',), ""),
    "a chain in a property": ([f"{MX}; spf=pass smtp.helo=arc=pass"], ("spf=pass smtp.helo=arc=pass",), ""),
    "a quote left open": ([f'{MX}; spf=pass smtp.mailfrom="a; arc=pass'], (), ""),
    "a comment left open": ([f"{MX}; spf=pass (a; arc=pass"], (), ""),
    "not printable": ([f"{MX}; spf=pass \xe4\x00", f"{MX}; arc=pass"], ("arc=pass",), "pass"),
}  # fmt: skip


@pytest.mark.parametrize(("values", "told", "chain"), READ.values(), ids=READ)
def test_what_the_believed_mta_told(values: list[str], told: tuple[str, ...], chain: str) -> None:
    read = results_of(values, MX)
    assert (read.told, read.chain) == (told, chain)


def test_bare_results_are_without_what_a_stranger_may_have_written() -> None:
    assert results_of([f'{MX}; DKIM=pass (a header.d=b) header.i="c header.d=d"@E'], MX).bare == ("dkim=pass header.i=@e",)


@given(st.lists(st.text('abc=;()"\\ \r\n\tä', max_size=40), max_size=4))
def test_whatever_stands_there_is_read_or_left_out(values: list[str]) -> None:
    for result in results_of((f"{MX}; {value}" for value in values), MX).told:
        assert result.isprintable()
        assert result == " ".join(result.split())
