"""What one leaf part is to a reader: text, markup, a signature, encrypted, or a file to be opened.

Takes a part's declared type and its decoded bytes; gives a status with its word, and the texts that can be read of it. The
declared type is believed only where the bytes agree: a text type over a document's bytes is opened as a file, a signature
that is none too. Without an OpenFile files stay closed. Never fails; broken content is a status.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from itertools import chain, count, pairwise
from types import MappingProxyType

from dlp.mail import cards, charset, flowed, html
from dlp.mail.dressed import bare
from dlp.mail.entity import Description
from dlp.mail.fold import fold, tagged, turned, unmixed
from dlp.mail.opened import OpenFile, Shown, Shut
from dlp.mail.rendering import renderings
from dlp.mail.sweep import sweep
from dlp.mail.tables import Table
from dlp.values import Marked, PartStatus

HTML = frozenset({"text/html", "application/xhtml+xml"})
_RTF = frozenset({"text/rtf", "application/rtf"})
_BINHEX = frozenset({"application/mac-binhex40", "application/mac-binhex", "application/x-binhex40"})
_MESSAGE_TEXT = frozenset({"message/delivery-status", "message/disposition-notification", "message/feedback-report"})
_SIGNED = frozenset({"signed-data", "certs-only", "compressed-data"})  # not encrypted
_STRUCTURED = frozenset({"text/json", "text/xml"})
_ENDINGS = (".eml", ".emlx", ".json", ".mbox", ".mht", ".mhtml", ".ndjson", ".plist", ".xml")
_ENCRYPTED_CONTAINER = "multipart/encrypted"
_SIGNATURE_SIZE = 65_536
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
_FEW = 50  # lines
SMALL_IMAGE = 65_536  # bytes: a logo, hardly a page of text
_DER_SEQUENCE = b"\x30"
# a CMS ContentInfo of type signed-data whose encapsulated content is plain "data" without octets (RFC 8551 3.5.3)
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_DETACHED = (bytes.fromhex("300b06092a864886f70d010701"), bytes.fromhex("308006092a864886f70d0107010000"))
# a ContentInfo of type enveloped-data or encrypted-data, or authenticated (RFC 5652 3, RFC 5083)
_ENVELOPED = re.compile(
    rb"\x30(?:\x80|[\x01-\x7f]|\x81.|\x82..|\x83.{3}|\x84.{4})"
    rb"\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x03\x06]|\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17)",
    re.DOTALL,
)
_PGP_CONTROL = re.compile(rb"\s*+(?:Version: 1\s*+)?", re.IGNORECASE)  # RFC 3156 4
_PGP_DATA = re.compile(rb"-----BEGIN PGP MESSAGE-----[ \t]*\r?\n(?:[A-Za-z]+: [^\n]*+\n)*+[ \t]*\r?\n([A-Za-z0-9+/]{4})")
_PGP_BEGINS = "-----BEGIN PGP MESSAGE-----"
_PGP_MESSAGE = re.compile(rf"^{_PGP_BEGINS}[ \t]*$", re.MULTILINE)
_PGP_ARMOUR = re.compile(rb"\s*-----BEGIN PGP SIGNATURE-----")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
# fmt: off
_MAGIC = (
    b"%PDF-", b"PK\x03\x04", b"PK\x05\x06", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0", b"Rar!\x1a",
    b"7z\xbc\xaf", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ", b"{\\rtf", b"\x78\x9f\x3e\x22", b"II*\x00", b"MM\x00*",
    b"\x7fELF", b"MZ\x90\x00",
)
# fmt: on
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1b\x0e\x0f\x00"))


@dataclass(frozen=True, slots=True)
class Reading:
    """`texts` and `markup` (attributes, comments) are folded. `why` is "" when READ; `doubt` a word of AMBIGUITIES or "".

    `more` are further readings of the text, each with what it is in words; `unseen` says what of one is new.
    `tables`: those within the first text, `marked`: whose its lines are.
    """

    status: PartStatus
    why: str = ""
    texts: tuple[str, ...] = ()
    markup: tuple[str, ...] = ()
    more: tuple[tuple[str, str], ...] = ()
    doubt: str = ""
    shown: tuple[Shown, ...] = ()
    shut: tuple[Shut, ...] = ()
    tables: tuple[Shown, ...] = ()
    marked: tuple[Marked, ...] = ()


_Reader = Callable[[bytes, Description, OpenFile | None], Reading]
_UNTYPED = Description("text/plain")
_ENCODED = Description("application/octet-stream", has_id=True)  # a file in a text: a small picture there is shown in it


def is_text(media_type: str) -> bool:
    """True for the types whose bytes are characters for a reader."""
    return media_type.startswith("text/") or media_type in HTML or media_type in _MESSAGE_TEXT or media_type in _BINHEX


def is_flowed(declared: Description) -> bool:
    """True where lines go on (RFC 3676 4)."""
    return declared.flowed and declared.media_type == _UNTYPED.media_type


def needs_opening(declared: Description, parent: str) -> bool:
    """True when only the bytes can say whether there is anything to read."""
    return not is_text(declared.media_type) and declared.media_type not in _READERS and parent != _ENCRYPTED_CONTAINER


def read_leaf(data: bytes, declared: Description, parent: str, open_file: OpenFile | None) -> Reading:
    """Read one part's decoded bytes; `parent` is the media type of the multipart it stands in."""
    if parent == _ENCRYPTED_CONTAINER:
        reading = _said_encrypted(data, declared, open_file)
        return replace(reading, texts=_text(data, declared, None).texts) if is_text(declared.media_type) else reading
    if is_text(declared.media_type):
        return _text(data, declared, open_file)
    reader = _READERS.get(declared.media_type)
    if reader:
        return reader(data, declared, open_file)
    return _file(data, declared, open_file) if data else Reading(PartStatus.READ)


def read_text(data: bytes, open_file: OpenFile | None) -> Reading:
    """Bytes that stand where only text is expected, without a type."""
    texts = fold_all(charset.readings(data))
    return _with_encoded(Reading(PartStatus.READ, "", texts), data, _UNTYPED, open_file)


def _file(data: bytes, declared: Description, open_file: OpenFile | None) -> Reading:
    if open_file is None:
        return Reading(PartStatus.UNSUPPORTED, "unsupported")
    opened = open_file(data, declared)
    status, why = opened.status, opened.why
    in_the_text = declared.has_id and declared.disposition != "attachment" and len(data) <= SMALL_IMAGE
    if status is PartStatus.UNSUPPORTED and in_the_text and data.startswith(_PICTURES):
        why = "inline-image"
    return Reading(status, why, shown=opened.shown, shut=opened.shut)


def _text(data: bytes, declared: Description, open_file: OpenFile | None) -> Reading:
    html_like = declared.media_type in HTML
    texts: list[str] = []
    markup: list[str] = []
    otherwise: list[str] = []
    pages: list[html.Html] = []
    for decoded in charset.readings(
        data, *(declared.charsets or (declared.charset or (meta_charset(data) if html_like else ""),))
    ):
        shown = flowed.joined(decoded, delsp=declared.delsp) if is_flowed(declared) else decoded
        page = html.read(shown) if html_like else html.Html(shown, "")
        texts.append(page.visible)
        markup.append(page.source)
        otherwise += page.shown
        pages.append(page)
        if not html_like:
            texts += renderings(decoded, declared.media_type, declared.filenames)
    folded, aside = fold_all(texts), fold_all(markup)
    more = tuple(
        ("another reading of", fold(text))
        for text in (
            *otherwise,
            *chain.from_iterable(map(_also, texts)),
            *map(unmixed, folded),
            *(() if html_like else map(bare, texts)),
        )
        if text
    )
    if declared.media_type in _RTF or (not charset.is_wide(data, declared.charset) and is_binary(data)):
        file = _file(data, declared, open_file)
        doubt = "" if file.status is PartStatus.READ or declared.media_type in _RTF else "type-mismatch"
        return replace(file, texts=folded, markup=aside, doubt=doubt)
    if _holds_more(declared) or any(map(cards.files, texts)):
        return replace(_file(data, declared, open_file), texts=folded, markup=aside)
    messages = "\n".join(
        text[found.start() :] for text in folded[:1] if _PGP_BEGINS in text and (found := _PGP_MESSAGE.search(text))
    )
    if messages:
        return replace(_said_encrypted(messages.encode(), declared, open_file), texts=folded, markup=aside)
    reading = Reading(
        PartStatus.READ, "", folded, aside, more, tables=tuple(map(_grid, count(1), pages[0].tables)), marked=pages[0].marked
    )
    return _with_encoded(reading, data, declared, open_file)


def _also(text: str) -> tuple[str, str]:
    """What signs that nobody sees make of a text."""
    return turned(text), tagged(text)


def _grid(number: int, table: Table) -> Shown:
    return Shown("", f"table {number}", fold(table.text), (table.row, 1), again=True)


def _with_encoded(reading: Reading, data: bytes, declared: Description, open_file: OpenFile | None) -> Reading:
    """The same with what stands encoded in the text: texts, and files, which are opened."""
    swept = sweep(data, markup=declared.media_type in HTML)
    if swept.unread:
        reading = replace(reading, status=PartStatus.AMBIGUOUS, why="ambiguous", doubt="payload-broken")
    if not swept.text and not swept.files:
        return reading
    text = fold(charset.decode(swept.text))
    if text:
        reading = replace(reading, more=(*reading.more, ("encoded text in", text)))
    shown: list[Shown] = []
    shut: list[Shut] = []
    for number, payload in enumerate(swept.files, 1):
        file = _file(payload, _ENCODED, open_file)
        shown += [replace(each, path=f"{number}/{each.path}".rstrip("/")) for each in file.shown]
        shut += [replace(each, path=f"{number}/{each.path}".rstrip("/")) for each in file.shut]
        if file.status is not PartStatus.READ:
            shut.append(Shut(str(number), _ENCODED.media_type, "", file.status, file.why))
    return replace(reading, shown=tuple(shown), shut=tuple(shut))


def _holds_more(declared: Description) -> bool:
    """Text that is a file of a format: mail saved with its files in it, values in escapes."""
    return declared.media_type in _STRUCTURED or any(name.lower().endswith(_ENDINGS) for name in declared.filenames)


def _partial(data: bytes, declared: Description, _open_file: OpenFile | None) -> Reading:
    return Reading(PartStatus.AMBIGUOUS, "ambiguous", fold_all(charset.readings(data, declared.charset)), doubt="partial")


def _external(data: bytes, declared: Description, _open_file: OpenFile | None) -> Reading:
    return Reading(PartStatus.AMBIGUOUS, "ambiguous", fold_all(charset.readings(data, declared.charset)), doubt="external-body")


def _said_encrypted(data: bytes, declared: Description, open_file: OpenFile | None) -> Reading:
    """Content that is said to be encrypted. Where its first bytes do not say so too it may be read, and is."""
    encrypted = Reading(PartStatus.ENCRYPTED, "encrypted")
    if _ENVELOPED.match(data) or _PGP_CONTROL.fullmatch(data) or _begins_with_session_key(data):
        return encrypted
    if open_file is None:
        return encrypted
    file = _file(data, declared, open_file)
    return file if file.status is PartStatus.READ else replace(file, status=encrypted.status, why=encrypted.why)


def _begins_with_session_key(data: bytes) -> bool:
    """An armoured PGP message whose first packet is an encrypted session key (RFC 9580 5.1, 5.3)."""
    found = _PGP_DATA.search(data)
    first = binascii.a2b_base64(found[1])[0] if found else 0
    return (first & 0x3F if first & 0x40 else first >> 2 & 15) in (1, 3)


def _smime(data: bytes, declared: Description, open_file: OpenFile | None) -> Reading:
    signed = declared.smime_type in _SIGNED
    return _file(data, declared, open_file) if signed else _said_encrypted(data, declared, open_file)


def _smime_signature(data: bytes, declared: Description, open_file: OpenFile | None) -> Reading:
    """CMS signed-data without content is read; anything else under this name could carry any file."""
    small = len(data) <= _SIGNATURE_SIZE and data.startswith(_DER_SEQUENCE)
    detached = small and _SIGNED_DATA in data[:32] and any(mark in data[:256] for mark in _DETACHED)
    return Reading(PartStatus.READ) if detached else _file(data, declared, open_file)


def _pgp_signature(data: bytes, declared: Description, open_file: OpenFile | None) -> Reading:
    armoured = len(data) <= _SIGNATURE_SIZE and _PGP_ARMOUR.match(data)
    return _text(data, declared, open_file) if armoured else _file(data, declared, open_file)


_READERS: MappingProxyType[str, _Reader] = MappingProxyType(
    {
        "message/partial": _partial,
        "message/external-body": _external,
        "application/pgp-encrypted": _said_encrypted,
        "application/pgp-signature": _pgp_signature,
        "application/pkcs7-mime": _smime,
        "application/x-pkcs7-mime": _smime,
        "application/pkcs7-signature": _smime_signature,
        "application/x-pkcs7-signature": _smime_signature,
    }
)


def fold_all(texts: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Different non-blank texts, folded."""
    return tuple(dict.fromkeys(folded for text in texts if (folded := fold(text)).strip()))


def first_and_rest(texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Folded texts apart: the first, and others that share no line with one before; then those that say some lines anew."""
    whole: list[str] = []
    again: list[str] = []
    known: set[str] = set()
    for text in texts:
        lines = {line for line in text.split("\n") if line.strip()}
        (again if lines & known else whole).append(text)
        known |= lines
    return tuple(whole), tuple(again)


def unseen(text: str, seen: Collection[str]) -> str:
    """The lines of a further reading that stand in none of the texts seen already: nothing is to be found twice.

    A line without figures goes with the one below it, because it may say what that one is.
    """
    known = {line for each in seen for line in each.split("\n")}
    every = list(dict.fromkeys(filter(str.strip, text.split("\n"))))
    new = [line for line in every if line not in known]
    if len(new) <= _FEW:  # of few it can be told whether they are pieces of lines
        new = [line for line in new if not any(line in each for each in seen)]
    wanted = frozenset(new)
    above = {before for before, line in pairwise(every) if line in wanted and not any(map(str.isdigit, before))}
    return "\n".join(line for line in every if line in wanted or line in above) if wanted else ""


def meta_charset(data: bytes) -> str:
    """The charset a page declares for itself; "" without one."""
    match = _META_CHARSET.search(data, 0, 1024)
    return match[1].decode("ascii") if match else ""


def is_binary(data: bytes) -> bool:
    """A known signature at the start, more NUL bytes in a row than wide characters have, or more controls than a text has."""
    head = data[:65_536]
    if b"\0\0\0\0" in head:
        return True
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_MAGIC) or controls * 50 > len(head) + 200
