"""A snapshot opened: the look-ups of `Directory` over two mapped files that never change.

Takes the folder and the key its index is hashed with; gives a Snapshot, or a ConfigError with the remedy for one that is
damaged, of another version or of another key. What the index leads to is compared with what was asked, so a collision of
hashes answers nothing. Rows and the blocks of the index have sums, so each answer is known to rest on what was written, "not
there" too: else it is Unavailable, for whoever stands in a damaged place must not become unknown.
"""

from __future__ import annotations

import mmap
import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from itertools import islice
from math import isqrt
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary
from zlib import crc32

from dlp.campus.directory import ENROLLED_AT_MOST, NAMED_AT_MOST, Stamp
from dlp.campus.folding import domains_above, folded_address, folded_id, folded_word
from dlp.campus.near import NOBODY, Near
from dlp.campus.people import called_near
from dlp.campus.records import (
    Advising,
    Assignment,
    Contact,
    Department,
    Enrolment,
    Forward,
    MailList,
    Offering,
    Staff,
    Student,
    Waiver,
)
from dlp.errors import Unavailable
from dlp.snapshot.building import sum_of
from dlp.snapshot.indexing import BLOCK
from dlp.snapshot.lookups import HASH_BITS, LookUp, keys_under, numbered
from dlp.snapshot.manifest import BLOCKS, FILES, Manifest, damaged, read_manifest
from dlp.snapshot.rows import Row, decode

_ENTRY = 16
_MASK = (1 << HASH_BITS) - 1
_CORRESPONDENTS = 512  # whose students' names are remembered: 30 KB each for a hundred students
_REMEMBERED = 2048  # answers: one message asks for the same people several times, and the next is often by the same sender


def open_snapshot(path: Path, key: bytes) -> Snapshot:
    """The snapshot in this folder; manifest, sizes and the sums of the blocks are checked. Raises ConfigError."""
    manifest = read_manifest(path, key)
    _compared(path / BLOCKS, manifest)
    attributes, index, blocks = (_mapped(path / name, manifest) for name in FILES)
    return Snapshot(manifest, attributes, index, blocks, key)


def verify(path: Path, key: bytes) -> Manifest:
    """Read every byte of a snapshot and compare the sums, about a second for each gigabyte. Raises ConfigError."""
    manifest = read_manifest(path, key)
    for name in FILES:
        _compared(path / name, manifest)
    return manifest


class Snapshot:
    """A Directory. `counts` are rows by import file. Safe in several threads; the files may be unlinked meanwhile."""

    def __init__(self, manifest: Manifest, attributes: memoryview, index: memoryview, blocks: memoryview, key: bytes) -> None:
        self.manifest = manifest
        self.attributes = attributes
        self._index, self._sums = index, blocks.cast("I")
        self._good = bytearray(len(self._sums))  # the blocks this process has looked at
        numbers = index.cast("Q")
        self._hashes, self._offsets = numbers[::2], numbers[1::2]
        self._number = numbered(key)
        self._begins = manifest.begins
        # a sheet asks for each student by ID, address and name: whom somebody still holds is not decoded again
        self._students: WeakValueDictionary[int, Student] = WeakValueDictionary()
        self._kept = lru_cache(_REMEMBERED)(self._all)
        self._contacts = lru_cache(_REMEMBERED)(self._contacts_above)
        self._near = lru_cache(_CORRESPONDENTS)(partial(called_near, self))

    @property
    def stamp(self) -> Stamp:
        return self.manifest.stamp

    @property
    def counts(self) -> Mapping[str, int]:
        return self.manifest.counts

    def student(self, student_id: str) -> Student | None:
        return next(iter(self._kept(LookUp.STUDENT, folded_id(student_id))), None)

    def students_at(self, address: str) -> tuple[Student, ...]:
        return self._kept(LookUp.STUDENTS_AT, folded_address(address))

    def staff_at(self, address: str) -> Staff | None:
        return next(iter(self._kept(LookUp.STAFF_AT, folded_address(address))), None)

    def named(self, key: str, at_most: int = NAMED_AT_MOST) -> tuple[Student | Staff, ...]:
        people = (row for row in self._found(LookUp.NAMED, key) if isinstance(row, Student | Staff))
        return tuple(islice(people, at_most))

    def offerings(self, subject: str) -> tuple[Offering, ...]:
        return self._kept(LookUp.OFFERINGS, folded_word(subject))

    def assigned_to(self, subject: str) -> tuple[Assignment, ...]:
        return self._kept(LookUp.ASSIGNED_TO, folded_word(subject))

    def assignments_of(self, address: str) -> tuple[Assignment, ...]:
        return self._kept(LookUp.ASSIGNMENTS_OF, folded_address(address))

    def enrolments_of(self, student_id: str) -> tuple[Enrolment, ...]:
        return self._kept(LookUp.ENROLMENTS_OF, folded_id(student_id))

    def enrolled_in(self, subject: str) -> tuple[Enrolment, ...]:
        return self._kept(LookUp.ENROLLED_IN, folded_word(subject))[:ENROLLED_AT_MOST]

    def called_near(self, address: str) -> Near:
        # strangers and students, who are near nobody, take no place of those who are
        return self._near(address) if self.advising_by(address) or self.assignments_of(address) else NOBODY

    def advising_by(self, address: str) -> tuple[Advising, ...]:
        return self._kept(LookUp.ADVISING_BY, folded_address(address))

    def advising_of(self, student_id: str) -> tuple[Advising, ...]:
        return self._kept(LookUp.ADVISING_OF, folded_id(student_id))

    def contacts_at(self, address: str) -> tuple[Contact, ...]:
        return self._contacts(address)

    def forwards_of(self, address: str) -> tuple[Forward, ...]:
        return self._kept(LookUp.FORWARDS_OF, folded_address(address))

    def department(self, name: str) -> Department | None:
        return next(iter(self._kept(LookUp.DEPARTMENT, folded_word(name))), None)

    def list_at(self, address: str) -> MailList | None:
        return next(iter(self._kept(LookUp.LIST_AT, folded_address(address))), None)

    def waivers_of(self, student_id: str) -> tuple[Waiver, ...]:
        return self._kept(LookUp.WAIVERS_OF, folded_id(student_id))

    def entries(self, look_up: LookUp) -> Iterator[tuple[int, int]]:
        """Hash and offset of every entry of one look-up, by rising hash."""
        places = slice(self._begins[look_up], self._begins[look_up + 1])
        return zip(self._hashes[places], self._offsets[places], strict=True)

    def _contacts_above(self, address: str) -> tuple[Contact, ...]:
        places = (folded_address(address), *domains_above(address))
        return next(filter(None, (self._kept(LookUp.CONTACTS_AT, place) for place in places)), ())

    def _all(self, look_up: LookUp, text: str) -> tuple[Any, ...]:
        """Of one kind, but of people of one name: no other row has a key for this look-up."""
        return tuple(self._found(look_up, text))

    def _found(self, look_up: LookUp, text: str) -> Iterator[Row]:
        """The rows that have this very key, in the order in which they came."""
        if not text:
            return
        number, before = self._number(look_up, text), -1
        for place in range(self._place(look_up, number), self._begins[look_up + 1]):
            if self._hash(place) != number:
                return
            offset = self._offsets[place]
            if offset == before:  # two keys of one row under one hash
                continue
            before = offset
            row = self._students.get(offset) or self._decoded(offset)
            if text in keys_under(row, look_up):
                yield row

    def _decoded(self, offset: int) -> Row:
        try:
            row = decode(self.attributes, offset)
        except ValueError:
            raise Unavailable("directory") from None
        if isinstance(row, Student):
            self._students[offset] = row
        return row

    def _place(self, look_up: LookUp, number: int) -> int:
        """Of the first entry that is not below this number. Hashes are spread evenly, so it is near where it ought to be."""
        begin, end = self._begins[look_up], self._begins[look_up + 1]
        ought = begin + ((number & _MASK) * (end - begin) >> HASH_BITS)
        off = 2 * isqrt(end - begin) + 8
        low, high = max(begin, ought - off), min(end, ought + off)
        place = bisect_left(self._hashes, number, low, high)
        if (place == low > begin) or (place == high < end):
            place = bisect_left(self._hashes, number, begin, end)
        if (place > begin and self._hash(place - 1) >= number) or (place < end and self._hash(place) < number):
            raise Unavailable("directory")  # a damaged block on the way led us astray
        return place

    def _hash(self, place: int) -> int:
        """The number of this entry, which is what was written."""
        block = place * _ENTRY // BLOCK
        if not self._good[block]:
            if crc32(self._index[block * BLOCK : (block + 1) * BLOCK]) != self._sums[block]:
                raise Unavailable("directory")
            self._good[block] = 1
        return int(self._hashes[place])


def _compared(path: Path, manifest: Manifest) -> None:
    try:
        good = sum_of(path) == manifest.sums[path.name]
    except OSError as error:
        raise damaged(path, f"the snapshot cannot be read: {(error.strerror or '').lower()}") from None
    if not good:
        raise damaged(path)


def _mapped(path: Path, manifest: Manifest) -> memoryview:
    """A whole file, if it is as long as the manifest says. The pages are shared by all processes that map it."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            size = os.fstat(file).st_size
            if size != manifest.sizes[path.name]:
                raise damaged(path)
            if size == 0:
                return memoryview(b"")
            mapped = mmap.mmap(file, size, mmap.MAP_SHARED, mmap.PROT_READ)
        finally:
            os.close(file)
    except OSError as error:
        raise damaged(path, f"the snapshot cannot be read: {(error.strerror or '').lower()}") from None
    mapped.madvise(mmap.MADV_RANDOM)
    return memoryview(mapped)
