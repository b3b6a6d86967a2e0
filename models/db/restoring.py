"""Puts deleted rows back under their old ids: from the shop's archive, or else from what was recorded of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from peewee import Column, Field, chunked

from models.db import commit_probe, gathering
from models.db.archive import archive_table, archived_columns
from models.db.commit_probe import like
from models.db.described import plain
from models.db.opened import now, opened
from models.db.rows import insert_values
from models.db.statements import BATCH, tuples
from models.db.tables import ARCHIVED, ShopTable, archive_of, database, table_of


def restore_rows(model: type[ShopTable], rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Insert deleted rows under their ids, each with its recorded values by column.

    What the archive has of a row just as it was recorded returns from there, with the columns that are not recorded,
    and leaves the archive.
    """
    for batch in chunked(sorted(rows), BATCH):
        archived = _archived_ids(model, {id: rows[id] for id in batch}) if model in ARCHIVED else []
        if archived:
            _return_from_archive(model, archived)
        missing: defaultdict[tuple[Field, ...], list[list[Any]]] = defaultdict(list)
        for id in batch:
            values = fields_of(model, rows[id])
            gathering.inserted(model, id, values)
            if id not in archived:
                stored = {
                    model._meta.fields[name]: value for name, value in ({"id": id} | values | _stamp(model)).items()
                }
                missing[tuple(stored)].append([field.db_value(value) for field, value in stored.items()])
        for fields, some in missing.items():
            insert_values(fields, some)
        commit_probe.record(like(model, model.id == batch[0], {}), exists=True)


def fields_of(model: type[ShopTable], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the names of their fields, from those by column; without those that the shop has no more."""
    columns = model._meta.columns
    return {columns[column].name: value for column, value in values.items() if column in columns}


def _stamp(model: type[ShopTable]) -> dict[str, Any]:
    return {"updated_at": now()} if "updated_at" in model._meta.fields else {}


def _archived_ids(model: type[ShopTable], rows: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Those of the rows that the archive has as they were recorded."""
    columns = [*next(iter(rows.values()))]
    if not set(columns) <= set(opened().columns[archive_of(model)]) & model._meta.columns.keys():
        return []
    table = archive_table(model)
    key, fields = Column(table, model.id.column_name), [model._meta.columns[column] for column in columns]
    found = tuples(table.select(key, *(Column(table, column) for column in columns)).where(key.in_([*rows])))
    return [
        id
        for id, *values in found
        if {field.column_name: plain(field.python_value(value)) for field, value in zip(fields, values, strict=True)}
        == rows[id]
    ]


def _return_from_archive(model: type[ShopTable], ids: Sequence[int]) -> None:
    shop = opened()
    quoted = shop.dialect.quoted
    table, archive = quoted(table_of(model)), quoted(archive_of(model))
    columns = ", ".join(map(quoted, archived_columns(shop, model)))
    matches = f"{quoted(model.id.column_name)} IN ({', '.join([shop.dialect.placeholder] * len(ids))})"
    database.execute_sql(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {archive} WHERE {matches}", ids)
    database.execute_sql(f"DELETE FROM {archive} WHERE {matches}", ids)
