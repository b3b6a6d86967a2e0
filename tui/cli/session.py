"""The database that a command works on, found and opened as the screens do it."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from models.db import drivers
from models.errors import Invalid
from tui.config import RULE_SETTINGS, Settings, Source, config_file, shop_settings
from tui.sources import find_database
from tui.state import history_folder
from tui.text import print_error

if TYPE_CHECKING:
    from models.changes.journal import Journal


def find_source(options: argparse.Namespace, settings: Settings) -> Source:
    """The database to open, and Peewee with the drivers that it needs, before anything else imports Peewee."""
    source = find_database(options.database, settings, options.password_file, read_only=options.read_only)
    if source.is_locked and may_write(options):
        source = replace(source, read_only=False)
    drivers.import_peewee(drivers.needed(source.location))
    return source


def may_write(options: argparse.Namespace) -> bool:
    """Whether a command may open a database so that it can be written that is read-only until it is unlocked.

    A reason of signs alone is none: a copied command has these in its place.
    """
    if "write" not in options:  # no change
        return False
    return options.dry_run or (options.write and any(map(str.isalnum, options.reason or "")))


def run_noun(
    options: argparse.Namespace,
    settings: Settings,
    source: Source,
    reads: Mapping[str, Callable[[argparse.Namespace], None]],
    changes: str,
) -> int:
    """Do what the command of a noun is to do, print something or change it; the exit code.

    `changes` names the module of the changes, which a list starts without.
    """
    with opened(source, settings, read_only=options.verb in reads):
        if options.verb in reads:
            reads[options.verb](options)
            return 0
        from tui.cli.change import run_change

        return run_change(options, settings, source, import_module(f"tui.cli.{changes}").CHANGES[options.verb])


def make_journal(settings: Settings) -> "Journal":
    """What records the changes, as the settings say."""
    from models.changes.journal import Journal

    folder, is_own = history_folder(settings)
    options = settings.history
    return Journal(folder, is_own=is_own, is_required=options.required, uses_syslog=options.syslog)


@contextmanager
def opened(source: Source, settings: Settings, *, read_only: bool = False) -> Iterator[None]:
    """The database, opened with the settings of its shop; none is created.

    Raises Unavailable, and Invalid where the shop's own rules or time zone are wrong in the settings.
    """
    from models.db.connection import close_database, open_database

    chosen, problems = shop_settings(settings)
    if wrong := {name: problems[name] for name in (*RULE_SETTINGS, "time_zone") if name in problems}:
        raise Invalid(wrong)
    for problem in problems.values():
        print_error(f"{config_file()}: {problem}")
    read_only |= bool(source.read_only)
    journal = None if read_only else make_journal(settings)
    try:
        open_database(
            source.location,
            read_only=read_only,
            create=False,
            password=source.password,
            settings=chosen,
            recorder=journal,
        )
        yield
    finally:
        close_database()
