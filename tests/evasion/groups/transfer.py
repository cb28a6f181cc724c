"""E028 to E043: transfer encodings that readers undo differently, and encodings of one's own."""

from __future__ import annotations

import base64
import binascii
import codecs
import gzip
import json
import zlib
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

from tests.evasion.groups.fields import CT, CTE, cte
from tests.evasion.planted import CAUGHT, EITHER, HELD, LIMIT, SENTENCE, Case, Entity

PLAIN = SENTENCE.encode()
LINE = base64.b64encode(PLAIN)
WRAPPED = base64.encodebytes(PLAIN * 3).replace(b"\n", b"\r\n")
QP = b"".join(b"=%02X" % sign for sign in PLAIN)


def text(body: bytes, fields: bytes = b"") -> Entity:
    return Entity(CT + fields, body)


def every(size: int, data: bytes, between: bytes) -> bytes:
    return between.join(data[at : at + size] for at in range(0, len(data), size))


def _base64() -> Iterator[tuple[str, str, str, Entity]]:
    for number, junk in enumerate((b".", b"-", b"#", b" ", b"\0", b"\xe9", b"!\r\n", b"*~"), 1):
        yield f"E028-{number:02}", f"{junk!r} between the groups", CAUGHT, cte(b"base64", body=every(4, LINE, junk))
    for number, size in enumerate((1, 5, 2, 4), 1):
        chunks = b"".join(base64.b64encode(PLAIN[at : at + size]) for at in range(0, len(PLAIN), size))
        yield f"E029-{number:02}", f"chunks of {size} bytes, each padded", CAUGHT, cte(b"base64", body=chunks)
    for number, first in enumerate((b"QQ==", b"QUI=", b"====", b"=", b"QQ==\r\n"), 1):
        yield f"E030-{number:02}", f"{first!r} before the data", CAUGHT, cte(b"base64", body=first + LINE)
    note = b"This is not encoded.\r\n"
    yield "E031-01", "a comment line before the data", CAUGHT, cte(b"base64", body=note + WRAPPED)
    yield (
        "E031-02",
        "a comment line between the lines",
        CAUGHT,
        cte(b"base64", body=WRAPPED[:78] + b"*** ---\r\n" + WRAPPED[78:]),
    )
    yield "E031-03", "a header line before the data", CAUGHT, cte(b"base64", body=b"Comment: none\r\n\r\n" + WRAPPED)
    for number, surplus in enumerate((b"A", b"AB", b"ABC"), 1):
        yield f"E032-{number:02}", f"{len(surplus)} surplus characters first", CAUGHT, cte(b"base64", body=surplus + LINE)
    yield "E032-04", "six characters a line", CAUGHT, cte(b"base64", body=every(6, LINE, b"\r\n"))
    yield "E032-05", "one character a line", CAUGHT, cte(b"base64", body=every(1, LINE, b"\r\n"))
    mixed = LINE[:10] + b"\r\n" + LINE[10:13] + b"\r\n\r\n" + LINE[13:]
    yield "E032-06", "lines of mixed length", CAUGHT, cte(b"base64", body=mixed)
    yield "E033-01", "no padding at the end", CAUGHT, cte(b"base64", body=LINE.rstrip(b"="))
    yield "E033-02", "one character left over", CAUGHT, cte(b"base64", body=LINE.rstrip(b"=") + b"Q")
    question = b"~~~???>>>" + PLAIN + b"~~~???>>>"
    yield "E034-01", "the alphabet of URLs", CAUGHT, cte(b"base64", body=base64.urlsafe_b64encode(question))
    mixed = base64.urlsafe_b64encode(question) + base64.b64encode(question).replace(b"=", b"")
    yield "E034-02", "both alphabets", CAUGHT, cte(b"base64", body=mixed)


def _quoted() -> Iterator[tuple[str, str, str, Entity]]:
    for number, soft in enumerate((b"=\r", b"= \r\n", b"=\t\r\n", b"=\n", b"= \t \r", b"=\r\r\n"), 1):
        yield f"E035-{number:02}", f"soft break written {soft!r}", CAUGHT, _soft(soft)
    broken = (
        ("doubled equals sign", QP.replace(b"=39", b"==39", 1)),
        ("cut pair at the end", PLAIN + b"\r\n=0"),
        ("pair split over two lines", PLAIN[:20] + b"=\r\n" + PLAIN[20:] + b"=3\r\n1"),
        ("blank in a pair", PLAIN + b"= 3D"),
        ("lower case", QP.lower()),
        ("mixed case", QP.replace(b"=6", b"=6").swapcase()),
        ("pairs that are none", b"=zz" + QP + b"=4!"),
    )
    for number, (title, body) in enumerate(broken, 1):
        yield f"E036-{number:02}", title, CAUGHT, cte(b"quoted-printable", body=body)
    yield "E037-01", "one encoded line of 20,000 characters", CAUGHT, cte(b"quoted-printable", body=b"=20" * 6000 + QP)
    yield "E037-02", "raw 8-bit between the pairs", CAUGHT, cte(b"quoted-printable", body=b"\xc3\xa9 ".join((QP[:54], QP[54:])))
    for number, said in enumerate((b"7bit", b"8bit", b"binary", b""), 1):
        fields = CTE + said + b"\r\n" if said else b""
        yield f"E038-{number:02}", f"base64 declared {said.decode() or 'nothing'}", CAUGHT, text(WRAPPED, fields)
        yield f"E038-{number + 4:02}", f"quoted-printable declared {said.decode() or 'nothing'}", CAUGHT, text(QP, fields)
        below = b"Dear Pat,\r\n\r\nthis is the rest:\r\n\r\n" + WRAPPED + b"\r\nBest wishes\r\n"
        yield (
            f"E038-{number + 8:02}",
            f"base64 below a letter, declared {said.decode() or 'nothing'}",
            CAUGHT,
            text(below, fields),
        )


def _soft(soft: bytes) -> Entity:
    """The number cut by a soft break."""
    return cte(b"quoted-printable", body=PLAIN.replace(b"91234", b"91234" + soft))


def uuencoded(data: bytes, name: bytes = b"grades.txt") -> bytes:
    lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return (b"begin 644 " + name + b"\n" + lines + b"`\nend\n").replace(b"\n", b"\r\n")


def yencoded(data: bytes) -> bytes:
    out = bytearray()
    for sign in data:
        value = (sign + 42) % 256
        out += bytes((61, (value + 64) % 256)) if value in (0, 10, 13, 61) else bytes((value,))
    return b"=ybegin line=128 size=%d name=grades.txt\r\n" % len(data) + bytes(out) + b"\r\n=yend size=%d\r\n" % len(data)


def _other() -> Iterator[tuple[str, str, str, Entity]]:
    whole = uuencoded(PLAIN)
    for number, name in enumerate((b"x-uuencode", b"uuencode", b"x-uue", b"uue"), 1):
        yield f"E039-{number:02}", f"uuencoded, declared {name.decode()}", CAUGHT, cte(name, body=whole)
    yield "E039-05", "uuencoded within a letter", CAUGHT, text(b"Dear Pat,\r\n\r\nsee below\r\n\r\n" + whole + b"\r\nBest\r\n")
    yield (
        "E039-06",
        "uuencoded without begin and end",
        CAUGHT,
        cte(b"x-uuencode", body=b"\r\n".join(whole.split(b"\r\n")[1:-3]) + b"\r\n"),
    )
    yield "E039-07", "uuencoded in base64", CAUGHT, cte(b"base64", body=base64.encodebytes(whole))
    yield "E040-01", "yEnc within a letter", EITHER, text(b"Dear Pat,\r\n\r\n" + yencoded(PLAIN))
    yield "E040-02", "yEnc as the encoding", EITHER, cte(b"x-yenc", body=yencoded(PLAIN))
    binhex = b"(This file must be converted with BinHex 4.0)\r\n\r\n:%s:\r\n" % (b"$f*TEQKPH#jdH5i)" * 8)
    yield "E041-01", "BinHex within a letter", HELD, text(binhex)
    yield "E041-02", "BinHex as the encoding", HELD, cte(b"binhex", body=binhex)
    yield "E041-03", "BinHex as the type", HELD, Entity(b"Content-Type: application/mac-binhex40\r\n", binhex)
    zipped = base64.encodebytes(gzip.compress(PLAIN, mtime=0)).replace(b"\n", b"\r\n")
    for number, name in enumerate((b"gzip64", b"x-gzip64", b"x-gzip"), 1):
        yield f"E042-{number:02}", f"gzip in base64, declared {name.decode()}", CAUGHT, cte(name, body=zipped)
    yield "E042-04", "gzip in base64 as text", CAUGHT, text(zipped)
    yield "E042-05", "zlib in base64 as text", EITHER, text(base64.encodebytes(zlib.compress(PLAIN)))
    own = {
        "base64 in base64": (CAUGHT, base64.encodebytes(LINE)),
        "hex": (CAUGHT, PLAIN.hex().encode()),
        "hex with blanks": (CAUGHT, PLAIN.hex(" ").encode()),
        "hex with escapes": (CAUGHT, b"".join(b"\\x%02x" % sign for sign in PLAIN)),
        "percent": (CAUGHT, "".join(f"%{sign:02X}" for sign in PLAIN).encode()),
        "percent where URLs need it": (CAUGHT, quote("student ID: 912 345 678 grade B").encode()),
        "JSON escapes": (CAUGHT, ("{" + json.dumps("x") + ': "' + "".join(f"\\u{sign:04x}" for sign in PLAIN) + '"}').encode()),
        "base32": (EITHER, base64.b32encode(PLAIN)),
        "ascii85": (EITHER, base64.a85encode(PLAIN, adobe=True)),
        "base85": (EITHER, base64.b85encode(PLAIN)),
        "rot13": (LIMIT, codecs.encode(SENTENCE, "rot13").encode()),
        "character references": (CAUGHT, "".join(f"&#{sign};" for sign in PLAIN).encode()),
    }
    for number, (title, (expects, body)) in enumerate(own.items(), 1):
        yield f"E043-{number:02}", f"{title} in a text", expects, text(body + b"\r\n")


def cases() -> Iterator[Case]:
    """Every case of this group."""
    for number, title, expects, built in (*_base64(), *_quoted(), *_other()):
        yield Case(number, title, expects, partial(_same, built))


def _same(built: Entity) -> Entity:
    return built
