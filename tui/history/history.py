"""History: what was changed with this program, all of it or what concerns one record."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.binding import Binding

from models.changes import history
from models.changes.details import Detail
from models.changes.history import Record
from models.changes.history_rows import OUTSIDE, HistoryRow, HistoryRows
from models.changes.outside import lately_changed_outside
from models.changes.record_history import concerning, of_this_shop, outside_changes
from models.db.given_rows import InMemoryRows
from models.lookup import Kind
from tui.history.change import ChangePage, change_page
from tui.history.recorded import RecordedPage
from tui.text import DATE_AND_TIME, date
from tui.widgets.column_layout import Column
from tui.widgets.computed_list import ComputedList
from tui.widgets.page import Opening
from tui.widgets.record_list import RecordList
from tui.workers import is_still_there

SHOW_AGAIN_S = 0.3
"""Seconds between two looks for what was found meanwhile."""

EMPTY = "Nothing was changed with this program yet."


class HistoryPage(RecordedPage[HistoryRow]):
    """The recorded changes to the opened shop, the newest first."""

    BINDINGS = [
        Binding("enter,e", "edit", "Details", tooltip="Show all values before and after", id="page.edit"),
    ]

    def __init__(self, folder: Path, kind: Kind | None = None, id: int = 0, name: str = "") -> None:
        super().__init__()
        self._folder, self._kind, self._record, self._record_name = folder, kind, id, name
        self._outside: list[Detail] = []
        self.breadcrumb = f"Users / History / {name}" if kind else "Users / History"

    @property
    def place(self) -> Opening:
        return Opening(HistoryPage, (self._folder, self._kind, self._record, self._record_name))

    @property
    def find(self) -> Callable[[], Record] | None:
        row = self.records.current
        return partial(history.find, self._folder, row.record_id) if row is not None and row.record_id else None

    def make_list(self) -> RecordList[HistoryRow]:
        return ComputedList(InMemoryRows([]), _columns(self._record_name), noun="change", empty="")

    async def compute(self) -> None:
        """Show the first rows as they are found; then what was changed outside this program, if anything was."""
        rows = await self.latest.run(self._rows)
        if rows is None or not await self._show_first_page(rows):
            return
        self._outside = await self.latest.run(self._find_outside) or []
        if self._outside:
            rows.put_first("; ".join(map(str, self._outside)))
            self.records.reload()

    def _rows(self) -> HistoryRows:
        return HistoryRows(self._folder, concerning(self._kind, self._record) if self._kind else of_this_shop())

    async def _show_first_page(self, rows: HistoryRows) -> bool:
        """Show what is found, also before a page is full, as in long files; false where it does not count any more."""
        opening, found = asyncio.create_task(self.latest.run(rows.open)), 0
        while not (await asyncio.wait({opening}, timeout=SHOW_AGAIN_S))[0] and is_still_there(self):
            if rows.read > found:
                found = rows.read
                self.records.set_source(rows, _columns(self._record_name), noun="change", empty=EMPTY)
        if await opening is None or not is_still_there(self):
            return False
        if rows.read > found or not found:
            self.records.set_source(rows, _columns(self._record_name), noun="change", empty=EMPTY)
        return True

    def _find_outside(self) -> list[Detail]:
        if self._kind is None:
            return lately_changed_outside(history.records(self._folder))
        records = history.records(self._folder, concerning(self._kind, self._record))
        return outside_changes(self._kind, self._record, records)

    async def visit(self, id: int) -> None:
        row = self.records.current
        if row is not None and row.record_id:
            await self.app.push_screen_wait(change_page(self._folder, row.record_id))
        elif row is not None:
            await self.app.push_screen_wait(ChangePage(lambda: ([OUTSIDE], self._outside)))


def _columns(record_name: str) -> list[Column[HistoryRow]]:
    """When, Who, Change; where all changes are of one record, its name is not said in each."""
    return [
        Column("When", lambda row, width: date(row.at, width) if row.at else "", width=DATE_AND_TIME),
        Column("Who", lambda row, _: row.who, most=20),
        Column("Change", lambda row, _: row.text.removeprefix(f"{record_name}: "), share=5),
    ]
