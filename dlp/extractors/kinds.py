"""What a file is, by its bytes: the words of the table of extractors.

Takes a Source and libmagic's word; gives one or more kinds, the surest first: a file that is two things is read as
both. Names and declared types only choose among readings of text. Never fails; what nothing fits is "unknown".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dlp.extractors import cbor, cms, mail_kinds, ole_names, openpgp, zip_kinds, zip_records
from dlp.extractors.content import Source
from dlp.extractors.tars import read_header
from dlp.mail import armours, charset
from dlp.mail.leaf import is_binary

Sniff = Callable[[bytes], str]

# Read beside "text", and only where there is an extractor: without one nothing is lost. So such an extractor gives nothing,
# and raises nothing, where the text is no such thing after all.
TEXT_READINGS = frozenset(
    {"calendar", "flat-office", "html", "json", "mbox", "plist", "spreadsheet-xml", "sylk", "vcard", "xml"}
)

_TEXT_TYPES = frozenset(
    {"application/csv", "application/json", "application/javascript", "application/xml", "application/x-ndjson"}
)
# where a kind begins: at an offset, or behind junk that readers skip
_AT: tuple[tuple[str, int, bytes], ...] = (
    ("pdf", 0, rb"%PDF-"),
    ("fdf", 0, rb"%FDF-"),
    ("ole", 0, re.escape(ole_names.MAGIC)),
    ("rtf", 0, rb"(?:\xef\xbb\xbf)?\s{0,1024}\{\\rt"),
    ("image", 0, rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|II[*+]\0|MM\0[*+]|RIFF.{4}WEBP|BM.{4}\0{4}"),
    ("image", 0, rb".{4}ftyp(?:he[iv][cxms]|mif1|msf1|avi[fs])|8BPS\0[\x01\x02]|\0{3}\x0c(?:jP  |JXL )\r\n"),
    ("image", 0, rb"\x01\0{3}.{36} EMF|\xd7\xcd\xc6\x9a\0\0|[\x01\x02]\0\x09\0\0[\x01\x03]"),
    ("7z", 0, rb"7z\xbc\xaf\x27\x1c"),
    ("rar", 0, rb"Rar!\x1a\x07[\0\x01]"),
    ("cab", 0, rb"MSCF\0{4}"),
    ("gzip", 0, rb"\x1f\x8b"),
    ("bzip2", 0, rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    ("xz", 0, rb"\xfd7zXZ\0"),
    ("zstd", 0, rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
    ("lzip", 0, rb"LZIP\x01"),
    ("lzma", 0, rb"\x5d\0\0..(?:\xff{8}|.{5}\0{3})\0"),
    ("lz4", 0, rb"\x04\x22\x4d\x18"),
    ("compress", 0, rb"\x1f\x9d"),
    ("lha", 2, rb"-l[hz][0-9sd]-"),
    ("cpio", 0, rb"07070[12][0-9A-Fa-f]{104}|070707[0-7]{70}|\xc7\x71|\x71\xc7"),
    ("ar", 0, rb"!<arch>\n"),
    ("xar", 0, rb"xar!\0\x1c"),
    ("iso", 32_769, rb"CD001|NSR0[23]|BEA01"),
    ("tnef", 0, rb"\x78\x9f\x3e\x22"),
    ("apple-double", 0, rb"\0\x05\x16[\0\x07]\0[\x01\x02]\0\0"),
    ("ds-store", 0, rb"\0{3}\x01Bud1"),
    ("sqlite", 0, rb"SQLite format 3\0"),
    ("plist", 0, rb"bplist0"),
    ("mail-store", 0, rb"!BDN.{4}SM"),
    ("cms", 0, cms.STARTS),
    ("pgp", 0, openpgp.STARTS),
    ("sealed", 0, armours.SEALED.pattern),
    ("executable", 0, rb"MZ.{58}.{2}\0\0|\x7fELF|\xca\xfe\xba\xbe|[\xcf\xce]\xfa\xed\xfe"),
)
_STARTS = tuple((kind, offset, re.compile(pattern, re.DOTALL)) for kind, offset, pattern in _AT)
# what is found further in; whole bytes, which are looked for far faster than expressions
_LATER = (
    ("rar", b"Rar!\x1a\x07"),
    ("7z", b"7z\xbc\xaf\x27\x1c\0"),
    ("cab", b"MSCF\0\0\0\0"),
)
_PDF = (b"%PDF-1.", b"%PDF-2.")
_LATER_WITHIN = 1 << 20  # self-extracting programs are smaller than that in front
_PDF_WITHIN = 1024
_PAGE = re.compile(rb"<(?:!doctype html|html|head|body|table|script)[\s>]", re.IGNORECASE)  # what makes a browser show a page
_PAGE_WITHIN = 1 << 16
_HTML = ("text/html", "application/xhtml+xml")
_TEXTS: tuple[tuple[str, re.Pattern[bytes], tuple[str, ...], tuple[str, ...]], ...] = (
    ("calendar", re.compile(rb"BEGIN:VCALENDAR", re.IGNORECASE), ("text/calendar",), (".ics", ".vcs", ".ifb")),
    ("vcard", re.compile(rb"BEGIN:VCARD", re.IGNORECASE), ("text/vcard", "text/x-vcard"), (".vcf",)),
    ("mbox", re.compile(rb"From \S{1,998} .{0,998}\n[!-9;-~]{1,99}:"), ("application/mbox",), (".mbox",)),
    ("svg", re.compile(rb"<(?:.{0,4096}?<)?svg[\s>]", re.DOTALL), ("image/svg+xml",), (".svg",)),
    ("html", re.compile(rb"<(?:.{0,4096}?<)?html[\s>]", re.DOTALL | re.IGNORECASE), _HTML, (".html", ".htm")),
    ("plist", re.compile(rb"<(?:\?xml.{0,512}?<)?!DOCTYPE plist|<plist[\s>]", re.DOTALL), (), (".plist",)),
    (
        "flat-office",
        re.compile(rb"<\?xml.{0,4096}?<(?:\w{1,9}:)?(?:package|wordDocument|document)\s", re.DOTALL),
        (),
        (".fodt", ".fodp"),
    ),
    ("spreadsheet-xml", re.compile(rb"<\?xml.{0,4096}?<(?:\w{1,9}:)?Workbook\s", re.DOTALL), (), ()),
    ("sylk", re.compile(rb"ID;P"), (), (".slk",)),
    ("xml", re.compile(rb"<\?xml[\s?]"), ("application/xml", "text/xml"), (".xml",)),
    ("json", re.compile(rb"[\[{]\s*(?:[\[{\"\d\]}-]|true|false|null)"), ("application/json",), (".json",)),
)
_LOOKED_AT = 4_096
_LEAST_WIDE = 40  # bytes: fewer say nothing
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x0e\x0f\x1b\0"))
_SHORTEST_FIELD = 5  # "From:": libmagic knows mail by its first line, and by nothing shorter
_PRINTS = bytes(range(32, 127)) + b"\t\n\r"
_MEDIA = ("audio/", "video/")
_OF_SNIFF = {"application/x-dosexec": "executable", "application/x-sharedlib": "executable"}
# formats that hold other files as they are: a signature further in may be one of theirs
_HOLDERS = frozenset({"tar", "ole", "cpio", "ar", "iso", "zip", "tnef"})
_OLE_KINDS = (
    ("encrypted-ooxml", {"encryptedpackage"}),
    ("msg", {"__properties_version1.0"}),
    ("xls", {"workbook", "book"}),
    ("doc", {"worddocument"}),
    ("ppt", {"powerpoint document"}),
)
_SLACK = 4096  # bytes behind an OLE file's last sector that are its padding


def kinds(source: Source, sniff: Sniff) -> tuple[str, ...]:
    """The kinds whose extractors should read it."""
    data = source.data
    if not data:
        return ("text",)
    found = dict.fromkeys(_first(data))
    if not found or found.keys() & {"cms", "pgp", "sealed"}:
        found.update(dict.fromkeys(_by_sniff(source, sniff(data))))
    return tuple(dict.fromkeys((*found, *_further(data, tuple(found))))) or ("unknown",)


def is_known(beginning: bytes) -> bool:
    """Whether bytes begin as a kind with a reader does. Of a file's first few hundred this is true of most that have one."""
    return beginning.startswith(zip_kinds.STARTS) or any(pattern.match(beginning, at) for _, at, pattern in _STARTS)


def is_unknown(source: Source) -> bool:
    """True of binary data of which `kinds` would say no more than that there is no reader for it, whatever libmagic's word.

    Nothing here takes apart what it looks at: it may be asked where mail is received.
    """
    data = source.data
    return not (
        is_known(data)
        or cbor.begins(data)
        or read_header(data[:512])
        or data[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n")[:_SHORTEST_FIELD].translate(None, _PRINTS) == b""  # mail, perhaps
        or not (is_binary(data) or _is_mostly_controls(data))
        or charset.is_wide(data, source.charset)
        or _is_wide(data)
        or zip_records.END in data
        or any(_later(data))
    )


def _first(data: bytes) -> Iterator[str]:
    """What begins where the file begins."""
    for kind, offset, pattern in _STARTS:
        if pattern.match(data, offset):
            yield from _ole(data) if kind == "ole" else (kind,)
    if cbor.parsed(data) is not None:
        yield "cbor"
    header = read_header(data[:512])
    if header and header.name:
        yield "tar"
    if zip_kinds.begins(data):
        yield from zip_kinds.kinds(data) or (("zip",) if data.startswith(zip_kinds.STARTS) else ())


def _further(data: bytes, found: tuple[str, ...]) -> Iterator[str]:
    """What begins behind something else: polyglots, self-extracting programs, a tail nobody asked for."""
    if not _HOLDERS.isdisjoint(found) or not set(found).isdisjoint(dict(_OLE_KINDS)):
        data = data[ole_names.end(data) + _SLACK :] if data.startswith(ole_names.MAGIC) else b""
    elif not zip_kinds.is_office(found):
        later = list(_later(data))
        if later and not found and set(later) != {"pdf"}:
            yield "unknown"  # the junk in front
        yield from later
    if "image" in found and _PAGE.search(data, 0, _PAGE_WITHIN):
        yield "page"
    zipped = zip_kinds.kinds(data) if not found or not zip_kinds.begins(data) else ()
    if zipped and not found:
        yield "unknown"
    yield from zipped


def _by_sniff(source: Source, found: str) -> Iterator[str]:
    if found == "message/rfc822":
        yield "message"
        return
    data = source.data
    text = found.startswith("text/") or found in _TEXT_TYPES or _is_utf8(data)
    wide = _is_wide(data)
    if wide or (text and (charset.is_wide(data, source.charset) or not (is_binary(data) or _is_mostly_controls(data)))):
        yield "message" if mail_kinds.is_mail(source) else "text"
        yield from _texts(source)
        if b"endobj" in data and b"startxref" in data[-_PDF_WITHIN:]:
            yield "pdf"  # some viewers want no head
    elif found.startswith(_MEDIA):
        yield "media"
    elif found in _OF_SNIFF:
        yield _OF_SNIFF[found]


def _texts(source: Source) -> Iterator[str]:
    """The readings of a text beside the plain one."""
    head = source.data[:65_536].lstrip(b"\xef\xbb\xbf \t\r\n")[:8_192]
    for kind, pattern, types, endings in _TEXTS:
        if source.media_type in types or any(name.lower().endswith(endings) for name in source.names) or pattern.match(head):
            yield kind


def _ole(data: bytes) -> Iterator[str]:
    names = {name.lower() for name in ole_names.root_names(data)}  # as those who look for them compare
    found = [kind for kind, marks in _OLE_KINDS if not marks.isdisjoint(names)]
    yield from found or ["ole"]


def _later(data: bytes) -> Iterator[str]:
    """What of these begins further in."""
    for kind, mark in _LATER:
        if data.find(mark, 1, _LATER_WITHIN) > 0:
            yield kind
    if any(data.find(mark, 1, _PDF_WITHIN + len(mark) - 1) > 0 for mark in _PDF) and (b"startxref" in data or b"%%EOF" in data):
        yield "pdf"


def _is_wide(data: bytes) -> bool:
    """UTF-16 without a mark: every other byte is NUL, as in most languages' text, and the others hardly ever."""
    head = data[:_LOOKED_AT]
    first, second = head[::2].count(0), head[1::2].count(0)
    return max(first, second) * 4 > len(head) and min(first, second) * 50 < len(head) >= _LEAST_WIDE


def _is_mostly_controls(data: bytes) -> bool:
    """A tenth of it, but for what parts lines and shifts charsets: no text has so many."""
    head = data[:65_536]
    return (len(head) - len(head.translate(None, _CONTROLS))) * 10 > len(head)


def _is_utf8(data: bytes) -> bool:
    try:
        return b"\0" not in data and bool(data.decode("utf-8"))
    except ValueError:
        return False
