"""One recorded change: when, by whom, why and to what effect, and all values before and after."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.binding import Binding

from models.changes import history
from models.changes.details import Detail, details
from models.changes.history import UNKNOWN, Record
from models.changes.record_history import look_up
from models.db.connection import read_connection
from tui.history.change_lines import ChangeLine, ChangeLines
from tui.history.recorded import RecordedPage
from tui.widgets.page import Opening
from tui.workers import is_still_there


class ChangePage(RecordedPage[ChangeLine]):
    """A recorded change, field by field."""

    BINDINGS = [
        Binding("enter,e", "back", "Back", tooltip="Go back to the list", show=False, id="page.edit"),
    ]
    breadcrumb = "Users / History / Change"

    def __init__(
        self, question: Callable[[], tuple[list[str], list[Detail]]], find: Callable[[], Record] | None = None
    ) -> None:
        """`question` gives the lines over the values, and the values (in a thread); `find` the record, if it is one."""
        super().__init__()
        self._question, self._find = question, find

    @property
    def place(self) -> Opening:
        return Opening(ChangePage, (self._question, self._find))

    @property
    def find(self) -> Callable[[], Record] | None:
        return self._find

    def make_list(self) -> ChangeLines:
        return ChangeLines()

    async def compute(self) -> None:
        found = await self.latest.run(self._question)
        if found is None or not is_still_there(self):
            return
        self.query_one(ChangeLines).explain(*found)


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
