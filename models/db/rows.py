"""Rows that are looked up, added, altered, erased and linked, thousands at once; names that only one record may have.

Each write records what it wrote for the commit probe of its transaction.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from peewee import SQL, DatabaseError, Field, IntegrityError, chunked, fn

from models.db import commit_probe, schema
from models.db.commit_probe import archived, describe_deleted, describe_link
from models.db.failures import is_contended, is_lost
from models.db.tables import (
    ShopTable,
    archive,
    can_hold,
    columns,
    now,
    quoted,
    sequences,
    shop,
    translate_driver_errors,
    tuples,
)
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
    held = sorted(filter(can_hold, values))
    return [(value, id) for batch in chunked(held, BATCH) for value, id in tuples(query.where(field.in_(batch)))]


def lock_rows(model: type[ShopTable], ids: Collection[int]) -> None:
    """Keep everybody from changing these rows until the change under way ends, and see them as they are now.

    Our own changes come one after the other anyway; the shop's web pages know nothing of that. Does nothing in SQLite,
    whose file is locked as a whole.
    """
    if shop.obj.for_update:
        for batch in chunked(sorted(ids), BATCH):
            tuples(model.select(model.id).where(model.id.in_(batch)).order_by(model.id).for_update())


def insert_row(model: type[ShopTable], **values: Any) -> int:
    """Add a row; its id, which is the database's to give."""
    if model in sequences:
        values["id"] = fn.nextval(sequences[model])
    id = int(model.insert(values).execute())
    told = {name: value for name, value in values.items() if name != "id"}
    commit_probe.record(_like(model, model.id == id, told), there=True)
    return id


def insert_rows(fields: Sequence[Field], rows: Sequence[Sequence[Any]]) -> None:
    """Add rows of these fields, thousands at once; their ids are the database's to give.

    Through the driver's own executemany, since Peewee takes ten times as long for as many values.
    """
    model = fields[0].model
    names, marks = [_quoted(field) for field in fields], [shop.obj.param] * len(fields)
    if model in sequences:
        names.append(_quoted(model.id))
        marks.append(f"nextval('{sequences[model]}')")
    statement = (
        f"INSERT INTO {quoted(shop.obj, model._meta.table_name)} ({', '.join(names)}) VALUES ({', '.join(marks)})"
    )
    _execute_many(statement, rows)
    if rows:
        first = dict(zip((field.name for field in fields), rows[0], strict=True))
        commit_probe.record(_like(model, None, first), there=True)


def update_each(field: Field, values: Sequence[tuple[Any, int]]) -> None:
    """Set the field of many rows, each as its new value and its id."""
    statement = f"UPDATE {quoted(shop.obj, field.model._meta.table_name)} SET {_quoted(field)} = {shop.obj.param}"
    _execute_many(f"{statement} WHERE {_quoted(field.model.id)} = {shop.obj.param}", values)


def _execute_many(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    with translate_driver_errors:
        shop.obj.cursor().executemany(statement, rows)


def update_rows(model: type[ShopTable], ids: Collection[int], **values: Any) -> None:
    """Set fields of the rows with these ids."""
    for batch in chunked(sorted(ids), BATCH):
        question = _like(model, model.id == batch[0], values)
        if commit_probe.is_needed() and tuples(question):
            commit_probe.record_doubt()
        model.update(values).where(model.id.in_(batch)).execute()
        commit_probe.record(question, there=True)


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
    """Add copies of the rows that have one value in the field, with another one there; every column is copied.

    Their ids are the database's to give, and their times are now.
    """
    model, database = field.model, shop.obj
    name, mark = model._meta.table_name, database.param
    values: dict[str, str] = {column: quoted(database, column) for column in columns[name]}
    given: list[Any] = []
    for column, value in (field.column_name, target), ("created_at", now()), ("updated_at", now()):
        if column in values:
            del values[column]
            values[column] = mark  # at the end, in the order of what is given
            given.append(value)
    key = model.id.column_name
    if model in sequences:
        values[key] = f"nextval('{sequences[model]}')"
    else:
        del values[key]
    into = ", ".join(quoted(database, column) for column in values)
    rows = f"SELECT {', '.join(values.values())} FROM {quoted(database, name)}"
    these = f"WHERE {quoted(database, field.column_name)} = {mark}"
    database.execute_sql(f"INSERT INTO {quoted(database, name)} ({into}) {rows} {these}", (*given, source))


def try_write(write: Callable[[], None]) -> bool:
    """Do what the database may refuse without the rest of the change; whether it was done, whole.

    Raises what ends the whole change: a lost connection, or that it was given up in favour of another one.
    """
    failed: DatabaseError | None = None
    try:
        with shop.atomic():
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
        archived_at = archive(model, batch)
        model.delete().where(model.id.in_(batch)).execute()
        gone, describe = model.select(model.id).where(model.id == batch[0]), partial(describe_deleted, model, batch[0])
        commit_probe.record(gone, there=False, describe=describe)
        commit_probe.record(archived(model, batch[0], archived_at), there=True)


def cascading_row_counts(model: type[ShopTable], ids: Collection[int]) -> dict[str, int]:
    """How many rows of tables that are none of ours would go with these rows, by table.

    Raises Refused, naming the table, where another table's foreign key forbids that they are deleted at all.
    """
    going: Counter[str] = Counter()
    keys = schema.foreign_keys(shop.obj, model)
    for batch in chunked(sorted(ids), BATCH):
        keeping = []
        for key in keys:
            count = schema.count_referring(shop.obj, key, model, batch)
            if count and key.deletes:
                going[key.name] += count
            elif count and key.name not in keeping:
                keeping.append(key.name)
        if keeping:
            verb = "refers" if len(keeping) == 1 else "refer"
            raise Refused(f"It cannot be deleted: {', '.join(keeping)} still {verb} to it. Nothing was deleted.")
    return dict(going)


def _like(model: type[ShopTable], condition: Any, values: Mapping[str, Any]) -> Any:
    """The query for a row that has these values."""
    query = model.select(SQL("1"))
    if condition is not None:
        query = query.where(condition)
    for name, value in values.items():
        field = model._meta.fields[name]
        query = query.where(field.is_null() if value is None else field == value)
    return query


def _quoted(field: Field) -> str:
    return quoted(shop.obj, field.column_name)


def add_links(model: type[ShopTable], pairs: Collection[tuple[int, int]]) -> None:
    """Add rows to a table that links two others, each as the ids of its two columns."""
    fields = [model._meta.fields[name] for name in model._meta.sorted_field_names]
    for batch in chunked(sorted(pairs), BATCH):
        model.insert_many(batch, fields=fields).execute()
        first = dict(zip(model._meta.sorted_field_names, batch[0], strict=True))
        describe = partial(describe_link, model, batch[0])
        commit_probe.record(_like(model, None, first), there=True, describe=describe)


def remove_links(field: Field, ids: Collection[int], *where: Any) -> int:
    """Delete the rows of a linking table that have these ids in the field and meet the conditions; how many."""
    removed = 0
    for batch in chunked(sorted(ids), BATCH):
        removing = field.in_(batch)
        pairs = _pairs(field.model, removing, *where) if commit_probe.is_needed() else []
        if (count := int(field.model.delete().where(removing, *where).execute())) and pairs:
            gone = field.model.select(field).where(removing, *where)
            describe = partial(describe_link, field.model, pairs[0])
            commit_probe.record(gone, there=False, describe=describe)
        removed += count
    return removed


def _pairs(model: type[ShopTable], *where: Any) -> list[tuple[Any, ...]]:
    """The first of the links that meet the conditions, if any."""
    return tuples(model.select().where(*where).limit(1))


def is_name_taken(field: Field, value: str, id: int | None) -> bool:
    """Whether another record than `id` has this value in a unique field."""
    return any(other != id for (other,) in tuples(field.model.select(field.model.id).where(field == value)))
