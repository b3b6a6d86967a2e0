"""Options and arguments that several commands take."""

import argparse

from tui.cli.parser import Parser


def add_names(parser: Parser, dest: str, metavar: str, *, several: bool = False) -> None:
    """What a command is about; the line of usage says it."""
    parser.add_argument(dest, metavar=metavar, help=argparse.SUPPRESS, nargs="+" if several else None)


def add_change(parser: Parser, *, asks: bool = False) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only print what would be done, and its effect")
    if asks:
        parser.add_argument("--yes", action="store_true", help="answer what would be asked with yes")
    else:
        parser.set_defaults(yes=False)
    parser.add_argument("--write", action="store_true", help="change a locked database; with --reason")
    parser.add_argument("--reason", metavar="TEXT", help="why, for the history")
    add_json(parser)
    add_database(parser)


def add_json(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_formats(parser: Parser) -> None:
    """Without any: an aligned table to a terminal, tab-separated values to a pipe."""
    formats = parser.add_mutually_exclusive_group()
    add_json(formats)
    formats.add_argument("--csv", action="store_true", help="print comma-separated values")


def add_prune(parser: Parser) -> None:
    parser.add_argument("--prune", action="store_true", help="delete the groups and roles that the file does not name")


def add_screens(parser: Parser, default: bool | str) -> None:
    texts = {
        "--read-only": "open read-only: the database itself refuses every change",
        "--ascii": "use ASCII only",
        "--full-output": "redraw whole regions, not only the cells that changed",
    }
    for option, text in texts.items():
        parser.add_argument(option, action="store_true", default=default, help=text)


def add_shop_root(parser: Parser, default: str | None = argparse.SUPPRESS) -> None:
    text = "the shop's code (see backoffice --help)"
    if default is None:
        text = "the folder of the shop's code, whose pages are then known by name (else the nearest one above)"
    parser.add_argument("--shop-root", metavar="FOLDER", default=default, help=text)


def add_database(parser: Parser, default: str | None = argparse.SUPPRESS, *, whole: bool = False) -> None:
    """After the command too; what stands before it holds where nothing does."""
    where, password = "a file, URL or name (see backoffice --help)", "a file whose first line is the password"
    if whole:
        where = (
            "a file path, sqlite:///FILE, postgres://, mysql:// or mariadb:// with user@host/database, or a name from "
            "the settings (else the variable BACKOFFICE_DATABASE, then the setting of that name, then the shop's own "
            "SPRYKER_DB_* variables, then a file in your data folder, created when it is first needed)"
        )
        password = "a file whose first line is the password (instead of in the URL)"
    hidden = parser.get_default("verb") is not None  # the noun's help has them
    for option, metavar, text in (("--database", "DATABASE", where), ("--password-file", "FILE", password)):
        parser.add_argument(option, metavar=metavar, default=default, help=argparse.SUPPRESS if hidden else text)


def count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**31:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from 1 on")
    return int(text)
