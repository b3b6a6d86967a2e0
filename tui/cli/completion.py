"""`backoffice completion`: the script by which a shell completes commands, options and names of records."""

import argparse
import os
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

from argcomplete.completers import BaseCompleter, FilesCompleter
from argcomplete.finders import CompletionFinder
from argcomplete.lexers import split_line
from argcomplete.shell_integration import shellcode

from tui.cli.parser import Parser
from tui.cli.session import find_source, opened
from tui.config import Settings, read_settings

if TYPE_CHECKING:
    from models.lookup import Kind

TIMEOUT_S = 0.3
"""Seconds that a database has to answer a press of Tab."""

MOST = 50
"""Names that are offered at once."""

KINDS: "dict[str, Kind]" = {"E-MAIL": "user", "GROUP": "group", "ROLE": "role"}
"""The records that an argument names, by what the help calls it."""


def run(options: argparse.Namespace, _: Settings) -> int:
    """Print the script of a shell; the exit code."""
    print(shellcode(["backoffice"], shell=options.shell))
    return 0


def complete(parser: Parser) -> None:
    """Print what can come next in the shell's line, and end the program."""
    _fill(parser)
    CompletionFinder()(
        parser, always_complete_options=False, default_completer=ArgumentCompleter(), print_suppressed=True
    )


def _fill(parser: Parser) -> None:
    """Give it and its commands their arguments: argcomplete looks at them before it parses."""
    for command in parser.commands().values():
        _fill(command)


class ArgumentCompleter(BaseCompleter):
    """What an argument can be: a file, a database of the settings, or the name of a record."""

    def __call__(
        self, *, prefix: str, action: argparse.Action, parser: argparse.ArgumentParser, parsed_args: argparse.Namespace
    ) -> list[str]:
        """What begins with `prefix`."""
        if action.metavar == "FILE":
            return list(FilesCompleter()(prefix))
        if action.metavar == "DATABASE":
            return [*read_settings().databases, *FilesCompleter()(prefix)]
        return names_of_records(KINDS[str(action.metavar)], prefix) if action.metavar in KINDS else []


def names_of_records(kind: "Kind", prefix: str) -> list[str]:
    """Names of records that begin so, of the line's database; none where it does not answer in time."""
    found: list[str] = []
    with suppress(Exception):  # a press of Tab says nothing of what is wrong
        settings = read_settings()
        source = find_source(_database_options(), settings)
        from models.lookup import names_beginning

        def read() -> None:
            with suppress(Exception), opened(source, settings, read_only=True):
                found.extend(names_beginning(kind, prefix, MOST))

        asking = Thread(target=read, daemon=True)
        asking.start()
        asking.join(TIMEOUT_S)
    return list(found)


def _database_options() -> argparse.Namespace:
    """The options of the line that say which database: a line that is not whole yet cannot be parsed."""
    words = split_line(os.environ["COMP_LINE"], int(os.environ["COMP_POINT"]))[3]
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--database")
    parser.add_argument("--password-file")
    parser.set_defaults(read_only=True)
    return parser.parse_known_args(words)[0]
