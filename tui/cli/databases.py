"""`backoffice databases`: the databases that the settings name, without passwords."""

import argparse
import json

from models.db.drivers import is_url
from models.db.servers import address
from models.errors import Unavailable
from tui.config import Settings, Source, config_file
from tui.sources import with_settings
from tui.text import shown


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Print a line for each: its name, where it is, its mark, and whether it is opened read-only; the exit code."""
    databases = {name: with_settings(source, settings) for name, source in settings.databases.items()}
    found = [(name, _where(source), source) for name, source in databases.items()]
    if options.json:
        objects = [
            {"name": name, "location": where, "mark": source.mark, "read_only": source.read_only}
            for name, where, source in found
        ]
        print(json.dumps(objects, indent=2))
        return 0
    if not found:
        print(f"No databases in {config_file()}: add a table [databases.NAME] with a url.")
    width = max(map(len, settings.databases), default=0)
    for name, where, source in found:
        print(shown("  ".join([name.ljust(width), where, *[source.mark] * bool(source.mark)])), end="")
        print("  read-only" * bool(source.read_only) + " until unlocked" * source.is_locked)
    return 0


def _where(source: Source) -> str:
    """Where it is, without a password, or why it cannot be opened."""
    scheme, is_of_scheme, _ = source.location.partition("://")
    try:
        if is_url(source.location):
            return str(address(source.location))
    except Unavailable as error:
        return str(error)
    if source.problem:
        return f"cannot be opened: {source.problem}"
    return f"{scheme}://: unknown scheme" if is_of_scheme and scheme != "sqlite" else source.location
