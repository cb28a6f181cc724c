"""Where in the institution's two documents a requirement line comes from: the policy's section, or the FAQ's question.

Takes a line such as "R26"; gives the passages in words, none for a line that is nobody's demand (a test string). A site with
other documents has other passages; the lines stay. Pure; nothing here fails.
"""

from __future__ import annotations

from collections.abc import Mapping

_LINES: Mapping[str, str] = {
    "policy 11.2": "R1 R2 R3",
    "policy 11.2.1": "R4 R5 R6",
    "policy 11.2.2": "R14 R15 R16",
    "policy 11.2.3": "R56 R62 R63",
    "policy 11.2.4": "R26 R29 R30 R31 R32 R82",
    "policy 11.2.5": "R52 R53 R54",
    "policy 11.2.6": "R79 R80 R81",
    "policy 11.2.7": "R47 R48 R49 R50",
    "FAQ question 1": "R1 R8 R9 R10 R26 R27 R33",
    "FAQ question 2": "R11 R12 R13",
    "FAQ question 3": "R17 R18 R19 R20 R21 R22 R23 R45",
    "FAQ question 4": "R7 R28",
    "FAQ question 5": "R33 R34 R35 R36 R37 R38 R39 R40 R41",
    "FAQ question 6": "R42 R43 R44 R45",
    "FAQ question 7": "R46 R47 R51",
    "FAQ question 8": "R1 R55",
    "FAQ question 9": "R56 R57 R58 R59 R60 R61 R64",
    "FAQ question 10": "R23 R24 R25",
    "FAQ question 11": "R65 R66 R67 R68 R69",
    "FAQ question 12": "R70 R71 R72 R73 R74 R75 R76 R77 R78",
}


def passages(requirement: str) -> tuple[str, ...]:
    """Those a requirement line rests on, the policy first."""
    return tuple(passage for passage, lines in _LINES.items() if requirement in lines.split())
