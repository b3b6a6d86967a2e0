"""The tables `..._archive`, in which the shop keeps the rows that are deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import Column, Table

from models.db.opened import now, opened
from models.db.tables import ShopTable, database


def archive(model: type[ShopTable], ids: Sequence[int]) -> datetime:
    """Copy the rows with these ids to the model's archive table, inside the caller's transaction; the time it gives.

    The shop's own code does this before it deletes (Propel's archivable behaviour); the database never does. A row
    that the archive already holds under the same id is replaced, as there.
    """
    shop, name, stamp = opened(), model._meta.table_name, now()
    quoted, placeholder = shop.dialect.quoted, shop.dialect.placeholder
    common = archived_columns(shop.columns[f"{name}_archive"], shop.columns[name])
    copied = ", ".join(map(quoted, common))
    key, stamped = quoted(model.id.column_name), quoted("archived_at")
    source, target = quoted(name), quoted(f"{name}_archive")
    matches = f"{key} IN ({', '.join([placeholder] * len(ids))})"
    database.execute_sql(f"DELETE FROM {target} WHERE {key} IN (SELECT {key} FROM {source} WHERE {matches})", ids)
    database.execute_sql(
        f"INSERT INTO {target} ({copied}, {stamped}) SELECT {copied}, {placeholder} FROM {source} WHERE {matches}",
        (stamp, *ids),
    )
    return stamp


def archived_columns(archive: Sequence[str], table: Sequence[str]) -> list[str]:
    """The columns that are copied from a table to its archive."""
    return [column for column in archive if column in table and column != "archived_at"]


def archived_at(model: type[ShopTable], id: int, time: datetime) -> Any:
    """The query for the archived row of a record that was deleted at this time."""
    table = _table(model)
    key = Column(table, model.id.column_name)
    return table.select(key).where((key == id) & (Column(table, "archived_at") == time))


def archived_name(model: type[ShopTable], id: int) -> Any:
    """The query for the name of a deleted record."""
    table = _table(model)
    return table.select(Column(table, "name")).where(Column(table, model.id.column_name) == id)


def _table(model: type[ShopTable]) -> Table:
    return Table(f"{model._meta.table_name}_archive").bind(database)
