"""The site key: its file, what is derived from it, message keys and references."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from dlp import keys
from dlp.errors import ConfigError, Refused
from dlp.keys import derive, parse_reference, reference

KEYS = derive(bytes(range(32)))
OTHER = derive(bytes(32))
TOLD = ("4XyZ", "ann@campus.example", "<1@campus.example>", "Sat, 21 Nov 2026 10:00:00 +0000", b"body\r\n")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_created_keys_load_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        path = keys.create(tmp_path / "new" / "keys")
    finally:
        os.umask(old)
    assert (_mode(path), _mode(path.parent)) == (0o600, 0o700)
    assert keys.load(path.parent) == keys.load(path.parent)
    path.chmod(0o400)
    keys.load(path.parent)


def test_every_site_has_its_own_key(tmp_path: Path) -> None:
    one, two = keys.create(tmp_path / "one"), keys.create(tmp_path / "two")
    assert keys.load(one.parent) != keys.load(two.parent)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = keys.create(tmp_path / "keys")
    before = path.read_bytes()
    with pytest.raises(Refused, match="never overwritten"):
        keys.create(path.parent)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = keys.create(tmp_path / "keys")
    path.chmod(mode)
    with pytest.raises(ConfigError, match="others may read") as caught:
        keys.load(path.parent)
    assert (caught.value.file, caught.value.key) == (str(path), "keys.dir")
    assert "chmod go=" in caught.value.remedy


def test_a_folder_others_may_enter_is_refused(tmp_path: Path) -> None:
    path = keys.create(tmp_path / "keys")
    path.parent.chmod(0o750)
    with pytest.raises(ConfigError, match="others may read"):
        keys.load(path.parent)


@pytest.mark.parametrize(
    "text",
    ["", "1:", "1:" + "a" * 62, "1:" + "a" * 66, "1:" + "g" * 64, "2:" + "a" * 64, "a" * 64, "1:" + "é" * 64],
    ids=["empty", "no digits", "too short", "too long", "not hex", "newer version", "no version", "not ASCII"],
)
def test_a_broken_key_is_refused_without_being_shown(tmp_path: Path, text: str) -> None:
    path = keys.create(tmp_path / "keys")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"not a site key.*dlp init") as caught:
        keys.load(path.parent)
    assert "aaaa" not in str(caught.value)


@pytest.mark.parametrize("folder", ["keys", "none"], ids=["no file", "no folder"])
def test_a_missing_key_names_the_remedy(tmp_path: Path, folder: str) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    with pytest.raises(ConfigError) as caught:
        keys.load(tmp_path / folder)
    assert "restore it" in caught.value.remedy
    assert "dlp init" in caught.value.remedy


def test_keys_are_never_printed() -> None:
    assert repr(KEYS) == "Keys(version=1)"


def test_derived_keys_differ_from_each_other_and_between_sites() -> None:
    derived = [value for each in (KEYS, OTHER) for value in (each.wrapping, each.digesting, each.looking_up, each.auditing)]
    assert len(set(derived)) == 8
    assert {len(value) for value in derived} == {32}


def test_derivation_does_not_change_between_releases() -> None:
    """Whoever changes this makes every stored hold unreadable."""
    assert KEYS.digest("912345678") == "7cd0af8263904b3ac4b04b23b886d5e4"
    assert KEYS.lookup("ann@campus.example") == "f80282f9403b66f31493dcc4430c2de5"
    assert reference(KEYS.message_key(*TOLD)) == "SPFN-RSCW"


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("ann@campus.example", "ann@CAMPUS.example", True),
        ("ann@campus.example", "Ann@campus.example", False),
        ("ann@campus.example", "ann@sub.campus.example", False),
        ("postmaster", "Postmaster", True),
    ],
    ids=["domain in another case", "local part in another case", "another domain", "no domain"],
)
def test_addresses_are_looked_up(one: str, two: str, *, same: bool) -> None:
    assert (KEYS.lookup(one) == KEYS.lookup(two)) is same


def test_digest_and_lookup_of_one_text_differ() -> None:
    assert KEYS.digest("ann@campus.example") != KEYS.lookup("ann@campus.example")


def test_a_retry_has_the_same_message_key() -> None:
    assert KEYS.message_key(*TOLD) == KEYS.message_key(*TOLD[:4], memoryview(TOLD[4]))


@pytest.mark.parametrize("changed", range(5), ids=["upstream id", "sender", "Message-ID", "Date", "body"])
def test_the_message_key_depends_on(changed: int) -> None:
    other = list(TOLD)
    other[changed] = other[changed] + other[changed][:1]  # type: ignore[operator]
    assert KEYS.message_key(*other) != KEYS.message_key(*TOLD)  # type: ignore[arg-type]


def test_parts_of_the_message_key_do_not_run_into_each_other() -> None:
    assert KEYS.message_key("4X", "yann@campus.example", *TOLD[2:]) != KEYS.message_key("4Xy", "ann@campus.example", *TOLD[2:])


def test_without_an_upstream_id_no_two_messages_are_the_same() -> None:
    found = {KEYS.message_key("", *TOLD[1:]) for _ in range(10)}
    assert len(found) == 10
    assert {len(key) for key in found} == {32}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (bytes(32), "0000-0000"),
        (b"\xff" * 32, "ZZZZ-ZZZZ"),
        (bytes([0, 0, 0, 0, 1]), "0000-0001"),
        (bytes([8, 0, 0, 0, 0]), "1000-0000"),
    ],
    ids=["lowest", "highest", "last bit", "first sign"],
)
def test_references_are_forty_bits(key: bytes, text: str) -> None:
    assert reference(key) == text


@given(st.binary(min_size=5, max_size=32))
def test_references_are_read_back_however_typed(key: bytes) -> None:
    written = reference(key)
    typed = written.lower().replace("-", "").replace("0", "o").replace("1", "l")
    assert parse_reference(written) == parse_reference(f" {typed} ") == written


@pytest.mark.parametrize("text", ["", "H7K2", "H7K2-9QM", "H7K2-9QMDX", "H7K2-9QMU", "H7K2-9QM!", "H7K2-9QMé"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="looks like H7K2-9QMD"):
        parse_reference(text)


def test_wrapped_keys_open_only_where_they_belong() -> None:
    wrapped = KEYS.wrap(b"k" * 32, "item 1")
    assert KEYS.unwrap(wrapped, "item 1") == b"k" * 32
    for site, bytes_, item in [
        (KEYS, wrapped, "item 2"),
        (OTHER, wrapped, "item 1"),
        (KEYS, bytes([2]) + wrapped[1:], "item 1"),
        (KEYS, b"", "item 1"),
        (KEYS, wrapped[:-1], "item 1"),
    ]:
        with pytest.raises(InvalidTag):
            site.unwrap(bytes_, item)
