"""Several processes on one store: nothing lost, nothing half done, one unbroken chain."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from dlp.store import Store
from tests.store.samples import mail

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from pathlib import Path
from dlp.store import Store
from tests.store.samples import KEYS, URL, held, mail, notice
name, count = sys.argv[2], int(sys.argv[3])
store = Store.open(URL, Path(sys.argv[1]), KEYS)
for n in range(count):
    store.hold(mail("shared"), [held(f"{name}{n}@outside.example")], notice([name, n]))
    store.hold(mail(f"{name}{n}"), [held("bob@outside.example")])
    print(n, flush=True)
"""


def _writer(data_dir: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(data_dir), name, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_three_processes_writing_at_once_lose_nothing(store: Store, data_dir: Path) -> None:
    writers = [_writer(data_dir, name, 25) for name in ("a", "b", "c")]
    assert [[*writer.communicate()[0].split()[-1:], writer.returncode] for writer in writers] == [["24", 0]] * 3
    assert len(store.held()) == 150
    assert len(store.by_reference(mail("shared").envelope.reference)) == 75
    (due,) = store.claim_notices()
    assert len(due.facts) == 75
    assert store.verify_audit() is None


def test_what_a_killed_process_was_told_is_kept_is_kept(store: Store, data_dir: Path) -> None:
    writer = _writer(data_dir, "a", 10_000)
    assert writer.stdout
    told = [writer.stdout.readline() for _ in range(20)]
    writer.kill()
    told += writer.stdout.readlines()
    writer.wait()
    writer.stdout.close()
    copies = store.held()
    assert len(copies) in (2 * len(told), 2 * len(told) + 1, 2 * len(told) + 2)
    assert all(store.content(copy) for copy in copies)
    assert store.verify_audit() is None
