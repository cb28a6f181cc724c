"""Structured log events: one JSON object per line, from a closed list of names and fields.

Takes a logger, an event name and values; gives a line on standard error. A field that is not in the list is a
programming error and raises, so no subject, address or text can slip into a log by a careless keyword. Exceptions are
logged by class and place only, because their text may hold what a message held.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

FIELDS = frozenset({
    "ref", "queue_id", "node", "front", "lane", "action", "codes", "requirements", "kinds", "students", "recipients",
    "revision", "bytes", "parts", "ms", "error", "error_ref", "where", "next_hop_reply", "pid", "process", "file",
    "line", "key", "remedy", "what", "mode", "signal", "listeners", "count", "notice", "held", "forwarded", "owed",
    "result", "peer", "status", "deferred", "refused", "aborted", "due", "swept", "doubtful",
    "txn", "stage", "stages", "sender_key", "sender_domain",
    "recipient_keys", "verdicts", "observed", "findings", "patterns", "unread", "answers", "operation",
    "snapshot", "age", "counts",
})  # fmt: skip


def event(logger: logging.Logger, name: str, /, *, level: int = logging.INFO, **values: object) -> None:
    """Log one event. Raises ValueError for a field that is not in FIELDS."""
    if not values.keys() <= FIELDS:
        raise ValueError(f"not a log field: {', '.join(sorted(values.keys() - FIELDS))}")
    if logger.isEnabledFor(level):  # a record made here: nobody reads which line logged it, and finding that out costs more
        logger.handle(logger.makeRecord(logger.name, level, "", 0, name, (), None, extra={"values": values}))


def failure(logger: logging.Logger, name: str, error: BaseException, /, **values: object) -> None:
    """Log an exception: its class and where it was raised, never its text."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    event(logger, name, level=logging.ERROR, error=type(error).__name__, where=where, **values)


_JSON = json.JSONEncoder(ensure_ascii=True, default=str)  # json.dumps makes one for each call


class JsonLines(logging.Formatter):
    """One JSON object per record; records of other libraries keep their logger's name only."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        values: dict[str, object] | None = getattr(record, "values", None)
        name = record.getMessage() if values is not None else "library"
        line: dict[str, object] = {"time": time, "level": record.levelname.lower(), "event": name, "pid": record.process}
        line.update(values if values is not None else {"what": record.name})
        return _JSON.encode(line)


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send every record of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.logThreads = logging.logMultiprocessing = False  # names nobody reads, found out anew for each record
    for library in ("asyncio", "alembic"):
        logging.getLogger(library).setLevel(logging.WARNING)
