"""One change to the shop's database at a time: whole, or not at all."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import ParamSpec, TypeVar

from peewee import DatabaseError, InterfaceError, PostgresqlDatabase, fn

from models.db import commit_probe, sqlite
from models.db.connection import as_unavailable, pooled_connection, translate_errors
from models.db.failures import is_contended, is_lost
from models.db.tables import Group, ask, shop, tuples
from models.errors import Unavailable, Unknown

MAX_ATTEMPTS = 5
"""How often a change is tried that was given up in favour of another one, or lost its connection."""

COMMIT_PROBE_TIMEOUT_S = 30.0
"""Seconds to wait for a database that went away while it was committing, to find out whether it did."""

LOOK_FIRST = "Look at the record before you save it again."

_pending_writes: set[object] = set()
"""A mark for each change that is under way."""

P = ParamSpec("P")
T = TypeVar("T")


def transaction(change: Callable[P, T]) -> Callable[P, T]:
    """Make a function one change: a connection and one transaction; whole, or not at all.

    Changes come one after the other, whoever makes them, so that what one checks still holds when it writes: an SQLite
    file is locked from the start, on a server the row of the first group is, in most shops root_group. One that is
    given up in favour of another (a deadlock, a lost serialization), or whose connection is lost before it is
    committed, is tried again quietly. Where the connection is lost in the commit itself, it is found out whether it was
    written before anything is said.

    Where it is called inside another change, it is a part of that one.

    The function then raises Unavailable, in words, where the database cannot be written, or an SQLite file is not the
    one that was opened any more.
    """

    @track_pending_write()
    @translate_errors()
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for tries_left in reversed(range(MAX_ATTEMPTS)):
            committing = False
            try:
                with pooled_connection(), shop.atomic():
                    _require_same_file()
                    commit_probe.reset(acquire_write_lock())
                    result = change(*args, **kwargs)
                    _require_same_file()
                    committing = True
                return result
            except (DatabaseError, InterfaceError) as error:
                if committing and is_lost(error) and _was_committed():
                    return result
                if not tries_left or not (is_lost(error) or is_contended(error)):
                    raise as_unavailable(error) from error
            time.sleep(random.uniform(0, 0.02 * (MAX_ATTEMPTS - tries_left)))
        raise AssertionError("the last try returns or raises")

    @wraps(change)
    def run_or_join(*args: P.args, **kwargs: P.kwargs) -> T:
        return change(*args, **kwargs) if shop.in_transaction() else run(*args, **kwargs)

    return run_or_join


class _RolledBack(Exception):
    """Ends a change that was made only to find out whether it would be refused."""


def dry_run(change: Callable[[], object]) -> None:
    """Make a change and take it back before it is committed; raises what the change itself would raise.

    Nothing is held when it returns, so that what it finds may be otherwise by the time the change is made.
    """

    @transaction
    def run() -> None:
        change()
        raise _RolledBack

    with suppress(_RolledBack):
        run()


@contextmanager
def track_pending_write() -> Iterator[None]:
    """A change, from its beginning until it is known how it ended."""
    mark = object()
    _pending_writes.add(mark)
    try:
        yield
    finally:
        _pending_writes.remove(mark)


def is_write_pending() -> bool:
    """Whether a change is under way in any thread."""
    return bool(_pending_writes)


def _require_same_file() -> None:
    """Raise Unavailable where the opened file is not the one that is at its path by now."""
    if isinstance(shop.obj, sqlite.EmbeddedDatabase):
        shop.obj.require_same_file()


def acquire_write_lock() -> int | None:
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


def _was_committed() -> bool:
    """Whether the change whose commit was not answered is written; waits for the database to come back.

    Raises Unknown where that cannot be found out.
    """
    end = time.monotonic() + COMMIT_PROBE_TIMEOUT_S
    while time.monotonic() < end:
        with suppress(Unavailable, DatabaseError, InterfaceError), pooled_connection(), shop.atomic():
            acquire_write_lock()  # the old transaction may still be at work
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
