"""One recorded change: when, by whom, why and to what effect, and all values before and after."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual import work
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from models.changes import history
from models.changes.details import Detail, details
from models.changes.history import UNKNOWN, Record
from models.changes.record_history import look_up
from models.db.connection import read_connection
from models.db.given_rows import InMemoryRows
from tui.access.computed_page import ComputedPage
from tui.copied_command import copy_recorded
from tui.dialogs.undo import undo_change
from tui.keymap.actions import Action, writable
from tui.text import shown
from tui.widgets.column_layout import Column
from tui.widgets.computed_list import ComputedList
from tui.widgets.page import Opening
from tui.widgets.record_list import RecordList
from tui.workers import is_still_there


@dataclass(frozen=True, slots=True)
class DetailRow:
    """A field, before and after."""

    id: int
    detail: Detail

    def __str__(self) -> str:
        return str(self.detail)


class ChangePage(ComputedPage[DetailRow]):
    """A recorded change, field by field."""

    BINDINGS = [
        Binding("enter,e", "back", "Back", tooltip="Go back to the list", show=False, id="page.edit"),
        Action(
            "f8",
            "copy_command",
            "Copy command",
            tooltip="Copy the command that does the same as this change",
            id="history.copy_command",
            enabled=lambda page: page.find is not None or None,
        ),
        Action(
            "z",
            "undo",
            "Undo",
            tooltip="Take this change back (asks first)",
            id="page.undo",
            enabled=lambda page: page.find is not None and writable(page),
        ),
    ]
    DEFAULT_CSS = "ChangePage #change { height: auto; max-height: 8; padding: 0 1; }"
    breadcrumb = "Users / History / Change"

    def __init__(
        self, question: Callable[[], tuple[list[str], list[Detail]]], find: Callable[[], Record] | None = None
    ) -> None:
        """`question` gives the lines over the values, and the values (in a thread); `find` the record, if it is one."""
        super().__init__()
        self._question, self.find = question, find
        self._head = Static(id="change")

    @property
    def place(self) -> Opening:
        return Opening(ChangePage, (self._question, self.find))

    def content(self) -> list[Widget]:
        *above, records = super().content()
        return [*above, self._head, records]

    def make_list(self) -> RecordList[DetailRow]:
        return ComputedList(InMemoryRows([]), _COLUMNS, noun="value", empty="", copied=str)

    def action_copy_command(self) -> None:
        """Copy the command of the change."""
        if (find := self.find) is not None:
            self.run_worker(copy_recorded(self.app, lambda _: find()))

    @work
    async def action_undo(self) -> None:
        """Take the change back, after a question; the list has it then, too."""
        if self.find is not None:
            await undo_change(self.app, self.find)

    async def compute(self) -> None:
        found = await self.latest.run(self._question)
        if found is None or not is_still_there(self):
            return
        lines, values = found
        rows = [DetailRow(place, detail) for place, detail in enumerate(values)]
        self._head.update(Content("\n".join(map(shown, lines))))
        self.records.set_source(InMemoryRows(rows), _COLUMNS, noun="value", empty="Nothing to show.")


def change_page(folder: Path, record_id: str) -> ChangePage:
    """The page of a recorded change."""
    find = partial(history.find, folder, record_id)

    def read() -> tuple[list[str], list[Detail]]:
        record = find()
        return _lines(record), list(details(record))

    return ChangePage(read, find)


def _lines(record: Record) -> list[str]:
    """What stands over the values."""
    reason, effect = record.intent.get("reason"), record.intent.get("effect") or []
    command = record.intent.get("command")
    lines = [record.summary, f"{record.at:%Y-%m-%d %H:%M:%S} UTC  {record.who}  {record.id}"]
    if record.outcome == UNKNOWN:
        with read_connection():
            lines.append(f"How it ended is not recorded. {look_up(record)}")
    elif record.outcome != "written":
        lines.append("It was not written.")
    lines += [f"Reason: {reason}"] if reason else []
    lines += [f"Effect: {'; '.join(effect)}"] if effect else []
    return lines + ([f"Command: {command}"] if command else [])


_COLUMNS = [
    Column[DetailRow]("Record", lambda row, _: row.detail.what, share=3),
    Column[DetailRow]("Field", lambda row, _: row.detail.field, share=1),
    Column[DetailRow]("Before", lambda row, _: row.detail.before, share=2),
    Column[DetailRow]("After", lambda row, _: row.detail.after, share=2),
]
