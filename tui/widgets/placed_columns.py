"""Where the columns of a list stand, for the rows that are in view."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from models.db.paging import HasId
from tui.widgets.column_layout import Column, Layout, layout, measure
from tui.widgets.loaded_rows import LoadedRows

R = TypeVar("R", bound=HasId)


class PlacedColumns(Generic[R]):
    """Columns as wide as the rows in view need; while the list is scrolled they only grow."""

    def __init__(self, columns: Sequence[Column[R]]) -> None:
        self.columns = columns
        self._needs: dict[str, int] = {}
        self._measured: dict[int, R] = {}  # those in view
        self._measured_in: list[R] | None = None
        self._layout: Layout[R] = ()
        self._placed_for: tuple[int, ...] | None = None

    def invalidate(self) -> None:
        """Place them again: some rows may be others."""
        self._placed_for = None

    def place(self, window: LoadedRows[R], width: int, height: int) -> Layout[R]:
        """The columns shown in `width` cells, and how many each has, for the `height` rows from the window's top."""
        wanted = (width, height, window.top, id(window.rows))
        if wanted != self._placed_for:
            self._placed_for = wanted
            self._measure(window, width, height)
            self._layout = layout(self.columns, width, self._needs)
        return self._layout

    def _measure(self, window: LoadedRows[R], width: int, height: int) -> None:
        """Take note of what the columns need for the rows that have come into view."""
        if self._measured_in is not window.rows:
            self._measured_in, self._measured, self._needs = window.rows, {}, {}
        in_view = window.rows[window.top : window.top + height]
        new = [row for row in in_view if self._measured.get(row.id) is not row]
        self._measured = {row.id: row for row in in_view}
        for title, cells in measure(self.columns, new, width).items():
            self._needs[title] = max(cells, self._needs.get(title, 0))
