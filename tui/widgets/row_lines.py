"""How the rows of a window are drawn: headings, a line a row, and why there are none."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widget import Widget

from models.db.paging import HasId
from models.text import plural
from tui.keymap.keys import key_of, keys_of, printed
from tui.text import fit_to_cells
from tui.widgets.column_layout import GAP, Column, Layout, heading, row_cells
from tui.widgets.placed_columns import PlacedColumns
from tui.widgets.row_window import RowWindow

R = TypeVar("R", bound=HasId)

Sign = Callable[[R], tuple[str, str]]
"""What stands in one cell before a row, and its component class."""


class RowLines(Widget, Generic[R]):
    """Draws the rows of its `window`, with a cursor on one of them."""

    DEFAULT_CSS = """
    RowLines {
        height: 1fr;
        & > .record-list--header { color: $text-muted; text-style: bold; }
        & > .record-list--hint { color: $text-muted; }
        & > .record-list--failure { color: $text-error; text-style: bold; }
        & > .record-list--current { text-style: bold; }
        &:focus > .record-list--current { background: $primary; color: $text; text-style: bold; }
        & > .record-list--selected { color: $text-accent; text-style: bold; }
        & > .record-list--good { color: $text-success; }
        & > .record-list--doubtful { color: $text-warning; }
        & > .record-list--bad { color: $text-error; }
        & > .record-list--gone { color: $text-error; text-style: dim; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "record-list--header",
        "record-list--hint",
        "record-list--failure",
        "record-list--current",
        "record-list--selected",
        "record-list--good",
        "record-list--doubtful",
        "record-list--bad",
        "record-list--gone",
    }

    marker_cells = 2
    """Cells before the first column, for the cursor, the row's sign if it has one, and whether the row is selected."""
    sign_cells = 1
    """Those that a sign takes."""
    clear_binding = "page.clear"
    """The binding whose key clears the search."""

    window: RowWindow[R]

    def __init__(
        self, columns: Sequence[Column[R]], *, noun: str, empty: str, sign: Sign[R] | None, id: str | None
    ) -> None:
        super().__init__(id=id)
        self.noun, self.empty = noun, empty
        self._set_sign(sign)
        self._columns = PlacedColumns(columns)

    @property
    def columns(self) -> Sequence[Column[R]]:
        """The columns that are shown where there is room."""
        return self._columns.columns

    @property
    def current(self) -> R | None:
        """The row under the cursor."""
        return self.window.current

    @property
    def status(self) -> str:
        """How many rows there are, are selected, or were found; empty until that is known."""
        window = self.window
        if window.selected:
            return f"{len(window.selected):,} selected"
        if window.matches is not None:
            return f"{len(window.matches.ids):,} found{'…' if window.matches.is_running else ''}"
        return "" if window.count is None else plural(window.count, self.noun)

    def shows(self, title: str) -> bool:
        """Whether the column of this title is shown."""
        return any(column.title == title for column, _ in self._placed())

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the row under the cursor begins on the screen."""
        return self.region.offset + Offset(0, 1 + self.window.cursor - self.window.top)

    def set_columns(self, columns: Sequence[Column[Any]]) -> None:
        """Show these columns of the rows."""
        self._columns = PlacedColumns(columns)
        self.window.shows_counts = any(column.filled for column in columns)
        self._redraw()

    def _set_sign(self, sign: Sign[R] | None) -> None:
        """Show a sign of each row before it."""
        self._sign = sign
        self.marker_cells = type(self).marker_cells + (0 if sign is None else self.sign_cells)

    def _redraw(self) -> None:
        """Draw the rows again, of which some may be others."""
        self._columns.invalidate()
        self.refresh()

    def _refresh_row(self, index: int) -> None:
        self.refresh(Region(0, 1 + index - self.window.top, self.size.width, 1))

    def _placed(self) -> Layout[R]:
        """The columns as they are drawn now."""
        width, height = self.size
        return self._columns.place(self.window, width - self.marker_cells - 1, height)

    def render_line(self, y: int) -> Strip:
        window, width = self.window, self.size.width
        if y == 0:
            titles = heading(self._placed(), window.sort)
            return self._strip(" " * self.marker_cells + titles, "record-list--header")
        index = window.top + y - 1
        if index < len(window.rows):
            return self._row_strip(window.rows[index], index == window.cursor)
        if window.rows or not window.is_loaded:
            return self._strip("")
        from textwrap import wrap

        text, style = self._reason()
        lines = wrap(text, max(20, width - 2), initial_indent="  ", subsequent_indent="  ")
        return self._strip(lines[y - 2] if 0 <= y - 2 < len(lines) else "", style)

    def _strip(self, text: str, style: str | None = None) -> Strip:
        """A line of the list, as wide as it is."""
        rich_style = self.get_component_rich_style(style) if style else self.rich_style
        return Strip([Segment(fit_to_cells(text, self.size.width), rich_style)], self.size.width)

    def _row_strip(self, row: R, is_current: bool) -> Strip:
        """The line of a row; on the cursor's bar signs and words alone tell what colours tell elsewhere."""
        if is_current:
            text = "".join(text for text, _ in self._parts(row, is_current))
            return self._strip(text, "record-list--current")
        segments = [
            Segment(
                "".join(text for text, _ in parts), self.get_component_rich_style(style) if style else self.rich_style
            )
            for style, parts in groupby(self._parts(row, is_current), key=itemgetter(1))
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _parts(self, row: R, is_current: bool) -> Iterator[tuple[str, str | None]]:
        """What stands on the line of a row, each with its style; those in the row's own style are one."""
        yield from self._markers(row, is_current)
        text, columns = "", self._placed()
        for place, ((column, _), cell) in enumerate(zip(columns, row_cells(columns, row), strict=True)):
            text += GAP if place else ""
            if column.style is None:
                text += cell
            else:
                yield text, None
                yield cell, column.style(row)
                text = ""
        yield text, None

    def _reason(self) -> tuple[str, str]:
        """Why there are no rows, and the style in which that is said."""
        window = self.window
        if window.failure:
            keys = keys_of(self, "list.reload")[:1]  # pickers have none
            again = [f"Press {printed(key)} to try again." for key in keys]
            return " ".join([window.failure, *again]), "record-list--failure"
        if window.search_text and not (window.matches and window.matches.is_running):
            key = key_of(self, self.clear_binding)
            return f"Nothing found for “{window.search_text}”. {key} shows all again.", "record-list--hint"
        return self.empty, "record-list--hint"

    def _markers(self, row: R, is_current: bool) -> Iterator[tuple[str, str | None]]:
        """What stands before the first column, each with its style."""
        yield ">" if is_current else " ", None
        if self._sign is not None:
            yield self._sign(row)
        yield ("◆", "record-list--selected") if row.id in self.window.selected else (" ", None)
