"""Transactions: one change to the shop's database at a time, whole or not at all."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import ParamSpec, TypeVar

from peewee import DatabaseError, InterfaceError

from models.db import commit_probe, gathering
from models.db.change import Change, Outcome
from models.db.connection import as_unavailable, pooled_connection, translate_errors
from models.db.failures import is_contended, is_lost
from models.db.opened import open_to_change, opened
from models.db.tables import Group, database
from models.errors import Unavailable, Unknown
from models.garbage import paused_garbage_collection

MAX_ATTEMPTS = 5
"""Attempts at one transaction, the first included, if it loses deadlocks or its connection."""

COMMIT_PROBE_TIMEOUT_S = 30.0
"""Seconds to wait for a database that went away during a commit, to find out whether it was made."""

CHECK_FIRST = "Check the record before saving again."

_pending_writes: set[object] = set()
"""A mark for each change in progress."""

P = ParamSpec("P")
T = TypeVar("T")


def transaction(change: Callable[P, T]) -> Callable[P, T]:
    """Make a function one transaction, on a connection of its own; one at a time, and its body may run again.

    Transactions run one after the other, whoever starts them, so that what one checks still holds when it writes: an
    SQLite file is locked from the start, on a server the row of the first group is, in most shops root_group. After a
    deadlock, a serialization failure or a connection lost before the commit, the body runs again. Where the connection
    is lost in the commit itself, the database is asked whether it was made.

    Where it is called inside another transaction, it is a part of that one.

    The function then raises Unavailable, with a message for the user, where the database cannot be written, or an
    SQLite file is not the one that was opened any more; Unknown where it cannot be told whether the change was made;
    Refused where it has to be recorded and cannot be; Locked while the shop is.
    """
    kind = f"{change.__module__.rpartition('.')[2]}.{change.__name__.lstrip('_')}"

    @track_pending_write()
    @translate_errors()
    @open_to_change()
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for tries_left in reversed(range(MAX_ATTEMPTS)):
            record: _Record | None = None
            dialect = opened().dialect
            try:
                with pooled_connection(), database.atomic(), gathering.active():
                    dialect.require_same_file()
                    commit_probe.reset(acquire_write_lock())
                    result = change(*args, **kwargs)
                    dialect.require_same_file()
                    record = _Record(kind)
                record.conclude("written")
                return result
            except (DatabaseError, InterfaceError) as error:
                if record is not None and _is_committed_all_the_same(error, record):
                    return result
                if not tries_left or not (is_lost(error) or is_contended(error)):
                    raise as_unavailable(error) from error
            time.sleep(random.uniform(0, 0.02 * (MAX_ATTEMPTS - tries_left)))
        raise AssertionError("the last try returns or raises")

    @wraps(change)
    def run_or_join(*args: P.args, **kwargs: P.kwargs) -> T:
        return change(*args, **kwargs) if database.in_transaction() else run(*args, **kwargs)

    return run_or_join


class _Record:
    """The record of a transaction that is about to be committed, where there is one to be made."""

    def __init__(self, kind: str) -> None:
        recorder, self._id = opened().recorder, None
        if recorder is None:
            return
        with paused_garbage_collection():  # of thousands of rows: the shop is locked meanwhile
            if change := gathering.gathered(kind):
                self._recorder, self._note = recorder, change.note
                self._id = recorder.intend(change)

    def conclude(self, outcome: Outcome) -> None:
        """Note how it ended."""
        if self._id is not None:
            self._recorder.conclude(self._id, outcome)
            if outcome != "not written":
                self._note.records.append(self._id)


class _RolledBack(Exception):
    """Ends a dry run."""


def dry_run(change: Callable[[], object]) -> None:
    """Make a change and roll it back; raises what the change itself would raise.

    Nothing is locked when it returns: the result may be another by the time the change is made.
    """

    @transaction
    def run() -> None:
        change()
        raise _RolledBack

    with suppress(_RolledBack):
        run()


def rehearse(change: Callable[[], object]) -> Change | None:
    """Make a change, describe it as it would be recorded, and roll it back; None where it writes nothing.

    Raises what the change itself would raise.
    """
    found: list[Change | None] = []

    def run() -> None:
        gathering.gather_all()
        change()
        found.append(gathering.gathered("rehearsal"))

    dry_run(run)
    return found[-1]


@contextmanager
def track_pending_write() -> Iterator[None]:
    """Count a change as pending, until it is known how it ended."""
    mark = object()
    _pending_writes.add(mark)
    try:
        yield
    finally:
        _pending_writes.remove(mark)


def is_write_pending() -> bool:
    """Whether a change is in progress in any thread."""
    return bool(_pending_writes)


def acquire_write_lock() -> int | None:
    """Wait until no other change is in progress; the transaction's id, where the database can tell how it ended."""
    return opened().dialect.acquire_write_lock(Group.select(Group.id).order_by(Group.id).limit(1))


def _is_committed_all_the_same(error: Exception, record: _Record) -> bool:
    """Whether a commit was made that ended with an error: its answer may be lost. Raises Unknown."""
    try:
        committed = is_lost(error) and _was_committed()
    except Unknown:
        record.conclude("unknown")
        raise
    record.conclude("written" if committed else "not written")
    return committed


def _was_committed() -> bool:
    """Whether the commit that was not answered was made; waits for the database to come back.

    Raises Unknown where that cannot be told.
    """
    end = time.monotonic() + COMMIT_PROBE_TIMEOUT_S
    while time.monotonic() < end:
        with suppress(Unavailable, DatabaseError, InterfaceError), pooled_connection(), database.atomic():
            acquire_write_lock()  # the old transaction may still be running
            committed = commit_probe.was_committed()
            state = commit_probe.describe() if committed is None else ""
            break
        time.sleep(0.5)
    else:
        raise Unknown(
            "The connection was lost while saving and has not come back: it is unknown whether this change was "
            f"written. {CHECK_FIRST}"
        )
    if committed is None:
        lost = "The connection was lost while saving: it is unknown whether this change"
        raise Unknown(f"{state} {lost} did it." if state else f"{lost} was written. {CHECK_FIRST}")
    return committed
