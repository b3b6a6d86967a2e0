"""Ids that are looked up, linked and unlinked in batches, and names that only one record may have."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from peewee import Field, IntegrityError, chunked

from models.errors import Invalid
from models.tables import ShopTable, shop, tuples

BATCH = 400
"""Ids in one statement, well under every database's limit of parameters."""


def among(field: Field, ids: Collection[int], *where: Any) -> set[int]:
    """Those of the ids that stand in the field's column, in rows that meet the conditions."""
    return {
        id
        for batch in chunked(sorted(ids), BATCH)
        for (id,) in tuples(field.model.select(field).where(field.in_(batch), *where))
    }


def found_by(field: Field, values: Collection[str]) -> list[tuple[str, int]]:
    """The rows whose field has one of the values, each as its value and its id."""
    key = next(iter(field.model._meta.columns.values()))
    query = field.model.select(field, key)
    return [
        (value, id) for batch in chunked(sorted(values), BATCH) for value, id in tuples(query.where(field.in_(batch)))
    ]


def write_many(fields: Sequence[Field], rows: Sequence[Sequence[Any]], *, key: Field | None = None) -> None:
    """Insert rows of these fields, or update those whose `key` is each row's last value: thousands at once.

    Through the driver's own executemany, since Peewee takes ten times as long for as many values.
    """
    table, param, quote = fields[0].model._meta.table_name, shop.obj.param, shop.obj.quote
    names = [f"{quote[0]}{field.column_name}{quote[-1]}" for field in fields]
    if key is None:
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join([param] * len(names))})"
    else:
        values = ", ".join(f"{name} = {param}" for name in names)
        statement = f"UPDATE {table} SET {values} WHERE {key.column_name} = {param}"
    shop.obj.cursor().executemany(statement, rows)


def link(model: type[ShopTable], pairs: Collection[tuple[int, int]]) -> None:
    """Write rows of a table that links two others, each as the ids of its two columns."""
    columns = [model._meta.fields[name] for name in model._meta.sorted_field_names]
    for batch in chunked(sorted(pairs), BATCH):
        model.insert_many(batch, fields=columns).execute()


def unlink(field: Field, ids: Collection[int], *where: Any) -> int:
    """Delete the rows of a linking table that have these ids in the field and meet the conditions; how many."""
    return sum(
        int(field.model.delete().where(field.in_(batch), *where).execute()) for batch in chunked(sorted(ids), BATCH)
    )


def taken(field: Field, value: str, id: int | None) -> bool:
    """Whether another record than `id` has this value in a unique field."""
    key = next(iter(field.model._meta.columns.values()))
    return any(other != id for (other,) in tuples(field.model.select(key).where(field == value)))


@contextmanager
def unless_taken(field: Field, invalid: Invalid) -> Iterator[None]:
    """The database's unique constraint is the last word: its violation comes up as the check before it would.

    In a transaction of its own within the caller's, which PostgreSQL would otherwise give up as a whole.
    """
    try:
        with shop.atomic():
            yield
    except IntegrityError as error:
        table, column = field.model._meta.table_name, field.column_name
        if any(f"{table}{mark}{column}" in str(error) for mark in ".-"):
            raise invalid from error
        raise
