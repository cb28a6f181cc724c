"""Reading replies strictly and mirroring them without the peer's words."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.errors import ProtocolError
from dlp.forward import Interrupted, mirror
from dlp.forward.answers import REPLY_LIMIT, Answer, take_answer
from dlp.values import Reply

LIBERAL = settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])

COMPLETE = {
    "one-line": (b"250 2.1.0 ok\r\n", 250, ("2.1.0 ok",)),
    "many-lines": (b"250-first\r\n250-second\r\n250 third\r\n", 250, ("first", "second", "third")),
    "code-only": (b"250\r\n", 250, ("",)),
    "empty-text": (b"354 \r\n", 354, ("",)),
    "eight-bit-text": (b"550 caf\xe9\r\n", 550, ("caf\ufffd",)),
}


@pytest.mark.parametrize(("data", "code", "lines"), COMPLETE.values(), ids=COMPLETE)
def test_a_complete_reply_is_taken_and_what_follows_stays(data, code, lines):
    inbox = bytearray(data + b"250 next")
    assert take_answer(inbox) == Answer(code, lines)
    assert inbox == b"250 next"


@pytest.mark.parametrize("data", [b"", b"25", b"250 ok", b"250 ok\r", b"250-more\r\n", b"250-more\r\n250"])
def test_an_incomplete_reply_waits(data):
    inbox = bytearray(data)
    assert take_answer(inbox) is None
    assert inbox == data


GARBAGE = {
    "no-code": b"hello\r\n",
    "code-out-of-range": b"950 no\r\n",
    "one-hundred": b"150 no\r\n",
    "no-separator": b"250ok\r\n",
    "bare-newline": b"250 ok\n",
    "bare-return": b"250 o\rk\r\n",
    "nul": b"250 \0\r\n",
    "codes-differ": b"250-a\r\n550 b\r\n",
    "endless-line": b"250 " + b"a" * REPLY_LIMIT,
    "endless-lines": b"250-aaaa\r\n" * (REPLY_LIMIT // 10 + 1),
    "complete-but-too-long": b"250-aaaa\r\n" * (REPLY_LIMIT // 10 + 1) + b"250 end\r\n",
    "empty-line": b"\r\n",
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE)
def test_what_is_no_reply_is_garbage(data):
    with pytest.raises(ProtocolError):
        take_answer(bytearray(data))


@LIBERAL
@given(st.binary(max_size=200))
def test_any_bytes_are_a_reply_or_none_or_garbage(data):
    inbox = bytearray(data)
    try:
        answer = take_answer(inbox)
    except ProtocolError:
        return
    assert (answer is None) == (len(inbox) == len(data))


@LIBERAL
@given(
    st.integers(200, 599), st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126)), min_size=1), st.integers(1, 9)
)
def test_a_reply_reads_alike_however_it_is_cut(code, texts, step):
    signs = ["-"] * (len(texts) - 1) + [" "]
    data = "".join(f"{code}{sign}{text}\r\n" for sign, text in zip(signs, texts, strict=True)).encode()
    inbox = bytearray()
    answers = []
    for start in range(0, len(data), step):
        inbox += data[start : start + step]
        answers.append(take_answer(inbox))
    assert answers == [None] * (len(answers) - 1) + [Answer(code, tuple(texts))]


MIRRORED = {
    "accepted": ("250 2.1.5 <a@x.example> ok", 250, "2.1.5"),
    "forwarded": ("251 2.1.5 will go to <b@x.example>", 250, "2.1.5"),
    "deferred": ("452 4.3.1 full", 452, "4.3.1"),
    "refused": ("550 5.1.1 <a@x.example> unknown", 550, "5.1.1"),
    "no-enhanced-code": ("550 unknown", 550, "5.0.0"),
    "enhanced-code-of-another-class": ("450 5.1.1 unknown", 450, "4.0.0"),
    "enhanced-code-alone": ("250 2.0.0", 250, "2.0.0"),
}


@pytest.mark.parametrize(("line", "code", "enhanced"), MIRRORED.values(), ids=MIRRORED)
def test_class_and_codes_are_kept_and_the_text_is_ours(line, code, enhanced):
    reply = Answer(int(line[:3]), (line[4:],)).reply
    assert (reply.code, reply.enhanced) == (code, enhanced)
    assert "@" not in reply.text
    assert "next hop" in reply.text
    assert mirror(reply) == reply


@pytest.mark.parametrize("code", [421, 503, 354])
def test_codes_that_only_tell_of_the_conversation_are_no_answer(code):
    with pytest.raises(Interrupted):
        _ = Answer(code, ("",)).reply


def test_after_the_dot_closing_is_a_deferral():
    assert Answer(421, ("4.3.2 bye",)).final == mirror(Reply(451, "4.3.2", ""))
    with pytest.raises(Interrupted) as raised:
        _ = Answer(354, ("",)).final
    assert raised.value.after_dot


def test_the_peers_words_are_not_in_an_answers_repr():
    assert "x.example" not in repr(Answer(550, ("<a@x.example>",)))
