"""Put a shop's tables, and the rows that its installer leaves, into a database that has none of them yet."""

import re
from contextlib import suppress
from pathlib import Path

from peewee import Database, DatabaseError, InterfaceError, MySQLDatabase

from models.db import schema
from models.db.connection import connect
from models.db.drivers import is_url
from models.db.failures import reason
from models.errors import Unavailable


def install(location: str, *, read_only: bool = False, password: str | None = None) -> str:
    """Install a shop in the database at `location`, a file path or a URL; what the database is called.

    Raises Unavailable where any of the tables stands there already, or a file does, or with `read_only`: nothing is
    changed then.
    """
    connected = connect(location, read_only=read_only, create=True, password=password)
    database = connected.database
    if read_only:
        raise Unavailable(f"{connected.where}: is to be opened read-only; nothing was changed")
    if not is_url(location):
        if not connected.created:
            raise Unavailable(f"{connected.where}: is there already; nothing was changed")
        return connected.where
    try:
        with database.connection_context():
            if there := sorted(schema.read(database)):
                raise Unavailable(f"it has the table {there[0]} already; nothing was changed")
            _run(database)
    except (DatabaseError, InterfaceError, Unavailable) as error:
        raise Unavailable(f"{connected.where}: {reason(error)}") from None
    finally:
        database.close_all()
    return connected.where


def _run(database: Database) -> None:
    """Run the script whole or not at all; MySQL has no transactions for tables: those of this run are dropped again."""
    mysql = isinstance(database, MySQLDatabase)
    script = Path(schema.__file__).with_name("mysql.sql" if mysql else "postgres.sql").read_text(encoding="utf-8")
    statements = re.split(r";\n", re.sub(r"^--.*\n", "", script, flags=re.MULTILINE))
    made: list[str] = []
    try:
        with database.atomic():
            for statement in filter(None, map(str.strip, statements)):
                database.execute_sql(statement, None)  # type: ignore[no-untyped-call]
                made += re.findall(r"CREATE TABLE `(\w+)`", statement)
    except (DatabaseError, InterfaceError):
        with suppress(DatabaseError, InterfaceError):
            for table in reversed(made if mysql else []):
                database.execute_sql(f"DROP TABLE {table}", None)  # type: ignore[no-untyped-call]
        raise
