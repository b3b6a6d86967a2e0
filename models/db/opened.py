"""The opened shop: one value, swapped whole when a database is opened or closed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from peewee import Field, SqliteDatabase

from models.db import tables
from models.db.change import Recorder
from models.db.dialects import Dialect
from models.db.lock import Lock
from models.db.sqlite_dialect import SQLite
from models.db.tables import ShopTable
from models.errors import Invalid


@dataclass(frozen=True, eq=False)
class ShopSettings:
    """What the configuration says of a shop; the defaults are a current shop's. It equals itself alone, as a key."""

    zone: tzinfo = UTC
    """The time zone in which the shop keeps its times."""
    current_user_email: str = ""
    """The person at the keyboard: this user can be neither deactivated nor deleted. Empty where that is not known."""
    password_cost: int = 12
    """How much work a password's hash is, 2 to the power of it rounds."""
    languages: Sequence[str] = ("en_US", "de_DE")
    """The interface languages that are offered, of those that the shop has; a new user begins with the first.

    The Back Office's own two: a shop's table of languages has 221, nearly all of them active.
    """
    default_rules: str | tuple[str, ...] = "suite"
    """A kind of shop, or rules as in `allow sales/*/*`: see `models.access.shop_rules`."""
    whitelist_rules: tuple[str, ...] = ("allow application/*/*",)
    warehouse_users_sign_in: bool = False
    """Whether warehouse users may sign in; of a kind of shop, the kind decides."""


@dataclass(frozen=True)
class OpenedShop:
    """The opened database, what it has of a shop's tables, and its settings."""

    dialect: Dialect
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The column names of each table of ours."""
    sequences: Mapping[type[ShopTable], str] = field(default_factory=dict)
    """The sequence that gives a table's new ids, where the column has no default (a shop's PostgreSQL)."""
    encodings: Mapping[Field, str] = field(default_factory=dict)
    """The character set of each text column, in the database's own words, empty for one that holds every text."""
    neighbours: frozenset[type[ShopTable]] = frozenset()
    """Those of `tables.NEIGHBOURS` that it has, with all the columns named there."""
    settings: ShopSettings = field(default_factory=ShopSettings)
    permitted: set[tuple[str, type[ShopTable]]] = field(default_factory=set)
    """What the database user was found to be allowed to do, to which tables: see `models.db.rights`."""
    recorder: Recorder | None = None
    """Keeps the changes; None where nothing does."""
    lock: Lock | None = None
    """Of a shop that is read-only until it is unlocked: its `dialect` only reads then, changes use that of the lock."""

    @property
    def database(self) -> Any:
        """Peewee's database."""
        return self.dialect.database


CLOSED = OpenedShop(SQLite(SqliteDatabase(None)))
"""No database, and the settings of none: Peewee refuses to connect to it."""

_opened = CLOSED
_in_change: ContextVar[OpenedShop | None] = ContextVar("in_change", default=None)


def opened() -> OpenedShop:
    """The shop that is open in this process, or `CLOSED`; in a change of one with a lock, over its other pool."""
    return _in_change.get() or _opened


def set_opened(shop: OpenedShop) -> None:
    """Make this the opened shop; the models ask its database from now on."""
    global _opened
    _opened = shop
    tables.database.initialize(shop.database)


@contextmanager
def open_to_change() -> Iterator[None]:
    """Around a change to the opened shop: where that has a lock, over the pool that may write. Raises Locked."""
    shop = opened()
    if shop.lock is None:
        yield
        return
    with shop.lock.change():
        token = _in_change.set(replace(shop, dialect=shop.lock.dialect, lock=None))
        try:
            with tables.database.using(shop.lock.dialect.database):
                yield
        finally:
            _in_change.reset(token)


set_opened(CLOSED)


def now() -> datetime:
    """The time as the shop's tables hold it: naive, in the shop's zone, whole seconds."""
    return datetime.now(opened().settings.zone).replace(tzinfo=None, microsecond=0)


def find_zone(name: str) -> tzinfo:
    """The time zone of this name, as in `Europe/Berlin`. Raises Invalid for `time_zone`."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise Invalid({"time_zone": f"unknown time zone “{name}”"}) from None
