"""What the fuzz targets start from: the made files of tests/extractors/files, taken apart, and small texts written here.

Gives members for `mutate`, and packers that make files of members again, checksums mended so that readers go on. Members that
are long and say little are left out, so that a run takes no time.
"""

from __future__ import annotations

import gzip
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

import olefile
from lxml import etree

from dlp.extractors.ole_writing import compound
from tests.extractors.read import FILES
from tests.fuzz.mutating import LONGEST, Members

Pack = Callable[[Members], bytes]
_BLOCK = 2048
_CHECKSUM = re.compile(rb"[0-7 ]{6}(?:\0 ?| \0?)")
_DULL = ("theme/", "fontTable", "slideLayout", "slideMaster", "notesMaster", "Thumbnails/", "Configurations2/", "manifest.rdf")


def data_of(*patterns: str) -> list[bytes]:
    found = [path.read_bytes() for pattern in patterns for path in sorted(FILES.glob(pattern))]
    assert found, patterns
    return found


def files(*patterns: str) -> tuple[Members, ...]:
    """Each file as it is."""
    return texts(*data_of(*patterns))


def texts(*written: bytes) -> tuple[Members, ...]:
    return tuple((("", data),) for data in written)


def zipped(*patterns: str, only: str = "") -> tuple[Members, ...]:
    """Packages by their members. `only`: those whose names match, each by itself."""
    packages = [apart(data, only) for data in data_of(*patterns)]
    if only:
        return texts(*(data for members in packages for _, data in members))
    return tuple(packages)


def apart(package: bytes, only: str = "") -> Members:
    """The members of a package that say something, without what only says it again."""
    with zipfile.ZipFile(BytesIO(package)) as archive:
        members = [(name, _once(archive.read(name))) for name in archive.namelist() if not any(word in name for word in _DULL)]
    return tuple(member for member in members if len(member[1]) <= LONGEST and re.search(only, member[0]))


def _once(data: bytes) -> bytes:
    """XML with each form of an element once per parent: a form is its name and those of its attributes and children."""
    if not data.startswith(b"<?xml"):
        return data
    root = etree.fromstring(data)
    for parent in list(root.iter()):
        seen = set()
        for child in list(parent):
            form = (child.tag, *child.keys(), *(each.tag for each in child.iter()))
            if form in seen:
                parent.remove(child)
            seen.add(form)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def streams(*patterns: str) -> tuple[Members, ...]:
    """Compound files by their streams."""
    found = []
    for data in data_of(*patterns):
        with olefile.OleFileIO(BytesIO(lzma.decompress(data) if data.startswith(b"\xfd7zXZ") else data)) as container:
            members = (("/".join(path), container.openstream(path).read()) for path in container.listdir())
            found.append(tuple((name, each) for name, each in members if len(each) <= 2 * LONGEST))
    return tuple(found)


def discs() -> tuple[Members, ...]:
    """The blocks of a disc that hold anything."""
    return tuple(
        tuple((f"{at:09}", data[at : at + _BLOCK]) for at in range(0, len(data), _BLOCK) if data[at : at + _BLOCK].strip(b"\0"))
        for data in map(gzip.decompress, data_of("archives/*.iso.gz"))
    )


def disc_of(members: Members) -> bytes:
    """Blocks in their places."""
    data = bytearray()
    for name, block in members:
        at = int(name[-9:])
        data += bytes(max(at + _BLOCK - len(data), 0))
        data[at : at + _BLOCK] = block[:_BLOCK].ljust(_BLOCK, b"\0")
    return bytes(data)


def plain(members: Members) -> bytes:
    return members[0][1] if members else b""


def zip_of(members: Members) -> bytes:
    """A package of stored members. The shortest form there is: it is made thousands of times a second."""
    out, directory = bytearray(), bytearray()
    for name, data in members:
        title, crc = name.encode(), zlib.crc32(data)
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, crc, len(data), len(data), len(title), 0, 0, 0, 0, 0, len(out)
        )
        directory += title
        out += struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, crc, len(data), len(data), len(title), 0) + title + data
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(members), len(members), len(directory), len(out), 0)
    return bytes(out + directory) + end


def compound_of(members: Members) -> bytes:
    return compound({tuple(name.split("/")): data for name, data in members})


def tar_of(members: Members) -> bytes:
    """The checksum of each header set right, where there still is one."""
    data = bytearray(plain(members))
    for at in range(0, len(data) - 511, 512):
        if _CHECKSUM.fullmatch(data[at + 148 : at + 156]):
            data[at + 148 : at + 156] = b" " * 8
            data[at + 148 : at + 156] = b"%06o\0 " % sum(data[at : at + 512])
    return bytes(data)


def seven_zip_of(members: Members) -> bytes:
    """The checksums of both headers set right."""
    data = bytearray(plain(members))
    if len(data) >= 32:
        begin = 32 + int.from_bytes(data[12:20], "little")
        end = begin + int.from_bytes(data[20:28], "little")
        data[28:32] = struct.pack("<I", zlib.crc32(data[begin:end]))
        data[8:12] = struct.pack("<I", zlib.crc32(data[12:32]))
    return bytes(data)


def rar_of(members: Members) -> bytes:
    """The checksum of each header set right, in RAR 5 and before, as far as one block leads to the next."""
    data = bytearray(plain(members))
    new = data[6:7] == b"\1"
    at = 8 if new else 7
    while at + 7 <= len(data):
        if new:
            size, begin = _number(data, at + 4)
            end = begin + size
            data[at : at + 4] = struct.pack("<I", zlib.crc32(data[at + 4 : end]))
            flags, fields = _number(data, begin + 1)
            _, fields = _number(data, fields) if flags & 1 else (0, fields)
            packed = _number(data, fields)[0] if flags & 2 else 0
        else:
            flags, size = struct.unpack_from("<3xHH", data, at)
            end = at + size
            data[at : at + 2] = struct.pack("<H", zlib.crc32(data[at + 2 : end]) & 0xFFFF)
            packed = int.from_bytes(data[at + 7 : at + 11], "little") if flags & 0x8000 else 0
        if end <= at:
            break
        at = end + packed
    return bytes(data)


def _number(data: bytearray, at: int) -> tuple[int, int]:
    """A number of RAR 5, and where it ends."""
    value = 0
    for count, byte in enumerate(data[at : at + 10]):
        value |= (byte & 0x7F) << 7 * count
        if byte < 0x80:
            return value, at + count + 1
    return value, len(data)


HEADERS = texts(
    b"=?utf-8?B?c3R1ZGVudCBJRCA5MTIzNDU2Nzg=?=",
    b"=?iso-8859-1?Q?a=E4?= =?utf-16?B?AGE=?= (comment (in one)) <a@x.example>, group: b@x.example;",
    b"attachment; filename*0*=utf-8''a%C3; filename*1*=%A4.txt; filename=\"b\\\"c.txt\"; filename*=latin1'en'x",
    b'multipart/mixed;\r\n\tboundary="b"; charset=utf-8; name==?utf-8?Q?a?=',
    b'"Ann \\"x\\" Lee" <@r.example:ann@[192.0.2.1]>, Ben (x) <\xc3\xa4@b.example>',
    b"x.example; dkim=pass header.d=x.example; spf=fail (bad) smtp.mailfrom=a@x.example; dmarc=none",
)
HEADER_WORDS = (
    *(b"\r\n ", b"=?", b"?=", b"?Q?", b"?B?", b"=?utf-7?Q?+AGE-?=", b"=?hz?B?fn0=?=", b"*0*=", b"*1=", b"''", b"%", b";", b'"'),
    *(b"\\", b"(", b")", b"<", b">", b"@", b",", b":", b"[", b"]", b"\xc3\xa4", b"\xff", b"\0", b"=\r\n", b"\xe2\x80\xae"),
)
PAGES = texts(
    b"<!DOCTYPE html><html><head><style>.a{display:none}p:before{content:'9'}</style></head><body>"
    b"<p>student ID <b>912</b>345678</p><table><tr><th>student ID<td colspan=2>912345678</tr></table>"
    b"<!-- c --><ul><li>a<li>b</ul><pre>x\n y</pre></body></html>",
    b"<div style='direction:rtl;unicode-bidi:bidi-override'>876543219</div>"
    b"<span class=a hidden>9&#49;&#x32;&amp;&nbsp;</span><br>",
    b"<script>var a='91'+'23'</script><textarea>x</textarea><![CDATA[y]]><?php z ?>"
    b"<a href='mailto:a@x.example' title=\"t\">l</a>",
)
PAGE_WORDS = (
    *(
        b"<td>",
        b"<tr>",
        b"</table>",
        b"<table>",
        b"<pre>",
        b"<!--",
        b"-->",
        b"<style>",
        b"</style>",
        b"<script>",
        b"<p hidden>",
    ),
    *(
        b"&#",
        b"&#x",
        b"&amp;",
        b"&#xD800;",
        b"style='",
        b"display:none",
        b'content:"\\31',
        b"<",
        b">",
        b"</",
        b"<![",
        b"\0",
        b"\\",
    ),
)
TEXTS = texts(
    b"student ID 912345678\n> quoted\n>> twice\n-- \nAnn\n\nOn 1 May Ann <a@x.example> wrote:\n> x\n",
    b"-----Original Message-----\nFrom: Ann\nTo: Ben\nSubject: x\n\ny\n\nThis message is confidential.\n",
    "\uff19\u0661\u2461\u200b3\u00ad4\u0301\u202e65\u202c7\u20e38 \u0410\u1100\u1161\u11a8 e\u0301\ufb01\u0345".encode(),
    "stud\u0435nt \u0456d \u06f9\u06f1\u06f2 \u3000\u2028\u0600 \ufeff\u0f73\u0f71".encode(),
)
TEXT_WORDS = (
    *(
        b"> ",
        b"-- \n",
        b"\n\n",
        b"wrote:\n",
        b"From: ",
        b"_____\n",
        b"\xe2\x80\xae",
        b"\xe2\x80\x8b",
        b"\xcc\x81",
        b"\xcc\x81" * 40,
    ),
    *(
        b"\xe1\x84\x80\xe1\x85\xa1",
        b"\xef\xbc\x99",
        b"\r\n",
        b"\r",
        b"\xcd\x85",
        b"\xe2\x91\xa0",
        b"\xf0\x9f\x84\x82",
        b"\xd0\xb0",
    ),
)
ENCODED = texts(
    b"see c3R1ZGVudCBJRCA5MTIzNDU2Nzgg and c3R1ZGVudCBJRCA5MTIzNDU2NzggYSBiIGM=\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n",
    b"=ybegin line=128 size=5 name=a\r\n\x9b\x8f\x96\x96\x99\r\n=yend size=5\r\n",
    b"(This file must be converted with BinHex 4.0)\r\n:$f*TEQKPH#$a!3#3!`!!!:\r\n",
    b"student=20ID=20=39=31=32 \\u0039\\x31 &#57;&#49;&amp;#50; 39 31 32 33 34 35 36 37 38 nine one two three four five six",
    b'<~87cURD]i,"Ebo80~> +ADk-+ADE- OIZTILT 9I23456T8 H4sIAAAAAAAAAytJLS4BAAx+f9gEAAAA UEsDBBQAAAA=',
)
ENCODED_WORDS = (
    *(
        b"begin 644 x\n",
        b"`\nend\n",
        b"=ybegin ",
        b"=yend",
        b"c3R1ZGVudCBJRCA5MTIzNDU2Nzgg",
        b"=39",
        b"%39",
        b"\\x39",
        b"&amp;",
    ),
    *(b"nine one two ", b"0x39", b"<~", b"~>", b"UEsDB", b"JVBERi0", b"\r\n", b"=", b"==", b"=\r\n", b" ", b"\0", b"\x90"),
)
MAIL_WORDS = (
    *(
        b"\r\n",
        b"--",
        b"--b\r\n",
        b"--b--\r\n",
        b"==",
        b"?=",
        b"=?utf-8?B?",
        b"=?utf-16?Q?=00",
        b"charset=utf-7",
        b"charset=utf-16",
    ),
    *(
        b"name*0*=",
        b"boundary=",
        b"message/rfc822",
        b"text/html",
        b"<!--",
        b"<td>",
        b"&#x",
        b"From ",
        b"\r\n\r\n",
        b"\0",
        b"\xff",
    ),
    *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n", b"Content-Type: "),
    *(
        b"begin 644 a\r\nM",
        b"=ybegin line=128\r\n",
        b"converted with BinHex 4.0)\r\n:",
        b"<~",
        b"~>",
        b"U3R1ZGVudCBJRCA5MTIzNDU2Nzg=",
    ),
    *(b"+ADkAMQAy-", b"\xc0\xb9", b"\xed\xa0\x80\xed\xb0\x80", b"\x1b$B", "\u202e".encode(), "\u2776\u0406\u0391".encode()),
    *(b"\\u0039", b"&amp;#57;", b"<i class=a>", b"<b hidden>", b"<bdo dir=rtl>", b"nine one "),
    b"<style>.a{display:none}.b::after{content:'9'}</style>",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
)
RTF = texts(
    rb"{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}}{\info{\author Ann}{\title x}}\pard "
    rb"student ID\tab 912345678\par{\*\annotation note}{\footnote f}{\v hidden}"
    rb"\u945?\'e4{\field{\*\fldinst HYPERLINK 'x'}{\fldrslt y}}"
    rb"\trowd\cellx1\intbl a\cell b\cell\row{\pict\pngblip 89504e470d0a1a0a}{\object{\*\objdata 01050000}}{\upr{a}{\*\ud b}}}",
)
RTF_WORDS = (
    *(
        rb"\u-3913?",
        rb"\u55296?",
        rb"\uc9",
        rb"\bin9 ",
        rb"\bin99999999999",
        rb"\'",
        rb"\'e4",
        rb"\par",
        rb"\cell",
        rb"\row",
        rb"\v",
    ),
    *(
        rb"\trowd",
        rb"\intbl",
        rb"\*",
        rb"{",
        rb"}",
        rb"{\*\x",
        rb"\f1 ",
        rb"\ansicpg932",
        rb"{\pict ",
        rb"{\objdata ",
        rb"\deleted",
        b"\\",
    ),
    *(
        rb"\nestcell",
        rb"\nestrow",
        rb"\itap2",
        rb"\upr",
        rb"\ud",
        rb"{\field",
        rb"{\*\fldinst",
        rb"\sect",
        rb"\pard",
        rb"\plain",
        rb"\ls1",
    ),
)
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>/Names<</EmbeddedFiles<</Names[(a)7 0 R]>>>>>>\n"
    b"endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]"
    b"/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>/Annots[8 0 R]>>endobj\n4 0 obj<</Length 45>>stream\n"
    b"BT /F 9 Tf 9 9 Td (student ID) Tj <39> Tj ET\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\n"
    b"endobj\n6 0 obj<</FT/Tx/T(name)/V(912345678)>>endobj\n7 0 obj<</Type/Filespec/F(a.txt)/EF<</F 9 0 R>>>>endobj\n"
    b"8 0 obj<</Type/Annot/Subtype/Text/Contents(x\\)\\101\\\n)/Rect[0 0 9 9]>>endobj\n9 0 obj<</Type/EmbeddedFile"
    b"/Filter[/ASCIIHexDecode/LZWDecode]/DecodeParms[null<</Predictor 12/Columns 4>>]/Length 4>>stream\n"
    b"800B6050>\nendstream endobj\ntrailer<</Root 1 0 R/Info<</Title<FEFF0041>>>>>\nstartxref\n0\n%%EOF\n"
)
PDF_WORDS = (
    *(
        b"/Filter/ASCII85Decode",
        b"/Filter/RunLengthDecode",
        b"/Filter/LZWDecode",
        b"/Filter/FlateDecode",
        b"/Predictor 2",
        b"/Predictor 15",
    ),
    *(
        b"/Columns 999999999",
        b"/Colors 4",
        b"stream\n",
        b"endstream",
        b"endobj",
        b"<<",
        b">>",
        b"(",
        b")",
        b"[",
        b"]",
        b"<",
        b">",
        b"\\",
    ),
    *(
        b"1 0 obj",
        b"1 0 R",
        b"%%EOF\n",
        b"/ObjStm",
        b"/First 5",
        b"/N 2",
        b"BT",
        b"ET",
        b"Tj",
        b"TJ",
        b"BI",
        b"EI",
        b"'",
        b"/Length 0",
    ),
)
