"""Makes files/archives: archives by the programs that people have, with a planted ID in every place a person can put one.

    apt install zip p7zip-full genisoimage cpio lzip lz4 zstd && python tests/extractors/make/archives.py

RAR, CAB and LHA have no writer among them, so those are laid out here, their members stored: RAR by the technical notes
at rarlab.com, CAB by MS-CAB 2, LHA by its level 0 header.
"""

from __future__ import annotations

import gzip
import struct
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path

HERE = Path(__file__).parent.parent / "files" / "archives"
ID = "912345678"
SAID = f"Student ID {ID}, grade B+\n".encode()
LONG = b"".join(b"Nothing is said in line %d.\n" % number for number in range(150)) + SAID
PASSWORD = "-pletmein"


def run(*command: str, given: bytes = b"", folder: Path) -> bytes:
    return subprocess.run(command, input=given, cwd=folder, check=True, capture_output=True, timeout=60).stdout


def tree(folder: Path) -> None:
    """What most archives hold: two members with text, one in a folder, one empty, one named by an ID."""
    (folder / "marks").mkdir()
    (folder / "marks" / "list.txt").write_bytes(LONG)
    (folder / "a.txt").write_bytes(SAID)
    (folder / "empty").touch()
    (folder / f"student ID {ID}").touch()


TREE = ("a.txt", "marks", "empty", f"student ID {ID}")


def zips(folder: Path) -> None:
    run("zip", "-q", "-r", "info-zip.zip", *TREE, folder=folder)
    run("zip", "-q", "-z", "comment.zip", "empty", given=b"student ID " + ID.encode(), folder=folder)
    run("zip", "-q", "-c", "comments.zip", "empty", given=b"student ID " + ID.encode() + b"\n", folder=folder)
    run("zip", "-q", "streamed.zip", "-", given=LONG, folder=folder)
    run("zip", "-q", "-fz", "zip64.zip", "a.txt", "marks/list.txt", folder=folder)
    run("zip", "-q", "-P", "letmein", "zipcrypto.zip", "a.txt", "empty", folder=folder)
    for method in ("Deflate64", "BZip2", "LZMA", "PPMd"):
        run("7z", "a", "-tzip", f"-mm={method}", f"{method.lower()}.zip", "marks/list.txt", folder=folder)
    for strength in (128, 256):
        run("7z", "a", "-tzip", f"-mem=AES{strength}", PASSWORD, f"aes-{strength}.zip", "a.txt", folder=folder)
    run("7z", "a", "-tzip", "-mem=ZipCrypto", PASSWORD, "mixed.zip", "marks/list.txt", folder=folder)
    run("7z", "a", "-tzip", "mixed.zip", "a.txt", folder=folder)


def seven_zips(folder: Path) -> None:
    for method in ("LZMA", "LZMA2", "PPMd", "BZip2", "Deflate", "Copy"):
        run("7z", "a", f"-m0={method}", f"{method.lower()}.7z", *TREE, folder=folder)
    run("7z", "a", "-m0=Deflate64", "deflate64.7z", "marks/list.txt", folder=folder)
    run("7z", "a", "-mf=BCJ2", "bcj2.7z", "marks/list.txt", folder=folder)
    run("7z", "a", PASSWORD, "locked.7z", "a.txt", folder=folder)
    run("7z", "a", PASSWORD, "-mhe", "locked-names.7z", "a.txt", folder=folder)
    run("7z", "a", PASSWORD, "-m0=PPMd", "locked-tree.7z", "a.txt", "empty", "marks", folder=folder)
    run("7z", "a", PASSWORD, "-m0=Copy", "-mhe", "locked-copy.7z", "a.txt", folder=folder)
    run("7z", "a", PASSWORD, "-mf=BCJ2", "locked-program.7z", "a.txt", folder=folder)
    run("7z", "a", PASSWORD, "-mhc=off", "locked-plain-header.7z", "a.txt", folder=folder)
    run("7z", "a", "-v150b", "-mx0", "split.7z", "marks/list.txt", folder=folder)
    for volume in folder.glob("split.7z.*"):
        if volume.suffix != ".001":
            volume.unlink()


def bomb(folder: Path) -> None:
    run("7z", "a", "-si", "bomb.7z", given=bytes(12_000_000), folder=folder)


def letters(folder: Path) -> None:
    name = f"Größe Ω, student ID {ID}"
    (folder / name).write_bytes(b"nothing\n")
    run("7z", "a", "letters.7z", name, folder=folder)
    (folder / name).unlink()


def tars(folder: Path) -> None:
    for form in ("gnu", "pax", "ustar", "v7"):
        run("tar", f"--format={form}", "-cf", f"{form}.tar", *TREE, folder=folder)
    run(
        "tar",
        "--format=gnu",
        f"--transform=s,^,{'long/' * 30}student ID {ID}/,",
        "-cf",
        "long-name.tar",
        "empty",
        folder=folder,
    )
    with tarfile.open(
        folder / "pax-header.tar", "w", format=tarfile.PAX_FORMAT, pax_headers={"comment": f"student ID {ID}"}
    ) as tar:
        tar.addfile(tarfile.TarInfo("a"))
    with tarfile.open(folder / "link.tar", "w") as tar:
        link = tarfile.TarInfo("a")
        link.type, link.linkname = tarfile.SYMTYPE, f"student ID {ID}"
        tar.addfile(link)
    with (folder / "sparse").open("wb") as file:
        file.seek(1 << 16)
        file.write(SAID)
    for form in ("gnu", "pax"):
        run("tar", f"--format={form}", "-S", "-cf", f"sparse-{form}.tar", "sparse", folder=folder)
    run("tar", "-czf", "nested.tgz", "a.txt", "streamed.zip", "lzma2.7z", folder=folder)


def streams(folder: Path) -> None:
    for command in ("gzip -9nc", "bzip2 -c", "xz -c", "xz --format=lzma -c", "zstd -c", "lzip -c", "lz4 -c"):
        name = {"xz --format=lzma -c": "lzma", "zstd -c": "zst"}.get(command, command.split()[0])
        (folder / f"list.txt.{name}").write_bytes(run(*command.split(), given=LONG, folder=folder))
    (folder / "two.gz").write_bytes(gzip.compress(b"nothing here\n", mtime=0) + gzip.compress(SAID, mtime=0))
    header = b"\x1f\x8b\x08%c" + bytes(4) + b"\0\3"
    body = zlib.compress(b"nothing\n", wbits=-15) + struct.pack("<2L", zlib.crc32(b"nothing\n"), 8)
    note = b"student ID " + ID.encode()
    (folder / "name.gz").write_bytes(header % 8 + note + b"\0" + body)
    (folder / "comment.gz").write_bytes(header % 16 + note + b"\0" + body)
    skipped = b"\x50\x2a\x4d\x18" + struct.pack("<L", len(note)) + note
    (folder / "skipped.zst").write_bytes(skipped + run("zstd", "-c", given=b"nothing\n", folder=folder))
    (folder / "extra.gz").write_bytes(header % 4 + struct.pack("<H2sH", len(note) + 4, b"ap", len(note)) + note + body)


def others(folder: Path) -> None:
    (folder / "newc.cpio").write_bytes(run("cpio", "-o", "-H", "newc", given=b"a.txt\n", folder=folder))
    (folder / "odc.cpio").write_bytes(run("cpio", "-o", "-H", "odc", given=b"a.txt\n", folder=folder))
    run("ar", "rc", "a.ar", "a.txt", folder=folder)
    image = run("genisoimage", "-quiet", "-J", "-R", "-V", f"ID {ID}", "a.txt", "marks", folder=folder)
    (folder / "disc.iso.gz").write_bytes(gzip.compress(image, mtime=0))
    for name in ("windows", "linux"):  # each shows one of these two
        (folder / f"{name}.gz").write_bytes(gzip.compress(f"{name}: ".encode() + SAID, mtime=0))
    hidden = ("-hide", "windows.gz", "-hide-joliet", "linux.gz", "windows.gz", "linux.gz", "empty")
    image = run("genisoimage", "-quiet", "-J", "-R", *hidden, folder=folder)
    (folder / "two-faced.iso.gz").write_bytes(gzip.compress(image, mtime=0))


# --- RAR, CAB, LHA: laid out here -------------------------------------------------------------------------------------


def old_block(kind: int, flags: int, body: bytes, data: bytes = b"") -> bytes:
    """A block of RAR 1.5 to 4: checksum, type, flags, size."""
    rest = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest + data


def old_file(name: bytes, data: bytes, kind: int = 0x74, flags: int = 0x8000) -> bytes:
    fields = struct.pack("<2LBLLBBHL", len(data), len(data), 3, zlib.crc32(data), 0, 29, 0x30, len(name), 0x81A4)
    return old_block(kind, flags, fields + name, data)


def old_rar(*blocks: bytes, flags: int = 0) -> bytes:
    end = old_block(0x7B, 0x4000, b"")
    return b"Rar!\x1a\x07\0" + old_block(0x73, flags, bytes(6)) + b"".join(blocks) + end


def number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def block(kind: int, flags: int, body: bytes, data: bytes = b"", extra: bytes = b"") -> bytes:
    """A block of RAR 5: checksum, size, type, flags, the sizes of what follows."""
    sizes = (number(len(extra)) if extra else b"") + (number(len(data)) if data else b"")
    rest = number(kind) + number(flags | bool(extra) | bool(data) << 1) + sizes + body + extra
    rest = number(len(rest)) + rest
    return struct.pack("<L", zlib.crc32(rest)) + rest + data


def file(name: bytes, data: bytes, kind: int = 2, extra: bytes = b"") -> bytes:
    fields = number(4) + number(len(data)) + number(0o644) + struct.pack("<L", zlib.crc32(data)) + number(0) + number(1)
    return block(kind, 0, fields + number(len(name)) + name, data, extra)


def rar(*blocks: bytes, flags: int = 0) -> bytes:
    return b"Rar!\x1a\x07\1\0" + block(1, 0, number(flags)) + b"".join(blocks) + block(5, 0, number(0))


def rars(folder: Path) -> None:
    note = b"student ID " + ID.encode()
    salt = number(0) + number(0) + number(15) + bytes(16)
    locked = b"\1" + number(0) + number(2) + number(15) + bytes(32 + 12)
    made = {
        "rar5-stored.rar": rar(file(b"a.txt", SAID), file(note, b"nothing\n")),
        "rar5-comment.rar": rar(file(b"CMT", note + b"\0", 3), file(b"a.txt", b"nothing\n")),
        "rar5-locked.rar": rar(file(b"a.txt", bytes(32), extra=number(len(locked)) + locked)),
        "rar5-locked-names.rar": b"Rar!\x1a\x07\1\0" + block(4, 0, salt) + bytes(range(64)),
        "rar5-stream.rar": rar(file(b"a.txt", b"nothing\n"), file(b"STM", SAID, 3)),
        "rar5-volume.part1.rar": rar(file(b"a.txt", SAID), flags=1),
        "rar4-stored.rar": old_rar(old_file(b"a.txt", SAID), old_file(note, b"nothing\n")),
        "rar4-comment.rar": old_rar(old_file(b"CMT", note, 0x7A), old_file(b"a.txt", b"nothing\n")),
        "rar4-locked.rar": old_rar(old_file(b"a.txt", bytes(32), flags=0x8004)),
        "rar4-locked-names.rar": old_rar(bytes(range(64)), flags=0x80),
        "rar4-volume.part1.rar": old_rar(old_file(b"a.txt", SAID), flags=1),
        "program.exe": b"MZ" + bytes(58) + struct.pack("<L", 64) + b"PE\0\0" + bytes(200) + rar(file(b"a.txt", SAID)),
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)


def compress(folder: Path) -> None:
    """Codes of nine bits, lowest first, one a character: enough for a short text."""
    bits = sum(byte << 9 * at for at, byte in enumerate(SAID))
    (folder / "a.txt.Z").write_bytes(b"\x1f\x9d\x90" + bits.to_bytes(-(-len(SAID) * 9 // 8), "little"))


def xar(folder: Path) -> None:
    """Header, compressed table of contents, heap."""
    data = f"<length>{len(SAID)}</length><offset>0</offset><size>{len(SAID)}</size>"
    member = f'<name>a.txt</name><type>file</type><data>{data}<encoding style="application/octet-stream"/></data>'
    contents = f'<?xml version="1.0"?><xar><toc><file id="1">{member}</file></toc></xar>'.encode()
    packed = zlib.compress(contents)
    (folder / "stored.xar").write_bytes(struct.pack(">4s2H2QL", b"xar!", 28, 1, len(packed), len(contents), 0) + packed + SAID)


def cab(folder: Path) -> None:
    """MS-CAB 2: header, one folder without compression, one file, one block of data."""
    name = b"a.txt\0"
    names = struct.pack("<2L4H", len(SAID), 0, 0, 0, 0, 0x20) + name
    begin = 36 + 8
    data_at = begin + len(names)
    data = struct.pack("<LHH", 0, len(SAID), len(SAID)) + SAID
    header = struct.pack("<4s5L2B5H", b"MSCF", 0, data_at + len(data), 0, begin, 0, 3, 1, 1, 1, 0, 7, 0)
    (folder / "stored.cab").write_bytes(header + struct.pack("<LHH", data_at, 1, 0) + names + data)


def lha(folder: Path) -> None:
    """A level 0 header: size, checksum, method, sizes, time, attribute, level, name, CRC-16."""
    crc = 0
    for byte in SAID:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    rest = b"-lh0-" + struct.pack("<3LBBB", len(SAID), len(SAID), 0, 0x20, 0, 5) + b"a.txt" + struct.pack("<H", crc)
    (folder / "stored.lzh").write_bytes(bytes([len(rest), sum(rest) & 0xFF]) + rest + SAID + b"\0")


def short(tar: bytes) -> bytes:
    """Without the blocks that fill a tape's record."""
    bare = tar.rstrip(b"\0")
    return tar[: -(-len(bare) // 512) * 512 + 1024]


def main() -> None:
    HERE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree(folder)
        sources = {path.name for path in folder.iterdir()} | {"sparse"}
        for make in (zips, seven_zips, bomb, letters, tars, streams, others, rars, compress, xar, cab, lha):
            make(folder)
        for path in sorted(folder.iterdir()):
            if path.name not in sources:
                (HERE / path.name).write_bytes(short(path.read_bytes()) if path.suffix == ".tar" else path.read_bytes())


if __name__ == "__main__":
    main()
