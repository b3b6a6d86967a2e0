"""The orders of a list: the next one, or where there are many, one from a menu."""

from collections.abc import Mapping, Sequence
from typing import Any

from tui.app_base import AppBase
from tui.widgets.column_layout import Column
from tui.widgets.record_list import RecordList

MAX_CYCLED = 3
"""Orders that one key goes through; of more it asks for one."""


async def change_sort(app: AppBase, records: RecordList[Any]) -> None:
    """Sort by the next column, or from the first row on by the one chosen (in a worker); a date newest first."""
    orders = _orders(records.columns, records.window.listing.orders)
    sort = records.window.sort
    if len(orders) <= MAX_CYCLED:
        names = [*orders]
        records.sort_by(names[(names.index(sort.by) + 1) % len(names)])
        return
    from tui.dialogs.menu import Menu

    labels = [
        (order, f"{title}{_way(sort.descending) if order == sort.by else ''}") for order, (title, _) in orders.items()
    ]
    chosen = await app.push_screen_wait(Menu("Sort by", labels))
    if chosen is not None:
        records.sort_by(chosen, descending=orders[chosen][1], to_first=True)


def _way(descending: bool) -> str:
    return " ↓" if descending else " ↑"


def _orders(columns: Sequence[Column[Any]], orders: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
    """The orders that have a heading: that, and whether the largest value comes first."""
    headings = [
        (order, (title, column.newest_first))
        for column in columns
        for order, title in {column.sort: column.title, **column.sorts}.items()
    ]
    return {order: heading for order, heading in headings if order in orders}
