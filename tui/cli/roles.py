"""`backoffice roles`: list, show and change user roles."""

import argparse

from models import lookup, records, roles
from models.db.connection import parse_time
from models.records import FullRole
from tui.cli.output import Record, print_list, print_record, stream_asked
from tui.cli.session import run_noun
from tui.config import Settings, Source

KEYS = ("id", "name", "rules", "groups", "created_at")
TABLE = {"name": "Name", "groups": "Groups", "rules": "Rules", "created_at": "Created at"}


def run(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    """Do what is asked; the exit code."""
    return run_noun(options, settings, source, READS, "role_changes")


def list_roles(options: argparse.Namespace) -> None:
    """Print the roles."""
    batches = stream_asked(options, roles.listing)
    print_list(options, (list(map(as_record, records.full_roles(rows))) for rows in batches), KEYS, TABLE)


def as_record(role: FullRole) -> Record:
    """A role as programs read it."""
    rules = [str(rule) for rule in role.rules]
    found = (role.row.id, role.row.name, rules, list(role.groups), parse_time(role.row.created_at))
    return dict(zip(KEYS, found, strict=True))


def show_role(options: argparse.Namespace) -> None:
    """Print a role."""
    id, _ = lookup.find_one("role", options.name)
    print_record(options, as_record(records.role(id)))


READS = {"list": list_roles, "show": show_role}
