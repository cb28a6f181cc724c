"""Encryption at rest: what goes in comes out, and nothing that was touched or moved does."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from dlp.errors import ConfigError
from dlp.keys import derive
from dlp.store import Store
from dlp.store.schema import metadata
from dlp.store.sealing import CHUNK, Packed, pack, seal, unpack, unseal
from dlp.store.states import ContentRole, Damaged
from tests.store.samples import KEYS, held, mail

OTHER = derive(bytes(32))
BIG = os.urandom(2 * CHUNK + 17)  # does not shrink: three rows
QUICK = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def _packed(content: bytes = BIG) -> Packed:
    return pack(KEYS, "aa" * 32, ContentRole.ORIGINAL, content)


@QUICK
@given(JSON)
def test_records_come_back(value: object) -> None:
    assert unseal(KEYS, seal(KEYS, value, "row|1"), "row|1") == value


def test_an_address_with_undecodable_octets_is_kept() -> None:
    assert unseal(KEYS, seal(KEYS, "caf\udce9@outside.example", "row|1"), "row|1") == "caf\udce9@outside.example"


@QUICK
@given(st.data())
def test_a_record_with_any_bit_changed_does_not_open(data: st.DataObject) -> None:
    record = bytearray(seal(KEYS, ["some", "value"], "row|1"))
    bit = data.draw(st.integers(0, 8 * len(record) - 1))
    record[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Damaged):
        unseal(KEYS, bytes(record), "row|1")


@pytest.mark.parametrize("cut", [0, 1, 13, 61, 62, -1])
def test_a_cut_record_does_not_open(cut: int) -> None:
    with pytest.raises(Damaged):
        unseal(KEYS, seal(KEYS, "value", "row|1")[:cut], "row|1")


def test_a_record_opens_only_in_its_row_and_under_its_key() -> None:
    record = seal(KEYS, "value", "row|1")
    with pytest.raises(Damaged):
        unseal(KEYS, record, "row|2")
    with pytest.raises(Damaged):
        unseal(OTHER, record, "row|1")
    with pytest.raises(Damaged):
        unseal(KEYS, None, "row|1")


@QUICK
@given(st.binary(max_size=3000), st.integers(0, 3000))
def test_contents_come_back(content: bytes, repeat: int) -> None:
    assert unpack(KEYS, _packed(content * repeat)) == content * repeat


def test_contents_are_cut_into_rows_of_one_mebibyte() -> None:
    packed = _packed()
    assert [len(chunk) for chunk in packed.chunks][:2] == [CHUNK + 16] * 2  # with the tag of 16 bytes
    assert len(packed.chunks) == 3
    assert unpack(KEYS, packed) == BIG


ONE, TWO = _packed(), _packed()
DAMAGE = {
    "last row gone": replace(ONE, chunks=ONE.chunks[:-1]),
    "first row gone": replace(ONE, chunks=ONE.chunks[1:]),
    "all rows gone": replace(ONE, chunks=()),
    "rows swapped": replace(ONE, chunks=(ONE.chunks[1], ONE.chunks[0], ONE.chunks[2])),
    "row repeated": replace(ONE, chunks=(*ONE.chunks, ONE.chunks[2])),
    "row of another item": replace(ONE, chunks=(TWO.chunks[0], *ONE.chunks[1:])),
    "rows of another item": replace(ONE, chunks=TWO.chunks),
    "rows and key of another item": replace(ONE, chunks=TWO.chunks, wrapped_key=TWO.wrapped_key),
    "bit changed": replace(ONE, chunks=(bytes([ONE.chunks[0][0] ^ 1]) + ONE.chunks[0][1:], *ONE.chunks[1:])),
    "another message": replace(ONE, message="bb" * 32),
    "another role": replace(ONE, role=ContentRole.EDITED),
    "key cut": replace(ONE, wrapped_key=ONE.wrapped_key[:-1]),
    "no key": replace(ONE, wrapped_key=b""),
    "another size": replace(ONE, size=ONE.size - 1),
    "another fingerprint": replace(ONE, fingerprint="0" * 64),
}


@pytest.mark.parametrize("packed", DAMAGE.values(), ids=DAMAGE.keys())
def test_damaged_contents_do_not_open(packed: Packed) -> None:
    with pytest.raises(Damaged):
        unpack(KEYS, packed)


def test_contents_do_not_open_under_another_key() -> None:
    with pytest.raises(Damaged):
        unpack(OTHER, ONE)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("content_chunk", "data"),
        ("content", "wrapped_key"),
        ("content", "fingerprint"),
        ("copy", "content"),
        ("copy", "record"),
        ("copy", "recipient_key"),
        ("message", "record"),
    ],
    ids=lambda name: name,
)
def test_cells_swapped_between_two_items_are_never_sent(store: Store, table: str, column: str) -> None:
    """Either the copies are listed as damaged or their contents do not open: nobody gets another one's mail."""
    store.hold(mail("4Aaa"), [held("bob@outside.example", content=b"for bob")])
    store.hold(mail("4Bbb"), [held("eve@outside.example", content=b"for eve")])
    with store._engine.begin() as connection:
        held_in = metadata.tables[table]
        key, cell = next(iter(held_in.primary_key)), held_in.c[column]
        one, two = connection.execute(select(key, cell)).all()
        for identity, value in ((one[0], two[1]), (two[0], one[1])):
            connection.execute(update(held_in).where(key == identity).values({column: value}))
    _assert_damaged(store)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE content SET version = 2",
        "UPDATE copy SET record = NULL",
        "DELETE FROM content_chunk",
        "UPDATE content SET size = 0",
    ],
)
def test_a_lost_or_changed_cell_is_never_sent(store: Store, statement: str) -> None:
    store.hold(mail(), [held("bob@outside.example"), held("eve@outside.example")])
    with store._engine.begin() as connection:
        connection.exec_driver_sql(statement)
    _assert_damaged(store)


def _assert_damaged(store: Store) -> None:
    copies = store.held()
    assert len(copies) == 2
    for copy in copies:
        if not copy.damaged:
            with pytest.raises(Damaged):
                store.content(copy)


def test_a_store_sealed_with_another_key_is_not_opened(store: Store, url: str, data_dir: Path) -> None:
    Store.open(url, data_dir, OTHER).close()  # an empty store belongs to nobody yet
    store.hold(mail(), [held("b@out.example")])
    with pytest.raises(ConfigError, match="not the one this store was sealed with"):
        Store.open(url, data_dir, OTHER)
