"""Our Received field and the counting of such fields."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from dlp.forward import hops, trace_field
from dlp.values import Client, HeaderField, Span

NOON = datetime(2024, 11, 21, 12, 0, tzinfo=UTC)
HOST = "filter.campus.example"


def written(helo: str = "mx.campus.example", client: Client | None = None) -> bytes:
    return trace_field(helo, client or Client(address="192.0.2.7", name="pc.campus.example"), HOST, "LMTP", "H7K2-9QMD", NOON)


def field_of(data: bytes) -> HeaderField:
    message = message_from_bytes(data + b"\r\n")
    return HeaderField("Received", 1, Span(0, len(data)), " ".join(message["Received"].split()))


def test_the_field_says_from_by_with_id_and_date():
    assert written() == (
        b"Received: from mx.campus.example (pc.campus.example [192.0.2.7])\r\n"
        b"\tby filter.campus.example (campus-dlp) with LMTP id H7K2-9QMD;\r\n"
        b"\tThu, 21 Nov 2024 12:00:00 +0000\r\n"
    )


SAID = {
    "unix-peer": ("", Client(), b"from unknown (unknown)\r\n"),
    "ipv6": ("h", Client(address="2001:db8::1"), b"from h (unknown [IPv6:2001:db8::1])\r\n"),
    "ipv6-as-xforward-writes-it": ("h", Client(address="IPV6:2001:db8::1"), b"from h (unknown [IPv6:2001:db8::1])\r\n"),
    "line-break": ("h\r\nBcc: x", Client(name="a\nb"), b"from h??Bcc:?x (a?b)\r\n"),
    "comment": ("h) by z (", Client(name="=?utf-8?q?x?="), b"from h??by?z?? (??utf-8?q?x??)\r\n"),
    "not-ascii": ("é", Client(name="n"), b"from ? (n)\r\n"),
}


@pytest.mark.parametrize(("helo", "client", "start"), SAID.values(), ids=SAID)
def test_what_a_client_says_cannot_change_the_field(helo, client, start):
    field = written(helo, client)
    assert field.startswith(b"Received: " + start)
    assert field.count(b"\r\n") == field.count(b"\n") == 3


def test_endless_names_are_cut():
    assert max(map(len, written("h" * 4000, Client(name="n" * 4000)).split(b"\r\n"))) < 998


def test_ours_and_all_are_counted():
    ours = field_of(written())
    other = HeaderField("received", 1, Span(0, 0), f"from a by {HOST} with ESMTP id x; date")
    elsewhere = HeaderField("RECEIVED", 1, Span(0, 0), "from a by other.example (campus-dlp) with ESMTP id x")
    look_alike = HeaderField("x-received", 1, Span(0, 0), ours.value)
    assert hops([ours, other, elsewhere, look_alike, ours], HOST.upper()) == (2, 4)
    assert hops([], HOST) == (0, 0)


def test_a_loop_shows_in_the_count():
    assert hops([field_of(written())] * 26, HOST)[0] > 25
