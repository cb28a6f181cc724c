"""The table of fuzz targets: what each reads, what it starts from, and which exceptions mean no more than "broken".

`TARGETS` is the table. `broken` lists what a format's reader may raise on damage, nothing but Stop where it is empty.
Readers of mail never raise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from dlp.errors import ProtocolError
from dlp.extractors import compressed_rtf, odf_text, office_text, pdf_content, property_sets, vba
from dlp.extractors.content import Stop
from dlp.extractors.formats import EXTRACTORS
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.mail.wire import encode_texts
from milter.layouts import Malformed
from tests.extractors import test_xlsb
from tests.fuzz import milters, readers, seeds
from tests.fuzz.mutating import Members

_MAIL = Path(__file__).parent.parent / "mail" / "cases"


@dataclass(frozen=True, slots=True)
class Target:
    """`pack` makes a file of mutated members; `seeds` and `words` are what they are mutated from."""

    name: str
    read: Callable[[bytes], object]
    seeds: Callable[[], tuple[Members, ...]]
    words: tuple[bytes, ...] = ()
    pack: seeds.Pack = seeds.plain
    broken: tuple[type[Exception], ...] = ()


def _mails() -> tuple[Members, ...]:
    return seeds.texts(*(path.read_bytes() for path in sorted(_MAIL.glob("*.eml"))))


def _answers() -> tuple[Members, ...]:
    return seeds.texts(*(encode_texts(read(dict(each)[""], Limits())) for each in _mails()))


def _all_small() -> tuple[Members, ...]:
    return tuple(each for each in seeds.files("*/*") if len(each[0][1]) <= 4096)


def _targets() -> Iterable[Target]:
    yield Target("splitter", readers.splitter, _mails, seeds.MAIL_WORDS)
    yield Target("headers", readers.header, lambda: seeds.HEADERS, seeds.HEADER_WORDS)
    yield Target("html", readers.page, lambda: seeds.PAGES, seeds.PAGE_WORDS)
    yield Target("mail", readers.mail, _mails, seeds.MAIL_WORDS)
    yield Target("transfer", readers.coded, lambda: seeds.ENCODED, seeds.ENCODED_WORDS)
    yield Target("sweep", readers.swept, lambda: seeds.ENCODED, seeds.ENCODED_WORDS)
    yield Target("fold", readers.folded, lambda: seeds.TEXTS, seeds.TEXT_WORDS)
    yield Target(
        "charset",
        readers.decoded,
        lambda: (*seeds.TEXTS, *seeds.HEADERS),
        (*seeds.TEXT_WORDS, b"\x1b$B", b"+AGE-", b"~{", b"\0"),
    )
    yield Target("zones", readers.zoned, lambda: seeds.TEXTS, seeds.TEXT_WORDS)
    yield Target("rendering", readers.rendered, lambda: (*seeds.files("cards/*"), *seeds.PAGES), seeds.HEADER_WORDS)
    yield Target("wire", readers.wired, _answers, _ANSWER_WORDS, broken=(ProtocolError,))
    yield Target("kinds", readers.sorted_out, lambda: seeds.files("*/*"))
    yield Target("opened", readers.opened, _all_small)
    yield Target("milter-frames", milters.framed, milters.streams, milters.WORDS, broken=(Malformed,))
    yield Target("milter-session", milters.talked, milters.conversations, milters.WORDS, milters.packed, (Malformed,))
    # parts of extractors that are readers of their own
    yield Target("ber", readers.text_of(readers.octets), _cms, broken=(ValueError,))
    yield Target("compressed-rtf", readers.text_of(compressed_rtf.decompress), _outlook_bodies, broken=(ValueError,))
    yield Target("exif", readers.text_of(readers.tags), lambda: seeds.files("image/*.tiff", "image/turned.png", "image/*.jpeg"))
    yield Target("number-formats", readers.text_of(readers.numbers), lambda: seeds.texts(*_CODES))
    yield Target("odf-text", readers.pieces_of(lambda data, budget: odf_text.texts(data, "page", budget)), _odf_parts)
    yield Target("ooxml-text", readers.pieces_of(lambda data, budget: office_text.texts(data, "text", budget)), _ooxml_parts)
    yield Target(
        "pdf-content", readers.text_of(lambda data, _: pdf_content.shown(data)), lambda: seeds.texts(seeds.PDF), seeds.PDF_WORDS
    )
    yield Target("pdf-filters", readers.text_of(readers.filtered), lambda: seeds.texts(*_FILTERED))
    yield Target("pdf-sweep", readers.pieces_of(readers.leftovers), lambda: seeds.texts(seeds.PDF), seeds.PDF_WORDS)
    yield Target("property-sets", readers.text_of(lambda data, _: property_sets.text_of(data)), _property_sets)
    yield Target("rar-blocks", readers.text_of(readers.comments), lambda: seeds.files("archives/*.rar"))
    yield Target("7z-locks", readers.unlocked, lambda: seeds.files("archives/*.7z"), _SEVEN_ZIP_WORDS, broken=(Stop,))
    yield Target("vba", readers.pieces_of(vba.module), lambda: seeds.texts(_MODULE))
    yield Target("xmp", readers.text_of(readers.packets), lambda: seeds.files("image/*.png", "image/*.jpeg"))
    yield Target("zip-records", readers.records, lambda: seeds.files("archives/*.zip"), _ZIP_WORDS)
    # every row of the table of formats
    for kind, extractor in EXTRACTORS.items():
        reading = readers.locked if kind in {"encrypted-ooxml", "7z"} else readers.extracting
        yield Target(kind, reading(extractor), *_OF_KIND.get(kind, _of("*/*")), broken=_BROKEN.get(kind, ()))


def _cms() -> tuple[Members, ...]:
    return seeds.files("sealed/*.p7*")


def _outlook_bodies() -> tuple[Members, ...]:
    """Values of PidTagRtfCompressed."""
    found = [data for seed in seeds.streams("outlook/*.msg") for name, data in seed if name.endswith("10090102")]
    return seeds.texts(*found, b"\x0e\0\0\0\x05\0\0\0LZFu\0\0\0\0\x20a\x0c\xd0\x0c\xe0b\x0f\x20")


def _odf_parts() -> tuple[Members, ...]:
    return seeds.zipped("documents/letter.odt", "documents/slides.odp", only=r"^(?:content|meta)\.xml")


def _ooxml_parts() -> tuple[Members, ...]:
    return seeds.zipped("documents/word.docx", "documents/slides.pptx", only=r"word/\w+\.xml|ppt/(?:notesS|s)lides/\w+\.xml")


def _binary_book() -> bytes:
    made = test_xlsb
    contents = {1: b"", 2: bytes(4), 3: b"\x07", 4: b"\1", 5: bytes(8), 6: made.wide("student ID 912345678"), 7: bytes(4)}
    cells = [made.cell(kind, kind, content) for kind, content in contents.items()]
    second = made.row(2) + made.cell(7, 1, bytes(4))
    strings = made.record(19, b"\0" + made.wide("text"))
    return made.book(
        made.row(1) + b"".join(cells), second, comments1=made.record(637, made.wide("note")), sharedStrings=strings
    )


def _locks() -> tuple[Members, ...]:
    """Keys of one round, which open nothing: a hundred thousand for each run would take too long."""
    found = seeds.streams("sheets/agile.encrypted", "sheets/standard.encrypted")
    return tuple(tuple((name, data.replace(b'"100000"', b'"1"')) for name, data in seed) for seed in found)


def _property_sets() -> tuple[Members, ...]:
    files = ("documents/letter.doc", "sheets/calc.xls")
    return seeds.texts(*(data for seed in seeds.streams(*files) for name, data in seed if "SummaryInformation" in name))


_FILTERED = (
    b", 1( FlateDecode\nx\x9cK\xcc\x4a\x02\x00\x02\x4d\x01\x27",
    b"/$#( LZWDecode\n\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01",
    b',!!( ASCII85Decode ASCIIHexDecode\n87cURD]i,"Ebo80~>',
    b'"!!( RunLengthDecode\n\x04abcde\xfbx\x80',
)
_FLAT = (
    b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text='
    b'"urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text><text:p>student ID <text:span>912345678'
    b"</text:span></text:p></office:text></office:body></office:document>"
)
_SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:l="http://www.w3.org/1999/xlink"><title>student ID</title><g>'
    b'<text x="1">912<tspan>345678</tspan></text></g><image l:href="data:text/plain;base64,OTEyMzQ1Njc4"/>'
    b"<foreignObject><p>x</p></foreignObject></svg>"
)
_MODULE = b'\x01\x19\xb0\x00Attribut\x00e VB_Nam\x00e = "a"\r\x00\nx = 912\x02345678\x04\x70\x01\x02'
_ZIP_WORDS = (b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\7\x08", b"\1\0\x1c\0", b"\xff\xff\xff\xff")
_SEVEN_ZIP_WORDS = (b"\x06\xf1\x07\x01", b"\x12\x53", b"\x7f", b"\x17\x06", b"\x01\x04\x06", b"\xff\xff\xff\xff", b"\x0a\x01")
_ANSWER_WORDS = (b"[", b"]", b",", b'"', b"\\ud800", b"-1", b"1e9", b"null")
_CODES = (b"45000.5\nyyyy-mm-dd", b"912345678\n000\\-00", b"1E3\n0.0%")
_JSON_WORDS = (
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"',
    b"\\u",
    b"\\ud800",
    b"1e999",
    b"-",
    b"null",
    b"\n",
    b"[" * 300,
    b"\xff",
)
_XML_WORDS = (
    b"<",
    b">",
    b"&",
    b"&#9;",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"<![CDATA[",
    b"]]>",
    b"<?xml ",
    b"<!--",
    b"\xff\xfe",
)
_CARD_WORDS = (
    b"\r\n ",
    b"\n",
    b";",
    b":",
    b",",
    b"\\n",
    b"ENCODING=b:",
    b"CHARSET=",
    b"BEGIN:VCARD\n",
    b"END:VCALENDAR\n",
    b"=\n",
)
_Of = tuple[Callable[[], tuple[Members, ...]], tuple[bytes, ...], seeds.Pack]


def _of(*patterns: str, words: tuple[bytes, ...] = (), pack: seeds.Pack = seeds.plain) -> _Of:
    return (lambda: seeds.files(*patterns)), words, pack


def _package(*patterns: str) -> _Of:
    return (lambda: seeds.zipped(*patterns)), (), seeds.zip_of


def _streams(*patterns: str) -> _Of:
    return (lambda: seeds.streams(*patterns)), (), seeds.compound_of


def _written(*texts: bytes, words: tuple[bytes, ...] = ()) -> _Of:
    return (lambda: seeds.texts(*texts)), words, seeds.plain


_OF_KIND: Mapping[str, _Of] = MappingProxyType(
    {
        "text": ((lambda: seeds.TEXTS), seeds.TEXT_WORDS, seeds.plain),
        "unknown": ((lambda: seeds.TEXTS), seeds.TEXT_WORDS, seeds.plain),
        "7z": _of("archives/*.7z", pack=seeds.seven_zip_of),
        "apple-double": _written(
            b"\0\5\x16\7\0\2\0\0" + b"\0" * 16 + b"\0\2\0\0\0\3\0\0\0\x32\0\0\0\5\0\0\0\2\0\0\0\x37\0\0\0\3a.txtabc"
        ),
        "ar": _of("archives/*.ar"),
        "bzip2": _of("archives/*.bzip2"),
        "cab": _of("archives/*.cab"),
        "calendar": _of("cards/*.ics", words=_CARD_WORDS),
        "cms": _of("sealed/*.p7*", "sealed/*.pem"),
        "compress": _of("archives/*.Z"),
        "cpio": _of("archives/*.cpio"),
        "doc": _streams("documents/letter.doc"),
        "ds-store": _written(b"\0\0\0\1Bud1" + b"\0" * 32 + b"\0\0\0\5\0a\0.\0t\0x\0tIlocblob\0\0\0\x10" + b"\0" * 16),
        "encrypted-ooxml": (_locks, (), seeds.compound_of),
        "epub": _package("archives/comments.zip", "archives/info-zip.zip", "documents/letter.odt"),
        "fdf": _written(b"%FDF-1.2\n1 0 obj<</FDF<</Fields[<</T(student ID)/V(912345678)>>]>>>>endobj\ntrailer<</Root 1 0 R>>"),
        "flat-office": ((lambda: seeds.texts(_FLAT, *map(seeds.plain, _ooxml_parts()[:2]))), _XML_WORDS, seeds.plain),
        "gzip": _of("archives/*.gz", "archives/*.tgz", "archives/*.gzip"),
        "image": _of("image/*"),
        "iso": (seeds.discs, (), seeds.disc_of),
        "json": _of("data/*json", words=_JSON_WORDS),
        "lha": _of("archives/*.lzh"),
        "lz4": _of("archives/*.lz4"),
        "lzip": _of("archives/*.lzip"),
        "lzma": _of("archives/*.lzma"),
        "mail-store": _written(b"!BDN1234SM" + b"\0" * 50),
        "mbox": _written(
            b"From a@x.example Mon\nSubject: x\n\ny\n\nFrom b@x.example Mon\nTo: a\n\n>From z\n", words=seeds.MAIL_WORDS
        ),
        "msg": _of("outlook/*.msg"),
        "odf-document": _package("documents/letter.odt"),
        "odf-slides": _package("documents/slides.odp"),
        "odf-spreadsheet": _package("sheets/calc.ods"),
        "ole": _of("outlook/c*.msg", "sheets/rc4.xls"),
        "ooxml-document": _package("documents/letter.docx", "documents/word.docx"),
        "ooxml-spreadsheet": _package("sheets/calc.xlsx", "sheets/openpyxl.xlsx", "sheets/xlsxwriter.xlsx"),
        "ooxml-slides": _package("documents/slides.pptx"),
        "page": ((lambda: seeds.PAGES), seeds.PAGE_WORDS, seeds.plain),
        "pdf": (
            (lambda: (*seeds.texts(seeds.PDF), *seeds.files("pdf/*40.pdf", "pdf/linearised.pdf"))),
            seeds.PDF_WORDS,
            seeds.plain,
        ),
        "pgp": _of("sealed/*.gpg", "sealed/*.asc", "sealed/*.sig"),
        "plist": _of("data/*.plist", words=_XML_WORDS),
        "ppt": _streams("documents/*.ppt.xz"),
        "rar": _of("archives/*.rar", pack=seeds.rar_of),
        "rtf": ((lambda: seeds.RTF), seeds.RTF_WORDS, seeds.plain),
        "sqlite": _of("data/*.sqlite"),
        "svg": _written(_SVG, words=_XML_WORDS),
        "tar": _of("archives/*.tar", pack=seeds.tar_of),
        "tnef": _of("outlook/*.dat"),
        "vcard": _of("cards/*.vcf", words=_CARD_WORDS),
        "xar": _of("archives/*.xar"),
        "xls": _streams("sheets/calc.xls", "sheets/rc4.xls"),
        "xlsb": ((lambda: (seeds.apart(_binary_book()),)), (), seeds.zip_of),
        "xml": _of("data/*.xml", words=_XML_WORDS),
        "xz": _of("archives/*.xz"),
        "zip": _of("archives/*.zip", words=_ZIP_WORDS),
        "zstd": _of("archives/*.zst"),
    }
)
# What damage makes a reader raise beside Stop: the opener calls all of it broken, and the last two too large.
_BROKEN: Mapping[str, tuple[type[Exception], ...]] = MappingProxyType(
    {
        "cms": (ValueError,),
        **dict.fromkeys(("doc", "encrypted-ooxml", "msg", "ole", "ppt", "xls"), (OSError,)),
        **dict.fromkeys(("json", "plist"), (RecursionError,)),
        **dict.fromkeys(("lzma", "xz", "lzip", "zip", "epub", "sqlite"), (MemoryError,)),
    }
)

TARGETS: Mapping[str, Target] = MappingProxyType({target.name: target for target in _targets()})
