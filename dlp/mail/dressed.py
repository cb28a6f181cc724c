"""Text that another program would show without its marks: tags of HTML, BBCode, Markdown and the backslash of an escape.

Takes a text that is no page; gives it line by line without those marks, where they stand among its words. A mark alone is no
markup: one within a word, or a tag that is closed, must be there. Linear; never fails.
"""

from __future__ import annotations

import html
import re

_BLOCKS = "p|div|br|hr|li|ul|ol|td|th|tr|table|tbody|thead|h[1-6]|blockquote|pre|dd|dt|dl|body|head|html|title|section|article"
_INLINE = (
    "a|abbr|b|bdi|big|cite|code|del|em|en-note|font|i|ins|kbd|label|mark|q|s|small|span|strike|strong|sub|sup|tt|u|var|wbr"
)
_REST = r"(?:[\s/][^<>]{0,2000})?>"
_BLOCK = re.compile(rf"</?(?:{_BLOCKS}){_REST}", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:{_INLINE}){_REST}", re.IGNORECASE)
_CLOSED = re.compile(rf"</(?:{_BLOCKS}|{_INLINE})\s{{0,9}}>|<wbr\b", re.IGNORECASE)
_BBCODE = r"\[/?[a-zA-Z]{1,10}(?:=[^\[\]\n]{0,200})?\]"
_SIGNS = r"\*{1,3}|~~|__|``?|\\(?!u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})"  # those escapes are undone elsewhere
_WITHIN = re.compile(  # by its first sign, which is rare; a star between figures multiplies them
    rf"\[(?<=[^\W_]\[)(?<=(?={_BBCODE}[^\W_])\[)|[*~_`\\](?<=[^\W\d_].)(?<=(?=(?:{_SIGNS})[^\W\d_]).)"
)
_MARK = re.compile(f"{_BBCODE}|{_SIGNS}")


def bare(text: str) -> str:
    """The text without marks; "" where there are none."""
    if "</" not in text and "&lt;/" not in text and "<wbr" not in text:
        return _without_signs(text)
    source = html.unescape(text) if "&lt;/" in text else text
    if not _CLOSED.search(source):
        return _without_signs(text)
    shown = _TAG.sub("", _BLOCK.sub(" ", source))
    shown = html.unescape(shown) if "&" in shown else shown
    return _without_signs(shown) or shown


def _without_signs(text: str) -> str:
    if not ("*" in text or "[/" in text or "\\" in text or "~~" in text or "`" in text or "__" in text):
        return ""
    if not _WITHIN.search(text):
        return ""
    return "\n".join(_MARK.sub("", line) if _WITHIN.search(line) else line for line in text.split("\n"))
