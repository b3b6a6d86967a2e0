"""Statements that Peewee has no query for, and the rows of its queries as tuples."""

from collections.abc import Iterable, Iterator, Sequence
from types import NoneType
from typing import Any

from peewee import SQL, CharField, Field, IntegerField, ModelTupleCursorWrapper

from models.db.peewee_compat import translate_driver_errors
from models.db.tables import database

BATCH = 400
"""Ids in one statement, well under every database's limit of parameters."""


def ask(database: Any, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of an SQL statement."""
    with translate_driver_errors:
        return [tuple(row) for row in database.execute_sql(sql, parameters).fetchall()]


def one_of(field: Field, ids: Iterable[int]) -> Any:
    """The condition that the field has one of the ids, of which there is one at least.

    They are written into the statement: for hundreds of parameters Peewee takes longer than the database.
    """
    return field.in_(SQL(f"({', '.join([str(int(id)) for id in ids])})"))


def tuples(query: Any) -> list[tuple[Any, ...]]:
    """The query's rows, all read, as tuples: half the cost of models, and nothing that could query again.

    The columns are converted one by one, where they have to be at all: Peewee converts each value, which takes five
    times as long.
    """
    with translate_driver_errors:
        found = query.tuples().execute()
        rows = found.cursor.fetchall()
    if not rows or not isinstance(found, ModelTupleCursorWrapper):  # whose columns are no fields
        return [tuple(row) for row in rows]
    found.initialize()
    columns = [
        values if convert is None or _is_as_stored(field, values) else map(convert, values)
        for convert, field, values in zip(found.converters, found.fields, zip(*rows, strict=True), strict=True)
    ]
    return list(zip(*columns, strict=True))


def _is_as_stored(field: Field | None, values: Sequence[Any]) -> bool:
    """Whether the field converts none of the values."""
    field = getattr(field, "rel_field", field)
    own = int if isinstance(field, IntegerField) else str if isinstance(field, CharField) else None
    return own is not None and {*map(type, values)} <= {own, NoneType}


def stream(query: Any) -> Iterator[tuple[Any, ...]]:
    """The query's rows one at a time, as the driver gives them: for numbers by the hundred thousands.

    A third of the cost of `tuples`, and none of the memory; numbers are the same on every database.
    """
    with translate_driver_errors:
        yield from database.execute(query)
