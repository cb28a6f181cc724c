"""The stage of `dlp demo`: a folder, a configuration, a campus, a sink as next hop, and `dlp serve` between sender and sink.

Takes nothing but free ports on loopback; imports the sample campus and gives a running filter to send mail to, its events,
what arrived at the sink and what is in the store. Everything ends with the context. A filter that does not start, or a
campus that is not taken, is Refused with its last words.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import smtplib
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from dlp import config, keys
from dlp.config import Settings
from dlp.demo.samples import Sample
from dlp.errors import Refused
from dlp.sink import Sink
from dlp.store import Store
from dlp.store.site import open_store
from dlp.store.states import NoticeState, State

PORT = 2525
_CAMPUS = Path(__file__).parent / "campus"
_DLP = (sys.executable, "-P", "-m", "dlp.cli")  # not what lies in the folder it is called from
_START = 30.0  # seconds the filter may take to be ready
_QUIET = 20.0  # seconds until notices and owed copies have been sent

_CONFIG = """\
[site]
domains = ["campus.example"]
user = ""
[receive]
lmtp = ""
smtp = "127.0.0.1:{port}"
hostname = "dlp.campus.example"
submission_clients = ["127.0.0.0/8"]
[forward]
next_hop = "{hop}"
[metrics]
listen = ""
"""


@dataclass(slots=True)
class Stage:
    """A running demo. `events` are the filter's log events, oldest first."""

    settings: Settings
    sink: Sink
    store: Store
    port: int
    events: list[dict[str, object]] = field(default_factory=list)
    on_event: Callable[[dict[str, object]], None] = lambda _event: None

    async def send(self, sample: Sample) -> str:
        """Send one message over SMTP; gives the reply after the dot."""
        return await asyncio.to_thread(send, self.port, sample)

    async def settle(self) -> None:
        """Wait until everything the filter still had to send has been sent."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_QUIET):
                while await asyncio.to_thread(self._busy):  # noqa: ASYNC110  another process changes what is asked
                    await asyncio.sleep(0.1)

    def _busy(self) -> bool:
        counts = self.store.counts()
        waiting = [counts.notices.get(state, 0) for state in (NoticeState.WAITING, NoticeState.SENDING)]
        return any(waiting) or any(counts.copies.get(state, 0) for state in (State.OWED, State.SENDING))


def send(port: int, sample: Sample) -> str:
    """Hand a message to the filter on loopback. Refused when nobody listens or it is not taken."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.ehlo("workstation.campus.example")
            client.mail(sample.sender)
            answers = [client.rcpt(recipient) for recipient in sample.recipients]
            if not any(code == 250 for code, _ in answers):
                raise Refused("none of the recipients was accepted")
            code, text = client.data(sample.raw)
    except UnicodeError:
        raise Refused("an address that is not plain ASCII is more than this command can send") from None
    except (OSError, smtplib.SMTPException):
        raise Refused(f"nothing takes mail on port {port}; start it with: dlp demo --serve") from None
    return f"{code} {text.decode('ascii', 'replace')}"


@contextlib.asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Set the stage, and clear it away."""
    folder = Path(tempfile.mkdtemp(prefix="dlp-demo-"))
    try:
        async with Sink() as sink:
            port = _free_port()
            path = folder / "config.toml"
            path.write_text(_CONFIG.format(port=port, hop=sink.hop), encoding="utf-8")
            settings = config.load(path)
            settings.data_dir.mkdir(mode=0o700)
            keys.create(settings.keys_dir)
            await _import_campus(path)
            async with _filter(path) as lines:
                site_keys = keys.load(settings.keys_dir)
                ready = Stage(settings, sink, open_store(settings, site_keys), port)
                listening = asyncio.create_task(_listen(lines, ready))
                try:
                    yield ready
                finally:
                    listening.cancel()
                    ready.store.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _import_campus(path: Path) -> None:
    """The files of the sample campus, by `dlp import` as an administrator would. Refused with its last words."""
    process = await asyncio.create_subprocess_exec(
        *_DLP, "import", str(_CAMPUS), "--config", str(path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    told, _ = await process.communicate()
    if process.returncode:
        raise Refused(f"the sample campus cannot be imported: {told.decode(errors='replace').strip()}")


@contextlib.asynccontextmanager
async def _filter(path: Path) -> AsyncIterator[asyncio.StreamReader]:
    """`dlp serve` as its own process, ready; gives its log."""
    process = await asyncio.create_subprocess_exec(
        *_DLP, "serve", "--config", str(path), stderr=asyncio.subprocess.PIPE, start_new_session=True
    )  # fmt: skip
    assert process.stderr is not None
    try:
        await _until_ready(process.stderr)
        yield process.stderr
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _until_ready(log: asyncio.StreamReader) -> None:
    last = b""
    try:
        async with asyncio.timeout(_START):
            while b'"serve.ready"' not in last:
                line = await log.readline()
                if not line:
                    raise Refused(f"the filter did not start: {last.decode(errors='replace').strip()}")
                last = line
    except TimeoutError:
        raise Refused(f"the filter is not ready after {_START:.0f} seconds: {last.decode(errors='replace').strip()}") from None


async def _listen(lines: asyncio.StreamReader, ready: Stage) -> None:
    while line := await lines.readline():
        with contextlib.suppress(ValueError):
            event = json.loads(line)
            ready.events.append(event)
            ready.on_event(event)


def _free_port() -> int:
    """The port the README names, or any other when somebody has it."""
    for port in (PORT, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise Refused("there is no free port on loopback")
