"""The shape of the code: arrows point down, the pure rooms touch nothing, files and functions stay small.

One table of layers stands here; a new module must be given its place in it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Lowest first. A module (or folder) of dlp imports only from layers below its own, or beside it, never in a circle.
LAYERS = (
    {"__version__", "limits", "values", "errors"},
    {"ruleset", "intake", "spelling", "toml_lines"},
    {"campus"},
    {"mail", "detectors", "policy", "rewrite"},
    {"extractors", "statements", "thread"},
    {"pipeline"},
    {
        "arc",
        "certificates",
        "clock",
        "config",
        "conversations",
        "contradictions",
        "endpoints",
        "events",
        "failpoints",
        "fitted",
        "forbidden",
        "jail",
        "key_types",
        "keys",
        "pattern_files",
        "privileges",
        "probing",
        "rules",
        "settings",
        "shipped",
        "signing",
        "sockets",
        "standings",
        "verifier",
    },
    {"breakers"},
    {
        "admission",
        "disclosing",
        "forward",
        "holds",
        "in_force",
        "lanes",
        "letters",
        "metrics",
        "notices",
        "own_message",
        "reader",
        "recogniser",
        "sender",
        "sink",
        "snapshot",
        "stewards",
        "store",
        "telling",
    },
    {"account", "importing", "recording", "settlement", "splitting", "transaction"},
    {"receive", "clerk", "caretaker", "monitor", "milters", "fronts", "prober"},
    {"supervisor", "serve"},
    {"demo", "commands", "cli"},
)
# What the files of the milter take from us; the others, which are its codec, nothing.
_TOLD = {"dlp.receive.data", "dlp.receive.replies", "dlp.values"}
MILTER = {
    "message.py": _TOLD | {"dlp.receive"},
    "session.py": _TOLD,
    "server.py": {"dlp.receive.data", "dlp.events", "dlp.failpoints", "dlp.receive.service", "dlp.sockets"},
}
PURE = LAYERS[2] | LAYERS[3]
PURE_FILES = {"limits", "values", "errors", "ruleset", "intake", "extractors", "statements", "thread", "pipeline"} | PURE
# Extractors hand bytes to decoders that want a file (io.BytesIO) or a database (sqlite3's deserialize); both stay in memory.
IN_MEMORY = {"extractors": {"io", "sqlite3"}}
# Not for the pure rooms: files, network, processes, clocks, chance, logs.
SHELL_MODULES = {
    "asyncio",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "secrets",
    "shutil",
    "signal",
    "smtplib",
    "socket",
    "sqlite3",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
}
CLOCK_CALLS = {"now", "today", "utcnow"}

FILE_LINES = 350
FUNCTION_LINES = 60

# The connection loop and the transaction boundary; nowhere else is an unknown error swallowed.
BROAD_HANDLERS = {
    "dlp/receive/connection.py": 1,
    "dlp/receive/service.py": 2,
    "dlp/extractors/opening.py": 1,  # a decoder of others, in a jailed child: its file is broken, nothing else
    "dlp/transaction.py": 1,  # reading and judging one message; counted, and held at the third time
    "milter/server.py": 2,  # as those of dlp/receive
    "dlp/supervisor.py": 1,  # a child's last word before it ends; its supervisor starts it again
}

SOURCES = sorted(path for room in ("dlp", "milter") for path in (ROOT / room).rglob("*.py"))
TREES = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def room(name: str) -> str:
    """The module or folder directly below dlp that a file or a dotted name belongs to; "" for the package itself."""
    parts = name.removesuffix(".py").replace("/", ".").removesuffix(".__init__").split(".")
    return parts[1] if len(parts) > 1 else ""


def imported(tree: ast.AST) -> Iterator[str]:
    """Every dotted name a file imports, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module in ("dlp", "milter"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def broad_handlers(tree: ast.AST) -> int:
    """How many handlers catch everything and do not raise it again."""
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    return sum(_is_broad(handler.type) and not _reraises(handler) for handler in handlers)


def _is_broad(caught: ast.expr | None) -> bool:
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException")) for kind in kinds)


def _reraises(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None


def shell_uses(tree: ast.AST) -> Iterator[str]:
    """What a pure room may not do: import a module of the shell, open a file, read the clock."""
    yield from (name for name in imported(tree) if name.split(".")[0] in SHELL_MODULES)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "print", "input"):
            yield node.func.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_CALLS:
            yield node.func.attr


def long_functions(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{node.name}: {lines} lines"


def height(name: str) -> int:
    places = [index for index, layer in enumerate(LAYERS) if name in layer]
    assert len(places) == 1, f"{name} has no place in the table of layers"
    return places[0]


def own_imports(file: str) -> set[str]:
    return {room(name) for name in imported(TREES[file]) if name.split(".")[0] == "dlp"} - {"", room(file)}


DLP_FILES = [file for file in TREES if file.startswith("dlp/") and room(file)]


def test_every_module_has_its_layer():
    assert {room(file) for file in DLP_FILES} <= set().union(*LAYERS)


@pytest.mark.parametrize("file", DLP_FILES)
def test_arrows_point_down(file):
    mine = room(file)
    upward = {other for other in own_imports(file) if height(other) > height(mine)}
    sideways = {other for other in own_imports(file) if height(other) == height(mine)} if mine in PURE else set()
    assert not upward | sideways


def test_no_two_rooms_import_each_other():
    graph: dict[str, set[str]] = {}
    for file in DLP_FILES:
        graph.setdefault(room(file), set()).update(own_imports(file))
    assert set(TopologicalSorter(graph).static_order()) >= set(graph)  # CycleError otherwise


@pytest.mark.parametrize("file", [file for file in TREES if file.startswith("milter/")])
def test_the_milter_codec_imports_nothing_of_ours(file):
    """Its session takes the values and what listeners share; only its server does I/O; `serve` alone starts it."""
    known = MILTER.get(file.removeprefix("milter/"), set())
    assert {name for name in imported(TREES[file]) if name.split(".")[0] == "dlp"} <= known
    assert file == "milter/server.py" or not set(shell_uses(TREES[file]))


def test_the_milter_is_known_to_those_alone_who_start_it():
    users = {room(file) for file in DLP_FILES if any(name.split(".")[0] == "milter" for name in imported(TREES[file]))}
    assert users == {"fronts", "milters"}


@pytest.mark.parametrize("file", [file for file in DLP_FILES if room(file) in PURE_FILES])
def test_pure_rooms_touch_nothing(file):
    assert not set(shell_uses(TREES[file])) - IN_MEMORY.get(room(file), set())


@pytest.mark.parametrize("file", TREES)
def test_files_and_functions_stay_small(file):
    assert len((ROOT / file).read_text(encoding="utf-8").splitlines()) <= FILE_LINES
    assert not list(long_functions(TREES[file]))


@pytest.mark.parametrize("file", TREES)
def test_every_module_says_what_it_is_for(file):
    assert ast.get_docstring(TREES[file])


def test_everything_is_caught_in_two_places_only():
    found = {file: count for file, tree in TREES.items() if (count := broad_handlers(tree))}
    assert found == BROAD_HANDLERS


def test_the_measures_themselves_see_what_they_should():
    tree = ast.parse(
        "import os.path\nfrom dlp import clock\nfrom dlp.store.audit import x\n"
        "def f():\n    from socket import socket\n    open('x')\n    datetime.now()\n"
        + "    y = 1\n"
        * FUNCTION_LINES
        + "try:\n    pass\nexcept (ValueError, Exception):\n    pass\n"
        "try:\n    pass\nexcept BaseException:\n    raise\n"
    )
    assert set(imported(tree)) == {"os.path", "dlp.clock", "dlp.store.audit", "socket"}
    assert set(shell_uses(tree)) == {"os.path", "socket", "open", "now"}
    assert broad_handlers(tree) == 1
    assert len(list(long_functions(tree))) == 1
    assert room("dlp/store/__init__.py") == room("dlp.store.audit") == "store"
