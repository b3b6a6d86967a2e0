"""What Textual writes for each act of the program, frame by frame, as JSON: `python -m tests.benchmarks.frames 80 24`.

The colours are those of the variable TEXTUAL_COLOR_SYSTEM, which Textual reads once.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textual.drivers import headless_driver

from models import groups
from models.db.connection import open_database
from models.db.paging import PAGE
from tests.benchmarks.shops import shop
from tests.tui.conftest import Person
from tui.app import BackOffice
from tui.config import Settings
from tui.forms.form_page import UNCHANGED

ROWS = 1_000
TIMES = 5


class Recorder(headless_driver.HeadlessDriver):
    """Textual believes in a terminal; what it writes is kept, with the act that it was written for."""

    is_headless = False
    act = ""
    written: list[tuple[str, str]] = []

    def write(self, data: str) -> None:
        self.written.append((Recorder.act, data))


@contextmanager
def act(name: str) -> Iterator[None]:
    """What is written from now on is written for this act, which begins with nothing; outside of one, for none."""
    Recorder.act = name
    Recorder.written.append((name, ""))
    yield
    Recorder.act = ""


async def record(width: int, height: int) -> None:
    """Do every act as often as it takes for a fair mean."""
    opened = open_database(str(shop(ROWS)))
    rows = groups.listing.page(groups.listing.default_sort, PAGE)  # as the command line has them before it shows a page
    app = BackOffice(opened, Settings(), rows=lambda: rows)
    first = act("first page")
    first.__enter__()
    async with app.run_test(size=(width, height), notifications=True) as pilot:
        person = Person(app, pilot)

        async def press(keys: str, *texts: str, gone: str = "") -> None:
            await person.press(*keys.split())
            await person.see(*texts)
            if gone:
                await person.miss(gone)
            await pilot.pause(0.2)

        await press("", "All staff", "1,000 groups")
        first.__exit__(None, None, None)
        for _ in range(TIMES):
            with act("a step"):
                await press("down")
        records: Any = app.screen.records  # type: ignore[attr-defined]
        while records.window.cursor < records.window.height - 1:
            await person.press("down")
        for _ in range(TIMES):
            with act("a step that scrolls"):
                await press("down")
        for _ in range(TIMES):
            with act("a page"):
                await press("pagedown")
        for section, text in (("1", "1,000 users"), ("3", "roles"), ("2", "1,000 groups")) * 2:
            with act("another section"):
                await press(section, text)
        await press("slash")
        for letter in "sup":
            with act("a search result"):
                await press(letter, "found")
        await press("escape", "1,000 groups")
        for key, text in (("d", "y Delete"), ("c", "Esc Cancel"), ("question_mark", "Keyboard shortcuts")) * 2:
            with act("a dialog opens"):
                await press(key, text)
            with act("a dialog closes"):
                await press("escape", gone=text)
        await press("n", "Create new Group", "0 of")
        for letter in "Night":
            with act("a letter"):
                await press(letter)
        await press("escape", "Discard changes?")
        await press("y", "1,000 groups")
        await press("e", "Edit Group", "@shop.")
        with act("a toast"):
            await press("ctrl+s", UNCHANGED)
        with act("a toast goes"):
            await person.miss(UNCHANGED)
            await pilot.pause(0.2)


if __name__ == "__main__":
    headless_driver.HeadlessDriver = Recorder  # type: ignore[misc]
    asyncio.run(record(int(sys.argv[1]), int(sys.argv[2])))
    json.dump(Recorder.written, sys.stdout)
