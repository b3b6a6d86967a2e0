"""The window of rows behind every list, without a screen: on a shop of more groups than it keeps."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models import groups
from models.db import paging
from models.db.connection import close_database, open_database
from models.db.given_rows import InMemoryRows, RowsByIds
from models.db.paging import PAGE, Listing, Sort
from tests.tui.conftest import Sql, late
from tui.widgets import row_window
from tui.widgets.loaded_rows import LoadedRows
from tui.widgets.row_window import RowWindow

MANY = 1_200
HEIGHT = 20


class Watched:
    """A window, and what it has started: to wait for all of it."""

    def __init__(self, listing: Listing[Any], **options: Any) -> None:
        self.tasks: list[asyncio.Future[None]] = []
        self.changes = 0
        self.window: RowWindow[Any] = RowWindow(
            listing, start=self.start, redraw=lambda: None, changed=self.count_change, **options
        )
        self.window.resize(HEIGHT)

    def start(self, work: Callable[[], Awaitable[None]]) -> None:
        self.tasks.append(asyncio.ensure_future(work()))

    def count_change(self) -> None:
        self.changes += 1

    async def settle(self) -> None:
        while not all(task.done() for task in self.tasks):
            await asyncio.gather(*self.tasks)

    @property
    def names(self) -> list[str]:
        return [row.name for row in self.window.rows]

    @property
    def current(self) -> str:
        assert self.window.current is not None
        return str(self.window.current.name)

    @property
    def in_view(self) -> list[str]:
        return self.names[self.window.top : self.window.top + HEIGHT]


def group(number: int) -> str:
    return f"Group {number:04} {'north' if number % 10 == 0 else ''}".strip()


GROUPS = [*map(group, range(1, MANY + 1)), "root_group"]
NORTH = [name for name in GROUPS if "north" in name]


@pytest.fixture
def many(file: Path) -> Iterator[None]:
    """A shop of 1,200 groups, every tenth with `north` in its name, and the administrators'."""
    open_database(str(file))
    connection = sqlite3.connect(file)
    with connection:
        connection.executemany("INSERT INTO spy_acl_group (name) VALUES (?)", [(name,) for name in GROUPS[:-1]])
    connection.close()
    yield
    close_database()


@asynccontextmanager
async def opened(listing: Listing[Any] = groups.listing, **options: Any) -> AsyncIterator[Watched]:
    """A window whose first rows are there."""
    watched = Watched(listing, **options)
    watched.window.reload()
    await watched.settle()
    yield watched
    watched.window.close()
    await watched.settle()


async def go_through(watched: Watched, step: int) -> list[str]:
    """What is in view, each row once, while the cursor goes on by so many rows until it stands still."""
    window, seen, before = watched.window, dict.fromkeys(watched.in_view), ""
    while watched.current != before:
        before = watched.current
        window.move_to(window.cursor + step)
        await watched.settle()
        assert watched.current in watched.in_view
        assert len(window.rows) <= LoadedRows.MAX_ROWS + PAGE
        seen |= dict.fromkeys(watched.in_view if step > 0 else reversed(watched.in_view))
    return [*seen]


async def test_pages_are_read_by_key_to_the_very_end_and_back_and_few_are_kept(many: None) -> None:
    async with opened() as watched:
        assert watched.names == GROUPS[:PAGE]
        assert await go_through(watched, HEIGHT) == GROUPS
        assert watched.current == "root_group"
        back = await go_through(watched, -HEIGHT)
        assert sorted(back) == sorted(GROUPS) and watched.current == GROUPS[0]


async def test_the_last_and_the_first_rows_are_read_at_once(many: None) -> None:
    async with opened() as watched:
        assert not watched.window.has_end(True)
        watched.window.read_end(True)
        await watched.settle()
        assert watched.names == GROUPS[-PAGE:] and watched.current == "root_group"
        assert watched.window.has_end(True)
        watched.window.read_end(False)
        await watched.settle()
        assert watched.current == GROUPS[0] and watched.window.count == MANY + 1


async def test_another_order_keeps_the_cursor_on_its_record(many: None) -> None:
    async with opened() as watched:
        watched.window.move_to(42)
        watched.window.sort = Sort("name", descending=True)
        watched.window.reload()
        await watched.settle()
        assert watched.current == GROUPS[42]
        assert watched.names == sorted(watched.names, reverse=True)


async def test_a_search_shows_what_it_finds_as_it_finds_it_and_pages_in_it(
    many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "SCANNED_ROWS", 50)
    async with opened() as watched:
        watched.window.search("north")
        await watched.settle()
        matches = watched.window.matches
        assert matches is not None and not matches.is_running and len(matches.ids) == len(NORTH)
        assert watched.current == NORTH[0]
        assert await go_through(watched, HEIGHT) == NORTH
        watched.window.read_end(False)
        await watched.settle()
        assert watched.current == NORTH[0]
        watched.window.search("")
        await watched.settle()
        assert watched.window.matches is None and watched.names == GROUPS[:PAGE]


async def test_a_newer_search_replaces_the_older_and_what_that_finds_is_dropped(many: None) -> None:
    async with opened() as watched:
        for text in ("g", "gr", "0012"):
            watched.window.search(text)
        await watched.settle()
        assert watched.names == ["Group 0012"]
        watched.window.search("nowhere")
        await watched.settle()
        assert watched.names == [] and watched.window.is_loaded and not watched.window.failure


async def test_after_a_search_the_cursor_is_on_the_record_that_was_found(many: None) -> None:
    async with opened() as watched:
        watched.window.search("0765")
        await watched.settle()
        assert watched.window.current is not None
        watched.window.search("", at=watched.window.current.id)
        await watched.settle()
        assert watched.current == "Group 0765" and "Group 0764" in watched.names
        watched.window.search("group", at=watched.window.current.id)
        await watched.settle()
        assert watched.current == "Group 0765" and "Group 0764" in watched.names


async def test_what_was_asked_before_the_last_reload_is_dropped(many: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as watched:
        with monkeypatch.context() as slow:
            answering = late(slow, Listing, "around")
            watched.window.reload()
            await asyncio.sleep(0)  # it is being read
        watched.window.show(RowsByIds(groups.listing, [1]))
        answering.set()
        await watched.settle()
        assert watched.names == ["root_group"] and watched.window.count == 1


async def test_a_closed_window_takes_no_answer(many: None) -> None:
    watched = Watched(groups.listing)
    watched.window.reload()
    watched.window.close()
    await watched.settle()
    assert not watched.names and not watched.window.is_loaded and watched.changes == 0


async def test_counts_come_after_the_rows_and_only_where_they_are_shown(
    many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = late(monkeypatch, Listing, "fill")
    watched = Watched(groups.listing)
    watched.window.reload()
    assert await watched.window.wait_loaded()
    assert {row.users for row in watched.window.rows} == {None}
    counting.set()
    await watched.settle()
    assert {row.users for row in watched.window.rows} == {0}
    watched.window.shows_counts = False
    watched.window.reload()
    await watched.settle()
    assert {row.users for row in watched.window.rows} == {None}


async def test_a_failed_read_says_why_and_the_cursor_is_where_it_was_once_it_works_again(many: None, sql: Sql) -> None:
    async with opened() as watched:
        watched.window.move_to(7)
        sql("ALTER TABLE spy_acl_group RENAME TO elsewhere")
        watched.window.reload()
        await watched.settle()
        assert "no such table" in watched.window.failure and watched.window.count is None
        assert watched.window.current is None and watched.window.current_or_last is not None
        sql("ALTER TABLE elsewhere RENAME TO spy_acl_group")
        watched.window.reload()
        await watched.settle()
        assert not watched.window.failure and watched.current == GROUPS[7] and watched.window.count == MANY + 1


async def test_all_rows_of_a_search_are_selected_and_unselected_together(many: None) -> None:
    async with opened() as watched:
        window = watched.window
        window.move_to(4)
        assert window.target_ids == [window.rows[4].id]
        window.toggle_selected()
        window.search("north")
        await watched.settle()
        assert await window.select_all()
        assert len(window.selected) == len(NORTH) + 1 and window.target_ids == sorted(window.selected)
        assert await window.select_all()
        assert window.selected == frozenset()


async def test_more_rows_than_can_be_selected_leave_the_selection_alone(
    many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_window, "MAX_SELECTED", MANY)
    async with opened() as watched:
        watched.window.toggle_selected()
        assert not await watched.window.select_all()
        assert len(watched.window.selected) == 1


@dataclass(frozen=True)
class Line:
    id: int
    name: str

    def __str__(self) -> str:
        return self.name


class Threads(InMemoryRows[Line]):
    """Remembers in which threads its rows were asked for."""

    def __init__(self, rows: list[Line]) -> None:
        super().__init__(rows)
        self.seen: set[int] = set()

    def rows(self, ids: Any) -> list[Line]:
        self.seen.add(threading.get_ident())
        return super().rows(ids)


async def test_rows_in_memory_are_read_without_a_thread_and_searched_in_one() -> None:
    listing = Threads([Line(number, f"line {number}") for number in range(3 * PAGE)])
    async with opened(listing) as watched:
        assert watched.window.count == 3 * PAGE
        await go_through(watched, HEIGHT)
        assert watched.current == "line 299"
        watched.window.search("line 29")
        await watched.settle()
        assert watched.names == ["line 29", "line 129", "line 229", *(f"line {number}" for number in range(290, 300))]
    assert listing.seen == {threading.get_ident()}


def loaded(count: int, **options: Any) -> LoadedRows[Line]:
    rows: LoadedRows[Line] = LoadedRows(**options)
    rows.at_start = rows.at_end = False
    rows.resize(10)
    rows.replace([Line(number, str(number)) for number in range(count)], 0)
    return rows


def test_rows_added_at_either_end_leave_the_row_under_the_cursor_on_its_line() -> None:
    rows = loaded(100)
    for add in (rows.prepend, rows.append) * 4:
        rows.move_to(55)
        row, line = rows.current, rows.cursor - rows.top
        add([Line(number, str(number)) for number in range(1_000, 1_100)])
        assert rows.current is row and rows.cursor - rows.top == line
        assert len(rows.rows) <= LoadedRows.MAX_ROWS + 100


def test_the_cursor_stays_in_view_whatever_the_height() -> None:
    rows = loaded(100)
    for index, height in ((99, 10), (99, 3), (50, 30), (0, 1), (1_000, 200), (-5, 0)):
        rows.move_to(index)
        rows.resize(height)
        assert 0 <= rows.top <= rows.cursor < rows.top + rows.height
    rows.at_end = True
    rows.move_to(99)
    rows.resize(40)
    assert rows.top == 60


def test_the_rows_that_one_is_below_are_kept_in_view_with_it() -> None:
    rows = loaded(100, rows_above=lambda line: 3)
    rows.move_to(50)
    rows.move_to(20)
    assert rows.top == 17
