"""Unlocks a shop that is read-only until then, for some minutes, and locks it again."""

from peewee import DatabaseError, InterfaceError

from models.db.change import Change, Note, Outcome
from models.db.failures import reason as reason_of
from models.db.lock import Lock
from models.db.opened import opened
from models.errors import Invalid, Refused, Unavailable
from models.text import plural

KIND = "database.unlock"
"""What an unlock is recorded as; it has no rows."""


def unlock(reason: str, minutes: int) -> None:
    """Allow changes for so many minutes; recorded, with the reason.

    Raises Invalid where no reason is given, Unavailable where the database cannot be opened to be changed, Refused
    where that has to be recorded and cannot be: it stays locked then.
    """
    if not (reason := reason.strip()):
        raise Invalid({"reason": "Enter a reason."})
    lock, recorder = _lock(), opened().recorder
    told = Change(KIND, (), Note(reason), summary=f"changes allowed for {plural(minutes, 'minute')}")
    record = recorder.intend(told) if recorder is not None else None
    outcome: Outcome = "not written"
    try:
        _connect(lock)
        lock.unlock(minutes)
        outcome = "written"
    finally:
        if recorder is not None and record is not None:
            recorder.conclude(record, outcome)


def lock() -> None:
    """Allow no further change; one in progress is finished."""
    _lock().lock()


def _lock() -> Lock:
    lock = opened().lock
    if lock is None:
        raise Refused("This database is not locked.")
    return lock


def _connect(lock: Lock) -> None:
    """Open a connection that changes may use. Raises Unavailable, where another server answers too."""
    try:
        with lock.dialect.database.connection_context():
            if lock.dialect.identity() != opened().dialect.identity():
                raise Unavailable("another server answers than the one that was opened")
    except (DatabaseError, InterfaceError, Unavailable) as error:
        lock.lock()
        raise Unavailable(f"The database cannot be opened for changes: {reason_of(error)}.") from None
