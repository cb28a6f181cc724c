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
_WORD = re.compile(r"[^\W_](?:[\w'\u2019.,-]*\w)?")
_MASK = "~"
_SHOWN = ("part ", "the message")  # labels of what a reader sees; what is encoded in it is told apart by figures alone


def likeness(texts: Texts) -> str:
    """The words in lower case in their order, with one mark for each run of anything else.

    >>> likeness(read(b"\\n\\nDear Hana,\\nyour balance is $1,200.50 since May.\\n", Limits()))
    '~ your balance is ~ since ~'
    """
    read = (view for view in texts.views if view.channel is Channel.TEXT and not view.again)
    shown = (view for view in read if view.label.startswith(_SHOWN))
    return "\f".join(_masked(view.text[:_LOOKED_AT]) for view in shown)


def _masked(text: str) -> str:
    said: list[str] = []
    for chunk in text.split():
        if chunk.isalpha() and chunk.islower():
            said.append(chunk)
        elif "@" in chunk or "://" in chunk:
            said.append(_MASK)
        else:
            said += [word if _is_plain(word) else _MASK for word in _WORD.findall(chunk)]
    kept = [word for word in said if word not in PARTICLES]
    return " ".join(word for before, word in zip(["", *kept], kept, strict=False) if not word == before == _MASK)


def _is_plain(word: str) -> bool:
    """One that letters of one kind have in common: no capital, no figure."""
    return word == word.lower() and not any(map(str.isdigit, word))
