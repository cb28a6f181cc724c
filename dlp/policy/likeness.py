"""What near-identical messages have in common, such as those of one mail merge: the text without names, numbers and money.

Takes the text as read; gives one string that two letters share which differ only in whom they greet, in figures, addresses and
other words with a capital. Two letters of one sender that share it by chance do no harm: it is only asked how many of them
went astray. Pure, linear in the text, of which a bounded part is looked at. Nothing here fails.
"""

from __future__ import annotations

import re

from dlp.campus.name_words import PARTICLES
from dlp.values import Channel, Texts

_LOOKED_AT = 20_000  # characters of each text
_LINK = re.compile(r"\S*(?:://|@)\S*")
_TOKEN = re.compile(r"[^\W_](?:[\w'\u2019.,-]*\w)?")
_MASK = "~"


def likeness(texts: Texts) -> str:
    """The words in lower case in their order, with one mark for each run of anything else.

    >>> likeness(read(b"\\n\\nDear Hana,\\nyour balance is $1,200.50 since May.\\n", Limits()))
    '~ your balance is ~ since ~'
    """
    return "\f".join(_masked(view.text[:_LOOKED_AT]) for view in texts.views if view.channel is Channel.TEXT)


def _masked(text: str) -> str:
    words: list[str] = []
    for token in _TOKEN.findall(_LINK.sub(f" {_MASK} ", text)):
        word = token if _is_plain(token) else _MASK
        if word not in PARTICLES and not (word == _MASK and words[-1:] == [_MASK]):
            words.append(word)
    return " ".join(words)


def _is_plain(token: str) -> bool:
    """A word that letters of one kind have in common: no capital, no figure."""
    return token == token.lower() and not any(letter.isdigit() for letter in token)
