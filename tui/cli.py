"""The command line: what to open, and how."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

DESCRIPTION = "A shop's Back Office / Users section, in the terminal: user groups, their roles and their users."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its exit code: 0 done, 1 the database cannot be opened, 2 wrong usage or no terminal."""
    options = _parser().parse_args(arguments)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("backoffice: this program needs a terminal; its input and output cannot be piped.", file=sys.stderr)
        return 2
    from models.errors import Unavailable

    try:
        return _demo(options) if options.command == "demo" else _run(options)
    except Unavailable as error:
        print(f"backoffice: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backoffice", description=DESCRIPTION)
    parser.add_argument(
        "--database",
        metavar="FILE",
        help="a file path or sqlite:///FILE (else the variable BACKOFFICE_DATABASE, then the setting of that name, "
        "then a file in your data folder, created when it is first needed)",
    )
    parser.add_argument("--read-only", action="store_true", help="let the database refuse every change")
    parser.add_argument(
        "--full-output", action="store_true", help="write whole regions of the screen, not only what changed in them"
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    parser.add_argument("command", nargs="?", choices=["demo"], help="demo: open a throw-away sample shop")
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"backoffice {version('backoffice-tui')}")
        parser.exit()


def _run(options: argparse.Namespace) -> int:
    from models.database import open_database
    from tui.settings import default_database, read_settings

    settings = read_settings()
    settings.full_output |= options.full_output
    database = options.database
    location = database if database is not None else os.environ.get("BACKOFFICE_DATABASE") or settings.database
    if database is None and not location:
        location = str(default_database())
    opened = open_database(location, read_only=options.read_only)

    from tui.app import BackOffice

    return BackOffice(opened, settings).run_until_left()


def _demo(options: argparse.Namespace) -> int:
    import tempfile

    from models.database import Opened, open_database
    from models.demo import fill
    from tui.settings import read_settings

    settings = read_settings()
    settings.full_output |= options.full_output
    with tempfile.TemporaryDirectory(prefix="backoffice-demo-") as folder:
        open_database(str(Path(folder) / "demo.db"))
        fill()

        from tui.app import BackOffice

        return BackOffice(Opened("demo, gone at exit", False, False), settings).run_until_left()
