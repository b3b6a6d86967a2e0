"""A list of records: search, sort, create, edit, delete."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import on, work
from textual.binding import Binding
from textual.widget import Widget

from models.db.paging import HasId
from tui.app_base import Kind
from tui.keymap.actions import Action, has_row
from tui.keymap.keys import key_of
from tui.lists.search_line import SearchLine
from tui.lists.sort_menu import change_sort
from tui.widgets.column_layout import Column
from tui.widgets.page import Page
from tui.widgets.preview import Preview
from tui.widgets.record_list import RecordList

if TYPE_CHECKING:
    from textual.widgets import Input


R = TypeVar("R", bound=HasId)

BESIDE_CELLS = 110
"""Cells of a page from which on the preview is beside the list."""

BRIEF_ROWS, WHOLE_ROWS = 24, 30
"""Rows of a page from which on the preview is below the list, in two lines or in all."""


SELECT_KEYS = {"list.mark list.range list.mark_all": "Select"}
COMMON_KEYS = {
    "page.search": "Search",
    "page.sort page.reverse": "Sort",
    "page.delete": "Delete",
    "page.clone": "Clone",
    **SELECT_KEYS,
    "list.copy": "Copy",
    "list.reload": "Reload",
    "app.palette": "Palette",
    "app.leave": "Quit",
}
_KEYS_OF_ONE = {"page.search": "Search", "list.copy": "Copy"}


class ListPage(Page[None], Generic[R]):
    """The list of a section's records. A subclass says which, with which columns, and what may be done to one."""

    HORIZONTAL_BREAKPOINTS = [(0, "-below"), (BESIDE_CELLS, "-beside")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (BRIEF_ROWS, "-brief"), (WHOLE_ROWS, "-whole")]
    BINDINGS = [
        Action(
            "enter,e",
            "edit",
            "Edit",
            tooltip="Open the highlighted one",
            id="page.edit",
            enabled=lambda page: has_row(page.records.current),
        ),
        Binding("slash", "search", "Search", tooltip="Search as you type", id="page.search"),
        Action(
            "s",
            "sort",
            "Sort",
            tooltip="Sort by the next column, or choose one",
            show=False,
            id="page.sort",
            enabled=lambda page: len(page.records.window.listing.orders) > 1,
        ),
        Binding("S", "reverse", "Sort: reverse", tooltip="Sort: reverse", show=False, id="page.reverse"),
        Action(
            "escape",
            "end_search",
            "Clear",
            tooltip="Clear the selection, the search, then the filter",
            id="page.clear",
            enabled=lambda page: page.has_something_to_clear,
        ),
    ]
    AUTO_FOCUS = "RecordList"
    kind: Kind
    """What is listed."""
    preview: Preview | None = None
    """Shows the highlighted record in short, where the list has that."""

    open_label: ClassVar[str] = "Edit"
    """The word for what Enter does, in the last line."""
    single_keys: ClassVar[Mapping[str, str]] = {}
    """The keys of the section's own in the last line, by the ids of their bindings, in order of use."""
    bulk_keys: ClassVar[Mapping[str, str]] = {}
    """Those for all selected rows."""

    def make_list(self) -> RecordList[R]:
        """The section's list."""
        raise NotImplementedError

    def columns(self) -> list[Column[R]]:
        """The columns of the list, which depend on where the preview is."""
        raise NotImplementedError

    def label(self, row: R) -> str:
        """A record's name, in questions and messages."""
        raise NotImplementedError

    def second_line(self) -> Widget:
        self.search_line = SearchLine()
        return self.search_line

    def content(self) -> list[Widget]:
        self._was_beside = self.is_beside_preview
        self.records = self.make_list()
        self.preview = Preview(self.kind)
        return [self.records, self.preview]

    @property
    def is_beside_preview(self) -> bool:
        """Whether the list has the preview beside it."""
        return self.app.size.width >= BESIDE_CELLS

    def on_resize(self) -> None:
        """Show the columns that go with the preview, and what it follows where it was not in view."""
        if self.preview is None:
            return
        if self._was_beside != self.is_beside_preview:
            self._was_beside = self.is_beside_preview
            self.records.set_columns(self.columns())
        self.preview.follow(self.records.window.rows, self.records.current)

    @property
    def key_labels(self) -> Mapping[str, str]:
        """The keys of the last line in order of use, by the ids of their bindings, each with its word there."""
        clear, opens = {"page.clear": "Clear"}, {"page.edit": self.open_label}
        if self.records.window.selected:
            return {
                "page.delete": "Delete",
                **self.bulk_keys,
                "page.clear": "Unselect",
                **SELECT_KEYS,
                **opens,
                **_KEYS_OF_ONE,
            }
        return {"page.create": "Create", **opens, **clear, **self.single_keys, **COMMON_KEYS}

    @property
    def has_something_to_clear(self) -> bool:
        """Whether records are selected, or a search or filter hides some."""
        return bool(
            self.search_line.field
            or self.records.window.search_text
            or self.records.window.selected
            or self.is_filtered
        )

    @property
    def status(self) -> str:
        """What the list says of itself: how many rows it has, or how many match the search."""
        return self.records.status

    @on(RecordList.Changed)
    def _show_status(self) -> None:
        hint = "" if self.search_line.field else f"{key_of(self, 'page.search')} to search"
        self.search_line.show(self.status, hint)
        if self.preview is not None:
            self.preview.follow(self.records.window.rows, self.records.current)
        self.refresh_bindings()

    @on(RecordList.Opened)
    def _open_selected(self) -> None:
        self.action_edit()

    def action_reload(self) -> None:
        self.records.action_reload()

    # Search and sort

    def action_search(self) -> None:
        self.search_line.open()
        self._show_status()

    def on_input_changed(self, message: "Input.Changed") -> None:
        if message.input is self.search_line.field:
            self.records.window.search(message.value)

    @work
    async def action_leave_search(self) -> None:
        self.records.focus()
        if self.search_line.field is not None and not self.search_line.field.value:
            await self.action_end_search()
        await self.records.window.wait_loaded()

    @property
    def is_filtered(self) -> bool:
        """Whether a filter other than the search hides records."""
        return False

    def clear_filter(self) -> None:
        """Show what the filter hides."""

    async def action_end_search(self) -> None:
        """Clear the selection; without one, end the search, the cursor where it was; without one, clear the filter."""
        if self.records.window.selected:
            self.records.clear_selection()
            return
        self.records.focus()
        if self.search_line.field is None and not self.records.window.search_text:
            self.clear_filter()
            return
        current = self.records.current
        self.records.window.search("", at=current.id if current else None)
        await self.search_line.close()
        self._show_status()

    @work
    async def action_sort(self) -> None:
        await change_sort(self.app, self.records)

    def action_reverse(self) -> None:
        self.records.sort_by(self.records.window.sort.by)

    # Open

    @work
    async def action_edit(self) -> None:
        if self.records.current:
            await self.open(self.records.current.id)

    async def open(self, id: int | None) -> None:
        """Open a record's page, or create one; then reload the list, with the cursor on that record."""
        name = "" if id is None else self._label_of(id)
        visited = await self.app.visit_record(self.kind, id, name=name)
        if id is None and visited is not None:  # a search or filter may hide the new one
            await self.search_line.close()
            self.records.window.search("")
            if self.is_filtered:
                self.clear_filter()
        self.records.reload(visited)

    def _label_of(self, id: int) -> str:
        """The record's name, if it is among the rows that are loaded; else empty."""
        return next((self.label(row) for row in self.records.window.rows if row.id == id), "")
