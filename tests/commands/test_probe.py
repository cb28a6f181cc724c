"""`dlp probe`: the strings, and the proof over a running relay."""

from __future__ import annotations

import asyncio
import socket
import subprocess

import pytest
from click.testing import CliRunner

from dlp.cli import main
from dlp.commands.probe import PROBES
from dlp.sink import Sink
from tests.e2e.loopback import free_ports, open_folder
from tests.e2e.relay import PROGRAM, Relay, RelayPorts


def test_it_prints_the_three_strings_and_needs_no_configuration():
    result = CliRunner().invoke(main, ["probe"])
    assert result.exit_code == 0
    assert [line.split(None, 1) for line in result.stdout.splitlines()] == [[word, text] for word, text in PROBES.items()]
    assert list(PROBES) == ["warn", "rewrite", "hold"]


async def probed(*, observe: bool = False) -> tuple[subprocess.CompletedProcess[str], list[dict[str, object]], int]:
    """`dlp probe --send` over a running relay: how it ended, what is on hold then, and how many messages arrived."""
    with open_folder("probe") as folder:
        async with Sink() as sink:
            relay = Relay(RelayPorts(*free_ports(2)), folder, next_hop=sink.hop, receivers=1)
            relay.initialise()
            if observe:
                relay._file.write_text(relay._file.read_text() + '[policy]\nmode = "observe"\n')
            await asyncio.to_thread(relay.start)
            try:
                line = [PROGRAM, "probe", "--send", "--via", f"127.0.0.1:{relay.ports.smtp}", "--config", str(relay._file)]
                done = await asyncio.to_thread(subprocess.run, line, capture_output=True, text=True, timeout=90, check=False)
                held = await asyncio.to_thread(relay.held)
            finally:
                await asyncio.to_thread(relay.stop)
            return done, held, sum(bool(message.sender) for message in sink.messages)


@pytest.mark.servers
async def test_three_ticks_over_a_running_relay_and_no_hold_left():
    done, held, arrived = await probed()
    assert done.returncode == 0, done.stderr
    assert [line[:4] for line in done.stdout.splitlines()] == ["[ok]"] * 3
    assert held == []
    assert arrived == 2


@pytest.mark.servers
async def test_observe_mode_is_seen_too_and_holds_nothing():
    done, held, arrived = await probed(observe=True)
    assert done.returncode == 0, done.stderr
    assert held == []
    assert arrived == 3


@pytest.mark.parametrize("via", ["127.0.0.1:{port}", "nowhere", "127.0.0.1:x", "127.0.0.1:99999"])
def test_an_mta_that_cannot_be_asked(tmp_path, via):
    CliRunner().invoke(main, ["init", str(tmp_path)])
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        place = via.format(port=closed.getsockname()[1])
        words = ["probe", "--send", "--via", place, "--config", str(tmp_path / "config.toml"), "--set", "site.user="]
        result = CliRunner().invoke(main, words)
    assert result.exit_code == 2, result.output
    assert "--via HOST:PORT" in result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)
