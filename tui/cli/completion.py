"""`backoffice completion`: the script by which a shell completes commands, options and names of records."""

import argparse
import os
import threading
from typing import TYPE_CHECKING, Any

from tui.config import Settings

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
    from argcomplete import shellcode

    print(shellcode(["backoffice"], shell=options.shell))
    return 0


def complete(parser: argparse.ArgumentParser) -> None:
    """Print what can come next in the shell's line, and end the program."""
    import argcomplete

    finder = argcomplete.CompletionFinder(default_completer=names_of_records)
    finder(parser)
