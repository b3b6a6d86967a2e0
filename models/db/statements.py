"""Statements that Peewee has no query for, and the rows of its queries as tuples."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from peewee import SQL, Field

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
    """The query's rows, all read, as tuples: half the cost of models, and nothing that could query again."""
    with translate_driver_errors:
        return list(query.tuples())


def stream(query: Any) -> Iterator[tuple[Any, ...]]:
    """The query's rows one at a time, as the driver gives them: for numbers by the hundred thousands.

    A third of the cost of `tuples`, and none of the memory; numbers are the same on every database.
    """
    with translate_driver_errors:
        yield from database.execute(query)
