"""The list of every page: a window of rows over any number of records, read a page at a time by key."""

import asyncio
import threading
from array import array
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual import events, getters, on, work
from textual.binding import Binding
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from models.db.paging import PAGE, HasId, Listing, Sort
from models.errors import ShopError
from tui.app_base import AppBase
from tui.keymap.keys import key_of, keys_of, printed
from tui.text import ends_shown, fit_to_cells, plural
from tui.workers import KEY_WAIT_S, busy, run_in_thread

R = TypeVar("R", bound=HasId)
T = TypeVar("T")

MIN_COLUMN_CELLS = 18
"""Cells that the first column, which tells a row from the others, has before others are spared for it."""

ROOMY = 32
"""Cells that the first column keeps where columns are widened, or shown that need not be there."""

AT_ONCE = 0.02
"""Seconds that rows found wait for what is counted for them, so that both come in one frame; most take 2 ms."""

MAX_SELECTED = 10_000
"""Rows that can be marked at once; who means more narrows the search."""


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column: its heading, what it shows of a row in so many cells, and how wide it is.

    A `width` of cells is kept; columns without one share the rest in proportion to their `share`. `sort` names the
    listing's order that the heading's arrow stands for; `filled` that the listing's `fill` gives what it shows. Where
    there is too little room, the columns that can be spared are left out, that with the highest `spare` first. Where
    there is much, a column takes the cells that it has as `wide`, and the `roomy` ones are shown too.
    """

    title: str
    value: Callable[[R, int], str]
    width: int = 0
    share: int = 1
    right: bool = False
    sort: str = ""
    filled: bool = False
    spare: int = 0
    wide: int = 0
    roomy: bool = False
    indented: bool = False
    """Whether the spaces at its ends are ours; elsewhere they are shown as signs, so that no two names look alike."""


class RecordList(Widget, Generic[R], can_focus=True):
    """Rows of a listing with a cursor; searched, sorted and moved through without ever holding the whole table."""

    app = getters.app(AppBase)

    DEFAULT_CSS = """
    RecordList {
        height: 1fr;
        & > .record-list--header { color: $text-muted; text-style: bold; }
        & > .record-list--hint { color: $text-muted; }
        & > .record-list--failure { color: $text-error; text-style: bold; }
        & > .record-list--current { text-style: bold; }
        &:focus > .record-list--current { background: $primary; color: $text; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "record-list--header",
        "record-list--hint",
        "record-list--failure",
        "record-list--current",
    }
    BINDINGS = [
        Binding("up,k", "move(-1)", "Up", tooltip="Move up one row", show=False, id="list.up"),
        Binding("down,j", "move(1)", "Down", tooltip="Move down one row", show=False, id="list.down"),
        Binding("pageup", "page(-1)", "Page up", tooltip="Move up one page", show=False, id="list.page_up"),
        Binding("pagedown", "page(1)", "Page down", tooltip="Move down one page", show=False, id="list.page_down"),
        Binding("home,g", "jump(False)", "First", tooltip="Go to the first row", show=False, id="list.first"),
        Binding("end,G", "jump(True)", "Last", tooltip="Go to the last row", show=False, id="list.last"),
        Binding("space", "mark", "Mark", tooltip="Mark or unmark the row", show=False, id="list.mark"),
        Binding("asterisk", "mark_all", "Mark all", tooltip="Mark all rows found", show=False, id="list.mark_all"),
        Binding("y", "copy", "Copy", tooltip="Copy its e-mail, name or reason", show=False, id="list.copy"),
        Binding("r", "reload", "Reload", tooltip="Read the list anew", show=False, id="list.reload"),
    ]

    WINDOW = 400
    """Rows kept; beyond them, those farthest from the cursor are dropped and read again when needed."""

    @dataclass
    class Selected(Message):
        """A row was chosen with Enter or a second click."""

        list: "RecordList[Any]"

        @property
        def control(self) -> "RecordList[Any]":
            """The list, for `@on` selectors."""
            return self.list

    @dataclass
    class Changed(Message):
        """The row under the cursor, or what the list says of itself (`status`), is another."""

        list: "RecordList[Any]"

        @property
        def control(self) -> "RecordList[Any]":
            """The list, for `@on` selectors."""
            return self.list

    @dataclass
    class _Found(Message):
        """Some ids that a search found (in the thread that looks for them)."""

        generation: int
        ids: list[int]
        done: bool

    def __init__(
        self,
        listing: Listing[R],
        columns: Sequence[Column[R]],
        *,
        noun: str,
        empty: str,
        copied: Callable[[R], str] | None = None,
        rows: Callable[[], list[R]] | None = None,
        marking: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._marking = marking  # whether several rows can be marked, for what is done to all of them
        self.listing, self.columns, self.noun, self.empty = listing, columns, noun, empty
        self._copied = copied or (lambda row: self.columns[0].value(row, 1000))
        self._asked = rows  # gives the first page, which was asked for before there was a list
        self.sort: Sort = listing.default_sort
        self.rows: list[R] = []
        self.cursor = 0
        self.failure = ""
        self._before: R | None = None
        self.searched = ""
        self.marked: set[int] = set()
        self._top = 0
        self._at_start = self._at_end = True
        self.count: int | None = None
        self.first: int | None = None
        self.loaded = False
        self._generation = 0
        self._extending = False
        self._shown = asyncio.Event()  # the rows are those that were asked for last
        self._jumping = False  # to the first or last rows, which are on their way
        self._found: array[int] | None = None
        self._window = 0  # counts how often the rows were replaced as a whole
        self._first = self._last = 0  # the part of _found that the rows are
        self._searching = False
        self._wanted: int | None = None
        self._stop = threading.Event()  # tells a search that nobody waits for what it finds
        self._seen = threading.Event()  # tells it that its first rows are shown, or never will be
        self._one_scan, self._one_count = asyncio.Lock(), asyncio.Lock()

    # What the page asks for

    @property
    def current(self) -> R | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    @property
    def place(self) -> R | None:
        """The row under the cursor, or the one that was when the rows could not be read."""
        return self.current or (self._before if self.failure else None)

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the row under the cursor begins on the screen."""
        return self.region.offset + Offset(0, 1 + self.cursor - self._top)

    @property
    def status(self) -> str:
        """How many rows there are, or were found; empty until that is known."""
        if self.marked:
            return f"{len(self.marked):,} marked"
        if self._found is not None or self._searching:
            return f"{len(self._found or ()):,} found{'…' if self._searching else ''}"
        return "" if self.count is None else plural(self.count, self.noun)

    @property
    def chosen(self) -> list[int]:
        """The ids of the marked records; where none is marked, that of the highlighted one."""
        if self.marked:
            return sorted(self.marked)
        return [self.current.id] if self.current else []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Rows are marked where something can be done to several."""
        return self._marking or action not in ("mark", "mark_all")

    def unmark(self) -> None:
        """Take all marks away."""
        self.marked = set()
        self.refresh()
        self.post_message(self.Changed(self))

    def reload(self, at: int | None = None) -> None:
        """Read the rows anew, with the cursor on the record `at`, or where it was."""
        self._restart(self.place if at is None else at)

    def search(self, text: str, *, at: int | None = None) -> None:
        """Show only the rows that contain `text`, the cursor on the first; all of them again without one."""
        if text != self.searched:
            self.searched = text
            self._restart(at)

    async def wait_loaded(self) -> bool:
        """Wait for the rows that were asked for last, as the next key does; false where others are by now."""
        generation = self._generation
        with busy():
            await self._shown.wait()
        return generation == self._generation

    def _end_search(self) -> None:
        self._stop.set()
        self._seen.set()

    def _restart(self, at: R | int | None) -> None:
        self._end_search()
        self._generation += 1
        self._extending = True  # until the new rows are there, nothing is added to those that they replace
        self._shown.clear()
        if self.searched:
            self._wanted = at if at is None or isinstance(at, int) else at.id
            self._search(self._generation, self.searched)
        else:
            self._found, self._searching = None, False
            self._read(self._generation, at)
        if not self.searched or self.count is None:  # a search leaves the count of all rows as it is
            self._recount(self._generation)

    def show(self, listing: Listing[R]) -> None:
        """Show the rows of another listing of the same records."""
        self.listing = listing
        self.reload()

    def set_source(self, listing: Listing[Any], columns: Sequence[Column[Any]], *, noun: str, empty: str) -> None:
        """Show other rows in place of those that are shown; where they are of the same kind, the cursor on the same."""
        if noun != self.noun:
            self.rows, self.cursor = [], 0
        self.count, self.loaded = None, False
        self.columns, self.noun, self.empty = columns, noun, empty
        self.sort = listing.default_sort
        self.show(listing)

    def sort_by(self, sort: Sort) -> None:
        """Show the rows in this order, the cursor on the same record."""
        self.sort = sort
        self.reload()

    # Reading, never on the event loop. What comes back for an older generation is dropped.

    async def _ask(self, generation: int, question: Callable[[], T]) -> T | None:
        """The answer of the database; None where it is no longer wanted, or failed (then the reason is shown)."""
        try:
            answer = await run_in_thread(question)
        except ShopError as error:
            if generation == self._generation:
                self.fail(error)
            return None
        return answer if generation == self._generation and self.is_attached else None

    @work
    async def _read(self, generation: int, at: R | int | None, end: bool = False) -> None:
        with busy():
            rows = await (self._read_end(generation, end) if at is None else self._read_around(generation, at))
        await self._fill(generation, rows)

    async def _read_end(self, generation: int, end: bool) -> list[R]:
        """Show the first rows, or the last ones."""
        question = self._asked or partial(self.listing.page, self.sort, PAGE, backwards=end)
        self._asked = None
        rows = await self._ask(generation, question)
        if rows is None:
            return []
        whole = len(rows) < PAGE
        self._at_start, self._at_end = whole or not end, whole or end
        self._show(rows, len(rows) - 1 if end else 0)
        return rows

    async def _read_around(self, generation: int, at: R | int) -> list[R]:
        """Show the rows around one."""
        before = self.current
        around = await self._ask(generation, partial(self.listing.around, self.sort, PAGE, at))
        if around is None:
            return []
        rows, index = around
        half = PAGE // 2
        self._at_start, self._at_end = index < half, len(rows) - index < PAGE - half
        if self.current and before and self.current.id != before.id:  # the cursor was moved meanwhile
            index = next((place for place, row in enumerate(rows) if row.id == self.current.id), index)
        self._show(rows, index)
        return rows

    @work
    async def _extend(self, generation: int, backwards: bool) -> None:
        """Add the rows before or after those in the window."""
        if generation != self._generation or not self.rows:
            return
        if self._found is not None:
            start = max(0, self._first - PAGE) if backwards else self._last
            stop = self._first if backwards else min(self._last + PAGE, len(self._found))
            question = partial(self.listing.rows, self._found[start:stop].tolist())
        else:
            key = self.listing.key(self.rows[0 if backwards else -1], self.sort)
            question = partial(self.listing.page, self.sort, PAGE, key, backwards=backwards)
        window = self._window
        rows = await self._ask(generation, question)
        if rows is None or window != self._window:
            return
        if backwards:
            self._at_start = start == 0 if self._found is not None else len(rows) < PAGE
            self.rows = rows + self.rows
            self.cursor += len(rows)
            self._top += len(rows)
            if (extra := len(self.rows) - max(self.WINDOW, self._top + 2 * self._height)) > 0:
                del self.rows[-extra:]
                self._last -= extra
                self._at_end = False
        else:
            self._at_end = self._found is None and len(rows) < PAGE
            self.rows += rows
            if (extra := min(len(self.rows) - self.WINDOW, self._top - 2 * self._height)) > 0:
                del self.rows[:extra]
                self.cursor -= extra
                self._top -= extra
                self._first += extra
                self._at_start = False
        if self._found is not None:
            self._first, self._last = (start, self._last) if backwards else (self._first, stop)
        self._extending = False
        self.refresh()
        await self._fill(generation, rows)

    async def _fill(self, generation: int, rows: list[R]) -> None:
        """Put what is slow to count into rows that are on the screen already."""
        self.merge_counts(await self._filled(generation, rows))

    async def _filled(self, generation: int, rows: list[R]) -> list[R] | None:
        """The rows with what is slow to count, where it is shown; None where they are not wanted, or it failed."""
        if not any(column.filled for column in self.columns):
            return rows
        return await self._ask(generation, partial(self.listing.fill, rows))

    def merge_counts(self, filled: list[R] | None) -> None:
        """Show what was counted for rows that are shown already."""
        known = {row.id: row for row in filled or ()}
        rows = [known.get(row.id, row) for row in self.rows]
        if rows != self.rows:
            self.rows = rows
            self.refresh()
            self.post_message(self.Changed(self))

    @work
    async def _recount(self, generation: int) -> None:
        async with self._one_count:  # a slow one is not asked again for each letter of a search
            if generation != self._generation:
                return
            count = await self._ask(generation, self.listing.count)
        if count is not None and count != self.count:
            self.count = count
            self.post_message(self.Changed(self))

    @work
    async def _search(self, generation: int, text: str) -> None:
        async with self._one_scan:  # at most one is under way: the one before has been told to stop
            if generation != self._generation:
                return
            self._stop.clear()
            self._seen.clear()
            self._searching = True
            self._found = array("q")
            await self._ask(generation, partial(self._scan, generation, text))

    def _scan(self, generation: int, text: str) -> None:
        """Look for the text, in a thread, and post what is found as it is found; the first rows are shown meanwhile.

        It goes on once they are: a driver's work would hold up theirs.
        """
        with closing(self.listing.find(text, self.sort)) as batches:
            for ids in batches:
                if self._stop.is_set():
                    return
                if ids:
                    self.post_message(self._Found(generation, ids, False))
                    self._seen.wait(KEY_WAIT_S)
        self.post_message(self._Found(generation, [], True))

    _clearing = "page.clear"

    @on(_Found)
    def _take_found(self, message: _Found) -> None:
        message.stop()
        if message.generation != self._generation or self._found is None:
            return
        fresh = not self._found
        self._found.extend(message.ids)
        self._at_end = False
        if message.done:
            self._searching = False
            if not self._found:
                self._show([], 0)
        if self._wanted in message.ids:
            self._go_to_found(self._found.index(self._wanted))
        elif fresh and message.ids:
            self._go_to_found(0)
        else:
            self._prefetch()
        self.post_message(self.Changed(self))

    def _go_to_found(self, index: int) -> None:
        self._extending = True
        self._show_found(self._generation, index)

    @work
    async def _show_found(self, generation: int, index: int) -> None:
        """Show the found rows around one of them."""
        if generation != self._generation or self._found is None:
            return
        start = max(0, index - PAGE // 2)
        stop = min(start + PAGE, len(self._found))
        rows = await self._ask(generation, partial(self.listing.rows, self._found[start:stop].tolist()))
        if rows is None:
            return
        filling = asyncio.create_task(self._filled(generation, rows))
        await asyncio.wait([filling], timeout=AT_ONCE)
        shown = filling.result() if filling.done() else rows
        if shown is None or generation != self._generation or not self.is_attached:
            return
        self._first, self._last = start, stop
        self._at_start, self._at_end = start == 0, False
        self._show(shown, index - start)
        self._prefetch()
        self.merge_counts(await filling)

    # Showing

    def _show(self, rows: list[R], cursor: int) -> None:
        offset = self.cursor - self._top
        self.rows, self.failure, self.loaded = rows, "", True
        self._extending = self._jumping = False
        self._shown.set()
        self._seen.set()
        self._window += 1
        self.cursor = max(0, min(cursor, len(rows) - 1))
        self._top = self.cursor - offset
        self._scroll_into_view()
        self.refresh()
        self.post_message(self.Changed(self))

    def fail(self, error: ShopError) -> None:
        """Show why there are no rows, until they are read anew."""
        self._before = self.place
        self.rows, self.failure, self.loaded, self._jumping = [], str(error), True, False
        self.count, self._found, self._searching = None, None, False
        self._shown.set()
        self._seen.set()
        self.refresh()
        self.post_message(self.Changed(self))

    @property
    def _height(self) -> int:
        """How many rows are visible at once."""
        return max(1, self.size.height - 1)

    def _scroll_into_view(self) -> None:
        top = min(max(self._top, self.cursor - self._height + 1), self.cursor)
        self._top = max(0, min(top, len(self.rows) - self._height) if self._at_end else top)

    def _move_to(self, index: int) -> None:
        if not self.rows:
            return
        before, top = self.cursor, self._top
        self.cursor = max(0, min(index, len(self.rows) - 1))
        self._scroll_into_view()
        if self._top != top:
            self.refresh()
        elif self.cursor != before:
            for row in (before, self.cursor):
                self.refresh(Region(0, 1 + row - top, self.size.width, 1))
        if self.cursor != before:
            self.post_message(self.Changed(self))
        self._prefetch()

    def _prefetch(self) -> None:
        """Read on before the cursor comes to an end of the window."""
        if self._extending or not self.rows or self.failure:
            return
        if self._found is not None:
            self._at_end = self._last >= len(self._found)
        near = 2 * self._height
        if not self._at_end and self._top + self._height + near > len(self.rows):
            self._extending = True
            self._extend(self._generation, False)
        elif not self._at_start and self._top < near:
            self._extending = True
            self._extend(self._generation, True)

    def action_move(self, rows: int) -> None:
        """Move the cursor by so many rows."""
        self._move_to(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by so many screenfuls."""
        self._move_to(self.cursor + pages * self._height)

    def action_jump(self, end: bool) -> None:
        """Go to the very first or last row."""
        if not self._jumping and (self._at_end if end else self._at_start):
            self._move_to(len(self.rows) - 1 if end else 0)
        elif self._found is not None:
            self._go_to_found(len(self._found) - 1 if end else 0)
        else:
            self._jumping = self._extending = True
            self._generation += 1
            self._read(self._generation, None, end)
            if self.count is None:
                self._recount(self._generation)

    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor, and go to the next."""
        if self.current is not None:
            self.marked ^= {self.current.id}
            self.refresh(Region(0, 1 + self.cursor - self._top, self.size.width, 1))
            self.post_message(self.Changed(self))
            self._move_to(self.cursor + 1)

    @work(exclusive=True, group="mark")
    async def action_mark_all(self) -> None:
        """Mark all rows that are shown, or none where all are marked."""
        generation, text, sort = self._generation, self.searched, self.sort

        def ids() -> set[int]:
            found: set[int] = set()
            with closing(self.listing.find(text, sort)) as batches:
                for batch in batches:
                    found.update(batch)
                    if len(found) > MAX_SELECTED or generation != self._generation or not self.is_attached:
                        break
            return found

        with busy():
            found = await self._ask(generation, ids)
        if found is None:
            return
        if len(found) > MAX_SELECTED:
            self.notify(f"More than {MAX_SELECTED:,} rows: narrow the search, then mark all.", severity="warning")
            return
        self.marked = set() if found <= self.marked else self.marked | found
        self.refresh()
        self.post_message(self.Changed(self))

    def action_reload(self) -> None:
        """Read the list anew."""
        self.reload()

    def action_copy(self) -> None:
        """Copy what the row is known by: an e-mail or a name."""
        if self.current is not None:
            self.app.copy(self._copied(self.current))

    def action_select(self) -> None:
        """Choose the row under the cursor."""
        if self.rows:
            self.post_message(self.Selected(self))

    # Events

    def on_mount(self) -> None:
        """Read the first rows, or those around the record `first`."""
        self.reload(self.first)

    def on_unmount(self) -> None:
        """A search for a list that is gone stops."""
        self._end_search()

    def on_resize(self) -> None:
        """Keep the cursor in view."""
        if self.rows:
            self._scroll_into_view()
            self._prefetch()

    def on_click(self, event: events.Click) -> None:
        """Move to the clicked row; a second click chooses it."""
        index = self._top + event.y - 1
        if event.y < 1 or index >= len(self.rows):
            return
        self._move_to(index)
        if event.chain == 2:
            self.action_select()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move down with the wheel."""
        event.stop()
        self._move_to(self.cursor + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move up with the wheel."""
        event.stop()
        self._move_to(self.cursor - 3)

    # Drawing

    def render_line(self, y: int) -> Strip:
        """The heading, then a line for each visible row."""
        width = self.size.width
        if y == 0:
            return self._line(self._heading(width), "record-list--header")
        index = self._top + y - 1
        if index < len(self.rows):
            line = self._row(self.rows[index], index == self.cursor, width)
            return self._line(line, "record-list--current" if index == self.cursor else None)
        if self.rows or not self.loaded:
            return self._line(" " * width)
        message, style = self._message()
        return self._line(fit_to_cells(message[y - 2] if 0 <= y - 2 < len(message) else "", width), style)

    def _line(self, text: str, style: str | None = None) -> Strip:
        rich_style = self.get_component_rich_style(style) if style else self.rich_style
        return Strip([Segment(text, rich_style)], self.size.width)

    def _message(self) -> tuple[list[str], str]:
        """What stands where rows would: why there are none."""
        if self.failure:
            again = [
                f"Press {printed(key)} to try again." for key in keys_of(self, "list.reload")[:1]
            ]  # not in pickers
            return self._wrapped(" ".join([self.failure, *again])), "record-list--failure"
        if self.searched and not self._searching:
            message = f"Nothing found for “{self.searched}”. {key_of(self, self._clearing)} shows all again."
            return self._wrapped(message), "record-list--hint"
        return self._wrapped(self.empty), "record-list--hint"

    def _wrapped(self, text: str) -> list[str]:
        from textwrap import wrap

        return wrap(text, max(20, self.size.width - 2), initial_indent="  ", subsequent_indent="  ")

    def _shown_columns(self, width: int) -> list[tuple[Column[R], int]]:
        """The columns that are shown, each with its cells."""
        usual = [column for column in self.columns if not column.roomy]
        for columns in (self.columns, usual):
            cells = self._cells(columns, [column.wide or column.width for column in columns], width)
            if cells[0] >= ROOMY:
                return list(zip(columns, cells, strict=True))
        while True:
            cells = self._cells(usual, [column.width for column in usual], width)
            most = max(usual, key=lambda column: column.spare)
            if cells[0] >= MIN_COLUMN_CELLS or not most.spare:
                return list(zip(usual, cells, strict=True))
            usual.remove(most)

    def _cells(self, columns: Sequence[Column[R]], kept: Sequence[int], width: int) -> list[int]:
        """How many cells each of the columns has: those that it keeps, or its share of the rest."""
        free = width - self._lead - 2 * (len(columns) - 1) - 1 - sum(kept)
        shares = sum(column.share for column, cells in zip(columns, kept, strict=True) if not cells)
        return [cells or max(0, free * column.share // shares) for column, cells in zip(columns, kept, strict=True)]

    _lead = 2

    def _heading(self, width: int) -> str:
        cells = []
        for column, cell in self._shown_columns(width):
            arrow = ("↓" if self.sort.descending else "↑") if column.sort and column.sort == self.sort.by else ""
            title = (
                f"{fit_to_cells(column.title, min(len(column.title), max(0, cell - 2)))} {arrow}"
                if arrow
                else column.title
            )
            cells.append(fit_to_cells(title, cell, right=column.right))
        return fit_to_cells(" " * self._lead + "  ".join(cells), width)

    def _row(self, row: R, current: bool, width: int) -> str:
        columns = self._shown_columns(width)
        cells = [self._cell(column, column.value(row, cell), cell) for column, cell in columns]
        return fit_to_cells(self._marks(row, current) + "  ".join(cells), width)

    @staticmethod
    def _cell(column: Column[R], text: str, width: int) -> str:
        return fit_to_cells(text if column.indented else ends_shown(text), width, right=column.right)

    def _marks(self, row: R, current: bool) -> str:
        return f"{'>' if current else ' '}{'*' if row.id in self.marked else ' '}"
