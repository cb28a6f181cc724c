"""E044 to E058: charsets that say something else than they are, and characters that look like others or like nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import partial

from tests.evasion.planted import CAUGHT, EITHER, LIMIT, NUMBER, SENTENCE, Case, Entity

BEFORE, AFTER = "The student ID is ", " and the grade is B."
WORDS = ("nine", "one", "two", "three", "four", "five", "six", "seven", "eight")


def said(charset: str, data: bytes, *, html: bool = False) -> Entity:
    """A part whose text is said to be in `charset`, in base64 so that every byte arrives."""
    kind = "html" if html else "plain"
    fields = f"Content-Type: text/{kind}{charset and '; charset=' + charset}\r\nContent-Transfer-Encoding: base64\r\n"
    return Entity(fields.encode(), base64.encodebytes(data).replace(b"\n", b"\r\n"))


def utf8(text: str) -> Entity:
    return said("utf-8", text.encode())


def number(written: str) -> Entity:
    """The sentence with the number written so."""
    return utf8(BEFORE + written + AFTER)


def between(sign: str, every: int = 1) -> Entity:
    return number(sign.join(NUMBER[at : at + every] for at in range(0, 9, every)))


def _charsets() -> Iterator[tuple[str, str, str, Entity]]:
    seven = b"".join(
        b"+" + base64.b64encode(part.encode("utf-16-be")).rstrip(b"=") + b"-" for part in (SENTENCE[:20], SENTENCE[20:])
    )
    yield "E044-01", "UTF-7 declared", CAUGHT, said("utf-7", seven)
    yield "E044-02", "UTF-7 undeclared", CAUGHT, said("", seven)
    yield "E044-03", "UTF-7 declared UTF-8", CAUGHT, said("utf-8", seven)
    wide = (
        ("utf-16", "utf-16"), ("utf-16-le", "utf-16le"), ("utf-16-be", "utf-16be"), ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"), ("utf-16-le", ""), ("utf-16-be", ""), ("utf-16-le", "utf-16be"),
        ("utf-16-be", "utf-16le"), ("utf-16-le", "utf-8"),
        ("utf-32", "utf-32"), ("utf-32-le", "utf-32"), ("utf-32-be", ""), ("utf-32-le", "us-ascii"), ("utf-16", "us-ascii"),
    )  # fmt: skip
    for index, (true, declared) in enumerate(wide, 1):
        yield f"E045-{index:02}", f"{true} declared {declared or 'nothing'}", CAUGHT, said(declared, SENTENCE.encode(true))
    shifted = "学生の成績 " + SENTENCE
    for index, charset in enumerate(("iso-2022-jp", "iso-2022-kr", "hz-gb-2312", "iso-2022-jp-2"), 1):
        codec = "hz" if charset.startswith("hz") else charset
        text = SENTENCE if codec == "iso-2022-kr" else shifted if codec != "hz" else "学生 " + SENTENCE
        yield f"E046-{index:02}", f"{charset} with shifts", CAUGHT, said(charset, text.encode(codec))
    wideness = BEFORE + "９１２３４５６７８" + AFTER
    yield "E046-05", "digits of two bytes in ISO-2022-JP", CAUGHT, said("iso-2022-jp", wideness.encode("iso-2022-jp"))
    escapes = BEFORE.encode() + b"\x1b(J".join(NUMBER[at : at + 3].encode() for at in (0, 3, 6)) + AFTER.encode()
    yield "E046-06", "escapes between the digits", CAUGHT, said("iso-2022-jp", escapes)
    for index, codec in enumerate(("cp037", "cp500", "cp1140"), 1):
        yield f"E047-{index:02}", f"EBCDIC {codec} declared", CAUGHT, said(codec, SENTENCE.encode(codec))
    yield "E048-01", "a charset nobody knows", EITHER, said("x-nobody", SENTENCE.encode())
    yield "E048-02", "two charset parameters", EITHER, said("utf-16; charset=us-ascii", SENTENCE.encode())
    yield "E048-03", "ASCII declared UTF-16", EITHER, said("utf-16le", SENTENCE.encode())
    yield "E048-04", "EBCDIC declared nothing", EITHER, said("", SENTENCE.encode("cp037"))
    yield "E048-06", "a table in EBCDIC declared UTF-8", EITHER, said("utf-8", f"ID,Grade\n{NUMBER},B\n".encode("cp037"))
    yield "E048-05", "two charsets, the second true", EITHER, said("us-ascii; charset=utf-16le", SENTENCE.encode("utf-16-le"))
    overlong = b"".join(bytes((0xC0 | sign >> 6, 0x80 | sign & 0x3F)) for sign in NUMBER.encode())
    yield "E049-01", "digits as overlong UTF-8", EITHER, said("utf-8", BEFORE.encode() + overlong + AFTER.encode())
    spoilt = BEFORE.encode() + b"\xff".join((b"912", b"345", b"678")) + AFTER.encode()
    yield "E049-02", "bytes that are no UTF-8 between the digits", EITHER, said("utf-8", spoilt)
    yield (
        "E049-03",
        "surrogates in UTF-8",
        EITHER,
        said("utf-8", BEFORE.encode() + b"\xed\xa0\x80".join((b"9123", b"45678")) + AFTER.encode()),
    )


def _signs() -> Iterator[tuple[str, str, str, Entity]]:
    nothing = (
        "\u200b",
        "\u200c",
        "\u200d",
        "\u2060",
        "\ufeff",
        "\u00ad",
        "\ufe0f",
        "\u034f",
        "\u180e",
        "\U000e0020",
        "\u200e",
        "\u2063",
        "\u115f",
    )
    for index, sign in enumerate(nothing, 1):
        yield f"E050-{index:02}", f"U+{ord(sign):04X} between the digits", CAUGHT, between(sign)
    tags = "".join(chr(0xE0000 + ord(sign)) for sign in SENTENCE)
    yield "E050-14", "all of it in tags", CAUGHT, utf8(f"Hello{tags}")
    yield "E051-01", "digits reversed under a right-to-left override", EITHER, number("\u202e" + NUMBER[::-1] + "\u202c")
    yield "E051-02", "the same as an isolate", EITHER, number("\u2067\u202e" + NUMBER[::-1] + "\u202c\u2069")
    yield "E051-03", "left-to-right marks about the digits", CAUGHT, between("\u200e", 3)
    yield "E051-04", "half of it reversed", EITHER, number("9123\u202e87654\u202c")
    digits = {
        "full-width": 0xFF10, "Arabic-Indic": 0x660, "Devanagari": 0x966, "mathematical bold": 0x1D7CE,
        "mathematical monospace": 0x1D7F6, "Thai": 0xE50, "segmented": 0x1FBF0,
    }  # fmt: skip
    for index, (name, zero) in enumerate(digits.items(), 1):
        yield f"E052-{index:02}", f"{name} digits", CAUGHT, number("".join(chr(zero + int(sign)) for sign in NUMBER))
    ringed = {"circled": 0x2460, "parenthesised": 0x2474, "with a full stop": 0x2488, "circled negative": 0x2776}
    for index, (name, one) in enumerate(ringed.items(), 8):
        yield f"E052-{index:02}", f"{name} digits", CAUGHT, number("".join(chr(one + int(sign) - 1) for sign in NUMBER))
    yield "E052-12", "superscript digits", CAUGHT, number("".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(sign)] for sign in NUMBER))
    yield "E052-13", "Cyrillic letters in the words", CAUGHT, utf8(f"The ѕtudеnt ІD iѕ {NUMBER} аnd thе grаdе iѕ В.")
    yield "E052-14", "Greek letters in the words", CAUGHT, utf8(f"The stυdent ΙD is {NUMBER} and the grade is Β.")
    for index, mark in enumerate(("\u0336", "\u0332", "\u20dd", "\u0301", "\u20e3", "\u0338\u0332"), 1):
        yield f"E053-{index:02}", f"U+{ord(mark[0]):04X} over the digits", CAUGHT, between(mark)
    signs = (
        " ",
        "\u00a0",
        ".",
        "-",
        "/",
        "_",
        "\n",
        "\u2009",
        "\u2013",
        "\u2003",
        "\t",
        " - ",
        "\u00b7",
        "\u2011",
        "\n\n",
        "*",
        "|",
        ":",
    )
    for index, sign in enumerate(signs, 1):
        yield f"E054-{index:02}", f"{sign!r} between groups", CAUGHT, between(sign, 3)
    yield "E054-19", "blanks between the digits", CAUGHT, between(" ")
    yield "E054-20", "one digit a line", CAUGHT, between("\n")
    yield "E054-21", "no-break blanks between the digits", CAUGHT, between("\u00a0")
    yield "E054-22", "a line break within", CAUGHT, number("91234\n5678")
    yield "E055-01", "digits as words", EITHER, number(" ".join(WORDS))
    yield "E055-02", "digits as words with dashes", EITHER, number("-".join(WORDS))
    yield "E055-03", "some digits as words", EITHER, number("9 1 2 three four 5 6 seven 8")
    yield "E055-04", "the letter l for one", CAUGHT, number("9l2345678")
    yield "E055-05", "the letter S for five", CAUGHT, number("91234S678")
    yield "E055-06", "capital i for one and S for five", EITHER, number("9I234S678")
    # which signs a font has that is not sent along, only the reader's machine knows
    letters = f'<p>{BEFORE}<font face="Digits">JBCDEFGHI</font>{AFTER}</p>'
    yield "E056-01", "a font that shows other signs", LIMIT, said("utf-8", letters.encode(), html=True)
    face = f"<style>@font-face {{font-family:Digits; src:url(data:font/ttf;base64,{'AAEAAAALAIAAAwAw' * 30})}}</style>"
    yield "E056-02", "such a font sent along", EITHER, said("utf-8", (face + letters).encode(), html=True)
    yield (
        "E057-01",
        "down a column",
        EITHER,
        utf8("The student ID, read downwards:\n" + "\n".join(f"{sign}  x" for sign in NUMBER)),
    )
    yield "E057-02", "over the columns of a table", EITHER, utf8("student ID\t" + "\t".join(NUMBER))
    yield "E058-01", "written backwards", LIMIT, number(NUMBER[::-1])
    yield "E058-02", "two numbers interleaved", LIMIT, number("".join(a + b for a, b in zip(NUMBER, "000000000", strict=True)))


def cases() -> Iterator[Case]:
    """Every case of this group."""
    for index, title, expects, built in (*_charsets(), *_signs()):
        yield Case(index, title, expects, partial(_same, built))


def _same(built: Entity) -> Entity:
    return built
