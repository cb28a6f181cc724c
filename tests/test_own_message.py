"""A person's own message as evidence: whose word counts, and what makes it count no more."""

from __future__ import annotations

import hashlib
import socket
from functools import cache
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from dlp import own_message
from dlp.errors import ConfigError, Refused
from dlp.limits import Limits
from dlp.mail.reading import read_header
from dlp.own_message import Evidence, KeysOf, examined
from dlp.ruleset import Campus
from dlp.signing import Signer, SigningKey

CAMPUS = Campus(("campus.example",))
MESSAGE = (
    b"From: Ann Mori <ann@campus.example>\r\nTo: registrar@campus.example\r\nSubject: my grades\r\n"
    b"Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@campus.example>\r\n\r\nTell my grades to hr@firm.example.\r\n"
)
MX = "mx.campus.example"


@cache
def key() -> SigningKey:
    return SigningKey("s1", rsa.generate_private_key(65537, 2048))


def signed(message: bytes = MESSAGE, domain: str = "campus.example") -> bytes:
    return Signer(domain, (key(),), lambda: 1_795_000_000.0).signed(message)


def published(domain: str = "campus.example") -> KeysOf:
    name, record = key().record(domain)
    return lambda asked: record.encode() if asked.rstrip(".") == name else None


def nobody(_name: str) -> bytes | None:
    return None


def seen(raw: bytes, keys_of: KeysOf = nobody, authserv_id: str = "") -> Evidence:
    return examined(raw, read_header(raw, Limits()), CAMPUS, keys_of, authserv_id)


def test_a_signature_of_the_author_s_domain_counts() -> None:
    raw = signed()
    found = seen(raw, published())
    assert (found.sender, found.message_id) == ("ann@campus.example", "<1@campus.example>")
    assert found.sha256 == hashlib.sha256(raw).hexdigest()
    assert found.how == "dkim d=campus.example s=s1"
    assert found.sha256 in found.text


def test_a_message_saved_with_bare_line_feeds_counts_as_well() -> None:
    assert seen(signed().replace(b"\r\n", b"\n"), published()).sender == "ann@campus.example"


def test_a_domain_above_the_author_s_counts() -> None:
    raw = signed(MESSAGE.replace(b"ann@campus.example", b"ann@cs.campus.example"))
    assert seen(raw, published()).sender == "ann@cs.campus.example"


RESULTS = b"Authentication-Results: mx.campus.example; dkim=%b header.d=%b header.s=s1\r\n"
NOTHING_ELSE = (b"from", b"subject", b"message-id")


def signed_as(
    message: bytes = MESSAGE, covering: tuple[bytes, ...] = NOTHING_ELSE, *, length: bool = False, user: bytes = b""
) -> bytes:
    """A signature of the campus as somebody else's program would write it."""
    options = {"include_headers": list(covering), "length": length, "canonicalize": (b"relaxed", b"relaxed")}
    field: bytes = dkim.sign(message, b"s1", b"campus.example", pem(), identity=user or None, **options)
    return field + message


@cache
def pem() -> bytes:
    private = key().private
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def test_what_another_program_signed_counts_when_it_covers_what_is_read() -> None:
    for raw in (signed_as(), signed_as(user=b"@campus.example"), signed_as(user=b"Ann@campus.example")):
        assert seen(raw, published()).how == "dkim d=campus.example s=s1"


def told_by_our_mta(told: bytes, message: bytes) -> bytes:
    return b"Authentication-Results: mx.campus.example; " + told + b"\r\n" + message


PASS = b"dkim=pass header.d=campus.example"
# each of them verifies, or was passed by our own MTA, and shows nobody's will
NO_EVIDENCE: dict[str, tuple[bytes, KeysOf]] = {
    "a text that was added to": (signed_as(length=True) + b"And my health to x@y.example.\r\n", published()),
    "the same, passed by our MTA": (told_by_our_mta(PASS, signed_as(length=True) + b"And my health.\r\n"), nobody),
    "the same, where the key can be had": (told_by_our_mta(PASS, signed_as(length=True) + b"And more.\r\n"), published()),
    "a subject that is not signed": (signed_as(covering=(b"from", b"message-id")), published()),
    "a second subject on top": (b"Subject: my health\r\n" + signed_as(), published()),
    "a Message-ID that is not signed": (signed_as(covering=(b"from", b"subject")), published()),
    "signed for another user": (signed_as(user=b"ben@campus.example"), published()),
    "our MTA's word on an unsigned message": (told_by_our_mta(PASS, MESSAGE), nobody),
    "its word below its own": (
        told_by_our_mta(b"dkim=none", told_by_our_mta(PASS, signed())),
        nobody,
    ),
    "a domain in quotes": (
        told_by_our_mta(b'dkim=pass header.d=x.example header.i="a header.d=campus.example "@x.example', signed()),
        nobody,
    ),
    "a domain in a comment": (told_by_our_mta(b"dkim=pass header.d=x.example (header.d=campus.example)", signed()), nobody),
    "a domain in a local part": (
        told_by_our_mta(b"dkim=pass header.i=header.d=campus.example@x.example", signed()),
        nobody,
    ),
    "by way of a list": (b"List-Id: <all.campus.example>\r\n" + signed(), published()),
    "resent by somebody": (b"Resent-From: b@campus.example\r\n" + signed(), published()),
    "sent on behalf": (signed(b"Sender: ben@campus.example\r\n" + MESSAGE), published()),
    "by a program": (signed(b"Auto-Submitted: auto-replied\r\n" + MESSAGE), published()),
    "a key that is only tried": (signed(), lambda name: (published()(name) or b"") + b"; t=y"),
    "a line that belongs to no field": (b" x\r\n" + signed(), published()),
}


@pytest.mark.parametrize("name", NO_EVIDENCE)
def test_what_verifies_and_still_is_no_evidence(name: str) -> None:
    raw, keys_of = NO_EVIDENCE[name]
    with pytest.raises(Refused):
        seen(raw, keys_of, MX)


REFUSED: dict[str, tuple[bytes, KeysOf, str]] = {
    "not signed": (MESSAGE, published(), "nobody vouches"),
    "no key can be had": (signed(), nobody, "--dkim-keys"),
    "a changed body": (signed().replace(b"my grades to", b"all grades to"), published(), "does not verify"),
    "a changed author": (signed().replace(b"<ann@", b"<ben@"), published(), "does not verify"),
    "a second author": (b"From: ben@campus.example\r\n" + signed(), published(), "exactly one author"),
    "two in one field": (
        signed().replace(b"<ann@campus.example>", b"<ann@campus.example>, b@campus.example"),
        published(),
        "one author",
    ),
    "a foreign signature": (signed(domain="firm.example"), published("firm.example"), "nobody vouches"),
    "a neighbour's signature": (
        signed(MESSAGE.replace(b"ann@campus.example", b"ann@cs.campus.example"), "ee.campus.example"),
        published("ee.campus.example"),
        "nobody vouches",
    ),
    "from outside": (signed(MESSAGE.replace(b"ann@campus.example", b"ann@home.example")), published(), "campus address"),
    "another MTA's word": (RESULTS.replace(b"mx.", b"mx2.") % (b"pass", b"campus.example") + MESSAGE, nobody, "nobody vouches"),
    "our MTA's word that it failed": (RESULTS % (b"fail", b"campus.example") + MESSAGE, nobody, "nobody vouches"),
    "our MTA's word about another": (RESULTS % (b"pass", b"firm.example") + MESSAGE, nobody, "nobody vouches"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_it_no_evidence(name: str) -> None:
    raw, keys_of, why = REFUSED[name]
    with pytest.raises(Refused, match=why):
        seen(raw, keys_of, MX)


@given(data=st.data())
def test_whatever_was_changed_on_the_way_it_is_refused_or_means_the_same(data: st.DataObject) -> None:
    """And nothing else is raised, whatever the signature or the published key looks like."""
    raw = bytearray(signed())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 12))] = data.draw(st.sampled_from(PIECES))
    record = data.draw(st.none() | st.sampled_from(RECORDS))
    keys_of = published() if record is None else lambda _name: record
    try:
        found = seen(bytes(raw), keys_of)
    except Refused:
        return
    assert found.sender.lower() == "ann@campus.example"
    assert bytes(raw).replace(b"\r\n", b"\n").rstrip().endswith(b"\n\nTell my grades to hr@firm.example.")


PIECES = [b"", b";", b"=", b"\r\n", b"\r\n ", b" l=5;", b"v=1;", b"\xc3\xa9", b"\0", b"x", b"<b@campus.example>", b"\r\n\r\n"]
RECORDS = [
    b"",
    b"v=DKIM1",
    b"v=DKIM1; p=",
    b"v=DKIM1; k=rsa; p=AAAA",
    b"p=!!!",
    b"k=ed25519; p=AAAA",
    b"\xff\xfe",
    b";;;=",
    b"h=sha1",
]


def test_our_own_mta_s_word_counts_where_no_key_can_be_had() -> None:
    raw = RESULTS % (b"pass", b"campus.example") + signed()
    assert seen(raw, nobody, MX).how == "authentication-results of mx.campus.example"
    with pytest.raises(Refused, match="nobody vouches"):
        seen(raw, nobody, "")


def test_it_does_not_outweigh_a_signature_that_is_wrong() -> None:
    raw = RESULTS % (b"pass", b"campus.example") + signed().replace(b"hr@firm", b"me@firm")
    with pytest.raises(Refused, match="does not verify"):
        seen(raw, published(), MX)


@pytest.mark.parametrize("form", ["{name} {record}", '{name}. 3600 IN TXT "{first}" "{rest}"', '{name}. IN TXT ("{record}")'])
def test_keys_come_from_a_file_as_people_have_them(tmp_path: Path, form: str) -> None:
    name, record = key().record("campus.example")
    file = tmp_path / "keys"
    file.write_text("\n" + form.format(name=name, record=record, first=record[:100], rest=record[100:]) + "\n")
    assert seen(signed(), own_message.from_file(file)).sender == "ann@campus.example"


def test_a_file_that_is_none_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        own_message.from_file(tmp_path / "missing")


def test_without_a_resolver_no_key_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(socket, "socket", no_network)
    monkeypatch.setattr("dns.resolver.default_resolver", None)
    assert own_message.from_dns("s1._domainkey.campus.example") is None
    assert own_message.from_dns("no name at all") is None
