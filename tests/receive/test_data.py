"""The reader of message data, fed with bytes."""

import itertools
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.receive import replies
from dlp.receive.data import Budget, DataRules, MessageData, has_bare_newline

END = b"\r\n.\r\n"


def rules(*, size=1 << 30, limit=1 << 30, normalise=False, nul=False):
    return DataRules(size, Budget(limit), normalise=normalise, nul=nul)


def read(blocks, given_rules=None):
    data = MessageData(given_rules or rules())
    for index, block in enumerate(blocks):
        rest = data.feed(block)
        if rest is not None:
            return data, rest + b"".join(blocks[index + 1 :])
    raise AssertionError("no end of data")


def split(data, cuts):
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in itertools.pairwise(places)]


def stuffed(message):
    return b"".join((b"." + line if line.startswith(b".") else line) for line in message.splitlines(keepends=True))


lines = st.lists(st.sampled_from([b"", b".", b"..", b".x", b"x.", b"text", b"\xe9\xff", b"x" * 70]), max_size=12)


@given(lines, st.lists(st.integers(0, 500), max_size=8), st.sampled_from([b"", b"QUIT\r\n", END]))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_message_split_anywhere_arrives_exact(given_lines, cuts, after):
    message = b"".join(line + b"\r\n" for line in given_lines)
    data, rest = read(split(stuffed(message) + b".\r\n" + after, cuts))
    assert (data.message(), rest, data.fault) == (message, after, None)


VARIANTS = {
    "lf-dot-lf": b"\n.\n",
    "lf-dot-crlf": b"\n.\r\n",
    "cr-dot-cr": b"\r.\r",
    "cr-dot-crlf": b"\r.\r\n",
    "crlf-dot-lf": b"\r\n.\n",
    "crlf-dot-cr": b"\r\n.\r",
    "lf-dot-cr": b"\n.\r",
    "nul-before-dot": b"\r\n\0.\r\n",
    "nul-after-dot": b"\r\n.\0\r\n",
}


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS.keys())
@pytest.mark.parametrize("step", [1, 2, 3, 1000])
def test_only_crlf_dot_crlf_ends_the_data(variant, step):
    body = b"one" + variant + b"MAIL FROM:<evil@x.example>" + END + b"NOOP\r\n"
    data, rest = read([body[place : place + step] for place in range(0, len(body), step)])
    assert rest == b"NOOP\r\n"
    assert data.fault in {replies.BARE_NEWLINE, replies.NUL}


NORMALISED = {
    "lf": (b"a\nb\r\n", b"a\r\nb\r\n"),
    "cr": (b"a\rb\r\n", b"a\r\nb\r\n"),
    "crcrlf": (b"a\r\r\nb\r\n", b"a\r\n\r\nb\r\n"),
    "a dot after a bare newline stays in the text": (b"a\n.\nb\r\n", b"a\r\n.\r\nb\r\n"),
    "nothing to do": (b"a\r\nb\r\n", b"a\r\nb\r\n"),
}


@pytest.mark.parametrize(("sent", "kept"), NORMALISED.values(), ids=NORMALISED.keys())
@pytest.mark.parametrize("step", [1, 2, 1000])
def test_bare_newlines_become_crlf_by_setting(sent, kept, step):
    body = sent + b".\r\n"
    data, _ = read([body[place : place + step] for place in range(0, len(body), step)], rules(normalise=True))
    assert (data.fault, data.message()) == (None, kept)


@given(st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"a", b"\xe9", b"\0", b"\x85", b"\x0b"]), max_size=9).map(b"".join))
def test_every_cr_and_lf_without_the_other_is_seen(data):
    assert has_bare_newline(data) == bool({b"\r", b"\n"} & {bytes([each]) for each in data.replace(b"\r\n", b"")})


FAULTS = {
    "bare lf": (b"a\nb\r\n", {}, replies.BARE_NEWLINE),
    "bare cr": (b"a\rb\r\n", {}, replies.BARE_NEWLINE),
    "as many bare as paired": (b"a\rb\nc\r\n", {}, replies.BARE_NEWLINE),
    "nul": (b"a\0b\r\n", {}, replies.NUL),
    "nul may pass": (b"a\0b\r\n", {"nul": True}, None),
    "at the limit": (b"abcdefgh\r\n", {"size": 10}, None),
    "over the limit": (b"abcdefghi\r\n", {"size": 10}, replies.TOO_BIG),
    "normalising counts": (b"\n\n\n\n\r\n", {"size": 9, "normalise": True}, replies.TOO_BIG),
    "at the budget": (b"abcdefgh\r\n", {"limit": 10}, None),
    "over the budget": (b"abcdefghi\r\n", {"limit": 10}, replies.IN_FLIGHT),
}


@pytest.mark.parametrize(("body", "what", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_faults(body, what, fault):
    used = rules(**what)
    data, _ = read([body + b".\r\n"], used)
    assert data.fault == fault
    assert used.budget.used == (0 if fault else len(body))
    data.release()
    data.release()
    assert used.budget.used == 0


@pytest.mark.parametrize("bad", [b"\0", b"\n", b"x" * 100], ids=["nul", "bare lf", "too big"])
def test_a_fault_gives_back_what_was_kept_before(bad):
    used = rules(size=50)
    data = MessageData(used)
    data.feed(b"good\r\nx")
    assert used.budget.used == 7
    data.feed(bad + b"y")
    assert (data.fault is None, used.budget.used, data.message()) == (False, 0, b"")


def test_gives_up_on_a_faulty_message_without_end():
    data = MessageData(rules(size=10))
    data.feed(b"x" * 15)
    assert (data.fault, data.hopeless) == (replies.TOO_BIG, False)
    data.feed(b"x" * 10)
    assert data.hopeless


def test_memory_stays_below_twice_the_message():
    """20 MB of empty lines: 67 bytes for each in the stock reader."""
    block = b"\r\n" * 32768
    tracemalloc.start()
    try:
        data = MessageData(rules())
        for _ in range(320):
            assert data.feed(block) is None
        assert data.feed(b".\r\n") == b""
        message = data.message()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(message) == 320 * len(block)
    assert peak < 1.5 * len(message)
