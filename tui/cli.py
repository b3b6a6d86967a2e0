"""The command line: what to open, and how."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.settings import Settings

DESCRIPTION = "A shop's Back Office / Users section, in the terminal: user groups, their roles and their users."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its exit code: 0 done, 1 the database cannot be opened, 2 wrong usage or no terminal.

    For those of `backoffice access` see `tui.access`.
    """
    options = _parser().parse_args(arguments)
    if options.command == "access":
        from tui.access import access

        return access(options.database, options.email, options.paths, options.who, options.json)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("backoffice: this program needs a terminal; its input and output cannot be piped.", file=sys.stderr)
        return 2
    from models.errors import Unavailable
    from tui.terminal import refusal

    if reason := refusal(os.environ):
        print(f"backoffice: {reason}", file=sys.stderr)
        return 2
    gc.disable()  # what a start makes is there to stay; the first page turns it on again, that much sooner
    try:
        return _demo(options) if options.command == "demo" else _run(options)
    except Unavailable as error:
        print(f"backoffice: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backoffice", description=DESCRIPTION)
    database = (
        "a file path or sqlite:///FILE (else the variable BACKOFFICE_DATABASE, then the setting of that name, "
        "then a file in your data folder, created when it is first needed)"
    )
    parser.add_argument("--database", metavar="FILE", help=database)
    parser.add_argument("--read-only", action="store_true", help="let the database refuse every change")
    parser.add_argument("--ascii", action="store_true", help="draw with nothing but ASCII characters")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", title="commands")
    commands.add_parser("demo", help="open a throw-away sample shop")
    access = commands.add_parser(
        "access",
        help="print whether a user may open a path, and why, or who may; needs no terminal",
        usage="backoffice access [--database FILE] [--json] E-MAIL BUNDLE/CONTROLLER/ACTION...\n"
        "       backoffice access [--database FILE] [--json] --who BUNDLE/CONTROLLER/ACTION",
        description="Exit code 0: all are allowed; 1: one is denied; 2: wrong usage, an unknown user or no database.",
    )
    access.add_argument("--database", metavar="FILE", default=argparse.SUPPRESS, help=database)
    access.add_argument("--json", action="store_true", help="print a list of objects in JSON")
    access.add_argument("--who", metavar="PATH", help="print the e-mails of those who may; * parts stand for any")
    access.add_argument("email", metavar="E-MAIL", nargs="?", help="what the user signs in with")
    access.add_argument("paths", metavar="PATH", nargs="*", help="bundle/controller/action, or an address")
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"backoffice {version('backoffice-tui')}")
        parser.exit()


def _settings(options: argparse.Namespace) -> "Settings":
    """The settings, as far as the command line does not say otherwise."""
    from tui.settings import read_settings

    settings = read_settings()
    settings.ascii |= options.ascii
    return settings


def _run(options: argparse.Namespace) -> int:
    from models import drivers
    from tui.settings import find_database

    settings = _settings(options)
    location = find_database(options.database, settings)
    drivers.import_peewee(drivers.needed(location))

    from models.database import open_database

    opened = open_database(location, read_only=options.read_only)

    from tui.app import BackOffice

    return BackOffice(opened, settings).run_until_left()


def _demo(options: argparse.Namespace) -> int:
    import tempfile

    from models import drivers

    drivers.import_peewee()

    from models.database import Opened, open_database
    from models.demo import fill

    with tempfile.TemporaryDirectory(prefix="backoffice-demo-") as folder:
        open_database(str(Path(folder) / "demo.db"))
        fill()

        from tui.app import BackOffice

        opened = Opened("demo, gone at exit", False, False)
        return BackOffice(opened, _settings(options), drafts=False).run_until_left()
