"""Every use of a private name of Peewee or playhouse, each with its reason.

`tests/models/db/test_peewee_compat.py` names the one that an upgrade takes away. `_meta` of a model and `_connect` of a
database are documented by Peewee, and used where they are needed.
"""

from contextlib import AbstractContextManager
from typing import Any

from peewee import __exception_wrapper__  # type: ignore[attr-defined]

translate_driver_errors: AbstractContextManager[None] = __exception_wrapper__
"""Re-raise driver exceptions as Peewee's, around what is asked of a driver past Peewee.

Peewee itself wraps only the execution of a statement, not the fetching of its rows; playhouse imports the wrapper
likewise.
"""


class OneIdleConnection:
    """For a pool: keep one connection open while nothing is asked, however many were in use at once.

    playhouse bounds only how many there are in all.
    """

    def _can_reuse(self, conn: Any) -> bool:
        return not self._connections and bool(super()._can_reuse(conn))  # type: ignore[attr-defined,misc]


class CheckedConnections:
    """For a pool of PostgreSQL connections: ask an idle one before it is used again, whether it was lost meanwhile.

    playhouse trusts the driver, which knows only once it has asked.
    """

    def _is_closed(self, conn: Any) -> bool:
        if super()._is_closed(conn):  # type: ignore[misc]
            return True
        try:
            conn.execute("SELECT 1")
        except Exception:
            return True
        return False
