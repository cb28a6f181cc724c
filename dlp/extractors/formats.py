"""The table of formats: kind -> the extractor that reads it.

Takes nothing; `EXTRACTORS` is the table, its keys the words `kinds.kinds` may give, beside "message", which the opener
reads as mail. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dlp.extractors import plain
from dlp.extractors.cards import cards
from dlp.extractors.content import Extractor
from dlp.extractors.json_values import json_values
from dlp.extractors.mbox import mbox, store
from dlp.extractors.msg import msg
from dlp.extractors.pdf import pdf
from dlp.extractors.property_list import property_list
from dlp.extractors.sqlite import sqlite
from dlp.extractors.tnef import tnef
from dlp.extractors.xml_values import xml_values

EXTRACTORS: Mapping[str, Extractor] = MappingProxyType(
    {
        "text": plain.text,
        "unknown": plain.unknown,
        "calendar": cards,
        "json": json_values,
        "mail-store": store,
        "mbox": mbox,
        "msg": msg,
        "pdf": pdf,
        "plist": property_list,
        "sqlite": sqlite,
        "tnef": tnef,
        "vcard": cards,
        "xml": xml_values,
    }
)
