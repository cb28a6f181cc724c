"""Sendmail asks the relay as a milter, set up with the very lines of docs/install.md.

Debian's sendmail conflicts with Postfix, so it is unpacked, not installed: DLP_SENDMAIL names the folder (CONTRIBUTING.md).
It runs as root, in a host name of its own: with one that is not full it sleeps a minute, which no setting can forbid.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from dlp.sink import Sink
from tests.e2e.bench import Bench, body, eventually
from tests.e2e.client import hand_over
from tests.e2e.loopback import HOST, answers, free_ports, open_folder
from tests.e2e.relay import Relay, RelayPorts
from tests.e2e.tap import Tap
from tests.generate.messages import disclosing

ROOT = Path(os.environ.get("DLP_SENDMAIL", "/nowhere"))
pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not (ROOT / "usr/libexec/sendmail/sendmail").exists(), reason="DLP_SENDMAIL names no unpacked Sendmail"),
    pytest.mark.skipif(os.geteuid() != 0, reason="Sendmail runs as root only"),
]

PAGE = (Path(__file__).parents[2] / "docs/install.md").read_text(encoding="utf-8")
SENDER, INSIDE, OUTSIDE = "a.mori@campus.example", "b.okafor@campus.example", "c.lindt@elsewhere.example"
# What a Sendmail has anyway, in a folder of its own; the lines of the page come after it.
BASE = """\
divert(0)dnl
OSTYPE(`linux')dnl
undefine(`ALIAS_FILE')dnl
define(`QUEUE_DIR', `{folder}/queue')dnl
define(`confPID_FILE', `{folder}/pid')dnl
define(`STATUS_FILE', `{folder}/statistics')dnl
define(`confHOST_STATUS_DIRECTORY', `')dnl
define(`confCONTROL_SOCKET_NAME', `')dnl
define(`confDOMAIN_NAME', `mx.campus.example')dnl
define(`confTO_IDENT', `0')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confREFUSE_LA', `100000')dnl
define(`confQUEUE_LA', `100000')dnl
define(`SMART_HOST', `relay:[{host}]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {last}')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`no_default_msa')dnl
DAEMON_OPTIONS(`Name=MTA, Addr={host}, Port={front}')dnl
"""


def lines_of_the_page() -> str:
    (section,) = re.findall(r"(?ms)^### Sendmail\n(.*?)^##", PAGE)
    return "".join(f"{line}\n" for line in re.findall(r"(?m)^ {4}((?:INPUT_MAIL_FILTER|define|DAEMON_OPTIONS)\(.*)$", section))


@contextmanager
def sendmail(folder: Path, front: int, back: int, last: int) -> Iterator[None]:
    """A daemon, until the end."""
    (folder / "queue").mkdir(mode=0o700)
    ours = lines_of_the_page().replace("/run/dlp/milter", f"{folder}/milter").replace("Port=10026", f"Port={back}")
    mc = folder / "sendmail.mc"
    mc.write_text(BASE.format(folder=folder, host=HOST, last=last, front=front) + ours + "MAILER(`smtp')dnl\n")
    macros = f"{ROOT}/usr/share/sendmail/cf/"
    m4 = shutil.which("m4", path=f"{ROOT}/usr/bin:{os.environ['PATH']}")
    command = [str(m4), f"-D_CF_DIR_={macros}", f"{macros}m4/cf.m4", str(mc)]
    made = subprocess.run(command, cwd=f"{macros}cf", capture_output=True, check=True, timeout=30)
    (folder / "sendmail.cf").write_bytes(made.stdout)
    libraries = {**os.environ, "LD_LIBRARY_PATH": f"{ROOT}/usr/lib/x86_64-linux-gnu"}
    line = f"hostname mx.campus.example && exec {ROOT}/usr/libexec/sendmail/sendmail -C {folder}/sendmail.cf -bD -q1s"
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(["unshare", "--uts", "sh", "-c", line], env=libraries, stdout=log, stderr=log)
    try:
        answers(front)
        answers(back)
        yield
    finally:
        running.terminate()
        running.wait(30)


@contextmanager
def spool_folder() -> Iterator[Path]:
    """Below /run: no folder above a socket may be open to all."""
    folder = Path(tempfile.mkdtemp(prefix="dlp-sendmail-", dir="/run"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def documented() -> AsyncIterator[tuple[Bench, int, int]]:
    """The bench, and the ports of the listener in front and of the one that asks nobody."""
    lmtp, smtp, front, back, last = free_ports(5)
    async with Sink(where=f"{HOST}:{last}") as sink:
        with spool_folder() as spool, open_folder("relay") as folder:
            more = f'[milter]\nlisten = "unix:{spool}/milter"\n'
            relay = Relay(RelayPorts(lmtp, smtp), folder, next_hop=f"{HOST}:{back}", more=more)
            with relay, sendmail(spool, front, back, last):
                yield Bench(sink, relay, Tap(last, last), None), front, back


CASES = [(0, [INSIDE, OUTSIDE], [INSIDE, OUTSIDE]), (1, [OUTSIDE], []), (1, [INSIDE, OUTSIDE], [INSIDE])]


async def test_what_passes_is_delivered_and_what_is_held_is_not():
    async with documented() as (servers, front, _):
        expected: list[str] = []
        for serial, (ids, recipients, delivered) in enumerate(CASES):
            raw = disclosing(serial, ids)
            assert {reply[:3] for reply in (await hand_over(front, SENDER, recipients, raw)).values()} == {"250"}
            expected = sorted([*expected, *delivered])
            assert await eventually(lambda expected=expected: servers.reached() == expected)
        sent = {body(disclosing(serial, ids)) for serial, (ids, _, delivered) in enumerate(CASES) if delivered}
        assert {body(each.raw) for each in servers.delivered()} == sent
        assert await servers.held_for() == [OUTSIDE, OUTSIDE]


async def test_a_filter_that_is_down_means_try_again():
    async with documented() as (servers, front, back):
        await asyncio.to_thread(servers.relay.stop)
        replies = await hand_over(front, SENDER, [INSIDE], disclosing(9, 0))
        assert replies[INSIDE].startswith("451")
        assert servers.delivered() == []
        assert (await hand_over(back, SENDER, [INSIDE], disclosing(9, 0)))[INSIDE].startswith("250")  # asks nobody


async def test_a_released_copy_goes_out_and_an_edited_subject_is_all_that_changes():
    telling = disclosing(10, 1, subject="Financial hold and grades")
    async with documented() as (servers, front, _):
        assert (await hand_over(front, SENDER, [OUTSIDE], disclosing(11, 1)))[OUTSIDE].startswith("250")
        (copy,) = await servers.held()
        await asyncio.to_thread(servers.relay.command, "held", "release", str(copy["reference"]), "--reason", "a test")
        assert await eventually(lambda: servers.reached() == [OUTSIDE])
        assert (await hand_over(front, SENDER, [INSIDE], telling))[INSIDE].startswith("250")
        assert await eventually(lambda: servers.reached() == [INSIDE, OUTSIDE])
        edited = servers.delivered()[-1].raw
        assert b"Financial hold" not in edited
        assert body(edited) == body(telling)
