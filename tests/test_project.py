"""What a stranger meets first is whole and true: the example configuration, the wheel, the documents."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from dlp.cli import COMMANDS, main
from dlp.config import load
from dlp.settings import Sections
from tests.e2e.postfix import MAIN, MASTER

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "config.example.toml"
DOCUMENTS = [path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if path.read_text(encoding="utf-8").strip()]
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))
# Built from parts, so that this file does not hold what it looks for.
FOREIGN = (
    re.compile("/" + r"(work|root|opt|home/[a-z]+)/[A-Za-z.]"),
    re.compile("index" + "[-_]url|find" + "[-_]links", re.IGNORECASE),
    re.compile("py" + r"pi\.(org|python)|python" + r"hosted\.org|/simp" + "le/"),
)


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every key of the settings and its default, as ("section.key", value)."""
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            yield from keys_of(type(field.default), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field.default


def flat(table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", tuple(value) if isinstance(value, list) else value


def tracked() -> list[Path]:
    """The project's files: git's list, or in an unpacked archive everything but what is made."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = subprocess.run(
            [git, "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True,
            text=True,
            check=True,
        )
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    made = {".venv", ".git", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis", "var"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not made.intersection(path.relative_to(ROOT).parts)]


def commands_below(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands_below(found, (*words, name))


class TestExampleConfiguration:
    """config.example.toml mirrors the settings."""

    def test_every_key_stands_there_with_its_default(self):
        written = dict(flat(tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))))
        assert written == dict(keys_of(Sections))

    def test_every_key_has_one_line_of_why(self):
        lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
        keys = [line for line in lines if re.match(r"[a-z_]+ = ", line)]
        assert len(keys) == len(list(keys_of(Sections)))
        assert [line for line in keys if not re.search(r" # .{5,}$", line)] == []

    def test_it_loads_without_a_word(self):
        assert load(EXAMPLE).not_yet() == ()


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_with_hashes(path):
    logical = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    assert logical
    assert [line for line in logical if not re.match(r"[a-z0-9._-]+==[^ ]+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


def test_every_dependency_is_in_the_lock_files():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        "run.txt": project["project"]["dependencies"],
        "dev.txt": project["project"]["dependencies"] + project["dependency-groups"]["dev"],
        "build.txt": project["dependency-groups"]["build"],
    }
    for file, names in wanted.items():
        locked = set(re.findall(r"(?m)^([a-z0-9._-]+)==", (ROOT / "requirements" / file).read_text(encoding="utf-8")))
        missing = {re.split(r"[<>=;\[ ]", name)[0].lower().replace("_", "-").replace(".", "-") for name in names} - {
            name.replace(".", "-").replace("_", "-") for name in locked
        }
        assert not missing, file


def test_the_wheel_holds_patterns_models_and_the_example(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        example = archive.read("dlp/data/config.example.toml")
    patterns = {f"dlp/data/patterns/{path.name}" for path in (ROOT / "patterns").glob("*.toml")}
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dlp").rglob("*") if path.suffix in (".py", ".toml")}
    assert patterns
    assert (patterns | sources | {"dlp/data/models/README.md"}) - names == set()
    assert example == EXAMPLE.read_bytes()
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_nothing_names_this_machine_or_a_package_registry():
    found = {}
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        hits = [pattern.search(text) for pattern in FOREIGN]
        if any(hits):
            found[path.relative_to(ROOT).as_posix()] = [hit[0] for hit in hits if hit]
    assert found == {}


def test_documents_name_only_commands_that_exist():
    known = set(commands_below(main))
    for path in DOCUMENTS:
        for told in re.findall(r"(?m)(?:`|^ {4}|\.venv/bin/)dlp ([a-z][^`\n]*)", path.read_text(encoding="utf-8")):
            for word in told.split()[0].split("|"):
                assert (word,) in known, f"{path.name}: dlp {told}"
            rest = told.split()[1:2]
            for word in (
                rest[0].split("|")
                if rest and any(words[:1] == (told.split()[0],) and len(words) == 2 for words in known)
                else ()
            ):
                assert (told.split()[0], word) in known, f"{path.name}: dlp {told}"


def test_documents_name_only_files_and_targets_that_exist():
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", text, re.MULTILINE)) <= targets, path.name
        for name in re.findall(r"`((?:dlp|docs|tests|patterns|scripts|requirements)/[A-Za-z0-9_./-]+)`", text):
            assert (ROOT / name).exists(), f"{path.name}: {name}"


def test_the_changelog_has_an_unreleased_part_with_entries():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"(?m)^## Unreleased\n(?:.*\n)*?- ", text)


def test_the_licence_is_the_one_that_is_declared():
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["license"] == "Apache-2.0"


def test_every_command_of_the_contract_of_this_version_is_there():
    assert set(COMMANDS) >= {"init", "serve", "demo", "check", "held", "patterns", "doctor", "probe"}


def test_the_postfix_of_the_documents_is_the_one_of_the_tests():
    """Each setting docs/install.md names is what the private Postfix of the end-to-end tests runs with."""
    told = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    told = re.sub(
        r"(?ms)^### (?:Milter|Removing held recipients|Sendmail)\n.*?(?=^### )", "", told
    )  # tests/e2e run these very lines
    tested = f"{MAIN}{MASTER}".replace("{smtp}", "10025").replace("{second_pass_tls}", "none")
    settings = {tuple(pair) for pair in re.findall(r"(?m)^(?:  -o )?([a-z_]+) ?= ?(.*)$", tested)}
    documented = set(re.findall(r"(?m)^ {4,6}(?:  -o |-o )?([a-z_]+) ?= ?(.*)$", told))
    differing = {
        ("content_filter", "dlp:[127.0.0.1]:10024"),  # named and numbered otherwise there
        ("dlp_destination_recipient_limit", "50"),
        ("mynetworks", "127.0.0.0/8"),  # for all of it there
        ("receive_override_options", "no_unknown_recipient_checks"),  # one listener serves both ways there
        ("smtpd_sasl_authenticated_header", "yes"),  # there is no login there
        ("smtpd_relay_restrictions", "permit_mynetworks,reject"),
        ("relayhost", "[127.0.0.1]:10025"),  # a plain relay, which tests/e2e/test_documented.py runs
        ("default_destination_recipient_limit", "50"),
        ("message_size_limit", "50000000"),
        ("lmtp", '"unix:/var/spool/postfix/dlp/lmtp"'),
        ("lmtp_tls_security_level", "verify"),  # TLS is for hops between machines
        ("lmtp_tls_verify_cert_match", "hostname"),
        ("smtpd_tls_security_level", "encrypt"),
        ("smtpd_tls_chain_files", "/etc/postfix/tls/reinjection.pem"),
    }
    assert len(documented) > 20
    assert documented - settings - differing == set()
