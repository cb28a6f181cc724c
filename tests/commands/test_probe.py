"""`dlp probe`: the strings, and the proof over a running relay."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess

import pytest
from click.testing import CliRunner

from dlp.cli import main
from dlp.commands.probe import PROBES, Seen, _told
from dlp.sink import Sink
from tests.e2e.loopback import free_ports, open_folder
from tests.e2e.relay import PROGRAM, Relay, RelayPorts


def test_it_prints_the_three_strings_and_needs_no_configuration():
    result = CliRunner().invoke(main, ["probe"])
    assert result.exit_code == 0
    assert [line.split(None, 1) for line in result.stdout.splitlines()] == [[word, text] for word, text in PROBES.items()]
    assert list(PROBES) == ["warn", "rewrite", "hold"]
    told = [json.loads(line) for line in CliRunner().invoke(main, ["probe", "--json"]).stdout.splitlines()]
    assert told == [{"action": word, "string": text} for word, text in PROBES.items()]


async def probed(
    *, observe: bool = False, believe: str = ""
) -> tuple[subprocess.CompletedProcess[str], list[dict[str, object]], int]:
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
                line += ["--set", f"policy.mode={believe}"] if believe else []
                done = await asyncio.to_thread(subprocess.run, line, capture_output=True, text=True, timeout=90, check=False)
                held = await asyncio.to_thread(relay.held)
            finally:
                await asyncio.to_thread(relay.stop)
            return done, held, sum(bool(message.sender) for message in sink.messages)


@pytest.mark.servers
async def test_three_ticks_over_a_running_relay_and_no_hold_left():
    done, held, arrived = await probed()
    assert done.returncode == 0, done.stderr
    assert [line.split(None, 2) for line in done.stdout.splitlines()] == [["[ok]", word, "came and did so"] for word in PROBES]
    assert held == []
    assert arrived == 2


@pytest.mark.servers
async def test_observe_mode_is_seen_too_and_holds_nothing():
    done, held, arrived = await probed(observe=True)
    assert done.returncode == 0, done.stderr
    told = [line.split(None, 2) for line in done.stdout.splitlines()]
    assert told == [["[ok]", word, f"came; observe mode: would {word}"] for word in PROBES]
    assert held == []
    assert arrived == 3


@pytest.mark.servers
async def test_a_filter_told_to_observe_by_an_option_is_found_out():
    """The configuration says enforce; that nothing is on hold tells."""
    done, held, _ = await probed(observe=True, believe="enforce")
    assert done.returncode == 1
    assert "is dlp serve running in observe mode" in done.stdout.splitlines()[2]
    assert held == []


SEEN = {
    "done": ("hold", Seen("hold", held=True), False, True),
    "not-come": ("hold", None, False, False),
    "not-come-observed": ("hold", None, True, False),
    "another-verdict": ("hold", Seen("warn", held=False), False, False),
    "held-on-paper-only": ("hold", Seen("hold", held=False), False, False),
    "passes-by-itself": ("warn", Seen("warn", held=False), False, True),
    "would": ("hold", Seen("hold", held=False), True, True),
    "would-something-else": ("rewrite", Seen("hold", held=False), True, False),
}


@pytest.mark.parametrize(("wanted", "seen", "observed", "good"), SEEN.values(), ids=SEEN)
def test_only_what_was_seen_to_happen_gets_a_tick(wanted, seen, observed, good):
    right, what = _told(wanted, seen, observed=observed)
    assert right is good
    assert ("did so" in what) is (good and not observed)
    assert ("observe mode: would" in what) is (observed and seen is not None)


@pytest.mark.parametrize("address", ["a\nb@campus.example", "j\u00fcrgen@campus.example", "nobody"])
@pytest.mark.parametrize("option", ["--to", "--from"])
def test_an_address_the_probe_cannot_use_is_refused(tmp_path, option, address):
    CliRunner().invoke(main, ["init", str(tmp_path)])
    result = CliRunner().invoke(main, ["probe", "--send", option, address, "--config", str(tmp_path / "config.toml")])
    assert result.exit_code == 2
    assert "plain address" in result.stderr


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
