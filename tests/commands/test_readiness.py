"""`dlp doctor` and a filter that runs: ready, not ready, not there, or somebody else at its address."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from dlp import config
from dlp.commands.checkup import Check, State
from dlp.commands.readiness import _REMEDIES, metrics

READY = dict.fromkeys(_REMEDIES, "ok")


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A server on loopback that answers one request so and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                peer, _ = listening.accept()
                with peer:
                    peer.recv(1000)
                    peer.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.close()
            thread.join(10)


def asked(port: int) -> list[Check]:
    return list(metrics(config.load(None, [f"metrics.listen=127.0.0.1:{port}"])))


def http(status: str, body: object) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n\r\n{json.dumps(body)}\n".encode()


def test_a_filter_that_is_ready():
    with answering(http("200 OK", READY)) as port:
        (check,) = asked(port)
    assert (check.state, "ready" in check.what) == (State.OK, True)


@pytest.mark.parametrize("name", _REMEDIES)
def test_each_thing_that_is_not_ready_fails_with_a_remedy(name):
    with answering(http("503 Service Unavailable", READY | {name: "failed"})) as port:
        (check,) = asked(port)
    assert (check.state, name in check.what, bool(check.remedy)) == (State.FAIL, True, True)


@pytest.mark.parametrize(
    "answer",
    [b"", b"220 mail.campus.example ESMTP\r\n", http("200 OK", {}), http("200 OK", []), http("404 Not Found", {"a": "b"})],
)
def test_another_program_at_the_address_fails(answer):
    with answering(answer) as port:
        (check,) = asked(port)
    assert (check.state, "another program" in check.what) == (State.FAIL, True)


def test_a_free_address_is_well():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (check,) = asked(port)
    assert (check.state, "free" in check.what) == (State.OK, True)


def test_without_an_address_nothing_is_asked():
    assert list(metrics(config.load(None, ["metrics.listen="]))) == []
