"""What a mail program makes of a text before it shows it, where that is more than the characters themselves.

Takes decoded text with the part's declared type and file names; gives further readings of it: a calendar or a card
unfolded, the fields of a header decoded, enriched text and web pages sent under another type without their tags.
Linear; never fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from types import MappingProxyType

from dlp.mail import cards, headers, html

_FOLD = re.compile(r"\r?\n[ \t]")
_WORDS_RUN_TOGETHER = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_Rendering = Callable[[str], str]


def renderings(text: str, media_type: str, filenames: Collection[str]) -> tuple[str, ...]:
    """Every further reading of `text`, for its type and for the type its file name promises."""
    if media_type not in _BY_TYPE and not filenames:
        return ()
    endings = (name.rpartition(".")[2].lower() for name in filenames)
    wanted = dict.fromkeys(filter(None, (_BY_TYPE.get(media_type), *map(_BY_ENDING.get, endings))))
    return tuple(render(text) for render in wanted)


def words_apart(name: str) -> str:
    """ "FinalGrades.xlsx" as "Final Grades.xlsx": people write file names without blanks."""
    return _WORDS_RUN_TOGETHER.sub(" ", name)


def _fields(text: str) -> str:
    """Header fields unfolded, their encoded words decoded (RFC 5322 2.2.3, RFC 2047)."""
    return "\n".join(headers.decode_words(line).text for line in _FOLD.sub(" ", text).splitlines())


def _without_tags(text: str) -> str:
    """Text/enriched (RFC 1896) and text/richtext (RFC 1341) write their tags as HTML does."""
    return html.read(text).visible


_BY_TYPE: MappingProxyType[str, _Rendering] = MappingProxyType(
    {
        "text/calendar": cards.text,
        "text/directory": cards.text,
        "text/vcard": cards.text,
        "text/x-vcard": cards.text,
        "text/enriched": _without_tags,
        "text/richtext": _without_tags,
        "text/rfc822-headers": _fields,
    }
)
_BY_ENDING: MappingProxyType[str, _Rendering] = MappingProxyType(
    {"ics": cards.text, "vcf": cards.text, "htm": _without_tags, "html": _without_tags, "xhtml": _without_tags}
)
