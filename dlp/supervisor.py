"""The process tree: forks the jobs, restarts one that dies, stops all of them in order.

Takes jobs (a name and a function to run in a child), gives an exit status. It has no event loop, no database and no
thread, so it can fork at any time. Each child says once that it is ready; one that dies is started again after a
pause that grows. SIGHUP is passed on, SIGTERM and SIGINT stop the jobs stage by stage, the last stage first.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from dlp.events import event, failure

_LOG = logging.getLogger("dlp.supervisor")
_WATCHED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_LONGEST_PAUSE = 5.0
_PR_SET_PDEATHSIG = 1
_M_ARENA_MAX, _ARENAS = -8, 2  # mallopt(3): an arena for each thread costs more memory than it saves waiting
_COLLECTED_AFTER = (20_000, 50, 100)  # new objects, and collections of these; some megabytes
_START = 60.0  # seconds a job may take until it is ready; signals wait meanwhile

Ready = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One process of the tree. `run` is called in the child; returning ends it with status 0."""

    name: str
    run: Callable[[Ready], None]
    grace: float = 40.0  # seconds it may take to finish what it accepted
    stage: int = 0  # those of one stage are stopped together


@dataclass(slots=True)
class _Running:
    job: Job
    pid: int
    started: float
    deaths: int = 0


@dataclass(slots=True)
class Supervisor:
    """Runs jobs until told to stop."""

    jobs: Sequence[Job]
    on_ready: Ready
    running: dict[str, _Running] = field(default_factory=dict)
    due: dict[str, tuple[float, int]] = field(default_factory=dict)  # name -> (when to start again, deaths so far)

    def run(self) -> int:
        """Start every job, in order, each when the one before is ready. 0 = stopped as asked, 1 = a job could not start."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        try:
            for job in self.jobs:
                if not self._start(job, deaths=0, wait=True):
                    event(_LOG, "process.failed", level=logging.ERROR, process=job.name)
                    return 1
            self.on_ready()
            self._watch()
        finally:
            self._stop_all()
        return 0

    def _watch(self) -> None:
        while True:
            caught = signal.sigtimedwait(_WATCHED, 0.5)
            number = caught.si_signo if caught else 0
            if number in (signal.SIGTERM, signal.SIGINT):
                event(_LOG, "serve.stopping", signal=number)
                return
            if number == signal.SIGHUP:
                for entry in self.running.values():
                    os.kill(entry.pid, signal.SIGHUP)
            self._reap()
            self._restart_due()

    def _start(self, job: Job, *, deaths: int, wait: bool) -> bool:
        reading, writing = os.pipe()
        supervisor = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _child(job, writing, supervisor)
        os.close(writing)
        self.running[job.name] = _Running(job, pid, time.monotonic(), deaths)
        try:
            return not wait or (bool(select.select([reading], [], [], _START)[0]) and os.read(reading, 1) == b"+")
        finally:
            os.close(reading)

    def _reap(self) -> None:
        for entry in list(self.running.values()):
            if _ended(entry.pid):
                del self.running[entry.job.name]
                lived = time.monotonic() - entry.started
                deaths = 1 if lived > 2 * _LONGEST_PAUSE else entry.deaths + 1
                self.due[entry.job.name] = (time.monotonic() + min(0.1 * 2**deaths, _LONGEST_PAUSE), deaths)
                event(_LOG, "process.died", level=logging.ERROR, process=entry.job.name, count=deaths)

    def _restart_due(self) -> None:
        for job in self.jobs:
            when, deaths = self.due.get(job.name, (None, 0))
            if when is not None and time.monotonic() >= when:
                del self.due[job.name]
                self._start(job, deaths=deaths, wait=False)

    def _stop_all(self) -> None:
        for _, stage in groupby(reversed(self.jobs), key=lambda job: job.stage):
            waiting = [self.running.pop(job.name) for job in stage if job.name in self.running]
            waiting = [entry for entry in waiting if not _ended(entry.pid)]
            for entry in waiting:
                os.kill(entry.pid, signal.SIGTERM)
            told = time.monotonic()
            while waiting := [entry for entry in waiting if not _ended(entry.pid)]:
                for entry in waiting:
                    if time.monotonic() > told + entry.job.grace:
                        os.kill(entry.pid, signal.SIGKILL)
                signal.sigtimedwait({signal.SIGCHLD}, 0.1)


def settle_memory() -> None:
    """What loading has used and freed goes back to the system; what is loaded stays shared with children made now.

    They look for cycles less often than Python would: few are made, and of a long list all objects were looked at many times.
    """
    gc.collect()
    with contextlib.suppress(AttributeError):  # these are glibc's own
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_ARENA_MAX, _ARENAS)
        libc.malloc_trim(0)
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)


def _child(job: Job, writing: int, supervisor: int) -> None:
    """Run one job and leave the process; never returns."""
    status = 1
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
        _end_with_the_supervisor(supervisor)
        job.run(lambda: _say_ready(writing))
        status = 0
    except BaseException as error:  # noqa: BLE001  the child's last word; its supervisor starts it again
        failure(_LOG, "process.error", error, process=job.name)
    finally:
        os._exit(status)


def _end_with_the_supervisor(supervisor: int) -> None:
    """A supervisor that is killed cannot stop its jobs: the kernel sends them SIGTERM (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor:
        raise SystemExit("the supervisor is gone")


def _say_ready(writing: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # nobody waits for a job that is started again
        os.write(writing, b"+")
    os.close(writing)


def _ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True
