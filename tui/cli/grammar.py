"""What can be typed: the commands, their options and their help. What each does stands in the module of its name."""

import argparse

from tui.cli.parser import Parser, Verbs

DESCRIPTION = "A shop's Back Office / Users section, in the terminal: user groups, their roles and their users."
SHELLS = ("bash", "zsh", "fish")
STATUSES = ("active", "deactivated", "deleted")
SORTS = {
    "users": ("email", "first_name", "last_name", "last_login", "status"),
    "groups": ("name", "created_at"),
    "roles": ("name", "created_at"),
}
"""What lists are sorted by, as their listings have it; the first is the default."""

_MARKS = {
    "agent": "an agent in Storefront",
    "merchant-agent": "an agent in Merchant Portal",
    "warehouse": "a warehouse user",
}


def build_parser() -> Parser:
    """The parser of the whole command line."""
    parser = Parser(prog="backoffice", description=DESCRIPTION)
    _add_database(parser, None, whole=True)
    _add_screens(parser, False)
    _add_shop_root(parser, None)
    parser.add_argument("--keys", action=_Keys, nargs=0, help="show all keys, as a table for the config file, and exit")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    commands.add_parser(
        "users",
        help="list, create and change users",
        usage="backoffice users COMMAND ... (backoffice help users COMMAND says more)",
        epilog="examples:\n  backoffice users list --status active\n  backoffice users add --help",
        fill=_add_users,
    )
    commands.add_parser(
        "groups",
        help="list, create and change user groups",
        usage="backoffice groups COMMAND ... (backoffice help groups COMMAND says more)",
        epilog="examples:\n  backoffice groups list\n  backoffice groups add-user Catalog anna@shop.example",
        fill=_add_groups,
    )
    commands.add_parser(
        "roles",
        help="list, create and change user roles and their rules",
        usage="backoffice roles COMMAND ... (backoffice help roles COMMAND says more)",
        epilog="examples:\n  backoffice roles show 'Catalog editor'\n  backoffice roles allow Media 'cms-gui/*/*'",
        fill=_add_roles,
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
        fill=lambda parser: _add_database(parser),
    )
    commands.add_parser(
        "databases",
        help="list configured databases, without passwords",
        epilog="examples:\n  backoffice databases\n  backoffice databases --json",
        fill=_add_json,
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


def _add_users(parser: Parser) -> None:
    _add_database(parser)
    verbs = Verbs(parser)
    _add_list(verbs, "users", "--status active --json", "--search anna --sort last_login:desc --limit 10")
    _add_show(verbs, "user", "E-MAIL", "anna@shop.example")

    add = verbs.add(
        "add",
        "create a user",
        "E-MAIL OPTIONS (names, group, password are needed)",
        "anna@shop.example --first-name Anna --last-name Berg --group Catalog --generate-password",
        "tom@shop.example --first-name Tom --last-name Ost --group id:3 Media --password-stdin < file",
    )
    _add_names(add, "email", "E-MAIL")
    _add_person(add, required=True)
    add.add_argument("--group", metavar="GROUP", nargs="+", action="extend", required=True, help="groups of the user")
    add.add_argument("--language", metavar="LANGUAGE", help="of the interface, as in de_DE")
    for mark, text in _MARKS.items():
        add.add_argument(f"--{mark}", action="store_true", help=f"the user is {text}")
    _add_password(add)
    _add_change(add)

    change = verbs.add(
        "set",
        "change a user's fields (groups: see groups add-user)",
        "E-MAIL [options]",
        "anna@shop.example --last-name Berger",
        "id:12 --email anna.berg@shop.example --agent --dry-run",
    )
    _add_names(change, "email", "E-MAIL")
    change.add_argument("--email", metavar="E-MAIL", dest="new_email", help="the new e-mail")
    _add_person(change, required=False)
    change.add_argument("--language", metavar="LANGUAGE", help="of the interface, as in de_DE")
    for mark, text in _MARKS.items():
        boolean = argparse.BooleanOptionalAction
        change.add_argument(f"--{mark}", action=boolean, default=None, help=f"whether the user is {text}")
    _add_change(change, asks=True)

    clone = verbs.add(
        "clone",
        "create a user with the groups and marks of another",
        "E-MAIL NEW-E-MAIL OPTIONS (the names and a password are needed)",
        "anna@shop.example tom@shop.example --first-name Tom --last-name Ost --generate-password",
        "id:12 tom@shop.example --first-name Tom --last-name Ost --password-stdin < file",
    )
    _add_names(clone, "email", "E-MAIL")
    _add_names(clone, "new_email", "NEW-E-MAIL")
    _add_person(clone, required=True)
    _add_password(clone)
    _add_change(clone)

    for name, help, example in (
        ("activate", "let users sign in (again)", "anna@shop.example"),
        ("deactivate", "keep users from signing in", "anna@shop.example tom@shop.example --yes"),
        ("delete", "set users to deleted", "anna@shop.example --dry-run"),
        ("reset-mfa", "delete users' second factors", "anna@shop.example --yes"),
    ):
        command = verbs.add(name, help, "E-MAIL... [options]", example, "id:12 id:13 --yes --json")
        _add_names(command, "emails", "E-MAIL", several=True)
        _add_change(command, asks=True)

    password = verbs.add(
        "set-password",
        "give a user a new password",
        "E-MAIL (--generate-password | --password-stdin) [options]",
        "anna@shop.example --generate-password",
        "anna@shop.example --password-stdin < file",
    )
    _add_names(password, "email", "E-MAIL")
    _add_password(password)
    _add_change(password)

    from_csv = verbs.add(
        "import",
        "create users from a CSV file",
        "FILE [options]   (columns: e-mail, first name, last name, groups)",
        "new-users.csv --dry-run",
        "new-users.csv --yes",
    )
    _add_names(from_csv, "file", "FILE")
    _add_change(from_csv, asks=True)


def _add_groups(parser: Parser) -> None:
    _add_database(parser)
    verbs = Verbs(parser)
    _add_list(verbs, "groups", "", "--search cat --sort created_at:desc --csv")
    _add_show(verbs, "group", "GROUP", "Catalog")
    add = verbs.add(
        "add",
        "create a user group with roles",
        "TITLE --role ROLE... [options]",
        "Catalog --role 'Catalog editor' Media",
        "Catalog --role id:3 --dry-run --json",
    )
    _add_names(add, "title", "TITLE")
    add.add_argument("--role", metavar="ROLE", nargs="+", action="extend", required=True, help="roles of the group")
    _add_change(add)
    _add_rename_clone_delete(verbs, "group", "Catalog", "with its roles, without its users")
    for name, word, noun, other, help in (
        ("add-role", "roles", "ROLE", "Media", "give a group roles"),
        ("remove-role", "roles", "ROLE", "Media", "take roles from a group"),
        ("add-user", "users", "E-MAIL", "anna@shop.example", "add users to a group"),
        ("remove-user", "users", "E-MAIL", "anna@shop.example", "remove users from a group"),
    ):
        usage = f"GROUP {noun}... [options]"
        command = verbs.add(name, help, usage, f"Catalog {other}", f"Catalog {other} --dry-run --json")
        _add_names(command, "group", "GROUP")
        _add_names(command, word, noun, several=True)
        _add_change(command, asks=True)


def _add_roles(parser: Parser) -> None:
    _add_database(parser)
    verbs = Verbs(parser)
    _add_list(verbs, "roles", "--json", "--search catalog --sort name:desc")
    _add_show(verbs, "role", "ROLE", "'Catalog editor'")
    add = verbs.add("add", "create a user role", "NAME [options]", "'Catalog editor'", "Media --dry-run")
    _add_names(add, "name", "NAME")
    _add_change(add)
    _add_rename_clone_delete(verbs, "role", "Media", "with its rules")
    for name, help in (("allow", "let a role open paths"), ("deny", "keep a role from opening paths")):
        command = verbs.add(
            name,
            f"{help} (* matches anything)",
            "ROLE BUNDLE/CONTROLLER/ACTION... [options]",
            "Media 'sales/*/*' sales/order/list",
            "Media https://shop.example/product-attribute-gui/attribute/create --dry-run",
        )
        _add_names(command, "role", "ROLE")
        _add_names(command, "paths", "BUNDLE/CONTROLLER/ACTION", several=True)
        _add_change(command, asks=name == "deny")  # what is allowed takes nothing away
    remove = verbs.add(
        "remove-rule",
        "take rules from a role",
        "ROLE RULE... [options]",
        "Media 'allow sales/*/*'",
        "Media sales/order/list id:7 --yes",
    )
    _add_names(remove, "role", "ROLE")
    _add_names(remove, "rules", "RULE", several=True)
    _add_change(remove, asks=True)


def _add_access(parser: Parser) -> None:
    _add_json(parser)
    parser.add_argument("--who", metavar="PATH", help="print who may and can sign in; * matches anything")
    parser.add_argument("--all", action="store_true", help="with --who: also those who may and cannot sign in")
    parser.add_argument("--compare", metavar="E-MAIL", nargs=2, help="what only one of two users may open")
    parser.add_argument("email", metavar="E-MAIL", nargs="?", help="what the user signs in with")
    parser.add_argument("paths", metavar="PATH", nargs="*", help="bundle/controller/action, a URL or a label")
    _add_shop_root(parser)
    _add_database(parser)


def _add_findings(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="as in the first column of the list of all")
    _add_formats(parser)
    _add_shop_root(parser)
    _add_database(parser)


def _add_pages(parser: Parser) -> None:
    parser.add_argument("--search", metavar="WORDS", default="", help="those that contain each of the words")
    _add_formats(parser)
    _add_shop_root(parser)


def _add_demo(parser: Parser) -> None:
    _add_screens(parser, argparse.SUPPRESS)
    _add_shop_root(parser)


def _add_export(parser: Parser) -> None:
    for noun in ("role", "group"):
        parser.add_argument(
            f"--{noun}", metavar=noun.upper(), nargs="+", action="extend", help=f"these {noun}s, and only what is named"
        )
    parser.add_argument("--members", action="store_true", help="with the users of each group")
    parser.add_argument("--users", action="store_true", help="with the users themselves: all, or those of --group")
    _add_database(parser)


def _add_plan(parser: Parser) -> None:
    _add_names(parser, "file", "FILE")
    _add_prune(parser)
    parser.add_argument("--no-new-access", action="store_true", help="gate: nobody may open what they could not before")
    parser.add_argument(
        "--except", metavar="PATH", dest="excepted", action="append", default=[], help="of that: but this (* is any)"
    )
    parser.add_argument(
        "--not-granted", metavar="PATH", action="append", default=[], help="gate: nobody may open this (* is any)"
    )
    _add_json(parser)
    _add_database(parser)


def _add_apply(parser: Parser) -> None:
    _add_names(parser, "file", "FILE")
    _add_prune(parser)
    parser.add_argument("--expect", metavar="HASH", help="refuse other differences than plan printed with this hash")
    _add_change(parser, asks=True)


def _add_edit(parser: Parser) -> None:
    _add_database(parser)
    verbs = Verbs(parser)
    role = verbs.add("role", "edit a role's rules", "ROLE [options]", "'Catalog editor'", "id:12 --dry-run")
    group = verbs.add("group", "edit a group's roles", "GROUP [options]", "Catalog", "Catalog --members")
    group.add_argument("--members", action="store_true", help="and its users")
    for command, metavar in ((role, "ROLE"), (group, "GROUP")):
        _add_names(command, "name", metavar)
        _add_change(command, asks=True)


def _add_prune(parser: Parser) -> None:
    parser.add_argument("--prune", action="store_true", help="delete the groups and roles that the file does not name")


def _add_history(parser: Parser) -> None:
    verbs = ("list", "show", "verify")
    parser.add_argument("verb", metavar="COMMAND", nargs="?", choices=verbs, default="list", help=", ".join(verbs))
    parser.add_argument("id", metavar="ID", nargs="?", help="of show: as list prints it, or its unique beginning")
    parser.add_argument("--search", metavar="WORDS", default="", help="of list: those that contain each of the words")
    parser.add_argument("--limit", metavar="COUNT", type=_count, help="of list: no more than these")
    _add_formats(parser)


def _add_undo(parser: Parser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", help="as history prints it, or its unique beginning")
    _add_change(parser, asks=True)


def _add_check(parser: Parser) -> None:
    _add_json(parser)
    _add_database(parser)


def _add_list(verbs: Verbs, noun: str, *examples: str) -> None:
    parser = verbs.add("list", f"list {noun}", "[options]", *examples)
    parser.add_argument("--search", metavar="WORDS", default="", help="those that contain each of the words")
    if noun == "users":
        parser.add_argument("--status", choices=STATUSES, help=f"{', '.join(STATUSES[:-1])} or {STATUSES[-1]} ones")
    choices = [*SORTS[noun], *(f"{name}:desc" for name in SORTS[noun])]
    names = ", ".join(SORTS[noun])
    parser.add_argument("--sort", metavar="NAME", choices=choices, help=f"by {names}; NAME:desc for the other way")
    parser.add_argument("--limit", metavar="COUNT", type=_count, help="no more than these")
    _add_formats(parser)
    _add_database(parser)


def _add_show(verbs: Verbs, noun: str, metavar: str, example: str) -> None:
    parser = verbs.add("show", f"print a {noun}, whole", f"{metavar} [--json]", example, "id:12 --json")
    _add_names(parser, "name", metavar)
    _add_json(parser)
    _add_database(parser)


def _add_rename_clone_delete(verbs: Verbs, noun: str, example: str, along: str) -> None:
    old, new = noun.upper(), "TITLE" if noun == "group" else "NAME"
    for name, help in (("rename", f"rename a {noun}"), ("clone", f"create a copy of a {noun} {along}")):
        parser = verbs.add(
            name, help, f"{old} {new} [options]", f"{example} 'New name'", "id:12 'New name' --dry-run --json"
        )
        _add_names(parser, "name", old)
        _add_names(parser, "new_name", new)
        _add_change(parser)
    parser = verbs.add("delete", f"delete {noun}s", f"{old}... [options]", example, "id:12 id:13 --yes")
    _add_names(parser, "names", old, several=True)
    _add_change(parser, asks=True)


def _add_names(parser: Parser, dest: str, metavar: str, *, several: bool = False) -> None:
    """What a command is about; the line of usage says it."""
    parser.add_argument(dest, metavar=metavar, help=argparse.SUPPRESS, nargs="+" if several else None)


def _add_person(parser: Parser, *, required: bool) -> None:
    for name in ("first", "last"):
        parser.add_argument(f"--{name}-name", metavar="NAME", required=required, help=f"the {name} name")


def _add_password(parser: Parser) -> None:
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--generate-password", action="store_true", help="print a random password, alone, once")
    given.add_argument("--password-stdin", action="store_true", help="read the password from the standard input")


def _add_change(parser: Parser, *, asks: bool = False) -> None:
    parser.add_argument("--dry-run", action="store_true", help="print what would be done and its effect; do nothing")
    if asks:
        parser.add_argument("--yes", action="store_true", help="answer what would be asked with yes")
    else:
        parser.set_defaults(yes=False)
    parser.add_argument("--reason", metavar="TEXT", help="why, for the history")
    _add_json(parser)
    _add_database(parser)


def _add_json(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_formats(parser: Parser) -> None:
    """Without any: an aligned table to a terminal, tab-separated values to a pipe."""
    formats = parser.add_mutually_exclusive_group()
    _add_json(formats)
    formats.add_argument("--csv", action="store_true", help="print comma-separated values")


def _add_screens(parser: Parser, default: bool | str) -> None:
    texts = {
        "--read-only": "open read-only: the database itself refuses every change",
        "--ascii": "use ASCII only",
        "--full-output": "redraw whole regions, not only the cells that changed",
    }
    for option, text in texts.items():
        parser.add_argument(option, action="store_true", default=default, help=text)


def _add_shop_root(parser: Parser, default: str | None = argparse.SUPPRESS) -> None:
    text = "the shop's code (see backoffice --help)"
    if default is None:
        text = "the folder of the shop's code, whose pages are then known by name (else the nearest one above)"
    parser.add_argument("--shop-root", metavar="FOLDER", default=default, help=text)


def _add_database(parser: Parser, default: str | None = argparse.SUPPRESS, *, whole: bool = False) -> None:
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


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**31:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from 1 on")
    return int(text)


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
