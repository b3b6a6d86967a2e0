"""`backoffice groups`: list, show and change user groups."""

import argparse

from models import groups
from models.db.connection import parse_time
from models.db.streaming import stream_rows
from models.groups import GroupRow
from tui.cli.output import Record, print_list, print_record, stream_asked
from tui.cli.session import run_noun
from tui.config import Settings, Source

KEYS = ("id", "name", "roles", "users", "created_at")
TABLE = {"name": "Name", "roles": "Roles", "users": "Users", "created_at": "Created At"}


def run(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    """Do what is asked; the exit code."""
    return run_noun(options, settings, source, READS, "group_changes")


def list_groups(options: argparse.Namespace) -> None:
    """Print the groups."""
    batches = stream_asked(options, groups.listing)
    print_list(options, (list(map(as_record, rows)) for rows in batches), KEYS, TABLE)


def as_record(row: GroupRow) -> Record:
    """A group as programs read it."""
    found = (row.id, row.name, list(row.roles), row.users, parse_time(row.created_at))
    return dict(zip(KEYS, found, strict=True))


def show_group(options: argparse.Namespace) -> None:
    """Print a group with its users' e-mails."""
    from models import lookup, users

    id, _ = lookup.find_one("group", options.name)
    rows = groups.listing.rows([id])
    members = users.members(id)
    emails = sorted(user.email for rows in stream_rows(members, members.default_sort) for user in rows)
    print_record(options, {**as_record(rows[0]), "users": emails})


READS = {"list": list_groups, "show": show_group}
