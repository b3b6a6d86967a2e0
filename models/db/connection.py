"""Open the shop's database, an embedded file or one on a server; read from it; change it."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

from peewee import DatabaseError, InterfaceError, PostgresqlDatabase, fn

from models.db import commit_probe, schema, sqlite, tables
from models.db.drivers import is_url
from models.db.failures import is_contended, is_lost, reason
from models.db.tables import Group, ask, shop, tuples
from models.errors import Invalid, Unavailable, Unknown, Unreachable

START_TIMEOUT = 2.0
"""Seconds to wait for a locked file when it is opened: a program that starts should not seem to hang."""

TRIES = 5
"""How often a change is tried that was given up in favour of another one, or lost its connection."""

FINDING_OUT = 30.0
"""Seconds to wait for a database that went away while it was committing, to find out whether it did."""

LOOK_FIRST = "Look at the record before you save it again."

_changing: set[object] = set()
"""A mark for each change that is under way."""

P = ParamSpec("P")
T = TypeVar("T")


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
                schema.fit(database)
            else:
                ask(database, f"PRAGMA busy_timeout = {int(START_TIMEOUT * 1000)}")
                schema.fit(database)
                if not read_only:
                    ask(database, "PRAGMA journal_mode = WAL")
                ask(database, f"PRAGMA busy_timeout = {int(sqlite.BUSY_TIMEOUT * 1000)}")
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
    with reading():
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
def reading() -> Iterator[None]:
    """A connection for the reads of one function, taken here and given back at the end.

    Raises Unavailable, in words, where the database cannot be read.
    """
    with _in_words(), _connected():
        yield


def changing(change: Callable[P, T]) -> Callable[P, T]:
    """Make a function one change: a connection and one transaction; whole, or not at all.

    Changes come one after the other, whoever makes them, so that what one checks still holds when it writes: an SQLite
    file is locked from the start, on a server the row of the first group is, in most shops root_group. One that is
    given up in favour of another (a deadlock, a lost serialization), or whose connection is lost before it is
    committed, is tried again quietly. Where the connection is lost in the commit itself, it is found out whether it was
    written before anything is said.

    The function then raises Unavailable, in words, where the database cannot be written, or an SQLite file is not the
    one that was opened any more.
    """

    @wraps(change)
    @under_way()
    @_in_words()
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for tries_left in reversed(range(TRIES)):
            committing = False
            try:
                with _connected(), shop.atomic():
                    _require_same_file()
                    commit_probe.reset(_take_turn())
                    result = change(*args, **kwargs)
                    _require_same_file()
                    committing = True
                return result
            except (DatabaseError, InterfaceError) as error:
                if committing and is_lost(error) and _was_written():
                    return result
                if not tries_left or not (is_lost(error) or is_contended(error)):
                    raise _unavailable(error) from error
            time.sleep(random.uniform(0, 0.02 * (TRIES - tries_left)))
        raise AssertionError("the last try returns or raises")

    return run


class _Rehearsed(Exception):
    """Ends a change that was made only to find out whether it would be refused."""


def rehearse(change: Callable[[], object]) -> None:
    """Make a change and take it back before it is committed; raises what the change itself would raise.

    Nothing is held when it returns, so that what it finds may be otherwise by the time the change is made.
    """

    @changing
    def run() -> None:
        change()
        raise _Rehearsed

    with suppress(_Rehearsed):
        run()


@contextmanager
def under_way() -> Iterator[None]:
    """A change, from its beginning until it is known how it ended."""
    mark = object()
    _changing.add(mark)
    try:
        yield
    finally:
        _changing.remove(mark)


def is_changing() -> bool:
    """Whether a change is under way in any thread."""
    return bool(_changing)


def _require_same_file() -> None:
    """Raise Unavailable where the opened file is not the one that is at its path by now."""
    if isinstance(shop.obj, sqlite.EmbeddedDatabase):
        shop.obj.require_same_file()


def _take_turn() -> int | None:
    """Wait until no other change is under way; the id of the transaction, where the database is asked for its end.

    SQLite's transactions have waited when they begin.
    """
    if not shop.obj.for_update:
        return None
    if not isinstance(shop.obj, PostgresqlDatabase):
        tuples(Group.select(Group.id).order_by(Group.id).limit(1).for_update())
        return None
    found = tuples(Group.select(fn.txid_current()).order_by(Group.id).limit(1).for_update())
    return int((found or ask(shop.obj, "SELECT txid_current()"))[0][0])


def _was_written() -> bool:
    """Whether the change whose commit was not answered is written; waits for the database to come back.

    Raises Unknown where that cannot be found out.
    """
    end = time.monotonic() + FINDING_OUT
    while time.monotonic() < end:
        with suppress(Unavailable, DatabaseError, InterfaceError), _connected(), shop.atomic():
            _take_turn()  # the old transaction may still be at work
            committed = commit_probe.was_committed()
            state = commit_probe.describe() if committed is None else ""
            break
        time.sleep(0.5)
    else:
        raise Unknown(
            "The database went away while it was saving, and has not come back: whether the change is written is not "
            f"known. {LOOK_FIRST}"
        )
    if committed is None:
        lost = "The connection was lost while saving: it is unknown whether this change"
        raise Unknown(f"{state} {lost} did it." if state else f"{lost} is written. {LOOK_FIRST}")
    return committed


@contextmanager
def _connected() -> Iterator[None]:
    """A connection. Raises Unreachable."""
    try:
        shop.connect(reuse_if_open=True)
    except (DatabaseError, InterfaceError) as error:
        raise Unreachable(f"The database cannot be reached: {reason(error)}.") from error
    with shop.connection_context():
        yield


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        raise _unavailable(error) from error
    except UnicodeDecodeError:  # which quotes the whole text
        raise Unavailable("The database sent a text that is not in its own character set.") from None


def _unavailable(error: Exception) -> Unavailable:
    return (Unreachable if is_lost(error) else Unavailable)(f"The database says: {reason(error)}.")


def parse_time(stored: Any) -> datetime | None:
    """A time as a row holds it; what is no time counts as missing rather than hiding the row."""
    if isinstance(stored, str):
        with suppress(ValueError):
            return datetime.fromisoformat(stored)
    return stored if isinstance(stored, datetime) else None
