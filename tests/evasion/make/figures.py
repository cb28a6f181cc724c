"""Makes files of figures that look like campus IDs and are none: `python tests/evasion/make/figures.py FOLDER`."""

from __future__ import annotations

import random
import sys
from pathlib import Path

DICE = random.Random(9)
MANY = range(40)


def _amount() -> int:
    return DICE.randint(10**8, 10**9 - 1)


def _points() -> str:
    across, up = DICE.randint(90, 99), DICE.randint(100, 999)
    return f"{across}.{DICE.randint(1000, 9999)} {up},-97.5001 132,{DICE.randint(900, 999)}.{DICE.randint(10**5, 10**6 - 1)}"


FILES = {
    "drawing.svg": '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><g id="class-1">\n'
    + "".join(f'<polygon id="n{each}" points="{_points()}"/>\n' for each in MANY)
    + "</g></svg>\n",
    "plot.ps": "%!PS-Adobe-3.0\n/o {lineto} bind def\n"
    + "".join(f"{90 + each / 7:.4f} {DICE.uniform(100, 400):.3f} o\n" for each in MANY)
    + "showpage\n",
    "kernel.log": "class id process\n" + "".join(f"[  {912 + each}.{345678 + each}][ T4274] new device id\n" for each in MANY),
    "costs.csv": "Item,Plan,Actual,Last year\n"
    + "".join(f"Building {each},{_amount()},{_amount()},{_amount()}\n" for each in MANY),
    "counts.tsv": "".join(f"{9230 + each}\t{DICE.randint(1000, 99999)}\t{90000 + each}\t{9100 + each}\n" for each in MANY),
    "files.txt": "".join(f"-rw-r--r-- 1 ada users {_amount()} Oct  5 14:{each:02} part{each}.bin\n" for each in MANY),
    "drive.csv": "time,frequency\n" + "".join(f"{1767225600 + each},915.{DICE.randint(0, 999999):06}\n" for each in MANY),
}

for name, text in FILES.items():
    (Path(sys.argv[1]) / name).write_text(text)
