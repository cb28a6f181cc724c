"""What a program would open a file as, told by nothing but its name.

Takes every name one file was given; says whether two readers would open it as different things. Spellings of one name never
are: endings of one program count as one, and an ending nobody knows, or none, promises nothing. Linear; never fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import MappingProxyType

from dlp.mail.fold import fold, turned

# what opens them -> endings; some stand in two lines, because either program opens them
_ENDINGS = {
    "archive": "7z ace arj bz2 cab gz iso jar lha lzh rar tar tbz tgz txz xz zip zst",
    "book": "epub mobi",
    "calendar": "ics vcs",
    "card": "vcf",
    "database": "accdb mdb sqlite sqlite3",
    "letter": "doc docm docx dot dotm dotx odt ott pages rtf wpd wps",
    "mail": "eml emlx mbox msg",
    "media": "aac avi flac m4a m4v mkv mov mp3 mp4 mpeg mpg ogg wav webm wma wmv",
    "page": "htm html mht mhtml shtml svg xhtml xml",
    "pdf": "pdf",
    "picture": "bmp gif heic jfif jpe jpeg jpg png svg tif tiff webp wmf emf",
    "program": "apk bat chm cmd cpl dll exe hta jar js jse lnk msi msp pif ps1 reg scr vbe vbs wsf wsh",
    "sheet": "csv numbers ods ots tsv xls xlsb xlsm xlsx xlt xltm xltx",
    "signature": "asc gpg p7m p7s pgp sig",
    "slides": "odp otp pot potm potx pps ppsm ppsx ppt pptm pptx",
    "text": "asc csv diff json log md patch text tsv txt xml yaml yml",
}
_KINDS = MappingProxyType(
    {
        ending: frozenset(kind for kind, endings in _ENDINGS.items() if ending in endings.split())
        for ending in " ".join(_ENDINGS.values()).split()
    }
)
_IGNORED = " .\"'"  # at the end, by the systems files are saved on


def differ(names: Iterable[str]) -> bool:
    """Whether no one program would open the file under each of its names."""
    known = [kinds for name in names for seen in _seen(name) if (kinds := _KINDS.get(_ending(seen)))]
    return bool(known) and not frozenset.intersection(*known)


def _seen(name: str) -> Iterator[str]:
    """A name as it is saved and as it is shown: to some readers it ends at a NUL; an override turns what they see."""
    yield name
    if "\0" in name:
        yield name.partition("\0")[0]
    if shown := turned(name):
        yield shown


def _ending(name: str) -> str:
    return fold(name).rstrip(_IGNORED).rpartition(".")[2].lower()
