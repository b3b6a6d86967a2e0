"""A section's list: search, sort, create, edit, delete."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from models.db.paging import HasId, Sort
from models.errors import NotFound, Refused, ShopError
from tui.app_base import Kind
from tui.keymap.actions import Action
from tui.keymap.keys import key_of
from tui.text import names, plural, with_name
from tui.widgets.lines import Sections
from tui.widgets.page import Page
from tui.widgets.record_list import RecordList
from tui.workers import run_busy

if TYPE_CHECKING:
    from textual.widgets import Input

    from tui.dialogs.question import Question
    from tui.widgets.search_field import SearchField

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
    gone = ""
    """What is said where the highlighted record is no longer there."""
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
        """What is asked before records are deleted (in a thread). Raises Refused, NotFound."""
        raise NotImplementedError

    def delete(self, rows: list[R]) -> str:
        """Delete the records, all or none (in a thread); what to say then."""
        raise NotImplementedError

    def clone_question(self, row: R) -> Screen[int | None]:
        """What asks for the copy's name, and makes it."""
        raise NotImplementedError

    def content(self) -> list[Widget]:
        """The line of sections, where a search is typed, then the list."""
        self.records = self.make_list()
        self._search: SearchField | None = None
        self._status = Static(id="list-status")
        return [Horizontal(Sections(), self._status, id="sections"), self.records]

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
            self._search is not None
            or self.records.window.search_text
            or self.records.window.selected
            or self.is_filtered
        )

    @property
    def status(self) -> str:
        """What the list says of itself: how many rows there are, or were found."""
        return self.records.status

    @on(RecordList.Changed)
    def _show_status(self) -> None:
        status = self.status
        if self._search is None and self.size.width >= 70:
            status = f"{key_of(self, 'page.search')} to search   {status}"
        self._status.update(Content(status))
        self.refresh_bindings()

    @on(RecordList.Opened)
    def _open_selected(self) -> None:
        self.action_edit()

    # Search and sort

    def action_search(self) -> None:
        """Open the search."""
        if self._search is None:
            from tui.widgets.search_field import SearchField

            self._search = SearchField(id="search", placeholder="search")
            self.query_one("#sections").mount(self._search, before=self._status)
            self._show_status()
        self._search.focus()

    def on_input_changed(self, message: "Input.Changed") -> None:
        """Search as it is typed."""
        if message.input is self._search:
            self.records.window.search(message.value)

    @work
    async def action_leave_search(self) -> None:
        """Go to what was found."""
        self.records.focus()
        if self._search is not None and not self._search.value:
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
        if self._search is None and not self.records.window.search_text:
            self.clear_filter()
            return
        current = self.records.current
        self.records.window.search("", at=current.id if current else None)
        if self._search is not None:
            search, self._search = self._search, None
            await search.remove()
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
        """Open the page that creates a record."""
        await self.open(None)

    @work
    async def action_edit(self) -> None:
        """Open the highlighted record."""
        if self.records.current:
            await self.open(self.records.current.id)

    async def open(self, id: int | None) -> None:
        """Open a record's page; after it, the list is read anew with the cursor on the record concerned."""
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
        """Say why something was not done to what is called so."""
        concerned = isinstance(error, Refused) or str(error) == self.gone
        self.notify(with_name(str(error), name if concerned else ""), severity="error")

    def _label_of(self, id: int) -> str:
        """The record's name as it is listed; nothing where it is not."""
        return next((self.label(row) for row in self.records.window.rows if row.id == id), "")

    @property
    def chosen_name(self) -> str:
        """How messages name what is chosen: one record by its name, several by how many."""
        ids = self.records.window.target_ids
        name = self._label_of(ids[0]) if len(ids) == 1 else ""
        return name or plural(len(ids), self.records.noun)

    def chosen_rows(self) -> Callable[[], list[R]]:
        """What reads the marked rows, or the highlighted one, as they are now (in a thread); it raises NotFound."""
        ids, listing = self.records.window.target_ids, self.records.window.listing

        def read() -> list[R]:
            rows = listing.rows(ids)
            if not rows:
                raise NotFound(self.gone)
            return rows

        return read

    def labels(self, rows: list[R]) -> dict[int, str]:
        """The records' names by their ids."""
        return {row.id: self.label(row) for row in rows}

    def reference_warning(self, references: Mapping[str, str], rows: list[R], noun: str) -> list[str]:
        """What a question says of records that other parts of the shop find by their references (here by name)."""
        if not references:
            return []
        if len(rows) == 1:
            which, them = f"this {noun} by its reference “{''.join(references.values())}”", "it"
        else:
            listed = [f"{name} (“{reference}”)" for name, reference in references.items()]
            which, them = f"{plural(len(listed), noun)} of these by their references: {names(listed, 300)}", "them"
        return [f"Other parts of the shop find {which}: deleting {them} takes their access, e.g. merchants'."]

    def cascade_warning(self, along: Mapping[str, int]) -> list[str]:
        """What a question says of rows of tables that are none of ours and would be deleted too, by table."""
        rows = [f"{plural(count, 'row')} of {table}" for table, count in along.items()]
        return [f"The database deletes along: {', '.join(rows)}."] if rows else []

    def named(self, rows: list[R], noun: str) -> str:
        """How a question names records: one by its name; of several, how many and the first ones."""
        labels = [self.label(row) for row in rows]
        if len(rows) == 1:
            return f"the {noun} “{labels[0]}”"
        more = f" and {len(rows) - 3:,} more" if len(rows) > 3 else ""
        return f"{len(rows):,} {noun}s: {', '.join(labels[:3])}{more}"
