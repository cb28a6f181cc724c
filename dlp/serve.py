"""Puts the process tree together: sockets, privileges, store, then reader server, clerk and receivers.

Takes frozen settings, gives an exit status. What is wrong is said before anything is served: rules that do not load,
an address that cannot be had, a store of another version are ConfigError. SIGHUP makes clerk and receivers load the
rules, and receivers the certificate, anew; SIGTERM and SIGINT let what was accepted be finished.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import time
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from dlp import keys, privileges, reader, recogniser, signing
from dlp.admission import Admission, Probe, Room
from dlp.breakers import Breaker
from dlp.caretaker import Caretaker
from dlp.certificates import CertificateInForce, Pair, read_pair
from dlp.clerk import Clerk, Sender
from dlp.clock import steady, utc_now
from dlp.config import Settings, value_of
from dlp.endpoints import Endpoint, parse_endpoint
from dlp.errors import ConfigError
from dlp.events import event
from dlp.forbidden import not_refused
from dlp.forward import Forwarder, parse_hop, tls_of
from dlp.fronts import FRONTS, hello_to, identity_rules, open_fronts, run_prober
from dlp.in_force import RulesInForce, rules_of
from dlp.lanes import Lanes
from dlp.metrics.directory import DirectoryFigures
from dlp.metrics.figures import StoreFigures
from dlp.metrics.recorder import Recorder
from dlp.metrics.splits import SplitFigures
from dlp.monitor import Monitor, Readiness
from dlp.notices.compose import NoticeSite
from dlp.ruleset import Rules
from dlp.snapshot import DirectoryInForce
from dlp.sockets import listen, must_be_alone
from dlp.stewards import Stewards
from dlp.store import Store
from dlp.store.site import open_store
from dlp.store.trial import try_store
from dlp.supervisor import Job, Ready, Supervisor, settle_memory
from dlp.transaction import Patience, Tools

_LOG = logging.getLogger("dlp.serve")
NEXT_HOP_CONNECTIONS = 100  # of all receivers together: as many clients as a Postfix serves (default_process_limit)
_THREADS = 32  # most of them wait for the store; judging must not wait behind them

Stopping = asyncio.Event


def serve(settings: Settings, on_ready: Ready) -> int:
    """Run until told to stop. Raises ConfigError before anything is served."""
    tree = _Tree.prepare(settings)
    receivers = settings.workers.receivers or os.cpu_count() or 1
    jobs = [
        Job("reader", tree.read, grace=1.0, stage=1),
        Job("clerk", lambda ready: _loop(tree.write_letters, ready), stage=2),
    ]
    if tree.metrics is not None:
        jobs.append(Job("monitor", lambda ready: _loop(tree.watch, ready), grace=5.0, stage=2))
    jobs += [Job("prober", lambda ready: _loop(tree.probe, ready), grace=5.0, stage=2)] if tree.returns is not None else []
    jobs += [Job(f"receiver-{n}", lambda ready: _loop(tree.receive, ready), stage=3) for n in range(1, receivers + 1)]
    if tree.metrics is not None:
        jobs = _counted(tree, jobs)
    settle_memory()
    return Supervisor(jobs, on_ready).run()


def notice_site(settings: Settings) -> NoticeSite:
    """The site as notices name it."""
    site = settings.site
    offices = site.offices.model_dump()
    return NoticeSite(site.name, site.policy_contact, settings.notices.sender, ZoneInfo(site.timezone), offices)


def release_sender(settings: Settings, connections: int = 5) -> Sender:
    """Sends held, owed and notice mail to the release hop. Use it within one event loop."""
    hop = settings.forward.release_hop or settings.forward.next_hop
    return Sender(_forwarder(settings, hop, connections), settings.hostname, utc_now)


def _forwarder(settings: Settings, hop: str, limit: int, breaker: Breaker | None = None) -> Forwarder:
    tls = tls_of(settings.forward.tls, settings.next_hop_ca)
    return Forwarder(parse_hop(hop), helo=settings.hostname, tls=tls, limit=limit, breaker=breaker)


@dataclass(frozen=True, slots=True)
class _Tree:
    """What the children inherit."""

    settings: Settings
    keys: keys.Keys
    rules: Rules
    certificate: Pair | None
    bound: Mapping[str, socket.socket]  # those of the front ends, by their keys
    metrics: socket.socket | None
    reading: socket.socket
    returns: socket.socket | None  # where the messages that probe the MTA come back

    @classmethod
    def prepare(cls, settings: Settings) -> _Tree:
        """Bind, drop privileges, check the rules, bring the store up to date."""
        # before its addresses, which a second one of the same configuration would find taken
        must_be_alone(Path(_reader_path(settings)), "site.data_dir", "dlp serve")
        bound = {key: made for key in FRONTS if (made := _bind(settings, key)) is not None}
        metrics = _bind(settings, "metrics.listen")
        returns = _bind(settings, "milter.probe_return") if settings.milter.split == "remove" else None
        run = settings.data_dir / "run"
        for folder in (settings.data_dir, run):
            _own(folder, settings.site.user)
        privileges.become(settings.site.user)
        site_keys = keys.load(settings.keys_dir)
        rules = rules_of(settings, site_keys.digest)
        if settings.dkim.domain:
            signing.load(settings.dkim.domain, signing.named(settings))  # to refuse; each process reads its own
        recogniser.check(settings.workers.ocr, Path(settings.workers.ocr_data))
        certificate = read_pair(settings)
        tls_of(settings.forward.tls, settings.next_hop_ca)  # to refuse
        _try_jail(reader.ChildLimits.of(settings))
        reading = listen(Endpoint(path=_reader_path(settings)), "site.data_dir", mode=0o600)
        try_store(settings, site_keys)
        return cls(settings, site_keys, rules, certificate, bound, metrics, reading, returns)

    def read(self, ready: Ready) -> None:
        """The reader server."""
        told: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda caught, _frame: told.append(caught))
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for listening in filter(None, (*self.bound.values(), self.metrics, self.returns)):
            listening.close()
        recognise = recogniser.ready(self.settings.workers.ocr, Path(self.settings.workers.ocr_data))
        ready()
        children = self.settings.workers.extractors or os.cpu_count() or 1
        bounds = reader.ChildLimits.of(self.settings, children)
        reader.serve(self.reading, self.settings.limits_value(), bounds, lambda: bool(told), recognise)

    async def receive(self, ready: Ready, stopping: Stopping) -> None:
        """A receiver: listeners on the inherited sockets until it is told to stop."""
        settings = self.settings
        rules = RulesInForce(settings, self.keys.digest, self.rules)
        signer = _signer(settings)
        certificate = CertificateInForce(settings, self.certificate) if self.certificate else None
        _reload_on_sighup(rules.reload, signer.reload if signer else None, certificate.reload if certificate else None)
        store = open_store(settings, self.keys)
        limit = max(10, NEXT_HOP_CONNECTIONS // (settings.workers.receivers or os.cpu_count() or 1))
        forwarder = _forwarder(settings, settings.forward.next_hop, limit, Breaker("next_hop", failures=5))
        lanes = Lanes(settings.limits_value(), _reader_path(settings))
        tools = Tools(
            rules=rules,
            identity=identity_rules(settings),
            lanes=lanes,
            forwarder=forwarder,
            store=store,
            keys=self.keys,
            clock=utc_now,
            hostname=settings.hostname,
            signer=signer,
            admission=Admission(_room(settings), ((_watched(store), _probed(store)), (lanes.breaker, lanes.probe))),
            directory=DirectoryInForce(settings.snapshots, self.keys.finding_people).to_judge,
            patience=Patience(settings.receive.lmtp_timeout, settings.receive.smtp_timeout, settings.milter.timeout),
            arc=settings.arc_authserv_id,
        )
        listeners = await open_fronts(self.bound, tools, settings, certificate)
        ready()
        await stopping.wait()
        await asyncio.gather(*(listener.stop() for listener in listeners))
        forwarder.close()
        store.close()

    async def write_letters(self, ready: Ready, stopping: Stopping) -> None:
        """The clerk."""
        settings = self.settings
        rules = RulesInForce(settings, self.keys.digest, self.rules)
        signer = _signer(settings)
        _reload_on_sighup(rules.reload, signer.reload if signer else None)
        store = open_store(settings, self.keys)
        digest_at = time.fromisoformat(settings.notices.digest_at)
        sender = release_sender(settings)
        ready()
        clerk = Clerk(store, sender, rules, notice_site(settings), digest_at, steady=steady())
        if signer is not None:
            clerk.sign = lambda message: signer().signed(message)
        directory = DirectoryInForce(settings.snapshots, self.keys.finding_people)
        clerk.stewards = Stewards(store, sender.deliver, rules, clerk.site, directory, clerk.sign)
        await asyncio.gather(Caretaker(store, _room(settings)).run(stopping), clerk.run(stopping))
        sender.forwarder.close()
        store.close()

    async def probe(self, ready: Ready, stopping: Stopping) -> None:
        """The prober of the MTA."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: None)
        await run_prober(self.returns, self.settings, self.keys, ready, stopping)

    async def watch(self, ready: Ready, stopping: Stopping) -> None:
        """The monitor."""
        settings = self.settings
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: None)
        store = open_store(settings, self.keys)
        hop = _forwarder(settings, settings.forward.next_hop, 1)
        readiness = Readiness(
            store=store,
            lanes=Lanes(settings.limits_value(), _reader_path(settings)),
            hop=hop,
            listening=tuple((bound, hello_to(key)) for key, bound in self.bound.items()),
            data_dir=settings.data_dir,
            reserve=settings.limits.reserve,
        )
        people = DirectoryFigures(DirectoryInForce(settings.snapshots, self.keys.finding_people), settings.max_snapshot_age)
        figures = StoreFigures(store, settings.data_dir, settings.policy.mode, settings.workers.jail)
        assert self.metrics is not None, "there is no monitor without an address"
        ready()
        await Monitor(readiness, figures, _counts_path(settings), (people, SplitFigures(settings.data_dir))).run(
            self.metrics, stopping
        )
        hop.close()
        store.close()


def _signer(settings: Settings) -> signing.SignerInForce | None:
    """Our signature, where the site wants one."""
    domain = settings.dkim.domain
    return signing.SignerInForce(domain, signing.named(settings)) if domain else None


def _reload_on_sighup(*reloads: Callable[[], None] | None) -> None:
    def reload() -> None:
        for each in filter(None, reloads):
            each()

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)


def _room(settings: Settings) -> Room:
    return Room(settings.data_dir, settings.limits.reserve)


def _watched(store: Store) -> Breaker:
    """A breaker that is told, in the event loop, how the store's writing goes in whatever thread."""
    loop, breaker = asyncio.get_running_loop(), Breaker("store")

    def noted(worked: bool) -> None:  # noqa: FBT001  a callback
        loop.call_soon_threadsafe(lambda: breaker.note(loop.time(), worked=worked))

    store.noted = noted
    return breaker


def _probed(store: Store) -> Probe:
    return lambda: asyncio.to_thread(store.check)


def _loop(job: Callable[[Ready, Stopping], Awaitable[None]], ready: Ready) -> None:
    """Run one asynchronous job until SIGTERM or SIGINT."""

    async def main() -> None:
        stopping = asyncio.Event()
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="work"))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        await job(ready, stopping)

    asyncio.run(main())


def _counted(tree: _Tree, jobs: list[Job]) -> list[Job]:
    """The same jobs, each counting under its own name."""
    folder = _counts_path(tree.settings)
    try:
        recorder = Recorder(folder, [job.name for job in jobs])
    except OSError as error:
        what = f"the counts cannot be laid out: {(error.strerror or '').lower()}"
        raise ConfigError(what, file=str(folder), key="metrics.listen", remedy="make room where data_dir lies") from None
    recorder.expect(tree.rules)
    recorder.attach()
    return [replace(job, run=partial(_counting, recorder, job)) for job in jobs]


def _counting(recorder: Recorder, job: Job, ready: Ready) -> None:
    recorder.run_as(job.name)
    job.run(ready)


def _try_jail(bounds: reader.ChildLimits) -> None:
    """Try the forbidden acts. Raises ConfigError when one can be done, unless the site has chosen that."""
    acts = not_refused(bounds.shut_in)
    if bounds.weak:
        remedy = 'set [workers] jail = "full"' if not acts else "dlp doctor tells what this machine lacks"
        event(_LOG, "jail.weak", level=logging.WARNING, count=len(acts), what=", ".join(acts), remedy=remedy)
    elif acts:
        what = f"a reading child could {', '.join(acts)}"
        remedy = 'ask dlp doctor; or, knowing that files are then read less safely, set jail = "weak"'
        raise ConfigError(what, key="workers.jail", remedy=remedy)


def _own(folder: Path, user: str) -> None:
    try:
        privileges.own(folder, user)
    except OSError as error:
        what, remedy = (error.strerror or "cannot be made").lower(), f"start it as root, or as {user or 'its owner'}"
        raise ConfigError(what, file=str(folder), key="site.data_dir", remedy=remedy) from None


def _bind(settings: Settings, key: str) -> socket.socket | None:
    text = str(value_of(settings, key))
    if not text:
        return None
    group, mode = settings.receive.socket_group, int(settings.receive.socket_mode, 8)
    return listen(parse_endpoint(text), key, group=group, mode=mode)


def _counts_path(settings: Settings) -> Path:
    return settings.data_dir / "run" / "metrics"


def _reader_path(settings: Settings) -> str:
    return str(settings.data_dir / "run" / "reader")
