"""Columns of a list: what they show of a row, and how many cells each has at a width."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from models.db.paging import Sort
from tui.text import ends_shown, fit_to_cells

R = TypeVar("R")

MIN_COLUMN_CELLS = 18
"""Cells that the first column, which tells a row from the others, has before others are spared for it."""

ROOMY_CELLS = 32
"""Cells that the first column keeps where columns are widened, or shown that need not be there."""

GAP = "  "
"""Between two columns."""


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column: its heading, what it shows of a row in so many cells, and how wide it is.

    A `width` of cells is kept; columns without one share the rest in proportion to their `share`. `sort` names the
    listing's order that the heading's arrow stands for; `filled` that the listing's `fill` gives what it shows. Where
    there is too little room, the columns that can be spared are left out, that with the highest `spare` first. Where
    there is much, a column takes the cells that it has as `wide`, and the `roomy` ones are shown too.
    """

    title: str
    value: Callable[[R, int], str]
    width: int = 0
    share: int = 1
    right: bool = False
    sort: str = ""
    filled: bool = False
    spare: int = 0
    wide: int = 0
    roomy: bool = False
    indented: bool = False
    """Whether the spaces at its ends are ours; elsewhere they are shown as signs, so that no two names look alike."""


Layout = Sequence[tuple[Column[R], int]]
"""The columns that are shown, each with its cells."""


def layout(columns: Sequence[Column[R]], width: int) -> Layout[R]:
    """The columns that are shown in `width` cells, and how many of these each has."""
    usual = [column for column in columns if not column.roomy]
    for candidates in (columns, usual):
        cells = _divide(candidates, [column.wide or column.width for column in candidates], width)
        if cells[0] >= ROOMY_CELLS:
            return list(zip(candidates, cells, strict=True))
    while True:
        cells = _divide(usual, [column.width for column in usual], width)
        first_to_go = max(usual, key=lambda column: column.spare)
        if cells[0] >= MIN_COLUMN_CELLS or not first_to_go.spare:
            return list(zip(usual, cells, strict=True))
        usual.remove(first_to_go)


def _divide(columns: Sequence[Column[R]], fixed: Sequence[int], width: int) -> list[int]:
    """How many cells each of the columns has: its fixed ones, or its share of the rest."""
    free = width - len(GAP) * (len(columns) - 1) - sum(fixed)
    shares = sum(column.share for column, cells in zip(columns, fixed, strict=True) if not cells)
    return [cells or max(0, free * column.share // shares) for column, cells in zip(columns, fixed, strict=True)]


def heading(columns: Layout[R], sort: Sort) -> str:
    """The columns' titles, with an arrow at the one that the rows are sorted by."""
    return GAP.join(fit_to_cells(_title(column, cells, sort), cells, right=column.right) for column, cells in columns)


def _title(column: Column[R], cells: int, sort: Sort) -> str:
    if not column.sort or column.sort != sort.by:
        return column.title
    title = fit_to_cells(column.title, min(len(column.title), max(0, cells - 2)))
    return f"{title} {'↓' if sort.descending else '↑'}"


def row_text(columns: Layout[R], row: R) -> str:
    """What the columns show of a row."""
    return GAP.join(_cell(column, column.value(row, cells), cells) for column, cells in columns)


def _cell(column: Column[R], text: str, cells: int) -> str:
    return fit_to_cells(text if column.indented else ends_shown(text), cells, right=column.right)
