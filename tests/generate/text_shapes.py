"""One-part mail: charsets, encodings, long lines, dots, endings, and every kind of header.

Each function takes a seeded `random.Random` and gives one whole message with CRLF line ends. `TEXT_SHAPES` names them.
Nothing fails.
"""

from __future__ import annotations

import base64
import quopri
import random

from tests.generate.wording import ACCENTED, DATE, WORDS, Shape, header, join, prose, sentence, token, typed, wrapped_base64


def plain(source: random.Random) -> bytes:
    return header(source) + b"\r\n" + join(*prose(source))


def in_charset(charset: str, text: str) -> Shape:
    """An 8-bit body in `charset` with some of its own letters."""

    def build(source: random.Random) -> bytes:
        lines = [f"{sentence(source, 4)} {text}" for _ in range(4)]
        body = b"".join(line.encode(charset) + b"\r\n" for line in lines)
        return typed(source, f"text/plain; charset={charset}", "8bit", body)

    return build


def quoted_printable(source: random.Random) -> bytes:
    text = "\n".join(f"{line} {source.choice(ACCENTED)} = {' ' * 3}" for line in prose(source)) + "\n"
    body = quopri.encodestring(text.encode()).replace(b"\n", b"\r\n")
    return typed(source, "text/plain; charset=utf-8", "quoted-printable", body)


def base64_text(source: random.Random) -> bytes:
    text = "\r\n".join(f"{line} {source.choice(ACCENTED)}" for line in prose(source))
    return typed(source, "text/plain; charset=utf-8", "base64", wrapped_base64(text.encode()))


def utf16_text(source: random.Random) -> bytes:
    return typed(source, "text/plain; charset=utf-16", "base64", wrapped_base64(sentence(source).encode("utf-16")))


def long_lines(length: int) -> Shape:
    def build(source: random.Random) -> bytes:
        lines = [(" ".join(source.choices(WORDS, k=length // 4)))[:length] for _ in range(3)]
        return header(source) + b"\r\n" + join(*lines)

    return build


def dots(source: random.Random) -> bytes:
    lines = [".", "..", "...", f".{sentence(source)}", f"..{sentence(source)}", " .", ". ", "", ".", "end", "."]
    return header(source) + b"\r\n" + join(*lines)


def dot_first(source: random.Random) -> bytes:
    return header(source) + b"\r\n" + join(".first line of the body", *prose(source, 2))


def empty_body(source: random.Random) -> bytes:
    return header(source) + b"\r\n"


def header_only(source: random.Random) -> bytes:
    return header(source)


def blank_lines(source: random.Random) -> bytes:
    return header(source) + b"\r\n" * source.randint(2, 40)


def no_last_newline(source: random.Random) -> bytes:
    return plain(source).removesuffix(b"\r\n")


def trailing_space(source: random.Random) -> bytes:
    return header(source) + b"\r\n" + join(*(f"{line}{' ' * source.randint(1, 5)}\t" for line in prose(source)), "   ", "\t")


def controls(source: random.Random) -> bytes:
    return (
        header(source) + b"\r\n" + join("form feed \f here", "escape \x1b[0m here", "delete \x7f, bell \a", *prose(source, 1))
    )


def html_only(source: random.Random) -> bytes:
    return typed(
        source,
        "text/html; charset=utf-8",
        "7bit",
        join("<!doctype html><title>x</title>", *(f"<p>{line}<br>" for line in prose(source))),
    )


def flowed(source: random.Random) -> bytes:
    return typed(
        source,
        "text/plain; charset=us-ascii; format=flowed; delsp=yes",
        "7bit",
        join(*(f"{line} " for line in prose(source)), "-- ", "Aiko"),
    )


def large(source: random.Random) -> bytes:
    return header(source) + b"\r\n" + join(*prose(source, source.randint(1_500, 5_000)))


def folded_header(source: random.Random) -> bytes:
    references = [f"\t<{token(source)}@list.example>" for _ in range(source.randint(3, 30))]
    return header(source, "References:", *references, "X-Folded: one", "  two", "\t three") + b"\r\n" + join(*prose(source, 2))


def odd_header(source: random.Random) -> bytes:
    fields = (
        "X-Empty:",
        "X-Space : before the colon",
        "X-Tab:\tvalue",
        "x-LOWER: a",
        "X-Lower: b",
        "X-Colons: a:b::c",
        "X-Tail: x  ",
    )
    return header(source, *fields) + b"\r\n" + join(*prose(source, 2))


def many_fields(source: random.Random) -> bytes:
    return (
        header(source, *(f"X-Field-{n}: {sentence(source, 3)}" for n in range(source.randint(50, 200)))) + b"\r\n" + join("ok")
    )


def huge_header(source: random.Random) -> bytes:
    lines = [f" {sentence(source, 8)}" for _ in range(source.randint(100, 300))]
    return header(source, "X-Huge: start", *lines) + b"\r\n" + join(*prose(source, 1))


def long_header_line(source: random.Random) -> bytes:
    return header(source, "X-Long: " + "x" * 985) + b"\r\n" + join(*prose(source, 1))


def encoded_words(source: random.Random) -> bytes:
    word = source.choice(ACCENTED)
    as_base64 = base64.b64encode(word.encode()).decode()
    fields = (f"X-Topic: =?utf-8?B?{as_base64}?= =?iso-8859-1?Q?caf=E9?=", "X-Other: =?utf-8?q?a_b?= c")
    return header(source, *fields) + b"\r\n" + join(*prose(source, 2))


def utf8_header(source: random.Random) -> bytes:
    return (
        header(source, f"X-Topic: {source.choice(ACCENTED)} and {source.choice(ACCENTED)}") + b"\r\n" + join(*prose(source, 2))
    )


def traced(source: random.Random) -> bytes:
    """Mail that has come a long way: Received fields, a list's fields, and a forged mark of ours."""
    steps = [
        f"Received: from a{n}.example (a{n}.example [192.0.2.{n}])\r\n\tby b{n}.example with ESMTP id {n}x; {DATE[6:]}"
        for n in range(9)
    ]
    fields = (
        "List-Id: <news.list.example>",
        "List-Unsubscribe: <mailto:off@list.example>",
        "Precedence: list",
        "X-Campus-DLP: pass",
    )
    return join(*steps) + header(source, *fields) + b"\r\n" + join(*prose(source))


TEXT_SHAPES: dict[str, Shape] = {
    "plain": plain,
    "latin-1": in_charset("iso-8859-1", "façade Größe señal"),
    "utf-8": in_charset("utf-8", "façade ελληνικά 日本語"),
    "windows-1252": in_charset("windows-1252", "“quoted” façade"),
    "koi8-r": in_charset("koi8-r", "мост река окно"),
    "shift-jis": in_charset("shift_jis", "橋と川"),
    "gb2312": in_charset("gb2312", "桥和河"),
    "utf-16": utf16_text,
    "quoted-printable": quoted_printable,
    "base64": base64_text,
    "lines-of-998": long_lines(998),
    "lines-of-50000": long_lines(50_000),
    "dots": dots,
    "dot-first": dot_first,
    "empty-body": empty_body,
    "header-only": header_only,
    "blank-lines": blank_lines,
    "no-last-newline": no_last_newline,
    "trailing-space": trailing_space,
    "control-characters": controls,
    "folded-header": folded_header,
    "odd-header": odd_header,
    "many-fields": many_fields,
    "huge-header": huge_header,
    "long-header-line": long_header_line,
    "encoded-words": encoded_words,
    "utf-8-header": utf8_header,
    "traced": traced,
    "html-only": html_only,
    "format-flowed": flowed,
    "large": large,
}
