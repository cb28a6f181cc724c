"""Our signatures: what they cover, which keys are taken, and what a key that went wrong does to mail."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.errors import ConfigError, Unavailable
from dlp.holds import due_owed
from dlp.ruleset import Campus
from dlp.signing import CannotSign, Named, Signer, SignerInForce, load
from dlp.values import Client
from tests.dkim_reader import fields, tags, verdicts
from tests.promises import RAW
from tests.upstream import posted, shipped_rules

DOMAIN = "campus.example"
MESSAGE = (
    b"From: Ann <ann@campus.example>\r\nTo: b@x.example\r\nSubject: one\r\n two\r\nDate: Mon, 05 Oct 2026 09:00:00 -0400\r\n"
    b"X-Other: x\r\n\r\nbody \r\n\r\n\r\n"
)


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


RSA, ED25519 = pem(rsa_key()), pem(ed25519.Ed25519PrivateKey.generate())


def kept(folder: Path, name: str, content: bytes, mode: int = 0o600) -> Path:
    path = folder / name
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.fixture
def named(tmp_path: Path) -> tuple[Named, ...]:
    """An RSA and an Ed25519 key, as a site keeps them."""
    return (
        Named("r1", kept(tmp_path, "rsa.pem", RSA), "dkim.key_file"),
        Named("e1", kept(tmp_path, "ed.pem", ED25519), "dkim.more_keys"),
    )


@pytest.fixture
def signer(named: tuple[Named, ...]) -> Signer:
    return load(DOMAIN, named)


def records(signer: Signer) -> dict[str, str]:
    return dict(key.record(signer.domain) for key in signer.keys)


def test_both_kinds_of_key_sign_side_by_side(signer: Signer) -> None:
    signed = signer.signed(MESSAGE)
    assert signed.endswith(MESSAGE)
    assert [tags(field.decode())["a"] for name, field in fields(signed) if name == "dkim-signature"] == [
        "rsa-sha256",
        "ed25519-sha256",
    ]
    assert verdicts(signed, records(signer)) == [True, True]
    assert all(len(line) <= 78 for line in signed.partition(b"From:")[0].split(b"\r\n"))


CHANGES: dict[str, tuple[Callable[[bytes], bytes], bool]] = {
    "nothing": (lambda raw: raw, True),
    "a Received field above": (lambda raw: b"Received: from a by b\r\n" + raw, True),
    "blanks refolded": (lambda raw: raw.replace(b"one\r\n two", b"one two"), True),
    "an unsigned field": (lambda raw: raw.replace(b"X-Other: x", b"X-Other: y"), True),
    "the subject": (lambda raw: raw.replace(b"one", b"two"), False),
    "the body": (lambda raw: raw.replace(b"body", b"boby"), False),
    "a second subject": (lambda raw: raw.replace(b"X-Other: x", b"Subject: x"), False),
    "a second From above": (lambda raw: b"From: eve@x.example\r\n" + raw, False),
    "a Cc that was not there": (lambda raw: raw.replace(b"X-Other: x", b"Cc: eve@x.example"), False),
    "text at the end": (lambda raw: raw + b"more\r\n", False),
}


@pytest.mark.parametrize(("change", "holds"), CHANGES.values(), ids=CHANGES)
def test_what_a_signature_covers(signer: Signer, change: Callable[[bytes], bytes], *, holds: bool) -> None:
    assert verdicts(change(signer.signed(MESSAGE)), records(signer)) == [holds, holds]


@pytest.mark.parametrize(
    "raw", [b"Subject: no author\r\n\r\nx", b"From: a@x.example\r\nSubject : x\r\n\r\nx", b" x\r\n\r\n", b""]
)
def test_a_header_that_readers_read_differently_is_not_signed(signer: Signer, raw: bytes) -> None:
    with pytest.raises(CannotSign):
        signer.signed(raw)


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda folder: folder / "none.pem", "no such file"),
    "a folder": (lambda folder: folder, "cannot be read"),
    "open to others": (lambda folder: kept(folder, "k", RSA, 0o644), "others may read"),
    "open to the group": (lambda folder: kept(folder, "k", RSA, 0o640), "others may read"),
    "no key": (lambda folder: kept(folder, "k", b"hello"), "not a private key"),
    "empty": (lambda folder: kept(folder, "k", b""), "not a private key"),
    "half a key": (lambda folder: kept(folder, "k", RSA[:400] + RSA[-60:]), "not a private key"),
    "under a password": (lambda folder: kept(folder, "k", pem(rsa_key(), b"secret")), "without a password"),
    "of another kind": (lambda folder: kept(folder, "k", pem(ec.generate_private_key(ec.SECP256R1()))), "RSA and Ed25519"),
    "the public half": (
        lambda folder: kept(
            folder,
            "k",
            rsa_key().public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        ),
        "not a private key",
    ),
}


@pytest.mark.parametrize(("make", "what"), REFUSED.values(), ids=REFUSED)
def test_a_key_that_cannot_be_used_is_refused(tmp_path: Path, make: Callable[[Path], Path], what: str) -> None:
    with pytest.raises(ConfigError, match=what) as raised:
        load(DOMAIN, [Named("s", make(tmp_path), "dkim.key_file")])
    assert raised.value.key == "dkim.key_file"
    assert raised.value.remedy


def test_a_short_key_signs_and_is_said_to_be_weak(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    short = Named("s", kept(tmp_path, "k", pem(rsa_key(1024))), "dkim.key_file")
    signer = SignerInForce(DOMAIN, (short,))()
    assert [record.getMessage() for record in caplog.records if record.levelno > logging.INFO] == ["dkim.weak"]
    assert verdicts(signer.signed(MESSAGE), records(signer)) == [True]


def test_a_new_key_is_used_from_the_reload_on(named: tuple[Named, ...]) -> None:
    in_force = SignerInForce(DOMAIN, named)
    before = in_force()
    named[0].file.write_bytes(pem(rsa_key()))
    assert verdicts(in_force().signed(MESSAGE), records(before)) == [True, True]
    in_force.reload()
    assert verdicts(in_force().signed(MESSAGE), records(before)) == [False, True]
    assert verdicts(in_force().signed(MESSAGE), records(in_force())) == [True, True]


def test_a_bad_new_key_leaves_the_old_one(named: tuple[Named, ...], caplog: pytest.LogCaptureFixture) -> None:
    in_force = SignerInForce(DOMAIN, named)
    before = in_force()
    named[1].file.write_bytes(b"not a key")
    caplog.set_level(logging.INFO)
    in_force.reload()
    assert in_force() is before
    (record,) = caplog.records
    assert (record.getMessage(), record.values["key"]) == ("dkim.refused", "dkim.more_keys")  # type: ignore[attr-defined]


def test_without_a_key_nothing_is_signed_until_there_is_one(named: tuple[Named, ...]) -> None:
    named[0].file.chmod(0o644)
    in_force = SignerInForce(DOMAIN, named)
    with pytest.raises(Unavailable, match="keys"):
        in_force()
    named[0].file.chmod(0o600)
    assert in_force().domain == DOMAIN


ABOUT_ONE = b"From: ann@campus.example\r\nSubject: Grades\r\n\r\nThe student ID is 912345678.\r\n"
OLD = b"DKIM-Signature: v=1; a=rsa-sha256; d=campus.example; s=old;\r\n h=from:subject; bh=YQ==; b=YQ==\r\n"
NOT_BROKEN = OLD.replace(b":subject", b":date").replace(b"s=old", b"s=mx")
FOREIGN = OLD.replace(b"campus.example", b"lists.example")
OTHER_PART = OLD.replace(b"campus.example", b"mail.campus.example")
INSIDE, OUTSIDE = "t.ames@campus.example", "p.lane@freemail.example"


def rules():
    return shipped_rules(dkim_domain=DOMAIN)


@pytest.mark.parametrize("lmtp", [False, True])
async def test_a_changed_message_loses_what_broke_and_is_signed_again(tmp_path: Path, signer: Signer, *, lmtp: bool) -> None:
    async with posted(tmp_path, lmtp=lmtp, rules=rules, signer=lambda: signer) as post:
        assert await post.send([INSIDE], FOREIGN + OLD + NOT_BROKEN + OTHER_PART + ABOUT_ONE) == {INSIDE: 250}
        (raw,) = post.arrived(INSIDE)
    sent = raw.partition(b"DKIM-Signature")[1] + raw.partition(b"DKIM-Signature")[2]
    assert sent.endswith(FOREIGN + NOT_BROKEN + ABOUT_ONE.replace(b"Grades", b"Course matter"))
    assert verdicts(sent.replace(FOREIGN + NOT_BROKEN, b""), records(signer)) == [True, True]
    assert OLD not in raw
    assert OTHER_PART not in raw


async def test_a_message_that_passes_keeps_every_signature(tmp_path: Path, signer: Signer) -> None:
    raw = FOREIGN + OLD + b"From: ann@campus.example\r\nSubject: lunch\r\n\r\nhello\r\n"
    async with posted(tmp_path, rules=rules, signer=lambda: signer) as post:
        await post.send([INSIDE], raw)
        (arrived,) = post.arrived(INSIDE)
    assert arrived.endswith(raw)
    assert arrived.count(b"DKIM-Signature") == 2


async def test_a_changed_message_that_nobody_signed_is_left_for_the_mta_to_sign(tmp_path: Path, signer: Signer) -> None:
    async with posted(tmp_path, rules=rules, signer=lambda: signer) as post:
        await post.send([INSIDE], FOREIGN + ABOUT_ONE)
        (arrived,) = post.arrived(INSIDE)
    assert arrived.count(b"DKIM-Signature") == 1


async def test_without_its_key_a_message_that_needs_one_is_deferred_and_no_other(
    tmp_path: Path, named: tuple[Named, ...]
) -> None:
    named[0].file.unlink()
    in_force = SignerInForce(DOMAIN, named)
    async with posted(tmp_path, rules=rules, signer=in_force) as post:
        assert await post.send([INSIDE], OLD + ABOUT_ONE) == {INSIDE: 451}
        assert await post.send([INSIDE], ABOUT_ONE, upstream_id="2") == {INSIDE: 250}
        assert await post.send([INSIDE], OLD + b"Subject: x\r\n\r\nx\r\n", upstream_id="3") == {INSIDE: 250}
        kept(tmp_path, "rsa.pem", RSA)
        assert await post.send([INSIDE], OLD + ABOUT_ONE, upstream_id="4") == {INSIDE: 250}
        assert len(post.arrived(INSIDE)) == 3


NO_AUTHOR = OLD + ABOUT_ONE.partition(b"\r\n")[2]
HELD = {
    "a signature of another organisation of the campus": (
        OLD.replace(b"d=campus", b"d=hospital") + ABOUT_ONE.replace(b"@campus", b"@hospital"),
        [],
    ),
    "what no signature can cover": (NO_AUTHOR, ["cannot be signed"]),
    "a field that others read as another": (b"X-Odd: 1\rSubject: Grades\r\n" + ABOUT_ONE, ["read otherwise"]),
}


@pytest.mark.parametrize(("raw", "why"), HELD.values(), ids=HELD)
async def test_what_cannot_be_signed_again_is_held(
    tmp_path: Path, signer: Signer, caplog: pytest.LogCaptureFixture, raw: bytes, why: list[str]
) -> None:
    async with posted(
        tmp_path, rules=lambda: replace(rules(), campus=Campus((DOMAIN, "hospital.example"))), signer=lambda: signer
    ) as post:
        assert await post.send([INSIDE], raw) == {INSIDE: 250}
        assert post.arrived(INSIDE) == []
        assert len(post.tools.store.held()) == 1
    given_up = [record for record in caplog.records if record.getMessage() == "rewrite.given_up"]
    assert [record.values["what"] for record in given_up] == why  # type: ignore[attr-defined]


@pytest.mark.parametrize(("sender", "recipient"), [("ann@campus.example", INSIDE), ("eve@x.example", OUTSIDE)])
async def test_mail_from_a_stranger_never_gets_our_signature(
    tmp_path: Path, signer: Signer, sender: str, recipient: str
) -> None:
    """A signature that never was good must not be exchanged for one that is, whoever the envelope and From name."""
    stranger = Client(address="203.0.113.9", name="x.example")
    async with posted(tmp_path, rules=rules, signer=lambda: signer) as post:
        assert await post.send([recipient], OLD + ABOUT_ONE, sender=sender, client=stranger) == {recipient: 250}
        assert post.arrived(recipient) == []
        assert len(post.tools.store.held()) == 1


@pytest.mark.usefixtures("by_local_part")
async def test_an_owed_copy_is_kept_with_its_signature(tmp_path: Path, signer: Signer) -> None:
    """Over SMTP the unchanged copy goes with the reply, and the changed one, which is owed, leaves as it was signed."""
    passed, changed = "pass@campus.example", "rewrite@campus.example"
    async with posted(tmp_path, rules=rules, signer=lambda: signer) as post:
        await post.send([passed, changed], OLD + RAW)
        assert post.arrived(changed) == []
        post.clock.forward(minutes=1)
        await due_owed(post.tools.store, post.release_sender().deliver, lambda *_: None)
        (kept_back,), (unchanged,) = post.arrived(changed), post.arrived(passed)
    assert unchanged.endswith(OLD + RAW)
    assert OLD not in kept_back
    assert verdicts(kept_back, records(signer)) == [True, True]


LINES = st.lists(st.binary(max_size=80).map(lambda line: line.translate(None, b"\r\n")), max_size=12)
VALUES = st.text("abc \t=?;:<>@\xe4", max_size=60).map(str.encode)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, subject=VALUES, twice=st.booleans(), ended=st.booleans())
def test_two_canonicalisations_agree(signer: Signer, lines: list[bytes], subject: bytes, *, twice: bool, ended: bool) -> None:
    header = b"From: a@campus.example\r\nSubject: " + subject + b"\r\n \tfolded\r\n" + b"To: b@x.example\r\n" * (1 + twice)
    raw = header + b"\r\n" + b"\r\n".join(lines) + b"\r\n" * ended
    assert verdicts(signer.signed(raw), records(signer)) == [True, True]
