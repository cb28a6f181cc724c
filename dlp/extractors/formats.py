"""The table of formats: kind -> the extractor that reads it.

Takes nothing; `EXTRACTORS` is the table, its keys the words `kinds.kinds` may give, beside "message", which the opener
reads as mail. Nothing here fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dlp.extractors import archives, compressed, macos, plain
from dlp.extractors.cards import cards
from dlp.extractors.cbor import cbor
from dlp.extractors.cms import cms
from dlp.extractors.content import Extractor
from dlp.extractors.doc import doc
from dlp.extractors.flat_office import flat_office
from dlp.extractors.image import image
from dlp.extractors.json_values import json_values
from dlp.extractors.mbox import mbox, store
from dlp.extractors.msg import msg
from dlp.extractors.odf import odf, ods
from dlp.extractors.office_locks import encrypted
from dlp.extractors.ole import ole
from dlp.extractors.ooxml_parts import document
from dlp.extractors.openpgp import openpgp
from dlp.extractors.pdf import fdf, pdf
from dlp.extractors.ppt import ppt
from dlp.extractors.pptx import pptx
from dlp.extractors.property_list import property_list
from dlp.extractors.rtf import rtf
from dlp.extractors.sheet_texts import spreadsheet_xml, sylk
from dlp.extractors.sqlite import sqlite
from dlp.extractors.svg import svg
from dlp.extractors.tars import tar
from dlp.extractors.tnef import tnef
from dlp.extractors.xls import xls
from dlp.extractors.xlsb import xlsb
from dlp.extractors.xlsx import xlsx
from dlp.extractors.xml_values import xml_values
from dlp.extractors.zips import notes, zip_archive

EXTRACTORS: Mapping[str, Extractor] = MappingProxyType(
    {
        "text": plain.text,
        "unknown": plain.unknown,
        "7z": archives.seven_zip,
        "apple-double": macos.apple_double,
        "ar": archives.ar,
        "bzip2": compressed.bzip2,
        "cab": archives.cab,
        "calendar": cards,
        "cbor": cbor,
        "cms": cms,
        "compress": archives.compress,
        "cpio": archives.cpio,
        "doc": doc,
        "ds-store": macos.folder_view,
        "encrypted-ooxml": encrypted,
        "epub": zip_archive,
        "fdf": fdf,
        "flat-office": flat_office,
        "gzip": compressed.gzip,
        "image": image,
        "iso": archives.iso,
        "json": json_values,
        "lha": archives.lha,
        "lz4": archives.lz4,
        "lzip": archives.lzip,
        "lzma": compressed.lzma,
        "mail-store": store,
        "mbox": mbox,
        "msg": msg,
        "odf-document": odf,
        "odf-slides": odf,
        "odf-spreadsheet": ods,
        "ole": ole,
        "ooxml-document": document,
        "ooxml-spreadsheet": xlsx,
        "ooxml-slides": pptx,
        "page": plain.page,
        "pdf": pdf,
        "pgp": openpgp,
        "plist": property_list,
        "ppt": ppt,
        "rar": archives.rar,
        "rtf": rtf,
        "spreadsheet-xml": spreadsheet_xml,
        "sealed": plain.sealed,
        "sqlite": sqlite,
        "svg": svg,
        "sylk": sylk,
        "tar": tar,
        "tnef": tnef,
        "vcard": cards,
        "xar": archives.xar,
        "xls": xls,
        "xlsb": xlsb,
        "xml": xml_values,
        "xz": compressed.xz,
        "zip": zip_archive,
        "zip-notes": notes,
        "zstd": compressed.zstd,
    }
)
