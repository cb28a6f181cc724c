"""Our own certificate: what cannot serve is refused with file and key, and a reload never takes away what serves."""

from __future__ import annotations

import logging
import os
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from dlp import config
from dlp.certificates import CertificateInForce, read_pair
from dlp.clock import utc_now
from dlp.errors import ConfigError
from tests.certificates import Authority, private_pem

NAME = "filter.campus.example"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def settings(folder: Path, cert: str = "cert.pem", key: str = "cert.pem") -> config.Settings:
    (folder / "config.toml").write_text(f'[receive]\ntls_cert = "{cert}"\ntls_key = "{key}"\n')
    return config.load(folder / "config.toml")


def without_tls() -> config.Settings:
    return config.load(None)


def other_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


UNUSABLE = {
    "no-certificate-file": (lambda folder: (folder / "cert.pem").unlink(), "tls_cert", "no such file"),
    "no-key-file": (lambda folder: (folder / "key.pem").unlink(), "tls_key", "no such file"),
    "a-folder": (lambda folder: ((folder / "key.pem").unlink(), (folder / "key.pem").mkdir()), "tls_key", "is a directory"),
    "no-certificate-in-it": (lambda folder: (folder / "cert.pem").write_text("hello"), "tls_cert", "holds no certificate"),
    "half-a-certificate": (
        lambda folder: (folder / "cert.pem").write_text("-----BEGIN CERTIFICATE-----\nMIIB"),
        "tls_cert",
        "holds no certificate",
    ),
    "no-key-in-it": (lambda folder: (folder / "key.pem").write_text("hello"), "tls_key", "of no use"),
    "another-key": (lambda folder: (folder / "key.pem").write_bytes(private_pem(other_key())), "tls_key", "mismatch"),
    "a-key-with-a-password": (
        lambda folder: (folder / "key.pem").write_bytes(private_pem(other_key(), b"secret")),
        "tls_key",
        "needs a password",
    ),
}


@pytest.mark.parametrize(("spoil", "key", "what"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_pair_that_cannot_serve(tmp_path, authority, spoil, key, what):
    pem = authority.issue(NAME, file="cert.pem")
    (tmp_path / "key.pem").write_bytes(pem.read_bytes())
    spoil(tmp_path)
    with pytest.raises(ConfigError, match=what) as raised:
        read_pair(settings(tmp_path, key="key.pem"))
    assert raised.value.key == f"receive.{key}"
    assert raised.value.file.startswith(str(tmp_path))
    assert raised.value.remedy


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_key_nobody_may_read(tmp_path, authority):
    authority.issue(NAME, file="cert.pem").chmod(0)
    with pytest.raises(ConfigError, match="permission denied"):
        read_pair(settings(tmp_path))


def test_without_the_keys_there_is_no_tls():
    assert read_pair(without_tls()) is None


def test_a_good_pair_serves_tls_1_2_or_newer(tmp_path, authority):
    authority.issue(NAME, file="cert.pem")
    pair = read_pair(settings(tmp_path))
    assert pair.fault(utc_now()) == ""
    assert pair.context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(("days", "fault"), [((-30, -1), "expired on "), ((1, 30), "not valid before ")])
def test_one_that_is_out_of_date_serves_at_start_and_says_so(tmp_path, authority, caplog, days, fault):
    authority.issue(NAME, file="cert.pem", days=days)
    site = settings(tmp_path)
    pair = read_pair(site)
    assert CertificateInForce(site, pair)() is pair.context
    assert [(record.levelno, record.msg) for record in caplog.records] == [(logging.ERROR, "tls.refused")]
    assert caplog.records[0].values["what"].startswith(fault)


def test_a_reload_swaps_the_context(tmp_path, authority, caplog):
    caplog.set_level(logging.INFO)
    authority.issue(NAME, file="cert.pem")
    site = settings(tmp_path)
    in_force = CertificateInForce(site, read_pair(site))
    before = in_force()
    authority.issue(NAME, file="cert.pem", days=(-1, 60))
    in_force.reload()
    assert in_force() is not before
    assert [record.msg for record in caplog.records] == ["tls.loaded"]


BREAKAGES = {
    "gone": lambda folder, _: (folder / "cert.pem").unlink(),
    "mismatched": lambda _, authority: authority.issue(NAME, file="key.pem"),
    "expired": lambda _, authority: [authority.issue(NAME, file=name, days=(-9, -1)) for name in ("cert.pem", "key.pem")],
    "no-certificate": lambda folder, _: (folder / "cert.pem").write_text("hello"),
}


@pytest.mark.parametrize("spoil", BREAKAGES.values(), ids=BREAKAGES)
def test_a_bad_pair_keeps_the_old_one_and_is_told(tmp_path, authority, caplog, spoil):
    (tmp_path / "key.pem").write_bytes(authority.issue(NAME, file="cert.pem").read_bytes())
    site = settings(tmp_path, key="key.pem")
    first = read_pair(site)
    in_force = CertificateInForce(site, first)
    before = in_force()
    spoil(tmp_path, authority)
    in_force.reload()
    assert in_force() is before
    assert [(record.levelno, record.msg) for record in caplog.records] == [(logging.ERROR, "tls.refused")]
    assert caplog.records[0].values["remedy"]
    assert CertificateInForce(site, first)() is first.context  # a process that is started again meanwhile
