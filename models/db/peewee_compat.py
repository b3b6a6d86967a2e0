"""Every use of a private name of Peewee or playhouse, each with its reason.

`tests/models/db/test_peewee_compat.py` names the one that an upgrade takes away. `_meta` of a model and `_connect` of a
database are documented by Peewee, and used where they are needed.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from select import select
from time import monotonic
from typing import Any

from peewee import DatabaseProxy, InterfaceError, OperationalError, __exception_wrapper__  # type: ignore[attr-defined]

from models.db.failures import has_timed_out, is_lost

translate_driver_errors: AbstractContextManager[None] = __exception_wrapper__
"""Re-raise driver exceptions as Peewee's, around what is asked of a driver past Peewee.

Peewee itself wraps only the execution of a statement, not the fetching of its rows; playhouse imports the wrapper
likewise.
"""


class SwitchedDatabase(DatabaseProxy):
    """Stands for the database that it is initialized with, or meanwhile for another one in one context alone.

    Peewee's own proxy stands for the same one in each thread, and what binds models to another does so for all.
    """

    _in_context: ContextVar[Any] = ContextVar("database", default=None)

    @property
    def obj(self) -> Any:
        """The database that it stands for now, by the name that Peewee's proxy asks."""
        return self._in_context.get() or self._obj

    @obj.setter
    def obj(self, database: Any) -> None:
        object.__setattr__(self, "_obj", database)

    @contextmanager
    def using(self, database: Any) -> Iterator[None]:
        """Meanwhile stand for this database, in this context."""
        token = self._in_context.set(database)
        try:
            yield
        finally:
            self._in_context.reset(token)


CHECK_AFTER_S = 30.0
"""Seconds of rest after which a connection is asked whether it was lost, as by a firewall that tells nobody."""


class OneIdleConnection:
    """For a pool: keep one connection open while nothing is asked, however many were in use at once.

    It is asked whether it was lost only where it has rested for `CHECK_AFTER_S`, or the server has sent something
    meanwhile, as it does when it ends a connection. Where it was trusted and its first query finds it lost, that is
    asked on another, unless no answer came in time; a transaction, which begins by other means, is not, but runs again
    as a whole. playhouse bounds only how many connections there are in all, and asks each time: one more round trip
    before each read.
    """

    _idle_since = 0.0
    _trusted: Any = None
    """The connection that was not asked, until it has answered."""

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """As Peewee does, but for a trusted connection that is lost."""
        lost: Any = self._state.conn  # type: ignore[attr-defined]
        is_trusted = lost is not None and lost is self._trusted
        if is_trusted:
            self._trusted = None
        try:
            return super().execute_sql(sql, params)  # type: ignore[misc]
        except (InterfaceError, OperationalError) as error:
            if not is_trusted or not is_lost(error) or has_timed_out(error):
                raise
            if self.in_transaction():  # type: ignore[attr-defined]
                raise
        with translate_driver_errors:
            self._close(lost, close_conn=True)  # type: ignore[attr-defined]
            self._state.conn = self._connect()  # type: ignore[attr-defined]
        return super().execute_sql(sql, params)  # type: ignore[misc]

    def _can_reuse(self, conn: Any) -> bool:
        self._idle_since = monotonic()
        return not self._connections and bool(super()._can_reuse(conn))  # type: ignore[attr-defined,misc]

    def _is_closed(self, conn: Any) -> bool:
        is_fresh = monotonic() - self._idle_since < CHECK_AFTER_S
        is_silent = not select([self._socket(conn)], [], [], 0)[0]
        self._trusted = conn if is_fresh and is_silent else None
        return self._trusted is None and bool(super()._is_closed(conn))  # type: ignore[misc]

    def _socket(self, conn: Any) -> Any:
        """The driver's connection, or what it has a `fileno` in."""
        return conn


class KnownTransactions:
    """For a pool of PyMySQL's connections: one that is in a transaction, as its last answer says, is closed.

    playhouse asks other drivers' connections for it, and rolls back one of PyMySQL's after each use.
    """

    def _can_reuse(self, conn: Any) -> bool:
        from pymysql.constants.SERVER_STATUS import SERVER_STATUS_IN_TRANS

        return conn.open and not conn.server_status & SERVER_STATUS_IN_TRANS
