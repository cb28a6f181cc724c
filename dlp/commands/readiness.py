"""What `dlp doctor` asks the running filter itself: whether it is ready, at the address of its metrics.

Takes settings; gives Checks: the address is free, answered by us (and then what is not ready), or somebody else's.
Changes nothing; a filter that does not run is no failure.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping

from dlp.commands.checkup import Check, State
from dlp.config import Settings
from dlp.endpoints import Endpoint, parse_endpoint

_PATIENCE = 15.0  # seconds: the filter itself waits five for each thing it asks
_LARGEST = 1 << 20  # the page of metrics has some tens of thousands
_REMEDIES = {
    "store": "see the check of the store, and store.trouble in the log",
    "reader": "see child.died in the log; more children: [workers] extractors",
    "next_hop": "see the check of the next hop",
    "disk": "make room where data_dir lies",
    "receivers": "see process.died in the log",
}


def metrics(settings: Settings) -> Iterator[Check]:
    """Whether the metrics address is free or answered by us, and whether the filter is ready."""
    text = settings.metrics.listen
    if not text:
        return
    answer = asked(parse_endpoint(text), "/ready")
    if answer is None:
        yield Check(State.OK, "metrics", f"{text} is free")
        return
    told = _readiness(answer)
    if told is None:
        remedy = "stop it (ss -ltnp names it), or choose another port"
        yield Check(State.FAIL, "metrics", f"{text} is answered by another program", remedy)
        return
    failed = [name for name, word in told.items() if word != "ok"]
    if not failed:
        yield Check(State.OK, "metrics", f"{text} is answered by dlp serve, which is ready")
    for name in failed:
        yield Check(State.FAIL, "ready", f"the running filter is not ready: {name}", _REMEDIES[name])


def asked(endpoint: Endpoint, page: str) -> bytes | None:
    """What is answered to GET of this page; None when nobody listens."""
    family = socket.AF_UNIX if endpoint.path else socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    answer = b""
    with socket.socket(family, socket.SOCK_STREAM) as asking:
        asking.settimeout(_PATIENCE)
        try:
            asking.connect(endpoint.path or (endpoint.host, endpoint.port))
        except (ConnectionRefusedError, FileNotFoundError):
            return None
        try:
            asking.sendall(f"GET {page} HTTP/1.1\r\nHost: doctor\r\n\r\n".encode())
            while (block := asking.recv(_LARGEST)) and len(answer) < _LARGEST:
                answer += block
        except OSError:
            pass
    return answer


def _readiness(answer: bytes) -> Mapping[str, str] | None:
    """The words of our own answer; None for anything else."""
    try:
        told = json.loads(answer.partition(b"\r\n\r\n")[2])
    except ValueError:
        return None
    return told if isinstance(told, dict) and told.keys() == _REMEDIES.keys() else None
