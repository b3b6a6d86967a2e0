"""The database that a command works on, found and opened as the screens do it."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from models.db import drivers
from tui.config import Settings, Source, config_file, find_database
from tui.text import print_error


def find_source(options: argparse.Namespace, settings: Settings) -> Source:
    """The database to open, and Peewee with the drivers that it needs, before anything else imports Peewee."""
    source = find_database(options.database, settings, options.password_file)
    source = replace(source, read_only=source.read_only or options.read_only)
    drivers.import_peewee(drivers.needed(source.location))
    return source


@contextmanager
def opened(source: Source, settings: Settings, *, read_only: bool = False) -> Iterator[None]:
    """The database, opened as the settings say; none is created. Raises Unavailable, and Invalid for the settings."""
    from models.db.connection import close_database, open_database
    from tui.shop_settings import apply_settings, apply_shop_settings

    for problem in apply_settings(settings):
        print_error(f"{config_file()}: {problem}")
    apply_shop_settings(settings)
    try:
        read_only |= source.read_only
        open_database(source.location, read_only=read_only, create=False, password=source.password)
        yield
    finally:
        close_database()
