"""The command line: what to open, and how."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.cli.parser import Parser
    from tui.config import Settings

SCREENS = (None, "demo")
EXIT_1_ON_FAILURE = (*SCREENS, "check", "init", "databases")
"""What ends with 1 where it fails; the other commands end with 2, since 1 is an answer of theirs."""


WITHOUT_DATABASE = ("databases", "completion", "history", "pages")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program, or one of its commands that print and end; the exit code.

    0 done, or as it was already; 1 refused, denied or different; 2 wrong usage, an unknown record, no database, no
    terminal, an output that cannot be written, or the program itself failed; 130 interrupted. The screens, `check`,
    `init` and `databases` end with 1 where the database cannot be opened or the program itself failed.
    """
    _occupy_standard_streams()
    failed = 1
    try:
        try:
            _leave_no_core()
            _have_a_home()
            if sys.stdout is None:
                from tui.text import print_error

                print_error("the output cannot be written: it is closed")
                return 2
            if isinstance(sys.stdout, TextIOWrapper):
                sys.stdout.reconfigure(errors="backslashreplace")  # a name that it has no letters for
            parser, options = _parse(arguments)
            failed = 1 if options.command in EXIT_1_ON_FAILURE else 2
            return _help(parser, options.about) if options.command == "help" else _run(options, failed)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from tui.text import print_error

        if not isinstance(error, OSError) or error.filename is not None:
            print_error(f"internal error ({_where(error)})")
            return failed
        if not isinstance(error, BrokenPipeError):  # whose reader has seen enough
            print_error(f"the output cannot be written: {error.strerror}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still to be flushed
        return 2


def _occupy_standard_streams() -> None:
    """Open what was closed of the three, so that no file is opened in its place and written to as if it were one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, this one


def _where(error: Exception) -> str:
    """Which kind of error happened in which line; no line of source code, and nothing that was worked on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_globals.get('__name__')}, line {trace.tb_lineno}" if trace is not None else ""
    return type(error).__name__ + place


def _leave_no_core() -> None:
    """See to it that a crash leaves no file with its memory, which has passwords in it."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _have_a_home() -> None:
    """Give whom the system knows no home of, as a container's user may be, the one that Debian gives those without."""
    if os.path.expanduser("~") == "~":
        os.environ["HOME"] = "/nonexistent"


def _parse(arguments: Sequence[str] | None) -> "tuple[Parser, argparse.Namespace]":
    from tui.cli.grammar import build_parser

    parser = build_parser()
    if "_ARGCOMPLETE" in os.environ:
        from tui.cli.completion import complete

        complete(parser)
    return parser, parser.parse_args(arguments)


def _help(parser: "Parser", about: Sequence[str]) -> int:
    parser.parse_args([*about, "--help"])
    return 0


def _run(options: argparse.Namespace, failed: int) -> int:
    from models.errors import ShopError
    from tui.cli import screens
    from tui.config import config_file, read_settings
    from tui.text import print_error

    if options.command in SCREENS and (refusal := screens.no_terminal()):
        print_error(refusal)
        return 2
    settings = read_settings()
    settings.shop_root = options.shop_root or settings.shop_root
    problems = [f"{config_file()}: {problem}" for problem in settings.problems]
    if options.command not in SCREENS:  # these show them
        for problem in problems:
            print_error(problem)
    try:
        return _command(options, settings)
    except ShopError as error:
        if options.command in SCREENS or str(error) not in problems:
            print_error(str(error))
        return failed


def _command(options: argparse.Namespace, settings: "Settings") -> int:
    from tui.cli import screens
    from tui.cli.session import find_source

    if options.command is None:
        return screens.open_shop(options, settings)
    if options.command == "demo":
        return screens.demo(options, settings)
    needed = [] if options.command in WITHOUT_DATABASE else [find_source(options, settings)]
    exit_code: int = import_module(f"tui.cli.{options.command}").run(options, settings, *needed)
    return exit_code
