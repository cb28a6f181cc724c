"""A letter to a mail message: the shapes people's programs give to what they write.

Takes the text before and behind a list or an earlier message, who writes to whom, and a shape; gives the bytes, and the text as
a reader sees it with what each line is. Pure.
"""

from __future__ import annotations

import html
import random
import textwrap
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from tests.accuracy.world import Person

SHAPES = ("plain", "wrapped", "html", "alternative", "signed", "quoted", "forwarded")
_WEIGHTS = (40, 15, 15, 10, 10, 5, 5)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DISCLAIMER = (
    "This message and any files with it are meant for the addressee alone. If you have received it by mistake, please tell the "
    "sender and delete it. Opinions in it are those of the author."
)
_COVERS = (
    "See below.",
    "As discussed, further down.",
    "Sending this on, no action needed today.",
    "Here is what I had.",
    "FYI",
)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as a mail program attaches it."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be sent. `table` is a list in running text, `page` the same in HTML; `earlier` a message before it."""

    subject: str
    body: str
    sender: Person
    readers: tuple[tuple[Person, str], ...]  # and the address each is written to
    colleague: Person
    earlier: str = ""
    table: str = ""
    page: str = ""
    rest: str = ""
    files: tuple[Attached, ...] = field(default=())


def drawn(chance: random.Random, *, own_words: bool) -> str:
    """A shape, as often as people's mail has it; `own_words` leaves out those in which somebody else's words are passed on."""
    shape = chance.choices(SHAPES, _WEIGHTS)[0]
    return "plain" if own_words and shape in {"quoted", "forwarded"} else shape


def message(draft: Draft, shape: str, chance: random.Random) -> bytes:
    """The message as it arrives. CRLF, MIME where it is needed."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _mailbox(draft.sender, draft.sender.email)
    mail["To"] = [_mailbox(person, address) for person, address in draft.readers]
    mail["Subject"] = draft.subject
    mail["Date"] = "Mon, 05 Oct 2026 09:58:00 -0400"
    mail["Message-ID"] = f"<{''.join(chance.choices(_LETTERS, k=12))}@{draft.sender.email.rpartition('@')[2]}>"
    text = _text(draft, shape)
    if shape in {"html", "alternative"}:
        page = _page(draft)
        if shape == "alternative":
            mail.set_content(text)
            mail.add_alternative(page, subtype="html")
        else:
            mail.set_content(page, subtype="html")
    else:
        mail.set_content(text, cte=chance.choice(("8bit", "quoted-printable")) if not text.isascii() else None)
    for file in draft.files:
        kind, _, subtype = file.media_type.partition("/")
        mail.add_attachment(file.data, kind, subtype, filename=file.name)
    return mail.as_bytes()


def _text(draft: Draft, shape: str) -> str:
    written = "\n".join(filter(None, (draft.body, draft.table, draft.rest)))
    if draft.earlier:
        written += "\n\n" + _quoted(draft)
    match shape:
        case "wrapped":
            return "\n".join(
                textwrap.fill(line, 72, break_long_words=False, break_on_hyphens=False) for line in written.split("\n")
            )
        case "signed":
            return written + "\n" + _signature(draft.sender) + "\n" + textwrap.fill(_DISCLAIMER, 76)
        case "quoted":
            cover = _COVERS[len(written) % len(_COVERS)]
            return cover + "\n\nOn Fri, Oct 2, 2026 at 4:10 PM somebody wrote:\n\n" + _marked(written)
        case "forwarded":
            head = f"From: {_plain_name(draft.colleague)}\nSent: Friday, October 2, 2026 4:10 PM\nSubject: {draft.subject}"
            return f"{_COVERS[len(written) % len(_COVERS)]}\n\n-----Original Message-----\n{head}\n\n{written}"
    return written + "\n"


def _page(draft: Draft) -> str:
    parts = [_paragraphs(draft.body), draft.page or _paragraphs(draft.table), _paragraphs(draft.rest)]
    if draft.earlier:
        parts.append(f'<div class="gmail_quote"><blockquote>{_paragraphs(draft.earlier)}</blockquote></div>')
    return f"<html><body>{''.join(parts)}</body></html>"


def _paragraphs(text: str) -> str:
    blocks = (block.strip("\n") for block in text.split("\n\n"))
    return "".join(f"<p>{html.escape(block, quote=False).replace(chr(10), '<br>')}</p>\r\n" for block in blocks if block)


def _quoted(draft: Draft) -> str:
    return f"On Thu, Oct 1, 2026 at 11:02 AM {_plain_name(draft.colleague)} wrote:\n" + _marked(draft.earlier.strip("\n"))


def _marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _signature(person: Person) -> str:
    return f"\n-- \n{_plain_name(person)}\n{person.department}\n{person.phone}"


def _plain_name(person: Person) -> str:
    return f"{person.name.given} {person.name.family}"


def _mailbox(person: Person, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(_plain_name(person), local, domain)
