"""The commands about records: `backoffice users`, `groups` and `roles`, with their verbs and options."""

import argparse

from tui.cli.options import add_change, add_database, add_formats, add_json, add_names, count
from tui.cli.parser import Parser, Verbs

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


def add_users(parser: Parser) -> None:
    add_database(parser)
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
    add_names(add, "email", "E-MAIL")
    _add_person(add, required=True)
    add.add_argument("--group", metavar="GROUP", nargs="+", action="extend", required=True, help="groups of the user")
    add.add_argument("--language", metavar="LANGUAGE", help="as in de_DE, or none")
    for mark, text in _MARKS.items():
        add.add_argument(f"--{mark}", action="store_true", help=f"the user is {text}")
    _add_password(add)
    add_change(add)

    change = verbs.add(
        "set",
        "change a user's fields (groups: see groups add-user)",
        "E-MAIL [options]",
        "anna@shop.example --last-name Berger",
        "id:12 --email anna.berg@shop.example --agent --dry-run",
    )
    add_names(change, "email", "E-MAIL")
    change.add_argument("--email", metavar="E-MAIL", dest="new_email", help="the new e-mail")
    _add_person(change, required=False)
    change.add_argument("--language", metavar="LANGUAGE", help="as in de_DE, or none")
    for mark, text in _MARKS.items():
        boolean = argparse.BooleanOptionalAction
        change.add_argument(f"--{mark}", action=boolean, default=None, help=f"whether the user is {text}")
    add_change(change, asks=True)

    clone = verbs.add(
        "clone",
        "create a user with the groups and marks of another",
        "E-MAIL NEW-E-MAIL OPTIONS (the names and a password are needed)",
        "anna@shop.example tom@shop.example --first-name Tom --last-name Ost --generate-password",
        "id:12 tom@shop.example --first-name Tom --last-name Ost --password-stdin < file",
    )
    add_names(clone, "email", "E-MAIL")
    add_names(clone, "new_email", "NEW-E-MAIL")
    _add_person(clone, required=True)
    _add_password(clone)
    add_change(clone)

    for name, help, example in (
        ("activate", "let users sign in (again)", "anna@shop.example"),
        ("deactivate", "keep users from signing in", "anna@shop.example tom@shop.example --yes"),
        ("delete", "set users to deleted", "anna@shop.example --dry-run"),
        ("reset-mfa", "delete users' second factors", "anna@shop.example --yes"),
    ):
        command = verbs.add(name, help, "E-MAIL... [options]", example, "id:12 id:13 --yes --json")
        add_names(command, "emails", "E-MAIL", several=True)
        add_change(command, asks=True)

    password = verbs.add(
        "set-password",
        "give a user a new password",
        "E-MAIL (--generate-password | --password-stdin) [options]",
        "anna@shop.example --generate-password",
        "anna@shop.example --password-stdin < file",
    )
    add_names(password, "email", "E-MAIL")
    _add_password(password)
    add_change(password)

    from_csv = verbs.add(
        "import",
        "create users from a CSV file",
        "FILE [options]   (columns: e-mail, first name, last name, groups)",
        "new-users.csv --dry-run",
        "new-users.csv --yes",
    )
    add_names(from_csv, "file", "FILE")
    add_change(from_csv, asks=True)


def add_groups(parser: Parser) -> None:
    add_database(parser)
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
    add_names(add, "title", "TITLE")
    add.add_argument("--role", metavar="ROLE", nargs="+", action="extend", required=True, help="roles of the group")
    add_change(add)
    _add_rename_clone_delete(verbs, "group", "Catalog", "with its roles, without its users")
    for name, word, noun, other, help in (
        ("add-role", "roles", "ROLE", "Media", "give a group roles"),
        ("remove-role", "roles", "ROLE", "Media", "take roles from a group"),
        ("add-user", "users", "E-MAIL", "anna@shop.example", "add users to a group"),
        ("remove-user", "users", "E-MAIL", "anna@shop.example", "remove users from a group"),
    ):
        usage = f"GROUP {noun}... [options]"
        command = verbs.add(name, help, usage, f"Catalog {other}", f"Catalog {other} --dry-run --json")
        add_names(command, "group", "GROUP")
        add_names(command, word, noun, several=True)
        add_change(command, asks=True)


def add_roles(parser: Parser) -> None:
    add_database(parser)
    verbs = Verbs(parser)
    _add_list(verbs, "roles", "--json", "--search catalog --sort name:desc")
    _add_show(verbs, "role", "ROLE", "'Catalog editor'")
    add = verbs.add("add", "create a user role", "NAME [options]", "'Catalog editor'", "Media --dry-run")
    add_names(add, "name", "NAME")
    add_change(add)
    _add_rename_clone_delete(verbs, "role", "Media", "with its rules")
    for name, help in (("allow", "let a role open paths"), ("deny", "keep a role from opening paths")):
        command = verbs.add(
            name,
            f"{help} (* matches anything)",
            "ROLE BUNDLE/CONTROLLER/ACTION... [options]",
            "Media 'sales/*/*' sales/order/list",
            "Media https://shop.example/product-attribute-gui/attribute/create --dry-run",
        )
        add_names(command, "role", "ROLE")
        add_names(command, "paths", "BUNDLE/CONTROLLER/ACTION", several=True)
        add_change(command, asks=True)
    remove = verbs.add(
        "remove-rule",
        "take rules from a role",
        "ROLE RULE... [options]",
        "Media 'allow sales/*/*'",
        "Media sales/order/list id:7 --yes",
    )
    add_names(remove, "role", "ROLE")
    add_names(remove, "rules", "RULE", several=True)
    add_change(remove, asks=True)


def _add_list(verbs: Verbs, noun: str, *examples: str) -> None:
    parser = verbs.add("list", f"list {noun}", "[options]", *examples)
    parser.add_argument("--search", metavar="WORDS", default="", help="those that contain each of the words")
    if noun == "users":
        parser.add_argument("--status", choices=STATUSES, help=f"{', '.join(STATUSES[:-1])} or {STATUSES[-1]} ones")
    choices = [*SORTS[noun], *(f"{name}:desc" for name in SORTS[noun])]
    names = ", ".join(SORTS[noun])
    parser.add_argument("--sort", metavar="NAME", choices=choices, help=f"by {names}; NAME:desc for the other way")
    parser.add_argument("--limit", metavar="COUNT", type=count, help="no more than these")
    add_formats(parser)
    add_database(parser)


def _add_show(verbs: Verbs, noun: str, metavar: str, example: str) -> None:
    parser = verbs.add("show", f"print a {noun}, whole", f"{metavar} [--json]", example, "id:12 --json")
    add_names(parser, "name", metavar)
    add_json(parser)
    add_database(parser)


def _add_rename_clone_delete(verbs: Verbs, noun: str, example: str, along: str) -> None:
    old, new = noun.upper(), "TITLE" if noun == "group" else "NAME"
    for name, help in (("rename", f"rename a {noun}"), ("clone", f"create a copy of a {noun} {along}")):
        parser = verbs.add(
            name, help, f"{old} {new} [options]", f"{example} 'New name'", "id:12 'New name' --dry-run --json"
        )
        add_names(parser, "name", old)
        add_names(parser, "new_name", new)
        add_change(parser)
    parser = verbs.add("delete", f"delete {noun}s", f"{old}... [options]", example, "id:12 id:13 --yes")
    add_names(parser, "names", old, several=True)
    add_change(parser, asks=True)


def _add_person(parser: Parser, *, required: bool) -> None:
    for name in ("first", "last"):
        parser.add_argument(f"--{name}-name", metavar="NAME", required=required, help=f"the {name} name")


def _add_password(parser: Parser) -> None:
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--generate-password", action="store_true", help="print a random password, alone, once")
    given.add_argument("--password-stdin", action="store_true", help="read the password from the standard input")
