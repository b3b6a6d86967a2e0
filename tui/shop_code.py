"""The code of the shop: where it lies, and the pages that it names."""

import os
from pathlib import Path

from models.errors import Unavailable
from models.pages.known import KnownPages, set_known_pages
from models.pages.shop_root import find_shop_root
from tui.config import Settings
from tui.folders import FOLDERS


def read_known_pages(settings: Settings) -> KnownPages:
    """Read the pages of the shop; from now on they are known. None where it is not known where its code lies.

    That is the folder of the settings, else the nearest shop that the working folder is in. Raises Unavailable where
    the former is no folder.
    """
    pages = KnownPages()
    if (root := _shop_root(settings.shop_root)) is not None:
        from models.pages.reading import read_pages  # most starts know of no code

        pages = read_pages(root, FOLDERS.user_cache_path)
    set_known_pages(pages)
    return pages


def _shop_root(named: str) -> Path | None:
    if named:
        root = Path(os.path.expanduser(named))
        if not os.path.isdir(root):
            raise Unavailable(f"the shop's code: {named}: no such folder")
        return root
    try:
        return find_shop_root(Path.cwd())
    except OSError:  # the working folder is gone
        return None
