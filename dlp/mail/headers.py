"""One header value: unfolding, RFC 2047 both ways.

Takes the raw bytes after the colon; gives text on one line, and whether a cap cut it. Encoded words of one charset
side by side are joined before decoding, so a character split between two of them is whole again. Raw 8-bit bytes
are UTF-8 (RFC 6532) or a guess. `encode` goes back: ASCII, folded, and free of any line break of its input. Never fails.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dlp.mail import charset, transfer

_FOLD = re.compile(rb"[\r\n]+(?=[ \t])")
_NEWLINE = re.compile(r"[\r\n\x00]+")
_WORD_START = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?")
_PLAIN = re.compile(r"[!-~]{1,60}(?: [!-~]{1,60})*")
_NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LINE = 78
_LONGEST_CHARSET = 20  # "windows-1252", "iso-2022-jp"
_WORD_BYTES = 45  # of text in one encoded word: "=?utf-8?B?" + 60 + "?=" is 72 of the 75 allowed


@dataclass(frozen=True, slots=True)
class Value:
    """A header value as read. `cut` is true when it held more encoded words than the cap."""

    text: str
    cut: bool = False


def unfold(raw: bytes) -> str:
    """The value's characters before RFC 2047 decoding, on one line, without the blanks around it (RFC 5322 2.2.3)."""
    value = raw.strip()
    if b"\n" in value or b"\r" in value:
        value = _FOLD.sub(b"", value)
    text = value.decode("ascii") if value.isascii() else charset.decode(value)
    return text if text.isprintable() else _NEWLINE.sub(" ", text).strip()


def decode(raw: bytes, cap: int = 500) -> Value:
    """The value as a reader sees it; at most `cap` encoded words are decoded, the rest stays as it is written."""
    return decode_words(unfold(raw), cap)


def decode_words(text: str, cap: int = 500) -> Value:
    """The encoded words of unfolded `text` decoded (RFC 2047 6.2), tolerant of blanks and signs inside a word."""
    if "=?" not in text:
        return Value(text)
    found, cut = pieces(text, cap)
    return Value(_NEWLINE.sub(" ", "".join(piece for piece, *_ in found)), cut)


def pieces(text: str, cap: int) -> tuple[list[tuple[str, int, int, bool]], bool]:
    """What is read of unfolded `text`, each piece with the characters it comes from and whether they are encoded words.

    Those of one charset side by side are one piece. Beyond `cap` words the second value is True.
    """
    found: list[tuple[str, int, int, bool]] = []
    joined = b""
    joined_charset = ""
    at = begin = words = 0
    for start, end, name, data in _words(text):
        words += 1
        if words > cap:
            break
        between = text[at:start]
        adjacent = at > 0 and (not between or between.isspace())
        if not (joined and adjacent and joined_charset == name):
            found.append((charset.decode(joined, joined_charset), begin, at, True))
            found.append(("" if adjacent else between, at, start, False))
            joined, begin = b"", start
        joined, joined_charset, at = joined + data, name, end
    found.append((charset.decode(joined, joined_charset), begin, at, True))
    found.append((text[at:], at, len(text), False))
    return found, words > cap


def _words(text: str) -> Iterator[tuple[int, int, str, bytes]]:
    """Start, end, charset and bytes of each encoded word."""
    at = 0
    while match := _WORD_START.search(text, at):
        end = text.find("?=", match.end())
        if end < 0:
            return
        body = text[match.end() : end].encode("utf-8", "replace")
        data = transfer.decode(body, "base64").data if match[2] in "bB" else binascii.a2b_qp(body, header=True)
        at = end + 2
        yield match.start(), at, match[1].partition("*")[0].lower(), data


def word_charset(text: str) -> str:
    """The charset of the first encoded word in unfolded text, as written; "" when there is none."""
    match = _WORD_START.search(text)
    return match[1].partition("*")[0] if match else ""


def encode(text: str, *, column: int = 16, charset: str = "") -> str:
    """`text` as an unstructured field body: ASCII, folded with CRLF SP at 78 columns, no CRLF at the end.

    `column` is where the value starts on its first line (name, colon, blank). Line breaks and control characters of the input
    become one space, so no input can start a header line. Where plain ASCII would be read as something else
    (an encoded word, blanks at the ends or doubled, a word too long to fold) all of it is written in UTF-8 B words. With
    a `charset` it is always B words: of that charset when they can hold the text and say it again, else of UTF-8.
    """
    clean = plain(text)
    words = clean.split(" ")
    if not charset and _PLAIN.fullmatch(clean) and "=?" not in clean and len(words[0]) <= _LINE - column:
        return _lay(words, column)
    if charset and charset.lower() != "utf-8" and len(charset) <= _LONGEST_CHARSET:
        try:
            written = _lay(_encoded_words(clean, charset, column), column)
        except (LookupError, ValueError):  # not a charset of this name, or not one with all of these characters
            written = ""
        if decode_words(unfold(written.encode())).text == clean:
            return written
    return _lay(_encoded_words(clean, "utf-8", column), column)


def plain(text: str) -> str:
    """`text` without line breaks and control characters: a run of them is one space."""
    return _NOT_TEXT.sub(" ", text)


def _encoded_words(text: str, name: str, column: int) -> list[str]:
    """`text` in B words of a charset, none longer than RFC 2047 section 2 allows."""
    most = _WORD_BYTES - max(len(name) - len("utf-8"), 0)
    room = min(most, max((_LINE - column - len(f"=?{name}?B??=")) // 4 * 3, 4))
    return [f"=?{name}?B?{base64.b64encode(chunk).decode()}?=" for chunk in _chunks(text, name, room, most)]


def _chunks(text: str, name: str, first: int, most: int) -> Iterator[bytes]:
    """Pieces that split no character, each fit for one word; the first word has room for `first` bytes."""
    piece = b""
    most, rest = first, most
    for sign in text:
        encoded = sign.encode(name, "replace" if name == "utf-8" else "strict")
        if len(piece) + len(encoded) > most:
            yield piece
            piece, most = b"", rest
        piece += encoded
    if piece:
        yield piece


def _lay(words: list[str], column: int) -> str:
    out: list[str] = []
    for word in words:
        if out and column + 1 + len(word) > _LINE:
            out.append("\r\n " + word)
            column = 1 + len(word)
        else:
            out.append((" " if out else "") + word)
            column += len(out[-1])
    return "".join(out)
