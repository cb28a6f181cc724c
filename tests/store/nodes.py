"""What a process of its own does to a shared store in a test: `python -m tests.store.nodes JOB URL FOLDER NODE COUNT`.

It says "ready", waits for a line so that all begin together, does its job COUNT times and prints what came of it as JSON.
An Unavailable is counted, not hidden. `Nodes` starts several and gives what each printed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dlp.clock import utc_now
from dlp.errors import Unavailable
from dlp.store import Store
from dlp.store.records import Claim
from dlp.store.states import DisclosureState, Purpose, State
from dlp.values import Allowed, Recipient
from tests.store.samples import KEYS, OFFICER, held, mail, notice, owed

ROOT = Path(__file__).parents[2]
BOB, EVE, KIM = "bob@outside.example", "eve@outside.example", "kim@outside.example"
THREADS = 8

Told = Counter[str]


def same(store: Store, node: str, count: int, folder: Path) -> Told:
    """Hold, or forward and hold, messages that every other process is holding at the same moment; tell of them as well."""
    told = Told()

    def one(number: int) -> None:
        message, bundle = mail(f"same{number}"), held(BOB, EVE)
        try:
            if number % 2:
                # two chunks: of the second the message's row is there already
                kept = store.hold(message, [held(BOB)], notice([node, number]))
                told["new"] += len(kept.new)
                kept = store.hold(message, [held(EVE)], notice([node, number]))
            else:
                prepared = store.prepare(message, [bundle])
                store.commit(prepared, [Recipient(KIM)], notice([node, number]))
                kept = prepared.kept
            store.queue_notice(mail(f"told{number}"), notice([node, number]))
            told["new"] += len(kept.new)
            told["done"] += 1
        except Unavailable:
            told["refused" if number % 2 else "unavailable"] += 1  # a hold has nothing to wait for

    for number in range(count):
        one(number)
    return told


def mixed(store: Store, node: str, count: int, folder: Path) -> Told:
    """What receivers and a clerk do, turn about; nothing of it collides with the others but the store itself."""
    told = Told()
    for number in range(count):
        # more than ten an hour to one sender would have to wait
        word = notice([node, number], f"ann{number}@campus.example")
        store.hold(mail("shared"), [held(f"{node}{number}@outside.example")], word)
        store.hold(mail(f"{node}h{number}"), [held(BOB)])
        prepared = store.prepare(mail(f"{node}c{number}"), [held(BOB), owed(KIM)])
        store.commit(prepared, [Recipient(EVE)], word)
        store.abort(store.prepare(mail(f"{node}a{number}"), [held(BOB)]))
        (mine,) = store.by_reference(mail(f"{node}h{number}").envelope.reference)
        claim = store.claim_release(mine.id, OFFICER)
        assert claim is not None
        told["released"] += store.settle(claim, State.RELEASED, why="250")
        for owing in store.claim_due(Purpose.OWED, 1):
            told["sent"] += store.settle(owing, State.SENT, why="250")
        for due in store.claim_notices(1):
            told["noticed"] += store.notice_sent(due)
            told["facts"] += len(due.facts)
    return told


def hold(store: Store, node: str, count: int, folder: Path) -> Told:
    """Hold one message after the other and say so, each on a line."""
    for number in range(count):
        store.hold(mail(f"{node}{number}"), [held(BOB, EVE)], notice([node, number]))
        print(number, flush=True)
    return Told(held=count)


def release(store: Store, node: str, count: int, folder: Path) -> Told:
    """Ask for releases of the same copies again and again; of an attempt under way a file tells, made by one only."""
    told: list[str] = []  # of many threads: a list loses nothing
    copies = [copy.id for copy in store.held()]

    def send(claim: Claim) -> None:
        active = folder / f"{claim.copy.id}.active"
        try:
            os.close(os.open(active, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            told.append("doubled")
            return
        time.sleep(0.002)
        active.unlink()
        # every fifth copy meets "try again later" once: then the clerks of both nodes go after it
        later = int(claim.copy.id, 16) % 5 == 0 and claim.attempts == 1
        state = State.HELD_RETRY if later else State.RELEASED
        if store.settle(claim, state, not_before=utc_now(), why="451" if later else "250"):
            told.append(state)

    def click(number: int) -> None:
        claim = store.claim_release(copies[number % len(copies)], OFFICER)
        told.append("clicks")
        if claim is not None:
            send(claim)
        if number % 10 == 0:
            for due in store.claim_due(Purpose.HELD, 1):
                send(due)

    with ThreadPoolExecutor(THREADS) as clicking:
        list(clicking.map(click, range(count)))
    while copy := next((each for each in store.held() if each.state is State.HELD_RETRY), None):
        assert copy.attempts
        for due in store.claim_due(Purpose.HELD, 1):
            send(due)
    return Told(told)


def last_use(store: Store, node: str, count: int, folder: Path) -> Told:
    """Want the only use of each consent there is, as all others do."""
    told = Told()
    known = sorted(store.consents().consents, key=lambda each: each.consent.consent_id)
    for number, each in enumerate(known[:count]):
        try:
            wanted = Allowed(BOB, each.consent.person, frozenset({"grades"}), "consent", "FAQ:outside-consent", each.permit)
            intent = store.intend(mail(f"{node}{number}"), [wanted])
        except Unavailable:
            told["too late"] += 1
            continue
        told["got"] += 1
        store.conclude(intent, {BOB: DisclosureState.SENT})
    return told


JOBS: Mapping[str, Callable[[Store, str, int, Path], Told]] = {
    "same": same,
    "mixed": mixed,
    "hold": hold,
    "release": release,
    "last-use": last_use,
}


class Nodes:
    """Processes that do one job side by side."""

    def __init__(self, job: str, url: str, folder: Path, names: Sequence[str], count: int) -> None:
        line = [sys.executable, "-m", "tests.store.nodes", job, url, str(folder)]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
        self.processes = [subprocess.Popen([*line, name, str(count)], **pipes) for name in names]
        for process in self.processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"

    def begin(self) -> None:
        for process in self.processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()

    def end(self, within: float = 100.0) -> list[Told]:
        """What each told; an assertion fails when one ended badly."""
        results = []
        try:
            for process in self.processes:
                told, _ = process.communicate(timeout=within)
                assert process.returncode == 0
                results.append(Told(json.loads(told.splitlines()[-1])))
        finally:
            for process in self.processes:
                process.kill()
                process.communicate()
        return results


def main(job: str, url: str, folder: str, node: str, count: str) -> None:
    named = {} if url == "sqlite" else {"node": node}
    store = Store.open(url, Path(folder), KEYS, **named)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(JOBS[job](store, node, int(count), Path(folder))), flush=True)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
