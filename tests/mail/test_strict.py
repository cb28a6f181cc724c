"""The strict reading: a text that only the standard library's parser finds is read, and told as ambiguous."""

from __future__ import annotations

import pytest

from dlp.limits import Limits
from dlp.mail import strict
from dlp.mail.entity import Description
from dlp.mail.opened import Opened
from dlp.mail.reading import read
from dlp.values import PartStatus

MAIL = b"Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b--\r\n"
FOUND = (b"the number is 912345678\r\n", Description("text/plain"))


def test_what_only_the_other_parser_finds_is_read_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict, "_leaves_of", lambda *_: (FOUND,))
    texts = read(MAIL, Limits())
    assert ("another reading of the message", "the number is 912345678") in [(view.label, view.text) for view in texts.views]
    assert texts.ambiguities == ("readings-differ",)
    assert [(part.section, part.status) for part in texts.unread] == [("0", PartStatus.AMBIGUOUS)]


@pytest.mark.parametrize("body", [b"first", b"second\n", b"\r\nfirst\r\n\r\n"])
def test_what_both_find_is_told_once(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict, "_leaves_of", lambda *_: ((body, Description("text/plain")),))
    assert read(MAIL, Limits()).ambiguities == ()


ENCODED = b"QUJDREVG\r\nR0hJSktM\r\nTQ=="
FILE = b"Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\n" + ENCODED


@pytest.mark.parametrize("ends", [b"\r\n", b"\n"])
def test_a_file_in_base64_is_undone_and_opened_once(ends: bytes) -> None:
    opened: list[bytes] = []

    def open_file(data: bytes, _declared: Description) -> Opened:
        opened.append(data)
        return Opened(PartStatus.READ)

    read(MAIL.replace(b"\r\nsecond", FILE).replace(b"\r\n", ends), Limits(), open_file=open_file)
    assert opened == [b"ABCDEFGHIJKLM"]


def test_the_two_parsers_agree_on_plain_mail() -> None:
    assert read(MAIL, Limits()).ambiguities == ()


@pytest.mark.parametrize("raw", [MAIL * 50_000, b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 20_000])
def test_what_is_too_much_for_it_is_left_to_our_own(raw: bytes) -> None:
    assert isinstance(strict._leaves_of(raw), tuple)
