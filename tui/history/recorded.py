"""What is done with a recorded change, in the list of them and on the page of one."""

from collections.abc import Callable
from typing import Generic, TypeVar

from textual import work

from models.changes.history import Record
from models.db.paging import HasId
from tui.access.computed_page import ComputedPage
from tui.copied_command import copy_recorded
from tui.dialogs.undo import undo_change
from tui.keymap.actions import Action, all_of, writable

R = TypeVar("R", bound=HasId)


def _has_record(page: "RecordedPage[R]") -> bool | str:
    """The condition that there is a recorded change to do it with."""
    return page.find is not None or "no recorded change here"


class RecordedPage(ComputedPage[R], Generic[R]):
    """A page that shows a recorded change, or highlights one."""

    BINDINGS = [
        Action(
            "f8",
            "copy_command",
            "Copy command",
            tooltip="Copy the command that does the same as this change",
            id="history.copy_command",
            enabled=_has_record,
        ),
        Action(
            "z",
            "undo",
            "Undo",
            tooltip="Take this change back (asks first)",
            id="page.undo",
            enabled=lambda page: all_of(writable(page), _has_record(page)),
        ),
    ]

    @property
    def find(self) -> Callable[[], Record] | None:
        """Finds the change (in a thread); None where there is none, as of what was changed outside this program."""
        raise NotImplementedError

    def action_copy_command(self) -> None:
        """Copy the command of the change."""
        if (find := self.find) is not None:
            self.run_worker(copy_recorded(self.app, lambda _: find()))

    @work
    async def action_undo(self) -> None:
        """Take the change back, after a question; then show what there is now."""
        if (find := self.find) is not None:
            await undo_change(self.app, find)
            self.recompute()
