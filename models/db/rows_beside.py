"""Rows of other parts of the shop that refer to ours, written where ours are; of these only the number is recorded."""

from collections.abc import Callable, Collection
from typing import Any

from peewee import SQL, DatabaseError, Field, ForeignKeyField, IntegrityError, chunked, fn

from models.db import gathering
from models.db.described import NAMING_FIELDS
from models.db.failures import is_contended, is_lost
from models.db.opened import now, opened
from models.db.rows import next_id_of
from models.db.statements import BATCH, tuples
from models.db.tables import database


def update_where(field: Field, values: Collection[Any], *where: Any, **changed: Any) -> None:
    """Set fields of the rows that have one of the values in the field and meet the conditions.

    They are rows of a table of another part of the shop; its `updated_at` is set too, if it has one.
    """
    model = field.model
    if "updated_at" in model._meta.fields:
        changed["updated_at"] = now()
    for batch in chunked(sorted(values), BATCH):
        _count(field, batch, *where, after=changed)
        model.update(changed).where(field.in_(batch), *where).execute()


def delete_where(field: Field, values: Collection[Any]) -> int:
    """Delete the rows of a table of another part of the shop that have one of the values in the field; how many."""
    deleted = 0
    for batch in chunked(sorted(values), BATCH):
        _count(field, batch, after=None)
        deleted += int(field.model.delete().where(field.in_(batch)).execute())
    return deleted


def _count(field: Field, values: Collection[Any], *where: Any, after: dict[str, Any] | None) -> None:
    """Gather how many rows will be updated or deleted, for each of our records that they refer to."""
    if not gathering.is_gathering():
        return
    owner = field.rel_model if isinstance(field, ForeignKeyField) else None
    if owner is not None and owner not in NAMING_FIELDS:  # rows that refer to such rows: a code's attempts
        return
    counts = field.model.select(field, fn.COUNT(SQL("*"))).where(field.in_(values), *where).group_by(field)
    set_values = None if after is None else {name: value for name, value in after.items() if name != "updated_at"}
    for value, count in tuples(counts):
        gathering.counted(field.model._meta.table_name, owner, value if owner else None, count, set_values)


def copy_rows(field: Field, source: int, target: int) -> None:
    """Insert copies of the rows that have `source` in the field, with `target` there; every column is copied.

    The database gives them their ids, and their times are now.
    """
    model, shop = field.model, opened()
    quoted, placeholder = shop.dialect.quoted, shop.dialect.placeholder
    values: dict[str, str] = {column: quoted(column) for column in shop.columns[model._meta.table_name]}
    parameters: list[Any] = []
    for column, value in (field.column_name, target), ("created_at", now()), ("updated_at", now()):
        if column in values:
            del values[column]
            values[column] = placeholder  # at the end, in the order of the parameters
            parameters.append(value)
    del values[model.id.column_name]
    if next_id := next_id_of(model):
        values[model.id.column_name] = next_id
    table, columns = quoted(model._meta.table_name), ", ".join(map(quoted, values))
    rows = f"SELECT {', '.join(values.values())} FROM {table} WHERE {quoted(field.column_name)} = {placeholder}"
    database.execute_sql(f"INSERT INTO {table} ({columns}) {rows}", (*parameters, source))
    gathering.copied(field, target)


def try_write(write: Callable[[], None]) -> bool:
    """Write what the database may refuse without the rest of the change; whether it was written, whole.

    Raises what ends the whole change: a lost connection, or a deadlock that another change won.
    """
    failed: DatabaseError | None = None
    try:
        with database.atomic():
            try:
                write()
            except DatabaseError as error:
                failed = error
                raise
    except DatabaseError as error:
        contended = is_contended(error) and not isinstance(error, IntegrityError)
        if error is not failed or contended or is_lost(error):  # where it is another one, all is rolled back already
            raise failed or error from None
        return False
    return True
