"""What can be typed: the commands, their options and their help. What each does stands in the module of its name."""

import argparse

from tui.cli.options import (
    add_change,
    add_database,
    add_formats,
    add_json,
    add_names,
    add_prune,
    add_screens,
    add_shop_root,
    count,
)
from tui.cli.parser import Parser, Verbs
from tui.cli.record_commands import add_groups, add_roles, add_users

DESCRIPTION = "A shop's Back Office / Users section, in the terminal: user groups, their roles and their users."
SHELLS = ("bash", "zsh", "fish")


def build_parser() -> Parser:
    """The parser of the whole command line."""
    parser = Parser(prog="backoffice", description=DESCRIPTION)
    add_database(parser, None, whole=True)
    add_screens(parser, False)
    add_shop_root(parser, None)
    parser.add_argument("--keys", action=_Keys, nargs=0, help="show all keys, as a table for the config file, and exit")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    commands.add_parser(
        "users",
        help="list, create and change users",
        usage="backoffice users COMMAND ... (backoffice help users COMMAND says more)",
        epilog="examples:\n  backoffice users list --status active\n  backoffice users add --help",
        fill=add_users,
    )
    commands.add_parser(
        "groups",
        help="list, create and change user groups",
        usage="backoffice groups COMMAND ... (backoffice help groups COMMAND says more)",
        epilog="examples:\n  backoffice groups list\n  backoffice groups add-user Catalog anna@shop.example",
        fill=add_groups,
    )
    commands.add_parser(
        "roles",
        help="list, create and change user roles and their rules",
        usage="backoffice roles COMMAND ... (backoffice help roles COMMAND says more)",
        epilog="examples:\n  backoffice roles show 'Catalog editor'\n  backoffice roles allow Media 'cms-gui/*/*'",
        fill=add_roles,
    )
    commands.add_parser(
        "access",
        help="print whether a user may open a path, and why, or who may; needs no terminal",
        usage="backoffice access [--json] E-MAIL BUNDLE/CONTROLLER/ACTION...\n"
        "       backoffice access [--json] --who BUNDLE/CONTROLLER/ACTION [--all]\n"
        "       backoffice access [--json] --compare E-MAIL E-MAIL",
        description="Exit code 0: all allowed, or no difference; 1: one is denied, or a difference.",
        epilog="examples:\n  backoffice access anna@shop.example sales/index/index\n"
        "  backoffice access --who 'user/*/*'",
        fill=_add_access,
    )
    commands.add_parser(
        "findings",
        help="print what an admin should look at",
        usage="backoffice findings [NAME] [--json | --csv]",
        description="Print every kind of finding with its count, or what was found of one.",
        epilog="examples:\n  backoffice findings\n  backoffice findings groups-without-users --json",
        fill=_add_findings,
    )
    commands.add_parser(
        "pages",
        help="print the pages that the shop's code names; needs no database",
        usage="backoffice pages [--search WORDS] [--json | --csv]",
        description="Print the known pages and requests by path, each with its label where a menu or a breadcrumb has\n"
        "one. Known pages, not all: actions that a controller inherits are missed.",
        epilog="examples:\n  backoffice pages --search 'edit group'\n  backoffice pages --json --shop-root /srv/shop",
        fill=_add_pages,
    )
    commands.add_parser(
        "export",
        help="print roles and groups as a file for plan",
        usage="backoffice export [options]",
        description="Print all roles and groups as TOML, or those that are named; sorted, the same for the same shop.",
        epilog="examples:\n  backoffice export > shop.toml\n"
        "  backoffice export --role 'Catalog editor' --group Catalog --members",
        fill=_add_export,
    )
    commands.add_parser(
        "plan",
        help="print how the shop differs from a file, and what applying that would do",
        usage="backoffice plan FILE [options]",
        description="Print what would be added, changed and removed, then who would gain or lose what.\n"
        "Exit code 0: no difference; 1: differences, with a gate only what it does not let through; 2: an error.",
        epilog="examples:\n  backoffice plan shop.toml --json\n  backoffice plan shop.toml --not-granted 'acl/*/*'",
        fill=_add_plan,
    )
    commands.add_parser(
        "apply",
        help="make the shop what a file says, whole or not at all",
        usage="backoffice apply FILE [options]",
        description="Make all changes that plan prints, in one transaction, or none.",
        epilog="examples:\n  backoffice apply shop.toml --dry-run\n  backoffice apply shop.toml --yes --expect HASH",
        fill=_add_apply,
    )
    commands.add_parser(
        "edit",
        help="edit a role or group as text",
        usage="backoffice edit (role | group) NAME [options]",
        description="Open the rules of a role, or the roles of a group, in $EDITOR; then ask.",
        epilog="examples:\n  backoffice edit role 'Catalog editor'\n  backoffice edit group Catalog --members",
        fill=_add_edit,
    )
    commands.add_parser(
        "history",
        help="print what was changed with this program, when, by whom, and whether the records are whole",
        usage="backoffice history [list | show ID | verify] [options]",
        description="Print the recorded changes, the newest first, or one of them with all values before and after.\n"
        "Exit code of verify: 0 the records are whole; 1 one was changed or is missing, and which.",
        epilog="examples:\n  backoffice history --search anna --limit 20\n  backoffice history show 01M8DQ --json",
        fill=_add_history,
    )
    commands.add_parser(
        "undo",
        help="take a change back that history has",
        usage="backoffice undo [ID] [options]",
        description="Take back a recorded change, or your last one to this database; to undo that makes it again.\n"
        "Refused where something of it was changed again since. Exit code 0: done; 1: refused; 2: no such record.",
        epilog="examples:\n  backoffice undo --dry-run\n  backoffice undo 01M8DQ --yes --reason 'ticket 12'",
        fill=_add_undo,
    )
    commands.add_parser(
        "check",
        help="check the database: what it is, and whether the program can work on it",
        description="Exit code 0: the program can work; 1: it cannot, and why.",
        epilog="examples:\n  backoffice check\n  backoffice check --json --database production",
        fill=_add_check,
    )
    commands.add_parser(
        "init",
        help="create a shop's tables and its installer's rows in an empty database",
        description="Exit code 0: done; 1: nothing was changed, and why.",
        epilog="examples:\n  backoffice init\n  backoffice init --database shop.db",
        fill=lambda parser: add_database(parser),
    )
    commands.add_parser(
        "databases",
        help="list configured databases, without passwords",
        epilog="examples:\n  backoffice databases\n  backoffice databases --json",
        fill=add_json,
    )
    commands.add_parser(
        "demo",
        help="open a throw-away sample shop",
        epilog="examples:\n  backoffice demo\n  backoffice demo --read-only",
        fill=_add_demo,
    )
    commands.add_parser(
        "completion",
        help="print the script that completes commands in a shell",
        description="Print the script that completes commands, options and names of records.",
        epilog='examples:\n  eval "$(backoffice completion bash)"\n'
        "  backoffice completion fish > ~/.config/fish/completions/backoffice.fish",
        fill=lambda parser: parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS)),
    )
    commands.add_parser(
        "help",
        help="show this help, or that of a command",
        epilog="examples:\n  backoffice help users\n  backoffice help groups add-user",
        fill=lambda parser: parser.add_argument("about", metavar="COMMAND", nargs="*", help="one of the commands"),
    )
    return parser


def _add_access(parser: Parser) -> None:
    add_json(parser)
    who = "print who may and can sign in; * matches anything"
    parser.add_argument("--who", metavar="PATH", nargs="?", const="", help=who)
    parser.add_argument("--all", action="store_true", help="with --who: also those who may and cannot sign in")
    parser.add_argument("--compare", metavar="E-MAIL", nargs=2, help="what only one of two users may open")
    parser.add_argument("email", metavar="E-MAIL", nargs="?", help="what the user signs in with")
    parser.add_argument("paths", metavar="PATH", nargs="*", help="bundle/controller/action, a URL or a label")
    add_shop_root(parser)
    add_database(parser)


def _add_findings(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="as in the first column of the list of all")
    add_formats(parser)
    add_shop_root(parser)
    add_database(parser)


def _add_pages(parser: Parser) -> None:
    parser.add_argument("--search", metavar="WORDS", default="", help="those that contain each of the words")
    add_formats(parser)
    add_shop_root(parser)


def _add_demo(parser: Parser) -> None:
    add_screens(parser, argparse.SUPPRESS)
    add_shop_root(parser)


def _add_export(parser: Parser) -> None:
    for noun in ("role", "group"):
        parser.add_argument(
            f"--{noun}", metavar=noun.upper(), nargs="+", action="extend", help=f"these {noun}s, and only what is named"
        )
    parser.add_argument("--members", action="store_true", help="with the users of each group")
    parser.add_argument("--users", action="store_true", help="with the users themselves: all, or those of --group")
    add_database(parser)


def _add_plan(parser: Parser) -> None:
    add_names(parser, "file", "FILE")
    add_prune(parser)
    parser.add_argument("--no-new-access", action="store_true", help="gate: nobody may open what they could not before")
    parser.add_argument(
        "--except", metavar="PATH", dest="excepted", action="append", default=[], help="of that: but this (* is any)"
    )
    parser.add_argument(
        "--not-granted", metavar="PATH", action="append", default=[], help="gate: nobody may open this (* is any)"
    )
    add_json(parser)
    add_database(parser)


def _add_apply(parser: Parser) -> None:
    add_names(parser, "file", "FILE")
    add_prune(parser)
    parser.add_argument("--expect", metavar="HASH", help="refuse other differences than plan printed with this hash")
    add_change(parser, asks=True)


def _add_edit(parser: Parser) -> None:
    add_database(parser)
    verbs = Verbs(parser)
    role = verbs.add("role", "edit a role's rules", "ROLE [options]", "'Catalog editor'", "id:12 --dry-run")
    group = verbs.add("group", "edit a group's roles", "GROUP [options]", "Catalog", "Catalog --members")
    group.add_argument("--members", action="store_true", help="and its users")
    for command, metavar in ((role, "ROLE"), (group, "GROUP")):
        add_names(command, "name", metavar)
        add_change(command, asks=True)


def _add_history(parser: Parser) -> None:
    verbs = ("list", "show", "verify")
    parser.add_argument("verb", metavar="COMMAND", nargs="?", choices=verbs, default="list", help=", ".join(verbs))
    parser.add_argument("id", metavar="ID", nargs="?", help="of show: as list prints it, or its unique beginning")
    parser.add_argument("--search", metavar="WORDS", default="", help="of list: those that contain each of the words")
    parser.add_argument("--limit", metavar="COUNT", type=count, help="of list: no more than these")
    add_formats(parser)
    add_database(parser)


def _add_undo(parser: Parser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", help="as history prints it, or its unique beginning")
    add_change(parser, asks=True)


def _add_check(parser: Parser) -> None:
    add_json(parser)
    add_database(parser)


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
