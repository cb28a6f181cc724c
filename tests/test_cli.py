"""The command line frame: the page of examples, help, slips of the fingers, exit statuses, output for pipes."""

from __future__ import annotations

import json
import os
import pwd
import re
import shlex
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from dlp import __version__
from dlp.cli import COMMANDS, main
from dlp.commands import shared
from dlp.commands.listing import say, table
from dlp.errors import ConfigError, ConfigErrors, Refused, Unavailable
from dlp.spelling import edits, nearest
from tests.generate.campus import Campus, write

# every way that errors reach a command: what is raised, exit status, a word of what is told
TROUBLES = {
    "configuration": (
        ConfigError("no listener", file="c.toml", line=3, key="receive.lmtp", remedy="set it"),
        2,
        "c.toml:3: rec",
    ),
    "several": (ConfigErrors([ConfigError("one"), ConfigError("two")]), 2, "dlp: one\ndlp: two"),
    "refused": (Refused("no such reference"), 2, "dlp: no such reference"),
    "store": (Unavailable("store"), 3, "try again"),
    "next-hop": (Unavailable("next_hop"), 3, "next hop"),
    "interrupt": (KeyboardInterrupt(), 130, "interrupted"),
    "question-left": (click.Abort(), 130, "\ndlp: interrupted, nothing changed\n"),
}


def run(*arguments: str) -> click.testing.Result:
    return CliRunner().invoke(main, arguments)


def examples() -> list[list[str]]:
    """The example commands of the page, without the leading "dlp"."""
    lines = [line for line in run().stdout.splitlines() if line.startswith("  dlp ")]
    return [shlex.split(re.split(r" {2,}", line.strip())[0])[1:] for line in lines]


def test_dlp_alone_prints_one_page_of_examples():
    result = run()
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) <= 25
    assert len(examples()) >= 5
    assert __version__ in result.stdout


@pytest.mark.parametrize("example", examples(), ids=" ".join)
def test_each_example_is_a_command_that_parses(example, tmp_path, monkeypatch):
    """Down to the last sub-command, with the options and arguments that stand on the page."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "message.eml").write_bytes(b"\r\n")
    command: click.Command = main
    context = None
    arguments = example
    while isinstance(command, click.Group):
        context = command.make_context("dlp", list(arguments), parent=context)
        name, found, arguments = command.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None
        assert name
        command = found
    command.make_context("dlp", arguments, parent=context)


# Exit status of each example of the page, typed in a fresh folder where no MTA answers; serve runs in tests/e2e.
STATUS = {"init": 0, "doctor": 1, "check": 0, "patterns": 0, "probe": 0, "held": 0, "demo": 0, "import": 0}


def test_each_example_runs_in_a_fresh_folder(tmp_path):
    """In processes of their own: commands that open the store change user when root runs them."""
    mail = b"From: a.lind@campus.example\r\nTo: b.reyes@campus.example\r\nSubject: Monday\r\n\r\nSee you.\r\n"
    (tmp_path / "message.eml").write_bytes(mail)
    write(tmp_path / "sis-export", Campus(12))
    me = pwd.getpwuid(os.geteuid()).pw_name
    statuses = {}
    for example in sorted(examples(), key=lambda words: words[0] != "init"):
        if example[0] == "serve":
            continue
        ran = subprocess.run(
            [sys.executable, "-m", "dlp.cli", *example], cwd=tmp_path, capture_output=True, text=True, timeout=90, check=False
        )
        statuses[example[0]] = ran.returncode
        assert "Traceback" not in ran.stderr, example
        if example[0] == "init":
            config = tmp_path / "config.toml"
            config.write_text(config.read_text().replace('user = "dlp"', f'user = "{me}"'))
    assert statuses == STATUS


@pytest.mark.parametrize("name", COMMANDS)
def test_help_teaches_by_example(name):
    result = run(name, "--help")
    assert result.exit_code == 0
    assert f"dlp {name}" in result.stdout.partition("Usage:")[2].partition("\n")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_cuts_no_sentence(name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = run(name, "--help").stdout.splitlines()
    assert [line for line in lines if re.match(r"  \S+ {2,}.*\.\.\.$", line)] == []


SLOW = {"sqlalchemy", "pydantic", "re2", "asyncio", "dlp.config", "dlp.pipeline", "dlp.store"}
WITHOUT = {
    "": SLOW,
    "--help": SLOW,
    "check --help": SLOW,
    "held list --help": {"dlp.serve", "dlp.commands.held_read", "dlp.commands.judging"},
}


@pytest.mark.parametrize("words", WITHOUT)
def test_help_loads_nothing_slow(words):
    """A second of a person's time: what is needed only to do something is loaded only then."""
    load = "import sys; from dlp.cli import main; main(sys.argv[1:], standalone_mode=False); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", load, *words.split()], capture_output=True, text=True, timeout=60, check=True)
    loaded = set(ran.stdout.splitlines()[-1].split())
    assert "dlp.commands.shared" in loaded
    assert not loaded & WITHOUT[words]


def test_help_lists_every_command():
    told = run("--help").stdout
    assert all(re.search(rf"^  {name} ", told, re.MULTILINE) for name in COMMANDS)


def test_version():
    assert __version__ in run("--version").stdout


SLIPS = {
    "command": (["chek"], "check"),
    "command-two-edits": (["srv"], "serve"),
    "option-of-dlp": (["--verson"], "--version"),
    "option-of-a-command": (["init", "--domian", "x"], "--domain"),
    "sub-command": (["held", "lst"], "list"),
}


@pytest.mark.parametrize(("arguments", "meant"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_answered_with_did_you_mean(arguments, meant):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Did you mean" in result.stderr
    assert meant in result.stderr


def test_a_far_off_word_gets_no_guess():
    result = run("quarantine")
    assert result.exit_code == 2
    assert "Did you mean" not in result.stderr


def test_check_and_explain_take_the_same_envelope():
    """By the same options, said in the same words."""
    check, explain = (
        {option.name: (option.opts, option.type.name, option.default, option.help) for option in command.params}
        for command in (main.get_command(click.Context(main), name) for name in ("check", "explain"))
        if command
    )
    assert {"sender", "recipients", "origin", "login", "now"} <= check.keys() - {"files"} <= explain.keys()
    assert {name: explain[name] for name in check if name != "files"} == {
        name: check[name] for name in check if name != "files"
    }


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("messgae", "message"), ("mesage", "message"), ("MESSAGE", "message"), ("xmessages", "message"), ("m", ""), ("other", "")],
)
def test_nearest_reaches_two_edits(typed, meant):
    assert nearest(typed, ["message", "in_flight"]) == meant


@pytest.mark.parametrize(
    ("left", "right", "count"), [("", "ab", 2), ("ab", "ba", 1), ("abc", "abc", 0), ("kitten", "sitting", 3)]
)
def test_edits_are_counted(left, right, count):
    assert edits(left, right) == edits(right, left) == count


@pytest.mark.parametrize(("error", "status", "told"), TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("inside_a_group", [True, False])
def test_an_error_becomes_a_text_and_a_status(error, status, told, inside_a_group):
    @click.command(cls=shared.Command)
    def broken() -> None:
        raise error

    group = shared.Group("dlp", commands={"broken": broken})
    result = CliRunner().invoke(group if inside_a_group else broken, ["broken"] if inside_a_group else [])
    assert result.exit_code == status
    assert told in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_piped_list_has_a_heading_and_one_plain_record_a_line(capsys):
    table(("state", "what"), [("ok", "two\nlines\tand a tab"), ("fail", "[red]x[/red]")])
    shared.next_step("dlp serve")
    assert capsys.readouterr().out == "state\twhat\nok\ttwo lines and a tab\nfail\t[red]x[/red]\n"


def at_a_terminal(width: int, monkeypatch, capsys) -> list[str]:
    """What a list of two columns of prose and two of what is typed again looks like."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    row = ("H7K2-9QMD", "p.lane-of-accounts@freemail.example", "on hold", "[red]an officer[/red]")
    table(("reference", "to", "state", "on the word of"), [row])
    return capsys.readouterr().out.splitlines()


def test_a_terminal_gets_a_ruled_table_without_colour(monkeypatch, capsys):
    assert at_a_terminal(90, monkeypatch, capsys) == [
        "reference   to                                    state     on the word of",
        "\u2500" * 9 + "   " + "\u2500" * 35 + "   " + "\u2500" * 7 + "   " + "\u2500" * 21,
        "H7K2-9QMD   p.lane-of-accounts@freemail.example   on hold   [red]an officer[/red]",
    ]


LINES = """\
  found    an ID number, part 1, line 2
           and p.lane-of-accounts@freemail.example
│  ├─ because the reader is outside here
└─ the sender reads it"""


def test_lines_are_as_they_are_in_a_pipe_and_wrapped_at_a_terminal(monkeypatch, capsys):
    say(LINES)
    assert capsys.readouterr().out == f"{LINES}\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    say(LINES)
    assert capsys.readouterr().out.splitlines() == [
        "  found    an ID number, part",
        "           1, line 2",
        "           and",
        "           p.lane-of-accounts@freemail.example",
        "│  ├─ because the reader is",
        "│  │  outside here",
        "└─ the sender reads it",
    ]


def test_a_narrower_one_gets_it_wrapped_between_words(monkeypatch, capsys):
    assert at_a_terminal(76, monkeypatch, capsys) == [
        "reference   to                                    state     on the word of",
        "\u2500" * 9 + "   " + "\u2500" * 35 + "   " + "\u2500" * 7 + "   " + "\u2500" * 16,
        "H7K2-9QMD   p.lane-of-accounts@freemail.example   on hold   [red]an",
        "                                                            officer[/red]",
    ]


def test_one_too_narrow_for_every_word_gets_each_record_over_several_lines(monkeypatch, capsys):
    assert at_a_terminal(60, monkeypatch, capsys) == [
        "H7K2-9QMD",
        "   to: p.lane-of-accounts@freemail.example   state: on hold",
        "   on the word of: [red]an officer[/red]",
    ]


def test_what_to_type_next_is_for_a_terminal(monkeypatch, capsys):
    shared.next_step("dlp serve")
    assert capsys.readouterr().out == ""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    shared.next_step("dlp serve")
    assert capsys.readouterr().out == "next: dlp serve\n"


NOT_UTF_8 = os.fsdecode(b"p\xff@freemail.example")
TYPED = {
    "check": ["check", "--to", NOT_UTF_8, "m.eml"],
    "check-json": ["check", "--json", "--to", NOT_UTF_8, "m.eml"],
    "check-time": ["check", "--now", NOT_UTF_8, "m.eml"],
    "check-file": ["check", NOT_UTF_8],
    "configuration": ["check", "--config", NOT_UTF_8, "m.eml"],
    "patterns": ["patterns", "try", NOT_UTF_8],
    "demo": ["demo", "--port", "1", "--send", "m.eml", "--to", NOT_UTF_8],
    "probe": ["probe", "--send", "--to", NOT_UTF_8, "--config", "config.toml"],
    "held": ["held", "show", NOT_UTF_8, "--config", "config.toml"],
    "command": [NOT_UTF_8],
}


@pytest.mark.parametrize("words", TYPED.values(), ids=TYPED)
def test_bytes_that_are_no_utf_8_do_not_break_a_strict_terminal(words, tmp_path):
    (tmp_path / "m.eml").write_bytes(b"From: a.lind@campus.example\r\n\r\nx\r\n")
    (tmp_path / "config.toml").write_text('[site]\nuser = ""\n')
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    line = [sys.executable, "-m", "dlp.cli", *words]
    ran = subprocess.run(line, cwd=tmp_path, env=strict, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode in (0, 2), ran.stderr
    assert "Traceback" not in ran.stderr
    if "--json" in words:
        assert list(json.loads(ran.stdout)["recipients"]) == [NOT_UTF_8]


PROGRAMS = {
    "a-path": (".venv/bin/dlp", "", ".venv/bin/dlp doctor"),
    "a-path-with-a-blank": ("my files/dlp", "", "'my files/dlp' doctor"),
    "found-on-the-search-path": ("{folder}/dlp", "{folder}", "dlp doctor"),
    "run-as-a-module": ("/somewhere/dlp/cli.py", "", "dlp doctor"),
}


@pytest.mark.parametrize(("called", "search", "shown"), PROGRAMS.values(), ids=PROGRAMS)
def test_a_command_to_type_next_has_the_path_it_needs(called, search, shown, tmp_path, monkeypatch):
    program = tmp_path / "dlp"
    program.touch(mode=0o755)
    monkeypatch.setattr("sys.argv", [called.format(folder=tmp_path)])
    monkeypatch.setenv("PATH", search.format(folder=tmp_path))
    assert shared.typed("dlp doctor") == shown


CONFIGURED = {
    "a-file": (["--config", "c.toml"], "", " --config c.toml"),
    "a-file-with-a-blank": (["--config", "my c.toml"], "", " --config 'my c.toml'"),
    "in-the-environment": ([], "c.toml", ""),
    "found": ([], "", ""),
}


@pytest.mark.parametrize(("given", "environment", "kept"), CONFIGURED.values(), ids=CONFIGURED)
def test_a_command_to_type_next_has_the_configuration_that_was_given(given, environment, kept, monkeypatch):
    @click.command(cls=shared.Command)
    @shared.config_option
    def broken(**_options: object) -> None:
        raise Unavailable("store")

    monkeypatch.setattr("sys.argv", ["-"])
    told = CliRunner(env={"DLP_CONFIG": environment}).invoke(broken, given).stderr
    assert told.splitlines()[-1] == f"next: dlp doctor{kept}"


def test_json_is_one_object_a_line(capsys):
    shared.emit_json({"what": "Ä\n"})
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert json.loads(told) == {"what": "Ä\n"}


class TestOpeningSettings:
    """Which configuration a command uses."""

    def test_a_named_file_comes_first(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "config.toml").write_text('[site]\nname = "here"\n')
        (tmp_path / "named.toml").write_text('[site]\nname = "named"\n')
        assert shared.open_settings(None, ()).site.name == "here"
        assert shared.open_settings(tmp_path / "named.toml", ()).site.name == "named"
        assert shared.open_settings(None, ["site.name=set"]).site.name == "set"

    def test_the_environment_names_one(self, tmp_path, monkeypatch):
        (tmp_path / "named.toml").write_text("[site]\nnam = 1\n")
        result = CliRunner(env={"DLP_CONFIG": str(tmp_path / "named.toml")}).invoke(main, ["doctor"])
        assert "named.toml:2" in result.stdout

    def test_none_is_an_error_that_names_init(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("dlp.config.PLACES", ())
        with pytest.raises(ConfigError, match="dlp init"):
            shared.open_settings(None, ())

    def test_commands_that_only_judge_do_with_the_defaults_and_say_so(self, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("dlp.config.PLACES", ())
        assert shared.settings_or_defaults(None, ()).site.domains == ("campus.example",)
        assert "shipped defaults" in capsys.readouterr().err
