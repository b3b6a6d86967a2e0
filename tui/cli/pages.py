"""`backoffice pages`: the pages of the shop that its code names, for a shell or a script; it needs no database."""

import argparse

from models.errors import Unavailable
from models.text import plural
from tui.cli.output import Record, print_list
from tui.config import Settings
from tui.shop_code import read_known_pages
from tui.text import print_error

TABLE = {"path": "Path", "label": "Label", "in_menu": "In a menu"}


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Print a line for each; the exit code."""
    pages = read_known_pages(settings)
    if not pages.root:
        raise Unavailable(
            "no shop's code here: no composer.json in this folder or above requires Spryker's packages; --shop-root or "
            "the setting shop_root names another folder."
        )
    found: list[Record] = [dict(zip(TABLE, page, strict=True)) for page in pages.search(options.search)]
    print_list(options, iter([found]), [*TABLE], TABLE)
    for problem in pages.unread:
        print_error(problem)
    print_error(f"{plural(len(pages.paths), 'known page')} in {pages.root}, not all: inherited actions are missed.")
    return 0
