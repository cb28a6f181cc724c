"""The `dlp` command: a page of examples, and the way to every command.

Takes the command line; commands are named in one table and imported only when asked for, so the page is quick and
one command's trouble is its own. Exit statuses are those of `shared.STATUSES`.
"""

from __future__ import annotations

import io
import logging
import sys

import click

from dlp import __version__
from dlp.commands.shared import Entry, Group

PAGE = """\
campus-dlp {version}: a mail filter that keeps student information from going where it may not go

  dlp demo                              see it judge sample mail, nothing to set up
  dlp init                              write a configuration here
  dlp doctor                            what is missing or wrong, and how to mend it
  dlp check message.eml                 judge one message; nothing is sent or stored
  dlp patterns try "ID 912 345 678"     which patterns hit a text, and why others do not
  dlp import sis-export --dry-run       who is who, from the files of your student system
  dlp serve                             filter mail
  dlp probe                             three harmless test messages
  dlp held list                         mail on hold

Every command explains itself: dlp COMMAND --help. All commands: dlp --help.
"""


COMMANDS = {
    "init": Entry("dlp.commands.init", "init", "Write a configuration, data and key folders."),
    "doctor": Entry("dlp.commands.doctor", "doctor", "Look for what is missing or wrong, and say how to mend it."),
    "demo": Entry("dlp.commands.demo", "demo", "Judge sample mail on this machine, nothing to set up."),
    "check": Entry("dlp.commands.check", "check", "Judge messages; nothing is sent or stored."),
    "serve": Entry("dlp.commands.serve", "serve", "Filter mail."),
    "import": Entry("dlp.commands.import_", "import_", "Read the campus files: who is who, and who may know what."),
    "held": Entry("dlp.commands.held", "held", "List, show, release or deny mail on hold."),
    "consent": Entry("dlp.commands.consent", "consent", "Record, list and end consents; take one from a student's message."),
    "ledger": Entry("dlp.commands.ledger", "ledger", "What was disclosed about one person."),
    "trace": Entry("dlp.commands.trace", "trace", "What became of mail from or to an address, or under a queue id."),
    "explain": Entry("dlp.commands.explain", "explain", "Show one decision as a tree: who, what, which rows, and why."),
    "backup": Entry("dlp.commands.backup", "backup", "Copy the store while it is in use, and check the copy."),
    "audit": Entry("dlp.commands.audit", "audit", "Verify the record of who did what."),
    "patterns": Entry("dlp.commands.patterns", "patterns", "List, test and try patterns."),
    "probe": Entry("dlp.commands.probe", "probe", "Three harmless test messages that warn, rewrite and hold."),
}


@click.group(cls=Group, entries=COMMANDS, invoke_without_command=True)
@click.version_option(__version__, prog_name="campus-dlp")
@click.pass_context
def main(ctx: click.Context) -> None:
    """A mail filter that keeps student information from going where it may not go.

    Example: dlp demo
    """
    logging.getLogger("dlp").addHandler(logging.NullHandler())  # only dlp serve logs; the others say it themselves
    # what a message or an argument brings along need not be printable; "replace" would give invalid JSON
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if ctx.invoked_subcommand is None:
        click.echo(PAGE.format(version=__version__), nl=False)


if __name__ == "__main__":
    main()
