"""Whole shops: their tables of other parts, and all of their languages."""

from models.db import tables
from models.db.opened import opened
from tests.conftest import Shop

ON_SERVERS = True


def test_the_tables_of_other_parts_are_known_where_they_are(shop: Shop) -> None:
    assert opened().neighbours == set()
    shop.whole()
    assert opened().neighbours == set(tables.NEIGHBOURS)
    shop.reopen()
    assert opened().neighbours == set()


def test_a_table_of_another_part_that_lacks_a_column_counts_as_missing(shop: Shop) -> None:
    whole = shop.whole()
    whole.sql("ALTER TABLE spy_picking_list RENAME COLUMN user_uuid TO picker")
    try:
        whole.reopen()
        assert opened().neighbours == {*tables.NEIGHBOURS} - {tables.PickingList}
    finally:
        whole.sql("ALTER TABLE spy_picking_list RENAME COLUMN picker TO user_uuid")
