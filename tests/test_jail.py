"""The jail: each of the fourteen acts is tried in a child, is prevented, and would be possible without."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from dlp import forbidden, jail
from dlp.errors import ConfigError
from dlp.reader import ChildLimits
from dlp.serve import _try_jail
from tests.extractors.read import opened

ANY_ROOT = os.geteuid() == 0
NOT_ALWAYS_POSSIBLE = {"mount", "make a keyring"}  # root's, or not in every kernel
# what seccomp must prevent where Landlock is old or missing
BY_CALLS_ALONE = set(forbidden.ACTS) - {"take a gigabyte"}
FILES = {"read a secret file", "write a file", "open the store", "run a program"}

confine = partial(jail.confine, memory=512 << 20, cpu=9)


def as_nobody(then: Callable[[], object]) -> Callable[[], object]:
    """Drop root first, so that nothing but what is tried can be in the way."""

    def shut_in() -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(*[jail.NOBODY] * 3)
            os.setresuid(*[jail.NOBODY] * 3)
        jail._prctl(jail._PR_SET_NO_NEW_PRIVS, 1)
        then()

    return shut_in


@pytest.fixture(scope="module", params=["started by root", "started by another"])
def left(request: pytest.FixtureRequest) -> tuple[str, ...]:
    if request.param == "started by root" and not ANY_ROOT:
        pytest.skip("this is not root")
    return forbidden.not_refused(confine if request.param == "started by root" else as_nobody(confine))


@pytest.mark.parametrize("act", forbidden.ACTS)
def test_a_jailed_child_cannot(left, act):
    assert act not in left


@pytest.fixture(scope="module")
def possible() -> tuple[str, ...]:
    return forbidden.not_refused(lambda: None)


@pytest.mark.parametrize("act", sorted(set(forbidden.ACTS) - NOT_ALWAYS_POSSIBLE))
def test_outside_the_jail_the_same_act_is_possible(possible, act):
    assert act in possible


def test_seccomp_alone_prevents_all_but_taking_memory():
    assert set(forbidden.not_refused(as_nobody(jail.refuse_calls))) == set(forbidden.ACTS) - BY_CALLS_ALONE


def test_landlock_alone_prevents_what_is_done_to_files():
    assert not FILES & set(forbidden.not_refused(as_nobody(jail.shut_files)))


def test_a_jail_that_cannot_be_made_counts_as_none():
    def fails() -> None:
        raise OSError

    assert forbidden.not_refused(fails) == tuple(forbidden.ACTS)


def test_serving_without_a_jail_is_refused_unless_chosen(monkeypatch, caplog):
    monkeypatch.setattr(jail, "refuse_calls", lambda: None)
    with pytest.raises(ConfigError, match="connect by TCP") as refused:
        _try_jail(ChildLimits())
    assert refused.value.key == "workers.jail"
    monkeypatch.undo()
    _try_jail(ChildLimits())
    assert not caplog.records
    _try_jail(ChildLimits(weak=True))
    assert [record.message for record in caplog.records] == ["jail.weak"]


@pytest.mark.parametrize("machine", ["sparc64", "x86_64"])
def test_the_weak_jail_is_as_strong_as_the_machine_allows(monkeypatch, machine):
    """On a machine we have no table for, files stay shut all the same."""
    real = os.uname().machine
    monkeypatch.setattr(jail.platform, "machine", lambda: machine if machine == "sparc64" else real)
    weak = set(forbidden.not_refused(partial(confine, weak=True)))
    assert not FILES & weak
    assert bool(weak) == (machine == "sparc64")


def test_both_tables_name_calls_once_and_no_call_twice():
    for calls in jail.CALLS.values():
        numbers = [*calls.allowed.values(), *calls.deadly.values(), *calls.mapping.values(), calls.clone3]
        assert len(numbers) == len(set(numbers))
        assert not {"socket", "connect", "kill", "tgkill", "clone", "fork", "openat", "prlimit64"} & set(calls.allowed)
    assert set(jail.CALLS["aarch64"].deadly) == set(jail.CALLS["x86_64"].deadly)
    assert len(jail.CALLS["x86_64"].allowed) + 10 < 64


FIXTURES = sorted(path for path in (Path(__file__).parent / "extractors" / "files").rglob("*") if path.is_file())


def test_every_decoder_reads_in_the_jail_as_outside():
    """One child reads all fixture files; whatever a library would load, open or start at its first use is missed there."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            files = [(path, path.read_bytes()) for path in FIXTURES]
            opened(b"x")  # libmagic's data
            confine(memory=512 << 20, cpu=60, keep=(writing,))
            os.write(writing, bytes(_read(path, data) for path, data in files))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as answers:
        told = answers.read()
    assert os.waitpid(pid, 0)[1] == 0
    assert len(told) == len(FIXTURES)
    different = [path.name for path, jailed in zip(FIXTURES, told, strict=True) if jailed != _read(path, path.read_bytes())]
    assert different == []


def _read(path: Path, data: bytes) -> int:
    """A byte of what was read, to compare."""
    return sum(repr(opened(data, path.name)).encode()) % 256
