"""`dlp doctor` on TLS: our certificate's dates and readers, and each next hop's handshake as configured."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from dlp import config
from dlp.commands.checkup import Check, State
from dlp.commands.checkup_wire import certificate, next_hops
from dlp.sink import EXTENSIONS, Fault, Sink
from tests.certificates import Authority, server_context

NAME = "filter.campus.example"


def settings(folder: Path, text: str) -> config.Settings:
    (folder / "config.toml").write_text(text)
    return config.load(folder / "config.toml")


def served(folder: Path, user: str = "") -> config.Settings:
    return settings(folder, f'[site]\nuser = "{user}"\n[receive]\ntls_cert = "cert.pem"\ntls_key = "cert.pem"\n')


def only(checks) -> Check:
    (check,) = checks
    return check


DATES = {
    "good": ((-1, 60), State.OK, "valid until"),
    "soon-over": ((-1, 9), State.WARN, "valid until"),
    "expired": ((-9, -1), State.FAIL, "expired on"),
    "not-yet": ((2, 60), State.FAIL, "not valid before"),
}


@pytest.mark.parametrize(("days", "state", "what"), DATES.values(), ids=DATES)
def test_how_long_our_certificate_is_good(tmp_path, days, state, what):
    Authority(tmp_path).issue(NAME, file="cert.pem", days=days)
    check = only(certificate(served(tmp_path)))
    assert (check.state, check.what.startswith(what), bool(check.remedy)) == (state, True, state is not State.OK)


def test_a_pair_that_cannot_serve_fails(tmp_path):
    check = only(certificate(served(tmp_path)))
    assert (check.state, "no such file" in check.what) == (State.FAIL, True)


def test_no_row_without_tls(tmp_path):
    assert list(certificate(settings(tmp_path, ""))) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask for another user")
@pytest.mark.parametrize(("mode", "state"), [(0o600, State.FAIL), (0o644, State.OK)])
def test_the_serving_user_must_be_able_to_read_it(tmp_path, mode, state):
    for folder in (tmp_path, *tmp_path.parents):
        if folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o111)
    Authority(tmp_path).issue(NAME, file="cert.pem").chmod(mode)
    check = only(certificate(served(tmp_path, user="nobody")))
    assert check.state is state
    assert state is State.OK or "nobody" in check.what


HOPS = {
    "verified": ("verify", "localhost", {}, State.OK, "; encrypted"),
    "another-name": ("verify", "elsewhere.example", {}, State.FAIL, "hostname mismatch"),
    "any-certificate": ("may", "elsewhere.example", {}, State.OK, "; encrypted"),
    "handshake-fails": ("may", "localhost", {"STARTTLS": "454 4.7.0 no"}, State.WARN, "454), so mail goes there in clear"),
    "not-asked-for": ("none", "localhost", {"STARTTLS": Fault.DROP}, State.OK, "SMTPUTF8, DSN, XFORWARD"),
}  # fmt: skip


@pytest.mark.parametrize(("level", "name", "script", "state", "what"), HOPS.values(), ids=HOPS)
async def test_the_handshake_is_tried_as_configured(tmp_path, level, name, script, state, what):
    authority = Authority(tmp_path)
    context = server_context(authority.issue(name))
    async with Sink(script, extensions=(*EXTENSIONS, "STARTTLS"), tls=context) as sink:
        hop = sink.hop.replace("127.0.0.1", "localhost")
        ca = f'tls_ca = "{authority.file}"\n' if level == "verify" else ""
        site = settings(tmp_path, f'[forward]\nnext_hop = "{hop}"\ntls = "{level}"\n{ca}')
        check = only(await asyncio.to_thread(lambda: list(next_hops(site))))
    assert (check.state, what in check.what) == (state, True), check
    assert bool(check.remedy) is (state is not State.OK)


def test_authorities_that_cannot_be_read_are_a_mistake(tmp_path):
    check = only(next_hops(settings(tmp_path, '[forward]\ntls = "verify"\ntls_ca = "none.pem"\n')))
    assert (check.state, "forward.tls_ca: no such file" in check.what) == (State.FAIL, True)
