"""The rows of a list that are in memory, and which of them are in view."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from models.db.paging import HasId

R = TypeVar("R", bound=HasId)


class LoadedRows(Generic[R]):
    """Rows that follow one another in a list, with a cursor on one of them; `height` of them are in view from `top`.

    `rows` is another list object only where the rows were replaced as a whole. `rows_above` says how many of the rows
    before the one under the cursor are kept in view with it.
    """

    MAX_ROWS: ClassVar[int] = 400
    """Rows kept; beyond them, those farthest from the view are dropped and read again when needed."""

    def __init__(self, rows_above: Callable[[R], int] = lambda _: 0) -> None:
        self.rows: list[R] = []
        self.cursor = self.top = 0
        self.height = 1
        self.at_start = self.at_end = True
        self._rows_above = rows_above

    @property
    def current(self) -> R | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    def clear(self) -> None:
        """Forget the rows: those of another kind follow."""
        self.rows, self.cursor, self.top = [], 0, 0

    def replace(self, rows: list[R], cursor: int) -> None:
        """Take these rows instead, the cursor on the same line of the view, if that is possible."""
        line = self.cursor - self.top
        self.rows, self.cursor = rows, max(0, min(cursor, len(rows) - 1))
        self.top = self.cursor - line
        self._scroll_into_view()

    def prepend(self, rows: Sequence[R]) -> int:
        """Add the rows before the first one; how many were dropped at the other end."""
        self.rows[:0] = rows
        self.cursor += len(rows)
        self.top += len(rows)
        dropped = max(0, len(self.rows) - max(self.MAX_ROWS, self.top + 2 * self.height))
        if dropped:
            del self.rows[-dropped:]
            self.at_end = False
        return dropped

    def append(self, rows: Sequence[R]) -> int:
        """Add the rows after the last one; how many were dropped at the other end."""
        self.rows += rows
        dropped = max(0, min(len(self.rows) - self.MAX_ROWS, self.top - 2 * self.height))
        if dropped:
            del self.rows[:dropped]
            self.cursor -= dropped
            self.top -= dropped
            self.at_start = False
        return dropped

    def update(self, rows: Sequence[R]) -> bool:
        """Put newer versions in the place of the rows with the same ids; whether that changed any."""
        newer = {row.id: row for row in rows}
        updated = [newer.get(row.id, row) for row in self.rows]
        is_changed = updated != self.rows
        self.rows[:] = updated
        return is_changed

    def move_to(self, index: int) -> None:
        """Put the cursor on this row, or on the nearest there is."""
        self.cursor = max(0, min(index, len(self.rows) - 1))
        self._scroll_into_view()

    def resize(self, height: int) -> None:
        """Have so many rows in view."""
        self.height = max(1, height)
        self._scroll_into_view()

    @property
    def lacks_after(self) -> bool:
        """Whether the view comes near the end of the rows, and there are more."""
        return not self.at_end and self.top + 3 * self.height > len(self.rows)

    @property
    def lacks_before(self) -> bool:
        """Whether the view comes near the start of the rows, and there are more."""
        return not self.at_start and self.top < 2 * self.height

    def _scroll_into_view(self) -> None:
        top = min(max(self.top, self.cursor - self.height + 1), self.cursor)
        if self.at_end:
            top = min(top, len(self.rows) - self.height)
        above = self._rows_above(self.rows[self.cursor]) if self.rows else 0
        self.top = max(0, min(top, self.cursor - above))
