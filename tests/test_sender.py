"""Who the sender is: origin, login, and where a notice may go. Anything doubtful counts as unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.ruleset import Campus
from dlp.sender import IdentityRules, SenderIdentity, identify, notice_address
from dlp.values import Client, Envelope, HeaderField, Origin

CAMPUS = Campus(("campus.example", "med.campus.example"), ("alumni.campus.example",))
NETWORKS = (ip_network("192.0.2.0/24"), ip_network("2001:db8:1::/48"))
OWN, OUT = "a.lind@campus.example", "p.lane@freemail.example"


def fields(*lines: str) -> tuple[HeaderField, ...]:
    return read("\r\n".join([*lines, "", "", ""]).encode(), Limits()).fields


def who(sender: str, client: Client, header: tuple[HeaderField, ...] = (), how: str = "none") -> tuple[Origin, str]:
    return identify(sender, client, header, IdentityRules(SenderIdentity(how), NETWORKS, CAMPUS))


ORIGINS = [
    ("submission-network", OWN, Client(address="192.0.2.7"), Origin.SUBMISSION),
    ("submission-network-foreign-sender", OUT, Client(address="192.0.2.7"), Origin.SUBMISSION),
    ("submission-network-null-sender", "", Client(address="192.0.2.7"), Origin.SUBMISSION),
    ("next-to-submission-network", OWN, Client(address="192.0.3.7"), Origin.RELAY),
    ("ipv6-as-xforward-writes-it", OWN, Client(address="IPV6:2001:db8:1::7"), Origin.SUBMISSION),
    ("ipv6-plain", OWN, Client(address="2001:DB8:1::7"), Origin.SUBMISSION),
    ("ipv6-of-another-network", OWN, Client(address="IPv6:2001:db8:2::7"), Origin.RELAY),
    ("ipv6-loopback", OWN, Client(address="::1"), Origin.RELAY),
    ("no-address-at-all", OWN, Client(), Origin.RELAY),
    ("unknown-word", OWN, Client(address="[UNAVAILABLE]"), Origin.RELAY),
    ("name-is-no-address", OWN, Client(address="192.0.2.7.freemail.example"), Origin.RELAY),
    ("name-and-helo-do-not-count", OWN, Client(address="203.0.113.9", name="192.0.2.7", helo="192.0.2.7"), Origin.RELAY),
    ("sendmail-command", OWN, Client(source="LOCAL"), Origin.LOCAL),
    ("local-with-an-address", OWN, Client(address="203.0.113.9", source="LOCAL"), Origin.RELAY),
    ("remote-without-address", OWN, Client(source="REMOTE"), Origin.RELAY),
    ("outside-sender", OUT, Client(address="203.0.113.9"), Origin.INBOUND),
    ("null-sender", "", Client(address="203.0.113.9"), Origin.INBOUND),
    ("sub-domain-sender", "x@med.campus.example", Client(address="203.0.113.9"), Origin.RELAY),
    ("outside-sub-domain-sender", "x@alumni.campus.example", Client(address="203.0.113.9"), Origin.INBOUND),
]


@pytest.mark.parametrize(("sender", "client", "origin"), [pytest.param(*case[1:], id=case[0]) for case in ORIGINS])
def test_origin_comes_from_the_client_then_from_the_sender(sender: str, client: Client, origin: Origin) -> None:
    assert who(sender, client) == (origin, "")


BY = "\tby mx.campus.example (Postfix) with ESMTPSA id 4ABC\r\n\tfor <t.ames@campus.example>; Mon, 5 Oct 2026 10:00:00 -0400"
TLS = "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n\t(No client certificate requested)\r\n"
FROM = "Received: from laptop.example (laptop.example [203.0.113.9])\r\n"

TRUE = [
    ("address", f"{FROM}\t(Authenticated sender: {OWN})\r\n{BY}", OWN),
    ("bare-name-is-of-the-first-domain", f"{FROM}\t(Authenticated sender: a.lind)\r\n{BY}", OWN),
    ("behind-tls", f"{FROM}{TLS}\t(Authenticated sender: {OWN})\r\n{BY}", OWN),
    ("foreign-address", f"{FROM}\t(Authenticated sender: {OUT})\r\n{BY}", OUT),
    ("on-one-line", f"{FROM.rstrip()} (Authenticated sender: {OWN}) {BY.strip()}", OWN),
]


@pytest.mark.parametrize(("received", "login"), [pytest.param(*case[1:], id=case[0]) for case in TRUE])
def test_the_login_our_own_mta_wrote_is_believed(received: str, login: str) -> None:
    assert who(OWN, Client(), fields(received), "received") == (Origin.SUBMISSION, login)


def greeted(helo: str) -> str:
    """What Postfix writes for a client that greets with these words; it passes blanks and signs on."""
    return f"Received: from {helo} (c.example [203.0.113.9])\r\n{BY}"


CLAIM = f"(Authenticated sender: {OWN})"


def swallowing(start: str) -> str:
    """A greeting that opens an encoded word, which the address of the only recipient closes."""
    return greeted(f"x {CLAIM} by y {start}").replace("<t.ames@", "<t.ames+?=@")


SPOOFED = [
    ("in-the-greeting", greeted(f"x {CLAIM}")),
    ("in-the-greeting-with-by", greeted(f"x {CLAIM} by mx.campus.example")),
    ("in-the-greeting-whole", greeted(f"x {CLAIM} by mx.campus.example (Postfix) with ESMTPSA id 4ABC; Mon, 5 Oct 2026")),
    ("in-the-greeting-twice", greeted(f"{CLAIM} by {CLAIM} by x")),
    ("in-an-encoded-greeting", greeted(f"=?utf-8?Q?{CLAIM.replace(' ', '_')}?= by mx.campus.example")),
    ("swallowing-the-by-in-base64", swallowing("=?utf-8?b?")),
    ("swallowing-the-by-in-another-charset", swallowing("=?utf-16?q?")),
    ("swallowing-the-by-in-quoted-printable", swallowing("=?us-ascii?q?")),
    ("in-a-second-field", f"{FROM}{BY}\r\nReceived: from x\r\n\t{CLAIM}\r\n{BY}"),
    ("folded-into-the-greeting", f"Received: from x\r\n\t{CLAIM}\r\n\tby y (c.example [203.0.113.9])\r\n{BY}"),
    ("behind-the-by", f"{FROM}{BY} {CLAIM}"),
    ("in-the-recipient", f"{FROM}\tby mx.campus.example with ESMTP\r\n\tfor <{CLAIM}@x.example>; Mon, 5 Oct 2026"),
    ("in-another-field", f"{FROM}{BY}\r\nX-Received: from x\r\n\t{CLAIM}\r\n{BY}"),
    ("name-with-blanks", f"{FROM}\t(Authenticated sender: a lind)\r\n{BY}"),
    ("empty-name", f"{FROM}\t(Authenticated sender: )\r\n{BY}"),
    ("no-received-at-all", f"Subject: {CLAIM} by x"),
]


@pytest.mark.parametrize("header", [pytest.param(case[1], id=case[0]) for case in SPOOFED])
def test_words_a_client_can_write_are_no_login(header: str) -> None:
    assert who(OWN, Client(address="203.0.113.9"), fields(header), "received") == (Origin.RELAY, "")


@pytest.mark.parametrize("how", ["none", "listener"])
def test_the_received_field_counts_only_where_the_site_says_so(how: str) -> None:
    assert who(OUT, Client(), fields(TRUE[0][1]), how) == (Origin.INBOUND, "")


@pytest.mark.parametrize(
    ("sender", "expected"),
    [(OWN, (Origin.SUBMISSION, OWN)), (OUT, (Origin.INBOUND, "")), ("", (Origin.INBOUND, ""))],
    ids=["campus-sender", "outside-sender", "null-sender"],
)
def test_a_listener_of_logins_vouches_for_campus_senders(sender: str, expected: tuple[Origin, str]) -> None:
    assert who(sender, Client(address="203.0.113.9"), (), "listener") == expected


S, L, R, I = Origin.SUBMISSION, Origin.LOCAL, Origin.RELAY, Origin.INBOUND  # noqa: E741
NOTICES = [
    ("submission", S, OWN, "", (), OWN),
    ("local", L, OWN, "", (), OWN),
    ("relay-could-be-anybody", R, OWN, "", (), ""),
    ("inbound", I, OUT, "", (), ""),
    ("login-wins-over-sender", S, "team@campus.example", OWN, (), OWN),
    ("login-of-an-outsider-campus-sender", S, OWN, OUT, (), OWN),
    ("outside-sender", S, OUT, "", (), ""),
    ("outside-sender-campus-login", S, OUT, OWN, (), OWN),
    ("null-sender", S, "", OWN, (), ""),
    ("outside-sub-domain", S, "x@alumni.campus.example", "", (), ""),
    ("percent-path", S, "p%freemail.example@campus.example", "", (), ""),
    ("auto-generated", S, OWN, "", ("Auto-Submitted: auto-generated",), ""),
    ("auto-replied-in-capitals", S, OWN, OWN, ("AUTO-SUBMITTED: Auto-Replied",), ""),
    ("auto-submitted-no", S, OWN, "", ("Auto-Submitted: no",), OWN),
    ("auto-submitted-no-with-comment", S, OWN, "", ("Auto-Submitted: No (typed)",), OWN),
    ("auto-submitted-no-with-parameter", S, OWN, "", ("Auto-Submitted: no; x=y",), OWN),
    ("auto-submitted-notified", S, OWN, "", ("Auto-Submitted: notified",), ""),
    ("auto-submitted-empty", S, OWN, "", ("Auto-Submitted:",), ""),
    ("two-auto-submitted", S, OWN, "", ("Auto-Submitted: no", "Auto-Submitted: auto-replied"), ""),
    ("list", S, OWN, "", ("List-Id: <staff.campus.example>",), ""),
    ("list-unsubscribe", S, OWN, "", ("List-Unsubscribe: <https://campus.example/u>",), ""),
    ("bulk", S, OWN, "", ("Precedence: bulk",), ""),
    ("precedence-list", S, OWN, "", ("precedence:  List ",), ""),
    ("precedence-first-class", S, OWN, "", ("Precedence: first-class",), OWN),
    ("listing-is-no-list", S, OWN, "", ("Listing: x",), OWN),
]


@pytest.mark.parametrize(
    ("origin", "sender", "login", "header", "expected"), [pytest.param(*case[1:], id=case[0]) for case in NOTICES]
)
def test_a_notice_goes_only_to_a_campus_sender_who_is_known(
    origin: Origin, sender: str, login: str, header: tuple[str, ...], expected: str
) -> None:
    at = datetime(2026, 10, 5, tzinfo=UTC)
    envelope = Envelope("H7K2-9QMD", "", sender, (), (), Client(), at, origin, login)
    assert notice_address(envelope, fields(*header) if header else (), CAMPUS) == expected
