"""Our signatures before strangers: what the real program changed and signed, opendkim verifies; what passes stays valid.

ARC sets are verified by dkimpy, by Perl's Mail::DKIM and by the tests' own reader.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from dlp.arc import sealed
from dlp.signing import Named, Signer, load
from dlp.sink import Sink
from tests.dkim_reader import chain, fields, verdicts
from tests.e2e.bench import below_trace, eventually
from tests.e2e.client import connected
from tests.e2e.loopback import HOST, free_ports, open_folder
from tests.e2e.relay import Relay, RelayPorts, serving_user

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

OPENDKIM = shutil.which("opendkim", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SENDER, INSIDE, OUTSIDE = "a.lind@campus.example", "t.ames@campus.example", "p.lane@freemail.example"
ABOUT_ONE = (
    b"From: Anders <a.lind@campus.example>\r\nTo: t.ames@campus.example\r\nSubject: Final grades\r\n"
    b"Date: Mon, 05 Oct 2026 09:00:00 -0400\r\nMessage-ID: <1@campus.example>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nThe student ID is 912345678.\r\n'
    b'--b\r\nContent-Type: text/plain; name="grades.txt"\r\n\r\nempty\r\n--b--\r\n'
)
HARMLESS = ABOUT_ONE.replace(b"912345678", b"unknown").replace(b"Final grades", b"Lunch")


def write_key(file: Path, *, kind: str) -> None:
    """A new private key, for the serving user alone."""
    rsa_wanted = kind == "rsa"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048) if rsa_wanted else ed25519.Ed25519PrivateKey.generate()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*form))
    file.chmod(0o600)
    if os.geteuid() == 0:
        shutil.chown(file, serving_user())


def signer(folder: Path, domain: str = "campus.example") -> Signer:
    """What the folder's keys would sign, and so the records that belong to them."""
    return load(domain, [Named("r1", folder / "rsa.pem", ""), Named("e1", folder / "ed.pem", "")])


def published(*signers: Signer) -> dict[str, str]:
    return dict(key.record(each.domain) for each in signers for key in each.keys)


def opendkim_says(message: bytes, records: Mapping[str, str]) -> dict[str, str]:
    """opendkim's verdict for each signature: "domain/selector/algorithm" to "pass" or another word. It asks no DNS."""
    assert OPENDKIM is not None
    with open_folder("opendkim") as folder:
        folder.joinpath("message").write_bytes(message)
        folder.joinpath("keys").write_text("".join(f"{name} {record}\n" for name, record in records.items()))
        told = {
            "Mode": "v",
            "TestPublicKeys": folder / "keys",
            "MaximumSignaturesToVerify": 9,
            "Syslog": "no",
            "TemporaryDirectory": folder,
        }
        folder.joinpath("conf").write_text("".join(f"{key} {value}\n" for key, value in told.items()))
        line = [OPENDKIM, "-x", str(folder / "conf"), "-t", str(folder / "message"), "-vv"]
        done = subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)
    found = re.findall(r"dkim=(\w+)(.*?)(?:;|')", done.stdout, re.DOTALL)
    tags = [(word, dict(re.findall(r"header\.(\w)=([^\s;]+)", rest))) for word, rest in found]
    return {f"{each['d']}/{each['s']}/{each['a']}": word for word, each in tags if each}


MAIL_DKIM = Path(__file__).with_name("arc_verify.pl")
HAS_MAIL_DKIM = subprocess.run(["perl", "-MMail::DKIM::ARC::Verifier", "-e1"], capture_output=True, check=False).returncode == 0


def on_the_chain(message: bytes, records: dict[str, str]) -> tuple[str, str, str]:
    """What Mail::DKIM, dkimpy and our own reader say of the ARC chain. None of them asks the DNS."""
    with open_folder("arc") as folder:
        folder.joinpath("keys").write_text("".join(f"{name} {record}\n" for name, record in records.items()))
        line = ["perl", str(MAIL_DKIM), str(folder / "keys")]
        perl = subprocess.run(line, input=message, capture_output=True, timeout=30, check=True).stdout.decode().strip()
    dkimpy: bytes = dkim.arc_verify(message, dnsfunc=lambda name, timeout: records[name.decode().rstrip(".")].encode())[0]
    return perl, dkimpy.decode(), chain(message, records)


@asynccontextmanager
async def signing_relay(*also: str) -> AsyncIterator[tuple[Relay, Sink, Path]]:
    lmtp, smtp, last = free_ports(3)
    async with Sink(where=f"{HOST}:{last}") as sink:
        with open_folder("relay") as folder, open_folder("keys") as keys:
            write_key(keys / "rsa.pem", kind="rsa")
            write_key(keys / "ed.pem", kind="ed25519")
            more = [
                "dkim.domain=campus.example",
                "dkim.selector=r1",
                f"dkim.key_file={keys}/rsa.pem",
                f'dkim.more_keys=["e1:{keys}/ed.pem"]',
                *also,
            ]
            relay = Relay(RelayPorts(lmtp, smtp), folder, next_hop=sink.hop, overrides=more)
            await asyncio.to_thread(relay.initialise)
            await asyncio.to_thread(relay.start)
            try:
                yield relay, sink, keys
            finally:
                await asyncio.to_thread(relay.stop)


async def sent(relay: Relay, raw: bytes, recipient: str = INSIDE) -> str:
    async with connected(relay.ports.smtp) as peer:
        return (await peer.deliver(SENDER, [recipient], raw))[recipient]


def copies(sink: Sink) -> list[bytes]:
    return [below_trace(each.raw)[1] for each in sink.messages if each.sender]


ALL_PASS, ALL_FAIL = ("pass",) * 3, ("fail",) * 3
ARC_SET = ("arc-seal", "arc-message-signature", "arc-authentication-results")
PASS = {"campus.example/r1/rsa-sha256": "pass", "campus.example/e1/ed25519-sha256": "pass"}


@pytest.mark.skipif(OPENDKIM is None, reason="opendkim is not installed: scripts/test-packages.sh")
async def test_what_was_changed_and_signed_again_passes_opendkim_and_a_reader_of_our_own() -> None:
    with open_folder("old") as old_keys, open_folder("list") as list_keys:
        for folder in (old_keys, list_keys):
            write_key(folder / "rsa.pem", kind="rsa")
            write_key(folder / "ed.pem", kind="ed25519")
        old, foreign = signer(old_keys), signer(list_keys, "lists.example")
        before = foreign.signed(old.signed(ABOUT_ONE))
        assert set(opendkim_says(before, published(old, foreign)).values()) == {"pass"}
        async with signing_relay() as (relay, sink, keys):
            assert (await sent(relay, before)).startswith("250")
            (raw,) = copies(sink)
            records = published(signer(keys))
            theirs = opendkim_says(raw, records | published(foreign))
    assert b"course_matter.txt" in raw
    assert {name: word for name, word in theirs.items() if name.startswith("campus.")} == PASS
    assert verdicts(raw, records)[:2] == [True, True]
    assert raw.count(b"d=lists.example") == 2  # broken, but nobody's to remove but theirs
    assert raw.count(b"DKIM-Signature: ") == 4


@pytest.mark.skipif(OPENDKIM is None, reason="opendkim is not installed: scripts/test-packages.sh")
async def test_what_passes_keeps_the_signatures_of_the_campus_and_of_others() -> None:
    with open_folder("list") as list_keys:
        for kind, file in (("rsa", "rsa.pem"), ("ed25519", "ed.pem")):
            write_key(list_keys / file, kind=kind)
        campus, foreign = signer(list_keys), signer(list_keys, "lists.example")
        async with signing_relay() as (relay, sink, _keys):
            raw = foreign.signed(campus.signed(HARMLESS))
            await sent(relay, raw)
            (arrived,) = copies(sink)
        assert arrived == raw
        assert set(opendkim_says(arrived, published(campus, foreign)).values()) == {"pass"}


@pytest.mark.skipif(OPENDKIM is None, reason="opendkim is not installed: scripts/test-packages.sh")
async def test_a_notice_is_signed_and_opendkim_says_no_where_it_should() -> None:
    async with signing_relay() as (relay, sink, keys):
        await sent(relay, ABOUT_ONE, OUTSIDE)
        assert await eventually(lambda: bool(sink.messages))
        (notice,) = [below_trace(each.raw)[1] for each in sink.messages]
        records = published(signer(keys))
    assert opendkim_says(notice, records) == PASS
    assert "pass" not in opendkim_says(notice.replace(b"on hold", b"on sale"), records).values()


@pytest.mark.skipif(not HAS_MAIL_DKIM, reason="Mail::DKIM is not installed: scripts/test-packages.sh")
async def test_a_changed_message_is_sealed_and_takes_a_chain_further_that_the_mta_found_to_hold() -> None:
    with open_folder("list") as list_keys:
        for kind, file in (("rsa", "rsa.pem"), ("ed25519", "ed.pem")):
            write_key(list_keys / file, kind=kind)
        foreign = signer(list_keys, "lists.example")
        chained = sealed(foreign.signed(ABOUT_ONE), foreign, "mx.lists.example")
        told = b"Authentication-Results: mx.campus.example; dkim=pass header.d=lists.example"
        async with signing_relay("dkim.arc=true", "dkim.authserv_id=mx.campus.example") as (relay, sink, keys):
            for raw in (told + b"\r\n" + ABOUT_ONE, told + b"; arc=pass\r\n" + chained, chained, HARMLESS):
                assert (await sent(relay, raw)).startswith("250")
            first, further, left, passed = copies(sink)
            records = published(signer(keys), foreign)
    assert on_the_chain(chained, records) == ALL_PASS
    assert on_the_chain(first, records) == ALL_PASS
    assert on_the_chain(further, records) == ALL_PASS
    assert on_the_chain(first.replace(b"course_matter", b"course_grades"), records) == ALL_FAIL
    assert on_the_chain(left, records) == ALL_FAIL
    assert [raw.count(b"ARC-Seal: ") for raw in (first, further, left, passed)] == [1, 2, 1, 0]
    assert [name for name, _ in fields(first)][:4] == [*ARC_SET, "authentication-results"]
    assert b"ARC-Authentication-Results: i=1; mx.campus.example;\r\n dkim=pass header.d=lists.example\r\n" in first


async def test_a_new_key_signs_from_sighup_on_and_a_bad_one_changes_nothing() -> None:
    with open_folder("old") as old_keys:
        write_key(old_keys / "rsa.pem", kind="rsa")
        write_key(old_keys / "ed.pem", kind="ed25519")
        signed = signer(old_keys).signed(ABOUT_ONE)
    async with signing_relay() as (relay, sink, keys):
        first = published(signer(keys))
        await sent(relay, signed)
        write_key(keys / "rsa.pem", kind="rsa")
        second = published(signer(keys))
        await reloaded(relay, "dkim.loaded")
        await sent(relay, signed)
        (keys / "rsa.pem").write_text("no key")
        await reloaded(relay, "dkim.refused")
        await sent(relay, signed)
    assert [verdicts(raw, first)[:2] for raw in copies(sink)] == [[True, True], [False, True], [False, True]]
    assert [verdicts(raw, second)[:2] for raw in copies(sink)] == [[False, True], [True, True], [True, True]]


async def reloaded(relay: Relay, event: str) -> None:
    """SIGHUP, and the clerk and both receivers have said so."""
    before = relay.log().count(event)
    os.kill(relay.pid, signal.SIGHUP)
    assert await eventually(lambda: relay.log().count(event) == before + 3)
