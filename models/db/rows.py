"""Read, insert, update, delete and link rows, thousands at once; check names that only one record may have.

Each write records what it wrote for the commit probe of its transaction.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from peewee import SQL, DatabaseError, Field, IntegrityError, chunked

from models.db import commit_probe, schema
from models.db.archive import archive, archived_at
from models.db.commit_probe import describe_deleted, describe_link
from models.db.encoding import can_hold
from models.db.failures import is_contended, is_lost
from models.db.opened import now, opened
from models.db.peewee_compat import translate_driver_errors
from models.db.statements import tuples
from models.db.tables import ShopTable, database
from models.errors import Refused

BATCH = 400
"""Ids in one statement, well under every database's limit of parameters."""


def existing_ids(field: Field, ids: Collection[int], *where: Any) -> set[int]:
    """Those of the ids that the field has in rows that meet the conditions."""
    return values_where(field, ids, *where, by=field)


def values_where(field: Field, ids: Collection[int], *where: Any, by: Field) -> set[Any]:
    """The field's values in the rows that have one of the ids in the field `by` and meet the conditions."""
    return {
        value
        for batch in chunked(sorted(ids), BATCH)
        for (value,) in tuples(field.model.select(field).where(by.in_(batch), *where))
    }


def ids_by_value(field: Field, values: Collection[str]) -> list[tuple[str, int]]:
    """The rows whose field has one of the values, each as its value and its id."""
    query = field.model.select(field, field.model.id)
    possible = sorted(filter(can_hold, values))
    return [(value, id) for batch in chunked(possible, BATCH) for value, id in tuples(query.where(field.in_(batch)))]


def lock_rows(model: type[ShopTable], ids: Collection[int]) -> None:
    """Lock these rows until the transaction ends, and see them as they are now.

    Our own changes come one after the other anyway; the shop's web pages know nothing of that. Does nothing in SQLite,
    whose file is locked as a whole.
    """
    dialect = opened().dialect
    if dialect.is_server:
        for batch in chunked(sorted(ids), BATCH):
            tuples(dialect.locked(model.select(model.id).where(model.id.in_(batch)).order_by(model.id)))


def insert_row(model: type[ShopTable], **values: Any) -> int:
    """Insert a row; the id that the database gives it."""
    next_id = _next_id(model)
    id = int(model.insert(values | ({"id": SQL(next_id)} if next_id else {})).execute())
    commit_probe.record(_like(model, model.id == id, values), exists=True)
    return id


def insert_rows(fields: Sequence[Field], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of these fields, thousands at once; the database gives them their ids.

    Through the driver's own executemany, since Peewee takes ten times as long for as many values.
    """
    model, dialect = fields[0].model, opened().dialect
    values = {field.column_name: dialect.placeholder for field in fields}
    if next_id := _next_id(model):
        values[model.id.column_name] = next_id
    columns = ", ".join(map(dialect.quoted, values))
    table = dialect.quoted(model._meta.table_name)
    _execute_many(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(values.values())})", rows)
    if rows:
        first = dict(zip((field.name for field in fields), rows[0], strict=True))
        commit_probe.record(_like(model, None, first), exists=True)


def update_each(field: Field, values: Sequence[tuple[Any, int]]) -> None:
    """Set the field of many rows, each as its new value and its id."""
    dialect = opened().dialect
    table, mark = dialect.quoted(field.model._meta.table_name), dialect.placeholder
    column, key = dialect.quoted(field.column_name), dialect.quoted(field.model.id.column_name)
    _execute_many(f"UPDATE {table} SET {column} = {mark} WHERE {key} = {mark}", values)


def _next_id(model: type[ShopTable]) -> str | None:
    """The SQL expression for a new row's id, where the column itself gives none."""
    shop = opened()
    return shop.dialect.next_id(shop.sequences[model]) if model in shop.sequences else None


def _execute_many(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    with translate_driver_errors:
        database.cursor().executemany(statement, rows)


def update_rows(model: type[ShopTable], ids: Collection[int], **values: Any) -> None:
    """Set fields of the rows with these ids."""
    for batch in chunked(sorted(ids), BATCH):
        updated = _like(model, model.id == batch[0], values)
        if commit_probe.is_needed() and tuples(updated):
            commit_probe.record_doubt()
        model.update(values).where(model.id.in_(batch)).execute()
        commit_probe.record(updated, exists=True)


def update_where(field: Field, values: Collection[Any], *where: Any, **changed: Any) -> None:
    """Set fields of the rows that have one of the values in the field and meet the conditions.

    They are rows of a table of another part of the shop; its `updated_at` is set too, if it has one.
    """
    model = field.model
    if "updated_at" in model._meta.fields:
        changed["updated_at"] = now()
    for batch in chunked(sorted(values), BATCH):
        model.update(changed).where(field.in_(batch), *where).execute()


def delete_where(field: Field, values: Collection[Any]) -> int:
    """Delete the rows of a table of another part of the shop that have one of the values in the field; how many."""
    batches = chunked(sorted(values), BATCH)
    return sum(int(field.model.delete().where(field.in_(batch)).execute()) for batch in batches)


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
    if next_id := _next_id(model):
        values[model.id.column_name] = next_id
    table, columns = quoted(model._meta.table_name), ", ".join(map(quoted, values))
    rows = f"SELECT {', '.join(values.values())} FROM {table} WHERE {quoted(field.column_name)} = {placeholder}"
    database.execute_sql(f"INSERT INTO {table} ({columns}) {rows}", (*parameters, source))


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


def references_by_name(model: type[ShopTable], ids: Collection[int]) -> dict[str, str]:
    """The references by which other parts of the shop find these rows, by the names of the rows that have one."""
    reference = model._meta.fields.get("reference")
    if reference is None:
        return {}
    query = model.select(model._meta.fields["name"], reference).where((reference != "") & reference.is_null(False))
    return dict(row for batch in chunked(sorted(ids), BATCH) for row in tuples(query.where(model.id.in_(batch))))


def archive_and_delete(model: type[ShopTable], ids: Collection[int]) -> None:
    """Delete the rows with these ids, which go to the archive table first.

    Raises Refused, naming the table, where another table's foreign key forbids it.
    """
    cascading_row_counts(model, ids)
    for batch in chunked(sorted(ids), BATCH):
        stamp = archive(model, batch)
        model.delete().where(model.id.in_(batch)).execute()
        first, describe = model.select(model.id).where(model.id == batch[0]), partial(describe_deleted, model, batch[0])
        commit_probe.record(first, exists=False, describe=describe)
        commit_probe.record(archived_at(model, batch[0], stamp), exists=True)


def cascading_row_counts(model: type[ShopTable], ids: Collection[int]) -> dict[str, int]:
    """How many rows of other tables the database would delete with these rows, by table.

    Raises Refused, naming the table, where another table's foreign key forbids that they are deleted at all.
    """
    cascading: Counter[str] = Counter()
    dialect = opened().dialect
    keys = schema.foreign_keys(dialect, model)
    for batch in chunked(sorted(ids), BATCH):
        restricting = []
        for key in keys:
            count = schema.count_referring(dialect, key, model, batch)
            if count and key.cascades:
                cascading[key.name] += count
            elif count and key.name not in restricting:
                restricting.append(key.name)
        if restricting:
            verb = "refers" if len(restricting) == 1 else "refer"
            raise Refused(f"It cannot be deleted: {', '.join(restricting)} still {verb} to it. Nothing was deleted.")
    return dict(cascading)


def _like(model: type[ShopTable], condition: Any, values: Mapping[str, Any]) -> Any:
    """The query for a row that has these values."""
    query = model.select(SQL("1"))
    if condition is not None:
        query = query.where(condition)
    for name, value in values.items():
        field = model._meta.fields[name]
        query = query.where(field.is_null() if value is None else field == value)
    return query


def add_links(model: type[ShopTable], pairs: Collection[tuple[int, int]]) -> None:
    """Insert rows into a table that links two others, each as the ids of its two columns."""
    fields = [model._meta.fields[name] for name in model._meta.sorted_field_names]
    for batch in chunked(sorted(pairs), BATCH):
        model.insert_many(batch, fields=fields).execute()
        first = dict(zip(model._meta.sorted_field_names, batch[0], strict=True))
        describe = partial(describe_link, model, batch[0])
        commit_probe.record(_like(model, None, first), exists=True, describe=describe)


def remove_links(field: Field, ids: Collection[int], *where: Any) -> int:
    """Delete the rows of a linking table that have these ids in the field and meet the conditions; how many."""
    removed = 0
    for batch in chunked(sorted(ids), BATCH):
        conditions = (field.in_(batch), *where)
        first = tuples(field.model.select().where(*conditions).limit(1)) if commit_probe.is_needed() else []
        if (count := int(field.model.delete().where(*conditions).execute())) and first:
            links, describe = (
                field.model.select(field).where(*conditions),
                partial(describe_link, field.model, first[0]),
            )
            commit_probe.record(links, exists=False, describe=describe)
        removed += count
    return removed


def is_name_taken(field: Field, value: str, id: int | None) -> bool:
    """Whether another record than `id` has this value in a unique field."""
    return any(other != id for (other,) in tuples(field.model.select(field.model.id).where(field == value)))
