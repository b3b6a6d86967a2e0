"""Which columns a list shows at a width, and how wide they are."""

from collections.abc import Sequence
from typing import Any

import pytest

from models.db.paging import Sort
from tui.widgets.column_layout import GAP, Column, heading, layout, row_text


def text_column(title: str, **options: Any) -> Column[str]:
    return Column(title, lambda row, width: row, **options)


NAME = text_column("Name", share=3, sort="name")
GROUPS = text_column("Groups", share=2, spare=2)
DATE = text_column("Created At", width=12, wide=16, sort="created_at", spare=1)
STATUS = text_column("Status", width=11)
AGENT = text_column("Agent", width=14, roomy=True)
COLUMNS = [NAME, GROUPS, DATE, STATUS, AGENT]


def widths(columns: Sequence[Column[str]], width: int) -> dict[str, int]:
    return {column.title: cells for column, cells in layout(columns, width)}


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (30, {"Name": 17, "Status": 11}),
        (60, {"Name": 18, "Groups": 12, "Created At": 12, "Status": 11}),
        (50, {"Name": 23, "Created At": 12, "Status": 11}),
        (120, {"Name": 42, "Groups": 28, "Created At": 16, "Status": 11, "Agent": 14}),
    ],
)
def test_columns_are_spared_where_there_is_little_room_and_widened_where_there_is_much(
    width: int, expected: dict[str, int]
) -> None:
    assert widths(COLUMNS, width) == expected


def test_columns_never_take_more_than_the_width_unless_those_kept_do_alone() -> None:
    for width in range(200):
        cells = widths(COLUMNS, width).values()
        assert min(cells) >= 0
        assert sum(cells) + len(GAP) * (len(cells) - 1) <= max(width, STATUS.width + len(GAP))


def test_an_arrow_stands_at_the_column_that_the_rows_are_sorted_by() -> None:
    columns = [(NAME, 8), (DATE, 12)]
    assert heading(columns, Sort("name")) == "Name ↑    Created At  "
    assert heading(columns, Sort("created_at", descending=True)) == "Name      Created At ↓"
    assert heading([(DATE, 6)], Sort("created_at")) == "Cre… ↑"


def test_a_row_fills_its_cells_and_shows_the_spaces_that_a_name_ends_with() -> None:
    right, indented = text_column("R", right=True), text_column("I", indented=True)
    assert row_text([(NAME, 4), (right, 4), (indented, 4)], "a ") == "a␣      a␣  a   "
    assert row_text([(NAME, 4)], "longer") == "lon…"
