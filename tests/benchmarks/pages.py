"""The pages of a shop of 10,000 controllers: read from its code, and from what is kept; in seconds of the processor."""

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

from models.pages.known import KnownPages
from models.pages.reading import read_pages
from tests.benchmarks.result import Result
from tests.shop_code import ShopCode, entry

CONTROLLERS, OF_A_MODULE = 10_000, 5
ACTIONS = ("index", "table", "editSave", "delete")
RUNS, RUNS_FROM_CODE = 9, 3


def measure(_: int) -> Iterator[Result]:
    """Each against the time that it may take."""
    with tempfile.TemporaryDirectory() as folder:
        root, kept = _make(Path(folder) / "shop"), Path(folder) / "kept"
        read = partial(read_pages, root, kept)
        anew = [_from_code(kept, read) for _ in range(RUNS_FROM_CODE)]
        what = f"pages: {CONTROLLERS:,} controllers, read from the code"
        yield Result(what, median(anew), 3, "allowed", "s", 1, RUNS_FROM_CODE, 2)
        again = [_timed(read) for _ in range(RUNS)]
        yield Result("pages: the same, from what is kept", 1000 * median(again), 50, "allowed", "ms", 1, RUNS)


def _make(root: Path) -> Path:
    code = ShopCode(root)
    for number in range(CONTROLLERS // OF_A_MODULE):
        name = f"Module{number}Gui"
        module = f"vendor/spryker/module-{number}/src/Spryker/Zed/{name}/Communication"
        pages = [f"Part{part}" for part in range(OF_A_MODULE)]
        for page in pages:
            code.controller(module, page, *ACTIONS)
        entries = [entry(page, page, f"module{number}-gui/{page.lower()}") for page in pages]
        code.navigation(module, entry(f"module-{number}", f"Module {number}", "", *entries))
    return root


def _from_code(kept: Path, read: Callable[[], KnownPages]) -> float:
    for file in kept.glob("*"):
        file.unlink()
    return _timed(read)


def _timed(read: Callable[[], KnownPages]) -> float:
    start = time.process_time()
    assert len(read().paths) == CONTROLLERS * len(ACTIONS)
    return time.process_time() - start
