"""Put a shop's tables, and the rows that its installer leaves, into a database that has none of them yet."""

import re
from contextlib import suppress
from pathlib import Path

from peewee import DatabaseError, InterfaceError

from models.db import schema
from models.db.connection import connect
from models.db.dialects import Dialect
from models.db.drivers import is_url
from models.db.failures import reason
from models.errors import Unavailable


def install(location: str, *, read_only: bool = False, password: str | None = None) -> str:
    """Install a shop in the database at `location`, a file path or a URL; the database's full name.

    Raises Unavailable where any of the tables exists already, or the file does, or with `read_only`: nothing is
    changed then.
    """
    pool = connect(location, read_only=read_only, create=True, password=password)
    if read_only:
        raise Unavailable(f"{pool.where}: opened read-only; nothing changed")
    if not is_url(location):
        if not pool.created:
            raise Unavailable(f"{pool.where}: already exists; nothing changed")
        return pool.where
    try:
        with pool.database.connection_context():
            if existing := sorted(schema.read(pool.dialect)):
                raise Unavailable(f"it already has the table {existing[0]}; nothing changed")
            _run(pool.dialect)
    except (DatabaseError, InterfaceError, Unavailable) as error:
        raise Unavailable(f"{pool.where}: {reason(error)}") from None
    finally:
        pool.database.close_all()
    return pool.where


def _run(dialect: Dialect) -> None:
    """Run the script whole or not at all: where the database does not take back tables, they are dropped."""
    database = dialect.database
    script = Path(schema.__file__).with_name(dialect.script).read_text(encoding="utf-8")
    statements = re.split(r";\n", re.sub(r"^--.*\n", "", script, flags=re.MULTILINE))
    created: list[str] = []
    try:
        with database.atomic():
            for statement in filter(None, map(str.strip, statements)):
                database.execute_sql(statement, None)
                created += re.findall(r"CREATE TABLE `(\w+)`", statement)
    except (DatabaseError, InterfaceError):
        with suppress(DatabaseError, InterfaceError):
            for table in reversed([] if dialect.rolls_back_tables else created):
                database.execute_sql(f"DROP TABLE {table}", None)
        raise
