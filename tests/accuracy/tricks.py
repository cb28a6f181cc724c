"""How else one letter can be written or packed: what mail programs, copying, carelessness and a little malice do to it.

Takes a letter in plain text, with those students of a world who stand in it, and chance; each trick gives the message, or None
where the letter has nothing to do it to. Pure; the same for the same chance.
"""

from __future__ import annotations

import base64
import csv
import email
import email.policy
import html
import io
import quopri
import re
import textwrap
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage, Message
from random import Random

from tests.accuracy.world import Person
from tests.evasion.groups.books import book
from tests.evasion.groups.files import attached, zipped
from tests.evasion.planted import Entity

_KEPT = ("From", "To", "Date", "Message-ID")
_UTF8 = b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n'
_COVER = "See below.\r\n"
_LINE = 72  # characters
_LONG = 7  # letters of a name in which one may be wrong
_LOOK_ALIKES = str.maketrans("aceopxyiABEHKMOPTX", "асеорхуіАВЕНКМОРТХ")  # noqa: RUF001  Cyrillic and Greek on purpose
_LETTERS_WITHOUT_MARKS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae", "Æ": "Ae"}
)
_OTHER_HABIT = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ß": "ss",
        "å": "aa",
        "Å": "Aa",
        "ø": "oe",
        "Ø": "Oe",
        "æ": "ae",
    }
)
_MISREAD = str.maketrans("01", "Ol")
Change = Callable[[str, Random], str]
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class File:
    """A file of text."""

    name: str
    kind: str
    text: str

    @property
    def rows(self) -> Rows:
        return list(csv.reader(io.StringIO(self.text), delimiter="\t" if "\t" in self.text else ","))


@dataclass(frozen=True, slots=True)
class Plain:
    """A letter in plain text. `fields` are those of its header that no trick touches."""

    fields: tuple[tuple[str, str], ...]
    subject: str
    text: str
    files: tuple[File, ...]
    people: tuple[Person, ...]

    @property
    def names(self) -> re.Pattern[str]:
        return _any_of(part for each in self.people for part in (each.name.given, each.name.family))

    @property
    def numbers(self) -> re.Pattern[str]:
        return _any_of(each.id for each in self.people)

    @property
    def both(self) -> re.Pattern[str]:
        return re.compile(f"{self.names.pattern}|{self.numbers.pattern}")

    def changed(self, change: Callable[[str], str]) -> Plain:
        """With every text changed; the Subject stays where the change would break its line."""
        files = tuple(replace(file, text=change(file.text)) for file in self.files)
        subject = change(self.subject)
        return replace(self, subject=self.subject if "\n" in subject else subject, text=change(self.text), files=files)

    def respelt(self, of: re.Pattern[str], written: Callable[[str], str]) -> Plain:
        """With what the pattern finds written otherwise."""
        return self.changed(lambda text: of.sub(lambda hit: written(hit[0]), text))

    def mail(self, body: Entity | None = None, files: Sequence[Entity] | None = None, subject: bytes = b"") -> bytes:
        """The message, with another body, other files or a Subject field as it stands."""
        head = EmailMessage(policy=email.policy.SMTP)
        for name, value in self.fields:
            head[name] = value
        if not subject:
            head["Subject"] = self.subject
        parts = [body or Entity(_UTF8, _lines(self.text)), *(self.attachments if files is None else files)]
        fields = head.as_bytes().removesuffix(b"\r\n") + subject + b"MIME-Version: 1.0\r\n"
        if len(parts) == 1:
            return fields + bytes(parts[0])
        boundary = b"=_%08x" % zlib.crc32(b"".join(map(bytes, parts)))
        inside = b"".join(b"--" + boundary + b"\r\n" + bytes(part) + b"\r\n" for part in parts)
        return fields + b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n%s--%s--\r\n' % (boundary, inside, boundary)

    @property
    def attachments(self) -> list[Entity]:
        return [attached(file.text.encode(), file.name, file.kind) for file in self.files]


Trick = Callable[[Plain, Random], bytes | None]


def opened(raw: bytes, students: Sequence[Person]) -> Plain | None:
    """A letter made as plain text; None where it is none, or has files that are no text."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    body, files = mail.get_body(("plain",)), tuple(mail.iter_attachments())
    if body is None or any(file.get_content_maintype() != "text" for file in files):
        return None
    texts = tuple(File(file.get_filename() or "", file.get_content_type(), _decoded(file)) for file in files)
    text = body.get_content().replace("\r\n", "\n")
    whole = "\n".join((mail["Subject"], text, *(file.text for file in texts)))
    people = tuple(each for each in students if each.id in whole or (each.name.family in whole and each.name.given in whole))
    fields = tuple((name, str(mail[name])) for name in _KEPT)
    return Plain(fields, str(mail["Subject"]), text, texts, people)


def _decoded(file: Message) -> str:
    data = file.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def page(letter: Plain, written: str = "") -> bytes:
    """As HTML, or with the text `written` in HTML."""
    paragraphs = (written or html.escape(letter.text, quote=False)).replace("\r\n", "\n").replace("\n", "<br>\r\n")
    source = f"<!DOCTYPE html><html><body><div>{paragraphs}</div></body></html>"
    return letter.mail(
        Entity(b'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n', source.encode())
    )


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    every = sorted({re.escape(word) for word in words}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(every) or '(?!)'})(?!\w)")


def _lines(text: str) -> bytes:
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def _spelt(of: str, change: Change) -> Trick:
    """Every name, number, or both, in subject, text and files of text."""

    def trick(letter: Plain, chance: Random) -> bytes | None:
        done = letter.respelt(getattr(letter, of), lambda written: change(written, chance))
        return done.mail() if done != letter else None

    return trick


def _throughout(change: Callable[[str], str]) -> Trick:
    return lambda letter, _: letter.changed(change).mail()


def _grouped(sign: str) -> Trick:
    return _spelt("numbers", lambda number, _: sign.join((number[:3], number[3:6], number[6:])))


def _turned(written: str) -> Trick:
    """Full names with the family name first."""

    def trick(letter: Plain, _: Random) -> bytes | None:
        def turn(text: str) -> str:
            for each in letter.people:
                name = rf"(?<!\w){re.escape(each.name.given)}\s+{re.escape(each.name.family)}(?!\w)"
                text = re.sub(name, written.format(each.name), text)
            return text

        done = letter.changed(turn)
        return done.mail() if done != letter else None

    return trick


def _without_marks(text: str, _: Random) -> str:
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    return bare.translate(_LETTERS_WITHOUT_MARKS)


def _mistyped(name: str, chance: Random) -> str:
    """A letter too few, or two changed about."""
    if len(name) < _LONG or not name.isalpha():
        return name
    at = chance.randrange(2, len(name) - 2)
    return name[:at] + name[at + 1 :] if chance.random() < 0.5 else name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _wrong_letter(letter: Plain, chance: Random) -> bytes | None:
    """In family names alone; the given name stays as the second cue."""
    families = _any_of(each.name.family for each in letter.people)
    done = letter.respelt(families, lambda name: _mistyped(name, chance))
    return done.mail() if done != letter else None


def _soft_breaks(letter: Plain, _: Random) -> bytes:
    """Quoted-printable (RFC 2045, 6.7) with a soft line break within each name and number."""
    out, done = [], 0
    for hit in letter.both.finditer(letter.text):
        out += [quopri.encodestring(_lines(letter.text[done : hit.start()])), quopri.encodestring(hit[0][:2].encode())]
        out += [b"=\r\n", quopri.encodestring(hit[0][2:].encode())]
        done = hit.end()
    out.append(quopri.encodestring(_lines(letter.text[done:])))
    return letter.mail(Entity(_UTF8.replace(b"8bit", b"quoted-printable"), b"".join(out)))


def _flowed(letter: Plain, _: Random) -> bytes:
    """format=flowed (RFC 3676): a line that ends in a blank goes on."""
    lines = (
        " \r\n".join(textwrap.wrap(line, _LINE, break_long_words=False, break_on_hyphens=False) or [""])
        for line in letter.text.splitlines()
    )
    kind = b"Content-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n"
    return letter.mail(Entity(kind, "\r\n".join(lines).encode()))


def _broken(letter: Plain, _: Random) -> bytes:
    """Lines of 72 characters, as most programs break them."""
    lines = (textwrap.wrap(line, _LINE, break_long_words=False, break_on_hyphens=False) for line in letter.text.splitlines())
    return replace(letter, text="\n".join("\n".join(each) for each in lines)).mail()


def _labelled(charset: str, label: str) -> Trick:
    """Text in one charset that says it is in another."""

    def trick(letter: Plain, _: Random) -> bytes | None:
        try:
            data = letter.text.replace("\n", "\r\n").encode(charset)
        except UnicodeEncodeError:  # nobody can write it so
            return None
        if letter.text.isascii():
            return None
        return letter.mail(Entity(_UTF8.replace(b"utf-8", label.encode()), data))

    return trick


def _in_page(change: Callable[[str], str]) -> Trick:
    """Names and numbers in HTML."""
    return lambda letter, _: page(letter, letter.both.sub(lambda hit: change(hit[0]), html.escape(letter.text, quote=False)))


def _hidden(letter: Plain, _: Random) -> bytes:
    written = html.escape(letter.text, quote=False)
    return page(letter, f'{_COVER}<div style="display:none;max-height:0">{written}</div>')


def _message_within(letter: Plain, _: Random) -> bytes:
    inner = Entity(b"Content-Type: message/rfc822\r\n", letter.mail())
    return replace(letter, subject="Fwd: a message").mail(Entity(_UTF8, _COVER.encode()), [inner])


def _archives(letter: Plain, _: Random) -> bytes:
    members = (("letter.txt", letter.text.encode()), *((file.name, file.text.encode()) for file in letter.files))
    outer = zipped(("inner.zip", zipped(*members)))
    return letter.mail(Entity(_UTF8, _COVER.encode()), [attached(outer, "outer.zip", "application/zip")])


def _encoded_subject(letter: Plain, _: Random) -> bytes:
    """Encoded words (RFC 2047) of a few characters each, so that every word is cut."""
    parts = (letter.subject[at : at + 5].encode() for at in range(0, len(letter.subject), 5))
    words = (b"=?utf-8?b?" + base64.b64encode(part) + b"?=" for part in parts)
    return letter.mail(subject=b"Subject: " + b"\r\n ".join(words) + b"\r\n")


def _called_xls(letter: Plain, _: Random) -> bytes | None:
    """What a learning platform exports: tabs in UTF-16, called .xls."""
    if not letter.files:
        return None
    made = ("\r\n".join(map("\t".join, file.rows)).encode("utf-16") for file in letter.files)
    return letter.mail(files=[attached(data, "gc_export.xls", "application/vnd.ms-excel") for data in made])


def _sheet(letter: Plain, _: Random) -> bytes | None:
    """A workbook in which what looks like a number is one."""
    if not letter.files:
        return None
    return letter.mail(files=[book(f"<sheetData>{''.join(map(_row, file.rows))}</sheetData>") for file in letter.files])


def _row(cells: Sequence[str]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(text: str) -> str:
    if text.isdecimal():
        return f"<c><v>{text}</v></c>"
    return f'<c t="inlineStr"><is><t>{html.escape(text)}</t></is></c>'


PLAIN: Mapping[str, Trick] = {
    "zero-width characters": _spelt("both", lambda text, _: "\u200b".join(text)),
    "soft hyphens": _spelt("both", lambda text, _: f"{text[:3]}\u00ad{text[3:]}"),
    "no-break blanks": _throughout(lambda text: text.replace(" ", "\u00a0")),
    "thin blanks": _throughout(lambda text: text.replace(" ", "\u2009")),
    "marks of direction": _spelt("both", lambda text, _: f"\u200e{text[:2]}\u200f{text[2:]}\u200e"),
    "Cyrillic look-alikes": _spelt("names", lambda name, _: name.translate(_LOOK_ALIKES)),
    "full-width digits": _spelt("numbers", lambda number, _: "".join(chr(0xFF10 + int(sign)) for sign in number)),
    "ID with blanks": _grouped(" "),
    "ID with dots": _grouped("."),
    "ID with dashes": _grouped("-"),
    "ID with slashes": _grouped("/"),
    "ID over two lines": _spelt("numbers", lambda number, _: f"{number[:5]}\n{number[5:]}"),
    "quoted-printable breaks": _soft_breaks,
    "lines of 72 characters": _broken,
    "format=flowed": _flowed,
    "UTF-8 called ISO 8859-1": _labelled("utf-8", "iso-8859-1"),
    "Windows-1252 called UTF-8": _labelled("cp1252", "utf-8"),
    "all capitals": _throughout(str.upper),
    "names without marks": _spelt("names", _without_marks),
    "names in the other ASCII habit": _spelt("names", lambda name, _: name.translate(_OTHER_HABIT)),
    "family name first": _turned("{0.family} {0.given}"),
    "family name, comma": _turned("{0.family}, {0.given}"),
    "a letter of a long family name wrong": _wrong_letter,
    "O for 0, l for 1": _spelt("numbers", lambda number, _: number.translate(_MISREAD)),
    "message in a message": _message_within,
    "ZIP in a ZIP": _archives,
    "encoded words in the Subject": _encoded_subject,
    "UTF-16 tabs called .xls": _called_xls,
    "ID as a number in a sheet": _sheet,
}
PAGES: Mapping[str, Trick] = {
    "character references": _in_page(lambda text: "".join(f"&#{ord(sign)};" for sign in text)),
    "cut by tags": _in_page(lambda text: f"{text[:2]}<b></b>{text[2:]}"),
    "each letter in an element": _in_page(lambda text: "".join(f"<span>{sign}</span>" for sign in text)),
    "hidden by CSS": _hidden,
}
