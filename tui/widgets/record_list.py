"""The list of every page: moves over the rows of a window, selects and sorts them, with keys and the mouse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from textual import events, getters, on, work
from textual.binding import Binding
from textual.message import Message

from models.db.paging import HasId, Listing, Sort
from tui.app_base import AppBase
from tui.keymap.actions import Action, check_enabled
from tui.widgets.column_layout import Column, column_at
from tui.widgets.row_lines import RowLines, Sign
from tui.widgets.row_window import MAX_SELECTED, RowWindow

R = TypeVar("R", bound=HasId)


class RecordList(RowLines[R], can_focus=True):
    """Rows of a listing with a cursor, searched, sorted and selected from. What it shows is its `window`'s."""

    app = getters.app(AppBase)
    check_action = check_enabled

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
        *(
            Action(
                f"shift+{way}",
                f"extend({rows})",
                f"Select {way}",
                tooltip=f"Select this row and the one {beside}",
                show=False,
                id=f"list.extend_{way}",
                enabled=lambda records: records.is_multiple,
            )
            for way, rows, beside in (("up", -1, "above"), ("down", 1, "below"))
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
        Binding(
            "Y",
            "app.copy_table",
            "Copy table",
            tooltip="Copy the selected rows, or all that are listed",
            show=False,
            id="list.copy_table",
        ),
        Binding("r", "reload", "Reload list", tooltip="Reload list", show=False, id="list.reload"),
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

    has_headings = True
    """Whether the first line has the columns' headings."""

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
        sign: Sign[R] | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(columns, noun=noun, empty=empty, sign=sign, id=id)
        self.window: RowWindow[R] = RowWindow(
            listing,
            start=self.run_worker,
            redraw=self._redraw,
            changed=lambda: self.post_message(self.Changed(self)),
            rows_above=rows_above,
            first_page=rows,
        )
        self.window.shows_counts = any(column.filled for column in columns)
        self.is_multiple = is_multiple
        """Whether several rows can be selected, for what is done to all of them."""
        self.first: int | None = None
        """The record that the cursor is on when the list is first shown."""
        self.copied = copied or (lambda row: self.columns[0].value(row, 1000))
        """What a row is known by: an e-mail or a name."""

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
        sign: Sign[Any] | None = None,
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

    def sort_by(self, order: str, *, descending: bool = False, to_first: bool = False) -> None:
        """Sort by this order of the listing; by the one that holds already, the other way round.

        The cursor stays on its record, or goes to the first row.
        """
        sort = self.window.sort
        self.window.sort = Sort(order, not sort.descending if order == sort.by else descending)
        self.window.reload(to_first=to_first)

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

    def action_extend(self, rows: int) -> None:
        """Move the cursor by so many rows, and select what it passes."""
        self._move_to(self.window.cursor + rows, extends=True)

    def action_page(self, pages: float) -> None:
        """Move the cursor by so many screenfuls."""
        self._move_to(self.window.cursor + int(pages * self.window.height))

    def action_jump(self, end: bool) -> None:
        if self.window.has_end(end):
            self._move_to(len(self.window.rows) - 1 if end else 0)
        else:
            self.window.read_end(end)

    def _move_to(self, index: int, *, extends: bool = False) -> None:
        if not self.window.rows:
            return
        before, top = self.window.cursor, self.window.top
        (self.window.extend_to if extends else self.window.move_to)(index)
        if self.window.top != top:
            self.refresh()
        elif self.window.cursor != before:
            self._refresh_row(before)
            self._refresh_row(self.window.cursor)
        if self.window.cursor != before:
            self.post_message(self.Changed(self))

    def action_toggle_selected(self) -> None:
        """Select or unselect the row under the cursor, and go to the next."""
        if self.current is not None:
            self.window.toggle_selected()
            self._refresh_row(self.window.cursor)
            self.post_message(self.Changed(self))
            self._move_to(self.window.cursor + 1)

    def action_select_range(self) -> None:
        """Select the row under the cursor and those that it passes, until this is asked for again."""
        self.window.toggle_range()

    def clear_selection(self) -> None:
        """Unselect all rows."""
        self.window.clear_selection()

    @work(exclusive=True, group="selection")
    async def action_select_all(self) -> None:
        """Select all rows that are shown, or none where all are selected."""
        if not await self.window.select_all():
            self.notify(f"More than {MAX_SELECTED:,} rows: narrow the search, then select all.", severity="warning")

    def action_reload(self) -> None:
        self.reload()

    def action_copy(self) -> None:
        """Copy what the row is known by."""
        if self.current is not None:
            self.app.copy(self.copied(self.current))

    def action_open(self) -> None:
        if self.window.rows:
            self.post_message(self.Opened(self))

    # Events

    def on_mount(self) -> None:
        self.reload(self.first)

    def on_unmount(self) -> None:
        self.window.close()

    def on_resize(self) -> None:
        """Keep the row under the cursor in view; the list was drawn in its new size before it is told of that."""
        top = self.window.top
        self.window.resize(self.size.height - 1)
        if self.window.top != top:
            self.refresh()

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
