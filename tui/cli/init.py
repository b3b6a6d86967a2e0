"""`backoffice init`: the tables of a shop and the rows of its installer, in an empty database."""

import argparse

from models.errors import Unavailable
from models.tools.install import install
from tui.config import Settings, Source
from tui.text import shown


def run(_: argparse.Namespace, __: Settings, source: Source) -> int:
    """Create the tables, and say where; the exit code."""
    if source.is_locked:
        name = source.name or "This database"
        raise Unavailable(f"{name} is locked: init needs one that is not. Nothing was changed.")
    where = install(source.location, read_only=bool(source.read_only), password=source.password)
    print(f"{shown(where)}: the tables of a shop were created.")
    return 0
