"""What a database is, and whether the program can work on it: `backoffice check`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import (
    CharField,
    Column,
    CompositeKey,
    Database,
    DatabaseError,
    InterfaceError,
    MySQLDatabase,
    PostgresqlDatabase,
    SqliteDatabase,
    Table,
)

from models.db import schema, tables
from models.db.connection import connect
from models.db.decoding import Undecodable
from models.db.failures import reason
from models.db.schema import Schema
from models.db.tables import ask
from models.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, what was found, and whether the program can work with that."""

    what: str
    found: str
    ok: bool = True


def check(location: str, *, read_only: bool = False, password: str | None = None) -> list[Finding]:
    """What is found in the database at `location`; the first finding that is not `ok` says why the program cannot work.

    Nothing is written, and nothing created. Raises Unavailable where it cannot be connected to at all, or a sequence
    that gives ids is not there.
    """
    connected = connect(location, read_only=read_only, create=False, password=password)
    database = connected.database
    try:
        with database.connection_context():
            return [Finding("database", connected.where), *_server(database), *_tables(database)]
    except (DatabaseError, InterfaceError, Unavailable) as error:
        raise Unavailable(f"{connected.where}: {reason(error)}") from None
    finally:
        database.close_all()


def _server(database: Database) -> Iterator[Finding]:
    def one(sql: str) -> str:
        return str(ask(database, sql)[0][0])

    if isinstance(database, SqliteDatabase):
        yield Finding("server", f"SQLite {one('SELECT sqlite_version()')}")
        yield Finding("journal", one("PRAGMA journal_mode"))
        return
    if isinstance(database, MySQLDatabase):
        version = one("SELECT VERSION()")
        yield Finding("server", version if "maria" in version.lower() else f"MySQL {version}")
        yield Finding("time zone", one("SELECT @@time_zone") + ", " + one("SELECT @@system_time_zone"))
        isolation = "tx_isolation" if "maria" in version.lower() else "transaction_isolation"
        yield Finding("isolation", one(f"SELECT @@{isolation}"))
        mode = one("SELECT @@GLOBAL.sql_mode")
        strict = "STRICT" in mode
        yield Finding("strict mode", "on" if strict else "off on the server; this program's own sessions are strict")
    else:
        yield Finding("server", f"PostgreSQL {one('SHOW server_version')}")
        yield Finding("time zone", one("SHOW TimeZone"))
        yield Finding("isolation", one("SHOW default_transaction_isolation"))
        yield Finding("strict mode", "always")
        collation = one("SELECT datcollate FROM pg_database WHERE datname = current_database()")
        yield Finding("collation", f"{collation}, {one('SHOW server_encoding')}")


def _tables(database: Database) -> Iterator[Finding]:
    found = schema.read(database)
    yield from _columns(found)
    for table in schema.NEEDED:
        if table in found:
            yield _asked(f"rows in {table}", lambda table=table: _count(database, table))  # type: ignore[misc]
    if not schema.missing(found):
        schema.adapt_models_to(database)
        yield _asked("may write", lambda: _try_to_write(database), ok=True)
        yield from _undecodable(database)


def _columns(found: Schema) -> Iterator[Finding]:
    lacking = schema.missing(found)
    for table in schema.NEEDED:
        if table not in found:
            yield Finding(f"table {table}", "missing", ok=False)
            continue
        missing = [name.rpartition(".")[2] for name in lacking if name.startswith(f"the column {table}.")]
        columns = found[table]
        names = next((column.collation for column in columns.values() if column.collation), "")
        described = f"{len(columns)} columns" + (f", {names}" if names else "")
        yield Finding(f"table {table}", described + "".join(f"; {name} is missing" for name in missing), ok=not missing)
    for model in tables.MODELS:
        table = model._meta.table_name
        for name in tables.OPTIONAL.get(model, {}):
            if table in found and name not in found[table]:
                yield Finding(f"column {table}.{name}", "not there; done without")
        for field in model._meta.sorted_fields:
            yield from _length(found, table, field.column_name) if isinstance(field, CharField) else ()


_SHORTEST = {"password": 60}
"""Characters that a column must hold: a bcrypt hash has 60."""


def _length(found: Schema, table: str, name: str) -> Iterator[Finding]:
    column, archived = found.get(table, {}).get(name), found.get(f"{table}_archive", {}).get(name)
    if column is None or column.length is None:
        return
    if column.length < _SHORTEST.get(name, 0):
        yield Finding(f"column {table}.{name}", f"too short: {column.length} characters", ok=False)
    elif archived is not None and archived.length is not None and archived.length < column.length:
        too_short = f"too short: {archived.length} characters where the table has {column.length}"
        yield Finding(f"column {table}_archive.{name}", too_short, ok=False)


def _asked(what: str, question: Callable[[], str], *, ok: bool = False) -> Finding:
    try:
        return Finding(what, question())
    except (DatabaseError, InterfaceError) as error:
        return Finding(what, f"no: {reason(error)}", ok)


def _count(database: Database, table: str) -> str:
    return f"{ask(database, f'SELECT COUNT(*) FROM {tables.quoted(database, table)}')[0][0]:,}"


MAX_ROWS = 20
"""Rows of a table that are named; of more only how many they are is said."""


def _undecodable(database: Database) -> Iterator[Finding]:
    """Rows with a text that is shown with replacement characters, or is no text; reads every row where some may be."""
    is_sqlite = isinstance(database, SqliteDatabase)
    if not is_sqlite and not (isinstance(database, PostgresqlDatabase) and "sql_ascii" in tables.encodings.values()):
        return
    for model in tables.MODELS:
        table = model._meta.table_name
        texts = [field.column_name for field in model._meta.sorted_fields if isinstance(field, CharField)]
        if not texts:
            continue
        source = Table(table).bind(database)
        key, *read = [Column(source, name) for name in (model.id.column_name, *texts)]
        found = [
            (id, column, "bytes (a BLOB)" if isinstance(value, bytes) else "bytes that are not UTF-8")
            for id, *values in source.select(key, *read).order_by(key).tuples().iterator()
            for column, value in zip(texts, values, strict=True)
            if isinstance(value, bytes | Undecodable)
        ]
        for id, column, what in found[:MAX_ROWS]:
            yield Finding(f"row {id} of {table}", f"{column} holds {what}, shown as far as they are text")
        if len(found) > MAX_ROWS:
            yield Finding(f"rows of {table}", f"{len(found) - MAX_ROWS:,} more that hold such bytes")


def _try_to_write(database: Database) -> str:
    """Ask for every kind of change that models make, of no row: a database that would refuse it says so all the same.

    The next number of a sequence would be gone for good: for that PostgreSQL is asked whether it would give one.
    """
    with database.atomic() as transaction:
        for model in tables.MODELS[1:]:  # locales are only read
            for statement in _changes(database, model):
                database.execute_sql(f"{statement} WHERE 1 = 0", ())  # type: ignore[no-untyped-call]
        for field in tables.PickingList.user_uuid, tables.PasswordReset.status:
            if field.model in tables.neighbours:
                table, column = (tables.quoted(database, name) for name in (field.model._meta.table_name, field.name))
                database.execute_sql(f"UPDATE {table} SET {column} = {column} WHERE 1 = 0", ())  # type: ignore[no-untyped-call]
        transaction.rollback()
    for sequence in (tables.sequences[model] for model in tables.MODELS if model in tables.sequences):
        if not ask(database, "SELECT has_sequence_privilege(%s, 'USAGE, UPDATE')", [sequence])[0][0]:
            return f"no: this user may not use the sequence {sequence}"
    return "yes"


def _changes(database: Any, model: type[tables.ShopTable]) -> Iterator[str]:
    """What models do to a table and, where they delete its rows, to its archive."""

    def listed(columns: Sequence[str]) -> str:
        return ", ".join(tables.quoted(database, column) for column in columns)

    name, columns = model._meta.table_name, list(model._meta.columns)
    is_link = isinstance(model._meta.primary_key, CompositeKey)
    named = listed(columns if is_link or model in tables.sequences else columns[1:])  # the key is declared first
    table, archive = (tables.quoted(database, each) for each in (name, f"{name}_archive"))
    stamped, archived = (tables.quoted(database, each) for each in ("updated_at", "archived_at"))
    yield f"INSERT INTO {table} ({named}) SELECT {named} FROM {table}"
    if not is_link:
        yield f"UPDATE {table} SET {stamped} = {stamped}"
    if model is tables.User:  # whose rows stay
        return
    yield f"DELETE FROM {table}"
    if model in tables.ARCHIVED:
        there = tables.columns[f"{name}_archive"]
        kept = listed([column for column in there if column in tables.columns[name] and column != "archived_at"])
        yield f"DELETE FROM {archive}"
        yield f"INSERT INTO {archive} ({kept}, {archived}) SELECT {kept}, {stamped} FROM {table}"
