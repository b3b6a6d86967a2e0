"""Reads the pages of a shop from its code, or from what was kept of the last time."""

import json
import os
import re
import tempfile
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from models.pages.files import CONTROLLER, Stamps, controller_names, find_modules
from models.pages.known import KnownPages
from models.pages.navigation import Entry, is_path, label_pages, read_navigation
from models.pages.php import find_actions
from models.whole_file import read_whole

_FORMAT = "backoffice pages 1"
"""Of what is kept; any other is not read."""

_MAX_BYTES = 50_000_000
"""Bytes of composer.lock, and of what is kept."""

_MAX_UNREAD = 100
"""So many files that could not be read are named."""


def read_pages(root: Path, folder: Path) -> KnownPages:
    """The pages that the code below `root` names. What was read is kept in `folder`, which is made where it is missing.

    It counts as long as composer.lock and all files and folders that were looked into are as they were.
    """
    root = root.absolute()
    kept = folder / f"pages-{sha256(os.fsencode(root)).hexdigest()[:16]}"
    lock = _hash_lock(root)
    pages = _load(kept, lock, root)
    if pages is None:
        stamps = Stamps(root)
        pages = _read(stamps)
        _keep(kept, lock, stamps, pages)
    return pages


def _hash_lock(root: Path) -> str:
    """A hash of composer.lock, which names the version of each vendor's package; empty without it."""
    with suppress(OSError, ValueError):
        return sha256(read_whole(root / "composer.lock", _MAX_BYTES)[0]).hexdigest()
    return ""


def _read(stamps: Stamps) -> KnownPages:
    navigations: list[list[Entry]] = []
    paths: set[str] = set()
    unread: list[str] = []

    def content(folder: str, name: str) -> bytes:
        try:
            return stamps.read(folder, name)
        except (FileNotFoundError, NotADirectoryError):
            return b""
        except (OSError, ValueError) as error:
            unread.append(f"{folder}/{name}: {getattr(error, 'strerror', None) or error}")
            return b""

    def add_navigation(folder: str) -> None:
        if xml := content(folder, "navigation.xml"):
            entries, problem = read_navigation(xml)
            navigations.append(entries)
            if problem:
                unread.append(f"{folder}/navigation.xml: {problem}")

    stamps.add("config/Zed")
    add_navigation("config/Zed")
    for module in find_modules(stamps):
        add_navigation(module)
        bundle = dashed(module.split("/")[-2])
        for name in controller_names(stamps, module):
            controller = dashed(name.removesuffix(CONTROLLER))
            actions = map(dashed, find_actions(content(f"{module}/Controller", name)))
            paths.update(
                [f"{bundle}/{controller}/{action}" for action in actions if is_path(bundle, controller, action)]
            )
    labels, menu = label_pages(navigations)
    return KnownPages(str(stamps.root), sorted(paths.union(labels)), labels, frozenset(menu), unread[:_MAX_UNREAD])


@cache
def dashed(name: str) -> str:
    """A name of the code as paths have it: `product-attribute-gui` of `ProductAttributeGui`."""
    return re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _load(kept: Path, lock: str, root: Path) -> KnownPages | None:
    """What was kept; None where it is damaged, or something was changed since."""
    try:
        checksum, _, text = read_whole(kept, _MAX_BYTES)[0].partition(b"\n")
        if b"%08x" % crc32(text) != checksum:
            return None
        value = json.loads(text)
        if value["format"] != _FORMAT or value["lock"] != lock or not Stamps(root, value["times"]).are_current():
            return None
        paths, menu = value["paths"].splitlines(), frozenset(value["menu"])
        return KnownPages(str(root), paths, value["labels"], menu, value["unread"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _keep(kept: Path, lock: str, stamps: Stamps, pages: KnownPages) -> None:
    """Keep what was read, for its owner alone; where that cannot be done, it is read again the next time."""
    value = {"format": _FORMAT, "lock": lock, "times": stamps.times, "paths": "\n".join(pages.paths)}
    value |= {"labels": pages.labels, "menu": sorted(pages.menu), "unread": pages.unread}
    text = json.dumps(value).encode()
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, fresh = tempfile.mkstemp(dir=kept.parent, prefix=f"{kept.name}.")
        try:
            with open(descriptor, "wb") as file:
                file.write(b"%08x" % crc32(text) + b"\n" + text)
            os.replace(fresh, kept)
        except OSError:
            os.unlink(fresh)
