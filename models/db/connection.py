"""Open the shop's database, an embedded file or one on a server, and read from it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from peewee import DatabaseError, InterfaceError

from models.db import schema, sqlite
from models.db.change import Recorder
from models.db.dialects import Dialect
from models.db.drivers import is_url
from models.db.failures import is_lost, reason
from models.db.lock import Lock
from models.db.opened import CLOSED, ShopSettings, opened, set_opened
from models.db.statements import ask
from models.db.tables import database
from models.errors import UNREACHABLE, Unavailable, Unreachable

START_TIMEOUT_S = 2.0
"""Seconds to wait for a locked file when it is opened: a program that starts should not seem to hang."""


@dataclass(frozen=True)
class Opened:
    """What `open_database` opened: the database's `name`, as every page shows it."""

    name: str
    read_only: bool
    created: bool


class Pool(NamedTuple):
    """A pool of connections to a database, none of which is open yet."""

    dialect: Dialect
    file: Path | None = None
    """None for a server, whose address is fully known once it is connected to."""
    created: bool = False
    """Whether the file was created just now."""

    @property
    def database(self) -> Any:
        """Peewee's database, whose types do not include pools."""
        return self.dialect.database

    @property
    def name(self) -> str:
        """As every page shows it."""
        return f"sqlite:{self.file.name}" if self.file else self.where

    @property
    def where(self) -> str:
        """In full, as errors name it; never with a password."""
        return str(self.file or self.database.address)


def open_database(
    location: str,
    *,
    read_only: bool = False,
    until_unlocked: bool = False,
    create: bool = True,
    password: str | None = None,
    settings: ShopSettings | None = None,
    recorder: Recorder | None = None,
) -> Opened:
    """Open the database at `location`, a file path or a URL, as the shop of this process, with these settings.

    A file that does not exist is created with the shop's tables and an installer's rows, unless `create` is false or
    it is to be read alone; on a server nothing is ever created. `read_only` opens it so that the database itself
    refuses every write; so does `until_unlocked`, but `models.db.unlock` may allow changes for some minutes. `password`
    is used in place of the one in a server's URL. `recorder` keeps the changes.

    Raises Unavailable, naming the database but never a password, where that cannot be done; nothing that exists is
    ever overwritten. A database that was open is closed, unless the location cannot be used at all.
    """
    only_reads = read_only or until_unlocked
    pool = connect(location, read_only=only_reads, create=create, password=password)
    lock = None
    if until_unlocked and not read_only:
        lock = Lock(connect(location, read_only=False, create=False, password=password).dialect)
    close_database()
    try:
        with pool.database.connection_context():
            if pool.file:
                ask(pool.database, f"PRAGMA busy_timeout = {int(START_TIMEOUT_S * 1000)}")
            shop = schema.adapt_models_to(pool.dialect, settings)
            if pool.file:
                if not only_reads:
                    ask(pool.database, "PRAGMA journal_mode = WAL")
                ask(pool.database, f"PRAGMA busy_timeout = {int(sqlite.BUSY_TIMEOUT_S * 1000)}")
    except (DatabaseError, InterfaceError, Unavailable) as error:
        pool.database.close_all()
        raise Unavailable(f"{pool.where}: {reason(error)}") from None
    set_opened(replace(shop, recorder=recorder, lock=lock))
    return Opened(pool.name, read_only, pool.created)


def connect(location: str, *, read_only: bool, create: bool, password: str | None) -> Pool:
    """The database at `location`; for the parameters see `open_database`. Raises Unavailable."""
    if is_url(location):
        from models.db import servers  # a file is opened without it

        return Pool(servers.connect(location, password=password, read_only=read_only))
    path, created = sqlite.locate(location, read_only=read_only, create=create)
    return Pool(sqlite.connect(path, read_only=read_only), path, created)


def close_database() -> None:
    """Close every connection to the opened database; none is open from then on, and its settings are dropped."""
    shop = opened()
    set_opened(CLOSED)
    if shop.dialect is not CLOSED.dialect:
        shop.database.close_all()
    if shop.lock is not None:
        shop.lock.dialect.database.close_all()


def ping() -> None:
    """Check that the database answers. Raises Unreachable where it does not."""
    with read_connection():
        ask(database, "SELECT 1")


@contextmanager
def read_connection() -> Iterator[None]:
    """A connection for the reads of one function, returned to the pool at the end.

    Raises Unavailable, with a message for the user, where the database cannot be read.
    """
    with translate_errors(), pooled_connection():
        yield


@contextmanager
def pooled_connection() -> Iterator[None]:
    """A connection. Raises Unreachable."""
    try:
        database.connect(reuse_if_open=True)
    except (DatabaseError, InterfaceError) as error:
        raise Unreachable(f"{UNREACHABLE}: {reason(error)}.") from error
    with database.connection_context():
        yield


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise Unavailable in place of what a database or its driver raises."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        raise as_unavailable(error) from error
    except UnicodeDecodeError:  # which quotes the whole text
        raise Unavailable("The database sent text that is not in its own character set.") from None


def as_unavailable(error: Exception) -> Unavailable:
    """A database's error with a message for the user; Unreachable where the connection is lost."""
    return (Unreachable if is_lost(error) else Unavailable)(f"Database error: {reason(error)}.")


def parse_time(stored: Any) -> datetime | None:
    """A time as it is stored; an invalid one counts as missing rather than hiding the row."""
    if isinstance(stored, str):
        with suppress(ValueError):
            return datetime.fromisoformat(stored)
    return stored if isinstance(stored, datetime) else None
