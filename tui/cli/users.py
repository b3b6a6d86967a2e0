"""`backoffice users`: list, show and change users."""

import argparse

from models import lookup, records, user_form, user_status, users
from models.db.connection import parse_time
from models.records import FullUser
from tui.cli.output import Record, print_list, print_record, stream_asked
from tui.cli.session import run_noun
from tui.config import Settings, Source

KEYS = (
    *("id", "email", "first_name", "last_name", "status", "groups", "language", *user_form.MARKS),
    *("last_login", "created_at", "can_sign_in"),
)
TABLE = {
    "email": "E-mail",
    "first_name": "First Name",
    "last_name": "Last Name",
    "groups": "Groups",
    "last_login": "Last Login",
    "status": "Status",
}


def run(options: argparse.Namespace, settings: Settings, source: Source) -> int:
    """Do what is asked; the exit code."""
    return run_noun(options, settings, source, READS, "user_changes")


def list_users(options: argparse.Namespace) -> None:
    """Print the users."""
    batches = stream_asked(options, users.with_status(user_status.STATUSES.get(options.status)))
    print_list(options, (list(map(as_record, records.full_users(rows))) for rows in batches), KEYS, TABLE)


def as_record(user: FullUser) -> Record:
    """A user as programs read it; a mark that the shop's table has not is None."""
    row, there = user.row, user_form.marks()
    return {
        "id": row.id,
        "email": row.email,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "status": row.status_word or "unknown",
        "groups": list(row.groups or ()),
        "language": user.language,
        **{mark: mark in row.marks if mark in there else None for mark in user_form.MARKS},
        "last_login": parse_time(row.last_login),
        "created_at": user.created_at,
        "can_sign_in": user.can_sign_in,
    }


def show_user(options: argparse.Namespace) -> None:
    """Print a user."""
    id, _ = lookup.find_one("user", options.name)
    print_record(options, as_record(records.user(id)))


READS = {"list": list_users, "show": show_user}
