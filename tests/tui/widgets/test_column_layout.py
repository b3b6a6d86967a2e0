"""Which columns a list shows at a width, and how wide they are."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.db.paging import Sort
from tui.widgets.column_layout import GAP, Column, column_at, heading, layout, measure, row_cells
from tui.widgets.columns import role_columns, user_columns


def text_column(title: str, **options: Any) -> Column[Any]:
    return Column(title, lambda row, width: row, **options)


NAME = text_column("Name", share=3, sort="name")
GROUPS = text_column("Groups", share=2, most=12, spare=2)
DATE = text_column("Created At", width=12, wide=16, sort="created_at", spare=1)
STATUS = text_column("Status", width=11)
AGENT = text_column("Agent", width=14, roomy=True)
COLUMNS = [NAME, GROUPS, DATE, STATUS, AGENT]
NEEDS = {"Name": 20, "Groups": 30}


def widths(columns: Sequence[Column[Any]], width: int, needs: dict[str, int] = NEEDS) -> dict[str, int]:
    return {column.title: cells for column, cells in layout(columns, width, needs)}


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (30, {"Name": 17, "Status": 11}),
        (40, {"Name": 27, "Status": 11}),
        (50, {"Name": 23, "Created At": 12, "Status": 11}),
        (60, {"Name": 20, "Groups": 11, "Created At": 12, "Status": 11}),
        (65, {"Name": 20, "Groups": 12, "Created At": 16, "Status": 11}),
        (75, {"Name": 20, "Groups": 22, "Created At": 16, "Status": 11}),
        (93, {"Name": 20, "Groups": 24, "Created At": 16, "Status": 11, "Agent": 14}),
        (109, {"Name": 26, "Groups": 34, "Created At": 16, "Status": 11, "Agent": 14}),
    ],
)
def test_columns_take_what_they_need_are_spared_in_turn_and_share_what_is_left(
    width: int, expected: dict[str, int]
) -> None:
    assert widths(COLUMNS, width) == expected


@settings(max_examples=40)
@given(
    st.integers(0, 240),
    st.fixed_dictionaries(
        {name: st.integers(0, 90) for name in ("E-mail", "Name", "First Name", "Last Name", "Groups")}
    ),
    st.booleans(),
)
def test_no_column_shows_less_in_a_wider_list_and_the_first_is_cut_last(
    width: int, needs: dict[str, int], beside: bool
) -> None:
    columns = user_columns(is_beside_preview=beside)[:5]
    narrow, wide = widths(columns, width, needs), widths(columns, width + 1, needs)
    assert sum(wide.values()) + len(GAP) * (len(wide) - 1) <= width + 1
    for title, cells in narrow.items():
        if title in wide:
            assert min(cells, needs.get(title, cells)) <= wide[title]
        else:  # in two columns, each whole
            assert title == "Name" and wide["First Name"] >= needs["First Name"]
            assert wide["Last Name"] >= needs["Last Name"]
    if narrow["E-mail"] < needs["E-mail"]:
        assert set(narrow) == {"E-mail"}


@pytest.mark.parametrize(("width", "most_needed"), [(46, 37), (67, 38)])
def test_edit_group_and_the_list_beside_a_preview_show_a_role_of_38_characters_whole_at_120_columns(
    width: int, most_needed: int
) -> None:
    shown = widths(role_columns(), width, {"Name": most_needed})
    assert shown["Name"] >= most_needed and ("Rules" in shown) == (width == 67)


def test_columns_never_take_more_than_the_width_unless_those_kept_do_alone() -> None:
    for width in range(200):
        cells = widths(COLUMNS, width).values()
        assert min(cells) >= 0
        assert sum(cells) + len(GAP) * (len(cells) - 1) <= max(width, STATUS.width + len(GAP))


def test_columns_need_the_cells_of_their_longest_value() -> None:
    parts = [text_column("First"), text_column("Last")]
    columns = [text_column("Name", parts=parts), text_column("Date", width=12)]
    assert measure(columns, ["漢字", "a\x1b", "xyz "], 80) == {"Name": 4, "First": 4, "Last": 4}
    assert measure(columns, [], 80) == {"Name": 0, "First": 0, "Last": 0}


def test_an_arrow_stands_at_the_column_that_the_rows_are_sorted_by() -> None:
    columns = [(NAME, 8), (DATE, 12)]
    assert heading(columns, Sort("name")) == "Name ↑    Created At  "
    assert heading(columns, Sort("created_at", descending=True)) == "Name      Created At ↓"
    assert heading([(DATE, 6)], Sort("created_at")) == "Cre… ↑"


def test_a_column_that_joins_two_says_by_which_the_rows_are_sorted() -> None:
    joined = [(text_column("Name", sorts={"first": "First Name", "last": "Last Name"}), 12)]
    assert heading(joined, Sort("last")) == "Last Name ↑ "
    assert heading(joined, Sort("email")) == "Name        "


def test_a_click_finds_the_column_under_it() -> None:
    columns = [(NAME, 8), (DATE, 12)]
    assert [column_at(columns, x) for x in (-1, 0, 9, 10, 21, 30)] == [None, NAME, NAME, DATE, DATE, None]


def test_a_row_fills_its_cells_and_shows_the_spaces_that_a_name_ends_with() -> None:
    right, indented = text_column("R", right=True), text_column("I", indented=True)
    assert row_cells([(NAME, 4), (right, 4), (indented, 4)], "a ") == ["a␣  ", "  a␣", "a   "]
    assert row_cells([(NAME, 4)], "longer") == ["lon…"]
