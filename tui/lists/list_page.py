"""A list of records: search, sort, create, edit, delete."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import on, work
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from models.db.paging import HasId
from models.errors import NotFound, Refused, ShopError
from tui.app_base import Kind
from tui.keymap.actions import Action
from tui.keymap.keys import key_of
from tui.lists.preview import Preview
from tui.lists.search_line import SearchLine
from tui.text import plural, with_name
from tui.widgets.column_layout import Column
from tui.widgets.page import Page
from tui.widgets.record_list import RecordList
from tui.workers import run_busy

if TYPE_CHECKING:
    from textual.widgets import Input

    from tui.dialogs.question import Question

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
            "n",
            "create",
            "Create",
            tooltip="Create a new one",
            id="page.create",
            enabled=lambda page: page.changing and (not page.read_only or None),
        ),
        Action(
            "enter,e",
            "edit",
            "Edit",
            tooltip="Open the highlighted one",
            id="page.edit",
            enabled=lambda page: page.records.current is not None or None,
        ),
        Action(
            "d,delete",
            "delete",
            "Delete",
            tooltip="Delete it, or all that are selected (asks first)",
            id="page.delete",
            enabled=lambda page: page.changing and (page.can_change_chosen or None),
        ),
        Binding("slash", "search", "Search", tooltip="Search as you type", id="page.search"),
        Action(
            "s",
            "sort",
            "Sort: next column",
            tooltip="Sort by the next column",
            show=False,
            id="page.sort",
            enabled=lambda page: len(page.records.window.listing.orders) > 1,
        ),
        Binding("S", "reverse", "Sort: reverse", tooltip="Reverse the order", show=False, id="page.reverse"),
        Action(
            "c",
            "clone",
            "Clone",
            tooltip="Make a copy under a new name",
            id="page.clone",
            enabled=lambda page: page.changing and page.cloning and (page.can_change_current or None),
        ),
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
    not_found = ""
    """The message of NotFound for these records."""
    changing = True
    """Whether records are created and deleted here."""
    cloning = True
    """Whether they are copied, too."""
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

    def delete_question(self, rows: list[R]) -> "Question":
        """The question before records are deleted (in a thread). Raises Refused, NotFound."""
        raise NotImplementedError

    def delete(self, rows: list[R]) -> str:
        """Delete the records, all or none (in a thread); a message."""
        raise NotImplementedError

    def clone_question(self, row: R) -> Screen[int | None]:
        """The dialog that asks for the copy's name, and makes it; returns its id."""
        raise NotImplementedError

    def content(self) -> list[Widget]:
        self._was_beside = self.is_beside_preview
        self.records = self.make_list()
        self.search_line = SearchLine()
        self.preview = Preview(self.kind)
        height = self.app.size.height  # its first frame has the preview in its place
        self.add_class("-beside" if self.is_beside_preview else "-below")
        self.add_class("-whole" if height >= WHOLE_ROWS else "-brief" if height >= BRIEF_ROWS else "-low")
        return [self.search_line, self.records, self.preview]

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
        self.preview.follow(self.records.current)

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
    def can_change_current(self) -> bool:
        """Whether there is a highlighted record, on a database that can be written."""
        return self.records.current is not None and not self.read_only

    @property
    def can_change_chosen(self) -> bool:
        """Whether records are selected or one is highlighted, on a database that can be written."""
        return bool(self.records.window.target_ids) and not self.read_only

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
        status = self.status
        if self.search_line.field is None and self.size.width >= 70:
            status = f"{key_of(self, 'page.search')} to search   {status}"
        self.search_line.show(status)
        if self.preview is not None:
            self.preview.follow(self.records.current)
        self.refresh_bindings()

    @on(RecordList.Opened)
    def _open_selected(self) -> None:
        self.action_edit()

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

    def action_sort(self) -> None:
        """Sort by the next column."""
        orders = list(self.records.window.listing.orders)
        self.records.sort_by(orders[(orders.index(self.records.window.sort.by) + 1) % len(orders)])

    def action_reverse(self) -> None:
        self.records.sort_by(self.records.window.sort.by)

    # Create, edit, delete

    @work
    async def action_create(self) -> None:
        await self.open(None)

    @work
    async def action_edit(self) -> None:
        if self.records.current:
            await self.open(self.records.current.id)

    async def open(self, id: int | None) -> None:
        """Open a record's page, or create one; then reload the list, with the cursor on that record."""
        name = "" if id is None else self._label_of(id)
        self.records.reload(await self.app.visit_record(self.kind, id, name=name))

    @work
    async def action_clone(self) -> None:
        """Make a copy of the highlighted record, and open it."""
        if self.records.current is None:
            return
        id = await self.app.push_screen_wait(self.clone_question(self.records.current))
        if id is not None:
            await self.open(id)

    @work
    async def action_delete(self) -> None:
        """Delete the selected records, or the highlighted one, after a question."""
        name = self.chosen_name
        try:
            rows = await run_busy(self.chosen_rows())
            question = await run_busy(lambda: self.delete_question(rows))
            if not await self.app.push_screen_wait(question):
                return
            message = await run_busy(lambda: self.delete(rows))
        except ShopError as error:
            await self.refused(error, name)
        else:
            self.records.clear_selection()
            self.notify(message)
        self.records.reload()

    async def refused(self, error: ShopError, name: str) -> None:
        """Show why something was not done to the chosen records, which messages name so."""
        names_record = isinstance(error, Refused) or str(error) == self.not_found
        self.notify(with_name(str(error), name if names_record else ""), severity="error")

    def _label_of(self, id: int) -> str:
        """The record's name, if it is among the rows that are loaded; else empty."""
        return next((self.label(row) for row in self.records.window.rows if row.id == id), "")

    @property
    def chosen_name(self) -> str:
        """How messages name the chosen records: one by its name, several by how many."""
        ids = self.records.window.target_ids
        name = self._label_of(ids[0]) if len(ids) == 1 else ""
        return name or plural(len(ids), self.records.noun)

    def chosen_rows(self) -> Callable[[], list[R]]:
        """A function that reads the selected rows, or the highlighted one, again (in a thread). It raises NotFound."""
        ids, listing = self.records.window.target_ids, self.records.window.listing

        def read() -> list[R]:
            rows = listing.rows(ids)
            if not rows:
                raise NotFound(self.not_found)
            return rows

        return read

    def labels(self, rows: list[R]) -> dict[int, str]:
        """The records' names by their ids."""
        return {row.id: self.label(row) for row in rows}
