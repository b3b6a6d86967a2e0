"""The tables `..._archive`, in which the shop keeps the rows that are deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import Column, Table

from models.db.opened import OpenedShop, now, opened
from models.db.tables import ShopTable, archive_of, database, table_of


def archive(model: type[ShopTable], ids: Sequence[int]) -> datetime:
    """Copy the rows with these ids to the model's archive table, inside the caller's transaction; the time it gives.

    The shop's own code does this before it deletes (Propel's archivable behaviour); the database never does. A row
    that the archive already holds under the same id is replaced, as there.
    """
    shop, stamp = opened(), now()
    quoted, placeholder = shop.dialect.quoted, shop.dialect.placeholder
    copied = ", ".join(map(quoted, archived_columns(shop, model)))
    key, stamped = quoted(model.id.column_name), quoted("archived_at")
    source, target = quoted(table_of(model)), quoted(archive_of(model))
    matches = f"{key} IN ({', '.join([placeholder] * len(ids))})"
    database.execute_sql(f"DELETE FROM {target} WHERE {key} IN (SELECT {key} FROM {source} WHERE {matches})", ids)
    database.execute_sql(
        f"INSERT INTO {target} ({copied}, {stamped}) SELECT {copied}, {placeholder} FROM {source} WHERE {matches}",
        (stamp, *ids),
    )
    return stamp


def archived_columns(shop: OpenedShop, model: type[ShopTable]) -> list[str]:
    """The columns that are copied from a model's table to its archive."""
    table = shop.columns[table_of(model)]
    return [column for column in shop.columns[archive_of(model)] if column in table and column != "archived_at"]


def archived_at(model: type[ShopTable], id: int, time: datetime) -> Any:
    """The query for the archived row of a record that was deleted at this time."""
    table = archive_table(model)
    key = Column(table, model.id.column_name)
    return table.select(key).where((key == id) & (Column(table, "archived_at") == time))


def archived_name(model: type[ShopTable], id: int) -> Any:
    """The query for the name of a deleted record."""
    table = archive_table(model)
    return table.select(Column(table, "name")).where(Column(table, model.id.column_name) == id)


def archive_table(model: type[ShopTable]) -> Table:
    """A model's archive table, for queries of its own."""
    return Table(archive_of(model)).bind(database)
