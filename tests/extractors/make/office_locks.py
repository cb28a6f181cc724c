"""Makes the encrypted workbooks of tests/extractors/files/sheets: by LibreOffice (through its own Python) and msoffcrypto-tool.

    soffice --headless --accept="socket,host=127.0.0.1,port=29118;urp;" &
    python3 office_locks.py FOLDER
    msoffcrypto-tool -e -p tulip FOLDER/plain.xlsx FOLDER/agile.encrypted
    msoffcrypto-tool -e -p VelvetSweatshop FOLDER/plain.xlsx FOLDER/known-to-all.encrypted

A CSV file with the planted ID is saved under the password "tulip", which LibreOffice wants as it stores it, not as typed.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import uno
from com.sun.star.beans import NamedValue, PropertyValue

PASSWORD = "tulip"
BRIDGE = "uno:socket,host=127.0.0.1,port=29118;urp;StarOffice.ComponentContext"
XLSX, XLS = "Calc MS Excel 2007 XML", "MS Excel 97"


def said(name: str, value: object) -> PropertyValue:
    given = PropertyValue()
    given.Name, given.Value = name, value
    return given


def lock(*values: tuple[str, object]) -> PropertyValue:
    return said("EncryptionData", uno.Any("[]com.sun.star.beans.NamedValue", tuple(NamedValue(*each) for each in values)))


def rc4(password: str) -> PropertyValue:
    salt = hashlib.md5(b"salt").digest()
    start = hashlib.md5(password.encode("utf-16-le")).digest()[:5]
    key = hashlib.md5((start + salt) * 16).digest()
    return lock(("STD97EncryptionKey", uno.ByteSequence(key)), ("STD97UniqueID", uno.ByteSequence(salt)))


def main(folder: Path) -> None:
    source = folder / "locked.csv"
    source.write_text("Name,Student ID\nKim,912345678\n", encoding="utf-8")
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    context = resolver.resolve(BRIDGE)
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    book = desktop.loadComponentFromURL(source.as_uri(), "_blank", 0, (said("Hidden", True),))
    for name, kind, locks in (
        ("plain.xlsx", XLSX, ()),
        ("standard.encrypted", XLSX, (lock(("OOXPassword", PASSWORD), ("CryptoType", "Standard")),)),
        ("rc4.xls", XLS, (rc4(PASSWORD),)),
        ("locked.ods", "calc8", (said("Password", PASSWORD),)),
    ):
        book.storeToURL((folder / name).as_uri(), (said("FilterName", kind), *locks))
    book.close(True)
    source.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
