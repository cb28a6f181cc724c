"""Lists as LibreOffice writes them: `make accuracy LISTS=1 WRITER=soffice`, where it is installed.

Takes messages whose lists are attached as bare XLSX or DOCX; gives the same with the file opened and saved by LibreOffice, once
in each of its formats. One process for each format, with a profile of its own. Raises what running it raises.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.accuracy.generate import Message

_Convert = Callable[[Sequence[Path], str, Path], None]

# what a form is saved as, and the media types of that
SAVED_AS: Mapping[str, Sequence[str]] = {
    "xlsx": ("xlsx", "ods", "xls", "html", "pdf"),
    "docx": ("docx", "odt", "doc", "rtf", "pdf"),
}
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "xls": "application/vnd.ms-excel",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "doc": "application/msword",
    "rtf": "application/rtf",
}
_AT_ONCE, _SECONDS = 100, 600


def saved(files: Sequence[Path], ending: str, folder: Path) -> None:
    """By one LibreOffice."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ("soffice", profile, "--headless", "--convert-to", ending, "--outdir", str(folder), *map(str, files))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=_SECONDS)


def by_office(made: Iterable[Message], convert: _Convert = saved) -> Iterator[Message]:
    """Every list in a form LibreOffice can open, in each it can save."""
    every = [each for each in made if each.form in SAVED_AS]
    for form, endings in SAVED_AS.items():
        chosen = [each for each in every if each.form == form]
        for at in range(0, len(chosen), _AT_ONCE):
            for ending in endings:
                yield from _converted(chosen[at : at + _AT_ONCE], form, ending, convert)


def _converted(made: Sequence[Message], form: str, ending: str, convert: _Convert) -> Iterator[Message]:
    with TemporaryDirectory() as place:
        files = [Path(place) / f"{nth}.{form}" for nth in range(len(made))]
        for file, message in zip(files, made, strict=True):
            file.write_bytes(_attached(_parsed(message.raw)).get_content())
        folder = Path(place) / "saved"
        folder.mkdir()
        convert(files, ending, folder)
        for file, message in zip(files, made, strict=True):
            raw = _with(message.raw, (folder / f"{file.stem}.{ending}").read_bytes(), ending)
            name = f"{form} saved as {ending}"
            yield replace(message, id=f"{message.id}-{ending}", raw=raw, form=name)


def _with(raw: bytes, data: bytes, ending: str) -> bytes:
    """A message with its file in place of the one that is there."""
    mail = _parsed(raw)
    kind, _, subtype = _TYPES[ending].partition("/")
    part = _attached(mail)
    part.clear_content()
    part.set_content(data, kind, subtype, filename=f"list.{ending}", disposition="attachment")
    return mail.as_bytes()


def _parsed(raw: bytes) -> EmailMessage:
    mail = message_from_bytes(raw, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    return mail


def _attached(mail: EmailMessage) -> EmailMessage:
    [part] = mail.iter_attachments()
    assert isinstance(part, EmailMessage)
    return part
