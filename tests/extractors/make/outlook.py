"""Makes files/outlook: winmail.dat and .msg files with a planted ID in every place a person can put one.

There is no writer of either that is free, so the layouts are written here from MS-OXTNEF and MS-OXMSG; the OLE container
and the compressed RTF come from extract-msg and compressed-rtf, which the project does not need:

    pip install extract-msg compressed-rtf && python tests/extractors/make/outlook.py
"""

from __future__ import annotations

import struct
from pathlib import Path

from compressed_rtf import compress
from extract_msg.ole_writer import OleWriter

HERE = Path(__file__).parent.parent / "files" / "outlook"
ID = "912345678"
STRING8, UNICODE, BINARY, OBJECT, LONG, DOUBLE, STRINGS = 0x1E, 0x1F, 0x102, 0x0D, 3, 5, 0x101F
MESSAGE_IID = bytes.fromhex("0703020000000000c000000000000046")
PUBLIC_STRINGS = bytes.fromhex("2903020000000000c000000000000046")


def said(where: str) -> str:
    return f"{where}: student ID {ID}"


def rtf(where: str) -> bytes:
    return compress(f"{{\\rtf1\\ansi {said(where)} \\par}}".encode(), compressed=True)


# --- the same properties for both ------------------------------------------------------------------------------------

MESSAGE: list[tuple[int, int, object, str]] = [
    (0x001A, UNICODE, "IPM.Note", ""),
    (0x0037, UNICODE, said("subject"), ""),
    (0x1000, UNICODE, said("body"), ""),
    (0x1009, BINARY, rtf("rtf"), ""),
    (0x1013, BINARY, f"<p title='{said('title')}'>Stud<b>ent</b> ID {ID} in html</p>".encode(), ""),
    (0x007D, UNICODE, f"Subject: =?utf-8?q?headers:_student_ID_{ID}?=\r\nFrom: a.lind@campus.example\r\n", ""),
    (0x3FDE, LONG, 65001, ""),
    (0x8001, UNICODE, f"{ID} named", "Student ID"),
    (0x8002, LONG, int(ID), "Student ID as a number"),
    (0x8003, DOUBLE, float(ID), "Student ID as a float"),
    (0x8004, STRINGS, [said("first of many"), said("second of many")], "Several"),
    (0x8005, BINARY, b"\x00\x01" + said("binary").encode("utf-16-le") + b"\xff", "Packed"),
]
RECIPIENT: list[tuple[int, int, object, str]] = [(0x3001, UNICODE, said("recipient"), ""), (0x0C15, LONG, 1, "")]
INNER: list[tuple[int, int, object, str]] = [
    (0x001A, UNICODE, "IPM.Note", ""),
    (0x0037, UNICODE, said("inner subject"), ""),
    (0x1000, UNICODE, said("inner body"), ""),
]
APPOINTMENT: list[tuple[int, int, object, str]] = [
    (0x001A, UNICODE, "IPM.Appointment", ""),
    (0x0037, UNICODE, "Meeting", ""),
    (0x8001, UNICODE, said("location"), ""),
]
CONTACT: list[tuple[int, int, object, str]] = [
    (0x001A, UNICODE, "IPM.Contact", ""),
    (0x3001, UNICODE, "Tess Moran", ""),
    (0x3A1C, UNICODE, said("telephone"), ""),
]


def encoded(kind: int, value: object) -> bytes:
    if kind == UNICODE:
        return (str(value) + "\0").encode("utf-16-le")
    if kind == STRING8:
        return (str(value) + "\0").encode("cp1252")
    if kind == LONG:
        return struct.pack("<i", value)
    if kind == DOUBLE:
        return struct.pack("<d", value)
    assert isinstance(value, bytes)
    return value


# --- TNEF ------------------------------------------------------------------------------------------------------------


def padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def tnef_properties(properties: list[tuple[int, int, object, str]]) -> bytes:
    out = struct.pack("<I", len(properties))
    for tag, kind, value, name in properties:
        out += struct.pack("<HH", kind, tag)
        if tag >= 0x8000:
            words = (name + "\0").encode("utf-16-le")
            out += PUBLIC_STRINGS + (
                struct.pack("<II", 1, len(words)) + padded(words) if name else struct.pack("<II", 0, 0x8208)
            )
        if kind in (LONG, DOUBLE):
            out += padded(encoded(kind, value))
            continue
        values = value if isinstance(value, list) else [value]
        out += struct.pack("<I", len(values))
        for each in values:
            data = encoded(kind & ~0x1000, each)
            out += struct.pack("<I", len(data)) + padded(data)
    return out


def attribute(level: int, tag: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, tag, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def tnef(*attributes: bytes) -> bytes:
    head = attribute(1, 0x00089006, struct.pack("<I", 0x10000)) + attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
    return b"\x78\x9f\x3e\x22\x01\x00" + head + b"".join(attributes)


def tnef_file(name: str, data: bytes, properties: list[tuple[int, int, object, str]]) -> bytes:
    return b"".join(
        (
            attribute(2, 0x00069002, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 32, 32, 0)),
            attribute(2, 0x00018010, name.encode() + b"\0"),
            attribute(2, 0x0006800F, data) if data else b"",
            attribute(2, 0x00069005, tnef_properties(properties)),
        )
    )


def winmail() -> bytes:
    inner = tnef(attribute(1, 0x00069003, tnef_properties(INNER)), tnef_file("inner.txt", said("inner file").encode(), []))
    long_name: list[tuple[int, int, object, str]] = [
        (0x3707, UNICODE, "a long name.txt", ""),
        (0x370E, UNICODE, "text/plain", ""),
    ]
    within: list[tuple[int, int, object, str]] = [(0x3705, LONG, 5, ""), (0x3701, OBJECT, MESSAGE_IID + inner, "")]
    return tnef(
        attribute(1, 0x00078008, b"IPM.Microsoft Mail.Note\0"),
        attribute(1, 0x00018004, said("old subject").encode() + b"\0"),
        attribute(1, 0x0002800C, said("old body").encode() + b"\0"),
        attribute(1, 0x00069004, struct.pack("<I", 1) + tnef_properties(RECIPIENT)),
        attribute(1, 0x00069003, tnef_properties(MESSAGE)),
        tnef_file("SHORT~1.TXT", said("file").encode(), long_name),
        tnef_file("message", b"", within),
    )


# --- MSG -------------------------------------------------------------------------------------------------------------


def storage(ole: OleWriter, path: list[str], properties: list[tuple[int, int, object, str]], header: int) -> None:
    entries = b""
    for tag, kind, value, _ in properties:
        if kind in (LONG, DOUBLE):
            entries += struct.pack("<HHI", kind, tag, 6) + encoded(kind, value).ljust(8, b"\0")
            continue
        stream = f"__substg1.0_{tag:04X}{kind:04X}"
        if isinstance(value, list):
            data = [encoded(kind & ~0x1000, each) for each in value]
            for number, each in enumerate(data):
                ole.addEntry([*path, f"{stream}-{number:08X}"], each)
            ole.addEntry([*path, stream], b"".join(struct.pack("<I", len(each)) for each in data))
            size = 4 * len(data)
        else:
            data = encoded(kind, value)
            data = data[:-2] if kind == UNICODE else data
            ole.addEntry([*path, stream], data)
            size = len(data) + 2
        entries += struct.pack("<HHIII", kind, tag, 6, size, 0)
    ole.addEntry([*path, "__properties_version1.0"], b"\0" * header + entries)


def names(ole: OleWriter, properties: list[tuple[int, int, object, str]]) -> None:
    entries, strings = b"", b""
    for tag, _, _, name in properties:
        if tag >= 0x8000 and name:
            words = name.encode("utf-16-le")
            entries += struct.pack("<IHH", len(strings), 1 | 3 << 1, tag - 0x8000)
            strings += struct.pack("<I", len(words)) + padded(words)
        elif tag >= 0x8000:
            entries += struct.pack("<IHH", 0x8208, 3 << 1, tag - 0x8000)
    for stream, data in (("00020102", PUBLIC_STRINGS), ("00030102", entries), ("00040102", strings)):
        ole.addEntry(["__nameid_version1.0", f"__substg1.0_{stream}"], data)


def msg(name: str, properties: list[tuple[int, int, object, str]], *, more: bool = False) -> None:
    ole = OleWriter()
    names(ole, properties)
    storage(ole, [], properties, 32)
    if more:
        storage(ole, ["__recip_version1.0_#00000000"], RECIPIENT, 8)
        file: list[tuple[int, int, object, str]] = [
            (0x3707, UNICODE, "list.txt", ""),
            (0x3701, BINARY, said("file").encode(), ""),
        ]
        storage(ole, ["__attach_version1.0_#00000000"], file, 8)
        within = ["__attach_version1.0_#00000001", "__substg1.0_3701000D"]
        storage(ole, within[:1], [(0x3705, LONG, 5, ""), (0x3001, UNICODE, "inner", "")], 8)
        storage(ole, within, INNER, 24)
        storage(ole, [*within, "__attach_version1.0_#00000000"], [(0x3701, BINARY, said("inner file").encode(), "")], 8)
    ole.write(HERE / name)


def main() -> None:
    HERE.mkdir(parents=True, exist_ok=True)
    (HERE / "winmail.dat").write_bytes(winmail())
    appointment = tnef(attribute(1, 0x00069003, tnef_properties(APPOINTMENT)))
    (HERE / "appointment.dat").write_bytes(appointment)
    msg("letter.msg", MESSAGE, more=True)
    msg("appointment.msg", APPOINTMENT)
    msg("contact.msg", CONTACT)


if __name__ == "__main__":
    main()
