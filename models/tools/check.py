"""What a database is, and whether the program can work on it: `backoffice check`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from peewee import CharField, Column, CompositeKey, DatabaseError, InterfaceError, Table

from models.db import schema, tables
from models.db.connection import connect
from models.db.decoding import Undecodable
from models.db.dialects import Dialect
from models.db.failures import reason
from models.db.opened import OpenedShop
from models.db.peewee_compat import translate_driver_errors
from models.db.rights import try_statements
from models.db.schema import Schema
from models.db.statements import ask
from models.errors import Unavailable


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One thing that was checked, what was found, and whether the program can work with that."""

    what: str
    found: str
    ok: bool = True


def check(location: str, *, read_only: bool = False, password: str | None = None) -> list[CheckLine]:
    """What is found in the database at `location`; the first line that is not `ok` says why the program cannot work.

    Nothing is written, and nothing created. Raises Unavailable where it cannot be connected to at all, or a sequence
    that gives ids is not there.
    """
    pool = connect(location, read_only=read_only, create=False, password=password)
    try:
        with pool.database.connection_context():
            server = [CheckLine(what, found) for what, found in pool.dialect.describe()]
            return [CheckLine("database", pool.where), *server, *_tables(pool.dialect)]
    except (DatabaseError, InterfaceError, Unavailable) as error:
        raise Unavailable(f"{pool.where}: {reason(error)}") from None
    finally:
        pool.database.close_all()


def _tables(dialect: Dialect) -> Iterator[CheckLine]:
    found = schema.read(dialect)
    yield from _columns(found)
    for table in schema.NEEDED:
        if table in found:
            yield _asked(f"rows in {table}", partial(_count, dialect, table))
    if not schema.missing(found):
        shop = schema.adapt_models_to(dialect)
        yield _asked("may write", lambda: _try_to_write(shop), ok=True)
        yield from _undecodable(shop)


def _columns(found: Schema) -> Iterator[CheckLine]:
    lacking = schema.missing(found)
    for table in schema.NEEDED:
        if table not in found:
            yield CheckLine(f"table {table}", "missing", ok=False)
            continue
        missing = [name.rpartition(".")[2] for name in lacking if name.startswith(f"the column {table}.")]
        columns = found[table]
        names = next((column.collation for column in columns.values() if column.collation), "")
        described = f"{len(columns)} columns" + (f", {names}" if names else "")
        yield CheckLine(
            f"table {table}", described + "".join(f"; {name} is missing" for name in missing), ok=not missing
        )
    for model in tables.MODELS:
        table = model._meta.table_name
        for name in tables.OPTIONAL.get(model, {}):
            if table in found and name not in found[table]:
                yield CheckLine(f"column {table}.{name}", "missing (optional)")
        for field in model._meta.sorted_fields:
            yield from _length(found, model, field.column_name) if isinstance(field, CharField) else ()


_SHORTEST = {"password": 60}
"""Characters that a column must hold: a bcrypt hash has 60."""


def _length(found: Schema, model: type[tables.ShopTable], name: str) -> Iterator[CheckLine]:
    table, archive = tables.table_of(model), tables.archive_of(model)
    column, archived = found.get(table, {}).get(name), found.get(archive, {}).get(name)
    if column is None or column.length is None:
        return
    if column.length < _SHORTEST.get(name, 0):
        yield CheckLine(f"column {table}.{name}", f"too short: {column.length} characters", ok=False)
    elif archived is not None and archived.length is not None and archived.length < column.length:
        too_short = f"too short: {archived.length} characters where the table has {column.length}"
        yield CheckLine(f"column {archive}.{name}", too_short, ok=False)


def _asked(what: str, question: Callable[[], str], *, ok: bool = False) -> CheckLine:
    try:
        return CheckLine(what, question())
    except (DatabaseError, InterfaceError) as error:
        return CheckLine(what, f"no: {reason(error)}", ok)


def _count(dialect: Dialect, table: str) -> str:
    return f"{ask(dialect.database, f'SELECT COUNT(*) FROM {dialect.quoted(table)}')[0][0]:,}"


MAX_ROWS = 20
"""Rows of a table that are named; of any more only the number."""


def _undecodable(shop: OpenedShop) -> Iterator[CheckLine]:
    """Rows with a text that is shown with replacement characters, or is no text; reads every row where some may be."""
    if not shop.dialect.may_hold_undecodable(set(shop.encodings.values())):
        return
    for model in tables.MODELS:
        table = model._meta.table_name
        try:
            found = _find_undecodable(shop, model)
        except DatabaseError as error:
            yield CheckLine(f"rows of {table}", f"cannot be read: {reason(error)}", ok=False)
            continue
        for id, column, what in found[:MAX_ROWS]:
            yield CheckLine(f"row {id} of {table}", f"{column} holds {what}, shown as far as possible")
        if len(found) > MAX_ROWS:
            yield CheckLine(f"rows of {table}", f"{len(found) - MAX_ROWS:,} more that hold such bytes")


def _find_undecodable(shop: OpenedShop, model: type[tables.ShopTable]) -> list[tuple[int, str, str]]:
    """The ids of such rows, each with a column and what that holds."""
    texts = [field.column_name for field in model._meta.sorted_fields if isinstance(field, CharField)]
    if not texts:
        return []
    source = Table(model._meta.table_name).bind(shop.database)
    key, *read = [Column(source, name) for name in (model.id.column_name, *texts)]
    with translate_driver_errors:
        return [
            (id, column, "bytes (a BLOB)" if isinstance(value, bytes) else "bytes that are not UTF-8")
            for id, *values in source.select(key, *read).order_by(key).tuples().iterator()
            for column, value in zip(texts, values, strict=True)
            if isinstance(value, bytes | Undecodable)
        ]


def _try_to_write(shop: OpenedShop) -> str:
    """Try every kind of change that models make, of no row: a database that would refuse it does so all the same.

    The next number of a sequence would be gone for good: for that PostgreSQL is asked whether it would give one.
    """
    with shop.database.atomic() as transaction:
        for model in tables.MODELS[1:]:  # locales are only read
            try_statements(shop, "insert", model)
            if not isinstance(model._meta.primary_key, CompositeKey):
                try_statements(shop, "update", model)
            if model is not tables.User:  # whose rows stay
                try_statements(shop, "delete", model)
        for model in (tables.PickingList, tables.PasswordReset):
            if model in shop.neighbours:
                try_statements(shop, "update", model)
        transaction.rollback()
    for sequence in (shop.sequences[model] for model in tables.MODELS if model in shop.sequences):
        if not shop.dialect.may_use_sequence(sequence):
            return f"no: the database user may not use the sequence {sequence}"
    return "yes"
