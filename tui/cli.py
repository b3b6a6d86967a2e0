"""The command line: what to open, and how."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

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

    try:
        return _demo() if options.command == "demo" else _run(options.database, options.read_only)
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


def _run(database: str | None, read_only: bool) -> int:
    from models.database import open_database
    from tui.settings import find_database, read_settings

    settings = read_settings()
    opened = open_database(find_database(database, settings), read_only=read_only)

    from tui.app import BackOffice

    return BackOffice(opened, settings).run_until_left()


def _demo() -> int:
    import tempfile

    from models.database import Opened, open_database
    from models.demo import fill
    from tui.settings import read_settings

    with tempfile.TemporaryDirectory(prefix="backoffice-demo-") as folder:
        open_database(str(Path(folder) / "demo.db"))
        fill()

        from tui.app import BackOffice

        return BackOffice(Opened("demo, gone at exit", False, False), read_settings()).run_until_left()
