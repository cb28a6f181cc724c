"""Certificates for a test: a CA of its own, and what it signs or what signs itself, as PEM files.

`Authority(folder)` writes `ca.pem`; `issue(name, ...)` writes one file with key and certificate and gives its path. Times
are days from now. `server_context` is what a server shows.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Key = ec.EllipticCurvePrivateKey


class Authority:
    """A CA that nobody but the test trusts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("Test CA")
        certificate = _certificate(self._name, self._key, self._name, self._key, (-1, 30), ca=True)
        self.file = folder / "ca.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, *names: str, days: tuple[float, float] = (-1, 30), signed: bool = True, file: str = "") -> Path:
        """Key and certificate for these names or addresses; not `signed`: by its own key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _named(names[0])
        by = (self._name, self._key) if signed else (subject, key)
        certificate = _certificate(subject, key, *by, days, names=names)
        path = self._folder / (file or f"{names[0]}.pem")
        path.write_bytes(private_pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
        return path


def server_context(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def private_pem(key: Key, password: bytes = b"") -> bytes:
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, key: Key, issuer: x509.Name, signer: Key, days: tuple[float, float], names: tuple[str, ...] = (), *,
    ca: bool = False,
) -> x509.Certificate:  # fmt: skip
    start, end = (datetime.now(UTC) + timedelta(days=day) for day in days)
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), start, end)
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _alternative(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
