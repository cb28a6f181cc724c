"""Which snapshot answers: swapped whole and noticed at once, the last good one staying; old ones are removed safely."""

from __future__ import annotations

import logging
import multiprocessing
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

import pytest

from dlp.campus.records import Record, Student
from dlp.errors import Refused, Unavailable
from dlp.snapshot import DirectoryInForce, build, in_force, name_in_force, put_in_force
from tests.campus.people import TODAY
from tests.rigs import tree

KEY = b"k" * 32
AMES = Student("900000001", "Tess", "Ames")


def imported(snapshots: Path, name: str, *rows: Record, key: bytes = KEY) -> Path:
    folder = build(snapshots, rows, replace(TODAY, name=name), key)
    put_in_force(snapshots, name)
    return folder


def now_in_force(directory: DirectoryInForce) -> str | None:
    directory._looked_at = float("-inf")  # a second has passed
    snapshot = directory()
    return snapshot.stamp.name if snapshot else None


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[list[tuple[str, dict[str, object]]]]:
    """Events as they come."""
    lines: list[tuple[str, dict[str, object]]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append((record.msg, record.__dict__["values"]))

    logger, handler = logging.getLogger("dlp.snapshot"), Kept()
    before = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(before)


def test_nothing_is_in_force_before_the_first_import(tmp_path, told):
    directory = DirectoryInForce(tmp_path / "snapshots", KEY)
    assert now_in_force(directory) is None
    build(tmp_path / "snapshots", [AMES], TODAY, KEY)
    assert now_in_force(directory) is None  # built, not put in force
    assert name_in_force(tmp_path / "snapshots") == ""
    assert not told


def test_a_swap_is_noticed_and_told_with_counts_and_age(tmp_path, told):
    directory = DirectoryInForce(tmp_path, KEY, clock=lambda: TODAY.as_of + timedelta(hours=2))
    imported(tmp_path, "one", AMES)
    assert now_in_force(directory) == "one"
    assert now_in_force(directory) == "one"
    imported(tmp_path, "two")
    assert now_in_force(directory) == name_in_force(tmp_path) == "two"
    assert told == [
        ("campus.swapped", {"snapshot": "one", "age": 7200, "counts": {"students": 1}}),
        ("campus.swapped", {"snapshot": "two", "age": 7200, "counts": {}}),
    ]


def test_within_a_second_the_disk_is_not_asked(tmp_path):
    imported(tmp_path, "one", AMES)
    directory = DirectoryInForce(tmp_path, KEY)
    first = directory()
    shutil.rmtree(tmp_path)
    assert directory() is first


HARMS = {
    "manifest gone": lambda folder: (folder / "manifest").unlink(),
    "index cut short": lambda folder: (folder / "index").write_bytes(b""),
    "attributes gone": lambda folder: (folder / "attributes").unlink(),
    "all gone": shutil.rmtree,
}


@pytest.mark.parametrize("harm", HARMS)
def test_the_last_good_one_stays_where_the_new_one_is_damaged(tmp_path, told, harm):
    directory = DirectoryInForce(tmp_path, KEY)
    imported(tmp_path, "one", AMES)
    assert now_in_force(directory) == "one"
    HARMS[harm](imported(tmp_path, "two", AMES))
    assert now_in_force(directory) == now_in_force(directory) == "one"
    assert now_in_force(DirectoryInForce(tmp_path, KEY)) == "one"  # a process that begins now
    assert [name for name, _ in told] == ["campus.swapped", "campus.refused", "campus.refused", "campus.swapped"]
    assert "dlp import" in str(told[1][1]["remedy"])
    imported(tmp_path, "three", AMES)
    assert now_in_force(directory) == "three"


def test_nothing_is_judged_while_the_one_in_force_cannot_be_read(tmp_path):
    """After an upgrade, say, that reads another form: to know nobody would be to let everything pass."""
    directory = DirectoryInForce(tmp_path, KEY)
    assert directory.to_judge() is None
    index = imported(tmp_path, "one", AMES) / "index"
    index.rename(tmp_path / "elsewhere")
    directory = DirectoryInForce(tmp_path, KEY)
    with pytest.raises(Unavailable):
        directory.to_judge()
    (tmp_path / "elsewhere").rename(index)
    now_in_force(directory)
    assert directory.to_judge() is not None


def test_one_that_becomes_readable_is_taken_without_a_swap(tmp_path):
    directory = DirectoryInForce(tmp_path, KEY)
    index = imported(tmp_path, "one", AMES) / "index"
    index.rename(tmp_path / "elsewhere")
    assert now_in_force(directory) is None
    (tmp_path / "elsewhere").rename(index)
    assert now_in_force(directory) == "one"


def test_one_of_another_key_is_refused_and_never_read(tmp_path, told):
    imported(tmp_path, "one", AMES, key=b"another")
    assert now_in_force(DirectoryInForce(tmp_path, KEY)) is None
    assert "another site key" in str(told[0][1]["what"])


@pytest.mark.parametrize("noise", [b"", b"..\n", b"../one\n", b"none\n", b"\xff\x00" * 99, b"one\x00"])
def test_a_current_file_of_nonsense_leaves_what_is_there(tmp_path, noise):
    directory = DirectoryInForce(tmp_path, KEY)
    imported(tmp_path, "one", AMES)
    assert now_in_force(directory) == "one"
    (tmp_path / "CURRENT").unlink()
    assert now_in_force(directory) == "one"
    (tmp_path / "CURRENT").write_bytes(noise)
    assert now_in_force(directory) == "one"


def test_only_what_is_there_can_be_put_in_force(tmp_path):
    imported(tmp_path, "one", AMES)
    with pytest.raises(Refused, match="no snapshot of that name"):
        put_in_force(tmp_path, "two")
    assert name_in_force(tmp_path) == "one"


def test_the_last_three_are_kept_and_one_put_in_force_again_among_them(tmp_path):
    for name in ("one", "two", "three", "four"):
        imported(tmp_path, name, AMES)
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"two", "three", "four"}
    put_in_force(tmp_path, "two")
    imported(tmp_path, "five", AMES)
    put_in_force(tmp_path, "four")
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"three", "four", "five"}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_is_killed_leaves_no_process_and_is_swept_by_the_next(tmp_path, how):
    imported(tmp_path, "one", AMES)
    command = [sys.executable, "-m", "tests.snapshot.endless", str(tmp_path)]
    # a shell in the background lets its children ignore SIGINT
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=_interruptible) as dying:  # noqa: PLW1509  no thread of ours holds a lock
        try:
            wait_for(lambda: len(tree.descendants(dying.pid)) > 1)
            below = tree.descendants(dying.pid)
            dying.send_signal(how)
            dying.wait(60)
        finally:
            dying.kill()
    wait_for(lambda: not any(map(tree.size, below)))
    assert now_in_force(DirectoryInForce(tmp_path, KEY)) == "one"
    imported(tmp_path, "two", AMES)
    assert {path.name for path in tmp_path.iterdir()} == {".lock", "CURRENT", "one", "two"}


def _interruptible() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(true: Callable[[], bool], within: float = 60.0) -> None:
    until = time.monotonic() + within
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_swaps_while_others_look_up_are_never_seen_half(tmp_path, monkeypatch):
    monkeypatch.setattr(in_force, "_EVERY", 0.0)
    imported(tmp_path, "0", replace(AMES, year="0"))
    directory = DirectoryInForce(tmp_path, KEY)
    wrong: list[object] = []
    over = False

    def ask() -> None:
        while not over:
            snapshot = directory()
            assert snapshot is not None
            student = snapshot.student("900000001")
            if student is None or student.year != snapshot.stamp.name:
                wrong.append(student)

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 12):
        imported(tmp_path, str(number), replace(AMES, year=str(number)))
    over = True
    for thread in threads:
        thread.join(20)
    assert not wrong
    assert now_in_force(directory) == "11"


def elsewhere(pipe: Connection, snapshots: Path) -> None:
    """Another process: says which year Tess is in, whenever it is asked."""
    directory = DirectoryInForce(snapshots, KEY)
    held = directory()
    while pipe.recv():
        now_in_force(directory)
        snapshot = directory()
        students = [each.student("900000001") if each else None for each in (held, snapshot)]
        pipe.send([student.year if student else "" for student in students])


def test_another_process_sees_the_swap_and_goes_on_with_what_it_holds(tmp_path):
    imported(tmp_path, "one", replace(AMES, year="1"))
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=elsewhere, args=(theirs, tmp_path))
    process.start()
    try:
        answers = []
        for year in ("1", "2", "3", "4", "5"):
            if year != "1":
                imported(tmp_path, year, replace(AMES, year=year))  # from the third on "one" is gone
            ours.send(True)
            assert ours.poll(30)
            answers.append(ours.recv())
        ours.send(False)
    finally:
        process.join(30)
        process.kill()
    assert answers == [["1", year] for year in ("1", "2", "3", "4", "5")]
    assert not (tmp_path / "one").exists()
