"""The lock of a shop that is read-only until it is unlocked: how long changes are allowed, and their connections."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from models.db.dialects import Dialect
from models.errors import Refused


class Locked(Refused):
    """A change was to be made while the shop was locked; nothing was written."""

    def __init__(self) -> None:
        super().__init__("Changes are locked. Nothing was changed.")


class Lock:
    """Locked at first, and again once the time is over; a change that has begun by then is finished.

    Changes alone use its pool, of which no connection is open while it is locked.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        """Over the pool whose connections may write."""
        self._end: tuple[float, datetime] | None = None
        self._changes = 0
        self._guard = threading.Lock()

    @property
    def until(self) -> datetime | None:
        """When the time is over, in UTC; None while it is locked."""
        return self._end[1] if self._end is not None and not self._is_over else None

    @property
    def _is_over(self) -> bool:
        """Whether the time is over by one of two clocks: one stops while the computer sleeps, one can be set back."""
        return self._end is None or time.monotonic() >= self._end[0] or datetime.now(UTC) >= self._end[1]

    def unlock(self, minutes: float) -> None:
        """Allow changes for so many minutes from now on."""
        with self._guard:
            self._end = time.monotonic() + minutes * 60, datetime.now(UTC) + timedelta(minutes=minutes)

    def lock(self) -> None:
        """Allow no further change; its connections are closed, after the change in progress if there is one."""
        with self._guard:
            self._end = None
            self._close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Around a change. Raises Locked."""
        with self._guard:
            if self._is_over:
                raise Locked
            self._changes += 1
        try:
            yield
        finally:
            with self._guard:
                self._changes -= 1
                if self._is_over:
                    self._close()

    def _close(self) -> None:
        if not self._changes:
            self.dialect.database.close_idle()
