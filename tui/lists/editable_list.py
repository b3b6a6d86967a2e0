"""A list whose records are created, cloned and deleted from it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual import work
from textual.screen import Screen

from models.db.opened import opened
from models.db.paging import HasId
from models.errors import NotFound, Refused, ShopError
from models.text import plural
from tui.keymap.actions import Action, all_of, can_change, has_row, is_recorded, writable
from tui.keymap.keys import key_of
from tui.lists.list_page import ListPage
from tui.text import with_name
from tui.workers import run_busy

if TYPE_CHECKING:
    from tui.dialogs.question import Question

R = TypeVar("R", bound=HasId)


def can_change_current(page: ListPage[Any]) -> bool | str | None:
    """The condition that a record is highlighted, and can be changed."""
    return can_change(page, page.records.current)


class EditableListPage(ListPage[R], Generic[R]):
    """A section's records: creates and clones one, deletes those that are selected or the highlighted one."""

    BINDINGS = [
        Action(
            "n",
            "create",
            "Create",
            tooltip="Create a new one",
            id="page.create",
            enabled=writable,
        ),
        Action(
            "d,delete",
            "delete",
            "Delete",
            tooltip="Delete it, or all that are selected (asks first)",
            id="page.delete",
            enabled=lambda page: can_change(page, page.records.window.target_ids or None),
        ),
        Action(
            "c",
            "clone",
            "Clone",
            tooltip="Make a copy under a new name",
            id="page.clone",
            enabled=can_change_current,
        ),
        Action(
            "H",
            "history",
            "History",
            tooltip="Show what was changed in it, when and by whom",
            show=False,
            id="page.history",
            enabled=lambda page: all_of(is_recorded(page), has_row(page.records.current)),
        ),
        Action(
            "z",
            "undo",
            "Undo",
            tooltip="Take your last change back (asks first)",
            show=False,
            id="page.undo",
            enabled=lambda page: all_of(is_recorded(page), writable(page)),
        ),
    ]
    not_found = ""
    """The message of NotFound for these records."""

    def delete_question(self, rows: list[R]) -> "Question":
        """The question before records are deleted (in a thread). Raises Refused, NotFound."""
        raise NotImplementedError

    def delete(self, rows: list[R]) -> str:
        """Delete the records, all or none (in a thread); a message."""
        raise NotImplementedError

    def clone_question(self, row: R) -> Screen[int | None]:
        """The dialog that asks for the copy's name, and makes it; returns its id."""
        raise NotImplementedError

    def action_history(self) -> None:
        """Show the history of the highlighted record."""
        if (row := self.records.current) is not None:
            self.app.open_history(self.kind, row.id, self.label(row))

    @work
    async def action_undo(self) -> None:
        from tui.dialogs.undo import undo_last

        await undo_last(self.app)

    @property
    def undo_key(self) -> str:
        """The key that takes back the change that was made just now; empty where that was not recorded."""
        recorder = opened().recorder
        return "" if recorder is None or recorder.problem else key_of(self, "page.undo")

    @work
    async def action_create(self) -> None:
        await self.open(None)

    @work
    async def action_clone(self) -> None:
        if self.records.current is not None:
            await self.clone(self.records.current)

    async def clone(self, row: R) -> None:
        """Make a copy of a record, and open it."""
        id = await self.app.push_screen_wait(self.clone_question(row))
        if id is not None:
            await self.open(id)

    @work
    async def action_delete(self) -> None:
        """Delete the selected records, or the highlighted one, after a question."""
        from tui.dialogs.reason import make_change

        name = self.target_name
        try:
            rows = await run_busy(self.target_rows())
            question = await run_busy(lambda: self.delete_question(rows))
            if not await self.app.push_screen_wait(question):
                return
            message = await make_change(self.app, lambda: self.delete(rows), question.note)
        except ShopError as error:
            await self.refused(error, name)
        else:
            self.records.clear_selection()
            self.app.notify_done(message)
        self.records.reload()

    async def refused(self, error: ShopError, name: str) -> None:
        """Show why something was not done to the target records, which messages name so."""
        names_record = isinstance(error, Refused) or str(error) == self.not_found
        self.notify(with_name(str(error), name if names_record else ""), severity="error")

    @property
    def target_name(self) -> str:
        """How messages name the target records (those selected, or the highlighted one): its name, or how many."""
        ids = self.records.window.target_ids
        name = self._label_of(ids[0]) if len(ids) == 1 else ""
        return name or plural(len(ids), self.records.noun)

    def target_rows(self) -> Callable[[], list[R]]:
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
