"""A list of records: search, sort, create, edit, delete."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from textual import on, work
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from models.db.paging import HasId, Sort
from models.errors import NotFound, Refused, ShopError
from tui.app_base import Kind
from tui.keymap.actions import Action
from tui.keymap.keys import key_of
from tui.lists.search_line import SearchLine
from tui.text import plural, with_name
from tui.widgets.page import Page
from tui.widgets.record_list import RecordList
from tui.workers import run_busy

if TYPE_CHECKING:
    from textual.widgets import Input

    from tui.dialogs.question import Question

R = TypeVar("R", bound=HasId)


class ListPage(Page[None], Generic[R]):
    """The list of a section's records. A subclass says which, with which columns, and what may be done to one."""

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
            tooltip="Delete it, or all marked, after a question",
            id="page.delete",
            enabled=lambda page: page.changing and (page.can_change_chosen or None),
        ),
        Binding("slash", "search", "Search", tooltip="Search, as you type", id="page.search"),
        Action(
            "s",
            "sort",
            "Sort",
            tooltip="Sort by the next column, or the other way round",
            id="page.sort",
            enabled=lambda page: len(page.records.window.listing.orders) > 1,
        ),
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
            tooltip="Clear the marks, the search, then the filter",
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

    def make_list(self) -> RecordList[R]:
        """The section's list."""
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
        self.records = self.make_list()
        self.search_line = SearchLine()
        return [self.search_line, self.records]

    @property
    def can_change_current(self) -> bool:
        """Whether there is a highlighted record, on a database that can be written."""
        return self.records.current is not None and not self.read_only

    @property
    def can_change_chosen(self) -> bool:
        """Whether records are marked or one is highlighted, on a database that can be written."""
        return bool(self.records.window.target_ids) and not self.read_only

    @property
    def has_something_to_clear(self) -> bool:
        """Whether records are marked, or a search or filter hides some."""
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
        """Clear the marks; without any, end the search, the cursor where it was; without one, clear the filter."""
        if self.records.window.selected:
            self.records.window.clear_selection()
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
        """Sort by the next column, or the other way round."""
        window = self.records.window
        sort, orders = window.sort, list(window.listing.orders)
        following = orders[(orders.index(sort.by) + 1) % len(orders)]
        window.sort = Sort(following) if sort.descending else Sort(sort.by, True)
        window.reload()

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
        """Delete the marked records, or the highlighted one, after a question."""
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
            self.records.window.clear_selection()
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
        """A function that reads the marked rows, or the highlighted one, again (in a thread). It raises NotFound."""
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
