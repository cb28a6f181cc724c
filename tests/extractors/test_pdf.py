"""PDF files: the planted ID is read in every place of files real programs wrote, and in the hiding places of others."""

from __future__ import annotations

import base64
import gzip
import random
import zlib

import pytest

from dlp.extractors.content import File, Source, Text
from dlp.extractors.pdf import pdf
from dlp.extractors.pdf_outside import outside
from dlp.values import PartStatus
from tests.extractors.pdf_writer import OWN_FONT, build, in_own_font, own_font, page, shown, stream, update
from tests.extractors.read import FILES, ID, opened, pieces

SAID = b"student ID 912345678"
PASSWORDS = ("wrong", "letmein")
FORM = {6: b"<< /FT /Tx /T (Student ID) /V (912345678) >>"}


def texts(data: bytes, **limits: int) -> tuple[dict[str, str], str]:
    """What stands in each place, and how it ended."""
    found, end = pieces(pdf, Source(data), passwords=PASSWORDS, **limits)
    read: dict[str, str] = {}
    for each in found:
        if isinstance(each, Text):
            read[each.place] = f"{read.get(each.place, '')}\n{each.text}"
    return read, end


def file(name: str) -> bytes:
    return (FILES / "pdf" / f"{name}.pdf").read_bytes()


@pytest.mark.parametrize(
    ("name", "place", "said"),
    [
        *(("letter", "page 1", f"{where} student ID {ID}") for where in ("Header", "Heading", "Body", "Footnote", "Footer")),
        ("letter", "page 1", f"Name\tStudent ID\tGrade\nLena Fox\t{ID}\tA"),
        *(("letter", "properties", f"{where} student ID {ID}") for where in ("Title", "Subject", "Keyword", "Heading")),
        ("letter", "annotations", f"Comment student ID {ID}"),
        ("letter", "links", f"http://forms.example/?student={ID}"),
        ("letter", "descriptions", f"Alt text student ID {ID}"),
        ("form", "form", f"Student ID {ID}"),
        ("form", "form", f"Because of student ID {ID}"),
        ("form", "form", f"nobody student ID {ID}"),
        ("reportlab", "page 1", f"\n{ID}"),
        ("reportlab", "form", f"Student ID {ID}"),
        ("reportlab", "form", f"nobody student ID {ID}"),
        ("reportlab", "annotations", f"Note student ID {ID}"),
        ("reportlab", "properties", f"Outline student ID {ID}"),
        ("linearised", "annotations", f"Note student ID {ID}"),
    ],
)
def test_real_files_are_read_in_every_place(name, place, said):
    found, end = texts(file(name))
    assert said in found[place].replace("\r\n", "\n")
    assert end == ""


@pytest.mark.parametrize("bits", ["40", "128", "256"])
@pytest.mark.parametrize("who", ["owner", "user"])
def test_a_file_that_opens_with_the_empty_or_a_known_password_is_read_whole(who, bits):
    found, end = texts(file(f"{who}-{bits}"))
    assert {place for place, text in found.items() if ID in text} >= {"page 1", "form", "annotations", "properties"}
    assert end == ""


@pytest.mark.parametrize("bits", ["40", "128", "256"])
def test_a_file_with_an_unknown_password_is_encrypted_and_not_broken(bits):
    found = opened(file(f"user-{bits}"))
    assert (found.status, found.why, found.shown) == (PartStatus.ENCRYPTED, "password", ())


def test_files_within_are_handed_on_with_their_names():
    found = opened(file("embedded"))
    assert [(each.path, each.place, each.text) for each in found.shown if each.path] == [
        ("1", "name", "names.txt"),
        ("1", "", SAID.decode()),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"BT /F1 12 Tf 72 700 Td [(student ID 9)50(1)-80(2)30(3)-120(4)20(5)(6)-60(7)(8)]TJ ET", SAID),
        (
            b"".join(shown(b"%d" % int(ID[at]), b"%d 700 Td" % (72 + 7 * at)) for at in (3, 0, 8, 1, 2, 4, 7, 6, 5)),
            b"912345678",
        ),
        (b"3 Tr " + shown(SAID), SAID),
        (shown(SAID, b"-900 700 Td"), SAID),
        (b"0 0 1 1 re W n " + shown(SAID), SAID),
        (shown(SAID) + b"1 g 0 0 595 842 re f", SAID),
        (b"1 g " + shown(SAID), SAID),
        (b"/OC /Layer BDC " + shown(SAID) + b"EMC", SAID),
        (shown(b"912345678", b"0 1 -1 0 300 300 Tm"), b"912345678"),
    ],
    ids=["kerned", "glyph-by-glyph", "invisible", "off-the-page", "clipped", "covered", "white", "layer-that-is-off", "turned"],
)
def test_the_text_of_a_page_is_joined_as_a_person_reads_it(content, said):
    off = b"/OCProperties << /OCGs [6 0 R] /D << /OFF [6 0 R] >> >>"
    objects = page(content, resources=b"/Properties << /Layer 6 0 R >>", catalog=off) | {6: b"<< /Type /OCG /Name (l) >>"}
    found, end = texts(build(objects))
    assert said.decode() in found["page 1"]
    assert end == ""


def test_a_heading_stands_above_its_values_whatever_the_order_in_the_file():
    columns = (("Name", "Lena Fox"), ("Student ID", ID), ("Grade", "A"))
    content = b"".join(
        shown(cell.encode(), b"%d %d Td" % (72 + 120 * column, 700 - 16 * row))
        for column, cells in enumerate(columns)
        for row, cell in enumerate(cells)
    )
    assert f"Name\tStudent ID\tGrade\nLena Fox\t{ID}\tA" in texts(build(page(content)))[0]["page 1"]


def test_what_an_update_replaced_is_read():
    old = build(page(shown(b"old " + SAID)))
    new = update(old, {4: stream(shown(b"nothing"))})
    found, end = texts(new)
    assert f"old student ID {ID}" in found["page 1 of an earlier version"]
    assert "nothing" in found["page 1"]
    assert end == ""


def test_an_update_that_changes_nothing_is_not_read_twice():
    file = build(page(shown(SAID)))
    assert "page 1 of an earlier version" not in texts(update(file, {9: b"<< /Type /Nothing >>"}))[0]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"<< /A (912345678) >>", "objects"),
        (b"<< /A <393132333435363738> >>", "objects"),
        (b"<< /A <FEFF003900310032003300340035003600370038> >>", "objects"),
        (b"<< /A (91\\\n2345\\06678) >>", "objects"),
        (b"[ (a (912345678) b) ]", "objects"),
        (b"<< /Type /Annot /T (Lena) /Contents (912345678) >>", "annotations"),
        (b"<< /T (ID) /DV (912345678) >>", "form"),
        (b"<< /S /JavaScript /JS (912345678) >>", "scripts"),
        (b"<< /S /URI /URI (http://a.example/912345678) >>", "links"),
        (b"<< /S /Figure /#41lt (912345678) >>", "descriptions"),
        (b"<< /Type /Filespec /UF (912345678.txt) >>", "file names"),
        (b"<< /S /D /P (912345678-) >>", "page labels"),
        (stream(b"var id = '912345678';"), "objects"),
        (stream(b"<x:xmpmeta><a>912345678</a></x:xmpmeta>", b"/Type /Metadata"), "properties"),
        (stream(b"<xdp:xdp><field>912345678</field></xdp:xdp>"), "form"),
        (stream(shown(SAID)), "objects"),
        (stream(b"BT /F1 9 Tf [(9123)-20(45)] TJ [(678)] TJ ET"), "objects"),
        (stream(b"BT 0 0 Td (9123) Tj ET BT /F1 9 Tf 1 0 0 1 90 80 Tm (student ID 91234) Tj <35363738> Tj ET"), "objects"),
        (stream(zlib.compress(shown(SAID)), b"/Filter /FlateDecode"), "objects"),
        (stream(zlib.compress(shown(SAID))[:-6], b"/Filter /FlateDecode"), "objects"),
        (stream(base64.a85encode(shown(SAID)) + b"~>", b"/Filter /ASCII85Decode"), "objects"),
        (stream(shown(SAID).hex().encode() + b">", b"/Filter [/ASCIIHexDecode]"), "objects"),
        (stream(b"\x14student ID 912345678\r\x80", b"/Filter /RL"), "objects"),
        (b"<< /T (never closed", ""),
    ],
)  # fmt: skip
def test_objects_nothing_refers_to_are_read(body, place):
    found, end = texts(build(page(shown(b"hello")) | {7: body}))
    assert not place or ID in found[place]
    assert end == ""


def test_a_field_is_said_as_a_person_would_say_it():
    assert "Student ID 912345678" in texts(build(page(b"") | {7: b"<< /V (912345678) /FT /Tx /T (Student ID) >>"}))[0]["form"]


def test_objects_in_a_stream_of_objects_are_read():
    held = b"<< /A (student ID 912345678) >> << /Contents (note 912345678) >>"
    index = b"7 0 8 %d " % held.index(b"<< /C")
    packed = stream(index + held, b"/Type /ObjStm /N 2 /First %d" % len(index))
    found, end = texts(build(page(b"") | {6: packed}))
    assert (ID in found["objects"], ID in found["annotations"], end) == (True, True, "")


def test_numbers_that_place_the_text_are_no_text():
    content = b"BT /F1 12 Tf [(s)912345678(t)-912345678(u)] TJ 912345678 0 Td (x) Tj ET 912345678 0 m"
    assert not any(ID in text for text in texts(build(page(b"") | {7: stream(content)}))[0].values())


def test_codes_of_a_font_of_their_own_are_no_text():
    content = b"BT /F2 12 Tf (\1\2912345678\3) Tj /F1 12 Tf (readable words) Tj ET"
    found = texts(build(page(b"") | {7: stream(content)}))[0]["objects"]
    assert "readable words" in found
    assert ID not in found


@pytest.mark.parametrize("junk", [b"", b"\n\n", b"GIF89a" + b"\1junk" * 100], ids=["none", "blank", "picture"])
def test_junk_before_the_head_hides_nothing(junk):
    assert ID in texts(junk + build(page(shown(SAID))))[0]["page 1"]


@pytest.mark.parametrize(
    "place",
    [
        lambda file: SAID + b"\n" + file,
        lambda file: file + SAID,
        lambda file: file + b"\n%" + SAID + b"\n%%EOF",
        lambda file: file.replace(b"endobj", b"endobj\n" + SAID, 1),
        lambda file: file.replace(b"obj", b"obj % " + SAID + b"\n", 1),
        lambda file: file.replace(b"endobj\n", b"endobj\n912345678\n", 1),
        lambda file: update(file, {9: b"<< /Type /Nothing >>"}).replace(b"%%EOF", b"%%EOF\n" + SAID, 1),
    ],
    ids=["before", "behind", "comment behind", "between", "comment within", "a number alone", "between versions"],
)
def test_words_outside_of_objects_are_read(place):
    found, end = texts(place(build(page(shown(b"hello")))))
    assert ID in found["outside of objects"]
    assert end == ""


@pytest.mark.parametrize(("tail", "why"), [(gzip.compress(SAID), ""), (zlib.compress(SAID), "unsupported")])
def test_a_file_behind_the_end_is_opened(tail, why):
    found = opened(build(page(shown(b"hello"))) + tail)
    assert [each.why for each in found.shut] == [why][: bool(why)]
    assert why or any(ID in each.text for each in found.shown)


@pytest.mark.parametrize("codec", ["cp1252", "cp037", "utf-16", "utf-16-le"])
def test_words_in_any_charset_behind_the_end_are_read(codec):
    found = opened(build(page(shown(b"hello"))) + f"\xe9t\xe9_{SAID.decode()}".replace(" ", "_").encode(codec))
    assert (found.shut, any(ID in each.text for each in found.shown)) == ((), True)


@pytest.mark.parametrize("name", ["letter", "form", "reportlab", "linearised"])
@pytest.mark.parametrize(
    "tail",
    [b"", b"\r\n\r\n", bytes(600), b"\x1a" * 20, bytes(range(160, 200)), bytes(range(7, 47)), bytes(16) + b"\xe1\1\2" * 9],
)
def test_hardly_anything_stands_outside_of_the_objects_of_real_files(name, tail):
    found = list(outside(file(name) + tail))
    assert [each for each in found if isinstance(each, File) or ID in each.text] == []
    assert len(found[0].text) < 200


PICTURE = b"/XObject << /I 6 0 R >>"
PIXELS = stream(bytes(100), b"/Type /XObject /Subtype /Image /Width 10 /Height 10 /BitsPerComponent 8 /ColorSpace /DeviceGray")
LOGO, SCAN = b"q 60 0 0 60 0 0 cm /I Do Q ", b"q 595 0 0 842 0 0 cm /I Do Q "
OUTLINES = b"0 0 m " + b"5 5 l 9 1 4 4 7 7 c " * 300 + b"f"


@pytest.mark.parametrize(
    ("content", "end"),
    [
        (b"", ""),
        (LOGO, ""),
        (SCAN, "image-only"),
        (OUTLINES, "image-only"),
        (SCAN + shown(b"a scanned letter with its text behind it"), ""),
        (SCAN + b"BT /F1 9 Tf (\xee\x80\x81\4\5\6\7\x0e) Tj ET", "image-only"),
        (b"0 0 m 595 842 l S " * 20, ""),
    ],
    ids=["blank", "logo", "scan", "outlines", "scan-with-text", "garbage", "rules"],
)
def test_a_page_that_is_only_a_picture_is_unread(content, end):
    assert texts(build(page(content, resources=PICTURE) | {6: PIXELS}))[1] == end


def test_a_scanned_page_among_others_is_a_picture():
    objects = page(shown(b"Please find the scan below."), resources=PICTURE) | {6: PIXELS, 8: stream(SCAN)}
    objects[7] = objects[3].replace(b"4 0 R", b"8 0 R")
    objects[2] = b"<< /Type /Pages /Kids [3 0 R 7 0 R] /Count 2 >>"
    assert texts(build(objects))[1] == "image"


def test_what_a_broken_file_holds_is_still_read():
    broken = (
        build(page(shown(SAID)) | FORM).replace(b"/Type /Pages", b"/Typ").replace(b"/Kids", b"/Kid").replace(b"/Root", b"/Rot")
    )
    found, end = texts(broken.replace(b"/Catalog", b"/Cat"))
    assert ID in found["form"]
    assert end == "broken"


def test_a_file_within_that_cannot_be_decoded_is_unread():
    embedded = stream(b"x", b"/Type /EmbeddedFile /Filter /JBIG2Decode")
    found, _ = pieces(pdf, Source(build(page(b"") | {6: embedded})))
    assert [each.status for each in found if isinstance(each, File)] == [PartStatus.UNSUPPORTED]


ONE = build(page(shown(SAID)))


@pytest.mark.parametrize(
    ("data", "ends"),
    [
        (ONE.replace(b"/Kids [3 0 R]", b"/Kids [3 0 R 2 0 R]"), {"", "broken"}),
        (ONE.replace(b"/Count 1", b"/Count 99999999"), {"", "broken", "pages"}),
        (build(page(shown(SAID)) | {2: b"<< /Type /Pages /Count 60 /Kids [" + b"3 0 R " * 60 + b"] >>"}), {"pages"}),
        (build(page(shown(SAID)) | {7: b"[" * 100_000}), {"nested"}),
        (build(page(shown(SAID)) | {7: b"<</A " * 100_000}), {"nested"}),
        (build(page(shown(SAID)), trailer=b"/Root 1 0 R /Prev 15"), {"", "broken"}),
        (build(page(shown(SAID)) | {7: stream(zlib.compress(bytes(11 << 20)), b"/Filter /FlateDecode")}), {"expanded"}),
        (
            build(page(shown(SAID)) | {7: stream(zlib.compress(bytes(11 << 20)), b"/Type /ObjStm /First 9 /Filter /Fl")}),
            {"expanded"},
        ),
        (
            build(
                page(shown(SAID)) | {7: stream(zlib.compress(bytes(5 << 20)), b"/Filter /Fl /DecodeParms << /Predictor 15 >>")}
            ),
            {"expanded"},
        ),
        (ONE + b"%%EOF\n" * 100, {"members"}),
        (ONE + b"1 0 obj (" * 5_000, {"broken"}),
    ],
    ids=[
        "page-tree-loop",
        "count-of-pages",
        "many-pages",
        "deep-arrays",
        "deep-dictionaries",
        "xref-loop",
        "inflating-stream",
        "object-stream-bomb",
        "predictor-bomb",
        "many-ends",
        "unclosed-strings",
    ],
)
def test_a_bomb_ends_at_a_limit(data, ends):
    found, end = texts(data, pages=50)
    assert end in ends
    assert ID in "".join(found.values())


def coded(text: bytes, encoding: bytes = b"") -> dict[int, bytes]:
    """A page whose second font has an encoding of its own and says nothing of what it means."""
    names = b" ".join(b"/g%d" % code for code in range(1, 31))
    objects = page(text, resources=b"/Font << /F1 5 0 R /F2 6 0 R >>")
    objects[6] = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /ABCDEF+Own /FirstChar 1 /LastChar 30 /Widths [" + b"500 " * 30 + b"] "
        b"/Encoding << /Type /Encoding /Differences [1 " + names + b"] >> >>"
    )
    return objects


CODES = b"BT /F2 12 Tf 72 600 Td (\1\2\3\4\5\6\7\x0e\x0f\x10\x11\x12) Tj ET "


@pytest.mark.parametrize(
    ("content", "end"),
    [
        (CODES, "image-only"),
        (CODES + shown(b"a heading in a font that is known"), "image-only"),
        (
            shown(b"a list:")
            + b"BT /F2 12 Tf 72 600 Td (\1) Tj ET "
            + shown(b"first item")
            + b"BT /F2 12 Tf 72 500 Td (\4) Tj 40 0 Td (\5) Tj 40 0 Td (\6) Tj 40 0 Td (\7) Tj ET",
            "",
        ),
    ],
    ids=["page", "part-of-a-page", "bullet-and-icons"],
)
def test_letters_whose_meaning_the_font_does_not_say_are_unread(content, end):
    assert texts(build(coded(content)))[1] == end


def test_a_form_saved_without_its_document_is_read():
    saved = b"%FDF-1.2\n1 0 obj\n<< /FDF << /Fields [<< /T (Student ID) /V (912345678) >>] >> >>\nendobj\ntrailer"
    found = opened(saved, "form.fdf")
    assert [(each.place, each.text) for each in found.shown] == [("form", f"Student ID {ID}")]
    assert found.why == ""


DRAWN = stream(in_own_font(SAID), b"/Type /XObject /Subtype /Form /BBox [0 0 350 50] /Resources << " + OWN_FONT + b" >>")
NOTE = b"<< /Type /Annot /Rect [50 50 400 100] /F 4 "


@pytest.mark.parametrize(
    ("content", "objects"),
    [
        (b"", {7: NOTE + b"/Subtype /Link /AP << /N 8 0 R >> >>", 8: DRAWN}),
        (b"", {7: NOTE + b"/Subtype /Widget /AS /Off /AP << /N << /Off 9 0 R /On 8 0 R >> >> >>", 8: DRAWN, 9: stream(b"")}),
        (b"/Pattern cs /P1 scn 0 0 500 500 re f", {8: DRAWN}),
        (b"/Span << /ActualText (nothing) >> BDC " + in_own_font(SAID) + b"EMC", {}),
        (b"", {7: b"<< /Type /Page /Contents 8 0 R >>", 8: stream(in_own_font(SAID))}),
    ],
    ids=["link", "state-of-a-button", "pattern", "replaced-text", "page-nobody-counts"],
)
def test_text_in_a_font_of_its_own_is_read_where_no_page_gives_it(content, objects):
    plain = page(shown(b"hello") + content, b"/Annots [7 0 R]", OWN_FONT + b" /Pattern << /P1 8 0 R >>")
    found, end = texts(build(plain | own_font() | objects))
    assert (SAID.decode() in found["objects"], end) == (True, "")


@pytest.mark.parametrize(
    "decoy",
    [
        b"1 g 1 Tz (77) Tj 100 Tz 0 g",
        b"3 Tr [(77) 1112] TJ 0 Tr",
        b"q 1 1 1 rg [(77) 1112] TJ Q",
        b"0 0 0 0 k [(77) 1112] TJ 0 g",
        b"/OC /Layer BDC [(77) 1112] TJ EMC",
    ],
)
def test_signs_nobody_sees_do_not_hide_a_number(decoy):
    content = b"BT /F1 12 Tf 72 500 Td (student ID 9123) Tj " + decoy + b" (45678) Tj ET"
    assert SAID.decode() in texts(build(page(content)))[0]["objects"]


def test_digits_drawn_between_other_lines_stand_in_one_row():
    digits = [shown(b"%d" % int(digit), b"%d 800 Td" % (72 + 7 * at)) for at, digit in enumerate(ID)]
    random.Random(1).shuffle(digits)
    content = b"".join(shown(b"line %d" % at, b"72 %d Td" % (20 + 12 * at)) + digit for at, digit in enumerate(digits))
    assert ID in texts(build(page(content)))[0]["page 1"]


SCRIPT = b"app.alert('student ID 912345678')"
XML = b"<xdp:xdp><a>student ID 91234", b"5678</a></xdp:xdp>"


@pytest.mark.parametrize(
    ("objects", "place"),
    [
        ({7: stream(zlib.compress(SCRIPT), b"/Filter 8 0 R"), 8: b"/FlateDecode"}, "objects"),
        (
            {7: stream(zlib.compress(b"7 0 << /A (912345678) >>"), b"/Type /ObjStm /First 4 /Filter 8 0 R"), 8: b"[/Fl]"},
            "objects",
        ),
        ({7: stream(zlib.compress(SCRIPT), b"/Filter [/Crypt /FlateDecode]")}, "objects"),
        ({7: b"<< /JS 8 0 R >>", 8: stream(SCRIPT, b"/Subtype /Image /Length1 5")}, "objects"),
        ({7: b"<< /XFA [(a) 8 0 R (b) 9 0 R] >>", 8: stream(XML[0]), 9: stream(XML[1])}, "form"),
        ({7: b"<< /Contents <" + "\ufeff9123\x1ben\x1b45678".encode("utf-16-be").hex().encode() + b"> >>"}, "annotations"),
        ({7: b"<< /RC (<body><p>9123<b>45678</b></p></body>) >>"}, "form"),
        ({7: b"<< /student#20ID#20912345678 (x) >>"}, "names"),
        ({7: b"<< /P (student ID ) /S /D /St 912345678 >>"}, "page labels"),
        ({7: b"<< /V (912) >>", 8: b"<< /V (345) >>", 9: b"<< /V (678) >>"}, "form"),
        ({7: stream(b"\1\2 8 0 obj << /A (912345678) >> endobj", b"/Subtype /Image")}, "objects"),
    ],
    ids=[
        "filter-elsewhere",
        "filters-elsewhere",
        "identity-crypt",
        "script-that-says-image",
        "form-in-two-streams",
        "language-in-a-number",
        "rich-text",
        "key",
        "label-of-a-page",
        "number-in-three-fields",
        "object-in-a-stream",
    ],
)
def test_what_only_viewers_put_together_is_read(objects, place):
    found, end = texts(build(page(shown(b"hello")) | objects))
    assert (ID in found[place], end) == (True, "")


def test_the_dictionary_of_properties_may_stand_in_the_trailer():
    assert ID in texts(build(page(b""), b"/Root 1 0 R /Info << /Title (912345678) >>"))[0]["properties"]


@pytest.mark.parametrize(
    "body", [stream(b"\x8b\x02\x80", b"/Filter /BrotliDecode"), stream(b"912345678", b"/Filter 99 0 R")], ids=["new", "nowhere"]
)
def test_a_stream_behind_an_unknown_filter_is_unread(body):
    assert texts(build(page(shown(b"hello")) | {7: body}))[1] == "unsupported"


def test_a_script_that_does_not_unfold_is_unread():
    objects = {7: b"<< /JS 8 0 R >>", 8: stream(zlib.compress(SCRIPT)[2:], b"/Filter /FlateDecode")}
    assert texts(build(page(shown(b"hello")) | objects))[1] == "unsupported"


def test_files_whose_dictionary_stands_elsewhere_or_whose_length_does_are_read_whole():
    said = b"endstream\nstudent ID 912345678"
    held = b"<< /Length 10 0 R >>\nstream\n" + said + b"\nendstream"
    found, _ = pieces(
        pdf, Source(build(page(b"") | {7: b"<< /F (a) /EF 8 0 R >>", 8: b"<< /F 9 0 R >>", 9: held, 10: b"%d" % len(said)}))
    )
    assert [each.data for each in found if isinstance(each, File)] == [said]


def test_a_file_without_its_head_is_broken_and_no_text():
    packed = stream(base64.a85encode(zlib.compress(shown(SAID))) + b"~>", b"/Filter [/A85 /Fl]")
    found = opened(build(page(b"") | {4: packed}, head=b""), "letter.pdf")
    assert (found.why, any(SAID.decode() in each.text for each in found.shown)) == ("broken", True)


@pytest.mark.parametrize("real", [b"/FlateDecode", b"% a comment\n /FlateDecode", b"[/FlateDecode] % one"])
@pytest.mark.parametrize("other", [b"/ASCIIHexDecode", b"/A85"])
def test_of_two_filters_with_one_number_none_is_believed(real, other):
    drawn = stream(zlib.compress(shown(SAID)), b"/Type /XObject /Subtype /Form /BBox [0 0 350 50] /Filter 9 0 R")
    data = build(page(shown(b"hello")) | {7: NOTE + b"/AP << /D 8 0 R >> >>", 8: drawn, 9: real})
    assert SAID.decode() in texts(data)[0].get("objects", "") or texts(data)[1]
    assert texts(data.replace(b"xref\n", b"9 0 obj " + other + b" endobj\nxref\n", 1))[1] == "unsupported"


@pytest.mark.parametrize(
    ("head", "end"),
    [
        (b"9 0 obj", ""),
        (b"9 % a\n% b\n0 % c\nobj", ""),
        (b"9" + b" " * 500 + b"0 obj", ""),
        (b"9 %\n%\n%\n0 obj", "broken"),
        (b"9 0 %\n%\n%\nobj", "broken"),
        (b"9 %" + b"x" * 300 + b"\n0 obj", "broken"),
    ],
    ids=["plain", "comments", "blanks", "many-comments", "many-later", "long-comment"],
)
def test_an_object_is_read_whatever_stands_within_its_head(head, end):
    data = build(page(b"") | {9: b"<< /T (Student ID) /V (912345678) >>"}).replace(b"9 0 obj", head)
    found, ended = texts(data)
    assert (ID in found["form"], ended) == (True, end)


def test_a_map_beyond_the_last_character_spoils_nothing():
    high = stream(b"1 beginbfrange <00> <ff> <dbffdfff> endbfrange")
    embedded = stream(SAID, b"/Type /EmbeddedFile")
    objects = page(b"") | {6: b"<< /Type /Font /ToUnicode 7 0 R >>", 7: high, 8: embedded}
    given, end = pieces(pdf, Source(build(objects)))
    assert ([each.data for each in given if isinstance(each, File)], end) == ([SAID], "")
