"""Makes the pictures of the corpus with Pillow, an ID in every place beside the pixels. Run by hand, not by the tests:

python -m venv scratch && scratch/bin/pip install pillow && scratch/bin/python tests/extractors/make/image.py
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

FILES = Path(__file__).parent.parent / "files" / "image"
SAID = "student ID 912345678"
SMALL = Image.new("RGB", (8, 8), "navy")


def xmp(where: str) -> bytes:
    return f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"><rdf:Description photoshop:Headline="{where} headline {SAID}"><dc:title>
<rdf:Alt><rdf:li>{where} title {SAID}</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>""".encode()


def exif(where: str) -> Image.Exif:
    tags = Image.Exif()
    tags[270] = f"{where} description {SAID}"
    tags[315] = f"{where} artist {SAID}"
    tags[40092] = f"{where} XP comment {SAID}\0".encode("utf-16-le")
    tags.get_ifd(34665)[37510] = b"ASCII\0\0\0" + f"{where} user comment {SAID}".encode()
    tags.get_ifd(34853)[27] = b"UNICODE\0" + f"{where} place {SAID}".encode("utf-16-le")
    return tags


def iptc() -> bytes:
    text = f"IPTC caption {SAID}".encode()
    record = b"\x1c\x02\x78" + len(text).to_bytes(2, "big") + text
    record += b"\0" * (len(record) % 2)
    return b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + len(record).to_bytes(4, "big") + record


def main() -> None:
    FILES.mkdir(exist_ok=True)
    words = PngInfo()
    words.add_text("Comment", f"tEXt {SAID}")
    words.add_text("Description", f"zTXt {SAID}", zip=True)
    words.add_itxt("Title", f"iTXt {SAID}")
    words.add_itxt("Author", f"packed iTXt {SAID}", zip=True)
    words.add_itxt("XML:com.adobe.xmp", xmp("XMP").decode(), zip=True)
    SMALL.save(FILES / "words.png", pnginfo=words, exif=exif("EXIF"))
    _jpeg()
    SMALL.save(FILES / "words.webp", exif=exif("EXIF"), xmp=xmp("XMP"))
    SMALL.convert("P").save(FILES / "words.gif", comment=f"comment {SAID}".encode())
    tags = ImageFileDirectory_v2()
    tags[270] = f"first page {SAID}"
    tags[700] = xmp("XMP")
    second = SMALL.copy()
    second.encoderinfo = {"tiffinfo": {270: f"second page {SAID}"}}
    SMALL.save(FILES / "words.tiff", tiffinfo=tags, save_all=True, append_images=[second])
    _pages()


def _jpeg() -> None:
    preview = io.BytesIO()
    SMALL.save(preview, "JPEG", comment=f"preview {SAID}".encode())
    tags = exif("EXIF")
    tags.get_ifd(1).update({513: 0, 514: len(preview.getvalue())})
    file = io.BytesIO()
    SMALL.save(file, "JPEG", exif=tags, xmp=xmp("XMP"), comment=f"comment {SAID}".encode(), progressive=True)
    whole = file.getvalue()
    segment = b"\xff\xed" + (len(iptc()) + 2).to_bytes(2, "big") + iptc()
    (FILES / "words.jpeg").write_bytes(whole[:2] + segment + whole[2:])


def _pages() -> None:
    """Pages of text for the recogniser."""
    font = ImageFont.load_default(40)
    page = Image.new("L", (620, 160), 255)
    ImageDraw.Draw(page).text((30, 50), SAID, fill=0, font=font)
    page.convert("1").save(FILES / "page.png")
    page.convert("1").rotate(90, expand=True, fillcolor=1).save(FILES / "turned.png")
    page.convert("1").rotate(180, fillcolor=1).save(FILES / "head-over.png")
    page.point(lambda value: 200 + value // 10).save(FILES / "pale.png")
    page.resize((230, 60)).save(FILES / "small.png")
    blank = Image.new("1", page.size, 1)
    blank.save(FILES / "pages.tiff", save_all=True, append_images=[page.convert("1")], compression="group4")


if __name__ == "__main__":
    main()
