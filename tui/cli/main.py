"""The command line: what to open, and how."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from models.db.connection import Opened
    from tui.config import Settings, Source

DESCRIPTION = "A shop's Back Office / Users section, in the terminal: user groups, their roles and their users."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program, or one of its commands that print and end; the exit code.

    0 done, 1 the database cannot be opened (or a check or an `init` failed) or the program itself failed, 2 wrong
    usage, no terminal or an output that cannot be written, 130 interrupted. For those of `backoffice access` see
    `tui.cli.access`.
    """
    _occupy_standard_streams()
    try:
        try:
            return _main(arguments)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from tui.text import print_error

        if not isinstance(error, OSError) or error.filename is not None:
            print_error(f"internal error ({_where(error)})")
            return 1
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


def _main(arguments: Sequence[str] | None) -> int:
    _leave_no_core()
    if sys.stdout is None:
        from tui.text import print_error

        print_error("the output cannot be written: it is closed")
        return 2
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name that it has no letters for
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "help":
        options.commands.get(options.about, parser).print_help()
        return 0
    from tui.text import print_error

    if options.command in (None, "demo") and (refusal := _no_terminal()):
        print_error(refusal)
        return 2
    from models.errors import Unavailable
    from tui.config import config_file, read_settings

    settings = read_settings()
    problems = [f"{config_file()}: {problem}" for problem in settings.problems]
    if options.command not in (None, "demo"):  # the screens show them
        for problem in problems:
            print_error(problem)
    try:
        if options.command == "demo":
            return _demo(settings, options)
        if options.command == "databases":
            from tui.cli.databases import databases

            return databases(settings)
        source = _source(settings, options)
        if options.command is None:
            return _run(settings, source, options)
        return _command(settings, source, options)
    except Unavailable as error:
        if options.command in (None, "demo") or str(error) not in problems:
            print_error(str(error))
        return 2 if options.command == "access" else 1


class _Parser(argparse.ArgumentParser):
    """A parser that repeats what was typed as text, whatever it would command the terminal."""

    def print_help(self, file: Any = None) -> None:
        print(self.format_help(), end="", file=file)  # argparse itself ignores that it cannot be written

    def error(self, message: str) -> NoReturn:
        from tui.text import brief, shown

        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: error: {shown(brief(message))}\n")


def _leave_no_core() -> None:
    """See to it that a crash leaves no file with its memory, which has passwords in it."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="backoffice", description=DESCRIPTION)
    _add_database(parser, None)
    _add_screens(parser, False)
    parser.add_argument("--keys", action=_Keys, nargs=0, help="show all keys, as a table for the config file, and exit")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", title="commands")
    _add_screens(commands.add_parser("demo", help="open a throw-away sample shop"), argparse.SUPPRESS)
    commands.add_parser("databases", help="list configured databases")
    check = commands.add_parser(
        "check",
        help="check the database",
        description="Exit code 0: this database can be used; 1: it cannot, and why.",
    )
    check.add_argument("--json", action="store_true", help="print a list of objects in JSON")
    init = commands.add_parser(
        "init",
        help="create a shop's tables and initial rows in an empty database",
        description="Exit code 0: done; 1: nothing was changed, and why.",
    )
    access = commands.add_parser(
        "access",
        help="show whether a user may open a path, and why, or who may",
        usage="backoffice access [--database DATABASE] [--json] E-MAIL BUNDLE/CONTROLLER/ACTION...\n"
        "       backoffice access [--database DATABASE] [--json] --who BUNDLE/CONTROLLER/ACTION [--all]",
        description="Exit code 0: all are allowed; 1: one is denied; 2: wrong usage, an unknown user or no database.",
    )
    access.add_argument("--json", action="store_true", help="print a list of objects in JSON")
    access.add_argument(
        "--who", metavar="PATH", help="print the e-mails of users who may open PATH and can sign in; * matches anything"
    )
    access.add_argument("--all", action="store_true", help="with --who: also users who cannot sign in")
    access.add_argument("email", metavar="E-MAIL", nargs="?", help="the e-mail the user signs in with")
    access.add_argument("paths", metavar="PATH", nargs="*", help="bundle/controller/action, or a URL")
    for command in (check, init, access):  # after the command too; what stands before it holds where nothing does
        _add_database(command, argparse.SUPPRESS)
    usage = commands.add_parser("help", help="show this help, or that of a command")
    usage.add_argument("about", metavar="COMMAND", nargs="?", choices=[*commands.choices], help="one of the commands")
    usage.set_defaults(commands=commands.choices)
    return parser


def _add_screens(parser: argparse.ArgumentParser, default: bool | str) -> None:
    texts = {
        "--read-only": "open read-only",
        "--ascii": "use ASCII only",
        "--full-output": "redraw whole regions",
    }
    for option, text in texts.items():
        parser.add_argument(option, action="store_true", default=default, help=text)


def _add_database(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument(
        "--database",
        metavar="DATABASE",
        default=default,
        help="a file path, sqlite:///FILE, postgres://, mysql:// or mariadb:// with user@host/database, or a name from "
        "the settings (else the variable BACKOFFICE_DATABASE, then the setting of that name, then the shop's own "
        "SPRYKER_DB_* variables, then a file in your data folder, created when it is first needed)",
    )
    parser.add_argument(
        "--password-file",
        metavar="FILE",
        default=default,
        help="a file whose first line is the password (instead of in the URL)",
    )


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"backoffice {version('backoffice-tui')}")
        parser.exit()


class _Keys(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from tui.app import BackOffice
        from tui.config import read_settings
        from tui.key_table import as_settings
        from tui.keymap.keys import SETS

        settings = read_settings()
        print(*as_settings(BackOffice, {**SETS.get(settings.key_set, {}), **settings.keys}), sep="\n")
        parser.exit()


def _no_terminal() -> str | None:
    """Why the screens cannot be shown; None where they can."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return "this program needs a terminal; its input and output cannot be piped."
    from tui.terminal.capabilities import refusal

    return refusal(os.environ)


def _source(settings: "Settings", options: argparse.Namespace) -> "Source":
    """The database to open, and Peewee with the drivers that it needs, before anything else imports Peewee."""
    from dataclasses import replace

    from models.db import drivers
    from tui.config import find_database

    source = find_database(options.database, settings, options.password_file)
    source = replace(source, read_only=source.read_only or options.read_only)
    drivers.import_peewee(drivers.needed(source.location))
    return source


def _command(settings: "Settings", source: "Source", options: argparse.Namespace) -> int:
    if options.command == "check":
        from tui.cli.check import check

        return check(source, as_json=options.json)
    if options.command == "init":
        from models.tools.install import install
        from tui.text import shown

        where = install(source.location, read_only=source.read_only, password=source.password)
        print(f"{shown(where)}: the tables of a shop were created.")
        return 0
    from tui.cli.access import access

    return access(settings, source, options.email, options.paths, options.who, options.json, options.all)


def _run(settings: "Settings", source: "Source", options: argparse.Namespace) -> int:
    gc.disable()  # what a start makes is there to stay; the first page turns it on again, that much sooner
    from dataclasses import replace

    from models.db.connection import open_database
    from tui.config import shop_settings

    chosen, problems = shop_settings(settings)
    settings.problems += problems.values()
    opened = open_database(source.location, read_only=source.read_only, password=source.password, settings=chosen)
    return _show(replace(opened, mark=source.mark), settings, options)


def _demo(settings: "Settings", options: argparse.Namespace) -> int:
    import tempfile

    from models.db import drivers

    drivers.import_peewee()
    gc.disable()

    from models.db.connection import Opened, open_database
    from models.errors import Unavailable
    from models.tools.demo import fill
    from tui.config import shop_settings

    chosen, problems = shop_settings(settings)
    settings.problems += problems.values()
    try:
        temporary = tempfile.TemporaryDirectory(prefix="backoffice-demo-")
    except OSError as error:
        raise Unavailable(f"the sample shop finds no folder for its file: {error.strerror}") from None
    with temporary as folder:
        file = str(Path(folder) / "demo.db")
        open_database(file, settings=chosen)
        fill()
        if options.read_only:
            open_database(file, read_only=True, settings=chosen)
        return _show(Opened("demo, gone at exit", options.read_only, False), settings, options, drafts=False)


def _show(opened: "Opened", settings: "Settings", options: argparse.Namespace, *, drafts: bool = True) -> int:
    """Show the screens over the opened database; its first rows are read while Textual is loaded."""
    from concurrent.futures import ThreadPoolExecutor

    from models import groups
    from models.db.paging import PAGE

    with ThreadPoolExecutor(1) as ahead:
        rows = ahead.submit(groups.listing.page, groups.listing.default_sort, PAGE).result
        settings.ascii |= options.ascii
        settings.full_output |= options.full_output

        from tui.app import BackOffice

        return BackOffice(opened, settings, drafts=drafts, rows=rows).lifecycle.run()
