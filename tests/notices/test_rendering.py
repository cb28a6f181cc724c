"""The message around a notice: well-formed, safe headers, and no line that a value could have started."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.notices.compose import NoticeSite, compose
from dlp.notices.facts import Cause, NoticeFacts, Outcome
from dlp.notices.rendering import clean

NOW = datetime(2026, 11, 21, 15, 45, tzinfo=UTC)
FIELD = re.compile(rb"[A-Za-z-]+: [^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n")
NAMES = [
    "Date",
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Language",
    "Content-Type",
]


def test_header(notice, facts, cause) -> None:
    read = notice(facts({"a@x.example": "held"}, cause()))
    message = read.message
    assert message.keys() == NAMES
    assert message["From"] == "Example University mail guidance <mail-guidance@campus.example>"
    assert message["To"] == "a.teacher@campus.example"
    assert message["Reply-To"] == "privacy@campus.example"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["Date"].datetime == NOW
    assert re.fullmatch(r"<h7k2-9qmd\.[0-9a-f]{24}@campus\.example>", message["Message-ID"])
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert not message.defects


def test_lines(notice, facts, cause) -> None:
    """CRLF only, within RFC 5322 2.1.1, ASCII."""
    raw = notice(facts({f"{'x' * 60}{n}@{'y' * 120}.example": "held" for n in range(9)}, cause())).raw
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert max(map(len, raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 78


def test_the_same_notice_has_the_same_message_id_and_another_one_another(notice, facts, cause) -> None:
    told = facts({"a@x.example": "held"}, cause())
    identity = notice(told).message["Message-ID"]
    assert notice(told, NOW.replace(minute=50)).message["Message-ID"] == identity
    more = replace(told, outcomes=(*told.outcomes, Outcome("b@x.example", "held")))
    assert notice(more).message["Message-ID"] != identity


@pytest.mark.parametrize("name", ["Université d'Exemple", "Пример", 'The "Best" \\ U', "A, B <c@d.example>"])
def test_any_name_of_the_site_is_a_proper_phrase(facts, cause, site, reader, name: str) -> None:
    read = reader(compose(facts({"a@x.example": "held"}, cause()), replace(site, name=name), NOW))
    (sender,) = read.message["From"].addresses
    assert sender.display_name == f"{name} mail guidance"
    assert sender.addr_spec == "mail-guidance@campus.example"


def test_an_internationalised_addressee_is_kept_as_utf8(facts, cause, site) -> None:
    """RFC 6532; whether it can travel is decided by the envelope."""
    told = facts({"a@x.example": "held"}, cause(), addressee="jörg@campus.example")
    assert "\r\nTo: <jörg@campus.example>\r\n".encode() in compose(told, site, NOW)


INJECTIONS = [
    "a@x.example\r\nBcc: b@y.example",
    "a@x.example\nBcc: b@y.example",
    "a@x.example\rBcc: b@y.example",
    "a@x.example\r\n\r\n<script>",
    "a@x.example>, <b@y.example",
    "a@x.example\x00\x0b\x0c\x1c\x85\u2028Bcc: b@y.example",
    "\u202eelpmaxe.y@b",
    "a" * 5000,
    "{reference} {0} {contact!r} %s",
    "=?utf-8?q?=0d=0aBcc:_b@y.example?=",
    "--=_boundary--",
]


@pytest.mark.parametrize("hostile", INJECTIONS)
def test_no_value_starts_a_header_field_or_a_part(facts, cause, site, reader, hostile: str) -> None:
    told = facts({hostile: "held"}, cause(), addressee=hostile, reference=hostile, changed=(hostile,))
    spoiled = replace(site, name=hostile, contact=hostile, sender=hostile, offices={"registrar": hostile})
    for raw in (compose(told, site, NOW), compose(replace(told, reference="H7K2-9QMD"), spoiled, NOW)):
        header, _, body = raw.partition(b"\r\n\r\n")
        assert re.fullmatch(rb"(?:%s)+" % FIELD.pattern, header + b"\r\n")
        assert re.findall(rb"(?m)^([A-Za-z-]+):", header) == [name.encode() for name in NAMES]
        assert body.count(b"\r\nContent-Type:") + body.startswith(b"Content-Type:") == 2
        read = reader(raw)
        assert "<script" not in read.html
        assert re.search(rb"\r\nTo: <[^<>\r\n]*>\r\n", raw)
        assert re.search(rb'\r\nTo: <(?:"(?:[^"\\]|\\.)*"|[^",;]*)@[^",;]*>\r\n', raw)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(max_size=300), address=st.text(max_size=80))
def test_any_text_gives_one_header_and_two_parts(text: str, address: str) -> None:
    site = NoticeSite(text, address, address, ZoneInfo("UTC"), {"registrar": text})
    cause = Cause(text, text, "hold", "officer", (text,), (text,), "registrar", neutral=False)
    told = NoticeFacts(text, NOW, address, (Outcome(address, "held"),), (cause,), (text,), test=False)
    raw = compose(told, site, NOW)
    header, _, body = raw.partition(b"\r\n\r\n")
    assert re.findall(rb"(?m)^([A-Za-z-]+):", header) == [name.encode() for name in NAMES]
    assert len(re.findall(rb"(?m)^Content-Type:", body)) == 2


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\r\nb", "a b"),
        ("  a \t b ", "a b"),
        ("a\u200bb\u202ec\u2066d", "abcd"),
        ("a\u00a0b\u2028c", "a b c"),
        ("\ud800x", "x"),
        ("é日", "é日"),
        ("x" * 300, "x" * 200),
    ],
)
def test_clean(value: str, shown: str) -> None:
    assert clean(value) == shown
