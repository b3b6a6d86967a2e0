"""Where the code of a shop lies."""

import json
from pathlib import Path

from models.pages.files import MAX_BYTES
from models.whole_file import read_whole

_VENDORS = ("spryker/", "spryker-")
"""How the names of the shop's packages begin: spryker/acl, spryker-shop/..., spryker-feature/..."""


def find_shop_root(folder: Path) -> Path | None:
    """The nearest shop that a folder is in; None where it is in none."""
    return next((above for above in (folder, *folder.parents) if _requires_shop(above)), None)


def _requires_shop(folder: Path) -> bool:
    """Whether its composer.json requires packages of the shop."""
    try:
        required = json.loads(read_whole(folder / "composer.json", MAX_BYTES)[0])["require"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False
    return isinstance(required, dict) and any(name.startswith(_VENDORS) for name in required)
