"""The screens: over the opened database, or over a throw-away sample shop."""

import argparse
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.session import find_source, make_journal
from tui.config import SAMPLE

if TYPE_CHECKING:
    from models.db.connection import Opened
    from models.db.opened import ShopSettings
    from tui.config import Settings, Source


def no_terminal() -> str | None:
    """Why the screens cannot be shown; None where they can."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return "this program needs a terminal; its input and output cannot be piped."
    from tui.terminal.capabilities import refusal

    return refusal(os.environ)


def open_shop(options: argparse.Namespace, settings: "Settings") -> int:
    """Show the shop's database; the exit code."""
    source = find_source(options, settings)
    gc.disable()  # what a start makes is there to stay; the first page turns it on again, that much sooner

    from models.db.connection import open_database

    chosen = _shop_settings(settings)
    opened = open_database(
        source.location,
        read_only=source.read_only is True,
        until_unlocked=source.is_locked,
        password=source.password,
        settings=chosen,
        recorder=None if source.read_only is True else make_journal(settings),
    )
    return _show(opened, settings, options, source)


def demo(options: argparse.Namespace, settings: "Settings") -> int:
    """Show a sample shop that is gone afterwards; the exit code."""
    import tempfile

    from models.db import drivers

    drivers.import_peewee()
    gc.disable()

    from models.db.connection import Opened, open_database
    from models.errors import Unavailable
    from models.tools.demo import fill

    chosen = _shop_settings(settings)
    try:
        temporary = tempfile.TemporaryDirectory(prefix="backoffice-demo-")
    except OSError as error:
        raise Unavailable(f"the sample shop finds no folder for its file: {error.strerror}") from None
    with temporary as folder:
        file = str(Path(folder) / "demo.db")
        open_database(file, settings=chosen)
        fill()
        if options.read_only:
            open_database(file, read_only=True, settings=chosen)
        return _show(Opened("demo, gone at exit", options.read_only, False), settings, options, SAMPLE, drafts=False)


def _shop_settings(settings: "Settings") -> "ShopSettings":
    """Those of the settings that models need; what is wrong with them is shown on the first page."""
    from tui.config import shop_settings

    chosen, problems = shop_settings(settings)
    settings.problems += problems.values()
    return chosen


def _kept(options: argparse.Namespace) -> list[str]:
    """The options that hold for another database, too, as they were given."""
    flags = [f"--{name}" for name in ("read-only", "ascii", "full-output") if getattr(options, name.replace("-", "_"))]
    return flags + (["--shop-root", options.shop_root] if options.shop_root else [])


def _show(
    opened: "Opened", settings: "Settings", options: argparse.Namespace, source: "Source", *, drafts: bool = True
) -> int:
    """Show the screens over the opened database; its first rows are read while Textual is loaded."""
    from concurrent.futures import ThreadPoolExecutor

    from models import groups
    from models.db.paging import PAGE

    with ThreadPoolExecutor(1) as ahead:
        rows = ahead.submit(groups.listing.page, groups.listing.default_sort, PAGE).result
        settings.ascii |= options.ascii
        settings.full_output |= options.full_output

        from tui.app import BackOffice

        return BackOffice(opened, settings, source, drafts=drafts, options=_kept(options), rows=rows).lifecycle.run()
