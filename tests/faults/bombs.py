"""The forty bombs of reliability.md, list B: small files that cost a naive reader its time, its memory or its disk.

`BOMBS` maps a name to a builder that takes a size (1 for the small limits of tests, 100 for the shipped ones) and gives a
whole message. Files are built by hand, so that each is wrong in one way only. B40 is no message: patterns and imports have
tests of their own (tests/detectors/test_catastrophic.py, tests/campus).
"""

from __future__ import annotations

import base64
import bz2
import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence

from backports import zstd

from tests.evasion.groups.files import attached, tarred, zipped
from tests.evasion.planted import HEAD, alone
from tests.extractors.pdf_writer import build, page, stream

Builder = Callable[[int], bytes]
MIB = 1 << 20


def _zeros(size: int) -> int:
    return 5 * MIB * size


def _as(data: bytes, name: str = "file.bin") -> bytes:
    return alone(attached(data, name))


def flat_zip(size: int) -> bytes:
    return _as(zipped(("a.txt", bytes(_zeros(size)))))


def overlapping_zip(size: int) -> bytes:
    """Many names for one member's bytes."""
    kernel = zlib.compress(bytes(MIB), 9)[2:-4]
    local = _local(b"a", kernel, MIB)
    entries = b"".join(_central(b"n%06d" % number, kernel, MIB, 0) for number in range(20 * size))
    return _as(local + entries + _end(20 * size, len(entries), len(local)))


def quoted_overlap_zip(size: int) -> bytes:
    """Each member's extra field reaches over the next one's local header, down to one kernel."""
    kernel = zlib.compress(bytes(MIB), 9)[2:-4]
    count = min(20 * size, 1_000)
    file, offsets = _local(b"k", kernel, MIB), [0]
    for number in range(1, count):
        header = _local(b"q%05d" % number, b"", MIB, packed=len(kernel), extra=min(len(file), 60_000))
        offsets = [0, *(offset + len(header) for offset in offsets)]
        file = header + file
        if len(file) > 60_000:
            break
    entries = b"".join(_central(b"e%05d" % at, kernel, MIB, offset) for at, offset in enumerate(offsets))
    return _as(file + entries + _end(len(offsets), len(entries), len(file)))


def self_zip(size: int) -> bytes:
    """A stored member that is the archive's own beginning, again and again."""
    data = zipped(("a.txt", b"nothing"))
    for _ in range(8 + size):
        data = zipped(("again.zip", data), ("too.zip", data), method=zipfile.ZIP_DEFLATED)
        if len(data) > MIB:
            break
    return _as(data)


def nested_zip(size: int) -> bytes:
    data = zipped(("zeros", bytes(MIB)))
    for _ in range(5):
        data = zipped(*((f"lib{number}.zip", data) for number in range(4 + size // 25)))
    return _as(data)


def many_members(size: int) -> bytes:
    return _as(zipped(*((f"f{number}", b"") for number in range(1_000 * size)), method=zipfile.ZIP_STORED))


def odd_names(size: int) -> bytes:
    names = (
        "../" * 900 + "etc/passwd",
        "C:\\windows\\x",
        "/etc/shadow",
        "nul",
        "con.txt",
        "x" * 65_000,
        "a\0b",
        "..",
        "~root/x",
    )
    return _as(zipped(*((f"{number}{name}" if size > 1 else name, b"text") for number in range(size) for name in names)))


def lying_zip64(size: int) -> bytes:
    data = bytearray(zipped(("a", bytes(MIB * size))))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = b"\xff\xff\xff\xff"
    data[at + 30 : at + 32] = struct.pack("<H", 12)
    extra = struct.pack("<HHQ", 1, 8, 1 << 60)
    return _as(bytes(data[: at + 47]) + extra + bytes(data[at + 47 :]))


def wide_dictionary(size: int) -> bytes:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 64 * MIB}]
    zeros = bytes(_zeros(size))
    together = {
        "a.xz": lzma.compress(zeros, filters=filters),
        "a.bz2": bz2.compress(zeros, 9),
        "a.zst": zstd.compress(zeros, 3),
    }
    return _as(zipped(*together.items(), method=zipfile.ZIP_STORED))


def gzip_thrice(size: int) -> bytes:
    return _as(gzip.compress(gzip.compress(gzip.compress(bytes(_zeros(size)), 9, mtime=0), 9, mtime=0), 9, mtime=0))


def tar_sizes(size: int) -> bytes:
    data = bytearray(tarred("a", b"x" * 512))
    data[124:136] = b"\x80" + (1 << 63).to_bytes(11, "big")
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    links = b"".join(tarred(f"l{number}", b"")[:512] for number in range(50 * size))
    return _as(bytes(data) + links)


def solid(size: int) -> bytes:
    """What a solid archive unfolds to, in the one solid format that can be written by hand."""
    return _as(lzma.compress(tarred("zeros", bytes(_zeros(size))), preset=0), "a.tar.xz")


def laughs(size: int) -> bytes:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 8 + size // 50))
    return _as(f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "lol">{lines}]><a>&l{7 + size // 50};</a>'.encode(), "a.xml")


def quadratic_entity(size: int) -> bytes:
    return _as(
        f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l "{"x" * 20_000 * size}">]><a>{"&l;" * 2_000 * size}</a>'.encode(),
        "a.xml",
    )


def external_entity(_size: int) -> bytes:
    doctype = '<!DOCTYPE a [<!ENTITY l SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]>'
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    return _as(f'<?xml version="1.0"?>{doctype}<a xsi:schemaLocation="http://127.0.0.1:9/x">&l;{include}</a>'.encode(), "a.xml")


def deep_xml(size: int) -> bytes:
    depth = 10_000 * size
    return _as(b"<?xml version='1.0'?>" + b"<a>" * depth + b"x" + b"</a>" * depth, "a.xml")


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGES = "http://schemas.openxmlformats.org/package/2006"


def _office(main: str, parts: Mapping[str, tuple[str, str]]) -> bytes:
    """A package by hand: the main part's name; each part's content type, and its text. The main part refers to all others."""
    kinds = "application/vnd.openxmlformats-officedocument"
    types = "".join(f'<Override PartName="/{name}" ContentType="{kinds}.{kind}+xml"/>' for name, (kind, _) in parts.items())
    others = [(name, kind.rpartition(".")[2]) for name, (kind, _) in parts.items() if name != main]
    folder, _, file = main.rpartition("/")
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    written = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGES}/content-types">'
        f'<Default Extension="rels" ContentType="{rels}"/>{types}</Types>',
        "_rels/.rels": _relations([(main, "officeDocument")]),
        f"{folder}/_rels/{file}.rels": _relations(others),
        **{name: text for name, (_, text) in parts.items()},
    }
    return zipped(*((name, text.encode()) for name, text in written.items()))


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    each = (f'<Relationship Id="r{n}" Type="{_RELATIONS}/{kind}" Target="/{name}"/>' for n, (name, kind) in enumerate(targets))
    return f'<Relationships xmlns="{_PACKAGES}/relationships">{"".join(each)}</Relationships>'


def _book(sheet: str, strings: str = "") -> bytes:
    sheets = '<sheets><sheet name="a" sheetId="1" r:id="r0"/></sheets>'
    parts = {
        "xl/workbook.xml": (
            "spreadsheetml.sheet.main",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">{sheets}</workbook>',
        ),
        "xl/sheet.xml": ("spreadsheetml.worksheet", f'<worksheet xmlns="{_MAIN}">{sheet}</worksheet>'),
        "xl/sharedStrings.xml": ("spreadsheetml.sharedStrings", f'<sst xmlns="{_MAIN}">{strings}</sst>'),
    }
    return _office("xl/workbook.xml", parts)


def wide_range(_size: int) -> bytes:
    sheet = '<dimension ref="A1:XFD1048576"/><cols><col min="1" max="16384"/></cols><sheetData><row r="1" spans="1:16384"/>'
    return _as(_book(sheet + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'), "a.xlsx")


def shared_strings(size: int) -> bytes:
    cells = "".join(f'<row r="{row}">' + '<c t="s"><v>0</v></c>' * 50 + "</row>" for row in range(1, 40 * size))
    return _as(_book(f"<sheetData>{cells}</sheetData>", f"<si><t>{'x' * 30_000}</t></si>"), "a.xlsx")


def far_corner(size: int) -> bytes:
    cells = "".join(
        f'<row r="{row}"><c r="A{row}"><v>1</v></c><c r="XFD{row}"><v>2</v></c></row>'
        for row in range(1, 1_048_576, 1_048_576 // (10 * size))
    )
    merged = "".join(f'<mergeCell ref="A{row}:XFD{row + 1}"/>' for row in range(1, 20 * size))
    return _as(_book(f"<sheetData>{cells}</sheetData><mergeCells>{merged}</mergeCells>"), "a.xlsx")


def many_runs(size: int) -> bytes:
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{main}"><w:body><w:p>{"<w:r><w:t>a</w:t></w:r>" * 100_000 * size}</w:p></w:body></w:document>'
    return _as(_office("word/document.xml", {"word/document.xml": ("wordprocessingml.document.main", body)}), "a.docx")


def _flate(data: bytes, more: bytes = b"") -> bytes:
    return stream(zlib.compress(data, 9), b"/Filter /FlateDecode " + more)


def pdf_objects(size: int) -> bytes:
    objects = page(b"BT ET")
    inner = b"10 0 " + b"(x)" * 500_000 * size
    return _as(build(objects | {6: _flate(inner, b"/Type /ObjStm /N 1 /First 5")}), "a.pdf")


def pdf_predictor(size: int) -> bytes:
    objects = page(b"BT ET")
    objects[4] = _flate(bytes(_zeros(size)), b"/DecodeParms << /Predictor 15 /Columns 1000000 /Colors 32 >>")
    return _as(build(objects), "a.pdf")


def pdf_loop(_size: int) -> bytes:
    objects = page(b"BT ET")
    objects[2] = b"<< /Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Count 1000000 /Parent 2 0 R >>"
    return _as(build(objects), "a.pdf")


def pdf_pages(size: int) -> bytes:
    objects = page(b"BT ET")
    objects[2] = b"<< /Type /Pages /Kids [" + b"3 0 R " * 10_000 * size + b"] /Count %d >>" % (10_000 * size)
    return _as(build(objects), "a.pdf")


def pdf_arrays(size: int) -> bytes:
    objects = page(b"BT ET")
    objects[6] = b"[" * 20_000 * size + b"]" * 20_000 * size
    objects[3] = objects[3][:-2] + b"/Annots 6 0 R >>"
    return _as(build(objects), "a.pdf")


def pdf_xref_loop(_size: int) -> bytes:
    data = build(page(b"BT ET"))
    start = int(data.rpartition(b"startxref\n")[2].split()[0])
    return _as(data.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % start), "a.pdf")


def pdf_pictures(size: int) -> bytes:
    objects = page(b"q 600 0 0 800 0 0 cm /I Do Q", resources=b"/XObject << /I 6 0 R >>")
    form = b"/Type /XObject /Subtype /Image /Width %d /Height 60000 /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /%s "
    objects[6] = stream(b"\x97JB2\r\n\x1a\n" + bytes(200), form % (600 * size, b"JBIG2Decode"))
    objects[7] = stream(bytes.fromhex("0000000c6a5020200d0a870a") + bytes(200), form % (600 * size, b"JPXDecode"))
    return _as(build(objects), "a.pdf")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def wide_png(size: int) -> bytes:
    side = 600 * size
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return _as(
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">LLBBBBB", side, side, 1, 0, 0, 0, 0))
        + _chunk(b"IDAT", rows)
        + _chunk(b"IEND", b""),
        "a.png",
    )


def tiff_loop(_size: int) -> bytes:
    return _as(
        b"II*\0" + struct.pack("<L", 8) + struct.pack("<H", 1) + struct.pack("<HHLL", 256, 4, 1, 1) + struct.pack("<L", 8),
        "a.tiff",
    )


def gif_frames(size: int) -> bytes:
    frame = b"\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0"
    return _as(b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff" + frame * 10_000 * size + b";", "a.gif")


def svg_uses(size: int) -> bytes:
    groups = "".join(f'<g id="g{n}">{f"<use href={chr(34)}#g{n - 1}{chr(34)}/>" * 10}</g>' for n in range(1, 10 + size // 20))
    return _as(
        f'<svg xmlns="http://www.w3.org/2000/svg"><g id="g0"><text>x</text></g>{groups}<use href="#g9"/></svg>'.encode(),
        "a.svg",
    )


def rtf_groups(size: int) -> bytes:
    return _as(b"{\\rtf1 " + b"{\\b" * 100_000 * size + b"x" + b"}" * 100_000 * size + b"}", "a.rtf")


def _compound(fat: list[int], entries: list[bytes]) -> bytes:
    """An OLE file of 512-byte sectors: FAT in sector 0, directory in sector 1."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<LLLLLLLLL", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<L", 0)
    head = head.ljust(512, b"\xff")
    table = struct.pack(f"<{len(fat)}L", *fat).ljust(512, b"\xff")
    return head + table + b"".join(entries).ljust(512, b"\0") + bytes(4096)


def _entry(name: str, kind: int, child: int, left: int, right: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBLLL", len(text), kind, 1, left, right, child)
        + bytes(36)
        + struct.pack("<LQ", start, size)
    )


_NONE = 0xFFFFFFFF


def ole_fat_loop(_size: int) -> bytes:
    entries = [
        _entry("Root Entry", 5, 1, _NONE, _NONE, 0xFFFFFFFE, 0),
        _entry("WordDocument", 2, _NONE, _NONE, _NONE, 2, 1 << 30),
    ]
    return _as(_compound([0xFFFFFFFD, 0xFFFFFFFE, 3, 2], entries), "a.doc")


def ole_cycle(_size: int) -> bytes:
    entries = [
        _entry("Root Entry", 5, 1, _NONE, _NONE, 0xFFFFFFFE, 0),
        _entry("A", 1, 1, 1, 1, 0, 0),
        _entry("B", 1, 1, 2, 1, 0, 0),
    ]
    return _as(_compound([0xFFFFFFFD, 0xFFFFFFFE], entries), "a.doc")


def tnef_length(size: int) -> bytes:
    attribute = struct.pack("<BLL", 1, 0x0006_9001, 0xFFFF_FFF0) + b"x" * 100
    whole = struct.pack("<BLL", 1, 0x0008_9006, 4) + b"\0\0\1\0\1\0"
    return _as(b"\x78\x9f\x3e\x22\1\0" + whole * 1_000 * size + attribute, "winmail.dat")


def html_tags(size: int) -> bytes:
    page_ = b"<b>" * 25_000 * size + b"<a x" * 10_000 * size + b'<img alt="' + b"y" * 200_000 * size
    return alone_html(page_)


def alone_html(page_: bytes) -> bytes:
    return (
        HEAD
        + b"Subject: s\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(page_)
    )


def mime_nest(size: int) -> bytes:
    nest = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(100 * size))
    parts = "--b0\r\n\r\n" * 3_000 * size
    return HEAD + b"MIME-Version: 1.0\r\n" + nest.encode() + parts.encode()


def many_parameters(size: int) -> bytes:
    parameters = "".join(f";\r\n n*{n}*=utf-8''%41" for n in range(160 * size))
    words = " ".join("=?utf-8?B?QQ==?=" for _ in range(160 * size))
    return HEAD + f"Subject: {words}\r\nContent-Type: text/plain{parameters}\r\n\r\nx\r\n".encode()


def many_addresses(size: int) -> bytes:
    return (
        HEAD.replace(
            b"To: Pat Lane <p.lane@freemail.example>",
            b"To: " + b",\r\n ".join(b"a%d@x.example" % n for n in range(1_100 * size)),
        )
        + b"Subject: s\r\n\r\nx\r\n"
    )


def _local(name: bytes, data: bytes, size: int, packed: int = -1, extra: int = 0) -> bytes:
    length = len(data) if packed < 0 else packed
    return struct.pack("<LHHHHHLLLHH", 0x04034B50, 20, 0, 8, 0, 0x21, 0, length, size, len(name), extra) + name + data


def _central(name: bytes, data: bytes, size: int, offset: int) -> bytes:
    crc = zlib.crc32(bytes(size))
    return (
        struct.pack(
            "<LHHHHHHLLLHHHHHLL", 0x02014B50, 20, 20, 0, 8, 0, 0x21, crc, len(data), size, len(name), 0, 0, 0, 0, 0, offset
        )
        + name
    )


def _end(count: int, size: int, offset: int) -> bytes:
    return struct.pack("<LHHHHLLH", 0x06054B50, 0, 0, min(count, 65_535), min(count, 65_535), size, offset, 0)


BOMBS: Mapping[str, Builder] = {
    "B01 flat ZIP": flat_zip,
    "B02 overlapping ZIP": overlapping_zip,
    "B03 quoted overlap": quoted_overlap_zip,
    "B04 ZIP in itself": self_zip,
    "B05 ZIPs of ZIPs": nested_zip,
    "B06 empty members": many_members,
    "B07 odd names": odd_names,
    "B08 ZIP64 that lies": lying_zip64,
    "B09 wide dictionaries": wide_dictionary,
    "B10 GZIP thrice": gzip_thrice,
    "B11 TAR sizes": tar_sizes,
    "B12 solid archive": solid,
    "B13 entities of entities": laughs,
    "B14 one long entity": quadratic_entity,
    "B15 external entity": external_entity,
    "B16 deep XML": deep_xml,
    "B17 declared range": wide_range,
    "B18 shared strings": shared_strings,
    "B19 far corner": far_corner,
    "B20 runs": many_runs,
    "B21 object stream": pdf_objects,
    "B22 predictor": pdf_predictor,
    "B23 page loop": pdf_loop,
    "B24 pages": pdf_pages,
    "B25 arrays": pdf_arrays,
    "B26 reference loop": pdf_xref_loop,
    "B27 pictures in PDF": pdf_pictures,
    "B28 wide PNG": wide_png,
    "B29 TIFF loop": tiff_loop,
    "B30 GIF frames": gif_frames,
    "B31 SVG uses": svg_uses,
    "B32 RTF groups": rtf_groups,
    "B33 OLE loop": ole_fat_loop,
    "B34 OLE cycle": ole_cycle,
    "B35 TNEF length": tnef_length,
    "B36 HTML": html_tags,
    "B37 MIME": mime_nest,
    "B38 parameters": many_parameters,
    "B39 addresses": many_addresses,
}
