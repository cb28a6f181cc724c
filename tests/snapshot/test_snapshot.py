"""The snapshot answers as the directory in memory does, whatever it is made of; what is damaged or not ours is refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.campus.directory import Directory, Stamp
from dlp.campus.names import keys_of
from dlp.campus.records import Approval, Consent, Enrolment, Offering, Record, Staff, Student
from dlp.errors import ConfigError, Refused, Unavailable
from dlp.snapshot import build, indexing, lookups, open_snapshot, verify
from dlp.snapshot.rows import HEAD, decode, encode
from tests.campus.people import TODAY, People
from tests.snapshot import rows as any_rows

KEY, ANOTHER = b"k" * 32, b"l" * 32
AMES = Student("900000001", "Tess", "Ames", email="t.ames@campus.example")
LANE = Staff("p.lane@campus.example", full_name="Pat Lane")

BY_ID = ("student", "enrolments_of", "advising_of", "waivers_of")
BY_ADDRESS = (
    "students_at", "staff_at", "assignments_of", "advising_by", "contacts_at", "forwards_of", "list_at"
)  # fmt: skip
BY_WORD = ("offerings", "assigned_to", "enrolled_in", "department")


def answers(directory: Directory, rows: list[Record]) -> dict[tuple[str, str], object]:
    """What the directory says about every text in the rows, asked in every way."""
    texts: set[str] = {"", "x@campus.example", "x@y.x.campus.example", "900 000 001", "nobody"}
    names: set[str] = set()
    for row in rows:
        texts.update(value for value in (getattr(row, name) for name in row.__slots__) if isinstance(value, str))
        if isinstance(row, Student | Staff):
            names.update(keys_of(row))
        if isinstance(row, Student):
            texts.update(row.alternate_emails)
    asked = {(way, text): getattr(directory, way)(text) for way in BY_ID + BY_ADDRESS + BY_WORD for text in texts}
    return asked | {("named", key): directory.named(key) for key in names}


def built(folder: Path, *rows: Record, name: str = "one", key: bytes = KEY) -> Path:
    return build(folder, rows, replace(TODAY, name=name), key)


@settings(max_examples=60)
@given(rows=st.lists(any_rows.rows, max_size=12))
def test_every_look_up_equals_the_one_in_memory(rows):
    with TemporaryDirectory() as folder:
        snapshot = open_snapshot(built(Path(folder), *rows), KEY)
        assert answers(snapshot, rows) == answers(People(tuple(rows)), rows)


@given(any_rows.rows)
def test_a_row_comes_back_as_it_was(row):
    record = encode(row)
    assert decode(b"before" + record + b"after", len(b"before")) == row


@given(st.binary(max_size=60), st.integers(0, 80))
def test_bytes_that_are_no_record_are_a_value_error(noise, at):
    with pytest.raises(ValueError, match=r"a place outside|not a record|a damaged record"):
        decode(noise, at)


@given(any_rows.rows, any_rows.rows)
def test_a_record_of_another_table_or_cut_short_is_a_value_error(row, other):
    record = encode(row)
    with pytest.raises(ValueError):  # noqa: PT011  which check catches it does not matter
        decode(record[:-1], 0)
    crc, sized = HEAD.unpack_from(record)
    number = HEAD.unpack_from(encode(other))[1] & 15
    if number == sized & 15:
        return
    try:
        wrong = decode(HEAD.pack(crc, sized & ~15 | number) + record[HEAD.size :], 0)
    except ValueError:
        return
    assert type(wrong) is type(other)  # as many columns of the same form


def test_a_collision_of_hashes_never_gives_a_wrong_person(tmp_path, monkeypatch):
    monkeypatch.setattr("dlp.snapshot.indexing.numbered", lambda key: lambda look_up, text: look_up << lookups.HASH_BITS)
    monkeypatch.setattr("dlp.snapshot.reading.numbered", lambda key: lambda look_up, text: look_up << lookups.HASH_BITS)
    rows = [AMES, replace(AMES, id="900000002", email="other@campus.example"), LANE]
    snapshot = open_snapshot(built(tmp_path, *rows), KEY)
    assert answers(snapshot, rows) == answers(People(tuple(rows)), rows)
    assert snapshot.student("900000003") is None


def test_whom_somebody_holds_is_read_once_and_nobody_else_is_kept(tmp_path, monkeypatch):
    read: list[int] = []
    monkeypatch.setattr("dlp.snapshot.reading._REMEMBERED", 0)
    monkeypatch.setattr("dlp.snapshot.reading.decode", lambda rows, at: read.append(at) or decode(rows, at))
    snapshot = open_snapshot(built(tmp_path, AMES, LANE), KEY)
    held = snapshot.student(AMES.id)
    assert (snapshot.students_at(AMES.email), snapshot.named("ames tess")) == ((held,), (held,))
    assert len(read) == 1
    del held
    assert snapshot.student(AMES.id) == AMES
    assert len(read) == 2


def many(number: int) -> Iterator[Record]:
    for n in range(number):
        yield Student(f"{900_000_000 + n}", "Given", f"family{n % 97}", email=f"s{n}@campus.example")
        yield Enrolment(f"{n % 7}.01", f"{900_000_000 + n}", "2026FA")
    yield LANE


@pytest.mark.parametrize("pieces", ["one", "several, by other processes"])
def test_the_index_is_the_same_however_many_processes_make_it(tmp_path, monkeypatch, pieces):
    if pieces != "one":
        monkeypatch.setattr("dlp.snapshot.building._BLOCK", 1 << 10)
        monkeypatch.setattr(indexing, "PIECE", 1 << 16)
        monkeypatch.setattr(indexing, "PART", 2000)
        monkeypatch.setattr(indexing, "_STEP", 50)
    rows = list(many(4000))
    snapshot = open_snapshot(built(tmp_path, *rows), KEY)
    index = [entry for look_up in lookups.LookUp for entry in snapshot.entries(look_up)]
    number = lookups.numbered(KEY)
    at, wanted = 0, []
    for row in rows:
        for look_up, keys in lookups.LOOK_UPS[type(row)]:
            wanted += [(number(look_up, text), at) for text in keys(row)]
        at += len(encode(row))
    assert index == sorted(wanted)
    assert snapshot.student("900003999") == rows[-3]
    assert len(snapshot.named("family0 given")) == len(range(0, 4000, 97))


def test_what_is_there_is_told(tmp_path):
    stamp = Stamp("20260901T060000Z", datetime(2026, 9, 1, 6, tzinfo=UTC), 3, frozenset({"students", "staff"}))
    folder = build(tmp_path / "snapshots", [AMES, LANE, AMES], stamp, KEY)
    snapshot = open_snapshot(folder, KEY)
    assert (snapshot.stamp, snapshot.counts) == (stamp, {"students": 2, "staff": 1})
    assert folder == tmp_path / "snapshots" / stamp.name
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == dict.fromkeys(
        ("attributes", "blocks", "index", "manifest"), 0o600
    )


def test_consents_and_approvals_stay_out(tmp_path):
    consent = Consent("c1", "900000001", frozenset({"grades"}), "@hospital.example", date(2026, 9, 1))
    approval = Approval("a1", "dean@campus.example", date(2026, 9, 1))
    assert open_snapshot(built(tmp_path, consent, AMES, approval), KEY).counts == {"students": 1}


def test_a_build_that_fails_leaves_nothing(tmp_path):
    def rows() -> Iterator[Record]:
        yield AMES
        raise Refused("line 2")

    (tmp_path / ".growing-dead").mkdir()
    with pytest.raises(Refused, match="line 2"):
        build(tmp_path, rows(), TODAY, KEY)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_second_import_beside_one_and_a_name_twice_are_refused(tmp_path):
    def rows() -> Iterator[Record]:
        with pytest.raises(Refused, match="another import is under way"):
            built(tmp_path, name="two")
        yield AMES

    assert open_snapshot(build(tmp_path, rows(), TODAY, KEY), KEY).student("900000001") == AMES
    with pytest.raises(Refused, match="already"):
        build(tmp_path, [], TODAY, KEY)
    with pytest.raises(ValueError, match="not a name"):
        built(tmp_path, name="../elsewhere")


def test_another_key_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(ConfigError, match=r"another site key \(restore the site key it was made with, or, .* import"):
        open_snapshot(built(tmp_path, AMES), ANOTHER)


def test_the_files_tell_nothing_of_the_key(tmp_path):
    folder = built(tmp_path, AMES)
    assert not any(KEY in path.read_bytes() or KEY.hex().encode() in path.read_bytes() for path in folder.iterdir())


@pytest.mark.parametrize("file", ["attributes", "blocks", "index", "manifest"])
@pytest.mark.parametrize("harm", ["missing", "empty", "shorter", "longer"])
def test_a_file_of_another_size_is_refused(tmp_path, file, harm):
    path = built(tmp_path, AMES, Offering("18.06", "2026FA")) / file
    whole = path.read_bytes()
    path.unlink()
    if harm != "missing":
        path.write_bytes({"empty": b"", "shorter": whole[:-1], "longer": whole + b"\n"}[harm])
    with pytest.raises(ConfigError) as refused:
        open_snapshot(path.parent, KEY)
    assert refused.value.remedy


@settings(max_examples=150)
@given(st.data())
def test_one_changed_bit_anywhere_is_noticed(data):
    with TemporaryDirectory() as folder:
        path = built(Path(folder), AMES, LANE)
        file = path / data.draw(st.sampled_from(("attributes", "blocks", "index", "manifest")))
        content = bytearray(file.read_bytes())
        bit = data.draw(st.integers(0, len(content) * 8 - 1))
        content[bit // 8] ^= 1 << bit % 8
        file.write_bytes(content)
        with pytest.raises(ConfigError):
            verify(path, KEY)
        try:  # what was opened without being read whole fails or answers truly
            snapshot = open_snapshot(path, KEY)
            assert snapshot.student("900000001") == AMES
            assert snapshot.staff_at("p.lane@campus.example") == LANE
            assert snapshot.student("900000002") is None
        except (ConfigError, Unavailable):
            pass


def test_a_row_that_cannot_be_read_is_our_trouble_and_nobody_becomes_unknown(tmp_path):
    folder = built(tmp_path, AMES)
    content = bytearray((folder / "attributes").read_bytes())
    content[-1] ^= 1
    (folder / "attributes").write_bytes(content)
    with pytest.raises(Unavailable, match="directory"):
        open_snapshot(folder, KEY).student("900000001")


@pytest.mark.parametrize("noise", [b"", b"\n\n\n", b"[" * 100_000, os.urandom(500), b"campus-dlp snapshot 2 x\n{}\n\n"])
def test_a_manifest_that_is_none_is_refused(tmp_path, noise):
    folder = built(tmp_path, AMES)
    (folder / "manifest").write_bytes(noise)
    with pytest.raises(ConfigError, match="import the campus files again"):
        open_snapshot(folder, KEY)


def test_a_snapshot_that_is_removed_goes_on_answering(tmp_path):
    folder = built(tmp_path, AMES)
    snapshot = open_snapshot(folder, KEY)
    for path in folder.iterdir():
        path.unlink()
    assert snapshot.student("900000001") == AMES
