"""One import of a folder of files, measured: `python -m tests.scale.bring FOLDER SNAPSHOTS`.

Reads every file as `dlp import` does, builds the snapshot and puts it in force; prints one line of JSON: seconds, CPU seconds
with those of its children, rows, size of each file. Ends with a traceback when anything of it fails.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from dlp import importing
from dlp.campus.directory import Stamp
from dlp.clock import utc_now
from dlp.snapshot import build, open_snapshot, put_in_force

KEY = b"scale" * 6


def main() -> None:
    folder, snapshots = map(Path, sys.argv[1:])
    found, showed, now = importing.look(folder), importing.Showed(), utc_now()
    began = time.monotonic()
    stamp = Stamp(f"{now:%Y%m%dT%H%M%SZ}", now, files=found.brings)
    made = build(snapshots, importing.records(found, showed, now.date()), stamp, KEY)
    seconds, cpu = time.monotonic() - began, sum(os.times()[:4])
    put_in_force(snapshots, made.name)
    rows = sum(open_snapshot(made, KEY).counts.values())
    told = {"seconds": seconds, "cpu": cpu, "rows": rows, "bad": showed.report.all_bad_rows}
    sys.stdout.write(json.dumps(told | {"files": {path.name: path.stat().st_size for path in made.iterdir()}}) + "\n")


if __name__ == "__main__":  # it is loaded again by the processes that sort
    main()
