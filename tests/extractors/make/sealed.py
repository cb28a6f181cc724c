"""Makes files/sealed: S/MIME by OpenSSL and OpenPGP by GnuPG, signed, compressed and encrypted, with a planted ID inside.

    python tests/extractors/make/sealed.py

Debian's OpenSSL does not compress, so compressed-data (RFC 3274) is written here.
"""

from __future__ import annotations

import subprocess
import tempfile
import zlib
from pathlib import Path

HERE = Path(__file__).parent.parent / "files" / "sealed"
TEXT = b"student ID 912345678 under a seal"
MAIL = b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nc3R1ZGVudCBJRCA5MTIzNDU2NzggdW5kZXIgYSBzZWFs\r\n"


def run(*command: str, given: bytes = b"") -> bytes:
    return subprocess.run(command, input=given, capture_output=True, check=True, timeout=60).stdout


def der(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    if len(body) < 128:
        return bytes((tag, len(body))) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + len(body).to_bytes(size, "big") + body


def oid(text: str) -> bytes:
    return der(6, bytes.fromhex(text))


def compressed(held: bytes) -> bytes:
    algorithm = der(0x30, oid("2a864886f70d0109100308"))
    inner = der(0x30, oid("2a864886f70d010701"), der(0xA0, der(4, zlib.compress(held))))
    return der(0x30, oid("2a864886f70d0109100109"), der(0xA0, der(0x30, der(2, b"\0"), algorithm, inner)))


def smime(folder: Path) -> None:
    key, certificate, mail = folder / "key.pem", folder / "certificate.pem", folder / "mail"
    mail.write_bytes(MAIL)
    new = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9000")
    run(*new, "-subj", "/CN=Anders Lind", "-keyout", str(key), "-out", str(certificate))
    by = ("-signer", str(certificate), "-inkey", str(key), "-binary", "-nodetach")

    def made(name: str, *options: str, given: Path = mail, form: str = "DER") -> Path:
        (HERE / name).write_bytes(run("openssl", "cms", *options, "-in", str(given), "-outform", form))
        return HERE / name

    signed = made("signed.p7m", "-sign", *by)
    made("streamed.p7m", "-sign", *by, "-stream")
    made("signed.pem", "-sign", *by, form="PEM")
    made("twice.p7m", "-sign", *by, given=signed)
    made("enveloped.p7m", "-encrypt", "-aes256", "-recip", str(certificate))
    detached = made("detached.p7s", "-sign", *by[:-1])
    assert TEXT not in detached.read_bytes()
    certificates = run("openssl", "crl2pkcs7", "-nocrl", "-certfile", str(certificate), "-outform", "DER")
    (HERE / "certificates.p7c").write_bytes(certificates)
    (HERE / "compressed.p7m").write_bytes(compressed(MAIL))
    document = folder / "document"
    document.write_bytes(b'{"student_id": 912345678}')
    made("document.json.p7m", "-sign", *by, given=document)


def openpgp(folder: Path) -> None:
    gpg = ("gpg", "--homedir", str(folder), "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "")
    run(*gpg, "--quick-generate-key", "Anders Lind, student ID 912345678 <a.lind@campus.example>", "ed25519", "sign", "never")
    (key,) = {line.split(":")[4] for line in run(*gpg, "--with-colons", "-k").decode().splitlines() if line.startswith("pub")}
    run(*gpg, "--quick-add-key", run(*gpg, "--with-colons", "-k").decode().split("fpr:::::::::")[1].split(":")[0], "cv25519")
    to = ("--trust-model", "always", "-r", key)
    for name, options in {
        "signed.gpg": ("--sign",),
        "signed.asc": ("--armor", "--sign"),
        "plain.gpg": ("--compress-algo", "none", "--sign"),
        "zlib.gpg": ("--compress-algo", "zlib", "--sign"),
        "bzip2.gpg": ("--compress-algo", "bzip2", "--sign"),
        "stored.gpg": ("--store",),
        "encrypted.gpg": (*to, "--encrypt"),
        "encrypted.asc": (*to, "--armor", "--encrypt"),
        "password.gpg": ("--passphrase", "planted", "--symmetric"),
        "detached.sig": ("--detach-sign",),
        "key.gpg": ("--export",),
        "key.asc": ("--armor", "--export"),
    }.items():
        given = () if "--export" in options else ("--set-filename", "list.txt")
        made = run(*gpg, *given, *options, given=b"" if "--export" in options else TEXT)
        (HERE / name).write_bytes(made)


def main() -> None:
    HERE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        smime(Path(folder))
        openpgp(Path(folder))


if __name__ == "__main__":
    main()
