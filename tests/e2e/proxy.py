"""A TCP proxy before a PostgreSQL server that can lose a COMMIT, or the answer to it.

`CommitProxy(port)` listens on a loopback port of its own. `lose` says what happens to the next COMMIT: "question" cuts the
connection instead of passing it on, "answer" cuts it once the server has answered. Everything else goes through.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading

from tests.e2e.loopback import HOST

_COMMIT = b"COMMIT\0"  # the whole statement, not READ COMMITTED


class CommitProxy:
    """A context manager; one thread for each connection."""

    def __init__(self, port: int) -> None:
        self._server = port
        self._listening = socket.create_server((HOST, 0))
        self._threads: list[threading.Thread] = []
        self._open = True
        self.port: int = self._listening.getsockname()[1]
        self.lose = ""
        self.lost = 0

    def __enter__(self) -> CommitProxy:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False
        self._listening.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, run: object, *arguments: socket.socket) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        self._listening.settimeout(0.1)
        while self._open:
            with contextlib.suppress(OSError):
                client, _ = self._listening.accept()
                self._start(self._relay, client)

    def _relay(self, client: socket.socket) -> None:
        with client, socket.create_connection((HOST, self._server)) as server, contextlib.suppress(OSError):
            committing = ""
            while self._open:
                for ready in select.select([client, server], [], [], 0.1)[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is client and _COMMIT in data and self.lose:
                        committing, self.lose = self.lose, ""
                        self.lost += 1
                    if committing == "question" or (committing == "answer" and ready is server):
                        return
                    (server if ready is client else client).sendall(data)
