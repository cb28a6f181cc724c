"""Command lines follow what the next hop announced; what it did not is refused, never dropped."""

from __future__ import annotations

import dataclasses

import pytest

from dlp.forward import esmtp
from dlp.forward.esmtp import Announcement, mail_line, rcpt_line, read_announcement, xforward_lines
from dlp.intake import Features
from dlp.values import Client, Recipient

ALL = Announcement(Features(size=1000, eight_bit=True, smtputf8=True, dsn=True, auth_param=True), pipelining=True, sized=True)
NONE = Announcement()


def without(**features: bool) -> Announcement:
    return dataclasses.replace(ALL, features=dataclasses.replace(ALL.features, **features))


def test_an_ehlo_answer_is_read():
    lines = ("mx.example", "PIPELINING", "size 52428800", "8BITMIME", "SMTPUTF8", "DSN", "AUTH=PLAIN", "XFORWARD name ADDR", "")
    features = Features(size=52428800, eight_bit=True, smtputf8=True, dsn=True, auth_param=True, xforward=("NAME", "ADDR"))
    assert read_announcement(lines) == Announcement(features, pipelining=True, sized=True)


@pytest.mark.parametrize(
    ("line", "size"), [("SIZE", 0), ("SIZE 0", 0), ("SIZE many", 0), ("SIZE 77", 77), ("SIZE " + "9" * 21, 0)]
)
def test_size_is_announced_with_or_without_a_limit(line, size):
    announcement = read_announcement(("mx.example", line))
    assert announcement.sized
    assert announcement.features.size == size


def test_the_greeting_line_announces_nothing():
    assert read_announcement(("PIPELINING DSN",)) == NONE


MAIL = {
    "null-sender": ("", (), None, ALL, b"MAIL FROM:<>"),
    "size-is-ours": ("a@x.example", ("SIZE=7", "BODY=8BITMIME"), 99, ALL, b"MAIL FROM:<a@x.example> SIZE=99 BODY=8BITMIME"),
    "size-not-announced": ("a@x.example", ("SIZE=7",), 99, NONE, b"MAIL FROM:<a@x.example>"),
    "case-kept": ("A@X.example", ("envid=QQ+2B", "RET=hdrs"), None, ALL, b"MAIL FROM:<A@X.example> envid=QQ+2B RET=hdrs"),
    "auth": ("a@x.example", ("AUTH=<>",), None, ALL, b"MAIL FROM:<a@x.example> AUTH=<>"),
    "quoted": ('"a>b c"@x.example', (), None, ALL, b'MAIL FROM:<"a>b c"@x.example>'),
    "smtputf8": ("é@x.example", ("SMTPUTF8",), None, ALL, "MAIL FROM:<é@x.example> SMTPUTF8".encode()),
    "smtputf8-missing": ("é@x.example", ("SMTPUTF8",), None, without(smtputf8=False), esmtp.NO_SMTPUTF8),
    "8bitmime-missing": ("a@x.example", ("BODY=8BITMIME",), None, without(eight_bit=False), esmtp.NO_8BITMIME),
    "ret-missing": ("a@x.example", ("RET=FULL",), None, without(dsn=False), esmtp.NO_PARAMETER),
    "envid-missing": ("a@x.example", ("ENVID=q",), None, without(dsn=False), esmtp.NO_PARAMETER),
    "auth-missing": ("a@x.example", ("AUTH=<>",), None, without(auth_param=False), esmtp.NO_PARAMETER),
    "unknown": ("a@x.example", ("HOLDFOR=9",), None, ALL, esmtp.NO_PARAMETER),
    "utf8-undeclared": ("é@x.example", (), None, ALL, esmtp.NOT_ASCII),
    "lone-surrogate": ("\udcff@x.example", ("SMTPUTF8",), None, ALL, esmtp.NOT_ASCII),
    "injected-line": ("a@x.example>\r\nRCPT TO:<b@x.example", (), None, ALL, esmtp.BAD_SENDER),
    "injected-bracket": ("a@x.example> AUTH=<b", (), None, ALL, esmtp.BAD_SENDER),
    "injected-parameter": ("a@x.example", ("ENVID=a\r\nRSET",), None, ALL, esmtp.NO_PARAMETER),
}


@pytest.mark.parametrize(("sender", "parameters", "size", "announced", "expected"), MAIL.values(), ids=MAIL)
def test_mail_line(sender, parameters, size, announced, expected):
    assert mail_line(sender, parameters, size, announced) == expected


RCPT = {
    "plain": (Recipient("a@x.example"), ALL, False, b"RCPT TO:<a@x.example>"),
    "dsn": (
        Recipient("a@x.example", ("NOTIFY=NEVER", "ORCPT=rfc822;A@x.example")),
        ALL,
        False,
        b"RCPT TO:<a@x.example> NOTIFY=NEVER ORCPT=rfc822;A@x.example",
    ),
    "dsn-missing": (Recipient("a@x.example", ("NOTIFY=NEVER",)), NONE, False, esmtp.NO_PARAMETER),
    "orcpt-missing": (Recipient("a@x.example", ("ORCPT=rfc822;a",)), NONE, False, esmtp.NO_PARAMETER),
    "utf8": (Recipient("é@x.example"), ALL, True, "RCPT TO:<é@x.example>".encode()),
    "utf8-undeclared": (Recipient("é@x.example"), ALL, False, esmtp.NOT_ASCII),
    "empty": (Recipient(""), ALL, False, esmtp.BAD_RECIPIENT),
    "injected-line": (Recipient("a@x.example>\nDATA"), ALL, False, esmtp.BAD_RECIPIENT),
}


@pytest.mark.parametrize(("recipient", "announced", "smtputf8", "expected"), RCPT.values(), ids=RCPT)
def test_rcpt_line(recipient, announced, smtputf8, expected):
    assert rcpt_line(recipient, announced.features, smtputf8=smtputf8) == expected


OFFERED = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE")


def test_xforward_attributes_are_xtext_and_unknown_ones_say_so():
    client = Client(address="2001:db8::1", name="a b+c=é", helo="", protocol="ESMTP", source="REMOTE")
    (line,) = xforward_lines(client, "4XyZ", OFFERED)
    assert line == (
        b"XFORWARD NAME=a+20b+2Bc+3D+C3+A9 ADDR=IPV6:2001:db8::1 PORT=[UNAVAILABLE] PROTO=ESMTP "
        b"HELO=[UNAVAILABLE] IDENT=4XyZ SOURCE=REMOTE"
    )


def test_only_offered_xforward_attributes_are_sent():
    assert xforward_lines(Client(address="192.0.2.1", name="n"), "", ("ADDR", "LATER")) == [b"XFORWARD ADDR=192.0.2.1"]
    assert xforward_lines(Client(), "", ()) == []


def test_long_xforward_values_make_more_lines_and_too_long_ones_are_unavailable():
    lines = xforward_lines(Client(name="n" * 255, helo="h" * 255, protocol="p" * 256), "", OFFERED)
    assert len(lines) == 2
    assert all(len(line) <= 510 for line in lines)
    assert b"NAME=" + b"n" * 255 in lines[0]
    assert b"PROTO=[UNAVAILABLE]" in b" ".join(lines)
