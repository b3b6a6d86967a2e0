"""Columns of a list: what they show of a row, and how many cells each has at a width."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from models.db.paging import Sort
from tui.text import cells_of, ends_shown, fit_to_cells

R = TypeVar("R")

LEAST_CELLS = 8
"""Cells below which a column that can be left out is left out."""

GAP = "  "
"""Between two columns."""


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column of a list: its heading, what it shows of a row in so many cells, and how it shares the room.

    The first column names the record and is cut last.
    """

    title: str
    value: Callable[[R, int], str]
    width: int = 0
    """Its cells; 0 for as many as its longest visible value needs, and a `share` of what is left."""
    most: int = 0
    """Cells that it takes at first at most, however long its values; twice as many before a `roomy` column is shown,
    more once all are. 0: no limit."""
    wide: int = 0
    """Cells that it takes instead of its `width` where there is room, as a date with its time of day does."""
    share: int = 1
    """Its part of the room that is left in the end."""
    spare: int = 0
    """Where there is too little room, columns with a number here are left out, that with the highest first."""
    roomy: bool = False
    """Whether it is shown only where all others are shown whole and there is room besides."""
    parts: "Sequence[Column[R]]" = ()
    """The columns in its place where there is room for each by itself, as first and last name."""
    right: bool = False
    """Whether values stand at its right end, as numbers do."""
    sort: str = ""
    """The listing's order that the heading's arrow stands for."""
    sorts: Mapping[str, str] = field(default_factory=dict)
    """Other orders that this column tells, each with the heading that says so."""
    newest_first: bool = False
    """Whether a menu of orders begins with its latest date."""
    filled: bool = False
    """Whether the listing's `fill` gives what it shows, after the rows are on the screen."""
    style: Callable[[R], str] | None = None
    """The component class of the list in which a value is drawn, where that is another than the row's."""
    indented: bool = False
    """Whether the spaces at its ends are ours; elsewhere they are shown as signs, so that no two names look alike."""


Layout = Sequence[tuple[Column[R], int]]
"""The columns that are shown, each with its cells."""

Needs = Mapping[str, int]
"""The cells that the longest value of a column takes, by the column's title."""


def measure(columns: Sequence[Column[R]], rows: Sequence[R], width: int) -> dict[str, int]:
    """What the columns need for these rows; more than the `width` of the list makes no difference."""
    return {
        column.title: max([cells_of(_value(column, row, width)[: width * 8]) for row in rows], default=0)
        for column in _with_parts(columns)
        if not column.width
    }


def layout(columns: Sequence[Column[R]], width: int, needs: Needs) -> Layout[R]:
    """The columns that are shown in `width` cells, and how many of these each has.

    In a wider list no column shows less: what each step grants stays granted.
    """
    split = [part for column in columns for part in column.parts or [column]]
    whole = [(column, column.wide or _need(column, needs)) for column in split]
    placed = whole if _total(whole) <= width else _granted(columns, width, needs)
    return _padded(placed, width, needs)


def _granted(columns: Sequence[Column[R]], width: int, needs: Needs) -> Layout[R]:
    """What the steps grant, one after the other, up to the first for which there is too little room."""
    cells: dict[str, int] = {}
    for column, least, most in _steps(columns, needs):
        before = cells.get(column.title)
        others = sum(cells.values()) - (before or 0) + len(GAP) * (len(cells) - (before is not None))
        free = max(0, width - others)
        if free < least:
            break
        cells[column.title] = max(before or 0, min(most, free))
    return [(column, cells[column.title]) for column in columns if column.title in cells]


def _steps(columns: Sequence[Column[R]], needs: Needs) -> Iterator[tuple[Column[R], int, int]]:
    """Columns in the order in which they are given room, each with the least and the most cells that it takes then."""
    usual = [column for column in columns if not column.roomy]
    kept = [column for column in usual if not column.spare]
    for column in sorted(kept, key=lambda column: not column.width):
        yield column, 0, min(_first_need(column, needs), column.width or LEAST_CELLS)
    spared = sorted((column for column in usual if column.spare), key=lambda column: column.spare)
    for column in kept:
        yield column, 0, _first_need(column, needs)
    for column in spared:
        yield column, min(_first_need(column, needs), column.width or LEAST_CELLS), _first_need(column, needs)
    for column in usual:
        if column.wide:
            yield column, column.wide, column.wide
    for column in usual:
        yield column, 0, min(_need(column, needs), 2 * _first_need(column, needs))
    for column in columns:
        if column.roomy:
            yield column, _first_need(column, needs), _first_need(column, needs)
    for column in columns:
        yield column, 0, column.wide or _need(column, needs)


def _need(column: Column[R], needs: Needs) -> int:
    """The cells that the column and its heading, with the arrow, take."""
    title = max(map(len, (column.title, *column.sorts.values()))) + 2 * bool(column.sort or column.sorts)
    return column.width or max(title, needs.get(column.title, 0))


def _first_need(column: Column[R], needs: Needs) -> int:
    need = _need(column, needs)
    return min(need, column.most) if column.most else need


def _padded(placed: Layout[R], width: int, needs: Needs) -> Layout[R]:
    """What is left is shared among the columns that are shown whole: one that is cut would lose it at a wider size."""
    rest = max(0, width - _total(placed))
    shares = {
        column.title: column.share for column, cells in placed if not column.width and cells >= _need(column, needs)
    }
    total = sum(shares.values()) or 1
    return [(column, cells + rest * shares.get(column.title, 0) // total) for column, cells in placed]


def _total(placed: Layout[R]) -> int:
    return sum(cells for _, cells in placed) + len(GAP) * (len(placed) - 1)


def _with_parts(columns: Sequence[Column[R]]) -> list[Column[R]]:
    return [each for column in columns for each in (column, *column.parts)]


def heading(columns: Layout[R], sort: Sort) -> str:
    """The columns' titles, with an arrow at the one that the rows are sorted by."""
    return GAP.join(fit_to_cells(_title(column, cells, sort), cells, right=column.right) for column, cells in columns)


def _title(column: Column[R], cells: int, sort: Sort) -> str:
    title = column.title if sort.by and column.sort == sort.by else column.sorts.get(sort.by, "")
    if not title:
        return column.title
    return f"{fit_to_cells(title, min(len(title), max(0, cells - 2)))} {'↓' if sort.descending else '↑'}"


def column_at(columns: Layout[R], x: int) -> Column[R] | None:
    """The column at so many cells from the first one's left."""
    for column, cells in columns:
        if x < cells + len(GAP):
            return column if x >= 0 else None
        x -= cells + len(GAP)
    return None


def row_cells(columns: Layout[R], row: R) -> list[str]:
    """What each of the columns shows of a row."""
    return [fit_to_cells(_value(column, row, cells), cells, right=column.right) for column, cells in columns]


def _value(column: Column[R], row: R, cells: int) -> str:
    text = column.value(row, cells)
    return text if column.indented else ends_shown(text)
