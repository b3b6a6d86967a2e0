"""Read, insert, update and delete rows, thousands at once; check names that only one record may have.

Each write is gathered for the record of its transaction, and leaves a question for its commit probe.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from peewee import SQL, Field, chunked

from models.db import commit_probe, gathering, schema
from models.db.archive import archive, archived_at
from models.db.commit_probe import describe_deleted, like
from models.db.described import NAMES, NAMING_FIELDS, recorded_fields
from models.db.encoding import can_hold
from models.db.opened import opened
from models.db.peewee_compat import translate_driver_errors
from models.db.statements import BATCH, one_of, tuples
from models.db.tables import ShopTable, database
from models.errors import Refused


def existing_ids(field: Field, ids: Collection[int], *where: Any) -> set[int]:
    """Those of the ids that the field has in rows that meet the conditions."""
    is_named = gathering.is_gathering() and field.primary_key and field.model in NAMES
    fields, found = [field, NAMES[field.model]] if is_named else [field], set[int]()
    for batch in chunked(sorted(ids), BATCH):
        rows = tuples(field.model.select(*fields).where(one_of(field, batch), *where))
        found.update([row[0] for row in rows])
        if is_named:
            gathering.remember_names(field.model, rows)
    return found


def values_where(field: Field, ids: Collection[int], *where: Any, by: Field) -> set[Any]:
    """The field's values in the rows that have one of the ids in the field `by` and meet the conditions."""
    return {
        value
        for batch in chunked(sorted(ids), BATCH)
        for (value,) in tuples(field.model.select(field).where(one_of(by, batch), *where))
    }


def ids_by_value(field: Field, values: Collection[Any]) -> list[tuple[Any, int]]:
    """The rows whose field has one of the values, each as its value and its id."""
    query = field.model.select(field, field.model.id)
    possible = sorted(value for value in values if not isinstance(value, str) or can_hold(value))
    return [(value, id) for batch in chunked(possible, BATCH) for value, id in tuples(query.where(field.in_(batch)))]


def lock_rows(model: type[ShopTable], ids: Collection[int], *fields: Field) -> dict[int, tuple[Any, ...]]:
    """Lock these rows until the transaction ends; those that exist, with these fields as they are now, by their ids.

    Our own changes come one after the other anyway; the shop's web pages know nothing of that. SQLite has locked its
    file as a whole. Where the change is recorded, the fields (without any: all) are what was before.
    """
    noted: list[Field] = []
    if gathering.is_gathering():
        noted = [*(fields or recorded_fields(model)), *NAMING_FIELDS.get(model, ())]
    read = list(dict.fromkeys([*fields, *noted]))
    query, found = model.select(model.id, *read).order_by(model.id), dict[int, tuple[Any, ...]]()
    for batch in chunked(sorted(ids), BATCH):
        rows = tuples(opened().dialect.locked(query.where(one_of(model.id, batch))))
        found |= {row[0]: row[1 : len(fields) + 1] for row in rows}
        if noted:
            gathering.remember(model, read, rows)
    return found


def insert_row(model: type[ShopTable], **values: Any) -> int:
    """Insert a row; the id that the database gives it."""
    next_id = next_id_of(model)
    id = int(model.insert(values | ({"id": SQL(next_id)} if next_id else {})).execute())
    gathering.inserted(model, id, values)
    commit_probe.record(like(model, model.id == id, values), exists=True)
    return id


def insert_rows(fields: Sequence[Field], rows: Sequence[Sequence[Any]], *, by: Field) -> list[int]:
    """Insert rows of these fields, thousands at once; the ids that the database gives them, in the order of the rows.

    They are found again by a field whose values no other rows have. Through the driver's own executemany, since Peewee
    takes ten times as long for as many values.
    """
    if not rows:
        return []
    model, names = by.model, [field.name for field in fields]
    insert_values(fields, rows)
    commit_probe.record(like(model, None, dict(zip(names, rows[0], strict=True))), exists=True)
    place = names.index(by.name)
    new: defaultdict[Any, list[int]] = defaultdict(list)
    for value, id in sorted(ids_by_value(by, {row[place] for row in rows}), key=itemgetter(1), reverse=True):
        new[value].append(id)
    ids = [new[row[place]].pop() for row in rows]
    for id, row in zip(ids, rows, strict=True):
        gathering.inserted(model, id, dict(zip(names, row, strict=True)))
    return ids


def insert_values(fields: Sequence[Field], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of these fields, without gathering them; the database gives them ids where theirs are not given."""
    model, dialect = fields[0].model, opened().dialect
    values = {field.column_name: dialect.placeholder for field in fields}
    if model.id.column_name not in values and (next_id := next_id_of(model)):
        values[model.id.column_name] = next_id
    columns = ", ".join(map(dialect.quoted, values))
    table = dialect.quoted(model._meta.table_name)
    _execute_many(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(values.values())})", rows)


def update_each(field: Field, values: Sequence[tuple[Any, int]]) -> None:
    """Set the field of many rows, each as its new value and its id."""
    gathering.updating_each(field, values)
    dialect = opened().dialect
    table, mark = dialect.quoted(field.model._meta.table_name), dialect.placeholder
    column, key = dialect.quoted(field.column_name), dialect.quoted(field.model.id.column_name)
    _execute_many(f"UPDATE {table} SET {column} = {mark} WHERE {key} = {mark}", values)


def next_id_of(model: type[ShopTable]) -> str | None:
    """The SQL expression for a new row's id, where the column itself gives none."""
    shop = opened()
    return shop.dialect.next_id(shop.sequences[model]) if model in shop.sequences else None


def _execute_many(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    with translate_driver_errors:
        database.cursor().executemany(statement, rows)


def update_rows(model: type[ShopTable], ids: Collection[int], **values: Any) -> None:
    """Set fields of the rows with these ids."""
    gathering.updating(model, ids, values)
    for batch in chunked(sorted(ids), BATCH):
        updated = like(model, model.id == batch[0], values)
        if commit_probe.is_needed() and tuples(updated):
            commit_probe.record_doubt()
        model.update(values).where(one_of(model.id, batch)).execute()
        commit_probe.record(updated, exists=True)


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
    gathering.deleting(model, ids)
    for table, count in cascading_row_counts(model, ids).items():
        gathering.counted(table, None, None, count, None)
    for batch in chunked(sorted(ids), BATCH):
        stamp = archive(model, batch)
        model.delete().where(one_of(model.id, batch)).execute()
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


def is_name_taken(field: Field, value: str, id: int | None) -> bool:
    """Whether another record than `id` has this value in a unique field."""
    return any(other != id for (other,) in tuples(field.model.select(field.model.id).where(field == value)))
