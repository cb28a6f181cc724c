"""Our ARC set: who verifies it, when a chain is taken further and when not, and which mail gets one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.arc import sealed
from dlp.errors import Unavailable
from dlp.signing import CannotSign, Signer, SigningKey
from tests.dkim_reader import chain, fields, tags, verdicts
from tests.test_signing import ABOUT_ONE, CHANGES, DOMAIN, FOREIGN, INSIDE, MESSAGE, OLD, records, rsa_key, rules
from tests.upstream import posted

MX = "mx.campus.example"
RSA, ED25519 = SigningKey("r1", rsa_key()), SigningKey("e1", ed25519.Ed25519PrivateKey.generate())
SIGNER = Signer(DOMAIN, (ED25519, RSA))
HOLDS = b"Authentication-Results: mx.campus.example;\r\n dkim=pass header.d=a.example; arc=pass\r\n"


def dkimpy_says(message: bytes) -> str:
    def published(name: bytes, timeout: int) -> bytes:
        return records(SIGNER)[name.decode().rstrip(".")].encode()

    word: bytes = dkim.arc_verify(message, dnsfunc=published)[0]
    return word.decode()


def seals(message: bytes) -> list[dict[str, str]]:
    return [tags(field.decode().partition(":")[2]) for name, field in fields(message) if name == "arc-seal"]


def test_a_first_set_verifies_and_stands_above_our_signature() -> None:
    raw = sealed(SIGNER.signed(MESSAGE), SIGNER, MX)
    assert chain(raw, records(SIGNER)) == dkimpy_says(raw) == "pass"
    assert verdicts(raw, records(SIGNER)) == [True, True]
    assert raw.endswith(MESSAGE)
    assert [name for name, _ in fields(raw)][:5] == [
        "arc-seal",
        "arc-message-signature",
        "arc-authentication-results",
        "dkim-signature",
        "dkim-signature",
    ]
    assert [(each["i"], each["cv"], each["a"]) for each in seals(raw)] == [("1", "none", "rsa-sha256")]
    assert b"ARC-Authentication-Results: i=1; mx.campus.example;\r\n none\r\n" in raw
    assert all(len(line) <= 78 for line in raw.partition(b"From:")[0].split(b"\r\n"))


def test_an_ed25519_key_seals_where_there_is_no_other() -> None:
    raw = sealed(MESSAGE, Signer(DOMAIN, (ED25519,)), MX)
    assert chain(raw, records(SIGNER)) == "pass"
    assert seals(raw)[0]["a"] == "ed25519-sha256"


TAMPERED: dict[str, tuple[Callable[[bytes], bytes], bool]] = CHANGES | {
    "the subject": (lambda raw: raw.replace(b"Subject: one", b"Subject: two"), False),
    "a signature of the MTA on top": (lambda raw: OLD + raw, True),
    "its results above": (lambda raw: b"Authentication-Results: x.example; none\r\n" + raw, True),
    "what was found before": (lambda raw: raw.replace(b" none\r\n", b" spf=pass\r\n"), False),
    "another chain value": (lambda raw: raw.replace(b"cv=none", b"cv=pass"), False),
    "our own signature": (lambda raw: raw.replace(b"DKIM-Signature: v=1", b"DKIM-Signature: v=2"), False),
    "no seal": (lambda raw: raw.replace(b"ARC-Seal", b"X-Seal"), False),
    "a message signature of another time": (lambda raw: re.sub(rb"(ARC-M.*\r\n.* t=)\d+", rb"\g<1>1", raw), False),
}


@pytest.mark.parametrize(("change", "holds"), TAMPERED.values(), ids=TAMPERED)
def test_what_a_set_covers(change: Callable[[bytes], bytes], *, holds: bool) -> None:
    raw = sealed(SIGNER.signed(MESSAGE), SIGNER, MX)
    changed = change(raw)
    assert changed != raw or change is CHANGES["nothing"][0]
    assert chain(changed, records(SIGNER)) == dkimpy_says(changed) == ("pass" if holds else "fail")


def test_a_chain_that_passed_is_taken_further_after_a_change() -> None:
    first = sealed(MESSAGE, Signer(DOMAIN, (RSA,)), "mx.lists.example")
    changed = (HOLDS + first).replace(b"Subject: one", b"Subject: two")
    assert chain(changed, records(SIGNER)) == "fail"
    raw = sealed(changed, SIGNER, MX)
    assert chain(raw, records(SIGNER)) == dkimpy_says(raw) == "pass"
    assert [(each["i"], each["cv"]) for each in seals(raw)] == [("2", "pass"), ("1", "none")]
    assert b"ARC-Authentication-Results: i=2; mx.campus.example;\r\n dkim=pass header.d=a.example;\r\n arc=pass\r\n" in raw


FIRST = sealed(MESSAGE, SIGNER, MX)
SECOND = sealed(HOLDS + FIRST, SIGNER, MX)
LEFT: dict[str, bytes] = {
    "nobody told": FIRST,
    "told by another MTA": HOLDS.replace(b"mx.campus", b"mx.other") + FIRST,
    "failed": HOLDS.replace(b"arc=pass", b"arc=fail") + FIRST,
    "not seen by the MTA": HOLDS.replace(b"arc=pass", b"arc=none") + FIRST,
    "told twice": HOLDS + HOLDS.replace(b"arc=pass", b"arc=fail") + FIRST,
    "without its seal": HOLDS + FIRST.replace(b"ARC-Seal", b"X-Seal"),
    "only its seal": HOLDS + FIRST[: FIRST.index(b"ARC-Message")] + MESSAGE,
    "two of one": HOLDS + FIRST[: FIRST.index(b"ARC-Message")] + FIRST,
    "a gap": HOLDS + FIRST.replace(b" i=1;", b" i=2;"),
    "a set of two numbers": HOLDS + FIRST.replace(b"Seal: i=1;", b"Seal: i=1; i=2;"),
    "no number": HOLDS + FIRST.replace(b"Seal: i=1;", b"Seal: i=x;"),
    "two sets of one number": HOLDS + SECOND.replace(b" i=2;", b" i=1;"),
}


@pytest.mark.parametrize("raw", LEFT.values(), ids=LEFT)
def test_a_chain_of_which_we_cannot_say_that_it_holds_is_left_as_it_is(raw: bytes) -> None:
    assert sealed(raw, SIGNER, MX) == raw


def test_a_chain_ends_after_fifty_sets() -> None:
    raw = HOLDS + MESSAGE
    for _ in range(51):
        raw = sealed(raw, SIGNER, MX)
    assert len(seals(raw)) == 50
    assert chain(raw, records(SIGNER)) == "pass"


@pytest.mark.parametrize("raw", [b"Subject: no author\r\n\r\nx", b"From: a@x.example\r\nSubject : x\r\n\r\nx"])
def test_a_header_that_readers_read_differently_is_not_sealed(raw: bytes) -> None:
    with pytest.raises(CannotSign):
        sealed(raw, SIGNER, MX)


@settings(max_examples=100)
@given(st.text('ab=;()"\\ \t\xe4' + "x" * 3, max_size=300).map(lambda text: text.encode("latin-1")))
def test_whatever_the_mta_wrote_is_sealed_so_that_it_verifies(told: bytes) -> None:
    raw = sealed(b"Authentication-Results: mx.campus.example;" + told + b"\r\n" + MESSAGE, SIGNER, MX)
    assert chain(raw, records(SIGNER)) == dkimpy_says(raw) == "pass"


async def test_each_changed_message_gets_one_set_and_no_other_does(tmp_path: Path) -> None:
    """Below our Received field and above our signature; what is signed or not makes no difference."""
    told = HOLDS.replace(b"arc=pass", b"arc=none")
    harmless = told + FOREIGN + b"From: ann@campus.example\r\nSubject: lunch\r\n\r\nhello\r\n"
    async with posted(tmp_path, rules=rules, signer=lambda: SIGNER, arc=MX) as post:
        for number, raw in enumerate((told + FOREIGN + OLD + ABOUT_ONE, ABOUT_ONE, harmless)):
            assert await post.send([INSIDE], raw, upstream_id=str(number)) == {INSIDE: 250}
        signed, unsigned, passed = post.arrived(INSIDE)
    names = [name for name, _ in fields(signed)]
    ours = ["arc-seal", "arc-message-signature", "arc-authentication-results", "dkim-signature", "dkim-signature"]
    assert names[names.index("arc-seal") - 1 :] == [
        "received",
        *ours,
        "authentication-results",
        "dkim-signature",
        "from",
        "subject",
    ]
    assert b"i=1; mx.campus.example;\r\n dkim=pass header.d=a.example;\r\n arc=none\r\n" in signed
    for raw in (signed, unsigned):
        assert chain(raw, records(SIGNER)) == dkimpy_says(raw) == "pass"
    assert b"DKIM-Signature" not in unsigned
    assert passed.endswith(harmless)
    assert b"ARC-" not in passed


async def test_without_the_option_a_changed_message_has_no_set(tmp_path: Path) -> None:
    async with posted(tmp_path, rules=rules, signer=lambda: SIGNER) as post:
        await post.send([INSIDE], HOLDS + OLD + ABOUT_ONE)
        (raw,) = post.arrived(INSIDE)
    assert b"DKIM-Signature: " in raw
    assert b"ARC-" not in raw


async def test_what_cannot_be_sealed_goes_without(tmp_path: Path) -> None:
    async with posted(tmp_path, rules=rules, signer=lambda: SIGNER, arc=MX) as post:
        assert await post.send([INSIDE], ABOUT_ONE.partition(b"\r\n")[2]) == {INSIDE: 250}
        (raw,) = post.arrived(INSIDE)
    assert b"Course matter" in raw
    assert b"ARC-" not in raw


async def test_without_its_key_a_message_that_would_be_sealed_is_deferred_and_no_other(tmp_path: Path) -> None:
    def unreadable() -> Signer:
        raise Unavailable("keys")

    async with posted(tmp_path, rules=rules, signer=unreadable, arc=MX) as post:
        assert await post.send([INSIDE], ABOUT_ONE) == {INSIDE: 451}
        assert await post.send([INSIDE], b"From: a@x.example\r\n\r\nhello\r\n", upstream_id="2") == {INSIDE: 250}
