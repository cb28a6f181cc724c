"""A notice as the bytes of a message: RFC 5322 header, multipart/alternative, plain text first.

Takes paragraphs and lists of plain words; gives CRLF bytes, ASCII unless an address is not (RFC 6532). Both
alternatives are written from the same blocks, so they hold the same facts; the HTML has no picture, link, table or
remote part. Control and invisible characters are removed from whatever comes in, so no value can start a header
line of its own. Fails on nothing.
"""

from __future__ import annotations

import hashlib
import html
import quopri
import re
import textwrap
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from dlp.mail.headers import encode

_PAGE = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width">\n<meta name="color-scheme" content="light dark">\n'
    # Mail clients set a style of the body aside, or that of the head.
    "<title>{title}</title>\n</head>\n<body>\n"
    '<div style="font-family: sans-serif; line-height: 1.5; max-width: 40em; overflow-wrap: anywhere">\n'
    "{body}\n</div>\n</body>\n</html>\n"
)
# A reader would break a reference or an address at its hyphen; this way only where it is wider than the line.
_HYPHENED, _WHOLE = re.compile(r"\S+-\S+"), r'<span style="display: inline-block">\g<0></span>'
_WIDTH = 74
_LONGEST = 200  # characters of one value that came from outside


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (one line) or a list (several, one each). Optional ones give way when the notice grows too long."""

    lines: tuple[str, ...]
    listed: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """The header of a notice. `sender_name` is what the reader sees in front of `sender`."""

    sender_name: str
    sender: str
    addressee: str
    reply_to: str
    subject: str
    label: str  # starts the Message-ID: the reference, or "digest"
    date: datetime
    answers: str = ""  # the Message-ID this is about


def clean(value: str) -> str:
    """One line without control, format or unassigned characters (Unicode C*), blanks single, at most 200 characters."""
    spaced = "".join(" " if sign.isspace() else sign for sign in value)
    plain = "".join(sign for sign in spaced if not unicodedata.category(sign).startswith("C"))
    return " ".join(plain.split())[:_LONGEST]


def plain(blocks: Iterable[Block]) -> str:
    """The text/plain alternative: wrapped paragraphs, lists with dashes, lines ended by \\n."""
    return "\n\n".join("\n".join(_wrapped(block)) for block in blocks) + "\n"


def page(title: str, blocks: Iterable[Block]) -> str:
    """The text/html alternative of the same blocks."""
    return _PAGE.format(title=html.escape(title), body="\n".join(_element(block) for block in blocks))


def message(heading: Heading, blocks: tuple[Block, ...], status: str = "") -> bytes:
    """The whole message. The same words give the same Message-ID, so a repeated sending is known as one.

    With `status`, the fields of RFC 3464 2.1, it is a delivery report (RFC 6522).
    """
    text, markup = plain(blocks), page(heading.subject, blocks)
    domain = _NOT_IN_A_DOMAIN.sub("", clean(heading.sender).rpartition("@")[2])
    digest = hashlib.sha256(f"{heading.addressee}\n{heading.subject}\n{text}".encode(errors="replace")).hexdigest()[:24]
    boundary = f"=_{digest}"  # "=_" cannot occur in quoted-printable text (RFC 2045 6.7)
    header = (
        ("Date", format_datetime(heading.date)),
        ("From", _mailbox(heading.sender_name, heading.sender)),
        ("To", _path(heading.addressee)),
        ("Reply-To", _path(heading.reply_to)),
        ("Subject", encode(clean(heading.subject), column=len("Subject: "))),
        ("Message-ID", f"<{_NOT_IN_A_DOMAIN.sub('', heading.label).lower()}.{digest}@{domain}>"),
        ("Auto-Submitted", "auto-replied"),  # RFC 3834 5
        ("MIME-Version", "1.0"),
        ("Content-Language", "en"),
        *((("In-Reply-To", heading.answers), ("References", heading.answers)) if heading.answers else ()),
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in header)
    body = _multipart("alternative", boundary, _part("plain", text), _part("html", markup))
    if status:
        told = f"Content-Type: message/delivery-status\r\n\r\n{status}\r\n"
        body = _multipart("report; report-type=delivery-status", f"=_r{boundary[2:]}", body, told)
    return f"{lines}{body}".encode()


def _multipart(subtype: str, boundary: str, *parts: str) -> str:
    """Header field and body of a multipart entity."""
    entities = f"--{boundary}\r\n".join(["", *parts])
    return f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n{entities}--{boundary}--\r\n'


def _part(subtype: str, text: str) -> str:
    body = quopri.encodestring(text.encode("utf-8", errors="replace")).decode("ascii").replace("\n", "\r\n")
    return f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{body}\r\n"


def _mailbox(name: str, address: str) -> str:
    """A name-addr (RFC 5322 3.4): a quoted string, or encoded words where the name is not ASCII."""
    shown = clean(name)
    phrase = f'"{shown.translate(_QUOTED)}"' if shown.isascii() and "=?" not in shown else encode(shown)
    return f"{phrase} {_path(address)}"


def _path(address: str) -> str:
    """An angle-addr (RFC 5322 3.4) that holds one address, whatever it was made of."""
    local, _, domain = clean(address).translate(_ANGLES).rpartition("@")
    if not _LOCAL_PART.fullmatch(local):
        local = f'"{local.translate(_QUOTED)}"'
    return f"<{local}@{_NOT_IN_A_DOMAIN.sub('', domain)}>"


_QUOTED = str.maketrans({'"': r"\"", "\\": r"\\"})
_ANGLES = str.maketrans("", "", "<>")
_LOCAL_PART = re.compile(r'[^\s()<>@,;:\\"\[\]]+|"(?:[^"\\]|\\.)*"')
_NOT_IN_A_DOMAIN = re.compile(r"[^\w.:\[\]-]")


def _wrapped(block: Block) -> list[str]:
    first, rest = ("- ", "  ") if block.listed else ("", "")
    wrapped = (
        textwrap.wrap(
            line,
            _WIDTH,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in block.lines
    )
    return [line for lines in wrapped for line in lines]


def _element(block: Block) -> str:
    lines = [_HYPHENED.sub(_WHOLE, html.escape(line)) for line in block.lines]
    if not block.listed:
        return "<p>{}</p>".format("<br>\n".join(lines))
    return "<ul>\n{}\n</ul>".format("\n".join(f"<li>{line}</li>" for line in lines))
