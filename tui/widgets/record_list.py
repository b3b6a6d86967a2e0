"""The list of every page: draws the rows of a window over any number of records, and takes the keys."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual import events, getters, on, work
from textual.binding import Binding
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from models.db.paging import HasId, Listing, Sort
from tui.app_base import AppBase
from tui.keymap.actions import Action, check_enabled
from tui.keymap.keys import key_of, keys_of, printed
from tui.text import fit_to_cells, plural
from tui.widgets.column_layout import GAP, Column, Layout, column_at, heading, layout, measure, row_cells
from tui.widgets.row_window import MAX_SELECTED, RowWindow

R = TypeVar("R", bound=HasId)


class RecordList(Widget, Generic[R], can_focus=True):
    """Rows of a listing with a cursor, searched, sorted and selected from. What it shows is its `window`'s."""

    app = getters.app(AppBase)
    check_action = check_enabled

    DEFAULT_CSS = """
    RecordList {
        height: 1fr;
        & > .record-list--header { color: $text-muted; text-style: bold; }
        & > .record-list--hint { color: $text-muted; }
        & > .record-list--failure { color: $text-error; text-style: bold; }
        & > .record-list--current { text-style: bold; }
        &:focus > .record-list--current { background: $primary; color: $text; text-style: bold; }
        & > .record-list--selected { color: $text-accent; text-style: bold; }
        & > .record-list--good { color: $text-success; }
        & > .record-list--doubtful { color: $text-warning; }
        & > .record-list--bad { color: $text-error; text-style: dim; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "record-list--header",
        "record-list--hint",
        "record-list--failure",
        "record-list--current",
        "record-list--selected",
        "record-list--good",
        "record-list--doubtful",
        "record-list--bad",
    }
    BINDINGS = [
        Binding("up,k", "move(-1)", "Up", tooltip="Move up one row", show=False, id="list.up"),
        Binding("down,j", "move(1)", "Down", tooltip="Move down one row", show=False, id="list.down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", tooltip="Move up one page", show=False, id="list.page_up"),
        Binding(
            "pagedown,ctrl+f", "page(1)", "Page down", tooltip="Move down one page", show=False, id="list.page_down"
        ),
        Binding("ctrl+u", "page(-0.5)", "Half up", tooltip="Move up half a page", show=False, id="list.half_up"),
        Binding("ctrl+d", "page(0.5)", "Half down", tooltip="Move down half a page", show=False, id="list.half_down"),
        Binding("home,g", "jump(False)", "First", tooltip="Go to the first row", show=False, id="list.first"),
        Binding("end,G", "jump(True)", "Last", tooltip="Go to the last row", show=False, id="list.last"),
        Action(
            "space",
            "toggle_selected",
            "Select",
            tooltip="Select or unselect the row",
            show=False,
            id="list.mark",
            enabled=lambda records: records.is_multiple,
        ),
        Action(
            "v",
            "select_range",
            "Select range",
            tooltip="Select from here to where the cursor goes, until v again",
            show=False,
            id="list.range",
            enabled=lambda records: records.is_multiple,
        ),
        Action(
            "asterisk",
            "select_all",
            "Select all matches",
            tooltip="Select all matches, or none",
            show=False,
            id="list.mark_all",
            enabled=lambda records: records.is_multiple,
        ),
        Binding("y", "copy", "Copy", tooltip="Copy e-mail, name or reason", show=False, id="list.copy"),
        Binding("r,f5", "reload", "Reload list", tooltip="Reload list", show=False, id="list.reload"),
    ]

    @dataclass
    class Opened(Message):
        """Enter was pressed on a row, or it was clicked twice."""

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

    marker_cells = 2
    """Cells before the first column, for the cursor, the row's sign if it has one, and whether the row is selected."""
    has_headings = True
    """Whether the first line has the columns' headings."""
    clear_binding = "page.clear"
    """The binding whose key clears the search."""

    def __init__(
        self,
        listing: Listing[R],
        columns: Sequence[Column[R]],
        *,
        noun: str,
        empty: str,
        copied: Callable[[R], str] | None = None,
        rows: Callable[[], list[R]] | None = None,
        rows_above: Callable[[R], int] = lambda _: 0,
        is_multiple: bool = False,
        sign: Callable[[R], tuple[str, str]] | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._set_sign(sign)
        self.window: RowWindow[R] = RowWindow(
            listing,
            start=self.run_worker,
            redraw=self._redraw,
            changed=lambda: self.post_message(self.Changed(self)),
            rows_above=rows_above,
            first_page=rows,
        )
        self._needs: dict[str, int] = {}  # of the columns, for the rows that were in view since the list was replaced
        self._measured: dict[int, R] = {}  # those in view
        self._measured_in: list[R] | None = None
        self._range_from: int | None = None  # the record where a range of selected rows begins
        self._selected_before: frozenset[int] = frozenset()
        self._columns: Layout[R] = ()
        self._placed_for: tuple[int, ...] | None = None
        self.columns, self.noun, self.empty = columns, noun, empty
        self.window.shows_counts = any(column.filled for column in columns)
        self.is_multiple = is_multiple
        """Whether several rows can be selected, for what is done to all of them."""
        self.first: int | None = None
        """The record that the cursor is on when the list is first shown."""
        self._copied = copied or (lambda row: self.columns[0].value(row, 1000))

    @property
    def current(self) -> R | None:
        """The row under the cursor."""
        return self.window.current

    @property
    def status(self) -> str:
        """How many rows there are, are selected, or were found; empty until that is known."""
        window = self.window
        if window.selected:
            return f"{len(window.selected):,} selected"
        if window.matches is not None:
            return f"{len(window.matches.ids):,} found{'…' if window.matches.is_running else ''}"
        return "" if window.count is None else plural(window.count, self.noun)

    def shows(self, title: str) -> bool:
        """Whether the column of this title is shown."""
        return any(column.title == title for column, _ in self._placed())

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the row under the cursor begins on the screen."""
        return self.region.offset + Offset(0, 1 + self.window.cursor - self.window.top)

    def reload(self, at: int | None = None) -> None:
        """Read the rows again, with the cursor on the record `at`, or where it was."""
        self.window.reload(at)

    def set_source(
        self,
        listing: Listing[Any],
        columns: Sequence[Column[Any]],
        *,
        noun: str,
        empty: str,
        sign: Callable[[Any], tuple[str, str]] | None = None,
    ) -> None:
        """Show other rows in place of those that are shown; where they are of the same kind, the cursor on the same."""
        if noun != self.noun:
            self.window.clear()
        self.window.count, self.window.is_loaded = None, False
        self.window.sort = listing.default_sort
        self.noun, self.empty = noun, empty
        self._set_sign(sign)
        self.set_columns(columns)
        self.window.show(listing)

    def _set_sign(self, sign: Callable[[R], tuple[str, str]] | None) -> None:
        """Show a sign of each row before it, in one cell, and in its style."""
        self._sign = sign
        self.marker_cells = type(self).marker_cells + (sign is not None)
        self._placed_for = None

    def set_columns(self, columns: Sequence[Column[Any]]) -> None:
        """Show these columns of the rows."""
        self.columns, self._measured_in = columns, None
        self.window.shows_counts = any(column.filled for column in columns)
        self._redraw()

    def sort_by(self, order: str) -> None:
        """Sort by this order of the listing; by the one that holds already, the other way round."""
        sort = self.window.sort
        self.window.sort = Sort(order, order == sort.by and not sort.descending)
        self.window.reload()

    def _sort_at(self, x: int) -> None:
        """Sort by the column whose heading is there."""
        column = column_at(self._placed(), x) if self.has_headings else None
        orders = [column.sort, *column.sorts] if column else []
        for order in orders:
            if order in self.window.listing.orders:
                self.sort_by(self.window.sort.by if self.window.sort.by in orders else order)
                return

    # Keys

    def action_move(self, rows: int) -> None:
        """Move the cursor by so many rows."""
        self._move_to(self.window.cursor + rows)

    def action_page(self, pages: float) -> None:
        """Move the cursor by so many screenfuls."""
        self._move_to(self.window.cursor + int(pages * self.window.height))

    def action_jump(self, end: bool) -> None:
        if self.window.has_end(end):
            self._move_to(len(self.window.rows) - 1 if end else 0)
        else:
            self.window.read_end(end)

    def _move_to(self, index: int) -> None:
        if not self.window.rows:
            return
        before, top = self.window.cursor, self.window.top
        self.window.move_to(index)
        if self._range_from is not None:
            self.window.select_range(self._range_from, self._selected_before)
        elif self.window.top != top:
            self.refresh()
        elif self.window.cursor != before:
            self._refresh_row(before)
            self._refresh_row(self.window.cursor)
        if self.window.cursor != before:
            self.post_message(self.Changed(self))

    def _refresh_row(self, index: int) -> None:
        self.refresh(Region(0, 1 + index - self.window.top, self.size.width, 1))

    def action_toggle_selected(self) -> None:
        """Select or unselect the row under the cursor, and go to the next."""
        self._range_from = None
        if self.current is not None:
            self.window.toggle_selected()
            self._refresh_row(self.window.cursor)
            self.post_message(self.Changed(self))
            self._move_to(self.window.cursor + 1)

    def action_select_range(self) -> None:
        """Select the row under the cursor and those that it passes, until this is asked for again."""
        if self._range_from is not None or self.current is None:
            self._range_from = None
            return
        self._range_from, self._selected_before = self.current.id, self.window.selected
        self.window.select_range(self._range_from, self._selected_before)

    def clear_selection(self) -> None:
        """Unselect all rows."""
        self._range_from = None
        self.window.clear_selection()

    @work(exclusive=True, group="selection")
    async def action_select_all(self) -> None:
        """Select all rows that are shown, or none where all are selected."""
        if not await self.window.select_all():
            self.notify(f"More than {MAX_SELECTED:,} rows: narrow the search, then select all.", severity="warning")

    def action_reload(self) -> None:
        self.reload()

    def action_copy(self) -> None:
        """Copy what the row is known by: an e-mail or a name."""
        if self.current is not None:
            self.app.copy(self._copied(self.current))

    def action_open(self) -> None:
        if self.window.rows:
            self.post_message(self.Opened(self))

    # Events

    def on_mount(self) -> None:
        self.reload(self.first)

    def on_unmount(self) -> None:
        self.window.close()

    def on_resize(self) -> None:
        self.window.resize(self.size.height - 1)

    def on_click(self, event: events.Click) -> None:
        """Move to the clicked row; a second click opens it, one on a heading sorts by that."""
        index = self.window.top + event.y - 1
        if event.y < 1:
            self._sort_at(event.x - self.marker_cells)
        if event.y < 1 or index >= len(self.window.rows):
            return
        self._move_to(index)
        if event.chain == 2:
            self.action_open()

    @on(events.MouseScrollDown)
    @on(events.MouseScrollUp)
    def _turn_wheel(self, event: events.MouseScrollDown | events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(3 if isinstance(event, events.MouseScrollDown) else -3)

    # Drawing

    def _redraw(self) -> None:
        """Draw the rows again, of which some may be others."""
        self._placed_for = None
        self.refresh()

    def _placed(self) -> Layout[R]:
        """The columns as they are drawn now; while the list is scrolled they only grow."""
        window, (width, height) = self.window, self.size
        drawn = (width, height, window.top, id(window.rows), id(self.columns))
        if drawn != self._placed_for:
            self._placed_for = drawn
            self._measure(window.rows[window.top : window.top + height], width)
            self._columns = layout(self.columns, width - self.marker_cells - 1, self._needs)
        return self._columns

    def _measure(self, in_view: list[R], width: int) -> None:
        """Take note of what the columns need for the rows that have come into view."""
        if self._measured_in is not self.window.rows:
            self._measured_in, self._measured, self._needs = self.window.rows, {}, {}
        new = [row for row in in_view if self._measured.get(row.id) is not row]
        self._measured = {row.id: row for row in in_view}
        for title, cells in measure(self.columns, new, width).items():
            self._needs[title] = max(cells, self._needs.get(title, 0))

    def render_line(self, y: int) -> Strip:
        window, width = self.window, self.size.width
        if y == 0:
            titles = heading(self._placed(), window.sort)
            return self._strip(" " * self.marker_cells + titles, "record-list--header")
        index = window.top + y - 1
        if index < len(window.rows):
            return self._row_strip(window.rows[index], index == window.cursor)
        if window.rows or not window.is_loaded:
            return self._strip("")
        from textwrap import wrap

        text, style = self._reason()
        lines = wrap(text, max(20, width - 2), initial_indent="  ", subsequent_indent="  ")
        return self._strip(lines[y - 2] if 0 <= y - 2 < len(lines) else "", style)

    def _strip(self, text: str, style: str | None = None) -> Strip:
        """A line of the list, as wide as it is."""
        rich_style = self.get_component_rich_style(style) if style else self.rich_style
        return Strip([Segment(fit_to_cells(text, self.size.width), rich_style)], self.size.width)

    def _row_strip(self, row: R, is_current: bool) -> Strip:
        """The line of a row; on the cursor's bar signs and words alone tell what colours tell elsewhere."""
        if is_current:
            text = "".join(text for text, _ in self._parts(row, is_current))
            return self._strip(text, "record-list--current")
        segments = [
            Segment(
                "".join(text for text, _ in parts), self.get_component_rich_style(style) if style else self.rich_style
            )
            for style, parts in groupby(self._parts(row, is_current), key=itemgetter(1))
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _parts(self, row: R, is_current: bool) -> Iterator[tuple[str, str | None]]:
        """What stands on the line of a row, each with its style; those in the row's own style are one."""
        yield from self._markers(row, is_current)
        text, columns = "", self._placed()
        for place, ((column, _), cell) in enumerate(zip(columns, row_cells(columns, row), strict=True)):
            text += GAP if place else ""
            if column.style is None:
                text += cell
            else:
                yield text, None
                yield cell, column.style(row)
                text = ""
        yield text, None

    def _reason(self) -> tuple[str, str]:
        """Why there are no rows, and the style in which that is said."""
        window = self.window
        if window.failure:
            keys = keys_of(self, "list.reload")[:1]  # pickers have none
            again = [f"Press {printed(key)} to try again." for key in keys]
            return " ".join([window.failure, *again]), "record-list--failure"
        if window.search_text and not (window.matches and window.matches.is_running):
            key = key_of(self, self.clear_binding)
            return f"Nothing found for “{window.search_text}”. {key} shows all again.", "record-list--hint"
        return self.empty, "record-list--hint"

    def _markers(self, row: R, is_current: bool) -> Iterator[tuple[str, str | None]]:
        """What stands before the first column, each with its style."""
        yield ">" if is_current else " ", None
        if self._sign is not None:
            yield self._sign(row)
        yield ("◆", "record-list--selected") if row.id in self.window.selected else (" ", None)
