"""Listening sockets: what they are, and what is said when an address cannot be had."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from dlp.endpoints import Endpoint
from dlp.errors import ConfigError
from dlp.sockets import listen, must_be_alone


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s"


def test_a_tcp_socket_names_its_protocol_and_does_not_block():
    """Without the protocol asyncio would leave Nagle's algorithm on."""
    with listen(Endpoint(host="127.0.0.1", port=0), "receive.lmtp") as bound:
        assert (bound.proto, bound.getblocking()) == (socket.IPPROTO_TCP, False)


def test_a_unix_socket_has_the_mode_asked_for(path):
    with listen(Endpoint(path=str(path)), "receive.lmtp", mode=0o640):
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_stale_socket_file_is_replaced(path):
    listen(Endpoint(path=str(path)), "receive.lmtp").close()
    assert path.is_socket()
    with listen(Endpoint(path=str(path)), "receive.lmtp"), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_a_socket_file_somebody_listens_on_is_left_alone(path):
    with listen(Endpoint(path=str(path)), "receive.lmtp"):
        with pytest.raises(ConfigError, match="in use"):
            listen(Endpoint(path=str(path)), "receive.lmtp")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))


def test_whose_it_is_that_somebody_listens_on_is_said(path):
    with listen(Endpoint(path=str(path)), "receive.lmtp"):
        with pytest.raises(ConfigError, match=f"in use by process {os.getpid()}"):
            listen(Endpoint(path=str(path)), "receive.lmtp")
        with pytest.raises(ConfigError, match=rf"another dlp serve \(pid {os.getpid()}\) uses it"):
            must_be_alone(path, "site.data_dir", "dlp serve")


def test_a_socket_file_of_a_process_we_cannot_see_is_left_alone(path, monkeypatch):
    """In another namespace of processes its number is 0."""
    with listen(Endpoint(path=str(path)), "receive.lmtp"):
        monkeypatch.setattr("dlp.sockets.struct.unpack", lambda *_: (0, 0, 0))
        for try_it in (
            lambda: listen(Endpoint(path=str(path)), "receive.lmtp"),
            lambda: must_be_alone(path, "site.data_dir", "dlp serve"),
        ):
            with pytest.raises(ConfigError):
                try_it()
        assert path.is_socket()


def test_alone_is_who_finds_no_socket_file_or_a_stale_one(path):
    must_be_alone(path, "site.data_dir", "dlp serve")
    listen(Endpoint(path=str(path)), "receive.lmtp").close()
    must_be_alone(path, "site.data_dir", "dlp serve")


def test_a_port_that_is_taken_names_the_key_and_a_remedy():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ConfigError, match="in use") as caught:
            listen(Endpoint(host="127.0.0.1", port=other.getsockname()[1]), "receive.smtp")
    assert caught.value.key == "receive.smtp"
    assert "ss -ltnp" in caught.value.remedy


@pytest.mark.parametrize(
    ("place", "why"),
    [("missing/s", "No such file"), ("x" * 200, "too long"), ("file", "in use")],
    ids=["no-folder", "long-path", "plain-file"],
)
def test_a_unix_path_that_cannot_be_had(tmp_path, place, why):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=why):
        listen(Endpoint(path=str(tmp_path / place)), "receive.lmtp")
    assert (tmp_path / "file").is_file()


def test_a_name_that_does_not_resolve():
    with pytest.raises(ConfigError, match=r"cannot listen on nobody\.invalid") as caught:
        listen(Endpoint(host="nobody.invalid", port=0), "receive.smtp")
    assert "Unknown error" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a socket to a group")
def test_a_group_that_does_not_exist(path):
    with pytest.raises(ConfigError, match="no such group"):
        listen(Endpoint(path=str(path)), "receive.lmtp", group="nobody-has-this-group")
