"""Open the shop's database, an embedded file or one on a server, and read from it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from peewee import DatabaseError, InterfaceError

from models.db import schema, sqlite, tables
from models.db.drivers import is_url
from models.db.failures import is_lost, reason
from models.db.tables import ask, shop
from models.errors import Invalid, Unavailable, Unreachable

START_TIMEOUT_S = 2.0
"""Seconds to wait for a locked file when it is opened: a program that starts should not seem to hang."""


@dataclass(frozen=True)
class Opened:
    """What `open_database` opened: `name` says which database it is, as shown on every page, with its `mark`."""

    name: str
    read_only: bool
    created: bool
    mark: str = ""


class Connected(NamedTuple):
    """A pool of connections to a database, to which nothing is connected yet."""

    database: Any  # Peewee's types know no pools
    file: Path | None = None
    """None for a server, whose address is known whole once it is connected to."""
    created: bool = False
    """Whether the file was created just now."""

    @property
    def name(self) -> str:
        """As every page shows it."""
        return f"sqlite:{self.file.name}" if self.file else self.where

    @property
    def where(self) -> str:
        """In full, as errors name it; never with a password."""
        return str(self.file or self.database.address)


def open_database(
    location: str, *, read_only: bool = False, create: bool = True, password: str | None = None
) -> Opened:
    """Open the database at `location`, a file path or a URL, as the shop of this process.

    A file that does not exist is created with the shop's tables and an installer's rows, unless `create` is false or
    `read_only` is true; on a server nothing is ever created. `read_only` opens it so that the database itself refuses
    every write. `password` is used in place of the one in a server's URL.

    Raises Unavailable, naming the database but never a password, where that cannot be done; nothing that stands there
    is ever overwritten.
    """
    connected = connect(location, read_only=read_only, create=create, password=password)
    database = connected.database
    close_database()
    shop.initialize(database)
    try:
        with database.connection_context():
            if is_url(location):
                schema.adapt_models_to(database)
            else:
                ask(database, f"PRAGMA busy_timeout = {int(START_TIMEOUT_S * 1000)}")
                schema.adapt_models_to(database)
                if not read_only:
                    ask(database, "PRAGMA journal_mode = WAL")
                ask(database, f"PRAGMA busy_timeout = {int(sqlite.BUSY_TIMEOUT_S * 1000)}")
    except (DatabaseError, InterfaceError, Unavailable) as error:
        close_database()
        raise Unavailable(f"{connected.where}: {reason(error)}") from None
    return Opened(connected.name, read_only, connected.created)


def connect(location: str, *, read_only: bool, create: bool, password: str | None) -> Connected:
    """The database at `location`, as `open_database` takes it. Raises Unavailable."""
    if is_url(location):
        from models.db import servers  # a file is opened without it

        return Connected(servers.connect(location, password=password, read_only=read_only))
    path, created = sqlite.locate(location, read_only=read_only, create=create)
    return Connected(sqlite.connect(path, read_only=read_only), path, created)


def close_database() -> None:
    """Close every connection to the opened database."""
    if shop.obj is not None:
        shop.obj.close_all()


def ping() -> None:
    """Ask the database for nothing. Raises Unreachable where it does not answer."""
    with read_connection():
        ask(shop.obj, "SELECT 1")


def use_zone(name: str) -> None:
    """Write times in this time zone from now on (as in `Europe/Berlin`). Raises Invalid for `time_zone`."""
    if name == "UTC":
        tables.zone = UTC
        return
    from zoneinfo import ZoneInfo

    try:
        tables.zone = ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise Invalid({"time_zone": f"time_zone: “{name}” is not a time zone"}) from None


@contextmanager
def read_connection() -> Iterator[None]:
    """A connection for the reads of one function, taken here and given back at the end.

    Raises Unavailable, in words, where the database cannot be read.
    """
    with translate_errors(), pooled_connection():
        yield


@contextmanager
def pooled_connection() -> Iterator[None]:
    """A connection. Raises Unreachable."""
    try:
        shop.connect(reuse_if_open=True)
    except (DatabaseError, InterfaceError) as error:
        raise Unreachable(f"The database cannot be reached: {reason(error)}.") from error
    with shop.connection_context():
        yield


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise Unavailable, in words, in place of what a database or its driver raises."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        raise as_unavailable(error) from error
    except UnicodeDecodeError:  # which quotes the whole text
        raise Unavailable("The database sent a text that is not in its own character set.") from None


def as_unavailable(error: Exception) -> Unavailable:
    """A database's error in words; Unreachable where the connection is lost."""
    return (Unreachable if is_lost(error) else Unavailable)(f"The database says: {reason(error)}.")


def parse_time(stored: Any) -> datetime | None:
    """A time as a row holds it; what is no time counts as missing rather than hiding the row."""
    if isinstance(stored, str):
        with suppress(ValueError):
            return datetime.fromisoformat(stored)
    return stored if isinstance(stored, datetime) else None
