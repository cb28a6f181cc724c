"""ZIP archives, read as every reader may: by the central directory, by local headers, and what neither names.

Takes a Source; gives members, names, comments and what extra fields hold. Where two readings of the records give different
content both are given and the archive ends as ambiguous. Members behind a password are tried with those of the budget.
APPNOTE.TXT 6.3.10 of PKWARE, and WinZip's AES. Never trusts a size.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType

from dlp.extractors import zip_kinds, zip_locks, zip_records
from dlp.extractors.content import Budget, File, Piece, Source, Stop, Text, broken
from dlp.extractors.runs import runs
from dlp.extractors.unfolding import DECOMPRESSORS, Unfolded, lzma_in_zip, unfold
from dlp.extractors.zip_records import Directory, Record
from dlp.mail import charset
from dlp.values import PartStatus

_LZMA = 14
_METHODS = MappingProxyType({8: "deflate", 12: "bzip2", 93: "zstd", 95: "xz"})
_OF_PARTS = frozenset({zip_records.STORED, zip_records.DEFLATED})  # what a document's parts may be (ECMA-376 part 2, annex B)
_UNICODE_FIELDS = frozenset({0x7075, 0x6375})  # another name, another comment (4.6.8, 4.6.9)
_STRONG = 1 << 6  # general purpose flags: PKWARE's strong encryption,
_MASKED = 1 << 13  # and a central directory that is encrypted
_UNTOLD = 12  # bytes between members that hold nothing, unless they are characters


def zip_archive(source: Source, budget: Budget) -> Iterator[Piece]:
    """Every member, by every reading of the records."""
    found = zip_records.directories(source.data)
    archive = _Archive(source.data, budget, elsewhere=zip_kinds.parts(source.data, found))
    for directory in found:
        yield from archive.read(directory)
    yield from archive.unnamed(polyglot=not zip_kinds.begins(source.data))
    if any(each.split for each in found) or (not found and source.data.startswith(zip_records.DESCRIPTOR_MARK)):
        raise Stop(PartStatus.UNSUPPORTED, "split")
    if archive.damaged or not found or not all(each.whole for each in found):
        raise broken()
    if archive.doubtful or archive.overlap() or len({each.records for each in found}) > 1:
        raise Stop(PartStatus.AMBIGUOUS, "ambiguous")


def notes(source: Source, _budget: Budget) -> Iterator[Piece]:
    """Comments and extra fields alone, of a file whose members another reader takes."""
    for directory in zip_records.directories(source.data):
        yield from _note(directory.comment, "comment")
        for record in directory.records:
            yield from _extra(record)
            head = zip_records.local(source.data, record.offset)
            if head and head.extra != record.extra:
                yield from _extra(head)


@dataclass(frozen=True, slots=True)
class _Content:
    """What one record makes of the bytes. `right`: size and checksum are as it says, or there is nothing to check."""

    files: tuple[File, ...]
    right: bool = True


@dataclass(slots=True)
class _Archive:
    data: bytes
    budget: Budget
    elsewhere: frozenset[int] = frozenset()  # members read beside this as parts of a document, if all readers agree on them
    seen: set[Record] = field(default_factory=set)
    members: list[tuple[int, int]] = field(default_factory=list)  # from local header to data descriptor
    others: list[tuple[int, int]] = field(default_factory=list)  # what else is accounted for
    sums: dict[str, int] = field(default_factory=dict)  # of contents, by name
    doubtful: bool = False
    damaged: bool = False

    def read(self, directory: Directory) -> Iterator[Piece]:
        """What one central directory names."""
        self.others += [(directory.begin, directory.end), (directory.ending_begin, directory.ending_end)]
        yield from _note(directory.comment, "comment")
        for record in directory.records:
            if record in self.seen:
                continue
            self.seen.add(record)
            yield from _extra(record)
            if directory.split:
                self.budget.take("members")
                yield Text(_name(record), "name")
            else:
                yield from self._member(record)

    def unnamed(self, *, polyglot: bool) -> Iterator[Piece]:
        """Members no directory names, and whatever else stands between or behind the records.

        In a polyglot what stands in front and behind is the other file's, and read as that.
        """
        for begin, end in tuple(self._gaps()):
            at = begin
            while (head_at := self.data.find(zip_records.LOCAL, at, end)) >= 0:
                head = zip_records.local(self.data, head_at)
                if not head:
                    break
                yield from self._loose(at, head_at, polyglot=polyglot)
                self.doubtful = True
                at = yield from self._hidden(head, end)
            yield from self._loose(at, end, polyglot=polyglot)

    def overlap(self) -> bool:
        """Members share bytes."""
        spans = sorted(self.members)
        return any(one[1] > other[0] for one, other in pairwise(spans))

    def _member(self, record: Record) -> Iterator[Piece]:
        head = zip_records.local(self.data, record.offset)
        name = _name(record)
        if head is None:
            yield File(b"", name, status=PartStatus.BROKEN, why="broken")
            return
        if head.extra != record.extra:
            yield from _extra(head)
        if head.name != record.name:
            yield Text(_name(head), "name")
        behind = zip_records.behind(self.data, record, head)
        contents = [self._content(replace(record, data=head.data))]
        if not zip_kinds.agree(replace(record, name=head.name), head):
            behind = max(behind, zip_records.behind(self.data, head, head))
            contents.append(self._content(head))
        self.members.append((record.offset, min(behind, len(self.data))))
        self.damaged = self.damaged or not any(each.right for each in contents)
        files = dict.fromkeys(replace(file, name=name) for each in contents for file in each.files)
        self.doubtful = self.doubtful or len({each.files for each in contents}) > 1
        new = [file for file in files if self._is_new(file)]
        is_part = record.offset in self.elsewhere and len(contents) == 1 and contents[0].right
        for file in contents[0].files[1:] if is_part and record.method in _OF_PARTS else new:
            yield from self._given(file)

    def _hidden(self, head: Record, end: int) -> Generator[Piece, None, int]:
        """A member by its local header alone; gives where it ends. Its size may be told behind it only."""
        sized = head.packed or not head.flags & zip_records.DESCRIPTOR
        following = self.data.find(zip_records.LOCAL, head.data, end)
        last = head.data + head.packed if sized else end if following < 0 else following
        record = replace(head, packed=min(last, len(self.data)) - head.data)
        yield from _extra(head)
        content = self._content(record, sized=bool(sized))
        self.damaged = self.damaged or not content.right or last > len(self.data)
        for file in content.files:
            yield from self._given(file)
        return head.data + record.packed

    def _content(self, record: Record, *, sized: bool = True) -> _Content:
        """What one record says the member holds; a second file is what stands behind its stream."""
        name = _name(record)
        packed = self.data[record.data : record.data + record.packed]
        encrypted = record.flags & zip_records.ENCRYPTED
        if record.flags & (_STRONG | _MASKED):
            opened = None
        else:
            opened = self._unlock(packed, record) if encrypted else _unfold(record.method, packed, self.budget)
        if opened is None:
            status, why = (PartStatus.ENCRYPTED, "password") if encrypted else (PartStatus.UNSUPPORTED, "unsupported")
            return _Content((File(b"", name, status=status, why=why),))
        checked = _checked(opened, record) and len(opened.data) == record.size
        right = opened.whole and len(packed) == record.packed and (checked or not sized)
        rest = b"" if encrypted else packed[opened.used :] if sized else zip_records.without_descriptor(packed[opened.used :])
        return _Content((File(opened.data, name), *([File(rest)] if _tells(rest) else [])), right)

    def _unlock(self, packed: bytes, record: Record) -> Unfolded | None:
        for password in ("", *self.budget.passwords):
            clear = zip_locks.unlock(packed, record, password.encode())
            opened = None if clear is None else _unfold(zip_locks.method(record), clear, self.budget)
            if opened and _checked(opened, record):
                return opened
        return None

    def _is_new(self, file: File) -> bool:
        """Of two members of one name a reader keeps one. The same part of a document once more is nothing new."""
        name, content = file.name.replace("\\", "/"), hash(file.data)
        again = name in self.sums
        same = self.sums.setdefault(name, content) == content
        self.doubtful = self.doubtful or not same
        return not (again and same and self.elsewhere)

    def _given(self, file: File) -> Iterator[Piece]:
        folder = not file.data and file.status is PartStatus.READ and file.name.endswith(("/", "\\"))
        if folder:
            self.budget.take("members")
        yield Text(file.name, "name") if folder else file

    def _gaps(self) -> Iterator[tuple[int, int]]:
        at = 0
        for begin, end in sorted((*self.members, *self.others)):
            if begin > at:
                yield at, begin
            at = max(at, end)
        if at < len(self.data):
            yield at, len(self.data)

    def _loose(self, begin: int, end: int, *, polyglot: bool) -> Iterator[Piece]:
        rest = self.data[begin:end]
        if _tells(rest) and (begin or not polyglot):
            yield Text(runs(rest), "characters") if polyglot or len(rest) == len(self.data) else File(rest)


def _checked(opened: Unfolded, record: Record) -> bool:
    return not zip_locks.has_checksum(record) or zlib.crc32(opened.data) == record.crc


def _unfold(method: int, packed: bytes, budget: Budget) -> Unfolded | None:
    """None: packed in a way that is not read."""
    if method == zip_records.STORED:
        return Unfolded(packed, whole=True, used=len(packed))
    if method == _LZMA:
        return lzma_in_zip(packed, budget)
    name = _METHODS.get(method)
    return unfold(DECOMPRESSORS[name](), packed, budget) if name else None


def _name(record: Record) -> str:
    return charset.decode(record.name)


def _note(data: bytes, place: str) -> Iterator[Text]:
    if data:
        yield Text(charset.decode(data), place)


def _extra(record: Record) -> Iterator[Text]:
    yield from _note(record.comment, "comments")
    for number, data in zip_records.extra_fields(record.extra):
        text = charset.decode(data[5:]) if number in _UNICODE_FIELDS else runs(data)
        if text.strip():
            yield Text(text, "extra fields")


def _tells(data: bytes) -> bool:
    """More than padding."""
    bare = data.strip(zip_kinds.PADDING)
    return len(bare) > _UNTOLD or (len(bare) > 4 and bare.isascii() and bare.decode("ascii").isprintable())
