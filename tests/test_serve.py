"""The real process tree: deaths, reloads, stopping, start failures, another user, and what its log never says."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import pwd
import secrets
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dlp.config import load
from dlp.errors import ConfigError
from dlp.serve import _Tree
from dlp.sink import Fault, Sink
from tests.e2e.client import Peer, connected, hand_over
from tests.e2e.loopback import free_ports, open_folder
from tests.e2e.relay import PROGRAM, Relay, RelayPorts, serving_user

pytestmark = pytest.mark.servers

SENDER, INSIDE, OUTSIDE = "ann@campus.example", "t.ames@campus.example", "p.lane@freemail.example"
PLAIN = b"Subject: lunch\r\n\r\nShall we?\r\n"
ONE_ID = b"Subject: question\r\n\r\nPlease look at student ID 912345678.\r\n"
PICTURE = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
ATTACHED = (  # a picture: it takes the slow lane, and passes with a notice
    b'Subject: file\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\ntext\r\n'
    b'--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="%s"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\n" + PICTURE + b"\r\n--b--\r\n"
)


@asynccontextmanager
async def running(*, receivers: int = 2) -> AsyncIterator[tuple[Relay, Sink, Path]]:
    """A started tree in front of a sink."""
    with open_folder("serve") as folder:
        async with Sink() as sink:
            relay = Relay(RelayPorts(*free_ports(2)), folder, next_hop=sink.hop, receivers=receivers)
            relay.initialise()
            await asyncio.to_thread(relay.start)
            try:
                yield relay, sink, folder
            finally:
                await asyncio.to_thread(relay.stop)


def processes(relay: Relay) -> list[int]:
    """The tree's children, in the order they were started: reader, clerk, receivers."""
    assert relay._process is not None
    pid = relay._process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def events(relay: Relay, name: str) -> list[dict[str, object]]:
    return [entry for line in relay.log().splitlines() if (entry := json.loads(line))["event"] == name]


async def until(true: Callable[[], object], within: float = 20.0) -> None:
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(true):  # noqa: ASYNC110  other processes change what is asked
            await asyncio.sleep(0.02)


async def passes(relay: Relay, raw: bytes = PLAIN, to: str = INSIDE) -> bool:
    try:
        replies = await hand_over(relay.ports.smtp, SENDER, [to], raw)
    except OSError:
        return False
    return replies[to].startswith("250")


@pytest.mark.parametrize("which", [0, 1, 2], ids=["reader", "clerk", "receiver"])
async def test_a_killed_process_is_replaced_and_mail_flows(which):
    """The receiver is the only one: until it is back nobody answers; attachments need the reader, notices the clerk."""
    async with running(receivers=1) as (relay, sink, _):
        before = processes(relay)
        os.kill(before[which], signal.SIGKILL)
        await until(lambda: len(processes(relay)) == 3 and before[which] not in processes(relay))
        async with asyncio.timeout(20):
            while not await passes(relay, ATTACHED % b"a.bin"):  # noqa: ASYNC110  another process changes what is asked
                await asyncio.sleep(0.05)
        await sink.wait(2)  # the message, and the notice about a part that was not read
        replaced = processes(relay)
        await asyncio.sleep(1.0)  # it stays
        assert processes(relay) == replaced
        assert len(events(relay, "process.died")) == 1


BADGE = """\
[[pattern]]
id = "badge"
title = "Badge"
kind = "id"
confidence = 0.9
regex = 'B[0-9]{8}'
match = ["B12345678"]
"""


async def test_hangup_swaps_the_rules_and_a_bad_file_keeps_them():
    with open_folder("serve") as folder:
        async with Sink() as sink:
            relay = Relay(RelayPorts(*free_ports(2)), folder, next_hop=sink.hop, receivers=1)
            relay.initialise()
            own = folder / "own"
            own.mkdir()
            own.chmod(0o755)
            text = relay._file.read_text() + '[policy]\npatterns = ["own"]\n'
            relay._file.write_text(text)
            await asyncio.to_thread(relay.start)
            try:
                badge = b"Subject: badge\r\n\r\nB12345678\r\n"
                assert (await hand_over(relay.ports.smtp, SENDER, [OUTSIDE], badge))[OUTSIDE].startswith("250")
                await sink.wait(1)
                (own / "own.toml").write_text(BADGE)
                hangup(relay)
                await until(lambda: len(events(relay, "ruleset.loaded")) == 4)  # at the start, and now
                await hand_over(relay.ports.smtp, SENDER, [OUTSIDE], badge)
                held = await asyncio.to_thread(relay.held)
                assert [copy["recipient"] for copy in held] == [OUTSIDE]
                (own / "own.toml").write_text("[[pattern]]\nid = 5\n")
                hangup(relay)
                await until(lambda: len({entry["pid"] for entry in events(relay, "ruleset.refused")}) == 2)
                refused = events(relay, "ruleset.refused")[0]
                assert str(refused["file"]).endswith("own.toml")
                assert refused["line"]
                await hand_over(relay.ports.smtp, SENDER, [OUTSIDE], badge)
                assert len(await asyncio.to_thread(relay.held)) == 2
            finally:
                await asyncio.to_thread(relay.stop)


async def test_processes_that_die_beside_a_bad_file_come_back_with_the_rules_of_the_start():
    """The receiver judges by a pattern of the site's own, which nobody can load any more; the clerk sends its notice."""
    badge = b"Subject: badge\r\n\r\nB12345678\r\n"
    with open_folder("serve") as folder:
        async with Sink() as sink:
            relay = Relay(RelayPorts(*free_ports(2)), folder, next_hop=sink.hop, receivers=1)
            relay.initialise()
            (folder / "own").mkdir(mode=0o755)
            (folder / "own" / "own.toml").write_text(BADGE)
            relay._file.write_text(relay._file.read_text() + '[policy]\npatterns = ["own"]\n')
            await asyncio.to_thread(relay.start)
            try:
                (folder / "own" / "own.toml").write_text("[[pattern]]\nid = 5\n")
                before = processes(relay)
                for pid in before[1:]:
                    os.kill(pid, signal.SIGKILL)
                await until(lambda: len(processes(relay)) == 3 and not set(before[1:]) & set(processes(relay)))
                async with asyncio.timeout(20):
                    while not await passes(relay, badge, OUTSIDE):  # noqa: ASYNC110  another process changes what is asked
                        await asyncio.sleep(0.05)
                assert [copy["recipient"] for copy in await asyncio.to_thread(relay.held)] == [OUTSIDE]
                await sink.wait(1)
                assert len({entry["pid"] for entry in events(relay, "ruleset.refused") if entry["line"] == 2}) == 2
                assert events(relay, "process.error") == []
            finally:
                await asyncio.to_thread(relay.stop)


def hangup(relay: Relay) -> None:
    assert relay._process is not None
    relay._process.send_signal(signal.SIGHUP)


async def test_sigterm_finishes_what_was_accepted():
    """The next hop takes its time over the dot; the client gets its 250 and the tree ends with status 0."""
    async with running() as (relay, sink, _):
        sink.play({"DOT": Fault.DRIP, "DATA": Fault.DRIP})
        with contextlib.suppress(ConnectionError):  # of the idle client's QUIT, which nobody is there to answer
            async with connected(relay.ports.smtp) as idle:
                await _stopped_in_the_middle(relay, sink, idle)
        assert relay._process is None


async def _stopped_in_the_middle(relay: Relay, sink: Sink, idle: Peer) -> None:
    sending = asyncio.create_task(hand_over(relay.ports.smtp, SENDER, [INSIDE], PLAIN * 20_000))
    await until(lambda: "DATA" in sink.commands)
    stopping = asyncio.create_task(asyncio.to_thread(relay.stop))
    assert (await sending)[INSIDE].startswith("250")
    assert (await idle.reply()).startswith("421")
    assert await stopping == 0
    assert len(sink.messages) == 1


def started(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """`dlp serve` with this configuration, which must not start."""
    file = folder / "config.toml"
    file.write_text(text)
    return subprocess.run([PROGRAM, "serve", "--config", str(file)], capture_output=True, text=True, timeout=30, check=False)


CONFIG = """\
[site]
user = "{user}"
[metrics]
listen = ""
[policy]
patterns = ["own"]
[receive]
lmtp = ""
smtp = "127.0.0.1:{port}"
"""


NO_SUCH_FILE = {
    "signing-key": '[dkim]\ndomain = "campus.example"\nselector = "s"\nkey_file = "none.pem"\n',
    "certificate": 'tls_cert = "none.pem"\ntls_key = "none.pem"\n',
    "authorities": '[forward]\ntls = "verify"\ntls_ca = "none.pem"\n',
}


@pytest.mark.parametrize(
    ("broken", "key"),
    [
        ("port", "receive.smtp"),
        ("certificate", "receive.tls_cert"),
        ("authorities", "forward.tls_ca"),
        ("key", "site.key"),
        ("pattern", "own.toml:2"),
        ("user", "site.user"),
        ("store", "store.sqlite"),
        ("signing-key", "dkim.key_file"),
    ],
)
async def test_a_start_that_cannot_be_says_why_and_what_to_do(broken, key):
    if broken == "user" and os.geteuid() != 0:
        pytest.skip("only root changes its user")
    with open_folder("start") as folder:
        await asyncio.to_thread(subprocess.run, [PROGRAM, "init", str(folder)], check=True, capture_output=True)
        (folder / "own").mkdir()
        user = "nobody-of-this-name" if broken == "user" else ""
        async with Sink() as other:
            port = other.hop.rpartition(":")[2] if broken == "port" else free_ports(1)[0]
            if broken == "key":
                (folder / "var" / "keys" / "site.key").unlink()
            if broken == "pattern":
                (folder / "own" / "own.toml").write_text("[[pattern]]\nid = 5\n")
            if broken == "store":
                (folder / "var" / "store.sqlite").write_bytes(b"this is no database" * 100)
            config = CONFIG.format(user=user, port=port) + NO_SUCH_FILE.get(broken, "")
            done = await asyncio.to_thread(started, folder, config)
    assert done.returncode == 2, done.stderr
    assert key in done.stderr
    assert "Traceback" not in done.stderr
    assert "(" in done.stderr, "a remedy stands in brackets"


async def test_a_user_who_may_not_write_the_data_folder_is_told_who_may(monkeypatch):
    with open_folder("start") as folder:
        settings = load(
            None, [f"site.data_dir={folder}/var", "site.user=mailfilter", "receive.lmtp=", "receive.smtp=127.0.0.1:1"]
        )
        monkeypatch.setattr("dlp.serve._bind", lambda *_: None)
        monkeypatch.setattr("dlp.privileges.own", forbidden)
        with pytest.raises(ConfigError) as refused:
            _Tree.prepare(settings)
    assert (refused.value.key, "mailfilter" in refused.value.remedy) == ("site.data_dir", True)


def forbidden(*_: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.skipif(serving_user() != "nobody", reason="needs root, and a program that nobody may read")
async def test_started_as_root_it_serves_as_its_user():
    """Both lanes, a hold and a notice work after the drop; every process belongs to the user, files too."""
    async with running(receivers=1) as (relay, sink, folder):
        assert await passes(relay, ONE_ID, OUTSIDE)
        assert await passes(relay, ATTACHED % b"list.bin")
        await sink.wait(3)
        uid = pwd.getpwnam("nobody").pw_uid
        files = await asyncio.to_thread(lambda: list((folder / "var").rglob("*")))
        belong = [path.stat().st_uid for path in (*files, *(Path(f"/proc/{pid}") for pid in processes(relay)))]
        assert set(belong) == {uid}


async def test_two_hundred_canaries_are_not_in_the_log():
    """Addresses, subjects, words and file names of mail that passes, warns, is changed, held, refused or not taken."""
    canaries = [f"canary{secrets.token_hex(6)}" for _ in range(200)]
    spare = iter(canaries)
    bodies = (PLAIN, ONE_ID, ATTACHED % b"x.bin", b"Subject: Financial hold and grades\r\n\r\nstudent ID 912345678\r\n")
    scripts = ({}, {"RCPT": "550 5.1.1 no"}, {"DOT": "451 4.3.0 no"}, {"DOT": Fault.DROP}, {"MAIL": Fault.DROP})
    async with running(receivers=1) as (relay, sink, _):
        for script in scripts:
            sink.play(script)
            for body in bodies:
                words = [next(spare) for _ in range(10)]
                sender, inside, outside = f"{words[0]}@campus.example", f"{words[1]}@campus.example", f"{words[2]}@out.example"
                head = f"From: {words[3]} <{sender}>\r\nMessage-ID: <{words[4]}@campus.example>\r\nX-Own: {words[5]}\r\n"
                raw = head.encode() + body.replace(b"Subject: ", f"Subject: {words[6]} ".encode())
                raw = raw.replace(b"x.bin", f"{words[7]}.bin".encode()).replace(b"student", f"{words[8]} student".encode())
                await hand_over(relay.ports.smtp, sender, [inside, outside], raw + words[9].encode() + b"\r\n")
                await hand_over(relay.ports.lmtp, sender, [inside, outside], raw, lmtp=True)
        sink.play({})
        await until(lambda: time.sleep(1.5) is None)  # two rounds of the clerk
        log = relay.log()
        assert next(spare, None) is None
        assert len(events(relay, "message.judged")) > 10
        assert not [canary for canary in canaries if canary in log]
        assert "912345678" not in log
        assert "Traceback" not in log
