"""The process tree, with jobs that do next to nothing: readiness, deaths, signals, the order of stopping."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dlp.supervisor import Job, Ready, Supervisor


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    path = tmp_path / "diary"
    path.touch()
    return path


def note(diary: Path, line: str) -> None:
    with diary.open("a") as file:
        file.write(line + "\n")


def lines(diary: Path) -> list[str]:
    return diary.read_text().splitlines()


def until(diary: Path, line: str, within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while line not in lines(diary):
        assert time.monotonic() < deadline, lines(diary)
        time.sleep(0.01)


def worker(diary: Path, name: str, *, stage: int = 0, grace: float = 5.0, stubborn: bool = False) -> Job:
    """A job that notes what happens to it; a stubborn one notes SIGTERM and goes on."""

    def run(ready: Ready) -> None:
        signal.signal(signal.SIGHUP, lambda *_: note(diary, f"{name} reloads"))
        told: list[int] = []
        signal.signal(signal.SIGTERM, lambda *_: told.append(1))
        note(diary, f"{name} starts {os.getpid()}")
        ready()
        note(diary, f"{name} is ready")
        while not told or stubborn:
            time.sleep(0.01)
        note(diary, f"{name} stops")

    return Job(name, run, grace, stage)


@pytest.fixture
def tree(diary: Path) -> Iterator[Callable[..., int]]:
    """`pid = tree(job, ...)`: a supervisor in a process of its own, ready."""
    started: list[int] = []

    def start(*jobs: Job, wait: bool = True) -> int:
        pid = os.fork()
        if pid == 0:
            status = 99
            try:
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, sys.stderr.fileno() if sys.stderr.isatty() else 2)
                status = Supervisor(jobs, lambda: note(diary, "all ready")).run()
            finally:
                os._exit(status)
        started.append(pid)
        if wait:
            until(diary, "all ready")
        return pid

    yield start
    for pid in started:
        try:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            continue


def status(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def pid_of(diary: Path, name: str, which: int = -1) -> int:
    return [int(line.split()[2]) for line in lines(diary) if line.startswith(f"{name} starts")][which]


def test_jobs_start_one_after_another_and_stop_stage_by_stage(tree, diary):
    pid = tree(worker(diary, "one", stage=1), worker(diary, "two", stage=2), worker(diary, "three", stage=3))
    assert [line.split()[0] for line in lines(diary) if "starts" in line] == ["one", "two", "three"]
    os.kill(pid, signal.SIGTERM)
    assert status(pid) == 0
    assert lines(diary)[-3:] == ["three stops", "two stops", "one stops"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_both_stop_signals_end_it_with_status_0(tree, diary, number):
    pid = tree(worker(diary, "one"))
    os.kill(pid, number)
    assert status(pid) == 0


def test_jobs_of_one_stage_use_their_grace_at_the_same_time(tree, diary):
    pid = tree(*(worker(diary, f"w{n}", grace=0.5, stubborn=True) for n in range(5)))
    began = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    assert status(pid) == 0
    assert 0.4 < time.monotonic() - began < 2.4  # one after the other would be 2.5


def test_a_job_that_is_killed_is_started_again_and_lives(tree, diary):
    """It is not waited for then, and must not die of telling nobody that it is ready."""
    tree(worker(diary, "one"), worker(diary, "two"))
    before = lines(diary).count("two is ready")
    os.kill(pid_of(diary, "two"), signal.SIGKILL)
    deadline = time.monotonic() + 10
    while lines(diary).count("two is ready") == before:
        assert time.monotonic() < deadline, lines(diary)
        time.sleep(0.01)
    again = pid_of(diary, "two")
    time.sleep(0.7)  # longer than the first pause: a second start would show
    assert pid_of(diary, "two") == again
    os.kill(again, 0)
    assert pid_of(diary, "one") == pid_of(diary, "one", 0)


def test_hangup_is_passed_on_to_every_job(tree, diary):
    pid = tree(worker(diary, "one"), worker(diary, "two"))
    os.kill(pid, signal.SIGHUP)
    until(diary, "one reloads")
    until(diary, "two reloads")


def failing(_ready: Ready) -> None:
    raise RuntimeError("a job that cannot start")


def test_a_job_that_cannot_start_ends_the_tree_with_status_1(tree, diary):
    pid = tree(worker(diary, "one"), Job("two", failing), wait=False)
    assert status(pid) == 1
    assert lines(diary)[-1] == "one stops"
    assert "all ready" not in lines(diary)


def test_a_job_that_is_never_ready_is_not_waited_for_for_ever(tree, diary, monkeypatch):
    monkeypatch.setattr("dlp.supervisor._START", 0.3)
    pid = tree(Job("mute", lambda _ready: time.sleep(60), grace=0.1), wait=False)
    assert status(pid) == 1


def test_jobs_stop_when_their_supervisor_is_killed(tree, diary):
    pid = tree(worker(diary, "one"), worker(diary, "two", stage=1))
    os.kill(pid, signal.SIGKILL)
    assert status(pid) == -signal.SIGKILL
    until(diary, "one stops")
    until(diary, "two stops")
